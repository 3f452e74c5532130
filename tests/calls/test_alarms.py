"""A telephone that cannot be rung, from the operator's « failed » to the national team's mailbox, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from records.database import open_database
from records.schema.migrations import migrate
from service.directory.snapshots import SnapshotFile
from service.mail import sender_if_any
from service.wiring.alarms import LineAlarms
from tests.calls.behind import mails, with_mails
from tests.calls.people import ANNE, PAUL
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
