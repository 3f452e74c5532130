"""The table of a request in words: nothing of it is unsaid, and the document tells the same."""

from __future__ import annotations

from pathlib import Path

from support.requests.states import Move, RequestState, TicketKind, TicketState, WhichDesk
from support.requests.told import (
    BADGES,
    DESKS,
    MOVE_LABELS,
    STATES,
    STEPS,
    TICKET_KINDS,
    TICKET_STATES,
    markdown,
    move_rows,
)
from support.requests.verbs.moving import TRAIL
from support.requests.web import GESTURES, WORD_OF
from support.requests.working import PREFIXES


def test_every_word_of_the_table_has_its_french() -> None:
    for words, names in (
        (STATES, RequestState), (BADGES, RequestState), (DESKS, WhichDesk), (MOVE_LABELS, Move), (STEPS, Move),
        (TRAIL, Move), (TICKET_KINDS, TicketKind), (PREFIXES, TicketKind), (TICKET_STATES, TicketState),
    ):  # fmt: skip
        assert set(words) == set(names)


def test_every_move_of_the_desk_has_its_form() -> None:
    """A request is opened by a call or by the form, climbs by itself, and is rated on the page of whoever wrote."""
    assert set(WORD_OF) == set(Move) - {Move.OPEN, Move.CLIMB, Move.RATE}
    assert len(GESTURES) == len(WORD_OF)


def test_the_document_tells_what_the_code_says() -> None:
    """Where it differs, its tables are those of `support.requests.told.markdown`."""
    assert Path("docs/requests.md").read_text(encoding="utf-8").endswith(markdown())
    assert all(all(cell for cell in row) for row in move_rows())
