"""The page of the workbooks that are written apart: asking, and what was asked for."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.permissions import Permission
from records.working import heavy
from records.working.asked import KEPT_FOR, HouseFull, UnderWay, WorkState
from reports.figures.periods import Period
from reports.figures.summary import FRANCE
from reports.pages.context import Asked, Reports, asked_period
from reports.pages.works import WHOLE, check_place, house_full, place_of, sent_to, size_of
from reports.preparing.kinds import WORKBOOK
from reports.preparing.workbook import WorkbookAsked, ask


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/resultats/classeurs`."""

    @pages.get("/resultats/classeurs")
    def prepared_workbooks() -> str:
        return _page(desk, asked_period(request.args, desk.today()), request.args.get("departement", ""))

    @pages.post("/resultats/classeurs")
    def prepare_workbook() -> ResponseReturnValue:
        asked, code = asked_period(request.form, desk.today()), request.form.get("departement", "")
        check_place(desk, code)
        if asked.problem:
            return _page(desk, asked, code), 400
        wanted = WorkbookAsked(None if code == WHOLE else code, asked.period, "pivot" in request.form)
        try:
            with writing(desk.engine) as connection:
                number = ask(connection, wanted, by=desk.reader().email, at=desk.clock())
        except UnderWay as refusal:
            return sent_to(refusal)
        except HouseFull as refusal:
            return house_full(refusal)
        return redirect(url_for(".heavy_work", number=number), 303)


def address_of(code: str, period: Period, *, with_pivot: bool) -> str:
    """Where the workbook of these days is asked for; `code` may be `france`."""
    since, until = period.since.isoformat(), period.until.isoformat()
    pivot = "oui" if with_pivot else None
    return url_for("reports.prepared_workbooks", departement=code, du=since, au=until, pivot=pivot)


def _page(desk: Reports, asked: Asked, code: str) -> str:
    places = list(desk.own_departements())
    if desk.reader().may(Permission.READ_NATIONAL_FIGURES):
        places = [(WHOLE, FRANCE), *places]
    if code:
        check_place(desk, code)
    with desk.reading() as connection:
        return render_template(
            "reports/apart/workbooks.html", asked=asked, places=places, code=code, with_pivot="pivot" in request.values,
            **_listed(desk, connection),
        )  # fmt: skip


def _listed(desk: Reports, connection: Connection) -> dict[str, Any]:
    found = [
        (one, WorkbookAsked.of(one.parameters)) for one in heavy.of_account(connection, desk.reader().email, WORKBOOK)
    ]
    return {
        "workbooks": found, "State": WorkState, "place_of": place_of, "size_of": size_of,
        "until": lambda one: one.ended_at + KEPT_FOR, "days": KEPT_FOR.days,
    }  # fmt: skip
