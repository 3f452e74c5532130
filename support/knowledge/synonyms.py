"""Words that mean the same in the search of articles, as the national team writes them: they count at once."""

from __future__ import annotations

from records.desks.acting import Acting
from records.refusals import ChangeRefused, one_line
from support.french import words_in
from support.knowledge.store import add_synonym_line, remove_synonym_line, synonym_lines

LONGEST_LINE, MOST_LINES, FEWEST_WORDS = 500, 300, 2


def add_synonyms(acting: Acting, typed: str) -> int:
    """Keep words and expressions of one meaning, parted by commas; returns the line's number.

    ChangeRefused (its field is `mots`) for fewer than two that say something, a line too long or there already.
    """
    pieces = [" ".join(piece.split()) for piece in one_line(typed, "mots", LONGEST_LINE).replace(";", ",").split(",")]
    folded = {" ".join(words): piece for piece in pieces if (words := words_in(piece))}
    if len(folded) < FEWEST_WORDS:
        raise ChangeRefused("Donnez au moins deux mots, séparés par une virgule : « mdp, mot de passe ».", "mots")
    with acting.writing() as connection:
        lines = synonym_lines(connection)
        known = [{" ".join(words_in(piece)) for piece in one.words.split(",")} for one in lines]
        if folded.keys() in known:
            raise ChangeRefused("Ces mots sont déjà dans la liste.", "mots")
        if len(lines) >= MOST_LINES:
            raise ChangeRefused(f"{MOST_LINES} lignes au plus : retirez-en une d’abord.", "mots")
        line = ", ".join(folded.values())
        number = add_synonym_line(connection, line, by=acting.by, at=acting.at)
        acting.note(connection, "synonymes ajoutés", f"{number} {line}")
    return number


def remove_synonyms(acting: Acting, number: int) -> None:
    """Let these words mean the same no more; ChangeRefused when the line does not hold."""
    with acting.writing() as connection:
        if not remove_synonym_line(connection, number, by=acting.by, at=acting.at):
            raise ChangeRefused("Cette ligne n’est pas dans la liste, ou plus.", "number")
        acting.note(connection, "synonymes retirés", str(number))
