"""What may answer somebody before he sends his form: the ready answer of the sous-motif and the best articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from records.database import Connection
from records.wording import Wording, fold_words
from support.answers.ready import Answer
from support.answers.store import answer_for, answer_history
from support.knowledge.articles import Article
from support.knowledge.finding import best_articles

ARTICLES = 3
_LETTER = ("bonjour", "suite a votre appel", "si la difficulte continue rappelez", "cordialement")
"""How the paragraphs of a letter begin which say nothing to whoever reads the answer on the page."""


@dataclass(frozen=True, slots=True)
class ReadyHelp:
    """What is shown; `answer` is "" where none may be, `to_validate` when nobody has validated it (a demonstration)."""

    wording: Wording
    answer: str
    to_validate: bool
    articles: Sequence[Article]

    def __bool__(self) -> bool:
        """Whether there is something to read."""
        return bool(self.answer or self.articles)


def ready_help(connection: Connection, wording: Wording, profile: str, *, is_demo: bool) -> ReadyHelp:
    """The validated answer and the best articles; a demonstration shows the texts as delivered too, and says so."""
    newest = _validated(connection, wording)
    if newest is None and is_demo:
        delivered = answer_for(connection, wording)
        newest = delivered if delivered and not delivered.version else None
    answer = as_read(newest.written) if newest else ""
    found = best_articles(connection, wording=wording, profile=profile, limit=ARTICLES)
    return ReadyHelp(wording, answer, bool(answer) and newest is not None and not newest.validated, found)


def _validated(connection: Connection, wording: Wording) -> Answer | None:
    """The newest version that the national team has validated: a draft hides none."""
    newest = answer_for(connection, wording)
    if newest is None or newest.validated or not newest.version:
        return newest if newest and newest.validated else None
    return next((one for one, _, _ in answer_history(connection, wording) if one.validated), None)


def as_read(letter: str) -> str:
    """A letter as it is read on a page: what greets, ends and speaks of a call is left out.

    Only the written text of an answer is for those who ask; the other one is spoken by a référent.
    """
    paragraphs = (part.strip() for part in letter.split("\n\n"))
    return "\n\n".join(part for part in paragraphs if part and not fold_words(part).startswith(_LETTER))
