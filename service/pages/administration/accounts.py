"""The accounts' pages: invite, change, send the welcome letter again, end sessions, untie, reset, close."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading
from records.desks.accounts import Account, count_open_sessions, find_account, is_tied, list_accounts
from records.desks.acting import Acting
from records.desks.factors import with_factor
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from service.accounts.changing import change, close, reset_factor, sign_out, untie
from service.accounts.gate import current_account
from service.accounts.invitations import invite, welcome_again
from service.accounts.powers import may_touch
from service.pages.administration.office import Office, departement_options, errors_of, for_whoever_may
from service.pages.labels import ROLES


def accounts_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/comptes`."""
    pages = for_whoever_may(
        Permission.MANAGE_ACCOUNTS, Blueprint("admin_accounts", __name__, url_prefix="/administration/comptes")
    )

    @pages.get("")
    def every() -> str:
        return _list(office, g.get("interrupted_form") or {}, {})

    @pages.post("")
    def add() -> ResponseReturnValue:
        codes = request.form.getlist("departements")
        try:
            invited = invite(
                office.acting(), office.settings, office.mail, email=request.form.get("email", ""),
                name=request.form.get("nom", ""), role=request.form.get("role", ""), codes=codes,
            )  # fmt: skip
        except ChangeRefused as refusal:
            return _list(office, request.form, errors_of(refusal), codes), 400
        _tell_letter(invited.account, invited.problem)
        return redirect(url_for(".every"), 303)

    @pages.get("/<int:number>")
    def show(number: int) -> str:
        return _one(office, _account(office, number), {})

    @pages.post("/<int:number>")
    def alter(number: int) -> ResponseReturnValue:
        account, codes = _account(office, number), request.form.getlist("departements")
        try:
            change(
                office.acting(), account, name=request.form.get("nom", ""), role=request.form.get("role", ""),
                codes=codes,
            )  # fmt: skip
        except ChangeRefused as refusal:
            return _one(office, account, errors_of(refusal), request.form, codes), 400
        flash(f"Compte changé : {account.name or account.email}.", "success")
        return redirect(url_for(".every"), 303)

    @pages.post("/<int:number>/bienvenue")
    def send_again(number: int) -> ResponseReturnValue:
        account = _account(office, number)
        try:
            problem = welcome_again(office.acting(), office.settings, office.mail, account)
        except ChangeRefused as refusal:
            return _one(office, account, {"": str(refusal)}), 400
        _tell_letter(account, problem)
        return redirect(url_for(".every"), 303)

    @pages.post("/<int:number>/fermer")
    def shut(number: int) -> ResponseReturnValue:
        account = _account(office, number)
        try:
            close(office.acting(), account)
        except ChangeRefused as refusal:
            return _one(office, account, errors_of(refusal)), 400
        flash(f"Compte fermé : {account.name or account.email}. Ses sessions ont pris fin.", "success")
        return redirect(url_for(".every"), 303)

    def done_to(number: int, verb: Callable[[Acting, Account], object], told: str) -> ResponseReturnValue:
        account = _account(office, number)
        try:
            verb(office.acting(), account)
        except ChangeRefused as refusal:
            return _one(office, account, {"": str(refusal)}), 400
        flash(f"{account.name or account.email} : {told}", "success")
        return redirect(url_for(".show", number=number) if account.id != current_account().id else "/connexion", 303)

    @pages.post("/<int:number>/sessions")
    def end(number: int) -> ResponseReturnValue:
        return done_to(number, sign_out, "ses sessions ont pris fin.")

    @pages.post("/<int:number>/delier")
    def part(number: int) -> ResponseReturnValue:
        return done_to(number, untie, "le compte n’est plus lié à une identité ProConnect.")

    @pages.post("/<int:number>/second-facteur")
    def forget_factor(number: int) -> ResponseReturnValue:
        return done_to(number, reset_factor, "le second facteur est effacé, la prochaine connexion en enregistre un.")

    return pages


def _account(office: Office, number: int) -> Account:
    with reading(office.engine) as connection:
        found = find_account(connection, number)
    if found is None or not may_touch(office.acting(), found):
        abort(404)
    return found


def _tell_letter(account: Account, problem: str | None) -> None:
    if problem:
        flash(f"Le compte est ouvert, mais la lettre à {account.email} n’est pas partie : {problem}", "warning")
    else:
        flash(f"La lettre de bienvenue est partie à {account.email}.", "success")


def _list(office: Office, fields: Mapping[str, str], errors: Mapping[str, str], codes: list[str] | None = None) -> str:
    with reading(office.engine) as connection:
        found = list_accounts(connection)
    return render_template(
        "admin/accounts.html", accounts=found, fields=fields, errors=errors, codes=codes or [], roles=ROLES,
        choices=departement_options(), now=office.clock(),
    )  # fmt: skip


def _one(
    office: Office,
    account: Account,
    errors: Mapping[str, str],
    typed: Mapping[str, str] | None = None,
    codes: list[str] | None = None,
) -> str:
    """One account; `typed` and `codes` are what a refused change wanted, kept in the form."""
    fields = typed if typed is not None else {"nom": account.name, "role": account.role}
    with reading(office.engine) as connection:
        tied, has_factor = is_tied(connection, account.id), account.id in with_factor(connection)
        sessions = count_open_sessions(connection, account.id, office.clock())
    return render_template(
        "admin/account.html", shown=account, fields=fields, codes=account.departements if codes is None else codes,
        errors=errors, roles=ROLES, choices=departement_options(), tied=tied, has_factor=has_factor, sessions=sessions,
    )  # fmt: skip
