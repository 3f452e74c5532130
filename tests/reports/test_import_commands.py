"""The import by command: the same decisions as on the page, and none that is doubtful without being asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.reports.counting import ACCESS
from tests.reports.test_commands import Typed, typed
from tests.reports.workbooks import made_by_hand

__all__ = ["typed"]
CONNECTION = "Problème de connexion au SI SIAO"
SAID = (ACCESS, CONNECTION, "Réinitialisation du mot de passe", "1", "oui", "non")
FIRST = ("01 99 00 20 01", "02/05/2025", 240, None, *SAID)
SECOND = ("01 99 00 20 02", "03/05/2025", 300, None, *SAID)
OTHER_DAY = (*FIRST[:2], 900, None, *SAID[:4], "non", "non")
"""The caller's second call of that day, or both cells corrected?"""


def count(typed: Typed) -> object:
    return json.loads(typed("figures", "--json", "--from", "2025-05-01", "--to", "2025-05-31", "-d", "75")[1])[
        "nombre_appels"
    ]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "suivi.xlsx"


def imported(typed: Typed, file: Path, content: bytes, *options: str) -> tuple[int, str, str]:
    file.write_bytes(content)
    return typed("import", "workbook", str(file), "-d", "75", *options)


def test_the_plain_command_corrects_what_is_certain_and_refuses_what_is_not(typed: Typed, file: Path) -> None:
    assert imported(typed, file, made_by_hand(FIRST, SECOND))[0] == 0
    status, out, _ = imported(typed, file, made_by_hand(FIRST, (*SECOND[:8], "non", "non")))
    assert (status, "« Problème résolu ? » : « Oui » devient « Non »" in out.replace("\u00a0", " ")) == (0, True)
    assert "Mai 2025 : taux de résolution 100,0 % → 50,0 %" in out.replace("\u00a0", " ").replace("\u202f", " ")
    status, out, err = imported(typed, file, made_by_hand(OTHER_DAY))
    assert (status, "→ à décider" in out, "--as-new" in err) == (1, True, True)
    assert "1 ligne ressemble à un appel connu" in err
    assert count(typed) == 2


@pytest.mark.parametrize(
    ("option", "calls"),
    [
        (("--as-new",), 3),
        (("--as-changes",), 2),
        (("--as-known",), 2),
        (("--line", "2=ajouter"), 3),
        (("--as-known", "--line", "2=ajouter"), 3),
    ],
)
def test_an_option_decides_on_the_doubtful_lines(typed: Typed, file: Path, option: tuple[str, ...], calls: int) -> None:
    imported(typed, file, made_by_hand(FIRST, SECOND))
    assert imported(typed, file, made_by_hand(OTHER_DAY), *option, "--dry-run")[0] == 0
    assert count(typed) == 2
    assert imported(typed, file, made_by_hand(OTHER_DAY), *option)[0] == 0
    assert count(typed) == calls


def test_headings_and_wordings_are_mapped_by_option(typed: Typed, file: Path) -> None:
    headings = ("Appelant du jour", "Date", "Durée d'appel (en secondes)", "Durée en minutes", "Thématique", "Motif",
                "Sous motif", "Niveau de sollicitation", "Problème résolu ?", "Escaladé au national ?")  # fmt: skip
    content = made_by_hand((*FIRST[:6], "Machine à café", *FIRST[7:]), headings=headings)
    status, out, _ = imported(typed, file, content, "--json", "--dry-run")
    told = json.loads(out)
    assert (status, told["headings"][0]["heading"], told["wordings"][0]["lines"]) == (0, "Appelant du jour", 1)
    meaning = f"{ACCESS} / {CONNECTION} / Machine à café={ACCESS} / {CONNECTION} / Accès au compte"
    mapped = ("--column", "Appelant du jour=phone", "--meaning", meaning)
    status, out, _ = imported(typed, file, content, "--json", *mapped)
    assert (status, json.loads(out)["added"], json.loads(out)["months"][0]["after"]["nombre_appels"]) == (0, 1, 1)
    again = json.loads(imported(typed, file, made_by_hand(FIRST), "--json", "--dry-run")[1])
    assert [one["likeness"] for one in again["alike"]] == ["corrige"]


@pytest.mark.parametrize(
    "wrong", [("--column", "Tél.=nope"), ("--meaning", "a / b=c"), ("--line", "deux=ajouter"), ("--line", "2=effacer")]
)
def test_an_option_that_says_nothing_known_is_a_sentence(typed: Typed, file: Path, wrong: tuple[str, str]) -> None:
    status, _, err = imported(typed, file, made_by_hand(FIRST), *wrong)
    assert (status, wrong[0] in err, "écrivez" in err) == (1, True, True)


def test_refused_lines_are_written_to_a_workbook_and_hide_no_other(typed: Typed, file: Path, tmp_path: Path) -> None:
    content = made_by_hand(FIRST, ("01 99 00 20 03", "demain", 90, None, *SAID))
    out = tmp_path / "refus.xlsx"
    status, text, _ = imported(typed, file, content, "--refused-out", str(out))
    assert (status, "1 appel à ajouter" in text) == (1, True)
    book = load_workbook(out)
    book.worksheets[0]["B2"] = "04/05/2025"
    book.save(out)
    assert typed("import", "workbook", str(out), "-d", "75")[0] == 0
    assert count(typed) == 1
