"""How often the search finds the right sous-motif, and how fast: `python -m tests.load.finding [FILE …]`.

A FILE has the columns phrase, thematique, motif, sous_motif, as those of tests/support/data.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

from support.nomenclature.searching import find
from tests.support.finding import HELD_OUT, WRITTEN_FIRST, delivered, sentences


def told(path: Path) -> str:
    """The figures of one file in a line."""
    index, said, times = delivered(), sentences(path), []
    for sentence in said:
        start = time.perf_counter()
        find(index, sentence.typed)
        times.append((time.perf_counter() - start) * 1000)
    ranks = [sentence.rank for sentence in said]
    first, third = sum(rank == 1 for rank in ranks), sum(1 <= rank <= 3 for rank in ranks)
    return (
        f"{path.name}: {third} of {len(said)} among the first three ({third / len(said):.0%}), {first} first; "
        f"median {median(times):.1f} ms, longest {max(times):.1f} ms"
    )


def main() -> None:
    """Print the figures of the phrases written first and of those held out, or of the files named."""
    for one in [Path(name) for name in sys.argv[1:]] or [WRITTEN_FIRST, HELD_OUT]:
        print(told(one))


if __name__ == "__main__":
    main()
