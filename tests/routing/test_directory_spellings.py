"""The cells of a directory as people write them: read where the meaning is certain, else refused with a sentence."""

from __future__ import annotations

import pytest

from routing.directory.people import Role
from tests.routing.directory_files import file_of, line, problems, read

READ = [
    ("departement", "1", "01"),
    ("departement", "001", "01"),
    ("departement", "093", "93"),
    ("departement", "93.0", "93"),
    ("departement", "93,0", "93"),
    ("departement", "D93", "93"),
    ("departement", "Dép. 93", "93"),
    ("departement", "01 - Ain", "01"),
    ("departement", "Ain (01)", "01"),
    ("departement", "Ain", "01"),
    ("departement", "75 Paris", "75"),
    ("departement", "2a", "2A"),
    ("departement", "2A - Corse-du-Sud", "2A"),
    ("departement", "Haute Corse", "2B"),
    ("departement", "Réunion", "974"),
    ("departement", "La Réunion (974)", "974"),
    ("departement", "Côtes d’Armor", "22"),
    ("departement", "971\u200e", "971"),
    ("departement", "02A", "2A"),
    ("departement", "2 b", "2B"),
    ("departement", "n° 93", "93"),
    ("role", "Référent SI", Role.REFERENT),
    ("role", "Référent SI SIAO", Role.REFERENT),
    ("role", "référent(e)", Role.REFERENT),
    ("role", "Référent·e", Role.REFERENT),
    ("role", "référent-e départemental", Role.REFERENT),
    ("role", "référent local", Role.REFERENT),
    ("role", "Référente SI-SIAO", Role.REFERENT),
    ("role", "suppléant(e)", Role.SUPPLEANT),
    ("role", "Directeur SIAO", Role.DIRECTEUR),
    ("role", "Directrice du SIAO", Role.DIRECTEUR),
    ("phone", "\u202d01 99 00 11 01\u202c", "+33199001101"),
    ("phone", "\u200e01 99 00 11 01", "+33199001101"),
    ("phone", "01 99 00 11 01\ufeff", "+33199001101"),
    ("phone", "tel:+33199001101", "+33199001101"),
    ("phone", "Tél : 01.99.00.11.01.", "+33199001101"),
    ("phone", "0199001101,0", "+33199001101"),
    ("phone", "199001101.0", "+33199001101"),
    ("phone", '="0199001101"', "+33199001101"),
    ("phone", "'0199001101", "+33199001101"),
    ("email", "mailto:a@exemple.fr", "a@exemple.fr"),
    ("email", "Anne Alpha <a@exemple.fr>", "a@exemple.fr"),
    ("email", "<a@exemple.fr>", "a@exemple.fr"),
    ("email", "a@exemple.fr.", "a@exemple.fr"),
    ("email", "\u200ba@exemple.fr\u00a0", "a@exemple.fr"),
    ("rang", "1.0", 1),
    ("rang", "1,0", 1),
    ("rang", "1er", 1),
    ("rang", "2e", 2),
    ("rang", "2ème", 2),
    ("rang", "01", 1),
    ("rang", "rang 1", 1),
    ("rang", "'3", 3),
]


@pytest.mark.parametrize(("column", "typed", "wanted"), READ)
def test_a_cell_is_read_as_people_write_it(column: str, typed: str, wanted: object) -> None:
    cells = {"telephone" if column == "phone" else column: typed.replace('"', '""')}
    assert getattr(read(file_of(line(**cells)))[1], column) == wanted


REFUSED = [
    ("departement", "2A/2B", "une ligne pour chacun"),
    ("departement", "01, 74", "une ligne pour chacun"),
    ("departement", "9 3", "une ligne pour chacun"),
    ("departement", "97", "trois chiffres"),
    ("departement", "20", "écrivez 2A ou 2B"),
    ("departement", "Corse", "écrivez 2A ou 2B"),
    ("departement", "69M", "écrivez 69"),
    ("departement", "69D", "écrivez 69"),
    ("departement", "02 - Ain", "« ain » est le 01"),
    ("departement", "01 Siège", "le 01 est « Ain »"),
    ("departement", "Atlantide", "existe pas"),
    ("role", "référent suppléant", "rôle inconnu"),
    ("role", "référent national", "rôle inconnu"),
    ("telephone", "1,99E+08", "notation scientifique"),
    ("telephone", "01 99 00 11 01 / 06 39 98 11 01", "deux numéros"),
    ("telephone", "01 99 00 11 01 (standard)", "retirez « standard »"),
    ("telephone", "01 99 00 11 01 puis 2", "retirez « puis »"),
    ("email", "rené@exemple.fr", "ni accent"),
    ("email", "a@exemple.fr, b@exemple.fr", "plusieurs"),
    ("email", "a@exemple.fr / b@exemple.fr", "plusieurs"),
    ("email", "a@exemple,fr", "« exemple,fr »"),
    ("email", "a@sous_domaine.fr", "tiret bas"),
    ("rang", "I", "nombre entier de 1 à 99"),
    ("rang", "1 et 2", "nombre entier de 1 à 99"),
]


@pytest.mark.parametrize(("column", "typed", "reason"), REFUSED)
def test_what_may_mean_two_things_is_refused_with_what_to_write(column: str, typed: str, reason: str) -> None:
    [found] = problems(file_of(line(**{column: typed})))
    assert (found.line, found.column, found.value) == (3, column, typed)
    assert reason in found.reason


def test_a_separator_that_is_not_quoted_is_told_alone() -> None:
    """What slipped into the next columns is no fault of theirs."""
    content = file_of(line()).replace(",", ";").replace('"lun 9h-12h"', "lundi : 9h-12h ; mardi : 14h-17h")
    [found] = problems(content)
    assert "entre guillemets" in found.reason
