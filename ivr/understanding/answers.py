"""Short answers: yes or no, a greeting, and somebody who looks for shelter and needs the 115."""

from __future__ import annotations

import re

from ivr.understanding.words import FILLERS, HESITATIONS, LINKS, fold, vocabulary, words_of

_NO_TROUBLE = re.compile(r"\b(?:pas de|aucun) (?:problemes?|soucis?)\b|\bpourquoi pas\b")
_NO = vocabulary(
    """non nan nom nope pas faux fausse erreur incorrect inexact negatif jamais aucun aucunement changer plutot autre
    autres"""
)
_YES = vocabulary(
    """oui ouais ouaip ouai ouie ui wi yes ok okay dac accord exact exacte exactement correct parfait parfaitement
    absolument affirmatif effectivement tout fait sur bien confirme juste vrai certainement volontiers si 1"""
)
_AROUND_YES = HESITATIONS | vocabulary(
    "c est ce cest ca sa cela mais je vous d a le merci madame monsieur s il plait svp bon hein ah la"
)
_STRONG_YES = _YES - {"si", "tout", "fait", "sur", "bien"}
_AGREED = re.compile(r"\bc est (?:ca|sa|cela|bon|bien ca|bien cela)\b|\btout a fait\b|\bbien sur\b|^si(?: si)*$")

_AS_USUAL = re.compile(
    r"\b(?:(?:toujours |tout )?(?:comme )?(?:d |l )?habitude"
    r"|comme (?:toujours|avant|(?:la|les) (?:derniere|autre)s? fois)"
    r"|(?:pour )?(?:le|la|au) meme(?: chose| departement| siao)?(?: que d habitude)?"
    r"|pareil(?:le)?|toujours|idem|celui (?:la|ci))\b"
)
_KEY_TWO = (["2"], ["le", "2"])
_GREETING = HESITATIONS | vocabulary(
    """allo bonjour bonsoir salut coucou hello oui ouais madame monsieur mademoiselle messieurs dames il y a quelqu un
    qu est ce que la vous m entendez entends c merci s te plait"""
)

_NUMBER_115 = frozenset({"115", "1 1 5", "11 5", "1 15", "100 15"})
_SHELTER = re.compile(
    r"\b(?:hebergement|logement|place|nuit|foyer|accueil|mise a l abri)s? (?:en |d )?urgence\b|\bsamu social\b"
)
_SEEKS = re.compile(
    r"\b(?:je |j |on |nous )?(?:cherche|cherchons|ai besoin|avons besoin|besoin|me faut|faudrait|voudrais|veux|trouver"
    r"|demande)\b(?: \w+){0,4} (?:hebergement|logement|foyer|toit|endroit pour dormir|place pour dormir|abri)\b"
)
_OUTSIDE = re.compile(
    r"\b(?:je (?:suis|dors|vis|me retrouve)|on (?:est|dort|vit)|nous sommes|nous dormons)(?: \w+){0,3}"
    r" (?:a la rue|dehors|sans abri|sdf|sans domicile|sans logement|expulse)\b"
    r"|\b(?:ou|nulle part ou|nulle part pour) dormir\b"
)
_PROFESSIONAL = re.compile(
    r"\b(?:siao|si siao|referents?|referente|travaill\w*|professionnels?|educat\w*|assistante? social\w*|association"
    r"|structures?|centre|logiciel|mot de passe|usagers?|menages?|(?<!je )demandes?|collegues?|ecoutante?s?"
    r"|indicateurs?|connexion|connecter|compte|formulaire|notification\w*|orient\w*)\b"
)


def hear_yes_no(text: str) -> bool | None:
    """True or False when the answer says so (« un » and « deux » are its keys said aloud), None for anything else.

    Yes needs an answer that says nothing else, since « oui, pour la Marne » may name another département; « comme
    d'habitude » and « toujours pareil » are a yes.
    """
    if hears_key_two(text):
        return False
    words = words_of(_AS_USUAL.sub("oui", _NO_TROUBLE.sub("", fold(text))))
    if not _NO.isdisjoint(words):
        return False if _STRONG_YES.isdisjoint(words) or "pas" in words else None
    if not all(word in _YES | _AROUND_YES for word in words):
        return None
    is_yes = not _STRONG_YES.isdisjoint(words) or _AGREED.search(" ".join(words))
    return True if is_yes else None


def hears_key_two(text: str) -> bool:
    """Whether the answer is the key 2 said aloud: a no where 1 and 2 were offered, a département elsewhere."""
    return words_of(text) in _KEY_TWO


def hears_greeting(text: str) -> bool:
    """Whether somebody greets, or asks who is there, and says nothing else."""
    return all(word in _GREETING for word in fold(text).split())


def hears_115(text: str) -> bool:
    """Whether somebody looks for shelter for himself; a professional who speaks of it does not."""
    said = fold(text)
    if _PROFESSIONAL.search(said):
        return False
    bare = " ".join(word for word in words_of(text) if word not in FILLERS | LINKS)
    return bare in _NUMBER_115 or any(pattern.search(said) for pattern in (_SHELTER, _SEEKS, _OUTSIDE))
