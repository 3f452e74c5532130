"""Everything that is known of a caller's number, erased; what was done is told in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ivr.memory.callers import MemoryFile
from ivr.memory.sharing import SharedMemory
from records.calls.erasing import Erased, erase_number
from records.database import Engine, reading, writing
from routing.phones import mask_phone
from service.settings import Settings
from service.wiring.memory import shared_memory
from service.wiring.messages import follow_up
from voicemail import store
from voicemail.following_up import FollowUp


@dataclass(frozen=True, slots=True)
class Proof:
    """What was erased. `recordings` are messages; those `waiting` are still to be deleted at the operator."""

    number: str
    erased: Erased
    recordings: int
    waiting: int
    was_remembered: bool

    def __str__(self) -> str:
        calls, recordings = len(self.erased.calls), self.recordings
        done = [
            f"retiré de {_count(calls, 'appel')} et de {_count(self.erased.facts, 'événement')}",
            "oublié de la mémoire des appelants" if self.was_remembered else "absent de la mémoire des appelants",
        ]
        if recordings:
            there = " (chez l’opérateur, dès qu’il répondra)" if self.waiting else ", ici et chez l’opérateur"
            done.append(f"{_count(recordings, 'message')} effacé{'s' if recordings > 1 else ''}{there}")
        sentence = f"Le {mask_phone(self.number)} est effacé : {', '.join(done)}."
        sentence += " Le journal local le perd sous sept jours."
        if self.erased.going_on:
            carry = "le portent" if self.erased.going_on > 1 else "le porte"
            sentence += f" {_count(self.erased.going_on, 'appel')} en cours {carry} encore : recommencez ensuite."
        return sentence


def erase_caller(engine: Engine, memory: MemoryFile | SharedMemory, work: FollowUp, number: str, at: datetime) -> Proof:
    """Erase an E.164 number everywhere; raises what the database or the disk raises, and may then be done again."""
    was_remembered = memory.forget(number)
    with writing(engine) as connection:
        erased = erase_number(connection, number, memory.fingerprint(number), at)
        audios = [found for call_id in erased.calls if (found := store.audio_of(connection, call_id))]
    work.erase(audios)
    work.forget()
    with reading(engine) as connection:
        waiting = store.still_owed(connection, [one.recording for one in audios if one.recording])
    return Proof(number, erased, len(audios), waiting, was_remembered)


def erase_again(settings: Settings, engine: Engine, number: str, at: datetime, until: datetime) -> None:
    """Erase once more what an erased number did up to a moment: a backup has brought it back."""
    memory, work = shared_memory(settings, engine), follow_up(settings, engine)
    memory.forget(number)
    with writing(engine) as connection:
        erased = erase_number(connection, number, memory.fingerprint(number), at, until=until)
        audios = [found for call_id in erased.calls if (found := store.audio_of(connection, call_id))]
    work.erase(audios)


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}"
