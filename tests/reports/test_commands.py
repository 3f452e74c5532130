"""The golden case through every face, by command; bad input by command is a sentence and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from records.counting.figures import callback_delays
from records.database import open_database, reading
from records.schema.migrations import migrate
from reports.figures.periods import Period
from reports.figures.summary import scope_of
from reports.workbook.columns import COLUMNS
from service.cli import run
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from tests.reports.counting import GOLDEN
from tests.reports.office import convert, needs_office
from tests.service.directories import person, snapshot

Typed = Callable[..., tuple[int, str, str]]
SPRING = ("--from", "2025-03-01", "--to", "2025-04-30")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEMO", "1")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))
    engine = open_database(f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")
    migrate(engine)
    engine.dispose()

    def run_one(*arguments: str) -> tuple[int, str, str]:
        status = run(list(arguments))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run_one


@pytest.fixture
def by_hand(tmp_path: Path) -> Path:
    """The golden case as somebody fills it in: text dates, mm:ss, an old spelling, no level."""
    book = Workbook()
    sheet = book.create_sheet("Historique d'appel", 0)
    sheet.append(COLUMNS.headings)
    reset, moved = GOLDEN
    sheet.append((
        "01 99 00 12 34", "12/04/2025", "04:00", None, "acces et authentification", reset.motif,
        "Réinitialisation mot de passe", None, "OUI", "non",
    ))  # fmt: skip
    sheet.append((
        "02 61 91 45 67", moved.day, 740, None, moved.thematique, moved.motif, "Modification de structure",
        1, "Non", "Oui",
    ))  # fmt: skip
    path = tmp_path / "suivi 2025.xlsx"
    book.save(path)
    return path


def figures(typed: Typed, *where: str) -> dict[str, object]:
    status, out, _ = typed("figures", "--json", *SPRING, *where)
    assert status == 0
    found: dict[str, object] = json.loads(out)
    return found


def test_the_golden_case_through_import_figures_and_survey(typed: Typed, by_hand: Path) -> None:
    status, out, _ = typed("import", "workbook", str(by_hand), "--departement", "75")
    assert (status, out.splitlines()[-1].split(",")[0]) == (0, "2 appels à ajouter")
    said = figures(typed, "--departement", "75")
    assert [said[name] for name in ("nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade")] == [
        2, 490, 0.5, 0.5,
    ]  # fmt: skip
    motives = said["motifs"]
    assert isinstance(motives, list)
    assert [(m["sous_motif"], m["nombre"], m["duree_moyenne_secondes"]) for m in motives] == [
        ("Modification de structure de rattachement", 1, 740), ("Réinitialisation du mot de passe", 1, 240),
    ]  # fmt: skip
    assert figures(typed)["nombre_appels"] == 2
    assert figures(typed, "--departement", "93")["nombre_appels"] == 0
    assert typed("survey", "open", "2025-04")[0] == 0
    survey = json.loads(typed("survey", "status", "2025-04", "--json")[1])
    assert survey["figures"]["75"]["nombre_appels"]["computed"] == 1
    assert survey["stage"] == "closed"
    csv = typed("survey", "export", "2025-04")[1]
    assert "\r\nFrance;France entière;;0 sur 107;0;;;1;;;240;;;100,0 %;" in csv
    assert "\r\n75;Paris;Île-de-France;non;non;;;1;;;240;;;100,0 %;" in csv
    again = typed("import", "workbook", str(by_hand), "--departement", "75", "--json")
    told = json.loads(again[1])
    assert [told[name] for name in ("added", "unchanged", "changes", "conflicts", "refused")] == [0, 2, [], [], []]


@needs_office
def test_the_golden_case_in_the_workbook_that_libreoffice_recalculates(
    typed: Typed, by_hand: Path, tmp_path: Path
) -> None:
    assert typed("import", "workbook", str(by_hand), "--departement", "75")[0] == 0
    out = tmp_path / "sortie.xlsx"
    status, text, _ = typed("export", "workbook", "--departement", "75", *SPRING, "--out", str(out))
    assert (status, "2 appels" in text) == (0, True)
    sheet = load_workbook(convert(out, "xlsx", tmp_path), data_only=True)["Résultats"]
    assert [sheet[f"B{row}"].value for row in range(6, 10)] == [2, timedelta(seconds=490), 0.5, 0.5]
    assert load_workbook(out)["Historique d'appel"]["A2"].value == "02 61 91 45 67"
    assert typed("export", "workbook", "--departement", "75", *SPRING, "--out", str(out), "--pivot")[0] == 0
    assert "Tableaux croisés" in load_workbook(out).sheetnames


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("figures", "--from", "2025-04-30", "--to", "2025-03-01"), 1, "avant de commencer"),
        (("figures", "--from", "hier", "--to", "2025-03-01"), 1, "« hier » n'est pas une date"),
        (("figures", "--from", "2025-03-01"), 2, "Il manque --to"),
        (("figures", "-d", "99", *SPRING), 2, "ce département n'existe pas"),
        (("export", "workbook", "-d", "*", *SPRING, "--out", "x.xlsx"), 1, "n’est pas un département"),
        (("export", "workbook", "-d", "75", *SPRING, "--out", "absent/x.xlsx"), 1, "ne s’écrit pas"),
        (("import", "workbook", "absent.xlsx", "-d", "75"), 1, "ne se lit pas"),
        (("import", "workbook", "referents.csv", "-d", "75"), 1, "Rien n’a été importé"),
        (("survey", "open", "2099-01"), 1, "n'a pas commencé"),
        (("survey", "status", "novembre"), 1, "n'est pas un mois"),
        (("report", "2099-01"), 1, "n'a pas commencé"),
    ],
)
def test_bad_input_is_a_sentence(
    typed: Typed, arguments: tuple[str, ...], status: int, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "referents.csv").write_text("departement,nom\n", encoding="utf-8")
    found = typed(*arguments)
    assert found[0] == status
    assert sentence in found[2]


def test_one_refused_line_keeps_all_out_until_asked_otherwise(typed: Typed, by_hand: Path) -> None:
    book = load_workbook(by_hand)
    book["Historique d'appel"]["B3"].value = "31/02/2025"
    book.save(by_hand)
    status, out, err = typed("import", "workbook", str(by_hand), "-d", "75")
    assert status == 1
    assert "Ligne 3 : la date « 31/02/2025 » n'est pas une date" in out
    assert "rien n'a été importé" in err
    assert figures(typed)["nombre_appels"] == 0
    assert typed("import", "workbook", str(by_hand), "-d", "75", "--dry-run")[0] == 0
    assert figures(typed)["nombre_appels"] == 0
    assert typed("import", "workbook", str(by_hand), "-d", "75", "--skip-refused")[0] == 0
    assert figures(typed)["nombre_appels"] == 1


def test_invented_calls_come_once_per_seed_and_are_the_same_for_the_same_seed(typed: Typed, tmp_path: Path) -> None:
    ask = ("demo", "data", "--calls", "3000", "--seed", "5", "--until", "2026-11-24", "--waves", "2")
    status, out, _ = typed(*ask)
    assert status == 0
    assert int("".join(mark for mark in out.splitlines()[0] if mark.isdecimal())) > 3000
    period = ("figures", "--json", "--from", "2024-11-01", "--to", "2026-11-24")
    said = json.loads(typed(*period)[1])
    assert 1500 < said["nombre_appels"] < 3000
    assert said["qualifies"] > 1000
    assert said["appels_repetes"] > 10, "people ring again when nobody answered"
    with reading(open_database(f"sqlite:///{tmp_path / 'var' / 'svi.sqlite'}")) as connection:
        delays = callback_delays(connection, scope_of(Period(date(2024, 11, 1), date(2026, 11, 24))))
    assert sum(delays.values()) > 50, "and they are rung back"
    assert typed(*ask)[0] == 1
    assert json.loads(typed(*period)[1]) == said


def test_invented_calls_never_enter_a_real_service(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    status, _, err = typed("demo", "data", "--calls", "10")
    assert (status, "démonstration" in err) == (1, True)


def test_the_radar_and_the_report_by_command(typed: Typed) -> None:
    assert typed("radar", "look") == (0, "Rien d’anormal.\n", "")
    assert "vagues trouvées sur 3" in typed("radar", "replay", "--calls", "20000", "--waves", "3")[1]
    assert "Nombre d'appels : 0" in typed("report", "2025-03")[1]


def test_what_a_command_could_not_send_is_named_and_leaves_when_it_is_asked_again(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SnapshotFile(tmp_path / "var").write(snapshot(1, person(), person("Equipe", "*")))
    month = f"{datetime.now(UTC).date().replace(day=1) - timedelta(days=40):%Y-%m}"
    assert typed("survey", "open", month)[0] == 0
    for words, number in ((("survey", "remind", month), 2), (("report", month, "--send"), 1)):
        monkeypatch.setenv("MAIL_URL", "smtp://127.0.0.1:9")
        status, out, err = typed(*words)
        assert (status, out) == (1, "0 courriel envoyé.\n")
        assert "Pas partis, à renvoyer : a.delorme@exemple.fr" in err
        monkeypatch.delenv("MAIL_URL")
        assert typed(*words)[:2] == (0, f"{number} {'courriels envoyés' if number > 1 else 'courriel envoyé'}.\n")
        assert typed(*words)[:2] == (0, "0 courriel envoyé.\n")
