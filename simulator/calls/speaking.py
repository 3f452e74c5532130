"""Saying, playing, waiting and asking: what the operator can do on any leg."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from simulator.calls.leg import Ending, Key, Next, SimulatedLeg, Words
from simulator.wire import verbs
from simulator.wire.wire import Failure
from simulator.world.processes import Routine, Wait, Work

WORDS_PER_MINUTE = 150
AFTER_WORDS = 1.0
"""Silence after which words count as finished, in seconds."""

Performer = Callable[[SimulatedLeg, Any], Routine[Next | Ending | None]]


_WORD = re.compile(r"[0-9]|[^\W\d]+(?:['’][^\W\d]+)?")


def speaking_seconds(text: str) -> float:
    """About how long a voice takes to say a text: each part of a compound name and each digit is a word."""
    return 0.3 + len(_WORD.findall(text)) * 60 / WORDS_PER_MINUTE


def audio_seconds(content: bytes) -> float:
    """How long an audio file lasts: read from a WAV, estimated at 4 kB a second for anything else."""
    try:
        with wave.open(io.BytesIO(content)) as audio:
            return float(audio.getnframes() / audio.getframerate())
    except (wave.Error, EOFError):
        return len(content) / 4000


def say(leg: SimulatedLeg, prompt: verbs.Prompt) -> Routine[None]:
    """Says, plays or waits to the end; keys do not interrupt."""
    yield from _utter(leg, prompt, stops_for=())


def gather(leg: SimulatedLeg, verb: verbs.Gather) -> Routine[Next | None]:
    """The next document, with what was pressed or said; None when nothing was and the document goes on."""
    asked = _Asked(leg, verb)
    leg.note("listens", keys=verb.takes_keys, words=verb.takes_words, digits=verb.num_digits, seconds=verb.timeout)
    yield from asked.hear_prompts()
    yield from asked.collect()
    fields = asked.fields()
    if not asked.is_answered and not verb.action_on_empty_result:
        return None
    return leg.next(verb.action, verb.method, fields)


class _Asked:
    """One Gather on its way: the keys so far, or the words."""

    def __init__(self, leg: SimulatedLeg, verb: verbs.Gather) -> None:
        self._leg = leg
        self._verb = verb
        self._keys = ""
        self._finished_on = ""
        self._words: Words | None = None
        self._is_complete = False

    @property
    def is_answered(self) -> bool:
        return bool(self._keys or self._words)

    def hear_prompts(self) -> Routine[None]:
        """Says the prompts until the first key or word."""
        self._take_typed_ahead()
        wanted = (Key,) * self._verb.takes_keys + (Words,) * self._verb.takes_words
        for prompt in self._verb.prompts:
            if self.is_answered or self._is_complete:
                return
            signal = yield from _utter(self._leg, prompt, stops_for=wanted)
            self._take(signal)

    def collect(self) -> Routine[None]:
        """Waits for keys until the entry is complete or the caller is silent for the timeout."""
        if not self._is_complete:
            self._leg.note("waits", seconds=self._verb.timeout)
        while not self._is_complete:
            signal = yield Wait(self._verb.timeout)
            if signal is None:
                break
            self._take(signal)
        if self._words:
            yield from _pass(self._leg, self._words.seconds + AFTER_WORDS)

    def fields(self) -> Mapping[str, str]:
        """What the action is told."""
        if self._words is None:
            return {"Digits": self._keys, "FinishedOnKey": self._finished_on, "msg": "Gather End"}
        fields = {"SpeechResult": self._words.text, "Language": self._verb.language}
        if self._words.confidence is not None:
            fields["Confidence"] = f"{self._words.confidence:.4g}"
        return fields

    def _take(self, signal: object) -> None:
        match signal:
            case Key(key) if self._verb.takes_keys:
                self._take_key(key)
            case Words() if self._verb.takes_words and not self._keys:
                self._words, self._is_complete = signal, True
            case _:
                pass

    def _take_key(self, key: str) -> None:
        if key == self._verb.finish_on_key:
            self._finished_on, self._is_complete = key, True
        else:
            self._keys += key
            self._is_complete = len(self._keys) == self._verb.num_digits

    def _take_typed_ahead(self) -> None:
        while self._verb.takes_keys and self._leg.typed_ahead and not self._is_complete:
            self._take_key(self._leg.typed_ahead.popleft())


def _utter(leg: SimulatedLeg, prompt: verbs.Prompt, stops_for: tuple[type, ...]) -> Routine[object]:
    """Says one prompt; the signal that interrupted it, or None."""
    seconds = yield from _begin(leg, prompt)
    signal = yield from _pass(leg, seconds, stops_for)
    if isinstance(prompt, verbs.SayText):
        leg.note("quiet", text=prompt.text, whole=signal is None)
    return signal


def _begin(leg: SimulatedLeg, prompt: verbs.Prompt) -> Routine[float]:
    match prompt:
        case verbs.SayText(text=text, loop=loop, pauses=pauses):
            seconds = (speaking_seconds(text) + pauses) * (loop or 1000)
            leg.note("says", text=text, seconds=seconds)
        case verbs.Play(url=url, loop=loop):
            seconds = (yield from _audio_seconds(leg, url)) * (loop or 1000)
            leg.note("plays", url=url, seconds=seconds)
        case verbs.Pause(length=length):
            seconds = float(length)
    return seconds


def _audio_seconds(leg: SimulatedLeg, url: str) -> Routine[float]:
    where = leg.next(url).url
    wire = leg.exchange.wire
    audio = yield Work(lambda: wire.fetch_audio(where))
    if isinstance(audio, Failure):
        leg.trouble(audio.reason)
        return 0.0
    return audio_seconds(audio)


def _pass(leg: SimulatedLeg, seconds: float, stops_for: tuple[type, ...] = ()) -> Routine[object]:
    """Lets time pass; the first signal of a kind that stops it, or None."""
    now = leg.exchange.time.now
    end = now() + timedelta(seconds=seconds)
    while True:
        signal = yield Wait((end - now()).total_seconds())
        if signal is None or isinstance(signal, stops_for):
            return signal
        leg.hear_ahead(signal)


def pass_seconds(leg: SimulatedLeg, seconds: float) -> Routine[None]:
    """Lets time pass; keys are pressed ahead."""
    yield from _pass(leg, seconds)


def hang_up(_leg: SimulatedLeg, _verb: verbs.Hangup) -> Routine[Ending]:
    """The leg is to be ended."""
    yield from ()
    return Ending.HUNG_UP


SCREENING: Mapping[type, Performer] = {
    verbs.SayText: say,
    verbs.Play: say,
    verbs.Gather: gather,
    verbs.Hangup: hang_up,
}
"""What a document may do on the leg of a telephone that is rung (docs/operator.md#dial)."""


def follow(leg: SimulatedLeg, start: Next, performers: Mapping[type, Performer]) -> Routine[Ending]:
    """Follows documents from the first to the end of the last."""
    ahead: Next | Ending = start
    while isinstance(ahead, Next):
        document = yield from leg.fetch(ahead)
        ahead = yield from _perform(leg, document, performers)
    return ahead


def _perform(
    leg: SimulatedLeg, document: tuple[verbs.Verb, ...], performers: Mapping[type, Performer]
) -> Routine[Next | Ending]:
    for verb in document:
        if type(verb) not in performers:
            leg.trouble(f"13201: <{type(verb).__name__}> is not allowed on this leg")
            return Ending.HUNG_UP
        ahead = yield from performers[type(verb)](leg, verb)
        if ahead is not None:
            return ahead
    return Ending.RAN_OUT
