"""The pages of messages and callbacks: who waits, since when; hear, call back, say that it is done."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from records.database import Connection, Engine, reading, writing
from records.desks.accounts import Account
from records.desks.acting import Acting
from records.desks.audit import note
from records.desks.calling_back import read_call_back
from records.desks.permissions import Permission
from records.files.store import FileStore
from records.refusals import ChangeRefused, Overtaken
from records.typed.durations import DoubtfulDuration, say_duration
from routing.calendar.open_days import due_at
from routing.calendar.words import say_waited
from routing.departements import NATIONAL
from routing.phones import show_phone
from voicemail import store
from voicemail.notices import TaskKind
from voicemail.settling import can_unsettle, settle, unsettle
from voicemail.store import DeskTask

LINES = 100
HANDLED = 10
LISTENING = 3600
"""Seconds for which the address of a recording holds, for whoever asked to hear it."""

PAGES = {TaskKind.MESSAGE: "messages", TaskKind.CALLBACK: "rappels"}
LISTS = {TaskKind.MESSAGE: ".messages", TaskKind.CALLBACK: ".callbacks"}
KINDS = {page: kind for kind, page in PAGES.items()}


@dataclass(frozen=True)
class MessageDesk:
    """The means of these pages, handed in by the roof."""

    engine: Engine
    clock: Callable[[], datetime]
    reader: Callable[[], Account]
    audio: FileStore
    secret: bytes
    usage: Callable[[], frozenset[str]]

    def task(self, connection: Connection, kind: TaskKind, call_id: str) -> DeskTask:
        """The task, if the reader may see it; else 404, whether it exists or not."""
        found = store.desk_task(connection, kind, call_id)
        if found is None or not self.reader().may_read(found.departement):
            abort(404)
        return found

    def desks(self) -> tuple[str, ...]:
        """The codes of the reader's own desks."""
        scope = self.reader().scope
        return (NATIONAL,) if scope is None else scope

    def acting(self) -> Acting:
        """Whoever reads, at work now."""
        reader = self.reader()
        return Acting(self.engine, reader.email, self.clock(), reader)

    def seal(self, call_id: str) -> str:
        """What lets this reader fetch this recording for an hour."""
        return str(self._serializer().dumps([call_id, self.reader().id]))

    def is_sealed(self, call_id: str, seal: str) -> bool:
        """Whether this reader asked to hear this recording within the hour."""
        try:
            sealed = self._serializer().loads(seal, max_age=LISTENING)
        except BadSignature:
            return False
        return bool(sealed == [call_id, self.reader().id])

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="hearing a message")


def messages_blueprint(desk: MessageDesk) -> Blueprint:
    """The pages `/messages` and `/rappels`."""
    pages = Blueprint(
        "messages", __name__, template_folder="templates", static_folder="static", static_url_path="/messages/static"
    )
    kinds = "any(messages, rappels)"

    @pages.get("/messages")
    def messages() -> str:
        with reading(desk.engine) as connection:
            return _listed(desk, connection, TaskKind.MESSAGE)

    @pages.get("/rappels")
    def callbacks() -> str:
        with reading(desk.engine) as connection:
            return _listed(desk, connection, TaskKind.CALLBACK)

    @pages.post(f"/<{kinds}:page>/<call_id>/numero")
    def number(page: str, call_id: str) -> str:
        with writing(desk.engine) as connection:
            task = desk.task(connection, KINDS[page], call_id)
            shown = task.number or task.caller or abort(404)
            note(connection, by=desk.reader().email, what="numero", reference=call_id, at=desk.clock())
            return _listed(desk, connection, task.kind, shown=call_id, number=shown)

    @pages.post("/messages/<call_id>/ecouter")
    def hear(call_id: str) -> str:
        with writing(desk.engine) as connection:
            task = desk.task(connection, TaskKind.MESSAGE, call_id)
            if task.file is None:
                abort(404)
            note(connection, by=desk.reader().email, what="message écouté", reference=call_id, at=desk.clock())
            return _listed(desk, connection, task.kind, heard=call_id, seal=desk.seal(call_id))

    @pages.get("/messages/<call_id>/audio")
    def audio(call_id: str) -> Response:
        with reading(desk.engine) as connection:
            task = desk.task(connection, TaskKind.MESSAGE, call_id)
        if not desk.is_sealed(call_id, request.args.get("cle", "")):
            abort(404)
        return _sound(desk.audio, task)

    @pages.post(f"/<{kinds}:page>/<call_id>/traite")
    def done(page: str, call_id: str) -> ResponseReturnValue:
        with reading(desk.engine) as connection:
            task = desk.task(connection, KINDS[page], call_id)
        return _done(desk, task)

    @pages.post(f"/<{kinds}:page>/<call_id>/annuler")
    def undo(page: str, call_id: str) -> ResponseReturnValue:
        with reading(desk.engine) as connection:
            task = desk.task(connection, KINDS[page], call_id)
        try:
            unsettle(desk.acting(), task)
        except ChangeRefused as refused:
            flash(str(refused), "error")
        else:
            flash("C’est annulé : la ligne attend de nouveau.", "success")
        return redirect(url_for(LISTS[task.kind], _anchor=f"tache-{task.call_id}"), 303)

    return pages


