"""The page `/mon-compte/second-facteur`: new recovery codes, or another telephone, for whoever gives a code first."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.desks.accounts import Account
from service.accounts.gate import HOME, current_account
from service.accounts.second_factor.proving import CodeRefused, FactorProof
from service.accounts.sign_in import SignIn


def own_factor(desk: SignIn) -> Blueprint:
    """The page `/mon-compte/second-facteur`, which only whoever has one sees."""
    pages = Blueprint("own_factor", __name__)

    @pages.get("/mon-compte/second-facteur")
    def show() -> ResponseReturnValue:
        proof, account = _of_reader()
        return _page(proof, account) if proof.is_enrolled(account) else redirect(url_for("account.show"), 303)

    @pages.post("/mon-compte/second-facteur")
    def change() -> ResponseReturnValue:
        proof, account = _of_reader()
        try:
            proof.check(account, request.form.get("code", "").strip())
        except CodeRefused as refused:
            return _page(proof, account, error=str(refused)), 400
        if request.form.get("faire") == "changer":
            proof.give_up(account)
            desk.gate.let_out()
            flash("Votre second facteur est retiré : connectez-vous pour enregistrer l’autre téléphone.", "success")
            return redirect(url_for("sign_in.ask"), 303)
        codes = proof.new_recovery_codes(account)
        answer = make_response(render_template("auth/recovery_codes.html", codes=codes, onward=HOME))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _of_reader() -> tuple[FactorProof, Account]:
        return FactorProof(desk.engine, desk.settings.secret, desk.clock()), current_account()

    return pages


def _page(proof: FactorProof, account: Account, error: str = "") -> str:
    return render_template("auth/factor.html", error=error, left=proof.recovery_codes_left(account))
