"""The page of whoever wrote a request: opened by his private link, without an account, a password or a script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import FileStorage

from records.attempts import Limit, network_of, reached
from records.database import Connection, writing
from records.desks.accounts import names_by_email
from records.desks.acting import Acting
from records.refusals import ChangeRefused, Overtaken
from records.tokens import digest_of
from records.typed.numbers import typed_number
from routing.departements import timezone_of
from support.attachments.attachment import FIELD, Checked, FilesRefused, Upload
from support.attachments.giving import give
from support.attachments.kinds import ACCEPT, ACCEPTED
from support.attachments.store import attachments_of, read_attachment
from support.desk import Desk
from support.following.gestures import GESTURES, OPINIONS, SenderGesture
from support.following.history import history
from support.following.links import link_of, request_followed
from support.following.posting import replace_link, send_link
from support.following.store import request_of_digest
from support.following.whereabouts import awaited, whereabouts
from support.personal_data import doubt_about
from support.requests.request import Request, as_its_sender, moves_now
from support.requests.states import REOPENED_WITHIN_DAYS, Move, MoveRefused, RequestState
from support.requests.store import events_of, exchanges_of, read_request, tickets_of
from support.requests.told import BADGES, STATES

NO_LINK = 404
LONGEST_STEP = 17
"""Digits."""
NOT_WRITTEN = frozenset({"csrf_token", "numero_demande", "email", "vu", "pourquoi", "avis", "confirmed"})
"""Fields of these pages in which nobody writes a text that could be lost."""
SENT_AT_MOST = 20
"""Forms of one request taken in an hour: each of them is a mail to a desk."""
PER_REQUEST = 3
"""New links in an hour for one request, or for one address that was typed."""


@dataclass(frozen=True, slots=True)
class FollowOffice:
    """What the pages are given: `days` that a link opens, `hourly`, the new links asked for from one network."""

    desk: Desk
    days: int
    hourly: int


@dataclass(frozen=True, slots=True)
class ShownAgain:
    """What was sent with a form that is shown again: its word, its fields, what is wrong, what came in between.

    `seen`: the last step that its page showed; what came after is pointed at.
    """

    word: str = ""
    fields: Mapping[str, str] | None = None
    errors: Mapping[str, str] | None = None
    seen: int | None = None


def follow_blueprint(office: FollowOffice) -> Blueprint:
    """The pages under `/demande/suivi`: open to whoever has the link, kept in no cache, told to no other site."""
    pages = Blueprint("follow", __name__, template_folder="../templates")
    words = ", ".join(f'"{word}"' for word in GESTURES)
    desk = office.desk

    @pages.after_request
    def keep_private(answer: Response) -> Response:
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex, nofollow"
        return answer

    @pages.errorhandler(CSRFError)
    def page_too_old(_error: CSRFError) -> ResponseReturnValue:
        """The page was open for too long: nothing is done, and what was typed stands in its form, ready to be sent."""
        asked_for = request.view_args or {}
        error = "Cette page est restée ouverte trop longtemps. Rien n’est perdu : relisez, puis envoyez de nouveau."
        typed = ShownAgain(asked_for.get("word", ""), request.form, {"page": error}, _seen(request.form))
        token = asked_for.get("jeton", "")
        with desk.reading() as connection:
            opens = request_followed(connection, token, desk.clock()) is not None
        return _status(_page(office, token, typed), 400) if opens else _ask_page("", request.form, typed.errors, 400)

    @pages.get("/demande/suivi")
    def ask() -> ResponseReturnValue:
        return _ask_page("", {}, {}, 200)

    @pages.post("/demande/suivi")
    def find() -> ResponseReturnValue:
        return _find(office)

    @pages.get("/demande/suivi/<jeton>")
    def show(jeton: str) -> ResponseReturnValue:
        return _page(office, jeton, ShownAgain())

    @pages.post("/demande/suivi/<jeton>/renvoyer")
    def send_again(jeton: str) -> ResponseReturnValue:
        with writing(desk.engine) as connection:
            number = request_of_digest(connection, digest_of(jeton))
            return _link_asked(office, connection, jeton, number)

    @pages.post("/demande/suivi/<jeton>/lien")
    def share_by_mistake(jeton: str) -> ResponseReturnValue:
        acting = Acting(desk.engine, "", desk.clock())
        with acting.writing() as connection:
            asked = request_followed(connection, jeton, acting.at)
            if asked is None:
                return _no_request(jeton)
            replace_link(Acting(desk.engine, asked.created_by, acting.at), connection, asked)
        return render_template("following/sent.html", is_replaced=True)

    @pages.get("/demande/suivi/<jeton>/fichiers/<int:attachment_id>")
    def file(jeton: str, attachment_id: int) -> ResponseReturnValue:
        with desk.reading() as connection:
            asked = request_followed(connection, jeton, desk.clock())
            found = read_attachment(connection, asked.id, attachment_id) if asked and attachment_id < 2**31 else None
        return give(desk.files, found) if found else _no_request(jeton)

    @pages.get(f"/demande/suivi/<jeton>/<any({words}):word>")
    def gesture(jeton: str, word: str) -> ResponseReturnValue:
        return _page(office, jeton, ShownAgain(word))

    @pages.post(f"/demande/suivi/<jeton>/<any({words}):word>")
    def make(jeton: str, word: str) -> ResponseReturnValue:
        return _make(office, jeton, word)

    return pages


# ---------------------------------------------------------------- no link, or none that opens


def _no_request(token: str) -> ResponseReturnValue:
    """The one answer to every link that opens nothing: wrong, expired, revoked, another request's."""
    return _ask_page(token, request.form, {}, NO_LINK)


