"""Requests of a house with two of the national team, and the verbs as somebody makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from records.desks.acting import Acting
from records.desks.qualifications import qualifications_of
from records.desks.statut import Solved
from records.wording import Wording
from routing.requests.table import Routed, SentTo
from support.calls.store import Qualification, save_qualification
from support.nomenclature.entries import first_nomenclature
from support.requests import working
from support.requests.filing import Written, file_request
from support.requests.request import Request, RequestEvent, as_its_sender
from support.requests.store import events_of, read_request
from tests.support.house import House, open_house, store_call

PASSWORD = Wording("Accès et authentification", "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe")
LOCAL_ENTRY = next(entry for entry in first_nomenclature().entries if entry.niveau == "1")
LOU = "lou.essai@asso.example"
CAMILLE, DOMINIQUE, ALIX, SACHA, NOOR = (
    f"{name}@siao.example" for name in ("camille", "dominique", "alix", "sacha", "noor")
)


@dataclass
class Office:
    """A house whose people ask level 2 and answer."""

    house: House
    number: int = 1

    def escalated(self, call_id: str = "CA1", by: str = CAMILLE, departement: str = "75") -> int:
        """A call that is escalated, and the number of its request."""
        acting = self.acting(by)
        with acting.writing() as connection:
            store_call(connection, call_id, departement=departement)
            save_qualification(
                connection, Qualification(call_id, 1, PASSWORD, "1", Solved(False, True), "écran blanc", by, acting.at)
            )
            self.number = working.open_for_call(
                acting, connection, call_id=call_id, departement=departement, wording=PASSWORD, niveau="1",
                description="L’écran reste blanc.",
            )  # fmt: skip
        return self.number

    def written(self, *, desk: str = "local", email: str = LOU, **given: Any) -> int:
        """A request that somebody outside wrote by the form, and its number."""
        said: dict[str, Any] = {
            "channel": "form", "sender": "user", "departement": "75", "nom": "Essai", "prenom": "Lou",
            "profil": "operateur", "email": email, "entry": LOCAL_ENTRY, "subject": "Plus d’accès",
            "description": "Mon compte est bloqué.",
        }  # fmt: skip
        filer = Acting(self.house.engine, email, self.house.clock())
        with filer.writing() as connection:
            routed = Routed(SentTo(desk), "niveau-1" if desk == "local" else "niveau-2")
            self.number = file_request(
                filer, connection, Written(**said | given), routed, hours=working.USUAL_HOURS
            ).id  # fmt: skip
        return self.number

    def sender_does(self, verb: Callable[..., Request], **values: Any) -> Request:
        """Make a move as whoever wrote the request, by its private link."""
        asked = self.now()
        reader = as_its_sender(asked)
        acting = Acting(self.house.engine, reader.email, self.house.clock(), reader)
        with acting.writing() as connection:
            return verb(acting, connection, asked, hours=working.USUAL_HOURS, **values)

    def acting(self, by: str) -> Acting:
        """Somebody at work now."""
        return Acting(self.house.engine, by, self.house.clock(), self.house.accounts[by])

    def does(self, by: str, verb: Callable[..., Request], asked: Request | None = None, **values: Any) -> Request:
        """Make a move as this person, on the request as it stands or as `asked` was read."""
        acting = self.acting(by)
        with acting.writing() as connection:
            seen = asked or read_request(connection, self.number)
            assert seen
            return verb(acting, connection, seen, hours=working.USUAL_HOURS, **values)

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

    def call(self, call_id: str = "CA1") -> dict[str, Any]:
        """What is said of its call, in the contract's words."""
        with self.house.writing() as connection:
            return qualifications_of(connection, [call_id])[call_id]


def opened(folder: Path, database_url: str) -> Office:
    """An office with a request of Paris."""
    house = open_house(folder, database_url)
    house.invite(NOOR, "national")
    house.invite(DOMINIQUE, "referent", "75")
    house.invite("admin@siao.example", "admin")
    office = Office(house)
    office.escalated()
    return office


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """On SQLite and on PostgreSQL."""
    made = opened(tmp_path, database_url)
    yield made
    made.house.close()


@pytest.fixture
def one_office(tmp_path: Path) -> Iterator[Office]:
    """On SQLite alone, where the kind of database does not matter."""
    made = opened(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.house.close()
