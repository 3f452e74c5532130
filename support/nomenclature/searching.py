"""Finding a sous-motif by what callers say: stems, other words for the same thing, missing words, a typing error."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA
from snowballstemmer import stemmer

from records.wording import Entry, fold_words

EMPTY_WORDS = frozenset(
    """
    a afin ai alors apres au aussi aux avec avoir c ca car ce ces cet cette chez ci comme d dans de des donc du elle
    elles en encore est et etre eu eux fait faut il ils j je l la le les leur leurs lui m ma madame mais me mes moi mon
    monsieur n ne nos notre nous on ont ou par pas plus pour qu quand que qui s sa se ses si sont sur t ta te tes toi
    tu un une va veut via voila vos votre vous y
    """.split()  # noqa: SIM905 - a text is read more easily
)
"""Words that say nothing of what a call is about; « pas » and « plus » are in nearly every complaint."""
SAME = (
    "accouchement accoucher naissance bebe nouveau-ne",
    "actualiser actualisation mise-a-jour maj renouveler",
    "ajouter rajouter ajout inclure integrer",
    "alerte notification",
    "amelioration ameliorer suggestion idee evolution proposition souhait",
    "association structure etablissement organisme employeur",
    "bloquer bloque coince",
    "bug bugue bogue buggue plante plantage panne dysfonctionnement dysfonctionner",
    "collegue salarie agent travailleur educateur educatrice embauche",
    "conjoint conjointe mari epouse epoux femme compagnon compagne papa pere mere maman",
    "connexion connecter reconnecter logger rentrer entrer acceder acces",
    "disparu disparaitre apparait apparaitre",
    "dossier fiche",
    "doublon double deux-fois exemplaires dupliquer",
    "effacer supprimer suppression",
    "enfant fils fille gamin",
    "enregistrer sauvegarder",
    "excel csv tableur tableau",
    "export exporter extraction extraire extract",
    "famille menage foyer",
    "faux fausse errone incoherent incorrect inexact",
    "fermer fermeture clore cloturer cloture",
    "formation former formateur apprendre",
    "lent lenteur rame ramer mouline ralenti ralentissement",
    "liste file",
    "logiciel outil application appli site plateforme",
    "login identifiant",
    "mail mails email e-mail courriel messagerie",
    "mdp password mot-de-passe",
    "ouvrir ouverture creer creation",
    "personne usager individu quelqu dame monsieur beneficiaire",
    "perdu oublie",
    "place lit chambre",
    "recevoir recu recois recoit",
    "reactiver rouvrir reouvrir restaurer",
    "retirer retrait enlever sortir oter virer",
    "statistiques stats statistique indicateur chiffres chiffre",
    "valider transmettre envoyer",
    "video tuto tutoriel",
)
"""Words that callers use for one another; a hyphen joins words that are one expression. Not for the national team to
edit: what is said for one sous-motif stands in its own words."""
STRONG, MOTIF, THEMATIQUE, ANSWER = 1.0, 0.35, 0.25, 0.12
"""How much a word counts by where it stands; strong is the sous-motif's own name and what callers say for it."""
BEGUN, MISTYPED, OTHER_WORD = 0.85, 0.7, 0.75
"""How much a word counts that is unfinished, mistyped, or another word for the same."""
FORGIVEN_FROM = 4
"""Letters of a word from which a typing error is forgiven; shorter words look too much alike."""
BEGUN_FROM = 3
WHOLE_PHRASE = 1.2
"""How much a phrase counts that answers as a whole, beside the words one by one."""
WORTH_SHOWING = 0.25
"""What is left out: less than this share of the best."""
JOINED = ("d", "l", "j", "m", "n", "s", "t", "c", "qu")
"""What an apostrophe, when it is left out, leaves before a word: « narrive »."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A sous-motif as it is searched: what callers say for it, one phrase each, and what its ready answer says."""

    entry: Entry
    phrases: Sequence[str] = ()
    answer: str = ""


