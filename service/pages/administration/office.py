"""What the administration's pages are given, and how they read what people type."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort

from records.database import Engine
from records.desks.acting import Acting
from records.desks.permissions import Permission
from records.mail import Sender
from records.refusals import ChangeRefused
from routing.departements import NATIONAL, departements, timezone_of
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.accounts.gate import current_account
from service.directory.snapshots import SnapshotFile
from service.settings import Settings

EVERYWHERE = "france"


FORM_NAMES = {
    "start": "du", "end": "au", "text": "texte", "label": "motif", "to": "vers", "sound": "audio", "name": "nom",
    "valid_from": "du", "aloud": "a_lire", "written": "a_envoyer", "proposal": "correction",
}  # fmt: skip
"""What a verb calls a value → what the forms call its field, where they differ."""


def errors_of(refusal: ChangeRefused) -> dict[str, str]:
    """The refusal at the field of the form that it is about."""
    return {FORM_NAMES.get(refusal.field, refusal.field): str(refusal)}


@dataclass(frozen=True)
class Office:
    """The means of the administration, handed in by `service.pages.layout`."""

    engine: Engine
    settings: Settings
    clock: Callable[[], datetime]
    snapshots: SnapshotFile
    mail: Sender

    def snapshot(self) -> Snapshot:
        """The directory and rules that serve now; an empty one when there is none."""
        return self.snapshots.current() or Snapshot(0, self.clock(), (), Rules())

    def acting(self) -> Acting:
        """Who is signed in, at work now."""
        account = current_account()
        return Acting(self.engine, account.email, self.clock(), account)


def for_whoever_may(permission: Permission, pages: Blueprint) -> Blueprint:
    """The same pages, which do not exist for anybody else."""

    @pages.before_request
    def check() -> None:
        if not current_account().may(permission):
            abort(404)

    return pages


def read_period(fields: Mapping[str, str], departement: str | None, now: datetime) -> tuple[datetime, datetime]:
    """Start and end (UTC), from the fields `du` and `au` in the département's own time; ChangeRefused for no moment."""
    start = _moment(fields.get("du", ""), departement, "start") if fields.get("du") else now
    return start, _moment(fields.get("au", ""), departement, "end")


def _moment(typed: str, departement: str | None, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(typed)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone_of(departement))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ChangeRefused("Donnez un jour et une heure.", field) from None


def read_choice(typed: str, field: str, choices: Collection[str]) -> str:
    """What was chosen from a list; ChangeRefused when it is not in it."""
    if typed in choices:
        return typed
    raise ChangeRefused("Choisissez dans la liste.", field)


def read_departement(typed: str, field: str, *, national: bool = False) -> str:
    """The code chosen from a list; ChangeRefused when it is not in it."""
    return read_choice(typed, field, {*departements(), NATIONAL} if national else departements())


def departement_options(*, everywhere: bool = False, national: bool = False) -> list[tuple[str, str]]:
    """The options of a list of départements."""
    first = [(EVERYWHERE, "Toute la France")] if everywhere else []
    team = [(NATIONAL, "Équipe nationale")] if national else []
    return [*first, *team, *((code, f"{code} – {found.name}") for code, found in departements().items())]
