"""Who is told of a message or of a callback, in which words; when it is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.mail import Mail
from records.typed.durations import say_duration
from routing.calendar.open_days import due_at
from routing.calendar.public_holidays import KEPT_BY_DEFAULT
from routing.calendar.words import write_moment
from routing.departements import NATIONAL, desk_in_mails, timezone_of
from routing.directory.people import Person
from routing.phones import mask_phone
from routing.snapshot import Snapshot


class TaskKind(StrEnum):
    """What waits on a desk."""

    MESSAGE = "message"
    CALLBACK = "callback"


@dataclass(frozen=True, slots=True)
class Task:
    """A message to hear or a callback to make. `departement` is the desk's code (`*`: the national team's)."""

    call_id: str
    kind: TaskKind
    departement: str
    created_at: datetime
    seconds: int | None = None
    number: str | None = None


def readers_of(snapshot: Snapshot, departement: str) -> tuple[Person, ...]:
    """Every ringable line of the desk that has an e-mail, else the national team's; each address once (decision 35)."""
    return _with_email(snapshot.lines(departement)) or _with_email(snapshot.lines(NATIONAL))


def _with_email(lines: Iterable[Person]) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for one in lines:
        if one.is_written_to:
            found.setdefault(str(one.email).casefold(), one)
    return tuple(found.values())


def write_letter(
    task: Task,
    reader: Person | None,
    to: str,
    link: str,
    usage: frozenset[str] = KEPT_BY_DEFAULT,
    *,
    why_not: str | None = None,
) -> Mail:
    """What a reader receives: no audio, no word of the caller; of a number to call back its two ends at most.

    `why_not`: why nobody should call that number back.
    """
    desk = desk_in_mails(task.departement)
    asked = _message(task) if task.kind is TaskKind.MESSAGE else _callback(task, why_not)
    subject = "Message à écouter" if task.kind is TaskKind.MESSAGE else "Rappel à faire"
    due = write_moment(due_at(task.created_at, task.departement, usage), timezone_of(task.departement))
    hello = f"Bonjour {reader.name}," if reader else "Bonjour,"
    return Mail(
        to,
        f"[SI SIAO] {subject} – {desk}",
        f"{hello}\n\n{asked}\nMerci de le traiter avant le {due}, heure locale.\n\n{link}\n\n"
        "Assistance téléphonique du SI SIAO\n0 806 000 156 (service gratuit + prix appel)\n",
    )


_REPEATED = "S’il redemande dans l’heure, c’est sans autre courriel : chaque demande est dans votre espace."


def _message(task: Task) -> str:
    lasts = f" ({say_duration(task.seconds)})" if task.seconds else ""
    return f"Un appelant a laissé un message{lasts} le {_moment(task)}.\nIl s’écoute dans votre espace."


def _callback(task: Task, why_not: str | None) -> str:
    """A mail may be forwarded or printed: it holds no full number, and showing one in the desk leaves a trace."""
    if task.number and why_not:
        number = f"Numéro à ne pas rappeler ({why_not}) : {mask_phone(task.number)}."
    elif task.number:
        number = f"Son numéro ({mask_phone(task.number)}) s’affiche dans votre espace ; l’afficher laisse une trace."
    else:
        number = "Son numéro est à lire dans votre espace."
    asked = f"Un appelant demande à être rappelé.\n{number}"
    return f"{asked}\nDemande reçue le {_moment(task)}.\n{_REPEATED}"


def _moment(task: Task) -> str:
    return write_moment(task.created_at, timezone_of(task.departement))
