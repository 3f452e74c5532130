"""The log is the whole account's: other numbers' calls, pages and errors, and callers behind a carrier's number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from records.database import Engine, writing
from records.schema.desk_tables import qualifications
from service.running.reconcile import Reconciled
from simulator.calls.engine import SimulatedOperator
from tests.service.directories import MOMENT
from tests.service.operator_api import LINE
from tests.service.reconciling.log_and_ledger import (
    ELSEWHERE,
    OURS,
    TRANSIT,
    compare,
    heard,
    leg,
    logged,
    rows,
    webhooks_of,
)


def busy_account(operator: SimulatedOperator) -> None:
    """An account that serves others too: their calls with long legs, and calls made by programs, to us as well."""
    for number in range(3):
        stranger = logged(operator, f"CAstranger{number}", 40 + number, seconds=900, to=ELSEWHERE)
        leg(operator, f"CAstrangerleg{number}", stranger, seconds=880)
    reminder = logged(operator, "CAprogram", 35, seconds=880, from_=ELSEWHERE, to=LINE, direction="outbound-api")
    leg(operator, "CAprogramleg", reminder, seconds=870)
    logged(operator, "CAtrunk", 36, to=LINE, direction="trunking-originating")


def test_calls_to_other_numbers_of_the_account_are_nobodys_of_ours(
    operator: SimulatedOperator, api_url: str, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """A stranger's 880 seconds would raise the mean of somebody who never heard of him."""
    busy_account(operator)
    leg(operator, "CAourleg", logged(operator, "CAours", 30), seconds=60)
    with caplog.at_level("INFO"):
        assert compare(api_url, engine) == Reconciled(1, ("CAours",), left_out=3)
    assert "3 appels à d’autres numéros" in caplog.text
    assert set(rows(engine)) == {"CAours"}
    assert rows(engine)["CAours"]["talk_seconds"] == 60


@pytest.mark.parametrize("to", ["+33199001235", f"sip:{LINE}@svi.example;user=phone", "sips:0199000000@svi.example"])
def test_a_call_to_any_of_our_numbers_is_ours_however_it_is_written(
    operator: SimulatedOperator, api_url: str, engine: Engine, to: str
) -> None:
    logged(operator, "CAlost", 30, to=to)
    assert compare(api_url, engine, ours=OURS | {"+33199001235"}).repaired == ("CAlost",)


def test_a_call_whose_webhook_came_to_us_is_ours_though_its_number_is_not_listed(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    heard(engine, webhooks_of(logged(operator, "CAopen", 30, to=ELSEWHERE))[0])
    assert compare(api_url, engine) == Reconciled(1, ("CAopen",))
    assert rows(engine)["CAopen"]["outcome"] == "abandoned_menu"


def test_what_an_earlier_comparison_took_from_other_numbers_is_taken_back(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """But neither what a webhook told nor what somebody has qualified."""
    busy_account(operator)
    heard(engine, webhooks_of(logged(operator, "CAheard", 30, to=ELSEWHERE))[0])
    compare(api_url, engine, ours=OURS | {ELSEWHERE})
    assert set(rows(engine)) == {"CAheard", "CAstranger0", "CAstranger1", "CAstranger2"}
    words = dict.fromkeys(("thematique", "motif", "sous_motif", "niveau", "comment", "by"), "")
    with writing(engine) as connection:
        qualified = words | {"call_id": "CAstranger2", "resolved": True, "escalated": False, "version": 1, "at": MOMENT}
        connection.execute(qualifications.insert().values(qualified))
    taken_back = ("CAstranger0", "CAstranger1")
    assert compare(api_url, engine) == Reconciled(1, (), left_out=3, withdrawn=taken_back)
    assert set(rows(engine)) == {"CAheard", "CAstranger2"}
    assert compare(api_url, engine).withdrawn == ()


def test_other_numbers_fill_pages_and_ours_are_found_among_them(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    for number in range(2100):
        logged(operator, f"CAother{number:04}", 100 + number / 10, to=ELSEWHERE)
    ours = [logged(operator, f"CAours{number}", ago).sid for number, ago in enumerate((50, 150, 250, 350))]
    assert compare(api_url, engine) == Reconciled(4, tuple(sorted(ours, reverse=True)), left_out=2100)
    assert {row["outcome"] for row in rows(engine).values()} == {"missed"}


def test_a_caller_behind_a_carriers_number_is_the_same_in_the_log_as_in_the_webhook(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CAhidden", 30, from_=TRANSIT)
    logged(operator, "CApassed", 31, from_=TRANSIT, forwarded_from="0692123456")
    logged(operator, "CAtrunk", 32, from_=f"sip:{TRANSIT}@sbc.example", forwarded_from=LINE)
    logged(operator, "CAplain", 33, forwarded_from="+33639985678")
    compare(api_url, engine, transit=frozenset({TRANSIT}))
    assert {call: row["caller"] for call, row in rows(engine).items()} == {
        "CAhidden": None,
        "CApassed": "+262692123456",
        "CAtrunk": None,
        "CAplain": "+33639981234",
    }
    assert compare(api_url, engine, transit=frozenset({TRANSIT})).repaired == ()


def test_a_call_told_whole_whose_caller_only_a_header_named_is_left_alone(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """The log has no headers: it knows less than the webhook, and does not contradict it."""
    heard(engine, *webhooks_of(replace(logged(operator, "CAheader", 30, from_=TRANSIT), from_="+33639981234")))
    assert compare(api_url, engine, transit=frozenset({TRANSIT})) == Reconciled(1, ())
    assert rows(engine)["CAheader"]["caller"] == "+33639981234"
