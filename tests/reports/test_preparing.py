"""Workbooks in the background: one at a time whoever writes, taken up again after a crash, for their reader alone."""

from __future__ import annotations

import os
import random
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select, update

from records.database import Connection, reading, writing
from records.schema.desk_tables import audit
from records.schema.report_tables import prepared_workbooks
from reports.figures.periods import Period
from reports.figures.summary import figures_json, scope_of
from reports.preparing import store
from reports.preparing.prepared import KEPT_FOR, MOST_TRIES, SILENT_AFTER, Prepared, PreparedState, PreparingRefused
from reports.preparing.preparing import Writer, ask, forget_numbers, sweep, take_next
from reports.workbook.book import WorkbookContent
from reports.workbook.content import workbook_content
from routing.departements import departements
from service.pages.layout import POLLED
from service.running.working.preparing import write
from tests.reports.counting import ENTRIES
from tests.reports.tables import invent
from tests.reports.tables import store as store_calls
from tests.support.house import House, open_house

AUTUMN = Period(date(2026, 9, 1), date(2026, 10, 30))
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
SACHA = "sacha@siao.example"


def content(connection: Connection, one: Prepared) -> WorkbookContent:
    return workbook_content(
        connection, one.period, departement=departements()[one.departement] if one.departement else None,
        entries=ENTRIES, today=NOW.date(), show_phone=str, with_pivot=one.with_pivot,
    )  # fmt: skip


@dataclass
class Shop:
    """Where workbooks are asked for and written, at a moment that a test moves."""

    engine: Engine
    folder: Path
    now: datetime = NOW
    asked: list[int] = field(default_factory=list)

    def ask(self, departement: str | None = None, by: str = SACHA, period: Period = AUTUMN) -> int:
        with writing(self.engine) as connection:
            return ask(connection, departement, period, with_pivot=False, by=by, at=self.now)

    def take(self) -> Prepared | None:
        return take_next(self.engine, self.now)

    def writer(self) -> Writer:
        return Writer(self.engine, lambda: self.now, self.folder, content)

    def one(self, number: int) -> Prepared:
        with reading(self.engine) as connection:
            found = store.prepared(connection, number)
        assert found is not None
        return found

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*")) if self.folder.exists() else []


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Shop:
    with writing(engine) as connection:
        store_calls(connection, invent(random.Random(4), 200))
    return Shop(engine, tmp_path / "classeurs")


def test_a_workbook_is_asked_for_written_and_kept_for_some_days(shop: Shop) -> None:
    number = shop.ask()
    assert shop.one(number).state is PreparedState.WAITING
    taken = shop.take()
    assert taken is not None
    assert (taken.id, taken.state, taken.percent) == (number, PreparedState.WRITING, 0)
    shop.writer().write(taken)
    done = shop.one(number)
    with reading(shop.engine) as connection:
        counted = figures_json(connection, scope_of(AUTUMN))["nombre_appels"]
    assert (done.state, done.written, done.percent) == (PreparedState.READY, counted, 100)
    assert shop.files() == [done.file]
    path = shop.folder / str(done.file)
    assert path.stat().st_mode & 0o077 == 0
    assert load_workbook(path)["Historique d'appel"]["A1"].value is not None
    shop.now += KEPT_FOR + timedelta(minutes=1)
    sweep(shop.engine, shop.folder, shop.now)
    assert shop.files() == []
    with reading(shop.engine) as connection:
        assert store.prepared(connection, number) is None


def test_one_is_written_at_a_time_whoever_writes(shop: Shop) -> None:
    first, second = shop.ask(), shop.ask(by="alix@siao.example")
    taken = shop.take()
    assert taken is not None
    assert taken.id == first
    assert shop.take() is None, "another machine's worker finds that one is being written"
    shop.writer().write(taken)
    after = shop.take()
    assert after is not None
    assert after.id == second


