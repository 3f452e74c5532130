"""A sentence of the log that anybody can cause is said some times a minute, then not until the next one."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

A_MINUTE = 20
"""How often one sentence is said within a minute, by each process."""


class Sparing(logging.Filter):
    """Lets through so many records of one sentence in each minute; the last one says that the others are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._minute = 0
        self._said: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is said; the record's own moment counts."""
        minute = int(record.created // 60)
        if minute != self._minute:
            self._minute = minute
            self._said.clear()
        sentence = str(record.msg)
        self._said[sentence] += 1
        if self._said[sentence] == A_MINUTE:
            record.msg = f"{sentence} (les suivants de cette minute ne sont pas écrits)"
        return self._said[sentence] <= A_MINUTE


def keep_quiet(names: Iterable[str]) -> None:
    """Make these loggers sparing, once."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(one, Sparing) for one in logger.filters):
            logger.addFilter(Sparing())
