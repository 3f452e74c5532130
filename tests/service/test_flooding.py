"""What anybody may ask for, as often as he likes, fills neither the log nor the disk, and opens no file but ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from service.quiet_log import A_MINUTE
from service.running.watching import health
from tests.support.house import House, open_house
from tests.voicemail.recordings import tone
from voicemail.sounds import SoundStore


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.close()


def name_of(number: int) -> str:
    return f"{number:064x}.wav"


def test_recordings_asked_for_by_made_up_names_do_not_fill_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    client = house.app.test_client()
    with caplog.at_level(logging.ERROR):
        for number in range(3 * A_MINUTE):
            assert client.get(f"/voice/sound/{name_of(number)}").status_code == 200
    told = [record for record in caplog.records if "Un enregistrement demandé" in record.getMessage()]
    assert 0 < len(told) <= 2 * A_MINUTE, "a minute may have ended meanwhile"


@pytest.mark.parametrize(
    "name",
    ["../svi.sqlite", "..%2Fsecret_key", "/etc/passwd", "%2e%2e/%2e%2e/secret_key", f".{'a' * 63}.wav",
     "a" * 63 + "/.wav", "A" * 64 + ".wav", "\u0430" * 64 + ".wav", "a" * 64 + ".mp4", "%00" + "a" * 63 + ".wav"],
)  # fmt: skip
def test_no_name_leads_out_of_the_folder_of_recordings(house: House, name: str) -> None:
    (house.settings.var_dir / "secret_key").write_text("very secret")
    answer = house.app.test_client().get(f"/voice/sound/{quote(name, safe='/%')}")
    assert b"secret" not in answer.data
    assert SoundStore(house.settings.sounds_dir).find(name) is None


def test_a_link_in_the_folder_of_recordings_is_none_of_ours(tmp_path: Path) -> None:
    store, secret = SoundStore(tmp_path / "audio"), tmp_path / "secret_key"
    kept = store.take(tone(2))
    secret.write_text("very secret")
    (store.folder / name_of(1)).symlink_to(secret)
    assert store.find(kept) is not None
    assert store.find(name_of(1)) is None


def test_health_writes_its_probe_once_a_second_however_often_it_is_asked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    monkeypatch.setattr(health, "why_not_writable", written.append)
    client = house.app.test_client()
    for _ in range(50):
        client.get("/health")
    assert len(written) <= 1
    house.clock.advance(seconds=2)
    client.get("/health")
    house.clock.advance(seconds=-10)
    client.get("/health")
    assert len(written) in {2, 3}


def test_what_a_stranger_is_refused_writes_nothing_but_bounded_lines(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    client = house.app.test_client()
    before = {path for path in house.settings.var_dir.rglob("*") if path.is_file()}
    with caplog.at_level(logging.WARNING):
        for number in range(100):
            client.get(f"/nulle/part/{number}")
            client.post("/voice", data={"CallSid": f"CA{number}"})
            client.post("/connexion", data={"email": "a@siao.example"})
            client.get("/a-faire", headers={"X-Long": "a" * 8000, "Host": f"h{number}.example"})
    assert {path for path in house.settings.var_dir.rglob("*") if path.is_file()} == before
    assert len(caplog.records) <= 2 * A_MINUTE


def test_no_page_repeats_a_host_that_was_made_up(house: House) -> None:
    client = house.app.test_client()
    for path in ("/", "/connexion", "/demande", "/a-faire", "/.well-known/security.txt", "/nulle-part"):
        answer = client.get(path, headers={"Host": "ailleurs.example", "X-Forwarded-Host": "ailleurs.example"})
        assert "ailleurs.example" not in answer.text + str(answer.headers), path


def test_every_page_says_what_a_browser_may_do_with_it_and_personal_ones_are_kept_nowhere(house: House) -> None:
    browser = house.signed_in()
    for path in ("/", "/connexion", "/a-faire", "/mon-compte", "/nulle-part"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for piece in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert piece in policy, (path, piece)
        assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    for path in ("/a-faire", "/mon-compte", "/appels/tous.csv", "/messages"):
        assert browser.get(path).headers["Cache-Control"] == "no-store", path


def test_over_https_the_cookie_is_bound_to_our_own_host_and_browsers_stay_on_https(tmp_path: Path) -> None:
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'https.sqlite'}")
    house.close()
    from service.app import create_app  # noqa: PLC0415 - another application of the same house

    settings = house.settings.model_copy(update={"public_url": "https://svi.example"})
    answer = create_app(settings, clock=house.clock).test_client().get("/connexion", base_url="https://svi.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-svi=")
    assert all(piece in cookie for piece in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
