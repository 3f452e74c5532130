"""What to say about a sous-motif: a short text to read aloud, and the same thing written, to copy or to send."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from records.refusals import ChangeRefused
from records.wording import Wording, explained

LONGEST_ANSWER = 4000
TO_VALIDATE = "proposition à valider"
CALL_AGAIN = "Si la difficulté continue, rappelez l'assistance au 0 806 000 156 (service gratuit + prix appel)."
"""How a letter to somebody who called ends."""


class AnswerRefused(ChangeRefused):
    """A ready answer that cannot be kept; its text is the reason, in French."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The ready answer of one sous-motif. `version` 0 is the text as delivered, validated by nobody yet."""

    wording: Wording
    aloud: str
    written: str
    version: int = 0
    validated: bool = False

    @property
    def mention(self) -> str:
        """What a reader must know before trusting the text; empty when it is validated."""
        return "" if self.validated else TO_VALIDATE

    @property
    def subject(self) -> str:
        """The subject of the mail."""
        return f"Assistance SI SIAO : {self.wording.sous_motif}"

    def under(self, wording: Wording) -> Answer:
        """The same answer for what its sous-motif is called now; a text as delivered says the new name as well."""
        old, new = f"« {self.wording.sous_motif} »", f"« {wording.sous_motif} »"
        written = self.written if self.version else self.written.replace(old, new)
        return replace(self, wording=wording, written=written)


def write_out(wording: Wording, steps: str) -> str:
    """The written form of steps, one a line: a letter that stands alone."""
    numbered = "\n".join(f"{place}. {step}" for place, step in enumerate(steps.splitlines(), start=1))
    return (
        f"Bonjour,\n\nSuite à votre appel à l'assistance SI SIAO au sujet de « {explained(wording.sous_motif)} » :"
        f"\n\n{numbered}"
        f"\n\n{CALL_AGAIN}\n\nCordialement,"
    )


def check_answer(aloud: str, written: str) -> tuple[str, str]:
    """Both forms, trimmed; AnswerRefused when one is missing or too long."""
    texts = tuple(text.replace("\r\n", "\n").strip() for text in (aloud, written))
    for field, label, text in zip(("aloud", "written"), ("à lire", "à envoyer"), texts, strict=True):
        if not text:
            raise AnswerRefused(f"Le texte {label} manque.", field)
        if len(text) > LONGEST_ANSWER:
            raise AnswerRefused(f"Le texte {label} dépasse {LONGEST_ANSWER} caractères.", field)
    return texts[0], texts[1]


@cache
def first_answers() -> dict[Wording, Answer]:
    """The texts as delivered, by wording: one for every sous-motif of the list as delivered, all to be validated."""
    text = resources.files("support").joinpath("data", "reponses.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(io.StringIO(text)):
        wording = Wording(row["thematique"], row["motif"], row["sous_motif"])
        found[wording] = Answer(wording, row["a_lire"], write_out(wording, row["etapes"]))
    return found
