"""Signing in with ProConnect (OpenID Connect): signed userinfo, level of authentication checked, by invitation."""

from __future__ import annotations

import json
import secrets
from typing import Any, cast

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from records.database import writing
from records.desks.accounts import find_for_proconnect
from records.desks.audit import note
from service.accounts.gate import HOME, is_own_path
from service.accounts.sign_in import SignIn

SCOPE = "openid given_name usual_name email uid"
ALGORITHMS = ["RS256", "ES256"]
TIMEOUT = 10
RANDOM_BYTES = 32
"""State and nonce of 32 characters at least are asked for."""


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
        answer = client.authorize_redirect(
            _return_address(desk),
            state=secrets.token_urlsafe(RANDOM_BYTES),
            nonce=secrets.token_urlsafe(RANDOM_BYTES),
            claims=json.dumps(claims),
        )
        return cast("ResponseReturnValue", answer)

    @pages.get("/retour")
    def come_back() -> ResponseReturnValue:
        try:
            identity = _identity(client, desk)
        except ProConnectRefused as refused:
            return render_template("auth/refused.html", reason=str(refused), contact=desk.settings.contact_email), 403
        now = desk.clock()
        with writing(desk.engine) as connection:
            account = find_for_proconnect(connection, sub=str(identity["sub"]), email=str(identity.get("email", "")))
            if account is not None:
                note(connection, by=account.email, what="connexion", reference="ProConnect", at=now)
        if account is None:
            reason = f"L’adresse {identity.get('email', 'transmise')} n’est pas invitée dans cet espace."
            return render_template("auth/refused.html", reason=reason, contact=desk.settings.contact_email), 403
        suite = session.get("proconnect_suite", HOME)
        desk.gate.let_in(account, lasts_day=desk.computer.is_known(request, account))
        return redirect(suite, 303)

    return pages


def _client(app: Flask, desk: SignIn) -> Any:
    """Authlib's client; it reads the provider's own description at the first use."""
    settings = desk.settings
    return OAuth(app).register(
        "proconnect",
        client_id=settings.proconnect_client_id,
        client_secret=settings.proconnect_client_secret.get_secret_value(),
        server_metadata_url=f"{settings.proconnect_url}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "timeout": TIMEOUT, "token_endpoint_auth_method": "client_secret_post"},
    )


def _return_address(desk: SignIn) -> str:
    return f"{desk.settings.public_url}/proconnect/retour"


def _levels(desk: SignIn) -> list[str]:
    return [level.strip() for level in desk.settings.proconnect_acr.split(",") if level.strip()]


def _identity(client: Any, desk: SignIn) -> dict[str, Any]:
    """What ProConnect says of the person: id_token verified (Authlib), level checked, userinfo signed for us."""
    try:
        token = client.authorize_access_token()
        metadata = client.load_server_metadata()
    except (OAuthError, JoseError, requests.RequestException, ValueError) as error:
        raise ProConnectRefused("La connexion par ProConnect n’a pas abouti : recommencez.") from error
    claims = token.get("userinfo") or {}
    if claims.get("acr") not in _levels(desk):
        raise ProConnectRefused("ProConnect n’a pas vérifié votre identité par un second facteur.")
    identity = _userinfo(metadata, token["access_token"], desk.settings.proconnect_client_id)
    if not identity.get("sub") or identity["sub"] != claims.get("sub"):
        raise ProConnectRefused("Les réponses de ProConnect ne concordent pas : recommencez.")
    return identity


def _userinfo(metadata: dict[str, Any], access_token: str, client_id: str) -> dict[str, Any]:
    """The person's claims, from a JWT signed by the provider for this service (plain JSON is refused)."""
    try:
        answer = requests.get(
            metadata["userinfo_endpoint"], headers={"Authorization": f"Bearer {access_token}"}, timeout=TIMEOUT
        )
        answer.raise_for_status()
        keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=TIMEOUT).json())
        identity = jwt.decode(answer.text, keys, algorithms=ALGORITHMS).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": metadata["issuer"]}, aud={"essential": True, "value": client_id}
        ).validate(identity)
    except (JoseError, requests.RequestException, ValueError, KeyError) as error:
        raise ProConnectRefused("La réponse de ProConnect n’est pas signée comme il faut.") from error
    return identity
