"""The operator's list of calls, its recordings and its number, read with the operator's own library."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from ivr.operator.twilio.rest import client
from simulator.calls.engine import SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.calls.phones import Answers, Declines
from simulator.world.clock import VirtualTime
from simulator.world.habits import Habits
from tests.service.operator_api import served
from tests.simulator.conftest import ACCOUNT, CALLER, OURS, HandWritten

DIAL = '<Response><Dial action="/next" timeLimit="60"><Number>+33199000101</Number></Dial></Response>'


@pytest.fixture
def api(operator: SimulatedOperator) -> Iterator[str]:
    with served(operator) as url:
        yield url


@pytest.fixture
def twilio(api: str) -> Iterator[Client]:
    library = client(ACCOUNT.sid, ACCOUNT.token, api)
    yield library
    library.http_client.session.close()


def test_a_call_and_its_leg_are_listed_with_their_durations(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime, twilio: Client
) -> None:
    line.answers("/voice", DIAL)
    operator.phone("+33199000101").scripts = [(Answers(3),)]
    caller = operator.call(CALLER)
    time.run()
    parent = twilio.calls(caller.sid).fetch()
    (leg,) = twilio.calls.list(parent_call_sid=caller.sid)
    assert (parent.status, parent.direction, parent.duration) == ("completed", "inbound", "64")
    assert (leg.status, leg.to, leg.duration) == ("completed", "+33199000101", "60")
    assert leg.start_time == datetime(2026, 1, 5, 8, 12, 45, tzinfo=UTC)


def test_a_telephone_that_was_never_picked_up_has_no_duration(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime, twilio: Client
) -> None:
    line.answers("/voice", DIAL)
    operator.phone("+33199000101").scripts = [(Declines("busy"),)]
    operator.call(CALLER)
    time.run()
    (leg,) = twilio.calls.list(status="busy")
    assert leg.duration is None


def test_the_list_is_read_page_by_page_and_filtered_by_day(
    operator: SimulatedOperator, time: VirtualTime, twilio: Client
) -> None:
    sids = [operator.call(CALLER).sid for _ in range(7)]
    time.run()
    found = twilio.calls.list(page_size=3)
    assert sorted(call.sid for call in found) == sorted(sids)
    assert len(twilio.calls.list(start_time_after=datetime(2026, 1, 5, 23, tzinfo=UTC))) == 7
    assert twilio.calls.list(start_time_after=datetime(2026, 1, 6, tzinfo=UTC)) == []
    assert twilio.calls.list(end_time_before=datetime(2026, 1, 4, tzinfo=UTC)) == []


def test_a_recording_is_a_real_sound_until_it_is_deleted(
    line: HandWritten, operator: SimulatedOperator, time: VirtualTime, twilio: Client, api: str
) -> None:
    line.answers("/voice", '<Response><Record action="/next"/></Response>')
    caller = operator.call(CALLER)
    time.run(seconds=2)
    caller.say("Bonjour", seconds=4)
    time.run()
    (recording,) = twilio.recordings.list()
    url = f"{api}/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings/{recording.sid}"
    sound = requests.get(f"{url}.wav", auth=(ACCOUNT.sid, ACCOUNT.token), timeout=5)
    with wave.open(io.BytesIO(sound.content)) as audio:
        assert audio.getnframes() / audio.getframerate() == 5
    assert recording.delete()
    assert requests.get(url, auth=(ACCOUNT.sid, ACCOUNT.token), timeout=5).status_code == 404


def test_the_number_is_found_and_led_elsewhere(operator: SimulatedOperator, twilio: Client) -> None:
    (number,) = twilio.incoming_phone_numbers.list(phone_number=OURS)
    number.update(voice_url="https://svi.example/voice", status_callback="https://svi.example/voice/status")
    assert operator.line.voice_url == "https://svi.example/voice"
    assert operator.line.fallback_url.endswith("/fallback")
    assert twilio.incoming_phone_numbers.list(phone_number="+33199009999") == []


def test_a_number_tells_its_methods_and_what_takes_its_calls_over(operator: SimulatedOperator, twilio: Client) -> None:
    (number,) = twilio.incoming_phone_numbers.list()
    assert (number.voice_method, number.status_callback_method, number.trunk_sid) == ("POST", "POST", None)
    number.update(voice_method="GET", trunk_sid="TK1")
    (number,) = twilio.incoming_phone_numbers.list()
    assert (number.voice_method, number.trunk_sid) == ("GET", "TK1")
    assert (operator.line.voice_method, operator.line.trunk) == ("GET", "TK1")


def test_every_number_of_the_account_is_listed_and_set_by_itself(operator: SimulatedOperator, twilio: Client) -> None:
    operator.other_lines.append(NumberSetup("+33199004444", "https://other.example/in"))
    (number,) = twilio.incoming_phone_numbers.list(phone_number="+33199004444")
    number.update(voice_url="https://other.example/new")
    assert [one.voice_url for one in twilio.incoming_phone_numbers.list(page_size=1)] == [
        operator.line.voice_url,
        "https://other.example/new",
    ]


def test_the_account_tells_where_it_may_call(new_operator: Callable[..., SimulatedOperator]) -> None:
    closed = new_operator(habits=Habits(closed_countries=frozenset({"RE"})))
    with served(closed) as url:
        library = client(ACCOUNT.sid, ACCOUNT.token, url)
        countries = library.voice.v1.dialing_permissions.countries
        assert [countries(one).fetch().low_risk_numbers_enabled for one in ("FR", "RE")] == [True, False]
        with pytest.raises(TwilioRestException, match="404"):
            countries("BL").fetch()
        library.http_client.session.close()


def test_a_wrong_token_is_refused(api: str) -> None:
    stranger = client(ACCOUNT.sid, "another", api)
    with pytest.raises(TwilioRestException, match="401"):
        stranger.calls("CA1").fetch()
    stranger.http_client.session.close()
