"""Nothing invented reaches production: a start is refused with a sentence, and says what could be safer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from records.database import open_database, writing
from records.in_force.directories import add_directory
from service.cli import run
from service.directory.followed_csv import follow_csv
from service.directory.production import invented_directory, is_invented, sign_in_advice
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings
from tests.service.directories import MOMENT
from tests.support.house import open_house

SAMPLE = Path(__file__).parents[2] / "referents.csv"
REAL = {
    "secret_key": "k7Qm2vX9pL4sW8zR1tY6uB3nC5dF0gHj", "twilio_account_sid": "AC0", "twilio_auth_token": "made-up",
    "public_url": "https://svi.example", "caller_id": "+33199000001",
}  # fmt: skip


def settings_of(folder: Path, **more: object) -> Settings:
    return read_settings(complete=True, var_dir=folder / "var", **(REAL | more))


def test_the_sample_directory_is_refused_and_any_other_is_not(tmp_path: Path) -> None:
    copy = tmp_path / "annuaire.csv"
    shutil.copy(SAMPLE, copy)
    [told] = invented_directory(settings_of(tmp_path, referents_csv=copy))
    assert "annuaire d’exemple" in told
    copy.write_text(SAMPLE.read_text("utf-8").replace("@siao.example", "@exemple.fr", 1000), "utf-8")
    assert invented_directory(settings_of(tmp_path, referents_csv=copy)), "that of the releases before"
    copy.write_text(copy.read_text("utf-8").replace("@exemple.fr", "@siao-du-nord.fr"), "utf-8")
    assert invented_directory(settings_of(tmp_path, referents_csv=copy)) == []
    assert invented_directory(settings_of(tmp_path, referents_csv=tmp_path / "absent.csv")) == []
    assert invented_directory(settings_of(tmp_path, referents_csv=SAMPLE, demo=True)) == []


def test_on_a_new_disk_the_published_directory_is_waited_for_and_the_sample_never_serves(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'kept' / 'svi.sqlite'}"
    (tmp_path / "kept").mkdir()
    open_house(tmp_path / "kept", url).close()
    with_database = settings_of(tmp_path, referents_csv=SAMPLE, database_url=url)
    engine = open_database(url)
    with writing(engine) as connection:
        add_directory(connection, "departement", by="tests", at=MOMENT)
    engine.dispose()
    assert invented_directory(with_database) == []
    assert "celui d’exemple" in str(follow_csv(SnapshotFile(with_database.var_dir), with_database, MOMENT))
    assert SnapshotFile(with_database.var_dir).current() is None
    away = settings_of(tmp_path, referents_csv=SAMPLE, database_url=f"sqlite:///{tmp_path}")
    assert invented_directory(away) == [], "a database that cannot be asked stops no start"


def test_the_directory_that_a_demonstration_has_left_is_refused(tmp_path: Path) -> None:
    house = open_house(tmp_path, f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")
    house.close()
    told = invented_directory(settings_of(tmp_path, referents_csv=tmp_path / "absent.csv"))
    assert [sentence for sentence in told if "celui d’une démonstration" in sentence]
    assert SnapshotFile(tmp_path / "var").current() is not None, "it is named, nothing is deleted"


def test_one_odd_address_does_not_make_a_directory_an_invented_one() -> None:
    assert not is_invented(["a@siao.example", "b@siao-du-nord.fr"])
    assert not is_invented([])


def test_a_start_with_invented_people_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (REAL | {"var_dir": str(tmp_path / "var"), "referents_csv": str(SAMPLE)}).items():
        monkeypatch.setenv(name.upper(), value)
    assert run(["serve"]) == 1
    assert "annuaire d’exemple" in capsys.readouterr().err


def test_links_alone_for_the_national_team_are_spoken_of(tmp_path: Path) -> None:
    assert "préférez totp ou proconnect" in sign_in_advice(settings_of(tmp_path))
    assert sign_in_advice(settings_of(tmp_path, privileged_sign_in="totp")) == ""
    assert sign_in_advice(settings_of(tmp_path, demo=True)) == ""
