"""A telephone that cannot be rung, from the operator's « failed » to the national team's mailbox, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from records.database import open_database
from records.schema.migrations import migrate
from service.directory.snapshots import SnapshotFile
from service.mail import sender_if_any
from service.wiring.alarms import LineAlarms
from tests.calls.behind import mails, with_mails
from tests.calls.people import ANNE, LEO, MIA, PAUL, ZOE
from tests.calls.play import Scene, play


@contextmanager
def watch(scene: Scene) -> Iterator[LineAlarms]:
    """The job that looks for alarms, on the play's own database, directory and clock."""
    engine = open_database(scene.database_url)
    migrate(engine)
    settings = with_mails(scene)
    snapshot = SnapshotFile(settings.var_dir).current
    try:
        yield LineAlarms(engine, scene.time.now, snapshot, sender_if_any(settings), settings.public_url, lambda _: True)
    finally:
        engine.dispose()


def somebody_calls(scene: Scene, alarms: LineAlarms) -> str:
    """A call for Paris, recorded; how the line is after it."""
    caller = scene.call().hears("Bonjour").presses("75").hears_ringing().waits(20)
    if not scene.operator.log.calls[caller.sid].is_over:
        caller.hangs_up()
    scene.rows()
    return str(alarms.watch()["line"]["state"])


def test_a_number_that_fails_three_times_is_told_to_the_national_team_and_again_when_it_rings() -> None:
    with play() as scene, watch(scene) as alarms:
        for _ in range(4):
            scene.phone(PAUL).does_not_exist()
        scene.phone(PAUL).just_rings()
        scene.phone(ANNE).just_rings()
        assert [somebody_calls(scene, alarms) for _ in range(2)] == ["ok", "ok"]
        assert mails(scene) == []
        assert [somebody_calls(scene, alarms) for _ in range(2)] == ["degraded", "degraded"]
        [begun] = mails(scene)
        assert (begun["To"], begun["Subject"]) == (
            "i.roussel@exemple.fr", "[SI SIAO] Téléphone injoignable – 75 Paris"
        )  # fmt: skip
        assert "le 01 99 •• •• 01 (Paul Aubry, 75 Paris)" in begun.get_content()
        assert somebody_calls(scene, alarms) == "ok"
        [_, over] = mails(scene)
        assert over["Subject"] == "[SI SIAO] Rétabli : Téléphone injoignable – 75 Paris"


def test_half_of_the_legs_of_an_hour_are_told_once_until_they_ring_again() -> None:
    """Two telephones that cannot be rung, each twice only: neither is an alarm of its own."""
    with play() as scene, watch(scene) as alarms:
        for number in (LEO, MIA):
            scene.phone(number).does_not_exist().does_not_exist().just_rings()
        for _ in range(3):
            scene.phone(ZOE).is_busy()
        states = []
        for _ in range(3):
            scene.call().hears("Bonjour").presses("93").hears("Pour laisser un message").hangs_up()
            scene.rows()
            states.append(alarms.watch()["line"]["state"])
        assert states == ["ok", "degraded", "ok"]
        begun, over = mails(scene)
        assert begun["Subject"] == "[SI SIAO] La moitié des appels vers les référents échouent"
        assert "4 des 6 téléphones" in begun.get_content()
        assert over["Subject"] == f"[SI SIAO] Rétabli : {str(begun['Subject']).removeprefix('[SI SIAO] ')}"


def test_an_hour_without_a_call_where_four_weeks_had_some_is_told_until_somebody_calls() -> None:
    week = timedelta(days=7).total_seconds()
    with play(at="2026-12-07 10:20") as scene, watch(scene) as alarms:
        for _ in range(4):
            began = scene.time.now()
            assert somebody_calls(scene, alarms) == "ok"
            scene.time.run(seconds=week - (scene.time.now() - began).total_seconds())
        assert alarms.watch()["line"]["state"] == "ok"
        scene.time.run(seconds=3600)
        assert alarms.watch()["line"]["state"] == "degraded"
        assert [mail["Subject"] for mail in mails(scene)] == ["[SI SIAO] Aucun appel depuis une heure"]
        assert somebody_calls(scene, alarms) == "ok"
        assert [mail["Subject"] for mail in mails(scene)][1:] == ["[SI SIAO] Rétabli : Aucun appel depuis une heure"]
