"""Messages and callbacks as rows: who must be told, which audio is still to come or to go, what the desk shows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Update, and_, exists, or_, select, update

from records.facts import NATIONAL, Attempt, FactKind
from records.outbox import Owed, Thing, bring_forward, owe
from records.schema.tables import calls, deliveries, desk_tasks, facts, tombstones
from voicemail.notices import Task, TaskKind

SETTLED = timedelta(minutes=15)
"""A callback is told of when its call has ended, or is this old: the number may still be corrected before."""

ONE_MAIL = timedelta(hours=1)
"""Requests of one number to one desk within this time are one mail."""


class AudioState(StrEnum):
    """What is known of a message's audio."""

    KEPT = "kept"
    ERASED = "erased"
    SILENT = "silent"


# ---------------------------------------------------------------- tasks


_TASK = select(
    desk_tasks.c.call_id,
    desk_tasks.c.kind,
    desk_tasks.c.departement,
    desk_tasks.c.created_at,
    calls.c.message_seconds,
    calls.c.callback_number,
    calls.c.recording,
).join_from(desk_tasks, calls, calls.c.call_id == desk_tasks.c.call_id)


def _task(row: Any) -> Task:
    number = row.callback_number if row.kind == TaskKind.CALLBACK else None
    return Task(row.call_id, TaskKind(row.kind), row.departement, row.created_at, row.message_seconds, number)


def tasks_to_tell(connection: Connection, at: datetime, kept_for: timedelta) -> list[Task]:
    """The open tasks of which nobody was told yet; a callback only when its call is over."""
    told = exists().where(deliveries.c.dedupe_key == "told:" + desk_tasks.c.kind + ":" + desk_tasks.c.call_id)
    is_over = or_(
        desk_tasks.c.kind != str(TaskKind.CALLBACK), calls.c.ended_at.isnot(None), calls.c.started_at < at - SETTLED
    )
    is_heard = desk_tasks.c.audio_state.is_distinct_from(str(AudioState.SILENT))
    wanted = and_(desk_tasks.c.handled_at.is_(None), desk_tasks.c.created_at > at - kept_for, is_over, is_heard, ~told)
    return [_task(row) for row in connection.execute(_TASK.where(wanted).order_by(desk_tasks.c.created_at).limit(500))]


def owe_notices(connection: Connection, task: Task, recipients: Iterable[str], at: datetime) -> None:
    """Put one mail for each reader in the outbox, and remember that this task was told of.

    Whoever asks again within the hour to be called back is in the mail of his first request, while that one waits.
    """
    name = _name(task)
    first = _asked_before(connection, task)
    if not owe(connection, Thing(Owed.NOTICE, f"told:{name}", first or name), at, is_done=True) or first:
        return
    for recipient in recipients:
        reader = sha256(recipient.casefold().encode()).hexdigest()[:16]
        owe(connection, Thing(Owed.NOTICE, f"{Owed.NOTICE}:{name}:{reader}", name, recipient), at)


def _name(task: Task) -> str:
    return f"{task.kind}:{task.call_id}"


def _asked_before(connection: Connection, task: Task) -> str | None:
    """The task in whose mail this callback is told of: same desk, same number, open, at most an hour away."""
    if task.kind is not TaskKind.CALLBACK or task.number is None:
        return None
    wanted = (
        desk_tasks.c.kind == str(TaskKind.CALLBACK),
        desk_tasks.c.departement == task.departement,
        desk_tasks.c.handled_at.is_(None),
        desk_tasks.c.created_at > task.created_at - ONE_MAIL,
        desk_tasks.c.created_at < task.created_at + ONE_MAIL,
        calls.c.callback_number == task.number,
        exists().where(  # a mail of its own was owed: those told of in another's mail begin no hour
            deliveries.c.dedupe_key == "told:" + desk_tasks.c.kind + ":" + desk_tasks.c.call_id,
            deliveries.c.reference == desk_tasks.c.kind + ":" + desk_tasks.c.call_id,
        ),
    )
    row = connection.execute(_TASK.where(*wanted).order_by(desk_tasks.c.created_at).limit(1)).first()
    return None if row is None else _name(_task(row))


