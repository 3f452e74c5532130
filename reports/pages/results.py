"""« Mes résultats »: a département's figures, its workbook, and the calls behind each figure."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from records.counting.drill_down import calls_of_figure
from records.counting.figures import motive_tallies, tallies_by_day, tallies_by_departement, tally
from records.counting.tally import Scope
from records.database import Connection, writing
from records.desks.audit import note
from records.desks.permissions import Permission
from reports.figures.chart_tables import MOTIVE_HEADINGS, POINT_HEADINGS, motive_rows, point_rows
from reports.figures.dashboard import ANSWERED, RECEIVED_AND_TREATED, beside, by_week, point_chart
from reports.figures.definitions import BY_NAME, DAYS_NOTE, DEFINITIONS, FOUR, Definition, figures, motives, show
from reports.figures.requests import CHANNEL_HEADINGS
from reports.figures.requests import MOTIVE_HEADINGS as REQUEST_MOTIVE_HEADINGS
from reports.figures.summary import FRANCE, figures_of_requests, regions, scope_of
from reports.importing.store import imports_of
from reports.pages import imports, national, survey, workbooks, works
from reports.pages.context import XLSX, Asked, Reports, address, asked_period, chosen_departement, csv_answer
from reports.preparing.workbook import DIRECT_ROWS
from reports.workbook.book import write_workbook
from reports.workbook.content import workbook_content
from reports.workbook.history import TooManyRows
from routing.departements import Departement, timezone_of

SHOWN_MOTIVES = 15
LINES = 50
LAST_PAGE = 2_000


def blueprint(desk: Reports) -> Blueprint:
    """All pages of the reports: `/resultats`, `/national`, `/enquete`."""
    pages = Blueprint(
        "reports", __name__, template_folder="templates", static_folder="static", static_url_path="/resultats/static"
    )
    _add_results(pages, desk)
    _add_workbook(pages, desk)
    imports.add(pages, desk)
    national.add(pages, desk)
    survey.add(pages, desk)
    workbooks.add(pages, desk)
    works.add(pages, desk)
    return pages


def _add_results(pages: Blueprint, desk: Reports) -> None:
    @pages.get("/resultats")
    def results() -> str:
        place, asked = chosen_departement(desk), asked_period(request.args, desk.today())
        with desk.reading() as connection:
            return render_template("reports/results.html", **_results(desk, connection, place, asked))

    @pages.get("/resultats/motifs.csv")
    def results_motives_csv() -> Response:
        place, asked = chosen_departement(desk), asked_period(request.args, desk.today())
        with desk.reading() as connection:
            cited = motives(motive_tallies(connection, scope_of(asked.period, [place.code])))
        return csv_answer(f"motifs-{place.code}", MOTIVE_HEADINGS, motive_rows(cited))

    @pages.get("/resultats/semaines.csv")
    def results_weeks_csv() -> Response:
        place, asked = chosen_departement(desk), asked_period(request.args, desk.today())
        with desk.reading() as connection:
            days = tallies_by_day(connection, scope_of(asked.period, [place.code]))
        weeks = by_week(days, asked.period, desk.today())
        return csv_answer(f"semaines-{place.code}", POINT_HEADINGS, point_rows(weeks))

    @pages.get("/resultats/demandes.csv")
    def results_requests_csv() -> Response:
        place, asked = chosen_departement(desk), asked_period(request.args, desk.today())
        with desk.reading() as connection:
            scope = scope_of(asked.period, [place.code])
            found = figures_of_requests(connection, scope, desk.national_hours, desk.clock())
        return csv_answer(f"demandes-{place.code}", REQUEST_MOTIVE_HEADINGS, found.every_motive)

    @pages.get("/resultats/appels")
    def drill_down() -> str:
        figure = request.args.get("chiffre", "nombre_appels")
        listed = LISTS.get(figure)
        if listed is None:
            abort(404)
        asked = asked_period(request.args, desk.today())
        page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
        scope, place = _drill_down_scope(desk, asked)
        code = request.args.get("departement", "")
        with desk.reading() as connection:
            found = calls_of_figure(
                connection, scope, listed.behind, limit=LINES + 1, offset=(page - 1) * LINES,
                sous_motif=request.args.get("sous_motif", "")[:200] or None,
            )  # fmt: skip
        return render_template(
            "reports/drill_down.html", asked=asked, place=place, label=listed.label, page=page,
            has_more=len(found) > LINES, lines=[_line(desk, call) for call in found[:LINES]], address=address,
            code=code, contacts=desk.contacts(code), is_now=listed.behind.startswith("waiting_"),
            same_calls={key: text for key, text in address().items() if key not in {"du", "au", "periode"}},
        )  # fmt: skip


def _drill_down_scope(desk: Reports, asked: Asked) -> tuple[Scope, str]:
    """The calls that a list is about; a référent's own départements only."""
    code, region = request.args.get("departement", ""), request.args.get("region", "")
    niveau, thematique = request.args.get("niveau", ""), request.args.get("thematique", "")[:200]
    if code:
        place = desk.check_departement(code)
        return scope_of(asked.period, [place.code], niveau, thematique), f"{place.name} ({place.code})"
    desk.check(Permission.READ_NATIONAL_FIGURES)
    if region:
        if region not in regions():
            abort(404)
        return scope_of(asked.period, regions()[region], niveau, thematique), region
    return scope_of(asked.period, None, niveau, thematique), FRANCE


@dataclass(frozen=True, slots=True)
class CallList:
    """A list of calls that is behind no figure."""

    label: str
    behind: str


