"""A private link opens one request, for a time, until it is revoked; a reply's address names one request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from records.database import reading, writing
from records.schema.written_tables import request_links
from records.tokens import LENGTH, token_for
from support.following.links import (
    link_of,
    reply_address_of,
    request_followed,
    request_of_reply_address,
    revoke,
)
from tests.support.house import NOW, Clock
from tests.support.requests.matters import Matters

SECRET = b"made up for tests"
DAYS = 90


def link(engine: Engine, number: int, after: timedelta = timedelta(), secret: bytes = SECRET) -> str:
    with writing(engine) as connection:
        return link_of(connection, secret, number, NOW + after, DAYS)


def opened(engine: Engine, token: str, after: timedelta = timedelta()) -> int | None:
    with reading(engine) as connection:
        found = request_followed(connection, token, NOW + after)
    return found.id if found else None


def end(engine: Engine, number: int) -> None:
    with writing(engine) as connection:
        revoke(connection, number, NOW)


@pytest.fixture
def matters(engine: Engine) -> Matters:
    return Matters(engine, Clock())


def test_a_link_opens_its_request_and_no_other(matters: Matters) -> None:
    one, other = matters.opened(), matters.opened()
    links = [link(matters.engine, number) for number in (one, other)]
    assert [opened(matters.engine, token) for token in links] == [one, other]
    assert len(set(links)) == 2
    assert {len(token) for token in links} == {LENGTH}


def test_every_mail_names_the_same_link_as_long_as_it_opens(matters: Matters) -> None:
    number = matters.opened()
    assert {link(matters.engine, number, timedelta(days=day)) for day in (0, 1, 80)} == {link(matters.engine, number)}


def test_of_a_link_only_the_digest_is_kept(matters: Matters) -> None:
    token = link(matters.engine, matters.opened())
    with reading(matters.engine) as connection:
        [row] = connection.execute(select(request_links)).all()
    assert token not in str(row)
    assert len(row.token_digest) == 64


def test_a_link_ends_by_itself_and_each_mail_begins_its_days_anew(matters: Matters) -> None:
    number = matters.opened()
    token = link(matters.engine, number)
    assert opened(matters.engine, token, timedelta(days=DAYS)) is None
    assert link(matters.engine, number, timedelta(days=60)) == token
    assert opened(matters.engine, token, timedelta(days=60 + DAYS - 1)) == number
    assert opened(matters.engine, token, timedelta(days=60 + DAYS)) is None


def test_a_mail_of_an_older_moment_shortens_nothing(matters: Matters) -> None:
    number = matters.opened()
    token = link(matters.engine, number, timedelta(days=10))
    link(matters.engine, number)
    assert opened(matters.engine, token, timedelta(days=DAYS + 5)) == number


def test_after_its_end_the_next_mail_brings_another(matters: Matters) -> None:
    number = matters.opened()
    old = link(matters.engine, number)
    new = link(matters.engine, number, timedelta(days=DAYS + 1))
    later = timedelta(days=DAYS + 2)
    assert (opened(matters.engine, old, later), opened(matters.engine, new, later)) == (None, number)


def test_a_revoked_link_opens_nothing_and_the_next_one_does(matters: Matters) -> None:
    number, other = matters.opened(), matters.opened()
    old, kept = link(matters.engine, number), link(matters.engine, other)
    end(matters.engine, number)
    assert opened(matters.engine, old) is None
    assert opened(matters.engine, kept) == other
    new = link(matters.engine, number)
    assert new != old
    assert (opened(matters.engine, old), opened(matters.engine, new)) == (None, number)


@pytest.mark.parametrize("wrong", ["", "a", "a" * LENGTH, "é" * LENGTH, "a" * 5000, "\x00" * LENGTH, "' OR 1=1 --"])
def test_what_is_no_link_opens_nothing(matters: Matters, wrong: str) -> None:
    link(matters.engine, matters.opened())
    assert opened(matters.engine, wrong) is None


def test_a_link_computed_with_another_key_or_never_sent_opens_nothing(matters: Matters) -> None:
    """Also one that the right key gives, of a generation that nobody was sent."""
    number = matters.opened()
    assert opened(matters.engine, token_for(SECRET, "follow", number, 1)) is None
    link(matters.engine, number)
    assert opened(matters.engine, token_for(b"another", "follow", number, 1)) is None
    assert opened(matters.engine, token_for(SECRET, "follow", number, 2)) is None


# ---------------------------------------------------------------- replies by mail

BOX = "assistance@siao.example"


def test_a_reply_finds_its_request_by_its_address() -> None:
    address = reply_address_of(BOX, SECRET, 12)
    assert address.startswith("assistance+12-")
    assert address.endswith("@siao.example")
    assert request_of_reply_address(address, BOX, SECRET) == 12
    assert request_of_reply_address(address.upper(), BOX, SECRET) == 12
    assert len(address.partition("@")[0]) <= 64  # RFC 5321


@pytest.mark.parametrize("box", ["", "assistance", "@siao.example", "assistance@"])
def test_without_a_mailbox_there_is_no_such_address(box: str) -> None:
    assert reply_address_of(box, SECRET, 12) == ""
    assert request_of_reply_address("assistance+12-abc@siao.example", box, SECRET) is None


def test_the_token_of_one_request_is_not_that_of_another() -> None:
    other = reply_address_of(BOX, SECRET, 12).replace("+12-", "+13-")
    assert request_of_reply_address(other, BOX, SECRET) is None
    assert request_of_reply_address(reply_address_of(BOX, b"another key", 12), BOX, SECRET) is None


@pytest.mark.parametrize(
    "wrong",
    ["", BOX, "assistance+@siao.example", "assistance+12@siao.example", "assistance+12-@siao.example",
     "assistance+douze-abc@siao.example", "assistance+-12-abc@siao.example", "assistance+12-é@siao.example",
     "assistance+9999999999999-abc@siao.example", "assistance+٣-abc@siao.example"],
)  # fmt: skip
def test_an_address_of_another_shape_names_no_request(wrong: str) -> None:
    assert request_of_reply_address(wrong, BOX, SECRET) is None


def test_an_address_at_another_domain_or_of_another_box_names_none() -> None:
    address = reply_address_of(BOX, SECRET, 12)
    assert request_of_reply_address(address.replace("siao.example", "ailleurs.example"), BOX, SECRET) is None
    assert request_of_reply_address(address.replace("assistance+", "autre+"), BOX, SECRET) is None
