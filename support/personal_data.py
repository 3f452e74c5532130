"""No personal data in what is written about a call: what looks like some is pointed at before it is kept.

A false alarm costs each writer a click, so a piece is pointed at only where it can hardly be anything else; the writer
decides (decision 53).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from routing.departements import departements

WORDS = Path(__file__).parent / "data" / "apres_civilite.txt"
LOOKED_AT = 20_000
"""Characters of a text that a form sends: no form keeps a longer one, and it is looked at before it is refused."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++\s?@\s?[\w-]++(?:\.[\w-]++)+")
"""Looked for from the beginning of a run of its marks, and never twice: a long text without one costs one pass."""
_NIR = re.compile(r"(?<!\d)[123478](?:[ .\-]?\d){4}[ .\-]?(?:\d{2}|2[ABab])(?:[ .\-]?\d){6}(?:[ .\-]?\d{2})?(?!\d)")
_PHONE = re.compile(
    r"(?<![\d+])(?:(?:\+|00)[ .\-]?(?:33|262|508|590|594|596|681|687|689)[ .\-]?(?:\(0\)[ .\-]?)?\d(?:[ .\-/]?\d){5,8}"
    r"|0[ .\-]?[1-9](?:[ .\-/]?\d){8})(?!\d)"
)

_MONTH = r"(?:janv|f[ée]vr|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c)[a-zéû]*\.?"
_DAY = rf"(?:[0-3]?\d ?[/.\- ] ?[01]?\d ?[/.\- ] ?(?:\d{{4}}|\d{{2}})|(?:1er|[0-3]?\d) {_MONTH} \d{{4}})(?!\d)"
_BIRTH = re.compile(
    rf"\b(?:n[ée](?:\(?e\)?)?s? (?:le :? ?{_DAY}|en (?:{_MONTH} )?(?:19|20)\d\d\b)"
    rf"|(?:d\.?d\.?n\.?|date de naissance|naissance)(?: est)?(?: le)? ?[:=]? ?(?:{_DAY}|(?:19|20)\d\d\b))",
    re.IGNORECASE,
)

_WHAT = r"(?:dossiers?|m[ée]nages?|demandes?|personnes?|usag[eè]re?s?)"
_SIGN = r"(?:n[°º]|no\.?|n\.|num[ée]ro|#|:|=)"
_FILE = re.compile(
    rf"\b(?:{_SIGN} ?(?:de |du |de la |d[’'])?)?(?:{_WHAT}|si[ -]?siao)(?: si[ -]?siao)? ?(?:{_SIGN} ?){{0,2}}"
    r"\d(?:[ .]?\d){4,11}(?![\d/]|(?-i: [A-ZÀ-Ö]))",
    re.IGNORECASE,
)

_JOINT = r"(?:(?:de la|de l[’']|du|des|de|d[’']|l[’']|la|le|les) ?)?"
_ADDRESS = re.compile(
    rf"(?<![\d/:])\d{{1,4}} ?(?:bis|ter|quater|[A-Da-d])?,? (?:"
    rf"(?i:rue|avenue|av\.?|boulevard|bd\.?|bld|blvd|impasse|imp\.|all[ée]es?|chemin|faubourg|lotissement) "
    rf"{_JOINT}[^\W\d_]{{3,}}"
    rf"|(?i:place|pl\.|quai|route|cours|square|passage|villa|cit[ée]|r[ée]sidence|hameau|esplanade|sente|ruelle) "
    rf"{_JOINT}[A-ZÀ-ÖØ-Þ][\w’'-]+)(?:[ -][A-ZÀ-ÖØ-Þ][\w’'-]+)*(?:,? \d{{5}}(?: [A-ZÀ-ÖØ-Þ][\w’'-]+)*)?"
)

# ---------------------------------------------------------------- names after a civility