def _ask_page(
    token: str, fields: Mapping[str, str], errors: Mapping[str, str] | None, code: int
) -> ResponseReturnValue:
    """The page that has a link sent: by the old one, `token`, or by the number and the address of a request."""
    lost = [text for name, text in fields.items() if name not in NOT_WRITTEN and text.strip()]
    text = render_template(
        "following/ask.html", token=token, fields=fields, errors=errors or {}, is_gone=code == NO_LINK, lost=lost
    )
    return text, code


def _find(office: FollowOffice) -> ResponseReturnValue:
    """A new link to the address of a request, for whoever knows both; the answer tells whether nobody does."""
    form = request.form
    number = typed_number(form.get("numero_demande", "").strip().removeprefix("n°").strip())
    email, errors = form.get("email", "").strip(), {}
    if number is None:
        errors["numero_demande"] = "Donnez le numéro de la demande : il est dans l’objet des courriels reçus."
    if "@" not in email:
        errors["email"] = "Donnez l’adresse avec laquelle la demande a été écrite."
    if number is None or errors:
        return _ask_page("", form, errors, 400)
    with writing(office.desk.engine) as connection:
        asked = read_request(connection, number)
        is_theirs = asked is not None and asked.reply_to.casefold() == email.casefold()
        return _link_asked(office, connection, f"{number} {email.casefold()}", number if is_theirs else None)


def _link_asked(office: FollowOffice, connection: Connection, wanted: str, number: int | None) -> ResponseReturnValue:
    """Owe the link of a request that was written; the same page whether there is one or not."""
    at = office.desk.clock()
    limits = [
        Limit("follow wanted", str(number) if number else wanted, PER_REQUEST),
        Limit("follow network", network_of(request.remote_addr), office.hourly),
    ]
    if reached(connection, office.desk.secret, limits, at):
        error = "Plusieurs liens ont été demandés. Patientez une heure, ou ouvrez le dernier courriel reçu."
        return _ask_page("", request.form, {"page": error}, 429)
    asked = read_request(connection, number) if number else None
    if asked is not None and asked.is_written:
        send_link(connection, asked, at)
    return render_template("following/sent.html", is_replaced=False)


# ---------------------------------------------------------------- the page


def _page(office: FollowOffice, token: str, typed: ShownAgain) -> ResponseReturnValue:
    """The request of a link, with the form that stands open; the 404 page for every other link."""
    desk, now = office.desk, office.desk.clock()
    with desk.reading() as connection:
        asked = request_followed(connection, token, now)
        if asked is None:
            return _no_request(token)
        steps, tickets, names = (
            events_of(connection, asked.id),
            tickets_of(connection, asked.id),
            names_by_email(connection),
        )
        exchanges, files = exchanges_of(connection, asked.id), attachments_of(connection, asked.id)
    exchange = next((one for one in exchanges if one.state == "planned"), None)
    moves = moves_now(asked, as_its_sender(asked), now, exchange, tickets)
    lines = history(asked, steps, names)
    open_ones = {word: one for word, one in GESTURES.items() if one.move in moves}
    word = typed.word or ("preciser" if asked.state is RequestState.WAITING else "")
    return render_template(
        "following/follow.html",
        asked=asked, token=token, lines=lines, where=whereabouts(asked, names.get(asked.owner or "", "")),
        awaited=awaited(asked), exchange=exchange, files=files, gestures=open_ones, word=word, opinions=OPINIONS,
        fields=typed.fields or {}, errors=typed.errors or {}, last=steps[-1].id if steps else 0,
        code=asked.departement, is_late=asked.is_late(now),
        news=[line for line in lines if typed.seen is not None and line.step > typed.seen], days=office.days,
        lost=_lost(typed, open_ones), state=STATES[asked.state], badge=BADGES[asked.state],
        until=_local_end(asked), accept=ACCEPT, accepted=ACCEPTED,
        address=_masked(asked.reply_to), overtaken=typed.seen is not None and not typed.errors,
    )  # fmt: skip


def _local_end(asked: Request) -> date | None:
    """The last day on which a closed request may be opened again, by the département's own clock."""
    if asked.closed_at is None:
        return None
    ends = asked.closed_at + timedelta(days=REOPENED_WITHIN_DAYS)
    return ends.astimezone(timezone_of(asked.departement)).date()


