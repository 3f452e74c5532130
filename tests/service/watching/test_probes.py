"""What machines ask: `/ready` for status codes, `/metrics` for Prometheus, both from files alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from twilio.request_validator import RequestValidator
from werkzeug.serving import make_server

from service.app import create_app
from service.directory.followed_csv import follow_csv
from service.directory.snapshots import SnapshotFile
from service.running.watching.counted import OTHER, ROOM, STEPS
from service.running.watching.health import down_since
from service.running.watching.state import age, write_state
from service.settings import Settings, read_settings
from tests.service.directories import CSV, MOMENT

NOWHERE = "postgresql://nobody@127.0.0.1:9/away"
MINUTE = timedelta(minutes=1)
Speak = Callable[..., None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    csv = tmp_path / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    found = read_settings(
        demo=True, var_dir=tmp_path / "var", referents_csv=csv, twilio_auth_token="made-up", database_url=NOWHERE
    )
    assert follow_csv(SnapshotFile(found.var_dir), found, MOMENT) is None
    return found


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings, clock=lambda: MOMENT).test_client()


@pytest.fixture
def speak(settings: Settings) -> Speak:
    def say(name: str, before: timedelta = timedelta(), **told: object) -> None:
        write_state(settings.state_dir, name, MOMENT - before, **told)

    return say


@pytest.fixture
def well(speak: Speak) -> Speak:
    speak("clerk", drained_at=MOMENT.isoformat(), error=None)
    speak("jobs", failing=[])
    return speak


def ready(client: FlaskClient) -> int:
    answer = client.get("/ready")
    assert answer.get_json() == client.get("/health").get_json(), "the same JSON"
    return answer.status_code


@pytest.mark.usefixtures("well")
def test_all_that_works_is_ready(client: FlaskClient) -> None:
    assert ready(client) == 200
    assert client.get("/ready").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("minutes", "status"), [(4, 200), (6, 503)])
@pytest.mark.parametrize("part", ["clerk", "jobs", "database"])
def test_what_is_down_for_longer_than_the_minutes_is_not_ready(
    client: FlaskClient, well: Speak, part: str, minutes: int, status: int
) -> None:
    """`/health` goes on saying that calls are answered."""
    before = minutes * MINUTE
    if part == "database":
        well("clerk", drained_at=(MOMENT - before).isoformat(), error="OperationalError")
    elif part == "clerk":
        well("clerk", before, drained_at=(MOMENT - before).isoformat(), error=None)
    else:
        well("jobs", before)
    assert ready(client) == status
    assert client.get("/health").status_code == 200


def test_the_minutes_are_a_setting(settings: Settings, well: Speak) -> None:
    well("jobs", 6 * MINUTE)
    patient = settings.model_copy(update={"ready_minutes": 10})
    assert ready(create_app(patient, clock=lambda: MOMENT).test_client()) == 200


def test_jobs_that_are_left_out_on_purpose_are_no_reason(client: FlaskClient, well: Speak) -> None:
    well("jobs", timedelta(days=1))
    well("supervisor", worker=False)
    assert ready(client) == 200


def test_who_has_never_spoken_has_its_minutes_from_the_start_on(settings: Settings) -> None:
    moment = [MOMENT]
    client = create_app(settings, clock=lambda: moment[0]).test_client()
    assert ready(client) == 200
    moment[0] += 6 * MINUTE
    assert ready(client) == 503


def test_without_a_directory_nobody_is_answered_and_nothing_is_ready(tmp_path: Path) -> None:
    settings = read_settings(demo=True, var_dir=tmp_path / "empty", database_url=NOWHERE)
    client = create_app(settings, clock=lambda: MOMENT).test_client()
    assert (ready(client), client.get("/health").status_code) == (503, 503)


@pytest.mark.parametrize("part", ["clerk", "jobs"])
def test_who_spoke_in_the_future_is_ill(client: FlaskClient, well: Speak, part: str) -> None:
    """The clock was set back: what was said before tells nothing of now."""
    well(part, -timedelta(hours=1), drained_at=MOMENT.isoformat())
    told = client.get("/health").get_json()
    assert told["clerk" if part == "clerk" else "worker"] == {"state": "down", "reason": "clock"}
    assert told["status"] == "degraded"


def test_a_journal_emptied_in_the_future_has_no_negative_lag(client: FlaskClient, well: Speak) -> None:
    well("clerk", drained_at=(MOMENT + timedelta(hours=1)).isoformat(), error=None)
    assert client.get("/health").get_json()["clerk"] == {"state": "degraded", "lag_seconds": None}


def test_two_processes_that_read_the_clock_one_after_the_other_are_well(settings: Settings) -> None:
    assert age({"at": (MOMENT + timedelta(seconds=1)).isoformat()}, MOMENT) == 0
    assert down_since(settings.state_dir, MOMENT) == {"clerk": None, "database": None, "worker": None}


def test_what_the_watch_found_is_told_by_both(client: FlaskClient, well: Speak) -> None:
    told = {"state": "degraded", "open": [{"kind": "disk", "since": MOMENT.isoformat()}]}
    well("watch", alerts=told, mail={"state": "degraded", "failing": 3})
    found = client.get("/health").get_json()
    assert (found["status"], found["alerts"], found["mail"]["failing"]) == ("degraded", told, 3)
    well("watch", timedelta(hours=1), alerts=told)
    assert "alerts" not in client.get("/health").get_json(), "of an hour ago"


# ---------------------------------------------------------------- /metrics


@pytest.fixture
def measured(settings: Settings) -> Settings:
    return settings.model_copy(update={"metrics": True})


def figures(text: str) -> dict[tuple[str, ...], float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name, *(value for _, value in sorted(sample.labels.items()))] = sample.value
    return found


def test_without_the_setting_there_are_no_figures(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/metrics").status_code == 404
    client.post("/voice", data={})
    assert not settings.metrics_dir.exists()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Proto"])
def test_what_a_relay_passes_on_has_no_figures(measured: Settings, header: str) -> None:
    client = create_app(measured, clock=lambda: MOMENT).test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "192.0.2.1"}).status_code == 404


def test_with_a_token_only_who_has_it_reads_whatever_the_way(measured: Settings) -> None:
    closed = read_settings(**{**measured.model_dump(), "metrics_token": "un-jeton"})
    client = create_app(closed, clock=lambda: MOMENT).test_client()
    good = {"Authorization": "Bearer un-jeton", "X-Forwarded-For": "192.0.2.1"}
    assert client.get("/metrics", headers=good).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer un-jetom"}, {"Authorization": "Bearer é"}):
        assert client.get("/metrics", headers=wrong).status_code == 404


def test_webhooks_are_counted_by_step_and_refused_signatures_apart(measured: Settings) -> None:
    client = create_app(measured, clock=lambda: MOMENT).test_client()
    assert client.post("/voice/status", data={"CallSid": "CA1"}).status_code == 403
    found = figures(client.get("/metrics").text)
    assert found["svi_refused_signatures_total",] == 1
    assert found["svi_webhook_seconds_count", "status"] == 0


@pytest.mark.parametrize("path", ["/voice", "/voice/status"])
def test_a_webhook_is_counted_under_its_step(measured: Settings, path: str) -> None:
    client = create_app(measured, clock=lambda: MOMENT).test_client()
    form = {"CallSid": "CA1", "From": "+33639981234", "To": "+33199000000", "CallStatus": "ringing", "Digits": ""}
    signature = RequestValidator("made-up").compute_signature(measured.public_url + path, form)
    headers = {"X-Twilio-Signature": signature}
    answer = client.post(path, data=form, headers=headers, environ_overrides={"RAW_URI": path})
    assert answer.status_code in {200, 204}
    found = figures(client.get("/metrics").text)
    step = "status" if path.endswith("status") else "arrival"
    assert found["svi_webhook_seconds_count", step] == 1
    assert found["svi_webhook_seconds_bucket", "15.0", step] == 1


def test_two_processes_are_one_figure_and_fifteen_seconds_stand_apart(measured: Settings) -> None:
    """A dead process's counts stay: a counter never goes down."""
    first, second = (create_app(measured, clock=lambda: MOMENT) for _ in range(2))
    for app in (first, second):
        app.test_client().post("/voice/ring", data={})
    text = first.test_client().get("/metrics").text
    assert figures(text)["svi_refused_signatures_total",] == 2
    assert 'svi_webhook_seconds_bucket{le="15.0",step="ring"}' in text


