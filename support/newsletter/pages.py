"""The national team's pages of the newsletter: notes about tools, the draft, its preview, sending it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.counting.words import counted
from records.desks.permissions import Permission
from records.refusals import ChangeRefused, Overtaken
from records.typed.numbers import typed_number
from support.desk import Desk
from support.newsletter.letters import issue_text
from support.newsletter.news import HEADINGS, IssueState, NewsletterIssue
from support.newsletter.publishing import change, draft, draft_at, drop, say_of_tool, send, take_note_back
from support.newsletter.store import issues, read_issue, receivers, sending_of, tool_notes_standing
from support.newsletter.web import shown_body

Fields = Mapping[str, Any]


def newsletter_blueprint(desk: Desk) -> Blueprint:
    """The pages under `/administration/lettres`, which do not exist for anybody else."""
    prefix = "/administration/lettres"
    pages = Blueprint("newsletter", __name__, template_folder="../templates", url_prefix=prefix)

    @pages.before_request
    def check() -> None:
        if not desk.reader().may(Permission.ADMINISTER):
            abort(404)

    @pages.get("")
    def every() -> str:
        return _list(desk)

    @pages.post("/brouillon")
    def make() -> ResponseReturnValue:
        try:
            number = draft(desk.acting())
        except ChangeRefused as refusal:
            flash(str(refusal), "info")
            return redirect(url_for(".every"), 303)
        except Overtaken:
            flash("Quelqu’un vient de modifier ce brouillon : relisez-le.", "warning")
            return redirect(url_for(".every"), 303)
        flash("Le brouillon contient tout ce qui a été publié jusqu’à maintenant.", "success")
        return redirect(url_for(".show", number=number), 303)

    @pages.post("/outils")
    def add_note() -> ResponseReturnValue:
        try:
            say_of_tool(desk.acting(), title=request.form.get("titre", ""), text=request.form.get("texte", ""))
        except ChangeRefused as refusal:
            return _list(desk, request.form, {refusal.field: str(refusal)}), 400
        flash("La note sera dans la prochaine lettre.", "success")
        return redirect(url_for(".every"), 303)

    @pages.post("/outils/<int:number>/retirer")
    def take_back(number: int) -> ResponseReturnValue:
        try:
            take_note_back(desk.acting(), number)
        except ChangeRefused:
            abort(404)
        flash("La note est retirée.", "success")
        return redirect(url_for(".every"), 303)

    _add_one(pages, desk)
    return pages


def _add_one(pages: Blueprint, desk: Desk) -> None:
    """One newsletter: seen, changed, previewed, sent, dropped."""

    @pages.get("/<int:number>")
    def show(number: int) -> str:
        return _issue(desk, number)

    @pages.get("/<int:number>/apercu")
    def preview(number: int) -> str:
        found = _found(desk, number)
        leave = f"{desk.public_url}/lettre/abonnes/…"
        text = issue_text(found, desk.public_url, leave)
        return render_template("newsletter/preview.html", issue=found, text=text, body=shown_body(desk, found))

    @pages.post("/<int:number>")
    def save(number: int) -> ResponseReturnValue:
        form, kept = request.form, request.form.getlist("garder")
        try:
            change(
                desk.acting(), number, follows=_version(), subject=form.get("sujet", ""),
                introduction=form.get("introduction", ""), kept=kept,
            )  # fmt: skip
        except ChangeRefused as refusal:
            return _refused(desk, number, refusal, kept)
        except Overtaken:
            return _issue(desk, number, form, kept=kept, is_overtaken=True), 409
        flash("Le brouillon est enregistré.", "success")
        return redirect(url_for(".preview" if form.get("faire") == "apercu" else ".show", number=number), 303)

    @pages.post("/<int:number>/envoyer")
    def send_out(number: int) -> ResponseReturnValue:
        if request.form.get("confirme") != "1":
            refusal = ChangeRefused("Confirmez : une lettre envoyée ne se reprend pas.", "confirme")
            return _refused(desk, number, refusal)
        try:
            to = send(desk.acting(), number, follows=_version())
        except ChangeRefused as refusal:
            return _refused(desk, number, refusal)
        except Overtaken:
            return _issue(desk, number, is_overtaken=True), 409
        flash(f"La lettre part vers {counted(to, 'personne abonnée', 'personnes abonnées')}.", "success")
        return redirect(url_for(".show", number=number), 303)

    @pages.post("/<int:number>/abandonner")
    def give_up(number: int) -> ResponseReturnValue:
        try:
            drop(desk.acting(), number, follows=_version())
        except ChangeRefused as refusal:
            return _refused(desk, number, refusal)
        except Overtaken:
            return _issue(desk, number, is_overtaken=True), 409
        flash("Le brouillon est abandonné ; ce qu’il annonçait sera dans le prochain.", "success")
        return redirect(url_for(".every"), 303)


def _version() -> int:
    seen = typed_number(request.form.get("version", ""))
    return -1 if seen is None else seen


def _found(desk: Desk, number: int) -> NewsletterIssue:
    with desk.reading() as connection:
        found = read_issue(connection, number)
    if found is None:
        abort(404)
    return found


def _refused(
    desk: Desk, number: int, refusal: ChangeRefused, kept: list[str] | None = None
) -> tuple[str, int]:  # fmt: skip
    errors = {refusal.field: str(refusal)}
    return _issue(desk, number, request.form if kept is not None else None, kept=kept, errors=errors), 400


def _issue(
    desk: Desk, number: int, fields: Fields | None = None, *, kept: list[str] | None = None,
    errors: Mapping[str, str] | None = None, is_overtaken: bool = False,
) -> str:  # fmt: skip
    """The page of one newsletter, with what was typed where it was refused."""
    found = _found(desk, number)
    with desk.reading() as connection:
        to, sending = len(receivers(connection)), sending_of(connection, number)
    return render_template(
        "newsletter/edit.html", issue=found, fields=fields or {}, errors=errors or {}, is_overtaken=is_overtaken,
        kept={item.key for item in found.kept} if kept is None else set(kept), receivers=to, sending=sending,
        headings=HEADINGS, body=shown_body(desk, found) if found.state is not IssueState.DRAFT else "",
    )  # fmt: skip


def _list(desk: Desk, fields: Fields | None = None, errors: Mapping[str, str] | None = None) -> str:
    at = desk.clock()
    with desk.reading() as connection:
        return render_template(
            "newsletter/list.html", issues=issues(connection), to_come=draft_at(connection, at),
            notes=tool_notes_standing(connection), receivers=len(receivers(connection)), fields=fields or {},
            errors=errors or {},
        )  # fmt: skip
