"""The page of what is kept, what the last night took away, and where a number is erased or asked for."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.desks.permissions import Permission
from records.privacy.reports import RetentionRun, runs
from routing.phones import MAX_TYPED, PhoneRefused, mask_phone
from service.pages.administration.office import Office, for_whoever_may
from service.privacy.erasing import erase_everywhere, read_typed
from service.privacy.person import all_that_is_known, in_french
from service.privacy.retention import RETENTION
from service.system_errors import in_french as of_system

LAST_LINES = 200
"""More than one night of the report."""
PATIENCE = 3.0
"""Seconds that a page waits for the other machines; one that is slower is named."""


def privacy_blueprint(office: Office) -> Blueprint:
    """`/administration/donnees-personnelles`: the periods, the report, the erasure and the right of access."""
    pages = for_whoever_may(
        Permission.ADMINISTER, Blueprint("admin_privacy", __name__, url_prefix="/administration/donnees-personnelles")
    )

    @pages.get("")
    def show() -> str:
        return _page(office)

    @pages.post("")
    def ask() -> ResponseReturnValue:
        """What the number is, to be looked at before it is erased; or all that is known of it, as a text."""
        typed = request.form.get("numero", "").strip()
        try:
            number = read_typed(office.settings, typed)
        except PhoneRefused as refusal:
            return _page(office, typed=typed[:MAX_TYPED], error=f"Numéro refusé : {refusal}."), 400
        if request.form.get("suite") == "savoir":
            return _known(office, number)
        if request.form.get("suite") != "effacer":
            return render_template("privacy/confirm.html", typed=typed, masked=mask_phone(number))
        try:
            proof = erase_everywhere(
                office.settings, office.engine, number, by=office.acting().by, at=office.clock(), patience=PATIENCE
            )
        except OSError as error:
            told = f"Un fichier n’a pas pu être effacé ({of_system(error)}) : recommencez."
            return _page(office, typed=typed, error=told), 503
        flash(proof.done(), "success")
        flash(" ".join(proof.left()), "info")
        return redirect(url_for(".show"), 303)

    return pages


def _page(office: Office, *, typed: str = "", error: str = "") -> str:
    with reading(office.engine) as connection:
        found = runs(connection, LAST_LINES)
    last: dict[str, RetentionRun] = {}
    for one in found:
        last.setdefault(one.line, one)
    kept = [(line, line.period(office.settings), last.get(line.key)) for line in RETENTION]
    ran_at = max((one.at for one in found), default=None)
    return render_template("privacy/retention.html", kept=kept, ran_at=ran_at, typed=typed, error=error)


def _known(office: Office, number: str) -> Response:
    known = all_that_is_known(office.settings, office.engine, number, by=office.acting().by, at=office.clock())
    named = {"Content-Disposition": 'attachment; filename="droit-d-acces.txt"', "Cache-Control": "no-store"}
    return Response("\n".join(in_french(known)) + "\n", mimetype="text/plain", headers=named)
