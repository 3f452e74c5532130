"""Who may sign in, by which link, for how long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from records.database import Connection, Engine, writing
from records.desks.accounts import (
    Account,
    AccountRefused,
    add_account,
    close_account,
    count_request,
    end_session,
    find_for_proconnect,
    find_session,
    is_link_good,
    make_link_token,
    open_session,
    requests_since,
    use_link,
)
from records.desks.interrupted_forms import forget_interrupted_forms, interrupted_form, keep_interrupted_form
from records.desks.permissions import AccountRole

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as opened:
        yield opened


def invite(connection: Connection, email: str = "Camille@SIAO.example", *codes: str) -> Account:
    return add_account(
        connection,
        email=email,
        name="Camille",
        role=AccountRole.REFERENT,
        departements=codes or ("75",),
        by="x",
        at=NOW,
    )


def test_an_account_reads_its_departements_and_the_national_team_all(connection: Connection) -> None:
    referent = invite(connection, "a@siao.example", "75", "2A")
    national = add_account(
        connection, email="n@siao.example", name="", role=AccountRole.NATIONAL, departements=(), by="x", at=NOW
    )
    assert [referent.may_read(code) for code in ("75", "2A", "59", None, "*")] == [True, True, False, False, False]
    assert [national.may_read(code) for code in ("75", None, "*")] == [True, True, True]


def test_an_address_has_one_account_and_a_referent_a_departement(connection: Connection) -> None:
    invite(connection)
    with pytest.raises(AccountRefused, match="existe déjà"):
        invite(connection, " camille@siao.example")
    with pytest.raises(AccountRefused, match="au moins un département"):
        add_account(connection, email="b@x.fr", name="", role=AccountRole.REFERENT, departements=(), by="x", at=NOW)


def test_a_link_signs_in_once_within_fifteen_minutes(connection: Connection) -> None:
    account = invite(connection)
    token = make_link_token(connection, account.id, NOW, next_path="/appels/CA1")
    late = make_link_token(connection, account.id, NOW)
    assert is_link_good(connection, token, NOW + 14 * MINUTE)
    assert use_link(connection, token, NOW + 14 * MINUTE) == (account, "/appels/CA1")
    assert use_link(connection, token, NOW + 14 * MINUTE) is None
    assert use_link(connection, late, NOW + 15 * MINUTE) is None
    assert use_link(connection, "inconnu", NOW) is None


def test_of_two_uses_of_a_link_at_once_one_signs_in(engine: Engine) -> None:
    with writing(engine) as connection:
        token = make_link_token(connection, invite(connection).id, NOW)
    barrier, found = threading.Barrier(4), []

    def use() -> None:
        barrier.wait()
        with writing(engine) as connection:
            found.append(use_link(connection, token, NOW) is not None)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False, False, False, True]


def test_the_tables_do_not_keep_what_signs_in(connection: Connection) -> None:
    account = invite(connection)
    secrets = [make_link_token(connection, account.id, NOW), open_session(connection, account.id, NOW)]
    for table in ("sign_in_tokens", "desk_sessions"):
        kept = str(connection.exec_driver_sql(f"select * from {table}").all())  # noqa: S608 - two names written here
        assert not any(secret in kept for secret in secrets)


def test_a_session_ends_after_twelve_hours_by_leaving_or_with_the_account(connection: Connection) -> None:
    account = invite(connection)
    session, left = (open_session(connection, account.id, NOW) for _ in range(2))
    assert find_session(connection, session, NOW + timedelta(hours=11)) is not None
    assert find_session(connection, session, NOW + timedelta(hours=12)) is None
    end_session(connection, left, NOW)
    assert find_session(connection, left, NOW) is None
    token = make_link_token(connection, account.id, NOW)
    close_account(connection, account.id, NOW)
    assert find_session(connection, session, NOW) is None
    assert use_link(connection, token, NOW) is None
    assert invite(connection, "camille@siao.example", "59").departements == ("59",)


def test_proconnect_knows_the_identity_then_the_address_then_keeps_the_identity(connection: Connection) -> None:
    account = invite(connection)
    assert find_for_proconnect(connection, sub="s1", email="inconnue@siao.example") is None
    assert find_for_proconnect(connection, sub="s1", email="CAMILLE@siao.example") is not None
    moved = find_for_proconnect(connection, sub="s1", email="nouvelle@siao.example")
    assert moved is not None
    assert moved.id == account.id
    close_account(connection, account.id, NOW)
    assert find_for_proconnect(connection, sub="s1", email="camille@siao.example") is None


def test_requests_for_links_are_counted_and_forgotten_the_next_day(connection: Connection) -> None:
    for minute in range(3):
        count_request(connection, ["adresse", "machine"], NOW + minute * MINUTE)
    assert requests_since(connection, "adresse", NOW) == 2
    count_request(connection, ["machine"], NOW + timedelta(days=2))
    assert requests_since(connection, "adresse", NOW - timedelta(days=9)) == 0


def test_what_was_typed_is_given_back_to_its_author_on_its_page_until_it_is_sent(connection: Connection) -> None:
    keep_interrupted_form(connection, 1, "/appels/CA1", {"comment": "à moitié <b>"}, NOW)
    assert interrupted_form(connection, 2) is None
    assert interrupted_form(connection, 1, "/appels/CA2") is None
    assert (
        interrupted_form(connection, 1, "/appels/CA1") == interrupted_form(connection, 1) == {"comment": "à moitié <b>"}
    )
    forget_interrupted_forms(connection, 1)
    assert interrupted_form(connection, 1) is None
