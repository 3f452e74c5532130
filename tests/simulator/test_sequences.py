"""The operator of our own sends what the real one sends: the webhook sequences of its reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.calls.engine import Caller, SimulatedOperator
from simulator.calls.phones import Answers, Declines, Forwards, HangsUp, Presses, Talks
from simulator.world.clock import VirtualTime
from simulator.world.habits import Habits, Mischief
from tests.simulator.conftest import CALLER, OURS, HandWritten

ANNE = "+33199000101"
BRUNO = "+33199000102"
MENU = (
    '<Response><Gather action="/dep?e=1" numDigits="2" input="dtmf speech" language="fr-FR" '
    'actionOnEmptyResult="true"><Say language="fr-FR">Bonjour. Tapez votre département.</Say></Gather></Response>'
)
SCREEN = (
    '<Response><Gather action="/taken" numDigits="1" timeout="4" actionOnEmptyResult="true">'
    "<Say>Appel. Tapez 1.</Say></Gather><Hangup/></Response>"
)
EVENTS = "initiated ringing answered completed"


def dial(*phones: str, screened: bool = True, action: str = "/end") -> str:
    url = 'url="/screen"' if screened else ""
    numbers = "".join(
        f'<Number {url} statusCallback="/leg" statusCallbackEvent="{EVENTS}">{phone}</Number>' for phone in phones
    )
    return (
        f'<Response><Dial action="{action}" timeout="15" answerOnBridge="true" callerId="{OURS}" ringTone="fr">'
        f"{numbers}</Dial></Response>"
    )


@pytest.fixture
def menu(line: HandWritten) -> HandWritten:
    """A line that asks for a département, rings Anne, screens her, and thanks."""
    line.answers("/voice", MENU)
    line.answers("/dep", dial(ANNE))
    line.answers("/screen", SCREEN)
    line.answers(
        "/taken", lambda form: "<Response/>" if form.get("Digits") == "1" else "<Response><Hangup/></Response>"
    )
    line.answers("/end", "<Response><Say>Merci.</Say><Hangup/></Response>")
    return line


def ring_anne(operator: SimulatedOperator, time: VirtualTime, *, keys: str = "75") -> Caller:
    caller = operator.call(CALLER)
    time.run(seconds=4)
    caller.press(keys)
    return caller


def test_a_taken_call_is_told_as_the_reference_tells_it(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Answers(8), Presses("1", after=5), Talks(184))]
    ring_anne(operator, time)
    time.run()

    assert [one.path for one in menu.received if one.path != "/leg"] == [
        "/voice", "/dep?e=1", "/screen", "/taken", "/end", "/status",
    ]  # fmt: skip
    assert menu.statuses("/voice") == ["ringing"]
    assert menu.forms("/dep?e=1")[0]["Digits"] == "75"
    assert menu.forms("/screen")[0]["To"] == ANNE
    assert menu.forms("/screen")[0]["From"] == OURS
    assert menu.forms("/screen")[0]["ParentCallSid"] == menu.forms("/voice")[0]["CallSid"]
    assert menu.statuses("/leg") == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["SequenceNumber"] for form in menu.forms("/leg")] == ["0", "1", "2", "3"]
    end = menu.forms("/end")[0]
    assert (end["CallStatus"], end["DialCallStatus"], end["DialBridged"]) == ("in-progress", "completed", "true")
    assert end["DialCallDuration"] == menu.forms("/leg")[-1]["CallDuration"] == "189"
    assert menu.statuses("/status") == ["completed"]
    assert all(one.is_signed for one in menu.received)
    assert operator.log.problems == []


def test_a_number_asks_by_the_methods_that_it_is_set_to(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.line.voice_method = operator.line.status_method = "GET"
    caller = operator.call(CALLER)
    time.run(seconds=2)
    caller.hang_up()
    time.run()
    assert [path.partition("?")[0] for path in menu.paths()] == ["/voice", "/status"]
    assert all("?" in path for path in menu.paths())


@pytest.mark.parametrize(("repeats", "told"), [(False, ["yes", None]), (True, ["yes", "yes"])])
def test_the_headers_of_a_trunk_come_with_the_first_request_and_perhaps_with_the_others(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime, repeats: bool, told: list[str]
) -> None:
    caller = new_operator(habits=Habits(repeats_headers=repeats)).call(CALLER, headers={"X-Told": "yes"})
    time.run(seconds=4)
    caller.press("75")
    time.run(seconds=2)
    caller.hang_up()
    time.run()
    forms = [*menu.forms("/voice"), *menu.forms("/dep?e=1")]
    assert [form.get("SipHeader_X-Told") for form in forms] == told


def test_a_country_that_the_account_may_not_call_fails_and_rings_nobody(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    operator = new_operator(habits=Habits(closed_countries=frozenset({"FR"})))
    ring_anne(operator, time)
    time.run()
    assert [(leg.to, leg.status) for leg in operator.log.snapshot() if leg.parent_sid] == [(ANNE, "failed")]
    assert operator.phone(ANNE).rings == 0
    assert menu.forms("/end")[0]["DialCallStatus"] == "failed"


def test_blank_geographic_fields_are_sent_and_signed(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.call(CALLER)
    time.run(seconds=1)
    first = menu.received[0]
    assert first.form["FromCity"] == ""
    assert first.form["FromCountry"] == "FR"
    assert first.is_signed
    assert first.headers["User-Agent"] == "TwilioProxy/1.1"
    assert first.headers["I-Twilio-Idempotency-Token"]


def test_a_busy_telephone_never_rings(menu: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    operator.phone(ANNE).scripts = [(Declines("busy"),)]
    ring_anne(operator, time)
    time.run()
    assert menu.statuses("/leg") == ["initiated", "busy"]
    assert menu.forms("/leg")[-1]["SipResponseCode"] == "486"
    end = menu.forms("/end")[0]
    assert (end["DialCallStatus"], end["DialBridged"]) == ("busy", "false")
    assert "DialCallDuration" not in end


def test_a_number_that_does_not_exist_fails(menu: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    operator.phone(ANNE).scripts = [(Declines("failed"),)]
    ring_anne(operator, time)
    time.run()
    assert menu.forms("/end")[0]["DialCallStatus"] == "failed"


def test_nobody_answers_within_the_timeout_and_five_seconds(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    caller = ring_anne(operator, time)
    began = time.now()
    time.run(lambda: bool(menu.forms("/end")))
    assert (time.now() - began).total_seconds() == pytest.approx(20, abs=1)
    assert menu.forms("/end")[0]["DialCallStatus"] == "no-answer"
    assert not caller.is_over


def test_a_voicemail_box_presses_nothing_and_is_not_bridged(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Answers(3),)]
    ring_anne(operator, time)
    time.run()
    assert menu.forms("/taken")[0]["Digits"] == ""
    end = menu.forms("/end")[0]
    assert (end["DialCallStatus"], end["DialBridged"]) == ("completed", "false")
    assert int(end["DialCallDuration"]) > 4


def test_a_refused_screening_may_be_told_as_no_answer(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    operator = new_operator(habits=Habits(refused_screening_is="no-answer"))
    operator.phone(ANNE).scripts = [(Answers(3), Presses("5"))]
    ring_anne(operator, time)
    time.run()
    assert menu.forms("/end")[0]["DialCallStatus"] == "no-answer"


def test_a_caller_who_leaves_in_the_menu_brings_only_the_end_of_the_call(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    caller = operator.call(CALLER)
    time.run(seconds=6)
    caller.hang_up()
    time.run()
    assert menu.paths() == ["/voice", "/status"]
    assert menu.forms("/status")[0]["CallDuration"] == "6"


def test_a_caller_who_leaves_before_the_first_word_has_called_in_vain(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", '<Response><Pause length="3"/><Say>Bonjour.</Say></Response>')
    caller = operator.call(CALLER)
    time.run(seconds=1)
    caller.hang_up()
    time.run()
    assert line.statuses("/status") == ["no-answer"]
    assert line.forms("/status")[0]["CallDuration"] == "0"


def test_a_caller_who_leaves_while_it_rings_is_told_in_vain(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    caller = ring_anne(operator, time)
    time.run(seconds=6)
    caller.hang_up()
    time.run()
    assert menu.statuses("/leg") == ["initiated", "ringing", "canceled"]
    end = menu.forms("/end")[0]
    assert (end["CallStatus"], end["DialCallStatus"], end["DialBridged"]) == ("completed", "canceled", "false")
    assert menu.statuses("/status") == ["completed"]


def test_a_caller_who_leaves_while_the_referent_is_screened_frees_him(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Answers(2), Presses("1", after=30))]
    caller = ring_anne(operator, time)
    time.run(seconds=5)
    caller.hang_up()
    time.run()
    assert menu.statuses("/leg")[-1] == "completed"
    assert menu.forms("/taken") == []
    assert operator.phone(ANNE).leg is None


def test_the_caller_who_hangs_up_first_ends_the_talk(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Answers(2), Presses("1"), Talks(500))]
    caller = ring_anne(operator, time)
    time.run(seconds=60)
    caller.hang_up()
    time.run()
    end = menu.forms("/end")[0]
    assert (end["CallStatus"], end["DialCallStatus"], end["DialBridged"]) == ("completed", "completed", "true")


@pytest.mark.parametrize("others_ring_on", [True, False])
def test_two_telephones_ring_together_and_one_is_refused(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime, others_ring_on: bool
) -> None:
    """Whether Bruno rings on while Anne listens is not documented: he takes the call in one case only."""
    menu.answers("/dep", dial(ANNE, BRUNO))
    operator = new_operator(habits=Habits(others_ring_on=others_ring_on))
    operator.phone(ANNE).scripts = [(Answers(2), Presses("7"))]
    operator.phone(BRUNO).scripts = [(Answers(8), Presses("1"), Talks(30))]
    ring_anne(operator, time)
    time.run()
    end = menu.forms("/end")[0]
    assert end["DialCallStatus"] == "completed"
    assert end["DialBridged"] == ("true" if others_ring_on else "false")
    bruno = [form["CallStatus"] for form in menu.forms("/leg") if form["To"] == BRUNO]
    assert bruno[-1] == ("completed" if others_ring_on else "canceled")


def test_two_who_press_1_at_once_are_both_told_and_one_is_connected(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    menu.answers("/dep", dial(ANNE, BRUNO))
    for phone in (ANNE, BRUNO):
        operator.phone(phone).scripts = [(Answers(2), Presses("1"), Talks(30))]
    ring_anne(operator, time)
    time.run()
    assert sorted(form["To"] for form in menu.forms("/taken")) == [ANNE, BRUNO]
    winner = menu.forms("/end")[0]["DialCallSid"]
    assert operator.log.calls[winner].to == ANNE
    assert [call.seconds > 20 for call in operator.log.legs_of(menu.forms("/voice")[0]["CallSid"])] == [True, False]


def test_without_screening_the_first_to_pick_up_is_connected(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    menu.answers("/dep", dial(ANNE, BRUNO, screened=False))
    operator.phone(ANNE).scripts = [(Answers(2), HangsUp(after=40))]
    ring_anne(operator, time)
    time.run()
    assert menu.forms("/end")[0]["DialCallDuration"] == "40"
    assert menu.forms("/screen") == []


def test_a_telephone_in_use_is_busy_for_the_next_caller(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Answers(2), Presses("1"), Talks(300))]
    ring_anne(operator, time)
    time.run(seconds=30)
    ring_anne(operator, time)
    time.run()
    assert sorted(form["DialCallStatus"] for form in menu.forms("/end")) == ["busy", "completed"]


def test_a_telephone_forwarded_to_us_comes_back_as_a_call_that_names_it(
    menu: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    operator.phone(ANNE).scripts = [(Forwards(OURS, after=2),), (Declines("busy"),)]
    ring_anne(operator, time)
    time.run(lambda: len(menu.forms("/voice")) == 2)
    back = menu.forms("/voice")[1]
    assert (back["From"], back["ForwardedFrom"]) == (OURS, ANNE)
    time.run()
    assert len(menu.forms("/status")) == 2


RECORD = (
    '<Response><Record action="/left" maxLength="120" timeout="5" finishOnKey="#" playBeep="true" '
    'recordingStatusCallback="/recorded" recordingStatusCallbackEvent="completed absent"/></Response>'
)


def test_a_message_ended_by_a_key_is_told_at_once_and_again_when_it_is_ready(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", RECORD)
    caller = operator.call(CALLER)
    time.run(seconds=2)
    caller.say("Je suis travailleuse sociale.", seconds=17)
    time.run(seconds=18)
    caller.press("#")
    time.run()
    left, ready = line.forms("/left")[0], line.forms("/recorded")[0]
    assert (left["Digits"], left["CallStatus"]) == ("#", "in-progress")
    assert (left["RecordingDuration"], ready["RecordingDuration"]) == ("19", "18")
    assert ready["RecordingSid"] == left["RecordingSid"]
    assert "From" not in ready


def test_a_caller_who_hangs_up_while_recording_leaves_a_message(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", RECORD)
    caller = operator.call(CALLER)
    time.run(seconds=2)
    caller.say("Bonjour", seconds=30)
    time.run(seconds=16)
    caller.hang_up()
    time.run()
    left = line.forms("/left")[0]
    assert (left["Digits"], left["CallStatus"]) == ("hangup", "completed")
    assert line.forms("/recorded")[0]["RecordingDuration"] == "17"


def test_a_caller_who_hangs_up_before_the_beep_has_ended_leaves_nothing(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", RECORD)
    caller = operator.call(CALLER)
    time.run(seconds=0.5)
    caller.hang_up()
    time.run()
    assert line.paths() == ["/voice", "/status"]


@pytest.mark.parametrize(("habit", "told"), [("completed", ("1", "completed")), ("absent", ("0", "absent"))])
def test_a_silent_message_ends_by_itself(
    line: HandWritten,
    new_operator: Callable[..., SimulatedOperator],
    time: VirtualTime,
    habit: str,
    told: tuple[str, str],
) -> None:
    line.answers("/voice", RECORD)
    new_operator(habits=Habits(silence_is_empty=False, silent_recording_is=habit)).call(CALLER)
    time.run()
    assert line.forms("/left")[0]["Digits"] == ""
    ready = line.forms("/recorded")[0]
    assert (ready["RecordingDuration"], ready["RecordingStatus"]) == told


@pytest.mark.parametrize("left_by", ["silence", "a key at once", "hanging up"])
def test_a_recording_in_which_nobody_spoke_asks_for_no_action_and_the_document_goes_on(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime, left_by: str
) -> None:
    """The callback about the recording comes all the same."""
    line.answers("/voice", RECORD.replace("</Response>", "<Redirect>/nothing</Redirect></Response>"))
    caller = operator.call(CALLER)
    time.run(seconds=2)
    if left_by == "a key at once":
        caller.press("#")
    if left_by == "hanging up":
        caller.hang_up()
    time.run()
    assert line.forms("/left") == []
    assert len(line.forms("/nothing")) == (left_by != "hanging up")
    assert len(line.forms("/recorded")) == 1
    assert operator.log.problems == []


def test_words_reach_the_action_without_keys(menu: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    caller = operator.call(CALLER)
    time.run(seconds=1)
    caller.say("soixante-quinze.", confidence=0.8412)
    time.run(lambda: len(menu.paths()) > 1)
    form = menu.forms("/dep?e=1")[0]
    assert (form["SpeechResult"], form["Confidence"], form["Language"]) == ("soixante-quinze.", "0.8412", "fr-FR")
    assert "Digits" not in form


def test_callbacks_doubled_and_shuffled_carry_the_same_tokens_and_numbers(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    operator = new_operator(mischief=Mischief(seed=3, delay=40, doubles=1))
    operator.phone(ANNE).scripts = [(Answers(8), Presses("1", after=5), Talks(60))]
    ring_anne(operator, time)
    time.run()
    legs = [one for one in menu.received if one.path == "/leg"]
    numbers = [one.form["SequenceNumber"] for one in legs]
    assert sorted(numbers) == sorted("01230123")
    assert numbers != sorted(numbers)
    assert len({one.headers["I-Twilio-Idempotency-Token"] for one in legs}) == 4
    assert len(menu.forms("/status")) == 2


def test_lost_callbacks_never_come(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    operator = new_operator(mischief=Mischief(losses=1))
    caller = operator.call(CALLER)
    time.run(seconds=3)
    caller.hang_up()
    time.run()
    assert menu.paths() == ["/voice"]


def test_a_document_that_changes_when_asked_again_is_a_problem(
    line: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    said = iter(("<Response><Say>un</Say></Response>", "<Response><Say>deux</Say></Response>"))
    line.answers("/voice", lambda _: next(said))
    operator = new_operator(mischief=Mischief(repeats=(60.0,)))
    operator.call(CALLER)
    time.run()
    assert "answered something else" in operator.log.problems[0]


def test_a_document_that_stays_the_same_when_asked_again_is_none(
    menu: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    operator = new_operator(mischief=Mischief(repeats=(0.0, 60.0)))
    operator.phone(ANNE).scripts = [(Answers(2), Presses("1"), Talks(20))]
    ring_anne(operator, time)
    time.run()
    assert len(menu.forms("/dep?e=1")) == 3
    assert operator.log.problems == []