@dataclass(frozen=True)
class MotifIndex:
    """A list made ready to be searched, once for each version of its words."""

    entries: tuple[Entry, ...]
    weights: Mapping[str, Mapping[int, float]] = field(repr=False)
    """By stem: the places of the entries that have it, and how strongly."""
    rarity: Mapping[str, float] = field(repr=False)
    phrases: Sequence[tuple[int, float]] = field(repr=False)
    """The place of the entry that a phrase belongs to, and how much all its words are worth."""
    holding: Mapping[str, Sequence[int]] = field(repr=False)
    """By stem: the numbers of the phrases that have it."""
    spelled: Mapping[str, str] = field(repr=False)
    """Every word as it is written, without accents, and its stem."""


def build_index(sought: Iterable[Sought]) -> MotifIndex:
    """The index of these sous-motifs, in their order."""
    listed = tuple(sought)
    weights: defaultdict[str, dict[int, float]] = defaultdict(dict)
    phrases: set[tuple[int, frozenset[str]]] = set()
    spelled: dict[str, str] = {}
    for place, one in enumerate(listed):
        w = one.entry.wording
        own = [w.sous_motif, f"{w.sous_motif} {w.motif}", *one.phrases]
        parts = ((STRONG, [w.sous_motif, *one.phrases]), (MOTIF, [w.motif]), (THEMATIQUE, [w.thematique]))
        for weight, texts in (*parts, (ANSWER, [one.answer])):
            for word in (word for text in texts for word in _words(text)):
                stem = spelled[word] = _stem(word)
                weights[stem][place] = max(weights[stem].get(place, 0.0), weight)
        phrases |= {(place, stems) for text in own if (stems := frozenset(map(_stem, _words(text))))}
    count = len(listed)
    rarity = {stem: math.log(1 + count / sum(places.values())) for stem, places in weights.items()}
    holding: defaultdict[str, list[int]] = defaultdict(list)
    worth: list[tuple[int, float]] = []
    for number, (place, stems) in enumerate(phrases):
        worth.append((place, sum(rarity[stem] for stem in stems)))
        for stem in stems:
            holding[stem].append(number)
    return MotifIndex(tuple(one.entry for one in listed), dict(weights), rarity, worth, dict(holding), spelled)


def find(index: MotifIndex, typed: str, limit: int = 8, *, everywhere: bool = False) -> list[Entry]:
    """The entries that answer what is being typed, best first; none when no word means anything here.

    `everywhere` adds, beyond the limit, each entry that has all the words somewhere, be it in its answer only.
    """
    wanted = [found for found in _meanings(index, typed) if found]
    if not wanted:
        return []
    worth = [max(index.rarity[stem] * share for stem, share in found.items()) for found in wanted]
    scores: defaultdict[int, float] = defaultdict(float)
    held = [_places(index, found) for found in wanted]
    for shares, most in zip(held, worth, strict=True):
        for place, share in shares.items():
            scores[place] += most * share
    for place, share in _whole_phrases(index, wanted, worth).items():
        scores[place] += WHOLE_PHRASE * share * sum(worth)
    best = max(scores.values())
    ranked = sorted(scores, key=lambda place: (-round(scores[place], 9), place))
    whole = set.intersection(*map(set, held)) if everywhere else set()
    worthy = {place for place in ranked[:limit] if scores[place] >= WORTH_SHOWING * best}
    return [index.entries[place] for place in ranked if place in worthy or place in whole]


class KeptIndex:
    """The index that was made last, for as long as what it was made of stays the same."""

    def __init__(self) -> None:
        self._kept: tuple[object, MotifIndex] | None = None

    def get(self, made_of: object, sought: Callable[[], Iterable[Sought]]) -> MotifIndex:
        """The index of what `sought` gives, made anew only when `made_of` is another."""
        kept = self._kept
        if kept is None or kept[0] != made_of:
            kept = self._kept = (made_of, build_index(sought()))
        return kept[1]


def _words(text: str) -> list[str]:
    return [word for word in fold_words(text).split() if word not in EMPTY_WORDS]


_FRENCH = stemmer("french")


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """The stem of a word without accents: snowball's, without the vowel that a missing accent leaves at its end."""
    stem: str = _FRENCH.stemWord(word)
    return stem[:-1] if len(stem) > BEGUN_FROM and stem.endswith("e") else stem


