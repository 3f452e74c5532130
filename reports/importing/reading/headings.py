"""Which column a heading means, as people write it."""

from __future__ import annotations

from reports.importing.reading.book import MARK
from reports.workbook.columns import COLUMNS, MARK_HEADING, Columns


def offered(columns: Columns = COLUMNS) -> list[tuple[str, str]]:
    """What a heading that was not understood may be said to mean: (key, heading), in the order of the workbook."""
    return [*((column.key, column.heading) for column in columns.declared), (MARK, MARK_HEADING)]
