"""Each verb does on the line what the operator's reference says of it."""

from __future__ import annotations

import io
import time as wall
import wave
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Response, redirect

from simulator.calls.engine import APOLOGY, Caller, SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.calls.phones import Answers, Talks
from simulator.world.clock import VirtualTime, WallTime
from simulator.world.habits import Habits, Timeouts
from tests.simulator.conftest import CALLER, OURS, HandWritten

LONG = " ".join(["mot"] * 50)


def heard(caller: Caller) -> list[str]:
    return [one.data["text"] for one in caller.feed.happenings if one.kind == "says" and one.where == "caller"]


def gather(attributes: str, inside: str = f"<Say>{LONG}</Say>", after: str = "") -> str:
    return f'<Response><Gather action="/next" {attributes}>{inside}</Gather>{after}</Response>'


def test_say_takes_as_long_as_its_words(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers("/voice", f"<Response><Say>{LONG}</Say></Response>")
    operator.call(CALLER)
    time.run()
    assert line.forms("/status")[0]["CallDuration"] == "20"


def test_pause_first_lets_the_call_ring(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers("/voice", '<Response><Pause length="4"/><Say>Bonjour.</Say></Response>')
    caller = operator.call(CALLER)
    time.run(seconds=3)
    assert caller.leg.call.status == "ringing"
    time.run()
    assert line.forms("/status")[0]["CallDuration"] == "1"


def test_play_lasts_as_long_as_the_file(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    audio = io.BytesIO()
    with wave.open(audio, "wb") as written:
        written.setparams((1, 2, 8000, 0, "NONE", ""))
        written.writeframes(bytes(2 * 8000 * 7))
    line.answers("/voice", "<Response><Play>/welcome.wav</Play></Response>")
    line.answers("/welcome.wav", lambda _: Response(audio.getvalue(), content_type="audio/wav"))
    operator.call(CALLER)
    time.run()
    assert line.forms("/status")[0]["CallDuration"] == "7"


def test_a_missing_file_is_a_problem_and_the_call_goes_on(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", "<Response><Play>/gone.wav</Play><Say>Bonjour.</Say></Response>")
    line.answers("/gone.wav", lambda _: Response(status=404))
    caller = operator.call(CALLER)
    time.run()
    assert heard(caller) == ["Bonjour."]
    assert "404" in operator.log.problems[0]


def test_a_key_interrupts_the_prompt_and_the_last_digit_submits(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", gather('numDigits="2"'))
    caller = operator.call(CALLER)
    time.run(seconds=2)
    caller.press("75")
    began = time.now()
    time.run(lambda: bool(line.forms("/next")))
    assert (time.now() - began).total_seconds() < 1
    assert line.forms("/next")[0]["Digits"] == "75"
    assert line.forms("/next")[0]["FinishedOnKey"] == ""


def test_the_finish_key_ends_the_entry_and_is_not_part_of_it(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", gather('numDigits="2" finishOnKey="#"'))
    operator.call(CALLER).press("9#")
    time.run(lambda: bool(line.forms("/next")))
    form = line.forms("/next")[0]
    assert (form["Digits"], form["FinishedOnKey"]) == ("9", "#")


def test_without_a_finish_key_every_key_counts(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", gather('numDigits="2" finishOnKey=""'))
    operator.call(CALLER).press("*#")
    time.run(lambda: bool(line.forms("/next")))
    assert line.forms("/next")[0]["Digits"] == "*#"


def test_the_timeout_counts_from_the_end_of_the_prompt_and_from_each_key(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", gather('numDigits="5" timeout="4"'))
    caller = operator.call(CALLER)
    time.run(seconds=23)
    caller.press("1")
    time.run(seconds=3)
    caller.press("2")
    time.run(seconds=3)
    assert line.forms("/next") == []
    time.run(seconds=1.5)
    assert line.forms("/next")[0]["Digits"] == "12"


def test_silence_goes_on_with_the_next_verb(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers("/voice", gather("", after="<Redirect>/silence</Redirect>"))
    operator.call(CALLER)
    time.run()
    assert line.paths() == ["/voice", "/silence", "/status"]


def test_silence_reaches_the_action_where_it_is_asked_to(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", gather('actionOnEmptyResult="true"'))
    operator.call(CALLER)
    time.run()
    assert line.forms("/next")[0]["Digits"] == ""


def test_words_are_not_heard_where_only_keys_are_asked(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", gather('actionOnEmptyResult="true"'))
    operator.call(CALLER).say("Paris")
    time.run()
    assert "SpeechResult" not in line.forms("/next")[0]


def test_words_after_a_key_are_not_heard(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers("/voice", gather('input="dtmf speech" numDigits="2"'))
    caller = operator.call(CALLER)
    caller.press("7")
    time.run(seconds=1)
    caller.say("Paris")
    time.run()
    assert line.forms("/next")[0]["Digits"] == "7"


@pytest.mark.parametrize(("kept", "second"), [(True, "011"), (False, "")])
def test_keys_typed_ahead_are_kept_or_lost(
    line: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime, kept: bool, second: str
) -> None:
    line.answers("/voice", gather('numDigits="2"'))
    again = '<Gather action="/again" numDigits="3" actionOnEmptyResult="true"/>'
    line.answers("/next", f"<Response><Say>{LONG}</Say>{again}</Response>")
    caller = new_operator(habits=Habits(keeps_typed_ahead=kept)).call(CALLER)
    time.run(seconds=1)
    caller.press("75011")
    time.run()
    assert line.forms("/next")[0]["Digits"] == "75"
    assert line.forms("/again")[0]["Digits"] == second


def test_reject_refuses_without_answering(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers("/voice", '<Response><Reject reason="busy"/></Response>')
    operator.call(CALLER)
    time.run()
    assert line.forms("/status")[0]["CallDuration"] == "0"
    assert line.statuses("/status") == ["busy"]


def test_a_dial_inside_a_screening_document_is_refused(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    dial = '<Response><Dial action="/next"><Number url="/screen">+33199000101</Number></Dial></Response>'
    line.answers("/voice", dial)
    line.answers("/screen", "<Response><Dial><Number>+33199000102</Number></Dial></Response>")
    operator.phone("+33199000101").scripts = [(Answers(1),)]
    caller = operator.call("+33639981235")
    time.run()
    assert caller.is_over
    assert any("13201" in problem for problem in operator.log.problems)


def test_a_caller_id_that_is_not_ours_fails(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers(
        "/voice",
        '<Response><Dial action="/next" callerId="+33199009999"><Number>+33199000101</Number></Dial></Response>',
    )
    operator.call(CALLER)
    time.run()
    assert line.forms("/next")[0]["DialCallStatus"] == "failed"
    assert "13214" in operator.log.problems[0]


def test_a_talk_that_is_over_leaves_nothing_that_moves_the_clock_by_hours(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    """What is counted within ten minutes of a call would be forgotten before the next one of a test."""
    line.answers("/voice", '<Response><Dial action="/next"><Number>+33199000101</Number></Dial></Response>')
    begun = time.now()
    operator.phone("+33199000101").scripts = [(Answers(2), Talks(30))]
    operator.call(CALLER)
    time.run()
    assert time.now() - begun < timedelta(minutes=3)


def test_a_time_limit_ends_the_talk(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers(
        "/voice", '<Response><Dial action="/next" timeLimit="60"><Number>+33199000101</Number></Dial></Response>'
    )
    operator.phone("+33199000101").scripts = [(Answers(1),)]
    operator.call(CALLER)
    time.run()
    assert line.forms("/next")[0]["DialCallDuration"] == "60"


def test_a_dial_without_action_goes_on_with_the_next_verb(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers(
        "/voice", f'<Response><Dial callerId="{OURS}"><Number>+33199000101</Number></Dial><Say>Fin.</Say></Response>'
    )
    caller = operator.call(CALLER)
    time.run()
    assert heard(caller) == ["Fin."]


def test_a_redirection_loses_what_was_keyed_in(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    """The 308 of a missing slash: the département would silently disappear."""
    line.answers("/voice", gather('numDigits="2"'))
    line.answers("/next", lambda _: redirect("/next/", 308))
    operator.call(CALLER).press("75")
    time.run()
    assert line.forms("/next")[0]["Digits"] == "75"
    assert "Digits" not in line.forms("/next/")[0]
    assert all(one.is_signed for one in line.received)


def test_redirections_without_end_are_given_up(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", lambda _: redirect("/voice", 302))
    operator.call(CALLER)
    time.run()
    assert len([path for path in line.paths() if path.startswith("/voice")]) == 11
    assert line.forms("/fallback")[0]["ErrorCode"] == "11215"


def test_a_request_by_get_carries_its_fields_in_the_signed_address(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    line.answers("/voice", '<Response><Redirect method="GET">/got</Redirect></Response>')
    operator.call(CALLER)
    time.run()
    got = line.received[1]
    assert got.path.startswith("/got?AccountSid=")
    assert got.is_signed


def test_cookies_come_back_to_the_call_that_was_given_them(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime
) -> None:
    def with_cookie(_: object) -> Response:
        answer = Response("<Response><Redirect>/next</Redirect></Response>", content_type="text/xml")
        answer.set_cookie("seen", "1")
        return answer

    line.answers("/voice", with_cookie)
    operator.call(CALLER)
    time.run()
    assert line.received[1].headers["Cookie"] == "seen=1"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda _: Response("boom", status=500), "11200"),
        (lambda _: Response("<Response/>", content_type="text/html"), "12300"),
        (lambda _: "<Response><Say>", "12100"),
        (lambda _: "<Response><Shout/></Response>", "12200"),
    ],
)
def test_the_fallback_is_asked_with_the_error(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime, answer: Any, code: str
) -> None:
    line.answers("/voice", answer)
    line.answers("/fallback", "<Response><Say>Un instant.</Say></Response>")
    caller = operator.call(CALLER)
    time.run()
    form = line.forms("/fallback")[0]
    assert (form["ErrorCode"], form["ErrorUrl"]) == (code, f"{line.url}/voice")
    assert heard(caller) == ["Un instant."]


def test_an_answer_that_comes_too_late_is_not_asked_for_again(
    line: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    def slow(_: object) -> str:
        wall.sleep(0.4)
        return "<Response/>"

    line.answers("/voice", slow)
    new_operator(timeouts=Timeouts(read=0.1)).call(CALLER)
    time.run()
    assert line.paths() == ["/voice", "/fallback", "/status"]


def test_without_any_answer_the_caller_hears_the_operator_s_english(
    line: HandWritten, new_operator: Callable[..., SimulatedOperator], time: VirtualTime
) -> None:
    nowhere = "http://127.0.0.1:9/voice"
    caller = new_operator(line=NumberSetup(OURS, nowhere, nowhere, f"{line.url}/status")).call(CALLER)
    time.run()
    assert heard(caller) == [APOLOGY]
    assert line.statuses("/status") == ["completed"]


def test_documents_without_end_are_a_problem(line: HandWritten, operator: SimulatedOperator, time: VirtualTime) -> None:
    line.answers("/voice", "<Response><Redirect>/voice</Redirect></Response>")
    caller = operator.call(CALLER)
    time.run()
    assert caller.is_over
    assert "more than 200 documents" in operator.log.problems[0]


def test_a_call_played_by_the_wall_s_clock_ends_the_same(
    line: HandWritten, new_operator: Callable[..., SimulatedOperator]
) -> None:
    clock = WallTime()
    line.answers("/voice", gather('numDigits="1"'))
    line.answers("/next", "<Response><Hangup/></Response>")
    try:
        caller = new_operator(time=clock).call(CALLER)
        seen = 0
        while not any(one.kind == "listens" for one in caller.feed.happenings):
            seen = len(caller.feed.after(seen, seconds=5)) + seen
        caller.press("1")
        while not caller.is_over:
            seen += len(caller.feed.after(seen, seconds=5))
        assert line.forms("/next")[0]["Digits"] == "1"
    finally:
        clock.close()
