"""Callers for whom nobody rings though somebody would answer: never refused, told why, and written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.conversation.events import Arrived, Pressed, RingEnded, Silent
from ivr.conversation.script import advance
from ivr.conversation.situation import Recollection
from records.facts import FactKind, LegStatus
from routing.rules import Closure, Overflow, OverflowWhen, Rules
from tests.ivr.scene import NOW, OWN, after, arrival, heard, play, rung, situation, snapshot


@pytest.mark.parametrize(
    ("remembered", "why"),
    [
        (Recollection(full=frozenset({"75"})), "full"),
        (Recollection(flooded=frozenset({"75"})), "withheld"),
        (Recollection(is_redialling=True, full=frozenset({"75"})), "redial"),
    ],
)
def test_a_caller_who_is_not_rung_for_hears_the_absence_menu_and_it_is_written_down_why(
    remembered: Recollection, why: str
) -> None:
    """Never refused, and neither accused of calls that were others' (decision 42)."""
    around = situation(recollection=remembered)
    turn = play(arrival(), Arrived(OWN), Pressed("75"), at=around)
    assert [fact.data for fact in turn.facts if fact.kind is FactKind.LED_OUT] == [{"why": why}]
    absence = advance(after(turn), Silent(), around)
    assert not rung(absence)
    assert heard(absence).startswith("Vous avez déjà appelé" if why == "redial" else "Beaucoup d'appels arrivent")
    assert "tapez 1" in heard(absence)


def test_a_flood_of_withheld_calls_caps_nobody_whom_a_carrier_hides() -> None:
    """He withholds nothing; a full desk is full for him too (decision 41)."""
    around = situation(caller=None, is_hidden=True, recollection=Recollection(flooded=frozenset({"75"})))
    assert rung(play(arrival(), Arrived(OWN), Pressed("75"), Silent(), at=around))
    full = replace(around, recollection=Recollection(flooded=frozenset({"75"}), full=frozenset({"75"})))
    assert not rung(play(arrival(), Arrived(OWN), Pressed("75"), Silent(), at=full))


def test_a_full_desk_is_nobody_elses_and_a_closed_one_says_that_it_is_closed() -> None:
    """The cap spares those who would ring: where nobody would, the caller hears when somebody will."""
    full = situation(recollection=Recollection(full=frozenset({"75"})))
    assert rung(play(arrival(), Arrived(OWN), Pressed("93"), Silent(), at=full))
    shut = Closure(1, "75", NOW - timedelta(1), NOW + timedelta(1), "Essai")
    closed = replace(full, snapshot=snapshot(rules=Rules(closures=(shut,))))
    turn = play(arrival(), Arrived(OWN), Pressed("75"), Silent(), at=closed)
    assert heard(turn).startswith("L'assistance de votre département est fermée.")


def test_a_full_desk_is_not_rung_by_overflow_either() -> None:
    """The département's own absence is told again, without the offer."""
    rules = Rules(overflows=(Overflow("75", "93", OverflowWhen.NO_ANSWER),))
    free = situation(snapshot=snapshot(rules=rules))
    busy = RingEnded(LegStatus.BUSY, is_bridged=False, leg="CA2", seconds=0)
    offered = play(arrival(), Arrived(OWN), Pressed("75"), Silent(), busy, busy, at=free)
    assert "tapez 3" in heard(offered)
    full = replace(free, recollection=Recollection(full=frozenset({"93"})))
    turn = advance(after(offered), Pressed("3"), full)
    assert not rung(turn)
    assert "tapez 3" not in heard(turn)
    assert not [fact for fact in play(arrival(), Arrived(OWN), Pressed("75")).facts if fact.kind is FactKind.LED_OUT]
