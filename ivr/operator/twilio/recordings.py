"""The recordings that the operator keeps: fetched with our credentials, then deleted there.

The address is built from the recording's id and the account, never taken from a webhook; no redirection is followed.
"""

from __future__ import annotations

import re
import time

import requests

API = "https://api.twilio.com"
LARGEST = 20_000_000
"""Bytes; two minutes of telephone sound are two million."""

PATIENCE = 30.0
"""Seconds for one whole recording."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHUNK = 64 * 1024


class RecordingAway(OSError):  # noqa: N818 - named as what happened
    """The operator did not give, or not delete, the recording; try again later."""


class RecordingUnknown(LookupError):  # noqa: N818 - named as what happened
    """The operator has no such recording, not yet or no longer."""


class TwilioRecordings:
    """The account's recordings. `token` is the first accepted auth token; `api_url` a compatible engine."""

    def __init__(self, account: str, token: str, api_url: str = "") -> None:
        self._account = account
        self._auth = (account, token)
        self._base = (api_url or API).rstrip("/")

    def fetch(self, recording: str) -> bytes:
        """The recording as a WAV file, whole; raises RecordingUnknown or RecordingAway."""
        deadline = time.monotonic() + PATIENCE
        try:
            with self._request("GET", recording, ".wav") as response:
                return _whole(response, deadline)
        except requests.RequestException as error:
            raise RecordingAway(type(error).__name__) from error

    def forget(self, recording: str) -> None:
        """Delete the recording at the operator; one that is gone already is fine. Raises RecordingAway."""
        try:
            self._request("DELETE", recording, ".json").close()
        except RecordingUnknown:
            return
        except requests.RequestException as error:
            raise RecordingAway(type(error).__name__) from error

    def _request(self, method: str, recording: str, ending: str) -> requests.Response:
        if not _ID.fullmatch(recording):
            raise RecordingUnknown("not the id of a recording")
        url = f"{self._base}/2010-04-01/Accounts/{self._account}/Recordings/{recording}{ending}"
        plain = {"Accept-Encoding": "identity"}
        response = requests.request(
            method, url, auth=self._auth, headers=plain, timeout=(5, 10), allow_redirects=False, stream=True
        )
        if response.ok and not response.is_redirect:
            return response
        response.close()
        if response.status_code == requests.codes.not_found:
            raise RecordingUnknown("no such recording")
        raise RecordingAway(f"status {response.status_code}")


def _whole(response: requests.Response, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(_CHUNK):
        content += chunk
        if len(content) > LARGEST or time.monotonic() > deadline:
            raise RecordingAway("too large, or too slow")
    declared = response.headers.get("Content-Length", "")
    if declared.isdecimal() and int(declared) != len(content):
        raise RecordingAway("cut short")
    return bytes(content)
