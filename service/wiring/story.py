"""A call told as a story for the pages: its facts from the ledger, the prompts' sentences, numbers masked."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from ivr.conversation.prompts import PROMPTS
from records.calls.fold import fold
from records.calls.ledger import facts_of
from records.calls.story import tell
from records.database import Connection
from records.true_rows.archiving import archived_at
from routing.phones import mask_phone

ARCHIVED = "Le détail de cet appel a été effacé : il avait dépassé la durée de conservation."

SHOWN = 160
"""Characters of a sentence heard: a reader knows the rest."""

RECORDED = "(le message enregistré par le SIAO)"


def story_of_call(connection: Connection, call_id: str) -> list[tuple[datetime, str]]:
    """The moments and sentences of a call; none when it has no facts (entered by hand, imported).

    Of one whose facts were taken out for their age, when that was.
    """
    if (archived := archived_at(connection, call_id)) is not None:
        return [(archived, ARCHIVED)]
    facts = facts_of(connection, [call_id]).get(call_id, [])
    row = fold(call_id, facts)
    if row is None:
        return []
    return [(line.at, line.sentence) for line in tell(row, facts, say=_say, mask=_mask)]


def _say(prompt: str) -> str:
    sentence = RECORDED if prompt == "MESSAGE_DU_SIAO" else PROMPTS.get(prompt, prompt).replace("{numero}", "…")
    return sentence if len(sentence) <= SHOWN else f"{sentence[: SHOWN - 1].rsplit(' ', 1)[0]}…"


def _mask(number: str) -> str:
    with suppress(ValueError):
        return mask_phone(number)
    return "numéro illisible"
