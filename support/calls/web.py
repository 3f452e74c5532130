"""The pages of calls: one call and its qualification; `listing` and `manual_pages` add theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.audit import note
from records.desks.desk_calls import DeskCall, recent_of
from records.desks.statut import Statut
from records.refusals import ChangeRefused, Overtaken
from records.wording import Entry
from routing.departements import timezone_of
from routing.phones import show_phone
from support.answers.finding import motif_index
from support.answers.store import answer_for
from support.calls.listing import listing_pages
from support.calls.manual_pages import manual_pages
from support.calls.qualifying import (
    CheckedQualification,
    Typed,
    check_typed,
    read_typed,
    with_entry,
    with_errors,
)
from support.calls.store import (
    Qualification,
    favourites,
    history_of,
    last_version,
    open_matters,
    read_qualification,
    save_qualification,
    undone_versions,
)
from support.calls.undoing import undo_qualification
from support.desk import Desk
from support.nomenclature.entries import Nomenclature
from support.nomenclature.searching import find
from support.requests.store import request_of
from support.requests.working import open_for_call
from support.requests.written.store import linked_requests


def blueprint(desk: Desk) -> Blueprint:
    """The pages under `/appels`."""
    pages = Blueprint("calls", __name__, template_folder="../templates")

    @pages.get("/appels")
    def home() -> ResponseReturnValue:
        return redirect(url_for("worklist.show"), 303)

    listing_pages(pages, desk)
    manual_pages(pages, desk)

    @pages.get("/appels/<call_id>")
    def show(call_id: str) -> str:
        with desk.reading() as connection:
            call = desk.call(connection, call_id)
            qualification = read_qualification(connection, call_id)
            interrupted = g.get("interrupted_form")
            typed = read_typed(interrupted) if interrupted else _typed(connection, call_id, qualification)
            return _page(desk, connection, call, typed, restored=bool(interrupted))

    @pages.post("/appels/<call_id>")
    def qualify(call_id: str) -> ResponseReturnValue:
        with writing(desk.engine) as connection:
            return _qualify(desk, connection, desk.call(connection, call_id))

    @pages.post("/appels/<call_id>/numero")
    def number(call_id: str) -> ResponseReturnValue:
        with writing(desk.engine) as connection:
            call = desk.call(connection, call_id)
            if not call.caller:
                abort(404)
            note(connection, by=desk.reader().email, what="numero", reference=call_id, at=desk.clock())
            if request.headers.get("HX-Request"):
                return render_template("desk/_number.html", number=show_phone(call.caller), caller=call.caller)
            qualification = read_qualification(connection, call_id)
            typed = _typed(connection, call_id, qualification)
            return _page(desk, connection, call, typed, number=show_phone(call.caller))

    @pages.post("/appels/<call_id>/annuler")
    def undo(call_id: str) -> ResponseReturnValue:
        with desk.reading() as connection:
            desk.call(connection, call_id)
        try:
            before = undo_qualification(desk.acting(), call_id)
        except ChangeRefused as refused:
            flash(str(refused), "warning")
        else:
            stands = f"cet appel redevient {before.wording.sous_motif}, {before.statut}" if before else "à refaire"
            flash(f"La qualification est annulée : {stands}.", "success")
        return redirect(url_for(".show", call_id=call_id), 303)

    return pages


# ---------------------------------------------------------------- all calls


# ---------------------------------------------------------------- one call


def _typed(connection: Connection, call_id: str, qualification: Qualification | None) -> Typed:
    """The form as it opens: what stands on the call, or nothing chosen (decision 47)."""
    if qualification is None:
        return Typed(version=last_version(connection, call_id))
    w = qualification.wording
    return Typed(
        w.thematique, w.motif, w.sous_motif, qualification.statut, qualification.comment, version=qualification.version
    )


def _page(desk: Desk, connection: Connection, call: DeskCall, typed: Typed, **more: Any) -> str:
    reader, nomenclature = desk.reader(), desk.nomenclature(connection)
    chosen = nomenclature.find(typed.thematique, typed.motif, typed.sous_motif) if typed.sous_motif else None
    qualification = read_qualification(connection, call.call_id)
    return render_template(
        "desk/call.html",
        call=call,
        typed=typed,
        qualification=qualification,
        tree=(tree := _tree(nomenclature, qualification)),
        thematiques=[(name, name) for name, _ in tree],
        favourites=favourites(connection, reader.email, nomenclature, desk.clock()),
        found=find(motif_index(desk, connection), typed.search) if typed.search else [],
        answer=answer_for(connection, chosen.wording) if chosen else None,
        chosen=chosen,
        recent=recent_of(connection, [call], reader.scope).get(call.call_id),
        matters=open_matters(connection, call.caller, call.call_id, reader.scope, desk.clock()),
        story=list(desk.story(connection, call.call_id)),
        history=history_of(connection, call.call_id),
        undone=undone_versions(connection, call.call_id),
        level_2=request_of(connection, call.call_id),
        linked=linked_requests(connection, call.call_id),
        **more,
    )


_Tree = list[tuple[str, list[tuple[str, list[tuple[str, str, str]]]]]]


def _tree(nomenclature: Nomenclature, qualification: Qualification | None) -> _Tree:
    """Thématiques, their motifs, their sous-motifs (name, level, key); with what the call carries, even retired."""
    entries = list(nomenclature.entries)
    kept = _kept_entry(qualification, nomenclature)
    if kept and kept not in entries:
        entries.append(kept)
    tree: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    for entry in entries:
        w = entry.wording
        tree.setdefault(w.thematique, {}).setdefault(w.motif, []).append((w.sous_motif, entry.niveau, w.key))
    return [(thematique, list(motifs.items())) for thematique, motifs in tree.items()]


def _qualify(desk: Desk, connection: Connection, call: DeskCall) -> ResponseReturnValue:
    """What a post of the form asks: search, choose one of the found, or save."""
    typed, nomenclature = read_typed(request.form), desk.nomenclature(connection)
    if key := request.form.get("choisir"):
        entry = nomenclature.entry(key)
        return _page(desk, connection, call, with_entry(typed, entry) if entry else typed)
    if request.form.get("faire") == "chercher" or (typed.search and not typed.sous_motif):  # Enter in the search field
        return _page(desk, connection, call, typed)
    before = read_qualification(connection, call.call_id)
    checked = check_typed(
        typed, nomenclature, before.solved if before else None, _kept_entry(before, nomenclature),
        level_2_closed=before is not None and before.level_2_closed,
    )  # fmt: skip
    if not isinstance(checked, CheckedQualification):
        if before is not None and before.version != typed.version:
            return _overtaken(desk, connection, call, typed, before)
        return _page(desk, connection, call, with_errors(typed, checked)), 400
    return _save(desk, connection, call, typed, checked)


def _kept_entry(before: Qualification | None, nomenclature: Nomenclature) -> Entry | None:
    """The entry that the call carries already: it may be kept, even when it has left the list."""
    if before is None:
        return None
    return nomenclature.entry(before.wording.key) or Entry(before.niveau, before.wording)


def _save(
    desk: Desk, connection: Connection, call: DeskCall, typed: Typed, checked: CheckedQualification
) -> ResponseReturnValue:
    before = read_qualification(connection, call.call_id)
    line = "ongoing" if before is not None and before.statut == Statut.EN_COURS else "qualify"
    new = Qualification(
        call.call_id, typed.version + 1, checked.entry.wording, checked.niveau,
        checked.solved, checked.comment, desk.reader().email, desk.clock(),
    )  # fmt: skip
    try:
        kept = save_qualification(connection, new)
    except Overtaken as overtaken:
        return _overtaken(desk, connection, call, typed, overtaken.current)
    follows = (
        url_for("worklist.go_on", apres=f"{line}:{call.call_id}") if request.form.get("faire") == "suivant" else ""
    )
    level_2 = request_of(connection, call.call_id)
    if typed.statut == Statut.ESCALADE and (level_2 is None or level_2.closed_at):
        number = open_for_call(
            desk.acting(), connection, call_id=call.call_id, departement=call.departement, wording=kept.wording,
            niveau=kept.niveau, description=_description(call, kept), hours=desk.national_hours,
        )  # fmt: skip
        sentence = "L’appel est escaladé : la demande au niveau 2 est ouverte. Complétez-la ici."
        _say_done(call, sentence, follows)
        return redirect(url_for("requests.show", number=number), 303)
    _say_done(call, f"Appel qualifié : {kept.wording.sous_motif}, {kept.statut}.")
    return redirect(follows or url_for(".show", call_id=call.call_id), 303)


def _say_done(call: DeskCall, sentence: str, follows: str = "") -> None:
    """The next page says it, with a button that takes it back, and the way to the line that follows."""
    said: Any = {"sentence": sentence, "undo": url_for(".undo", call_id=call.call_id), "next": follows}
    flash(said, "done")


def _overtaken(
    desk: Desk, connection: Connection, call: DeskCall, typed: Typed, current: Qualification | None
) -> ResponseReturnValue:
    """What stands and what was typed, side by side; what was typed may replace it knowingly. None: taken back since."""
    version = current.version if current else last_version(connection, call.call_id)
    page = _page(
        desk, connection, call, replace(typed, version=version), overtaken=current, taken_back=current is None
    )  # fmt: skip
    return page, 409


def _description(call: DeskCall, qualification: Qualification) -> str:
    """The support form's text, filled from the call; no telephone number goes with it."""
    local, w = call.started_at.astimezone(timezone_of(call.departement)), qualification.wording
    lines = [
        f"Appel du {local:%d/%m/%Y à %H h %M}, département {call.departement or 'non précisé'}.",
        f"Sujet : {w.thematique} / {w.motif} / {w.sous_motif}.",
    ]
    return "\n".join([*lines, "", qualification.comment] if qualification.comment else lines)