def task_told_by(connection: Connection, reference: str) -> Task | None:
    """The oldest task of a mail that still waits; None when all were handled, erased, or are no more asked for."""
    told = exists().where(
        deliveries.c.dedupe_key == "told:" + desk_tasks.c.kind + ":" + desk_tasks.c.call_id,
        deliveries.c.reference == reference,
    )
    row = connection.execute(
        _TASK.where(told, desk_tasks.c.handled_at.is_(None)).order_by(desk_tasks.c.created_at).limit(1)
    ).first()
    return None if row is None else _task(row)


def open_tasks(connection: Connection) -> list[Task]:
    """Every task that nobody has handled, oldest first."""
    wanted = (desk_tasks.c.handled_at.is_(None), desk_tasks.c.deleted_at.is_(None))
    return [_task(row) for row in connection.execute(_TASK.where(*wanted).order_by(desk_tasks.c.created_at))]


# ---------------------------------------------------------------- audio


def owe_audio(connection: Connection, at: datetime) -> None:
    """Put in the outbox the audio of each message that is not here yet."""
    wanted = and_(
        desk_tasks.c.kind == str(TaskKind.MESSAGE), desk_tasks.c.audio_state.is_(None), calls.c.recording.isnot(None)
    )
    for row in connection.execute(_TASK.where(wanted).limit(500)).all():
        owe(connection, Thing(Owed.AUDIO, f"{Owed.AUDIO}:{row.recording}", row.call_id), at)


def owe_forgetting(connection: Connection, at: datetime, since: datetime) -> None:
    """Put in the outbox the deletion of each recording told of since then that is no message: it was too short."""
    ready = and_(facts.c.kind == str(FactKind.RECORDING_READY), facts.c.at > since, facts.c.at < at - SETTLED)
    is_message = exists().where(
        desk_tasks.c.call_id == facts.c.call,
        desk_tasks.c.kind == str(TaskKind.MESSAGE),
        calls.c.call_id == facts.c.call,
        calls.c.recording == facts.c.who,
    )
    for recording in connection.scalars(select(facts.c.who).where(ready, ~is_message)).all():
        owe_forgotten(connection, recording, at)


def owe_forgotten(connection: Connection, recording: str, at: datetime, *, due: datetime | None = None) -> None:
    """Put the deletion of one recording at the operator in the outbox; at once, even if it was for later, or `due`."""
    owe(connection, Thing(Owed.FORGET, f"{Owed.FORGET}:{recording}", recording), at, due=due)
    if due is None:
        bring_forward(connection, Owed.FORGET, recording, at)


def still_owed(connection: Connection, recordings: Collection[str]) -> int:
    """How many of these recordings are still to be deleted at the operator."""
    owed = (
        deliveries.c.kind == str(Owed.FORGET),
        deliveries.c.reference.in_(recordings),
        deliveries.c.done_at.is_(None),
    )
    return len(connection.scalars(select(deliveries.c.id).where(*owed)).all())


@dataclass(frozen=True, slots=True)
class Audio:
    """What is known of a message's audio: the operator's id, how long it should last, the file once it is kept.

    `left_at`: when the caller left the message.
    """

    call_id: str
    recording: str | None
    seconds: int | None
    file: str | None
    left_at: datetime


_AUDIO = select(
    desk_tasks.c.call_id, calls.c.recording, calls.c.message_seconds, desk_tasks.c.audio_file, desk_tasks.c.created_at
).join_from(desk_tasks, calls, calls.c.call_id == desk_tasks.c.call_id, isouter=True)


def audio_of(connection: Connection, call_id: str) -> Audio | None:
    """The audio of a call's message, None when there is no message or its audio was erased."""
    wanted = (
        desk_tasks.c.call_id == call_id,
        desk_tasks.c.kind == str(TaskKind.MESSAGE),
        desk_tasks.c.deleted_at.is_(None),
    )
    row = connection.execute(_AUDIO.where(*wanted)).first()
    return None if row is None else _shortest(connection, Audio(*row))


def _shortest(connection: Connection, audio: Audio) -> Audio:
    """The audio, with the shortest duration that was told of it: where two disagree, the longer one proves nothing."""
    ready = (facts.c.kind == str(FactKind.RECORDING_READY), facts.c.who == audio.recording)
    told = connection.scalars(select(facts.c.data).where(facts.c.call == audio.call_id, *ready))
    lasted = [audio.seconds, *(json.loads(data).get("seconds") for data in told)]
    return replace(audio, seconds=min((one for one in lasted if one is not None), default=None))