def _grouped() -> dict[str, frozenset[str]]:
    """By stem: the stems that mean the same."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for line in SAME:
        stems = [frozenset(_stem(word) for word in _words(piece)) for piece in line.split()]
        for own in (stem for piece in stems if len(piece) == 1 for stem in piece):
            groups[own] |= {stem for piece in stems for stem in piece} - {own}
    return {stem: frozenset(others) for stem, others in groups.items()}


_SAME = _grouped()


def _meanings(index: MotifIndex, typed: str) -> list[dict[str, float]]:
    """For each word typed: the stems of the list that it may mean, and how surely (0 to 1)."""
    words = _words(typed)
    return [_meaning(index, word, is_last=place == len(words) - 1) for place, word in enumerate(words)]


def _meaning(index: MotifIndex, word: str, *, is_last: bool) -> dict[str, float]:
    own = _stem(word)
    found = {own: 1.0} if own in index.rarity else {}
    if is_last or not found:
        for other, stem in index.spelled.items():
            if len(word) >= BEGUN_FROM and other.startswith(word):
                found[stem] = max(found.get(stem, 0.0), BEGUN)
    for stem in _SAME.get(own, ()):
        if stem in index.rarity:
            found[stem] = max(found.get(stem, 0.0), OTHER_WORD)
    return found or _unjoined(index, word) or _mistyped(index, word)


def _unjoined(index: MotifIndex, word: str) -> dict[str, float]:
    """The word behind an apostrophe that was left out."""
    for sign in JOINED:
        rest = word.removeprefix(sign)
        if rest != word and rest[:1] in "aeiouyh" and _stem(rest) in index.rarity:
            return {_stem(rest): 1.0}
    return {}


def _mistyped(index: MotifIndex, word: str) -> dict[str, float]:
    """The words that are one error away, or two when they are long; unfinished ones as well."""
    if len(word) < FORGIVEN_FROM:
        return {}
    far = 1 if len(word) < 2 * FORGIVEN_FROM else 2
    near: dict[str, int] = {}
    for other, stem in index.spelled.items():
        away = OSA.distance(word, other, score_cutoff=far)
        if away > far and len(word) > FORGIVEN_FROM:
            away = OSA.distance(word, other[: len(word)], score_cutoff=1)
            away = away if away <= 1 else far + 1
        if away <= far:
            near[stem] = min(near.get(stem, far), away)
    closest = min(near.values(), default=0)
    found = {stem: MISTYPED for stem, away in near.items() if away == closest}
    for stem in list(found):
        found |= {other: MISTYPED * OTHER_WORD for other in _SAME.get(stem, ()) if other in index.rarity} | found
    return found


def _places(index: MotifIndex, found: Mapping[str, float]) -> dict[int, float]:
    """For one word: the entries that have it, and how well (0 to 1)."""
    shares: dict[int, float] = {}
    for stem, share in found.items():
        for place, weight in index.weights[stem].items():
            shares[place] = max(shares.get(place, 0.0), share * weight)
    return shares


def _whole_phrases(
    index: MotifIndex, wanted: Sequence[Mapping[str, float]], worth: Sequence[float]
) -> dict[int, float]:
    """For each entry: how well its best phrase and what was typed say the same (0 to 1), rare words first."""
    said: defaultdict[int, float] = defaultdict(float)
    met: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for found, most in zip(wanted, worth, strict=True):
        of_word: dict[int, float] = {}
        for stem, share in found.items():
            for number in index.holding.get(stem, ()):
                of_word[number] = max(of_word.get(number, 0.0), share)
                met[number][stem] = max(met[number].get(stem, 0.0), share)
        for number, share in of_word.items():
            said[number] += share * most
    best: dict[int, float] = {}
    total = sum(worth)
    for number, stems in met.items():
        place, whole = index.phrases[number]
        precise = sum(index.rarity[stem] * share for stem, share in stems.items()) / whole
        full = said[number] / total
        best[place] = max(best.get(place, 0.0), 2 * precise * full / (precise + full))
    return best
