"""The pages of heavy work: a workbook or an import is asked for, watched, decided and taken, apart from requests."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from records.database import reading, writing
from records.schema.desk_tables import audit
from records.schema.job_tables import heavy_work
from records.schema.tables import calls
from records.working import heavy
from records.working.asked import (
    MOST_WAITING,
    HeavyWork,
)
from reports.figures.periods import Period
from reports.figures.summary import figures_json, scope_of
from reports.pages import imports, imports_apart
from reports.pages.imports_shown import look_at
from reports.preparing.kinds import WORKBOOK
from service.heavy.child import do
from service.pages.layout import POLLED
from tests.reports.tables import invent
from tests.reports.tables import store as store_calls
from tests.reports.test_import_pages import FIRST, SAID, SECOND, accepted, fields_of, shown
from tests.reports.workbooks import made_by_hand
from tests.support.house import Browser, House, open_house

AUTUMN = Period(date(2026, 9, 1), date(2026, 10, 30))
SACHA = "sacha@siao.example"
FORM = {"departement": "france", "du": "2026-09-01", "au": "2026-10-30", "pivot": "1"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}")
    with writing(made.engine) as connection:
        store_calls(connection, invent(random.Random(8), 200))
    yield made
    made.close()


def take(house: House, holder: str = "test") -> HeavyWork:
    with writing(house.engine) as connection:
        taken = heavy.take_next(connection, holder, datetime.now(UTC))
    assert taken is not None
    return taken


def done(house: House) -> None:
    """Have the next work done, as its process does."""
    do(house.settings, take(house).id, "test")


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def test_the_national_team_asks_watches_and_takes_the_workbook_of_france(house: House) -> None:
    sacha = house.signed_in(SACHA)
    assert "Classeur national consolidé" in sacha.get("/national").text
    answer = sacha.post("/resultats/classeurs", FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/resultats/travaux/1")
    page = sacha.get("/resultats/travaux/1").text
    assert "En attente de son tour" in page
    assert "Voir où il en est" in page
    assert "<progress" in page
    assert 'aria-live="polite"' in page
    assert sacha.get("/resultats/travaux/1/fichier.xlsx").status_code == 303
    taken = take(house)
    with writing(house.engine) as connection:
        heavy.tell(connection, taken.id, "test", progress=3000, total=40_630)
    watched = sacha.get("/resultats/travaux/1/suivi", HX_Request="true").text
    assert "En cours. 3 000 sur 40 630 appels" in plain(watched)
    mark = re.search(r"suivi\?vu=([\w-]+)", watched)
    assert mark
    assert sacha.get(f"/resultats/travaux/1/suivi?vu={mark[1]}", HX_Request="true").status_code == 204
    do(house.settings, 1, "test")
    shown = sacha.get("/resultats/travaux/1/suivi", HX_Request="true").text
    assert "Télécharger" in shown
    assert "hx-trigger" not in shown, "it asks no more"
    assert "Télécharger" in sacha.get("/resultats/classeurs").text
    answer = sacha.get("/resultats/travaux/1/fichier.xlsx")
    with reading(house.engine) as connection:
        counted = figures_json(connection, scope_of(AUTUMN))["nombre_appels"]
    assert f"{counted} appels" in plain(shown)
    assert answer.headers["Content-Length"] == str(len(answer.data))
    book = load_workbook(BytesIO(answer.data))
    numbers = [row[0] for row in book["Historique d'appel"].iter_rows(min_row=2, max_col=1, values_only=True) if row[0]]
    assert numbers
    assert re.search(r"Établi le .* à \d\d:\d\d", str(book["Résultats"].oddFooter.right.text))
    assert not any("99 00 00 02" in str(one) for one in numbers), "France's numbers are masked"
    with reading(house.engine) as connection:
        trail = connection.execute(select(audit.c.what, audit.c.by).where(audit.c.reference.like("france %"))).all()
    assert [tuple(row) for row in trail] == [("classeur demandé", SACHA), ("classeur", SACHA)]


def test_a_second_work_leads_to_the_one_that_is_under_way(house: House) -> None:
    sacha = house.signed_in(SACHA)
    sacha.post("/resultats/classeurs", FORM)
    answer = sacha.post("/resultats/classeurs", FORM | {"departement": "75"})
    assert answer.headers["Location"] == "/resultats/travaux/1"
    assert "Un de vos travaux longs est déjà en cours" in sacha.get("/resultats/travaux/1").text


def test_beyond_the_bound_of_the_house_the_page_says_when_to_come_back(house: House) -> None:
    with writing(house.engine) as connection:
        for number in range(MOST_WAITING):
            heavy.ask(connection, WORKBOOK, {"n": number}, account=f"{number}@siao.example", at=house.clock())
    answer = house.signed_in(SACHA).post("/resultats/classeurs", FORM)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "Trop de travaux longs" in answer.text


def test_it_survives_signing_out_and_is_seen_by_its_account_alone(house: House) -> None:
    house.invite("robin@siao.example", "national")
    house.signed_in(SACHA).post("/resultats/classeurs", FORM)
    done(house)
    again = house.signed_in(SACHA)
    robin, camille = (house.signed_in(one) for one in ("robin@siao.example", "camille@siao.example"))
    for path in ("", "/fichier.xlsx", "/apercu", "/suivi"):
        assert again.get(f"/resultats/travaux/1{path}", HX_Request="true").status_code in {200, 303}
        for other in (robin, camille):
            assert other.get(f"/resultats/travaux/1{path}", HX_Request="true").status_code == 404
    for departement in ("france", "59", "99"):
        assert camille.post("/resultats/classeurs", FORM | {"departement": departement}).status_code == 404
    with house.writing() as connection:
        connection.execute(update(heavy_work).values(account="camille@siao.example"))
    assert camille.get("/resultats/travaux/1/fichier.xlsx").status_code == 404, "she may not read France"


def test_a_failure_is_told_and_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sacha = house.signed_in(SACHA)
    sacha.post("/resultats/classeurs", FORM)
    monkeypatch.setattr("service.heavy.child.workbook_content", lambda *_, **__: 1 / 0)
    done(house)
    page = sacha.get("/resultats/travaux/1").text
    assert "Le travail a échoué" in page
    assert "Demander un autre classeur" in page
    assert "a échoué" in caplog.text


def test_a_history_too_long_for_a_sheet_is_told_as_such(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.workbook.history.SHEET_LINES", 5)
    sacha = house.signed_in(SACHA)
    sacha.post("/resultats/classeurs", FORM)
    done(house)
    assert "Choisissez une période plus courte" in sacha.get("/resultats/travaux/1").text


def test_a_small_workbook_comes_at_once_and_a_large_one_apart(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    camille = house.signed_in()
    answer = camille.get("/resultats/classeur.xlsx?departement=75&du=2026-09-01&au=2026-10-30")
    assert answer.status_code == 200
    answer.close()
    monkeypatch.setattr("reports.pages.results.DIRECT_ROWS", 10)
    answer = camille.get("/resultats/classeur.xlsx?departement=75&du=2026-09-01&au=2026-10-30")
    assert answer.headers["Location"].startswith("/resultats/classeurs?departement=75&du=2026-09-01")
    assert "Ce classeur est grand" in camille.get(answer.headers["Location"]).text
    answer = camille.get("/resultats/classeur.xlsx?departement=75&du=2026-09-01&au=2026-10-30&pivot=oui")
    page = camille.get(answer.headers["Location"]).text
    assert re.search(r'name="pivot"[^>]* checked', page), "what was asked for on the other page is kept"


def test_the_workbook_of_france_is_never_written_inside_a_request(house: House) -> None:
    answer = house.signed_in(SACHA).get("/resultats/classeur.xlsx?departement=france&du=2026-09-01&au=2026-09-02")
    assert answer.headers["Location"].startswith("/resultats/classeurs?departement=france")


def test_watching_is_no_activity() -> None:
    assert "reports.watch_work" in POLLED


# ---------------------------------------------------------------- a file to import


@pytest.fixture
def heavily(house: House, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A browser in a house where every file is more than a moment's work."""
    monkeypatch.setattr(imports, "is_light", lambda _content: False)
    return house.signed_in()


