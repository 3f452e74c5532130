"""Which column a heading means, as people write it: word for word, with other words for the same, or nearly.

A heading that could mean another column is left for people to say: a column read for another is worse than one asked
about (decision 71).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import permutations

from rapidfuzz.distance import OSA

from records.wording import fold_words, plain
from reports.importing.reading.book import CALLS, MARK, Chosen, How, text_of
from reports.workbook.columns import COLUMNS, MARK_HEADING, Columns

BY_HAND, BY_NAME, BY_WORDS, LOOSELY, NEARLY = range(5)
"""How surely a heading means its column; where two columns claim a key, the surest has it."""

LOOSE: Mapping[str, tuple[str, ...]] = {
    "phone": ("Numéro", "Appelant", "Contact téléphonique"),
    "day": ("Horodatage", "Horodateur", "Le"),
    "seconds": (
        "Durée", "Durée d'appel", "Durée de l'appel", "Temps d'appel", "Durée de communication", "Durée totale",
        "Durée de conversation", "Temps de communication", "Temps passé", "Durée (h:mm:ss)",
    ),
    "sous_motif": ("S/motif",),
    "resolved": ("Rés", "Résolution", "Réglé", "Problème réglé", "Solution apportée", "Traité"),
    "escalated": (
        "Esc", "Escal", "Appel escaladé au national", "Escalade niveau", "National",
        "Transfert au national", "Transmis au national", "Remontée au national",
        "Transfert au niveau 2", "Transmis au niveau 2", "Remontée au niveau 2",
    ),
}  # fmt: skip
"""Headings that mostly mean a column, though they do not say it: what stands below must look like it."""
UNITLESS = "seconds"
"""The column whose loose headings do not say their unit."""

OF_ALL = "Département"
"""The column that a workbook of all départements has besides; known, and not read."""
COUNTED = ("Calcul 1", "Calcul 2", "Calcul 3")
"""The hidden columns that feed the pivot tables of our own workbook; known, and not read."""
SEVERAL = ("Nombre d'appels", "Nb d'appels", "Nombre de sollicitations", "Nb de sollicitations")
"""A column that says for how many calls a line stands."""
PERHAPS_SEVERAL = frozenset({"nombre", "nb", "nbre", "quantite", "qte"})
NOISE = frozenset(
    (
        "de",
        "du",
        "des",
        "d",
        "l",
        "la",
        "les",
        "a",
        "au",
        "aux",
        "en",
        "un",
        "une",
        "et",
        "of",
        "in",
        "le",
        "est",
        "il",
        "t",
        "ete",
    )
)
HINTS = frozenset(("oui", "non", "ou", "jj", "mm", "aaaa", "obligatoire", "facultatif"))
"""Words that help to fill in a column and do not tell which it is."""
IN_BRACKETS = NOISE | HINTS | {
    "aa", "hh", "ss", "h", "min", "liste", "deroulante", "saisir", "choisir", "cocher", "o", "n", "1", "2", "x", "s",
    "i", "e", "es", "calcul", "calcule", "calculee", "auto", "automatique", "formule", "lettres", "texte",
}  # fmt: skip
"""Those, and what is one of them in brackets alone: « (o/n) », « résolu(e)(s) », « (hh:mm) »."""
SAME_WORD: Mapping[str, str] = {
    **dict.fromkeys(("telephone", "telephonique", "phone", "telephon", "telep"), "tel"),
    **dict.fromkeys(("n", "no", "num", "nr", "nro", "number"), "numero"),
    **dict.fromkeys(("s", "sec", "seconde", "secs", "second"), "seconde"),
    **dict.fromkeys(("min", "mn", "minute", "mns", "mins"), "minute"),
    **dict.fromkeys(("pb", "pbm", "probl", "probleme", "problem", "issue"), "probleme"),
    **dict.fromkeys(("resolu", "resolue", "resolved", "solved"), "resolu"),
    **dict.fromkeys(("escalade", "escaladee", "escalader", "escalated"), "escalade"),
    **dict.fromkeys(("niv", "niveau", "niveaux", "level"), "niveau"),
    "duration": "duree",
    "call": "appel",
    "topic": "theme",
    "reason": "motif",
    "sub": "sous",
    **dict.fromkeys(("nat", "nationale", "nationaux"), "national"),
    **dict.fromkeys(("ss", "sou"), "sous"),
    **dict.fromkeys(("solicitation",), "sollicitation"),
}
OTHERS = frozenset(("appelant", "resolution", "telecopie", "nivellement"))
"""Words near ours that are no misspelling of them."""
SHORTEST_CUT = 6
REQUEST_HEADINGS = frozenset(
    map(fold_words, ("Canal", "Expéditeur", "Prise en charge le", "Première réponse le", "Répondue par", "Close le"))
)
"""Headings that the sheet of requests has and a history has not."""


def offered(columns: Columns = COLUMNS) -> list[tuple[str, str]]:
    """What a heading that was not understood may be said to mean: (key, heading), in the order of the workbook."""
    return [(column.key, column.heading) for column in columns.declared]


@dataclass(frozen=True, slots=True)
class Meant:
    """What a heading means: the key of its column, and how surely (`BY_HAND` to `NEARLY`)."""

    key: str
    surely: int

    @property
    def how(self) -> How:
        """How it is shown."""
        if self.surely == BY_HAND:
            return How.BY_HAND
        return How.KNOWN if self.surely <= BY_WORDS else How.NEAR


def folded(heading: str) -> str:
    """The heading in small letters and digits alone; what stands in brackets only to help is dropped."""
    text = re.sub(r"[(\[{][^()\[\]{}]*[)\]}]", _kept_bracket, plain(text_of(heading)))
    text = re.sub(r"(?<=\w) o ?/ ?n\b", " ", text)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", text).split())


def is_half_an_answer(heading: str) -> bool:
    """Whether a column is ticked for one answer only: « Résolu oui » beside « Résolu non »."""
    words = folded(heading).split()
    return ("oui" in words) != ("non" in words)


def _kept_bracket(found: re.Match[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", " ", found[0]).split()
    # « (s) » alone tells the unit; « résolu(e)(s) » is a plural.
    if words in (["s"], ["min"], ["mn"], ["h"]) and found.string[found.start() - 1 : found.start()].isspace():
        return found[0]
    return " " if IN_BRACKETS.issuperset(words) else found[0]


def _words(text: str) -> tuple[str, ...]:
    """The words that tell, each in one spelling."""
    words = []
    for word in text.replace(" n1", " niveau 1").replace(" n2", " niveau 2").split():
        if word in NOISE | HINTS:
            continue
        single = word[:-1] if word.endswith("s") and len(word) > 3 else word  # noqa: PLR2004 - a plural, not « ss »
        words.append(SAME_WORD.get(word, SAME_WORD.get(single, single)))
    return tuple(sorted(words))


@dataclass
class Headings:
    """What the headings of one file mean, with what people said of them."""

    columns: Columns
    chosen: Chosen
    _names: dict[str, Meant] = field(init=False, default_factory=dict)
    _words: dict[tuple[str, ...], Meant] = field(init=False, default_factory=dict)
    _met: dict[str, Meant | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the look-ups: surer forms first."""
        forms: list[tuple[str, str, int]] = [(MARK_HEADING, MARK, BY_NAME)]
        forms += [(heading, "", BY_NAME) for heading in (OF_ALL, *COUNTED)]
        forms += [(column.heading, column.key, BY_NAME) for column in self.columns.declared]
        forms += [(heading, CALLS, BY_NAME) for heading in SEVERAL]
        known = {column.key for column in self.columns.declared}
        loose = [(form, key, LOOSELY) for key, several in LOOSE.items() if key in known for form in several]
        also = [(form, column.key, BY_WORDS) for column in self.columns.declared for form in column.also]
        for form, key, surely in (*forms, *also, *loose):
            self._names.setdefault(folded(form), Meant(key, surely))
            if words := _words(folded(form)):
                self._words.setdefault(words, Meant(key, max(surely, BY_WORDS)))

    def known(self, heading: str) -> Meant | None:
        """What a heading means word for word, however its words are ordered and abbreviated."""
        if len(heading) > 120:  # noqa: PLR2004 - a text, not a heading
            return None
        text = text_of(heading)
        said = self.chosen.get(fold_words(text))
        if said is not None:
            return Meant(said, BY_HAND)
        short = folded(text)
        if not short or is_half_an_answer(text):
            return None
        # « Durée en » is cut before the word that tells the unit.
        return self._names.get(short) or (None if short.split()[-1] in NOISE else self._words.get(_words(short)))

    def meant(self, heading: str) -> Meant | None:
        """What a heading means, misspelled or cut short too; None where several columns are as near, or none."""
        if heading not in self._met:
            may_be_near = len(heading) <= 120 and not is_half_an_answer(heading)  # noqa: PLR2004 - as above
            self._met[heading] = self.known(heading) or (self._near(folded(heading)) if may_be_near else None)
        return self._met[heading]

    def _near(self, text: str) -> Meant | None:
        joined = text.replace(" ", "")
        for form, meant in self._names.items():
            if form.replace(" ", "") == joined:
                return Meant(meant.key, max(meant.surely, BY_WORDS))
        cut = {meant.key for form, meant in self._names.items() if _is_cut(text, form)}
        if len(cut) == 1:
            return Meant(cut.pop(), NEARLY)
        if cut or not text or text.rsplit(maxsplit=1)[-1] in NOISE:
            return None
        distances: dict[str, int] = {}
        words = _words(text)
        for ours, meant in self._words.items():
            far = _distance(words, ours)
            if far is not None:
                distances[meant.key] = min(far, distances.get(meant.key, far))
        nearest = [key for key, far in distances.items() if far == min(distances.values())]
        return Meant(nearest[0], NEARLY) if len(nearest) == 1 else None


