"""French as it is searched: words without accents, their stems, words that say nothing, words that mean the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from snowballstemmer import stemmer

from records.wording import fold_words

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
"""Words that people use for one another; a hyphen joins words that are one expression. The national team adds its own
to the search of articles; what is said for one sous-motif stands in its own words."""
SHORTEST_STEM = 3


def words_in(text: str) -> list[str]:
    """The words of a text that say something: small letters and digits without accents, in their order."""
    return [word for word in fold_words(text).split() if word not in EMPTY_WORDS]


_FRENCH = stemmer("french")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a word without accents: snowball's, without the vowel that a missing accent leaves at its end."""
    found: str = _FRENCH.stemWord(word)
    return found[:-1] if len(found) > SHORTEST_STEM and found.endswith("e") else found


@dataclass(frozen=True)
class Synonyms:
    """Which stems mean the same as a word, and as an expression all of whose stems are there."""

    of_word: Mapping[str, frozenset[str]] = field(default_factory=dict)
    of_expression: Mapping[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def mean(self, own: str, among: frozenset[str]) -> frozenset[str]:
        """The other stems that a stem stands for, in a sentence that has the stems `among`."""
        found = self.of_word.get(own, frozenset())
        for expression, others in self.of_expression.items():
            if own in expression and expression <= among:
                found |= others
        return found


def synonyms(groups: Iterable[Iterable[str]]) -> Synonyms:
    """What these groups of words and expressions say; each group is of one meaning."""
    of_word: defaultdict[str, set[str]] = defaultdict(set)
    of_expression: defaultdict[frozenset[str], set[str]] = defaultdict(set)
    for group in groups:
        pieces = [stems for text in group if (stems := frozenset(map(stem, words_in(text))))]
        for piece in pieces:
            others = {one for other in pieces if other != piece for one in other}
            if len(piece) == 1:
                of_word[next(iter(piece))] |= others - piece
            else:
                of_expression[piece] |= {next(iter(other)) for other in pieces if len(other) == 1} - piece
    return Synonyms(
        {own: frozenset(others) for own, others in of_word.items()},
        {own: frozenset(others) for own, others in of_expression.items() if others},
    )


DELIVERED = synonyms(line.split() for line in SAME)
