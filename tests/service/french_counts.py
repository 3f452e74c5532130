"""What a page says, as a reader sees it; and what is wrong with its numbers and names."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

NOUNS = {
    "abonnée": "abonnées", "affichage": "affichages", "annoncé": "annoncés", "changement": "changements",
    "signalement": "signalements",
    "absence": "absences", "abandon": "abandons", "annonce": "annonces", "appel": "appels", "autre": "autres",
    "caractère": "caractères", "cellule": "cellules", "collègue": "collègues", "colonne": "colonnes",
    "compte": "comptes", "conflit": "conflits", "correction": "corrections", "courriel": "courriels",
    "demande": "demandes", "département": "départements", "échange": "échanges", "étape": "étapes",
    "fermeture": "fermetures", "fichier": "fichiers", "heure": "heures", "jour": "jours", "lettre": "lettres",
    "ligne": "lignes", "message": "messages", "minute": "minutes", "moment": "moments", "motif": "motifs",
    "numéro": "numéros", "personne": "personnes", "problème": "problèmes", "proposition": "propositions",
    "question": "questions", "rappel": "rappels", "référent": "référents", "réponse": "réponses",
    "résultat": "résultats", "seconde": "secondes", "sous-motif": "sous-motifs", "suppléant": "suppléants",
    "synonyme": "synonymes", "téléphone": "téléphones", "ticket": "tickets", "trou": "trous", "version": "versions",
    "article": "articles",
    "ajoutée": "ajoutées", "ajouté": "ajoutés", "changée": "changées", "changé": "changés", "retirée": "retirées",
    "refusée": "refusées", "refusé": "refusés", "réparé": "réparés", "tardive": "tardives",
}  # fmt: skip
"""Singular → plural of what this product counts. A word that is new somewhere is added here."""

_PLURALS = "|".join(sorted(map(re.escape, NOUNS.values()), key=len, reverse=True))
_SINGULARS = "|".join(sorted(map(re.escape, NOUNS), key=len, reverse=True))
_ADJECTIVE = r"(?:nouveaux |nouvelles |autres |derniers |dernières )?"
_UNDER_TWO = rf"(?<![\d.,:/] )(?<![\d.,:/])[01] {_ADJECTIVE}(?:{_PLURALS})\b"
_FROM_TWO_ON = rf"(?<![.,:/\d])(?:[2-9]|[1-9]\d+) (?:{_SINGULARS})\b(?!-)"
_FAULTS = (
    (re.compile(_UNDER_TWO, re.IGNORECASE), "pluriel sous deux"),
    (re.compile(_FROM_TWO_ON, re.IGNORECASE), "singulier à partir de deux"),
    (re.compile(r"\w\((?:s|es|e|x)\)"), "« (s) » à la place d’un accord"),
)
_INLINE = re.compile(r"</?(?:a|abbr|b|em|i|small|span|strong|sup|time|del|ins|code)\b[^>]*>", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|template|svg|title)\b.*?</\1>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def sentences(page: str) -> list[str]:
    """The visible lines of a page: what stands in one block is one line, every kind of space one plain space."""
    text = " ".join(_UNSEEN.sub(" ", page).split())
    text = _TAG.sub("\n", _INLINE.sub("", text))
    lines = (" ".join(html.unescape(line).split()) for line in text.split("\n"))
    return [line for line in lines if line]


def faults(lines: Iterable[str]) -> Iterator[str]:
    """What is wrong with the numbers of these sentences, each with its sentence."""
    for line in lines:
        for pattern, what in _FAULTS:
            for found in pattern.finditer(line):
                yield f"{what} : « {found[0]} » dans « {line[:160]} »"
