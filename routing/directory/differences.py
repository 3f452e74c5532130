"""What a new directory would change: lines added, changed, removed, and the people who would be left without a line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from routing.directory.people import Person


@dataclass(frozen=True, slots=True)
class Differences:
    """From one directory to the next.

    `changed` are pairs (before, after); `orphaned` the short ids that no line bears any more, whose accounts and
    absences would point to nobody (decision 3); `emptied` the codes whose last ringable line would go.
    """

    added: tuple[Person, ...]
    changed: tuple[tuple[Person, Person], ...]
    removed: tuple[Person, ...]
    orphaned: tuple[str, ...]
    emptied: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.changed or self.removed)


def differences(old: Iterable[Person], new: Iterable[Person]) -> Differences:
    """What changes from the `old` people to the `new` ones; a line is its département and its short id."""
    before = {(person.departement, person.id): person for person in old}
    after = {(person.departement, person.id): person for person in new}
    return Differences(
        added=tuple(person for key, person in after.items() if key not in before),
        changed=tuple((before[key], after[key]) for key in after if key in before and before[key] != after[key]),
        removed=tuple(person for key, person in before.items() if key not in after),
        orphaned=tuple(sorted({key[1] for key in before} - {key[1] for key in after})),
        emptied=tuple(sorted(_ringable(before.values()) - _ringable(after.values()))),
    )


def _ringable(people: Iterable[Person]) -> set[str]:
    return {person.departement for person in people if person.is_ringable}
