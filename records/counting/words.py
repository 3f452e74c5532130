"""What French bends: a number's noun in the singular or the plural, « de » before a name."""

from __future__ import annotations

from records.wording import plain


def counted(number: int, one: str, many: str) -> str:
    """« 1 appel », « 12 appels », « 0 appel »: in French one says the singular below two."""
    return f"{number:,} ".replace(",", "\u202f") + agreed(number, one, many)


def agreed(number: int, one: str, many: str) -> str:
    """The word alone, for a number that stands elsewhere: « ajoutée », « ajoutées »."""
    return one if abs(number) < 2 else many  # noqa: PLR2004 - two is many


def of_name(name: str) -> str:
    """« d’Assia Pruvost », « de Camille Exemple »."""
    return f"d’{name}" if plain(name)[:1] in set("aeiou") else f"de {name}"
