"""The kinds of heavy work, and what each is given to do it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Protocol

from records.database import Connection
from records.refusals import ChangeRefused
from records.working.asked import HeavyWork

WORKBOOK, IMPORT = "workbook", "import"


class WorkFailed(ChangeRefused):
    """The work cannot be done; the message is a French sentence for whoever asked."""


class Doing(Protocol):
    """One work that is being done, in the process of heavy work."""

    @property
    def work(self) -> HeavyWork:
        """What was asked for."""

    def tell(self, progress: int, total: int | None) -> None:
        """How far it is; may be called often."""

    def sent(self, number: int) -> bytes:
        """The file that was sent with the work of this number; empty when it is gone."""

    def made(self, file: IO[bytes]) -> None:
        """Keep a file as the result, from its beginning."""

    def end(self, result: Mapping[str, Any]) -> None:
        """It is done; the result by kind."""

    def end_with(self, connection: Connection, result: Mapping[str, Any]) -> None:
        """The same in the transaction of what was done: both stand, or, where another one has the work, neither."""
