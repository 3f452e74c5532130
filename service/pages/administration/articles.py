"""The pages of the directory of articles: list, one article, what is retired and put back, verified today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from records.database import Connection, reading
from records.desks.permissions import Permission
from records.refusals import ChangeRefused
from records.wording import Wording, explained, fold_words
from service.pages.administration.articles_file import add_file_pages
from service.pages.administration.office import Office, errors_of, for_whoever_may
from service.pages.administration.synonyms import add_synonym_pages
from support.knowledge.articles import Article, ArticleText
from support.knowledge.changing import (
    current_names,
    mark_checked,
    restore_article,
    retire_article,
    today,
    write_article,
)
from support.knowledge.csv_file import read_day
from support.knowledge.finding import DEAD, articles_of_sous_motif
from support.knowledge.store import all_articles, counts_between, read_article
from support.nomenclature.entries import Nomenclature
from support.nomenclature.store import all_changes, nomenclature_in_force
from support.profiles import PROFILES

SHOWN = 30
CHECKED_WITHIN = timedelta(days=180)
"""An article that nobody has read again for longer is to be verified."""
COUNTED = timedelta(days=365)
STATES = {"": "En place", "a-verifier": "À vérifier", "liens": "Lien rompu", "retires": "Retirés"}
LONGEST_PAGE = 6
"""Digits of a page's number."""


@dataclass(frozen=True)
class ArticleFilters:
    """What the list shows."""

    words: str = ""
    profile: str = ""
    key: str = ""
    state: str = ""
    page: int = 1

    def query(self, page: int) -> dict[str, Any]:
        """The same filters as an address has them, on another page."""
        wanted = {"q": self.words, "profil": self.profile, "sous_motif": self.key, "etat": self.state}
        return {name: value for name, value in wanted.items() if value} | ({"page": page} if page > 1 else {})


def articles_blueprint(office: Office) -> Blueprint:
    """The pages under `/administration/articles`."""
    prefix = "/administration/articles"
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_articles", __name__, url_prefix=prefix))

    @pages.get("")
    def every() -> str:
        return _list(office)

    @pages.get("/ajouter")
    def add_form() -> str:
        return _form(office, None, _kept_fields(), {})

    @pages.post("/ajouter")
    def add() -> ResponseReturnValue:
        return _save(office, None)

    @pages.get("/<int:number>")
    def show(number: int) -> str:
        return _form(office, _article(office, number), _kept_fields(), {})

    @pages.post("/<int:number>")
    def change(number: int) -> ResponseReturnValue:
        return _save(office, _article(office, number))

    @pages.post("/<int:number>/<any(verifie, retirer, remettre):act>")
    def settle(number: int, act: str) -> ResponseReturnValue:
        article = _article(office, number)
        verb, told = {
            "verifie": (mark_checked, "Vérifié aujourd’hui"), "retirer": (retire_article, "Article retiré"),
            "remettre": (restore_article, "Article remis en place"),
        }[act]  # fmt: skip
        try:
            verb(office.acting(), number)
        except ChangeRefused as refusal:
            flash(str(refusal), "warning")
        else:
            flash(f"{told} : « {article.title} ».", "success")
        if request.form.get("retour") == "article":
            return redirect(url_for(".show", number=number), 303)
        return redirect(url_for(".every", **_filters(request.args).query(_filters(request.args).page)), 303)

    add_file_pages(pages, office)
    add_synonym_pages(pages, office)
    return pages


# ---------------------------------------------------------------- the list


def _filters(args: Mapping[str, str]) -> ArticleFilters:
    page = args.get("page", "")
    return ArticleFilters(
        args.get("q", "")[:100], args.get("profil", "") if args.get("profil", "") in PROFILES else "",
        args.get("sous_motif", "")[:20], args.get("etat", "") if args.get("etat", "") in STATES else "",
        max(1, int(page)) if page.isdecimal() and len(page) <= LONGEST_PAGE else 1,
    )  # fmt: skip


