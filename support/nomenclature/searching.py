"""Finding a sous-motif as people type."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from records.wording import Entry, Wording, fold_words

EMPTY_WORDS = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "que", "sur", "un", "une")
)
SYNONYMS = {
    "bug": "dysfonctionnement",
    "bugue": "dysfonctionnement",
    "doublon": "fusion menages",
    "doublons": "fusion menages",
    "export": "extraction",
    "habilitation": "modification profil",
    "lent": "lenteur",
    "login": "acces compte",
    "mdp": "mot passe",
    "panne": "dysfonctionnement",
    "rame": "lenteur",
    "statistiques": "indicateurs",
    "stats": "indicateurs",
}
"""What people say at the telephone for what the nomenclature names."""
FUZZY_FROM = 4
"""Letters of a word from which a typing error is forgiven; shorter words look too much alike."""
ALIKE = 78.0
IN_SOUS_MOTIF, ELSEWHERE = 3.0, 1.0


def _words(text: str) -> list[str]:
    return [word for word in fold_words(text).split() if word not in EMPTY_WORDS]


def find_entries(entries: Sequence[Entry], typed: str, limit: int = 8) -> list[Entry]:
    """The entries that answer what is being typed, best first: without accents, unfinished, with typing errors."""
    wanted = _words(typed)
    wanted = [word for piece in wanted for word in SYNONYMS.get(piece, piece).split()]
    if not wanted:
        return []
    scored = [(_score(wanted, entry.wording), -place, entry) for place, entry in enumerate(entries)]
    kept = sorted((item for item in scored if item[0] > 0), key=lambda item: item[:2], reverse=True)
    return [entry for _, _, entry in kept[:limit]]


def _score(wanted: list[str], wording: Wording) -> float:
    """How well an entry answers; 0 when one of the words is nowhere in it."""
    near, far = _words(wording.sous_motif), _words(f"{wording.motif} {wording.thematique}")
    total = 0.0
    for word in wanted:
        best = max(
            max((_alike(word, other) for other in near), default=0.0) * IN_SOUS_MOTIF,
            max((_alike(word, other) for other in far), default=0.0) * ELSEWHERE,
        )
        if not best:
            return 0.0
        total += best
    return total / len(wanted)


def _alike(typed: str, word: str) -> float:
    """1 for the word itself, a little less for its beginning, less again with typing errors, 0 for another word."""
    if typed == word:
        return 1.0
    if word.startswith(typed):
        return 0.95
    if len(typed) < FUZZY_FROM:
        return 0.0
    ratio = max(fuzz.ratio(typed, word), fuzz.ratio(typed, word[: len(typed) + 1]))
    return ratio / 125 if ratio >= ALIKE else 0.0
