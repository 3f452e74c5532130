"""All that a call needs to know, in one immutable value, the directory and what people set; and its text for a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from routing.calendar.hours import Hours, Span
from routing.directory.people import Person, Role
from routing.rules import Absence, AbsenceMessage, Closure, Notice, Overflow, OverflowWhen, Rules

FORMAT = 1
"""The number of the text's form: a text of another form is refused."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The directory of one version and the rules in force. `version` 0: no version published yet (a CSV alone)."""

    version: int
    made_at: datetime
    people: tuple[Person, ...]
    rules: Rules
    _lines: Mapping[str, tuple[Person, ...]] = field(init=False, repr=False, compare=False)
    _ids: Mapping[str, tuple[Person, ...]] = field(init=False, repr=False, compare=False)
    _absences: Mapping[str, tuple[Absence, ...]] = field(init=False, repr=False, compare=False)
    reopenings: dict[str, tuple[datetime, datetime]] = field(init=False, repr=False, compare=False)
    """What `routing.planning.reopening` has found: it is the same until then, for every call of the night."""

    def __post_init__(self) -> None:
        """Sorts the lines once, so that a call never walks the whole directory."""
        lines = _grouped((person.departement, person) for person in self.people)
        ids = _grouped((person.id, person) for person in self.people)
        object.__setattr__(self, "reopenings", {})
        object.__setattr__(self, "_lines", MappingProxyType(lines))
        object.__setattr__(self, "_ids", MappingProxyType(ids))
        object.__setattr__(self, "_absences", MappingProxyType(_absences_by_line(self.people, ids, self.rules)))

    def lines(self, departement: str) -> tuple[Person, ...]:
        """The lines of a département (or of `*`), in the directory's order."""
        return self._lines.get(departement, ())

    def person(self, departement: str, person_id: str) -> Person | None:
        """The line of that id in that département, else any line with that id, else None."""
        with_id = self._ids.get(person_id, ())
        return next((person for person in with_id if person.departement == departement), next(iter(with_id), None))

    def phones(self) -> frozenset[str]:
        """Every number of the directory, in E.164."""
        return frozenset(person.phone for person in self.people if person.phone)

    def absences(self, person_id: str) -> tuple[Absence, ...]:
        """The absences, past and to come, of the person whose line has that id."""
        return self._absences.get(person_id, ())


def _grouped(pairs: Iterable[tuple[str, Person]]) -> dict[str, tuple[Person, ...]]:
    groups: dict[str, list[Person]] = {}
    for key, person in pairs:
        groups.setdefault(key, []).append(person)
    return {key: tuple(group) for key, group in groups.items()}


def _absences_by_line(
    people: tuple[Person, ...], ids: Mapping[str, tuple[Person, ...]], rules: Rules
) -> dict[str, tuple[Absence, ...]]:
    """Each absence under every line of the person it names: who is away answers on none of his telephones."""
    away = {absence.person for absence in rules.absences}
    identities = {person.identity for person_id in away for person in ids.get(person_id, ())}
    kin: dict[tuple[str, str, str], set[str]] = {}
    for person in people if identities else ():
        if person.identity in identities:
            kin.setdefault(person.identity, set()).add(person.id)
    found: dict[str, tuple[Absence, ...]] = {}
    for absence in rules.absences:
        same = {line for person in ids.get(absence.person, ()) for line in kin[person.identity]}
        for line in same | {absence.person}:
            found[line] = (*found.get(line, ()), absence)
    return found


# ---------------------------------------------------------------- as text


def to_json(snapshot: Snapshot) -> str:
    """The snapshot as one JSON text with its checksum; the same snapshot always gives the same text."""
    content = {
        "version": snapshot.version,
        "made_at": _moment(snapshot.made_at),
        "people": [_person(person) for person in snapshot.people],
        "rules": _rules(snapshot.rules),
    }
    return _dump({"format": FORMAT, "sha256": _checksum(content), "content": content}) + "\n"


def from_json(text: str) -> Snapshot:
    """The snapshot that `to_json` wrote; ValueError for any text that is damaged or of another format."""
    try:
        outer = json.loads(text)
        if outer["format"] != FORMAT or outer["sha256"] != _checksum(outer["content"]):
            raise ValueError("the checksum of the snapshot does not match")
        return _read_snapshot(outer["content"])
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise ValueError(f"not a snapshot: {error!r}") from error


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _checksum(content: Any) -> str:
    return hashlib.sha256(_dump(content).encode("utf-8", "surrogatepass")).hexdigest()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC)


# ---------------------------------------------------------------- writing


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "departement": person.departement,
        "siao": person.siao,
        "nom": person.nom,
        "prenom": person.prenom,
        "role": str(person.role),
        "phone": person.phone,
        "email": person.email,
        "rang": person.rang,
        "hours": {
            "always": person.hours.always,
            "spans": [[span.weekday, span.start, span.end] for span in person.hours.spans],
        },
        "screened": person.screened,
    }


def _rules(rules: Rules) -> dict[str, Any]:
    return {
        "absences": [
            [each.id, each.person, _moment(each.start), _moment(each.end), each.suppleant] for each in rules.absences
        ],
        "closures": [
            [each.id, each.departement, _moment(each.start), _moment(each.end), each.label] for each in rules.closures
        ],
        "notices": [[each.id, each.text, _moment(each.start), _moment(each.end)] for each in rules.notices],
        "messages": [[each.departement, each.reason, each.text, each.audio] for each in rules.messages],
        "overflows": [[each.departement, each.to, str(each.when)] for each in rules.overflows],
        "usage_holidays": sorted(rules.usage_holidays),
    }


# ---------------------------------------------------------------- reading


def _read_snapshot(content: Any) -> Snapshot:
    return Snapshot(
        version=content["version"],
        made_at=_read_moment(content["made_at"]),
        people=tuple(_read_person(**line) for line in content["people"]),
        rules=_read_rules(content["rules"]),
    )


def _read_person(*, role: str, hours: Any, **line: Any) -> Person:
    spans = tuple(Span(weekday, start, end) for weekday, start, end in hours["spans"])
    return Person(role=Role(role), hours=Hours(spans=spans, always=hours["always"]), **line)


def _read_rules(rules: Any) -> Rules:
    return Rules(
        absences=_each(rules["absences"], lambda key, who, start, end, by: Absence(key, who, *_both(start, end), by)),
        closures=_each(
            rules["closures"], lambda key, code, start, end, why: Closure(key, code, *_both(start, end), why)
        ),
        notices=_each(rules["notices"], lambda key, text, start, end: Notice(key, text, *_both(start, end))),
        messages=_each(rules["messages"], AbsenceMessage),
        overflows=_each(rules["overflows"], lambda code, to, when: Overflow(code, to, OverflowWhen(when))),
        usage_holidays=frozenset(rules["usage_holidays"]),
    )


def _both(start: str, end: str) -> tuple[datetime, datetime]:
    return _read_moment(start), _read_moment(end)


def _each(rows: Any, make: Callable[..., Any]) -> tuple[Any, ...]:
    return tuple(make(*row) for row in rows)
