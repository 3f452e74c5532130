"""A month's survey as one reads it at a glance: France, régions, départements; and the same as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from records.csv_cells import csv_of
from reports.figures.summary import FRANCE, regions
from reports.survey.campaign import NO_SUMS, Board
from reports.survey.questionnaire import SurveyFigure, shown_as
from reports.survey.store import SurveyAnswer
from reports.survey.sums import Filled, added, filled
from routing.departements import NATIONAL, PARIS, departements

WITHOUT = "Appels sans département"
Name = Callable[[str], str]
"""Who is meant by an account's address."""


@dataclass(frozen=True, slots=True)
class SurveyRow:
    """France, a région, a département or the calls without one, with its figures and who has answered there.

    `corrected` of a count is the sum in which each correction takes the place of what we computed; a rate and a mean
    cannot be added up, and have none.
    """

    level: str
    """`France`, `Région`, a code of département, or `*`."""
    name: str
    figures: Sequence[SurveyFigure]
    asked: int
    answers: Sequence[SurveyAnswer]
    corrections: int

    @property
    def late(self) -> int:
        """How many answers came after closing."""
        return sum(given.late for given in self.answers)


def consolidated(state: Board) -> list[SurveyRow]:
    """France, then every région that has a département in the survey."""
    everywhere = [code for code in departements() if code in state.filled]
    rows = [_together(state, "France", FRANCE, everywhere, with_national=True)]
    for name, codes in regions().items():
        rows.append(_together(state, "Région", name, [code for code in codes if code in state.filled]))
    return rows


def every_row(state: Board) -> list[SurveyRow]:
    """France, the régions, the départements, and last the calls without a département."""
    rows = consolidated(state)
    for code in state.filled:
        given = state.answers.get(code)
        figures = state.lines(code)
        corrected = sum(line.corrected is not None for line in figures)
        rows.append(SurveyRow(code, departements()[code].name, figures, 1, [given] if given else [], corrected))
    if state.sums:
        rest = filled(state.sums.get(NATIONAL, NO_SUMS), state.followed)
        rows.append(SurveyRow(NATIONAL, WITHOUT, _plain(state, rest), 0, [], 0))
    return rows


def _together(state: Board, level: str, name: str, codes: Sequence[str], *, with_national: bool = False) -> SurveyRow:
    more = (NATIONAL,) if with_national else ()
    if state.sums:
        whole = filled(added(state.sums.get(code, NO_SUMS) for code in (*codes, *more)), state.followed)
    else:
        whole = _counts_alone(state, codes)
    own = {code: {line.key: line for line in state.lines(code)} for code in codes}
    rest = filled(state.sums.get(NATIONAL, NO_SUMS), state.followed) if more and state.sums else {}
    figures = [
        SurveyFigure(line.key, line.label, line.shown_as, line.computed, _corrected(line, own.values(), rest))
        for line in _plain(state, whole)
    ]
    corrections = sum(line.corrected is not None for lines in own.values() for line in lines.values())
    answers = [state.answers[code] for code in codes if code in state.answers]
    return SurveyRow(level, name, figures, len(codes), answers, corrections)


def _plain(state: Board, values: Filled) -> list[SurveyFigure]:
    return [SurveyFigure(key, label, shown_as(key), values.get(key)) for key, label in state.labels.items()]


def _counts_alone(state: Board, codes: Iterable[str]) -> Filled:
    """What can be added up of a survey that closed before sums were kept: its counts."""
    listed = list(codes)
    return {
        key: sum(int(state.filled[code].get(key) or 0) for code in listed) if shown_as(key) == "count" else None
        for key in state.labels
    }


def _corrected(line: SurveyFigure, own: Iterable[Mapping[str, SurveyFigure]], rest: Filled) -> float | None:
    parts = [lines[line.key] for lines in own if line.key in lines]
    if line.shown_as != "count" or all(part.corrected is None for part in parts):
        return None
    counted = (part.corrected if part.corrected is not None else part.computed or 0 for part in parts)
    return sum(counted) + (rest.get(line.key) or 0)


# ---------------------------------------------------------------- the file


def to_csv(state: Board, name_of: Name = str) -> str:
    """The whole survey for a spreadsheet: computed, corrected and reason side by side; `;` and a BOM."""
    labels = state.labels
    heads = [
        part
        for key, label in labels.items()
        for part in (_head(key, label), f"{_head(key, label)} : corrigé", f"{label} : raison")
    ]
    about = ["Département", "Nom", "Région", "Répondu", "En retard", "Envoyée le", "Envoyée par"]
    return csv_of([*about, *heads, "Commentaire"], [_cells(row, name_of) for row in every_row(state)])


def _cells(row: SurveyRow, name_of: Name) -> list[str]:
    figures = [
        part
        for line in row.figures
        for part in (_number(line.shown_as, line.computed), _number(line.shown_as, line.corrected), line.reason)
    ]
    return [
        *_about(row, name_of),
        *figures,
        row.answers[0].comment if row.level in departements() and row.answers else "",
    ]


def _about(row: SurveyRow, name_of: Name) -> list[str]:
    given = row.answers[0] if row.answers else None
    if row.level in departements():
        said = ["oui" if given else "non", "oui" if given and given.late else "non"]
        sent = [f"{given.sent_at.astimezone(PARIS):%d/%m/%Y %H:%M}", name_of(given.sent_by)] if given else ["", ""]
        return [row.level, row.name, departements()[row.level].region, *said, *sent]
    if row.level == NATIONAL:
        return ["", row.name, "", "", "", "", ""]
    region = row.name if row.level == "Région" else ""
    return [row.level, row.name, region, f"{len(row.answers)} sur {row.asked}", str(row.late), "", ""]


def _head(key: str, label: str) -> str:
    return f"{label} (secondes)" if shown_as(key) == "duration" else label


def _number(kind: str, value: float | None) -> str:
    """A number as a spreadsheet reads it: whole, in seconds, or in percent with a decimal comma."""
    if value is None:
        return ""
    if kind == "rate":
        return f"{value * 100:.1f}".replace(".", ",") + " %"
    return str(int(value + 0.5))
