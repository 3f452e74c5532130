"""Every verb by both doors: page and command do the same, refuse with the same sentence, and leave the same trail."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select
from werkzeug.test import TestResponse

from records.desks.accounts import find_for_proconnect, open_session
from records.desks.acting import Acting
from records.desks.audit import REFUSALS
from records.desks.factors import enrol_factor
from records.schema.access_tables import second_factors
from records.schema.desk_tables import (
    accounts,
    answers,
    audit,
    desk_sessions,
    nomenclature_versions,
    proposals,
    qualifications,
    sign_in_tokens,
    sous_motif_words,
)
from records.schema.knowledge_tables import articles
from records.schema.privacy_tables import erased_numbers
from records.schema.report_tables import import_batches, surveys
from records.schema.tables import (
    absence_messages,
    absences,
    calls,
    closures,
    deliveries,
    directory_versions,
    notices,
    overflows,
    usage_holidays,
)
from records.schema.written_tables import route_versions
from routing.departements import timezone_of
from service.cli import run
from service.clock import now
from service.directory.snapshots import SnapshotFile
from support.answers.answering import make_proposal
from support.knowledge.csv_file import read_articles
from support.knowledge.importing import compare
from support.nomenclature.entries import first_nomenclature
from tests.support.house import CSV, Browser, House, open_house
from tests.voicemail.recordings import tone

SACHA, CAMILLE, ROBIN = "sacha@siao.example", "camille@siao.example", "robin@siao.example"
FIRST, SECOND = (entry.wording for entry in first_nomenclature().entries[:2])
TYPED = {"thematique": FIRST.thematique, "motif": FIRST.motif, "sous_motif": "Un mot nouveau"}
NAMES = list(TYPED.values())
NEW_CSV = CSV.replace("Camille", "Camila")
LEFT_CSV = "".join(line for line in CSV.splitlines(keepends=True) if not line.startswith("59,"))


def at(**later: float) -> str:
    """A moment to come as both doors take it: Paris time, without an offset."""
    return f"{(now() + timedelta(**later)).astimezone(timezone_of(None)):%Y-%m-%dT%H:%M}"


def day(**later: float) -> str:
    return at(**later)[:10]


@dataclass(frozen=True)
class Deed:
    """The same thing asked for by page (`path`, `form`) and by command."""

    path: str
    form: dict[str, Any]
    command: list[str]
    table: Table
    trail: str = ""
    """What the line of the trail says; empty where the deed is refused."""
    who: str = SACHA
    before: tuple[list[str], ...] = ()
    """Commands that lead there."""
    lines: int = 1
    """How many lines of the trail say so then."""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")
    for name in ("database_url", "var_dir", "mail_url", "public_url", "referents_csv"):
        monkeypatch.setenv(name.upper(), str(getattr(made.settings, name)))
    monkeypatch.setenv("SECRET_KEY", "made-up")
    monkeypatch.setenv("DEMO", "1")
    made.clock.now = now()
    made.app.config["PROPAGATE_EXCEPTIONS"] = False
    files = {"new.csv": NEW_CSV, "bad.csv": CSV.replace("01 99 00 12 34", "12"), "text.txt": "Un texte.", "empty": ""}
    files |= {"left.csv": LEFT_CSV}
    files |= {"routes.json": ROUTES_FILE % "1", "unknown.json": ROUTES_FILE % "3", "all.json": ROUTES_FILE % ""}
    files["articles.csv"] = ARTICLES
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "long.txt").write_text("a" * 4001, encoding="utf-8")
    (tmp_path / "tone.wav").write_bytes(tone(3))
    (tmp_path / "photo.wav").write_bytes(b"\x89PNG")
    made.invite(ROBIN, "admin")
    with made.writing() as connection:
        open_session(connection, made.accounts[CAMILLE].id, now())
        enrol_factor(connection, made.accounts[CAMILLE].id, "salt", 1, now())
        find_for_proconnect(connection, sub="sub-1", email=CAMILLE)
    acting = Acting(made.engine, "test", now())
    make_proposal(acting, kind="answer", reference="Un mot", text="Dites-le autrement")
    yield made
    made.close()


def send(browser: Browser, deed: Deed) -> TestResponse:
    """The form as a browser sends it; a path is a file."""
    form: dict[str, Any] = dict(deed.form)
    for name, value in form.items():
        if isinstance(value, Path):
            form[name] = (io.BytesIO(value.read_bytes()), value.name)
    return browser.post(deed.path, form)


def rows(house: House, table: Table) -> list[Any]:
    with house.writing() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key.columns)))


def in_force(house: House) -> object:
    serving = SnapshotFile(house.settings.var_dir).current()
    assert serving
    return (serving.version, serving.people, serving.rules)


def prepare(deed: Deed) -> None:
    for command in deed.before:
        assert run(command) == 0


PUBLISH = {"contenu": base64.b64encode(NEW_CSV.encode()).decode(), "version": "0"}
ROUTES = {"expediteur": "", "niveau": "1", "thematique": "", "bureau": "local"}
ROUTES_FILE = '[{"sender": "", "niveau": "%s", "thematique": "", "desk": "local"}]'
ARTICLES = "titre;adresse\nUn article;https://connaissances.example/1\n"
ARTICLES_FORM = {
    "contenu": base64.b64encode(ARTICLES.encode()).decode(),
    "empreinte": compare(read_articles(ARTICLES.encode(), first_nomenclature(), now().date()), []).stamp,
}
ANSWER = {"version": "0", "a_lire": "Un texte.", "a_envoyer": "Un texte."}
TEXTS = ["--aloud", "text.txt", "--written", "text.txt"]
CLOSED = ["closure", "set", "75", "--to", day(days=3)]
NOOR = ["users", "add", "noor@siao.example", "--role", "referent", "-d", "75"]
CLOSE = ["users", "close", "noor@siao.example"]

AT_ONCE = {"quand": "maintenant", "confirme": "1"}
PLANNED = ["nomenclature", "retire", FIRST.key, "--from", day(days=5)]

MONTH = day()[:7]

ACCEPTED = {
    "erase": Deed(
        "/administration/donnees-personnelles", {"numero": "O6 39 98 12 34", "suite": "effacer"},
        ["erase", "O6 39 98 12 34"], erased_numbers, "numéro effacé",
    ),
    "publish": Deed(
        "/administration/annuaire/publier/confirmer", PUBLISH, ["directory", "publish", "new.csv"],
        directory_versions, "annuaire",
    ),
    "own days": Deed(
        "/administration/annuaire/jours-feries/987", {"comptes": "non"}, ["directory", "holidays", "987", "--off"],
        usage_holidays, "réglage jours fériés propres retiré",
    ),
    "own days again": Deed(
        "/administration/annuaire/jours-feries/971", {"comptes": "non"}, ["directory", "holidays", "971", "--off"],
        usage_holidays, "réglage jours fériés propres retiré", before=(["directory", "holidays", "971", "--on"],),
    ),
    "absence": Deed(
        "/absence", {"au": day(days=3), "confirme": "1"},
        ["absence", "set", CAMILLE, "--to", day(days=3)], absences, "réglage absence", who=CAMILLE,
    ),
    "absence of a colleague": Deed(
        "/absence", {"personne": "DOMINIQUE", "au": day(days=3), "confirme": "1"},
        ["absence", "set", "Dominique Modèle", "--to", day(days=3)], absences, "réglage absence", who=CAMILLE,
    ),
    "absence changed": Deed(
        "/absence", {"absence": "1", "au": day(days=5), "confirme": "1"},
        ["absence", "change", "1", "--to", day(days=5)], absences, "réglage absence modifié", who=CAMILLE,
        before=(["absence", "set", CAMILLE, "--to", day(days=3)],),
    ),
    "absence withdrawn": Deed(
        "/absence/1/retirer", {}, ["absence", "remove", "1"], absences, "réglage absence retiré", who=CAMILLE,
        before=(["absence", "set", CAMILLE, "--to", day(days=3)],),
    ),
    "absence with a suppléant": Deed(
        "/absence", {"au": day(days=3), "confirme": "1", "suppleant": "DOMINIQUE"},
        ["absence", "set", CAMILLE, "--to", day(days=3), "--suppleant", "Dominique Modèle"], absences,
        "réglage absence", who=CAMILLE,
    ),
    "absent for now": Deed(
        "/absence", {"jusqu_a": "demi-journee"}, ["absence", "now", CAMILLE], absences, "réglage absence", who=CAMILLE,
    ),
    "closure": Deed(
        "/administration/fermetures", {"departement": "75", "au": at(days=3), "motif": "Travaux"} | AT_ONCE,
        ["closure", "set", "75", "--to", at(days=3), "--label", "Travaux"], closures, "réglage closure",
    ),
    "notice": Deed(
        "/administration/annonces", {"texte": "Un incident.", "au": at(days=3)} | AT_ONCE,
        ["notice", "set", "Un incident.", "--to", at(days=3), "--yes"], notices, "réglage notice",
    ),
    "message": Deed(
        "/administration/messages-absence", {"departement": "75", "texte": "Rappelez demain."},
        ["message", "set", "75", "Rappelez demain."], absence_messages, "réglage message",
    ),
    "recorded message": Deed(
        "/administration/messages-absence", {"departement": "75", "audio": Path("tone.wav")},
        ["message", "set", "75", "--audio", "tone.wav"], absence_messages, "réglage message",
    ),
    "overflow": Deed(
        "/administration/debordement", {"departement": "75", "vers": "59", "cas": "closed", "confirme": "1"},
        ["overflow", "set", "75", "--to", "59", "--when", "closed"], overflows, "réglage overflow",
    ),
    "closure of all France": Deed(
        "/administration/fermetures", {"departement": "france", "au": at(days=3)} | AT_ONCE,
        ["closure", "set", "france", "--to", at(days=3), "--yes"], closures, "réglage closure",
    ),
    "overflow of all France": Deed(
        "/administration/debordement", {"departement": "france", "vers": "59", "cas": "closed", "confirme": "1"},
        ["overflow", "set", "france", "--to", "59", "--when", "closed", "--yes"], overflows, "réglage overflow",
    ),
    "remove": Deed(
        "/administration/fermetures/1/retirer", {}, ["closure", "remove", "1"], closures, "réglage closure retiré",
        before=(CLOSED,),
    ),
    "invite": Deed(
        "/administration/comptes", {"email": "noor@siao.example", "role": "referent", "departements": "75"},
        NOOR, accounts, "compte ouvert",
    ),
    "change": Deed(
        "/administration/comptes/5", {"nom": "Noor N.", "role": "referent", "departements": "59"},
        ["users", "change", "noor@siao.example", "--name", "Noor N.", "-d", "59"], accounts, "compte changé",
        before=(NOOR,),
    ),
    "close": Deed(
        "/administration/comptes/5/fermer", {}, CLOSE, accounts, "compte fermé", before=(NOOR,),
    ),
    "welcome": Deed(
        "/administration/comptes/5/bienvenue", {}, ["users", "welcome", "noor@siao.example"], sign_in_tokens,
        "lettre de bienvenue", before=(NOOR,),
    ),
    "sign out": Deed(
        "/administration/comptes/1/sessions", {}, ["users", "sign-out", CAMILLE], desk_sessions, "sessions fermées",
    ),
    "untie": Deed(
        "/administration/comptes/1/delier", {}, ["users", "untie", CAMILLE], accounts, "identité déliée", who=ROBIN,
    ),
    "reset factor": Deed(
        "/administration/comptes/1/second-facteur", {}, ["users", "reset-factor", CAMILLE], second_factors,
        "second facteur effacé", who=ROBIN,
    ),
    "add": Deed(
        "/administration/nomenclature/ajouter", TYPED | {"version": "0", "niveau": "1", "du": day()},
        ["nomenclature", "add", *NAMES, "--level", "1"], nomenclature_versions, "nomenclature",
    ),
    "rename": Deed(
        "/administration/nomenclature/renommer",
        TYPED | {"version": "0", "niveau": "1", "du": day(), "cle": FIRST.key},
        ["nomenclature", "rename", FIRST.key, *NAMES, "--level", "1"], nomenclature_versions, "nomenclature",
    ),
    "merge": Deed(
        "/administration/nomenclature/fusionner",
        {"version": "0", "du": day(), "cle": FIRST.key, "vers": SECOND.key},
        ["nomenclature", "merge", FIRST.key, SECOND.key], nomenclature_versions, "nomenclature",
    ),
    "retire": Deed(
        "/administration/nomenclature/retirer", {"version": "0", "du": day(), "cle": FIRST.key},
        ["nomenclature", "retire", FIRST.key], nomenclature_versions, "nomenclature",
    ),
    "withdraw": Deed(
        "/administration/nomenclature/versions/1/retirer", {"version": "1"}, ["nomenclature", "withdraw", "1"],
        nomenclature_versions, "nomenclature", before=(PLANNED,), lines=2,
    ),
    "move": Deed(
        "/administration/nomenclature/versions/1/deplacer", {"version": "1", "du": day(days=9)},
        ["nomenclature", "move", "1", "--from", day(days=9)], nomenclature_versions, "nomenclature", before=(PLANNED,),
        lines=2,
    ),
    "answer": Deed(
        f"/administration/reponses/{FIRST.key}", ANSWER, ["answers", "set", FIRST.key, *TEXTS], answers,
        "réponse type",
    ),
    "words": Deed(
        f"/administration/nomenclature/{FIRST.key}/mots", {"version": "0", "words": "Un texte."},
        ["nomenclature", "words", FIRST.key, "--set", "text.txt"], sous_motif_words, "mots d’un sous-motif",
    ),
    "routes": Deed(
        "/administration/orientation/publier", ROUTES | {"version": "0", "confirme": "1"},
        ["routes", "publish", "routes.json", "--yes"], route_versions, "table d’orientation",
    ),
    "articles": Deed(
        "/administration/articles/fichier/confirmer", ARTICLES_FORM, ["articles", "import", "articles.csv"], articles,
        "article ajouté",
    ),
    "settle": Deed(
        "/administration/reponses/propositions/1/regler", {}, ["answers", "settle", "1"], proposals,
        "proposition réglée",
    ),
    "survey": Deed(
        f"/enquete/reglages?mois={MONTH}", {}, ["survey", "open", MONTH], surveys, "enquête ouverte",
    ),
    "survey reminders": Deed(
        f"/enquete/relancer?mois={MONTH}", {}, ["survey", "remind", MONTH, "--missing"], deliveries,
        "enquête : relance", before=(["survey", "open", MONTH],), lines=2,
    ),
}  # fmt: skip
SNAPSHOT = {absences, absence_messages, closures, directory_versions, notices, overflows, usage_holidays}
"""What every call follows: the snapshot changes with these."""


def by_page(house: House, deed: Deed) -> bool:
    return send(house.signed_in(deed.who), resolved(house, deed)).status_code == 303


def by_command(_house: House, deed: Deed) -> bool:
    return run(deed.command) == 0


def resolved(house: House, deed: Deed) -> Deed:
    """The deed with the short ids that this house's directory gives."""
    people = SnapshotFile(house.settings.var_dir).current().people  # type: ignore[union-attr]
    ids = {person.prenom.upper(): person.id for person in people}
    form = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in deed.form.items()}
    return Deed(deed.path, form, deed.command, deed.table, deed.trail, deed.who)


