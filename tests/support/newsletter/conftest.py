"""A house in which something was published, and the newsletter's work with a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from records.desks.acting import Acting
from records.schema.knowledge_tables import articles
from routing.calendar.hours import read_hours
from support.newsletter.posting import NewsletterPost
from support.newsletter.publishing import say_of_tool
from tests.support.house import House, Letterbox, open_house

SACHA, CAMILLE = "sacha@siao.example", "camille@siao.example"
SITE = "http://127.0.0.1:8000"


@dataclass
class Newsroom:
    """A house, its newsletter's work, where its mails land."""

    house: House
    post: NewsletterPost
    box: Letterbox

    def acting(self, by: str = SACHA) -> Acting:
        """Somebody at work now."""
        return Acting(self.house.engine, by, self.house.clock(), self.house.accounts[by])

    def publish(self, title: str = "Le SI SIAO change de page d’accueil") -> None:
        """Something to tell."""
        say_of_tool(self.acting(), title=title, text="Le menu est à gauche.")

    def subscribe(self, email: str) -> str:
        """An address that asks, reads its letter and confirms; returns the link of that letter."""
        link = self.ask(email)
        assert self.house.signed_in(CAMILLE).post(link, {}).status_code == 200
        return link

    def ask(self, email: str) -> str:
        """An address that asks; the path of the link in its letter."""
        stranger = self.house.signed_in(CAMILLE)
        answer = stranger.post("/lettre", {"email": email, "accord": "1"})
        assert answer.status_code == 303, answer.text
        self.post.send()
        return self.box.taken[-1].text.split(SITE)[1].split()[0]

    def article(self, **values: Any) -> int:
        """An article of the directory, added now."""
        at = values.pop("at", self.house.clock())
        row = {
            "title": "Créer un compte", "address": f"https://base.example/{values.get('title', 'compte')}",
            "profiles": "hebergement", "summary": "Comment faire.", "search_text": "", "added_at": at,
            "changed_at": at, "changed_by": SACHA, "link_state": "unknown", "link_failures": 0,
        }  # fmt: skip
        with self.house.writing() as connection:
            query = insert(articles).values(row | values).returning(articles.c.id)
            return int(connection.execute(query).scalar_one())


def newsroom_of(house: House) -> Newsroom:
    box = Letterbox()
    post = NewsletterPost(
        house.engine, box, house.clock, house.settings.secret, SITE, read_hours(""), lambda: [SACHA]
    )  # fmt: skip
    return Newsroom(house, post, box)


@pytest.fixture
def newsroom(tmp_path: Path, database_url: str) -> Iterator[Newsroom]:
    """On SQLite and on PostgreSQL."""
    house = open_house(tmp_path, database_url)
    yield newsroom_of(house)
    house.close()


@pytest.fixture
def one_newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """On SQLite alone."""
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield newsroom_of(house)
    house.close()
