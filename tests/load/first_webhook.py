"""What the first caller after a start waits for: the first webhook of each kind, beside those that follow, in one run.

`svi serve` starts in a folder of its own; as soon as its socket answers, one caller is played at once, then many more.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import urldefrag

import requests
from twilio.request_validator import RequestValidator

from tests.load.chaos import TOKEN, Service

FOLLOWING = 30
KINDS = {
    "welcome": {},
    "département typed (75)": {"Digits": "75"},
    "département said (Guadeloupe)": {"SpeechResult": "la Guadeloupe", "Confidence": "0.9"},
}
"""What is measured: the arrival, then the answers to its question."""


def measure() -> tuple[float, dict[str, list[float]]]:
    """Seconds from the start to the first answer of the socket; of each kind the milliseconds, in their order."""
    with tempfile.TemporaryDirectory() as name:
        began = time.perf_counter()
        service = Service(Path(name))
        ready = time.perf_counter() - began
        try:
            calls = [_call(service.url, number) for number in range(1 + FOLLOWING)]
        finally:
            service.stop()
    return ready, {kind: [call[kind] for call in calls] for kind in KINDS}


def _call(url: str, number: int) -> dict[str, float]:
    """One caller's webhooks, in milliseconds."""
    form = {"CallSid": f"CA{number:032d}", "From": f"+3363998{number:04d}", "To": "+33199000156"}
    took, address = {}, "/voice"
    for kind, answer in KINDS.items():
        took[kind], document = _post(url, address, form | {"CallStatus": "in-progress"} | answer)
        if kind == "welcome":
            address = _asks(document).removeprefix(url)
    return took


def _post(url: str, address: str, form: dict[str, str]) -> tuple[float, str]:
    signature = RequestValidator(TOKEN).compute_signature(url + address, form)
    began = time.perf_counter()
    answer = requests.post(url + address, data=form, headers={"X-Twilio-Signature": signature}, timeout=30)
    took = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return took, answer.text


def _asks(document: str) -> str:
    """Where the answer to the document's question goes; how to ask again is neither sent nor signed."""
    action = next(each.attrib["action"] for each in ET.fromstring(document).iter("Gather"))  # noqa: S314 - our own
    return urldefrag(action).url


def main() -> None:
    """Print the table."""
    ready, found = measure()
    print(f"first webhook after a start (the socket answers {ready:.1f} s after it)")
    for kind, (first, *others) in found.items():
        median = statistics.median(others)
        print(f"  {kind:30} {first:7.1f} ms   median of the next {median:6.1f} ms   ratio {first / median:5.1f}")
    print("  (target: 50 ms at most for the first)")


if __name__ == "__main__":
    main()
