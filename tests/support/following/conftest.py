"""A house in which Zoé wrote a request from Paris, and her private link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from records.database import writing
from records.desks.acting import Acting
from records.wording import Entry, Wording
from routing.requests.table import Routed, SentTo
from support.following.links import link_of
from support.requests.filing import Written, file_request
from support.requests.request import Request, RequestEvent
from support.requests.store import events_of, read_request
from support.requests.working import USUAL_HOURS
from tests.support.following.written import ZOE
from tests.support.house import Browser, House, open_house

CAMILLE = "camille@siao.example"
PASSWORD = Entry("1", Wording("Accès et authentification", "Problème de connexion au SI SIAO", "Accès au compte"))


@dataclass
class Followed:
    """The house, the request and the browser of whoever wrote it."""

    house: House
    number: int = 0
    token: str = ""
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.house.app.test_client())

    def file(self, **given: Any) -> int:
        """One more request by the form, with its link."""
        written: dict[str, Any] = {
            "channel": "form", "sender": "user", "departement": "75", "nom": "Martin", "prenom": "Zoé",
            "profil": "gestionnaire", "email": ZOE, "entry": PASSWORD, "subject": "Mot de passe <b>perdu</b>",
            "description": "L’écran <script>alert(1)</script> reste blanc.",
        }  # fmt: skip
        at = self.house.clock()
        with writing(self.house.engine) as connection:
            acting = Acting(self.house.engine, ZOE, at)
            made = file_request(
                acting, connection, Written(**written | given), Routed(SentTo.LOCAL, "niveau-1"), hours=USUAL_HOURS
            )
            self.token = link_of(connection, self.house.settings.secret, made.id, at, 90)
        self.number = made.id
        return made.id

    def path(self, word: str = "") -> str:
        """An address of the page."""
        return f"/demande/suivi/{self.token}" + (f"/{word}" if word else "")

    def page(self) -> str:
        """The page as it stands."""
        answer = self.browser.get(self.path())
        assert answer.status_code == 200
        return answer.text

    def send(self, word: str, **fields: str) -> int:
        """Send a form of the page, and return how it was answered."""
        return self.browser.post(self.path(word), fields).status_code

    def does(self, verb: Callable[..., Request], by: str = CAMILLE, **values: Any) -> Request:
        """Somebody of a desk makes a move."""
        acting = Acting(self.house.engine, by, self.house.clock(), self.house.accounts[by])
        with acting.writing() as connection:
            asked = read_request(connection, self.number)
            assert asked
            return verb(acting, connection, asked, hours=USUAL_HOURS, **values)

    def now(self) -> Request:
        """The request as it stands."""
        with self.house.writing() as connection:
            found = read_request(connection, self.number)
        assert found
        return found

    def steps(self) -> list[RequestEvent]:
        """Its history."""
        with self.house.writing() as connection:
            return events_of(connection, self.number)


def followed_in(house: House) -> Followed:
    """A request that was just written."""
    made = Followed(house)
    made.file()
    return made


@pytest.fixture
def followed(tmp_path: Path, database_url: str) -> Iterator[Followed]:
    """On SQLite and on PostgreSQL."""
    house = open_house(tmp_path, database_url)
    yield followed_in(house)
    house.close()


@pytest.fixture
def one_followed(tmp_path: Path) -> Iterator[Followed]:
    """On SQLite alone, where the kind of database does not matter."""
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield followed_in(house)
    house.close()
