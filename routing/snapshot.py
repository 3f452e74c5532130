"""All that a call needs to know, in one immutable value: the directory and what people set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from routing.directory import Person
from routing.rules import Rules


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The directory of one version and the rules in force. `version` 0: no version published yet (a CSV alone)."""

    version: int
    made_at: datetime
    people: tuple[Person, ...]
    rules: Rules
