"""« de » before a name."""

from __future__ import annotations

import pytest

from records.counting.words import of_name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Assia Pruvost", "d’Assia Pruvost"),
        ("Élodie Martin", "d’Élodie Martin"),
        ("Yann Camara", "de Yann Camara"),
        ("Hawa Joly", "de Hawa Joly"),
        ("", "de "),
    ],
)
def test_a_name_takes_its_apostrophe(name: str, said: str) -> None:
    assert of_name(name) == said