@pytest.mark.parametrize("door", [by_page, by_command])
@pytest.mark.parametrize("deed", ACCEPTED.values(), ids=ACCEPTED)
def test_a_change_is_a_row_a_line_of_the_trail_and_in_force_at_once(
    house: House, deed: Deed, door: Callable[[House, Deed], bool]
) -> None:
    prepare(deed)
    before, serving = rows(house, deed.table), in_force(house)
    assert door(house, deed)
    assert rows(house, deed.table) != before
    assert [line.what for line in rows(house, audit)].count(deed.trail) == deed.lines
    assert (in_force(house) != serving) == (deed.table in SNAPSHOT)


@pytest.mark.parametrize("door", ["page", "command"])
@pytest.mark.parametrize("deed", ACCEPTED.values(), ids=ACCEPTED)
def test_a_change_whose_line_cannot_be_written_is_no_change(house: House, deed: Deed, door: str) -> None:
    """The trail's table is gone: the row goes with it, and nothing is put in force."""
    prepare(deed)
    browser, asked = house.signed_in(deed.who), resolved(house, deed)
    before, serving = rows(house, deed.table), in_force(house)
    with house.writing() as connection:
        connection.exec_driver_sql("alter table audit rename to audit_away")
    if door == "page":
        assert send(browser, asked).status_code >= 500
    else:
        assert run(deed.command) == 1
    assert rows(house, deed.table) == before
    assert in_force(house) == serving


