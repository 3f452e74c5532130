"""Words as a recogniser writes them, made comparable: lower case, no accents, numbers in digits, no hesitations."""

from __future__ import annotations

import re

from text_to_num import alpha2digit

from records.wording import plain

MOST_CHARACTERS = 600
"""What is read of an answer; nobody needs a minute of speech to give a département."""


def vocabulary(words: str) -> frozenset[str]:
    """The words of a list written with spaces."""
    return frozenset(words.split())


HESITATIONS = vocabulary("euh heu hum hmm ah oh eh ben bah alors donc voila tiret virgule point")

LINKS = vocabulary("a au aux d de des du en et l la le les")
"""Small words that names and sentences share: they never tell one département from another."""

FILLERS = HESITATIONS | vocabulary(
    """allo appelle appeler appelais aimerais avec avoir bon bonjour bonsoir c ce cest chez code collectivite contacter
    dans demande departement departements desire est etre ici il ils j je joindre ma madame merci moi mon monsieur
    notre nous numero on ou oui ouais par parler plait plutot postal pour pourrais pouvez referent referente region
    remercie s siao souhaite souhaiterais suis svp t te travaille travaillons tu veux vers voudrais voudrait
    voulais vous y"""
)
"""Polite and usual words around an answer: an answer made of these and one département is understood whole."""

_GAP = re.compile(r"[^a-z0-9]+")
_ARTICLE = re.compile(r"(?<![a-z0-9])une? (?=[a-z])")
_NUMBER_WORD = re.compile(
    r"(?:un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente"
    r"|quarante|cinquante|soixante|septante|huitante|octante|nonante|cents?|mille|zero)"
)
_BEFORE_ONE = re.compile(rf"(?:{_NUMBER_WORD.pattern}|et|numero|departement|le|code|[0-9]+) $")
_AFTER_ONE = re.compile(rf"(?:{_NUMBER_WORD.pattern}|s il|svp|merci|euh|heu|a|ah|c est)(?![a-z])")
_MISHEARD_TWENTY = re.compile(r"(?<=\bquatre )(?:vin|vins|vint|ving)\b")
_LETTER = re.compile(
    r"\b(0?2|20) ?(?:(a|ah|ha)|(b|be|bee|bis))(?: comme [a-z]+)?(?= (?:s|svp|merci|pour|c|euh|en|corse)\b|$)"
)


def fold(text: str) -> str:
    """Lower-case letters, digits and single spaces; accents, hyphens and everything else gone; the end cut off."""
    return _GAP.sub(" ", plain(text[:MOST_CHARACTERS])).strip()[:MOST_CHARACTERS]


def words_of(text: str) -> list[str]:
    """The words of an answer without hesitations; numbers in digits, as they were said; `2a` and `2b` in one piece."""
    said = fold(text).replace("si siao", "siao")
    kept = " ".join(word for word in said.split() if word not in HESITATIONS or word == "ah")
    return _LETTER.sub(_lettered, in_digits(kept)).split()


def in_digits(folded: str) -> str:
    """Folded text with its numbers in digits; an article (« un référent ») is no number and goes."""
    read = _ARTICLE.sub(_without_article, _MISHEARD_TWENTY.sub("vingt", folded))
    digits: str = alpha2digit(read.replace("zero", "zéro"), "fr", threshold=0)
    return digits.replace("zéro", "0")


def _without_article(found: re.Match[str]) -> str:
    before, after = found.string[: found.start()], found.string[found.end() :]
    is_number = _BEFORE_ONE.search(before) or _AFTER_ONE.match(after)
    return found.group() if is_number else ""


def _lettered(found: re.Match[str]) -> str:
    return "2a" if found.group(2) else "2b"
