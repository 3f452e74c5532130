"""What a caller hears of the other desk that he was offered: never another desk's reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.conversation.events import Arrived, Pressed, RingEnded, Silent
from ivr.conversation.script import advance
from records.facts import LegStatus
from routing.rules import Closure, Overflow, OverflowWhen, Rules
from tests.ivr.scene import NOW, OWN, after, arrival, heard, play, situation, snapshot

_BUSY = RingEnded(LegStatus.BUSY, is_bridged=False, leg="CA2", seconds=0)
_SHUT = Closure(1, "2A", NOW - timedelta(1), NOW + timedelta(1), "Essai")


@pytest.mark.parametrize(("to", "said"), [("2B", "Votre référent est déjà en ligne."), ("*", "L'équipe nationale n'a")])
def test_the_absence_after_an_overflow_names_the_desk_that_was_rung(to: str, said: str) -> None:
    """The SIAO next door did not answer: that says nothing of the national team."""
    rules = Rules(closures=(_SHUT,), overflows=(Overflow("2A", to, OverflowWhen.CLOSED),))
    around = situation(snapshot=snapshot(rules=rules))
    ringing = play(arrival(), Arrived(OWN), Pressed("20"), Pressed("1"), Silent(), Pressed("3"), at=around)
    assert heard(advance(after(ringing), _BUSY, around)).startswith(said)


def test_a_desk_that_closed_after_it_was_offered_leaves_the_departements_own_absence() -> None:
    """Neither its hours nor its name are told for those of the département."""
    overflows = (Overflow("2A", "2B", OverflowWhen.CLOSED),)
    around = situation(snapshot=snapshot(rules=Rules(closures=(_SHUT,), overflows=overflows)))
    offered = play(arrival(), Arrived(OWN), Pressed("20"), Pressed("1"), Silent(), at=around)
    both = (_SHUT, Closure(2, "2B", NOW - timedelta(1), NOW + timedelta(9), "Essai"))
    later = replace(around, snapshot=snapshot(rules=Rules(closures=both, overflows=overflows)))
    answer = heard(advance(after(offered), Pressed("3"), later))
    assert answer == heard(offered).replace(" Pour joindre le SIAO de la Haute-Corse, tapez 3.", "")
    assert answer.startswith("L'assistance de votre département est fermée. Elle rouvre demain à ")
