"""A small identity provider that speaks OpenID Connect as ProConnect does: codes, signed id_token and userinfo.

What it takes is what ProConnect takes (`AuthorizeParamsDto` of github.com/proconnect-gouv/federation), no more.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.loopback import loopback

KNOWN = {
    "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims", "code_challenge",
    "code_challenge_method",
}  # fmt: skip
"""ProConnect refuses a query parameter that it does not know."""
KNOWN_AT_THE_END = {"id_token_hint", "state", "post_logout_redirect_uri"}
SHORTEST = 32


@dataclass(frozen=True)
class Forgery:
    """What a JWT says otherwise than it should. `claims`: None leaves one out; `key`: signs in the provider's place.

    `header`: an `alg` of « none » leaves the signature out, « HS256 » takes the provider's public key for a secret.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | None = None


@dataclass
class Provider:
    """What the provider says; a test changes it to lie."""

    url: str = ""
    issuer: str = ""
    """Whom its description names: itself."""
    sub: str = "sub-1"
    email: str = "camille@siao.example"
    acr: str = "eidas1-mfa"
    signs: bool = True
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    forgeries: dict[str, Forgery] = field(default_factory=dict)
    """Of the `id_token` or the `userinfo`."""
    algorithms: tuple[str, ...] = ("HS256", "RS256", "ES256")
    """Those that its description announces."""
    tokens: dict[str, Any] = field(default_factory=dict)
    """What the token's answer says otherwise; None leaves it out."""
    ends: bool = True
    ended: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    access: set[str] = field(default_factory=set)
    verifiers: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def signed(self, what: str, claims: dict[str, Any]) -> str:
        """A JWT of this provider, or its forgery."""
        forgery = self.forgeries.get(what, Forgery())
        header = {"alg": "RS256", "kid": "k1"} | forgery.header
        said = _told(claims | forgery.claims)
        if header["alg"] == "none":
            return _by_hand(header, said, lambda _text: b"")
        if header["alg"] == "HS256":
            public = self.key.as_pem(private=False)
            return _by_hand(header, said, lambda text: hmac.digest(public, text, hashlib.sha256))
        return jwt.encode(header, said, forgery.key or self.key)

    def redeemed(self, form: dict[str, str]) -> dict[str, str] | None:
        """What was asked for with this code, which serves once; None for another client, address or verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        client = (form.get("grant_type"), form.get("client_id"), form.get("client_secret"))
        if asked is None or client != ("authorization_code", asked["client_id"], "secret"):
            return None
        self.verifiers.append(form.get("code_verifier", ""))
        challenge = _text(hashlib.sha256(self.verifiers[-1].encode()).digest()) if self.verifiers[-1] else ""
        is_hers = form.get("redirect_uri") == asked["redirect_uri"] and challenge == asked.get("code_challenge", "")
        return asked if is_hers else None

    def app(self) -> Flask:
        """Its pages."""
        app = Flask("provider")

        @app.get("/.well-known/openid-configuration")
        def describe() -> Response:
            names = ("authorization", "token", "userinfo")
            ends = {f"{name}_endpoint": f"{self.url}/{name}" for name in names}
            if self.ends:
                ends["end_session_endpoint"] = f"{self.url}/session/end"
            return jsonify(
                issuer=self.issuer or self.url, jwks_uri=f"{self.url}/jwks", code_challenge_methods_supported=["S256"],
                id_token_signing_alg_values_supported=self.algorithms, **ends,
            )  # fmt: skip

        @app.get("/jwks")
        def keys() -> Response:
            return jsonify(keys=[self.key.as_dict(private=False)])

        @app.get("/authorization")
        def authorize() -> Any:
            asked = request.args.to_dict()
            self.problems += [f"unknown {name}" for name in set(asked) - KNOWN]
            self.problems += [f"short {name}" for name in ("state", "nonce") if len(asked[name]) < SHORTEST]
            if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
                return redirect(f"{asked['redirect_uri']}?error=invalid_request&state={asked['state']}")
            code = secrets.token_urlsafe()
            self.codes[code] = asked
            return redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

        @app.post("/token")
        def token() -> Any:
            asked = self.redeemed(request.form.to_dict())
            if asked is None:
                return jsonify(error="invalid_grant"), 400
            now, access = int(time()), secrets.token_urlsafe()
            self.access.add(access)
            claims = {"iss": self.url, "aud": "svi", "sub": self.sub, "nonce": asked["nonce"], "acr": self.acr}
            id_token = self.signed("id_token", claims | {"iat": now, "exp": now + 60})
            said = {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}
            return jsonify(_told(said | self.tokens))

        @app.get("/session/end")
        def end() -> Any:
            asked = request.args.to_dict()
            self.problems += [f"unknown {name}" for name in set(asked) - KNOWN_AT_THE_END]
            self.problems += ["short state"] if len(asked["state"]) < SHORTEST else []
            jwt.decode(asked["id_token_hint"], self.key)
            self.ended.append(asked)
            return redirect(f"{asked['post_logout_redirect_uri']}?state={asked['state']}")

        @app.get("/userinfo")
        def userinfo() -> Any:
            if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
                return jsonify(error="invalid_token"), 401
            claims = {"iss": self.url, "aud": "svi", "sub": self.sub, "email": self.email}
            if not self.signs:
                return jsonify(claims)
            return Response(self.signed("userinfo", claims), mimetype="application/jwt")

        return app


def _told(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}


def _text(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode("ascii")


def _by_hand(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A JWT as no library makes it."""
    said = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    return f"{said}.{_text(sign(said.encode()))}"


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a loopback port."""
    provider = Provider()
    with loopback(provider.app()) as provider.url:
        yield provider
