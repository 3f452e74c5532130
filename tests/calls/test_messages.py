"""A message from the beep to the référent's mailbox: the line, the operator's own interface, the work behind."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from records.database import reading
from records.schema.tables import desk_tasks
from simulator.world.habits import Habits
from tests.calls.behind import mails, work
from tests.calls.people import LEO, MIA, ZOE
from tests.calls.play import Variant, in_every_variant, play
from voicemail.wav import read_wav


@in_every_variant
def test_a_message_reaches_the_referent_once_and_comes_here(variant: Any) -> None:
    with play(variant=variant, at="2026-12-06 10:00") as scene:
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message").presses("1")
        caller.leaves_a_message(12).presses("#").hears("Votre message est enregistré").stays_to_the_end()
        row = scene.row()
        assert (row["outcome"], row["message_seconds"]) == ("message", 12)
        with work(scene) as working:
            for _ in range(3):
                working.work()
        assert sorted(str(mail["To"]) for mail in mails(scene)) == ["a.berthier@exemple.fr", "p.aubry@exemple.fr"]
        assert all(row["call_id"] in mail.get_content() for mail in mails(scene))
        [audio] = scene.settings.voicemail_dir.glob("*.wav")
        assert read_wav(audio.read_bytes()).seconds == pytest.approx(12, abs=1)
        assert len(scene.operator.log.recordings) == 1  # for two days more


def test_a_callback_gives_the_referent_a_masked_number_and_an_hour() -> None:
    with play() as scene:
        caller = scene.call("06 39 98 12 34").hears("tapez son numéro").presses("974").hears("Pour être rappelé")
        caller.presses("2").hears("Nous vous rappellerons au").presses("1").hears("C'est noté").stays_to_the_end()
        assert scene.row()["outcome"] == "callback"
        with work(scene) as working:
            working.work()
        [mail] = mails(scene)
        assert mail["Subject"] == "[SI SIAO] Rappel à faire – 974 La Réunion"
        assert "06 39 •• •• 34" in mail.get_content()
        assert "lundi 7 décembre 2026 à 13 h" in mail.get_content()


def test_a_message_that_holds_nothing_bothers_nobody() -> None:
    with play() as scene:
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message").presses("1")
        caller.hears_the_beep().stays_to_the_end()
        scene.rows()
        with work(scene) as working:
            working.work()
            with reading(working.engine) as connection:
                assert connection.execute(select(desk_tasks)).all() == []
        assert mails(scene) == []


@in_every_variant
def test_one_word_in_a_long_recording_is_a_message_though_its_two_durations_disagree(variant: Any) -> None:
    """Nine seconds in the action, one in the recording's callback, and a voice in it: somebody waits for an answer."""
    with play(variant=variant) as scene:
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message").presses("1")
        caller.leaves_a_message(1).waits(8).presses("#").hears("Votre message est enregistré").stays_to_the_end()
        row = scene.row()
        [recording] = scene.operator.log.recordings.values()
        assert recording.seconds == 1
        with work(scene) as working:
            for _ in range(3):
                working.work()
        assert sorted(str(mail["To"]) for mail in mails(scene)) == ["a.berthier@exemple.fr", "p.aubry@exemple.fr"]
        assert scene.row() == row
    assert (row["outcome"], row["message_seconds"], row["departement"]) == ("message", 9, "75")


@pytest.mark.parametrize("audio", ["completed", "absent"])
def test_silence_that_the_operator_took_for_a_message_is_none_once_its_audio_is_known(audio: str) -> None:
    """Ten seconds in the action, one or none afterwards: what was recorded decides (decision 10)."""
    with play(variant=Variant(Habits(silence_is_empty=False, silent_recording_is=audio))) as scene:
        caller = scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message").presses("1")
        caller.hears_the_beep().hears("Votre message est enregistré").stays_to_the_end()
        assert scene.row()["outcome"] == ("message" if audio == "completed" else "absence")
        with work(scene) as working:
            working.work()
            row = scene.row()
            with reading(working.engine) as connection:
                assert connection.execute(select(desk_tasks)).all() == []
        assert mails(scene) == []
    assert (row["outcome"], row["message_seconds"]) == ("absence", None)


def test_a_callback_is_told_to_the_desk_where_it_was_asked_for() -> None:
    """He went back to the menu, chose another département and hung up: it is still Seine-Saint-Denis that calls."""
    with play() as scene:
        for number in (LEO, MIA, ZOE):
            scene.phone(number).is_busy()
        caller = scene.call().hears("tapez son numéro").presses("93").hears("Pour être rappelé").presses("2")
        caller.hears("06, 39").presses("*").hears("tapez le numéro").presses("09").hears_ringing().hangs_up()
        row = scene.row()
        with work(scene) as working:
            working.work()
        assert {mail["Subject"] for mail in mails(scene)} == {"[SI SIAO] Rappel à faire – 93 Seine-Saint-Denis"}
        assert {mail["To"] for mail in mails(scene)} == {
            "l.caron@exemple.fr", "m.diallo@exemple.fr", "z.evrard@exemple.fr",
        }  # fmt: skip
    assert (row["outcome"], row["departement"], row["absence_reason"]) == ("callback", "93", "busy")
    assert [one["result"] for one in row["attempts"]] == ["busy", "busy", "busy", "canceled"]