_CIVILITY = re.compile(
    r"(?<![\w.])(?:(?i:madame|monsieur|mademoiselle|mesdames|messieurs|mmes?|mlles?|mr)\.?"
    r"|MM?\.|M(?= [A-ZÀ-Þ][^\W\d_]+))[ \u00a0\u202f]+"
)
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_OUR_LINE = re.compile(r"(?:\+33|0033|0)806000156")
_VERBS_END = ("e", "t", "a", "d")
"""How a verb that follows « Madame » ends: a small word that ends so may be one."""
_LONGEST_NAME = 4
_SHORTEST_NAME = 2
_LONGEST_ACRONYM = 5
"""« Monsieur du SIAO », « Madame du CHRS »."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """A piece of text that looks like personal data; `kind` is French, ready to be shown."""

    kind: str
    text: str


def personal_data(text: str) -> list[PersonalData]:
    """What looks like personal data in a text, in its order.

    E-mail addresses, numbers of social security and of telephones (not our line's own), names after « Madame » or
    « Monsieur », dates of birth, numbers of a dossier, postal addresses.
    """
    found: dict[tuple[int, int], PersonalData] = {}
    patterns = (
        ("adresse électronique", _EMAIL),
        ("numéro de sécurité sociale", _NIR),
        ("numéro de téléphone", _PHONE),
        ("date de naissance", _BIRTH),
        ("adresse", _ADDRESS),
        ("numéro de dossier", _FILE),
    )
    spans = [
        (kind, match.span())
        for kind, pattern in patterns
        for match in pattern.finditer(text)
        if not _OUR_LINE.fullmatch(re.sub(r"[^\d+]", "", match[0]))
    ]
    taken = bytearray(len(text))
    for kind, (start, end) in [*spans, *(("nom", span) for span in _names(text))]:
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found[start, end] = PersonalData(kind, text[start:end].strip())
    return [found[span] for span in sorted(found)]


def doubt_about(text: str, ready: str = "") -> str:
    """The sentence that points at personal data in a text, said alike on every form; "" when there is none.

    What the ready answer `ready` says itself (the line's own number) is nobody's.
    """
    found = (piece for piece in personal_data(text[:LOOKED_AT]) if piece.text not in ready)
    pieces = ", ".join(f"{piece.kind} « {piece.text} »" for piece in found)
    return f"Donnée personnelle ? {pieces}. Retirez-la, ou confirmez que vous la gardez." if pieces else ""


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Where a civility and the name after it stand."""
    is_all_capitals = text.isupper()
    for civility in _CIVILITY.finditer(text):
        words: list[re.Match[str]] = []
        at = civility.end()
        while len(words) < _LONGEST_NAME and (word := _WORD.match(text, at)):
            words.append(word)
            at = word.end() + 1
            if text[word.end() : word.end() + 1] != " ":
                break
        last = _end_of_capitals(words) if not is_all_capitals else None
        last = last or _end_of_small(words, text)
        if last is not None:
            yield civility.start(), last


def _end_of_capitals(words: list[re.Match[str]]) -> int | None:
    """The end of a name written with capitals, after particles; None when there is none."""
    end = None
    for place, word in enumerate(words):
        plain = word.group().casefold()
        first = re.split(r"[’']", plain)[0]
        if end is None and (
            plain in _words("particles")
            or (first in _words("particles") and first != plain and word.group()[0].islower())
        ):
            if first != plain and _is_name(word.group().split("’")[-1].split("'")[-1]):
                end = word.end()
            continue
        if not _is_name(word.group()) or (place and plain in _places() and end is None):
            break
        if place and end is None and word.group().isupper() and len(plain) <= _LONGEST_ACRONYM:
            break
        end = word.end()
    return end


def _is_name(word: str) -> bool:
    plain = word.casefold()
    return (
        len(word) >= _SHORTEST_NAME and word[0].isupper()
        and plain not in _words("words") and not {plain, plain.split("-")[0]} & _words("offices")
        and not re.match(r"(?:[CDJLMNST]|Qu)[’'][a-zà-ÿœ]", word)
    )  # fmt: skip


def _end_of_small(words: list[re.Match[str]], text: str) -> int | None:
    """The end of a name written without capitals (« mme dupont a appelé »); None for any other word."""
    if not words or (words[0].group()[0].isupper() and not text.isupper()):
        return None
    plain = words[0].group().casefold()
    known = _words("words") | _words("offices") | _words("particles") | _places()
    if len(plain) <= _SHORTEST_NAME or plain in known or re.split(r"[’']", plain)[0] in known:
        return None
    following = re.split(r"[’']", words[1].group().casefold())[0] if len(words) > 1 else ""
    if plain.endswith(_VERBS_END) and following not in _words("speaks_on") and len(words) > 1:
        return None
    return None if plain.endswith(("é", "ée", "és", "ées", "er", "ir")) else words[0].end()


@cache
def _words(kind: str) -> frozenset[str]:
    """The words of this kind in the delivered list of what may follow a civility and is no name."""
    lines = (line.partition(":") for line in WORDS.read_text(encoding="utf-8").splitlines())
    return frozenset(word for key, _, words in lines if key == kind for word in words.split())


@cache
def _places() -> frozenset[str]:
    named = {
        part for each in departements().values() for part in (each.name.casefold(), each.name.casefold().split("-")[0])
    }
    return frozenset(named | {"lyon", "marseille", "lille", "bordeaux", "toulouse", "nantes", "france", "siao", "chrs"})
