"""Reading the form of a qualification: what to keep, or every mistake in French with what was typed kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from records.desks.statut import Solved
from records.wording import Entry, Wording
from routing.departements import timezone_of
from routing.phones import PhoneRefused, read_phone
from support.calls.rules import QualificationRefused, check_comment, check_entry, check_statut
from support.nomenclature.entries import Nomenclature
from support.personal_data import personal_data

LONGEST_CALL = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands: what was typed, and what is wrong with it (field name → French sentence)."""

    thematique: str = ""
    motif: str = ""
    sous_motif: str = ""
    statut: str = ""
    comment: str = ""
    confirmed: bool = False
    search: str = ""
    version: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def wording(self) -> Wording:
        """The three names chosen so far."""
        return Wording(self.thematique, self.motif, self.sous_motif)


@dataclass(frozen=True, slots=True)
class CheckedQualification:
    """A qualification that may be kept."""

    entry: Entry
    solved: Solved
    comment: str

    @property
    def niveau(self) -> str:
        """The level: it follows from the sous-motif, and for some from the escalation."""
        return self.entry.niveau_when(escalated=self.solved.escalated)


def read_typed(fields: Mapping[str, str]) -> Typed:
    """The fields of the form, whatever they hold."""
    version = fields.get("version", "")
    return Typed(
        thematique=fields.get("thematique", "")[:200],
        motif=fields.get("motif", "")[:200],
        sous_motif=fields.get("sous_motif", "")[:200],
        statut=fields.get("statut", "")[:20],
        comment=fields.get("comment", ""),
        confirmed=fields.get("confirmed") == "1",
        search=fields.get("q", "")[:100],
        version=int(version) if re.fullmatch(r"[0-9]{1,8}", version) else 0,
    )


def with_entry(typed: Typed, entry: Entry) -> Typed:
    """The form with the three names of an entry chosen."""
    w = entry.wording
    return replace(typed, thematique=w.thematique, motif=w.motif, sous_motif=w.sous_motif, search="")


def with_errors(typed: Typed, errors: Mapping[str, str]) -> Typed:
    """The same form with what is wrong."""
    return replace(typed, errors=errors)


def check_typed(
    typed: Typed, nomenclature: Nomenclature, before: Solved | None, kept: Entry | None, *, level_2_closed: bool
) -> CheckedQualification | dict[str, str]:
    """What to keep, or every mistake by field.

    `before` is what stands on the call, `kept` its entry, which may be kept although the list has changed since.
    """
    errors: dict[str, str] = {}
    entry, solved, comment = kept, Solved(resolved=False, escalated=False), ""
    if kept is None or kept.wording != typed.wording:
        try:
            entry = check_entry(nomenclature.find(typed.thematique, typed.motif, typed.sous_motif))
        except QualificationRefused as refused:
            errors[refused.field] = str(refused)
    try:
        solved = check_statut(typed.statut, before, level_2_closed=level_2_closed)
    except QualificationRefused as refused:
        errors[refused.field] = str(refused)
    try:
        comment = check_comment(typed.comment)
    except QualificationRefused as refused:
        errors[refused.field] = str(refused)
    if "comment" not in errors and not typed.confirmed and (found := personal_data(comment)):
        pieces = ", ".join(f"{piece.kind} « {piece.text} »" for piece in found)
        errors["comment"] = f"Donnée personnelle ? {pieces}. Retirez-la, ou confirmez que ce n'en est pas une."
    if errors or entry is None:
        return errors
    return CheckedQualification(entry, solved, comment)


# ---------------------------------------------------------------- a call received outside the line


@dataclass(frozen=True, slots=True)
class ManualCall:
    """A call to write down by hand; `started_at` is aware."""

    caller: str | None
    departement: str
    started_at: datetime
    local_date: date
    talk_seconds: int


def read_manual_call(
    fields: Mapping[str, str], allowed: tuple[str, ...], now: datetime, *, allow_fiction: bool
) -> ManualCall | dict[str, str]:
    """The call that the form tells, or every mistake by field. `allowed`: the départements of its author."""
    errors: dict[str, str] = {}
    departement = fields.get("departement", "") or (allowed[0] if len(allowed) == 1 else "")
    if departement not in allowed:
        errors["departement"] = "Choisissez l'un de vos départements."
    caller = None
    if typed := fields.get("numero", "").strip():
        try:
            caller = read_phone(typed, allow_fiction=allow_fiction)
        except PhoneRefused as refused:
            errors["numero"] = f"Numéro refusé : {refused}."
    started = _read_moment(fields, departement, now, errors)
    seconds = _read_duration(fields.get("duree", ""))
    if seconds is None:
        errors["duree"] = "Donnez la durée en minutes (6), ou en minutes et secondes (6:30)."
    if errors or started is None or seconds is None:
        return errors
    return ManualCall(caller, departement, started, started.date(), seconds)


def _read_moment(fields: Mapping[str, str], departement: str, now: datetime, errors: dict[str, str]) -> datetime | None:
    zone = timezone_of(departement or None)
    try:
        day = date.fromisoformat(fields.get("date", ""))
    except ValueError:
        errors["date"] = "Donnez la date de l'appel (jour, mois, année)."
        return None
    try:
        hour = time.fromisoformat(fields.get("heure", "") or "12:00")
    except ValueError:
        errors["heure"] = "Donnez l'heure sous la forme 14:30, ou rien."
        return None
    started = datetime.combine(day, hour.replace(tzinfo=None), zone)
    today = now.astimezone(zone).date()
    if day > today or (fields.get("heure") and started > now):
        errors["date"] = "Cet appel serait dans le futur."
    elif today - day > timedelta(days=731):
        errors["date"] = "Cet appel a plus de deux ans."
    return started


def _read_duration(typed: str) -> int | None:
    """Seconds of `6`, `6:30`, `6 min`, `6 min 30`; None when it is no duration or longer than half a day."""
    text = typed.strip().casefold().replace("min", ":").replace(" ", "").rstrip("s").rstrip(":")
    minutes, _, seconds = text.partition(":")
    pieces = (minutes, seconds or "0")
    if not all(re.fullmatch(r"[0-9]{1,4}", piece) for piece in pieces):
        return None
    total = int(pieces[0]) * 60 + int(pieces[1])
    return total if int(pieces[1]) < 60 and 0 < total <= LONGEST_CALL.total_seconds() else None  # noqa: PLR2004
