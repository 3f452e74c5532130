"""Saying that a message or a callback is handled, and taking it back: row and line of the trail in one transaction."""

from __future__ import annotations

from records.desks.acting import UNDONE_WITHIN, Acting
from records.desks.calling_back import forget_call_back, note_call_back
from records.refusals import ChangeRefused, Overtaken
from routing.departements import timezone_of
from voicemail import store
from voicemail.store import DeskTask


def settle(acting: Acting, task: DeskTask, seconds: int | None) -> str | None:
    """Say that the task is handled; Overtaken when somebody has said so before.

    With a duration it was called back: the id of that call, which is to be qualified (decision 35).
    """
    with acting.writing() as connection:
        if not store.handle(connection, task.kind, task.call_id, by=acting.by, at=acting.at):
            raise Overtaken(store.desk_task(connection, task.kind, task.call_id))
        acting.note(connection, f"{task.kind} traité", task.call_id)
        if seconds is None:
            return None
        return note_call_back(
            acting, connection, number=task.number or task.caller, departement=task.departement,
            zone=timezone_of(task.departement), of=task.call_id, seconds=seconds,
        )  # fmt: skip


def can_unsettle(acting: Acting, task: DeskTask) -> bool:
    """Whether this person may still take it back: ten minutes, and only by whoever said it."""
    return task.handled_at is not None and task.handled_by == acting.by and acting.at - task.handled_at <= UNDONE_WITHIN


def unsettle(acting: Acting, task: DeskTask) -> None:
    """The task waits again; the call back that it made goes too, unless somebody has qualified it."""
    with acting.writing() as connection:
        current = store.desk_task(connection, task.kind, task.call_id)
        if current is None or current.handled_at is None:
            raise ChangeRefused("Ce n’est pas noté comme traité.")
        if not can_unsettle(acting, current):
            raise ChangeRefused("Cela ne s’annule plus : dix minutes au plus, et par la personne qui l’a noté.")
        store.unhandle(connection, task.kind, task.call_id)
        forget_call_back(acting, connection, of=task.call_id, at=current.handled_at)
        acting.note(connection, f"{task.kind} annulé", task.call_id)
