"""What the administration's pages are given, and how they read what people type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort

from records.database import Engine, writing
from records.desks.accounts import note
from records.in_force.rules import RuleKind, add_rule, remove_rule
from records.mail import Sender
from routing.departements import NATIONAL, departements, timezone_of
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.accounts.gate import current_account
from service.directory.publishing import refresh_rules
from service.directory.snapshots import SnapshotFile
from service.settings import Settings

EVERYWHERE = "france"


class Mistakes(ValueError):  # noqa: N818 - named as what happened
    """What is wrong with a form: field name → French sentence."""

    def __init__(self, **by_field: str) -> None:
        super().__init__("; ".join(by_field.values()))
        self.by_field = by_field


@dataclass(frozen=True)
class Office:
    """The means of the administration, handed in by `service.pages.layout`."""

    engine: Engine
    settings: Settings
    clock: Callable[[], datetime]
    snapshots: SnapshotFile
    mail: Sender

    @property
    def who(self) -> str:
        """Who is signed in."""
        return current_account().email

    def snapshot(self) -> Snapshot:
        """The directory and rules that serve now; an empty one when there is none."""
        return self.snapshots.current() or Snapshot(0, self.clock(), (), Rules())

    def set_rule(self, kind: RuleKind, values: Mapping[str, Any]) -> None:
        """Set a rule and put it in service for the next call."""
        with writing(self.engine) as connection:
            number = add_rule(connection, kind, values, by=self.who, at=self.clock())
            note(connection, by=self.who, what=f"réglage {kind}", reference=str(number), at=self.clock())
        refresh_rules(self.engine, self.settings, self.clock())

    def unset_rule(self, kind: RuleKind, number: int) -> bool:
        """Take a rule away, from the next call on; False when there is none of that number any more."""
        with writing(self.engine) as connection:
            found = remove_rule(connection, kind, number, at=self.clock())
            note(connection, by=self.who, what=f"réglage {kind} retiré", reference=str(number), at=self.clock())
        refresh_rules(self.engine, self.settings, self.clock())
        return found


def for_the_national_team(pages: Blueprint) -> Blueprint:
    """The same pages, which do not exist for anybody else."""

    @pages.before_request
    def only_national() -> None:
        if not current_account().is_national:
            abort(404)

    return pages


def read_period(fields: Mapping[str, str], departement: str | None, now: datetime) -> dict[str, datetime]:
    """`start` and `end`, aware, from the fields `du` and `au` in the département's own time; raises Mistakes."""
    start = _moment(fields.get("du", ""), departement, "du") if fields.get("du") else now
    end = _moment(fields.get("au", ""), departement, "au")
    if end <= start:
        raise Mistakes(au="La fin doit venir après le début.")
    if end <= now:
        raise Mistakes(au="Cette période est déjà passée.")
    return {"start": start, "end": end}


def _moment(typed: str, departement: str | None, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise Mistakes(**{field: "Donnez un jour et une heure."}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone_of(departement))


def read_text(typed: str, field: str, longest: int, *, optional: bool = False) -> str:
    """A text that is said or shown, on one line; raises Mistakes when it is missing or too long."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in typed).split())
    if not plain and not optional:
        raise Mistakes(**{field: "Ce texte manque."})
    if len(plain) > longest:
        raise Mistakes(**{field: f"{len(plain)} caractères pour {longest} au plus."})
    return plain


def read_departement(typed: str, field: str, *, national: bool = False) -> str:
    """The code of a list; raises Mistakes when it is not one."""
    if typed in departements() or (national and typed == NATIONAL):
        return typed
    raise Mistakes(**{field: "Choisissez dans la liste."})


def departement_options(*, everywhere: bool = False, national: bool = False) -> list[tuple[str, str]]:
    """The options of a list of départements."""
    first = [(EVERYWHERE, "Toute la France")] if everywhere else []
    team = [(NATIONAL, "Équipe nationale")] if national else []
    return [*first, *team, *((code, f"{code} – {found.name}") for code, found in departements().items())]
