"""What the pages of the reports are given, and how they read an address: who reads, which period, which calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import Response, abort, request

from records.counting.tally import Scope
from records.csv_cells import csv_of
from records.database import Connection, Engine, reading
from records.desks.accounts import Account
from records.desks.permissions import Permission
from records.wording import Wordings
from reports.figures.periods import Period, PeriodRefused, check_period, read_day
from reports.figures.summary import regions, scope_of
from reports.importing.intake import Reader
from reports.survey.followed import RenamesOn, nothing_renamed
from routing.calendar.hours import Hours, read_hours
from routing.calendar.periods import named_periods
from routing.departements import Departement, departements, timezone_of
from routing.directory.people import Person

USUAL_HOURS = read_hours("")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Reports:
    """The means of the pages, handed in by the roof."""

    engine: Engine
    clock: Callable[[], datetime]
    reader: Callable[[], Account]
    wordings: Callable[[Connection, date], Wordings]
    intake: Callable[[Connection, str, date], Reader]
    show_phone: Callable[[str], str]
    mask_phone: Callable[[str], str]
    contacts: Callable[[str], Sequence[Person]]
    """The lines of a département in the directory that serves; none for an empty code."""
    outlines: Mapping[str, str] = field(default_factory=dict)
    """The outline of each département that a map draws, as an SVG path; none where no map was installed."""
    answer_target: float = 0.85
    """The share of received calls that should be picked up."""
    national_hours: Hours = USUAL_HOURS
    profiles: Mapping[str, str] = field(default_factory=dict)
    """What the profiles of users are called, by the key that a request carries."""
    renames: RenamesOn = nothing_renamed
    addresses: Callable[[], Mapping[str, Sequence[str]]] = dict
    """Who is written to about each département, `*` for the national team."""
    site: str = ""
    """The public address, without a final slash."""
    sends_mail: bool = False

    def today(self) -> date:
        """The day in Paris."""
        return self.clock().astimezone(timezone_of(None)).date()

    def reading(self) -> AbstractContextManager[Connection]:
        """A view to read from."""
        return reading(self.engine)

    def check(self, permission: Permission) -> None:
        """404 for whoever may not."""
        if not self.reader().may(permission):
            abort(404)

    def check_departement(self, code: str) -> Departement:
        """The département, or 404 when it does not exist or the reader may not read it."""
        if code not in departements() or not self.reader().may_read(code):
            abort(404)
        return departements()[code]

    def own_departements(self) -> list[tuple[str, str]]:
        """The départements of the reader, as options of a list."""
        scope = self.reader().scope
        codes = tuple(departements()) if scope is None else scope
        return [(code, f"{code} – {departements()[code].name}") for code in codes if code in departements()]


def csv_answer(name: str, headings: Iterable[str], rows: Iterable[Iterable[object]]) -> Response:
    """A CSV file to keep."""
    text = csv_of(list(headings), [list(row) for row in rows])
    return Response(
        text, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}.csv"'}
    )  # fmt: skip


def chosen_departement(desk: Reports) -> Departement:
    """The département of the address, else the reader's first one; 404 for another's."""
    own = desk.own_departements()
    if not own:
        abort(404)
    return desk.check_departement(request.values.get("departement") or own[0][0])


@dataclass(frozen=True, slots=True)
class Asked:
    """A period read from an address; `problem` says in French why it could not be, and the default is shown.

    `preset` is the key of the named period that it is, or ""; `named` the keys and labels that a page offers.
    """

    period: Period
    preset: str
    problem: str = ""
    named: tuple[tuple[str, str], ...] = ()

    def query(self) -> dict[str, str]:
        """The period as an address carries it."""
        return {"du": self.period.since.isoformat(), "au": self.period.until.isoformat()}


FORMERLY = {"jour": "today", "semaine": "week", "mois": "month"}
"""What `periode` was called in addresses that people kept."""


def asked_period(arguments: Mapping[str, Any], today: date) -> Asked:
    """The period of `du` and `au`, or of the named one in `periode`; this month so far otherwise."""
    known = named_periods(today)
    period, preset, problem = _asked(arguments, today, {key: Period(*days) for key, (_label, *days) in known.items()})
    return Asked(period, preset, problem, tuple((key, label) for key, (label, *_days) in known.items()))


def _asked(arguments: Mapping[str, Any], today: date, named: Mapping[str, Period]) -> tuple[Period, str, str]:
    """The period, the key of its name or "", and what was wrong with the one that was written."""
    month, chosen = named["month"], str(arguments.get("periode", ""))
    chosen = FORMERLY.get(chosen, chosen)
    if chosen in named:
        return named[chosen], chosen, ""
    since, until = str(arguments.get("du", "")), str(arguments.get("au", ""))
    if not since and not until:
        return month, "month", ""
    try:
        first = read_day(since) if since else month.since
        period = check_period(Period(first, read_day(until) if until else today))
    except PeriodRefused as refusal:
        return month, "month", str(refusal)
    if period.since > today:
        return month, "month", "La période est dans le futur : il n’y a encore rien à compter."
    return period, next((name for name, each in named.items() if each == period), ""), ""


@dataclass(frozen=True, slots=True)
class Filters:
    """The national filters: région, level, thématique; empty for all."""

    region: str
    niveau: str
    thematique: str

    @staticmethod
    def asked(arguments: Mapping[str, Any]) -> Filters:
        """The filters of an address; an unknown region is 404."""
        region = str(arguments.get("region", ""))
        if region and region not in regions():
            abort(404)
        niveau = str(arguments.get("niveau", ""))
        return Filters(
            region, niveau if niveau in {"1", "2", "1/2"} else "", str(arguments.get("thematique", ""))[:200]
        )

    def scope(self, period: Period) -> Scope:
        """The calls that the filters leave."""
        return scope_of(period, regions()[self.region] if self.region else None, self.niveau, self.thematique)

    @property
    def is_of_qualified(self) -> bool:
        """Whether only calls that carry a level or a thématique are left: those that are qualified."""
        return bool(self.niveau or self.thematique)

    def query(self) -> dict[str, str]:
        """The filters as an address carries them."""
        return {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}


def address(**values: str) -> dict[str, str]:
    """The present address's arguments with some changed; empty ones left out."""
    kept = {key: text for key, text in request.args.items() if key != "page"}
    return {key: text for key, text in {**kept, **values}.items() if text}
