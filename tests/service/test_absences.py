"""Somebody is away: until when he says, said by himself or a colleague; whoever stands in knows it by mail and page."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from records.database import reading, writing
from records.invitation import Guest
from records.mail import Mail
from records.schema.desk_tables import audit
from records.schema.tables import absences, deliveries
from routing.planning.plan import plan
from routing.rules import Absence
from routing.snapshot import Snapshot
from service.directory.away_letters import AwayPost
from service.directory.snapshots import SnapshotFile
from tests.support.house import Browser, House, open_house

ALIX, CAMILLE, DOMINIQUE, SACHA = (f"{name}@siao.example" for name in ("alix", "camille", "dominique", "sacha"))
CHRISTMAS = {"du": "2026-12-24", "au": "2026-12-31"}
KEPT = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    made.invite(DOMINIQUE, "referent", "75")
    yield made
    made.close()


def serving(house: House) -> Snapshot:
    found = SnapshotFile(house.settings.var_dir).current()
    assert found
    return found


def id_of(house: House, email: str) -> str:
    return next(person.id for person in serving(house).people if person.email == email)


def away(house: House) -> tuple[Absence, ...]:
    return serving(house).rules.absences


def letters(house: House) -> list[Mail]:
    """The letters that the next round of the job sends."""
    taken: list[Mail] = []

    class Post:
        def send(self, mail: Mail) -> None:
            taken.append(mail)

    snapshot, team = SnapshotFile(house.settings.var_dir), Guest("siao@siao.example", "Assistance SI SIAO")
    AwayPost(house.engine, Post(), snapshot.current, "https://svi.example/absence", team, house.clock).send()
    return taken


def entry(mail: Mail) -> Any:
    """What the mail puts into a calendar, as another program reads it."""
    [event] = Calendar.from_ical(mail.calendar).events
    return event


# ---------------------------------------------------------------- until when


def test_two_clicks_and_the_next_call_rings_somebody_else(house: House) -> None:
    camille = house.signed_in()
    page = unescape(camille.get("/absence").text)
    assert "Cette demi-journée" in page
    assert "Les appels reprennent le 24 novembre 2026 à 13 h 00" in page
    assert camille.post("/absence", {"jusqu_a": "demi-journee"}).status_code == 303
    [rang] = plan(serving(house), "75", house.clock() + timedelta(minutes=1)).rangs
    assert [serving(house).person("75", one).prenom for one in rang] == ["Dominique"]  # type: ignore[union-attr]
    assert "Vous êtes absent" in camille.get("/absence").text
    assert camille.post("/absence/1/retirer", {}).status_code == 303
    assert len(plan(serving(house), "75", house.clock()).rangs) == 2


def test_said_outside_hours_it_does_not_end_when_ringing_starts(house: House) -> None:
    """Alix answers from 9 to 17; in the evening « this half-day » is the next morning, and « today » is no choice."""
    house.clock.now = datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    alix = house.signed_in(ALIX)
    page = alix.get("/absence").text
    assert "Les appels reprennent le 25 novembre 2026 à 13 h 00" in page
    assert "aujourdhui" not in page
    refused = alix.post("/absence", {"jusqu_a": "aujourdhui"})
    assert refused.status_code == 400
    assert "le prochain peut sonner le mercredi 25 novembre 2026 à 9 h" in refused.text
    alix.post("/absence", {"jusqu_a": "demi-journee", "confirme": "1"})
    reasons = [plan(serving(house), "59", datetime(2026, 11, 25, hour, tzinfo=UTC)).reason for hour in (8, 11, 12)]
    assert reasons == ["away", "away", None]


def test_whole_days_by_default_and_hours_for_whoever_asks(house: House) -> None:
    camille = house.signed_in()
    assert camille.post("/absence", CHRISTMAS).status_code == 303
    hours = {"du": "2027-01-11", "du_heure": "10:00", "au": "2027-01-11", "au_heure": "15:30"}
    assert camille.post("/absence", hours).status_code == 303
    first, second = away(house)
    assert (first.start, first.end) == (
        datetime(2026, 12, 23, 23, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    )  # fmt: skip
    assert (second.start, second.end) == (
        datetime(2027, 1, 11, 9, tzinfo=UTC), datetime(2027, 1, 11, 14, 30, tzinfo=UTC)
    )  # fmt: skip
    page = camille.get("/absence").text
    assert "du jeudi 24 décembre 2026 au jeudi 31 décembre 2026 inclus" in page
    assert "datetime-local" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"au": ""}, "Donnez un jour."),
        ({"au": "demain"}, "Donnez un jour."),
        ({"au": "9999-12-31"}, "Donnez un jour."),
        ({"du": "x", "au": "2026-12-02"}, "Donnez un jour."),
        ({"au": "2026-12-02", "au_heure": "25:00"}, "Donnez une heure"),
        ({"du": "2026-12-03", "au": "2026-12-02"}, "La fin doit venir après le début."),
        ({"au": "2026-11-20"}, "Cette période est déjà passée."),
        ({"jusqu_a": "toujours"}, "Choisissez dans la liste."),
        ({"au": "2026-12-02", "suppleant": "personne"}, "Choisissez dans la liste."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    house: House, typed: dict[str, str], sentence: str
) -> None:
    answer = house.signed_in().post("/absence", typed)
    assert answer.status_code == 400
    assert sentence in unescape(answer.text)
    assert all(f'value="{typed[name]}"' in answer.text for name in ("du", "au") if typed.get(name))
    assert away(house) == ()


def test_a_period_is_read_by_the_persons_own_clock(house: House) -> None:
    csv = house.settings.referents_csv
    far = "988,SIAO,Caillou,Noé,référent,05 36 49 12 34,noe@siao.example,1,lun-ven 08:00-16:00,oui\n"
    csv.write_text(csv.read_text(encoding="utf-8") + far, encoding="utf-8")
    sacha = house.signed_in(SACHA)
    content = {"contenu": base64.b64encode(csv.read_bytes()).decode(), "version": "0"}
    assert sacha.post("/administration/annuaire/publier/confirmer", content).status_code == 303
    noe = {"personne": id_of(house, "noe@siao.example"), "du": "2026-12-24", "au": "2026-12-24", "confirme": "1"}
    assert sacha.post("/absence", noe).status_code == 303
    [absence] = away(house)
    assert (absence.start, absence.end) == (
        datetime(2026, 12, 23, 13, tzinfo=UTC), datetime(2026, 12, 24, 13, tzinfo=UTC)
    )  # fmt: skip


# ---------------------------------------------------------------- the same period, holes


def test_the_same_period_twice_is_refused_with_its_dates_and_can_be_extended(house: House) -> None:
    camille = house.signed_in()
    camille.post("/absence", CHRISTMAS)
    again = camille.post("/absence", {"du": "2026-12-30", "au": "2027-01-05"})
    assert again.status_code == 400
    page = unescape(again.text)
    assert "Une absence est déjà déclarée : du jeudi 24 décembre 2026 au jeudi 31 décembre 2026 inclus" in page
    form = page[page.index('id="erreurs"') : page.index("</form>", page.index('id="erreurs"'))]
    assert "Prolonger l’absence n° 1" in form
    kept = dict(KEPT.findall(form)) | {"prolonge": "1"}
    assert camille.post("/absence", kept).status_code == 303
    [absence] = away(house)
    assert (absence.id, absence.end) == (1, datetime(2027, 1, 5, 23, tzinfo=UTC))
    assert absence.start == datetime(2026, 12, 23, 23, tzinfo=UTC)


def test_an_absence_can_be_changed_and_keeps_its_number(house: House) -> None:
    camille = house.signed_in()
    camille.post("/absence", CHRISTMAS)
    page = camille.get("/absence?absence=1").text
    assert "Modifier l’absence n° 1" in page
    assert 'value="2026-12-31"' in page
    assert camille.post("/absence", {"absence": "1", "du": "2026-12-28", "au": "2026-12-29"}).status_code == 303
    [absence] = away(house)
    assert (absence.id, absence.end) == (1, datetime(2026, 12, 29, 23, tzinfo=UTC))
    camille.post("/absence", {"du": "2027-02-01", "au": "2027-02-02"})
    overlapping = camille.post("/absence", {"absence": "1", "du": "2026-12-28", "au": "2027-02-01"})
    assert overlapping.status_code == 400


def test_an_absence_that_opens_holes_shows_them_before_it_is_saved(house: House) -> None:
    alix = house.signed_in(ALIX)
    page = alix.post("/absence", {"du": "2026-11-30", "au": "2026-12-01"}).text
    assert "personne ne répondrait" in page
    assert "30 novembre 2026 à 9 h 00" in page
    assert 'value="2026-11-30"' in page
    assert away(house) == ()
    form = page[page.index('id="erreurs"') : page.index("</form>", page.index('id="erreurs"'))]
    assert alix.post("/absence", dict(KEPT.findall(form)) | {"confirme": "1"}).status_code == 303
    assert len(away(house)) == 1


# ---------------------------------------------------------------- for somebody else


def test_a_colleague_of_the_desk_declares_it_for_somebody_ill_and_the_trail_says_who(house: House) -> None:
    camille, dominique = house.signed_in(), id_of(house, DOMINIQUE)
    assert "Dominique Modèle (75)" in camille.get("/absence").text
    page = camille.get(f"/absence?personne={dominique}").text
    assert "Absence de Dominique Modèle" in page
    sent = camille.post("/absence", {"personne": dominique, "jusqu_a": "demain"})
    assert (sent.status_code, sent.location) == (303, f"/absence?personne={dominique}")
    assert "L’absence de Dominique Modèle est enregistrée" in camille.get(sent.location).text
    assert [absence.person for absence in away(house)] == [dominique]
    with reading(house.engine) as connection:
        [line] = connection.execute(select(audit).where(audit.c.what == "réglage absence")).all()
    assert line.by == CAMILLE
    [mail] = letters(house)
    assert mail.to == DOMINIQUE
    assert "Camille vous a déclaré en absence du mardi 24 novembre 2026 à 11 h" in mail.text
    house.clock.advance(minutes=1)
    assert camille.post("/absence/1/retirer", {}).status_code == 303
    [mail] = letters(house)
    assert "Camille a retiré votre absence" in mail.text


def test_the_national_team_speaks_for_everybody_and_a_stranger_for_nobody(house: House) -> None:
    sacha, alix, camille_id = house.signed_in(SACHA), house.signed_in(ALIX), id_of(house, CAMILLE)
    for answer in (
        alix.get(f"/absence?personne={camille_id}"),
        alix.post("/absence", {"personne": camille_id, "jusqu_a": "demain"}),
        alix.get("/absence?personne=personne"),
        alix.get(f"/absence?personne={id_of(house, SACHA)}"),
    ):
        assert answer.status_code == 404
    assert away(house) == ()
    assert sacha.post("/absence", {"personne": camille_id, "jusqu_a": "demain"}).status_code == 303
    for answer in (alix.post("/absence/1/retirer", {}), alix.get("/absence?absence=1")):
        assert answer.status_code == 404
    assert alix.post("/absence", {"absence": "1", "au": "2026-12-02"}).status_code == 404
    assert house.signed_in(DOMINIQUE).post("/absence/1/retirer", {}).status_code == 303


def test_a_stranger_stands_in_for_nobody(house: House) -> None:
    answer = house.signed_in(ALIX).post("/absence", {"au": "2026-12-02", "suppleant": id_of(house, CAMILLE)})
    assert answer.status_code == 400
    assert "Le suppléant doit avoir une ligne dans le même département." in answer.text


# ---------------------------------------------------------------- the suppléant


def test_the_suppleant_is_told_by_mail_and_on_the_page_and_keeps_it_in_the_calendar(house: House) -> None:
    camille, dominique = house.signed_in(), id_of(house, DOMINIQUE)
    camille.post("/absence", CHRISTMAS | {"suppleant": dominique})
    told = "Vous remplacez Camille Exemple du jeudi 24 décembre 2026 au jeudi 31 décembre 2026 inclus"
    assert told in house.signed_in(DOMINIQUE).get("/absence").text
    [first] = letters(house)
    assert (first.to, first.method) == (DOMINIQUE, "REQUEST")
    assert "Vous remplacez Camille Exemple (75 Paris) du jeudi 24 décembre 2026" in first.text
    assert (entry(first).start, entry(first).end) == (date(2026, 12, 24), date(2027, 1, 1))
    assert letters(house) == []
    house.clock.advance(minutes=5)
    camille.post("/absence", {"absence": "1", "du": "2026-12-24", "au": "2026-12-26", "suppleant": dominique})
    [second] = letters(house)
    assert (second.method, entry(second).end) == ("REQUEST", date(2026, 12, 27))
    house.clock.advance(minutes=5)
    camille.post("/absence/1/retirer", {})
    [third] = letters(house)
    assert (third.method, entry(third)["status"]) == ("CANCEL", "CANCELLED")
    assert "Vous ne remplacez plus Camille Exemple" in third.text
    entries = [entry(mail) for mail in (first, second, third)]
    assert len({str(one["uid"]) for one in entries}) == 1
    numbers = [one["sequence"] for one in entries]
    assert numbers == sorted(set(numbers))


def test_a_half_day_stands_in_the_calendar_with_its_hours(house: House) -> None:
    house.signed_in().post("/absence", {"jusqu_a": "demi-journee", "suppleant": id_of(house, DOMINIQUE)})
    [mail] = letters(house)
    assert (entry(mail).start, entry(mail).end) == (house.clock(), datetime(2026, 11, 24, 12, tzinfo=UTC))


def test_what_changed_before_the_mail_left_is_told_as_it_stands(house: House) -> None:
    camille = house.signed_in()
    camille.post("/absence", CHRISTMAS | {"suppleant": id_of(house, DOMINIQUE)})
    house.clock.advance(minutes=1)
    camille.post("/absence", {"absence": "1", "du": "2026-12-28", "au": "2026-12-29"})
    [mail] = letters(house)
    assert (mail.to, mail.method) == (DOMINIQUE, "CANCEL")
    with reading(house.engine) as connection:
        assert connection.scalars(select(deliveries.c.done_at)).all() == [house.clock()]


# ---------------------------------------------------------------- the page


def test_an_absence_that_somebody_else_has_just_taken_back_is_no_longer_there(house: House) -> None:
    """Two clicks at once: the snapshot still shows what the database has lost; the second click is told so."""
    camille = house.signed_in()
    camille.post("/absence", {"jusqu_a": "demain"})
    with writing(house.engine) as connection:
        connection.execute(update(absences).values(deleted_at=house.clock()))
    assert camille.post("/absence/1/retirer", {}).status_code == 404


def test_a_correction_of_the_line_reaches_the_national_team(house: House) -> None:
    camille, national = house.signed_in(), house.signed_in(SACHA)
    assert camille.post("/absence/correction", {"correction": ""}).status_code == 400
    assert camille.post("/absence/correction", {"correction": "Mon <b>nom</b> a changé"}).status_code == 303
    assert "Mon &lt;b&gt;nom" in national.get("/administration/annuaire").text
    national.post("/administration/reponses/propositions/1/regler", {"retour": "annuaire"})
    assert "Mon &lt;b&gt;nom" not in national.get("/administration/annuaire").text


def test_somebody_without_a_line_is_told_so_and_may_still_help_a_colleague(house: House) -> None:
    house.invite("sans@siao.example", "referent", "75")
    browser: Browser = house.signed_in("sans@siao.example")
    page = browser.get("/absence").text
    assert "n’est sur aucune ligne" in page
    assert "Camille Exemple (75)" in page
    assert browser.post("/absence", {"jusqu_a": "demain"}).status_code == 404
