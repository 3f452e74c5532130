"""The letters of the accounts: owed with what asks for them, they leave when the mail server is there again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from records.database import SQLAlchemyError, reading, writing
from records.desks.accounts import Account, close_account, find_by_email
from records.desks.acting import Acting
from records.mail import Mail
from records.outbox import Owed
from records.schema.tables import deliveries
from service.accounts.invitations import Invited, invite
from service.accounts.posting import AccountPost, owe_link, owe_welcome
from service.mail import MailFailed
from tests.support.house import Browser, House, open_house

NOOR = "noor@siao.example"
LINK = re.compile(r"http://\S+(/connexion/\S+)")


class Post:
    """A mail server that can be away."""

    def __init__(self) -> None:
        self.is_away = False
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        if self.is_away:
            raise MailFailed("Le serveur de courriel ne répond pas.")
        self.mails.append(mail)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")
    yield made
    made.close()


@pytest.fixture
def post() -> Post:
    return Post()


def invited(house: House, post: Post, *, by: str = "moi") -> Invited:
    acting = Acting(house.engine, by, house.clock())
    return invite(acting, house.settings, post, email=NOOR, name="Noor", role="referent", codes=["75"])


def letters(house: House, post: Post) -> AccountPost:
    return AccountPost(house.engine, house.settings, post, house.clock)


def owed(house: House, kind: Owed) -> list[tuple[str | None, str | None]]:
    with reading(house.engine) as connection:
        rows = connection.execute(select(deliveries).where(deliveries.c.kind == str(kind))).mappings().all()
    return [(row["text"], row["error"]) for row in rows]


def account(house: House) -> Account:
    with reading(house.engine) as connection:
        found = find_by_email(connection, NOOR)
    assert found
    return found


def test_a_welcome_that_cannot_leave_waits_and_its_link_is_made_when_it_leaves(house: House, post: Post) -> None:
    post.is_away = True
    assert invited(house, post).problem == "Le serveur de courriel ne répond pas."
    post.is_away = False
    house.clock.now += timedelta(hours=3)
    letters(house, post).send()
    [mail] = post.mails
    found = LINK.search(mail.text)
    assert found
    assert Browser(house.app.test_client()).post(found[1], {}).status_code == 303


def test_the_secret_of_a_link_is_never_in_the_outbox(house: House, post: Post) -> None:
    post.is_away = True
    invited(house, post)
    with writing(house.engine) as connection:
        owe_link(connection, account(house), "/resultats", house.clock())
    assert owed(house, Owed.WELCOME)[0][0] is None
    assert [text for text, _ in owed(house, Owed.LINK)] == ["/resultats"]
    post.is_away = False
    house.clock.now += timedelta(minutes=2)
    letters(house, post).send()
    [mail] = [mail for mail in post.mails if "lien de connexion" in mail.subject]
    found = LINK.search(mail.text)
    assert found
    assert Browser(house.app.test_client()).post(found[1], {}).headers["Location"] == "/resultats"


def test_a_sign_in_link_that_nobody_took_for_a_quarter_of_an_hour_is_not_sent(house: House, post: Post) -> None:
    invited(house, post)
    with writing(house.engine) as connection:
        owe_link(connection, account(house), "/a-faire", house.clock())
    house.clock.now += timedelta(minutes=16)
    letters(house, post).send()
    assert [mail.subject for mail in post.mails if "lien" in mail.subject] == []
    assert [error for _, error in owed(house, Owed.LINK)] == ["too late"]


def test_a_welcome_to_an_account_closed_meanwhile_is_not_sent(house: House, post: Post) -> None:
    invited(house, post)
    with writing(house.engine) as connection:
        owe_welcome(connection, account(house), house.clock())
        close_account(connection, account(house).id, house.clock())
    letters(house, post).send()
    assert len(post.mails) == 1


def test_an_account_whose_letter_cannot_be_owed_is_not_made(house: House, post: Post) -> None:
    """One transaction: nobody is invited without a letter that will come."""
    with writing(house.engine) as connection:
        connection.exec_driver_sql("ALTER TABLE deliveries RENAME TO away")
    with pytest.raises(SQLAlchemyError):
        invited(house, post)
    with reading(house.engine) as connection:
        assert find_by_email(connection, NOOR) is None
