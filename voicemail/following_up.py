"""What becomes of a message or a callback: somebody is told, the audio comes here, and goes away in time.

Each step may be done again at any moment, by another process, after any failure: what is done once is in the outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from records import outbox
from records.database import Engine, reading, writing
from records.facts import Fact, FactKind
from records.files.folder import FolderStore
from records.files.store import FileStore
from records.mail import Mail, Sender
from records.outbox import Delivery, Owed
from records.sending import send_due
from routing.rules import Rules
from routing.snapshot import Snapshot
from voicemail import store
from voicemail.naming import call_named, file_name
from voicemail.notices import Task, readers_of, write_letter
from voicemail.store import Audio
from voicemail.wav import SoundRefused, for_the_telephone, is_silent, read_wav

DRIFT = 2.0
"""Seconds by which a whole recording may be shorter than the operator said."""

LONGEST_PAUSE = timedelta(hours=24)
LOOKED_BACK = timedelta(days=2)
LEFT_THERE = timedelta(hours=48)
"""How long the operator keeps a recording after we have it: whoever loses our copy can fetch it again."""

NAMED_AT_ONCE = 500
"""Files of an earlier version that one night gives their names of now."""

log = logging.getLogger(__name__)


class Recordings(Protocol):
    """The recordings that the operator keeps."""

    def fetch(self, recording: str) -> bytes:
        """The recording as a WAV file; raises LookupError when there is none, OSError when it cannot be had now."""

    def forget(self, recording: str) -> None:
        """Delete it; one that is gone is fine. Raises OSError."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Everything that the work needs. `link` gives the address where a task is dealt with; `audio` holds what was said.

    `journal` keeps facts durably, and is False when the disk refused them.
    `why_not_callable`: why a number should not be called back, in French, or None.
    """

    engine: Engine
    recordings: Recordings | None
    sender: Sender | None
    snapshot: Callable[[], Snapshot | None]
    link: Callable[[Task], str]
    audio: FileStore
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
        name = file_name(audio.call_id, audio.recording)
        if self.audio.get(name) is not None:  # its row has lost it: the database was put back (decision 92)
            self._keep(delivery, audio, name)
            return
        content = _fetched(recordings, audio)
        if is_silent(for_the_telephone(read_wav(content))):
            self._drop(delivery, audio.recording)
        else:
            self.audio.put(name, content)
            self._keep(delivery, audio, name)

    def _drop(self, delivery: Delivery, recording: str) -> None:
        """Nothing is heard: this is written down, and the call is no message any more (decision 10)."""
        if not self.journal((Fact(delivery.reference, FactKind.RECORDING_SILENT, 0, self.clock(), recording),)):
            raise OSError("the journal refused a fact")
        with writing(self.engine) as connection:
            store.drop_audio(connection, delivery.reference)
            store.owe_forgotten(connection, recording, self.clock())
            outbox.settle(connection, delivery, self.clock(), "nothing is heard")

    def _keep(self, delivery: Delivery, audio: Audio, name: str) -> None:
        """The audio is here; the operator's copy stays two days more, never longer than the message may."""
        at = self.clock()
        due = min(at + LEFT_THERE, audio.left_at + self.kept_for)
        with writing(self.engine) as connection:
            is_kept = store.keep_audio(connection, audio.call_id, name, at)
            store.owe_forgotten(connection, str(audio.recording), at, due=due if is_kept and due > at else None)
            outbox.settle(connection, delivery, at, None if is_kept else "erased")
        if not is_kept:
            self.audio.delete(name)

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
        self._name_earlier_files()
        return len(old)

    def erase(self, audios: list[Audio]) -> None:
        """Erase this audio: the files at once, at the operator as soon as it answers."""
        for audio in audios:
            named = file_name(audio.call_id, audio.recording) if audio.recording else None
            for name in {audio.file, named} - {None}:
                self.audio.delete(str(name))
        with writing(self.engine) as connection:
            store.erase_audio(connection, [audio.call_id for audio in audios], self.clock())
            for audio in audios:
                if audio.recording:
                    store.owe_forgotten(connection, audio.recording, self.clock())

    def _erase_orphans(self, at: datetime) -> None:
        """Delete the files that no message has: those of erased ones at once, others when a message would be erased.

        Until then the row of one may come back, with a database that was put back or with the journal.
        """
        if isinstance(self.audio, FolderStore):
            self.audio.sweep_drafts(at - self.kept_for)
        found = self.audio.list()
        with reading(self.engine) as connection:
            kept = {audio.file for audio in store.all_kept(connection)}
            orphans = {name: put_at for name, put_at in found.items() if name not in kept}
            calls = {name: call for name in orphans if (call := call_named(name))}
            erased = store.without_audio(connection, set(calls.values()))
        for name, put_at in orphans.items():
            if calls.get(name) in erased or at - put_at > self.kept_for:
                self.audio.delete(name)

    def _name_earlier_files(self) -> None:
        """Files that bear a random name, of an earlier version, get one by which their message finds them again."""
        with reading(self.engine) as connection:
            every = store.all_kept(connection)
        earlier = [one for one in every if one.recording and call_named(str(one.file)) is None]
        for audio in earlier[:NAMED_AT_ONCE]:
            name, content = file_name(audio.call_id, str(audio.recording)), self.audio.get(str(audio.file))
            if content is None:
                continue
            self.audio.put(name, content)
            with writing(self.engine) as connection:
                is_renamed = store.rename_audio(connection, audio, name)
            self.audio.delete(str(audio.file) if is_renamed else name)

    def seek_lost(self) -> int:
        """Ask again for the audio that has left our disk while the operator still has it; returns how many."""
        at = self.clock()
        found = self.audio.list()
        with writing(self.engine) as connection:
            lost = [one for one in store.fetched_since(connection, at - LEFT_THERE) if one.file not in found]
            for audio in lost:
                store.seek_again(connection, audio, at)
        if lost:
            log.warning("Messages dont le fichier manque, redemandés à l’opérateur : %d", len(lost))
        return len(lost)

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