def refused(name: str, form: dict[str, Any], command: list[str], **more: Any) -> Deed:
    deed = ACCEPTED[name]
    return Deed(more.get("path", deed.path), deed.form | form, command, deed.table, who=deed.who,
                before=more.get("before", deed.before))  # fmt: skip


TWICE = (NOOR, CLOSE)
OVER = "La fin doit venir après le début."
PAST = "Cette période est déjà passée."
TOO_LONG = "Le texte est trop long : {} caractères pour {} au plus."
NO_MAIL = "Donnez une adresse électronique complète, par exemple prenom.nom@siao.fr."
SOON = ["--to", at(days=3)]

REFUSED: list[tuple[str, Deed]] = [
    (
        f"Le compte {CAMILLE} n’est lié à aucune identité ProConnect.",
        refused("untie", {}, ["users", "untie", CAMILLE], before=(["users", "untie", CAMILLE],)),
    ),
    (
        f"Le compte {CAMILLE} n’a pas de second facteur.",
        refused("reset factor", {}, ["users", "reset-factor", CAMILLE], before=(["users", "reset-factor", CAMILLE],)),
    ),
    (TOO_LONG.format(201, 200), refused("publish", {"note": "a" * 201},
        ["directory", "publish", "new.csv", "--note", "a" * 201])),
    ("Confirmez : plus personne ne pourrait être appelé : 59 Nord ; 1 ligne part, sur 4.", refused("publish",
        {"contenu": base64.b64encode(LEFT_CSV.encode()).decode()}, ["directory", "publish", "left.csv"])),
    ("Ce département n’a pas de jours fériés propres.", refused("own days", {},
        ["directory", "holidays", "75", "--off"], path="/administration/annuaire/jours-feries/75")),
    (OVER, refused("absence", {"du": day(days=5)}, ["absence", "set", CAMILLE, "--from", day(days=5), *SOON])),
    (PAST, refused("absence", {"du": day(days=-4), "au": day(days=-2)},
        ["absence", "set", CAMILLE, "--from", day(days=-4), "--to", day(days=-2)])),
    ("Une absence dure un an au plus.", refused("absence", {"au": "2036-01-01"},
        ["absence", "set", CAMILLE, "--to", "2036-01-01"])),
    ("Camille Exemple est déjà en absence", refused("absence", {}, ["absence", "set", CAMILLE, "--to", day(days=3)],
        before=(["absence", "set", CAMILLE, "--to", day(days=5)],))),
    ("Camille Exemple est déjà en absence", refused("absent for now", {}, ["absence", "now", CAMILLE],
        before=(["absence", "set", CAMILLE, "--to", day(days=5)],))),
    ("Une personne ne peut pas se suppléer elle-même.", refused("absence", {"suppleant": "CAMILLE"},
        ["absence", "set", CAMILLE, *SOON, "--suppleant", CAMILLE])),
    ("Le suppléant doit avoir une ligne dans le même département.", refused("absence", {"suppleant": "ALIX"},
        ["absence", "set", CAMILLE, *SOON, "--suppleant", "alix@siao.example"])),
    ("Rien n’est réglé sous le numéro 7.", refused("remove", {}, ["closure", "remove", "7"],
        path="/administration/fermetures/7/retirer")),
    ("Rien n’est réglé sous le numéro 1.", refused("remove", {}, ["closure", "remove", "1"],
        before=(CLOSED, ["closure", "remove", "1"]))),
    (OVER, refused("closure", {"quand": "le", "du": at(days=4)},
        ["closure", "set", "75", "--from", at(days=4), *SOON])),
    (TOO_LONG.format(250, 200), refused("closure", {"motif": "a" * 250},
        ["closure", "set", "75", *SOON, "--label", "a" * 250])),
    (PAST, refused("notice", {"quand": "le", "du": at(days=-4), "au": at(days=-2)},
        ["notice", "set", "Texte", "--from", at(days=-4), "--to", at(days=-2)])),
    ("Le texte est vide.", refused("notice", {"texte": " \t"}, ["notice", "set", " \t", *SOON])),
    (TOO_LONG.format(601, 600), refused("notice", {"texte": "a" * 601}, ["notice", "set", "a" * 601, *SOON])),
    (TOO_LONG.format(601, 600), refused("message", {"texte": "a" * 601}, ["message", "set", "75", "a" * 601])),
    ("Donnez soit un texte, soit un enregistrement.", refused("message", {"texte": " "}, ["message", "set", "75"])),
    ("Donnez soit un texte, soit un enregistrement.", refused("recorded message", {"texte": "Et un texte"},
        ["message", "set", "75", "Et un texte", "--audio", "tone.wav"])),
    ("L’enregistrement est refusé : seuls les fichiers WAV et MP3", refused("recorded message",
        {"audio": Path("photo.wav")}, ["message", "set", "75", "--audio", "photo.wav"])),
    ("Un département ne peut pas déborder vers lui-même.", refused("overflow", {"vers": "75"},
        ["overflow", "set", "75", "--to", "75", "--when", "closed"])),
    (NO_MAIL, refused("invite", {"email": "noor"}, ["users", "add", "noor", "--role", "referent", "-d", "75"])),
    ("Un référent a au moins un département.", refused("invite", {"departements": []},
        ["users", "add", "noor@siao.example", "--role", "referent"])),
    ("Le compte noor@siao.example existe déjà.", refused("invite", {}, NOOR, before=([*NOOR, "-d", "59"],))),
    (TOO_LONG.format(201, 200), refused("invite", {"nom": "a" * 201}, [*NOOR, "--name", "a" * 201])),
    (TOO_LONG.format(201, 200), refused("change", {"nom": "a" * 201},
        ["users", "change", "noor@siao.example", "--name", "a" * 201])),
    ("Un référent a au moins un département.", refused("change", {"departements": []},
        ["users", "change", "noor@siao.example", "--role", "referent"],
        before=(["users", "add", "noor@siao.example", "--role", "national"],))),
    ("Le compte noor@siao.example est déjà fermé.", refused("close", {}, CLOSE, before=TWICE)),
    ("Aucun compte ouvert pour noor@siao.example.", refused("welcome", {},
        ["users", "welcome", "noor@siao.example"], before=TWICE)),
    (f"« {FIRST.sous_motif} » existe déjà dans ce motif.", refused("add", {"sous_motif": FIRST.sous_motif},
        ["nomenclature", "add", *NAMES[:2], FIRST.sous_motif, "--level", "1"])),
    ("Le sous-motif manque.", refused("add", {"sous_motif": " "},
        ["nomenclature", "add", *NAMES[:2], " ", "--level", "1"])),
    ("Le motif dépasse 160 caractères.", refused("rename", {"motif": "a" * 161},
        ["nomenclature", "rename", FIRST.key, NAMES[0], "a" * 161, NAMES[2], "--level", "1"])),
    ("Choisissez deux sous-motifs différents.", refused("merge", {"vers": FIRST.key},
        ["nomenclature", "merge", FIRST.key, FIRST.key])),
    ("Choisissez un sous-motif de la liste.", refused("retire", {"cle": "rien"}, ["nomenclature", "retire", "rien"])),
    ("les totaux passés ne changent pas.", refused("retire", {"du": "2020-01-01"},
        ["nomenclature", "retire", FIRST.key, "--from", "2020-01-01"])),
    (TOO_LONG.format(201, 200), refused("retire", {"note": "a" * 201},
        ["nomenclature", "retire", FIRST.key, "--note", "a" * 201])),
    ("Aucune thématique ne s’appelle « Acces »", refused("add", {"thematique": "Acces"},
        ["nomenclature", "add", "Acces", *NAMES[1:], "--level", "1"])),
    ("Aucune version prévue n’a ce numéro", refused("withdraw", {}, ["nomenclature", "withdraw", "7"],
        path="/administration/nomenclature/versions/7/retirer")),
    ("Cette version est déjà prévue pour ce jour-là.", refused("move", {"du": day(days=5)},
        ["nomenclature", "move", "1", "--from", day(days=5)])),
    ("Le texte à lire manque.", refused("answer", {"a_lire": ""},
        ["answers", "set", FIRST.key, "--aloud", "empty", "--written", "text.txt"])),
    ("Le texte à envoyer dépasse 4000 caractères.", refused("answer", {"a_envoyer": "a" * 4001},
        ["answers", "set", FIRST.key, "--aloud", "text.txt", "--written", "long.txt"])),
    ("dépasse 100 caractères.", refused("words", {"words": "a" * 4001},
        ["nomenclature", "words", FIRST.key, "--set", "long.txt"])),
    ("Ligne 1 : choisissez chaque valeur dans sa liste.", refused("routes", {"niveau": "3"},
        ["routes", "publish", "unknown.json", "--yes"])),
    ("l’équipe nationale ne recevrait plus aucune demande.", refused("routes", {"niveau": ""},
        ["routes", "publish", "all.json", "--yes"])),
    ("Confirmez que c’est voulu.", refused("routes", {"confirme": ""}, ["routes", "publish", "routes.json"])),
    (TOO_LONG.format(201, 200), refused("routes", {"note": "a" * 201},
        ["routes", "publish", "routes.json", "--yes", "--note", "a" * 201])),
    ("Aucune proposition n’attend sous le numéro 7.", refused("settle", {}, ["answers", "settle", "7"],
        path="/administration/reponses/propositions/7/regler")),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "deed"), REFUSED, ids=[f"{i}: {one[0][:40]}" for i, one in enumerate(REFUSED)])
