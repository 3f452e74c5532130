"""What callers say for a sous-motif: as delivered, and as the national team writes it, a phrase a line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused, Overtaken
from records.wording import Wording, fold_words
from support.nomenclature.changing import earlier_names
from support.nomenclature.store import CallersWords, all_changes, newest_nomenclature, save_words, words_history

MOST_PHRASES = 200
LONGEST_PHRASE = 100


@cache
def first_words() -> dict[Wording, tuple[str, ...]]:
    """The phrases as delivered, by sous-motif."""
    text = resources.files("support").joinpath("data", "mots.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {
        Wording(row["thematique"], row["motif"], row["sous_motif"]): tuple(row["mots"].splitlines()) for row in rows
    }


def holding(names: Sequence[Wording], written: Mapping[Wording, CallersWords]) -> CallersWords:
    """What holds for a sous-motif: the version written under the newest of its `names`, or version 0, as delivered."""
    found = next((written[name] for name in names if name in written), None)
    if found is not None:
        return found
    first = next((first_words()[name] for name in names if name in first_words()), ())
    return CallersWords(names[0], 0, first, "", None)


def words_of(connection: Connection, wording: Wording) -> CallersWords:
    """What callers say for a sous-motif, also where it was written for an earlier name."""
    names = earlier_names(wording, all_changes(connection))
    return holding(names, {words.wording: words for words in reversed(words_history(connection, names))})


def read_phrases(typed: str) -> tuple[str, ...]:
    """The phrases of a text, one a line, each once; ChangeRefused when there are too many or one is too long."""
    kept: dict[str, str] = {}
    for line in typed.splitlines():
        phrase = " ".join("".join(mark if mark.isprintable() else " " for mark in line).split())
        if len(phrase) > LONGEST_PHRASE:
            raise ChangeRefused(f"« {phrase[:40]}… » dépasse {LONGEST_PHRASE} caractères.", "words")
        if fold_words(phrase):
            kept.setdefault(fold_words(phrase), phrase)
    if len(kept) > MOST_PHRASES:
        raise ChangeRefused(f"{MOST_PHRASES} lignes au plus : il y en a {len(kept)}.", "words")
    return tuple(kept.values())


def write_words(acting: Acting, key: str, typed: str, *, follows: int) -> int:
    """Keep a new version of what callers say for the sous-motif of this key, and return its number.

    `follows` is the version that its writer saw. ChangeRefused for a key that the newest list has not, when another
    version stands (its `field` is `version`), and for what `read_phrases` refuses; no phrase at all is allowed.
    """
    phrases = read_phrases(typed)
    with acting.writing() as connection:
        entry = newest_nomenclature(connection).entry(key)
        if entry is None:
            raise ChangeRefused("Choisissez un sous-motif de la liste.", "key")
        if words_of(connection, entry.wording).version != follows:
            raise _overtaken()
        try:
            save_words(connection, entry.wording, follows + 1, phrases, by=acting.by, at=acting.at)
        except Overtaken:
            raise _overtaken() from None
        acting.note(connection, "mots d’un sous-motif", f"{key} version {follows + 1}")
    return follows + 1


def _overtaken() -> ChangeRefused:
    return ChangeRefused("Quelqu’un a écrit une autre version entre-temps.", "version")
