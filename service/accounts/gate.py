"""The gate of every page: closed unless named public, idle sessions end, what was typed is kept for its author."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, flash, g, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from records.database import Engine, reading, writing
from records.desks.accounts import (
    Account,
    DeskSession,
    EntryProof,
    end_session,
    end_sessions,
    find_session,
    keep_identity,
    open_session,
    session_owner,
    take_identity,
)
from records.desks.audit import note
from records.desks.interrupted_forms import (
    forget_interrupted_forms,
    forget_old_forms,
    interrupted_form,
    keep_interrupted_form,
)

HOME = "/a-faire"
SEEN_EVERY = 10
"""Seconds before an activity is written into the cookie again; a piece of a page does it after half the idle time."""
NOT_KEPT = frozenset({"csrf_token"})
LONGEST_KEPT = 20_000
IN_THE_TRAIL = {EntryProof.LINK: "lien", EntryProof.TOTP: "lien et code", EntryProof.PROCONNECT: "ProConnect"}
"""How a line of the trail names what proved who it is."""
LARGEST_NUMBER = 2**31 - 1


def is_own_path(path: str) -> bool:
    """Whether a text is a path of this site, and no way to another."""
    parts = urlsplit(path)
    return (
        path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
        and path.isprintable()
    )  # fmt: skip


def _refuse_what_no_column_holds() -> None:
    """400 for NUL characters, 404 for a number that no table can have: PostgreSQL would refuse both as errors."""
    typed = [*request.args.values(), *request.form.values(), *(request.view_args or {}).values()]
    if any(isinstance(value, str) and "\x00" in value for value in typed):
        abort(400)
    if any(isinstance(value, int) and value > LARGEST_NUMBER for value in typed):
        abort(404)


def current_account() -> Account:
    """The account that asks; the gate has let it in."""
    account: Account | None = g.get("account")
    if account is None:
        abort(401)
    return account


def page_to_return_to() -> str:
    """The page that shows the form or the list asked for."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    same_site = came_from.netloc == request.host
    return came_from.path if same_site and is_own_path(came_from.path) else HOME


def is_a_page() -> bool:
    """Whether a whole page is asked for; else a piece, a sound or a picture for a page that stands open.

    Such an answer may come after the one to a form that was sent meanwhile: a cookie in it would undo what that one
    said (https://www.w3.org/TR/fetch-metadata/ names where an answer goes).
    """
    return not request.headers.get("HX-Request") and request.headers.get("Sec-Fetch-Dest", "document") == "document"


