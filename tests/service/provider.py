"""A small identity provider that speaks OpenID Connect as ProConnect does: codes, signed id_token and userinfo."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.loopback import loopback

KNOWN = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims"}
"""ProConnect refuses a query parameter that it does not know."""
KNOWN_AT_THE_END = {"id_token_hint", "state", "post_logout_redirect_uri"}
SHORTEST = 32


@dataclass
class Provider:
    """What the provider says; a test changes it to lie."""

    url: str = ""
    sub: str = "sub-1"
    email: str = "camille@siao.example"
    acr: str = "eidas1-mfa"
    userinfo_sub: str | None = None
    audience: str = "svi"
    signs: bool = True
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    forged: RSAKey | None = None
    ends: bool = True
    ended: list[dict[str, str]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def signed(self, claims: dict[str, Any]) -> str:
        """A JWT of this provider."""
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.forged or self.key)

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
                issuer=self.url, jwks_uri=f"{self.url}/jwks", id_token_signing_alg_values_supported=["RS256"], **ends
            )

        @app.get("/jwks")
        def keys() -> Response:
            return jsonify(keys=[self.key.as_dict(private=False)])

        @app.get("/authorization")
        def authorize() -> Any:
            asked = request.args.to_dict()
            self.problems += [f"unknown {name}" for name in set(asked) - KNOWN]
            self.problems += [f"short {name}" for name in ("state", "nonce") if len(asked[name]) < SHORTEST]
            code = secrets.token_urlsafe()
            self.codes[code] = asked
            return redirect(f"{asked['redirect_uri']}?code={code}&state={asked['state']}")

        @app.post("/token")
        def token() -> Any:
            asked = self.codes.pop(request.form["code"], None)
            if asked is None or request.form["client_secret"] != "secret":
                return jsonify(error="invalid_grant"), 400
            now = int(time())
            claims = {"iss": self.url, "aud": "svi", "sub": self.sub, "nonce": asked["nonce"], "acr": self.acr}
            id_token = self.signed(claims | {"iat": now, "exp": now + 60})
            return jsonify(access_token="a", token_type="Bearer", expires_in=60, id_token=id_token)

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
            claims = {"iss": self.url, "aud": self.audience, "sub": self.userinfo_sub or self.sub, "email": self.email}
            return Response(self.signed(claims), mimetype="application/jwt") if self.signs else jsonify(claims)

        return app


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a loopback port."""
    provider = Provider()
    with loopback(provider.app()) as provider.url:
        yield provider
