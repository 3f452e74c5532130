"""Heavy work as rows: asked for, taken by a process, kept alive, ended; its files in pieces beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select, text, update

from records.schema.job_tables import heavy_files, heavy_work
from records.working.asked import (
    KEPT_FOR,
    MOST_TRIES,
    MOST_WAITING,
    SENT_KEPT_FOR,
    UNFINISHED,
    HeavyWork,
    HouseFull,
    UnderWay,
    WorkState,
    next_to_do,
)
from records.working.turns import LEASE

SENT, MADE = "sent", "made"
"""The roles of a work's files."""
PIECE = 1 << 20
"""Bytes of a piece: what a row holds, and what a process has in memory."""
FULL = "Trop de travaux longs attendent déjà leur tour. Réessayez dans quelques minutes : rien n’a été commencé."
ONE_AT_A_TIME = "Un de vos travaux longs est déjà en cours : attendez qu’il soit fini pour en demander un autre."
INTERRUPTED = "Le travail s’est interrompu trois fois : demandez moins à la fois, ou prévenez l’administrateur."

_c = heavy_work.c
_unfinished = _c.state.in_([str(state) for state in UNFINISHED])


def _work(row: Any) -> HeavyWork:
    return HeavyWork(
        row.id, row.kind, row.account, json.loads(row.parameters), row.asked_at, WorkState(row.state), row.tries,
        row.holder, row.leased_until, row.started_at, row.progress, row.total, row.ended_at,
        json.loads(row.result or "{}"), row.size, row.error,
    )  # fmt: skip


def _alone(connection: Connection) -> None:
    """Until the transaction ends nobody else asks for, or takes, a work (SQLite's writers are alone already)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(12, 1)"))


def ask(connection: Connection, kind: str, parameters: Mapping[str, Any], *, account: str, at: datetime) -> int:
    """The number of the work that was asked for; the same one while it is under way.

    One at a time for an account (UnderWay names the other), and so many for all (HouseFull).
    """
    _alone(connection)
    waiting = [_work(row) for row in connection.execute(select(heavy_work).where(_unfinished))]
    mine = [one for one in waiting if one.account == account]
    for one in mine:
        if (one.kind, one.parameters) == (kind, parameters):
            return one.id
        raise UnderWay(ONE_AT_A_TIME, one)
    if len(waiting) >= MOST_WAITING:
        raise HouseFull(FULL)
    values = {
        "kind": kind, "account": account, "parameters": json.dumps(parameters, sort_keys=True), "asked_at": at,
        "state": WorkState.WAITING, "tries": 0, "progress": 0,
    }  # fmt: skip
    return int(connection.execute(insert(heavy_work).values(**values).returning(_c.id)).scalar_one())


def one(connection: Connection, number: int) -> HeavyWork | None:
    """One of them; None when it is gone."""
    row = connection.execute(select(heavy_work).where(_c.id == number)).one_or_none()
    return None if row is None else _work(row)


def of_account(connection: Connection, account: str, kind: str) -> list[HeavyWork]:
    """What this account asked for of one kind, newest first."""
    query = select(heavy_work).where(_c.account == account, _c.kind == kind).order_by(_c.id.desc())
    return [_work(row) for row in connection.execute(query)]


def before(connection: Connection, work: HeavyWork) -> int:
    """How many wait or are done that were asked for earlier."""
    query = select(func.count()).select_from(heavy_work).where(_unfinished, _c.id < work.id)
    return int(connection.scalar(query) or 0)


def is_wanted(connection: Connection, now: datetime) -> bool:
    """Whether a work waits for a process: asked without a lock, for it is asked often."""
    return (
        next_to_do([_work(row) for row in connection.execute(select(heavy_work).where(_unfinished))], now) is not None
    )


def take_next(connection: Connection, holder: str, now: datetime) -> HeavyWork | None:
    """The work that this process does now, taken for it; None when none waits.

    One whose process was silent is begun again, three times at most.
    """
    _alone(connection)
    unfinished = [_work(row) for row in connection.execute(select(heavy_work).where(_unfinished))]
    while found := next_to_do(unfinished, now):
        if found.tries < MOST_TRIES:
            break
        _end(connection, found.id, now, state=WorkState.FAILED, error=INTERRUPTED)
        unfinished.remove(found)
    if found is None:
        return None
    values = {
        "state": WorkState.UNDER_WAY, "holder": holder, "leased_until": now + LEASE, "started_at": now,
        "tries": _c.tries + 1, "progress": 0, "total": None,
    }  # fmt: skip
    connection.execute(update(heavy_work).where(_c.id == found.id).values(**values))
    forget_file(connection, found.id, MADE)
    return one(connection, found.id)


def _of(number: int, holder: str) -> ColumnElement[bool]:
    return and_(_c.id == number, _c.holder == holder, _c.state == WorkState.UNDER_WAY)


def renew(connection: Connection, number: int, holder: str, now: datetime) -> bool:
    """A sign of life; False when the work is no more this holder's."""
    done = connection.execute(update(heavy_work).where(_of(number, holder)).values(leased_until=now + LEASE))
    return bool(done.rowcount)


