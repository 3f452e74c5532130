"""What people write in the cells of a directory, and what it means where that is certain: codes, roles, addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from routing.departements import departements, normalise_code
from routing.directory.cells import fold
from routing.directory.people import Role

MAX_EMAIL = 254
MAX_RANG = 99

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9!#$%&'*+/=^_`{{|}}~.-]+@(?:{_LABEL}\.)+{_LABEL}", re.IGNORECASE)
_NAMED_EMAIL = re.compile(r"[^<>@]*<\s*([^<>\s]+)\s*>")
_FEMININE = {"referente": Role.REFERENT, "suppleante": Role.SUPPLEANT, "directrice": Role.DIRECTEUR} | {
    "nationale": Role.NATIONAL
}
_ROLES = {fold(role): role for role in Role} | _FEMININE
_SAYS_NOTHING = frozenset({"si", "siao", "local", "locale", "departemental", "departementale", "titulaire", "du", "de"})
_CODE = r"\d{1,3}|2[abAB]"
_CODE_AND_NAME = re.compile(rf"({_CODE})[\s:,()/-]+([^\W\d]\D*?)\)?|(\D+?)[\s:,(/-]+({_CODE})\)?")
_SCIENTIFIC_LESS = re.compile(r"(\+?[\d ]{9,})[.,]0+")
_RANG = re.compile(r"(?:rang |n° ?)?([0-9]{1,2})(?:[.,]0+|ers?|re|ère|i?[eè]me|e|nde?)?", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][^\d]*")


def plain(cell: str) -> str:
    """A cell that holds no name, without what a spreadsheet or a copied contact adds: `="…"`, `'`, invisible marks."""
    is_plain = cell.isascii() and cell.isprintable()
    kept = cell if is_plain else "".join(mark for mark in cell if unicodedata.category(mark) != "Cf")
    kept = kept.strip()
    quoted = re.fullmatch(r'="([^"]*)"', kept)
    return quoted[1] if quoted else kept.removeprefix("'")


def read_departement(typed: str) -> str:
    """The code, with or without its name (« 01 - Ain », « Ain (01) », « Ain », « 001 », « D93 »); ValueError else."""
    bare = re.sub(r"^(?:d|dep|dept|dpt|departement)[.\s]*(?=\d)", "", fold(typed))
    bare = re.sub(r"(\d)[.,]0+$", r"\1", bare)
    bare = re.sub(r"^n ?[°o] ?(?=\d)", "", bare)
    bare = re.sub(r"^0(?=\d[\dab]$)", "", re.sub(r"^(0?2) ([ab])$", r"\1\2", bare))
    named = "" if re.search(r"\d", bare) else _named(bare)
    if named:
        return named
    both = _CODE_AND_NAME.fullmatch(bare)
    if both:
        return _agreed(both[1] or both[4], both[2] or both[3])
    if re.fullmatch(rf"(?:{_CODE})(?:\s*[/,;+&\s]\s*(?:{_CODE}))+", bare):
        raise ValueError("plusieurs départements : écrivez une ligne pour chacun")
    if bare in {"69m", "69d"}:
        raise ValueError("ce département n'existe pas ici : pour le Rhône et la métropole de Lyon, écrivez 69")
    if bare in {"97", "98"}:
        raise ValueError("ce département n'existe pas : outre-mer, le code a trois chiffres (971, 974, 988…)")
    return normalise_code(bare)


def _named(name: str) -> str:
    """The code of a département by its name, with or without its article; empty when it has none."""
    return _codes_by_name().get(_name_key(name), "")


@cache
def _codes_by_name() -> dict[str, str]:
    return {_name_key(one.name): code for code, one in departements().items()}


def _name_key(name: str) -> str:
    words = re.sub(r"[^a-z]+", " ", fold(name).replace("œ", "oe")).split()
    return " ".join(words[1:] if words[:1] in (["la"], ["le"], ["les"], ["l"]) else words)


def _agreed(code: str, name: str) -> str:
    """The code beside a name, when both mean the same."""
    found = normalise_code(code[1:] if re.fullmatch(r"0\d\d", code) else code)
    if _name_key(name) == _name_key(departements()[found].name):
        return found
    other = _named(name)
    said = f"« {name.strip()} » est le {other}" if other else f"le {found} est « {departements()[found].name} »"
    raise ValueError(f"le code et le nom ne vont pas ensemble : {said} ; écrivez le code seul")


def read_role(typed: str) -> Role:
    """The role, in either gender and also « référent(e) », « Référent·e SI SIAO »; ValueError for any other."""
    words = re.sub(r"[(.·•‧/-]e\)?(?!\w)", "", fold(typed)).replace("-", " ").split()
    role = _ROLES.get(words[0]) if words else None
    if role is None or not _SAYS_NOTHING.issuperset(words[1:]):
        raise ValueError(f"rôle inconnu : écrivez {', '.join(Role)}")
    return role


def phone_reader(read_number: Callable[[str], str]) -> Callable[[str], str | None]:
    """A reader of the cell of a telephone by `read_number`: None when empty, ValueError with what to write instead."""

    def read(typed: str) -> str | None:
        bare = re.sub(r"^t[eé]l\w*\.?\s*:\s*", "", typed, flags=re.IGNORECASE)
        exact = _SCIENTIFIC_LESS.fullmatch(bare)
        bare = exact[1] if exact else bare
        digits, word = len(re.findall(r"\d", bare)), _WORD.search(bare)
        scientific = re.fullmatch(r"[\d.,]+e\+?\d+", bare.replace(" ", ""), re.IGNORECASE)
        if digits >= 18:  # noqa: PLR2004 - twice the nine digits after the zero
            raise ValueError("deux numéros dans la cellule : gardez-en un, ou écrivez une ligne pour chacun")
        if word and digits and not scientific:
            raise ValueError(
                f"un numéro de téléphone n'a pas de lettres : retirez « {word[0].strip(' ().')} » ; "
                "la ligne ne compose ni poste ni menu"
            )
        return read_number(bare) if bare else None

    return read


def read_email(typed: str) -> str | None:
    """The address, also out of « mailto: » and « Anne Alpha <…> »; None when empty, ValueError with the reason."""
    bare = re.sub(r"^mailto:\s*", "", typed, flags=re.IGNORECASE)
    named = _NAMED_EMAIL.fullmatch(bare)
    bare = (named[1] if named else bare).rstrip(".,; ")
    if typed and (len(bare) > MAX_EMAIL or not _EMAIL.fullmatch(bare)):
        raise ValueError(f"ce n'est pas une adresse e-mail{_why_no_email(bare)}")
    return bare or None


def _why_no_email(bare: str) -> str:
    _local, _, domain = bare.partition("@")
    if bare.count("@") > 1:
        return " : il y en a plusieurs ; gardez-en une"
    if not bare.isascii():
        return " : elle n'a ni accent ni signe spécial"
    if "," in domain or "_" in domain:
        return f" : « {domain} » n'est pas un nom de domaine (ni virgule ni tiret bas)"
    return " : il y a une espace" if " " in bare else ""


def read_rang(typed: str) -> int | None:
    """The rang (« 1 », « 1er », « 1,0 », « rang 1 »), None when empty; ValueError with the reason."""
    if not typed:
        return None
    found = _RANG.fullmatch(typed)
    if not found or not 1 <= int(found[1]) <= MAX_RANG:
        raise ValueError(f"le rang est un nombre entier de 1 à {MAX_RANG}, ou rien")
    return int(found[1])


def read_screening(typed: str) -> bool:
    """Whether who picks up presses 1 first: yes when empty; ValueError for what is neither oui nor non."""
    if fold(typed) not in {"", "oui", "non"}:
        raise ValueError("écrivez oui ou non")
    return fold(typed) != "non"
