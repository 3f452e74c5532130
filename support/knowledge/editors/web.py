"""The editors' list as a page of the administration, one a month."""

from __future__ import annotations

import re
from datetime import date

from flask import Blueprint, abort, render_template, request

from records.desks.permissions import Permission
from routing.calendar.words import MONTHS
from routing.departements import PARIS
from support.desk import Desk
from support.knowledge.editors.reading import last_day, month_before, read_list

FIRST_YEAR = 2020


def editors_blueprint(desk: Desk) -> Blueprint:
    """`/administration/articles/liste-du-mois`, which does not exist for anybody else."""
    pages = Blueprint("editors", __name__, template_folder="../../templates")

    @pages.before_request
    def check() -> None:
        if not desk.reader().may(Permission.ADMINISTER):
            abort(404)

    @pages.get("/administration/articles/liste-du-mois")
    def show() -> str:
        today = desk.clock().astimezone(PARIS).date()
        first = _month(request.args.get("mois", ""), today) or month_before(today)
        after = date.fromordinal(last_day(first).toordinal() + 1)
        with desk.reading() as connection:
            parts = read_list(connection, first)
        return render_template(
            "editors/list.html", parts=parts, month=month_name(first), before=month_before(first),
            after=after if after <= today else None, before_name=month_name(month_before(first)),
            after_name=month_name(after),
        )  # fmt: skip

    return pages


def month_name(first: date) -> str:
    """« novembre 2026 »."""
    return f"{MONTHS[first.month - 1]} {first.year}"


def _month(typed: str, today: date) -> date | None:
    """The first day of the month written as AAAA-MM; None for what is none, or has not begun."""
    found = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", typed, re.ASCII)
    first = date(int(found[1]), int(found[2]), 1) if found else None
    return first if first and first.year >= FIRST_YEAR and first <= today else None
