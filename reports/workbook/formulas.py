"""The formulas of the sheet « Résultats »: what they count in the history, for the period of two cells.

No function newer than Excel 2010 is used: LibreOffice and old Excels follow the period alike. They count whole columns,
so that a line added by hand is in them wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.workbook.columns import letter, level_words
from reports.workbook.history import EXCEL_EPOCH, FIRST_DAY, LAST_DAY, LONGEST_SECONDS, History

SINCE, UNTIL = "$B$3", "$B$4"
TEXTS, CRITERIA = 6, 10
"""Hidden columns of « Résultats »: from the one the four texts of a wording, from the other its four criteria."""
TYPED_LEVELS = {
    "1": ('"=1"', '"?*1"'), "2": ('"=2"', '"?*2"'), "1/2": ('"*1?*2"',), "": ('"="',),
}  # fmt: skip
"""Criteria that a level meets as people write it: 1, « 1 », « Niveau 1 », « 1/2 », « 1 ou 2 ». « =1/2 » is a date."""
LONGEST_CRITERION = 255
"""Characters beyond which Excel gives an error instead of a count."""


@dataclass(frozen=True, slots=True)
class Formulas:
    """The formulas of one history."""

    history: History

    def period(self) -> str:
        """The two criteria of the period."""
        days = self.history.column("day")
        return f'{days},">="&{SINCE},{days},"<"&{UNTIL}+1'

    def count(self, *criteria: str) -> str:
        """How many calls of the period meet further criteria."""
        return f"COUNTIFS({','.join((self.period(), *criteria))})"

    def mean(self, *criteria: str) -> str:
        """The mean duration in days of the calls of the period that meet further criteria, empty when there is none."""
        return f'IFERROR(AVERAGEIFS({self.history.column("seconds")},{",".join((self.period(), *criteria))})/86400,"")'

    def qualified(self) -> str:
        """How many calls of the period carry a thématique."""
        return self.count(*self._qualified())

    def _qualified(self) -> tuple[str, str]:
        return self.history.column("thematique"), '"?*"'

    def rate(self, key: str) -> str:
        """The share of « Oui » among the « Oui » and « Non » of the qualified calls, empty when there is none."""
        yes, no = (self.count(self.history.column(key), f'"{said}"', *self._qualified()) for said in ("Oui", "Non"))
        return f'IFERROR({yes}/({yes}+{no}),"")'

    def mean_of_qualified(self) -> str:
        """The mean duration in days of the calls of the period that carry a thématique."""
        return self.mean(*self._qualified())

    def seconds_of_qualified(self) -> str:
        """All seconds of the calls of the period that carry a thématique."""
        criteria = ",".join((self.period(), *self._qualified()))
        return f"SUMIFS({self.history.column('seconds')},{criteria})"

    def known_of_qualified(self) -> str:
        """How many calls of the period carry a thématique and a duration."""
        return self.count(self.history.column("seconds"), '">=0"', *self._qualified())

    def wording(self, row: int, levels: Sequence[str], *, exact: bool) -> tuple[str, str, str]:
        """Count, seconds and number of known durations of the wording on a hidden line.

        `levels` are the levels typed that count as its own, keys of TYPED_LEVELS; `exact` where a criterion cannot
        tell it from another.
        """
        seconds = self.history.column("seconds")
        if exact:
            return self._exactly(row, levels)
        column = self.history.column("niveau")
        typed = [each for level in levels for each in TYPED_LEVELS[level]]
        level = typed[0] if len(typed) == 1 else f"{{{','.join(typed)}}}"
        parts = [self.period(), column, level]
        if "2" in levels:
            parts += [column, '"<>*1*2"']
        for i, key in enumerate(("thematique", "motif", "sous_motif"), start=1):
            parts += [self.history.column(key), f"${letter(CRITERIA + i)}${row}"]
        criteria = ",".join(parts)
        return (
            f"SUMPRODUCT(COUNTIFS({criteria}))",
            f"SUMPRODUCT(SUMIFS({seconds},{criteria}))",
            f'SUMPRODUCT(COUNTIFS({criteria},{seconds},">=0"))',
        )

    def _exactly(self, row: int, levels: Sequence[str]) -> tuple[str, str, str]:
        days, seconds, niveau = (self.history.lines(key) for key in ("day", "seconds", "niveau"))
        same = "*".join(
            f"EXACT({self.history.lines(key)},${letter(TEXTS + i)}${row})"
            for i, key in enumerate(("thematique", "motif", "sous_motif"), start=1)
        )
        accepted = ",".join(f'"{text}"' for level in levels for text in dict.fromkeys((level, level_words(level))))
        leveled = f'ISNUMBER(MATCH({niveau}&"",{{{accepted}}},0))'
        kept = f"({days}>={SINCE})*({days}<{UNTIL}+1)*{same}*{leveled}"
        return (
            f"SUMPRODUCT({kept})",
            f"SUMPRODUCT({kept},{seconds})",
            f"SUMPRODUCT({kept}*ISNUMBER({seconds}))",
        )

    def unread(self) -> str:
        """How many dates and durations of the whole history no figure can count; they are red there."""
        day, seconds, minutes, theme = (
            self.history.column(key) for key in ("day", "seconds", "minutes", "thematique")
        )  # fmt: skip
        first, last = (one.toordinal() - EXCEL_EPOCH for one in (FIRST_DAY, LAST_DAY))
        told, timed = (theme, '"?*"'), (seconds, '">-1E+9"')

        def without(empty: str, *criteria: str) -> str:
            """The lines that meet criteria and have this cell empty. LibreOffice may miss a last line under « = »."""
            return f'COUNTIFS({",".join(criteria)})-COUNTIFS({",".join((*criteria, empty))},"<>")'

        # What is neither a number nor blank is a text; the heading is one as well.
        return "+".join(
            (
                *(f"ROWS({one})-COUNT({one})-COUNTBLANK({one})-1" for one in (day, seconds, minutes)),
                f'COUNTIF({day},"<{first}")', f'COUNTIF({day},">{last}")',
                without(day, *told), f"{without(day, *timed)}-({without(day, *told, *timed)})",
                f'COUNTIF({seconds},"<0")', f'COUNTIF({seconds},">{LONGEST_SECONDS}")',
                f'COUNTIFS({seconds},">0",{seconds},"<1")', without(seconds, minutes, '">0"'),
            )
        )  # fmt: skip


def criterion(text: str) -> str:
    """The text as a COUNTIFS criterion that means nothing but itself."""
    return "=" + text.replace("~", "~~").replace("*", "~*").replace("?", "~?")
