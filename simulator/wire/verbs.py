"""What a document may ask of the operator, verb by verb, as the operator's reference names the attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SayText:
    """Speak the text; `pauses` is the silence that its breaks add, in seconds."""

    text: str
    voice: str = ""
    language: str = "en-US"
    loop: int = 1
    pauses: float = 0.0


@dataclass(frozen=True, slots=True)
class Play:
    """Fetch an audio file and play it."""

    url: str
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, in seconds."""

    length: int = 1


Prompt: TypeAlias = SayText | Play | Pause


@dataclass(frozen=True, slots=True)
class Gather:
    """Say the prompts and collect keys or words. `num_digits` 0: without limit; `finish_on_key` "": no key ends it."""

    prompts: tuple[Prompt, ...] = ()
    action: str = ""
    method: str = "POST"
    input: str = "dtmf"
    num_digits: int = 0
    finish_on_key: str = "#"
    timeout: int = 5
    speech_timeout: str = ""
    language: str = "en-US"
    action_on_empty_result: bool = False

    @property
    def takes_keys(self) -> bool:
        """Whether keys are collected."""
        return "dtmf" in self.input.split()

    @property
    def takes_words(self) -> bool:
        """Whether words are listened to."""
        return "speech" in self.input.split()


@dataclass(frozen=True, slots=True)
class Number:
    """One telephone to ring; `url` is the document that it hears before the two are connected."""

    phone: str
    url: str = ""
    method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_event: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class Dial:
    """Ring the numbers together; the first to be connected wins."""

    numbers: tuple[Number, ...]
    action: str = ""
    method: str = "POST"
    timeout: int = 30
    time_limit: int = 14400
    caller_id: str = ""
    answer_on_bridge: bool = False
    ring_tone: str = ""
    hangup_on_star: bool = False


@dataclass(frozen=True, slots=True)
class RecordCaller:
    """Record the caller."""

    action: str = ""
    method: str = "POST"
    timeout: int = 5
    finish_on_key: str = "1234567890*#"
    max_length: int = 3600
    play_beep: bool = True
    trim: str = "trim-silence"
    recording_status_callback: str = ""
    recording_status_callback_method: str = "POST"
    recording_status_callback_event: tuple[str, ...] = ("completed",)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Hangup:
    """End this leg."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call without answering it."""

    reason: str = "rejected"


Verb: TypeAlias = SayText | Play | Pause | Gather | Dial | RecordCaller | Redirect | Hangup | Reject