def _is_cut(text: str, form: str) -> bool:
    """Whether a heading is the beginning of a form: the column was narrow where it was copied."""
    return len(text) >= max(SHORTEST_CUT, len(form) * 0.6) and form.startswith(text)


def _distance(words: tuple[str, ...], form: tuple[str, ...]) -> int | None:
    """How many letters tell these words from a form with as many; None when it is no misspelling of it."""
    if len(words) != len(form) or len(form) > 4:  # noqa: PLR2004 - no form is longer
        return None
    best: int | None = None
    for order in permutations(words):
        letters = 0
        for word, ours in zip(order, form, strict=True):
            letters += _misspelled(word, ours)
        if letters < NOT_MISSPELLED and (best is None or letters < best):
            best = letters
    return best


NOT_MISSPELLED = 100


def _misspelled(word: str, ours: str) -> int:
    if word == ours:
        return 0
    if ours == "tel":
        ours = "telephone"
    most = 0 if len(ours) < 5 else 1 if len(ours) < 9 else 2  # noqa: PLR2004 - letters of a word that a slip may change
    if word[:1] != ours[:1] or word in OTHERS or word in SAME_WORD.values():
        return NOT_MISSPELLED
    far = OSA.distance(word, ours, score_cutoff=most)
    return far if far <= most else NOT_MISSPELLED


def is_of_requests(headings: Iterable[str]) -> bool:
    """Whether these are the headings of the sheet of requests, in which no call stands."""
    return len(REQUEST_HEADINGS & set(map(fold_words, headings))) >= 3  # noqa: PLR2004 - one or two may stand anywhere
