"""Taking a qualification back: for ten minutes, by whoever wrote it; the history keeps everything (decision 54)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from records.desks.acting import UNDONE_WITHIN, Acting
from records.refusals import ChangeRefused, Overtaken
from support.calls.store import (
    UNDONE,
    Qualification,
    history_of,
    read_qualification,
    remove_qualification,
    save_qualification,
    undone_versions,
)
from support.requests.store import request_of
from support.requests.working import withdraw


def undo_qualification(acting: Acting, call_id: str) -> Qualification | None:
    """Put back what the call said before its last qualification, and return it; None when it said nothing.

    The request that it opened is withdrawn. ChangeRefused when there is nothing to take back, when somebody else wrote
    it, and after ten minutes. What is put back is again its author's, of its own moment.
    """
    with acting.writing() as connection:
        current = read_qualification(connection, call_id)
        if current is None:
            raise ChangeRefused("Cet appel n’est pas (ou plus) qualifié.")
        if acting.account is not None and current.by != acting.by:
            raise ChangeRefused("Quelqu’un d’autre a qualifié cet appel : modifiez plutôt la qualification.")
        if acting.at - current.at > UNDONE_WITHIN:
            raise ChangeRefused("Dix minutes sont passées : modifiez plutôt la qualification.")
        before = before_last(history_of(connection, call_id), undone_versions(connection, call_id))
        try:
            if before is None:
                remove_qualification(connection, current)
            else:
                save_qualification(connection, replace(before, version=current.version + 1))
        except Overtaken:
            raise ChangeRefused("Quelqu’un vient de changer cette qualification : relisez-la.") from None
        asked = request_of(connection, call_id)
        is_new = current.solved.escalated and not (before and before.solved.escalated)
        if is_new and asked is not None and asked.closed_at is None:
            withdraw(acting, connection, asked)
        acting.note(connection, UNDONE, f"{call_id} version {current.version}")
    return before


def before_last(history: Sequence[Qualification], undone: Collection[int]) -> Qualification | None:
    """What stood before the version that holds; `history` is newest first, `undone` are the versions taken back."""
    standing: list[Qualification] = []
    for version in reversed(history):
        if standing and _is_put_back(version, standing[-1]):
            standing.pop()
        standing.append(version)
        if version.version in undone:
            standing.pop()
    return standing[-2] if len(standing) > 1 else None


def _is_put_back(version: Qualification, earlier: Qualification) -> bool:
    return (version.content, version.by, version.at) == (earlier.content, earlier.by, earlier.at)
