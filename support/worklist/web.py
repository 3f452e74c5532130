"""The page « À faire »: the one list of a desk, what is done to its lines, and what an open page learns of."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.accounts import colleagues
from records.desks.acting import UNDONE_WITHIN
from records.desks.audit import note
from records.desks.calling_back import read_call_back
from records.desks.desk_calls import DeskCall, Recent, live_calls, recent_of
from records.refusals import ChangeRefused
from records.typed.durations import DoubtfulDuration
from routing.calendar.words import say_waited
from routing.phones import show_phone
from support.desk import Desk
from support.requests.request import PHONE
from support.requests.told import CHANNELS
from support.worklist.doing import GONE, finish, hand_over, list_missed, set_aside, take, undo
from support.worklist.done.store import DoneLine, done_since
from support.worklist.line import LineKind, WorkLine, following
from support.worklist.store import (
    count_lines,
    departement_of,
    desks_of,
    desks_without,
    has_unread_answer,
    read_lines,
    taken_by,
    withheld_missed,
    worked_off,
)

LINES = 50
LAST_PAGE = 1000
KINDS = ", ".join(LineKind)
DEEDS = "prendre, confier, cote, reprendre, fait, annuler"
LABELS: Mapping[LineKind, str] = {
    LineKind.MISSED: "Appel manqué",
    LineKind.MESSAGE: "Message",
    LineKind.CALLBACK: "Rappel demandé",
    LineKind.QUALIFY: "À qualifier",
    LineKind.ONGOING: "En cours",
    LineKind.ANSWER: "Réponse du niveau 2",
    LineKind.REQUEST: "Demande",
}
TOLD: Mapping[str, str] = {
    "answer": "L’équipe nationale a répondu",
    "ask": "L’équipe nationale demande une précision",
    "plan": "Un échange téléphonique est proposé",
    "cancel_exchange": "L’échange téléphonique est annulé",
    "hand_back": "La demande vous est rendue",
    "close": "L’équipe nationale a clos la demande",
    "change_ticket": "Le ticket technique a changé d’état",
}


@dataclass(frozen=True)
class Opened:
    """A line shown open: its number once it was asked for, or what was typed and what is wrong with it."""

    key: str = ""
    number: str | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    doubt: int | None = None
    """Seconds that were read and have to be confirmed."""


def worklist_blueprint(desk: Desk) -> Blueprint:
    """The pages under `/a-faire`."""
    pages = Blueprint("worklist", __name__, template_folder="../templates")

    @pages.get("/a-faire")
    def show() -> str:
        return render_template("worklist/page.html", **_page(desk))

    @pages.get("/a-faire/nouveau")
    def news() -> ResponseReturnValue:
        """What an open page has to show anew, 204 when it has it already; `liste` for the list's own page."""
        shown = _page(desk) if "liste" in request.args else _outside(desk)
        if request.args.get("vu") == shown["digest"]:
            return "", 204
        return render_template("worklist/_news.html", **shown)

    @pages.get("/a-faire/suivant")
    def go_on() -> ResponseReturnValue:
        kind, _, reference = request.args.get("apres", "").partition(":")
        now, lines = desk.clock(), _lines(desk)
        if kind == LineKind.QUALIFY:
            with desk.reading() as connection:
                kind = worked_off(connection, reference)
        found = following(lines, kind, reference, desk.reader().email, now)
        if found is None:
            flash("C’est tout : plus rien ne vous attend pour l’instant.", "success")
            return redirect(url_for(".show"), 303)
        return redirect(_address(found, [line for line in lines if not line.is_aside(now)]), 303)

    @pages.post("/a-faire/reglages")
    def settings() -> ResponseReturnValue:
        wanted = request.form.get("listes") != "non"
        try:
            list_missed(desk.acting(), request.form.get("departement", ""), wanted=wanted)
        except ChangeRefused as refused:
            flash(str(refused), "error")
        else:
            flash("Les appels manqués sont listés." if wanted else "Les appels manqués ne sont plus listés.", "success")
        return redirect(url_for(".show"), 303)

    @pages.post("/a-faire/missed/<reference>/numero")
    def number(reference: str) -> ResponseReturnValue:
        with desk.reading() as connection:
            _check_mine(desk, connection, LineKind.MISSED, reference)
        missed = (line for line in _lines(desk) if line.kind is LineKind.MISSED)
        line = next((one for one in missed if reference in one.references), None)
        if line is None:
            flash(GONE, "info")
            return redirect(url_for(".show"), 303)
        with writing(desk.engine) as connection:
            note(connection, by=desk.reader().email, what="numero", reference=line.reference, at=desk.clock())
        opened = Opened(line.key, line.number)
        if request.headers.get("HX-Request"):
            return render_template("worklist/_one.html", line=line, **_page(desk, opened))
        return render_template("worklist/page.html", **_page(desk, opened))

    @pages.post(f"/a-faire/<any({KINDS}):kind>/<reference>/<any({DEEDS}):deed>")
    def act(kind: str, reference: str, deed: str) -> ResponseReturnValue:
        which = LineKind(kind)
        with desk.reading() as connection:
            _check_mine(desk, connection, which, reference)
        return _act(desk, which, reference, deed)

    return pages


