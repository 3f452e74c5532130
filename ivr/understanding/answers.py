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
    """c est ce cest ca sa cela mais je vous d a le merci madame monsieur s il plait svp bon hein ah la dans mm mmh hm
    allez vas y"""
)
_STRONG_YES = _YES - {"si", "tout", "fait", "sur", "bien"}
_AGREED = re.compile(r"\bc est (?:ca|sa|cela|bon|bien ca|bien cela)\b|\btout a fait\b|\bbien sur\b|^si(?: si)*$")
_THERE = re.compile(r"(?:euh |ben |bah )*voila(?: voila)*")

_AS_USUAL = re.compile(
    r"\b(?:(?:toujours |tout )?(?:comme )?(?:d |l )?hab(?:itude)?"
    r"|comme (?:toujours|avant|(?:la|les) (?:derniere|autre)s? fois)"
    r"|(?:pour )?(?:(?:le|la|au) meme(?: chose| departement| siao| endroit)?|meme (?:chose|departement|siao|endroit))"
    r"(?: que (?:d habitude|la derniere fois))?"
    r"|pareil(?:le)?(?: que d habitude)?|toujours|idem|celui (?:la|ci)"
    r"|(?:(?:le|mon) )?(?:departement |siao )?habituel)\b"
)
_KEY_TWO = (["2"], ["le", "2"])
_GREETING = HESITATIONS | vocabulary(
    """allo bonjour bonsoir salut coucou hello oui ouais madame monsieur mademoiselle messieurs dames il y a quelqu un
    qu est ce que la vous m entendez entends c merci s te plait tous toutes rebonjour re etes excusez moi
    pardon desole desolee de deranger"""
)

_NUMBER_115 = frozenset({"115", "1 1 5", "11 5", "1 15", "100 15"})
_SHELTER = re.compile(
    r"\b(?:hebergement|logement|place|nuit|foyer|accueil|mise a l abri)s? (?:en |d )?urgence\b|\bsamu social\b"
    r"|\b(?:voudrais|veux|cherche|besoin|demande)\b(?: \w+){0,2} 115\b"
)
_SEEKS = re.compile(
    r"\b(?:je |j |on |nous )?(?:cherche|cherchons|ai besoin|avons besoin|besoin|me faut|faudrait|voudrais|veux|trouver"
    r"|demande|appelle pour)\b(?! un probleme)(?: \w+){0,4} (?:hebergement|logement|foyer|toit|abri|endroit pour dormir"
    r"|place pour (?:dormir|(?:ce|cette|la|le) (?:soir|nuit)))\b"
)
_OUTSIDE = re.compile(
    r"\b(?:je (?:suis|dors|vis|me retrouve|reste)|on (?:est|dort|vit)|nous (?:sommes|dormons)|j ai ete)(?: \w+){0,3}"
    r" (?:(?:a|dans) la rue|dehors|sans abri|sdf|sans domicile|sans logement|sans toit|expulsee?s?"
    r"|dans (?:ma|une|la|sa|notre) (?:voiture|tente))\b"
    r"|\b(?:ou|nulle part ou|nulle part pour) dormir\b|\bou (?:est ce que )?(?:je|on) (?:\w+ )?dormir\b"
    r"|\bnulle part ou aller\b|\bou aller (?:ce soir|cette nuit|dormir)\b"
    r"|\bai plus (?:de |d )(?:logement|toit|domicile|maison|hebergement|appartement)\b"
    r"|\bmise? (?:dehors|a la (?:porte|rue))\b|\bjetee? dehors\b|^sans abri\b"
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
    said = _NO_TROUBLE.sub("", fold(text))
    words = words_of("oui" if _THERE.fullmatch(said) else _AS_USUAL.sub("oui", said))
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