def keep_audio(connection: Connection, call_id: str, file: str, at: datetime) -> bool:
    """A message's audio is here, in that file; False when it was erased meanwhile."""
    kept = {"audio_file": file, "audio_state": str(AudioState.KEPT), "fetched_at": at}
    still_there = _of_messages([call_id]).where(desk_tasks.c.deleted_at.is_(None))
    return bool(connection.execute(still_there.values(kept)).rowcount)


def fetched_since(connection: Connection, since: datetime) -> list[Audio]:
    """The messages whose audio was kept since then."""
    wanted = (desk_tasks.c.audio_state == str(AudioState.KEPT), desk_tasks.c.fetched_at > since)
    return [Audio(*row) for row in connection.execute(_AUDIO.where(*wanted))]


def seek_again(connection: Connection, audio: Audio, at: datetime) -> None:
    """The file of a message is lost: it is not here any more, and is asked for again."""
    lost = _of_messages([audio.call_id]).where(desk_tasks.c.audio_file == audio.file)
    connection.execute(lost.values(audio_file=None, audio_state=None, fetched_at=None))
    again = {"done_at": None, "next_try_at": at, "tries": 0, "error": None}
    of_it = (deliveries.c.dedupe_key == f"{Owed.AUDIO}:{audio.recording}", deliveries.c.done_at.isnot(None))
    connection.execute(update(deliveries).where(*of_it).values(again))


def all_kept(connection: Connection) -> list[Audio]:
    """Every message that has its audio."""
    return [Audio(*row) for row in connection.execute(_AUDIO.where(desk_tasks.c.audio_file.isnot(None)))]


def rename_audio(connection: Connection, audio: Audio, name: str) -> bool:
    """Whether the audio that was in one file is said to be in another."""
    this = _of_messages([audio.call_id]).where(desk_tasks.c.audio_file == audio.file)
    return bool(connection.execute(this.values(audio_file=name)).rowcount)


def without_audio(connection: Connection, call_ids: Collection[str]) -> set[str]:
    """Those of these calls whose audio must be nowhere: their message or their number was erased."""
    some = sorted(call_ids)
    erased = select(desk_tasks.c.call_id).where(desk_tasks.c.call_id.in_(some), desk_tasks.c.deleted_at.isnot(None))
    forgotten = select(tombstones.c.call_id).where(tombstones.c.call_id.in_(some))
    return {*connection.scalars(erased), *connection.scalars(forgotten)}


def drop_audio(connection: Connection, call_id: str) -> None:
    """A message's audio holds nothing: its task goes away when its call is folded again."""
    connection.execute(_of_messages([call_id]).values(audio_state=str(AudioState.SILENT)))


def audio_before(connection: Connection, before: datetime) -> list[Audio]:
    """The messages that came before, whose audio was not erased yet."""
    wanted = (
        desk_tasks.c.kind == str(TaskKind.MESSAGE), desk_tasks.c.created_at < before, desk_tasks.c.deleted_at.is_(None)
    )  # fmt: skip
    return [Audio(*row) for row in connection.execute(_AUDIO.where(*wanted).limit(1000))]


def audio_of_erased(connection: Connection) -> list[Audio]:
    """The messages of calls that were erased, whose audio came in afterwards."""
    is_erased = exists().where(tombstones.c.call_id == desk_tasks.c.call_id)
    wanted = (desk_tasks.c.kind == str(TaskKind.MESSAGE), desk_tasks.c.deleted_at.is_(None), is_erased)
    return [Audio(*row) for row in connection.execute(_AUDIO.where(*wanted).limit(1000))]


def erase_audio(connection: Connection, call_ids: Collection[str], at: datetime) -> None:
    """The audio of these messages is no more; what was owed for it is no more either."""
    erased = {"audio_file": None, "audio_state": str(AudioState.ERASED), "deleted_at": at}
    connection.execute(_of_messages(call_ids).values(erased))
    owed = (deliveries.c.kind == str(Owed.AUDIO), deliveries.c.reference.in_(call_ids), deliveries.c.done_at.is_(None))
    connection.execute(update(deliveries).where(*owed).values(done_at=at, next_try_at=None, error="erased"))


def _of_messages(call_ids: Collection[str]) -> Update:
    wanted = (desk_tasks.c.call_id.in_(call_ids), desk_tasks.c.kind == str(TaskKind.MESSAGE))
    return update(desk_tasks).where(*wanted)


