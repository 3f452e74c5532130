"""A workbook written apart: counted, written with signs of how far it is, kept as the work's file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from records.database import Connection, Engine, reading
from records.working.heavy import take_your_time
from reports.preparing.kinds import Doing
from reports.preparing.workbook import WorkbookAsked
from reports.workbook.book import WorkbookContent, write_workbook

Content = Callable[[Connection, WorkbookAsked], WorkbookContent]
"""What goes into the workbook that was asked for."""


def write_apart(engine: Engine, content: Content, doing: Doing) -> None:
    """Write it; TooManyRows tells in French why it cannot be."""
    asked = WorkbookAsked.of(doing.work.parameters)
    with tempfile.TemporaryFile() as file:
        with reading(engine) as connection:
            take_your_time(connection)
            found = content(connection, asked)
            expected = int(found.figures.nombre_appels)
            doing.tell(0, expected)
            rows = write_workbook(file, found, progress=lambda rows: doing.tell(rows, expected))
        doing.made(file)
    doing.end({"file": asked.file_name, "rows": rows})
