"""The page `/administration/journal`: who did or saw what, and when; as a file, too. Reading changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from records.counting.words import counted
from records.csv_cells import csv_of
from records.database import reading, writing
from records.desks.audit import TrailLine, WantedLines, count_lines, deeds_noted, note, read_lines
from records.desks.permissions import Permission
from routing.departements import timezone_of
from service.accounts.gate import current_account
from service.pages.administration.office import Office, for_whoever_may

LINES = 100
LONGEST_FILE = 50_000
LONGEST_TYPED = 200
LAST_PAGE = 10_000
NO_DAY = "Donnez un jour, par exemple 24/11/2026."
HEADINGS = ("Quand (heure de Paris)", "Qui", "Quoi", "Sur quoi")
DEEDS = {
    "annuaire": "annuaire publié",
    "callback annulé": "rappel rouvert",
    "callback traité": "rappel traité",
    "classeur": "classeur téléchargé",
    "message annulé": "message rouvert",
    "numero": "numéro affiché",
    "réglage closure": "fermeture réglée",
    "réglage closure retiré": "fermeture retirée",
    "réglage message": "message d’absence réglé",
    "réglage message retiré": "message d’absence retiré",
    "réglage notice": "annonce réglée",
    "réglage notice retiré": "annonce retirée",
    "réglage overflow": "débordement réglé",
    "réglage overflow retiré": "débordement retiré",
}
"""Words of the trail that are read by programs too → what people read."""


def trail_blueprint(office: Office) -> Blueprint:
    """The page and its file."""
    pages = for_whoever_may(Permission.READ_TRAIL, Blueprint("admin_trail", __name__, url_prefix="/administration"))

    @pages.get("/journal")
    def show() -> str:
        return _page(office, _asked(request.args))

    @pages.get("/journal.csv")
    def download() -> ResponseReturnValue:
        asked = _asked(request.args)
        if asked.errors:
            return _page(office, asked), 400
        with reading(office.engine) as connection:
            lines = list(read_lines(connection, asked.wanted, at_most=LONGEST_FILE + 1))
        if len(lines) > LONGEST_FILE:
            told = f"Plus de {LONGEST_FILE:,} lignes : choisissez une période plus courte.".replace(",", "\u202f")
            return _page(office, replace(asked, errors={"": told})), 400
        about = " ".join(f"{name}={value}" for name, value in asked.typed.items() if value)
        with writing(office.engine) as connection:
            reference = f"{counted(len(lines), 'ligne', 'lignes')} {about}".strip()
            by = current_account().email
            note(connection, by=by, what="journal téléchargé", reference=reference, at=office.clock())
        text = csv_of(HEADINGS, ((_moment(line.at), line.by, deed(line.what), line.reference) for line in lines))
        name = f"journal-{office.clock().astimezone(timezone_of(None)):%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, mimetype="text/csv", headers=headers)

    return pages


def deed(what: str) -> str:
    """What was done, as people read it."""
    return DEEDS.get(what, what)


@dataclass(frozen=True, slots=True)
class _TrailAsked:
    """What was asked for, as typed and as understood; errors by field."""

    typed: dict[str, str]
    wanted: WantedLines
    page: int
    errors: dict[str, str]


def _asked(fields: Mapping[str, str]) -> _TrailAsked:
    names = ("qui", "quoi", "sujet", "du", "au")
    typed = {name: fields.get(name, "").strip()[:LONGEST_TYPED] for name in names}
    errors: dict[str, str] = {}
    days = {}
    for name in ("du", "au"):
        try:
            days[name] = _day(typed[name])
        except (ValueError, OverflowError):
            errors[name], days[name] = NO_DAY, None
    wanted = WantedLines(
        by=typed["qui"], what=typed["quoi"], about=typed["sujet"], start=days["du"],
        end=days["au"] + timedelta(days=1) if days["au"] else None,
    )  # fmt: skip
    digits = fields.get("page", "1")
    page = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < len(str(LAST_PAGE)) else 1
    return _TrailAsked(typed, wanted, max(page, 1), errors)


def _day(typed: str) -> datetime | None:
    """The day's first moment in Paris; None without one, ValueError for what is none."""
    if not typed:
        return None
    day = datetime.strptime(typed, "%d/%m/%Y").date() if "/" in typed else date.fromisoformat(typed)  # noqa: DTZ007 - a day has no zone
    if not 1970 <= day.year <= 9000:  # noqa: PLR2004 - years that have a moment everywhere
        raise ValueError(typed)
    return datetime.combine(day, time(), timezone_of(None))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(timezone_of(None)):%d/%m/%Y %H:%M:%S}"


def _page(office: Office, asked: _TrailAsked) -> str:
    lines: list[TrailLine] = []
    with reading(office.engine) as connection:
        deeds = [(what, deed(what)) for what in deeds_noted(connection)]
        if not asked.errors:
            skip = (asked.page - 1) * LINES
            lines = list(read_lines(connection, asked.wanted, skip=skip, at_most=LINES + 1))
            total = count_lines(connection, asked.wanted, at_most=LONGEST_FILE + 1)
        else:
            total = 0
    is_more = total > LONGEST_FILE
    shown = [(_moment(line.at), line.by, deed(line.what), line.reference) for line in lines[:LINES]]
    return render_template(
        "admin/trail.html", lines=shown,
        headings=HEADINGS, deeds=sorted(deeds, key=lambda pair: pair[1].casefold()), fields=asked.typed,
        errors=asked.errors, page=asked.page, more=len(lines) > LINES, total=min(total, LONGEST_FILE), is_more=is_more,
    )  # fmt: skip