# ---------------------------------------------------------------- what the bulletin tells


def attempts_since(connection: Connection, since: datetime) -> list[Attempt]:
    """Everybody rung in the calls begun since then, in the order rung."""
    found = select(calls.c.attempts).where(calls.c.started_at > since, calls.c.attempts != "[]")
    rows = connection.scalars(found.order_by(calls.c.started_at))
    return [Attempt(**one) for attempts in rows for one in json.loads(attempts)]


def led_out_since(connection: Connection, since: datetime) -> list[tuple[str, str]]:
    """The desk called and the reason of each call that a limit kept from ringing since then; a reason counts once."""
    query = select(calls.c.call_id, calls.c.departement, facts.c.data).distinct()
    wanted = (calls.c.call_id == facts.c.call, facts.c.kind == str(FactKind.LED_OUT), facts.c.at > since)
    found = connection.execute(query.where(*wanted))
    return [(departement or NATIONAL, str(json.loads(data).get("why"))) for _, departement, data in found]


# ---------------------------------------------------------------- the desk's pages


@dataclass(frozen=True, slots=True)
class DeskTask:
    """A task as the desk shows it. `number`: whom to call back; `caller`: who called, None when withheld."""

    call_id: str
    kind: TaskKind
    departement: str
    created_at: datetime
    seconds: int | None
    number: str | None
    caller: str | None
    file: str | None
    is_erased: bool
    handled_at: datetime | None
    handled_by: str | None


_DESK_TASK = select(
    desk_tasks.c.call_id,
    desk_tasks.c.kind,
    desk_tasks.c.departement,
    desk_tasks.c.created_at,
    calls.c.message_seconds,
    calls.c.callback_number,
    calls.c.caller,
    desk_tasks.c.audio_file,
    desk_tasks.c.deleted_at.isnot(None).label("is_erased"),
    desk_tasks.c.handled_at,
    desk_tasks.c.handled_by,
).join_from(desk_tasks, calls, calls.c.call_id == desk_tasks.c.call_id)


def waiting_tasks(connection: Connection, kind: TaskKind, desks: Collection[str] | None, limit: int) -> list[DeskTask]:
    """The tasks of these desks (None: all of them) that nobody has handled, oldest first."""
    wanted = [desk_tasks.c.kind == str(kind), desk_tasks.c.handled_at.is_(None)]
    if desks is not None:
        wanted.append(desk_tasks.c.departement.in_(desks))
    query = _DESK_TASK.where(*wanted).order_by(desk_tasks.c.created_at, desk_tasks.c.call_id).limit(limit)
    return [_desk_task(row) for row in connection.execute(query)]


def handled_tasks(connection: Connection, kind: TaskKind, desks: Collection[str], limit: int) -> list[DeskTask]:
    """The tasks of these desks that were handled last."""
    wanted = (desk_tasks.c.kind == str(kind), desk_tasks.c.handled_at.isnot(None), desk_tasks.c.departement.in_(desks))
    query = _DESK_TASK.where(*wanted).order_by(desk_tasks.c.handled_at.desc(), desk_tasks.c.call_id).limit(limit)
    return [_desk_task(row) for row in connection.execute(query)]


def desk_task(connection: Connection, kind: TaskKind, call_id: str) -> DeskTask | None:
    """One task, None when there is none."""
    row = connection.execute(_DESK_TASK.where(desk_tasks.c.kind == str(kind), desk_tasks.c.call_id == call_id)).first()
    return None if row is None else _desk_task(row)


def _desk_task(row: Any) -> DeskTask:
    call_id, kind, *rest = row
    return DeskTask(call_id, TaskKind(kind), *rest)


def handle(connection: Connection, kind: TaskKind, call_id: str, *, by: str, at: datetime) -> bool:
    """Say that a task is handled; False when somebody else has said so before."""
    wanted = (desk_tasks.c.kind == str(kind), desk_tasks.c.call_id == call_id, desk_tasks.c.handled_at.is_(None))
    return bool(connection.execute(update(desk_tasks).where(*wanted).values(handled_at=at, handled_by=by)).rowcount)


def unhandle(connection: Connection, kind: TaskKind, call_id: str) -> None:
    """Say that a task waits again."""
    wanted = (desk_tasks.c.kind == str(kind), desk_tasks.c.call_id == call_id)
    connection.execute(update(desk_tasks).where(*wanted).values(handled_at=None, handled_by=None))
