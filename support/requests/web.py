"""The pages of requests: the queue, one request and what can be done to it, who does what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection
from records.desks.accounts import Account, colleagues, names_by_email
from records.desks.permissions import Permission
from records.refusals import ChangeRefused, Overtaken
from records.typed.numbers import typed_number
from records.wording import explained
from routing.calendar.open_time import open_seconds
from routing.calendar.words import say_waited
from routing.departements import timezone_of
from support.answers.finding import motif_index
from support.answers.store import answer_for
from support.desk import Desk
from support.kept_searches import keep_search, kept_search
from support.nomenclature.entries import Nomenclature
from support.nomenclature.searching import find
from support.personal_data import doubt_about
from support.profiles import PROFILES
from support.requests import told, working
from support.requests.queue import EVERY, LONGEST_WORDS, MINE, NAMES, NOBODY, RequestFilters
from support.requests.reading import read_exchange
from support.requests.request import PhoneExchange, Request, Ticket, moves_now, parties_of
from support.requests.states import TICKET_MOVES, Move, MoveRefused, Party, RequestState, WhichDesk
from support.requests.store import (
    events_of,
    exchanges_of,
    find_requests,
    owners_of,
    read_request,
    tickets_of,
)
from support.requests.verbs import sorting
from support.requests.written.beside import beside, ready_text

LINES = 30
LONGEST_VERSION = 9
"""Digits."""
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RequestGesture:
    """One form of a request's page: the move that it makes, its verb, what it reads, what is said when it is done."""

    move: Move
    verb: Callable[..., Request]
    said: str
    read: Callable[[Form, Request, Desk, Nomenclature], dict[str, Any]]
    is_final: bool = False
    """Whether the form asks for a confirmation: what leaves by mail cannot be taken back."""
    said_written: str = ""
    """What is said instead for a request without a call."""


def _nothing(_form: Form, _asked: Request, _desk: Desk, _list: Nomenclature) -> dict[str, Any]:
    return {}


def _text(form: Form, *_others: Any) -> dict[str, Any]:
    return {"text": form.get("texte", "")}


def _owner(form: Form, *_others: Any) -> dict[str, Any]:
    return {"owner": form.get("personne", "")}


def _entry(form: Form, _asked: Request, _desk: Desk, nomenclature: Nomenclature) -> dict[str, Any]:
    return {"entry": nomenclature.entry(form.get("choisir") or form.get("cle", ""))}


def _when(form: Form, asked: Request, desk: Desk, _list: Nomenclature) -> dict[str, Any]:
    starts_at, minutes = read_exchange(
        form.get("date", ""), form.get("heure", ""), form.get("minutes", ""), asked.departement, desk.clock()
    )
    return {"starts_at": starts_at, "minutes": minutes, **_text(form)}


def _ticket(form: Form, *_others: Any) -> dict[str, Any]:
    return {"kind": form.get("nature", ""), "title": form.get("titre", "")}


def _ticket_state(form: Form, *_others: Any) -> dict[str, Any]:
    return {"state": form.get("etat", ""), **_text(form)}


def _end(form: Form, *_others: Any) -> dict[str, Any]:
    return {"solved": {"oui": True, "non": False}.get(form.get("resolu", "")), **_text(form)}


def _asked(form: Form, *_others: Any) -> dict[str, Any]:
    names = {"subject": "objet", "description": "description", "reply_to": "reponse"}
    return {name: form.get(typed, "") for name, typed in names.items()}


def _kept(form: Form, *_others: Any) -> dict[str, Any]:
    """The number of the request that is kept: one that was proposed, or one that was typed."""
    typed = form.get("autre_demande", "").strip() or form.get("demande", "").strip()
    return {"into": typed_number(typed) or 0}


def _linked(form: Form, *_others: Any) -> dict[str, Any]:
    return {"call_id": form.get("appel", "")[:64]}


