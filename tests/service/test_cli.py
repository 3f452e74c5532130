"""The command line: French sentences, exit status 0 done, 1 refused or failed, 2 wrong usage."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest

from service.cli import COMMANDS, run, svi
from service.clock import now
from service.commands.french import FrenchGroup
from service.directory.snapshots import SnapshotFile
from tests.service.directories import CSV

YEAR = now().year + 2
"""A year to come, whenever the tests run."""

Typed = Callable[..., tuple[int, str, str]]

NEXT_MONTH = f"{now() + timedelta(days=30):%Y-%m-%d}"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    (tmp_path / "referents.csv").write_text(CSV, encoding="utf-8")

    def run_one(*arguments: str) -> tuple[int, str, str]:
        status = run(list(arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_one


@pytest.fixture
def published(typed: Typed) -> Typed:
    status, output, _ = typed("directory", "publish", "referents.csv")
    assert (status, output) == (0, "Version 1 publiée : 2 lignes.\n")
    return typed


def every_command(
    group: click.Command = svi, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(group, click.Group):
        return [(path, group)]
    context = click.Context(group)
    found: list[tuple[tuple[str, ...], click.Command]] = [(path, group)]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, f"svi {name} names no command"
        found += every_command(command, (*path, name))
    return found


def test_every_command_of_the_list_exists_and_explains_itself_in_french(typed: Typed) -> None:
    for path, command in every_command():
        status, output, _ = typed(*path, "--help")
        assert (status, output.startswith("Usage : svi")) == (0, True)
        assert "Afficher cette aide." in output
        assert command.help, f"svi {' '.join(path)} says nothing"
        assert "Show this message" not in output


def test_the_list_of_commands_names_them_all_and_loads_none(tmp_path: Path) -> None:
    """`svi --help` answers at once: neither the database nor the web framework is imported."""
    ask = "import sys; from service.cli import run; run(['--help']); sys.exit('sqlalchemy' in sys.modules)"
    environment = {"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(  # noqa: S603 - written above
        [sys.executable, "-c", ask], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["danse"], "La commande 'danse' n’existe pas."),
        (["route"], "Il manque --departement."),
        (["route", "-d", "75", "76"], "Argument en trop : 76."),
        (["route", "-d"], "demande une valeur."),
        (["route", "-d", "75", "--danse"], "L’option --danse n’existe pas."),
        (["route", "-d", "99"], "--departement est refusé : ce département n'existe pas"),
        (["route", "-d", "75", "--at", "hier"], "« hier » n’est pas un moment"),
        (["calls", "list", "--from", "31/12/2026"], "« 31/12/2026 » n’est pas un jour"),
        (["directory", "publish"], "Il manque FICHIER."),
        (["overflow", "set", "75", "--to", "93", "--when", "jamais"], "no_answer, closed."),
        (["closure", "remove", "un"], "un nombre est attendu."),
        (["reconcile", "--lag", "-1"], "un nombre de 0 à 1440 est attendu."),
        (["reconcile", "--lag", "un"], "un nombre est attendu."),
    ],
)
def test_a_command_typed_wrongly_is_status_two_with_a_french_sentence(
    typed: Typed, arguments: list[str], sentence: str
) -> None:
    status, output, errors = typed(*arguments)
    assert (status, output) == (2, "")
    assert sentence in errors
    assert "--help" in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["route", "-d", "75"], "Aucun annuaire en service"),
        (["directory", "show"], "Aucun annuaire en service"),
        (["directory", "check", "absent.csv"], "absent.csv ne se lit pas : le fichier ou le dossier n’existe pas."),
        (["explain", "CAnone"], "Aucun appel ne s’appelle « CAnone »"),
        (["closure", "remove", "7"], "Rien n’est réglé sous le numéro 7."),
        (["calls", "list", "--from", "2026-12-02", "--to", "2026-12-01"], "Le dernier jour vient avant le premier."),
        (["closure", "set", "75", "--to", "2020-01-01"], "Cette période est déjà passée."),
        (["notice", "set", " \t", "--to", f"{YEAR}-01-01"], "Le texte est vide."),
        (["notice", "set", "a" * 601, "--to", f"{YEAR}-01-01"], "Le texte est trop long"),
        (["overflow", "set", "75", "--to", "75", "--when", "closed"], "vers lui-même"),
        (["diagram", "--check", "referents.csv"], "n’a pas de bloc"),
    ],
)
def test_a_refusal_is_status_one_with_a_french_sentence(typed: Typed, arguments: list[str], sentence: str) -> None:
    status, output, errors = typed(*arguments)
    assert (status, output) == (1, "")
    assert sentence in errors
    assert "Traceback" not in errors


def test_a_directory_with_bad_lines_is_one_report_and_changes_nothing(published: Typed, tmp_path: Path) -> None:
    bad = CSV.replace("01 99 00 75 01", "0899 00 00 00").replace("national,01", "prince,01")
    (tmp_path / "bad.csv").write_text(bad, encoding="utf-8")
    for command in ("check", "publish"):
        status, _, errors = published("directory", command, "bad.csv")
        assert status == 1
        assert "ligne 2, colonne telephone" in errors
        assert "ligne 3, colonne role" in errors
    serving = SnapshotFile(tmp_path / "var").current()
    assert serving is not None
    assert serving.version == 1
    status, output, _ = published("directory", "check", "bad.csv", "--json")
    assert [one["line"] for one in json.loads(output)["problems"]] == [2, 3]


def test_whoever_publishes_is_asked_about_a_departement_left_alone(published: Typed, tmp_path: Path) -> None:
    left = "".join(line for line in CSV.splitlines(keepends=True) if not line.startswith("75,"))
    (tmp_path / "left.csv").write_text(left, encoding="utf-8")
    asked = "plus personne ne pourrait être appelé : 75 Paris ; 1 ligne part, sur 2."
    status, output, errors = published("directory", "publish", "left.csv")
    assert (status, output) == (1, "")
    assert "- 75 Aïcha Delorme" in errors
    assert f"Confirmez : {asked}" in errors
    assert "ajoutez --yes" in errors
    assert f"La publication demandera confirmation : {asked}" in published("directory", "check", "left.csv")[1]
    told = json.loads(published("directory", "check", "left.csv", "--json")[1])
    assert (told["accepted"], told["emptied"], len(told["to_confirm"])) == (True, ["75"], 2)
    serving = SnapshotFile(tmp_path / "var").current()
    assert serving is not None
    assert serving.version == 1
    status, output, errors = published("directory", "publish", "left.csv", "--yes")
    assert (status, output) == (0, "Version 2 publiée : 1 ligne.\n")
    assert "Attention : plus personne à faire sonner : 75." in errors


def test_checking_a_file_tells_what_it_would_change(published: Typed, tmp_path: Path) -> None:
    assert "Rien ne change." in published("directory", "check", "referents.csv")[1]
    (tmp_path / "new.csv").write_text(CSV.replace("Delorme", "Benali"), encoding="utf-8")
    shown = json.loads(published("directory", "check", "new.csv", "--json")[1])
    assert [one["nom"] for one in shown["added"]] == ["Benali"]
    assert [one["nom"] for one in shown["removed"]] == ["Delorme"]
    assert shown["orphaned"] == [shown["removed"][0]["id"]]
    said = published("directory", "check", "new.csv")[1]
    assert "un compte ou une absence resterait sans ligne : Aïcha Delorme." in said, "people are named, not numbered"
    assert shown["orphaned"][0] not in said


def test_route_tells_who_rings_and_why(published: Typed) -> None:
    status, output, _ = published("route", "-d", "75", "--at", "2026-12-25T10:00", "--json")
    shown = json.loads(output)
    assert (status, shown["at"]) == (0, "2026-12-25T10:00:00+01:00")
    assert [[one["referent"] for one in rang] for rang in shown["rangs"]] == [["Aïcha Delorme"]]
    assert any(one["rule"] == "hours" for one in shown["because"])


def test_a_moment_without_an_offset_is_local_to_the_departement(published: Typed) -> None:
    shown = json.loads(published("route", "-d", "974", "--at", "2026-12-07T10:00", "--json")[1])
    assert shown["at"].startswith("2026-12-07T07:00:00+01:00"), "the national team answers, in its own time"


@pytest.mark.parametrize(
    ("arguments", "kind", "ask"),
    [
        (["closure", "set", "75", "--to", f"{YEAR}-01-01", "--label", "Noël"], "closure", "closures"),
        (["closure", "set", "france", "--to", f"{YEAR}-01-01", "--yes"], "closure", "closures"),
        (["notice", "set", "Un incident est en cours.", "--to", f"{YEAR}-01-01", "--yes"], "notice", "notices"),
        (["message", "set", "75", "Le SIAO est fermé.", "--reason", "closed"], "message", "messages"),
        (["overflow", "set", "75", "--to", "national", "--when", "closed"], "overflow", "overflows"),
        (["overflow", "set", "france", "--to", "93", "--when", "no_answer", "--yes"], "overflow", "overflows"),
        (["absence", "set", "Aïcha Delorme", "--to", NEXT_MONTH], "absence", "absences"),
        (["absence", "set", "a.delorme@exemple.fr", "--to", NEXT_MONTH], "absence", "absences"),
        (["absence", "now", "Aïcha Delorme"], "absence", "absences"),
    ],
)
def test_what_is_set_is_in_service_listed_and_can_be_taken_away(
    published: Typed, tmp_path: Path, arguments: list[str], kind: str, ask: str
) -> None:
    def in_service() -> tuple[Any, ...]:
        serving = SnapshotFile(tmp_path / "var").current()
        assert serving is not None
        found: tuple[Any, ...] = getattr(serving.rules, ask)
        return found

    status, output, errors = published(*arguments)
    assert (status, errors) == (0, "")
    assert output.endswith("Numéro 1.\n")
    assert len(in_service()) == 1
    assert len(json.loads(published(kind, "list", "--json")[1])) == 1
    assert published(kind, "list")[1].startswith("1. ")
    assert published(kind, "remove", "1")[0] == 0
    assert in_service() == ()
    assert published(kind, "list")[1] == "Rien n’est réglé.\n"


@pytest.mark.parametrize(
    ("typed_end", "end"),
    [
        (f"{YEAR}-12-24", f"{YEAR}-12-24T23:00:00+00:00"),
        (f"{YEAR}-12-24T12:00", f"{YEAR}-12-24T11:00:00+00:00"),
        (f"{YEAR}-12-24T00:00", f"{YEAR}-12-23T23:00:00+00:00"),
    ],
)
def test_a_last_day_is_part_of_the_period_and_a_moment_ends_it(published: Typed, typed_end: str, end: str) -> None:
    """« Absent jusqu’au 24 » is absent on the 24th, in the département's own time (decision 31)."""
    assert published("closure", "set", "75", "--from", f"{YEAR}-12-20", "--to", typed_end)[0] == 0
    (shown,) = json.loads(published("closure", "list", "--json")[1])
    assert shown["end"] == end