def test_what_one_door_refuses_the_other_refuses_with_the_same_sentence(
    house: House, capsys: pytest.CaptureFixture[str], sentence: str, deed: Deed
) -> None:
    prepare(deed)
    browser, asked = house.signed_in(deed.who), resolved(house, deed)
    before, trail, serving = rows(house, deed.table), done_lines(house), in_force(house)
    answer = send(browser, asked)
    if answer.status_code == 303:  # a list has no field to show it at: the next page says it
        answer = browser.get(answer.location)
    else:
        assert answer.status_code in {400, 404}
    assert sentence in unescape(answer.text)
    capsys.readouterr()
    assert run(deed.command) == 1
    assert sentence in capsys.readouterr().err
    assert (rows(house, deed.table), done_lines(house), in_force(house)) == (before, trail, serving)


def done_lines(house: House) -> list[Any]:
    """The lines of the trail about something that was done: what a page refuses is a line too."""
    return [line for line in rows(house, audit) if line.what not in REFUSALS]


def test_a_bad_directory_is_refused_for_the_same_reason(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    bad = base64.b64encode(Path("bad.csv").read_bytes()).decode()
    answer = house.signed_in(SACHA).post(ACCEPTED["publish"].path, {"contenu": bad, "version": "0"})
    assert run(["directory", "publish", "bad.csv"]) == 1
    [told] = [line for line in capsys.readouterr().err.splitlines() if "ligne 2" in line]
    assert answer.status_code == 400
    assert told.rpartition(" : ")[2].rstrip(".") in unescape(answer.text)
    assert rows(house, directory_versions) == []


def test_a_bad_file_of_articles_is_refused_for_the_same_reason(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.csv").write_text(ARTICLES.replace("https", "javascript"), encoding="utf-8")
    form = ARTICLES_FORM | {"contenu": base64.b64encode(Path("bad.csv").read_bytes()).decode()}
    answer = house.signed_in(SACHA).post(ACCEPTED["articles"].path, form)
    assert run(["articles", "import", "bad.csv"]) == 1
    [told] = [line for line in capsys.readouterr().err.splitlines() if "ligne 2" in line]
    assert answer.status_code == 400
    assert told.rpartition(" : ")[2].rstrip(".") in unescape(answer.text)
    assert rows(house, articles) == []


HISTORY = (
    "Numéro de téléphone;Date;Durée d'appel (en secondes);Thématique;Motif;Sous motif;Problème résolu ?\n"
    "01 99 00 20 01;02/05/2026;240;{0};Oui\n01 99 00 20 02;03/05/2026;300;{0};{1}\n"
)
LINES = ";".join(FIRST)
IMPORT = ["import", "workbook", "suivi.csv", "-d", "75"]


def imported_by_page(browser: Browser, answer: str) -> tuple[bool, str]:
    """Whether the file was taken in, and what the page said: shown first, then accepted as it was shown."""
    content = HISTORY.format(LINES, answer).encode()
    data = {"csrf_token": browser.token(), "departement": "75", "classeur": (io.BytesIO(content), "suivi.csv")}
    page = browser.client.post("/resultats/import", data=data).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)"\s+value="([^"]*)"', page))
    done = browser.post("/resultats/import/confirmer", {key: unescape(value) for key, value in hidden.items()})
    return done.status_code == 303, unescape(done.text)


def imported_by_command(_browser: Browser, answer: str) -> tuple[bool, str]:
    Path("suivi.csv").write_text(HISTORY.format(LINES, answer), encoding="utf-8")
    return run(IMPORT) == 0, ""


IMPORTS = pytest.mark.parametrize("door", [imported_by_page, imported_by_command])


@IMPORTS
def test_an_import_is_its_calls_a_line_of_the_trail_and_is_known_the_second_time(
    house: House, door: Callable[[Browser, str], tuple[bool, str]]
) -> None:
    camille = house.signed_in(CAMILLE)
    assert door(camille, "Non")[0]
    first = rows(house, calls)
    assert {(call.caller, call.departement, call.talk_seconds, call.source) for call in first} == {
        ("+33199002001", "75", 240, "import"), ("+33199002002", "75", 300, "import")
    }  # fmt: skip
    assert sorted(said.resolved for said in rows(house, qualifications)) == [False, True]
    assert [line.reference for line in rows(house, audit) if line.what == "classeur importé"] == [
        "75 : 2 appels ajoutés, 0 cellule changée"
    ]
    assert door(camille, "Non")[0]
    assert rows(house, calls) == first
    assert len(rows(house, import_batches)) == 1


@IMPORTS
def test_an_import_whose_line_cannot_be_written_is_no_import(
    house: House, door: Callable[[Browser, str], tuple[bool, str]]
) -> None:
    camille = house.signed_in(CAMILLE)
    with house.writing() as connection:
        connection.exec_driver_sql("alter table audit rename to audit_away")
    assert not door(camille, "Non")[0]
    assert rows(house, calls) == rows(house, import_batches) == []


def test_an_import_with_a_refused_line_is_refused_with_the_same_sentence(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    camille = house.signed_in(CAMILLE)
    is_done, page = imported_by_page(camille, "oui/non")
    assert (is_done, imported_by_command(camille, "oui/non")[0]) == (False, False)
    told = capsys.readouterr()
    for sentence in ("« Problème résolu ? » contient « oui/non »", "1 ligne refusée : rien n'a été importé."):
        assert sentence in page
        assert sentence in told.out + told.err
    assert rows(house, calls) == []


def test_the_same_absence_said_by_both_doors_is_one(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    start, end = day(days=1), day(days=2)
    camille = house.signed_in(CAMILLE)
    assert camille.post("/absence", {"du": start, "au": end, "confirme": "1"}).status_code == 303
    assert run(["absence", "set", CAMILLE, "--from", start, "--to", end]) == 1
    assert "Camille Exemple est déjà en absence du" in capsys.readouterr().err
    assert len(rows(house, absences)) == 1


def test_absent_for_half_a_day_waits_for_the_end_of_a_public_holiday(house: House) -> None:
    """The 11th of November 2026 is a Wednesday: Alix's next half-day is on the Thursday."""
    house.clock.now = datetime(2026, 11, 10, 17, 0, tzinfo=timezone_of(None))
    alix = house.signed_in("alix@siao.example")
    assert alix.post("/absence", {"jusqu_a": "demi-journee", "confirme": "1"}).status_code == 303
    [absence] = rows(house, absences)
    assert f"{absence.end.astimezone(timezone_of('59')):%Y-%m-%dT%H:%M}" == "2026-11-12T13:00"


def test_a_link_given_by_command_says_who_asked_for_it(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["users", "link", CAMILLE]) == 0
    assert [(line.what, line.reference) for line in rows(house, audit) if line.what == "lien donné"] == [
        ("lien donné", CAMILLE)
    ]
    assert run(NOOR) == run(CLOSE) == 0
    assert run(["users", "link", "noor@siao.example"]) == 1
    assert "Aucun compte ouvert pour noor@siao.example." in capsys.readouterr().err


def test_whoever_runs_the_machine_may_name_an_administrator_and_the_national_team_may_not(house: House) -> None:
    form = {"email": "admin@siao.example", "role": "admin"}
    sentence = "Seule une personne de l’administration peut donner ce rôle."
    answer = house.signed_in(SACHA).post("/administration/comptes", form)
    assert (answer.status_code, sentence in answer.text) == (400, True)
    assert run(["users", "add", "admin@siao.example", "--role", "admin"]) == 0
