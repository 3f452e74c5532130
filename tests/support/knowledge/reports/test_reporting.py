"""One report an article however many people say it, with an owner and a day; whoever left an address hears once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from records.database import Connection
from records.desks.acting import Acting
from records.mail import Mail
from records.refusals import ChangeRefused, Overtaken
from records.schema.desk_tables import audit
from records.schema.knowledge_tables import article_report_voices, article_reports, articles
from records.schema.tables import deliveries
from support.knowledge.reports.posting import ArticlePost
from support.knowledge.reports.report import About, ArticleReport
from support.knowledge.reports.reporting import about_article, end, said_of, say, take
from support.knowledge.reports.store import open_reports, read_report, voices_of
from support.nomenclature.entries import first_nomenclature
from support.requests.working import USUAL_HOURS
from tests.support.house import Browser, House, Letterbox, open_house

SACHA, CAMILLE, NOOR = "sacha@siao.example", "camille@siao.example", "noor@asso.example"
SITE = "http://127.0.0.1:8000"
KEY = first_nomenclature().entries[0].wording.key
SAYS = {"nature": "obsolete", "texte": "La page a changé.", "email": ""}


@dataclass
class Editors:
    """A house with two articles, and where mails land."""

    house: House
    box: Letterbox

    def acting(self, by: str = SACHA) -> Acting:
        """Somebody at work now."""
        return Acting(self.house.engine, by, self.house.clock(), self.house.accounts.get(by))

    def article(self, connection: Connection, number: int = 1) -> About:
        """What a report on this article is about."""
        found = about_article(connection, number)
        assert found
        return found

    def says(self, email: str = "", *, number: int = 1, is_proved: bool = False, text: str = "Vieux.") -> int:
        """Somebody says that an article is obsolete."""
        acting = self.acting(email or "quelqu’un")
        with acting.writing() as connection:
            about = self.article(connection, number)
            said = said_of(about, "obsolete", text, email, is_proved=is_proved)
            return say(acting, connection, about, said, hours=USUAL_HOURS)

    def waiting(self) -> list[ArticleReport]:
        """The reports that wait."""
        with self.house.writing() as connection:
            return open_reports(connection)

    def send(self) -> list[Mail]:
        """The mails that leave now."""
        self.box.taken.clear()
        ArticlePost(self.house.engine, self.box, self.house.clock).send()
        return self.box.taken

    def stranger(self) -> Browser:
        """A browser of somebody unknown."""
        return Browser(self.house.app.test_client())


def editors_of(folder: Path, database_url: str) -> Editors:
    house = open_house(folder, database_url)
    at = house.clock() - timedelta(days=60)
    with house.writing() as connection:
        for title in ("Créer un compte", "Fermer un <b>compte</b>", "Retiré", "Un autre", "Un dernier"):
            connection.execute(
                insert(articles).values(
                    title=title, address=f"https://base.example/{len(title)}/{title[:1]}", profiles="", summary="",
                    search_text="", added_at=at, changed_at=at, changed_by=SACHA, link_state="unknown",
                    link_failures=0, retired_at=at if title == "Retiré" else None,
                )
            )  # fmt: skip
    return Editors(house, Letterbox())


@pytest.fixture
def editors(tmp_path: Path, database_url: str) -> Iterator[Editors]:
    """On SQLite and on PostgreSQL."""
    made = editors_of(tmp_path, database_url)
    yield made
    made.house.close()


@pytest.fixture
def one_editors(tmp_path: Path) -> Iterator[Editors]:
    """On SQLite alone."""
    made = editors_of(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    yield made
    made.house.close()


def test_however_many_say_it_one_report_stands_open_with_its_day(editors: Editors) -> None:
    numbers = {editors.says(), editors.says(NOOR), editors.says("b@asso.example")}
    assert len(numbers) == 1
    (report,) = editors.waiting()
    assert (report.about.name, report.voices, report.owner) == ("Créer un compte", 3, None)
    assert f"{report.due_at:%Y-%m-%d}" == "2026-12-01", "five open days after Tuesday the 24th of November"
    assert editors.says(number=2) not in numbers
    assert len(editors.waiting()) == 2


def test_whoever_has_signed_in_and_says_it_again_has_changed_his_words(editors: Editors) -> None:
    for text in ("Un.", "Deux."):
        number = editors.says(CAMILLE, is_proved=True, text=text)
    editors.says(CAMILLE, text="Quelqu’un d’autre a tapé cette adresse.")
    with editors.house.writing() as connection:
        found = [voice.text for voice in voices_of(connection, number)]
    assert found == ["Deux.", "Quelqu’un d’autre a tapé cette adresse."]


def test_a_report_that_ended_makes_room_for_a_new_one(editors: Editors) -> None:
    number = editors.says()
    end(editors.acting(), number, state="refused", result="Il est à jour.", site=SITE)
    assert editors.waiting() == []
    assert editors.says() != number
    with editors.house.writing() as connection:
        keys = list(connection.scalars(select(article_reports.c.open_key).order_by(article_reports.c.id)))
    assert keys == [None, "article:1"]


def test_each_address_hears_once_what_became_of_it_and_is_forgotten(editors: Editors) -> None:
    number = editors.says(NOOR, text="<b>Mes mots</b> https://pub.example")
    editors.says(NOOR)
    editors.says(CAMILLE, is_proved=True)
    editors.says()
    assert end(editors.acting(), number, state="done", result="La page est récrite.", site=SITE) == 2
    mails = editors.send()
    assert sorted(mail.to for mail in mails) == [CAMILLE, NOOR]
    for mail in mails:
        assert "La page est récrite." in mail.text
        assert "Mes mots" not in mail.text, "no stranger writes to anybody through us"
        assert "pub.example" not in mail.text
    assert editors.send() == []
    with editors.house.writing() as connection:
        kept = connection.execute(select(article_report_voices, deliveries.c.recipient).outerjoin(
            deliveries, deliveries.c.kind == "article"
        )).all()  # fmt: skip
    assert [row for row in kept if NOOR in str(row)] == []


def test_an_answer_that_cannot_leave_is_tried_again(editors: Editors) -> None:
    number = editors.says(NOOR)
    end(editors.acting(), number, state="done", result="Fait.", site=SITE)
    editors.box.is_away = True
    assert editors.send() == []
    editors.box.is_away = False
    editors.house.clock.advance(minutes=5)
    assert [mail.to for mail in editors.send()] == [NOOR]


def test_nobody_makes_a_mailbox_hear_of_more_than_three_reports_at_once(editors: Editors) -> None:
    for number in (1, 2, 4, 5):
        editors.says(NOOR, number=number)
    with editors.house.writing() as connection:
        kept = list(connection.scalars(select(article_report_voices.c.email).order_by(article_report_voices.c.id)))
    assert kept == [NOOR, NOOR, NOOR, None]
    assert editors.says(NOOR, number=5, is_proved=True)
    with editors.house.writing() as connection:
        assert NOOR in {voice.email for voice in voices_of(connection, 4)}


def test_taking_and_ending_leave_a_trail_and_meet_whoever_was_first(editors: Editors) -> None:
    number = editors.says()
    take(editors.acting(), number)
    assert editors.waiting()[0].owner == SACHA
    end(editors.acting(), number, state="done", result="Fait.", site=SITE)
    for late in (lambda: take(editors.acting(), number), lambda: end(
        editors.acting(), number, state="done", result="Trop tard.", site=SITE
    )):  # fmt: skip
        with pytest.raises(Overtaken):
            late()
    with editors.house.writing() as connection:
        trail = list(connection.scalars(select(audit.c.what).order_by(audit.c.id)))
        report = read_report(connection, number)
    assert trail == ["signalement sur un article", "signalement pris", "signalement traité"]
    assert report
    assert (report.result, report.closed_by) == ("Fait.", SACHA)


@pytest.mark.parametrize(
    ("state", "result", "field"),
    [("open", "Fait.", "etat"), ("", "Fait.", "etat"), ("done", " \n", "resultat"), ("done", "a" * 2001, "resultat")],
)
def test_an_end_without_a_result_is_refused(one_editors: Editors, state: str, result: str, field: str) -> None:
    number = one_editors.says()
    with pytest.raises(ChangeRefused) as refusal:
        end(one_editors.acting(), number, state=state, result=result, site=SITE)
    assert refusal.value.field == field


# ---------------------------------------------------------------- the doors


def test_anybody_reports_an_article_or_a_missing_answer(editors: Editors) -> None:
    browser = editors.stranger()
    assert "Créer un compte" in browser.get("/connaissances/1/signaler").text
    assert browser.post("/connaissances/1/signaler", SAYS | {"email": NOOR}).status_code == 303
    answer = browser.post("/connaissances/manque", {"cle": KEY, "texte": "Rien sur ce sujet."})
    assert answer.status_code == 303, answer.text
    assert "Merci" in browser.get("/connaissances").text
    assert [report.about.open_key for report in editors.waiting()] == ["article:1", f"missing:{KEY}"]
    assert editors.send() == [], "a public page sends nothing by itself"


@pytest.mark.parametrize("number", [3, 99, 2**40])
def test_there_is_no_form_for_an_article_that_does_not_stand(one_editors: Editors, number: int) -> None:
    browser, path = one_editors.stranger(), f"/connaissances/{number}/signaler"
    assert browser.get(path).status_code == 404
    assert browser.post(path, SAYS).status_code == 404


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (SAYS | {"nature": "missing"}, "nature"),
        (SAYS | {"texte": "  "}, "texte"),
        (SAYS | {"texte": "a" * 1001}, "texte"),
        (SAYS | {"email": "noor"}, "email"),
        (SAYS | {"email": f"{NOOR}\nBcc: x@y.example"}, "email"),
        (SAYS | {"texte": "Appelez Madame Durand au 06 39 98 12 34"}, "texte"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    one_editors: Editors, form: dict[str, str], field: str
) -> None:
    answer = one_editors.stranger().post("/connaissances/1/signaler", form)
    assert answer.status_code == 400
    assert f'id="{field}-erreur"' in answer.text
    assert (form["texte"].strip() or form["nature"]) in answer.text
    assert one_editors.waiting() == []


def test_personal_data_is_kept_once_its_author_says_so(one_editors: Editors) -> None:
    form = SAYS | {"texte": "Le 01 99 00 12 34 de la page est faux", "confirmed": "1"}
    assert one_editors.stranger().post("/connaissances/1/signaler", form).status_code == 303


@pytest.mark.parametrize("key", ["", "abc", "\x00", "é" * 300])
def test_a_sous_motif_that_is_none_is_refused(one_editors: Editors, key: str) -> None:
    answer = one_editors.stranger().post("/connaissances/manque", {"cle": key, "texte": "Rien."})
    assert answer.status_code == 400
    assert 'id="cle-erreur"' in answer.text


def test_a_program_that_fills_everything_is_thanked_and_not_heard(one_editors: Editors) -> None:
    answer = one_editors.stranger().post("/connaissances/1/signaler", SAYS | {"site_web": "https://pub.example"})
    assert answer.status_code == 303
    assert one_editors.waiting() == []


def test_a_network_reports_so_often_within_an_hour(one_editors: Editors) -> None:
    browser = one_editors.stranger()
    times = one_editors.house.settings.form_hourly_network + 1
    said = [browser.post("/connaissances/1/signaler", SAYS).status_code for _ in range(times)]
    assert said[-2:] == [303, 429]
    assert one_editors.waiting()[0].voices == times - 1


def test_a_referent_reports_at_his_desk_and_is_answered_at_his_own_address(editors: Editors) -> None:
    browser = editors.house.signed_in(CAMILLE)
    assert "/articles/signaler" in browser.get("/reponses").text
    page = browser.get("/articles/signaler").text
    assert "Créer un compte" in page
    assert "Retiré" not in page
    form = {"article": "1", "nature": "incomplete", "texte": "Il manque une étape.", "repondre": "1"}
    assert browser.post("/articles/signaler", form).status_code == 303
    (report,) = editors.waiting()
    end(editors.acting(), report.id, state="done", result="Fait.", site=SITE)
    assert [mail.to for mail in editors.send()] == [CAMILLE]
    for wrong in ({"article": "3"}, {"article": "9" * 30}, {"article": "²"}):
        assert browser.post("/articles/signaler", form | wrong).status_code == 400


def test_the_national_team_works_them_off_by_their_day(editors: Editors) -> None:
    first = editors.says(NOOR)
    editors.house.clock.advance(days=1)
    editors.says(number=2)
    browser = editors.house.signed_in(SACHA)
    assert "2 signalements à traiter" in browser.get("/administration").text
    page = browser.get("/administration/articles/signalements").text
    assert page.index("Créer un compte") < page.index("Fermer un &lt;b&gt;compte")
    path = f"/administration/articles/signalements/{first}"
    assert browser.post(f"{path}/prendre", {}).status_code == 303
    assert browser.post(f"{path}/terminer", {"etat": "done", "resultat": ""}).status_code == 400
    assert browser.post(f"{path}/terminer", {"etat": "done", "resultat": "C’est récrit."}).status_code == 303
    late = browser.post(f"{path}/terminer", {"etat": "refused", "resultat": "Mes mots tapés."})
    assert late.status_code == 409
    assert "Mes mots tapés." in late.text
    editors.house.clock.advance(days=30)
    browser = editors.house.signed_in(SACHA)
    assert "dont 1 en retard" in browser.get("/administration").text
    assert NOOR not in browser.get(path).text


def test_a_referent_is_no_editor(one_editors: Editors) -> None:
    number = one_editors.says()
    browser = one_editors.house.signed_in(CAMILLE)
    path = f"/administration/articles/signalements/{number}"
    assert {browser.get(one).status_code for one in ("/administration/articles/signalements", path)} == {404}
    assert browser.post(f"{path}/terminer", {"etat": "done", "resultat": "Moi."}).status_code == 404
