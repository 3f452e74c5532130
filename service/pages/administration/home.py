"""The administration, put together: its menu and its pages."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from records.alerting.telling import open_alerts
from records.counting.words import counted
from records.database import Connection, reading
from records.desks.permissions import Permission
from service.pages.administration.accounts import accounts_blueprint
from service.pages.administration.articles import articles_blueprint
from service.pages.administration.directory import directory_blueprint
from service.pages.administration.office import Office, for_whoever_may
from service.pages.administration.orientation import orientation_blueprint
from service.pages.administration.rules import rules_blueprint
from service.pages.administration.trail import trail_blueprint
from service.pages.administration.wording import answers_admin_blueprint, nomenclature_blueprint
from service.pages.administration.words import words_blueprint
from service.running.watching.telling.problems import TITLES
from support.knowledge.reports.store import count_open

REPORTS = "/administration/articles/signalements"
STATE = "/administration/etat"
SECTIONS = (
    ("État du service", STATE, "Ce qui ne va pas, depuis quand, que faire ; qui est prévenu."),
    ("Annuaire", "/administration/annuaire", "Chercher, publier un fichier, voir qui sonne et pourquoi."),
    ("Comptes", "/administration/comptes", "Inviter, changer un rôle, fermer un compte."),
    ("Journal des accès", "/administration/journal", "Qui a vu ou changé quoi, et quand ; connexions et refus."),
    ("Nomenclature", "/administration/nomenclature", "Ajouter, renommer, fusionner, retirer un sous-motif."),
    ("Réponses types", "/administration/reponses", "Relire, valider, répondre aux propositions."),
    (
        "Orientation des demandes",
        "/administration/orientation",
        "Qui reçoit une demande écrite, selon qui écrit et sur quoi.",
    ),
    (
        "Articles",
        "/administration/articles",
        "Tenir la base de connaissances : profils, sous-motifs, synonymes, import.",
    ),
    ("Signalements", REPORTS, "Ce que des lecteurs disent d’un article, ou d’une réponse qui manque."),
    (
        "Liste du mois",
        "/administration/articles/liste-du-mois",
        "Articles sans effet, motifs sans article, liens rompus.",
    ),
    ("Lettre d’information", "/administration/lettres", "Préparer, relire, envoyer ce qui a changé."),
    ("Fermetures", "/administration/fermetures", "Fermer un département ou toute la France pour un temps."),
    ("Annonces", "/administration/annonces", "Faire entendre une annonce avant le menu."),
    ("Messages d’absence", "/administration/messages-absence", "Un texte ou un enregistrement par département."),
    (
        "Données personnelles",
        "/administration/donnees-personnelles",
        "Effacer un numéro, dire ce qui en est su, voir ce qui est retiré chaque nuit.",
    ),
    ("Débordement", "/administration/debordement", "Proposer un autre SIAO quand personne ne répond."),
)
"""Label, address, what for."""


def register_admin(app: Flask, office: Office) -> None:
    """Plug the administration's pages into the application."""
    home = for_whoever_may(Permission.ADMINISTER, Blueprint("admin", __name__))

    @home.get("/administration")
    def show() -> str:
        with reading(office.engine) as connection:
            waiting, late = count_open(connection), count_open(connection, office.clock())
            wrong = _wrong(connection)
        told = counted(waiting, "signalement à traiter", "signalements à traiter") if waiting else ""
        details = {REPORTS: f"{told}, dont {late} en retard" if late else told}
        return render_template("admin/home.html", sections=SECTIONS, details=details, wrong=wrong, state=STATE)

    app.jinja_env.globals["admin_menu"] = lambda: [(label, path) for label, path, _ in SECTIONS]
    for pages in (
        home,
        directory_blueprint(office),
        accounts_blueprint(office),
        nomenclature_blueprint(office),
        words_blueprint(office),
        answers_admin_blueprint(office),
        articles_blueprint(office),
        rules_blueprint(office),
        orientation_blueprint(office),
        trail_blueprint(office),
    ):
        app.register_blueprint(pages)


def _wrong(connection: Connection) -> str:
    """What the first page says of the state of the service: « 2 points à regarder : … », or nothing."""
    found = [TITLES.get(one.kind, one.kind) for one in open_alerts(connection)]
    titles = " ; ".join(dict.fromkeys(found))
    return f"{counted(len(found), 'point à regarder', 'points à regarder')} : {titles}." if found else ""
