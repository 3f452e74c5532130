"""The telephone's door: signed requests only, and whatever breaks, a caller hears French."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urldefrag, urlencode
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from ivr.operator.twilio.voice import Twilio
from ivr.web import Exchange, voice_blueprint
from records.facts import Fact, FactKind
from routing.snapshot import Snapshot
from tests.ivr.scene import NOW, OWN, situation, snapshot

PUBLIC = "https://svi.example.org"
TOKENS = ("first-token", "second-token")
CALL = {
    "CallSid": "CA1",
    "From": "+33639981234",
    "To": OWN,
    "CallStatus": "ringing",
    "FromCity": "",
    "CallToken": "x y",
}


class Pages(list[Fact]):
    """A journal that keeps its facts in memory, or refuses them like a full disk."""

    is_full = False

    def append_facts(self, facts: tuple[Fact, ...]) -> bool:
        """Keep the facts; False when full."""
        self.extend(() if self.is_full else facts)
        return not self.is_full


class Journal:
    """The journal as the door knows it."""

    def __init__(self, pages: Pages) -> None:
        """`pages` is where the facts go."""
        self.pages = pages

    def append(self, facts: tuple[Fact, ...]) -> bool:
        """Write the facts."""
        return self.pages.append_facts(facts)


@pytest.fixture
def pages() -> Pages:
    """What was written down."""
    return Pages()


@pytest.fixture
def client(pages: Pages) -> FlaskClient:
    """The door of a service that works."""
    return door(pages, snapshot())


def door(pages: Pages, known: Snapshot | None) -> FlaskClient:
    """The telephone's door alone, with this directory (None: reading it fails)."""

    def current() -> Snapshot:
        if known is None:
            message = "the directory is unreadable"
            raise OSError(message)
        return known

    app = Flask(__name__)
    operator = Twilio(TOKENS, PUBLIC, OWN)
    clock = NOW.astimezone
    line = replace(situation().line, listens=True)
    exchange = Exchange(operator, current, Journal(pages), clock=lambda: clock(UTC), line=line)
    app.register_blueprint(voice_blueprint(exchange))
    return app.test_client()


def signed(client: FlaskClient, address: str, form: dict[str, str], token: str = TOKENS[0]) -> TestResponse:
    """Post a form as the operator does."""
    signature = RequestValidator(token).compute_signature(PUBLIC + address, form)
    return client.post(address, data=form, headers={"X-Twilio-Signature": signature})


def verbs(answer: TestResponse) -> list[str]:
    """The verbs of a TwiML answer, which must be one."""
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    root = ET.fromstring(answer.data)  # noqa: S314 — our own answer
    assert root.tag == "Response"
    return [verb.tag for verb in root]


def actions(answer: TestResponse) -> list[str]:
    """The addresses that an answer leads to, as path and query."""
    found = ET.fromstring(answer.data).iter()  # noqa: S314 — our own answer
    return [urldefrag(one.attrib["action"]).url.removeprefix(PUBLIC) for one in found if "action" in one.attrib]


@pytest.mark.parametrize("token", TOKENS)
def test_both_tokens_open_the_door_while_one_is_being_rotated(client: FlaskClient, token: str) -> None:
    """A rotation refuses no call."""
    assert verbs(signed(client, "/voice", CALL, token)) == ["Gather"]


