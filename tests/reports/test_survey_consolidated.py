"""The survey of France: sums, not means of means; renamed sous-motifs; corrections withdrawn; reminders; who waits."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from records.database import reading, writing
from records.desks.acting import Acting
from records.schema.desk_tables import audit
from records.schema.report_tables import surveys
from records.schema.tables import deliveries
from records.wording import Entry, Wording
from reports.figures.periods import month_of
from reports.figures.summary import figures_json, regions, scope_of
from reports.survey.campaign import board, month_asked, open_month, send_answer, withdraw_correction
from reports.survey.consolidated import consolidated, every_row, to_csv
from reports.survey.followed import TRACKED, followed, identified
from reports.survey.mails import chase, mails_due
from reports.survey.questionnaire import (
    Reminder,
    Stage,
    SurveyRefused,
    read_correction,
    reminders_due,
    stage,
)
from reports.survey.store import survey_of
from reports.survey.sums import FIGURES
from routing.departements import PARIS
from service.wiring.reports import renames_on
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.publishing import publish_change, renaming
from tests.reports.tables import Call, call, invent, qualified, store
from tests.support.house import House, open_house

OCTOBER = month_of(date(2026, 10, 15))
OPEN = datetime(2026, 10, 29, 9, tzinfo=PARIS)
LATE = datetime(2026, 11, 3, 9, tzinfo=PARIS)
ADDRESSES = {"75": ["a@exemple.fr"], "93": ["b@exemple.fr"], "*": ["nat@exemple.fr"]}
LINK = "https://svi.example/enquete"
OTHERS = (
    Entry("1", Wording("Thématique A", "Motif A", "Autre")), Entry("1", Wording("Thématique A", "Motif B", "Autre")),
)  # fmt: skip


def said_of(wording: Wording) -> Call:
    return qualified("1", *wording, resolved=True, escalated=False)


@pytest.mark.parametrize("now", [OPEN, LATE])
def test_france_and_its_regions_are_counted_on_sums(engine: Engine, now: datetime) -> None:
    """What `figures` says of France and of each region's départements, live and frozen."""
    with writing(engine) as connection:
        store(connection, invent(random.Random(5), 400))
        open_month(connection, OCTOBER, OPEN)
        state = board(connection, OCTOBER, now)
        rows = {row.name: row for row in consolidated(state)}
        wanted = {"France entière": None, **regions()}
        said = {name: figures_json(connection, scope_of(OCTOBER, codes)) for name, codes in wanted.items()}
    assert set(rows) == set(wanted)
    for name, row in rows.items():
        shown = {line.key: line.computed for line in row.figures}
        assert {key: shown[key] for key in FIGURES} == {key: said[name][key] for key in FIGURES}, name
    account = [one for one in said["France entière"]["motifs"] if one["sous_motif"] == "Accès au compte"]
    france = {line.key: line.computed for line in rows["France entière"].figures}
    assert france[f"nombre:{TRACKED[0].key}"] == sum(one["nombre"] for one in account) > 0
    means = [state.filled[code]["duree_moyenne_secondes"] for code in state.filled]
    known = [mean for mean in means if mean is not None]
    assert france["duree_moyenne_secondes"] != sum(known) / len(known)


def test_answers_late_ones_and_corrections_stand_beside(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, [call("a", date(2026, 10, 5)), call("b", date(2026, 10, 5), departement="93")])
        open_month(connection, OCTOBER, OPEN)
        form = {"valeur:nombre_appels": "4", "motif:nombre_appels": "Ligne coupée", "commentaire": "Un retour"}
        send_answer(connection, OCTOBER, "75", form, by="camille@siao.example", now=OPEN)
        send_answer(connection, OCTOBER, "93", {}, by="alix@siao.example", now=LATE)
        state = board(connection, OCTOBER, LATE)
    region = next(row for row in consolidated(state) if row.name == "Île-de-France")
    assert (len(region.answers), region.late, region.asked, region.corrections) == (2, 1, 8, 1)
    count = region.figures[0]
    assert (count.computed, count.corrected) == (2, 5)
    assert all(line.corrected is None for line in region.figures[1:]), "rates and means do not add up"
    text = to_csv(state, lambda email: email.split("@", maxsplit=1)[0].title())
    lines = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))
    by_code = {line["Département"] + line["Nom"]: line for line in lines}
    paris, france = by_code["75Paris"], by_code["FranceFrance entière"]
    assert (paris["Envoyée le"], paris["Envoyée par"], paris["En retard"]) == ("29/10/2026 09:00", "Camille", "non")
    assert (paris["Commentaire"], by_code["93Seine-Saint-Denis"]["En retard"]) == ("Un retour", "oui")
    assert (france["Répondu"], france["Nombre d'appels reçus"]) == ("2 sur 107", "2")
    assert france["Nombre d'appels reçus : corrigé"] == "5"
    assert len(lines) == 1 + len(regions()) + 107 + 1
    assert sum(": nombre de demandes" in head and head.endswith("demandes") for head in lines[0]) == 5