@pytest.mark.parametrize("name", ["Personne", "Delorme"])
def test_an_absence_of_nobody_is_refused(published: Typed, name: str) -> None:
    status, _, errors = published("absence", "set", name, "--to", f"{YEAR}-01-01")
    assert status == 1
    assert f"Personne ne répond à « {name} »" in errors


def test_nobody_stands_in_for_himself(published: Typed) -> None:
    status, _, errors = published("absence", "set", "Aïcha Delorme", "--to", NEXT_MONTH, "--suppleant", "Aïcha Delorme")
    assert (status, errors) == (1, "Une personne ne peut pas se suppléer elle-même.\n")


def test_the_own_days_of_a_territory_are_told_and_turned(published: Typed) -> None:
    status, listed, _ = published("directory", "holidays")
    assert status == 0
    assert [line[:3] for line in listed.splitlines()] == ["971", "972", "978", "986", "987", "988"]
    assert "988 Nouvelle-Calédonie, comptés : Fête de la Citoyenneté (24/09/" in listed
    assert published("directory", "holidays", "988", "--off")[1].startswith("988 Nouvelle-Calédonie, non comptés : ")
    [told] = json.loads(published("directory", "holidays", "988", "--json")[1])
    assert (told["departement"], told["counts"], told["days"][0]["name"]) == ("988", False, "Fête de la Citoyenneté")
    assert published("directory", "holidays", "75")[1] == "Aucun jour férié propre.\n"
    assert published("directory", "holidays", "--on")[0] == 2