def tell(connection: Connection, number: int, holder: str, *, progress: int, total: int | None) -> None:
    """How far it is."""
    connection.execute(update(heavy_work).where(_of(number, holder)).values(progress=progress, total=total))


def release(connection: Connection, number: int, holder: str) -> None:
    """Its process stops because it was told to: somebody else begins it, and this was no try."""
    values = {"state": WorkState.WAITING, "holder": None, "leased_until": None, "tries": _c.tries - 1}
    connection.execute(update(heavy_work).where(_of(number, holder)).values(**values))


def drop(connection: Connection, number: int, holder: str, now: datetime) -> None:
    """Its process died: it may be taken up at once, by whoever comes first."""
    connection.execute(update(heavy_work).where(_of(number, holder)).values(leased_until=now))


def finish(
    connection: Connection, number: int, holder: str, now: datetime, *, result: Mapping[str, Any], size: int | None
) -> bool:  # fmt: skip
    """It is done; False when it is no more this holder's, and nothing he made is kept."""
    values = {"state": WorkState.DONE, "ended_at": now, "result": json.dumps(result), "size": size}
    return bool(connection.execute(update(heavy_work).where(_of(number, holder)).values(**values)).rowcount)


def fail(connection: Connection, number: int, holder: str, now: datetime, error: str) -> None:
    """It cannot be done; the French reason."""
    if connection.scalar(select(_c.id).where(_of(number, holder))) is not None:
        _end(connection, number, now, state=WorkState.FAILED, error=error)


def _end(connection: Connection, number: int, now: datetime, *, state: WorkState, error: str) -> None:
    connection.execute(update(heavy_work).where(_c.id == number).values(state=state, ended_at=now, error=error))
    forget_file(connection, number, MADE)


# ---------------------------------------------------------------- files


def add_piece(connection: Connection, number: int, role: str, piece: int, content: bytes) -> None:
    """The next piece of a file, numbered from 0."""
    connection.execute(insert(heavy_files).values(work=number, role=role, piece=piece, content=content))


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces."""
    while piece := file.read(PIECE):
        yield piece


def piece_of(connection: Connection, number: int, role: str, piece: int) -> bytes | None:
    """One piece of a file; None after the last."""
    c = heavy_files.c
    found: bytes | None = connection.scalar(
        select(c.content).where(c.work == number, c.role == role, c.piece == piece)
    )  # fmt: skip
    return found


def file_of(connection: Connection, number: int, role: str) -> bytes:
    """A whole file; empty when it is gone."""
    c = heavy_files.c
    return b"".join(
        connection.scalars(select(c.content).where(c.work == number, c.role == role).order_by(c.piece))
    )  # fmt: skip


def has_file(connection: Connection, number: int, role: str) -> bool:
    """Whether the file is there."""
    c = heavy_files.c
    return connection.scalar(select(c.piece).where(c.work == number, c.role == role, c.piece == 0)) is not None


def forget_file(connection: Connection, number: int, role: str) -> None:
    """Delete it."""
    c = heavy_files.c
    connection.execute(delete(heavy_files).where(c.work == number, c.role == role))


# ---------------------------------------------------------------- forgetting


def forget_old(connection: Connection, now: datetime) -> None:
    """Forget what ended some days ago, with its files; and what was sent, a day after it came, unless it waits."""
    _forget(connection, _c.ended_at < now - KEPT_FOR)
    old = select(_c.id).where(_c.asked_at < now - SENT_KEPT_FOR, ~_unfinished)
    c = heavy_files.c
    connection.execute(delete(heavy_files).where(c.role == SENT, c.work.in_(old), c.work.not_in(_read_by(connection))))
    connection.execute(delete(heavy_files).where(c.work.not_in(select(_c.id))))


def _read_by(connection: Connection) -> list[int]:
    """The works whose file another one reads that is not ended."""
    rows = connection.scalars(select(_c.parameters).where(_unfinished))
    return [int(said["file"]) for said in map(json.loads, rows) if said.get("file")]


def forget_with_numbers(connection: Connection) -> None:
    """Forget results in which whole telephone numbers stand, and what was sent; what is under way is begun again.

    France's workbook has no whole number in it; every other file may have.
    """
    with_numbers = or_(_c.kind != "workbook", _c.parameters.not_like('%"departement": null%'))
    _forget(connection, and_(~_unfinished, with_numbers))
    again = {"state": WorkState.WAITING, "holder": None, "leased_until": None}
    workbooks = and_(_c.state == WorkState.UNDER_WAY, _c.kind == "workbook", with_numbers)
    connection.execute(update(heavy_work).where(workbooks).values(**again))


def _forget(connection: Connection, which: ColumnElement[bool]) -> None:
    gone: Iterable[int] = list(connection.scalars(delete(heavy_work).where(which).returning(_c.id)))
    connection.execute(delete(heavy_files).where(heavy_files.c.work.in_(gone)))


def take_your_time(connection: Connection) -> None:
    """No limit for this transaction: it reads calls for as long as a file is written."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