def test_calls_without_a_departement_are_in_france_and_on_a_line_of_their_own(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, [call("a", date(2026, 10, 5)), call("b", date(2026, 10, 5), departement=None)])
        open_month(connection, OCTOBER, OPEN)
        for now in (OPEN, LATE):
            rows = {row.level + row.name: row.figures[0].computed for row in every_row(board(connection, OCTOBER, now))}
            assert (rows["FranceFrance entière"], rows["*Appels sans département"], rows["75Paris"]) == (2, 1, 1)


def test_whole_numbers_are_whole_and_a_duration_is_read_as_a_clock() -> None:
    assert read_correction("nombre_appels", "1\u202f234", "r", FIGURES) == (1234, "r")
    with pytest.raises(SurveyRefused, match="n'est pas un nombre entier"):
        read_correction("nombre_appels", "3,5", "r", FIGURES)
    assert read_correction("duree_moyenne_secondes", "08:10", "r", FIGURES) == (490, "r")
    assert read_correction("duree_moyenne_secondes", "8 min 10", "r", FIGURES) == (490, "r")


def test_a_correction_is_withdrawn_shown_beside_and_told_in_the_trail(engine: Engine) -> None:
    with writing(engine) as connection:
        open_month(connection, OCTOBER, OPEN)
        for value in ("4", "5"):
            form = {"valeur:nombre_appels": value, "motif:nombre_appels": "Ligne coupée"}
            send_answer(connection, OCTOBER, "75", form, by="a", now=OPEN)
        state = board(connection, OCTOBER, OPEN)
        withdraw_correction(connection, state, "75", "nombre_appels", by="b", at=OPEN)
        after = board(connection, OCTOBER, OPEN)
        with pytest.raises(SurveyRefused, match="déjà retirée"):
            withdraw_correction(connection, after, "75", "nombre_appels", by="b", at=OPEN)
        trail = connection.execute(select(audit.c.reference).where(audit.c.what == "enquête : correction retirée"))
        assert list(trail.scalars()) == ["2026-10 75 nombre_appels"]
    assert after.lines("75")[0].corrected is None, "not the value of before either"
    assert [(one.value, one.withdrawn_by) for one in after.corrections["75"]] == [(4, "b"), (5, "b")]


def test_emptying_the_corrected_value_withdraws_it_and_a_reason_alone_is_asked_about(engine: Engine) -> None:
    with writing(engine) as connection:
        open_month(connection, OCTOBER, OPEN)
        full = {"valeur:nombre_appels": "4", "motif:nombre_appels": "Ligne coupée"}
        send_answer(connection, OCTOBER, "75", full, by="a", now=OPEN)
        alone = {"valeur:nombre_appels": "", "motif:nombre_appels": "Autre"}
        with pytest.raises(SurveyRefused, match="donnez la valeur corrigée"):
            send_answer(connection, OCTOBER, "75", alone, by="a", now=OPEN)
        send_answer(connection, OCTOBER, "75", {**full, "valeur:nombre_appels": ""}, by="a", now=OPEN)
        assert board(connection, OCTOBER, OPEN).lines("75")[0].corrected is None


def test_two_sous_motifs_of_one_name_are_told_apart(engine: Engine) -> None:
    first, second = (entry.wording for entry in OTHERS)
    with writing(engine) as connection:
        store(connection, [call(f"a{n}", date(2026, 10, 5), qualification=said_of(first)) for n in range(2)])
        store(connection, [call("b", date(2026, 10, 5), qualification=said_of(second))])
        open_month(connection, OCTOBER, OPEN)
        connection.execute(update(surveys).values(sous_motifs='["Autre"]'))
        old = board(connection, OCTOBER, OPEN)
        november = open_month(connection, month_of(date(2026, 11, 1)), OPEN + timedelta(days=31), entries=OTHERS)
    assert old.filled["75"]["nombre:Autre"] == 3, "a survey of before keeps what it meant"
    assert november.tracked == (first, second), "the next one follows each by its key"
    assert [one.label for one in followed(november.tracked)] == ["Autre (Motif A)", "Autre (Motif B)"]
    assert identified(TRACKED, ()) == TRACKED


