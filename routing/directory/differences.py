"""What a new directory would change: lines added, changed, removed, and the people who would be left without a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from routing.directory.people import Person

MANY = 5
"""One line in so many may go without a question."""


@dataclass(frozen=True, slots=True)
class Differences:
    """From one directory to the next.

    `changed` are pairs (before, after); `orphaned` the short ids that no line bears any more, whose accounts and
    absences would point to nobody (decision 3); `emptied` the codes whose last ringable line, or last line, would go;
    `before` the number of lines that there were.
    """

    added: tuple[Person, ...]
    changed: tuple[tuple[Person, Person], ...]
    removed: tuple[Person, ...]
    orphaned: tuple[str, ...]
    emptied: tuple[str, ...]
    before: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.changed or self.removed)

    @property
    def gone(self) -> tuple[Person, ...]:
        """The lines removed, but for those whose telephone or address another line of the département takes over."""
        kept = {each for person in self.added for each in _reached(person)}
        return tuple(person for person in self.removed if kept.isdisjoint(_reached(person)))

    @property
    def takes_many(self) -> bool:
        """Whether more than a fifth of the lines would go: a file that was cut, or the one of a single département."""
        return len(self.gone) * MANY > self.before

    @property
    def must_be_confirmed(self) -> bool:
        """Whether nobody publishes it without having been asked (decision 74)."""
        return bool(self.emptied) or self.takes_many


def differences(old: Iterable[Person], new: Iterable[Person]) -> Differences:
    """What changes from the `old` people to the `new` ones; a line is its département and its short id."""
    before = {(person.departement, person.id): person for person in old}
    after = {(person.departement, person.id): person for person in new}
    return Differences(
        added=tuple(person for key, person in after.items() if key not in before),
        changed=tuple((before[key], after[key]) for key in after if key in before and before[key] != after[key]),
        removed=tuple(person for key, person in before.items() if key not in after),
        orphaned=tuple(sorted({key[1] for key in before} - {key[1] for key in after})),
        emptied=tuple(
            sorted(_ringable(before.values()) - _ringable(after.values()) | _listed(before) - _listed(after))
        ),
        before=len(before),
    )


def _ringable(people: Iterable[Person]) -> set[str]:
    return {person.departement for person in people if person.is_ringable}


def _listed(lines: Iterable[tuple[str, str]]) -> set[str]:
    return {departement for departement, _id in lines}


def _reached(person: Person) -> set[tuple[str, str]]:
    """How somebody is reached there: whoever is reached so is the same person under a corrected name."""
    return {(person.departement, each.casefold()) for each in (person.phone, person.email) if each}
