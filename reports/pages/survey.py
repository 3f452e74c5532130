"""The pages of the monthly survey: a département's answer; for the national team who has answered, and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.counting.words import counted
from records.database import Connection, writing
from records.desks.accounts import names_by_email
from records.desks.audit import note
from records.desks.permissions import Permission
from records.typed.durations import say_duration
from reports.figures.periods import Period, PeriodRefused, french_day, french_month, month_of, of_month, read_month
from reports.figures.summary import regions
from reports.pages.context import Reports
from reports.survey.campaign import (
    Board,
    awaited,
    board,
    follow,
    month_asked,
    month_key,
    open_month,
    send_answer,
    withdraw_correction,
)
from reports.survey.consolidated import consolidated, every_row, to_csv
from reports.survey.mails import Chased, chase
from reports.survey.questionnaire import (
    Stage,
    SurveyRefused,
    closes_at,
    opens_at,
    shown_as,
    typed_list,
)
from routing.departements import PARIS, departements

MONTHS_SHOWN = 12
ANSWERED = (("manque", "Manquantes"), ("recue", "Reçues à temps"), ("tardive", "Tardives"), ("corrigee", "Corrigées"))
"""What the list of answers may be narrowed to."""


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/enquete`, the consolidated one, and what other pages tell of the survey."""
    _add_answer(pages, desk)
    _add_running(pages, desk)
    _add_consolidated(pages, desk)

    @pages.app_template_global("survey_awaited")
    def survey_awaited() -> dict[str, Any] | None:
        """What the reader's own départements have not answered, None when nothing waits."""
        account = g.get("account")
        if account is None or not account.scope:
            return None
        with desk.reading() as connection:
            month, codes = awaited(connection, account.scope, desk.clock())
        if not codes:
            return None
        return {
            "of_month": of_month(month.since), "month": month_key(month),
            "places": [(code, departements()[code].name) for code in codes],
            "closes": _moment(closes_at(month) - timedelta(minutes=1)), "is_late": desk.clock() >= closes_at(month),
        }  # fmt: skip

    @pages.app_template_global("survey_at_a_glance")
    def survey_at_a_glance() -> dict[str, Any]:
        """The survey that is asked now, as the dashboard shows it."""
        with desk.reading() as connection:
            month = month_asked(connection, desk.clock())
            state = board(connection, month, desk.clock(), (), renames=desk.renames)
            if state.survey:
                state = _board(desk, connection, month)
        return {**_common(desk, state, ""), "rows": consolidated(state), "shown": shown_value}


def _add_answer(pages: Blueprint, desk: Reports) -> None:
    @pages.get("/enquete")
    def survey() -> str:
        with desk.reading() as connection:
            month, problem = _month(desk, connection)
            code = request.args.get("departement", "") or _own_code(desk)
            if code:
                desk.check_departement(code)
                return _answer_page(desk, _board(desk, connection, month, code), code, {}, problem)
            return _board_page(desk, connection, month, problem)

    @pages.post("/enquete")
    def answer_survey() -> ResponseReturnValue:
        code = desk.check_departement(request.form.get("departement", "")).code
        figure = request.form.get("retirer", "")
        with desk.reading() as connection:
            month, _ = _month(desk, connection)
        try:
            with writing(desk.engine) as connection:
                if figure:
                    state = _board(desk, connection, month, code)
                    withdraw_correction(connection, state, code, figure, by=desk.reader().email, at=desk.clock())
                else:
                    entries = desk.wordings(connection, desk.today()).entries
                    sent = send_answer(
                        connection, month, code, request.form, by=desk.reader().email, now=desk.clock(),
                        entries=entries, renames=desk.renames,
                    )  # fmt: skip
        except SurveyRefused as refusal:
            with desk.reading() as connection:
                state = _board(desk, connection, month, code)
            return _answer_page(desk, state, code, request.form, str(refusal)), 400
        if figure:
            return _withdrawn(desk, month, code, figure)
        late = " Elle arrive après la clôture : elle est notée comme tardive." if sent.late else ""
        flash(f"L’enquête {of_month(month.since)} est envoyée. Merci !{late}", "success")
        return redirect(url_for(".survey", mois=month_key(month), departement=code), 303)


