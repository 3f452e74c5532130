"""Settings are read once and whole; what is wrong or missing is named, one sentence each."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from service.settings import REQUIRED, Settings, SettingsRefused, read_settings, settings_table

COMPLETE = {
    "secret_key": "a-made-up-secret-of-forty-letters-or-so",
    "twilio_account_sid": "AC0",
    "twilio_auth_token": "made-up",
    "public_url": "https://svi.example",
    "caller_id": "+33199000001",
}


def refused(**values: object) -> list[str]:
    with pytest.raises(SettingsRefused) as refusal:
        read_settings(**values)  # type: ignore[arg-type]
    return refusal.value.sentences


def test_without_a_demonstration_every_missing_setting_is_named() -> None:
    sentences = refused(complete=True)
    assert [sentence.split()[0] for sentence in sentences] == [name.upper() for name in REQUIRED]


@pytest.mark.parametrize("name", REQUIRED)
def test_one_missing_setting_is_one_sentence(name: str) -> None:
    values = COMPLETE | {name: ""}
    assert [sentence.split()[0] for sentence in refused(complete=True, **values)] == [name.upper()]


def test_all_that_is_needed_is_enough() -> None:
    assert read_settings(complete=True, **COMPLETE).public_url == "https://svi.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "abc"),
        ("port", "0"),
        ("web_workers", "100"),
        ("demo", "peut-être"),
        ("public_url", "svi.example"),
        ("public_url", "https://svi.example/?a=1"),
        ("caller_id", "01 99 00 00 01"),
        ("relay_url", "javascript:alert(1)"),
        ("relay_url", "relais.example"),
        ("relay_url", "https://relais.example/a\nBcc: x@exemple.fr"),
        ("relay_hours", "9 h\n18 h"),
        ("relay_hours", "9 h\u202e18 h"),
        ("relay_hours", "a" * 121),
        ("line_numbers", "+33199001234, 01 99 00 12 35"),
        ("transit_numbers", "+33199001234;+33199001235"),
        ("log_level", "FORT"),
        ("write_first", "base"),
        ("facts_months", "1"),
        ("imap_url", "https://a:b@boite.example"),
        ("imap_url", "imaps://boite.example/INBOX"),
        ("imap_url", "imaps://a:b@boite.example:porte/INBOX"),
        ("reply_address", "assistance"),
        ("reply_address", "assistance+siao@siao.example"),
        ("reply_address", f"{'a' * 31}@siao.example"),
        ("hubspot_stages", "open:1,taken:2"),
        ("hubspot_stages", "open:1,taken:2,waiting:3,planned:3,technical:3,closed:"),
    ],
)
def test_a_wrong_setting_is_named_in_french(name: str, value: str) -> None:
    (sentence,) = refused(**{name: value})
    assert sentence.startswith(f"{name.upper()} est refusé")
    assert "Input" not in sentence
    assert "should" not in sentence


def test_no_break_spaces_stand_in_a_line() -> None:
    assert read_settings(relay_hours=" 9\u00a0h – 18\u202fh ").relay_hours == "9\u00a0h – 18\u202fh"


def test_a_refused_secret_is_not_shown() -> None:
    (sentence,) = refused(public_url="https://admin:hunter2@svi.example")
    assert "hunter2" not in sentence


def test_secrets_and_passwords_are_not_shown_with_the_rest() -> None:
    settings = read_settings(**COMPLETE, database_url="postgresql://svi:hunter2@db/svi", mail_url="smtp://a:hunter2@m")  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings)
    assert "made-up" not in repr(settings)


def test_a_demonstration_needs_nothing_and_keeps_its_secrets(tmp_path: Path) -> None:
    first, second = (read_settings(demo=True, var_dir=tmp_path / "var", complete=True) for _ in range(2))
    assert first.secret == second.secret
    assert first.auth_tokens == second.auth_tokens
    assert first.public_url == "http://127.0.0.1:8000"
    assert first.caller_id.startswith("+3319900")
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_a_command_after_the_demonstration_finds_its_secret_key(tmp_path: Path) -> None:
    """`make run` sets DEMO; `svi directory check` typed beside it does not."""
    demonstration = read_settings(demo=True, var_dir=tmp_path)
    assert read_settings(var_dir=tmp_path).secret == demonstration.secret


def test_the_environment_is_read_and_blank_means_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("SVI_NUMBER", "")
    settings = read_settings()
    assert (settings.port, settings.svi_number) == (8123, "+33806000156")


def test_the_env_file_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8124\nSOMETHING_ELSE=1\n")
    assert read_settings().port == 8124


def test_several_tokens_are_accepted_while_one_is_changed() -> None:
    assert read_settings(twilio_auth_token=" new , old,").auth_tokens == ("new", "old")


def test_every_number_that_leads_here_is_ours_spaces_and_empty_items_being_forgiven() -> None:
    settings = read_settings(**COMPLETE, line_numbers=" +33 1 99 00 12 34,, +33199001235 ,", transit_numbers="")  # type: ignore[arg-type]
    assert settings.own_numbers == {"+33806000156", "+33199000001", "+33199001234", "+33199001235"}
    assert settings.transits == frozenset()
    assert read_settings(**COMPLETE).own_numbers == {"+33806000156", "+33199000001"}  # type: ignore[arg-type]


def test_the_wrong_one_of_several_numbers_is_named() -> None:
    (sentence,) = refused(line_numbers="+33199001234, 0199001235")
    assert "« 0199001235 » n’est pas un numéro international" in sentence


def test_the_database_is_under_the_data_folder_by_default(tmp_path: Path) -> None:
    assert read_settings(var_dir=tmp_path).database_url == f"sqlite:///{tmp_path / 'svi.sqlite'}"


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    missing = [row for row in settings_table().splitlines() if row not in readme]
    assert not missing


def test_every_setting_is_in_the_example_file() -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"{name.upper()}=" not in example] == []


def test_the_service_stops_with_a_sentence_each_and_status_one(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "service.cli", "serve"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=tmp_path, env={"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stderr.splitlines()] == [name.upper() for name in REQUIRED]
