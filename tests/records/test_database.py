"""Both databases: how they are opened, what the migrations make, what a reader and a writer do to each other."""

from __future__ import annotations

import importlib
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import BigInteger, MetaData, column, create_engine, insert, inspect, select, table, text
from sqlalchemy.exc import StatementError

from records.database import DatabaseRefusedError, Engine, is_unreachable, open_database, reading, writing
from records.schema.migrations import is_up_to_date, migrate
from records.schema.tables import facts, tombstones

TABLES = sorted(path.stem for path in Path("records/schema").glob("*tables.py"))


def every_metadata() -> list[MetaData]:
    found = [importlib.import_module(f"records.schema.{name}").metadata for name in TABLES]
    return list({id(one): one for one in found}.values())


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = open_database(database_url)
    migrate(engine)
    with engine.connect() as connection:
        compared = {"compare_type": True, "compare_server_default": True, "include_name": _is_of_the_code}
        context = MigrationContext.configure(connection, opts=compared)
        assert compare_metadata(context, every_metadata()) == []  # type: ignore[arg-type]
    engine.dispose()


def _is_of_the_code(name: str | None, _kind: str, _parents: object) -> bool:
    """Full-text indexes are each database's own, and no tables of the code."""
    return not str(name).startswith(("articles_fts", "ix_articles_search"))


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    engine = open_database(database_url)
    assert not is_up_to_date(engine)
    migrate(engine)
    assert is_up_to_date(engine)
    migrate(engine)
    engine.dispose()


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    """One does it, the others wait or give up with an error that says « later »; nothing is left half-made."""
    engines = [open_database(database_url) for _ in range(4)]
    errors: list[BaseException] = []

    def work(engine: Engine) -> None:
        try:
            migrate(engine)
        except Exception as error:  # noqa: BLE001 - looked at below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(is_unreachable(error) for error in errors)
    assert is_up_to_date(engines[0])
    for engine in engines:
        engine.dispose()


def test_a_migration_behind_an_idle_transaction_gives_up_quickly(empty_postgres: str) -> None:
    engine = open_database(empty_postgres)
    with engine.begin() as connection:
        connection.execute(text("create table alembic_version (version_num varchar(32) primary key)"))
    with engine.connect() as idle:
        idle.execute(text("lock table alembic_version in access exclusive mode"))
        with pytest.raises(Exception, match="lock timeout") as caught:
            migrate(engine)
        assert is_unreachable(caught.value)
    migrate(engine)
    assert is_up_to_date(engine)
    engine.dispose()


# ---------------------------------------------------------------- opening


def test_postgresql_addresses_are_served_by_psycopg_3() -> None:
    for address in ("postgresql://u:p@127.0.0.1/svi", "postgres://u:p@127.0.0.1/svi"):
        engine = open_database(address)
        assert engine.driver == "psycopg"
        assert engine.url.password == "p"


@pytest.mark.parametrize("address", ["mysql://u@127.0.0.1/svi", "not an address", ""])
def test_another_kind_of_database_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(DatabaseRefusedError, match="base de données"):
        open_database(address)


def test_sqlite_is_opened_for_durability_and_for_several_processes(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'svi.sqlite'}")
    with reading(engine) as connection:
        settings = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1}
    engine.dispose()


def test_readers_go_on_while_somebody_writes(engine: Engine) -> None:
    with writing(engine) as writer:
        writer.execute(insert(tombstones).values(call_id="CA1", erased_at=datetime(2026, 1, 1, tzinfo=UTC)))
        with reading(engine) as reader:
            assert reader.scalar(select(text("count(*)")).select_from(tombstones)) == 0
    with reading(engine) as reader:
        assert reader.scalar(select(text("count(*)")).select_from(tombstones)) == 1


def test_a_writer_that_reads_first_is_never_told_that_the_database_is_locked(engine: Engine) -> None:
    """Eight threads each read a counter and write it back one higher; no update is lost, none is refused."""
    with writing(engine) as connection:
        connection.execute(text("create table counter (value integer)"))
        connection.execute(text("insert into counter values (0)"))
    counter = table("counter", column("value"))
    current = select(counter.c.value).with_for_update()

    def count() -> None:
        for _ in range(5):
            with writing(engine) as connection:
                value = connection.execute(current).scalar_one()
                connection.execute(text("update counter set value = :value"), {"value": value + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as connection:
        assert connection.scalar(text("select value from counter")) == 40
    with writing(engine) as connection:
        connection.execute(text("drop table counter"))


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Indian/Reunion"), timezone(timedelta(hours=-9, minutes=-30))])
def test_a_moment_comes_back_aware_and_the_same_whatever_its_zone(engine: Engine, zone: timezone) -> None:
    moment = datetime(2026, 10, 25, 2, 30, 15, 123456, tzinfo=zone)
    with writing(engine) as connection:
        connection.execute(insert(tombstones).values(call_id="CA1", erased_at=moment))
        kept = connection.scalar(select(tombstones.c.erased_at))
        assert connection.scalar(select(tombstones.c.call_id).where(tombstones.c.erased_at == moment)) == "CA1"
    assert kept == moment
    assert kept is not None
    assert kept.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(StatementError, match="time zone"), writing(engine) as connection:
        connection.execute(insert(tombstones).values(call_id="CA1", erased_at=naive))


def test_identities_pass_two_thousand_million(engine: Engine) -> None:
    """A counter of 32 bits once silenced a third of an emergency line."""
    row = {"call": "CA1", "kind": "ended", "n": 0, "who": "", "source": "webhook", "data": "{}"}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with writing(engine) as connection:
        connection.execute(insert(facts).values(id=2**31, at=at, **row))
        assert connection.scalar(select(facts.c.id)) == 2**31
    tables = [table for one in every_metadata() for table in one.tables.values()]
    numbers = [key for one in tables for key in one.primary_key if key.name == "id"]
    assert [key.table.name for key in numbers if not isinstance(key.type, BigInteger)] == []


def test_the_tables_of_a_migrated_sqlite_file_are_there(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    migrate(engine)
    engine.dispose()
    plain = create_engine(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    assert {"facts", "calls", "journal_offsets", "desk_tasks"} <= set(inspect(plain).get_table_names())
    plain.dispose()
