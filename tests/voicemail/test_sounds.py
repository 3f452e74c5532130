"""Uploaded recordings: what is taken, what is refused, what callers are played."""

from __future__ import annotations

import io
import itertools
import struct
import subprocess
import wave
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voicemail.recordings import tone
from voicemail.sounds import SoundStore, ffmpeg, telephone_wav
from voicemail.wav import SoundRefused, for_the_telephone, read_wav
from voicemail.web import sounds_blueprint

needs_ffmpeg = pytest.mark.skipif(ffmpeg() is None, reason="ffmpeg is not installed")


def encoded(wav: bytes, *form: str) -> bytes:
    """The recording as ffmpeg writes it in another form."""
    command = [str(ffmpeg()), "-loglevel", "error", "-f", "wav", "-i", "pipe:0", *form, "pipe:1"]
    return subprocess.run(command, input=wav, capture_output=True, check=True).stdout  # noqa: S603 - written here


@pytest.fixture
def store(tmp_path: Path) -> SoundStore:
    return SoundStore(tmp_path / "audio")


@pytest.fixture
def browser(store: SoundStore) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(sounds_blueprint(store))
    return app.test_client()


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_every_plain_wav_becomes_eight_kilohertz_mono(rate: int, channels: int, width: int) -> None:
    """The tone keeps its length, its loudness and its pitch."""
    with wave.open(io.BytesIO(telephone_wav(tone(1.5, rate=rate, channels=channels, width=width)))) as made:
        assert (made.getframerate(), made.getnchannels(), made.getsampwidth()) == (8_000, 1, 2)
        assert made.getnframes() / 8_000 == pytest.approx(1.5, abs=0.01)
        samples = struct.unpack(f"<{made.getnframes()}h", made.readframes(made.getnframes()))
    assert max(samples) == pytest.approx(16_383, rel=0.06)
    crossings = sum(1 for before, after in itertools.pairwise(samples) if before < 0 <= after)
    assert crossings == pytest.approx(440 * 1.5, abs=4)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "WAV et MP3"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret", "WAV et MP3"),
        (b"<html>", "WAV et MP3"),
        (tone(61), "trop long"),
        (tone(0.5), "trop court"),
        (tone(2, loud=0.001), "silencieux"),
        (b"\0" * 5_000_001, "trop gros"),
    ],
)
def test_what_is_no_absence_message_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(SoundRefused, match=reason):
        telephone_wav(content)


@needs_ffmpeg
def test_a_playlist_disguised_as_mp3_makes_nobody_fetch_anything() -> None:
    with pytest.raises(SoundRefused):
        telephone_wav(b"ID3\x03\0\0\0\0\0\0#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/secret\n" * 20)


@needs_ffmpeg
def test_an_mp3_is_taken(store: SoundStore) -> None:
    name = store.take(encoded(tone(3, rate=44_100), "-f", "mp3"))
    assert read_wav((store.folder / name).read_bytes()).seconds == pytest.approx(3, abs=0.2)


@needs_ffmpeg
def test_a_compressed_wav_is_taken() -> None:
    assert read_wav(telephone_wav(encoded(tone(2), "-c:a", "pcm_mulaw", "-f", "wav"))).seconds == pytest.approx(
        2, abs=0.1
    )


def test_a_damaged_header_is_refused_and_never_an_accident() -> None:
    whole = tone(1.2)

    @settings(max_examples=150)
    @given(st.integers(0, 43), st.integers(0, 255))
    def damaged(place: int, value: int) -> None:
        try:
            sound = read_wav(whole[:place] + bytes([value]) + whole[place + 1 :])
        except SoundRefused:
            return
        for_the_telephone(sound)

    damaged()


@pytest.mark.parametrize("cut", [10, 43, 44, 45, 1_000])
def test_a_wav_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(SoundRefused):
        read_wav(tone(1.2)[:cut])


def test_a_recording_is_named_by_its_content_and_kept_once(store: SoundStore) -> None:
    name = store.take(tone())
    assert store.take(tone()) == name
    assert name == sha256((store.folder / name).read_bytes()).hexdigest() + ".wav"
    assert len(list(store.folder.glob("*.wav"))) == 1


def test_the_operator_fetches_it_without_a_signature_and_may_keep_it(store: SoundStore, browser: FlaskClient) -> None:
    name = store.take(tone())
    answer = browser.get(f"/voice/sound/{name}")
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    assert answer.data == (store.folder / name).read_bytes()
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_part_of_it_can_be_asked_for(store: SoundStore, browser: FlaskClient) -> None:
    answer = browser.get(f"/voice/sound/{store.take(tone())}", headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.data) == (206, b"RIFF")


@pytest.mark.parametrize("name", ["a", "..%2f..%2fetc%2fpasswd", "%2e%2e/x", "a" * 200, "0" * 64 + ".exe0"])
def test_no_other_name_is_an_address(browser: FlaskClient, name: str) -> None:
    assert browser.get(f"/voice/sound/{name}").status_code == 404


def test_a_recording_that_is_gone_is_an_instant_of_silence_and_the_menu_goes_on(browser: FlaskClient) -> None:
    answer = browser.get(f"/voice/sound/{'0' * 64}.wav")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert read_wav(answer.data).seconds == pytest.approx(0.2)
