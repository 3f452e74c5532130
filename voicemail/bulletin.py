"""The national team's morning bulletin: where nobody will answer today, and what has been waiting too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from records.facts import Attempt, AttemptResult
from routing.calendar.open_days import due_at
from routing.calendar.words import say_date, write_moment
from routing.departements import departements, desk_in_mails, timezone_of
from routing.phones import mask_phone
from routing.planning.coverage import Cover, Covered, coverage
from routing.rules import Absence
from routing.snapshot import Snapshot
from voicemail.notices import Task, TaskKind

LOOKED_BACK = timedelta(days=7)
SOON = timedelta(days=7)
NEVER = 3
"""A number rung so many times in a week, and never taken, is named."""

FAILED = 2
LAST_CALL = timedelta(days=27)
"""A message as old as this is erased within three days."""

MOST_LINES = 40

_ANSWERED = frozenset({Cover.LOCAL, Cover.NATIONAL, Cover.OVERFLOW})


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: tuple[str, ...]


def sections(
    snapshot: Snapshot,
    attempts: Sequence[Attempt],
    tasks: Sequence[Task],
    unsent: Sequence[str],
    at: datetime,
    *,
    capped: Sequence[tuple[str, str]] = (),
) -> tuple[Section, ...]:
    """What is worth telling at `at`, headings without lines left out. `attempts` are those of the last week.

    `capped`: the desk and the reason (as the fact LED_OUT names it) of each call of the last day that rang nobody.
    """
    found = (
        Section("Départements sans personne aujourd’hui", tuple(_uncovered(snapshot, at))),
        Section("Numéros en échec ou jamais décrochés depuis sept jours", tuple(_doubtful(attempts))),
        Section("Appels menés droit au message d’absence depuis hier", tuple(_capped(capped))),
        Section("Messages et rappels en retard", tuple(_late(tasks, snapshot.rules.usage_holidays, at))),
        Section("Absences sans suppléant", tuple(_unreplaced(snapshot, at))),
        Section("Annonces terminées depuis hier", tuple(_ended_notices(snapshot, at))),
        Section("Courriels qui ne sont pas partis", tuple(unsent)),
    )
    return tuple(one for one in found if one.lines)


def write_bulletin(found: Sequence[Section], day: date) -> str:
    """The text of the bulletin."""
    written = "\n\n".join("\n".join([one.heading, *_few(one.lines)]) for one in found)
    return (
        f"Bonjour,\n\nVoici l’état de la ligne 0 806 000 156 ce {say_date(day)}.\n\n"
        f"{written or 'Rien à signaler : tous les départements qui doivent répondre ont quelqu’un.'}\n\n"
        "Assistance téléphonique du SI SIAO\n"
    )


def _few(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"- {line}" for line in lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        yield f"- et {len(lines) - MOST_LINES} de plus"


def _uncovered(snapshot: Snapshot, at: datetime) -> Iterator[str]:
    for code, known in departements().items():
        zone = timezone_of(code)
        start = datetime.combine(at.astimezone(zone).date(), time(0), zone)
        ranges = coverage(snapshot, start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC), [code])
        holes = [one for one in ranges if one.cover is Cover.HOLE]
        if holes:
            whole = not any(one.cover in _ANSWERED for one in ranges)
            yield f"{code} {known.name} : {'toute la journée' if whole else _hours(holes, code)}"


def _hours(holes: Iterable[Covered], code: str) -> str:
    zone = timezone_of(code)
    return ", ".join(f"{one.start.astimezone(zone):%H:%M}-{one.end.astimezone(zone):%H:%M}" for one in holes)


def _doubtful(attempts: Iterable[Attempt]) -> Iterator[str]:
    by_line: dict[tuple[str, str], list[AttemptResult]] = {}
    for one in attempts:
        if one.result not in {None, AttemptResult.CANCELED}:
            by_line.setdefault((one.referent, one.phone), []).append(AttemptResult(str(one.result)))
    for (name, phone), results in sorted(by_line.items()):
        failed = results.count(AttemptResult.FAILED)
        if failed >= FAILED and results[-1] is AttemptResult.FAILED:
            yield f"{name} ({mask_phone(phone)}) : numéro en échec, {failed} fois"
        elif len(results) >= NEVER and AttemptResult.ACCEPTED not in results:
            yield f"{name} ({mask_phone(phone)}) : sonné {len(results)} fois, jamais pris"


_CAPS = {
    "redial": "d’un numéro qui rappelait sans suite",
    "withheld": "de numéros masqués qui rappelaient sans suite",
    "full": "quand trop d’appels sonnaient déjà",
}


def _capped(capped: Iterable[tuple[str, str]]) -> Iterator[str]:
    for (code, why), count in sorted(Counter(one for one in capped if one[1] in _CAPS).items()):
        yield f"{desk_in_mails(code)} : {count} {'appels' if count > 1 else 'appel'} {_CAPS[why]}"


def _late(tasks: Iterable[Task], usage: frozenset[str], at: datetime) -> Iterator[str]:
    """One line for each message, and one for all late callbacks of one number."""
    late = [task for task in tasks if due_at(task.created_at, task.departement, usage) < at]
    asked = Counter(_asker(task) for task in late)
    for task in late:
        count = asked.pop(_asker(task), 0)
        if not count:
            continue
        what = "message" if task.kind is TaskKind.MESSAGE else "rappel"
        times = f", demandé {count} fois" if count > 1 else ""
        ends = " ; effacé dans moins de trois jours" if at - task.created_at > LAST_CALL else ""
        came = _written(task.created_at, task.departement)
        yield f"{desk_in_mails(task.departement)} : {what} du {came}{times}{ends}"


def _asker(task: Task) -> tuple[str, str]:
    """Who waits on which desk: a number to call back, or the call itself."""
    return task.departement, task.number or f"{task.kind} {task.call_id}"


def _unreplaced(snapshot: Snapshot, at: datetime) -> Iterator[str]:
    for absence in snapshot.rules.absences:
        if absence.suppleant is None and absence.start < at + SOON and absence.end > at:
            yield _absent(snapshot, absence)


def _absent(snapshot: Snapshot, absence: Absence) -> str:
    line = snapshot.person("", absence.person)
    who = f"{line.name} ({desk_in_mails(line.departement)})" if line else absence.person
    code = line.departement if line else None
    return f"{who} : du {_written(absence.start, code)} au {_written(absence.end, code)}"


def _ended_notices(snapshot: Snapshot, at: datetime) -> Iterator[str]:
    for notice in snapshot.rules.notices:
        if at - timedelta(days=1) < notice.end <= at:
            yield f"« {notice.text} »"


def _written(moment: datetime, code: str | None) -> str:
    return write_moment(moment, timezone_of(code))
