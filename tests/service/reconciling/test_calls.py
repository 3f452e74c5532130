"""What webhooks lost is filled in from the operator's own log, over real HTTP, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.twilio.log import TwilioCallLog
from records.database import Engine, writing
from records.schema.tables import calls, tombstones
from service.running.reconcile import Reconciled
from simulator.calls.engine import SimulatedOperator
from tests.service.directories import MOMENT
from tests.service.operator_api import ACCOUNT
from tests.service.reconciling.log_and_ledger import (
    REFERENT,
    compare,
    heard,
    leg,
    logged,
    rows,
    webhooks_of,
)


def test_a_call_that_no_webhook_told_is_filled_in_and_marked(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CAlost", 30)
    assert compare(api_url, engine) == Reconciled(1, ("CAlost",))
    row = rows(engine)["CAlost"]
    assert (row["source"], row["outcome"], row["total_seconds"]) == ("reconciliation", "missed", 100)
    assert row["caller"] == "+33639981234"


def test_reconciling_twice_repairs_once(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    leg(operator, "CAleg", logged(operator, "CAlost", 30))
    assert compare(api_url, engine).repaired == ("CAlost",)
    before = rows(engine)
    assert compare(api_url, engine).repaired == ()
    assert rows(engine) == before


def test_a_call_that_webhooks_told_whole_is_left_alone(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    heard(engine, *webhooks_of(logged(operator, "CAfine", 30)))
    assert compare(api_url, engine) == Reconciled(1, ())
    assert rows(engine)["CAfine"]["source"] == "webhook"


def test_a_lost_end_is_repaired(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    heard(engine, webhooks_of(logged(operator, "CAopen", 30))[0])
    assert rows(engine)["CAopen"]["outcome"] == "in_progress"
    assert compare(api_url, engine).repaired == ("CAopen",)
    row = rows(engine)["CAopen"]
    assert (row["outcome"], row["total_seconds"], row["source"]) == ("abandoned_menu", 100, "webhook")


def test_a_leg_that_no_webhook_told_is_repaired(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    call = logged(operator, "CAlegless", 30)
    heard(engine, *webhooks_of(call))
    leg(operator, "CAleg", call)
    assert compare(api_url, engine).repaired == ("CAlegless",)


def test_a_different_duration_is_noticed(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    call = logged(operator, "CAlonger", 30)
    heard(engine, *(webhooks_of(call)))
    operator.log.calls["CAlonger"] = replace(call, ended_at=call.started_at + timedelta(seconds=130))
    assert compare(api_url, engine).repaired == ("CAlonger",)


def test_a_call_that_has_just_ended_waits_for_its_webhooks(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    logged(operator, "CArecent", 14)
    assert compare(api_url, engine) == Reconciled(0, ())


def test_a_call_under_way_is_not_touched(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    logged(operator, "CAtalking", 60, status="in-progress", ended_at=None)
    assert compare(api_url, engine) == Reconciled(0, ())


def test_an_erased_call_does_not_come_back(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    logged(operator, "CAerased", 30)
    with writing(engine) as connection:
        connection.execute(tombstones.insert().values(call_id="CAerased", erased_at=MOMENT))
    assert compare(api_url, engine).repaired == ()
    assert rows(engine) == {}


def test_a_withheld_caller_stays_withheld(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    logged(operator, "CAmasked", 30, from_="+266696687")
    compare(api_url, engine)
    assert rows(engine)["CAmasked"]["caller"] is None


def test_every_page_of_the_log_is_read(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    """A thousand legs fill the first page; the call itself stands on the second."""
    call = logged(operator, "CAbig", 700)
    for number in range(1000):
        logged(operator, f"CAleg{number:04}", 600, direction="outbound-dial", parent_sid="CAother", to=REFERENT)
    leg(operator, "CAlast", call)
    assert compare(api_url, engine).repaired == ("CAbig",)
    assert len(rows(engine)["CAbig"]["attempts"]) == 1


def test_calls_before_the_asked_moment_are_left_out(operator: SimulatedOperator, api_url: str, engine: Engine) -> None:
    """The operator filters by whole UTC days: the moment is looked at here."""
    logged(operator, "CAearlier", 24 * 60 + 5)
    logged(operator, "CAlater", 24 * 60 - 5)
    assert compare(api_url, engine).repaired == ("CAlater",)


def test_an_operator_that_refuses_us_is_said_in_french(api_url: str) -> None:
    with pytest.raises(OperatorUnavailable, match="comme attendu"):
        list(TwilioCallLog(ACCOUNT.sid, "another token", api_url).ended_since(MOMENT))


def test_an_operator_that_is_away_is_said_in_french() -> None:
    log = TwilioCallLog(ACCOUNT.sid, ACCOUNT.token, "http://127.0.0.1:9")
    with pytest.raises(OperatorUnavailable, match="n’a pas répondu"):
        list(log.ended_since(MOMENT))


def test_a_row_that_is_not_what_its_facts_say_is_mended_and_told(
    operator: SimulatedOperator, api_url: str, engine: Engine
) -> None:
    """Nothing is missing in the ledger: the row was folded from a part of it."""
    heard(engine, *webhooks_of(logged(operator, "CAfine", 30)), *webhooks_of(logged(operator, "CAstale", 40)))
    with writing(engine) as connection:
        connection.execute(calls.update().where(calls.c.call_id == "CAstale").values(outcome="in_progress"))
    found = compare(api_url, engine)
    assert (found.repaired, found.mended) == ((), ("CAstale",))
    assert rows(engine)["CAstale"]["outcome"] == "abandoned_menu"
    assert compare(api_url, engine).mended == ()