class Gate:
    """Lets in whoever has a session in use, or one that lasts the day; polling is no use of it (decision 37)."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        *,
        idle: timedelta,
        workday: timedelta,
        public: Iterable[str],
        polled: Iterable[str],
        greeting: Iterable[str] = (),
        why_not: Callable[[Account, EntryProof], str] = lambda _account, _proof: "",
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._idle = idle
        self._workday = workday
        self._public = frozenset(public)
        self._polled = frozenset(polled)
        self._greeting = frozenset(greeting)
        self._why_not = why_not

    def install(self, app: Flask) -> None:
        """Stand before every request of the application."""
        app.before_request(self.check)
        app.after_request(self._keep_private)

    def is_public(self, endpoint: str | None) -> bool:
        """Whether anybody may ask for this; an address that does not exist is answered 404 to anybody."""
        return endpoint is None or endpoint in self._public or endpoint.split(".")[0] in self._public

    def check(self) -> AnyResponse | None:
        """Nothing for whoever may pass; else the way to the sign-in page."""
        if self.is_public(request.endpoint):
            if request.blueprint in self._greeting:
                g.account = self._greeted()
            return None
        _refuse_what_no_column_holds()
        found = self._session()
        if found is None:
            return self._ask_to_sign_in()
        if reason := self._why_not(found.account, found.proof):
            self._end(found, reason)
            return self._ask_to_sign_in()
        g.account = found.account
        if request.endpoint not in self._polled:
            self._note_activity(found.account)
        return None

    def _keep_private(self, answer: Response) -> Response:
        """What was shown to somebody stays in no cache, for the next person at this computer."""
        if g.get("account") is not None and (request.endpoint or "").rpartition(".")[2] != "static":
            answer.headers["Cache-Control"] = "no-store"  # a file that is sent has said « no-cache », which keeps it
        return answer

    def let_in(
        self,
        account: Account,
        *,
        proof: EntryProof = EntryProof.LINK,
        lasts_day: bool = False,
        ends_others: bool = False,
        id_token: str = "",
    ) -> None:
        """Open a new session for the account in this browser, in place of the one that it had, and note the proof.

        `lasts_day`: for the working day, idle or not; `ends_others`: the account's older sessions end;
        `id_token`: what ProConnect gave, to leave it as well.
        """
        now, before = self._clock(), session.get("desk")
        with writing(self._engine) as connection:
            if before:
                end_session(connection, before, now)
            if ends_others:
                end_sessions(connection, account.id, now)
                note(connection, by=account.email, what="sessions fermées", reference=account.email, at=now)
            token = open_session(connection, account.id, now, proof=proof, lasts_day=lasts_day)
            if id_token:
                keep_identity(connection, token, id_token, now)
            note(connection, by=account.email, what="connexion", reference=IN_THE_TRAIL[proof], at=now)
            forget_old_forms(connection, now)
            has_interrupted = interrupted_form(connection, account.id) is not None
        session.clear()
        session.permanent = True
        session["desk"] = token
        session["seen"] = int(now.timestamp())
        session["kept"] = has_interrupted

    def let_out(self, *, everywhere: bool = False) -> str | None:
        """End this browser's session, or all of its account's, and note it.

        Returns what ProConnect gave for it, None where it began otherwise.
        """
        id_token, token = None, session.get("desk")
        if token:
            with writing(self._engine) as connection:
                found = find_session(connection, token, self._clock(), workday=self._workday)
                account = found.account if found else None
                id_token = take_identity(connection, token)
                end_session(connection, token, self._clock())
                if account is not None and everywhere:
                    end_sessions(connection, account.id, self._clock())
                if account is not None:
                    what = "sessions fermées" if everywhere else "déconnexion"
                    note(connection, by=account.email, what=what, reference=account.email, at=self._clock())
        session.clear()
        return id_token

    def _greeted(self) -> Account | None:
        found = self._session()
        return found.account if found and not self._why_not(found.account, found.proof) else None

    def _end(self, found: DeskSession, reason: str) -> None:
        """End a session that suffices no more, and say why on the page that asks to sign in."""
        with writing(self._engine) as connection:
            if end_session(connection, session["desk"], self._clock()):
                told = f"ouverte par {IN_THE_TRAIL[found.proof]}"
                note(connection, by=found.account.email, what="session insuffisante", reference=told, at=self._clock())
        flash(reason, "warning")

    def _session(self) -> DeskSession | None:
        token, seen = session.get("desk"), session.get("seen", 0)
        now = self._clock()
        if not token:
            return None
        is_idle = now - datetime.fromtimestamp(seen, UTC) > self._idle
        with reading(self._engine) as connection:
            return find_session(connection, token, now, is_idle=is_idle, workday=self._workday)

    def _note_activity(self, account: Account) -> None:
        now = int(self._clock().timestamp())
        idle = now - session["seen"]
        if idle >= (SEEN_EVERY if is_a_page() else self._idle.total_seconds() / 2):
            session["seen"] = now
        if not session.get("kept"):
            return
        if request.method == "POST":
            session["kept"] = False
            with writing(self._engine) as connection:
                forget_interrupted_forms(connection, account.id)
        else:
            with reading(self._engine) as connection:
                g.interrupted_form = interrupted_form(connection, account.id, request.path)

    def keep_for_later(self) -> str:
        """Keep what this refused form says for the owner of the session; returns the page where it will be."""
        page = page_to_return_to()
        self._keep_what_was_typed(page)
        if session.get("desk"):
            session["kept"] = True
        return page

    def _ask_to_sign_in(self) -> AnyResponse:
        page = page_to_return_to()
        address = url_for("sign_in.ask", suite=page)
        if request.headers.get("HX-Request"):
            return Response("", 401, {"HX-Redirect": address})
        if request.method == "POST":
            self._keep_what_was_typed(page)
        return redirect(address, 303)

    def _keep_what_was_typed(self, page: str) -> None:
        """For the owner of the session that has just ended, and nobody else."""
        fields: dict[str, Any] = {name: text for name, text in request.form.items() if name not in NOT_KEPT}
        token = session.get("desk")
        if not token or not fields or sum(map(len, fields.values())) > LONGEST_KEPT:
            return
        with writing(self._engine) as connection:
            owner = session_owner(connection, token)
            if owner is not None:
                keep_interrupted_form(connection, owner, urlsplit(page).path, fields, self._clock())
