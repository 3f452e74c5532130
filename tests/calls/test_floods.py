"""Who redials without end, and calls that come too many at once: whole calls, with the clerk between them."""

from __future__ import annotations

import pytest

from records.database import open_database, reading
from service.wiring.story import story_of_call
from tests.calls.memory import clerk_works, clerk_works_now
from tests.calls.people import LEO, MIA, PAUL
from tests.calls.play import Scene, play

CALLER, OTHER = "06 39 98 12 34", "06 39 98 56 78"


def story_of(scene: Scene, call_id: str) -> str:
    engine = open_database(scene.database_url)
    with reading(engine) as connection:
        story = story_of_call(connection, call_id)
    engine.dispose()
    return " ".join(sentence for _, sentence in story)


def redial(scene: Scene, times: int) -> None:
    """Somebody calls, chooses, hangs up while it rings, and calls again."""
    for _ in range(times):
        caller = scene.call(CALLER).begins_to_hear("Bonjour").presses("93")
        caller.hears("Seine-Saint-Denis.").waits(6).hangs_up()
        clerk_works(scene)


def test_who_redials_without_end_goes_straight_to_the_absence_menu_and_can_leave_a_message() -> None:
    with play() as scene:
        redial(scene, 12)
        rung = len(scene.rung())
        caller = scene.call(CALLER).begins_to_hear("Bonjour").presses("93").hears("Vous avez déjà appelé")
        caller.hears("Pour laisser un message, tapez 1").presses("1").leaves_a_message(8).presses("#")
        caller.hears("Votre message est enregistré").stays_to_the_end()
        assert len(scene.rung()) == rung
        clerk_works(scene)
        scene.phone(LEO).answers(after=2).presses("1").talks(10)
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def test_after_a_quarter_of_an_hour_the_redialler_rings_again() -> None:
    with play() as scene:
        redial(scene, 12)
        scene.time.run(seconds=16 * 60)
        scene.phone(MIA).answers(after=2).presses("1").talks(10)
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def flood(scene: Scene, calls: int, *, from_: str = CALLER, at_once: int = 1, keys: tuple[str, ...] = ("93",)) -> None:
    """So many calls, some at the same moment, each for the next département: it rings a while, nobody is served."""
    for first in range(0, calls, at_once):
        callers = [scene.call(from_) for _ in range(min(at_once, calls - first))]
        for place, caller in enumerate(callers, start=first):
            caller.begins_to_hear("Bonjour").presses(keys[place % len(keys)])
        for caller in callers:
            caller.hears("Pour changer")
        callers[0].waits(16)
        for caller in callers:
            caller.hangs_up()
        clerk_works(scene)


def rang(scene: Scene) -> list[bool]:
    """Of each call, oldest first, whether anybody's telephone rang."""
    return [bool(row["attempts"]) for row in scene.rows()]


def test_withheld_callers_of_one_desk_share_a_cap_and_are_told_of_no_call_that_they_did_not_make() -> None:
    """Eighteen of eighteen rang before there was one (decision 42)."""
    with play() as scene:
        flood(scene, 18, from_="anonymous")
        assert rang(scene) == [True] * 15 + [False] * 3
        caller = scene.call("anonymous").begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels arrivent")
        caller.does_not_hear("Vous avez déjà appelé").hears("Pour laisser un message, tapez 1").hangs_up()
        scene.phone(PAUL).answers(after=2).presses("1").talks(10)
        scene.call("anonymous").begins_to_hear("Bonjour").presses("75").is_connected().stays_to_the_end()
        scene.phone(LEO).answers(after=2).presses("1").talks(10)
        scene.call(OTHER).begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def test_a_capped_caller_can_leave_a_message_or_a_number_and_the_call_says_why_he_was_not_rung_for() -> None:
    with play() as scene:
        flood(scene, 15, from_="anonymous")
        caller = scene.call("anonymous").begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels").presses("2")
        caller.hears("tapez votre numéro").presses("0261911122").hears("02, 61, 91, 11, 22").presses("1")
        caller.stays_to_the_end()
        clerk_works(scene)
        row = scene.rows()[-1]
        assert (row["outcome"], row["callback_number"], row["attempts"]) == ("callback", "+33261911122", [])
        assert "Trop d’appels masqués" in story_of(scene, caller.sid)
        scene.phone(LEO).answers(after=2).presses("1").talks(10)
        scene.call("anonymous").begins_to_hear("Bonjour").presses("93").is_connected().stays_to_the_end()


def test_overlapping_calls_of_one_number_count_like_any_others() -> None:
    """Twenty-eight of twenty-eight rang before (decision 42)."""
    with play() as scene:
        flood(scene, 28, at_once=4)
        assert rang(scene) == [True] * 12 + [False] * 16


@pytest.mark.parametrize(("from_", "keys", "most"), [(CALLER, ("93", "75", "09"), 12), ("anonymous", ("93",), 15)])
def test_calls_count_while_they_go_on(from_: str, keys: tuple[str, ...], most: int) -> None:
    """A flood need not hang up: none of these has ended when the last one comes (decision 42)."""
    with play(hunts_at_once=100) as scene:
        for place in range(20):
            scene.call(from_).begins_to_hear("Bonjour").presses(keys[place % len(keys)])
            scene.time.run(seconds=1)
            clerk_works_now(scene)
        assert rang(scene) == [True] * most + [False] * (20 - most)


def test_a_call_that_somebody_took_is_served_while_it_goes_on() -> None:
    with play() as scene:
        redial(scene, 11)
        scene.phone(LEO).answers(after=1).presses("1", after=1).talks(900)
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").is_connected()
        clerk_works_now(scene)
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").hears_ringing().hangs_up()


def test_three_departements_in_turn_count_like_one() -> None:
    with play() as scene:
        flood(scene, 15, keys=("93", "75", "09"))
        assert rang(scene) == [True] * 12 + [False] * 3


def test_colleagues_behind_one_number_are_never_capped_while_some_are_served() -> None:
    with play() as scene:
        for _ in range(8):
            scene.phone(LEO).answers(after=1).presses("1", after=1).talks(300)
            flood(scene, 4, at_once=4)
        assert rang(scene) == [True] * 32


def test_a_desk_rings_for_so_many_at_once_and_the_next_one_as_soon_as_one_has_left() -> None:
    with play(hunts_at_once=3) as scene:
        ringing = [scene.call(f"06 39 98 00 0{place}").begins_to_hear("Bonjour").presses("93") for place in range(3)]
        for caller in ringing:
            caller.hears_ringing()
        clerk_works_now(scene)
        capped = scene.call(OTHER).begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels arrivent")
        ringing[0].hangs_up()
        clerk_works_now(scene)
        capped.presses("1").leaves_a_message(8).presses("#").hears("Votre message est enregistré").stays_to_the_end()
        scene.call(CALLER).begins_to_hear("Bonjour").presses("93").hears_ringing().hangs_up()
        clerk_works(scene)
        assert "Trop d’appels sonnaient déjà" in story_of(scene, capped.sid)
