"""HubSpot as its public documentation says it behaves, on a port of this machine: tickets, properties, limits, faults.

Never compared with the ministry's account. After « CRM API tickets: batch/upsert, batch/read », « Properties »,
« Error handling » and « API usage guidelines » of developers.hubspot.com.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.connector.tickets import NUMBER, OWN_PROPERTIES

TOKEN = "pat-eu1-made-up"
MOST = 100
_TICKETS = "/crm/v3/objects/tickets/batch/"
_PROPERTIES = "/crm/v3/properties/tickets/"


@dataclass
class Fault:
    """What the next request meets: a status with its headers and body; `wrote`: after the work was done."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    wrote: bool = False
    seconds: float = 0.0
    """How long it takes to answer."""


@dataclass
class FakeHubSpot:
    """The account: its tickets by the unique property, its properties, its stages, what it will do wrong next."""

    properties: dict[str, bool] = field(default_factory=lambda: {name: name == NUMBER for name in OWN_PROPERTIES})
    """By name, whether its value is unique."""
    stages: frozenset[str] = frozenset({"1", "2", "3", "4"})
    tickets: dict[str, dict[str, str]] = field(default_factory=dict)
    made: int = 0
    faults: list[Fault] = field(default_factory=list)
    is_multi_status: bool = True
    limit: int | None = None
    """Requests that it still takes in these ten seconds; None: any number."""
    asked: list[tuple[str, Any]] = field(default_factory=list)
    url: str = ""

    def answer(self, method: str, path: str, headers: Any, document: Any) -> tuple[int, dict[str, str], dict[str, Any]]:
        """What it answers to one request."""
        self.asked.append((f"{method} {path}", document))
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault.wrote:
            time.sleep(fault.seconds)
            return fault.status, fault.headers, fault.body
        found = self._answer(method, path, headers, document)
        if fault:
            time.sleep(fault.seconds)
            return fault.status, fault.headers, fault.body
        return found

    def _answer(
        self, method: str, path: str, headers: Any, document: Any
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, _error("Authentication credentials not found.", "INVALID_AUTHENTICATION")
        if self.limit is not None:
            if self.limit <= 0:
                said = "You have reached your ten_secondly_rolling limit."
                return 429, {}, {**_error(said, "RATE_LIMITS"), "policyName": "TEN_SECONDLY_ROLLING"}
            self.limit -= 1
        if method == "GET" and path.startswith(_PROPERTIES):
            name = path.removeprefix(_PROPERTIES)
            if name not in self.properties:
                return 404, {}, _error(f"Property {name} does not exist", "OBJECT_NOT_FOUND")
            return 200, {}, {"name": name, "type": "string", "hasUniqueValue": self.properties[name]}
        if method == "POST" and path == f"{_TICKETS}upsert":
            return self._upsert(document["inputs"])
        if method == "POST" and path == f"{_TICKETS}read":
            return self._read(document)
        return 404, {}, _error("resource not found", "OBJECT_NOT_FOUND")

    def _upsert(self, inputs: list[dict[str, Any]]) -> tuple[int, dict[str, str], dict[str, Any]]:
        if len(inputs) > MOST:
            return 400, {}, _error(f"The maximum number of inputs is {MOST}", "VALIDATION_ERROR")
        if len({one["id"] for one in inputs}) != len(inputs):
            return 400, {}, _error("Duplicate IDs found in batch input", "VALIDATION_ERROR")
        if refusal := self._unknown(inputs):
            return refusal
        good = [one for one in inputs if _stage_of(one) in self.stages]
        errors = [
            {
                **_error(f"{_stage_of(one)} is not a valid pipeline stage ID", "VALIDATION_ERROR"),
                "context": {"objectWriteTraceId": [one.get("objectWriteTraceId")]},
            }
            for one in inputs
            if one not in good
        ]
        if errors and not (self.is_multi_status and all(one.get("objectWriteTraceId") for one in inputs)):
            return 400, {}, _error(errors[0]["message"], "VALIDATION_ERROR")
        results = [self._written(one["id"], one["properties"]) for one in good]
        status = 207 if errors else 200
        more = {"numErrors": len(errors), "errors": errors} if errors else {}
        return status, {}, {"status": "COMPLETE", "results": results, **more}

    def _written(self, number: str, properties: dict[str, str]) -> dict[str, Any]:
        is_new = number not in self.tickets
        self.made += is_new
        kept = self.tickets.setdefault(number, {"hs_object_id": str(9000 + self.made)})
        kept |= properties
        return {"id": kept["hs_object_id"], "new": is_new, "properties": dict(kept), "archived": False}

    def _read(self, document: dict[str, Any]) -> tuple[int, dict[str, str], dict[str, Any]]:
        wanted = [one["id"] for one in document["inputs"]]
        if len(wanted) > MOST:
            return 400, {}, _error(f"The maximum number of inputs is {MOST}", "VALIDATION_ERROR")
        if refusal := self._unknown([{"idProperty": document["idProperty"], "properties": {}}]):
            return refusal
        results = [
            {
                "id": self.tickets[one]["hs_object_id"],
                "properties": {name: self.tickets[one].get(name) or None for name in document["properties"]},
            }
            for one in wanted
            if one in self.tickets
        ]
        lost = [one for one in wanted if one not in self.tickets]
        error = {**_error("Could not get some TICKET objects", "OBJECT_NOT_FOUND"), "context": {"ids": lost}}
        more = {"numErrors": 1, "errors": [error]} if lost else {}
        return (207 if lost else 200), {}, {"status": "COMPLETE", "results": results, **more}

    def _unknown(self, inputs: list[dict[str, Any]]) -> tuple[int, dict[str, str], dict[str, Any]] | None:
        for one in inputs:
            unique = one.get("idProperty")
            for name in (unique, *one["properties"]):
                if str(name).startswith("svi_") and name not in self.properties:
                    said = f'Property values were not valid: [{{"message":"Property \\"{name}\\" does not exist"}}]'
                    inner = {
                        "message": f'Property "{name}" does not exist', "code": "PROPERTY_DOESNT_EXIST",
                        "context": {"propertyName": [name]},
                    }  # fmt: skip
                    return 400, {}, {**_error(said, "VALIDATION_ERROR"), "errors": [inner]}
            if not self.properties.get(str(unique)):
                said = f"Unable to perform update/upsert by non-unique 0-5 property {unique} in portal ID 1"
                return 400, {}, _error(said, "VALIDATION_ERROR")
        return None


def _stage_of(given: dict[str, Any]) -> str:
    return str(given["properties"].get("hs_pipeline_stage"))


def _error(message: str, category: str) -> dict[str, Any]:
    return {"status": "error", "message": message, "category": category, "correlationId": "made-up"}


@contextmanager
def fake_hubspot() -> Iterator[FakeHubSpot]:
    """The account, served at its `url`."""
    fake = FakeHubSpot()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length)) if length else None
            status, headers, body = fake.answer(self.command, self.path, self.headers, document)
            content = json.dumps(body).encode()
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                pass  # who asked did not wait

        do_GET = do_POST = _do  # noqa: N815 - the library's names

        def log_message(self, *_said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
