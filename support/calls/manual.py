"""A call received outside the line, written down by hand: its form read, and the verbs that add, correct, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from records.calls.ledger import Fingerprint, no_fingerprint
from records.database import Connection
from records.desks.acting import Acting
from records.desks.desk_calls import DeskCall, add_manual_call, change_manual_call, delete_manual_call, read_call
from records.facts import Source
from records.privacy.erased import is_erased
from records.refusals import ChangeRefused
from records.typed.durations import DoubtfulDuration, check_duration, say_duration
from routing.departements import timezone_of
from routing.phones import PhoneRefused, read_past_number
from support.requests.store import request_of

OLDEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class ManualCall:
    """A call to write down by hand; `started_at` is aware, `departement` None the national team's own."""

    caller: str | None
    departement: str | None
    started_at: datetime
    local_date: date
    talk_seconds: int


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong with the form, by field; `doubtful`: the seconds of a duration that its author has to confirm."""

    sentences: Mapping[str, str]
    doubtful: int | None = None


def read_manual_call(
    fields: Mapping[str, str],
    allowed: tuple[str, ...],
    now: datetime,
    before: DeskCall | None = None,
) -> ManualCall | Mistakes:
    """The call that the form tells, or every mistake. `allowed`: the départements of its author.

    `before` is the call that is corrected: a number left empty stays, and so does a call without a département.
    """
    errors: dict[str, str] = {}
    departement: str | None = fields.get("departement", "") or (allowed[0] if len(allowed) == 1 else "")
    if before is not None and before.departement is None and not fields.get("departement"):
        departement = None
    elif departement not in allowed:
        errors["departement"] = "Choisissez l’un de vos départements."
    caller = _read_caller(fields, before, errors)
    started = _read_moment(fields, departement, now, errors)
    seconds, doubtful = 0, None
    try:
        seconds = check_duration(fields.get("duree", ""), fields.get("duree_confirmee", ""))
    except DoubtfulDuration as doubt:
        errors["duree"], doubtful = str(doubt), doubt.seconds
    except ValueError as refused:
        errors["duree"] = str(refused)
    if errors or started is None:
        return Mistakes(errors, doubtful)
    return ManualCall(caller, departement, started, started.date(), seconds)


def _read_caller(fields: Mapping[str, str], before: DeskCall | None, errors: dict[str, str]) -> str | None:
    """Who called, whether or not he may be called back: that is asked when somebody calls."""
    typed = fields.get("numero", "").strip()
    if not typed:
        return before.caller if before is not None and fields.get("sans_numero") != "1" else None
    try:
        return read_past_number(typed)
    except PhoneRefused as refused:
        errors["numero"] = f"Numéro refusé : {refused}."
        return None


def _read_moment(
    fields: Mapping[str, str], departement: str | None, now: datetime, errors: dict[str, str]
) -> datetime | None:
    zone = timezone_of(departement or None)
    try:
        day = date.fromisoformat(fields.get("date", ""))
    except ValueError:
        errors["date"] = "Donnez la date de l’appel (jour, mois, année)."
        return None
    try:
        hour = time.fromisoformat(fields.get("heure", "") or "12:00")
    except ValueError:
        errors["heure"] = "Donnez l’heure sous la forme 14:30, ou rien."
        return None
    started = datetime.combine(day, hour.replace(tzinfo=None), zone)
    today = now.astimezone(zone).date()
    if day > today or (fields.get("heure") and started > now):
        errors["date"] = "Cet appel serait dans le futur."
    elif today - day > OLDEST:
        errors["date"] = "Cet appel a plus de deux ans."
    return started


# ---------------------------------------------------------------- what is done to it


def add(acting: Acting, read: ManualCall, fingerprint: Fingerprint = no_fingerprint) -> str:
    """Write the call down, taken by whoever acts; returns its id. A number erased since that call is left out."""
    with acting.writing() as connection:
        read = _without_erased(connection, read, fingerprint)
        call_id = add_manual_call(
            connection, caller=read.caller, departement=read.departement, started_at=read.started_at,
            local_date=read.local_date, talk_seconds=read.talk_seconds, referent=_who(acting),
        )  # fmt: skip
        acting.note(connection, "appel ajouté", call_id)
    return call_id


def correct(acting: Acting, call_id: str, read: ManualCall, fingerprint: Fingerprint = no_fingerprint) -> None:
    """Write down what the call really was; the trail tells what changed, never a number.

    ChangeRefused for a call that nobody added by hand, one that is gone, and another département for a call whose
    request is at level 2.
    """
    with acting.writing() as connection:
        before = _manual(read_call(connection, call_id))
        read = _without_erased(connection, read, fingerprint)
        if read.departement != before.departement and request_of(connection, call_id) is not None:
            raise ChangeRefused("Cet appel a une demande au niveau 2 : son département ne change plus.", "departement")
        change_manual_call(
            connection, call_id, caller=read.caller, departement=read.departement, started_at=read.started_at,
            local_date=read.local_date, talk_seconds=read.talk_seconds,
        )  # fmt: skip
        acting.note(connection, "appel corrigé", f"{call_id} : {_differences(before, read) or 'rien'}")


def delete(acting: Acting, call_id: str) -> None:
    """Delete the call with what was said about it; the trail tells what it was, never its number.

    ChangeRefused for a call that nobody added by hand, one that is gone, and one whose request is at level 2.
    """
    with acting.writing() as connection:
        call = _manual(read_call(connection, call_id))
        if asked := request_of(connection, call_id):
            raise ChangeRefused(f"Cet appel a une demande au niveau 2 (n° {asked.id}) : il ne peut pas être supprimé.")
        delete_manual_call(connection, call_id)
        qualified = call.sous_motif or "non qualifié"
        acting.note(connection, "appel supprimé", f"{call_id} : {_told(call)}, {call.referent or '—'}, {qualified}")


def is_erased_since(connection: Connection, read: ManualCall, fingerprint: Fingerprint) -> bool:
    """Whether the number was erased after this call: what happened before stays erased, a later call is a new one."""
    made = fingerprint(read.caller)
    return made is not None and is_erased(connection, made, read.started_at)


def _without_erased(connection: Connection, read: ManualCall, fingerprint: Fingerprint) -> ManualCall:
    return replace(read, caller=None) if is_erased_since(connection, read, fingerprint) else read


def _manual(call: DeskCall | None) -> DeskCall:
    if call is None:
        raise ChangeRefused("Cet appel n’existe plus : quelqu’un l’a supprimé.")
    if call.source != Source.MANUAL:
        raise ChangeRefused("Seul un appel ajouté à la main peut être corrigé ou supprimé.")
    return call


def _who(acting: Acting) -> str:
    return (acting.account.name if acting.account else "") or acting.by


def _told(call: DeskCall) -> str:
    local = call.started_at.astimezone(timezone_of(call.departement))
    return f"{local:%d/%m/%Y %H:%M}, {call.departement or 'sans département'}, {say_duration(call.talk_seconds or 0)}"


def _differences(before: DeskCall, read: ManualCall) -> str:
    """What changes, in a few French words."""
    told = []
    if before.departement != read.departement:
        told.append(f"département {before.departement or '—'} → {read.departement or '—'}")
    if before.started_at != read.started_at:
        zone = timezone_of(read.departement)
        told.append(f"{before.started_at.astimezone(zone):%d/%m/%Y %H:%M} → {read.started_at:%d/%m/%Y %H:%M}")
    if before.talk_seconds != read.talk_seconds:
        told.append(f"durée {say_duration(before.talk_seconds or 0)} → {say_duration(read.talk_seconds)}")
    if before.caller != read.caller:
        told.append("numéro")
    return ", ".join(told)