def sent(browser: Browser, content: bytes) -> str:
    """The page to which a file that was sent leads."""
    data = {"csrf_token": browser.token(), "departement": "75", "classeur": (BytesIO(content), "suivi.xlsx")}
    return str(browser.client.post("/resultats/import", data=data).headers["Location"])


def imported(house: House) -> int:
    """Calls of the two lines of these tests: no invented call has their days."""
    with reading(house.engine) as connection:
        days = calls.c.local_date.between(date(2025, 5, 2), date(2025, 5, 3))
        return connection.scalar(select(func.count()).where(calls.c.source == "import", days)) or 0


def test_a_large_import_is_shown_decided_and_done_apart(house: House, heavily: Browser) -> None:
    waits = sent(heavily, made_by_hand(FIRST, SECOND))
    assert "Aperçu de l’import : « suivi.xlsx »" in plain(heavily.get(waits).text)
    done(house)
    assert "Voir ce que l’import changerait" in heavily.get(waits).text
    page = heavily.get(f"{waits}/apercu").text
    assert "2 appels à ajouter" in plain(page)
    answer = heavily.post("/resultats/import/confirmer", fields_of(page))
    done(house)
    assert "2 appels ajoutés" in plain(heavily.get(answer.headers["Location"]).text)
    assert imported(house) == 2
    with reading(house.engine) as connection:
        assert not heavy.has_file(connection, 1, heavy.SENT), "the file is erased once it is imported"
        assert connection.scalar(select(func.count()).where(audit.c.what == "classeur importé")) == 1