def _withdrawn(desk: Reports, month: Period, code: str, figure: str) -> str:
    """The page again, with what else was typed on it: it has not been sent."""
    gone = {f"valeur:{figure}", f"motif:{figure}"}
    typed = {name: text for name, text in request.form.items() if name not in gone}
    with desk.reading() as connection:
        state = _board(desk, connection, month, code)
    said = f"La correction de « {state.labels.get(figure, figure)} » est retirée : le chiffre calculé compte seul."
    flash(said, "success")
    return _answer_page(desk, state, code, typed, "")


def _add_running(pages: Blueprint, desk: Reports) -> None:
    @pages.post("/enquete/reglages")
    def set_survey() -> ResponseReturnValue:
        desk.check(Permission.RUN_SURVEY)
        written = request.form.get("suivis")
        with desk.reading() as connection:
            month, _ = _month(desk, connection)
        try:
            with writing(desk.engine) as connection:
                by, now = desk.reader().email, desk.clock()
                entries = desk.wordings(connection, desk.today()).entries
                open_month(connection, month, now, entries=entries, renames=desk.renames, by=by)
                if written is not None:
                    follow(connection, month, written[:20_000], entries, by=by, at=now)
        except SurveyRefused as refusal:
            with desk.reading() as connection:
                return _board_page(desk, connection, month, str(refusal), suivis=written), 400
        done = "est ouverte" if written is None else "suit ces sous-motifs"
        flash(f"L’enquête {of_month(month.since)} {done}.", "success")
        return redirect(url_for(".survey", mois=month_key(month)), 303)

    @pages.post("/enquete/relancer")
    def chase_missing() -> ResponseReturnValue:
        desk.check(Permission.RUN_SURVEY)
        with desk.reading() as connection:
            month, _ = _month(desk, connection)
        region = request.args.get("region", "")
        back = redirect(url_for(".survey", mois=month_key(month), reponse="manque", region=region or None), 303)
        if not desk.sends_mail:
            flash("Aucun courriel ne part d’ici : l’administrateur n’a pas réglé leur envoi.", "error")
            return back
        try:
            with writing(desk.engine) as connection:
                done = chase(
                    connection, month, desk.clock(), addresses=desk.addresses(), link=f"{desk.site}/enquete",
                    by=desk.reader().email, region=region,
                )  # fmt: skip
        except SurveyRefused as refusal:
            flash(str(refusal), "error")
        else:
            _tell_chased(done)
        return back

    @pages.get("/enquete/reponses.csv")
    def survey_csv() -> Response:
        desk.check(Permission.RUN_SURVEY)
        with desk.reading() as connection:
            month, _ = _month(desk, connection)
            names = names_by_email(connection)
            text = to_csv(_board(desk, connection, month), lambda email: names.get(email, email))
        with writing(desk.engine) as connection:
            what, about = "enquête téléchargée", month_key(month)
            note(connection, by=desk.reader().email, what=what, reference=about, at=desk.clock())
        disposition = {"Content-Disposition": f'attachment; filename="enquete-{month_key(month)}.csv"'}
        return Response(text, mimetype="text/csv", headers=disposition)


def _tell_chased(done: Chased) -> None:
    if done.now:
        flash(f"{counted(len(done.now), 'département relancé', 'départements relancés')}.", "success")
    elif not done.unreachable:
        flash("Personne à relancer : chacun a répondu ou a déjà été relancé pour ce mois.", "info")
    if done.unreachable:
        names = ", ".join(f"{departements()[code].name} ({code})" for code in done.unreachable)
        flash(f"Sans adresse dans l’annuaire, donc sans relance : {names}.", "warning")


