"""What becomes of a message or a callback: somebody is told, the audio comes here, and goes away in time.

Each step may be done again at any moment, by another process, after any failure: what is done once is in the outbox.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from records import outbox
from records.database import Engine, reading, writing
from records.facts import Fact, FactKind
from records.mail import Mail, Sender
from records.outbox import Delivery, Owed
from records.sending import send_due
from routing.rules import Rules
from routing.snapshot import Snapshot
from voicemail import store
from voicemail.notices import Task, readers_of, write_letter
from voicemail.store import Audio
from voicemail.wav import SoundRefused, for_the_telephone, is_silent, read_wav

DRIFT = 2.0
"""Seconds by which a whole recording may be shorter than the operator said."""

LONGEST_PAUSE = timedelta(hours=24)
LOOKED_BACK = timedelta(days=2)
ORPHAN = timedelta(days=1)
"""A file that no message has is deleted when it is this old: the worker died between the file and the row."""


class Recordings(Protocol):
    """The recordings that the operator keeps."""

    def fetch(self, recording: str) -> bytes:
        """The recording as a WAV file; raises LookupError when there is none, OSError when it cannot be had now."""

    def forget(self, recording: str) -> None:
        """Delete it; one that is gone is fine. Raises OSError."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Everything that the work needs. `link` gives the address where a task is dealt with; `folder` holds the audio.

    `journal` keeps facts durably, and is False when the disk refused them.
    `why_not_callable`: why a number should not be called back, in French, or None.
    """

    engine: Engine
    recordings: Recordings | None
    sender: Sender | None
    snapshot: Callable[[], Snapshot | None]
    link: Callable[[Task], str]
    folder: Path
    clock: Callable[[], datetime]
    journal: Callable[[tuple[Fact, ...]], bool]
    kept_for: timedelta = timedelta(days=30)
    why_not_callable: Callable[[str | None], str | None] = lambda _: None

    def work(self) -> None:
        """One round of all that does not wait for a day to come; audio first, since nobody is told of silence."""
        self.fetch()
        self.owe()
        self.tell()
        self.forget()

    def owe(self) -> None:
        """Put in the outbox what the calls since the last round ask for, but their audio."""
        at, snapshot = self.clock(), self.snapshot()
        with writing(self.engine) as connection:
            store.owe_forgetting(connection, at, at - LOOKED_BACK)
            for task in store.tasks_to_tell(connection, at, self.kept_for) if snapshot else ():
                readers = [str(one.email) for one in readers_of(snapshot, task.departement)] if snapshot else []
                if readers:
                    store.owe_notices(connection, task, readers, at)

    # ------------------------------------------------------------ mails

    def tell(self) -> None:
        """Send the letters that are due; one that cannot leave is tried again until it does."""
        if self.sender:
            send_due(
                self.engine, Owed.NOTICE, self.sender, self.clock, compose=self._letter, at_most=outbox.AT_ONCE
            )  # fmt: skip

    def _letter(self, delivery: Delivery, _at: datetime) -> Mail | str:
        """Written when it leaves, so that nobody is told of what was handled meanwhile and no number waits in a row."""
        with reading(self.engine) as connection:
            task = store.task_told_by(connection, delivery.reference)
        if task is None:
            return outbox.HANDLED
        to, snapshot = str(delivery.recipient), self.snapshot()
        readers = readers_of(snapshot, task.departement) if snapshot else ()
        reader = next((one for one in readers if str(one.email).casefold() == to.casefold()), None)
        usage = (snapshot.rules if snapshot else Rules()).usage_holidays
        why_not = self.why_not_callable(task.number)
        return write_letter(task, reader, to, self.link(task), usage, why_not=why_not)

    # ------------------------------------------------------------ audio

    def fetch(self) -> None:
        """Bring the audio that is due, check it, keep it; then its deletion at the operator is owed.

        An operator that is away is asked no more in this round: letters do not wait for it.
        """
        if self.recordings is None:
            return
        with writing(self.engine) as connection:
            store.owe_audio(connection, self.clock())
        for delivery in self._one_by_one(Owed.AUDIO):
            try:
                self._bring(self.recordings, delivery)
            except (LookupError, SoundRefused) as error:
                self._postpone(delivery, error)
            except OSError as error:
                self._postpone(delivery, error)
                return

    def _bring(self, recordings: Recordings, delivery: Delivery) -> None:
        with reading(self.engine) as connection:
            audio = store.audio_of(connection, delivery.reference)
        if audio is None or audio.recording is None:
            self._settle(delivery, "no more a message")
            return
        content = _fetched(recordings, audio)
        if is_silent(for_the_telephone(read_wav(content))):
            self._drop(delivery, audio.recording)
        else:
            self._keep(delivery, audio.recording, content)

    def _drop(self, delivery: Delivery, recording: str) -> None:
        """Nothing is heard: this is written down, and the call is no message any more (decision 10)."""
        if not self.journal((Fact(delivery.reference, FactKind.RECORDING_SILENT, 0, self.clock(), recording),)):
            raise OSError("the journal refused a fact")
        with writing(self.engine) as connection:
            store.drop_audio(connection, delivery.reference)
            store.owe_forgotten(connection, recording, self.clock())
            outbox.settle(connection, delivery, self.clock(), "nothing is heard")

    def _keep(self, delivery: Delivery, recording: str, content: bytes) -> None:
        name = f"{secrets.token_hex(16)}.wav"
        _write(self.folder, name, content)
        with writing(self.engine) as connection:
            store.keep_audio(connection, delivery.reference, name, self.clock())
            store.owe_forgotten(connection, recording, self.clock())
            outbox.settle(connection, delivery, self.clock())

    def forget(self) -> None:
        """Delete at the operator the recordings that are due."""
        if self.recordings is None:
            return
        for delivery in self._take(Owed.FORGET):
            try:
                self.recordings.forget(delivery.reference)
            except OSError as error:
                self._postpone(delivery, error)
            else:
                self._settle(delivery)

    # ------------------------------------------------------------ retention

    def erase_old(self) -> int:
        """Erase the audio of messages older than their retention, here and at the operator; returns how many."""
        at = self.clock()
        with reading(self.engine) as connection:
            old = store.audio_before(connection, at - self.kept_for)
        self.erase(old)
        self._erase_orphans(at)
        return len(old)

    def erase(self, audios: list[Audio]) -> None:
        """Erase this audio: the files at once, at the operator as soon as it answers."""
        for audio in audios:
            if audio.file:
                (self.folder / audio.file).unlink(missing_ok=True)
        with writing(self.engine) as connection:
            store.erase_audio(connection, [audio.call_id for audio in audios], self.clock())
            for audio in audios:
                if audio.recording:
                    store.owe_forgotten(connection, audio.recording, self.clock())

    def _erase_orphans(self, at: datetime) -> None:
        with reading(self.engine) as connection:
            kept = store.files_kept(connection)
        for path in self.folder.glob("*.wav"):
            if path.name not in kept and at.timestamp() - path.stat().st_mtime > ORPHAN.total_seconds():
                path.unlink(missing_ok=True)

    # ------------------------------------------------------------ the outbox

    def _take(self, kind: Owed) -> list[Delivery]:
        with writing(self.engine) as connection:
            return outbox.take(connection, kind, self.clock())

    def _one_by_one(self, kind: Owed) -> Iterator[Delivery]:
        """What is due, each taken when the one before is done, and no more than a round holds."""
        for _ in range(outbox.AT_ONCE):
            with writing(self.engine) as connection:
                taken = outbox.take(connection, kind, self.clock(), at_most=1)
            yield from taken
            if not taken:
                return

    def _settle(self, delivery: Delivery, error: str | None = None) -> None:
        with writing(self.engine) as connection:
            outbox.settle(connection, delivery, self.clock(), error)

    def _postpone(self, delivery: Delivery, error: Exception) -> None:
        until = self.clock() + outbox.pause_before(delivery.tries, LONGEST_PAUSE)
        with writing(self.engine) as connection:
            outbox.postpone(connection, delivery, until, f"{type(error).__name__}: {error}")


def _fetched(recordings: Recordings, audio: Audio) -> bytes:
    """The recording, when it is a whole WAV file that stays the same when fetched again; SoundRefused otherwise."""
    recording = str(audio.recording)
    content = recordings.fetch(recording)
    if read_wav(content).seconds < (audio.seconds or 0) - DRIFT:
        raise SoundRefused("shorter than the operator said")
    if recordings.fetch(recording) != content:
        raise SoundRefused("still changing")
    return content


def _write(folder: Path, name: str, content: bytes) -> None:
    """A file that its owner alone reads, whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{name}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / name)
