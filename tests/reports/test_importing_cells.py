"""One cell of a workbook filled by hand: read however it was typed, shown when in doubt, or refused with its reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.wording import Entry, Wording, Wordings
from reports.importing.reading.book import Cell, UnreadableCell
from reports.importing.reading.sheets import read_book
from reports.importing.understanding.answers import AnsweredCells, read_answers, read_level, read_yes_no
from reports.importing.understanding.callers import read_caller
from reports.importing.understanding.cells import CellRefused, quoted
from reports.importing.understanding.days import read_day
from reports.importing.understanding.lasting import read_seconds
from reports.importing.understanding.lines import Understood, understand
from reports.workbook.columns import COLUMNS, HistoryRow
from routing.phones import read_past_number
from support.nomenclature.entries import first_nomenclature
from tests.reports.counting import ACCESS
from tests.reports.workbooks import CONNECTION, TODAY, corrected, exported, made_by_hand

APRIL_12 = date(2025, 4, 12)
HEADINGS = ("Problème résolu ?", "Escaladé au national ?")
DATA = "Gestion des données et conformité"
PERSONAL = "Accès aux données personnelles et RGPD"


def of_france(content: bytes, **more: Any) -> Understood:
    """A file read with the list as delivered."""
    return understand(read_book(content), first_nomenclature(), TODAY, read_past_number, **more)


def line(**cells: Any) -> tuple[Any, ...]:
    plain = {
        "phone": "01 99 00 12 34", "day": "12/04/2025", "seconds": 240, "thematique": "Accès et authentification",
        "motif": "Création de compte", "sous_motif": "Compte formation", "niveau": "1", "resolved": "oui",
        "escalated": "non",
    }  # fmt: skip
    return tuple((plain | cells).get(column.key) for column in COLUMNS.declared)


def read_alone(**cells: Any) -> HistoryRow:
    found = of_france(made_by_hand(line(**cells)))
    assert [one.reasons for one in found.refused] == []
    return found.rows[0].row


# ---------------------------------------------------------------- days


@pytest.mark.parametrize(
    "cell",
    [
        datetime(2025, 4, 12), datetime(2025, 4, 12, 23, 59, 59, 999000), date(2025, 4, 12),  # noqa: DTZ001
        "12/04/2025", "12/4/25", "12-04-2025", "12.04.2025", "12,04,2025", "12 / 04 / 2025", "12\\04\\2025",
        "'12/04/2025", "12/04/2025\u00a0", "\u200e12\u200e/\u200e04\u200e/\u200e2025", "\u202a12/04/2025\u202c",
        "2025-04-12", "2025/04/12", "2025-04-12 10:00:00", "12/04/2025 14h30", "12/04/2025 à 9 h",
        "samedi 12 avril 2025", "sam. 12/04/2025", "le 12/04/2025", "12 avr. 2025", "12-avr-25", "12 avr. 25",
        "12-avr.-25", "12 AVRIL 2025", "20250412", "12042025", "12⁄04⁄2025", "12_04_2025", "12/04/2025 2:30 PM",
        45759.0, 45759.5, 20250412.0, 12042025.0,
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_was_typed(cell: Cell) -> None:
    assert read_day(cell, TODAY) == (APRIL_12, "")


@pytest.mark.parametrize(
    ("cell", "day"),
    [("1er août 2025", date(2025, 8, 1)), ("12 fev 2025", date(2025, 2, 12)), ("12 févr. 2025", date(2025, 2, 12)),
     ("3 aout 25", date(2025, 8, 3)), ("1-juil-25", date(2025, 7, 1)), ("30 juin 2025", date(2025, 6, 30))],
)  # fmt: skip
def test_every_month_has_its_short_names(cell: str, day: date) -> None:
    assert read_day(cell, TODAY) == (day, "")


@pytest.mark.parametrize(
    ("cell", "note"),
    [("45759", "numéro d’un jour"), ("45759,6", "numéro d’un jour"), ("mer. 12/04/2025", "c’était un samedi"),
     ("2025-04-12T09:00:00Z", "fuseau"), ("12/04/2025 (matin)", "« matin » est laissé de côté")],
)  # fmt: skip
def test_a_doubtful_day_is_read_and_said(cell: str, note: str) -> None:
    day, said = read_day(cell, TODAY)
    assert day == APRIL_12
    assert "lue 12/04/2025" in said
    assert note in said


@pytest.mark.parametrize(
    ("cell", "reason"),
    [(None, "manque"), ("31/02/2025", "n'est pas une date"), ("29/02/2025", "n'est pas une date"),
     ("04/13/2025", "à l’américaine"), ("sam. 12/04", "l’année manque"),
     ("demain", "n'est pas une date"), ("25/11/2026", "dans le futur"),
     ("12/04/1925", "antérieure"), ("12/04/0025", "antérieure"), (3.5e9, "n'est pas une date"),
     (float("nan"), "n'est pas une date"), (float("inf"), "n'est pas une date"), (True, "n'est pas une date"),
     (2025.0, "n'est pas une date"), (time(14, 30), "n'est pas une date"), ("12/04", "l’année manque"),
     ("12 avril", "l’année manque"), ("avril 2025", "le jour manque"), ("12/04/2025 et 13/04/2025", "un seul appel"),
     ("12-13/04/2025", "un seul appel"), ("01/04/2025-30/04/2025", "un seul appel"), ("12 jui 2025", "pas une date"),
     (UnreadableCell("elle est fusionnée avec une autre"), "ne peut pas être lue : elle est fusionnée")],
)  # fmt: skip
def test_a_day_that_cannot_be_is_refused_with_its_reason(cell: Cell, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_day(cell, TODAY)


@given(
    st.dates(min_value=date(2020, 1, 1), max_value=TODAY),
    st.sampled_from(("%d/%m/%Y", "%d-%m-%y", "%Y-%m-%d", "%d%m%Y")),
)
def test_any_day_is_read_as_it_was_written(day: date, how: str) -> None:
    assert read_day(day.strftime(how), TODAY) == (day, "")


# ---------------------------------------------------------------- durations


@pytest.mark.parametrize(
    ("seconds", "minutes", "expected"),
    [
        (490, None, 490), (490.0, None, 490), ("490", None, 490), ("08:10", None, 490), ("8:10", None, 490),
        ("8 min 10 s", None, 490), ("8'10", None, 490), ("4'10''", None, 250), ("8mn", None, 480),
        ("0:08:10", None, 490), ("0h04", None, 240), ("4,5 min", None, 270), ("½ h", None, 1800),
        ("PT4M10S", None, 250),
        ("1 240", None, 1240), ("1\u202f240,00", None, 1240), ("1.240,00", None, 1240), ("240,00", None, 240),
        (244.6, None, 245), (time(0, 8, 10), None, 490), (time(0, 4), None, 240),
        (timedelta(minutes=8, seconds=10), None, 490), (timedelta(seconds=249.998), None, 250),
        (None, "08:10", 490), (None, 8.5, 510), (None, "8,5", 510), (None, 4, 240), (None, "4", 240),
        (490, time(0, 8, 10), 490), (250, 4, 250), (490, "8,2", 490), (3900, timedelta(hours=1, minutes=5), 3900),
        ("", None, None), (None, None, None), (0, None, 0), (0, 0, 0), ("-", "", None),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_seconds_or_minutes(seconds: Cell, minutes: Cell, expected: int | None) -> None:
    found, note = read_seconds(seconds, minutes)
    assert found == expected
    assert note == "" or (seconds, minutes) == (3900, timedelta(hours=1, minutes=5))


@pytest.mark.parametrize(
    ("seconds", "minutes", "expected", "note"),
    [
        ("1h05", None, 3900, "lue 1 h 05."), ("1:05:00", None, 3900, "lue 1 h 05."),
        ("04h10", None, 15000, "lue 4 h 10."),
        (4, None, 4, "lue 4 s, et non 4 min."), ("env. 5 min", None, 300, "lue 5 min."),
        ("6,30 min", None, 378, "lue 6 min 18, et non 6 min 30."),
        (time(4, 0), None, 240, "« 04:00:00 » lue 4 min, et non 4 h."), (time(12, 20), None, 740, "non 12 h 20."),
        (0.00277777777777778, None, 240, "« 0,00277778 » lue 4 min : c’est une heure du tableur"),
        (None, 0.00277777777777778, 240, "une heure du tableur"), (0.513888888888889, None, 740, "non 12 h 20 : c’est"),
        (timedelta(hours=25, minutes=10), None, 1510, "« 25:10:00 » lue 25 min 10"),
        (datetime(1900, 1, 1, 1, 10), None, 1510, "« 25:10:00 » lue 25 min 10"),  # noqa: DTZ001
        (date(1900, 1, 1), None, 1440, "« 24:00:00 » lue 24 min"), ("PT25H10M00S", None, 1510, "lue 25 min 10"),
        (4, time(0, 4), 240, "« 4 » lue 4 min, comme « 00:04:00 »."), (44400, time(12, 20), 44400, "lue 12 h 20."),
        (None, 0.5, 30, "lue 30 s"), (UnreadableCell("son calcul n’a pas été gardé"), time(0, 4), 240, "son calcul"),
        (time(12, 20), timedelta(hours=12, minutes=20), 740, "lue 12 min 20"),
        ("00:04", None, 4, "« 00:04 » lue 4 s, et non 4 min."), (None, "0:12", 12, "lue 12 s, et non 12 min."),
        (4, "00:04", 4, "lue 4 s, et non 4 min"), ("5 min (rappel le lendemain)", None, 300, "lue 5 min."),
        ("3 min env.", None, 180, "lue 3 min."), ("4'10 environ", None, 250, "lue 4 min 10."),
    ],
)  # fmt: skip
def test_a_doubtful_duration_is_read_and_said(seconds: Cell, minutes: Cell, expected: int, note: str) -> None:
    found, said = read_seconds(seconds, minutes)
    assert found == expected
    assert note in said


@pytest.mark.parametrize(
    ("seconds", "minutes", "reason"),
    [
        (-5, None, "durée"), (90_000, None, "0 à 24 heures"), ("longtemps", None, "attendu"),
        ("8:99:99:1", None, "durée"),
        (float("inf"), None, "durée"), (float("nan"), None, "durée"), ("99999999:00", None, "durée"),
        (True, None, "durée"),
        ("1,240", None, "1240 ou 1,240"), ("3.5", None, "en secondes ou en minutes"),
        (3.5, None, "secondes ou en minutes"),
        (None, "12.20", "12 min 20 ou 12 min 12"), ("5 à 10 min", None, "durée"), ("<1 min", None, "durée"),
        ("5 min (2 appels)", None, "durée"), ("pas noté", None, "videz la cellule"),
        ("-4:00", None, "durée"), (timedelta(seconds=-10), None, "durée"), (APRIL_12, None, "12/04/2025"),
        (None, "1 240", "0 à 12 heures"), (0, time(0, 4), "pas la même chose"), (300, time(0, 4), "pas la même chose"),
        ("5 min", "4", "pas la même chose"), (None, 1 / 6, "heure du tableur"),
        (UnreadableCell("son calcul n’a pas été gardé"), None, "son calcul n’a pas été gardé"),
        (None, UnreadableCell("son calcul n’a pas été gardé"), "son calcul n’a pas été gardé"),
    ],
)  # fmt: skip
def test_a_duration_that_cannot_be_known_is_refused(seconds: Cell, minutes: Cell, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_seconds(seconds, minutes)


@pytest.mark.parametrize("cell", ["NC", "NSP", "inconnue", "?", "non renseignée"])
def test_a_duration_that_nobody_knows_is_none_and_said(cell: str) -> None:
    assert read_seconds(cell) == (None, f"Durée « {cell} » lue comme inconnue.")
    assert read_seconds(cell, 4) == (240, "")
    assert read_seconds("-", "—") == (None, "")


def test_our_own_seconds_are_taken_as_they_were_exported() -> None:
    """Short, long, or beside minutes that nobody calculated again: nothing is asked about what we said ourselves."""
    row = HistoryRow(None, APRIL_12, 4, call_id="CA1")
    assert of_france(exported(row)).rows[0].notes == ()
    assert read_seconds(4, "n’importe quoi", lambda seconds: seconds == 4) == (4, "")
    assert read_seconds(300, time(0, 4), lambda seconds: seconds == 240) == (300, "")


# ---------------------------------------------------------------- answers and levels


@pytest.mark.parametrize(
    ("cell", "meant"),
    [(cell, True) for cell in ("Oui", "OUI", " oui", "o", "Yes", "X", 1, True, "✓", "✔", "☑", "VRAI", "ok", "Résolu",
    "fait", "problème réglé",
    "resolue",
                               "Oui\u200b", "Oui.")]
    + [(cell, False) for cell in ("Non", "n", 0, False, "✗", "❌", "FAUX", "En cours", "en attente", "non résolu",
                                  "en cours de traitement", "pas réglé")]
    + [("", None), (None, None)],
)  # fmt: skip
def test_solved_or_not_has_many_writings(cell: Cell, meant: bool | None) -> None:
    assert read_answers(cell, "non", HEADINGS) == AnsweredCells(meant, escalated=False)


@pytest.mark.parametrize(
    ("cell", "meant", "note"),
    [("oui le 3/4", True, "lu Oui"), ("Oui (par mail)", True, "lu Oui"), ("oui - rappelé", True, "lu Oui"),
     ("Ouii", True, "lu Oui"), ("V", True, "lu Oui"), ("ü", True, "lu Oui"), ("Non, rappeler", False, "lu Non"),
     ("N/A", None, "sans réponse"), ("?", None, "sans réponse"), ("NSP", None, "sans réponse"),
     ("Non renseigné", None, "sans réponse"), ("Non concerné", None, "sans réponse"),
     ("Non applicable (mail)", None, "sans réponse"), ("non précisé", None, "sans réponse")],
)  # fmt: skip
def test_a_yes_with_words_after_it_is_read_and_said(cell: str, meant: bool | None, note: str) -> None:
    found = read_answers(cell, "non", HEADINGS)
    assert found.resolved is meant
    assert [note in one for one in found.notes] == [True]


@pytest.mark.parametrize(
    "cell",
    ["peut-être", "oui/non", "oui ?", "oui mais non", "Partiellement", "à voir", "nan", "oui pas encore", "2", 7],
)
def test_what_is_neither_yes_nor_no_is_refused(cell: Cell) -> None:
    for heading in HEADINGS:
        with pytest.raises(CellRefused, match="écrivez Oui ou Non"):
            read_yes_no(cell, heading)


@pytest.mark.parametrize(
    ("resolved", "escalated", "meant"),
    [
        ("Escaladé", None, (False, True)), ("Escaladé", "oui", (False, True)), ("non, escaladé", "", (False, True)),
        ("transmis au national", None, (False, True)), ("oui", "escaladé", (True, True)),
        (None, "transmis", (None, True)),
        (None, "niveau 2", (None, True)), ("oui", "non escaladé", (True, False)), ("en cours", "N2", (False, True)),
        ("Non résolu - escaladé N2", None, (False, True)), ("oui", "Non, résolu localement", (True, False)),
        ("oui", "", (True, None)), ("", "", (None, None)), ("oui", "oui le 3/4", (True, True)),
    ],
)  # fmt: skip
def test_escalated_is_an_answer_to_both_columns(resolved: Cell, escalated: Cell, meant: tuple[Any, Any]) -> None:
    found = read_answers(resolved, escalated, HEADINGS)
    assert (found.resolved, found.escalated) == meant


@pytest.mark.parametrize(
    ("resolved", "escalated", "reason"),
    [("Escaladé", "non", "corrigez l’une"), ("non, escaladé", "Non", "corrigez l’une"), ("oui", "résolu",
    "écrivez Oui"),
     ("oui", "en cours", "écrivez Oui"), ("non escaladé", "", "écrivez Oui")],
)  # fmt: skip
def test_answers_that_contradict_each_other_are_refused(resolved: Cell, escalated: Cell, reason: str) -> None:
    with pytest.raises(CellRefused, match=reason):
        read_answers(resolved, escalated, HEADINGS)


@pytest.mark.parametrize(
    ("cell", "level"),
    [("1", "1"), (1, "1"), (2.0, "2"), ("Niveau 2", "2"), ("N1", "1"), ("niv.2", "2"), ("Niveau1", "1"),
     ("Palier 1", "1"), ("N°1", "1"), ("I", "1"), ("II", "2"),
     ("premier", "1"), ("1er", "1"), ("Niveau un", "1"), ("level 1", "1"),
     ("Niveau\u00a01", "1"), ("Niveau 1.", "1"), ("1.0", "1"), ("1/2", "1/2"), ("niveau 1 / 2", "1/2"),
     ("niveau 1 et 2", "1/2"), ("Niveau 1 ou 2", "1/2"), (0.5, "1/2"), ("½", "1/2"), ("01/02/2025", "1/2"),
     ("01-févr", "1/2"), ("N1/N2", "1/2"), ("1er niveau", "1"), ("second niveau", "2"), (datetime(2025, 2, 1), "1/2"),  # noqa: DTZ001
     (date(2025, 1, 2), "1/2"), ("", None), (None, None)],
)  # fmt: skip
def test_a_level_is_read_even_when_the_spreadsheet_made_a_date_of_it(cell: Cell, level: str | None) -> None:
    assert read_level(cell) == (level, "")


def test_a_level_with_words_is_said_and_another_is_refused() -> None:
    assert read_level("Niveau 2 (complexe)")[0] == "2"
    assert "lu 1." in read_level("1 - simple")[1]
    assert read_level("NSP") == (None, "Niveau « NSP » lu comme non renseigné : il suit la nomenclature.")
    for cell in ("3", "12", "niveau", date(2025, 3, 1)):
        with pytest.raises(CellRefused, match="n'existe pas"):
            read_level(cell)


def test_a_blank_answer_is_neither_yes_nor_no_and_a_written_level_stays() -> None:
    row = read_alone(resolved="", escalated=None)
    assert (row.resolved, row.escalated, row.niveau) == (None, None, "1")
    both = {
        "thematique": "Indicateurs et données",
        "motif": "Extraction des indicateurs",
        "sous_motif": "Réaliser une extraction",
    }
    assert read_alone(**both, niveau="Niveau 1/2").niveau == "1/2"
    assert [read_alone(**both, niveau="", escalated=said).niveau for said in ("oui", "non", "")] == ["2", "1", "1/2"]


def test_the_level_1_2_survives_the_round_trip() -> None:
    row = HistoryRow(
        "+33199001234", APRIL_12, 240, "Indicateurs et données", "Extraction des indicateurs",
        "Réaliser une extraction",
        "1/2", resolved=True, escalated=None, call_id="CA1",
    )  # fmt: skip
    sent = exported(row)
    assert of_france(sent).rows[0].row.niveau == "1/2"
    changed = of_france(corrected(sent, H2=date(2026, 2, 1), I2="Non")).rows[0].row
    assert (changed.niveau, changed.resolved) == ("1/2", False)


# ---------------------------------------------------------------- past callers


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("01 99 00 12 34", "+33199001234"), (199001234.0, "+33199001234"), (33199001234.0, "+33199001234"),
        ("+33 (0)1 99 00 12 34", "+33199001234"), ("\u202d01 99 00 12 34\u202c", "+33199001234"),
        ("tel:+33199001234", "+33199001234"), ("Tél : 01 99 00 12 34", "+33199001234"),
        ("01 99 00 12 34;", "+33199001234"),
        ("01,99,00,12,34", "+33199001234"), ("199001234,0", "+33199001234"), ("０１９９００１２３４", "+33199001234"),
        ("06 39 98 12 34 📱", "+33639981234"), ("+32 2 123 45 67", "+3221234567"),
        ("+41 22 123 45 67", "+41221234567"), ("0899 12 34 56", "+33899123456"), ("0 806 000 156", "+33806000156"),
        ("115", "115"), ("3115", "3115"), ("118 218", "118218"), ("0692 00 12 34", "+262692001234"),
        ("07 00 00 00 00", "+33700000000"), ("", None), ("-", None), ("inconnu", None), ("Anonyme", None),
        ("masqué", None),
    ],
)  # fmt: skip
def test_a_past_caller_is_kept_as_far_as_it_is_a_number(cell: Cell, kept: str | None) -> None:
    assert (read_caller(cell, read_past_number).phone, read_caller(cell, read_past_number).note) == (kept, "")


@pytest.mark.parametrize(
    ("cell", "kept", "note"),
    [
        ("01 99 00 12 34 / 06 39 98 12 34", "+33199001234", "le reste est laissé de côté"),
        ("01 99 00 12 34\n06 39 98 12 34", "+33199001234", "le reste est laissé de côté"),
        ("01 99 00 12 34 (poste 5)", "+33199001234", "le reste est laissé de côté"),
        ("0199001234 ou 4512", None, "laissé de côté"),
        ("O1 99 00 12 34", "+33199001234", "lu « 01 99 00 12 34 »."), (199000000.0, "+33199000000",
        "arrondi"),
        ("4512", None, "poste intérieur"), ("NSP", None, "laissé de côté"), ("mail", None, "laissé de côté"),
        ("Dupont", None, "laissé de côté"), ("1,99E+08", None, "notation scientifique"),
        ("01 99 00 12", None, "incomplet"),
        ("01 99 00 12 34 5", None, "incomplet ou trop long"), ("01 99 •• •• 34", None, "masqué"),
        ("01 99 xx xx 34", None, "masqué"), (UnreadableCell("c’est une formule"), None, "c’est une formule"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_left_out_with_a_note_and_the_call_stays(cell: Cell, kept: str | None, note: str) -> None:
    found = read_caller(cell, read_past_number)
    assert found.phone == kept
    assert note in found.note
    assert found.note.startswith("Numéro ")


def test_no_number_at_all_refuses_a_call() -> None:
    found = of_france(
        made_by_hand(*(line(phone=text) for text in ("4512", "NSP", "mail", "0899123456", "+41 22 123 45 67")))
    )
    assert found.refused == []
    assert [one.row.phone for one in found.rows] == [None, None, None, "+33899123456", "+41221234567"]
    assert [bool(one.notes) for one in found.rows] == [True, True, True, False, False]


# ---------------------------------------------------------------- the ministry's own wordings

PLACES = "GESTION DES DEMANDES, MENAGES ET GROUPES DE PLACE"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ((PLACES, "Gestion du ménage", "Fusion des ménages"), ("Gestion du ménage", "Fusion des ménages")),
        ((PLACES, "Prise en main de l'outil", 'Demande "à compléter"'), ("Gestion de la demande",
        "Demande « à compléter »")),
        (("GESTIONN DES DONNEES ET CONFORMITE", PERSONAL, ""), (PERSONAL, PERSONAL)),
        (("GESTIONN DES DONNEES ET CONFORMI", PERSONAL, "Autorisation extraction"),
        (PERSONAL, "Autorisation extraction")),
        ((DATA, PERSONAL, PERSONAL), (PERSONAL, PERSONAL)),
        ((DATA, "Intervention sur les données d'un dossier ménage", ""),
         ("Intervention sur les données d'un dossier ménage", "Intervention sur les dossiers d'un ménage")),
        ((DATA, "Intervention sur les dossiers d'un ménage", "Intervention sur les dossiers d'un ménage"),
         ("Intervention sur les données d'un dossier ménage", "Intervention sur les dossiers d'un ménage")),
        (("COMMUNICATION", "", ""), ("Communication", "Communication")),
        (("COMMUNICATION", "Communication", ""), ("Communication", "Communication")),
        (("SAV MODULE OFFRE", "", ""), ("SAV module offre", "SAV module offre")),
        (("Assistance technique et anomalie", "LENTEUR DE L'OUTIL", ""), ("Lenteur de l'outil", "Lenteur de l'outil")),
        (("LENTEUR DE L'OUTIL", "", ""), ("Lenteur de l'outil", "Lenteur de l'outil")),
        (("Accès & authentification", "Création de compte", "Compte formation"), ("Création de compte",
        "Compte formation")),
        (("", "", "Compte formation"), ("Création de compte", "Compte formation")),
        (("Evolution", "Proposition d’évolution", "Autres"), ("Proposition d'évolution", "Autres")),
    ],
)  # fmt: skip
def test_the_wordings_of_both_slides_are_known(typed: tuple[str, str, str], meant: tuple[str, str]) -> None:
    row = read_alone(**dict(zip(Wording._fields, typed, strict=True)), niveau="")
    assert (row.motif, row.sous_motif) == meant
    assert row.niveau in {"1", "2"}


def test_every_entry_of_the_list_and_every_known_spelling_is_read_in_capitals_too() -> None:
    listed = first_nomenclature()
    for wording in (*(entry.wording for entry in listed.entries), *(met for met in listed.variants if met.sous_motif)):
        assert listed.as_told(wording)
        assert listed.as_told(Wording(*(name.upper() for name in wording)))


def test_an_empty_last_name_means_the_motif_itself_for_a_file_and_nothing_on_the_desk() -> None:
    listed = first_nomenclature()
    for entry in listed.entries:
        theme, motif, _ = entry.wording
        told = listed.as_told(Wording(theme, motif, ""))
        assert told is not None
        assert told.wording.motif == motif
        assert listed.find(theme, motif, "") is None
    assert listed.as_told(Wording("Accès et authentification", "", "")) is None
    assert listed.as_told(Wording("", "", "")) is None
    assert listed.as_told(Wording("", "Autre", "")) is None


def test_the_motif_itself_has_the_level_of_its_sous_motifs_or_both() -> None:
    listed = Wordings(
        (Entry("1", Wording("A", "B", "C")), Entry("2", Wording("A", "B", "D")), Entry("1", Wording("A", "E", "F")))
    )
    assert listed.as_told(Wording("a", "b", "")) == Entry("1/2", Wording("A", "B", "B"))
    assert listed.as_told(Wording("a", "e", "")) == Entry("1", Wording("A", "E", "E"))


def test_an_unknown_wording_is_refused_whole_and_the_nearest_is_proposed() -> None:
    long = (
        "Demande relevant du métier plutôt que du système d’information (insertion, 115), et bien d’autres mots en plus"
    )
    found = of_france(
        made_by_hand(
            line(thematique="Prise en main de l'outil et accompagnement", motif="Question métier", sous_motif=long)
        )
    )
    (refused,) = found.refused
    assert long in refused.sentence()
    assert "pas de sous-motif" in refused.sentence()
    assert refused.wording == Wording("Prise en main de l'outil et accompagnement", "Question métier", long)
    assert refused.near[0].wording.sous_motif == "Demande relevant du métier plutôt que du SI (insertion, 115)"
    assert refused.cells["motif"] == "Question métier"


@pytest.mark.parametrize(
    ("cells", "said"),
    [({"thematique": "Machine à café"}, "pas de thématique « Machine à café »"),
     ({"motif": "Pb de connexion"}, "pas de motif « Pb de connexion »"), ({"motif": "",
     "sous_motif": ""}, "le motif manque"),
     ({"thematique": "", "motif": "", "sous_motif": "Autre"}, "la thématique manque")],
)  # fmt: skip
def test_the_name_that_leads_nowhere_is_named(cells: dict[str, str], said: str) -> None:
    assert said in of_france(made_by_hand(line(**cells))).refused[0].sentence()


@pytest.mark.parametrize(
    "typed",
    [
        (ACCESS, CONNECTION, "Lien connexion non reçus"),
        ("1. " + ACCESS, CONNECTION, "N1 - Lien de connexion non reçu"),
        (ACCESS, f"{CONNECTION} / Lien de connexion non reçu", ""),
        (f"{ACCESS} > {CONNECTION} > Lien de connexion non reçu", "", ""),
        ("", f"{CONNECTION} : Lien de connexion non reçu", ""),
    ],
)  # fmt: skip
def test_plurals_small_words_numbers_and_the_cells_of_a_wording_tell_nothing_where_one_entry_is_left(
    typed: tuple[str, str, str],
) -> None:
    (found,) = of_france(made_by_hand(line(**dict(zip(Wording._fields, typed, strict=True)), niveau=""))).rows
    assert found.row.sous_motif == "Lien de connexion non reçu"
    assert "est compté dans « Lien de connexion non reçu »." in found.notes[0]
    assert first_nomenclature().find(*typed) is None
    assert first_nomenclature().as_told(Wording("", "Autres", "Autres")) is None


def test_two_names_in_each_others_place_find_their_entry_among_the_nearest() -> None:
    swapped = Wording("Accès et authentification", "Compte formation", "Création de compte")
    assert first_nomenclature().near(swapped)[0].wording == Wording(swapped[0], swapped[2], swapped[1])
    assert first_nomenclature().near(Wording("zzz", "qqq", "xxx")) == ()


@pytest.mark.parametrize("place", range(3))
def test_one_name_alone_finds_the_entry_that_has_it_whatever_its_column(place: int) -> None:
    typed = ["", "", ""]
    typed[place] = "Réinitialisation mot de passe"
    assert first_nomenclature().near(Wording(*typed))[0].wording.sous_motif == "Réinitialisation du mot de passe"


def test_what_people_say_of_an_unknown_wording_holds_for_all_its_spellings() -> None:
    content = made_by_hand(line(sous_motif="Compte pour s’exercer"), line(sous_motif="COMPTE POUR S'EXERCER"))
    (first, second) = of_france(content).refused
    assert first.wording
    assert second.wording
    assert first.wording.key == second.wording.key
    meant = {first.wording.key: first.near[0].wording.key}
    found = of_france(content, meant=meant)
    assert found.refused == []
    assert {one.row.sous_motif for one in found.rows} == {first.near[0].wording.sous_motif}
    assert len(of_france(content, meant={first.wording.key: "nowhere"}).refused) == 2


def test_a_cell_in_a_sentence_is_cut_between_two_words() -> None:
    said = quoted("un mot " * 30)
    assert said == f"« {'un mot ' * 8}un… »"
    assert quoted("12/04") == "« 12/04 »"
