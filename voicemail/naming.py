"""The name of a message's audio: its call's id and its recording's, so that a row that lost its file finds it again.

What a backup put back knows nothing of a message that came later; its call comes back with the journal, and the name
says which file is its own (decision 92).
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_CODED = "~"
_NAME = re.compile(r"(~?[A-Za-z0-9_-]+)\.(~?[A-Za-z0-9_-]+)\.wav")


def file_name(call: str, recording: str) -> str:
    """The name of the audio of this recording of this call, at most 180 signs."""
    return f"{_written(call)}.{_written(recording)}.wav"


def call_named(name: str) -> str | None:
    """The call whose audio bears this name; None for a name that is none of ours, or of an earlier version."""
    found = _NAME.fullmatch(name)
    return _read(found[1]) if found else None


def _written(identity: str) -> str:
    if _PLAIN.fullmatch(identity):
        return identity
    return _CODED + urlsafe_b64encode(identity.encode()).decode().rstrip("=")


def _read(text: str) -> str | None:
    if not text.startswith(_CODED):
        return text
    coded = text.removeprefix(_CODED)
    try:
        return urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode()
    except ValueError:
        return None
