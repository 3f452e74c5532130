"""The national team's pages of the reports: what waits by its day, one report, who looks after it, how it ends."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.counting.words import counted
from records.desks.permissions import Permission
from records.refusals import ChangeRefused, Overtaken
from support.desk import Desk
from support.knowledge.reports.report import KINDS, STATES, ReportState
from support.knowledge.reports.reporting import end, take
from support.knowledge.reports.store import closed_reports, open_reports, read_report, voices_of

CLOSED_SHOWN = 30
Fields = Mapping[str, str]


def reports_blueprint(desk: Desk) -> Blueprint:
    """The pages under `/administration/articles/signalements`, which do not exist for anybody else."""
    prefix = "/administration/articles/signalements"
    pages = Blueprint("article_reports", __name__, template_folder="../../templates", url_prefix=prefix)

    @pages.before_request
    def check() -> None:
        if not desk.reader().may(Permission.ADMINISTER):
            abort(404)

    @pages.get("")
    def every() -> str:
        with desk.reading() as connection:
            waiting, closed = open_reports(connection), closed_reports(connection, CLOSED_SHOWN)
        return render_template("reporting/list.html", waiting=waiting, closed=closed, states=STATES, now=desk.clock())

    @pages.get("/<int:number>")
    def show(number: int) -> str:
        return _page(desk, number)

    @pages.post("/<int:number>/prendre")
    def take_it(number: int) -> ResponseReturnValue:
        try:
            take(desk.acting(), number)
        except Overtaken as overtaken:
            return _overtaken(desk, number, overtaken)
        flash("Vous vous occupez de ce signalement.", "success")
        return redirect(url_for(".show", number=number), 303)

    @pages.post("/<int:number>/terminer")
    def end_it(number: int) -> ResponseReturnValue:
        form = request.form
        try:
            told = end(
                desk.acting(), number, state=form.get("etat", ""), result=form.get("resultat", ""), site=desk.public_url
            )
        except ChangeRefused as refusal:
            return _page(desk, number, form, {refusal.field: str(refusal)}), 400
        except Overtaken as overtaken:
            return _overtaken(desk, number, overtaken)
        answered = (
            f", {counted(told, 'personne est prévenue', 'personnes sont prévenues')} par courriel" if told else ""
        )
        flash(f"Le signalement est terminé{answered}.", "success")
        return redirect(url_for(".every"), 303)

    return pages


def _overtaken(desk: Desk, number: int, overtaken: Overtaken) -> ResponseReturnValue:
    if overtaken.current is None:
        abort(404)
    said = "Quelqu’un d’autre a terminé ce signalement entre-temps : voici sa réponse."
    return _page(desk, number, request.form, {"": said}), 409


def _page(desk: Desk, number: int, fields: Fields | None = None, errors: Fields | None = None) -> str:
    with desk.reading() as connection:
        report = read_report(connection, number)
        if report is None:
            abort(404)
        voices = voices_of(connection, number)
    return render_template(
        "reporting/report.html", report=report, voices=voices, kinds=KINDS, states=STATES, fields=fields or {},
        errors=errors or {}, now=desk.clock(), to_answer=len({voice.email for voice in voices if voice.email}),
        ends=[(str(state), STATES[state]) for state in (ReportState.DONE, ReportState.REFUSED)],
    )  # fmt: skip
