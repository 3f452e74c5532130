"""Ready answers and what is proposed to the national team: each verb writes its row and its line of the trail."""

from __future__ import annotations

from records.desks.acting import Acting
from records.refusals import ChangeRefused, Overtaken
from records.wording import Wording
from support.answers.ready import Answer, check_answer
from support.answers.store import propose, save_answer, settle_proposal

LONGEST = {"answer": 4000, "directory": 1000}
"""Characters of a proposal at most, by its kind."""


def write_answer(
    acting: Acting, wording: Wording, *, aloud: str, written: str, follows: int, is_validated: bool
) -> Answer:
    """Keep a new version of the ready answer of a sous-motif, and return it.

    `follows` is the version that its writer saw. ChangeRefused when another one stands (its `field` is `version`), and
    AnswerRefused when a text is missing or too long.
    """
    said, sent = check_answer(aloud, written)
    new = Answer(wording, said, sent, follows + 1, is_validated)
    with acting.writing() as connection:
        try:
            save_answer(connection, new, by=acting.by, at=acting.at)
        except Overtaken:
            raise ChangeRefused("Quelqu’un a écrit une autre version entre-temps.", "version") from None
        acting.note(connection, "réponse type", f"{wording.key} version {new.version}")
    return new


def make_proposal(acting: Acting, *, kind: str, reference: str, text: str) -> None:
    """Hand a proposal to the national team; ChangeRefused when it is empty or too long."""
    plain = "".join(mark if mark.isprintable() or mark == "\n" else " " for mark in text).strip()
    if not plain or len(plain) > LONGEST[kind]:
        raise ChangeRefused(f"Écrivez votre proposition, en {LONGEST[kind]} caractères au plus.", "proposal")
    codes = acting.account.departements if acting.account else ()
    with acting.writing() as connection:
        propose(
            connection, kind=kind, reference=reference, departement=next(iter(codes), None), text=plain, by=acting.by,
            at=acting.at,
        )  # fmt: skip
        acting.note(connection, "proposition", reference)


def settle(acting: Acting, number: int) -> None:
    """Mark a proposal as settled; ChangeRefused when there is none of that number, or it is settled already."""
    with acting.writing() as connection:
        if not settle_proposal(connection, number, by=acting.by, at=acting.at):
            raise ChangeRefused(f"Aucune proposition n’attend sous le numéro {number}.", "number")
        acting.note(connection, "proposition réglée", str(number))
