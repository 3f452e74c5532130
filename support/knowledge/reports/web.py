"""Where anybody says that an article is wrong or missing, and where a référent does: the same form, two doors.

The public door asks for no proof: it sends nothing by itself. An address typed there hears once, when the national team
has ended the report, in the team's words alone; whoever has signed in is answered at his own address (decision 66).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from records.attempts import Limit, network_of, reached
from records.database import Connection, writing
from records.desks.acting import Acting
from records.refusals import ChangeRefused
from records.typed.numbers import typed_number
from records.wording import explained
from routing.departements import PARIS
from support.desk import Desk
from support.knowledge.reports.report import KINDS, OF_ARTICLES, About
from support.knowledge.reports.reporting import ANYBODY, about_article, about_sous_motif, said_of, say
from support.knowledge.store import all_articles

HONEYPOT = "site_web"
"""A field that people do not see: whoever fills it is a program."""
THANKS = "Merci : votre signalement est compté, l’équipe nationale le lira."
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportDoor:
    """One of the two doors: `hourly_network` limits the public one."""

    desk: Desk
    hourly_network: int
    is_public: bool

    def chosen(self, connection: Connection, number: int | None) -> About:
        """What the form is about: the article of the address (404 when it is gone), else what was chosen in it."""
        if number is not None:
            found = about_article(connection, number)
            if found is None:
                abort(404)
            return found
        return self._asked(connection, request.form.get("article", ""), request.form.get("cle", ""))

    def _asked(self, connection: Connection, article: str, key: str) -> About:
        found = None
        if not self.is_public and (number := typed_number(article)) is not None:
            found = about_article(connection, number)
        elif not article:
            found = about_sous_motif(connection, key, self.desk.clock().astimezone(PARIS))
        if found is None:
            raise ChangeRefused("Choisissez dans la liste.", "article" if article else "cle")
        return found

    def check_limit(self, connection: Connection) -> None:
        """Count this report for its network; ChangeRefused beyond the limit. The desk's own door has none."""
        if not self.is_public:
            return
        hour = Limit("article report", network_of(request.remote_addr), self.hourly_network)
        if reached(connection, self.desk.secret, [hour], self.desk.clock()):
            raise ChangeRefused("Beaucoup de signalements sont venus d’ici : réessayez dans une heure.", "limite")

    def keep(self, connection: Connection, number: int | None) -> About:
        """Keep what the form says, and return what it was about; ChangeRefused for what cannot stand."""
        form, at = request.form, self.desk.clock()
        about = self.chosen(connection, number)
        acting = Acting(self.desk.engine, ANYBODY, at) if self.is_public else self.desk.acting()
        wants = self.is_public or form.get("repondre") == "1"
        email = (form.get("email", "") if self.is_public else acting.by) if wants else ""
        kind = "missing" if about.wording else form.get("nature", "")
        said = said_of(
            about, kind, form.get("texte", ""), email, is_proved=not self.is_public,
            confirmed=form.get("confirmed") == "1",
        )  # fmt: skip
        self.check_limit(connection)
        say(acting, connection, about, said, hours=self.desk.national_hours)
        return about

    def page(self, number: int | None, fields: Fields | None = None, errors: Fields | None = None) -> str:
        """The form, with what was typed."""
        with self.desk.reading() as connection:
            article = about_article(connection, number) if number is not None else None
            if number is not None and article is None:
                abort(404)
            entries = self.desk.nomenclature(connection).entries
            listed = [] if self.is_public else [(str(one.id), one.title) for one in all_articles(connection)]
        groups: dict[str, list[tuple[str, str]]] = {}
        for entry in entries:
            names = entry.wording
            group = groups.setdefault(f"{names.thematique} – {names.motif}", [])
            group.append((names.key, explained(names.sous_motif)))
        return render_template(
            "reporting/say.html", article=article, articles=listed, groups=groups.items(), fields=fields or {},
            errors=errors or {}, kinds=[(str(kind), KINDS[kind]) for kind in OF_ARTICLES], is_public=self.is_public,
            honeypot=HONEYPOT,
        )  # fmt: skip

    def take_in(self, number: int | None, back: str) -> ResponseReturnValue:
        """What the form's button does."""
        if self.is_public and request.form.get(HONEYPOT):
            flash(THANKS, "success")
            return redirect(back, 303)
        try:
            with writing(self.desk.engine) as connection:
                self.keep(connection, number)
        except ChangeRefused as refusal:
            status = 429 if refusal.field == "limite" else 400
            return self.page(number, request.form, {refusal.field: str(refusal)}), status
        flash(THANKS, "success")
        return redirect(back, 303)


def reporting_blueprint(desk: Desk, hourly_network: int) -> Blueprint:
    """The public door, under `/connaissances`."""
    pages = Blueprint("reporting", __name__, template_folder="../../templates")
    door = ReportDoor(desk, hourly_network, is_public=True)

    @pages.get("/connaissances/<int:number>/signaler")
    def article(number: int) -> str:
        return door.page(number)

    @pages.post("/connaissances/<int:number>/signaler")
    def say_article(number: int) -> ResponseReturnValue:
        return door.take_in(number, url_for("knowledge.home"))

    @pages.get("/connaissances/manque")
    def missing() -> str:
        return door.page(None, request.args)

    @pages.post("/connaissances/manque")
    def say_missing() -> ResponseReturnValue:
        return door.take_in(None, url_for("knowledge.home"))

    return pages


def desk_reporting_blueprint(desk: Desk) -> Blueprint:
    """The référents' door: any article, or a sous-motif without one, answered at their own address."""
    pages = Blueprint("desk_reporting", __name__, template_folder="../../templates")
    door = ReportDoor(desk, 0, is_public=False)

    @pages.get("/articles/signaler")
    def ask() -> str:
        return door.page(None, request.args)

    @pages.post("/articles/signaler")
    def say_it() -> ResponseReturnValue:
        return door.take_in(None, url_for("answers.library"))

    return pages
