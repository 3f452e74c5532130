"""The table of a request, walked completely: every state, move, party and desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from support.requests.states import (
    MOVES,
    PROMISES,
    REOPENED_WITHIN_DAYS,
    TICKET_MOVES,
    Move,
    MoveRefused,
    Party,
    RequestState,
    Standing,
    TicketState,
    WhichDesk,
    advance,
    may_reopen,
    moves_of,
)

L, N = WhichDesk

# Move: who at the local desk, who at the national one (a: asked, d: works there, s: the service), and where it leads
# from open, taken, waiting, planned, technical, closed (« - »: it does not exist there). Said twice on purpose.
TABLE = {
    Move.COMPLETE: ("a", "a", "O-----"),
    Move.TAKE: ("d", "d", "TTWPX-"),
    Move.ASSIGN: ("d", "d", "TTWPX-"),
    Move.ANSWER: ("d", "d", "TTTPX-"),
    Move.ASK: ("d", "d", "WWWWW-"),
    Move.ADD: ("a", "a", "OTTPX-"),
    Move.CONFIRM: ("d", "d", "OTWPX-"),
    Move.RECLASSIFY: ("d", "d", "OTWPX-"),
    Move.HAND_BACK: ("", "d", "OOOOO-"),
    Move.ESCALATE: ("d", "", "OOOOO-"),
    Move.CLIMB: ("s", "", "OO----"),
    Move.PLAN: ("", "d", "PPPPP-"),
    Move.CANCEL_EXCHANGE: ("ad", "ad", "TTWTX-"),
    Move.HOLD_EXCHANGE: ("", "d", "TTWTX-"),
    Move.OPEN_TICKET: ("", "d", "XXXXX-"),
    Move.CHANGE_TICKET: ("", "d", "OTWPX-"),
    Move.LINK: ("d", "d", "OTWPX-"),
    Move.MERGE: ("d", "d", "CCCCC-"),
    Move.CLOSE: ("d", "d", "CCCCC-"),
    Move.WITHDRAW: ("a", "a", "CCCCC-"),
    Move.REOPEN: ("ad", "ad", "-----O"),
    Move.RATE: ("a", "a", "-----C"),
    Move.OPEN: ("", "", "------"),
}
STATES = dict(zip("OTWPXC", RequestState, strict=True))
GOES = {Move.HAND_BACK: L, Move.ESCALATE: N, Move.CLIMB: N}
LETTER = {Party.ASKER: "a", Party.DESK: "d", Party.SERVICE: "s"}


@pytest.mark.parametrize("move", Move)
def test_every_move_from_every_state_by_everybody_at_both_desks_is_what_the_table_says(move: Move) -> None:
    local, national, leads = TABLE[move]
    walked = 0
    for (state, letter), desk, party in product(zip(RequestState, leads, strict=True), WhichDesk, Party):
        now = Standing(state, desk)
        allowed = letter != "-" and LETTER[party] in (local if desk is L else national)
        if allowed:
            assert advance(now, move, party) == Standing(STATES[letter], GOES.get(move, desk)), (now, party)
        else:
            with pytest.raises(MoveRefused, match=r"^[A-ZÉÀ].*\.$"):
                advance(now, move, party)
        assert (move in moves_of(now, {party})) is allowed
        walked += 1
    assert walked == 36


def test_every_move_but_the_first_has_a_line() -> None:
    assert set(MOVES) == set(Move) - {Move.OPEN}


def test_whoever_is_both_may_what_either_may() -> None:
    now = Standing(RequestState.OPEN, WhichDesk.NATIONAL)
    both = set(moves_of(now, set(Party)))
    assert both == set().union(*(moves_of(now, {party}) for party in Party))
    assert moves_of(now, ()) == ()


def test_no_state_is_a_dead_end_and_each_is_reached() -> None:
    """From each state whoever asked can go on, and closed is reached from everywhere."""
    seen, ahead = set(), [Standing(RequestState.OPEN, WhichDesk.NATIONAL)]
    while ahead:
        now = ahead.pop()
        if now in seen:
            continue
        seen.add(now)
        assert moves_of(now, {Party.ASKER}), now
        for move, party in product(MOVES, Party):
            if move in moves_of(now, {party}):
                ahead.append(advance(now, move, party))
    assert {now.state for now in seen} == set(RequestState)
    assert {now.desk for now in seen} == set(WhichDesk)


def test_every_state_says_what_it_promises() -> None:
    assert set(PROMISES) == set(RequestState)
    assert [state for state, promise in PROMISES.items() if promise is None] == [RequestState.CLOSED]


def test_a_request_is_opened_again_within_fifteen_days_and_no_later() -> None:
    closed = datetime(2026, 11, 24, tzinfo=UTC)
    limit = timedelta(days=REOPENED_WITHIN_DAYS)
    assert may_reopen(closed, closed + limit)
    assert not may_reopen(closed, closed + limit + timedelta(seconds=1))
    assert not may_reopen(None, closed)


def test_a_ticket_has_a_line_for_each_state_and_never_stays_where_it_is() -> None:
    assert set(TICKET_MOVES) == set(TicketState)
    assert [state for state, ways in TICKET_MOVES.items() if state in ways] == []
    assert TICKET_MOVES[TicketState.REFUSED] == frozenset()