def counter(desk: Desk) -> Callable[[], int]:
    """What tells how many lines wait for the reader: they are counted, but where this request has read them anyway."""

    def waiting() -> int:
        if "worklist" in g:
            return len([line for line in _lines(desk) if not line.is_aside(desk.clock())])
        with desk.reading() as connection:
            return count_lines(connection, desk.reader(), desk.clock())

    return waiting


def answer_to_read(desk: Desk) -> Callable[[int], bool]:
    """What tells whether the reader's desk has not yet read what level 2 said in the request of that number."""

    def is_unread(number: int) -> bool:
        with desk.reading() as connection:
            return has_unread_answer(connection, desk.reader().scope, number, desk.clock())

    return is_unread


# ---------------------------------------------------------------- what is shown


def _lines(desk: Desk) -> list[WorkLine]:
    """Every line of the reader's, as it stood at the beginning of this request."""
    if "worklist" not in g:
        with desk.reading() as connection:
            g.worklist = read_lines(connection, desk.reader(), desk.clock(), desk.own_days_kept())
    lines: list[WorkLine] = g.worklist
    return lines


def _live(desk: Desk, connection: Connection) -> dict[str, Any]:
    """The calls that ring or talk now, what their callers asked last, and which one the reader has just taken."""
    reader, now = desk.reader(), desk.clock()
    live = [call for call in live_calls(connection, reader.scope, now) if call.attempts or call.is_talking]
    mine = [person.id for person in desk.people() if (person.email or "").casefold() == reader.email]
    taken = taken_by(connection, [call.call_id for call in live], mine) if live and mine else None
    return {"live": live, "recent": recent_of(connection, live, reader.scope) if live else {}, "taken": taken}


def _outside(desk: Desk) -> dict[str, Any]:
    """What every other page shows of the list: how many lines, and who calls."""
    count = counter(desk)()
    with desk.reading() as connection:
        live = _live(desk, connection)
    return {**live, "count": count, "digest": _digest(count, *_told(live)), "known": _known(desk), "has_list": False}


