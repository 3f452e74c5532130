"""The telephones of a rang: two people behind one number are one telephone, which rings once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from routing.directory.people import Person

MOST_AT_ONCE = 10
"""The operator rings no more telephones together (docs/operator.md#dial); the others of the rang ring next."""


@dataclass(frozen=True, slots=True)
class Telephone:
    """One telephone and who is behind it, mostly one person; the first of them stands for all in addresses."""

    phone: str
    people: tuple[Person, ...]

    @property
    def id(self) -> str:
        """The short id under which its leg is told of."""
        return self.people[0].id

    @property
    def ids(self) -> tuple[str, ...]:
        """The short ids of all who are behind it."""
        return tuple(person.id for person in self.people)

    @property
    def is_screened(self) -> bool:
        """Whether who picks up is asked to press 1: one who wishes it is enough."""
        return any(person.screened for person in self.people)

    @property
    def told(self) -> dict[str, Any]:
        """As the fact RANG_RUNG tells it; of two people nobody can say which one picks up."""
        name = " ou ".join(person.name for person in self.people)
        return {"id": self.id, "name": name, "phone": self.phone, "screened": self.is_screened}


def telephones(people: Iterable[Person]) -> list[Telephone]:
    """The telephones of these people, each once, in their order; who has none is left out."""
    behind: dict[str, tuple[Person, ...]] = {}
    for person in people:
        if person.phone is not None:
            behind[person.phone] = (*behind.get(person.phone, ()), person)
    return [Telephone(phone, found) for phone, found in behind.items()]
