"""A SIAO's own recording instead of our absence sentence: whole calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.rules import AbsenceMessage, Rules
from tests.calls.play import CallerInPlay, play
from tests.voicemail.recordings import tone
from voicemail.sounds import SoundStore


def played(caller: CallerInPlay) -> list[str]:
    return [one.data["url"].rpartition("/")[2] for one in caller._happenings("plays")]


def closed_with(sound: str) -> Rules:
    return Rules(messages=(AbsenceMessage("75", None, None, sound),))


@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "gone"])
def test_the_siaos_own_recording_is_played_and_the_menu_follows(tmp_path: Path, is_kept: bool) -> None:
    """Even when the file is gone: an error there would cut the call before the menu."""
    recording = tone(4, rate=16_000)
    name = SoundStore(tmp_path).take(recording)
    with play(rules=closed_with(name)) as scene:
        if is_kept:
            SoundStore(scene.settings.sounds_dir).take(recording)
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message, tapez 1")
        caller.does_not_hear("Votre référent n'a pas pu répondre")
        caller.hangs_up()
        assert played(caller) == [name]
        assert scene.row()["absence_reason"] == "no_answer"