def test_the_file_of_a_process_has_its_whole_size_from_the_start(measured: Settings) -> None:
    """A page that a full disk cannot hold would end the process, and the call with it."""
    create_app(measured, clock=lambda: MOMENT).test_client().post("/voice/ring", data={})
    files = list(measured.metrics_dir.iterdir())
    assert {path.name.partition("_")[0] for path in files} == {"counter", "histogram"}
    assert all(path.stat().st_size == ROOM and path.stat().st_blocks * 512 >= ROOM for path in files)


def test_a_process_that_finds_no_room_counts_nothing_and_answers(measured: Settings) -> None:
    measured.metrics_dir.write_text("a file stands where the folder should be")
    client = create_app(measured, clock=lambda: MOMENT).test_client()
    assert client.post("/voice/ring", data={}).status_code == 403
    assert client.get("/metrics").status_code == 200
    measured.metrics_dir.unlink()


def test_a_step_that_is_none_of_ours_makes_no_figure_of_its_own(measured: Settings) -> None:
    client = create_app(measured, clock=lambda: MOMENT).test_client()
    client.post("/voice/wp-login", data={})
    told = {key[-1] for key in figures(client.get("/metrics").text) if key[0] == "svi_webhook_seconds_count"}
    assert told <= {*STEPS, OTHER}


