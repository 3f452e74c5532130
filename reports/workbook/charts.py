"""The charts beside the results: bars that count in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

AXIS_STEPS = 10
HEIGHT = 300
"""Of a chart, in pixels: fifteen lines."""


@dataclass(frozen=True, slots=True)
class SheetChart:
    """Bars over a column of names, `column` counted from 0, and the column of numbers to its right."""

    kind: str
    """`column` stands, `bar` lies."""
    title: str
    cell: str
    """Its upper left corner."""
    offset: int
    width: int
    """How far right of that corner, and how wide, in pixels."""
    column: int
    first: int
    last: int
    most: int
    """The largest of its numbers today."""


def whole_step(most: int) -> int:
    """The step of an axis that counts to `most`: a whole number, 1, 2 or 5 at some power of ten."""
    step = 1
    while step * AXIS_STEPS < most:
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step


def draw(book: Any, sheet: Any, asked: SheetChart) -> None:
    """Insert one chart; its sheet's name is taken from the sheet."""
    chart = book.add_chart({"type": asked.kind})
    names, numbers = ([sheet.name, asked.first, at, asked.last, at] for at in (asked.column, asked.column + 1))
    chart.add_series(
        {
            "name": asked.title,
            "categories": names,
            "values": numbers,
            "fill": {"color": "#000091"},
            "data_labels": {"value": True, "num_format": "#,##0"},
            "gap": 60,
        }
    )
    chart.set_title({"name": asked.title, "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.show_hidden_data()
    counts = {"num_format": "#,##0", "min": 0, "major_unit": whole_step(asked.most)}
    if asked.kind == "bar":
        # Lying bars count along the x axis.
        chart.set_x_axis(counts)
        chart.set_y_axis({"reverse": True})
    else:
        chart.set_x_axis({"num_format": "mm/yyyy"})
        chart.set_y_axis(counts)
    chart.set_size({"width": asked.width, "height": HEIGHT})
    sheet.insert_chart(asked.cell, chart, {"object_position": 3, "x_offset": asked.offset, "description": asked.title})
