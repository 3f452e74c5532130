"""From what people decided to what is done: the calls to add and the cells to change."""

from __future__ import annotations

from dataclasses import dataclass

from reports.importing.deciding.choices import Alike, Choice, Choices
from reports.importing.deciding.difference import Addition, Difference


@dataclass(frozen=True, slots=True)
class DecidedImport:
    """What an import does."""

    additions: tuple[Addition, ...]
    corrections: tuple[Alike, ...]

    @property
    def cells(self) -> int:
        """How many cells change."""
        return sum(len(one.changes) for one in self.corrections)


def plan_of(found: Difference, choices: Choices) -> DecidedImport:
    """What is done when these decisions hold; what nobody decided is done as proposed."""
    decided = [(one, choices.of(one)) for one in found.alike]
    others = [Addition(one.place, "", one.read.row) for one, choice in decided if choice is Choice.ADD]
    return DecidedImport((*found.additions, *others), tuple(one for one, choice in decided if choice is Choice.CHANGE))


def undecided(found: Difference, choices: Choices) -> list[Alike]:
    """The lines of which somebody has to say what becomes of them."""
    return [one for one in found.alike if not choices.is_decided(one)]