def _listed(desk: MessageDesk, connection: Connection, kind: TaskKind, **more: Any) -> str:
    now, usage, own = desk.clock(), desk.usage(), desk.desks()
    waiting = store.waiting_tasks(connection, kind, own, LINES)
    late = {task.call_id for task in waiting if due_at(task.created_at, task.departement, usage) < now}
    return render_template(
        "voicemail/tasks.html",
        kind=kind,
        page=PAGES[kind],
        waiting=waiting,
        late=late,
        elsewhere=_late_elsewhere(desk, connection, kind),
        handled=store.handled_tasks(connection, kind, own, HANDLED),
        waited=lambda task: say_waited(task.created_at, now),
        can_undo=lambda task: can_unsettle(desk.acting(), task),
        now=now,
        show_phone=show_phone,
        **more,
    )


def _late_elsewhere(desk: MessageDesk, connection: Connection, kind: TaskKind) -> list[DeskTask]:
    """For whoever watches them all, what is late on other desks: a deadline that passes wakes a second person."""
    if not desk.reader().may(Permission.WATCH_EVERY_DESK):
        return []
    now, usage = desk.clock(), desk.usage()
    found = store.waiting_tasks(connection, kind, None, LINES)
    return [
        one for one in found if one.departement != NATIONAL and due_at(one.created_at, one.departement, usage) < now
    ]


def _sound(audio: FileStore, task: DeskTask) -> Response:
    try:
        kept = audio.get(task.file) if task.file else None
    except OSError:
        abort(503)
    if kept is None:
        abort(404)
    content = io.BytesIO(kept)  # two minutes of telephone sound: two megabytes
    response = send_file(content, "audio/wav", as_attachment=True, download_name="message.wav", conditional=True)
    response.cache_control.private = True
    response.cache_control.no_store = True
    return response


def _done(desk: MessageDesk, task: DeskTask) -> ResponseReturnValue:
    """The task is handled; with a duration it was called back, and that call is to be qualified (decision 35)."""
    typed = request.form.get("duree", "")
    try:
        seconds = read_call_back(typed, request.form.get("duree_confirmee", ""))
    except ValueError as error:
        doubtful = error.seconds if isinstance(error, DoubtfulDuration) else None
        wrong = {"wrong": task.call_id, "error": str(error), "typed": typed, "doubtful": doubtful}
        with reading(desk.engine) as connection:
            return _listed(desk, connection, task.kind, **wrong), 400
    try:
        call_id = settle(desk.acting(), task, seconds)
    except Overtaken:
        flash("Quelqu’un l’avait déjà indiqué comme traité.", "info")
        return redirect(url_for(LISTS[task.kind]), 303)
    if call_id is None:
        flash("C’est noté comme traité.", "success")
        return redirect(url_for("worklist.go_on", apres=f"{task.kind}:{task.call_id}"), 303)
    flash(f"Le rappel est noté, durée : {say_duration(seconds or 0)}. Il reste à le qualifier.", "success")
    return redirect(url_for("calls.show", call_id=call_id), 303)
