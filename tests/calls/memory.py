"""What happens between two calls of one caller: the clerk empties the journal, the caller is remembered."""

from __future__ import annotations

from records.calls.clerk import Clerk
from records.database import open_database, writing
from records.facts import CallRow
from records.schema.tables import metadata
from routing.departements import timezone_of
from service.wiring.memory import caller_memory
from tests.calls.play import Scene


def clerk_works(scene: Scene) -> None:
    """What happens within a second of a call's end: the journal is emptied and the caller is remembered."""
    scene.time.run()
    clerk_works_now(scene)


def clerk_works_now(scene: Scene) -> None:
    """The same while calls go on."""
    engine = open_database(scene.database_url)
    with writing(engine) as connection:
        metadata.create_all(connection)
    memory = caller_memory(scene.settings)

    def remember(rows: list[CallRow]) -> None:
        memory.remember(rows, scene.time.now())

    clerk = Clerk(
        scene.settings.journal_dir,
        engine,
        timezone_of,
        clock=scene.time.now,
        on_calls=remember,
    )
    assert clerk.drain_once().error is None
    engine.dispose()
