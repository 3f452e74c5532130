"""Signing in with ProConnect (OpenID Connect): signed userinfo, level of authentication checked, by invitation."""

from __future__ import annotations

import json
import secrets
from logging import getLogger
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from records.database import writing
from records.desks.accounts import Account, EntryProof, TiedElsewhere, find_for_proconnect
from records.desks.audit import STRANGER, note_refusal
from service.accounts.gate import HOME, is_own_path
from service.accounts.powers import NeededToEnter, needed_to_enter
from service.accounts.sign_in import FAREWELL, SignIn, fingerprint

SCOPE = "openid given_name usual_name email uid"
ALGORITHMS = ["RS256", "ES256"]
TIMEOUT = 10
UNUSABLE = (
    OAuthError, JoseError, requests.RequestException, ValueError, LookupError, TypeError, AttributeError, RuntimeError,
)  # fmt: skip
"""What a library raises over an answer that is late, refused, forged, or of another shape than it should be."""
WRONG_CLOCK = 120
"""Seconds by which the provider’s clock or ours may be wrong: an id_token lives for a minute."""
RANDOM_BYTES = 32
"""State and nonce of 32 characters at least are asked for."""
LEAVING = "leaving"
"""Where the browser's cookie holds the state of a session that ends at ProConnect."""
TIED = (
    "Le compte {email} est déjà lié à une autre identité ProConnect. Si vous avez changé d’employeur ou de fournisseur "
    "d’identité, demandez à l’administration de l’espace de délier l’ancienne."
)


log = getLogger(__name__)


class ProConnectRefused(Exception):  # noqa: N818 - named as what happened
    """The sign-in is refused; the French reason."""


def blueprint(app: Flask, desk: SignIn) -> Blueprint:
    """`/proconnect/entrer`, which leads to ProConnect, and `/proconnect/retour`, to which it leads back."""
    client = _client(app, desk)
    pages = Blueprint("proconnect", __name__, url_prefix="/proconnect")

    @pages.get("/entrer")
    def enter() -> ResponseReturnValue:
        suite = request.args.get("suite", "")
        session["proconnect_suite"] = suite if is_own_path(suite) else HOME
        claims = {"id_token": {"acr": {"essential": True, "values": _levels(desk)}}}
        try:
            _description(client, desk)
            answer = client.authorize_redirect(
                _return_address(desk),
                state=secrets.token_urlsafe(RANDOM_BYTES),
                nonce=secrets.token_urlsafe(RANDOM_BYTES),
                claims=json.dumps(claims),
            )
        except UNUSABLE as error:
            log.warning("ProConnect ne répond pas comme il faut : %s", error)
            flash("ProConnect ne répond pas : réessayez dans quelques minutes.", "warning")
            return redirect(url_for("sign_in.ask", suite=session["proconnect_suite"]), 303)
        return cast("ResponseReturnValue", answer)

    @pages.get("/retour")
    def come_back() -> ResponseReturnValue:
        try:
            identity, id_token = _identity(client, desk)
            account = _account_of(desk, identity)
        except ProConnectRefused as refused:
            return render_template("auth/refused.html", reason=str(refused), contact=desk.settings.contact_email), 403
        suite = session.get("proconnect_suite", HOME)
        is_own = desk.computer.is_known(request, account)
        desk.gate.let_in(account, proof=EntryProof.PROCONNECT, lasts_day=is_own, id_token=id_token)
        return redirect(suite if is_own_path(suite) else HOME, 303)

    @pages.get("/sorti")
    def left() -> ResponseReturnValue:
        """Where ProConnect leads back once its session has ended."""
        is_answer = bool(request.args.get("state")) and request.args.get("state") == session.pop(LEAVING, None)
        if is_answer:
            flash("Vous êtes déconnecté, ici et de ProConnect.", "success")
        return redirect(url_for("sign_in.ask"), 303)

    app.extensions[FAREWELL] = lambda id_token: _farewell(client, desk, id_token)
    return pages


def _account_of(desk: SignIn, identity: dict[str, Any]) -> Account:
    """The invited account of this identity; ProConnectRefused, and a line of the trail, when there is none."""
    now, email = desk.clock(), str(identity.get("email", ""))
    with writing(desk.engine) as connection:
        try:
            account = find_for_proconnect(connection, sub=str(identity["sub"]), email=email)
        except TiedElsewhere as tied:
            by = tied.account.email
            note_refusal(connection, by=by, what="identité refusée", reference="ProConnect", at=now)
            account, reason = None, TIED.format(email=by)
        else:
            if account and needed_to_enter(desk.settings, account) is NeededToEnter.NOTHING_DOES:
                account = None
            reason = f"L’adresse {email or 'transmise'} n’est pas invitée dans cet espace."
            if account is None:
                about = f"ProConnect, {fingerprint(desk, email)}"
                note_refusal(connection, by=STRANGER, what="adresse non invitée", reference=about, at=now)
    if account is None:
        raise ProConnectRefused(reason)
    return account


