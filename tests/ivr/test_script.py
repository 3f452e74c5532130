"""The rules of the conversation, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ivr.conversation.events import Arrived, Event, MessageLeft, PickedUp, Pressed, RingEnded, Silent, Spoke
from ivr.conversation.instructions import Ask, Bridge, GoTo, HangUp, Record, Ring
from ivr.conversation.place import Place, Step
from ivr.conversation.script import advance
from records.facts import FactKind, LegStatus
from routing.departements import departements
from routing.rules import Notice, Rules
from tests.ivr.scene import NOW, OWN, PEOPLE, after, arrival, heard, play, remembering, rung, situation, snapshot

_CALLED = Arrived(OWN)
_LISTENING = replace(situation(), line=replace(situation().line, listens=True))
_NOBODY = RingEnded(LegStatus.NO_ANSWER, is_bridged=False, leg="CA2")
_BUSY = RingEnded(LegStatus.BUSY, is_bridged=False, leg="CA2", seconds=0)
_REFUSED = RingEnded(LegStatus.COMPLETED, is_bridged=False, leg="CA2", seconds=6)


def test_the_welcome_is_for_professionals_and_names_115_before_the_question() -> None:
    """Somebody who looks for shelter is told where to call at once."""
    said = heard(play(arrival(), _CALLED))
    assert said.index("professionnels") < said.index("composez le 115") < said.index("tapez son numéro")


def test_two_digits_are_answered_by_the_name_and_the_way_to_change_it() -> None:
    """The name cannot be talked over; the star is waited for one second (decisions 8 and 39)."""
    turn = play(arrival(), _CALLED, Pressed("75"))
    assert heard(turn) == "Paris. Ça sonne. Pour changer, étoile."
    ask = turn.instructions[-1]
    assert isinstance(ask, Ask)
    assert (ask.digits, ask.finish, ask.timeout) == (1, "", 1)


def test_the_first_rang_rings_when_nothing_is_pressed_after_the_name() -> None:
    """The person of rang 1, alone."""
    assert rung(play(arrival(), _CALLED, Pressed("75"), Silent())) == ["+33199007501"]


def test_people_of_one_rang_ring_together_and_then_one_by_one_when_one_of_them_picked_up() -> None:
    """Decision 5: what the operator does with the others is unknown, so each is rung again."""
    turn = play(arrival(), _CALLED, Pressed("93"), Silent())
    assert rung(turn) == ["+33199009301", "+33199009302"]
    turn = advance(after(turn), _REFUSED, situation())
    assert rung(turn) == ["+33199009301"]
    turn = advance(after(turn), _REFUSED, situation())
    assert rung(turn) == ["+33199009302"]


def test_a_fourth_rang_is_rung_only_when_the_three_before_were_quick() -> None:
    """No rang starts later than 43 seconds after the first (decision 4)."""
    ids = ("one1", "two2", "tri3", "four")
    people = tuple(replace(PEOPLE[0], id=one, rang=rang, phone=f"+3319900750{rang}") for rang, one in enumerate(ids, 1))
    around = situation(snapshot=snapshot((*people, PEOPLE[-1])))
    quick, slow = replace(around, now=around.now), replace(around, now=around.now + timedelta(seconds=65))
    turn = play(arrival(), _CALLED, Pressed("75"), Silent(), _BUSY, _BUSY, at=around)
    assert rung(advance(after(turn), _BUSY, quick)) == ["+33199007504"]
    assert rung(advance(after(turn), _BUSY, slow)) == []


@pytest.mark.parametrize(("end", "sentence"), [(_NOBODY, "pas pu répondre"), (_BUSY, "déjà en ligne")])
def test_nobody_takes_the_call_and_the_caller_hears_why(end: RingEnded, sentence: str) -> None:
    """Then message or callback."""
    turn = play(arrival(), _CALLED, Pressed("974"[:2]), Pressed("4"), Silent(), end)
    assert sentence in heard(turn)
    assert "Pour laisser un message, tapez 1. Pour être rappelé, tapez 2." in heard(turn)


def test_the_reason_told_is_the_first_of_no_answer_refused_busy_failed() -> None:
    """Whatever the order in which people were tried (decision 30)."""
    turn = play(arrival(), _CALLED, Pressed("75"), Silent(), _BUSY, _NOBODY)
    assert "pas pu répondre" in heard(turn)


def test_a_departement_with_nobody_to_ring_goes_to_the_national_team() -> None:
    """The Ain has no line in the small directory."""
    turn = play(arrival(), _CALLED, Pressed("1"))
    assert "Aucun référent n'est joignable. Nous appelons l'équipe nationale." in heard(turn)
    assert rung(advance(after(turn), Silent(), situation())) == ["+33199000001"]


def test_three_failures_wrong_or_silent_go_to_the_national_team() -> None:
    """Mixed as they come, never a bare hang-up."""
    turn = play(arrival(), _CALLED, Pressed("99"), Silent(), Pressed("00"))
    assert rung(turn) == ["+33199000001"]
    assert "Nous n'avons pas pu identifier votre département" in heard(turn)


def test_a_code_that_does_not_exist_is_read_back() -> None:
    """Digit by digit, and asked again."""
    assert "Le numéro 9, 9 ne correspond à aucun département" in heard(play(arrival(), _CALLED, Pressed("99")))


def test_the_star_after_the_name_asks_again_twice_and_then_hands_over_to_the_national_team() -> None:
    """At most two returns (decision 1), no failure counted."""
    turn = play(arrival(), _CALLED, *(Pressed("75"), Pressed("*")) * 2)
    assert after(turn).step is Step.MENU
    assert after(turn).failures == 0
    turn = advance(after(turn), Pressed("75"), situation())
    assert rung(advance(after(turn), Pressed("*"), situation())) == ["+33199000001"]


def test_a_star_at_every_absence_message_rings_the_national_team_once_and_ends() -> None:
    """One caller rang it nineteen times in one call: after the last return the star is a key like any other."""
    turn, rings = advance(arrival(), _CALLED, situation()), []
    while isinstance(turn.instructions[-1], Ask | Ring):
        rings += rung(turn)
        place = after(turn)
        events: dict[Step, Event] = {
            Step.MENU: Pressed("75"),
            Step.CHANGE: Silent(),
            Step.RING: RingEnded(LegStatus.NO_ANSWER, is_bridged=False),
        }
        turn = advance(place, events.get(place.step, Pressed("*")), situation())
    assert rings.count("+33199000001") == 1
    assert len(rings) == 7
    assert heard(turn).startswith("À tout moment")


def test_the_rest_of_a_postal_code_is_let_by_before_anything_is_asked() -> None:
    """75011: the three last keys choose neither a message nor a callback."""
    turn = play(arrival(), _CALLED, Pressed("75"), Pressed("0"))
    assert after(turn).step is Step.MORE
    assert rung(advance(after(turn), Pressed("11"), situation())) == ["+33199007501"]


def test_somebody_who_typed_115_hears_where_to_call_and_is_connected_all_the_same() -> None:
    """11 then 5 (decision 8)."""
    turn = play(arrival(), _CALLED, Pressed("11"), Pressed("5"))
    assert heard(turn).startswith("Si vous cherchez un hébergement d'urgence, raccrochez et composez le 115.")
    assert rung(turn)


def test_the_referent_hears_the_line_and_the_departement_only_and_takes_the_call_with_1() -> None:
    """Nothing personal before the key (decision 11)."""
    place = Place(Step.SCREEN, 5, departement="75", person="paul75aa")
    turn = advance(place, PickedUp(), situation(leg="CA2"))
    assert heard(turn) == (
        "Assistance SI SIAO. Appel du département 75. Pour prendre l'appel, tapez 1. Pour prendre l'appel, tapez 1."
    )
    assert advance(after(turn), Pressed("1"), situation()).instructions == (Bridge(),)
    assert advance(after(turn), Pressed("2"), situation()).instructions == (HangUp(),)
    assert advance(after(turn), Silent(), situation()).instructions == (HangUp(),)


def test_a_bridge_is_the_only_answer_that_counts() -> None:
    """`completed` without a bridge goes on; with one the caller is thanked when the référent hangs up first."""
    turn = play(arrival(), _CALLED, Pressed("75"), Silent())
    bridged = RingEnded(LegStatus.COMPLETED, is_bridged=True, leg="CA2", seconds=60)
    assert heard(advance(after(turn), bridged, situation())) == "Merci de votre appel. À bientôt."
    assert rung(advance(after(turn), _REFUSED, situation())) == ["+33199007502"]


def test_an_empty_message_is_said_to_be_and_the_choice_comes_back_once() -> None:
    """Under two seconds nothing was said (decision 10)."""
    turn = play(arrival(), _CALLED, Pressed("75"), Silent(), _NOBODY, _NOBODY, Pressed("1"))
    recorded, going_on = turn.instructions[-2:]
    assert isinstance(recorded, Record)
    assert going_on == GoTo(recorded.then)
    turn = advance(after(turn), MessageLeft("RE1", 1), situation())
    assert heard(turn).startswith("Nous n'avons rien entendu.")
    assert isinstance(advance(after(turn), Silent(), situation()).instructions[-1], HangUp)


def test_the_callers_own_number_is_read_back_and_kept_with_1() -> None:
    """In pairs, so that it can be checked by ear."""
    turn = play(arrival(), _CALLED, Pressed("75"), Silent(), _NOBODY, _NOBODY, Pressed("2"))
    assert "Nous vous rappellerons au 06, 39, 98, 12, 34." in heard(turn)
    kept = advance(after(turn), Pressed("1"), situation())
    confirmed = [fact for fact in kept.facts if fact.kind is FactKind.CALLBACK_CONFIRMED]
    asked = [fact for fact in turn.facts if fact.kind is FactKind.CALLBACK_ASKED]
    assert confirmed[0].data["of"] == asked[0].n


def test_a_typed_number_stands_in_a_fact_and_never_in_an_address() -> None:
    """A withheld caller types the number; a surcharged one is refused."""
    hidden = situation(caller=None)
    turn = play(arrival(), _CALLED, Pressed("75"), Silent(), _NOBODY, _NOBODY, Pressed("2"), at=hidden)
    assert "tapez votre numéro de téléphone" in heard(turn)
    refused = advance(after(turn), Pressed("0899123456"), hidden)
    assert "Nous ne pouvons pas rappeler ce numéro." in heard(refused)
    typed = advance(after(turn), Pressed("0261911234"), hidden)
    assert "02, 61, 91, 12, 34" in heard(typed)
    assert "6191" not in after(typed).address


def test_a_known_caller_is_offered_his_departement_and_takes_it_with_one_key() -> None:
    """`1` is yes, `2` no, `01` the Ain, silence the ordinary menu without a failure (decision 15)."""
    known = situation(recollection=remembering("93"))
    turn = play(arrival(), _CALLED, at=known)
    assert "Vous appelez pour la Seine-Saint-Denis ? Oui, tapez 1 ; non, tapez 2 ou votre département." in heard(turn)
    assert heard(advance(after(turn), Pressed("1"), known)) == "Ça sonne. Pour changer, étoile."
    assert "Ain." in heard(advance(after(turn), Pressed("01"), known))
    assert "Aisne." in heard(advance(after(turn), Pressed("02"), known))
    for event in (Silent(), Pressed("2"), Spoke("non merci", 0.9), Spoke("deux", 0.9), Spoke("un autre", None)):
        asked = advance(after(turn), event, known)
        assert heard(asked) == "Pour joindre votre référent, tapez le numéro de votre département.", event
        assert (after(asked).step, after(asked).failures) == (Step.MENU, 0)


@pytest.mark.parametrize("words", ["oui", "oui, c'est ça", "toujours pareil", "comme d'habitude", "le même", "le 93"])
def test_words_that_take_the_offered_departement(words: str) -> None:
    """Its own name or number as well."""
    known = situation(recollection=remembering("93"))
    turn = play(arrival(), _CALLED, Spoke(words, None), at=known)
    assert heard(turn) == "Ça sonne. Pour changer, étoile."
    assert [fact.data["by"] for fact in turn.facts if fact.kind is FactKind.DEPARTEMENT_GIVEN] == ["memory"]


@pytest.mark.parametrize("words", ["oui, enfin non, le 38", "non, le 38", "oui le 38", "plutôt l'Isère"])
def test_a_yes_that_names_another_departement_never_takes_the_offered_one(words: str) -> None:
    known = situation(recollection=remembering("93"))
    turn = play(arrival(), _CALLED, Spoke(words, 0.9), at=known)
    assert "Isère" in heard(turn)
    assert after(turn).failures == 0


# ---------------------------------------------------------------- over the welcome, and beside a need

_NOTICES = ("composez le 115", "Votre conversation n'est pas enregistrée")
_SHORT = "Pour joindre votre référent, dites ou tapez le numéro de votre département."


@pytest.mark.parametrize("words", ["bonjour", "allô ?", "oui bonjour madame", "il y a quelqu'un ?", "euh"])
def test_who_greets_over_the_welcome_hears_the_notices_once_and_is_charged_nothing(words: str) -> None:
    turn = play(arrival(), _CALLED, Spoke(words, 0.9), at=_LISTENING)
    assert all(one in heard(turn) for one in _NOTICES)
    assert heard(turn).endswith(_SHORT)
    assert "pas compris" not in heard(turn)
    assert after(turn).failures == 0
    again = advance(after(turn), Spoke(words, 0.9), _LISTENING)
    assert heard(again) == _SHORT
    assert after(again).failures == 0
    third = advance(after(again), Spoke(words, 0.9), _LISTENING)
    assert after(third).failures == 1, "a greeting without end leads to the national team like any other answer"


def test_noise_over_the_welcome_brings_the_notices_back_and_a_second_one_is_a_failure() -> None:
    turn = play(arrival(), _CALLED, Spoke("passe-moi le sel", 0.9), at=_LISTENING)
    assert all(one in heard(turn) for one in (*_NOTICES, "Je n'ai pas compris"))
    assert after(turn).failures == 0
    turn = advance(after(turn), Spoke("passe-moi le sel", 0.9), _LISTENING)
    assert heard(turn).startswith("Je n'ai pas compris.")
    assert after(turn).failures == 1


def test_who_greets_over_the_welcome_is_offered_his_departement_again() -> None:
    """A « oui bonjour » takes nothing: the offer was perhaps not heard."""
    known = replace(_LISTENING, recollection=remembering("93"))
    turn = play(arrival(), _CALLED, Spoke("oui bonjour", 0.9), at=known)
    assert all(one in heard(turn) for one in (*_NOTICES, "Vous appelez pour la Seine-Saint-Denis ?"))
    assert (after(turn).step, after(turn).failures) == (Step.OFFER, 0)
    again = advance(after(turn), Spoke("oui bonjour", 0.9), known)
    assert (after(again).step, after(again).failures) == (Step.MENU, 0)
    assert heard(advance(after(turn), Pressed("1"), known)) == "Ça sonne. Pour changer, étoile."


def test_who_speaks_over_the_welcome_hears_what_was_announced_that_day_again() -> None:
    """A maintenance of the software is a notice like the others."""
    notice = Notice(1, "Le SI SIAO est indisponible ce matin.", NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    announced = replace(_LISTENING, snapshot=snapshot(rules=Rules(notices=(notice,))))
    turn = play(arrival(), _CALLED, Spoke("allô ?", 0.9), at=announced)
    assert heard(turn).count(notice.text) == 1
    assert notice.text not in heard(advance(after(turn), Spoke("allô ?", 0.9), announced))


def test_a_departement_said_over_the_welcome_is_taken_at_once() -> None:
    """Like a code typed over it: who knows what to say knows the line."""
    turn = play(arrival(), _CALLED, Spoke("la Dordogne", 0.9), at=_LISTENING)
    assert "Dordogne" in heard(turn)
    assert _NOTICES[1] not in heard(turn)


@pytest.mark.parametrize("words", ["je dors dehors, à Lyon", "je suis à la rue, dans le 24"])
def test_a_need_is_answered_first_and_the_departement_named_with_it_is_kept(words: str) -> None:
    turn = play(arrival(), _CALLED, Silent(), Spoke(words, 0.9), at=_LISTENING)
    assert heard(turn).startswith("Si vous cherchez un hébergement d'urgence, raccrochez et composez le 115.")
    assert "Rhône" in heard(turn) or "Dordogne" in heard(turn)


def test_a_need_told_at_a_confirmation_is_answered_too() -> None:
    turn = play(arrival(), _CALLED, Spoke("les Ardennes", 0.9), Spoke("je dors dehors", 0.9), at=_LISTENING)
    assert heard(turn).startswith("Si vous cherchez un hébergement d'urgence")


# ---------------------------------------------------------------- a code typed instead of a choice


@pytest.mark.parametrize("words", ["les Ardennes", "la Corse", "Paris 93"])
@pytest.mark.parametrize("keys", ["38", "13", "21", "01", "02"])
def test_a_code_typed_where_words_are_read_back_is_the_code(words: str, keys: str) -> None:
    """« Lyon » heard as the Ardennes, then 38: both keys are waited for."""
    asked = play(arrival(), _CALLED, Spoke(words, 0.9), at=_LISTENING)
    question = asked.instructions[-1]
    assert isinstance(question, Ask)
    assert (question.digits, question.timeout, question.timeout + question.thinking) == (2, 2, 5)
    turn = advance(after(asked), Pressed(keys), _LISTENING)
    assert heard(turn).startswith(f"{departements()[keys].name}.")
    assert [f.data["by"] for f in turn.facts if f.kind is FactKind.DEPARTEMENT_GIVEN] == ["keypad"]


@pytest.mark.parametrize("before", [(Spoke("les Ardennes", 0.9),), (Spoke("la Corse", 0.9),), (Pressed("20"),)])
def test_a_first_digit_that_is_no_choice_waits_for_a_slow_second_one(before: tuple[Event, ...]) -> None:
    """Taken alone, the 8 of a slow 38 would be the Ardennes."""
    turn = play(arrival(), _CALLED, *before, Pressed("3"), at=_LISTENING)
    assert heard(turn) == ""
    question = turn.instructions[-1]
    assert isinstance(question, Ask)
    assert question.timeout == 5, "as long as at the menu: an 8 that comes later would be asked for by nobody"
    assert "Isère." in heard(advance(after(turn), Pressed("8"), _LISTENING))
    silent = advance(after(turn), Silent(), _LISTENING)
    assert heard(silent) == _SHORT
    assert (after(silent).failures, after(silent).keys) == (1, "")


def test_an_offer_waits_for_a_slow_code_and_for_a_slow_answer() -> None:
    """A 3 taken alone would ring the Allier; a 1 that comes when the next question is asked, the Ain."""
    known = replace(_LISTENING, recollection=remembering("93"))
    offered = play(arrival(), _CALLED, at=known)
    question = offered.instructions[-1]
    assert isinstance(question, Ask)
    assert (question.timeout, question.timeout + question.thinking) == (2, 5)
    turn = advance(after(offered), Pressed("3"), known)
    assert heard(turn) == ""
    assert "Isère." in heard(advance(after(turn), Pressed("8"), known))
    assert "équipe nationale" in heard(advance(after(offered), Pressed("*"), known))


def test_deux_at_a_confirmation_is_its_key_said_aloud_and_not_the_aisne() -> None:
    turn = play(arrival(), _CALLED, Spoke("les Ardennes", 0.9), Spoke("deux", 0.9), at=_LISTENING)
    assert "Aisne" not in heard(turn)
    assert heard(turn) == _SHORT


def test_twenty_typed_again_asks_again_which_corsica_and_an_overseas_code_is_taken_whole() -> None:
    asked = play(arrival(), _CALLED, Pressed("20"))
    assert "Pour la Corse-du-Sud" in heard(advance(after(asked), Pressed("20"), situation()))
    assert "La Réunion." in heard(advance(after(asked), Pressed("974"), situation()))
    third = play(arrival(), _CALLED, Pressed("97"))
    assert "La Réunion." in heard(advance(after(third), Pressed("974"), situation()))
    assert "Isère." in heard(advance(after(third), Pressed("38"), situation()))


def test_the_key_that_ends_a_number_is_waited_for() -> None:
    """Ten digits then `#`: were the tenth the end, the `#` would cut the read-back off."""
    hidden = situation(caller=None)
    asked = play(arrival(), _CALLED, Pressed("75"), Silent(), _NOBODY, _NOBODY, Pressed("2"), at=hidden).instructions[
        -1
    ]
    assert isinstance(asked, Ask)
    assert (asked.finish, asked.digits > len("0033261911234")) == ("#", True)
    for keys in ("0261911234", "0033261911234"):
        assert "02, 61, 91, 12, 34" in heard(advance(asked.then, Pressed(keys), hidden))


def test_a_telephone_that_forwards_to_us_is_led_to_a_polite_end() -> None:
    """Decision 16: a référent's forwarded line, or our own number as the caller."""
    forwarded = play(arrival(), Arrived(OWN, forwarded_from="+33199007501"))
    ourselves = play(arrival(), _CALLED, at=situation(caller=OWN))
    for turn in (forwarded, ourselves):
        assert "tourne en boucle" in heard(turn)
        assert isinstance(turn.instructions[-1], HangUp)
    assert play(arrival(), Arrived(OWN, forwarded_from="+33806000156")).instructions[-1] != HangUp()


def test_the_story_keeps_the_words_that_were_filled_in_and_no_number_that_was_read_back() -> None:
    """What was heard can be told later; a telephone number stands in its own fact only."""
    turn = play(arrival(), _CALLED, Pressed("75"))
    said = [fact.data["prompts"] for fact in turn.facts if fact.kind is FactKind.SAID]
    assert said == [["Paris.", "SONNE"]]
    turn = play(arrival(), _CALLED, Pressed("75"), Silent(), _NOBODY, _NOBODY, Pressed("2"))
    assert [fact.data["prompts"] for fact in turn.facts if fact.kind is FactKind.SAID] == [["RAPPEL_LIRE"]]
