"""Facts that a webhook tells the database first, and the fold of their calls, which the clerk does a moment later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from records.calls.ledger import AT_ONCE, Fingerprint, TimezoneOf, lock_calls, no_fingerprint, record, refold
from records.database import Engine, reading, writing
from records.facts import CallRow, Fact
from records.schema.ledger_tables import told_calls
from records.schema.migrations import check_may_write

ORIGIN = "webhook"


def tell(engine: Engine, heard: Sequence[Fact], at: datetime) -> None:
    """Keep the facts, once, and say that their calls are to be folded; raises what the database raises.

    NewerDatabase, with nothing written, where this version must not write any more.
    """
    with writing(engine) as connection:
        check_may_write(connection)
        touched = record(connection, heard, origin=ORIGIN, at=at)
        if touched:
            connection.execute(insert(told_calls), [{"call_id": call_id} for call_id in sorted(touched)])


def answers(engine: Engine) -> bool:
    """Whether the database answers and this version may write there; raises what it raises when it does not."""
    with reading(engine) as connection:
        check_may_write(connection)
        connection.execute(select(told_calls.c.id).limit(1)).all()
    return True


def fold_told(
    engine: Engine, *, timezone_of: TimezoneOf, at: datetime, fingerprint: Fingerprint = no_fingerprint
) -> list[CallRow]:
    """Fold the calls that the database was told of, some hundreds, and return their rows; none when all are folded.

    Several machines share the work: what one has taken the others leave.
    """
    query = select(told_calls.c.id, told_calls.c.call_id).order_by(told_calls.c.id).limit(AT_ONCE)
    with reading(engine) as connection:
        if not connection.execute(query.limit(1)).all():
            return []
    with writing(engine) as connection:
        told = connection.execute(query.with_for_update(skip_locked=True)).all()
        call_ids = {one.call_id for one in told}
        lock_calls(connection, call_ids)
        rows = refold(connection, call_ids, timezone_of=timezone_of, at=at, fingerprint=fingerprint)
        connection.execute(delete(told_calls).where(told_calls.c.id.in_([one.id for one in told])))
    return rows
