"""Invented calls that look like real ones: busy Mondays, quiet Augusts, short waits, a few long talks, planted waves.

The same seed, number and last day give the same calls. Telephone numbers are those reserved for fiction.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from records.facts import AbsenceReason, AnsweredBy, GivenBy, Outcome, Source
from records.wording import Entry

MONTHS_BACK = 24
CHUNK = 5_000
HOUR_WEIGHTS = (0, 0, 0, 0, 0, 0, 0, 1, 6, 14, 16, 12, 3, 4, 12, 12, 10, 4, 1, 0, 0, 0, 0, 0)
WEEKDAY_WEIGHTS = (26, 22, 19, 18, 15, 1, 1)
MONTH_WEIGHTS = (11, 10, 10, 9, 9, 10, 8, 5, 12, 11, 11, 9)
PREFIXES = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
OUTCOMES = (
    (Outcome.ANSWERED, 72), (Outcome.MESSAGE, 6), (Outcome.CALLBACK, 6), (Outcome.ABSENCE, 7),
    (Outcome.ABANDONED_RINGING, 5), (Outcome.ABANDONED_MENU, 4),
)  # fmt: skip
EVENING, SATURDAY = 18, 5
RINGS_AGAIN = 0.35
"""Of calls whose forerunner on the same day and line nobody answered, how many are the same person again."""
FIRST_NAMES = ("Camille", "Karim", "Inès", "Paul", "Aïcha", "Louise", "Yann", "Sofia", "Hugo", "Mariama")
LAST_NAMES = ("Durand", "Benali", "Morel", "Nguyen", "Faure", "Diallo", "Le Gall", "Rossi", "Petit", "Hoarau")


@dataclass(frozen=True, slots=True)
class Wave:
    """An outage to plant: `calls` more calls about one sous-motif, from everywhere, in `minutes` after `start`."""

    start: datetime
    entry: Entry
    calls: int
    minutes: int = 120


@dataclass(frozen=True, slots=True)
class InventedCall:
    """One call and, when `entry` is given, its qualification."""

    call_id: str
    caller: str | None
    departement: str | None
    departement_given_by: GivenBy | None
    outcome: Outcome
    absence_reason: AbsenceReason | None
    answered_by: AnsweredBy | None
    referent: str | None
    started_at: datetime
    ended_at: datetime
    local_date: date
    wait_seconds: int | None
    talk_seconds: int | None
    total_seconds: int
    message_seconds: int | None
    callback_number: str | None
    entry: Entry | None
    niveau: str
    resolved: bool
    escalated: bool
    rung_back_at: datetime | None = None


def invent_calls(
    number: int, seed: int, last_day: date, zones: Mapping[str, ZoneInfo], entries: Sequence[Entry]
) -> Iterator[InventedCall]:
    """`number` calls over the 24 months that end on `last_day`, oldest first, of the départements in `zones`."""
    rng = random.Random(f"{seed}/{number}/{last_day}")  # noqa: S311 - invented data, not a secret
    maker = _Maker(rng, zones, entries, seed)
    days = [last_day - timedelta(days=back) for back in range(30 * MONTHS_BACK, -1, -1)]
    weights = [_busy(day) * rng.randrange(75, 126) for day in days]
    per_day = _share_out(number, weights)
    serial = 0
    for day, count in zip(days, per_day, strict=True):
        yield from maker.day(day, count, serial)
        serial += count


def _busy(day: date) -> int:
    return WEEKDAY_WEIGHTS[day.weekday()] * MONTH_WEIGHTS[day.month - 1]


def invent_wave(
    wave: Wave, seed: int, zones: Mapping[str, ZoneInfo], entries: Sequence[Entry]
) -> Iterator[InventedCall]:
    """The calls of one planted outage, all answered and qualified with its sous-motif, oldest first."""
    rng = random.Random(f"{seed}/{wave.start}")  # noqa: S311 - as above
    maker = _Maker(rng, zones, entries, seed)
    moments = sorted(wave.start + timedelta(seconds=rng.randrange(wave.minutes * 60)) for _ in range(wave.calls))
    for index, moment in enumerate(moments):
        code = maker.places(1)[0]
        yield maker.call(f"wave-{seed}-{wave.start:%Y%m%d%H%M}-{index:05d}", code, moment, Outcome.ANSWERED, wave.entry)


def _share_out(number: int, weights: Sequence[int]) -> list[int]:
    whole, passed, given, shares = sum(weights), 0, 0, []
    for weight in weights:
        passed += weight
        upto = number * passed // whole
        shares.append(upto - given)
        given = upto
    return shares


class _Maker:
    def __init__(self, rng: random.Random, zones: Mapping[str, ZoneInfo], entries: Sequence[Entry], seed: int) -> None:
        self.rng = rng
        self.zones = zones
        self.seed = seed
        self.entries = list(entries)
        shape = random.Random(seed)  # noqa: S311 - the same big and small départements for every part of one seed
        self.codes = list(zones)
        self.code_weights = list(accumulate(shape.paretovariate(1.2) + 0.3 for _ in self.codes))
        order = shape.sample(range(len(self.entries)), len(self.entries))
        self.entry_weights = list(accumulate(1 / (1 + order[i]) for i in range(len(self.entries))))
        self.answering = {code: shape.uniform(0.75, 1.15) for code in self.codes}
        self.qualifying = {code: shape.uniform(0.6, 0.98) for code in self.codes}
        self.outcomes = [outcome for outcome, _ in OUTCOMES]
        self.outcome_weights = list(accumulate(weight for _, weight in OUTCOMES))
        self.hour_weights = list(accumulate(HOUR_WEIGHTS))
        self.after = random.Random(f"after/{seed}")  # noqa: S311 - apart: what follows a call changes no other one

    def places(self, number: int) -> list[str]:
        return self.rng.choices(self.codes, cum_weights=self.code_weights, k=number)

    def day(self, day: date, number: int, serial: int) -> Iterator[InventedCall]:
        """The calls of one local day, by moment."""
        rng = self.rng
        made = []
        for code, hour in zip(
            self.places(number), rng.choices(range(24), cum_weights=self.hour_weights, k=number), strict=True
        ):
            second = rng.randrange(3600)
            local = datetime.combine(day, time(hour, second // 60, second % 60), self.zones[code])
            made.append((local.astimezone(UTC), code))
        made.sort()
        outcomes = rng.choices(self.outcomes, cum_weights=self.outcome_weights, k=number)
        entries = rng.choices(self.entries, cum_weights=self.entry_weights, k=number)
        left_alone: dict[str, str | None] = {}
        for index, (moment, code) in enumerate(made):
            outcome = outcomes[index]
            if outcome is Outcome.ANSWERED and rng.random() > self.answering[code]:
                outcome = Outcome.ABSENCE
            entry = entries[index] if rng.random() < self.qualifying[code] else None
            call = self.call(invented_id(self.seed, serial + index), code, moment, outcome, entry)
            before = left_alone.get(code)
            if before is not None and self.after.random() < RINGS_AGAIN:
                call = replace(call, caller=before, callback_number=before if call.callback_number else None)
            left_alone[code] = None if outcome is Outcome.ANSWERED else call.caller
            yield replace(call, rung_back_at=self._back(call)) if call.callback_number else call

    def _back(self, call: InventedCall) -> datetime:
        """When somebody rings back: an hour later or so, in the morning of a working day when evening has come."""
        later = call.ended_at + timedelta(minutes=self.after.lognormvariate(4, 0.8))
        local = later.astimezone(self.zones[call.departement or ""])
        while local.hour >= EVENING or local.weekday() >= SATURDAY:
            local = datetime.combine(local.date() + timedelta(days=1), time(9, local.minute), local.tzinfo)
        return local.astimezone(UTC)

    def call(self, call_id: str, code: str, moment: datetime, outcome: Outcome, entry: Entry | None) -> InventedCall:
        rng = self.rng
        answered, in_menu = outcome is Outcome.ANSWERED, outcome is Outcome.ABANDONED_MENU
        wait = None if in_menu else min(int(rng.expovariate(1 / 14)) + 3, 75)
        talk = min(int(rng.lognormvariate(5.4, 0.7)), 5_400) if answered else None
        message = rng.randrange(5, 90) if outcome is Outcome.MESSAGE else None
        total = 18 + (wait or 0) + (talk or 0) + (message or 0)
        caller = None if rng.random() < 0.03 else f"{rng.choice(PREFIXES)}{rng.randrange(10_000):04d}"  # noqa: PLR2004
        left = outcome in {Outcome.ABSENCE, Outcome.MESSAGE, Outcome.CALLBACK}
        national = answered and rng.random() < 0.04  # noqa: PLR2004 - a share
        kept = entry if answered else None
        niveau = ""
        if kept is not None:
            niveau = rng.choice("12") if kept.niveau == "1/2" else kept.niveau
        resolved = kept is not None and rng.random() < (0.86 if niveau == "1" else 0.25)
        return InventedCall(
            call_id=call_id,
            caller=caller,
            departement=code,
            departement_given_by=GivenBy.KEYPAD if rng.random() < 0.8 else GivenBy.SPEECH,  # noqa: PLR2004 - a share
            outcome=outcome,
            absence_reason=rng.choice((AbsenceReason.CLOSED, AbsenceReason.NO_ANSWER)) if left else None,
            answered_by=(AnsweredBy.NATIONAL if national else AnsweredBy.LOCAL) if answered else None,
            referent=f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}" if answered else None,
            started_at=moment,
            ended_at=moment + timedelta(seconds=total),
            local_date=moment.astimezone(self.zones[code]).date(),
            wait_seconds=wait,
            talk_seconds=talk,
            total_seconds=total,
            message_seconds=message,
            callback_number=caller if outcome is Outcome.CALLBACK else None,
            entry=kept,
            niveau=niveau,
            resolved=resolved,
            escalated=kept is not None and not resolved and niveau == "2" and rng.random() < 0.8,  # noqa: PLR2004
        )


def invented_id(seed: int, number: int) -> str:
    """The id of one invented call."""
    return f"DEMO{seed}-{number:09d}"


def first_id(seed: int) -> str:
    """The id of the first invented call of a seed."""
    return invented_id(seed, 0)


def source_of_invented() -> Source:
    """Invented calls say that they came by telephone, so that every page shows them."""
    return Source.WEBHOOK
