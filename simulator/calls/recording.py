"""Recording the caller: when it ends, how long it lasts, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.calls.leg import HungUp, Key, Next, SimulatedLeg, Words
from simulator.calls.speaking import pass_seconds
from simulator.wire import forms, verbs
from simulator.world.log import LoggedRecording
from simulator.world.processes import Routine, Wait

BEEP_SECONDS = 1.0
READY_AFTER = 5.0
"""How long the operator takes until the audio can be fetched, in seconds."""


def record(leg: SimulatedLeg, verb: verbs.RecordCaller) -> Routine[Next | None]:
    """The next document, with the recording; when the caller hangs up it is asked for all the same, in vain.

    None when nothing was recorded: the operator then asks for no action and goes on in the same document
    (docs/operator.md#verbs).
    """
    leg.answer()
    if verb.play_beep:
        leg.note("beep")
        yield from pass_seconds(leg, BEEP_SECONDS)
    tape = _Tape(leg, verb)
    try:
        key = yield from tape.run()
    except HungUp:
        action = tape.end("hangup")
        if action is not None:
            yield from leg.tell_in_vain(action)
        raise
    return tape.end(key)


class _Tape:
    """One recording on its way."""

    def __init__(self, leg: SimulatedLeg, verb: verbs.RecordCaller) -> None:
        self._leg = leg
        self._verb = verb
        self._began = leg.exchange.time.now()
        self._spoken_until = self._began
        self._callback = leg.next(verb.recording_status_callback).url if verb.recording_status_callback else ""
        leg.note("records", seconds=verb.max_length)

    def run(self) -> Routine[str]:
        """Records until a key, silence or the longest duration; the key, or empty."""
        while True:
            signal = yield Wait((self._ends_at() - self._now()).total_seconds())
            match signal:
                case None:
                    return ""
                case Key(key) if key in self._verb.finish_on_key:
                    return key
                case Words(seconds=seconds):
                    self._spoken_until = self._now() + timedelta(seconds=seconds)
                case _:
                    pass

    def end(self, digits: str) -> Next | None:
        """The action's request, None after silence alone; the recording is kept and its callback is on its way."""
        recording = self._keep()
        url = self._url(recording)
        whole = round((self._now() - self._began).total_seconds())
        fields = {"Digits": digits, "RecordingSid": recording.sid, "RecordingUrl": url, "RecordingDuration": str(whole)}
        self._leg.exchange.time.after(READY_AFTER, lambda: self._tell(recording, url))
        self._leg.note("recorded", seconds=recording.seconds)
        if self._is_silent and self._leg.exchange.habits.silence_is_empty:
            return None
        return self._leg.next(self._verb.action, self._verb.method, fields)

    def _now(self) -> datetime:
        return self._leg.exchange.time.now()

    def _ends_at(self) -> datetime:
        longest = self._began + timedelta(seconds=self._verb.max_length)
        if not self._verb.timeout:
            return longest
        return min(longest, self._spoken_until + timedelta(seconds=self._verb.timeout))

    @property
    def _is_silent(self) -> bool:
        return self._spoken_until == self._began

    def _keep(self) -> LoggedRecording:
        exchange = self._leg.exchange
        status = exchange.habits.silent_recording_is if self._is_silent else "completed"
        spoken = (min(self._spoken_until, self._now()) - self._began).total_seconds()
        seconds = 0 if status == "absent" else max(1, round(spoken))
        sid, call = exchange.new_sid("RE"), self._leg.call.sid
        recording = LoggedRecording(sid, call, self._began, seconds, status, is_silent=self._is_silent)
        exchange.log.recordings[recording.sid] = recording
        return recording

    def _url(self, recording: LoggedRecording) -> str:
        exchange = self._leg.exchange
        return f"{exchange.api_url}/2010-04-01/Accounts/{exchange.account_sid}/Recordings/{recording.sid}"

    def _tell(self, recording: LoggedRecording, url: str) -> None:
        if recording.status in self._verb.recording_status_callback_event:
            fields = forms.recording_fields(self._leg.exchange.account_sid, recording, url)
            self._leg.post(self._callback, fields, self._verb.recording_status_callback_method)
