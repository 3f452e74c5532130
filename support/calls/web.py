"""The pages of calls: what is to do now, one call and its qualification; `listing` and `manual_pages` add theirs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.database import Connection, writing
from records.desks.audit import note
from records.desks.desk_calls import (
    DeskCall,
    calls_to_qualify,
    live_calls,
    recent_of,
    to_do,
)
from records.refusals import Overtaken
from records.wording import Entry
from routing.calendar.open_days import due_at
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
from support.calls.store import Qualification, favourites, history_of, read_qualification, save_qualification
from support.desk import Desk
from support.nomenclature.entries import Nomenclature
from support.nomenclature.searching import find
from support.requests.store import request_of
from support.requests.working import open_for_call

LINES = 20
LAST_PAGE = 1000


def blueprint(desk: Desk) -> Blueprint:
    """The pages under `/appels`."""
    pages = Blueprint("calls", __name__, template_folder="../templates")

    @pages.get("/appels")
    def home() -> str:
        return render_template("desk/home.html", **_now(desk))

    @pages.get("/appels/en-cours")
    def live() -> ResponseReturnValue:
        """The lists of the home page again, 204 when the page has them already."""
        shown = _now(desk)
        if request.args.get("vu") == shown["digest"]:
            return "", 204
        return render_template("desk/_now.html", **shown)

    listing_pages(pages, desk)
    manual_pages(pages, desk)

    @pages.get("/appels/<call_id>")
    def show(call_id: str) -> str:
        with desk.reading() as connection:
            call = desk.call(connection, call_id)
            qualification = read_qualification(connection, call_id)
            interrupted = g.get("interrupted_form")
            typed = read_typed(interrupted) if interrupted else _typed(qualification)
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
            return _page(desk, connection, call, _typed(qualification), number=show_phone(call.caller))

    return pages


# ---------------------------------------------------------------- what is to do


def _now(desk: Desk) -> dict[str, Any]:
    """What the home page shows, and the digest by which it knows whether something has changed."""
    scope, now, kept = desk.reader().scope, desk.clock(), desk.own_days_kept()
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    with desk.reading() as connection:
        live = live_calls(connection, scope, now)
        waiting = calls_to_qualify(connection, scope, now, limit=LINES, offset=(page - 1) * LINES)
        recent = recent_of(connection, [*live, *waiting], scope)
        counts = to_do(connection, scope, now, lambda code, since: due_at(since, code, kept) < now)
    shown = repr((live, waiting, counts, sorted((key, value.rank, value.unresolved) for key, value in recent.items())))
    return {
        "live": live, "waiting": waiting, "recent": recent, "counts": counts, "page": page,
        "pages": -(-counts.calls // LINES), "digest": hashlib.sha256(shown.encode()).hexdigest()[:16],
        "today": now.astimezone(timezone_of(None)).date(),
    }  # fmt: skip


# ---------------------------------------------------------------- one call


def _typed(qualification: Qualification | None) -> Typed:
    """The form as it opens: what stands on the call, or nothing chosen."""
    if qualification is None:
        return Typed()
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
        story=list(desk.story(connection, call.call_id)),
        history=history_of(connection, call.call_id),
        level_2=request_of(connection, call.call_id),
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
        return _page(desk, connection, call, typed, searched=True)
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
    new = Qualification(
        call.call_id, typed.version + 1, checked.entry.wording, checked.niveau,
        checked.solved, checked.comment, desk.reader().email, desk.clock(),
    )  # fmt: skip
    try:
        kept = save_qualification(connection, new)
    except Overtaken as overtaken:
        return _overtaken(desk, connection, call, typed, overtaken.current)
    if kept.solved.escalated and request_of(connection, call.call_id) is None:
        number = open_for_call(
            desk.acting(), connection, call_id=call.call_id, departement=call.departement, wording=kept.wording,
            niveau=kept.niveau, description=_description(call, kept),
        )  # fmt: skip
        flash("L’appel est escaladé : la demande au niveau 2 est ouverte. Complétez-la ici.", "success")
        return redirect(url_for("requests.show", number=number), 303)
    flash(f"Appel qualifié : {kept.wording.sous_motif}, {kept.statut}.", "success")
    return redirect(url_for(".home"), 303)


def _overtaken(
    desk: Desk, connection: Connection, call: DeskCall, typed: Typed, current: Qualification
) -> ResponseReturnValue:
    """Both versions side by side: what stands, and what was typed, which may replace it knowingly."""
    page = _page(desk, connection, call, replace(typed, version=current.version), overtaken=current)
    return page, 409


def _description(call: DeskCall, qualification: Qualification) -> str:
    """The support form's text, filled from the call; no telephone number goes with it."""
    local, w = call.started_at.astimezone(timezone_of(call.departement)), qualification.wording
    lines = [
        f"Appel du {local:%d/%m/%Y à %H h %M}, département {call.departement or 'non précisé'}.",
        f"Sujet : {w.thematique} / {w.motif} / {w.sous_motif}.",
    ]
    return "\n".join([*lines, "", qualification.comment] if qualification.comment else lines)
