"""The pages of the monthly survey: a département's answer, and for the national team who has answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.permissions import Permission
from records.typed.durations import say_duration
from reports.figures.periods import Period, PeriodRefused, french_month, month_of, of_month, read_month
from reports.pages.context import Reports
from reports.survey.campaign import Board, board, freeze_if_due, month_key, open_month, send_answer, to_csv
from reports.survey.questionnaire import (
    PARIS,
    Stage,
    SurveyRefused,
    closes_at,
    month_in_question,
    opens_at,
    read_tracked,
)
from reports.survey.store import follow
from routing.departements import departements

MONTHS_SHOWN = 6


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/enquete`."""

    @pages.get("/enquete")
    def survey() -> str:
        month, problem = _month(desk)
        code = request.args.get("departement", "") or _own_code(desk)
        with desk.reading() as connection:
            if code:
                desk.check_departement(code)
                state = board(connection, month, desk.clock(), [code])
                return _answer_page(desk, state, code, {}, problem)
            return _board_page(desk, board(connection, month, desk.clock()), problem)

    @pages.post("/enquete")
    def answer_survey() -> ResponseReturnValue:
        month, _ = _month(desk)
        code = desk.check_departement(request.form.get("departement", "")).code
        try:
            with writing(desk.engine) as connection:
                sent = send_answer(
                    connection, month, code, request.form, by=desk.reader().email, now=desk.clock()
                )  # fmt: skip
        except SurveyRefused as refusal:
            with desk.reading() as connection:
                state = board(connection, month, desk.clock(), [code])
            return _answer_page(desk, state, code, request.form, str(refusal)), 400
        late = " Elle arrive après la clôture : elle est notée comme tardive." if sent.late else ""
        flash(f"L’enquête {of_month(month.since)} est envoyée. Merci !{late}", "success")
        return redirect(url_for(".survey", mois=month_key(month), departement=code), 303)

    @pages.post("/enquete/reglages")
    def set_survey() -> ResponseReturnValue:
        desk.check(Permission.RUN_SURVEY)
        month, _ = _month(desk)
        try:
            with writing(desk.engine) as connection:
                _set(desk, connection, month)
        except SurveyRefused as refusal:
            flash(str(refusal), "error")
        else:
            flash("Les réglages de l’enquête sont enregistrés.", "success")
        return redirect(url_for(".survey", mois=month_key(month)), 303)

    @pages.get("/enquete/reponses.csv")
    def survey_csv() -> Response:
        desk.check(Permission.RUN_SURVEY)
        month, _ = _month(desk)
        with desk.reading() as connection:
            text = to_csv(board(connection, month, desk.clock()))
        disposition = {"Content-Disposition": f'attachment; filename="enquete-{month_key(month)}.csv"'}
        return Response(text, mimetype="text/csv", headers=disposition)


def _own_code(desk: Reports) -> str:
    """The reader's first département, empty for whoever runs the survey; 404 for whoever has none."""
    if desk.reader().may(Permission.RUN_SURVEY):
        return ""
    own = desk.own_departements()
    return own[0][0] if own else abort(404)


def _set(desk: Reports, connection: Connection, month: Period) -> None:
    """Open the survey, or change the sous-motifs that it follows."""
    open_month(connection, month, desk.clock())
    freeze_if_due(connection, month, desk.clock())
    written = request.form.get("suivis")
    if written is not None:
        known = desk.wordings(connection, desk.today()).sous_motifs()
        state = board(connection, month, desk.clock(), [])
        if state.survey and state.survey.frozen_at:
            raise SurveyRefused("Les chiffres sont figés : la liste des sous-motifs suivis ne change plus.")
        follow(connection, month_key(month), read_tracked(written[:20_000], known))


def _month(desk: Reports) -> tuple[Period, str]:
    """The month of the address, or the one in question; and the sentence that says why another was not taken."""
    today = desk.today()
    usual = month_of(month_in_question(today))
    written = request.values.get("mois", "")
    if not written:
        return usual, ""
    try:
        return read_month(written, today), ""
    except PeriodRefused as refusal:
        return usual, str(refusal)


def _common(desk: Reports, state: Board, problem: str) -> dict[str, Any]:
    last = desk.today().replace(day=1)
    months = []
    for _ in range(MONTHS_SHOWN):
        months.append((f"{last:%Y-%m}", french_month(last)))
        last = month_of(last).previous().since
    return {
        "state": state, "month": month_key(state.month), "month_name": french_month(state.month.since),
        "of_month": of_month(state.month.since), "months": months, "problem": problem, "Stage": Stage,
        "opens": _moment(opens_at(state.month)), "closes": _moment(closes_at(state.month) - timedelta(minutes=1)),
        "departements": departements(), "moment": _moment,
    }  # fmt: skip


def _moment(at: datetime) -> str:
    local = at.astimezone(PARIS)
    return f"{local:%d/%m/%Y} à {local.hour} h {local:%M}"


def _answer_page(desk: Reports, state: Board, code: str, typed: Any, problem: str) -> str:
    return render_template(
        "reports/survey.html", **_common(desk, state, problem), code=code, lines=state.lines(code),
        given=state.answers.get(code), typed=typed, own=desk.own_departements(), shown=shown_value,
    )  # fmt: skip


def _board_page(desk: Reports, state: Board, problem: str) -> str:
    return render_template("reports/survey_board.html", **_common(desk, state, problem), shown=shown_value)


def shown_value(shown_as: str, value: float | None) -> str:
    """A figure as one types it back: percent, minutes and seconds, a count."""
    if value is None:
        return "—"
    if shown_as == "rate":
        return f"{value * 100:.1f}".replace(".", ",") + " %"
    if shown_as == "duration":
        return say_duration(int(value + 0.5))
    return f"{value:.0f}"
