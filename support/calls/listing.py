"""The page of all calls: looked through by number, words, days, statut, outcome and people; and its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.calls.words import outcome_label
from records.counting.words import counted
from records.csv_cells import csv_of
from records.database import Connection, writing
from records.desks.accounts import names_by_email
from records.desks.audit import note
from records.desks.found_calls import (
    QUALIFIED,
    TOOK,
    Told,
    Wanted,
    count_calls,
    find_calls,
    tell_calls,
    who_had_calls,
)
from routing.calendar.periods import named_periods
from routing.departements import timezone_of
from routing.phones import mask_phone
from support.calls.searching import CHOICES_OF_OUTCOME, DATES, LONGEST_TEXT, STATUTS, Search, read_search
from support.desk import Desk
from support.kept_searches import keep_search, kept_search

LINES = 30
LAST_PAGE = 1000
LONGEST_FILE = 50_000
"""Lines of a file; whoever wants more chooses a shorter period."""

HEADINGS = (
    "Date", "Heure", "Département", "Numéro (masqué)", "Issue", "Pris par", "Attente (s)", "Conversation (s)",
    "Thématique", "Motif", "Sous-motif", "Niveau", "Statut", "Commentaire", "Qualifié par", "Demande",
)  # fmt: skip


def listing_pages(pages: Blueprint, desk: Desk) -> None:
    """Add the pages to the blueprint of calls."""

    @pages.get("/appels/tous")
    def every() -> str:
        with desk.reading() as connection:
            return render_template("calls/all.html", **_listed(desk, connection))

    @pages.post("/appels/tous")
    def search() -> ResponseReturnValue:
        """What is typed to look for stays in the session: an address, which logs keep, never carries a number."""
        names = ("departement", "periode", "du", "au", "statut", "issue", "qui")
        filters = {name: text for name in names if (text := request.form.get(name, "").strip()[:200])}
        text = request.form.get("q", "").strip()[:LONGEST_TEXT]
        if text:
            filters["recherche"] = keep_search(text)
        return redirect(f"{url_for('.every')}?{urlencode(filters)}".rstrip("?"), 303)

    @pages.get("/appels/tous.csv")
    def every_csv() -> ResponseReturnValue:
        with desk.reading() as connection:
            found, _, _ = _searched(desk, connection)
            count = count_calls(connection, desk.reader().scope, found.wanted)
            if count > LONGEST_FILE:
                return render_template("calls/all.html", **_listed(desk, connection), too_long=LONGEST_FILE), 400
            told = tell_calls(connection, desk.reader().scope, found.wanted, limit=count)
            text = csv_of(HEADINGS, _rows(told, names_by_email(connection)))
        with writing(desk.engine) as connection:
            note(
                connection, by=desk.reader().email, what="appels téléchargés",
                reference=f"{counted(count, 'ligne', 'lignes')} : {_described(found.wanted)}", at=desk.clock(),
            )  # fmt: skip
        name = f"appels-{desk.clock().astimezone(timezone_of(None)):%Y-%m-%d}.csv"
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": f"attachment; filename={name}"})


def _searched(desk: Desk, connection: Connection) -> tuple[Search, list[tuple[str, list[tuple[str, str]]]], bool]:
    """What is looked for, the people to choose from, and whether the text looked for is no longer kept."""
    key = request.args.get("recherche", "")
    text = kept_search(key)
    names, accounts = who_had_calls(connection, desk.reader().scope, request.args.get("departement", "")[:3])
    people = [
        ("A pris l’appel", [(f"{TOOK}:{name}", name) for name in names]),
        ("A qualifié", [(f"{QUALIFIED}:{one.id}", one.name or one.email) for one in accounts]),
    ]
    emails = {str(one.id): one.email for one in accounts}
    today = desk.clock().astimezone(timezone_of(None)).date()
    return read_search(request.args, text, today, emails), people, bool(key and not text)


def _listed(desk: Desk, connection: Connection) -> dict[str, Any]:
    found, people, is_forgotten = _searched(desk, connection)
    page = min(max(request.args.get("page", 1, int), 1), LAST_PAGE)
    scope = desk.reader().scope
    count = count_calls(connection, scope, found.wanted)
    lines = find_calls(connection, scope, found.wanted, limit=LINES, offset=(page - 1) * LINES)
    address: dict[str, str] = dict(found.kept)
    if found.wanted.text:
        address["recherche"] = request.args["recherche"]
    today = desk.clock().astimezone(timezone_of(None)).date()
    return {
        "listed": lines, "count": count, "page": page, "pages": -(-count // LINES), "asked": found, "people": people,
        "address": address, "is_forgotten": is_forgotten, "departements": desk.departements(), "statuts": STATUTS,
        "outcomes": CHOICES_OF_OUTCOME, "now": desk.clock(),
        "periods": [(key, label) for key, (label, _, _) in named_periods(today).items()] + [(DATES, "Dates choisies")],
    }  # fmt: skip


def _described(wanted: Wanted) -> str:
    """The filters as the trail keeps them: not what was typed to look for, which may be a number."""
    parts = {
        "département": wanted.departement, "du": wanted.since, "au": wanted.until, "statut": wanted.statut,
        "issue": wanted.outcome, "qui": wanted.who[1] if wanted.who else "", "recherche": "oui" if wanted.text else "",
    }  # fmt: skip
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value) or "tous"


def _rows(told: Iterable[Told], names: Mapping[str, str]) -> Iterable[Sequence[object]]:
    """What each call says in the file; `names`: an account's address → its name."""
    for each in told:
        call = each.call
        local = call.started_at.astimezone(timezone_of(call.departement))
        yield (
            f"{local:%d/%m/%Y}", f"{local:%H:%M}", call.departement, mask_phone(call.caller) if call.caller else "",
            outcome_label(call), call.referent, call.wait_seconds, call.talk_seconds, each.thematique, each.motif,
            call.sous_motif, each.niveau, each.statut, each.comment, names.get(each.by, each.by),
            each.request,
        )  # fmt: skip