GESTURES: Mapping[str, RequestGesture] = {
    "completer": RequestGesture(Move.COMPLETE, working.complete, "La demande est complétée.", _asked),
    "prendre": RequestGesture(Move.TAKE, working.take, "Vous vous occupez de cette demande.", _nothing),
    "attribuer": RequestGesture(Move.ASSIGN, working.assign, "La demande est attribuée.", _owner),
    "repondre": RequestGesture(Move.ANSWER, working.answer, "La réponse est envoyée.", _text),
    "questionner": RequestGesture(Move.ASK, working.ask, "La question est envoyée.", _text),
    "preciser": RequestGesture(Move.ADD, working.add, "La précision est ajoutée.", _text),
    "confirmer": RequestGesture(Move.CONFIRM, sorting.confirm, "Le motif est confirmé.", _nothing),
    "motif": RequestGesture(
        Move.RECLASSIFY,
        working.reclassify,
        "Le motif est changé, ici et sur l’appel.",
        _entry,
        said_written="Le motif est changé.",
    ),
    "rendre": RequestGesture(Move.HAND_BACK, working.hand_back, "La demande est rendue au niveau 1.", _text),
    "confier": RequestGesture(Move.ESCALATE, working.escalate, "La demande est confiée au niveau 2.", _text),
    "planifier": RequestGesture(Move.PLAN, working.plan, "L’échange téléphonique est proposé.", _when),
    "annuler-echange": RequestGesture(
        Move.CANCEL_EXCHANGE, working.cancel_exchange, "L’échange téléphonique est annulé.", _text, is_final=True
    ),
    "echange-tenu": RequestGesture(Move.HOLD_EXCHANGE, working.hold_exchange, "Le compte rendu est envoyé.", _text),
    "ticket": RequestGesture(Move.OPEN_TICKET, working.open_ticket, "Le ticket technique est ouvert.", _ticket),
    "suivre-ticket": RequestGesture(
        Move.CHANGE_TICKET, working.change_ticket, "Le ticket technique est à jour.", _ticket_state
    ),
    "relier": RequestGesture(Move.LINK, sorting.link, "L’appel est relié à la demande.", _linked),
    "reunir": RequestGesture(Move.MERGE, sorting.merge, "Les deux demandes sont réunies.", _kept),
    "clore": RequestGesture(
        Move.CLOSE,
        working.close,
        "La demande est close ; le statut de l’appel suit.",
        _end,
        said_written="La demande est close.",
    ),
    "retirer": RequestGesture(Move.WITHDRAW, working.withdraw, "La demande est retirée.", _end, is_final=True),
    "rouvrir": RequestGesture(Move.REOPEN, working.reopen, "La demande est rouverte.", _text),
}
"""Each form by the last word of its address."""
WORD_OF = {gesture.move: word for word, gesture in GESTURES.items()}


def requests_blueprint(desk: Desk) -> Blueprint:
    """The pages under `/demandes`."""
    pages = Blueprint("requests", __name__, template_folder="../templates")
    words = ", ".join(f'"{word}"' for word in GESTURES)

    @pages.get("/demandes")
    def every() -> str:
        return render_template("requests/queue.html", **_queue(desk))

    @pages.post("/demandes")
    def search() -> ResponseReturnValue:
        text = request.form.get("q", "").strip()[:LONGEST_WORDS]
        kept = {NAMES["kept"]: keep_search(text)} if text else {}
        filters: dict[str, Any] = {**RequestFilters.asked({**request.form, "page": "", **kept}, text).query()}
        return redirect(url_for(".every", **filters), 303)

    @pages.get("/demandes/aide")
    def who_does_what() -> str:
        return render_template("requests/help.html", told=told, hours=desk.national_hours.speak())

    @pages.get("/demandes/<int:number>")
    def show(number: int) -> str:
        kept = g.get("interrupted_form") or {}
        return _page(desk, number, word=kept.get("geste", ""), fields=kept)

    @pages.get(f"/demandes/<int:number>/<any({words}):word>")
    def gesture(number: int, word: str) -> str:
        return _page(desk, number, word=word, fields=g.get("interrupted_form") or request.args)

    @pages.post(f"/demandes/<int:number>/<any({words}):word>")
    def make(number: int, word: str) -> ResponseReturnValue:
        return _make(desk, number, word)

    return pages


# ---------------------------------------------------------------- the queue


