"""A workbook of 100,000 calls: time and peak memory beside a bare XlsxWriter loop that writes the same ten columns.

And with pivot tables beside without them. Run alone: `python -m tests.load.workbook [--rows 100000]`. Each writer runs
in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from xlsxwriter import Workbook

from records.counting.tally import MotiveTally, Tally
from reports.figures.definitions import figures
from reports.figures.periods import Period
from reports.workbook.book import WorkbookContent, write_workbook
from reports.workbook.columns import COLUMNS, HistoryRow
from tests.reports.counting import ENTRIES

AT_MOST, WITH_PIVOTS_AT_MOST = 1.5, 2.0
TURNS = 3


def rows(number: int) -> Iterator[HistoryRow]:
    """Invented lines, the same for both writers."""
    first = date(2025, 1, 1)
    for index in range(number):
        entry = ENTRIES[index % len(ENTRIES)]
        yield HistoryRow(
            f"01 99 00 {index // 100 % 100:02d} {index % 100:02d}", first + timedelta(days=index * 600 // number),
            30 + index % 900, *entry.wording, entry.niveau, index % 3 > 0, index % 7 == 0, f"CA{index:032x}", "75",
        )  # fmt: skip


def write_bare(path: Path, number: int) -> None:
    """What anybody would write: a loop, the same ten cells a line, constant memory."""
    with Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Historique d'appel")
        day, minutes = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "[mm]:ss"})
        for column, heading in enumerate(COLUMNS.headings):
            sheet.write(0, column, heading)
        for at, row in enumerate(rows(number), start=1):
            sheet.write(at, 0, row.phone)
            sheet.write_datetime(at, 1, row.day, day)
            sheet.write(at, 2, row.seconds)
            sheet.write(at, 3, (row.seconds or 0) / 86_400, minutes)
            for column, text in enumerate((row.thematique, row.motif, row.sous_motif, row.niveau), start=4):
                sheet.write(at, column, text)
            sheet.write(at, 8, "Oui" if row.resolved else "Non")
            sheet.write(at, 9, "Oui" if row.escalated else "Non")


def write_ours(path: Path, number: int, *, with_pivot: bool = False) -> None:
    """The whole workbook: five sheets, marks, lists, live results, charts."""
    motives = [MotiveTally(e.niveau, *e.wording, number // len(ENTRIES), number, number * 480) for e in ENTRIES]
    sums = Tally(treated=number, talk_known=number, talk_seconds=number * 480, qualified=number, resolved=number // 2)
    content = WorkbookContent(
        title="Paris (75)", period=Period(date(2025, 1, 1), date(2026, 11, 24)), made_on="24 novembre 2026",
        rows=rows(number), figures=figures(sums), motives=motives, months=[(date(2026, 11, 1), number)],
        entries=ENTRIES, with_pivot=with_pivot,
    )  # fmt: skip
    write_workbook(path, content)


WRITERS: dict[str, Callable[[Path, int], None]] = {
    "bare": write_bare,
    "ours": write_ours,
    "pivot": partial(write_ours, with_pivot=True),
}


def alone(writer: str, number: int) -> tuple[float, float]:
    """Seconds of work and peak megabytes of one writer in a process of its own."""
    command = [sys.executable, "-m", "tests.load.workbook", "--writer", writer, "--rows", str(number)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return float(found["seconds"]), float(found["megabytes"])


def run(number: int = 100_000) -> bool:
    """Measure; whether time and memory are within bounds."""
    measured = [{name: alone(name, number) for name in WRITERS} for _ in range(TURNS)]
    seconds = {name: min(turn[name][0] for turn in measured) for name in WRITERS}
    memory = {name: min(turn[name][1] for turn in measured) for name in WRITERS}
    slower, larger = seconds["ours"] / seconds["bare"], memory["ours"] / memory["bare"]
    pivot_slower, pivot_larger = seconds["pivot"] / seconds["ours"], memory["pivot"] / memory["ours"]
    print(
        f"  {number} calls: {seconds['ours']:.1f} s, bare {seconds['bare']:.1f} s: {slower:.2f} x (at most {AT_MOST})"
    )
    print(f"  peak {memory['ours']:.0f} MB, bare {memory['bare']:.0f} MB: {larger:.2f} x (at most {AT_MOST})")
    print(f"  with pivot tables {seconds['pivot']:.1f} s: {pivot_slower:.2f} x (at most {WITH_PIVOTS_AT_MOST})")
    print(f"  peak {memory['pivot']:.0f} MB: {pivot_larger:.2f} x (at most {AT_MOST})")
    return max(slower, larger, pivot_larger) <= AT_MOST and pivot_slower <= WITH_PIVOTS_AT_MOST


def main() -> None:
    """Measure as the arguments say; exit status 1 when a ratio is out of bounds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--writer", choices=sorted(WRITERS))
    given = parser.parse_args()
    if given.writer is None:
        if not run(given.rows):
            raise SystemExit("Workbook: a ratio is out of bounds.")
        return
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        WRITERS[given.writer](Path(folder) / "out.xlsx", given.rows)
        took = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "megabytes": peak}))


if __name__ == "__main__":
    main()
