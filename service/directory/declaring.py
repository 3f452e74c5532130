"""What people set about routing: each verb checks, writes the row with its line of the trail, puts it in service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.in_force.rules import RuleKind, add_rule, remove_rule, switch_own_days
from records.refusals import ChangeRefused, one_line
from routing.calendar.public_holidays import KEPT_BY_DEFAULT, with_own_days
from routing.rules import Closure, Overflow, OverflowWhen, Rules
from routing.snapshot import Snapshot
from service.directory.publishing import refresh_rules
from service.directory.rules import own_days_kept
from service.directory.snapshots import SnapshotFile
from service.directory.summaries import Summary, closure_in_words, notice_in_words, overflow_in_words
from service.settings import Settings
from service.stores import sound_store
from service.system_errors import in_french
from voicemail.sounds import SoundStore
from voicemail.wav import SoundRefused

LONGEST_SAID = 600
"""Characters read aloud at most: under a minute."""
LONGEST_LABEL = 200
FARTHEST = timedelta(days=3660)
"""Nothing that is set begins or ends farther away."""


class NotConfirmed(ChangeRefused):
    """Nothing is wrong, and nothing is set: `summary` says in words what would be, for somebody to confirm."""

    def __init__(self, summary: Summary) -> None:
        super().__init__(str(summary))
        self.summary = summary


def declare_closure(
    acting: Acting,
    settings: Settings,
    *,
    departement: str | None,
    start: datetime,
    end: datetime,
    label: str,
    confirmed: bool,
) -> int:
    """Close a département (None: every one) for a time, and return the closure's number.

    ChangeRefused for a period that is over or turned round, and for a label too long; then NotConfirmed.
    """
    told = one_line(label, "label", LONGEST_LABEL, optional=True)
    check_period(start, end, acting.at)
    if not confirmed:
        closure = Closure(0, departement, start, end, told)
        raise NotConfirmed(closure_in_words(_serving(acting, settings), closure, acting.at))
    values = {"departement": departement, "label": told, "start": start, "end": end}
    return put_in_force(acting, settings, RuleKind.CLOSURE, values)


def declare_notice(
    acting: Acting, settings: Settings, *, text: str, start: datetime, end: datetime, confirmed: bool
) -> int:
    """Let every caller hear a text before the menu, and return its number.

    ChangeRefused for a text that is empty or too long, and for a period that is over or turned round; then
    NotConfirmed.
    """
    said = one_line(text, "text", LONGEST_SAID)
    check_period(start, end, acting.at)
    if not confirmed:
        raise NotConfirmed(notice_in_words(said, start, end, acting.at))
    return put_in_force(acting, settings, RuleKind.NOTICE, {"text": said, "start": start, "end": end})


def set_message(
    acting: Acting, settings: Settings, *, departement: str, reason: str | None, text: str, sound: bytes | None
) -> int:
    """Give a département its absence message, a text or a recording (`text` is empty then), and return its number.

    ChangeRefused for both or neither, for a text too long, and for a recording that is none or cannot be kept.
    """
    said = one_line(text, "text", LONGEST_SAID, optional=True)
    if bool(said) == (sound is not None):
        raise ChangeRefused("Donnez soit un texte, soit un enregistrement.", "text")
    kept = None if sound is None else _kept(sound_store(settings, acting.engine), sound)
    values = {"departement": departement, "reason": reason, "text": said or None, "audio": kept}
    return put_in_force(acting, settings, RuleKind.MESSAGE, values)


def set_overflow(
    acting: Acting, settings: Settings, *, departement: str | None, to: str, when: OverflowWhen, confirmed: bool
) -> int:
    """Offer another desk to the callers of a département (None: every one), and return the overflow's number.

    ChangeRefused when a département would overflow to itself; then NotConfirmed.
    """
    if departement == to:
        raise ChangeRefused("Un département ne peut pas déborder vers lui-même.", "to")
    if not confirmed:
        raise NotConfirmed(overflow_in_words(_serving(acting, settings), Overflow(departement, to, when)))
    values = {"departement": departement, "to": to, "when": str(when)}
    return put_in_force(acting, settings, RuleKind.OVERFLOW, values)


def keep_own_days(acting: Acting, settings: Settings, *, departement: str, keep: bool) -> None:
    """Let the own days off of a département count from the next call on, or not; said twice, it stays said.

    ChangeRefused for a département that has none.
    """
    if departement not in with_own_days():
        raise ChangeRefused("Ce département n’a pas de jours fériés propres.", "departement")
    with acting.writing() as connection:
        if (departement in own_days_kept(connection)) != keep:
            away = keep != (departement in KEPT_BY_DEFAULT)
            switch_own_days(connection, departement, away=away, by=acting.by, at=acting.at)
            acting.note(connection, f"réglage jours fériés propres{'' if keep else ' retiré'}", departement)
    refresh_rules(acting.engine, settings, acting.at)


def withdraw(acting: Acting, settings: Settings, kind: RuleKind, number: int) -> None:
    """Take away what was set under this number; ChangeRefused when there is none, or none any more."""
    with acting.writing() as connection:
        if not remove_rule(connection, kind, number, at=acting.at):
            raise ChangeRefused(f"Rien n’est réglé sous le numéro {number}.", "number")
        acting.note(connection, f"réglage {kind} retiré", str(number))
    refresh_rules(acting.engine, settings, acting.at)


def check_period(start: datetime, end: datetime, at: datetime) -> None:
    """ChangeRefused when a period ends before it begins, has ended, or is of another age: a mistyped year."""
    if end <= at:
        raise ChangeRefused("Cette période est déjà passée.", "end")
    if end <= start:
        raise ChangeRefused("La fin doit venir après le début.", "end")
    if end - at > FARTHEST:
        raise ChangeRefused("Cette fin est dans plus de dix ans : vérifiez l’année.", "end")
    if at - start > FARTHEST:
        raise ChangeRefused("Ce début est d’il y a plus de dix ans : vérifiez l’année.", "start")


def put_in_force(acting: Acting, settings: Settings, kind: RuleKind, values: Mapping[str, Any]) -> int:
    """Write what was checked with its line of the trail, let the next call follow it, and return its number."""
    with acting.writing() as connection:
        number = write_rule(acting, connection, kind, values)
    refresh_rules(acting.engine, settings, acting.at)
    return number


def write_rule(acting: Acting, connection: Connection, kind: RuleKind, values: Mapping[str, Any]) -> int:
    """Write what was checked with its line of the trail, in this transaction, and return its number."""
    number = add_rule(connection, kind, values, by=acting.by, at=acting.at)
    acting.note(connection, f"réglage {kind}", str(number))
    return number


def _serving(acting: Acting, settings: Settings) -> Snapshot:
    """The directory and the rules that serve now; empty ones where there are none."""
    return SnapshotFile(settings.var_dir).current() or Snapshot(0, acting.at, (), Rules())


def _kept(store: SoundStore, content: bytes) -> str:
    """The name under which the recording is kept."""
    try:
        return store.take(content)
    except SoundRefused as refusal:
        raise ChangeRefused(f"L’enregistrement est refusé : {refusal}.", "sound") from None
    except OSError as error:
        raise ChangeRefused(f"L’enregistrement n’a pas pu être gardé : {in_french(error)}.", "sound") from None
