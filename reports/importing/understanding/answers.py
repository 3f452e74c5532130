"""Solved or not, escalated or not, and the level, as people write them in a workbook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from records.wording import fold_words, plain
from reports.importing.reading.book import Cell, text_of
from reports.importing.understanding.cells import QUOTED, CellRefused, check_readable, quoted
from reports.workbook.columns import yes_no

TICKED, CROSSED = frozenset("✓✔☑✅🗹"), frozenset("✗✘❌✖☐")
YES = frozenset({"oui", "o", "x", "1", "vrai", "true", "yes", "y", "ok", *TICKED})
NO = frozenset({"non", "n", "0", "faux", "false", "no", *CROSSED})
PERHAPS_TICKED = frozenset({"v", "V", "ü"})
"""A tick in the font Wingdings is a « ü »; who has no tick writes a « v »."""
NOT_ANSWERED = frozenset({
    "", "n a", "na", "nc", "nr", "nsp", "ne sait pas", "ne sais pas", "sans objet", "so", "non renseigne", "inconnu",
    "inconnue", "non communique", "vide",
})  # fmt: skip
NOT_SAID = frozenset(
    f"{word}{end}"
    for word in (
        "concerne",
        "applicable",
        "renseigne",
        "communique",
        "precise",
        "indique",
        "connu",
        "note",
        "su",
        "defini",
    )
    for end in ("", "e")
)
"""After « non »: nobody answered."""
SOLVED = frozenset({
    "resolu", "resolue", "regle", "reglee", "probleme resolu", "probleme regle", "clos", "close", "termine", "traite",
    "fait", "resolus", "resolues", "ferme", "cloture",
})  # fmt: skip
NOT_SOLVED = frozenset({
    "en cours", "en attente", "pas encore", "a suivre", "a rappeler", "encours", "non resolu", "non resolue",
    "pas resolu", "pas resolue", "non regle", "pas regle", "non traite", "en cours de traitement",
    "en cours de resolution", "en attente de reponse",
})  # fmt: skip
ESCALATED = frozenset({
    "escalade", "escaladee", "escalade au national", "escalade au niveau 2", "escalade n2", "transmis", "transmise",
    "transmis au national", "transmis au niveau 2", "transmis n2",
})  # fmt: skip
OF_LEVEL_2 = frozenset({"niveau 2", "niv 2", "n2", "national", "au national"})
NOT_ESCALATED = frozenset({"non escalade", "non escaladee", "pas escalade", "pas escaladee", "niveau 1", "niv 1", "n1"})
FIRST_YES = frozenset({"oui", "yes", "ok"})
FIRST_NO = frozenset({"non", "no"})
TAKEN_BACK = frozenset({
    "oui", "non", "ou", "mais", "pas", "sauf", "presque", "partiel", "partiellement", "resolu", "resolue", "escalade",
    "escaladee", "peut", "sur", "encore", "attente", "cours",
})  # fmt: skip
"""Words after a yes or a no that make it another answer."""
_NOT_SOLVED_ESCALATED = re.compile(
    r"(?:non|en cours|(?:non|pas) resolue?)\W*[,;:/(\-–]\W*"
    r"(?:escaladee?|transmise?)(?: au national| au niveau 2| n2)?\W*"
)


@dataclass(frozen=True, slots=True)
class AnsweredCells:
    """What a line says; None: neither yes nor no (decision 70)."""

    resolved: bool | None = None
    escalated: bool | None = None
    notes: tuple[str, ...] = ()


def read_answers(resolved: Cell, escalated: Cell, headings: tuple[str, str]) -> AnsweredCells:
    """The two answers of a line; CellRefused for one that is neither yes nor no, or when they contradict each other.

    « Escaladé » in the first column is an answer to both.
    """
    sent = _says_escalated(resolved)
    solved, note = (False, "") if sent else read_yes_no(resolved, headings[0], SOLVED, NOT_SOLVED)
    went, other_note = read_yes_no(escalated, headings[1], ESCALATED | OF_LEVEL_2, NOT_ESCALATED)
    if sent and went is False:
        raise CellRefused(
            f"« {headings[0]} » dit {quoted(resolved)}, mais « {headings[1]} » dit {quoted(escalated)} : "
            "corrigez l’une des deux"
        )
    if sent and went is None:
        went, note = True, f"« {headings[0]} » : {quoted(resolved)} lu Non, et escaladé."
    return AnsweredCells(solved, went, tuple(filter(None, (note, other_note))))


def _says_escalated(cell: Cell) -> bool:
    text = text_of(cell)
    return fold_words(text) in ESCALATED or bool(_NOT_SOLVED_ESCALATED.fullmatch(plain(text)))


def read_yes_no(
    cell: Cell, heading: str, also_yes: frozenset[str] = frozenset(), also_no: frozenset[str] = frozenset()
) -> tuple[bool | None, str]:
    """True, False, or None when nobody answered; and a note where the reading is to be seen."""
    check_readable(cell, f"la colonne « {heading} »")
    if isinstance(cell, bool):
        return cell, ""
    text, is_asked = fold_words(text_of(cell)), "?" in text_of(cell)
    if text and is_asked:
        raise CellRefused(f"« {heading} » contient {quoted(cell)} : écrivez Oui ou Non, ou videz la cellule")
    if text in YES or text in also_yes:
        return True, ""
    if text in NO or text in also_no:
        return False, ""
    if is_unsaid(text):
        return None, f"« {heading} » : {quoted(cell)} lu comme sans réponse." if text or is_asked else ""
    meant = _meant(text, text_of(cell), also_yes, SOLVED if ESCALATED & also_yes else frozenset())
    if meant is None:
        raise CellRefused(f"« {heading} » contient {quoted(cell)} : écrivez Oui ou Non, ou videz la cellule")
    return meant, f"« {heading} » : {quoted(cell)} lu {yes_no(meant)}."


def is_unsaid(folded: str) -> bool:
    """Whether these folded words say that nobody knows: « NSP », « non renseigné »; nothing at all too."""
    return folded in NOT_ANSWERED or (folded.startswith("non ") and folded.split()[1] in NOT_SAID)


def _meant(folded: str, typed: str, also_yes: frozenset[str], harmless: frozenset[str]) -> bool | None:
    """What a yes or a no with words after it means, or one with a letter too many; None for anything else.

    `harmless` are words that take an answer back in the other column only: « Non, résolu localement ».
    """
    if typed in PERHAPS_TICKED:
        return True
    first, *rest = folded.split()
    if "/" in typed.split(maxsplit=1)[0] or (TAKEN_BACK - harmless) & set(rest):
        return None
    word = re.sub(r"(.)\1+", r"\1", first)
    if word in FIRST_YES or first in also_yes:
        return True
    return False if word in FIRST_NO else None


LEVELS = {
    "1": "1", "i": "1", "un": "1", "1er": "1", "premier": "1", "1.0": "1",
    "2": "2", "ii": "2", "deux": "2", "2e": "2", "2eme": "2", "2nd": "2", "second": "2", "deuxieme": "2", "2.0": "2",
    "1/2": "1/2", "1-2": "1/2", "1et2": "1/2", "1ou2": "1/2", "1a2": "1/2", "1&2": "1/2", "1+2": "1/2", "0.5": "1/2",
    "1⁄2": "1/2", "1,2": "1/2", "i/ii": "1/2", "niveau1/niveau2": "1/2", "1/niveau2": "1/2", "1/n2": "1/2",
    "1etniveau2": "1/2", "1ouniveau2": "1/2", "1etn2": "1/2", "1oun2": "1/2", "1/niv2": "1/2",
    "1erniveau": "1", "premierniveau": "1", "2eniveau": "2", "2emeniveau": "2", "2ndniveau": "2", "secondniveau": "2",
    "deuxiemeniveau": "2",
}  # fmt: skip
_BEFORE_A_LEVEL = re.compile(r"^(?:niveaux?|niv|palier|level|n)[ .°o:]*(?=[0-9iud])")
_LEVEL_AND_WORDS = re.compile(r"([12])[ .,:(\-–]+[a-z][^0-9]*")
_HALF_AS_A_DATE = re.compile(r"(?:0?1-fev[a-z]*|0?2-jan[a-z]*|01/02/\d{4}|02/01/\d{4})\.?")
HALF_AS_A_DATE = frozenset({(1, 2), (2, 1)})
"""Day and month: what a spreadsheet, French or American, makes of 1/2."""


def read_level(cell: Cell) -> tuple[str | None, str]:
    """`1`, `2` or `1/2`, None when the cell is empty; and a note where the reading is to be seen."""
    check_readable(cell, "la colonne « Niveau de sollicitation »")
    if isinstance(cell, date):
        if (cell.day, cell.month) in HALF_AS_A_DATE:
            return "1/2", ""
        raise CellRefused(f"le niveau « {cell:%d/%m/%Y} » n'existe pas : écrivez 1, 2 ou 1/2")
    text = plain(text_of(cell)).strip(QUOTED + ".")
    if text in {"", "-"}:
        return None, ""
    if is_unsaid(fold_words(text)):
        return None, f"Niveau {quoted(cell)} lu comme non renseigné : il suit la nomenclature."
    if _HALF_AS_A_DATE.fullmatch(text):
        return "1/2", ""
    bare = _BEFORE_A_LEVEL.sub("", text)
    found = LEVELS.get(bare.replace(" ", ""))
    if found:
        return found, ""
    if with_words := _LEVEL_AND_WORDS.fullmatch(bare):
        return with_words[1], f"Niveau {quoted(cell)} lu {with_words[1]}."
    raise CellRefused(f"le niveau {quoted(cell)} n'existe pas : écrivez 1, 2 ou 1/2")
