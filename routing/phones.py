"""Telephone numbers as people type them in France and overseas: read, refuse, show, mask, speak."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberType

FICTION = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
"""The ranges that Arcep reserves for works of fiction: never given to a subscriber."""

ALLOWED_COUNTRIES = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
SATELLITE_COUNTRIES = frozenset({870, 881, 882, 883})
RINGABLE_TYPES = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)

# National prefixes of the overseas départements (without their zero) and the country code that they belong to.
# libphonenumber takes some of them for metropolitan numbers, which would ring nobody: they are mapped first. 0695 is
# metropolitan; 0639 98 is the range of fiction.
OVERSEAS = {
    "262": "262",
    "263": "262",
    "269": "262",
    "639": "262",
    "692": "262",
    "693": "262",
    "7092": "262",
    "70935": "262",
    "70936": "262",
    "70937": "262",
    "590": "590",
    "690": "590",
    "691": "590",
    "7090": "590",
    "594": "594",
    "694": "594",
    "70930": "594",
    "70931": "594",
    "70932": "594",
    "70933": "594",
    "596": "596",
    "696": "596",
    "697": "596",
    "7091": "596",
}
FRANCE = 33
NATIONAL_DIGITS = 9
SHORT_DIGITS = 6
MAX_TYPED = 40

_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s.\-‐‑‒–—/()_']+")
_DIGITS = re.compile(r"\+?[0-9]+")


class PhoneRefused(ValueError):  # noqa: N818 - it tells a decision; the French reason is its text
    """A number that the line will not dial; its text is the reason, in French."""


def read_phone(text: str, *, own_numbers: frozenset[str] = frozenset(), allow_fiction: bool) -> str:
    """The E.164 form of a number as typed, or PhoneRefused with the French reason why it cannot be rung."""
    e164 = international(text)
    if e164 in own_numbers:
        raise PhoneRefused("c'est un numéro de la ligne elle-même : l'appel tournerait en rond")
    if is_fiction(e164):
        return _read_fiction(e164, allow_fiction=allow_fiction)
    return _read_real(e164)


def international(text: str) -> str:
    """The E.164 form of a number as written, whether or not it can be rung; PhoneRefused when it is no number."""
    return _to_e164(_bare(text))


def read_past_number(text: str) -> str:
    """The number of somebody who called, whether or not anybody may dial it; PhoneRefused when it is no number.

    E.164 for numbers of any country and kind; a short number (115, 3115) as it is dialled.
    """
    bare = _bare(text)
    if len(bare) <= SHORT_DIGITS and bare[0] not in "+0":
        number = phonenumbers.PhoneNumber(country_code=FRANCE, national_number=int(bare))
        if phonenumbers.is_valid_short_number(number):
            return bare
        raise PhoneRefused("numéro incomplet, ou d’un poste intérieur")
    e164 = _to_e164(bare)
    try:
        if phonenumbers.is_possible_number(phonenumbers.parse(e164)):
            return e164
    except phonenumbers.NumberParseException:
        pass
    raise PhoneRefused("ce numéro n'existe pas")


def why_not_callable(
    number: str, *, own_numbers: frozenset[str] = frozenset(), allow_fiction: bool = False
) -> str | None:
    """Why nobody should call this number back (« numéro surtaxé », « numéro étranger (+41) »), None when one may."""
    try:
        read_phone(number, own_numbers=own_numbers, allow_fiction=allow_fiction)
    except PhoneRefused as refused:
        return str(refused).partition(" : ")[0]
    return None


def _bare(text: str) -> str:
    """Digits alone, with a leading + where there was one; refuses what is no number at all."""
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        raise PhoneRefused("le numéro manque")
    if len(typed) > MAX_TYPED:
        raise PhoneRefused("trop long pour un numéro de téléphone")
    if _SCIENTIFIC.fullmatch(typed.replace(" ", "")):
        raise PhoneRefused(
            "le tableur a abîmé ce numéro (notation scientifique) : mettez la colonne au format texte et retapez-le"
        )
    if any(character.isalpha() for character in typed):
        raise PhoneRefused("un numéro de téléphone n'a pas de lettres")
    bare = _SEPARATORS.sub("", typed.replace("(0)", ""))
    if not _DIGITS.fullmatch(bare):
        raise PhoneRefused("ce n'est pas un numéro de téléphone")
    return bare


def _to_e164(bare: str) -> str:
    if bare.startswith("00"):
        bare = "+" + bare.lstrip("0")
    if bare.startswith("+"):
        return _repaired(bare[1:])
    if len(bare) <= SHORT_DIGITS:
        raise PhoneRefused("numéro court : un référent se joint par un numéro à dix chiffres")
    if len(bare) == NATIONAL_DIGITS + 1 and bare[0] == "0":
        return _from_national(bare[1:])
    if len(bare) == NATIONAL_DIGITS and bare[0] != "0":  # a spreadsheet has eaten the zero
        return _from_national(bare)
    for country in ("33", "262", "590", "594", "596"):  # a spreadsheet has eaten the +
        if bare.startswith(country) and len(bare) == len(country) + NATIONAL_DIGITS:
            return _repaired(bare)
    raise PhoneRefused(f"numéro incomplet ou trop long : {len(bare)} chiffres au lieu de 10")


def _repaired(digits: str) -> str:
    """`+33 (0)6…` without its zero, and `+33 590…`, `+33 692…` under their own country code."""
    for country in ("33", "262", "590", "594", "596"):
        rest = digits.removeprefix(country)
        if rest == digits:
            continue
        if len(rest) == NATIONAL_DIGITS + 1 and rest[0] == "0":
            rest = rest[1:]
        if country == "33" and len(rest) == NATIONAL_DIGITS:
            return _from_national(rest)
        return f"+{country}{rest}"
    return f"+{digits}"


def _from_national(digits: str) -> str:
    """The E.164 form of the nine digits after the zero, overseas prefixes first."""
    if f"+33{digits}".startswith(FICTION):
        return f"+33{digits}"
    for length in (5, 4, 3):
        country = OVERSEAS.get(digits[:length])
        if country:
            return f"+{country}{digits}"
    return f"+33{digits}"


def _read_fiction(e164: str, *, allow_fiction: bool) -> str:
    if not allow_fiction:
        raise PhoneRefused("numéro réservé à la fiction : il ne sonne chez personne")
    if len(e164) != len("+33") + NATIONAL_DIGITS:
        raise PhoneRefused("numéro incomplet ou trop long")
    return e164


def _read_real(e164: str) -> str:
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        raise PhoneRefused("ce numéro n'existe pas") from None
    country, national = number.country_code, str(number.national_number)
    if country in SATELLITE_COUNTRIES:
        raise PhoneRefused("numéro satellite")
    if country not in ALLOWED_COUNTRIES:
        raise PhoneRefused(f"numéro étranger (+{country})")
    if len(national) == NATIONAL_DIGITS and national[0] == "8":
        _refuse_special(national)
    if not phonenumbers.is_valid_number(number):
        raise PhoneRefused("ce numéro n'existe pas")
    if phonenumbers.number_type(number) not in RINGABLE_TYPES:
        raise PhoneRefused("numéro spécial : donnez une ligne fixe, un mobile ou un 09")
    return e164


def _refuse_special(national: str) -> None:
    if national[:2] in {"81", "82", "89"}:
        raise PhoneRefused("numéro surtaxé")
    raise PhoneRefused("numéro spécial en 08 : donnez une ligne fixe, un mobile ou un 09")


def is_fiction(e164: str) -> bool:
    """Whether the number is of a range reserved for fiction (06 39 98 stays +33, decision 18)."""
    return e164.startswith(FICTION)


def country_of(e164: str) -> str:
    """The country or island of an E.164 number, in two letters (ISO 3166-1); `ZZ` for one that nobody has."""
    number = phonenumbers.parse(e164)
    known = phonenumbers.region_code_for_number(number)
    return known or phonenumbers.region_code_for_country_code(number.country_code or 0)


def show_phone(e164: str) -> str:
    """The number as a French reader writes it: `01 99 00 12 34`, `0692 00 12 34`, `0 806 000 156`, `+687 26 12 34`."""
    country, national = _split(e164)
    is_dialled_with_zero = len(national) == NATIONAL_DIGITS and _from_national(national) == e164
    if country and not is_dialled_with_zero:
        return " ".join([f"+{country}", *_pairs(national)])
    if country == "33" and national.startswith("80"):
        return f"0 {national[:3]} {national[3:6]} {national[6:]}"
    if country == "33":
        return " ".join(_pairs("0" + national))
    if country in {"262", "590", "594", "596"}:
        return " ".join([f"0{national[:3]}", *_pairs(national[3:])])
    return e164


def mask_phone(e164: str) -> str:
    """The number with its middle hidden: `06 39 •• •• 34`."""
    groups = show_phone(e164).split(" ")
    if len(groups) == 1:
        return re.sub(r"\d(?=\d{2})", "•", e164)
    kept = 2 if len(groups) > 4 else 1  # noqa: PLR2004 - five pairs show two of them, shorter forms their first group
    return " ".join([*groups[:kept], *("•" * len(group) for group in groups[kept:-1]), groups[-1]])


def speak_phone(e164: str) -> str:
    """The number in pairs for a French voice: `06, 39, 98, 12, 34`; a pair of zeros is said « zéro zéro ».

    Any other country's begins with `plus` and its code, and with one digit alone when their count is odd.
    """
    country, national = _split(e164)
    if country in {"33", "262", "590", "594", "596"}:
        return ", ".join(_spoken_pair(pair) for pair in _pairs("0" + national))
    code, national = (country, national) if country else _split_abroad(e164)
    odd = len(national) % 2
    groups = filter(None, ("plus", code, national[:odd], *_pairs(national[odd:])))
    return ", ".join(_spoken_pair(group) for group in groups)


def _spoken_pair(pair: str) -> str:
    return "zéro zéro" if pair == "00" else pair


def _pairs(digits: str) -> list[str]:
    return [digits[place : place + 2] for place in range(0, len(digits), 2)]


def _split(e164: str) -> tuple[str, str]:
    """Country code and national digits of an E.164 number of France and overseas; empty country for any other."""
    for country in sorted(ALLOWED_COUNTRIES):
        prefix = f"+{country}"
        short = country in {508, 681, 687, 689}
        national = e164.removeprefix(prefix)
        if national != e164 and national.isdigit() and (short or len(national) == NATIONAL_DIGITS):
            return str(country), national
    return "", ""


def _split_abroad(e164: str) -> tuple[str, str]:
    """Country code and the digits after it, of any E.164 number; no code when it is none."""
    digits = re.sub(r"\D", "", e164)
    try:
        code = str(phonenumbers.parse(e164).country_code)
    except phonenumbers.NumberParseException:
        code = ""
    return code, digits.removeprefix(code)
