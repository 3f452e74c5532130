"""The outage radar: something is wrong everywhere at once. A detector that is fed events in order and raises alerts.

Two signs: one sous-motif cited in several départements within the hour, far above what that hour of the week usually
brings; or far more calls than usual. What is usual is learnt from the last eight weeks of the same hour.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import sqrt

from records.counting.words import counted

WINDOW = timedelta(hours=1)
QUIET_AFTER_ALERT = timedelta(hours=12)
WEEKS_LEARNT = 8
LEAST_CALLS = 8
LEAST_DEPARTEMENTS = 4
LEAST_VOLUME = 25
HOURS_OF_SEASON = 48
VOLUME = ""
"""The key under which every call counts."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call when it became known, on the clock of Paris (habits follow summer time). `sous_motif` None: unknown."""

    at: datetime
    departement: str | None
    sous_motif: str | None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something is wrong since about an hour. `sous_motif` None: the volume alone says so."""

    at: datetime
    sous_motif: str | None
    calls: int
    departements: tuple[str, ...]
    usual: float
    """Calls that such an hour usually brings."""

    @property
    def key(self) -> str:
        """What this alert is about, once per half-day."""
        half = "matin" if self.at.hour < 12 else "soir"  # noqa: PLR2004 - noon
        return f"{self.sous_motif or 'volume'}|{self.at:%Y-%m-%d}|{half}"

    def sentence(self) -> str:
        """What a reader is told."""
        usual = f"{self.usual:.0f}" if self.usual >= 1 else "moins d'un"
        if self.sous_motif is None:
            return f"{counted(self.calls, 'appel', 'appels')} en une heure, contre {usual} d'habitude à cette heure."
        where = len(self.departements)
        return (
            f"« {self.sous_motif} » : {counted(self.calls, 'appel', 'appels')} en une heure dans "
            f"{counted(where, 'département', 'départements')} (d'habitude {usual})."
        )

    def announcement(self) -> str:
        """The announcement offered before the menu; nobody hears it until the national team publishes it."""
        if self.sous_motif is None:
            return "Un incident est en cours sur le SI SIAO. Nos équipes sont prévenues. L'attente peut être longue."
        return f"Un incident est en cours sur le SI SIAO : {self.sous_motif.lower()}. Nos équipes sont prévenues."


@dataclass(slots=True)
class Usual:
    """What each hour of the week usually brings, by key: the counts of the last weeks."""

    weeks: dict[tuple[str, int], deque[int]] = field(default_factory=dict)
    hours_known: Counter[int] = field(default_factory=Counter)

    def close_hour(self, hour: int, counts: Counter[str]) -> None:
        """Learn the counts of one finished hour of the week; keys that are absent had none."""
        self.hours_known[hour] += 1
        for key in {key for key, slot in self.weeks if slot == hour} | set(counts):
            known = self.weeks.setdefault((key, hour), deque(maxlen=WEEKS_LEARNT))
            known.append(counts.get(key, 0))

    def mean(self, key: str, hour: int) -> float:
        """The usual count of that hour of the week (0 to 167)."""
        seen = min(self.hours_known[hour], WEEKS_LEARNT)
        return sum(self.weeks.get((key, hour), ())) / seen if seen else 0.0

    def expected(self, key: str, at: datetime) -> float:
        """The usual count of the hour that ends at `at`, between the two clock hours that it covers."""
        hour, part = hour_of_week(at), at.minute / 60
        return part * self.mean(key, hour) + (1 - part) * self.mean(key, (hour - 1) % 168)


def hour_of_week(at: datetime) -> int:
    """0 for Monday between midnight and one, 167 for the last hour of Sunday."""
    return at.weekday() * 24 + at.hour


@dataclass(slots=True)
class Radar:
    """Fed with events in the order of their moments; learns as it goes."""

    usual: Usual = field(default_factory=Usual)
    recent: defaultdict[str, deque[Event]] = field(default_factory=lambda: defaultdict(deque))
    last_alert: dict[str, datetime] = field(default_factory=dict)
    hour: datetime | None = None
    counts: Counter[str] = field(default_factory=Counter)
    lately: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=HOURS_OF_SEASON))
    """Calls and usual calls of the last hours: in September everything is above what August taught."""

    def observe(self, event: Event) -> list[Alert]:
        """The alerts that this event raises, none most of the time."""
        self._turn(event.at)
        raised = []
        for key in (event.sous_motif, VOLUME):
            if key is None:
                continue
            self.counts[key] += 1
            window = self.recent[key]
            window.append(event)
            while window[0].at <= event.at - WINDOW:
                window.popleft()
            alert = self._judge(key, event.at, window)
            if alert is not None:
                self.last_alert[key] = event.at
                # The wave has its name: that there are many calls is no second alert.
                self.last_alert[VOLUME] = event.at
                raised.append(alert)
        return raised

    def _turn(self, at: datetime) -> None:
        """Close the hours that have passed since the last event, the empty ones too."""
        start = at.replace(minute=0, second=0, microsecond=0)
        if self.hour is None:
            self.hour = start
        while self.hour < start:
            slot = hour_of_week(self.hour)
            self.lately.append((self.counts[VOLUME], self.usual.mean(VOLUME, slot)))
            self.usual.close_hour(slot, self.counts)
            self.counts = Counter()
            self.hour += WINDOW

    def _judge(self, key: str, at: datetime, window: Sequence[Event]) -> Alert | None:
        number = len(window)
        if number < (LEAST_VOLUME if key == VOLUME else LEAST_CALLS):
            return None
        last = self.last_alert.get(key)
        if last is not None and at - last < QUIET_AFTER_ALERT:
            return None
        known = min(self.usual.hours_known[hour_of_week(at)], self.usual.hours_known[(hour_of_week(at) - 1) % 168])
        if known < (WEEKS_LEARNT // 2 if key == VOLUME else 2):
            return None
        usual = self.usual.expected(key, at) * self._season()
        if not is_far_above(number, usual, times=2.5 if key == VOLUME else 3.0):
            return None
        places = tuple(sorted({event.departement for event in window if event.departement}))
        if key == VOLUME:
            return Alert(at, None, number, places, usual)
        return Alert(at, key, number, places, usual) if len(places) >= LEAST_DEPARTEMENTS else None

    def _season(self) -> float:
        """How much busier than usual the last two days were, from 1 to 3."""
        came, usual = (sum(part) for part in zip(*self.lately, strict=True)) if self.lately else (0, 0.0)
        return min(max(came / usual, 1.0), 3.0) if usual > LEAST_VOLUME else 1.0


def is_far_above(number: int, usual: float, times: float) -> bool:
    """Whether a count is far above the usual one: several times it, and far out of its ordinary scatter."""
    floor = max(usual, 0.5)
    return number >= times * floor and number >= floor + 6 * sqrt(floor) + 2


def watch(radar: Radar, events: Iterable[Event]) -> Iterator[Alert]:
    """All alerts that a stream of events raises."""
    for event in events:
        yield from radar.observe(event)


@dataclass(frozen=True, slots=True)
class Planted:
    """A wave that was planted: when it started, when it ended, about what."""

    start: datetime
    end: datetime
    sous_motif: str


@dataclass(frozen=True, slots=True)
class Score:
    """What a replay shows: waves found, minutes until each was found, alerts about nothing."""

    planted: int
    found: int
    delays: tuple[float, ...]
    false_alerts: int

    def sentence(self) -> str:
        """The score in one line."""
        middle = sorted(self.delays)[len(self.delays) // 2] if self.delays else 0
        worst = max(self.delays, default=0)
        return (
            f"{self.found} vagues trouvées sur {self.planted}, en {middle:.0f} min (médiane ; au pire {worst:.0f}), "
            f"{self.false_alerts} fausses alertes"
        )


def score(alerts: Iterable[Alert], waves: Sequence[Planted]) -> Score:
    """Compare alerts with planted waves; an alert during a wave and one hour after it belongs to that wave."""
    delays: dict[int, float] = {}
    wrong = 0
    for alert in alerts:
        owner = next((i for i, wave in enumerate(waves) if wave.start <= alert.at <= wave.end + WINDOW), None)
        if owner is None:
            wrong += 1
        else:
            delays.setdefault(owner, (alert.at - waves[owner].start).total_seconds() / 60)
    return Score(len(waves), len(delays), tuple(delays.values()), wrong)
