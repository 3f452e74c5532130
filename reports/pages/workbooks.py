"""The page of the workbooks that are written in the background: asking, watching, taking."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from reports.figures.definitions import show
from reports.figures.periods import Period
from reports.figures.summary import FRANCE
from reports.pages.context import XLSX, Asked, Reports, asked_period
from reports.preparing import store
from reports.preparing.prepared import KEPT_FOR, Prepared, PreparedState, PreparingRefused
from reports.preparing.preparing import ask, taken
from routing.departements import departements

WHOLE = "france"
"""What the address says for France as a whole."""


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/resultats/classeurs`."""

    @pages.get("/resultats/classeurs")
    def prepared_workbooks() -> str:
        return _page(desk, asked_period(request.args, desk.today()), request.args.get("departement", ""))

    @pages.get("/resultats/classeurs/suivi")
    def watch_workbooks() -> ResponseReturnValue:
        """The list alone for an open page, which asks for it on its own: no activity (decision 37)."""
        if not request.headers.get("HX-Request"):
            return redirect(url_for(".prepared_workbooks"), 303)
        with desk.reading() as connection:
            return render_template("reports/_workbooks.html", **_listed(desk, connection))

    @pages.post("/resultats/classeurs")
    def prepare_workbook() -> ResponseReturnValue:
        asked, code = asked_period(request.form, desk.today()), request.form.get("departement", "")
        _check(desk, code)
        if asked.problem:
            return _page(desk, asked, code), 400
        try:
            with writing(desk.engine) as connection:
                ask(
                    connection, None if code == WHOLE else code, asked.period, with_pivot="pivot" in request.form,
                    by=desk.reader().email, at=desk.clock(),
                )  # fmt: skip
        except PreparingRefused as refusal:
            flash(str(refusal), "error")
        return redirect(address_of(code, asked.period, with_pivot="pivot" in request.form), 303)

    @pages.get("/resultats/classeurs/<int:number>.xlsx")
    def take_workbook(number: int) -> Response | ResponseReturnValue:
        with desk.reading() as connection:
            one = store.prepared(connection, number)
        if one is None or one.asked_by != desk.reader().email:
            abort(404)
        _check(desk, one.departement or WHOLE)
        try:
            with writing(desk.engine) as connection:
                path = taken(connection, one, desk.prepared_dir, by=desk.reader().email, at=desk.clock())
        except ChangeRefused as refusal:
            flash(str(refusal), "error")
            return redirect(url_for(".prepared_workbooks"), 303)
        return send_file(path, mimetype=XLSX, as_attachment=True, download_name=one.file_name)


def address_of(code: str, period: Period, *, with_pivot: bool) -> str:
    """Where the workbook of these days is asked for; `code` may be `france`."""
    since, until = period.since.isoformat(), period.until.isoformat()
    pivot = "oui" if with_pivot else None
    return url_for("reports.prepared_workbooks", departement=code, du=since, au=until, pivot=pivot)


def _check(desk: Reports, code: str) -> None:
    """404 for whoever may not read what is asked for."""
    if code == WHOLE:
        desk.check(Permission.READ_NATIONAL_FIGURES)
    else:
        desk.check_departement(code)


def _page(desk: Reports, asked: Asked, code: str) -> str:
    places = list(desk.own_departements())
    if desk.reader().may(Permission.READ_NATIONAL_FIGURES):
        places = [(WHOLE, FRANCE), *places]
    if code:
        _check(desk, code)
    with desk.reading() as connection:
        return render_template(
            "reports/workbooks.html", asked=asked, places=places, code=code, with_pivot="pivot" in request.values,
            **_listed(desk, connection),
        )  # fmt: skip


def _listed(desk: Reports, connection: Connection) -> dict[str, Any]:
    found = store.prepared_of(connection, desk.reader().email)
    return {
        "workbooks": found, "is_under_way": any(one.is_under_way for one in found), "State": PreparedState,
        "place_of": _place, "size_of": _size, "until": lambda one: one.ready_at + KEPT_FOR, "days": KEPT_FOR.days,
        "shown": show,
    }  # fmt: skip


def _place(one: Prepared) -> str:
    return f"{departements()[one.departement].name} ({one.departement})" if one.departement else FRANCE


def _size(one: Prepared) -> str:
    """« 12,3 Mo », « 45 ko »."""
    size = one.size or 0
    return f"{size / 1e6:.1f} Mo".replace(".", ",") if size >= 1e6 else f"{max(size // 1000, 1)} ko"  # noqa: PLR2004 - a megabyte
