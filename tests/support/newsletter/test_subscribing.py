"""Nobody is subscribed by somebody else, and whoever leaves has left: by his mailbox's one click, or a button."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from records.schema.knowledge_tables import subscribers
from records.schema.tables import deliveries
from support.newsletter.posting import leave_address
from support.newsletter.publishing import draft, send
from support.newsletter.store import receivers, subscriber_of
from support.newsletter.subscriber import CONSENT, Subscriber
from tests.support.house import Browser
from tests.support.newsletter.conftest import CAMILLE, SITE, Newsroom

NOOR = "noor@asso.example"


def known(newsroom: Newsroom, email: str = NOOR) -> Subscriber | None:
    with newsroom.house.writing() as connection:
        return subscriber_of(connection, email)


def stranger(newsroom: Newsroom) -> Browser:
    return Browser(newsroom.house.app.test_client())


def leaving(newsroom: Newsroom, email: str = NOOR) -> str:
    found = known(newsroom, email)
    assert found
    return leave_address("", found, newsroom.house.settings.secret)


def test_an_address_receives_nothing_before_it_has_said_yes_by_its_own_mail(newsroom: Newsroom) -> None:
    link = newsroom.ask(NOOR)
    waiting = known(newsroom)
    assert waiting is not None
    assert (waiting.receives, waiting.consent) == (False, CONSENT)
    browser = stranger(newsroom)
    page = browser.get(link)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert known(newsroom) == waiting, "a mail program that opens links confirms nothing"
    assert browser.post(link, {}).status_code == 200
    found = known(newsroom)
    assert found
    assert found.receives
    assert found.confirmed_at == newsroom.house.clock()


def test_only_the_newest_link_serves_for_two_days(newsroom: Newsroom) -> None:
    first = newsroom.ask(NOOR)
    newsroom.house.clock.advance(hours=1)
    second = newsroom.ask(NOOR)
    browser = stranger(newsroom)
    assert browser.post(first, {}).status_code == 404
    newsroom.house.clock.advance(days=3)
    assert browser.get(second).status_code == 404
    assert browser.post(second, {}).status_code == 404
    assert not known(newsroom).receives  # type: ignore[union-attr]


@pytest.mark.parametrize("what", ["confirmer", "quitter"])
def test_a_wrong_link_is_no_page_whatever_it_names(one_newsroom: Newsroom, what: str) -> None:
    one_newsroom.subscribe(NOOR)
    one_newsroom.subscribe("autre@asso.example")
    own = leaving(one_newsroom).rpartition("/")[2]
    browser = stranger(one_newsroom)
    for number, token in ((1, "x" * 22), (2, own), (99, own), (2**40, own), (1, "é\x00"), (1, own[:-1])):
        path = f"/lettre/abonnes/{number}/{what}/{token}"
        assert browser.get(path).status_code == 404
        assert browser.post(path, {}).status_code == 404
    with one_newsroom.house.writing() as connection:
        assert receivers(connection) == [1, 2]


def test_one_click_of_a_mailbox_needs_no_session_no_token_and_no_page(newsroom: Newsroom) -> None:
    """RFC 8058: a POST of `List-Unsubscribe=One-Click` from another machine."""
    newsroom.subscribe(NOOR)
    path = leaving(newsroom)
    mailbox = newsroom.house.app.test_client()
    body = {"List-Unsubscribe": "One-Click"}
    for headers in ({}, {"Origin": "https://mail.example"}):
        answer = mailbox.post(path, data=body, headers=headers)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert known(newsroom).left_at == newsroom.house.clock()  # type: ignore[union-attr]


def test_opening_the_link_shows_a_page_with_a_button_and_does_nothing(newsroom: Newsroom) -> None:
    newsroom.subscribe(NOOR)
    browser = stranger(newsroom)
    page = browser.get(leaving(newsroom))
    assert "Ne plus recevoir la lettre</button>" in page.text
    assert known(newsroom).receives  # type: ignore[union-attr]
    assert browser.post(leaving(newsroom), {}).status_code == 200
    assert "Cette adresse ne reçoit plus la lettre" in browser.get(leaving(newsroom)).text


def test_whoever_left_stays_away_until_he_confirms_again_and_gets_new_links(newsroom: Newsroom) -> None:
    newsroom.subscribe(NOOR)
    old = leaving(newsroom)
    newsroom.house.app.test_client().post(old)
    newsroom.house.clock.advance(days=1)
    link = newsroom.ask(NOOR)
    assert not known(newsroom).receives, "somebody else asking changes nothing"  # type: ignore[union-attr]
    assert stranger(newsroom).get(old).status_code == 200
    stranger(newsroom).post(link, {})
    assert known(newsroom).receives  # type: ignore[union-attr]
    assert leaving(newsroom) != old
    assert stranger(newsroom).get(old).status_code == 404


def test_whoever_left_between_sending_and_leaving_gets_no_mail(newsroom: Newsroom) -> None:
    newsroom.subscribe(NOOR)
    newsroom.publish()
    send(newsroom.acting(), draft(newsroom.acting()), follows=1)
    newsroom.house.app.test_client().post(leaving(newsroom))
    newsroom.box.taken.clear()
    newsroom.post.send()
    assert newsroom.box.taken == []


def test_the_page_says_the_same_whoever_is_known(newsroom: Newsroom) -> None:
    newsroom.subscribe(NOOR)
    newsroom.box.taken.clear()
    browser = stranger(newsroom)
    answers = {browser.post("/lettre", {"email": email, "accord": "1"}).location for email in (NOOR, "a@asso.example")}
    assert len(answers) == 1
    newsroom.post.send()
    assert [mail.to for mail in newsroom.box.taken] == ["a@asso.example"]


def test_nobody_fills_a_mailbox_with_first_letters(newsroom: Newsroom) -> None:
    browser = stranger(newsroom)
    for _ in range(6):
        assert browser.post("/lettre", {"email": " NOOR@asso.example ", "accord": "1"}).status_code == 303
        newsroom.house.clock.advance(minutes=20)
        newsroom.post.send()
    assert [mail.to for mail in newsroom.box.taken] == [NOOR] * 3
    newsroom.house.clock.advance(days=1)
    newsroom.ask(NOOR)
    assert len(newsroom.box.taken) == 4


def test_a_network_asks_so_often_within_an_hour(one_newsroom: Newsroom) -> None:
    browser = stranger(one_newsroom)
    said = [
        browser.post("/lettre", {"email": f"a{each}@asso.example", "accord": "1"}).status_code
        for each in range(one_newsroom.house.settings.form_hourly_network + 1)
    ]
    assert said[-2:] == [303, 429]
    one_newsroom.house.clock.advance(minutes=61)
    assert browser.post("/lettre", {"email": NOOR, "accord": "1"}).status_code == 303


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"email": "noor", "accord": "1"}, "email"),
        ({"email": f"{NOOR}\r\nBcc: a@b.example", "accord": "1"}, "email"),
        ({"email": f"{NOOR}, autre@asso.example", "accord": "1"}, "email"),
        ({"email": f"{NOOR}\x00", "accord": "1"}, "email"),
        ({"email": NOOR}, "accord"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    one_newsroom: Newsroom, form: dict[str, str], field: str
) -> None:
    answer = stranger(one_newsroom).post("/lettre", form)
    assert answer.status_code == 400
    assert f'id="{field}-erreur"' in answer.text
    assert "noor" in answer.text
    assert known(one_newsroom) is None


def test_a_program_that_fills_everything_is_told_the_same_and_gets_nothing(one_newsroom: Newsroom) -> None:
    answer = stranger(one_newsroom).post("/lettre", {"email": NOOR, "accord": "1", "site_web": "https://x.example"})
    assert answer.status_code == 303
    assert known(one_newsroom) is None


def test_one_click_on_ones_account_page_is_enough(newsroom: Newsroom) -> None:
    browser = newsroom.house.signed_in(CAMILLE)
    assert CONSENT in browser.get("/mon-compte").text
    browser.post("/mon-compte/lettre", {"faire": "abonner"})
    assert known(newsroom, CAMILLE).receives  # type: ignore[union-attr]
    assert "Vous recevez la lettre" in browser.get("/mon-compte").text
    browser.post("/mon-compte/lettre", {"faire": "quitter"})
    assert not known(newsroom, CAMILLE).receives  # type: ignore[union-attr]
    assert browser.post("/mon-compte/lettre", {"faire": "autre"}).status_code == 400


def test_addresses_are_forgotten(newsroom: Newsroom) -> None:
    """One that never proved itself after thirty days, one that left after a year; one that receives never."""
    newsroom.subscribe(NOOR)
    newsroom.subscribe("parti@asso.example")
    newsroom.ask("jamais@asso.example")
    newsroom.house.app.test_client().post(leaving(newsroom, "parti@asso.example"))
    left: list[set[str]] = []
    for days in (29, 2, 335):
        newsroom.house.clock.advance(days=days)
        newsroom.post.forget()
        with newsroom.house.writing() as connection:
            left.append(set(connection.scalars(select(subscribers.c.email))))
    assert left == [
        {NOOR, "parti@asso.example", "jamais@asso.example"}, {NOOR, "parti@asso.example"}, {NOOR},
    ]  # fmt: skip


def test_the_outbox_keeps_no_subscribers_address(newsroom: Newsroom) -> None:
    newsroom.subscribe(NOOR)
    newsroom.publish()
    send(newsroom.acting(), draft(newsroom.acting()), follows=1)
    with newsroom.house.writing() as connection:
        rows = connection.execute(select(deliveries)).all()
    assert [row for row in rows if NOOR in str(row)] == []


def test_the_first_letter_says_nothing_of_its_askers_words(one_newsroom: Newsroom) -> None:
    one_newsroom.ask(NOOR)
    (mail,) = one_newsroom.box.taken
    assert NOOR not in mail.text
    assert len(re.findall(rf"{SITE}/lettre/abonnes/1/confirmer/[\w-]{{22}}\n", mail.text)) == 1
