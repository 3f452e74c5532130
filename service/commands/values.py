"""How departements, moments, days and people are typed on the command line; a wrong one is wrong usage (status 2)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from routing.departements import NATIONAL, normalise_code, timezone_of
from routing.directory.cells import fold
from routing.directory.people import Person
from routing.snapshot import Snapshot
from service.commands.french import CommandRefused

_ONLY_A_DAY = re.compile(r"[0-9]{4}-?(?:[0-9]{2}-?[0-9]{2}|W[0-9]{2}-?[1-7])")
EVERYWHERE = frozenset({"france", "tous", "toutes"})


class DepartementType(click.ParamType[Any]):
    """A code as people type it; `*` or `national` for the national team."""

    name = "département"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The code."""
        if fold(str(value)) in {NATIONAL, "national", "nationale"}:
            return NATIONAL
        try:
            return normalise_code(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ScopeType(DepartementType):
    """A département, or `france` for all of them (None)."""

    name = "département|france"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The code, None for all."""
        return None if fold(str(value)) in EVERYWHERE else super().convert(value, param, ctx)


class MomentType(click.ParamType[datetime]):
    """A day or a moment in ISO 8601; without an offset it is read in the département's own time later."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment as typed, aware or not."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"« {value} » n’est pas un moment, par exemple 2026-12-25T10:00", param, ctx)


class EndType(MomentType):
    """The end of a period: a moment, or a day which is then part of the period (decision 31)."""

    name = "fin"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment as typed, or the midnight that ends the day."""
        end = super().convert(value, param, ctx)
        is_a_day = _ONLY_A_DAY.fullmatch(str(value).strip()) is not None
        return end + timedelta(days=1) if is_a_day and end.date() < date.max else end


class DayType(click.ParamType[date]):
    """A day in ISO 8601."""

    name = "jour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"« {value} » n’est pas un jour, par exemple 2026-12-25", param, ctx)


NUMBER = click.IntRange(1, 2**31 - 1)
"""The number of something that was set: no database keeps a larger one."""

DEPARTEMENT, SCOPE, MOMENT, END, DAY = DepartementType(), ScopeType(), MomentType(), EndType(), DayType()


def in_zone(moment: datetime, departement: str | None) -> datetime:
    """The moment in UTC; one without an offset is local to the département (Paris when there is none)."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone_of(departement))
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise CommandRefused("Donnez un jour et une heure.") from None


def find_person(snapshot: Snapshot, typed: str) -> Person:
    """The person of that short id, e-mail or name; CommandRefused when there is none, or several."""
    wanted = fold(typed)
    found = [
        person
        for person in snapshot.people
        if wanted in {person.id, fold(person.email or ""), fold(person.name), fold(f"{person.nom} {person.prenom}")}
    ]
    if not found:
        raise CommandRefused(
            f"Personne ne répond à « {typed} » dans l’annuaire : donnez l’identifiant, l’e-mail ou le nom."
        )
    identities = {(person.nom, person.prenom, person.email) for person in found}
    if len(identities) > 1:
        known = ", ".join(f"{person.name} ({person.departement}, {person.id})" for person in found)
        raise CommandRefused(f"« {typed} » désigne plusieurs personnes : {known}.")
    return found[0]


def of_days(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a list of what happened: one département, its days, for a machine."""
    for option in (
        click.option("--json", "is_json", is_flag=True, help="Pour une machine."),
        click.option("--to", "until", type=DAY, help="Dernier jour, compris."),
        click.option("--from", "since", type=DAY, help="Premier jour, compris."),
        click.option("--departement", "-d", type=DEPARTEMENT, help="Un seul département."),
    ):
        command = option(command)
    return command


def check_days(since: date | None, until: date | None) -> None:
    """CommandRefused when the last day comes before the first."""
    if since and until and until < since:
        raise CommandRefused("Le dernier jour vient avant le premier.")


def as_json(value: Any) -> str:
    """The value as JSON for a machine, French kept readable, moments in ISO 8601."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
