"""Requests and their steps, written through the store as the verbs write them, and the post that tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from records.database import Engine, reading, writing
from records.desks.accounts import add_account
from records.desks.permissions import AccountRole
from records.invitation import Guest
from records.mail import Mail
from records.schema.request_tables import exchanges
from support.requests.letters.posting import RequestPost, Senders
from support.requests.request import Request
from support.requests.states import Move
from support.requests.store import add_event, add_request, change_request, read_request
from tests.support.house import Clock

ALIX, CAMILLE = "alix@siao.example", "camille@siao.example"
SACHA, LEA = "sacha@siao.example", "lea@siao.example"
SECRET = b"made up for tests"
TEAM = Guest("assistance@siao.example", "Assistance SI SIAO")
DESK = {"*": [Guest(SACHA, "Sacha Nation"), Guest(LEA, "Léa Nation")], "974": [Guest(ALIX, "Alix Essai")]}
HELD = timedelta(minutes=6)
"""Longer than a request that was just opened is kept for completing."""


@dataclass
class Post:
    """A mail server that can be away."""

    mails: list[Mail] = field(default_factory=list)
    trouble: Exception | None = None

    def send(self, mail: Mail) -> None:
        if self.trouble:
            raise self.trouble
        self.mails.append(mail)

    def taken(self) -> list[tuple[str, str]]:
        """Readers, and the first sentence that each was told, of the mails since last asked."""
        found = [(mail.to.partition("@")[0], mail.text.split("\n\n")[1].splitlines()[0]) for mail in self.mails]
        self.mails.clear()
        return found


@dataclass
class Matters:
    """A référent of La Réunion and the national team."""

    engine: Engine
    clock: Clock
    post: Post = field(default_factory=Post)
    desk: dict[str, list[Guest]] | None = field(default_factory=lambda: dict(DESK))
    senders: Senders | None = None

    def __post_init__(self) -> None:
        people = ((ALIX, "Alix Essai", "referent", "974"), (CAMILLE, "Camille Exemple", "referent", "974"),
                  (SACHA, "Sacha Nation", "national"), (LEA, "Léa Nation", "national"))  # fmt: skip
        with writing(self.engine) as connection:
            for email, name, role, *codes in people:
                add_account(
                    connection, email=email, name=name, role=AccountRole(role), departements=codes, by="t",
                    at=self.clock(),
                )  # fmt: skip

    def opened(self, **given: Any) -> int:
        """A new request of Alix to the national desk, with its first step."""
        row = {
            "channel": "phone", "sender": "referent", "departement": "974", "version": 1,
            "subject": "Compte : mot de passe", "description": "Mme Zéphyr, 06 39 98 00 11, ne se connecte pas.",
            "thematique": "Accès", "motif": "Compte", "sous_motif": "Mot de passe oublié", "niveau": "2",
            "reply_to": ALIX, "desk": "national", "state": "open", "created_at": self.clock(), "created_by": ALIX,
        }  # fmt: skip
        with writing(self.engine) as connection:
            number = add_request(connection, row | given)
        assert number
        self.step(number, Move.OPEN, ALIX, str(row["description"]))
        return number

    def step(self, number: int, move: Move, by: str, text: str = "", **data: Any) -> int:
        """One more step, as a verb adds it."""
        with writing(self.engine) as connection:
            return add_event(connection, number, at=self.clock(), by=by, move=move, text=text, data=data)

    def now(self, number: int, **values: Any) -> None:
        """How the request stands from here on."""
        with writing(self.engine) as connection:
            change_request(connection, self.read(number), values)

    def read(self, number: int) -> Request:
        """The request as it stands."""
        with reading(self.engine) as connection:
            found = read_request(connection, number)
        assert found
        return found

    def plan(self, number: int, start: datetime, sequence: int = 0, before: datetime | None = None) -> int:
        """An exchange planned by Sacha, or moved."""
        if not sequence:
            with writing(self.engine) as connection:
                connection.execute(insert(exchanges).values(
                    id=7, request_id=number, uid="exchange-7@svi.example", sequence=0, starts_at=start, minutes=30,
                    state="planned", proposed_by=SACHA, proposed_at=self.clock(),
                ))  # fmt: skip
        self.now(number, state="planned", owner=SACHA)
        return self.step(
            number, Move.PLAN, SACHA, exchange=7, starts_at=start.isoformat(), minutes=30, sequence=sequence,
            before=before and before.isoformat(),
        )  # fmt: skip

    def work(self, **passed: float) -> None:
        """One round of the job, some time later."""
        self.clock.advance(**passed)
        RequestPost(
            self.engine, self.post, lambda code: None if self.desk is None else self.desk.get(code, []),
            lambda number: f"https://svi.example/demandes/{number}", TEAM, self.clock,
            SECRET, self.senders,
        ).work()  # fmt: skip
