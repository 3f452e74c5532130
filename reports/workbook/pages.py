"""How every sheet looks on screen and on paper: A4, as wide as a page, headings repeated, a footer, light locks.

Nothing is locked by a password: the locks keep a formula or a heading from being typed over by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

A4 = 9
PERCENT = "0\\ %"
"""« 50 % »."""
LONGEST_FOOTER = 255
"""Characters that Excel takes, codes included."""
OPEN_LINES: Mapping[str, bool] = MappingProxyType(
    {
        "sort": True, "autofilter": True, "insert_rows": True, "format_cells": True,
        "format_columns": True, "format_rows": True, "objects": True,
    }
)  # fmt: skip
"""What stays allowed where lines are filled in; their cells are open, their headings locked."""
READ_ONLY: Mapping[str, bool] = MappingProxyType(
    {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True, "objects": True}
)
"""What stays allowed on a sheet to read; its charts can be copied."""


@dataclass(slots=True)
class Looks:
    """The formats of one workbook and the foot of its pages."""

    book: Any
    foot: str
    """« Département, période, moment », as codes of a footer."""
    _open: dict[tuple[str, bool], Any] = field(default_factory=dict)

    @property
    def header(self) -> Any:
        """A heading over lines."""
        return self.book.add_format({"bold": True, "bg_color": "#E3E3FD", "text_wrap": True, "valign": "top"})

    @property
    def wrong(self) -> Any:
        """A cell that no figure can count."""
        return self.book.add_format({"bg_color": "#FFCCCC", "font_color": "#B30000", "bold": True})

    def open(self, shape: str = "General", *, apart: bool = False) -> Any:
        """Cells in a number format that may be typed over; `apart` from the text to their right."""
        key = (shape, apart)
        if key not in self._open:
            aside = {"align": "right", "indent": 1} if apart else {}
            self._open[key] = self.book.add_format({"num_format": shape, "locked": False, **aside})
        return self._open[key]

    def print_on(self, sheet: Any, *, heading: int | None = None) -> None:
        """A landscape A4, one page wide; the line `heading`, counted from 0, is on each page."""
        sheet.set_paper(A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
        # The foot is read at its own size, however small the lines are.
        sheet.set_footer(self.foot, {"scale_with_doc": False})
        if heading is not None:
            sheet.repeat_rows(heading)


def foot(title: str, period: str, moment: str) -> str:
    """The footer: whose calls on the left, which days in the middle, when and which page on the right."""
    left, middle, right = (" ".join(text.split()).replace("&", "&&") for text in (title, period, f"Établi le {moment}"))
    room = LONGEST_FOOTER - len(f"&L&C{middle}&R{right}, page &P / &N")
    return f"&L{left[: max(room, 0)].rstrip('&')}&C{middle}&R{right}, page &P / &N"