def _masked(address: str) -> str:
    """An address that only its owner recognises: the page may be open before other eyes."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _lost(typed: ShownAgain, gestures: Mapping[str, SenderGesture]) -> str:
    """What was typed in a form that the page does not show any more."""
    return (typed.fields or {}).get("texte", "") if typed.word and typed.word not in gestures else ""


def _make(office: FollowOffice, token: str, word: str) -> ResponseReturnValue:
    """What a form asks: done and told, or the page again with what was typed."""
    desk, gesture, form = office.desk, GESTURES[word], request.form
    uploads = _uploads(request.files.getlist(FIELD)) if gesture.takes_files else []
    try:
        with desk.reading() as connection:
            if request_followed(connection, token, desk.clock()) is None:
                return _no_request(token)
        checked, refused = _looked_at(desk, uploads)
        if refused and not checked:
            raise FilesRefused(refused)
        refused += _do(office, token, gesture, form, checked)
    except Overtaken:
        return _status(_page(office, token, ShownAgain(word, form, seen=_seen(form))), 409)
    except MoveRefused as refusal:
        return _status(_page(office, token, ShownAgain(word, form, {"page": str(refusal)})), 409)
    except ChangeRefused as refusal:
        errors = {refusal.field or "page": str(refusal)}
        if uploads and refusal.field != FIELD:
            errors[FIELD] = "Choisissez de nouveau vos fichiers : un navigateur ne les garde pas."
        return _status(_page(office, token, ShownAgain(word, form, errors)), 400)
    flash(gesture.said, "success")
    if refused:
        flash(f"Sauf ceci, qui n’est pas ajouté. {FilesRefused(refused)}", "warning")
    return redirect(url_for(".show", jeton=token), 303)


def _looked_at(desk: Desk, uploads: Sequence[Upload]) -> tuple[list[Checked], list[tuple[str, str]]]:
    """The files that may be kept; those that are refused, by name, and why."""
    try:
        return (desk.files.check(uploads) if desk.files and uploads else []), []
    except FilesRefused as refused:
        return list(refused.checked), list(refused.reasons)


def _do(
    office: FollowOffice, token: str, gesture: SenderGesture, form: Mapping[str, str], files: Sequence[Checked]
) -> list[tuple[str, str]]:
    """Make the move as the sender, keep his files with its step, and let the link open for its days anew.

    Returns the files for which there was no place, by name, and why; FilesRefused where nothing else was sent.
    """
    desk, without_place = office.desk, list[tuple[str, str]]()
    with writing(desk.engine) as connection:
        at = desk.clock()
        asked = request_followed(connection, token, at)
        if asked is None:
            raise MoveRefused("Ce lien ne s’ouvre plus.")
        if gesture.move is not Move.RATE:
            _check_unchanged(connection, asked, form)
        values = gesture.read(form)
        has_words = bool(values["text"].strip())
        if files and not has_words:
            values["text"] = f"Fichier joint : {', '.join(one.name for one in files)}"
        if (doubt := doubt_about(values["text"])) and form.get("confirmed") != "1":
            raise ChangeRefused(doubt, "texte")
        if reached(connection, desk.secret, [Limit("follow sent", str(asked.id), SENT_AT_MOST)], at):
            raise ChangeRefused(
                "Vous avez déjà beaucoup envoyé en une heure. Patientez un peu, puis envoyez de nouveau."
            )
        acting = Acting(desk.engine, asked.created_by, at, as_its_sender(asked))
        gesture.verb(acting, connection, asked, hours=desk.national_hours, **values)
        if files and desk.files:
            step = events_of(connection, asked.id)[-1].id
            try:
                desk.files.keep(connection, files, request_id=asked.id, event_id=step, by=asked.created_by, at=at)
            except FilesRefused as refused:
                if not has_words:
                    raise
                without_place += refused.reasons
        link_of(connection, desk.secret, asked.id, at, office.days)
    return without_place


def _check_unchanged(connection: Connection, asked: Request, form: Mapping[str, str]) -> None:
    """Overtaken when something that the sender reads has happened since he opened the page."""
    seen = _seen(form)
    lines = history(asked, events_of(connection, asked.id), {})
    if seen is not None and any(line.step > seen for line in lines):
        raise Overtaken(asked)


def _seen(form: Mapping[str, str]) -> int | None:
    """The last step that the page showed; None when the form says none."""
    return typed_number(form.get("vu", ""), LONGEST_STEP)


def _uploads(given: Sequence[FileStorage]) -> list[Upload]:
    return [Upload(one.filename or "", one.read()) for one in given if one.filename]


def _status(page: ResponseReturnValue, code: int) -> ResponseReturnValue:
    """The page with this status; the one that opens nothing keeps its own."""
    return (page, code) if isinstance(page, str) else page