def test_a_followed_sous_motif_follows_its_renames(engine: Engine) -> None:
    old = TRACKED[0]
    new = old._replace(sous_motif="Connexion au compte")
    with writing(engine) as connection:
        store(connection, [call("before", date(2026, 10, 5), qualification=said_of(old))])
        open_month(connection, OCTOBER, OPEN, renames=renames_on)
    acting = Acting(engine, "sacha@siao.example", OPEN)
    publish_change(acting, renaming(old.key, "1", new), follows=0, valid_from=OPEN.date())
    with writing(engine) as connection:
        store(connection, [call("after", date(2026, 10, 20), qualification=said_of(new))])
        state = board(connection, OCTOBER, OPEN + timedelta(hours=1), renames=renames_on)
        entries = first_nomenclature().entries
        november = open_month(
            connection, month_of(date(2026, 11, 1)), OPEN + timedelta(days=31), entries=entries, renames=renames_on
        )
    assert state.filled["75"][f"nombre:{old.key}"] == 2
    assert state.labels[f"nombre:{old.key}"] == "Connexion au compte : nombre de demandes"
    assert november.tracked[0] == new


def test_a_survey_opened_early_is_open_everywhere(engine: Engine) -> None:
    early = datetime(2026, 10, 20, 9, tzinfo=PARIS)
    with writing(engine) as connection:
        assert month_asked(connection, early) == OCTOBER.previous()
        assert board(connection, OCTOBER, early).stage is Stage.COMING
        open_month(connection, OCTOBER, early, by="sacha@siao.example")
        assert month_asked(connection, early) == OCTOBER
        assert board(connection, OCTOBER, early).stage is Stage.OPEN
        assert stage(OCTOBER, early) is Stage.COMING
        (mail, *_) = mails_due(connection, OCTOBER, early, addresses=ADDRESSES, link=LINK)
        assert mail.subject == "Enquête mensuelle octobre 2026 : ouverte"
        assert reminders_due(OCTOBER, OPEN, early) == [Reminder.OPENING]
        again = mails_due(connection, OCTOBER, OPEN, addresses=ADDRESSES, link=LINK)
        assert mail in again, "the same mail on the 28th: it leaves once"
        assert month_asked(connection, LATE) == OCTOBER


def test_on_its_days_a_survey_that_no_job_opened_is_answered_all_the_same(engine: Engine) -> None:
    with writing(engine) as connection:
        state = board(connection, OCTOBER, OPEN)
        assert (state.stage, state.survey is not None) == (Stage.OPEN, True)
        send_answer(connection, OCTOBER, "75", {}, by="a", now=OPEN)
        assert survey_of(connection, "2026-10") is not None
        with pytest.raises(SurveyRefused, match="n'est pas ouverte"):
            send_answer(connection, OCTOBER.previous(), "75", {}, by="a", now=OPEN)


def test_each_departement_is_chased_once_a_month_and_those_without_an_address_are_named(engine: Engine) -> None:
    with writing(engine) as connection:
        with pytest.raises(SurveyRefused, match="personne à relancer"):
            chase(connection, OCTOBER, OPEN, addresses=ADDRESSES, link=LINK, by="sacha")
        open_month(connection, OCTOBER, OPEN)
        first = chase(connection, OCTOBER, OPEN, addresses=ADDRESSES, link=LINK, by="sacha")
        second = chase(connection, OCTOBER, LATE, addresses=ADDRESSES | {"13": ["c@exemple.fr"]}, link=LINK, by="sacha")
        assert (first.now, first.before, len(first.unreachable)) == (("75", "93"), (), 105)
        assert (second.now, second.before, len(second.unreachable)) == (("13",), ("75", "93"), 104)
        state = board(connection, OCTOBER, LATE)
        assert state.reminded == {"75": OPEN, "93": OPEN, "13": LATE}
        send_answer(connection, OCTOBER, "93", {}, by="b", now=LATE)
        owed = connection.execute(select(deliveries.c.recipient, deliveries.c.text).order_by(deliveries.c.id)).all()
    assert [row.recipient for row in owed] == ["a@exemple.fr", "c@exemple.fr"], "who answered is not written to"
    assert "elle se ferme le 2 novembre 2026" in owed[0].text
    assert "s'est fermée sans votre réponse" in owed[1].text


# ---------------------------------------------------------------- the pages


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}")
    made.clock.now = OPEN
    with writing(made.engine) as connection:
        store(connection, invent(random.Random(8), 200))
        open_month(connection, OCTOBER, OPEN)
    yield made
    made.close()


