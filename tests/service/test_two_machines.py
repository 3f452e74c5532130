"""Two machines on one PostgreSQL, for real: what one hears the other shows."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from tests.service.two_machines import Machine
from tests.service.waiting import eventually

CALLER = "+33639980101"
DIALLED = "+33806000156"


def calls_of(one: Machine) -> list[dict[str, Any]]:
    told = one.run("calls", "list", "--json")
    assert told.returncode == 0, told.stderr
    return list(json.loads(told.stdout))


def test_webhooks_of_one_call_that_alternate_between_two_machines_make_one_call(
    two_machines: tuple[Machine, Machine],
) -> None:
    """And nothing of its row is missing, whichever clerk was the last to fold it."""
    names = [f"CA{number:032x}" for number in range(12)]
    for number, name in enumerate(names):
        first, second = two_machines if number % 2 else reversed(two_machines)
        form = {"CallSid": name, "From": CALLER, "To": DIALLED, "Direction": "inbound"}
        welcome = first.post_voice("", form)
        assert welcome.status_code == 200, welcome.text
        action = re.search(r'<Gather [^>]*action="(?:http://[^/"]*)?/voice([^"#]*)', welcome.text)
        assert action is not None, welcome.text
        path = html.unescape(action[1])
        assert second.post_voice(path, {**form, "Digits": "75"}).status_code == 200
        ended = {**form, "CallStatus": "completed", "CallDuration": "42"}
        assert first.post_voice("/status", ended).status_code == 204

    def all_whole() -> bool:
        told = calls_of(second)
        whole = [one for one in told if (one["departement"], one["total_seconds"]) == ("75", 42)]
        return len(whole) == len(told) == len(names)

    eventually(all_whole, 60)
