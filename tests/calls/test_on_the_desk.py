"""A call played to the end, as the référent's desk shows it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from records.database import open_database, writing
from records.desks.accounts import add_account, make_link_token
from records.desks.permissions import AccountRole
from service.app import create_app
from tests.calls.people import PAUL
from tests.calls.play import Scene, play
from tests.calls.recorded import recorded_rows
from tests.support.house import Browser


@contextmanager
def desk_of(scene: Scene, departement: str) -> Iterator[Browser]:
    """A browser in which a référent of this département is signed in."""
    recorded(scene)
    app, engine = create_app(scene.settings, clock=scene.time.now), open_database(scene.database_url)
    with writing(engine) as connection:
        account = add_account(
            connection, email="desk@siao.example", name="", role=AccountRole.REFERENT, departements=[departement],
            by="test", at=scene.time.now(),
        )  # fmt: skip
        token = make_link_token(connection, account.id, scene.time.now())
    browser = Browser(app.test_client())
    assert browser.post(f"/connexion/{token}", {}).status_code == 303
    yield browser
    engine.dispose()
    app.extensions["database"].dispose()


def recorded(scene: Scene) -> None:
    """What the clerk does every fraction of a second."""
    recorded_rows(scene.settings, scene.database_url, scene.time.now)


def test_a_call_is_on_the_desk_while_it_rings_while_they_talk_and_when_it_is_over() -> None:
    """And nowhere else: another département's desk shows nothing of it."""
    with play() as scene, desk_of(scene, "75") as desk:
        scene.phone(PAUL).answers(after=9).presses("1").talks(120)
        caller = scene.call().hears("Bonjour").presses("75").hears_ringing().waits(5)
        recorded(scene)
        page = desk.get("/a-faire/nouveau").text
        assert "Sonne" in page
        assert "06 39 •• •• 34" in page
        caller.is_connected()
        recorded(scene)
        assert "En communication" in desk.get("/a-faire/nouveau").text
        caller.stays_to_the_end().waits(5)
        recorded(scene)
        assert "incoming__one" not in desk.get("/a-faire/nouveau").text
        assert "2 min" in desk.get("/a-faire").text
        story = desk.get(f"/appels/{caller.sid}").text
        assert "L’appelant tape 75." in story
        assert "tape 1 et prend l’appel" in story


def test_another_departements_desk_shows_nothing_of_the_call() -> None:
    with play() as scene, desk_of(scene, "59") as desk:
        scene.phone(PAUL).answers(after=4).presses("1").talks(60)
        caller = scene.call().hears("Bonjour").presses("75").is_connected()
        recorded(scene)
        assert "06 39" not in desk.get("/a-faire/nouveau?liste=1").text
        assert desk.get(f"/appels/{caller.sid}").status_code == 404
        caller.stays_to_the_end()
