"""The page « Téléphone de démonstration »: a telephone, and beside it those of the référents. Only with DEMO=1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
from flask import Blueprint, Response, abort, jsonify, render_template, request

PATIENCE = 5.0
"""Seconds that the engine, on this machine, has for one answer."""

LARGEST = 16 * 1024
ALONE = "telephone_alone.html"

_ABOUT_A_PHONE = frozenset({"rings", "leg_over"})

RowOf = Callable[[str], Mapping[str, Any] | None]
NameOf = Callable[[str], str | None]


def telephone_blueprint(
    engine_url: str, *, row_of: RowOf, name_of: NameOf, number: str, layout: str = ALONE
) -> Blueprint:
    """The page under `/telephone` and what it asks for.

    `row_of` gives a call as the contract's JSON (None: not yet), `name_of` whose telephone a number (E.164) is,
    `number` the line as people write it. `layout` is the template around the page.
    """
    page = Blueprint(
        "telephone", __name__, template_folder="templates", static_folder="static", url_prefix="/telephone"
    )
    engine = _Engine(engine_url)

    @page.before_request
    def limit() -> None:
        request.max_content_length = LARGEST

    @page.get("")
    def show() -> str:
        return render_template("telephone.html", layout=layout, number=number)

    @page.post("/calls")
    def begin() -> Response:
        return engine.post("/calls", request.get_json())

    @page.get("/calls/<call>/happenings")
    def happenings(call: str) -> Response:
        answer = engine.get(f"/calls/{_identifier(call)}/happenings", {"after": request.args.get("after", "0")})
        return jsonify({**answer, "happenings": [_named(one, name_of) for one in answer["happenings"]]})

    @page.post("/calls/<call>/<any(press, say, hangup, answer, refuse):deed>")
    def act(call: str, deed: str) -> Response:
        return engine.post(f"/calls/{_identifier(call)}/{deed}", request.get_json())

    @page.get("/row/<call>")
    def row(call: str) -> Response:
        found = row_of(_identifier(call))
        return jsonify(row=dict(found) if found is not None else None)

    return page


def _identifier(call: str) -> str:
    return call if call.isascii() and call.isalnum() and len(call) <= 64 else abort(404)  # noqa: PLR2004 - an id


def _named(one: dict[str, Any], name_of: NameOf) -> dict[str, Any]:
    """The happening, with the name of the person whose telephone it is about."""
    number = one.get("phone") if one["kind"] == "bridged" else one["where"] if one["kind"] in _ABOUT_A_PHONE else None
    return {**one, "name": name_of(number)} if number else one


class _Engine:
    """The simulated operator's process, on this machine."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the machine has nothing to do with its own loopback

    def post(self, path: str, asked: Any) -> Response:
        """Hands a request over; its answer, or a French sentence when the engine is away."""
        try:
            answer = self._session.post(self._url + path, json=asked, timeout=PATIENCE)
        except requests.RequestException:
            return _away()
        return Response(answer.content, answer.status_code, content_type="application/json")

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """What the engine answers; the request ends here with the engine's own error."""
        try:
            answer = self._session.get(self._url + path, params=dict(query), timeout=PATIENCE)
        except requests.RequestException:
            abort(_away())
        if not answer.ok:
            abort(Response(answer.content, answer.status_code, content_type="application/json"))
        found: dict[str, Any] = answer.json()
        return found


def _away() -> Response:
    answer = jsonify(error="Le téléphone simulé redémarre : patientez un instant.")
    answer.status_code = 503
    return answer