def test_an_import_whose_work_another_has_taken_is_recorded_by_that_one_alone(
    house: House, heavily: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorded and not noted as done, it would be begun again, and would say that nothing was recorded."""
    waits = sent(heavily, made_by_hand(FIRST, SECOND))
    done(house)
    answer = heavily.post("/resultats/import/confirmer", fields_of(heavily.get(f"{waits}/apercu").text))
    work = take(house).id

    def slowly(*asked: Any) -> Any:
        with writing(house.engine) as connection:
            connection.execute(update(heavy_work).where(heavy_work.c.id == work).values(holder="another"))
        return look_at(*asked)

    with monkeypatch.context() as late:
        late.setattr(imports_apart, "look_at", slowly)
        do(house.settings, work, "test")
    assert imported(house) == 0
    do(house.settings, work, "another")
    assert "2 appels ajoutés" in plain(heavily.get(answer.headers["Location"]).text)
    assert imported(house) == 2


def test_what_is_refused_is_told_and_its_lines_are_given_to_be_corrected(house: House, heavily: Browser) -> None:
    odd = (*FIRST[:4], "Un thème", "Un motif", "Un sous-motif", *FIRST[7:])
    waits = sent(heavily, made_by_hand(odd, SECOND))
    done(house)
    page = heavily.get(f"{waits}/apercu").text
    answer = heavily.post("/resultats/import/confirmer", fields_of(page))
    done(house)
    again = heavily.get(f"{answer.headers['Location']}/apercu").text
    assert "rien n'a été importé" in unescape(again)
    assert imported(house) == 0
    answer = heavily.post("/resultats/import/refusees.xlsx", fields_of(again))
    done(house)
    file = heavily.get(f"{answer.headers['Location']}/fichier.xlsx")
    assert load_workbook(BytesIO(file.data))["Historique d'appel"].max_row == 2
    answer = heavily.post("/resultats/import/confirmer", {**fields_of(again), "ignorer": "1"})
    done(house)
    assert "1 appel ajouté" in plain(heavily.get(answer.headers["Location"]).text)


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(house: House, heavily: Browser) -> None:
    wide = (";".join([*(f"c{n}" for n in range(5_000))]) + "\n").encode()
    waits = sent(heavily, wide * 2)
    done(house)
    page = plain(heavily.get(waits).text)
    assert "cellules remplies" in page
    assert "Rien n’a été importé" in page


def test_nobody_goes_on_with_the_file_of_another(house: House, heavily: Browser) -> None:
    waits = sent(heavily, made_by_hand(FIRST))
    done(house)
    page = heavily.get(f"{waits}/apercu").text
    sacha = house.signed_in(SACHA)
    fields = fields_of(page)
    del fields["csrf_token"]
    assert sacha.post("/resultats/import/confirmer", fields).status_code == 404


def test_a_file_that_is_gone_is_told(house: House, heavily: Browser) -> None:
    waits = sent(heavily, made_by_hand(FIRST))
    done(house)
    page = heavily.get(f"{waits}/apercu").text
    with writing(house.engine) as connection:
        heavy.forget_file(connection, 1, heavy.SENT)
    answer = heavily.post("/resultats/import/confirmer", fields_of(page))
    done(house)
    assert "choisissez-le de nouveau" in heavily.get(answer.headers["Location"]).text


def test_the_usual_workbook_of_a_referent_is_shown_at_once(house: House) -> None:
    camille = house.signed_in()
    lines = [(f"01 99 00 {n // 100:02d} {n % 100:02d}", "02/05/2025", 240 + n, None, *SAID) for n in range(400)]
    page = shown(camille, made_by_hand(*lines))
    assert "400 appels à ajouter" in plain(page)
    assert accepted(camille, page) == 303


def test_many_lines_are_left_to_the_other_process(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.importing.intake.DIRECT_LINES", 1)
    assert sent(house.signed_in(), made_by_hand(FIRST, SECOND)) == "/resultats/travaux/1"


def test_a_million_columns_are_left_to_the_other_process_unread(house: House) -> None:
    assert sent(house.signed_in(), b"Date;" + b"x;" * 1_000_000) == "/resultats/travaux/1"
