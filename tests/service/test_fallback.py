"""The static bundle on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from service.running.fallback import StandbyKeeper, build_fallback, fallback_prefix
from service.settings import Settings, SettingsRefused, read_settings
from tests.service.directories import person, snapshot


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(demo=True, var_dir=tmp_path / "var", fallback_url="https://secours.example/svi")


def test_the_bundle_is_built_once_and_again_when_a_number_changes(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "secours"
    assert build_fallback(snapshot(1), settings, folder) is True
    assert build_fallback(snapshot(1), settings, folder) is False
    assert build_fallback(snapshot(1, replace(person(), phone="+33199007599")), settings, folder) is True
    paris = folder / fallback_prefix(settings.secret) / "75.xml"
    assert "+33199007599" in paris.read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"secours", "var"}


def test_the_files_with_numbers_are_under_a_name_that_nobody_can_guess(settings: Settings, tmp_path: Path) -> None:
    build_fallback(snapshot(1), settings, tmp_path / "secours")
    open_files = [path for path in (tmp_path / "secours").iterdir() if path.is_file()]
    assert all("+331990075" not in path.read_text() for path in open_files)
    other = settings.model_copy(update={"secret_key": type(settings.secret_key)("another")})
    assert fallback_prefix(settings.secret) != fallback_prefix(other.secret)


def test_the_note_names_the_addresses_to_set_at_the_operator(settings: Settings, tmp_path: Path) -> None:
    build_fallback(snapshot(4), settings, tmp_path / "secours")
    note = (tmp_path / "secours" / "LISEZMOI.txt").read_text()
    assert "https://secours.example/svi/entree.xml" in note
    assert "{{Digits}}" in note
    assert "version 4" in note


def test_a_folder_that_holds_something_else_is_left_alone(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").write_text("precious")
    with pytest.raises(FileExistsError, match="autre chose"):
        build_fallback(snapshot(1), settings, tmp_path / "mine")
    assert (tmp_path / "mine" / "photo.jpg").read_text() == "precious"


def test_without_an_address_the_whole_folder_may_be_served_anywhere(tmp_path: Path) -> None:
    settings = read_settings(demo=True, var_dir=tmp_path / "var")
    build_fallback(snapshot(1), settings, tmp_path / "secours")
    texts = [path.read_text() for path in (tmp_path / "secours").rglob("*.xml")]
    assert not any("http" in text for text in texts)


def test_a_hosted_switch_without_the_address_of_the_files_is_refused_by_name(tmp_path: Path) -> None:
    settings = read_settings(demo=True, var_dir=tmp_path / "var", fallback_switch_url="https://blancs.example/s")
    with pytest.raises(SettingsRefused, match="FALLBACK_URL"):
        build_fallback(snapshot(1), settings, tmp_path / "secours")


def test_a_changed_directory_is_built_again_without_keeping_the_clerk_waiting(settings: Settings) -> None:
    serving = [snapshot(1)]
    keeper = StandbyKeeper(lambda: serving[0], settings)
    for version in (1, 2):
        serving[0] = snapshot(version)
        keeper.keep()
        keeper.wait()
        assert f"version {version}" in (settings.fallback_dir / "LISEZMOI.txt").read_text()
