"""The pages of a call written down by hand: added, corrected, deleted; and a duration shown back as one types."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.desks.desk_calls import DeskCall
from records.facts import Source
from records.privacy.prints import fingerprint_with
from records.refusals import ChangeRefused
from records.typed.durations import doubt_about, read_duration, say_duration
from routing.departements import timezone_of
from support.calls.manual import ManualCall, Mistakes, add, correct, delete, is_erased_since, read_manual_call
from support.desk import Desk
from support.requests.store import request_of

NO_MISTAKE = Mistakes({})


def manual_pages(pages: Blueprint, desk: Desk) -> None:
    """Add the pages to the blueprint of calls."""

    @pages.get("/appels/duree")
    def duration_read() -> str:
        """What a duration typed so far is read as; a piece of page, asked for while typing."""
        typed = request.args.get("duree", "")[:60]
        try:
            seconds = read_duration(typed)
        except ValueError:
            return ""  # half typed, most often: the mistake is told when the form is sent
        return render_template("calls/_duration.html", seconds=seconds, doubt=doubt_about(typed))

    @pages.get("/appels/ajouter", endpoint="add")
    def add_form() -> str:
        return _add_page(desk, g.get("interrupted_form") or {}, NO_MISTAKE)

    @pages.post("/appels/ajouter")
    def add_call() -> ResponseReturnValue:
        read = read_manual_call(request.form, _allowed(desk), desk.clock())
        if isinstance(read, Mistakes):
            return _add_page(desk, request.form, read), 400
        fingerprint = fingerprint_with(desk.secret)
        call_id = add(desk.acting(), read, fingerprint)
        _say_erased(desk, read)
        flash(f"L’appel est ajouté, durée : {say_duration(read.talk_seconds)}. Il reste à le qualifier.", "success")
        return redirect(url_for(".show", call_id=call_id), 303)

    @pages.get("/appels/<call_id>/corriger")
    def correct_form(call_id: str) -> str:
        call = _manual(desk, call_id)
        return _correct_page(desk, call, g.get("interrupted_form") or _fields(call), NO_MISTAKE)

    @pages.post("/appels/<call_id>/corriger")
    def correct_call(call_id: str) -> ResponseReturnValue:
        call = _manual(desk, call_id)
        read = read_manual_call(request.form, _allowed(desk), desk.clock(), call)
        if isinstance(read, ManualCall):
            try:
                correct(desk.acting(), call_id, read, fingerprint_with(desk.secret))
                _say_erased(desk, read)
            except ChangeRefused as refused:
                read = Mistakes({refused.field: str(refused)})
        if isinstance(read, Mistakes):
            return _correct_page(desk, call, request.form, read), 400
        flash(f"L’appel est corrigé, durée : {say_duration(read.talk_seconds)}.", "success")
        return redirect(url_for(".show", call_id=call_id), 303)

    @pages.get("/appels/<call_id>/supprimer")
    def delete_form(call_id: str) -> str:
        return _delete_page(desk, _manual(desk, call_id))

    @pages.post("/appels/<call_id>/supprimer")
    def delete_call(call_id: str) -> ResponseReturnValue:
        call = _manual(desk, call_id)
        try:
            delete(desk.acting(), call_id)
        except ChangeRefused as refused:
            return _delete_page(desk, call, str(refused)), 400
        flash("L’appel est supprimé, avec sa qualification.", "success")
        return redirect(url_for(".every"), 303)


def _say_erased(desk: Desk, read: ManualCall) -> None:
    with desk.reading() as connection:
        if is_erased_since(connection, read, fingerprint_with(desk.secret)):
            flash("Ce numéro a été effacé depuis cet appel, à la demande de la personne : il n’est pas gardé.", "info")


def _allowed(desk: Desk) -> tuple[str, ...]:
    return tuple(code for code, _ in desk.departements())


def _manual(desk: Desk, call_id: str) -> DeskCall:
    """The call, if the reader may see it and somebody added it by hand; else 404."""
    with desk.reading() as connection:
        call = desk.call(connection, call_id)
    if call.source != Source.MANUAL:
        abort(404)
    return call


def _fields(call: DeskCall) -> dict[str, str]:
    local = call.started_at.astimezone(timezone_of(call.departement))
    return {
        "departement": call.departement or "", "date": f"{local:%Y-%m-%d}", "heure": f"{local:%H:%M}",
        "duree": say_duration(call.talk_seconds or 0),
        "duree_confirmee": str(call.talk_seconds or 0),
    }  # fmt: skip


def _add_page(desk: Desk, fields: Any, mistakes: Mistakes) -> str:
    return render_template("calls/add.html", fields=fields, mistakes=mistakes, choices=desk.departements())


def _correct_page(desk: Desk, call: DeskCall, fields: Any, mistakes: Mistakes) -> str:
    return render_template(
        "calls/correct.html", call=call, fields=fields, mistakes=mistakes, choices=desk.departements()
    )


def _delete_page(desk: Desk, call: DeskCall, error: str = "") -> str:
    with desk.reading() as connection:
        asked = request_of(connection, call.call_id)
    return render_template("calls/delete.html", call=call, asked=asked, error=error)