def test_the_referents_page_says_that_the_survey_waits_until_it_is_answered(house: House) -> None:
    camille, sacha = house.signed_in(), house.signed_in("sacha@siao.example")
    page = unescape(camille.get("/a-faire").text)
    assert "L’enquête mensuelle d’octobre 2026 attend votre réponse" in page
    assert "/enquete?mois=2026-10&departement=75" in page
    assert "attend votre réponse" not in sacha.get("/a-faire").text
    house.clock.now = LATE
    camille = house.signed_in()
    assert "elle s’est fermée le 2 novembre 2026" in " ".join(camille.get("/a-faire").text.split())
    assert camille.post("/enquete?mois=2026-10", {"departement": "75"}).status_code == 303
    assert "attend votre réponse" not in camille.get("/a-faire").text


def test_the_national_team_reads_the_survey_at_a_glance_narrows_it_and_reminds(house: House) -> None:
    camille, sacha = house.signed_in(), house.signed_in("sacha@siao.example")
    camille.post("/enquete?mois=2026-10", {"departement": "75", "commentaire": "<b>un retour</b>"})
    dashboard = sacha.get("/national").text
    assert "Enquête mensuelle d’octobre 2026" in dashboard
    assert "1 réponse pour 107 départements" in dashboard
    page = sacha.get("/national/enquete?mois=2026-10").text
    assert "&lt;b&gt;un retour" in page
    assert "par Camille" in page
    assert "Chiffres provisoires" in page
    listed = sacha.get("/enquete?mois=2026-10&reponse=manque").text
    assert "75 – Paris" not in listed
    assert "59 – Nord" in listed
    assert "75 – Paris" in sacha.get("/enquete?mois=2026-10&reponse=recue").text
    assert "Relancer 1 département" in listed
    answer = sacha.post("/enquete/relancer?mois=2026-10", {})
    shown = " ".join(sacha.get(answer.headers["Location"]).text.split())
    assert "1 département relancé." in shown
    assert "relancé le 29 octobre 2026 à 9 h 00" in shown
    assert "déjà été relancés pour ce mois" in shown
    assert camille.post("/enquete/relancer?mois=2026-10", {}).status_code == 404


def test_who_has_narrowed_the_list_to_a_region_reminds_that_region_alone(house: House) -> None:
    sacha = house.signed_in("sacha@siao.example")
    page = sacha.get("/enquete?mois=2026-10&region=Hauts-de-France").text
    assert "Relancer 1 département" in page
    assert "Relancer 2 départements" in sacha.get("/enquete?mois=2026-10").text
    address = unescape(re.findall(r'action="(/enquete/relancer[^"]*)"', page)[0])
    shown = sacha.get(sacha.post(address, {}).headers["Location"]).text
    assert "59 – Nord" in shown
    assert "75 – Paris" not in shown, "the list stays narrowed"
    with reading(house.engine) as connection:
        assert list(board(connection, OCTOBER, OPEN).reminded) == ["59"]


def test_withdrawing_on_the_page_keeps_what_else_was_typed(house: House) -> None:
    camille = house.signed_in()
    form = {"departement": "75", "valeur:nombre_appels": "7", "motif:nombre_appels": "Ligne coupée"}
    camille.post("/enquete?mois=2026-10", form)
    page = camille.post("/enquete?mois=2026-10", {**form, "retirer": "nombre_appels", "commentaire": "à garder"}).text
    assert "à garder" in page
    assert "<del>Nombre d’appels reçus : 7 (Ligne coupée)</del>" in unescape(" ".join(page.split()))
    assert 'value="7"' not in page
    with reading(house.engine) as connection:
        assert board(connection, OCTOBER, OPEN).lines("75")[0].corrected is None


@pytest.mark.parametrize(
    ("figure", "written"),
    [("taux_resolution", "33,33 %"), ("taux_resolution", "0,07"), ("duree_moyenne_secondes", "75:09"),
     ("nombre_appels", "12 345")],
)  # fmt: skip
def test_sending_the_page_again_as_it_stands_changes_no_correction(house: House, figure: str, written: str) -> None:
    camille = house.signed_in()
    form = {"departement": "75", f"valeur:{figure}": written, f"motif:{figure}": "Recompté"}
    camille.post("/enquete?mois=2026-10", form)
    page = camille.get("/enquete?mois=2026-10").text
    [again] = re.findall(rf'name="valeur:{figure}"[^>]*value="([^"]*)"', page)
    camille.post("/enquete?mois=2026-10", {**form, f"valeur:{figure}": unescape(again)})
    with reading(house.engine) as connection:
        assert len(board(connection, OCTOBER, OPEN).corrections["75"]) == 1


def test_a_list_that_is_refused_is_not_lost(house: House) -> None:
    answer = house.signed_in("sacha@siao.example").post("/enquete/reglages?mois=2026-10", {"suivis": "Affichage\nCafé"})
    assert answer.status_code == 400
    assert "Affichage\nCafé" in answer.text
