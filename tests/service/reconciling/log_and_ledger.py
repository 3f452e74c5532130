"""What stands in the operator's log, what webhooks told of it, and the two compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ivr.operator.twilio.log import TwilioCallLog
from ivr.operator.twilio.presented import OurLines
from records.calls.ledger import record, refold
from records.calls.listing import list_calls
from records.database import Engine, reading, writing
from records.facts import Fact, FactKind
from records.schema.tables import facts as facts_table
from routing.departements import timezone_of
from service.running.reconcile import Reconciled, reconcile
from simulator.calls.engine import SimulatedOperator
from simulator.world.log import LogEntry, LoggedRecording
from tests.service.directories import MOMENT
from tests.service.operator_api import ACCOUNT, LINE

REFERENT = "+33199007501"
LAG = timedelta(minutes=15)
OURS = frozenset({LINE, "+33806000156"})
ELSEWHERE = "+33199004444"
"""Another number of the same account, of another service."""

TRANSIT = "+33199005555"


def logged(operator: SimulatedOperator, sid: str, minutes_ago: float, *, seconds: int = 100, **more: Any) -> LogEntry:
    started = MOMENT - timedelta(minutes=minutes_ago)
    fields: dict[str, Any] = {
        "sid": sid,
        "from_": "+33639981234",
        "to": LINE,
        "direction": "inbound",
        "started_at": started,
        "status": "completed",
        "answered_at": started,
        "ended_at": started + timedelta(seconds=seconds),
    }
    operator.log.calls[sid] = call = LogEntry(**(fields | more))
    return call


def leg(operator: SimulatedOperator, sid: str, parent: LogEntry, *, seconds: int = 60) -> LogEntry:
    ago = (MOMENT - parent.started_at).total_seconds() / 60
    return logged(operator, sid, ago, seconds=seconds, to=REFERENT, direction="outbound-dial", parent_sid=parent.sid)


def compare(
    api_url: str,
    engine: Engine,
    *,
    days: float = 1,
    ours: frozenset[str] = OURS,
    transit: frozenset[str] = frozenset(),
) -> Reconciled:
    log = TwilioCallLog(ACCOUNT.sid, ACCOUNT.token, api_url, OurLines(ours, transit))
    return reconcile(log, engine, own_numbers=ours, since=MOMENT - timedelta(days=days), at=MOMENT, lag=LAG)


def rows(engine: Engine) -> dict[str, dict[str, Any]]:
    with reading(engine) as connection:
        return {row["call_id"]: row for row in list_calls(connection, timezone_of=timezone_of)}


def heard(engine: Engine, *facts: Fact) -> None:
    with writing(engine) as connection:
        touched = record(connection, facts, origin="test", at=MOMENT)
        refold(connection, touched, timezone_of=timezone_of, at=MOMENT)


def webhooks_of(call: LogEntry) -> list[Fact]:
    arrival = {"caller": call.from_, "dialled": call.to, "version": 1}
    end = {"status": call.status, "seconds": call.seconds, "caller": call.from_, "dialled": call.to}
    ended = call.ended_at or call.started_at
    return [
        Fact(call.sid, FactKind.ARRIVED, 1, call.started_at, data=arrival),
        Fact(call.sid, FactKind.ENDED, 0, ended, data=end),
    ]


def recorded(operator: SimulatedOperator, sid: str, call: str, *, minutes_ago: float = 29, **more: Any) -> None:
    made = MOMENT - timedelta(minutes=minutes_ago)
    operator.log.recordings[sid] = LoggedRecording(sid, call, made, **({"seconds": 12} | more))


def recordings_told(engine: Engine) -> list[tuple[str, int, str]]:
    with reading(engine) as connection:
        wanted = facts_table.c.kind == str(FactKind.RECORDING_READY)
        found = connection.execute(facts_table.select().where(wanted).order_by(facts_table.c.id))
        return [(row.who, row.n, row.source) for row in found]
