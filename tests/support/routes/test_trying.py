"""A table is tried on what was written in the last month, before anybody publishes it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from records.database import reading, writing
from records.wording import Wording
from routing.requests.table import DELIVERED, RequestRule, SentTo
from support.routes.trying import Trial, try_rules
from tests.support.house import NOW
from tests.support.routes.written import PLACE, write_request, write_step

LOCAL, NATIONAL = SentTo.LOCAL, SentTo.NATIONAL
TO_NATIONAL = (RequestRule("x", NATIONAL, niveau="1"), *DELIVERED)
DAY = timedelta(days=1)


def tried(engine: Engine, rules: tuple[RequestRule, ...] = TO_NATIONAL) -> Trial:
    with reading(engine) as connection:
        return try_rules(connection, rules, lambda _wording: "1", NOW)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_requests_that_would_have_moved_are_counted_by_place_and_motif(engine: Engine, number: int) -> None:
    with writing(engine) as connection:
        for _ in range(number):
            write_request(connection, NOW - DAY)
        write_request(connection, NOW - DAY, niveau="2", desk="national", route="niveau-2")
    found = tried(engine)
    assert (found.tried, found.moved) == (number + 1, number)
    line = ("75", PLACE["thematique"], PLACE["motif"], LOCAL, NATIONAL, number)
    assert found.moves == ((line,) if number else ())


def test_only_what_was_written_and_only_the_last_month_counts(engine: Engine) -> None:
    with writing(engine) as connection:
        write_request(connection, NOW - 31 * DAY)
        write_request(connection, NOW - DAY, channel="phone", call_id="CA1", sender="referent")
        write_request(connection, NOW - 29 * DAY, channel="mail")
    assert tried(engine).tried == 1


def test_the_same_table_moves_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        write_request(connection, NOW - DAY)
        write_request(connection, NOW - DAY, desk="national", route="personne")
    assert tried(engine, DELIVERED).moved == 0


def test_where_nobody_was_there_a_table_for_the_local_desk_moves_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        for route in ("personne", "annuaire", "niveau-2"):
            write_request(connection, NOW - DAY, niveau="2", desk="national", route=route)
    found = tried(engine, (RequestRule("x", LOCAL, niveau="2"), *DELIVERED))
    assert [(move.sent_from, move.sent_to, move.number) for move in found.moves] == [(NATIONAL, LOCAL, 1)]


def test_a_request_counts_under_the_motif_that_it_was_written_with(engine: Engine) -> None:
    """It was reclassified to level 2 since: the table had seen level 1."""
    with writing(engine) as connection:
        number = write_request(connection, NOW - DAY, niveau="2", motif="Autre", desk="national")
        write_step(connection, number, "reclassify", before=list(PLACE.values()), after=["T", "Autre", "S"])
        write_step(connection, number, "reclassify", before=["T", "Autre", "S"], after=list(PLACE.values()))
    [move] = tried(engine).moves
    assert (move.motif, move.number) == (PLACE["motif"], 1)


def test_a_wording_is_looked_up_in_the_list_once_it_was_changed(engine: Engine) -> None:
    asked: list[Wording] = []
    with writing(engine) as connection:
        number = write_request(connection, NOW - DAY, niveau="2", motif="Autre")
        write_step(connection, number, "reclassify", before=list(PLACE.values()), after=["T", "Autre", "S"])
    with reading(engine) as connection:
        found = try_rules(connection, TO_NATIONAL, asked.append, NOW)
    assert asked == [Wording(*PLACE.values())]
    assert found.moved == 0  # nobody knows its level any more: the one that it has now is taken