def _farewell(client: Any, desk: SignIn, id_token: str) -> str | None:
    """Where a browser ends its session at ProConnect; None when that cannot be known now."""
    try:
        end = str(_description(client, desk).get("end_session_endpoint", ""))
    except UNUSABLE:
        return None
    if urlsplit(end).scheme not in {"http", "https"}:
        return None
    session[LEAVING] = secrets.token_urlsafe(RANDOM_BYTES)
    asked = {
        "id_token_hint": id_token,
        "state": session[LEAVING],
        "post_logout_redirect_uri": f"{desk.settings.public_url}/proconnect/sorti",
    }
    return f"{end}?{urlencode(asked)}"


def _client(app: Flask, desk: SignIn) -> Any:
    """Authlib's client; it reads the provider's own description at the first use."""
    settings = desk.settings
    return OAuth(app).register(
        "proconnect",
        client_id=settings.proconnect_client_id,
        client_secret=settings.proconnect_client_secret.get_secret_value(),
        server_metadata_url=f"{settings.proconnect_url}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPE, "timeout": TIMEOUT, "token_endpoint_auth_method": "client_secret_post",
            "code_challenge_method": "S256",
        },
    )  # fmt: skip


def _return_address(desk: SignIn) -> str:
    return f"{desk.settings.public_url}/proconnect/retour"


def _levels(desk: SignIn) -> list[str]:
    return [level.strip() for level in desk.settings.proconnect_acr.split(",") if level.strip()]


def _identity(client: Any, desk: SignIn) -> tuple[dict[str, Any], str]:
    """What ProConnect says of the person: id_token verified (Authlib), level checked, userinfo signed for us.

    The id_token comes with it, as it was given: leaving asks for it.
    """
    try:
        return _checked(client, desk)
    except ProConnectRefused as refused:
        with writing(desk.engine) as connection:
            why = f"ProConnect : {refused}"
            note_refusal(connection, by=STRANGER, what="connexion refusée", reference=why, at=desk.clock())
        raise


def _checked(client: Any, desk: SignIn) -> tuple[dict[str, Any], str]:
    try:
        token = client.authorize_access_token(leeway=WRONG_CLOCK)
        metadata = _description(client, desk)
        keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=TIMEOUT).json())
        id_token, access = str(token["id_token"]), str(token["access_token"])
        claims = _said_to_us(desk, keys, id_token)
    except UNUSABLE as error:
        raise ProConnectRefused("La connexion par ProConnect n’a pas abouti : recommencez.") from error
    if claims.get("acr") not in _levels(desk):
        raise ProConnectRefused("ProConnect n’a pas vérifié votre identité par un second facteur.")
    try:
        asked = {"Authorization": f"Bearer {access}"}
        answer = requests.get(metadata["userinfo_endpoint"], headers=asked, timeout=TIMEOUT)
        answer.raise_for_status()
        identity = _said_to_us(desk, keys, answer.text)
    except UNUSABLE as error:
        raise ProConnectRefused("La réponse de ProConnect n’est pas signée comme il faut.") from error
    if identity["sub"] != claims["sub"]:
        raise ProConnectRefused("Les réponses de ProConnect ne concordent pas : recommencez.")
    return identity, id_token


def _description(client: Any, desk: SignIn) -> dict[str, Any]:
    """The provider’s own description, read at the first use; one of UNUSABLE when it is away, or another’s.

    Its issuer is the address that it was asked for at (OpenID Connect Discovery 1.0, 4.3).
    """
    metadata: dict[str, Any] = client.load_server_metadata()
    if metadata["issuer"] != desk.settings.proconnect_url:
        raise ValueError(f"{metadata['issuer']} is not {desk.settings.proconnect_url}")
    return metadata


def _said_to_us(desk: SignIn, keys: KeySet, text: str) -> dict[str, Any]:
    """The claims of a JWT that the provider signed for this service; one of UNUSABLE for any other, or plain JSON.

    The algorithms are ours, whatever its description announces. Authlib has compared an id_token’s nonce and moments.
    """
    claims = jwt.decode(text, keys, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=WRONG_CLOCK,
        iss={"essential": True, "value": desk.settings.proconnect_url},
        aud={"essential": True, "value": desk.settings.proconnect_client_id},
        sub={"essential": True},
    ).validate(claims)
    return claims
