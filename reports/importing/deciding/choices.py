"""What people may decide about a line that resembles a call we know, and what is proposed to them (decision 45)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reports.importing.reading.book import LinePlace
from reports.importing.understanding.lines import ReadRow
from reports.workbook.columns import HistoryRow


class Choice(StrEnum):
    """What becomes of one line; the values are those of the form."""

    CHANGE = "changer"
    ADD = "ajouter"
    IGNORE = "ignorer"


class Likeness(StrEnum):
    """In what a line resembles; the values are those of the form."""

    EXPORTED = "exporte"
    """The line of an exported workbook, with cells changed since."""
    RECORDED = "telephone"
    """A call that the line recorded: same day, same number or same duration within five seconds."""
    CORRECTED = "corrige"
    """A call imported or typed before, but for a cell or two."""
    EARLIER = "anterieur"
    """What a call said before it was changed."""
    SAME = "identique"
    """A call of the same cells, without number or duration: the same, or another one of the same kind."""
    REPEATED = "repete"
    """A line that another sheet of the file has too."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that the workbook changes in a call of ours."""

    place: LinePlace
    call_id: str
    column: str
    """The key of the column."""
    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """One cell that is left as it is, and why."""

    place: LinePlace
    call_id: str
    heading: str
    ours: str
    theirs: str
    reason: str

    def sentence(self) -> str:
        """« Ligne 12, Motif : … »."""
        return f"{self.place}, « {self.heading} » : {self.reason}"


@dataclass(frozen=True, slots=True)
class Alike:
    """One line that resembles a call: both, what would change, and what is proposed."""

    likeness: Likeness
    read: ReadRow
    now: HistoryRow
    """The call as we know it; for a repeated line, the one of the other sheet."""
    changes: tuple[Change, ...]
    becomes: HistoryRow
    """The call with these cells changed."""
    left: tuple[Conflict, ...]
    """Cells that stay whatever is decided."""
    proposed: Choice
    is_sure: bool
    """Whether what is proposed may be done without asking."""

    @property
    def place(self) -> LinePlace:
        """Where the line stands."""
        return self.read.place

    @property
    def allowed(self) -> tuple[Choice, ...]:
        """What may be decided."""
        change = (Choice.CHANGE,) if self.changes else ()
        add = () if self.likeness is Likeness.EXPORTED else (Choice.ADD,)
        return (*change, *add, Choice.IGNORE)


@dataclass(frozen=True, slots=True)
class Choices:
    """What was decided: of all lines of one likeness, of single lines; what was proposed for the others."""

    lines: Mapping[LinePlace, Choice] = field(default_factory=dict)
    all_of: Mapping[Likeness, Choice] = field(default_factory=dict)

    def of(self, alike: Alike) -> Choice:
        """What becomes of this line."""
        for said in (self.all_of.get(alike.likeness), self.lines.get(alike.place)):
            if said in alike.allowed:
                return said
        return alike.proposed

    def is_decided(self, alike: Alike) -> bool:
        """Whether somebody said it, or nobody needs to."""
        said = (self.all_of.get(alike.likeness), self.lines.get(alike.place))
        return alike.is_sure or any(each in alike.allowed for each in said)


AS_PROPOSED = Choices()
