"""Heavy work: done apart, taken up again after a crash, one at a time for an account, for its reader alone."""

from __future__ import annotations

import random
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, func, select, update

from records.database import reading, writing
from records.schema.desk_tables import audit
from records.schema.job_tables import heavy_files, heavy_work
from records.schema.tables import calls
from records.working import heavy
from records.working.asked import (
    KEPT_FOR,
    MOST_TRIES,
    MOST_WAITING,
    SENT_KEPT_FOR,
    HeavyWork,
    HouseFull,
    UnderWay,
    WorkState,
)
from records.working.turns import LEASE
from reports.figures.periods import Period
from reports.figures.summary import figures_json, scope_of
from reports.pages import imports, imports_apart
from reports.pages.imports_shown import look_at
from reports.preparing.kinds import IMPORT, WORKBOOK
from reports.preparing.workbook import WorkbookAsked, ask
from service.heavy.child import do
from service.heavy.process import TOO_LONG, HeavyProcess
from service.pages.layout import POLLED
from tests.reports.tables import invent
from tests.reports.tables import store as store_calls
from tests.reports.test_import_pages import FIRST, SAID, SECOND, accepted, fields_of, shown
from tests.reports.workbooks import made_by_hand
from tests.service.waiting import eventually
from tests.support.house import Browser, House, open_house

AUTUMN = Period(date(2026, 9, 1), date(2026, 10, 30))
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SACHA = "sacha@siao.example"
FORM = {"departement": "france", "du": "2026-09-01", "au": "2026-10-30", "pivot": "1"}


@dataclass
class Shop:
    """Where work is asked for and done, at a moment that a test moves; on SQLite the database has no clock."""

    engine: Engine
    now: datetime = NOW

    def ask(self, departement: str | None = None, by: str = SACHA) -> int:
        with writing(self.engine) as connection:
            return ask(connection, WorkbookAsked(departement, AUTUMN, with_pivot=False), by=by, at=self.now)

    def take(self, holder: str = "one") -> HeavyWork | None:
        with writing(self.engine) as connection:
            return heavy.take_next(connection, holder, self.now)

    def one(self, number: int) -> HeavyWork:
        with reading(self.engine) as connection:
            found = heavy.one(connection, number)
        assert found is not None
        return found

    def finish(self, number: int, holder: str = "one") -> bool:
        with writing(self.engine) as connection:
            heavy.add_piece(connection, number, heavy.MADE, 0, b"made")
            return heavy.finish(connection, number, holder, self.now, result={"file": "a.xlsx"}, size=4)

    def forget(self) -> None:
        with writing(self.engine) as connection:
            heavy.forget_old(connection, self.now)

    def pieces(self) -> int:
        with reading(self.engine) as connection:
            return connection.scalar(select(func.count()).select_from(heavy_files)) or 0


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def test_a_work_is_asked_for_done_and_kept_for_some_days(shop: Shop) -> None:
    number = shop.ask()
    assert shop.one(number).state is WorkState.WAITING
    taken = shop.take()
    assert taken is not None
    assert (taken.id, taken.state, taken.percent) == (number, WorkState.UNDER_WAY, 0)
    assert shop.finish(number)
    assert (shop.one(number).state, shop.one(number).percent) == (WorkState.DONE, 100)
    shop.now += KEPT_FOR - timedelta(minutes=1)
    shop.forget()
    assert shop.pieces() == 1
    shop.now += timedelta(minutes=2)
    shop.forget()
    assert shop.pieces() == 0
    with reading(shop.engine) as connection:
        assert heavy.one(connection, number) is None


def test_an_account_has_one_at_a_time_and_asking_again_leads_to_it(shop: Shop) -> None:
    first = shop.ask()
    assert shop.ask() == first
    with pytest.raises(UnderWay) as refused:
        shop.ask("75")
    assert refused.value.work.id == first
    assert shop.ask("75", by="alix@siao.example") != first
    shop.take()
    shop.finish(first)
    assert shop.ask("75") != first


def test_beyond_a_bound_the_house_takes_no_more(shop: Shop) -> None:
    for number in range(MOST_WAITING):
        shop.ask(by=f"compte-{number}@siao.example")
    with pytest.raises(HouseFull, match="rien n’a été commencé"):
        shop.ask()


def test_of_many_processes_at_the_same_instant_one_takes_it(shop: Shop) -> None:
    shop.ask()
    found: list[HeavyWork | None] = []
    ready = threading.Barrier(4)

    def race(name: str) -> None:
        ready.wait()
        found.append(shop.take(name))

    racers = [threading.Thread(target=race, args=[name]) for name in "abcd"]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len([one for one in found if one is not None]) == 1


def test_one_whose_process_died_is_begun_again_and_not_for_ever(shop: Shop) -> None:
    number = shop.ask()
    for _ in range(MOST_TRIES):
        taken = shop.take()
        assert taken is not None
        shop.now += LEASE / 2
        assert shop.take() is None, "it may be alive"
        shop.now += LEASE
    assert shop.take() is None
    assert shop.one(number).state is WorkState.FAILED
    assert "interrompu trois fois" in str(shop.one(number).error)