def test_a_real_server_tells_the_figures_of_every_part(measured: Settings, well: Speak) -> None:
    """Over HTTP, as Prometheus asks; nobody is named in a label."""
    well("jobs", jobs={"rapprochement": {"done_at": (MOMENT - MINUTE).isoformat(), "late": True}},
         operator={"state": "ok", "compared": 4, "repaired": 2})  # fmt: skip
    well(
        "clerk",
        drained_at=(MOMENT - MINUTE / 2).isoformat(),
        error=None,
        journal_losses={"truncated": 1, "unreadable": {"x": "E"}},
    )
    calls = [["answered", "59", 7], ["missed", "", 1]]
    well("figures", calls=calls, legs=[["failed", 3]], mails=[["notice", 2]], journal_bytes=12, disk_free_bytes=5)
    server = make_server("127.0.0.1", 0, create_app(measured, clock=lambda: MOMENT), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        answer = requests.get(f"http://127.0.0.1:{server.server_port}/metrics", timeout=10)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    found = figures(answer.text)
    expected = {
        ("svi_calls", "59", "answered"): 7, ("svi_calls", "", "missed"): 1, ("svi_legs_last_hour", "failed"): 3,
        ("svi_mails_waiting", "notice"): 2, ("svi_journal_bytes",): 12, ("svi_disk_free_bytes",): 5,
        ("svi_job_age_seconds", "rapprochement"): 60, ("svi_job_late", "rapprochement"): 1,
        ("svi_reconciliation_gap",): 2, ("svi_journal_losses",): 1, ("svi_clerk_lag_seconds",): 30,
        ("svi_part", "clerk", "ok"): 1, ("svi_part", "clerk", "down"): 0, ("svi_process_age_seconds", "jobs"): 0,
        ("svi_alerts_open",): 0,
    }  # fmt: skip
    assert {key: found.get(key) for key in expected} == expected