def test_of_many_workers_at_the_same_instant_one_begins(shop: Shop) -> None:
    for each in "abcd":
        shop.ask(by=each)
    found: list[Prepared | None] = []
    ready = threading.Barrier(4)

    def race() -> None:
        ready.wait()
        found.append(shop.take())

    racers = [threading.Thread(target=race) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len([one for one in found if one is not None]) == 1


def test_one_whose_writer_died_is_begun_again_and_not_for_ever(shop: Shop) -> None:
    number = shop.ask()
    for _ in range(MOST_TRIES):
        taken = shop.take()
        assert taken is not None
        assert taken.id == number
        shop.now += SILENT_AFTER / 2
        assert shop.take() is None, "it may be alive"
        shop.now += SILENT_AFTER
    assert shop.take() is None
    assert shop.one(number).state is PreparedState.FAILED
    assert "interrompue trois fois" in str(shop.one(number).error)


def test_a_writer_that_was_thought_dead_leaves_no_second_file(shop: Shop) -> None:
    shop.ask()
    slow = shop.take()
    shop.now += SILENT_AFTER * 2
    again = shop.take()
    assert slow is not None
    assert again is not None
    shop.writer().write(slow)
    assert shop.one(slow.id).state is PreparedState.WRITING
    assert shop.files() == []
    shop.writer().write(again)
    assert shop.files() == [shop.one(slow.id).file]


def test_a_failure_is_told_and_leaves_nothing(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    number = shop.ask()
    taken = shop.take()
    assert taken is not None

    def broken(_connection: Connection, _one: Prepared) -> WorkbookContent:
        raise ValueError("+33199000001")

    Writer(shop.engine, lambda: shop.now, shop.folder, broken).write(taken)
    found = shop.one(number)
    assert found.state is PreparedState.FAILED
    assert "réessayez" in str(found.error)
    assert "+33" not in str(found.error)
    assert shop.files() == []
    assert "n’a pas pu être écrit" in caplog.text


def test_a_history_too_long_for_a_sheet_is_told_as_such(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.workbook.history.SHEET_LINES", 5)
    number = shop.ask()
    taken = shop.take()
    assert taken is not None
    shop.writer().write(taken)
    assert "Choisissez une période plus courte" in str(shop.one(number).error)


def test_signs_of_life_tell_how_far_it_is(shop: Shop) -> None:
    number, told = shop.ask(), threading.Event()
    taken = shop.take()
    assert taken is not None

    def slow(connection: Connection, one: Prepared) -> WorkbookContent:
        assert told.wait(10)
        return content(connection, one)

    def watch() -> datetime:
        told.set()
        return shop.now + timedelta(seconds=30)

    Writer(shop.engine, watch, shop.folder, slow, told_every=0.01).write(taken)
    assert shop.one(number).told_at == shop.now + timedelta(seconds=30)


def test_the_same_is_asked_for_once_and_a_reader_has_three_at_most(shop: Shop) -> None:
    assert shop.ask() == shop.ask()
    shop.ask("75")
    shop.ask("59")
    with pytest.raises(PreparingRefused, match="déjà en préparation"):
        shop.ask("93")
    assert shop.ask("93", by="alix@siao.example")


def test_erasing_a_caller_deletes_the_workbooks_that_have_whole_numbers(shop: Shop) -> None:
    for departement in ("75", None):
        shop.ask(departement)
        taken = shop.take()
        assert taken is not None
        shop.writer().write(taken)
    shop.ask("59")
    under_way = shop.take()
    assert under_way is not None
    forget_numbers(shop.engine, shop.folder)
    assert len(shop.files()) == 1
    shop.writer().write(under_way)
    assert len(shop.files()) == 1, "it was read before the number was erased"
    again = shop.take()
    assert again is not None
    assert again.id == under_way.id


def test_the_sweep_leaves_what_is_being_written_and_takes_what_nobody_names(shop: Shop) -> None:
    shop.folder.mkdir()
    for name, age in (("9-old.part", 2), ("8-old.xlsx", 2), ("7-new.part", 0)):
        path = shop.folder / name
        path.write_bytes(b"x")
        at = (shop.now - timedelta(days=age)).timestamp()
        os.utime(path, (at, at))
    sweep(shop.engine, shop.folder, shop.now)
    assert shop.files() == ["7-new.part"]


# ---------------------------------------------------------------- the page


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'house.sqlite'}")
    with writing(made.engine) as connection:
        store_calls(connection, invent(random.Random(8), 200))
    yield made
    made.close()


FORM = {"departement": "france", "du": "2026-09-01", "au": "2026-10-30", "pivot": "1"}


def test_the_national_team_asks_watches_and_takes_the_workbook_of_france(house: House) -> None:
    sacha = house.signed_in(SACHA)
    assert "Classeur national consolidé" in sacha.get("/national").text
    assert sacha.post("/resultats/classeurs", FORM).status_code == 303
    page = sacha.get("/resultats/classeurs").text
    assert "En attente de son tour" in page
    assert "Voir où il en est" in page
    assert "<progress" in page
    assert sacha.get("/resultats/classeurs/1.xlsx").status_code == 303
    taken = take_next(house.engine, house.clock())
    assert taken is not None
    with writing(house.engine) as connection:
        store.tell(connection, taken.id, taken.tries, house.clock(), written=3000, expected=40_630)
    said = sacha.get("/resultats/classeurs/suivi", HX_Request="true").text
    assert "En cours : 3 000 sur 40 630 appels" in " ".join(said.split())
    write(house.settings, taken.id)
    shown = sacha.get("/resultats/classeurs/suivi", HX_Request="true").text
    assert "Télécharger" in shown
    assert "hx-trigger" not in shown, "it asks no more"
    answer = sacha.get("/resultats/classeurs/1.xlsx")
    book = load_workbook(BytesIO(answer.data))
    answer.close()
    numbers = [row[0] for row in book["Historique d'appel"].iter_rows(min_row=2, max_col=1, values_only=True) if row[0]]
    assert numbers
    assert re.search(r"Établi le .* à \d\d:\d\d", str(book["Résultats"].oddFooter.right.text))
    assert not any("99 00 00 02" in str(one) for one in numbers), "France's numbers are masked"
    with reading(house.engine) as connection:
        trail = connection.execute(select(audit.c.what, audit.c.by).where(audit.c.reference.like("france %"))).all()
    assert [tuple(row) for row in trail] == [("classeur demandé", SACHA), ("classeur", SACHA)]


def test_nobody_takes_what_another_asked_for_nor_what_he_may_not_read(house: House) -> None:
    house.invite("robin@siao.example", "national")
    sacha, robin, camille = (
        house.signed_in(one) for one in (SACHA, "robin@siao.example", "camille@siao.example")
    )  # fmt: skip
    sacha.post("/resultats/classeurs", FORM)
    taken = take_next(house.engine, house.clock())
    assert taken is not None
    write(house.settings, taken.id)
    for other in (robin, camille):
        assert other.get("/resultats/classeurs/1.xlsx").status_code == 404
        assert "Télécharger" not in other.get("/resultats/classeurs").text
    for departement in ("france", "59", "99"):
        assert camille.post("/resultats/classeurs", FORM | {"departement": departement}).status_code == 404
    with house.writing() as connection:
        connection.execute(update(prepared_workbooks).values(asked_by="camille@siao.example"))
    assert camille.get("/resultats/classeurs/1.xlsx").status_code == 404, "she may not read France"


def test_a_small_workbook_comes_at_once_and_a_large_one_from_the_background(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_watching_is_no_activity() -> None:
    assert "reports.watch_workbooks" in POLLED
