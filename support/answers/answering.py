"""Ready answers, local paragraphs, sending, proposals: each verb writes its row and its line of the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from records.desks.acting import Acting
from records.mail import is_address
from records.outbox import Owed, Thing, owe
from records.refusals import ChangeRefused, Overtaken
from records.wording import Wording
from routing.departements import departements
from support.answers.local import LONGEST_LINE, LONGEST_PARAGRAPH, LocalParagraph, checked_text, whole_text
from support.answers.ready import Answer, check_answer
from support.answers.store import (
    COPIED,
    SENT,
    answer_for,
    delivery_key,
    note_use,
    paragraphs_for,
    propose,
    save_answer,
    save_paragraph,
    sent_by_since,
    settle_proposal,
    was_sent,
)

LONGEST = {"answer": 4000, "directory": 1000}
"""Characters of a proposal at most, by its kind."""

AT_MOST, WITHIN = 20, timedelta(hours=1)
"""Answers that one account may send within this time: more than anybody at a telephone, few for a stolen session."""
TWICE = timedelta(minutes=1)
"""The same answer to the same address for the same call within this time is a double click."""


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


def write_paragraph(
    acting: Acting, wording: Wording, *, departement: str, text: str, follows: int, confirmed: bool = False
) -> None:
    """Keep what a département adds to a ready answer from now on; an empty text takes it back.

    `follows` is the version that its writer saw. ChangeRefused when another one stands (its `field` is `version`), for
    a département that is none or not the writer's own, for a text too long or that looks like personal data.
    """
    if departement not in departements() or (acting.account and departement not in acting.account.departements):
        raise ChangeRefused("Choisissez l’un de vos départements.", "departement")
    told = checked_text(text, "paragraphe", LONGEST_PARAGRAPH, confirmed=confirmed)
    new = LocalParagraph(departement, wording, told, follows + 1, acting.by, acting.at)
    with acting.writing() as connection:
        try:
            save_paragraph(connection, new)
        except Overtaken:
            raise ChangeRefused("Quelqu’un a écrit une autre version entre-temps.", "version") from None
        acting.note(connection, "paragraphe local", f"{wording.key} {departement} version {new.version}")


def note_copy(acting: Acting, wording: Wording, *, departement: str | None, call_id: str | None) -> None:
    """Count that the answer was copied."""
    with acting.writing() as connection:
        note_use(
            connection, wording, COPIED, by=acting.by, at=acting.at, departement=departement, call_id=call_id
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AnswerLetter:
    """What somebody asks to be sent: to whom, with which line of his own, for which call and département."""

    to: str
    line: str = ""
    departement: str | None = None
    call_id: str | None = None
    confirmed: bool = False


def send_answer(acting: Acting, wording: Wording, letter: AnswerLetter) -> None:
    """Owe the mail of a ready answer, with what the département adds, and count it; the writer gets the replies.

    ChangeRefused for an address that is none, a line too long or that looks like personal data, an account that has
    sent too many, and where there is no answer.
    """
    to = letter.to.strip()
    if not is_address(to):
        raise ChangeRefused("Donnez une adresse électronique complète, par exemple prenom.nom@siao.fr.", "destinataire")
    line = checked_text(letter.line, "ajout", LONGEST_LINE, confirmed=letter.confirmed)
    with acting.writing() as connection:
        answer = answer_for(connection, wording)
        if answer is None:
            raise ChangeRefused("Ce sous-motif n’a pas encore de réponse type.")
        if was_sent(connection, wording, to, letter.call_id, by=acting.by, since=acting.at - TWICE):
            return
        if sent_by_since(connection, acting.by, acting.at - WITHIN) >= AT_MOST:
            raise ChangeRefused(f"Vous avez envoyé {AT_MOST} réponses en une heure : patientez, ou copiez le texte.")
        local = paragraphs_for(connection, wording).get(letter.departement or "")
        body = whole_text(answer.written, local.told() if local and local.text else "", line)
        use = note_use(
            connection, wording, SENT, by=acting.by, at=acting.at, departement=letter.departement,
            call_id=letter.call_id, recipient=to,
        )  # fmt: skip
        owe(
            connection,
            Thing(Owed.ANSWER, delivery_key(use), str(use), to, answer.subject, f"{body}\n{_signature(acting)}"),
            acting.at,
        )
        acting.note(connection, "réponse envoyée", f"{wording.key} {letter.call_id or ''}".strip())


def _signature(acting: Acting) -> str:
    """Who writes, and that a reply reaches him."""
    name = acting.account.name if acting.account and acting.account.name else acting.by
    return f"{name}\n\nPour répondre, répondez à ce courriel : votre réponse parviendra à {name}.\n"


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
