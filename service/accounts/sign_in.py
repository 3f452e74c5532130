"""Signing in: a one-time link by e-mail, a code where one is asked for, or ProConnect. By invitation only."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from records.attempts import network_of
from records.database import Connection, Engine, reading, writing
from records.desks.accounts import (
    Account,
    EntryProof,
    HalfSignIn,
    count_request,
    find_by_email,
    fold_email,
    is_link_good,
    link_owner,
    open_half,
    requests_since,
    use_link,
)
from records.desks.audit import STRANGER, note, note_refusal
from records.mail import Sender
from service.accounts.gate import HOME, Gate, is_own_path
from service.accounts.known_computer import KnownComputer
from service.accounts.posting import AccountPost, is_mail_owed, owe_link, owe_welcome
from service.accounts.powers import LINKS_ARE_OFF, NeededToEnter, needed_to_enter
from service.settings import Settings
from service.settings.kinds import SignInBy

WINDOW = timedelta(minutes=15)
PER_ADDRESS, PER_MACHINE = 5, 20
"""Links that may be asked for within the window."""
LONGEST_EMAIL = 254
TOO_OFTEN = "Trop de demandes : patientez un quart d’heure, ou utilisez le dernier lien reçu."

HALF = "half"
"""Where the browser's cookie holds the secret of a sign-in that waits for its code."""
FAREWELL = "farewell"
"""The extension of the application that gives ProConnect's address to leave it: from the proof, or None."""

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

    @pages.post("/connexion/<jeton>", endpoint="enter")
    def use(jeton: str) -> ResponseReturnValue:
        now, is_own = desk.clock(), request.form.get("poste") == "1"
        with writing(desk.engine) as connection:
            owner = link_owner(connection, jeton)
            needed = needed_to_enter(desk.settings, owner) if owner else NeededToEnter.LINK
            used = use_link(connection, jeton, now) if needed in {NeededToEnter.LINK, NeededToEnter.CODE} else None
            if used is None:
                _note_bad_link(connection, owner, now)
            elif needed is NeededToEnter.CODE:
                half = HalfSignIn(used[0], used[1], is_own, request.form.get("fermer") == "1")
                session[HALF] = open_half(connection, half, now)
                return redirect(url_for("second_factor.ask"), 303)
        if needed is NeededToEnter.PROCONNECT:
            contact = desk.settings.contact_email
            return render_template("auth/refused.html", reason=LINKS_ARE_OFF, contact=contact), 403
        if used is None:
            return _confirm_page(desk, jeton, good=False), 410
        account, next_path = used
        return enter(desk, account, next_path, is_own=is_own, ends_others=request.form.get("fermer") == "1")

    @pages.post("/connexion/<jeton>/renvoyer")
    def send_again(jeton: str) -> ResponseReturnValue:
        """A new link to the owner of an old one; the answer is the same whoever he is, and where there is none."""
        if _is_too_often(desk, f"jeton:{jeton}"):
            return _confirm_page(desk, jeton, good=False, error=TOO_OFTEN), 429
        desk.background(lambda: _send_another(desk, jeton))
        return render_template("auth/sent.html", email="")

    @pages.post("/deconnexion")
    def leave() -> ResponseReturnValue:
        """End the session here, and at ProConnect where it began there."""
        return _left(desk.gate.let_out(), "Vous êtes déconnecté.")

    @pages.post("/deconnexion/partout")
    def leave_everywhere() -> ResponseReturnValue:
        """End every session of the account, this one too."""
        return _left(desk.gate.let_out(everywhere=True), "Toutes vos sessions sont fermées.")

    return pages


def _left(proof: str | None, told: str) -> ResponseReturnValue:
    """What is shown after leaving; `proof`: what ProConnect gave for the session, to leave it as well."""
    farewell = current_app.extensions.get(FAREWELL)
    address = farewell(proof) if proof and farewell else None
    if address:
        return render_template("auth/leaving.html", address=address)
    if proof:
        flash(f"{told} ProConnect n’a pas pu être prévenu : fermez ce navigateur.", "warning")
    else:
        flash(told, "success")
    return redirect(url_for("sign_in.ask"), 303)


def enter(
    desk: SignIn,
    account: Account,
    next_path: str,
    *,
    proof: EntryProof = EntryProof.LINK,
    is_own: bool = False,
    ends_others: bool = False,
) -> Response:
    """Open the session, and lead to the page asked for; `is_own`: its owner calls this computer his own."""
    desk.gate.let_in(account, proof=proof, lasts_day=is_own, ends_others=ends_others)
    answer = make_response(redirect(next_path if is_own_path(next_path) else HOME, 303))
    if is_own:
        desk.computer.mark(answer, account)
    elif desk.computer.is_known(request, account):
        desk.computer.forget(answer)
    return answer


def fingerprint(desk: SignIn, email: str) -> str:
    """What stands in the trail for an address that nobody was invited with: the same each time, and told by nobody."""
    return f"empreinte {_bucket(desk, 'unknown', fold_email(email))[:16]}"


def _note_bad_link(connection: Connection, owner: Account | None, at: datetime) -> None:
    """Somebody sent the form of a link that does not open: used, too old, unknown, or of one who may not use links."""
    by, what = (owner.email, "lien refusé") if owner else (STRANGER, "lien inconnu")
    note_refusal(connection, by=by, what=what, reference="connexion", at=at)


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
    by_links = desk.settings.privileged_sign_in != SignInBy.PROCONNECT
    return render_template(
        "auth/ask.html", suite=back, email=email, error=error, proconnect=proconnect, by_links=by_links
    )  # fmt: skip


def _is_too_often(desk: SignIn, email: str) -> bool:
    """Whether this address, known or not, or this machine has asked too often; counts this demand."""
    now = desk.clock()
    address, machine = _bucket(desk, "a", email.casefold()), _bucket(desk, "m", network_of(request.remote_addr))
    with writing(desk.engine) as connection:
        asked = requests_since(connection, address, now - WINDOW), requests_since(connection, machine, now - WINDOW)
        if asked[0] >= PER_ADDRESS or asked[1] >= PER_MACHINE:
            note_refusal(connection, by=STRANGER, what="trop de liens demandés", reference="connexion", at=now)
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
        if account is None or not _may_have_link(desk, account) or is_mail_owed(connection, account):
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
    now = desk.clock()
    with writing(desk.engine) as connection:
        account = find_by_email(connection, email)
        needed = needed_to_enter(desk.settings, account) if account else NeededToEnter.NOTHING_DOES
        if account is None or account.closed_at or needed is NeededToEnter.NOTHING_DOES:
            about = fingerprint(desk, email)
            note_refusal(connection, by=STRANGER, what="adresse non invitée", reference=about, at=now)
            return
        if needed is NeededToEnter.PROCONNECT:
            note_refusal(connection, by=account.email, what="lien refusé", reference="PRIVILEGED_SIGN_IN", at=now)
            return
        note(connection, by=account.email, what="lien demandé", reference="connexion", at=now)
        owe_link(connection, account, next_path, now)
    for reason in AccountPost(desk.engine, desk.settings, desk.mail, desk.clock).send_links().why.values():
        log.error("Un lien de connexion n’est pas parti : %s", reason)


def _may_have_link(desk: SignIn, account: Account) -> bool:
    return needed_to_enter(desk.settings, account) in {NeededToEnter.LINK, NeededToEnter.CODE}
