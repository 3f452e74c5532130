"""HubSpot's interface for tickets, over HTTP: batches written by our number, read back, a property looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import requests

from support.connector.answers import (
    Answered,
    BatchRefused,
    ConnectorAway,
    ConnectorStopped,
    check,
    understand,
)
from support.connector.tickets import NUMBER, OWN_PROPERTIES

AT_ONCE = 100
"""Tickets of a batch: HubSpot takes no more."""

MOST_REFUSED = 5
"""Tickets of a batch that are found out one by one: of more, the rest of their part is refused with them."""

TIMEOUT = (10.0, 60.0)
"""Seconds to be connected, and to be answered."""

LARGEST_ANSWER = 8 * 1024 * 1024
_NOT_FOUND = 404


@dataclass(frozen=True)
class HubSpot:
    """The interface at this address, under this token."""

    url: str
    token: str = field(repr=False)
    clock: Callable[[], datetime]
    timeout: tuple[float, float] = TIMEOUT

    def upsert(self, tickets: Mapping[int, Mapping[str, str]]) -> Answered:
        """Write these tickets, by our numbers, and say what became of each.

        Raises ConnectorAway (what was written before is written: the same again makes no second ticket) or
        ConnectorStopped.
        """
        written: dict[int, tuple[str, bool]] = {}
        refused: dict[int, str] = {}
        for numbers in _batches(tickets):
            self._upsert(tickets, numbers, written, refused)
        return Answered(written, refused)

    def _upsert(
        self, tickets: Mapping[int, Mapping[str, str]], numbers: Sequence[int], written: dict[int, tuple[str, bool]],
        refused: dict[int, str],
    ) -> None:  # fmt: skip
        inputs = [
            {
                "idProperty": NUMBER, "id": str(number), "objectWriteTraceId": str(number),
                "properties": dict(tickets[number]),
            }
            for number in numbers
        ]  # fmt: skip
        try:
            found = self._batch("upsert", {"inputs": inputs}, numbers)
        except BatchRefused as refusal:
            if len(numbers) == 1 or len(refused) >= MOST_REFUSED:
                refused |= dict.fromkeys(numbers, str(refusal))
                return
            middle = len(numbers) // 2
            for half in (numbers[:middle], numbers[middle:]):
                self._upsert(tickets, half, written, refused)
            return
        written |= found.written
        refused |= found.refused
        refused |= {one: "sans réponse à son sujet" for one in numbers if one not in written and one not in refused}

    def read(self, numbers: Iterable[int]) -> dict[int, Mapping[str, str | None]]:
        """What the tickets of these numbers say there; those that are missing there are missing."""
        found: dict[int, Mapping[str, str | None]] = {}
        names = [*OWN_PROPERTIES, "subject", "content", "hs_pipeline", "hs_pipeline_stage"]
        for some in _batches(numbers):
            asked = {"idProperty": NUMBER, "properties": names, "inputs": [{"id": str(one)} for one in some]}
            try:
                found |= self._batch("read", asked, some).read
            except BatchRefused as refusal:
                raise ConnectorStopped(f"HubSpot refuse de lire les tickets : {refusal}.") from None
        return found

    def missing_properties(self) -> list[str]:
        """The properties that have to be created there and are not; ConnectorStopped when ours is not unique."""
        found = []
        for name in OWN_PROPERTIES:
            status, headers, body = self._ask("GET", f"/crm/v3/properties/tickets/{name}", None)
            if status == _NOT_FOUND:
                found.append(name)
                continue
            try:
                check(status, headers, body, self.clock())
            except BatchRefused as refusal:
                raise ConnectorStopped(f"HubSpot refuse de dire ses propriétés : {refusal}.") from None
            if name == NUMBER and not body.get("hasUniqueValue"):
                raise ConnectorStopped(
                    f"La propriété {NUMBER} n’est pas à valeur unique chez HubSpot : recréez-la (docs/connector.md)."
                )
        return found

    def _batch(self, verb: str, document: Mapping[str, Any], numbers: Sequence[int]) -> Answered:
        status, headers, body = self._ask("POST", f"/crm/v3/objects/tickets/batch/{verb}", document)
        return understand(status, headers, body, asked=numbers, at=self.clock())

    def _ask(self, method: str, path: str, document: Any) -> tuple[int, Mapping[str, str], dict[str, Any]]:
        """The status, headers and JSON of an answer; {} for anything that is no JSON object."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        try:
            answer = requests.request(
                method, f"{self.url}{path}", json=document, headers=headers, timeout=self.timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            raise ConnectorAway(f"HubSpot ne répond pas ({type(error).__name__}).") from error
        try:
            body = answer.json() if len(answer.content) <= LARGEST_ANSWER else {}
        except ValueError:
            body = {}
        return answer.status_code, answer.headers, body if isinstance(body, dict) else {}


def _batches(numbers: Iterable[int]) -> Iterable[list[int]]:
    waiting = iter(numbers)
    while some := list(islice(waiting, AT_ONCE)):
        yield some