LISTS: Mapping[str, Definition | CallList] = {
    **BY_NAME,
    "non_qualifies": CallList("Appels à qualifier", "unqualified"),
    "messages_en_attente": CallList("Messages non écoutés", "waiting_messages"),
    "rappels_en_attente": CallList("Rappels à faire", "waiting_callbacks"),
}
"""What « chiffre » may name in the address of a list."""
OUTCOMES = {
    "in_progress": "en cours", "answered": "décroché", "message": "message", "callback": "rappel demandé",
    "absence": "message d’absence", "abandoned_ringing": "raccroché pendant la sonnerie",
    "abandoned_menu": "raccroché au menu", "missed": "manqué",
}  # fmt: skip
SOURCES = {"manual": "saisi à la main", "import": "importé"}


def _line(desk: Reports, call: Any) -> dict[str, Any]:
    local = call.started_at.astimezone(timezone_of(call.departement))
    return {
        "id": call.call_id,
        "when": f"{call.day:%d/%m/%Y}" + ("" if call.source == "import" else f" {local:%H:%M}"),
        "departement": call.departement or "—",
        "caller": desk.mask_phone(call.caller) if call.caller else "masqué",
        "outcome": SOURCES.get(call.source) or OUTCOMES.get(call.outcome, call.outcome),
        "referent": call.referent or "—",
        "wait": show("duration", call.wait_seconds),
        "talk": show("duration", call.talk_seconds),
        "sous_motif": call.sous_motif or "—",
    }


def _results(desk: Reports, connection: Connection, place: Departement, asked: Asked) -> dict[str, Any]:
    scope = scope_of(asked.period, [place.code])
    previous = asked.period.previous()
    now = figures(tally(connection, scope))
    before = figures(tally(connection, scope_of(previous, [place.code])))
    everywhere = tallies_by_departement(connection, scope_of(asked.period), with_waits=False)
    others = [figures(each) for code, each in everywhere.items() if code]
    cited = motives(motive_tallies(connection, scope))
    weeks = by_week(tallies_by_day(connection, scope), asked.period, desk.today())
    return {
        "place": place, "asked": asked, "previous": previous, "own": desk.own_departements(),
        "definitions": DEFINITIONS, "shown": now.shown(), "now": now, "days_note": DAYS_NOTE, "address": address,
        "compared": beside(now, before, others, [(d.name, d.shown_as) for d in DEFINITIONS if d.name in FOUR]),
        "labels": {d.name: d.heading for d in DEFINITIONS}, "four": FOUR,
        "weeks": weeks, "curves": (
            ("courbe-semaines", "Appels reçus et appels traités par semaine",
             point_chart(weeks, RECEIVED_AND_TREATED)),
            ("courbe-decroche", "Taux de décroché par semaine",
             point_chart(weeks, ANSWERED, target=desk.answer_target)),
        ),
        "point_rows": point_rows, "cited": cited[:SHOWN_MOTIVES], "more_motives": max(len(cited) - SHOWN_MOTIVES, 0),
        "show": show, "imports": imports_of(connection, place.code)[:5],
        "point_headings": POINT_HEADINGS, "contacts": desk.contacts(place.code),
        "requested": figures_of_requests(connection, scope, desk.national_hours, desk.clock()),
        "channel_headings": CHANNEL_HEADINGS, "request_motive_headings": REQUEST_MOTIVE_HEADINGS,
    }  # fmt: skip


# ---------------------------------------------------------------- the workbook


def _add_workbook(pages: Blueprint, desk: Reports) -> None:
    @pages.get("/resultats/classeur.xlsx")
    def workbook() -> ResponseReturnValue:
        asked = asked_period(request.args, desk.today())
        whole = request.args.get("departement") == "france"
        if whole:
            desk.check(Permission.READ_NATIONAL_FIGURES)
        place = None if whole else chosen_departement(desk)
        code = place.code if place else "france"
        with desk.reading() as connection:
            treated = tally(connection, scope_of(asked.period, [code] if place else None)).treated
        if place is None or treated > DIRECT_ROWS:
            flash("Ce classeur est grand : demandez-le ici, il s’écrit à part et vous attend ensuite.", "info")
            return redirect(workbooks.address_of(code, asked.period, with_pivot="pivot" in request.args), 303)
        try:
            file = _written(desk, place, asked)
        except TooManyRows as refusal:
            flash(str(refusal), "error")
            page = "results" if place else "national"
            return redirect(url_for(f".{page}", **{"departement": code, **asked.query()}), 303)  # type: ignore[arg-type]
        name = f"suivi-{code}-{asked.period.since}-{asked.period.until}.xlsx"
        return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


def _written(desk: Reports, place: Departement | None, asked: Asked) -> IO[bytes]:
    """The workbook in a file that goes with the answer, or with what goes wrong; who took the numbers is noted."""
    with ExitStack() as unless_given:
        file = unless_given.enter_context(tempfile.TemporaryFile())
        _write(desk, place, asked, file)
        with writing(desk.engine) as connection:
            reference = f"{place.code if place else 'france'} {asked.period.since} {asked.period.until}"
            note(connection, by=desk.reader().email, what="classeur", reference=reference, at=desk.clock())
        file.seek(0)
        unless_given.pop_all()  # the answer closes it
    return file


def _write(desk: Reports, place: Departement | None, asked: Asked, file: BinaryIO) -> None:
    with desk.reading() as connection:
        entries = desk.wordings(connection, desk.today()).entries
        content = workbook_content(
            connection, asked.period, departement=place, entries=entries, today=desk.today(),
            show_phone=desk.show_phone if place else desk.mask_phone, phones_are_masked=place is None,
            hours=desk.national_hours, profiles=desk.profiles, with_pivot="pivot" in request.args, at=desk.clock(),
        )  # fmt: skip
        write_workbook(file, content)
