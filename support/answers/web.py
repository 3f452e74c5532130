"""The pages of the ready answers: search, one answer with what a département adds, copying, sending, proposing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection
from records.desks.accounts import Account
from records.desks.desk_calls import DeskCall
from records.refusals import ChangeRefused
from records.typed.numbers import typed_number
from records.wording import Entry, Wording
from routing.departements import departements
from support.answers.answering import AnswerLetter, make_proposal, note_copy, send_answer, write_paragraph
from support.answers.finding import library_index, motif_index
from support.answers.local import LocalParagraph, whole_text
from support.answers.ready import Answer
from support.answers.store import (
    COUNTED,
    AnswerUse,
    answer_for,
    answers_for,
    paragraph_history,
    sent_for_call,
    uses_since,
)
from support.desk import Desk
from support.nomenclature.changing import follow
from support.nomenclature.searching import find
from support.nomenclature.store import all_changes, newest_nomenclature
from support.personal_data import doubt_about

"""Digits of a version."""

Fields = Mapping[str, str]


@dataclass(frozen=True)
class AnswerCard:
    """An answer as it is shown: the text, what is added here, how often it served, what was sent for the call."""

    answer: Answer | None
    local: list[LocalParagraph]
    uses: int
    departement: str | None
    call_id: str | None
    sent: list[AnswerUse]

    @property
    def text(self) -> str:
        """What is copied and sent."""
        return whole_text(self.answer.written, *(one.told() for one in self.local)) if self.answer else ""


@dataclass(frozen=True)
class AnswerForm:
    """What a refused form wanted, and why it was refused, by the field's name; `form` says which form."""

    form: str = ""
    fields: Fields = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def answers_blueprint(desk: Desk) -> Blueprint:
    """The ready answers, and the search as one types."""
    pages = Blueprint("answers", __name__, template_folder="../templates")

    @pages.get("/nomenclature/recherche")
    def search() -> str:
        with desk.reading() as connection:
            found = find(motif_index(desk, connection), request.args.get("q", "")[:100])
        return render_template("desk/_found.html", found=found, typed=request.args.get("q", ""))

    @pages.get("/reponses")
    def library() -> str:
        asked = request.args.get("q", "")[:100]
        with desk.reading() as connection:
            nomenclature = desk.nomenclature(connection)
            texts = answers_for(connection, [entry.wording for entry in nomenclature.entries])
            entries: list[Entry] = list(nomenclature.entries)
            if asked.strip():
                entries = find(library_index(desk, connection, desk.reader().scope), asked, everywhere=True)
            uses = uses_since(connection, list(texts), desk.clock() - COUNTED)
        listed = [(entry, texts.get(entry.wording), uses.get(entry.wording, 0)) for entry in entries]
        return render_template("desk/answers.html", listed=listed, asked=asked)

    @pages.get("/reponses/<key>")
    @pages.get("/appels/<call_id>/reponses/<key>", endpoint="beside")
    def show(key: str, call_id: str = "") -> ResponseReturnValue:
        with desk.reading() as connection:
            entry = desk.nomenclature(connection).entry(key)
            if entry is None:
                return redirect(url_for(".show", key=_new_key(connection, key)))
            call = desk.call(connection, call_id) if call_id else None
        interrupted = g.get("interrupted_form") or {}
        typed = AnswerForm(_form_of(interrupted), interrupted) if interrupted else AnswerForm()
        return _page(desk, entry, call, typed)

    @pages.app_template_global("answer_card")
    def card(wording: Wording, call: DeskCall | None = None) -> AnswerCard:
        """The answer of this wording, for this call: read where it is shown, whatever page shows it."""
        with desk.reading() as connection:
            return _card(connection, desk.reader(), wording, call, desk.clock())

    _add_forms(pages, desk)
    return pages


