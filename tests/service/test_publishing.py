"""Which directory serves: the published one, else the CSV; a bad file replaces nothing; every change reaches calls."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from records.database import Engine, open_database, reading, writing
from records.desks.acting import Acting
from records.in_force.directories import directory_history, latest_version
from records.in_force.rules import RuleKind, add_rule, remove_rule
from records.schema.migrations import migrate
from records.schema.tables import directory_versions
from routing.calendar.public_holidays import holiday_on
from routing.directory.reading import DirectoryRefused
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.directory.followed_csv import follow_csv
from service.directory.publishing import DirectoryKeeper, publish_directory, refresh_rules
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings
from tests.service.directories import CSV, MOMENT

OTHER = CSV.replace("Delorme", "Benali")
BAD = CSV.replace("01 99 00 75 01", "0899 00 00 00")


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    csv = tmp_path / "referents.csv"
    csv.write_text(CSV, encoding="utf-8")
    return read_settings(demo=True, var_dir=tmp_path / "var", referents_csv=csv, database_url=database_url)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings.database_url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def keeper(settings: Settings) -> DirectoryKeeper:
    return DirectoryKeeper(SnapshotFile(settings.var_dir), settings)


def serving(settings: Settings) -> Snapshot:
    found = SnapshotFile(settings.var_dir).current()
    assert found is not None
    return found


def names(settings: Settings) -> set[str]:
    return {person.nom for person in serving(settings).people}


def publish(engine: Engine, settings: Settings, text: str) -> Snapshot:
    return publish_directory(Acting(engine, "essai", MOMENT), settings, text.encode())


def test_on_an_empty_database_the_csv_serves(engine: Engine, settings: Settings, keeper: DirectoryKeeper) -> None:
    keeper.keep(engine, MOMENT)
    assert (serving(settings).version, names(settings)) == (0, {"Delorme", "Roussel"})


def test_a_changed_csv_is_followed_until_a_version_is_published(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper
) -> None:
    keeper.keep(engine, MOMENT)
    settings.referents_csv.write_text(OTHER, encoding="utf-8")
    keeper.keep(engine, MOMENT)
    assert "Benali" in names(settings)


def test_a_changed_csv_only_warns_once_a_version_is_published(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    """A deploy must never put sample numbers on the line (decision 23)."""
    publish(engine, settings, CSV)
    keeper.keep(engine, MOMENT)
    assert not caplog.records
    settings.referents_csv.write_text(OTHER, encoding="utf-8")
    keeper.keep(engine, MOMENT)
    assert (serving(settings).version, "Benali" in names(settings)) == (1, False)
    assert "n’est plus suivi" in caplog.text


def test_a_new_machine_serves_the_published_version_not_the_csv(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper
) -> None:
    publish(engine, settings, OTHER)
    (settings.var_dir / "snapshot.json").unlink()
    for copy in (settings.var_dir / "snapshots").iterdir():
        copy.unlink()
    keeper.keep(engine, MOMENT)
    assert (serving(settings).version, "Benali" in names(settings)) == (1, True)


def test_a_published_version_serves_at_once_and_is_on_record(engine: Engine, settings: Settings) -> None:
    assert publish(engine, settings, CSV).version == 1
    assert publish(engine, settings, OTHER).version == 2
    assert names(settings) == {"Benali", "Roussel"}
    with reading(engine) as connection:
        assert [(one.version, one.published_by) for one in directory_history(connection)] == [
            (2, "essai"),
            (1, "essai"),
        ]


def test_two_who_publish_at_once_are_both_on_record_and_the_last_one_serves(engine: Engine, settings: Settings) -> None:
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda text: publish(engine, settings, text).version, [CSV, OTHER] * 4))
    assert sorted(done) == list(range(1, 9))
    assert serving(settings).version == 8
    with reading(engine) as connection:
        newest = directory_history(connection)[0]
    assert ("Benali" in newest.csv) == ("Benali" in names(settings))


def test_a_bad_file_replaces_nothing(engine: Engine, settings: Settings) -> None:
    publish(engine, settings, CSV)
    with pytest.raises(DirectoryRefused):
        publish(engine, settings, BAD)
    with reading(engine) as connection:
        assert latest_version(connection) == 1
    assert names(settings) == {"Delorme", "Roussel"}


def test_a_bad_csv_leaves_the_last_good_one_in_service(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper, caplog: pytest.LogCaptureFixture
) -> None:
    keeper.keep(engine, MOMENT)
    settings.referents_csv.write_text(BAD, encoding="utf-8")
    for _ in range(3):
        keeper.keep(engine, MOMENT)
    assert names(settings) == {"Delorme", "Roussel"}
    assert caplog.text.count("est refusé, le dernier bon continue") == 1


def test_a_crash_between_database_and_file_is_mended(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper
) -> None:
    """Another machine, or a process killed half-way, has committed: the clerk brings the file up to it."""
    publish(engine, settings, CSV)
    old = (settings.var_dir / "snapshot.json").read_bytes()
    publish(engine, settings, OTHER)
    (settings.var_dir / "snapshot.json").write_bytes(old)
    keeper.keep(engine, MOMENT)
    assert (serving(settings).version, "Benali" in names(settings)) == (2, True)


def test_another_file_that_has_the_number_of_the_one_in_service_is_noticed(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper
) -> None:
    """A restore gives the numbers again: to a machine whose clerk went on, and to one that starts anew."""
    publish(engine, settings, CSV)
    keeper.keep(engine, MOMENT)
    told = (settings.var_dir / "snapshot.json").read_bytes()
    later = update(directory_versions).values(csv=OTHER, published_at=MOMENT + timedelta(hours=1))
    with writing(engine) as connection:
        connection.execute(later)
    keeper.keep(engine, MOMENT)
    assert (serving(settings).version, "Benali" in names(settings)) == (1, True)
    (settings.var_dir / "snapshot.json").write_bytes(told)
    DirectoryKeeper(SnapshotFile(settings.var_dir), settings).keep(engine, MOMENT)
    assert "Benali" in names(settings)


def test_nothing_is_written_while_nothing_changes(engine: Engine, settings: Settings, keeper: DirectoryKeeper) -> None:
    keeper.keep(engine, MOMENT)
    before = (settings.var_dir / "snapshot.json").stat().st_ino
    keeper.keep(engine, MOMENT)
    assert (settings.var_dir / "snapshot.json").stat().st_ino == before


def test_what_is_set_and_taken_away_reaches_the_next_call(engine: Engine, settings: Settings) -> None:
    publish(engine, settings, CSV)
    with writing(engine) as connection:
        values = {"departement": "75", "to": "*", "when": "closed"}
        number = add_rule(connection, RuleKind.OVERFLOW, values, by="essai", at=MOMENT)
    refresh_rules(engine, settings, MOMENT)
    assert [(one.departement, one.to) for one in serving(settings).rules.overflows] == [("75", "*")]
    with writing(engine) as connection:
        assert remove_rule(connection, RuleKind.OVERFLOW, number, at=MOMENT)
        assert not remove_rule(connection, RuleKind.OVERFLOW, number, at=MOMENT)
    refresh_rules(engine, settings, MOMENT)
    assert not serving(settings).rules.overflows


def test_a_snapshot_of_before_the_switch_keeps_the_own_days_of_today_once_the_clerk_has_looked(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper
) -> None:
    publish(engine, settings, CSV)
    made = serving(settings)
    SnapshotFile(settings.var_dir).write(replace(made, rules=Rules(usage_holidays=frozenset())))
    assert holiday_on("988", date(2027, 9, 24), serving(settings).rules.usage_holidays) is None
    keeper.keep(engine, MOMENT)
    assert holiday_on("988", date(2027, 9, 24), serving(settings).rules.usage_holidays) == "Fête de la Citoyenneté"


def test_the_newest_message_of_a_departement_holds(engine: Engine, settings: Settings) -> None:
    publish(engine, settings, CSV)
    with writing(engine) as connection:
        for text in ("Ancien", "Nouveau"):
            values = {"departement": "75", "reason": None, "text": text, "audio": None}
            add_rule(connection, RuleKind.MESSAGE, values, by="essai", at=MOMENT)
    refresh_rules(engine, settings, MOMENT)
    assert [one.text for one in serving(settings).rules.messages] == ["Nouveau"]


def test_without_a_database_a_csv_is_followed_while_nothing_was_published(settings: Settings) -> None:
    file = SnapshotFile(settings.var_dir)
    assert follow_csv(file, settings, MOMENT) is None
    settings.referents_csv.unlink()
    assert "illisible" in str(follow_csv(file, settings, MOMENT))
    assert names(settings) == {"Delorme", "Roussel"}


def test_the_clerk_follows_the_csv_while_the_database_is_away(settings: Settings, keeper: DirectoryKeeper) -> None:
    keeper.keep_alone(MOMENT)
    assert SnapshotFile(settings.var_dir).current() is None, "a new machine waits for what is published"
    assert follow_csv(SnapshotFile(settings.var_dir), settings, MOMENT) is None
    settings.referents_csv.write_text(OTHER, encoding="utf-8")
    keeper.keep_alone(MOMENT)
    assert "Benali" in names(settings)


def test_a_published_directory_stays_while_the_database_is_away(
    engine: Engine, settings: Settings, keeper: DirectoryKeeper
) -> None:
    publish(engine, settings, CSV)
    settings.referents_csv.write_text(OTHER, encoding="utf-8")
    keeper.keep_alone(MOMENT)
    assert (serving(settings).version, "Benali" in names(settings)) == (1, False)