@pytest.mark.parametrize("header", [None, "", "x", "é", "A" * 10_000, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
@pytest.mark.parametrize("address", ["/voice", "/voice/menu?n=2", "/voice/status", "/voice/leg?n=3", "/voice/fallback"])
def test_an_unsigned_request_is_refused_and_nothing_is_kept(
    client: FlaskClient, pages: Pages, address: str, header: str | None
) -> None:
    """403, never a 500, and no fact."""
    headers = {} if header is None else {"X-Twilio-Signature": header}
    assert client.post(address, data=CALL, headers=headers).status_code == 403
    assert pages == []


def test_every_address_under_voice_checks_the_signature(client: FlaskClient) -> None:
    """The URL map is walked: no rule is forgotten."""
    app = client.application
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("voice.")]
    assert len(rules) >= 6
    for rule in rules:
        address = "/voice/menu" if "step" in rule.arguments else rule.rule
        assert client.post(address, data=CALL).status_code == 403, rule


@pytest.mark.parametrize("change", [{"FromCity": "Paris"}, {"CallStatus": "ringing "}, {"New": ""}])
def test_a_form_changed_on_its_way_is_refused(client: FlaskClient, change: dict[str, str]) -> None:
    """Blank fields and unknown ones are signed like the others."""
    signature = RequestValidator(TOKENS[0]).compute_signature(f"{PUBLIC}/voice", CALL)
    answer = client.post("/voice", data=CALL | change, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


def test_the_signature_covers_the_address_so_that_nobody_forges_a_step(client: FlaskClient) -> None:
    """A query that was not signed is refused."""
    signature = RequestValidator(TOKENS[0]).compute_signature(f"{PUBLIC}/voice/menu?n=2", CALL)
    answer = client.post("/voice/menu?n=3", data=CALL, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403


def test_the_host_of_the_request_is_never_trusted(client: FlaskClient) -> None:
    """Only PUBLIC_URL counts, whatever a proxy says."""
    signature = RequestValidator(TOKENS[0]).compute_signature("https://evil.example/voice", CALL)
    headers = {"X-Twilio-Signature": signature, "Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    assert client.post("/voice", data=CALL, headers=headers).status_code == 403


def test_a_step_answers_the_same_document_twice(client: FlaskClient) -> None:
    """A webhook delivered twice gives the same answer."""
    first = signed(client, "/voice/menu?n=2", CALL | {"Digits": "75", "CallStatus": "in-progress"})
    second = signed(client, "/voice/menu?n=2", CALL | {"Digits": "75", "CallStatus": "in-progress"})
    assert first.data == second.data
    assert actions(first) == [actions(first)[0]]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"CallSid": ""},
        {"CallSid": "CA1\x00"},
        {"CallSid": "x" * 65},
        {"CallSid": "CA1", "CallStatus": "sleeping", "Digits": "²٣"},
        {"CallSid": "CA1", "Digits": "9" * 5_000, "SpeechResult": "\x00\u202e😀" * 300},
        {"CallSid": "CA1", "SpeechResult": "</Say><Dial>+33199000000</Dial>", "Confidence": "NaN"},
        {"CallSid": "CA1", "From": "' OR 1=1 --", "To": "<b>"},
    ],
)
@pytest.mark.parametrize(
    "address", ["/voice", "/voice/menu?n=2", "/voice/ring?n=9&d=75", "/voice/message?n=7", "/voice/sure?n=3"]
)
def test_a_garbage_form_is_answered_in_french(client: FlaskClient, address: str, form: dict[str, str]) -> None:
    """No traceback, no HTML: a document, always."""
    answer = signed(client, address, form)
    assert verbs(answer)
    assert b"+33199000000" not in answer.data


@pytest.mark.parametrize("query", ["n=%C2%B2", "h=%00", "d=999999", "x=<", "n=2&n=3&d=75'--"])
def test_an_address_that_was_never_ours_is_apologised_for(client: FlaskClient, query: str) -> None:
    """Signed, but unreadable: the national team rings."""
    assert verbs(signed(client, f"/voice/menu?{query}", CALL)) in (["Say", "Dial", "Say", "Hangup"], ["Gather"])


@pytest.mark.parametrize("address", ["/voice/offer?n=2&d=75&d=93", "/voice/menu?n=2&n=3", "/voice/sure?c=08&c="])
def test_an_address_that_says_a_field_twice_is_none_of_ours(client: FlaskClient, address: str) -> None:
    """Which of the two is meant is not guessed at: nobody of Paris rings."""
    answer = signed(client, address, {**CALL, "Digits": "1"})
    assert verbs(answer) == ["Say", "Dial", "Say", "Hangup"]


def test_a_body_of_one_megabyte_is_refused_unread(client: FlaskClient, pages: Pages) -> None:
    """A form is a few hundred bytes."""
    assert client.post("/voice", data={"CallSid": "x" * 1_000_000}).status_code in {403, 413}
    assert pages == []


def test_a_trailing_slash_is_never_redirected(client: FlaskClient) -> None:
    """A redirect would lose the keys that were pressed."""
    assert client.post("/voice/", data=CALL).status_code not in {301, 302, 307, 308}


def test_a_bug_or_an_unreadable_directory_makes_no_silence(pages: Pages) -> None:
    """Without any directory the apology names the number and the form."""
    broken = door(pages, None)
    broken.application.config["PROPAGATE_EXCEPTIONS"] = False
    answer = signed(broken, "/voice", CALL)
    assert answer.status_code == 500 or verbs(answer)


def test_the_fallback_apologises_and_rings_the_national_team(client: FlaskClient) -> None:
    """Decision 12."""
    answer = signed(client, "/voice/fallback", CALL | {"ErrorCode": "11200", "ErrorUrl": f"{PUBLIC}/voice/menu?n=2"})
    assert verbs(answer) == ["Say", "Dial", "Say", "Hangup"]
    assert b"+33199000001" in answer.data


def test_a_callback_is_kept_and_answered_without_a_body(client: FlaskClient, pages: Pages) -> None:
    """Even of a call that was never seen."""
    leg = {"CallSid": "CA9", "ParentCallSid": "CA1", "CallStatus": "no-answer", "CallDuration": "0"}
    assert signed(client, "/voice/leg?n=5&p=paul75aa", leg).status_code == 204
    stamp = "Mon, 07 Dec 2026 09:01:00 +0000"
    ended = CALL | {"CallStatus": "no-answer", "CallDuration": "12", "Timestamp": stamp}
    assert signed(client, "/voice/status", ended).status_code == 204
    assert [fact.kind for fact in pages] == [FactKind.LEG_ENDED, FactKind.ENDED]
    assert pages[0].call == "CA1"
    assert datetime.fromisoformat(pages[1].data["timestamp"]) == datetime(2026, 12, 7, 9, 1, tzinfo=UTC)


def test_a_full_disk_answers_the_caller_all_the_same_and_asks_for_callbacks_again(
    client: FlaskClient, pages: Pages
) -> None:
    """The caller outranks the record."""
    pages.is_full = True
    assert verbs(signed(client, "/voice", CALL)) == ["Gather"]
    assert signed(client, "/voice/status", CALL | {"CallStatus": "completed"}).status_code == 503


def test_a_status_that_nobody_knows_is_let_by(client: FlaskClient, pages: Pages) -> None:
    """Logged with its name, stored nowhere, no error for the operator."""
    assert (
        signed(client, "/voice/leg?n=5&p=paul75aa", {"CallSid": "CA9", "CallStatus": "levitating"}).status_code == 204
    )
    assert pages == []


def test_a_field_that_comes_twice_is_signed_with_both_its_values(client: FlaskClient) -> None:
    """The operator signs every value; dropping one would break the signature."""
    form = MultiDict([*CALL.items(), ("Extra", "b"), ("Extra", "a")])
    signature = RequestValidator(TOKENS[0]).compute_signature(f"{PUBLIC}/voice", form)
    body = urlencode(list(form.items(multi=True)))
    headers = {"X-Twilio-Signature": signature}
    kind = "application/x-www-form-urlencoded"
    assert verbs(client.post("/voice", data=body, content_type=kind, headers=headers)) == ["Gather"]