def _add_forms(pages: Blueprint, desk: Desk) -> None:
    """What is asked, written, copied and sent."""

    @pages.post("/reponses/<key>")
    def ask(key: str) -> ResponseReturnValue:
        entry = _entry(desk, key)
        text = request.form.get("texte", "")
        if (doubt := doubt_about(text)) and request.form.get("confirme") != "1":
            refused = AnswerForm("proposition", request.form, {"texte": doubt, "doute": doubt})
            return _page(desk, entry, None, refused), 400
        try:
            make_proposal(desk.acting(), kind="answer", reference=" / ".join(entry.wording), text=text)
        except ChangeRefused as refusal:
            return _page(desk, entry, None, AnswerForm("proposition", request.form, {"texte": str(refusal)})), 400
        flash("Votre proposition est transmise à l’équipe nationale.", "success")
        return redirect(url_for(".show", key=key), 303)

    @pages.post("/reponses/<key>/paragraphe")
    def add_paragraph(key: str) -> ResponseReturnValue:
        entry, fields = _entry(desk, key), request.form
        try:
            write_paragraph(
                desk.acting(), entry.wording, departement=fields.get("departement", ""),
                text=fields.get("paragraphe", ""), follows=_seen(fields),
                confirmed=fields.get("confirme") == "1",
            )  # fmt: skip
        except ChangeRefused as refusal:
            status = 409 if refusal.field == "version" else 400
            return _page(desk, entry, None, AnswerForm("paragraphe", fields, {refusal.field: str(refusal)})), status
        flash("Le paragraphe de votre département est enregistré : il s’affiche dès maintenant.", "success")
        return redirect(url_for(".show", key=key), 303)

    @pages.post("/reponses/<key>/copie")
    def copied(key: str) -> ResponseReturnValue:
        entry, call = _entry(desk, key), _call(desk)
        note_copy(
            desk.acting(), entry.wording, departement=_departement(desk.reader(), call),
            call_id=call.call_id if call else None,
        )  # fmt: skip
        return "", 204

    @pages.post("/reponses/<key>/envoyer")
    def send(key: str) -> ResponseReturnValue:
        entry, call, fields = _entry(desk, key), _call(desk), request.form
        letter = AnswerLetter(
            fields.get("destinataire", ""), fields.get("ajout", ""), _departement(desk.reader(), call),
            call.call_id if call else None, fields.get("confirme") == "1",
        )  # fmt: skip
        try:
            send_answer(desk.acting(), entry.wording, letter)
        except ChangeRefused as refusal:
            return _page(desk, entry, call, AnswerForm("envoi", fields, {refusal.field: str(refusal)})), 400
        if _is_fragment():
            return _page(desk, entry, call, AnswerForm("parti", {"destinataire": letter.to}))
        flash(f"La réponse part à {letter.to.strip()} dans la minute.", "success")
        if call:
            return redirect(url_for("calls.show", call_id=call.call_id), 303)
        return redirect(url_for(".show", key=key), 303)


def _card(connection: Connection, reader: Account, wording: Wording, call: DeskCall | None, at: datetime) -> AnswerCard:
    codes = (call.departement,) if call else reader.departements
    written = {one.departement: one for one in reversed(paragraph_history(connection, wording))}
    return AnswerCard(
        answer_for(connection, wording),
        [written[code] for code in codes if code in written and written[code].text],
        uses_since(connection, [wording], at - COUNTED)[wording],
        _departement(reader, call),
        call.call_id if call else None,
        sent_for_call(connection, call.call_id, wording) if call else [],
    )


def _departement(reader: Account, call: DeskCall | None) -> str | None:
    """For whom it is said: the call's département, else the reader's only one."""
    if call:
        return call.departement
    return reader.departements[0] if len(reader.departements) == 1 else None


def _form_of(fields: Fields) -> str:
    """Which form of the page these fields are from."""
    if "destinataire" in fields:
        return "envoi"
    return "paragraphe" if "paragraphe" in fields else "proposition"


def _is_fragment() -> bool:
    return bool(request.headers.get("HX-Request"))


def _page(desk: Desk, entry: Entry, call: DeskCall | None, typed: AnswerForm) -> str:
    """The page of an answer, or the piece of it that another page shows."""
    if _is_fragment():
        return render_template("desk/_answer.html", chosen=entry, call=call, sending=typed)
    reader, own = desk.reader(), []
    with desk.reading() as connection:
        history = paragraph_history(connection, entry.wording)
    for code in reader.departements:
        versions = [one for one in history if one.departement == code]
        own.append((code, departements()[code].name, versions))
    newest = {one.departement: one for one in reversed(history)}
    foreign = (one for code, one in newest.items() if code not in reader.departements and reader.may_read(code))
    others = sorted((one for one in foreign if one.text), key=lambda one: one.departement)
    return render_template(
        "desk/answer.html", chosen=entry, call=call, sending=typed, own=own, others=others
    )  # fmt: skip


def _seen(fields: Fields) -> int:
    """The version that the writer saw; -1, which no text has, for what is no number."""
    seen = typed_number(fields.get("version", ""))
    return -1 if seen is None else seen


def _entry(desk: Desk, key: str) -> Entry:
    with desk.reading() as connection:
        return desk.nomenclature(connection).entry(key) or abort(404)


def _call(desk: Desk) -> DeskCall | None:
    """The call that the form is about, if its reader may see it."""
    call_id = request.form.get("appel", "")
    if not call_id:
        return None
    with desk.reading() as connection:
        return desk.call(connection, call_id)


def _new_key(connection: Connection, key: str) -> str:
    """The key of what a sous-motif of the past is called now; 404 when there is none."""
    changes = all_changes(connection)
    old = next((one.before for one in changes if one.before and one.before.key == key), None)
    now = follow(old, changes) if old else None
    if now is None or newest_nomenclature(connection).entry(now.key) is None or now.key == key:
        abort(404)
    return now.key
