"""The knowledge base, for anybody: articles by profile, their search, and whether each answers the question.

Counted of each article: once for each visitor's session, and of those alone whose browser has kept our cookie (decision
65): a robot that walks the pages adds nothing. Nothing of who it was is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from records.database import SQLAlchemyError, is_unreachable, writing
from records.wording import Wording
from routing.departements import timezone_of
from support.desk import Desk
from support.knowledge.articles import Article
from support.knowledge.changing import current_names
from support.knowledge.counting import Place, count
from support.knowledge.finding import DEAD, LONGEST_QUESTION, search
from support.knowledge.store import all_articles, read_article
from support.nomenclature.changing import NomenclatureChange
from support.nomenclature.store import all_changes
from support.personal_data import personal_data
from support.profiles import PROFILES

EVERYBODY = "tous"
"""The word of the address by which every article is listed."""
SHOWN = 10
REMEMBERED = 60
"""Articles that a session remembers for each thing counted; the cookie stays small."""
LARGEST = 2**31 - 1
VISITED = "connaissances"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Articles under one heading."""

    heading: str
    articles: Sequence[Article]


def knowledge_blueprint(desk: Desk) -> Blueprint:
    """`/connaissances`, the way to an article, and what a reader says of it."""
    pages = Blueprint("knowledge", __name__, template_folder="../templates")

    @pages.get("/connaissances")
    def home() -> str:
        typed, profile = request.args.get("q", "")[:LONGEST_QUESTION].strip(), _profile(request.args.get("profil", ""))
        place: Place = "search" if typed else "profile"
        with desk.reading() as connection:
            found, shelves = [], []
            if typed:
                found = search(connection, typed, profile="" if profile == EVERYBODY else profile)[:SHOWN]
            elif profile:
                shelves = _shelves(desk, all_articles(connection), all_changes(connection), profile)
        is_fragment = bool(request.headers.get("HX-Request"))
        if not is_fragment:
            shown = found or [one for shelf in shelves for one in shelf.articles]
            _count(desk, "shown", [one.id for one in shown], place)
        return render_template(
            "knowledge/_results.html" if is_fragment else "knowledge/home.html",
            typed=typed, profile=profile, profiles=PROFILES, found=found, shelves=shelves, everybody=EVERYBODY,
            place=place, is_doubtful=bool(personal_data(typed)), dead=DEAD, said=dict(session.get("avis", [])),
        )  # fmt: skip

    @pages.get("/connaissances/<int:number>")
    def leave(number: int) -> ResponseReturnValue:
        article = _article(desk, number)
        _count(desk, "opened", [article.id], _place(request.args.get("de", "")))
        return redirect(article.address, 302)

    @pages.post("/connaissances/<int:number>/avis")
    def say(number: int) -> ResponseReturnValue:
        article, answer = _article(desk, number), request.form.get("avis", "")
        if answer not in {"oui", "non"}:
            abort(400)
        if _count(desk, "said", [article.id], _place(request.form.get("de", "")), answer):
            session["avis"] = [*session.get("avis", []), [article.id, answer]][-REMEMBERED:]
        if request.headers.get("HX-Request"):
            return render_template(
                "knowledge/_asked.html", one=article, said={article.id: answer}, typed="", profile=""
            )
        flash("Merci, c’est noté." if answer == "oui" else "Merci, c’est noté : l’article sera relu.", "success")
        kept = {name: request.form.get(name, "")[:LONGEST_QUESTION] for name in ("profil", "q")}
        back: dict[str, Any] = {name: text for name, text in kept.items() if text}
        return redirect(url_for(".home", **back, _anchor=f"article-{article.id}"), 303)

    return pages


def _profile(typed: str) -> str:
    return typed if typed in PROFILES or typed == EVERYBODY else ""


def _place(typed: str) -> Place:
    return "search" if typed == "search" else "profile"


def _article(desk: Desk, number: int) -> Article:
    """The article that stands under this number; else 404."""
    if number > LARGEST:
        abort(404)
    with desk.reading() as connection:
        article = read_article(connection, number)
    if article is None or article.retired_at is not None:
        abort(404)
    return article


def _shelves(
    desk: Desk, articles: Iterable[Article], changes: Sequence[NomenclatureChange], profile: str
) -> list[Shelf]:
    """The articles for a profile, under the thématique of their first sous-motif, in the order of the nomenclature."""
    with desk.reading() as connection:
        entries = desk.nomenclature(connection).entries
    order = {entry.wording: place for place, entry in enumerate(entries)}
    grouped: dict[str, list[tuple[int, Article]]] = {theme: [] for theme in dict.fromkeys(w.thematique for w in order)}
    for article in articles:
        if profile != EVERYBODY and not article.is_for(profile):
            continue
        named: list[Wording] = sorted(current_names(article, changes, entries)[0], key=order.__getitem__)
        heading = named[0].thematique if named else "Autres articles"
        grouped.setdefault(heading, []).append((order[named[0]] if named else 0, article))
    return [
        Shelf(heading, [article for _, article in sorted(listed, key=lambda one: (one[0], one[1].title))])
        for heading, listed in grouped.items()
        if listed
    ]


# ---------------------------------------------------------------- what is counted


def _count(desk: Desk, what: str, numbers: Sequence[int], place: Place, answer: str = "") -> bool:
    """Count this of the articles that the session has not counted yet; whether anything was.

    A session that begins here counts nothing but an answer, which its form's token vouches for. Whoever reads gets his
    page even when the database cannot be written.
    """
    is_new = not session.get(VISITED)
    session[VISITED] = True
    if is_new and what != "said":
        return False
    counted: list[int] = session.get(f"articles-{what}", [])
    fresh = [number for number in dict.fromkeys(numbers) if number not in counted]
    if not fresh:
        return False
    session[f"articles-{what}"] = [*counted, *fresh][-REMEMBERED:]
    more = {"said": f"said_{'yes' if answer == 'oui' else 'no'}"}.get(what, what)
    day = desk.clock().astimezone(timezone_of(None)).date()
    try:
        with writing(desk.engine) as connection:
            count(connection, fresh, place=place, day=day, **{more: 1})
    except SQLAlchemyError as error:
        if not is_unreachable(error):
            raise
        return False
    return True
