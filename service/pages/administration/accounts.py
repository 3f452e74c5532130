"""The accounts' pages: invite, change, send the welcome letter again, close."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import reading, writing
from records.desks.accounts import (
    Account,
    AccountRefused,
    change_account,
    close_account,
    find_account,
    list_accounts,
    note,
)
from records.desks.permissions import Permission, managing
from service.accounts.gate import current_account
from service.accounts.invitations import check_invitation, invite, welcome
from service.pages.administration.office import Office, departement_options, for_whoever_may
from service.pages.labels import ROLES


def accounts_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/comptes`."""
    pages = for_whoever_may(
        Permission.MANAGE_ACCOUNTS, Blueprint("admin_accounts", __name__, url_prefix="/administration/comptes")
    )

    @pages.get("")
    def every() -> str:
        return _list(office, g.get("interrupted_form") or {}, "")

    @pages.post("")
    def add() -> ResponseReturnValue:
        codes = request.form.getlist("departements")
        try:
            _may_give(request.form.get("role", ""))
            invited = invite(
                office.engine, office.settings, office.mail, email=request.form.get("email", ""),
                name=request.form.get("nom", ""), role=request.form.get("role", ""), codes=codes, by=office.who,
                at=office.clock(),
            )  # fmt: skip
        except AccountRefused as refused:
            return _list(office, request.form, str(refused), codes), 400
        _tell_letter(invited.account, invited.problem)
        return redirect(url_for(".every"), 303)

    @pages.get("/<int:number>")
    def show(number: int) -> str:
        return _one(_account(office, number), "")

    @pages.post("/<int:number>")
    def change(number: int) -> ResponseReturnValue:
        account, codes = _account(office, number), request.form.getlist("departements")
        try:
            _may_give(request.form.get("role", ""))
            _keeps_own_role(account, request.form.get("role", ""))
            _, role, kept = check_invitation(account.email, request.form.get("role", ""), codes)
            with writing(office.engine) as connection:
                change_account(
                    connection, number, name=request.form.get("nom", "")[:200], role=role, departements=kept
                )  # fmt: skip
                note(connection, by=office.who, what="compte changé", reference=account.email, at=office.clock())
        except AccountRefused as refused:
            return _one(account, str(refused)), 400
        flash(f"Le compte {account.email} est changé.", "success")
        return redirect(url_for(".every"), 303)

    @pages.post("/<int:number>/bienvenue")
    def send_again(number: int) -> ResponseReturnValue:
        account = _account(office, number)
        _tell_letter(account, welcome(office.engine, office.settings, office.mail, account, office.clock()))
        return redirect(url_for(".every"), 303)

    @pages.post("/<int:number>/fermer")
    def close(number: int) -> ResponseReturnValue:
        account = _account(office, number)
        if account.id == current_account().id:
            return _one(account, "Vous ne pouvez pas fermer votre propre compte."), 400
        with writing(office.engine) as connection:
            close_account(connection, number, office.clock())
            note(connection, by=office.who, what="compte fermé", reference=account.email, at=office.clock())
        flash(f"Le compte {account.email} est fermé : ses sessions ont pris fin.", "success")
        return redirect(url_for(".every"), 303)

    return pages


def _may_give(role: str) -> None:
    """Refuse that anybody but an administrator makes an administrator."""
    if not current_account().may(managing(role)):
        raise AccountRefused("Seule une personne de l’administration peut donner ce rôle.")


def _keeps_own_role(account: Account, role: str) -> None:
    """Refuse that somebody changes his own role: nobody might be left to undo it."""
    if account.id == current_account().id and role != account.role:
        raise AccountRefused("Vous ne pouvez pas changer votre propre rôle : demandez-le à quelqu’un d’autre.")


def _account(office: Office, number: int) -> Account:
    with reading(office.engine) as connection:
        found = find_account(connection, number)
    if found is None or not current_account().may(managing(found.role)):
        abort(404)
    return found


def _tell_letter(account: Account, problem: str | None) -> None:
    if problem:
        flash(f"Le compte {account.email} est ouvert, mais la lettre n’est pas partie : {problem}", "warning")
    else:
        flash(f"La lettre de bienvenue est partie à {account.email}.", "success")


def _list(office: Office, fields: Mapping[str, str], error: str, codes: list[str] | None = None) -> str:
    with reading(office.engine) as connection:
        found = list_accounts(connection)
    return render_template(
        "admin/accounts.html", accounts=found, fields=fields, error=error, codes=codes or [], roles=ROLES,
        choices=departement_options(),
    )  # fmt: skip


def _one(account: Account, error: str) -> str:
    return render_template(
        "admin/account.html", shown=account, error=error, roles=ROLES, choices=departement_options()
    )  # fmt: skip