def _queue(desk: Desk) -> dict[str, Any]:
    """A page of the requests of the reader: the national team's queue, or a référent's own ones."""
    reader, now, filters = desk.reader(), desk.clock(), _filters(request.args)
    works = reader.may(Permission.WORK_LEVEL_2)
    look: dict[str, Any] = {
        "scope": reader.scope, "desk": WhichDesk.NATIONAL if works else None, "reader": reader.email, "at": now,
        "limit": LINES,
    }  # fmt: skip
    with desk.reading() as connection:
        found, total = find_requests(connection, filters, **look)
        late = find_requests(connection, RequestFilters(late=True), **look)[1]
        to_do = find_requests(connection, RequestFilters(), **look)[1]
        ours = to_do if works else find_requests(connection, RequestFilters(desk=str(WhichDesk.LOCAL)), **look)[1]
        team = colleagues(connection, None) if works else []
        owners, names = owners_of(connection, reader.scope), names_by_email(connection)
        thematiques = desk.nomenclature(connection).thematiques()
    moves = {one.id: moves_now(one, reader, now, None, ()) for one in found}
    people = [(email, names.get(email, email)) for email in owners if email != reader.email]
    return {
        "found": found, "total": total, "late": late, "ours": ours, "elsewhere": to_do - ours, "filters": filters,
        "works": works, "now": now,
        "team": [(one.email, one.name or one.email) for one in team if one.email != reader.email], "moves": moves,
        "departements": desk.departements(), "thematiques": [(name, name) for name in thematiques], "told": told,
        "states": _state_options(works=works), "owners": [(MINE, "Moi"), (NOBODY, "Personne"), *people], "Move": Move,
        "pages": -(-total // LINES), "where": {one.id: told.say_where(one, reader, names) for one in found},
        "clock_of": {one.id: _clock_of(one, reader) for one in found},
        "waited": {one.id: say_waited(one.created_at, now) for one in found if one.closed_at is None},
    }  # fmt: skip


def _filters(address: Mapping[str, str]) -> RequestFilters:
    """The filters that an address says, and the words that the session keeps for it."""
    return RequestFilters.asked(address, kept_search(address.get(NAMES["kept"], "")))


def _state_options(*, works: bool) -> list[tuple[str, str]]:
    """What « État » may be: to do first."""
    of_table = [(str(state), told.STATES[state]) for state in RequestState]
    return [("", "À traiter" if works else "Non closes"), *of_table, (EVERY, "Toutes")]


# ---------------------------------------------------------------- one request


def _readable(desk: Desk, connection: Connection, number: int) -> Request:
    """The request, if the reader may see it; else 404."""
    asked = read_request(connection, number) if number < 2**31 else None
    if asked is None or not desk.reader().may_read(asked.departement):
        abort(404)
    return asked


def _page(
    desk: Desk, number: int, *, word: str = "", fields: Form | None = None, errors: Mapping[str, str] | None = None,
    overtaken_by: int = 0,
) -> str:  # fmt: skip
    """The page of a request; `word` names the form that stands open, with what was typed and what is wrong with it.

    `overtaken_by`: how many steps somebody else made since the form was opened.
    """
    reader, now = desk.reader(), desk.clock()
    with desk.reading() as connection:
        asked = _readable(desk, connection, number)
        steps, exchanges, tickets = (
            events_of(connection, number), exchanges_of(connection, number), tickets_of(connection, number),
        )  # fmt: skip
        exchange = next((one for one in exchanges if one.state == "planned"), None)
        team = colleagues(connection, asked.departement if asked.desk is WhichDesk.LOCAL else None)
        nomenclature = desk.nomenclature(connection)
        answer, names = answer_for(connection, asked.wording), names_by_email(connection)
        sought = (fields or {}).get("q", "")[:100] if word == WORD_OF[Move.RECLASSIFY] else ""
        found = find(motif_index(desk, connection), sought) if sought.strip() else []
        near = beside(desk, connection, asked, steps, answer)
    moves = moves_now(asked, reader, now, exchange, tickets)
    if not word and asked.state is RequestState.WAITING and Move.ADD in moves:
        word = WORD_OF[Move.ADD]  # what is waited for stands open
    is_first = asked.is_written and asked.first_answer_at is None and Move.ANSWER in moves
    if not word and is_first and asked.state in {RequestState.OPEN, RequestState.TAKEN}:
        word = WORD_OF[Move.ANSWER]  # what is owed stands open, with what is usually said
    typed = dict(fields or {})
    if word == WORD_OF[Move.ANSWER] and (typed.pop("modele", "") or (is_first and not errors and "texte" not in typed)):
        typed["texte"] = near.ready
    return render_template(
        "requests/request.html",
        asked=asked, steps=steps, exchange=exchange, tickets=tickets, ticket=next(iter(tickets), None), moves=moves,
        word=word, fields=typed, errors=errors or {}, told=told, Move=Move, words=WORD_OF, answer=answer,
        team=[(one.email, one.name or one.email) for one in team if one.email not in {reader.email, asked.owner}],
        motifs=_motifs(nomenclature), found=found, clock=_clock(desk, asked), near=near,
        where=told.say_where(asked, reader, names), profiles=PROFILES,
        works_here=Party.DESK in parties_of(asked, reader),
        hours=desk.national_hours.speak(), zones_differ=_zones_differ(asked, exchange),
        read_moment=datetime.fromisoformat, new_steps=steps[-overtaken_by:] if overtaken_by else [],
        is_late=asked.is_late(now),
        code=_clock_of(asked, reader),
        is_possible=word in GESTURES and GESTURES[word].move in moves,
        ticket_states=_ticket_options(tickets),
    )  # fmt: skip


def _motifs(nomenclature: Nomenclature) -> list[tuple[str, list[tuple[str, str]]]]:
    """The sous-motifs of the list, grouped by thématique and motif, as options: key and name."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for entry in nomenclature.entries:
        names = entry.wording
        label = f"{explained(names.sous_motif)} (niveau {entry.niveau})"
        groups.setdefault(f"{names.thematique} – {names.motif}", []).append((names.key, label))
    return list(groups.items())


def _ticket_options(tickets: Sequence[Ticket]) -> list[tuple[str, str]]:
    """The states to which the newest ticket may go, in the order of the table."""
    ways = TICKET_MOVES[tickets[0].state] if tickets else frozenset()
    return [(str(state), label) for state, label in told.TICKET_STATES.items() if state in ways]


def _clock(desk: Desk, asked: Request) -> list[tuple[str, datetime | None, str]]:
    """Asked, taken, answered, closed: the moment of each, and the open time of the national team since it was asked."""
    ended = asked.closed_at or desk.clock()

    def since(moment: datetime | None) -> str:
        return say_open(open_seconds(asked.created_at, moment or ended, desk.national_hours))

    rows = (
        ("Prise en charge", asked.taken_at),
        ("Première réponse", asked.first_answer_at),
        ("Close", asked.closed_at),
    )
    return [("Demandée", asked.created_at, ""), *((label, moment, since(moment)) for label, moment in rows)]


def say_open(seconds: int) -> str:
    """Open time in words: « 3 h 20 », « 45 min », « moins d’une minute »."""
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return f"{hours} h {minutes:02d}"
    return f"{minutes} min" if minutes else "moins d’une minute"


def _clock_of(asked: Request, reader: Account) -> str | None:
    """By which clock its moments are shown: that of the département; None, of Paris, for whoever reads all of them."""
    return None if reader.scope is None else asked.departement


def _zones_differ(asked: Request, exchange: PhoneExchange | None) -> bool:
    """Whether clocks of the département and of Paris differ when the exchange begins (now where none is planned)."""
    at = exchange.starts_at if exchange else asked.created_at
    return at.astimezone(timezone_of(asked.departement)).utcoffset() != at.astimezone(timezone_of(None)).utcoffset()


def _make(desk: Desk, number: int, word: str) -> ResponseReturnValue:
    """What a form asks: done and told, or the page again with what was typed."""
    gesture, form = GESTURES[word], request.form
    if form.get("faire") == "chercher":
        return _page(desk, number, word=word, fields=form)
    acting = desk.acting()
    try:
        with acting.writing() as connection:
            asked = _seen(_readable(desk, connection, number), form)
            answer = answer_for(connection, asked.wording)
            _check_form(gesture, form, ready_text(desk, connection, asked, answer) if answer else "")
            values = gesture.read(form, asked, desk, desk.nomenclature(connection))
            gesture.verb(acting, connection, asked, hours=desk.national_hours, **values)
    except Overtaken as overtaken:
        seen = form.get("version", "")
        steps = overtaken.current.version - int(seen) if seen.isdecimal() and len(seen) < LONGEST_VERSION else 1
        return _page(desk, number, word=word, fields=form, overtaken_by=max(steps, 1)), 409
    except MoveRefused as refusal:
        return _page(desk, number, word=word, fields=form, errors={"geste": str(refusal)}), 409
    except ChangeRefused as refusal:
        return _page(desk, number, word=word, fields=form, errors={refusal.field or "geste": str(refusal)}), 400
    flash((gesture.said_written if asked.is_written else "") or gesture.said, "success")
    if "retour" in form:
        back: dict[str, Any] = {**_filters(dict(parse_qsl(form["retour"]))).query()}
        return redirect(url_for(".every", **back), 303)
    return redirect(url_for(".show", number=number), 303)


def _seen(asked: Request, form: Form) -> Request:
    """The request as the form's author saw it; Overtaken when somebody changed it since.

    « Je m’en occupe » on another page's list says no version: it takes what stands.
    """
    typed = form.get("version", "")
    if typed and typed != str(asked.version):
        raise Overtaken(asked)
    return asked


def _check_form(gesture: RequestGesture, form: Form, ready: str) -> None:
    """ChangeRefused for what the form itself asks: a confirmation, and personal data that nobody looked at.

    What the ready answer says (the line's own number) is nobody's.
    """
    for name in ("texte", "description"):
        if (doubt := doubt_about(form.get(name, ""), ready)) and form.get("confirmed") != "1":
            raise ChangeRefused(doubt, name)
    if gesture.is_final and form.get("confirme") != "1":
        raise ChangeRefused("Confirmez : cela ne se reprend pas.", "confirme")
