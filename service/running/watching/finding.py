"""One thing that `svi doctor` looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `wrong` has to be put right, `advice` deserves attention.

    The sentence of both says what to do.
    """

    name: str
    sentence: str
    wrong: bool = False
    advice: bool = False


Check = Callable[[Settings, datetime], Iterator[Finding]]