def _add_consolidated(pages: Blueprint, desk: Reports) -> None:
    @pages.get("/national/enquete")
    def national_survey() -> str:
        desk.check(Permission.READ_NATIONAL_FIGURES)
        with desk.reading() as connection:
            month, problem = _month(desk, connection)
            state = _board(desk, connection, month)
        rows = every_row(state)
        return render_template(
            "reports/survey_consolidated.html", **_common(desk, state, problem), rows=consolidated(state),
            places=[row for row in rows if row.level not in {"France", "Région"}], shown=shown_value,
        )  # fmt: skip


def _board(desk: Reports, connection: Connection, month: Period, code: str = "") -> Board:
    return board(connection, month, desk.clock(), [code] if code else None, renames=desk.renames)


def _own_code(desk: Reports) -> str:
    """The reader's first département, empty for whoever runs the survey; 404 for whoever has none."""
    if desk.reader().may(Permission.RUN_SURVEY):
        return ""
    own = desk.own_departements()
    return own[0][0] if own else abort(404)


def _month(desk: Reports, connection: Connection) -> tuple[Period, str]:
    """The month of the address, or the one in question; and the sentence that says why another was not taken."""
    written = request.values.get("mois", "")
    usual = month_asked(connection, desk.clock())
    if not written:
        return usual, ""
    try:
        return read_month(written, desk.today()), ""
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
    return f"{french_day(local.date())} à {local.hour} h {local:%M}"


def _answer_page(desk: Reports, state: Board, code: str, typed: Mapping[str, str], problem: str) -> str:
    past = [one for one in state.corrections.get(code, ()) if one.withdrawn_at]
    return render_template(
        "reports/survey.html", **_common(desk, state, problem), code=code, lines=state.lines(code),
        given=state.answers.get(code), typed=typed, own=desk.own_departements(), shown=shown_value, withdrawn=past,
        typed_back=typed_back,
        labels=state.labels, kind_of=shown_as,
    )  # fmt: skip


def _board_page(
    desk: Reports, connection: Connection, month: Period, problem: str, *, suivis: str | None = None
) -> str:
    state = _board(desk, connection, month)
    asked, region = request.args.get("reponse", ""), request.args.get("region", "")
    listed = [code for code in state.filled if _is_asked(state, code, asked) and region in {"", _region(code)}]
    missing = [code for code in state.missing if region in {"", _region(code)}]
    entries = desk.wordings(connection, desk.today()).entries
    addresses = desk.addresses()
    return render_template(
        "reports/survey_board.html", **_common(desk, state, problem), shown=shown_value, listed=listed,
        answered=ANSWERED, reponse=asked, region=region, regions=[(name, name) for name in regions()],
        suivis=typed_list([one.wording for one in state.followed], entries) if suivis is None else suivis,
        to_chase=[code for code in missing if code not in state.reminded and addresses.get(code)], missing=missing,
        unreachable=[code for code in missing if not addresses.get(code)], sends_mail=desk.sends_mail,
    )  # fmt: skip


def _region(code: str) -> str:
    return departements()[code].region


def _is_asked(state: Board, code: str, asked: str) -> bool:
    given = state.answers.get(code)
    match asked:
        case "manque":
            return given is None
        case "recue":
            return given is not None and not given.late
        case "tardive":
            return given is not None and given.late
        case "corrigee":
            return any(line.corrected is not None for line in state.lines(code))
    return True


def typed_back(shown_as: str, value: float) -> str:
    """A corrected figure as its form shows it: whoever sends it again changes nothing of it."""
    return f"{value * 100:.10g} %".replace(".", ",") if shown_as == "rate" else shown_value(shown_as, value)


def shown_value(shown_as: str, value: float | None) -> str:
    """A figure for a reader: percent, minutes and seconds, a count."""
    if value is None:
        return "—"
    if shown_as == "rate":
        return f"{value * 100:.1f}".replace(".", ",") + " %"
    if shown_as == "duration":
        return say_duration(int(value + 0.5))
    return f"{value:,.0f}".replace(",", "\u202f")
