"""The page `/connexion/code`: whoever has used his link proves his application, or gets one and its recovery codes."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from records.database import reading, writing
from records.desks.accounts import EntryProof, HalfSignIn, close_half, find_half
from records.desks.audit import note_refusal
from service.accounts.gate import HOME, is_own_path
from service.accounts.powers import why_not_enough
from service.accounts.second_factor.codes import enrolment_address, key_in_groups
from service.accounts.second_factor.proving import CodeRefused, FactorProof
from service.accounts.sign_in import HALF, SignIn, enter

TOO_LATE = "Le délai pour donner le code est passé : demandez un nouveau lien."


def factor_pages(desk: SignIn) -> Blueprint:
    """The page `/connexion/code`."""
    pages = Blueprint("second_factor", __name__)

    @pages.get("/connexion/code")
    def ask() -> ResponseReturnValue:
        half = _half(desk)
        return _unstored(_page(desk, half)) if isinstance(half, HalfSignIn) else half

    @pages.post("/connexion/code")
    def prove() -> ResponseReturnValue:
        half = _half(desk)
        if not isinstance(half, HalfSignIn):
            return half
        proof, typed = _proof(desk), request.form.get("code", "").strip()
        is_new = not proof.is_enrolled(half.account)
        try:
            if is_new:
                codes = proof.enrol(half, typed)
            else:
                proof.check(half.account, typed)
        except CodeRefused as refused:
            return _unstored(_page(desk, half, error=str(refused)), 400)
        with writing(desk.engine) as connection:
            if not close_half(connection, session.get(HALF, "")):
                return _back(TOO_LATE)
        answer = enter(
            desk,
            half.account,
            half.next_path,
            proof=EntryProof.TOTP,
            is_own=half.lasts_day,
            ends_others=half.ends_others,
        )
        if not is_new:
            return answer
        onward = half.next_path if is_own_path(half.next_path) else HOME
        page = make_response(render_template("auth/recovery_codes.html", codes=codes, onward=onward))
        for cookie in answer.headers.getlist("Set-Cookie"):
            page.headers.add("Set-Cookie", cookie)
        return _unstored(page)

    return pages


def picture_of(address: str) -> Markup:
    """The address as a picture for a telephone's camera: SVG without style, as our policy wants."""
    drawn = segno.make(address, error="m").svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr-code"
    )
    return Markup(drawn)  # noqa: S704 - drawn by segno from digits and letters


def _half(desk: SignIn) -> HalfSignIn | ResponseReturnValue:
    """What this browser owes a code for; else the way back: too late, or a code would not do any more."""
    with reading(desk.engine) as connection:
        half = find_half(connection, session.get(HALF, ""), desk.clock())
    reason = TOO_LATE if half is None else why_not_enough(desk.settings, half.account, EntryProof.TOTP)
    if half and not reason:
        return half
    if half:
        with writing(desk.engine) as connection:
            if close_half(connection, session.pop(HALF, "")):
                by, about = half.account.email, "PRIVILEGED_SIGN_IN"
                note_refusal(connection, by=by, what="connexion refusée", reference=about, at=desk.clock())
    return _back(reason)


def _proof(desk: SignIn) -> FactorProof:
    return FactorProof(desk.engine, desk.settings.secret, desk.clock())


def _page(desk: SignIn, half: HalfSignIn, error: str = "") -> str:
    proof, account = _proof(desk), half.account
    if proof.is_enrolled(account):
        return render_template("auth/code.html", error=error, contact=desk.settings.contact_email)
    key = proof.offered_key(half)
    picture = picture_of(enrolment_address(key, account.email))
    return render_template("auth/enrol.html", error=error, key=key_in_groups(key), picture=picture, email=account.email)


def _back(reason: str) -> ResponseReturnValue:
    flash(reason, "warning")
    return redirect(url_for("sign_in.ask"), 303)


def _unstored(page: ResponseReturnValue, code: int = 200) -> ResponseReturnValue:
    answer = make_response(page, code)
    answer.headers["Cache-Control"] = "no-store"
    return answer
