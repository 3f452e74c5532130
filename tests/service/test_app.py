"""The assembled application: guarded doors, a state told from files alone, calls without any database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from ivr.web import LARGEST_FORM
from service.app import create_app
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.running.watching.checks import check_line
from service.running.watching.health import clerk_keeps_up
from service.running.watching.state import write_state
from service.settings import Settings, SettingsRefused, read_settings
from service.telephone import create_telephone
from tests.service.directories import CSV, MOMENT

TOKEN = "made-up-token"
PARTS = {"directory", "journal", "clerk", "database", "worker", "operator", "line"}
ARRIVAL = {"CallSid": "CA1", "From": "+33639981234", "To": "+33199000000", "CallStatus": "ringing", "Digits": ""}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    csv = tmp_path / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    nowhere = "postgresql://nobody@127.0.0.1:9/away"
    return read_settings(
        demo=True, var_dir=tmp_path / "var", referents_csv=csv, twilio_auth_token=TOKEN, database_url=nowhere
    )


@pytest.fixture
def app(settings: Settings) -> Flask:
    assert follow_csv(SnapshotFile(settings.var_dir), settings, MOMENT) is None
    return create_app(settings, clock=lambda: MOMENT)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


Post = Callable[..., TestResponse]


@pytest.fixture
def signed(client: FlaskClient, settings: Settings) -> Post:
    def post(path: str, form: dict[str, str]) -> TestResponse:
        signature = RequestValidator(TOKEN).compute_signature(settings.public_url + path, form)
        headers = {"X-Twilio-Signature": signature}
        return client.post(path, data=form, headers=headers, environ_overrides={"RAW_URI": path})

    return post


def speak(settings: Settings, name: str, *, before: timedelta = timedelta(), **told: object) -> None:
    write_state(settings.state_dir, name, MOMENT - before, **told)


def test_an_application_without_its_secrets_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused, match="TWILIO_AUTH_TOKEN"):
        create_app(read_settings(var_dir=tmp_path, secret_key="made-up"))


def test_a_call_is_answered_and_written_down_without_a_database(signed: Post, settings: Settings) -> None:
    answer = signed("/voice", ARRIVAL)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert "Gather" in answer.text
    (journal,) = settings.journal_dir.glob("*.journal")
    assert '"arrived"' in journal.read_text()


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/voice", {}, 403),
        ("/voice/", {}, 403),
        ("/voice/status", {"CallSid": "CA1"}, 403),
        ("/voice/nowhere", {}, 404),
        ("/voice", {"a": "x" * LARGEST_FORM}, 413),
    ],
)
def test_what_the_operator_did_not_send_is_refused_and_stores_nothing(
    client: FlaskClient, settings: Settings, path: str, form: dict[str, str], status: int
) -> None:
    """No redirect either: a redirected webhook loses its form."""
    answer = client.post(path, data=form)
    assert answer.status_code == status
    assert "<html" not in answer.text
    assert not list(settings.journal_dir.glob("*.journal"))


def test_a_doubled_slash_is_no_redirect(client: FlaskClient) -> None:
    assert client.post("//voice").status_code == 404


def test_without_any_directory_the_caller_still_hears_us(settings: Settings) -> None:
    client = create_app(settings, clock=lambda: MOMENT).test_client()
    signature = RequestValidator(TOKEN).compute_signature(settings.public_url + "/voice", ARRIVAL)
    answer = client.post(
        "/voice", data=ARRIVAL, headers={"X-Twilio-Signature": signature}, environ_overrides={"RAW_URI": "/voice"}
    )
    assert answer.status_code == 200
    assert "<Say" in answer.text


ADDRESSES = ("/", "/health", "/nowhere", "/voice", "/static/plain.css", "/broken")
"""A page, a probe, what is not there, what is asked for wrongly, a file, an error of ours."""


@pytest.fixture
def faulty(app: Flask) -> FlaskClient:
    return _with_a_fault(app).test_client()


def _with_a_fault(app: Flask) -> Flask:
    @app.get("/broken", endpoint="front.broken")
    def broken() -> str:
        raise RuntimeError("hunter2")

    return app


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_carries_the_security_headers(faulty: FlaskClient, path: str) -> None:
    answer = faulty.get(path)
    headers = answer.headers
    policy = set(headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers
    answer.close()


@pytest.mark.parametrize("path", ADDRESSES)
def test_over_https_each_answer_tells_browsers_to_stay_there_for_a_year(settings: Settings, path: str) -> None:
    https = settings.model_copy(update={"public_url": "https://svi.example"})
    for app in (create_app(https), create_telephone(https)):
        answer = _with_a_fault(app).test_client().get(path)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
        answer.close()


@pytest.mark.parametrize("path", [*ADDRESSES, "/metrics", "/ready", "/voice/ring?n=3", "/a-faire", "/connexion"])
def test_trace_is_no_method_of_any_address_and_gives_no_request_back(settings: Settings, path: str) -> None:
    for app in (create_app(settings), create_telephone(settings)):
        answer = _with_a_fault(app).test_client().open(path, method="TRACE", headers={"Cookie": "svi=hunter2"})
        assert answer.status_code in {404, 405}
        assert "hunter2" not in answer.text + str(answer.headers)


def test_what_is_asked_for_wrongly_learns_how_it_may_be(client: FlaskClient) -> None:
    """RFC 9110, section 15.5.6."""
    for path, method, allowed in (("/", "DELETE", {"GET", "HEAD", "OPTIONS"}), ("/voice", "GET", {"POST", "OPTIONS"})):
        answer = client.open(path, method=method)
        assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, allowed)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/nowhere", "text/html; charset=utf-8"),
        ("/broken", "text/html; charset=utf-8"),
        ("/voice", "text/plain; charset=utf-8"),
        ("/health", "application/json"),
        ("/static/plain.css", "text/css; charset=utf-8"),
        ("/static/desk.js", "text/javascript; charset=utf-8"),
    ],
)
def test_every_answer_names_its_kind_and_the_charset_of_a_text(faulty: FlaskClient, path: str, kind: str) -> None:
    answer = faulty.get(path)
    assert answer.headers["Content-Type"] == kind
    answer.close()


@pytest.mark.parametrize(
    "path", ["/static", "/static/", "/static/vendor/", "/voice/sound/", "/static/../service/", "/.git/"]
)
def test_no_folder_is_listed(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_document_for_the_operator_names_its_kind_and_charset_too(signed: Post, client: FlaskClient) -> None:
    assert signed("/voice", ARRIVAL).headers["Content-Type"] == "text/xml; charset=utf-8"
    assert client.post("/voice", data=ARRIVAL).headers["Content-Type"] == "text/plain; charset=utf-8"


def test_what_is_for_demonstrations_is_not_there_outside_of_them(settings: Settings) -> None:
    shown, served = (
        {rule.rule for rule in create_app(settings.model_copy(update={"demo": demo})).url_map.iter_rules()}
        for demo in (True, False)
    )
    assert served < shown
    assert all(rule.startswith("/telephone") for rule in shown - served)
    assert not any(rule.startswith("/telephone") for rule in served)


@pytest.mark.parametrize(("hops", "seen"), [(0, "127.0.0.1"), (1, "192.0.2.7"), (2, "192.0.2.1")])
def test_the_address_of_a_visitor_is_believed_from_trusted_relays_only(
    settings: Settings, hops: int, seen: str
) -> None:
    """The nearest relay writes last; what a visitor writes himself stands before it."""
    app = create_app(settings.model_copy(update={"proxy_hops": hops}))

    @app.after_request
    def tell(answer: Response) -> Response:
        answer.headers["X-Seen"] = str(request.remote_addr)
        return answer

    headers = {"X-Forwarded-For": "203.0.113.9, 192.0.2.1, 192.0.2.7"}
    assert app.test_client().get("/", headers=headers).headers["X-Seen"] == seen


def test_a_page_that_does_not_exist_says_so_in_french(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text


def test_an_error_of_ours_shows_no_traceback(faulty: FlaskClient) -> None:
    answer = faulty.get("/broken")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Une erreur est survenue" in answer.text


def test_all_is_well_when_every_process_speaks(client: FlaskClient, settings: Settings) -> None:
    speak(settings, "clerk", drained_at=MOMENT.isoformat(), error=None)
    speak(settings, "jobs", failing=[])
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.get_json()["status"] == "ok"
    assert set(answer.get_json()) - {"status"} == PARTS


def test_an_open_alarm_of_the_line_is_degraded_with_200_and_names_nobody(
    client: FlaskClient, settings: Settings
) -> None:
    """Anybody may read this address: whose number it is stands in the mail, and in `svi doctor`."""
    speak(settings, "clerk", drained_at=MOMENT.isoformat(), error=None)
    alarm = {"kind": "number", "since": MOMENT.isoformat(), "told": "01 99 •• •• 01 (Aïcha Delorme, 75 Paris)"}
    speak(settings, "jobs", failing=[], line={"state": "degraded", "alarms": [alarm]})
    answer = client.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    alarms = [{"kind": "number", "since": MOMENT.isoformat()}]
    assert answer.get_json()["line"] == {"state": "degraded", "alarms": alarms}
    assert [(one.sentence, one.wrong) for one in check_line(settings, MOMENT)] == [(alarm["told"], True)]
    speak(settings, "jobs", failing=[], line={"state": "ok", "alarms": []})
    assert client.get("/health").get_json()["line"] == {"state": "ok"}
    assert [(one.sentence, one.wrong) for one in check_line(settings, MOMENT)] == [("aucune alarme", False)]


def test_health_with_the_database_away_is_degraded_and_names_the_part(client: FlaskClient, settings: Settings) -> None:
    speak(settings, "clerk", drained_at=(MOMENT - timedelta(minutes=5)).isoformat(), error="OperationalError")
    speak(settings, "jobs")
    answer = client.get("/health")
    parts = answer.get_json()
    assert (answer.status_code, answer.get_json()["status"]) == (200, "degraded")
    assert parts["database"] == {"state": "down", "reason": "OperationalError"}
    assert parts["clerk"] == {"state": "degraded", "lag_seconds": 300}
    assert parts["directory"]["state"] == "ok"


def test_a_clerk_that_has_not_spoken_for_long_is_down(client: FlaskClient, settings: Settings) -> None:
    speak(settings, "clerk", before=timedelta(seconds=16), drained_at=MOMENT.isoformat())
    assert client.get("/health").get_json()["clerk"]["state"] == "down"


@pytest.mark.parametrize(("seconds", "expected"), [(0, True), (59, True), (61, False)])
def test_a_clerk_keeps_up_when_it_has_emptied_the_journal_lately(
    settings: Settings, seconds: float, expected: bool
) -> None:
    assert not clerk_keeps_up(settings.state_dir, MOMENT), "nobody has spoken"
    speak(settings, "clerk", drained_at=(MOMENT - timedelta(seconds=seconds)).isoformat())
    assert clerk_keeps_up(settings.state_dir, MOMENT) is expected


def test_a_worker_left_out_on_purpose_is_no_illness(client: FlaskClient, settings: Settings) -> None:
    speak(settings, "clerk", drained_at=MOMENT.isoformat())
    speak(settings, "supervisor", worker=False)
    answer = client.get("/health").get_json()
    assert (answer["worker"]["state"], answer["status"]) == ("off", "ok")


def test_a_journal_that_cannot_be_written_is_degraded_with_200(client: FlaskClient, settings: Settings) -> None:
    """Decision 26: callers are answered all the same."""
    settings.journal_dir.parent.mkdir(exist_ok=True)
    settings.journal_dir.write_text("a file stands where the folder should be")
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.get_json()["journal"]["state"] == "degraded"


def test_only_a_missing_directory_is_down_with_503(settings: Settings) -> None:
    answer = create_app(settings).test_client().get("/health")
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "down"


def test_a_damaged_state_file_is_read_as_silence(client: FlaskClient, settings: Settings) -> None:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    (settings.state_dir / "clerk.json").write_text('{"at": 12')
    assert client.get("/health").get_json()["clerk"]["state"] == "down"
