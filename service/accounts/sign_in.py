"""Signing in: a one-time link by e-mail, or ProConnect when it is set up. By invitation only."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Engine, reading, writing
from records.desks.accounts import (
    count_request,
    find_by_email,
    is_link_good,
    link_owner,
    requests_since,
    use_link,
)
from records.desks.audit import note
from records.mail import Sender
from service.accounts.gate import HOME, Gate, is_own_path
from service.accounts.known_computer import KnownComputer
from service.accounts.posting import AccountPost, is_mail_owed, owe_link, owe_welcome
from service.settings import Settings

WINDOW = timedelta(minutes=15)
PER_ADDRESS, PER_MACHINE = 5, 20
"""Links that may be asked for within the window."""
LONGEST_EMAIL = 254
TOO_OFTEN = "Trop de demandes : patientez un quart d’heure, ou utilisez le dernier lien reçu."

log = getLogger(__name__)

Background = Callable[[Callable[[], None]], None]


def in_a_thread(task: Callable[[], None]) -> None:
    """Run the task beside the answer, so that a known address takes no longer than an unknown one."""
    threading.Thread(target=task, name="letter", daemon=True).start()


@dataclass(frozen=True)
class SignIn:
    """What the pages of signing in need."""

    engine: Engine
    clock: Callable[[], datetime]
    settings: Settings
    gate: Gate
    mail: Sender
    background: Background = in_a_thread

    @property
    def computer(self) -> KnownComputer:
        """Whether the computer at which somebody signs in is known."""
        return KnownComputer(self.settings.secret, is_https=self.settings.public_url.startswith("https:"))


def blueprint(desk: SignIn) -> Blueprint:
    """The pages `/connexion`, `/connexion/<jeton>` (and a new link for an old one) and `/deconnexion`."""
    pages = Blueprint("sign_in", __name__)

    @pages.get("/connexion")
    def ask() -> ResponseReturnValue:
        return _ask_page(desk, suite=request.args.get("suite", ""))

    @pages.post("/connexion")
    def send() -> ResponseReturnValue:
        email, suite = request.form.get("email", "").strip(), request.form.get("suite", "")
        if "@" not in email or len(email) > LONGEST_EMAIL or not email.isprintable():
            error = "Donnez votre adresse électronique professionnelle, par exemple prenom.nom@siao.fr."
            return _ask_page(desk, suite=suite, email=email, error=error), 400
        if _is_too_often(desk, email):
            return _ask_page(desk, suite=suite, email=email, error=TOO_OFTEN), 429
        desk.background(lambda: _send_link(desk, email, suite if is_own_path(suite) else HOME))
        return render_template("auth/sent.html", email=email)

    @pages.get("/connexion/<jeton>")
    def confirm(jeton: str) -> ResponseReturnValue:
        with reading(desk.engine) as connection:
            good = is_link_good(connection, jeton, desk.clock())
        answer = make_response(_confirm_page(desk, jeton, good=good), 200 if good else 410)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @pages.post("/connexion/<jeton>")
    def enter(jeton: str) -> ResponseReturnValue:
        now = desk.clock()
        with writing(desk.engine) as connection:
            used = use_link(connection, jeton, now)
            if used:
                note(connection, by=used[0].email, what="connexion", reference="lien", at=now)
        if used is None:
            return _confirm_page(desk, jeton, good=False), 410
        account, next_path = used
        is_own = request.form.get("poste") == "1"
        desk.gate.let_in(account, lasts_day=is_own)
        answer = make_response(redirect(next_path if is_own_path(next_path) else HOME, 303))
        if is_own:
            desk.computer.mark(answer, account)
        elif desk.computer.is_known(request, account):
            desk.computer.forget(answer)
        return answer

    @pages.post("/connexion/<jeton>/renvoyer")
    def send_again(jeton: str) -> ResponseReturnValue:
        """A new link to the owner of an old one; the answer is the same whoever he is, and where there is none."""
        if _is_too_often(desk, f"jeton:{jeton}"):
            return _confirm_page(desk, jeton, good=False, error=TOO_OFTEN), 429
        desk.background(lambda: _send_another(desk, jeton))
        return render_template("auth/sent.html", email="")

    @pages.post("/deconnexion")
    def leave() -> ResponseReturnValue:
        desk.gate.let_out()
        flash("Vous êtes déconnecté.", "success")
        return redirect(url_for("sign_in.ask"), 303)

    return pages


def _confirm_page(desk: SignIn, jeton: str, *, good: bool, error: str = "") -> str:
    """The box is ticked for the computer's owner alone: whoever else signs in there may share it."""
    with reading(desk.engine) as connection:
        owner = link_owner(connection, jeton) if good else None
    is_known = owner is not None and desk.computer.is_known(request, owner)
    hours = desk.settings.workday_session_hours
    return render_template("auth/confirm.html", jeton=jeton, good=good, is_known=is_known, hours=hours, error=error)


def _ask_page(desk: SignIn, *, suite: str, email: str = "", error: str = "") -> str:
    back = suite if is_own_path(suite) else ""
    proconnect = bool(desk.settings.proconnect_client_id)
    return render_template("auth/ask.html", suite=back, email=email, error=error, proconnect=proconnect)


def _is_too_often(desk: SignIn, email: str) -> bool:
    """Whether this address, known or not, or this machine has asked too often; counts this demand."""
    now = desk.clock()
    address, machine = _bucket(desk, "a", email.casefold()), _bucket(desk, "m", request.remote_addr or "")
    with writing(desk.engine) as connection:
        asked = requests_since(connection, address, now - WINDOW), requests_since(connection, machine, now - WINDOW)
        if asked[0] >= PER_ADDRESS or asked[1] >= PER_MACHINE:
            return True
        count_request(connection, (address, machine), now)
    return False


def _bucket(desk: SignIn, kind: str, value: str) -> str:
    return hmac.new(desk.settings.secret, f"sign-in:{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _send_another(desk: SignIn, jeton: str) -> None:
    """Send the owner of an old link a new one: the welcome letter again while he has never come."""
    post = AccountPost(desk.engine, desk.settings, desk.mail, desk.clock)
    with writing(desk.engine) as connection:
        account = link_owner(connection, jeton)
        if account is None or is_mail_owed(connection, account):
            return
        if account.signed_in_at is None:
            owe_welcome(connection, account, desk.clock())
        else:
            owe_link(connection, account, HOME, desk.clock())
    for sent in (post.send_links(), post.send_welcomes()):
        for reason in sent.why.values():
            log.error("Un lien de connexion n’est pas parti : %s", reason)


def _send_link(desk: SignIn, email: str, next_path: str) -> None:
    """Send a link when the address is invited; nothing shows whether it was."""
    with writing(desk.engine) as connection:
        account = find_by_email(connection, email)
        if account is None or account.closed_at:
            return
        owe_link(connection, account, next_path, desk.clock())
    for reason in AccountPost(desk.engine, desk.settings, desk.mail, desk.clock).send_links().why.values():
        log.error("Un lien de connexion n’est pas parti : %s", reason)