def _page(desk: Desk, opened: Opened | None = None) -> dict[str, Any]:
    """What the list's own page shows."""
    reader, now, lines = desk.reader(), desk.clock(), _lines(desk)
    shown = [line for line in lines if not line.is_aside(now)]
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    with desk.reading() as connection:
        live = _live(desk, connection)
        done = done_since(connection, reader, now - UNDONE_WITHIN)
        without = desks_without(connection, reader.scope)
        withheld = withheld_missed(connection, reader.scope, now)
        people = {
            code: [(one.email, one.name or one.email) for one in colleagues(connection, code)]
            for code in {line.departement for line in shown}
        }
    waited = {line.key: say_waited(line.since, now) for line in lines}
    versions = {line.key: _digest(line, waited[line.key], line.is_late(now)) for line in lines}
    tail = _digest([line.key for line in lines if line.is_aside(now)], done, without, withheld)
    part = shown[(page - 1) * LINES : page * LINES]
    return {
        **live,
        "lines": part,
        "late": sum(line.is_late(now) for line in shown),
        "aside": [line for line in lines if line.is_aside(now)],
        "count": len(shown),
        "page": page,
        "pages": -(-len(shown) // LINES),
        "done": [(one, _undo_address(one, reader.email)) for one in done],
        "desks": [(code, code not in without) for code in desks_of(reader.scope)],
        "withheld": withheld,
        "people": people,
        "waited": waited,
        "versions": versions,
        "tail": tail,
        "digest": _digest(page, [versions[line.key] for line in part], len(shown), tail, *_told(live)),
        "opened": opened or Opened(),
        "known": _known(desk),
        "labels": LABELS,
        "told": TOLD,
        "channels": {channel: name for channel, name in CHANNELS.items() if channel != PHONE},
        "kinds": LineKind,
        "now": now,
        "clock_of": lambda line: None if reader.scope is None else line.departement,
        "address": lambda line: _address(line, shown),
        "show_phone": show_phone,
        "has_list": True,
    }


def _known(desk: Desk) -> Mapping[str, str]:
    """Number → who it is, for those whom the directory knows."""
    return {person.phone: f"{person.name}, {person.siao}" for person in desk.people() if person.phone}


def _told(live: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one state of the calls in progress from another."""
    calls: list[DeskCall] = live["live"]
    recent: dict[str, Recent] = live["recent"]
    return (calls, sorted((key, one.rank, one.unresolved) for key, one in recent.items()), live["taken"])


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _address(line: WorkLine, shown: list[WorkLine]) -> str:
    """Where the line is worked on."""
    match line.kind:
        case LineKind.MESSAGE:
            return url_for("messages.messages", _anchor=f"tache-{line.reference}")
        case LineKind.CALLBACK:
            return url_for("messages.callbacks", _anchor=f"tache-{line.reference}")
        case LineKind.QUALIFY | LineKind.ONGOING:
            return url_for("calls.show", call_id=line.reference)
        case LineKind.ANSWER | LineKind.REQUEST:
            return url_for("requests.show", number=int(line.reference))
    page = shown.index(line) // LINES + 1 if line in shown else 1
    return url_for("worklist.show", page=page if page > 1 else None, _anchor=f"ligne-{line.kind}-{line.reference}")


def _undo_address(done: DoneLine, reader: str) -> str:
    """Where the reader takes it back; empty when only somebody else may."""
    if done.done_by != reader:
        return ""
    match done.kind:
        case LineKind.QUALIFY:
            has_undo = "calls.undo" in current_app.view_functions
            return url_for("calls.undo", call_id=done.reference) if has_undo else ""
        case LineKind.MESSAGE:
            return url_for("messages.undo", page="messages", call_id=done.reference)
        case LineKind.CALLBACK:
            return url_for("messages.undo", page="rappels", call_id=done.reference)
    return url_for("worklist.act", kind=done.kind, reference=done.reference, deed="annuler")


# ---------------------------------------------------------------- what is done


def _check_mine(desk: Desk, connection: Connection, kind: LineKind, reference: str) -> None:
    """404 for what is of another département, or does not exist."""
    if kind in {LineKind.ANSWER, LineKind.REQUEST} and not re.fullmatch(r"[0-9]{1,9}", reference):
        abort(404)
    exists, departement = departement_of(connection, kind, reference)
    if not exists or not desk.reader().may_read(departement):
        abort(404)


def _act(desk: Desk, kind: LineKind, reference: str, deed: str) -> ResponseReturnValue:
    """One verb; what was typed wrongly is shown at its field, what came too late in a sentence."""
    key = f"{kind}:{reference}"
    try:
        return _done(desk, kind, reference, deed, desk.own_days_kept())
    except DoubtfulDuration as doubt:
        opened = Opened(key, None, request.form, {"duree": str(doubt)}, doubt.seconds)
    except ChangeRefused as refused:
        if not refused.field:
            flash(str(refused), "error")
            return redirect(url_for(".show"), 303)
        opened = Opened(key, None, request.form, {refused.field: str(refused)})
    except ValueError as wrong:
        opened = Opened(key, None, request.form, {"duree": str(wrong)})
    return render_template("worklist/page.html", **_page(desk, opened)), 400


def _done(desk: Desk, kind: LineKind, reference: str, deed: str, usage: Collection[str]) -> ResponseReturnValue:
    acting, form = desk.acting(), request.form
    match deed:
        case "prendre":
            take(acting, kind, reference, usage)
            flash("C’est noté : vous vous en occupez.", "success")
        case "confier":
            hand_over(acting, kind, reference, form.get("a", ""), usage)
            flash("C’est confié." if form.get("a") else "Plus personne ne s’en occupe.", "success")
        case "cote":
            set_aside(acting, kind, reference, _day(form.get("jusqu_au", "")), usage)
            flash("La ligne est mise de côté : elle reviendra ce jour-là.", "success")
        case "reprendre":
            set_aside(acting, kind, reference, None, usage)
            flash("La ligne est de nouveau dans la liste.", "success")
        case "annuler":
            undo(acting, kind, reference)
            flash("C’est annulé : la ligne est de nouveau à faire.", "success")
        case _:
            return _finished(desk, kind, reference, usage)
    return redirect(url_for(".show", _anchor=f"ligne-{kind}-{reference}"), 303)


def _finished(desk: Desk, kind: LineKind, reference: str, usage: Collection[str]) -> ResponseReturnValue:
    """Done: then its call back to qualify, else the next line."""
    seconds = read_call_back(request.form.get("duree", ""), request.form.get("duree_confirmee", ""))
    call_id = finish(desk.acting(), kind, reference, seconds, usage)
    if call_id is not None:
        flash("Le rappel est noté : il reste à le qualifier.", "success")
        return redirect(url_for("calls.show", call_id=call_id), 303)
    flash("C’est fait.", "success")
    return redirect(url_for(".go_on", apres=f"{kind}:{reference}"), 303)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise ChangeRefused("Donnez un jour : jour, mois, année.", "jusqu_au") from None
