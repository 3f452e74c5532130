"""From the last key to the first ring: six seconds at the most, whoever is called and however he was named."""

from __future__ import annotations

import pytest

from ivr.conversation.events import Pressed, Silent
from ivr.conversation.instructions import Ask, Line, Ring, Say
from ivr.conversation.script import advance
from ivr.conversation.steps.choosing import choose
from records.facts import GivenBy
from routing.departements import departements
from simulator.calls.speaking import speaking_seconds
from tests.calls.play import Variant, in_every_variant, play
from tests.ivr.scene import after, arrival, heard, person, situation, snapshot
from tests.load.first_ring import GOAL, PATHS, measure


@pytest.mark.parametrize("path", PATHS)
def test_a_usual_path_rings_within_six_seconds(path: str) -> None:
    """Played whole, at the simulator's speaking rate (decision 39)."""
    assert measure(path).seconds <= GOAL


@pytest.mark.parametrize("code", departements())
def test_the_name_of_every_departement_leaves_time_to_change_and_rings_within_six_seconds(code: str) -> None:
    """The longest names too."""
    around = situation(snapshot=snapshot((person("someone1", code, 1, "+33199007501"),)))
    turn = choose(arrival(), code, GivenBy.KEYPAD, around)
    name, ask = turn.instructions
    assert isinstance(name, Say)
    assert isinstance(ask, Ask)
    assert heard(turn) == f"{departements()[code].name}. Ça sonne. Pour changer, étoile."
    assert 0 < ask.timeout <= 1.5
    spoken = [one.text for one in (name.what, *ask.lines) if isinstance(one, Line)]
    assert sum(map(speaking_seconds, spoken)) + ask.timeout <= GOAL
    assert [type(one) for one in advance(after(turn), Silent(), around).instructions] == [Ring]


@in_every_variant
def test_the_ring_tone_follows_the_name_without_another_sentence(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("tapez étoile").presses("93").hears_ringing().hangs_up()
    assert caller.heard()[-2:] == ["Seine-Saint-Denis.", "Ça sonne. Pour changer, étoile."]


@in_every_variant
def test_a_departement_without_referent_is_told_that_the_national_team_is_called(variant: Variant) -> None:
    with play(variant=variant) as scene:
        caller = scene.call().hears("tapez étoile").presses("38").hears_ringing().hangs_up()
    why = "Aucun référent n'est joignable. Nous appelons l'équipe nationale."
    assert caller.heard()[-3:] == ["Isère.", why, "Pour changer, étoile."]


def test_a_closed_departement_is_not_said_to_ring() -> None:
    """Nobody is rung: the name, the way to change, then why."""
    turn = choose(arrival(), "75", GivenBy.KEYPAD, situation(snapshot=snapshot(())))
    assert heard(turn) == "Paris. Pour changer, étoile."


def test_a_departement_that_was_named_in_the_question_is_not_named_again() -> None:
    """A yes to « Vous appelez pour Paris ? »: the star changes it all the same."""
    turn = choose(arrival(), "75", GivenBy.MEMORY, situation(), is_named=True)
    assert heard(turn) == "Ça sonne. Pour changer, étoile."
    assert "tapez le numéro" in heard(advance(after(turn), Pressed("*"), situation()))