def test_a_database_that_is_away_is_said(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/away")
    status, output, errors = typed("calls", "list", "--json")
    assert (status, output, errors) == (1, "", "La base de données ne répond pas : réessayez plus tard.\n")


def test_no_call_yet_is_an_empty_list(typed: Typed) -> None:
    assert typed("calls", "list", "--json")[:2] == (0, "[]\n")
    assert typed("calls", "list")[:2] == (0, "Aucun appel.\n")


def test_a_wrong_setting_stops_every_command(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "abc")
    status, _, errors = typed("directory", "show")
    assert (status, errors) == (1, "PORT est refusé (« abc ») : un nombre entier est attendu.\n")


def test_the_readme_carries_the_diagram_that_the_code_draws(typed: Typed) -> None:
    readme = Path(__file__).parents[2] / "README.md"
    assert typed("diagram", "--check", str(readme)) == (0, "", "")


def test_the_diagram_is_written_between_its_fences_only(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("avant\n```mermaid\nancien\n```\naprès\n", encoding="utf-8")
    assert typed("diagram", "--check", "page.md")[0] == 1
    assert typed("diagram", "--write", "page.md")[0] == 0
    assert typed("diagram", "--check", "page.md")[0] == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith("avant\n```mermaid\nflowchart")
    assert text.endswith("```\naprès\n")


def test_the_doctor_names_what_is_not_in_place(published: Typed) -> None:
    status, output, errors = published("doctor")
    assert status == 1
    assert "✗ greffier : ne travaille pas" in output
    assert "✓ annuaire : version 1, 2 lignes" in output
    assert "points à corriger" in errors
    shown = json.loads(published("doctor", "--json")[1])
    assert {one["state"] for one in shown} <= {"ok", "advice", "wrong"}


def test_groups_are_french_too() -> None:
    assert all(isinstance(command, FrenchGroup) for _, command in every_command() if isinstance(command, click.Group))
