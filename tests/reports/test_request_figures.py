"""The figures of requests: counted in open hours, by the local day of their opening, beside those of calls."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from records.counting.figures import tally
from records.counting.requests import CountedRequest, added_up, asked_about, asked_requests, counted_requests
from records.counting.tally import Scope, Tally
from records.database import writing
from records.schema.request_tables import request_events, requests
from reports.figures.requests import percentile, request_figures
from reports.figures.summary import figures_of_requests
from routing.calendar.hours import read_hours
from routing.departements import departements, timezone_of
from tests.support.house import open_house

OFFICE = read_hours("")
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Ten o'clock in Paris."""
HOUR = timedelta(hours=1)
COUNTS = {"recues", "evitees", "closes", "repondues_niveau_1"}
NOVEMBER = Scope(date(2026, 11, 1), date(2026, 11, 30))


def one(created: datetime = TUESDAY, **given: Any) -> CountedRequest:
    kept: dict[str, Any] = {
        "id": 1, "channel": "phone", "sender": "referent", "profil": None, "departement": "75", "niveau": "2",
        "thematique": "T", "motif": "M", "sous_motif": "S", "desk": "national", "taken_at": None,
        "first_answer_at": None, "closed_at": None, "rating": None, "merged_into": None, "is_withdrawn": False,
        "answered_by": None, "solved": None,
    }  # fmt: skip
    return CountedRequest(created_at=created, **kept | given)


def shown(found: list[CountedRequest], now: datetime = TUESDAY + timedelta(days=30)) -> dict[str, str]:
    return {figure.name: figure.shown for figure in request_figures(added_up(found), Counter(), OFFICE, now).figures}


def test_waits_are_open_hours_with_their_median_and_ninth_tenth() -> None:
    found = [one(taken_at=TUESDAY + HOUR, first_answer_at=TUESDAY + 5 * HOUR, closed_at=TUESDAY + timedelta(days=1))]
    figures = shown(found)
    assert (figures["recues"], figures["closes"], figures["deux_jours"]) == ("1", "1", "100,0 %")
    assert (figures["prise_mediane"], figures["reponse_p90"], figures["cloture_mediane"]) == (
        "1 h 00",
        "3 h 00",
        "6 h 00",
    )
    found += [one(taken_at=TUESDAY + timedelta(minutes=30)), one(taken_at=TUESDAY + timedelta(days=1)), one()]
    assert (shown(found)["prise_mediane"], shown(found)["prise_p90"]) == ("1 h 00", "6 h 00")


def test_the_share_is_of_those_of_which_it_can_be_said() -> None:
    in_time, too_late = TUESDAY + timedelta(days=2), TUESDAY + timedelta(days=2, seconds=1)
    found = [one(first_answer_at=in_time), one(first_answer_at=too_late), one()]
    assert shown(found, now=TUESDAY + HOUR)["deux_jours"] == "50,0 %"
    assert shown(found)["deux_jours"] == "33,3 %"
    withdrawn = one(closed_at=TUESDAY + HOUR, is_withdrawn=True)
    assert shown([withdrawn])["deux_jours"] == "—"
    assert (shown([withdrawn])["closes"], shown([withdrawn])["cloture_mediane"]) == ("0", "—")


def test_nothing_asked_is_nothing_shown() -> None:
    figures = shown([])
    assert figures["recues"] == "0"
    assert {value for name, value in figures.items() if name not in COUNTS} == {"—"}


def test_every_figure_says_what_it_counts_and_motives_come_most_cited_first() -> None:
    found = request_figures(
        added_up([one(sous_motif="B"), one(sous_motif="A"), one(sous_motif="B")]),
        Counter({("T", "M", "C"): 2}),
        OFFICE,
        TUESDAY,
    )
    assert all(figure.meaning.endswith(".") for figure in found.figures)
    assert len({figure.name for figure in found.figures}) == len(found.figures)
    assert found.motives == (("T", "M", "B", 2, 0), ("T", "M", "A", 1, 0), ("T", "M", "C", 0, 2))


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**6), min_size=1), st.sampled_from([0.5, 0.9]))
def test_so_many_do_not_exceed_the_percentile(values: list[int], part: float) -> None:
    found = percentile(values, part)
    assert found is not None
    assert min(values) <= found <= max(values)
    assert sum(value <= found for value in values) >= part * len(values) - 1e-9


def store(connection: Any, created: datetime, departement: str, **more: Any) -> None:
    values = {
        "channel": "phone", "sender": "referent", "departement": departement, "version": 1, "subject": "S",
        "description": "D", "thematique": "T", "motif": "M", "sous_motif": "S", "niveau": "2",
        "reply_to": "x@y.example", "desk": "national", "state": "open", "created_at": created,
        "created_by": "x@y.example",
    }  # fmt: skip
    connection.execute(insert(requests).values(**values | more))


def test_a_request_counts_on_the_local_day_of_its_opening(engine: Engine) -> None:
    late_evening = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)  # 22 h in Paris, 1 h the next day in Mayotte
    with writing(engine) as connection:
        for code in ("75", "976"):
            store(connection, late_evening, code)
        store(connection, datetime(2026, 10, 31, 23, 30, tzinfo=UTC), "75")  # 0 h 30 on 1 November in Paris
        store(connection, TUESDAY, "59", niveau="1", thematique="U", closed_at=TUESDAY + HOUR)
        found = counted_requests(connection, NOVEMBER)
        assert [(each.departement, each.is_withdrawn) for each in found] == [("75", False), ("59", True), ("75", False)]
        narrow = Scope(NOVEMBER.since, NOVEMBER.until, ("59",), niveau="1", thematique="U")
        assert len(counted_requests(connection, narrow)) == 1
        assert counted_requests(connection, Scope(NOVEMBER.since, NOVEMBER.until, ())) == []
        assert tally(connection, NOVEMBER) == Tally()
        assert figures_of_requests(connection, NOVEMBER, OFFICE, TUESDAY).figures[0].shown == "3"