def _list(office: Office) -> str:
    filters, day = _filters(request.args), today(office.acting())
    with reading(office.engine) as connection:
        listed, changes = nomenclature_in_force(connection, day), all_changes(connection)
        found = [one for one in all_articles(connection, retired=True) if _is_shown(one, filters, day)]
        if (entry := listed.entry(filters.key)) is not None:
            found = articles_of_sous_motif(connection, entry.wording, found)
        counts = counts_between(connection, day - COUNTED, day)
    pages = max(1, -(-len(found) // SHOWN))
    page = min(filters.page, pages)
    shown = found[(page - 1) * SHOWN : page * SHOWN]
    names = {one.id: current_names(one, changes, listed.entries) for one in shown}
    return render_template(
        "articles/articles.html", found=shown, total=len(found), filters=filters, page=page, pages=pages, names=names,
        states=list(STATES.items()), profiles=PROFILES, sous_motifs=_options(listed), counts=counts,
        is_old=lambda one: _is_old(one, day), dead=DEAD,
    )  # fmt: skip


def _is_shown(article: Article, filters: ArticleFilters, day: date) -> bool:
    if (article.retired_at is not None) != (filters.state == "retires"):
        return False
    if filters.profile and filters.profile not in article.profiles:
        return False
    if filters.state == "liens" and article.link_state != DEAD:
        return False
    if filters.state == "a-verifier" and not _is_old(article, day):
        return False
    told = fold_words(f"{article.title} {article.summary} {article.address}")
    return all(word in told for word in fold_words(filters.words).split())


def _is_old(article: Article, day: date) -> bool:
    return article.checked_on is None or day - article.checked_on > CHECKED_WITHIN


def _options(listed: Nomenclature) -> list[tuple[str, str]]:
    return [(entry.wording.key, explained(" › ".join(entry.wording))) for entry in listed.entries]


# ---------------------------------------------------------------- one article


def _article(office: Office, number: int) -> Article:
    with reading(office.engine) as connection:
        return read_article(connection, number) or abort(404)


def _kept_fields() -> MultiDict[str, str] | None:
    """What somebody was writing here when the session ended."""
    kept = g.get("interrupted_form")
    return MultiDict(kept) if kept else None


def _save(office: Office, article: Article | None) -> ResponseReturnValue:
    fields = request.form
    try:
        with reading(office.engine) as connection:
            text = _text(fields, _keys(connection, office))
        number = write_article(
            office.acting(), text, number=article.id if article else None, seen=fields.get("version", "")
        )
    except ChangeRefused as refusal:
        status = 409 if refusal.field == "version" else 400
        return _form(office, article, fields, errors_of(refusal)), status
    flash("L’article est enregistré : il est trouvé dès maintenant.", "success")
    return redirect(url_for(".show", number=number), 303)


def _keys(connection: Connection, office: Office) -> dict[str, Wording]:
    listed = nomenclature_in_force(connection, today(office.acting()))
    return {entry.wording.key: entry.wording for entry in listed.entries}


def _text(fields: MultiDict[str, str], known: Mapping[str, Wording]) -> ArticleText:
    """What the form says; ChangeRefused for a sous-motif that is not in the list, or what is no date."""
    keys = fields.getlist("sous_motifs")
    if any(key not in known for key in keys):
        raise ChangeRefused("Choisissez les sous-motifs dans la liste.", "sous_motifs")
    return ArticleText(
        fields.get("titre", ""), fields.get("adresse", ""), tuple(fields.getlist("profils")),
        tuple(known[key] for key in keys), fields.get("resume", ""), read_day(fields.get("verifie_le", "")),
    )  # fmt: skip


def _form(
    office: Office, article: Article | None, fields: MultiDict[str, str] | None, errors: Mapping[str, str]
) -> str:
    """The form of an article: what was typed where something was, else what stands."""
    day = today(office.acting())
    with reading(office.engine) as connection:
        listed, changes = nomenclature_in_force(connection, day), all_changes(connection)
        count = counts_between(connection, day - COUNTED, day).get(article.id) if article else None
    named, gone = current_names(article, changes, listed.entries) if article else ([], [])
    if fields is None:
        fields = MultiDict()
        if article is not None:
            told = {"titre": article.title, "adresse": article.address, "resume": article.summary}
            fields.update(told | {"verifie_le": article.checked_on.isoformat() if article.checked_on else ""})
            fields.setlist("profils", list(article.profiles))
            fields.setlist("sous_motifs", [name.key for name in named])
    groups: dict[str, list[Wording]] = {}
    for entry in listed.entries:
        groups.setdefault(entry.wording.thematique, []).append(entry.wording)
    return render_template(
        "articles/article.html", article=article, fields=fields, errors=errors, profiles=PROFILES, groups=groups,
        gone=gone, count=count, today=day, version=fields.get("version") or (article.version if article else ""),
    )  # fmt: skip
