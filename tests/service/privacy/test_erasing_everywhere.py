"""A number is erased from everything, by command, in any writing; nothing brings back what it did before."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from records.calls.ledger import record, refold
from records.database import open_database, reading, writing
from records.facts import Fact, FactKind
from records.privacy.erased import all_erased
from records.schema.desk_tables import audit, qualifications
from records.schema.tables import calls, deliveries, metadata
from routing.departements import PARIS, timezone_of
from service.clock import now
from service.privacy.erasing import forget_again
from service.settings import read_settings
from service.wiring.memory import caller_memory, fingerprint_by
from tests.service.privacy.conftest import Typed

CALLER, DIGITS = "+33639981234", "639981234"
WAYS = (
    "06 39 98 12 34",
    "+33 6.39.98.12.34",
    "0033 6 39 98 12 34",
    "06/39/98/12/34",
    "O6 39 98 12 34",
    "(06) 39981234",
)


def came_in(database_url: str, *heard: Fact) -> None:
    engine = open_database(database_url)
    settings = read_settings()
    with writing(engine) as connection:
        touched = record(connection, heard, origin="tests", at=now())
        prints = fingerprint_by(caller_memory(settings))
        refold(connection, touched, timezone_of=timezone_of, at=now(), fingerprint=prints)
    engine.dispose()


def a_call(call_id: str, caller: str | None = CALLER, *, ago: timedelta = timedelta(days=2)) -> list[Fact]:
    at = now() - ago
    ended = {"status": "completed", "seconds": 60, "caller": caller, "dialled": "+33199000000"}
    return [
        Fact(call_id, FactKind.ARRIVED, 0, at, "", {"caller": caller, "dialled": "+33199000000"}),
        Fact(call_id, FactKind.DEPARTEMENT_GIVEN, 2, at, "", {"departement": "75", "by": "keypad"}),
        Fact(call_id, FactKind.ENDED, 0, at + timedelta(minutes=1), "", ended),
    ]


def everything(database_url: str) -> str:
    engine = open_database(database_url)
    with reading(engine) as connection:
        found = "\n".join(str(row) for one in metadata.sorted_tables for row in connection.execute(select(one)))
    engine.dispose()
    return found


@pytest.mark.parametrize("way", WAYS)
def test_a_number_is_erased_however_it_is_typed(typed: Typed, database_url: str, way: str) -> None:
    came_in(database_url, *a_call("CA1"))
    status, told, errors = typed("erase", way, "--json")
    assert status == 0, errors
    assert json.loads(told)["calls"] == 1
    assert DIGITS not in everything(database_url)


def test_what_is_no_number_is_refused_in_french(typed: Typed) -> None:
    status, _, errors = typed("erase", "la dame de jeudi")
    assert status == 1
    assert "« la dame de jeudi » n’est pas un numéro de téléphone" in errors


def test_a_number_typed_and_denied_by_somebody_who_withheld_his_is_found_in_the_facts(
    typed: Typed, database_url: str
) -> None:
    at = now() - timedelta(days=2)
    keys = Fact("CA1", FactKind.PRESSED, 4, at, "", {"step": "number", "keys": f"0{DIGITS}"})
    number = Fact("CA1", FactKind.CALLBACK_TYPED, 4, at, "", {"number": CALLER})
    denied = Fact("CA1", FactKind.CALLBACK_DENIED, 5, at, "", {"of": 4})
    came_in(database_url, *a_call("CA1", None), keys, number, denied, *a_call("CA2", "+33639985678"))
    known = json.loads(typed("person", CALLER, "--json")[1])
    assert [one["call_id"] for one in known["calls"]] == ["CA1"]
    assert json.loads(typed("erase", CALLER, "--json")[1])["calls"] == 1
    assert DIGITS not in everything(database_url)
    assert "+33639985678" in everything(database_url)


def test_the_trail_says_who_erased_and_who_asked_without_the_number(typed: Typed, database_url: str) -> None:
    came_in(database_url, *a_call("CA1"))
    typed("person", CALLER)
    typed("erase", CALLER)
    engine = open_database(database_url)
    with reading(engine) as connection:
        lines = [(row.what, row.reference) for row in connection.execute(select(audit).order_by(audit.c.id))]
    engine.dispose()
    assert [what for what, _ in lines] == ["droit d’accès : numéro consulté", "numéro effacé"]
    assert all("06 39 •• •• 34" in reference for _, reference in lines)


def test_mails_that_have_left_are_named_in_the_proof_and_backups_explained(typed: Typed, database_url: str) -> None:
    came_in(database_url, *a_call("CA1"))
    engine = open_database(database_url)
    with writing(engine) as connection:
        connection.execute(insert(deliveries).values(
            dedupe_key="notice:1", kind="notice", reference="callback:CA1", recipient="anne@siao.example",
            created_at=now(), tries=1, done_at=now(),
        ))  # fmt: skip
    engine.dispose()
    _, told, _ = typed("erase", CALLER)
    day = now().strftime("%d/%m/%Y")
    assert f"message ou rappel, à anne@siao.example, le {day}." in told
    assert "Les sauvegardes le gardent jusqu’à leur fin ; une restauration l’efface de nouveau." in told


def test_the_same_old_workbook_does_not_bring_an_erased_number_back(
    typed: Typed, database_url: str, tmp_path: Path
) -> None:
    """Neither on the call it had, nor as another call; a line of a day after the erasure is a new contact."""
    typed("demo", "data", "--calls", "40", "--seed", "5")
    engine = open_database(database_url)
    with reading(engine) as connection:
        row = connection.execute(select(calls.c.call_id, calls.c.local_date, calls.c.departement).join_from(
            calls, qualifications, qualifications.c.call_id == calls.c.call_id
        ).where(calls.c.outcome == "answered", calls.c.departement.is_not(None)).limit(1)).one()  # fmt: skip
    with writing(engine) as connection:
        connection.execute(calls.update().where(calls.c.call_id == row.call_id).values(caller=CALLER))
    book = tmp_path / "ancien.xlsx"
    since, until = str(row.local_date - timedelta(days=1)), str(now().astimezone(PARIS).date())
    where = ("--departement", row.departement)
    assert typed("export", "workbook", *where, "--from", since, "--to", until, "--out", str(book))[0] == 0
    assert typed("erase", CALLER)[0] == 0
    read = load_workbook(book)
    sheet = next(one for one in read.worksheets if one.title.startswith("Historique"))
    for line in sheet.iter_rows():
        for cell in line:
            if cell.column > 10:
                cell.value = None  # as somebody who copies it: no hidden column names the call
    copy = tmp_path / "copie.xlsx"
    read.save(copy)
    with reading(engine) as connection:
        before = len(connection.execute(select(calls.c.call_id)).all())
    for file in (book, copy):
        status, told, errors = typed("import", "workbook", str(file), *where, "--as-new", "--skip-refused")
        assert status == 0, told + errors
    with reading(engine) as connection:
        after = len(connection.execute(select(calls.c.call_id)).all())
    engine.dispose()
    assert DIGITS not in everything(database_url)
    assert after == before


def test_a_restored_database_is_told_of_what_was_erased_since(typed: Typed, database_url: str) -> None:
    """The file beside the database knows; calls since the erasure stay."""
    came_in(database_url, *a_call("CA1"))
    typed("erase", CALLER)
    came_in(database_url, *a_call("CA3", ago=timedelta(seconds=-120)))
    engine = open_database(database_url)
    with writing(engine) as connection:  # what a restore brings back
        connection.execute(calls.update().where(calls.c.call_id == "CA1").values(caller=CALLER))
        for table in ("erased_numbers", "tombstones"):
            connection.execute(metadata.tables[table].delete())
    assert forget_again(read_settings(), engine, now()) == 1
    with reading(engine) as connection:
        kept = {row.call_id: row.caller for row in connection.execute(select(calls.c.call_id, calls.c.caller))}
        assert len(all_erased(connection)) == 1
    assert kept == {"CA1": None, "CA3": CALLER}
    assert forget_again(read_settings(), engine, now()) == 0
    engine.dispose()


def test_all_that_is_known_is_told_to_a_machine_and_as_a_text_to_send(typed: Typed, database_url: str) -> None:
    came_in(database_url, *a_call("CA1"))
    engine = open_database(database_url)
    with writing(engine) as connection:
        connection.execute(insert(qualifications).values(
            call_id="CA1", version=1, thematique="T", motif="M", sous_motif="S", niveau="1",
            comment="Rappeler le 06 39 98 12 34.", by="a@siao.example", at=now(),
        ))  # fmt: skip
    engine.dispose()
    status, told, errors = typed("person", "06 39 98 12 34", "--json")
    assert status == 0, errors
    known = json.loads(told)
    assert [call["call_id"] for call in known["calls"]] == ["CA1"]
    assert [text["text"] for text in known["texts"]] == ["Rappeler le 06 39 98 12 34."]
    assert len(known["facts"]) == 3
    status, told, _ = typed("person", "06 39 98 12 34")
    assert status == 0
    assert "Commentaire libre d’un appel" in told
    assert "« Rappeler le 06 39 98 12 34. »" in told
    assert "aucun appel" in typed("person", "06 39 98 00 00")[1]
