"""The trail only grows: the database itself refuses to change or to lose a line, whoever asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update

from records.database import Engine, SQLAlchemyError, open_database, reading, writing
from records.desks.audit import (
    FULL,
    OF_ONE,
    REFUSALS,
    STRANGER,
    WantedLines,
    count_lines,
    note,
    note_refusal,
    read_lines,
)
from records.schema.desk_tables import audit
from records.schema.migrations import migrate

NOW = datetime.now(UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    migrate(made)
    yield made
    made.dispose()


def add(engine: Engine, *, days_ago: float = 0, reference: str = "CA1", by: str = "camille@siao.example") -> None:
    with writing(engine) as connection:
        note(connection, by=by, what="numero", reference=reference, at=NOW - timedelta(days=days_ago))


def lines(engine: Engine) -> list[tuple[str, str, str]]:
    with reading(engine) as connection:
        return [(line.by, line.what, line.reference) for line in read_lines(connection, WantedLines(), at_most=100)]


def refuses(engine: Engine, statement: object) -> bool:
    try:
        with writing(engine) as connection:
            connection.execute(statement)  # type: ignore[call-overload]
    except SQLAlchemyError:
        return True
    return False


@pytest.mark.parametrize(
    "values",
    [
        {"reference": "CA2"},
        {"by": "sacha@siao.example"},
        {"what": "connexion"},
        {"at": NOW - timedelta(days=400)},
        {"reference": "[effacé]"},
        {"by": "[effacé]", "reference": "Camille a tout fait [numéro effacé]"},
    ],
    ids=["about what", "who", "what", "when", "as an erasure", "behind an erasure"],
)
def test_a_line_cannot_be_rewritten(engine: Engine, values: dict[str, object]) -> None:
    add(engine)
    assert refuses(engine, update(audit).values(values))
    assert lines(engine) == [("camille@siao.example", "numero", "CA1")]


def test_a_line_younger_than_half_a_year_cannot_be_deleted_and_an_older_one_can(engine: Engine) -> None:
    add(engine)
    add(engine, days_ago=178, reference="CA2")
    add(engine, days_ago=180, reference="CA3")
    assert refuses(engine, delete(audit))
    assert refuses(engine, delete(audit).where(audit.c.reference == "CA2"))
    assert not refuses(engine, delete(audit).where(audit.c.at < NOW - timedelta(days=179.5)))
    assert [reference for _by, _what, reference in lines(engine)] == ["CA1", "CA2"]


def test_postgresql_refuses_to_empty_the_trail_at_once(empty_postgres: str) -> None:
    engine = open_database(empty_postgres)
    migrate(engine)
    add(engine)
    assert refuses(engine, text("truncate audit"))
    engine.dispose()


def test_who_is_refused_over_and_over_fills_no_disk_and_others_are_still_noted(engine: Engine) -> None:
    with writing(engine) as connection:
        for _ in range(OF_ONE + 20):
            note_refusal(connection, by="camille@siao.example", what="accès refusé", reference="/a", at=NOW)
        note_refusal(connection, by=STRANGER, what="lien inconnu", reference="", at=NOW)
        note_refusal(connection, by="alix@siao.example", what="accès refusé", reference="/a", at=NOW)
    with reading(engine) as connection:
        noted = list(connection.execute(select(audit.c.what).where(audit.c.by == "camille@siao.example")).scalars())
        assert (len(noted), noted.count(FULL)) == (OF_ONE + 1, 1)
        assert count_lines(connection, WantedLines(by="ALIX"), at_most=10) == 1
        assert count_lines(connection, WantedLines(what="lien inconnu"), at_most=10) == 1
    with writing(engine) as connection:
        note_refusal(connection, by="camille@siao.example", what="accès refusé", reference="/b", at=NOW + timedelta(2))
    with reading(engine) as connection:
        assert count_lines(connection, WantedLines(about="/b"), at_most=10) == 1


def test_every_refusal_is_of_those_that_are_counted() -> None:
    product = Path(__file__).parents[2] / "service"
    found = re.compile(r'note_refusal\([^)]*?what="([^"]+)"', re.DOTALL)
    said = {one for path in product.rglob("*.py") for one in found.findall(path.read_text("utf-8"))}
    assert said
    assert said <= set(REFUSALS)


def test_what_somebody_did_lawfully_hides_none_of_his_refusals(engine: Engine) -> None:
    with writing(engine) as connection:
        for _ in range(OF_ONE + 1):
            note(connection, by="camille@siao.example", what="numero", reference="CA1", at=NOW)
        note_refusal(connection, by="camille@siao.example", what="code refusé", reference="second facteur", at=NOW)
    assert ("camille@siao.example", "code refusé", "second facteur") in lines(engine)


def test_lines_are_found_by_who_what_and_when_newest_first(engine: Engine) -> None:
    for days in (1, 5, 9):
        add(engine, days_ago=days, reference=f"CA{days}")
    add(engine, days_ago=5, by="alix@siao.example", reference="50 % de Ça")
    with reading(engine) as connection:
        week = WantedLines(by="camille", start=NOW - timedelta(days=6))
        assert [line.reference for line in read_lines(connection, week, at_most=10)] == ["CA1", "CA5"]
        before = WantedLines(end=NOW - timedelta(days=5, seconds=1))
        assert [line.reference for line in read_lines(connection, before, at_most=10)] == ["CA9"]
        assert [line.by for line in read_lines(connection, WantedLines(about="% de ca"), at_most=10)] == [
            "alix@siao.example"
        ]
        assert [line.reference for line in read_lines(connection, WantedLines(by="camille"), skip=1, at_most=1)] == [
            "CA5"
        ]
