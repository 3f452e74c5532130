"""Everything that is known of a caller's number, erased; what was done is told in sentences, and in the trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ivr.memory.callers import MemoryFile
from ivr.memory.sharing import SharedMemory
from records.calls.erasing import Erased, erase_number, look_for
from records.database import Engine, reading, writing
from records.desks.audit import note
from records.privacy.erased import all_erased, keep_all_erased
from records.privacy.finding import still_there
from routing.phones import mask_phone
from voicemail import store
from voicemail.following_up import FollowUp

WHAT = "numéro effacé"
MOST_MAILS = 12
"""Mails that the sentence names, the newest; `--json` names them all."""
_TABLES = {
    "qualifications": "commentaires d’appels", "qualification_history": "commentaires d’appels",
    "requests": "demandes", "request_events": "historique des demandes", "tickets": "tickets techniques",
    "deliveries": "courriels en attente", "kept_forms": "formulaires", "filed_forms": "formulaires",
    "article_reports": "signalements", "article_report_voices": "signalements", "directory_versions": "annuaires",
}  # fmt: skip
_MAILS = {"notice": "message ou rappel", "answer": "réponse type"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What was erased. `recordings` are messages; those `waiting` are still to be deleted at the operator.

    `forgot` and `late` name the other machines that have forgotten, and those that have not said so yet.
    """

    number: str
    erased: Erased
    recordings: int
    waiting: int
    was_remembered: bool
    is_listed: bool = False
    forgot: tuple[str, ...] = ()
    late: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join([self.done(), *self.left()])

    def done(self) -> str:
        """What was erased, in one sentence."""
        calls, recordings = len(self.erased.calls), self.recordings
        done = [
            f"retiré de {_count(calls, 'appel')} et de {_count(self.erased.facts, 'événement')}",
            "oublié de la mémoire des appelants" if self.was_remembered else "absent de la mémoire des appelants",
        ]
        if texts := sum(self.erased.texts.values()):
            where = sorted({_TABLES.get(table, "autres textes") for table in self.erased.texts})
            done.append(f"retiré de {_count(texts, 'texte')} ({', '.join(where)})")
        if recordings:
            there = " (chez l’opérateur, dès qu’il répondra)" if self.waiting else ", ici et chez l’opérateur"
            done.append(f"{_count(recordings, 'message')} effacé{'s' if recordings > 1 else ''}{there}")
        return f"Le {mask_phone(self.number)} est effacé : {', '.join(done)}."

    def left(self) -> list[str]:
        """What the person has to be told beside: where the number still is, and until when."""
        told = ["Le journal local le perd sous sept jours."]
        if self.forgot:
            told.append(f"{_count(len(self.forgot), 'autre machine')} {_agreed(self.forgot, 'l’a', 'l’ont')} oublié.")
        if self.late:
            names = ", ".join(self.late)
            told.append(f"Pas encore oublié par {names} : ce sera fait dès que sa base répondra, sans rien refaire.")
        if self.erased.going_on:
            carry = "le portent" if self.erased.going_on > 1 else "le porte"
            told.append(f"{_count(self.erased.going_on, 'appel')} en cours {carry} encore, jusqu’à sa fin.")
        if self.is_listed:
            told.append("C’est aussi le numéro d’un référent : l’annuaire le garde, à changer là s’il le faut.")
        if self.erased.mails:
            named = list(dict.fromkeys(
                f"{_MAILS.get(one.kind, one.kind)}, à {one.recipient}, le {one.at:%d/%m/%Y}"
                for one in self.erased.mails
            ))  # fmt: skip
            more = len(named) - MOST_MAILS
            mails = " ; ".join([*named[-MOST_MAILS:], *([f"et {more} plus anciens"] if more > 0 else [])])
            told.append(f"Courriels déjà partis au sujet de ces appels, à demander à qui les a reçus : {mails}.")
        told.append("Les sauvegardes le gardent jusqu’à leur fin ; une restauration l’efface de nouveau.")
        return told

    def as_json(self) -> dict[str, Any]:
        """The same for a machine."""
        return {
            "number": mask_phone(self.number), "calls": len(self.erased.calls), "facts": self.erased.facts,
            "going_on": self.erased.going_on, "texts": dict(self.erased.texts), "recordings": self.recordings,
            "recordings_waiting": self.waiting, "was_remembered": self.was_remembered, "is_listed": self.is_listed,
            "machines_forgot": list(self.forgot), "machines_late": list(self.late),
            "mails_sent": [
                {"kind": one.kind, "recipient": one.recipient, "at": one.at.isoformat()} for one in self.erased.mails
            ],
            "journal_days": 7,
        }  # fmt: skip


def erase_caller(
    engine: Engine, memory: MemoryFile | SharedMemory, work: FollowUp, number: str, at: datetime, *,
    by: str = "commande", until: datetime | None = None, is_listed: bool = False,
) -> Proof:  # fmt: skip
    """Erase an E.164 number everywhere; raises what the database or the disk raises, and may then be done again.

    `until`: the moment of an earlier erasure that is done again, so that calls since then stay.
    """
    was_remembered = memory.forget(number)
    fingerprint = memory.fingerprint(number)
    with reading(engine) as connection:
        seen = look_for(connection, number, fingerprint, is_listed=is_listed)
    with writing(engine) as connection:
        erased = erase_number(connection, number, fingerprint, at, until=until, is_listed=is_listed, seen=seen)
        audios = [found for call_id in erased.calls if (found := store.audio_of(connection, call_id))]
        reference = f"{mask_phone(number)} : {_count(len(erased.calls), 'appel')} (empreinte {fingerprint[:12]})"
        note(connection, by=by, what=WHAT, reference=reference, at=at)
    work.erase(audios)
    work.forget()
    with reading(engine) as connection:
        waiting = store.still_owed(connection, [one.recording for one in audios if one.recording])
    return Proof(number, erased, len(audios), waiting, was_remembered, is_listed)


def with_machines(proof: Proof, forgot: list[str], late: list[str]) -> Proof:
    """The same proof, with what the other machines said."""
    return replace(proof, forgot=tuple(forgot), late=tuple(late))


def erase_what_came_back(
    engine: Engine, memory: MemoryFile | SharedMemory, work: FollowUp, at: datetime,
    erased: Callable[[], dict[str, datetime]],
) -> int:  # fmt: skip
    """Each night: whatever stands here again of numbers that were erased goes; how many numbers.

    `erased` gives what other places than this database know to be erased, by fingerprint.
    """
    with writing(engine) as connection:
        keep_all_erased(connection, erased())
    with reading(engine) as connection:
        back = still_there(connection, memory.fingerprint, all_erased(connection))
    for number, _, until in back:
        erase_caller(engine, memory, work, number, at, by="conservation", until=until)
    late = _late_audio(engine)
    if late:
        work.erase(late)
    return len(back)


def _late_audio(engine: Engine) -> list[store.Audio]:
    with reading(engine) as connection:
        return store.audio_of_erased(connection)


def _count(count: int, noun: str) -> str:
    return f"{count} {' '.join(f'{word}s' for word in noun.split()) if count > 1 else noun}"


def _agreed(items: tuple[str, ...], one: str, several: str) -> str:
    return several if len(items) > 1 else one