MOVES = ("take", "ask", "hand_back", "escalate", "climb", "answer", "hold_exchange", "close", "reopen")


def invent(connection: Connection, rng: random.Random) -> None:
    """A request at the edge of the month, somewhere, after which anything happens."""
    edge = rng.choice((datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 30, 12, tzinfo=UTC), TUESDAY))
    created = edge + timedelta(microseconds=rng.randrange(86_400_000_000))

    def maybe_later() -> datetime | None:
        return rng.choice((None, created + timedelta(microseconds=rng.randrange(400_000_000_000))))

    number = connection.scalar(
        insert(requests).returning(requests.c.id).values(
            channel=rng.choice(("phone", "form", "mail")), sender="referent", version=1, subject="S", description="D",
            departement=rng.choice((None, "75", "972", "974", "987", "2A")), thematique="T", niveau="2",
            motif=rng.choice("MN"), sous_motif=rng.choice("ABC"), reply_to="x@y.example", state="open",
            desk=rng.choice(("local", "national")), created_at=created, created_by="x@y.example",
            taken_at=maybe_later(), first_answer_at=maybe_later(), closed_at=maybe_later(),
            result=rng.choice((None, "Fait.")), rating=rng.choice((None, 1, 5)),
        )
    )  # fmt: skip
    steps: list[tuple[str, dict[str, Any]]] = [("open", rng.choice(({}, {"desk": "local"}, {"desk": "national"})))]
    for move in rng.choices(MOVES, k=rng.randrange(6)):
        data: dict[str, Any] = {"desk": rng.choice(("local", "national"))} if rng.random() < 0.3 else {}
        steps.append((move, data | ({"solved": rng.random() < 0.5} if move == "close" and rng.random() < 0.8 else {})))
    for move, data in rng.choice((steps, steps, steps[1:], [])):
        connection.execute(
            insert(request_events).values(
                request_id=number, at=created, by="x@y.example", move=move, text="", data=json.dumps(data)
            )
        )


def told_step_by_step(connection: Connection, number: int, channel: str) -> tuple[str | None, bool | None]:
    """The desk that answered first, and what the last closing said, as somebody reads the steps one after the other."""
    step, desk, first, solved = request_events.c, "national", None, None
    rows = connection.execute(select(step.move, step.data).where(step.request_id == number).order_by(step.id))
    for move, text in rows:
        data = json.loads(text)
        if move in {"answer", "hold_exchange", "close"} or (move == "hand_back" and channel == "phone"):
            first = first or data.get("desk", desk)
        if move == "close":
            solved = data.get("solved")
        if move == "open":
            desk = data.get("desk", "national")
        desk = {"hand_back": "local", "escalate": "national", "climb": "national"}.get(move, desk)
    return first, solved


def test_what_sql_adds_up_is_what_the_requests_one_by_one_say(engine: Engine) -> None:
    rng = random.Random(12)
    with writing(engine) as connection:
        for _ in range(150):
            invent(connection, rng)
        everything = connection.execute(select(requests)).all()
        for scope in (NOVEMBER, Scope(NOVEMBER.since, NOVEMBER.until, ("974", "75"), "2", "T")):
            found = counted_requests(connection, scope)
            asked, again = asked_requests(connection, scope), added_up(found)
            assert (Counter(zip(*astuple(asked.moments), strict=True)), asked.about, asked.ratings) == (
                Counter(zip(*astuple(again.moments), strict=True)), again.about, again.ratings,
            )  # fmt: skip
            assert (asked.written_answered, asked.answered_at_level_1) == (
                again.written_answered, again.answered_at_level_1,
            )  # fmt: skip
            assert asked_about(connection, scope) == asked.about
            assert [one.id for one in sorted(found)] == [
                row.id
                for row in everything
                if NOVEMBER.since <= row.created_at.astimezone(timezone_of(row.departement)).date() <= NOVEMBER.until
                and row.departement in (scope.departements or {None, *departements()})
            ]
            for one in found:
                first, solved = told_step_by_step(connection, one.id, one.channel)
                is_resolved = one.closed_at is not None and not one.is_withdrawn
                assert one.answered_by == ((first or one.desk) if one.first_answer_at else None)
                assert one.solved == (solved if is_resolved else None)


@pytest.mark.parametrize(
    ("who", "address", "number"),
    [("camille", "/resultats", "1"), ("sacha", "/national/demandes", "2"), ("sacha", "/resultats?departement=59", "1")],
)
def test_both_pages_show_them_beside_the_calls(tmp_path: Path, who: str, address: str, number: str) -> None:
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with house.writing() as connection:
        store(connection, TUESDAY - HOUR, "75")
        store(connection, TUESDAY - HOUR, "59")
    page = house.signed_in(f"{who}@siao.example").get(address).text
    assert f'Demandes reçues</th><td class="svi-number">{number}</td>' in page
    assert "ne s’ajoutent pas à ceux des appels" in page
    house.close()