def test_a_process_that_was_thought_dead_ends_nothing(shop: Shop) -> None:
    number = shop.ask()
    shop.take("slow")
    shop.now += LEASE * 2
    assert shop.take("again") is not None
    with writing(shop.engine) as connection:
        assert not heavy.renew(connection, number, "slow", shop.now)
        assert not heavy.finish(connection, number, "slow", shop.now, result={}, size=None)
        heavy.fail(connection, number, "slow", shop.now, "échec")
    assert shop.one(number).state is WorkState.UNDER_WAY


def test_what_is_stopped_on_purpose_waits_and_it_was_no_try(shop: Shop) -> None:
    number = shop.ask()
    shop.take()
    with writing(shop.engine) as connection:
        heavy.release(connection, number, "one")
    assert (shop.one(number).state, shop.one(number).tries) == (WorkState.WAITING, 0)


def test_how_long_it_may_still_take_is_told_by_what_went_before(shop: Shop) -> None:
    number = shop.ask()
    shop.take()
    assert shop.one(number).left(shop.now) is None, "nothing tells yet"
    with writing(shop.engine) as connection:
        heavy.tell(connection, number, "one", progress=2_000, total=8_000)
    assert shop.one(number).left(shop.now + timedelta(minutes=1)) == timedelta(minutes=3)


def test_a_file_that_was_sent_goes_after_a_day_unless_its_work_waits(shop: Shop) -> None:
    with writing(shop.engine) as connection:
        for account in ("a", "b"):
            number = heavy.ask(connection, IMPORT, {"file": 0}, account=account, at=shop.now)
            heavy.add_piece(connection, number, heavy.SENT, 0, b"sent")
    shop.take()
    shop.finish(1)
    shop.now += SENT_KEPT_FOR + timedelta(minutes=1)
    shop.forget()
    with reading(shop.engine) as connection:
        assert [heavy.has_file(connection, number, heavy.SENT) for number in (1, 2)] == [False, True]


def test_erasing_a_caller_deletes_what_has_whole_numbers(shop: Shop) -> None:
    for departement in ("75", None):
        shop.ask(departement)
        taken = shop.take()
        assert taken is not None
        shop.finish(taken.id)
    under_way = shop.ask("59")
    shop.take("writer")
    with writing(shop.engine) as connection:
        heavy.forget_with_numbers(connection)
    with reading(shop.engine) as connection:
        left = [one.parameters["departement"] for one in heavy.of_account(connection, SACHA, WORKBOOK)]
    assert left == ["59", None]
    assert not shop.finish(under_way, "writer"), "it was read before the number was erased"


# ---------------------------------------------------------------- its process


def process(engine: Engine, folder: Path, code: str, longest: float = 60.0) -> HeavyProcess:
    """A process of heavy work, whose children do what `code` says, for so many seconds at most."""
    command = [sys.executable, "-c", code]
    return HeavyProcess(engine, folder, command=lambda *_: command, heartbeat=0.05, longest=longest)


def run_once(made: HeavyProcess, stop: threading.Event | None = None) -> None:
    made._do_next(stop or threading.Event())


def test_a_child_that_is_killed_is_tried_again_and_then_told_as_a_failure(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number = shop.ask()
    made = process(shop.engine, tmp_path, "import os; os.kill(os.getpid(), 9)")
    for tries in range(1, MOST_TRIES + 1):
        run_once(made)
        assert (shop.one(number).state, shop.one(number).tries) == (WorkState.UNDER_WAY, tries)
    run_once(made)
    assert "interrompu trois fois" in str(shop.one(number).error)


def test_a_child_that_takes_too_long_is_stopped_and_its_reader_told(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number = shop.ask()
    run_once(process(shop.engine, tmp_path, "import time; time.sleep(60)", longest=0.2))
    assert (shop.one(number).state, shop.one(number).error) == (WorkState.FAILED, TOO_LONG)


def test_a_stop_ends_the_child_and_leaves_the_work_to_others(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number, stop = shop.ask(), threading.Event()
    made = process(shop.engine, tmp_path, "import time; time.sleep(60)")
    worker = threading.Thread(target=made.run, args=[stop])
    worker.start()
    eventually(lambda: shop.one(number).state is WorkState.UNDER_WAY)
    stop.set()
    worker.join()
    assert (shop.one(number).state, shop.one(number).tries) == (WorkState.WAITING, 0)


def test_a_long_work_keeps_its_lease(shop: Shop, tmp_path: Path) -> None:
    shop.now = datetime.now(UTC)
    number = shop.ask()
    made = process(shop.engine, tmp_path, "import time; time.sleep(1)")
    worker = threading.Thread(target=run_once, args=[made])
    worker.start()
    eventually(lambda: shop.one(number).leased_until is not None)
    first = shop.one(number).leased_until
    eventually(lambda: shop.one(number).leased_until != first)
    worker.join()


# ---------------------------------------------------------------- the pages


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
