"""Another operator is one class behind the border: here one that speaks JSON, with words of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Flask

from ivr.conversation.events import Arrived, Event, Pressed, RingEnded, Silent
from ivr.conversation.instructions import Ask, GoTo, Instruction, Record, Ring
from ivr.conversation.place import Step
from ivr.operator.border import FallenBack, FormRefused, Webhook
from ivr.web import Exchange, voice_blueprint
from records.facts import Fact, FactKind, LegStatus
from tests.ivr.scene import NOW, OWN, situation, snapshot

LEADING = Ask | Ring | Record | GoTo


class Plain:
    """Signs with a password, names a call `appel`, and is told where to go on."""

    mimetype = "application/json"

    def is_signed(self, path_and_query: str, form: Any, headers: Any) -> bool:  # noqa: ARG002 - a password vouches for all
        return bool(path_and_query) and headers.get("X-Password") == "made up"

    def call_of(self, form: Mapping[str, str]) -> str:
        return form.get("appel", "")

    def is_gone(self, form: Mapping[str, str]) -> bool:
        return form.get("fini") == "oui"

    def understand(self, step: Step, form: Mapping[str, str]) -> Webhook:
        if not form.get("appel"):
            raise FormRefused
        return Webhook(form["appel"], None, form.get("de"), False, self._event(step, form))

    def _event(self, step: Step, form: Mapping[str, str]) -> Event:
        if step is Step.ARRIVAL:
            return Arrived(OWN, None)
        if step is Step.RING:
            return RingEnded(LegStatus.COMPLETED, is_bridged=True, leg="L1", seconds=60)
        return Pressed(form["touches"]) if form.get("touches") else Silent()

    def fallen_back(self, form: Mapping[str, str]) -> FallenBack:
        return FallenBack(form.get("de"), OWN, "fallback")

    def end_fact(self, form: Mapping[str, str], at: datetime) -> Fact | None:
        return Fact(form["appel"], FactKind.ENDED, 0, at, "", {"status": "completed", "seconds": 75})

    def leg_fact(self, form: Mapping[str, str], n: int, person: str, at: datetime) -> Fact | None:
        return Fact(form["appel"], FactKind.LEG_STARTED, n, at, person, {"leg": "L1"})

    def recording_fact(self, form: Mapping[str, str], n: int, at: datetime) -> Fact:
        return Fact(form["appel"], FactKind.RECORDING_READY, n, at, "R1", {"recording": "R1", "seconds": 9})

    def phrase(self, instructions: Iterable[Instruction]) -> str:
        told = [
            {"do": type(one).__name__, "then": one.then.address if isinstance(one, LEADING) and one.then else None}
            for one in instructions
        ]
        return json.dumps(told)

    def nothing(self) -> str:
        return "[]"


class Pages(list[Fact]):
    """The journal, in memory."""

    def append(self, facts: Any) -> bool:  # type: ignore[override]
        """Keep the facts."""
        self.extend(facts)
        return True


def test_a_whole_call_is_answered_by_an_operator_that_speaks_another_language() -> None:
    app, pages = Flask(__name__), Pages()
    door = Exchange(Plain(), snapshot, pages, lambda: NOW, situation().line)
    app.register_blueprint(voice_blueprint(door))
    client, password = app.test_client(), {"X-Password": "made up"}

    def told(address: str, **form: str) -> list[dict[str, Any]]:
        answer = client.post(address, data={"appel": "A1", "de": "+33639981234", **form}, headers=password)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        found: list[dict[str, Any]] = answer.get_json()
        return found

    assert client.post("/voice", data={"appel": "A1"}).status_code == 403
    address = "/voice"
    for _ in range(8):
        document = told(address, touches="93" if "/menu" in address else "")
        going_on = [one["then"] for one in document if one["then"]]
        if not going_on:
            break
        address = going_on[-1]
    kinds = {fact.kind for fact in pages}
    assert {FactKind.ARRIVED, FactKind.DEPARTEMENT_GIVEN, FactKind.RANG_RUNG, FactKind.RING_ENDED} <= kinds
    recorded = told("/voice/absence?n=9&d=93", touches="1")
    assert [one["do"] for one in recorded] == ["Say", "Record", "GoTo"]
    assert recorded[1]["then"] == recorded[2]["then"]
    assert client.post("/voice/status", data={"appel": "A1"}, headers=password).status_code == 204
    assert pages[-1].kind is FactKind.ENDED
