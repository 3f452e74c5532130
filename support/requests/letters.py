"""Who is told of a step of a request, and in which words: a step, the request as it stands and a reader make a mail.

A mail holds what its reader needs to decide whether to open the page: no number, nothing of whoever called, and of what
people wrote to each other only what is no personal data; the rest is read on the page, by whoever may (decision 56).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from records.invitation import Guest
from records.mail import SIGNATURE, Mail
from records.wording import explained
from routing.calendar.words import write_moment
from routing.departements import desk_in_mails, timezone_of
from routing.requests.table import UNCOVERED
from support.personal_data import personal_data
from support.requests.invitation import PlannedExchange, exchange_appointment, moment_for
from support.requests.request import Request, RequestEvent
from support.requests.states import MOVES, REOPENED_WITHIN_DAYS, Move, Party, RequestState, WhichDesk
from support.requests.told import say_awaited

PHONE = "phone"
"""The channel of a request that a référent opened for a call, after it or without one."""

COMPLETED_WITHIN = timedelta(minutes=5)
"""A request of the telephone that has just been opened may still be completed: its mail waits so long, and tells what
stands then. One that was written is told at once."""

_TO_ASKER = frozenset({
    Move.ANSWER, Move.ASK, Move.HAND_BACK, Move.OPEN_TICKET, Move.CHANGE_TICKET, Move.CLOSE, Move.REOPEN,
})  # fmt: skip
_TO_DESK = frozenset({Move.OPEN, Move.ADD, Move.ESCALATE, Move.CLIMB, Move.WITHDRAW, Move.REOPEN})
_ALSO_TO_SENDER = frozenset({
    Move.OPEN, Move.ESCALATE, Move.CLIMB, Move.HOLD_EXCHANGE, Move.MERGE, Move.WITHDRAW,
})  # fmt: skip
"""Of a request that was written: its sender has no page where work waits for him, so his mails tell all of it."""
_TO_BOTH = frozenset({Move.PLAN, Move.CANCEL_EXCHANGE})
_GIVEN = frozenset({Move.ASSIGN, Move.TAKE})
"""The request has another owner, and with it the exchange that is planned."""

TOLD = _TO_ASKER | _ALSO_TO_SENDER | _TO_DESK | _TO_BOTH | _GIVEN
"""The moves of which somebody is told."""

_HANDED_OVER = frozenset({Move.HAND_BACK, Move.ESCALATE, Move.CLIMB})
"""The request is at another desk."""

_HAS_ITS_WORDS = frozenset({Move.ANSWER, Move.ASK, Move.HAND_BACK, Move.CLOSE}) | _TO_BOTH
"""What is written to whoever asked is in the mail; what is written to a desk is read on the page."""


class Addressee(NamedTuple):
    """Somebody who is told: as whoever asked, or as whoever works on it (`is_desk`)."""

    guest: Guest
    is_desk: bool


@dataclass(frozen=True, slots=True)
class Matter:
    """A request as it stands, every step of it in order, and the people around it.

    `askers`: where an answer goes; `desk`: who is told while nobody owns it; `names`: by address;
    `uids`: of the invitation of each exchange; `local`: the département's desk, wherever the request is.
    """

    request: Request
    steps: Sequence[RequestEvent]
    askers: Sequence[Guest]
    desk: Sequence[Guest]
    names: Mapping[str, str]
    uids: Mapping[int, str]
    local: Sequence[Guest] = ()

    @property
    def is_written(self) -> bool:
        """Whether it was written (form, mail) by somebody who may have no account."""
        return self.request.channel != PHONE

    def step(self, number: int) -> RequestEvent | None:
        """One of its steps."""
        return next((step for step in self.steps if step.id == number), None)

    def guest(self, email: str) -> Guest:
        """Whoever has this address."""
        return Guest(email, self.names.get(email.casefold(), ""))

    def exchange(self, step: RequestEvent) -> PlannedExchange | None:
        """The exchange that a step planned, moved, cancelled or gave to somebody else; None when it is about none."""
        if step.move is Move.PLAN:
            return self._exchange(step, int(step.data["sequence"]))
        planned = self._planned(step) if step.move in _TO_BOTH | _GIVEN else None
        if planned is None:
            return None
        is_cancelled = step.move is Move.CANCEL_EXCHANGE
        return self._exchange(planned, int((step if is_cancelled else planned).data["sequence"]), is_cancelled)

    def _exchange(self, planned: RequestEvent, sequence: int, is_cancelled: bool = False) -> PlannedExchange:
        number, before = int(planned.data["exchange"]), planned.data.get("before")
        return PlannedExchange(
            self.uids.get(number, f"exchange-{number}"), sequence,
            datetime.fromisoformat(planned.data["starts_at"]), int(planned.data["minutes"]),
            datetime.fromisoformat(before) if before else None, is_cancelled=is_cancelled,
        )  # fmt: skip

    def _planned(self, step: RequestEvent) -> RequestEvent | None:
        """The step that planned the exchange that stood before `step`: the one that it names, or one still to come."""
        standing: dict[int, RequestEvent] = {}
        for earlier in self.steps:
            if earlier.id >= step.id:
                break
            if earlier.move is Move.PLAN:
                standing[int(earlier.data["exchange"])] = earlier
            elif earlier.move in {Move.CANCEL_EXCHANGE, Move.HOLD_EXCHANGE}:
                standing.pop(int(earlier.data["exchange"]), None)
        if "exchange" in step.data:
            return standing.get(int(step.data["exchange"]))
        return next((one for one in standing.values() if datetime.fromisoformat(one.data["starts_at"]) > step.at), None)

    def was_never_told(self, step: RequestEvent) -> bool:
        """Whether a request was withdrawn before its desk was told of it."""
        is_early = step.at <= self.request.created_at + COMPLETED_WITHIN and not self.is_written
        return step.move is Move.WITHDRAW and is_early and self.request.owner is None

    def worker(self, step: RequestEvent) -> Guest | None:
        """Whoever worked on it once `step` was made, whose calendar has its exchange."""
        email: str | None = None
        for earlier in self.steps:
            if earlier.id > step.id:
                break
            rule = MOVES.get(earlier.move)
            if "owner" in earlier.data:
                email = earlier.data["owner"]
            elif rule is not None and rule.by == {Party.DESK}:
                email = None if rule.desk else email or earlier.by
        email = email or self.request.owner
        return self.guest(email) if email else None

    def former(self, step: RequestEvent) -> Guest | None:
        """Whoever had the request before the step gave it to somebody else, with the exchange that is planned."""
        before = step.data.get("before") if step.move in _GIVEN else None
        is_other = before and before != step.data["owner"] and self.exchange(step)
        return self.guest(str(before)) if is_other else None


def readers_of_step(matter: Matter, step: RequestEvent) -> list[Addressee]:
    """Who is told, each address once; never whoever made the step, but of an exchange: it is in two calendars."""
    owner, worker, former = matter.request.owner, matter.worker(step), matter.former(step)
    found: list[Addressee] = []
    is_receipt = step.move is Move.OPEN and matter.is_written
    if is_receipt:
        found = [Addressee(guest, is_desk=False) for guest in matter.askers]
    if step.move is Move.ASSIGN or (step.move is Move.TAKE and matter.exchange(step)):
        found = [Addressee(matter.guest(str(step.data["owner"])), is_desk=True)]
    if former:
        found.append(Addressee(former, is_desk=True))
    if step.move in _to_desk(matter) and not matter.was_never_told(step):
        found += [Addressee(guest, is_desk=True) for guest in ([matter.guest(owner)] if owner else matter.desk)]
    if step.move is Move.CLIMB:
        found += [Addressee(guest, is_desk=True) for guest in matter.local]
    if step.move in _to_asker(matter):
        found += [Addressee(guest, is_desk=False) for guest in matter.askers]
    if step.move in _TO_BOTH and worker:
        found.append(Addressee(worker, is_desk=True))
    once: dict[str, Addressee] = {}
    for reader in found:
        once.setdefault(reader.guest.email.casefold(), reader)
    is_for_maker = (
        is_receipt or step.move in _TO_BOTH | {Move.TAKE} or (former and former.email.casefold() == step.by.casefold())
    )
    return [reader for email, reader in once.items() if is_for_maker or email != step.by.casefold()]


def _to_desk(matter: Matter) -> frozenset[Move]:
    """The moves that the desk is told of; who wrote is no référent: what is handed back is news to the local desk."""
    return _TO_DESK | {Move.HAND_BACK} if matter.is_written else _TO_DESK


def _to_asker(matter: Matter) -> frozenset[Move]:
    return _TO_ASKER | _TO_BOTH | (_ALSO_TO_SENDER if matter.is_written else frozenset())


def is_over(matter: Matter, step: RequestEvent, reader: Addressee, at: datetime) -> bool:
    """Whether what happened meanwhile leaves this reader nothing to learn from the mail."""
    request, is_closed = matter.request, matter.request.state is RequestState.CLOSED
    later = [one for one in matter.steps if one.id > step.id]
    has_changed = step.move in _TO_BOTH and any(one.data.get("exchange") == step.data["exchange"] for one in later)
    has_owner = reader.is_desk and request.owner is not None and request.owner != reader.guest.email.casefold()
    has_moved_on = is_closed or any(one.move in _HANDED_OVER for one in later)
    match step.move:
        case Move.OPEN if not reader.is_desk:
            return False
        case Move.HAND_BACK | Move.ESCALATE | Move.CLIMB if matter.is_written:
            return has_moved_on or (has_owner and reader in _desk_of(matter))
        case Move.OPEN | Move.ESCALATE | Move.CLIMB:
            return is_closed or request.owner is not None
        case Move.ADD | Move.REOPEN:
            return is_closed or has_owner
        case Move.ASSIGN | Move.TAKE if _leaves(matter, step, reader):
            return request.owner == reader.guest.email.casefold()
        case Move.ASSIGN | Move.TAKE:
            return is_closed or request.owner != reader.guest.email.casefold()
        case Move.ASK:
            return is_closed or any(one.move is Move.ADD for one in later)
        case Move.CHANGE_TICKET | Move.OPEN_TICKET:
            return is_closed or any(one.move is Move.CHANGE_TICKET for one in later)
        case Move.HAND_BACK:
            return is_closed or request.desk is WhichDesk.NATIONAL
        case Move.CLOSE | Move.WITHDRAW | Move.MERGE:
            return not is_closed
        case Move.PLAN:
            exchange = matter.exchange(step)
            return is_closed or has_changed or has_owner or exchange is None or exchange.start <= at
        case _:
            return has_changed


def _desk_of(matter: Matter) -> list[Addressee]:
    return [Addressee(guest, is_desk=True) for guest in matter.desk]


def _leaves(matter: Matter, step: RequestEvent, reader: Addressee) -> bool:
    """Whether the step takes the request, and its exchange, away from this reader."""
    former = matter.former(step)
    return former is not None and former.email.casefold() == reader.guest.email.casefold()


def write_letter(matter: Matter, step: RequestEvent, reader: Addressee, link: str, organizer: Guest) -> Mail:
    """What the reader receives; the first mails of a request bear the name to which all later ones answer."""
    request = matter.request
    thread, is_first = thread_of(request), step.move is Move.OPEN and not matter.is_written
    exchange, leaves = matter.exchange(step), _leaves(matter, step, reader)
    if exchange and leaves:
        exchange = replace(exchange, is_cancelled=True)
    said = [_what(matter, step, reader, exchange)]
    if step.move in _HAS_ITS_WORDS and step.text.strip():
        said.append(quoted(step.text))
    if exchange and step.move in _GIVEN and not leaves:
        said.append(f"Un échange téléphonique vous y attend : {_when(matter, reader, exchange.start)}.")
    said += [_facts(matter, step), f"{_do(step, reader)} :\n{link}"]
    hello = f"Bonjour {reader.guest.name}," if reader.guest.name else "Bonjour,"
    mail = Mail(
        reader.guest.email, subject_of(matter), "\n\n".join([hello, *said]) + SIGNATURE,
        key=thread if is_first else "", thread=thread,
    )  # fmt: skip
    if exchange is None:
        return mail
    worker = matter.worker(step)
    guests = [reader.guest] if leaves else [*matter.askers, worker] if worker else matter.askers
    appointment = exchange_appointment(
        exchange, number=request.id, link=link, at=step.at, organizer=organizer, guests=guests
    )
    return replace(mail, calendar=appointment.as_calendar(), method=appointment.method)


def thread_of(request: Request) -> str:
    """The key of the mail with which the conversation about a request begins: its desk's, or its sender's receipt."""
    return f"request:{request.id}"


def subject_of(matter: Matter) -> str:
    """The subject of every mail of a request: its first motif, since a mailbox parts a thread whose subject changes."""
    first = next((step.data["before"] for step in matter.steps if step.move is Move.RECLASSIFY), None)
    _thematique, motif, sous_motif = first or matter.request.wording
    return " ".join(f"[Demande n° {matter.request.id}] {motif} : {explained(sous_motif)}".split())


def without_personal_data(text: str) -> str:
    """The text in which whatever looks like personal data gives way to what it is."""
    for piece in sorted(personal_data(text), key=lambda piece: -len(piece.text)):
        text = text.replace(piece.text, f"[{piece.kind} : à lire sur la page]")
    return text


def quoted(text: str) -> str:
    """What somebody wrote, set apart, without what looks like personal data."""
    lines = without_personal_data(text.strip()).splitlines()
    return "\n".join(f"  {line.strip()}".rstrip() for line in lines)


def _what(matter: Matter, step: RequestEvent, reader: Addressee, exchange: PlannedExchange | None) -> str:
    """The step in one sentence."""
    who, number = who_made(matter, step), matter.request.id
    yours = "la demande" if reader.is_desk else "votre demande"
    match step.move:
        case Move.ASSIGN | Move.TAKE if exchange and _leaves(matter, step, reader):
            return _handed_over(matter, step, reader, exchange)
        case Move.OPEN if matter.is_written:
            by = "par courriel" if matter.request.channel == "mail" else "par le formulaire"
            return f"{who} pose une demande {by}.{_promise(matter)}{_why_here(matter)}"
        case Move.OPEN:
            return f"{who} pose une demande au niveau 2.{_promise(matter)}"
        case Move.ASSIGN:
            return f"{who} vous confie la demande n° {number}.{_promise(matter)}"
        case Move.TAKE:
            return f"Vous avez pris la demande n° {number}."
        case Move.ANSWER:
            return f"{who} répond à {yours} n° {number} :"
        case Move.ASK:
            return f"{who} a besoin d’une précision pour répondre à {yours} n° {number} :"
        case Move.HAND_BACK if reader.is_desk:
            return f"{who} confie la demande n° {number} à votre équipe : elle se traite au niveau 1.{_promise(matter)}"
        case Move.HAND_BACK:
            return f"{who} rend {yours} n° {number} : elle se traite au niveau 1."
        case Move.OPEN_TICKET:
            return f"{who} ouvre pour {yours} n° {number} le ticket technique {_ticket(step)}."
        case Move.CHANGE_TICKET:
            return f"Pour {yours} n° {number}, le ticket technique {_ticket(step)}."
        case Move.CLOSE:
            how = ", résolue" if step.data["solved"] else ", sans solution"
            return f"{who} clôt {yours} n° {number}{how}."
        case Move.ADD:
            return f"{who} apporte une précision à la demande n° {number}."
        case Move.REOPEN:
            return f"{who} rouvre la demande n° {number}.{_promise(matter)}"
        case Move.WITHDRAW:
            return f"{who} retire la demande n° {number} : il n’y a plus rien à faire."
        case Move.CLIMB if reader in _desk_of(matter):
            return f"Le délai de la demande n° {number} est dépassé : elle passe au niveau 2.{_promise(matter)}"
        case Move.CLIMB:
            return f"Le délai de la demande n° {number} est dépassé : l’équipe nationale la traite désormais."
        case Move.ESCALATE if matter.is_written:
            return f"{who} confie la demande n° {number} au niveau 2.{_promise(matter)}"
        case Move.ESCALATE:
            return f"{who} transmet de nouveau la demande n° {number} au niveau 2.{_promise(matter)}"
        case _:
            return about_exchange(matter, step, reader, exchange)


def _handed_over(matter: Matter, step: RequestEvent, reader: Addressee, exchange: PlannedExchange) -> str:
    """What whoever had the request before is told: somebody else will hold its exchange."""
    owner = matter.names.get(str(step.data["owner"]).casefold()) or "Quelqu’un d’autre"
    return (
        f"{owner} s’occupe désormais de la demande n° {matter.request.id} et tiendra son échange téléphonique du "
        f"{_when(matter, reader, exchange.start)} : il quitte votre agenda."
    )


def about_exchange(matter: Matter, step: RequestEvent, reader: Addressee, exchange: PlannedExchange | None) -> str:
    """An exchange planned, moved or cancelled, in two lines."""
    about, is_own = f"pour la demande n° {matter.request.id}", reader.guest.email.casefold() == step.by.casefold()
    if exchange is None:
        return f"L’échange téléphonique prévu {about} est annulé."
    when = _when(matter, reader, exchange.start)
    if exchange.is_cancelled:
        by = "vous" if is_own else who_made(matter, step)
        return f"L’échange téléphonique prévu {about} le {when} est annulé ({by})."
    lasts = f"Durée prévue : {exchange.minutes} min."
    if exchange.before:
        old = _when(matter, reader, exchange.before)
        return (
            f"L’échange téléphonique {about} change de moment.\nNouveau moment : {when}.\nAu lieu de : {old}.\n{lasts}"
        )
    proposes = "Vous proposez" if is_own else f"{who_made(matter, step)} propose"
    return f"{proposes} un échange téléphonique {about} : {when}.\n{lasts}"


def _when(matter: Matter, reader: Addressee, moment: datetime) -> str:
    """By the reader's own clock, then by that of whoever he speaks with."""
    asker, worker = matter.request.departement, None
    return moment_for(moment, worker, asker) if reader.is_desk else moment_for(moment, asker, worker)


def who_made(matter: Matter, step: RequestEvent) -> str:
    """The name of whoever made a step."""
    return matter.names.get(step.by.casefold()) or "Quelqu’un"


_KINDS = {"incident": "incident", "evolution": "évolution", "intervention": "intervention"}
_STATES = {"new": "est ouvert", "in_progress": "est en cours", "resolved": "est résolu", "refused": "est refusé"}


def _ticket(step: RequestEvent) -> str:
    kind = _KINDS.get(str(step.data.get("kind")), "")
    named = f"{step.data.get('reference', '')}{f' ({kind})' if kind else ''}".strip()
    state = _STATES.get(str(step.data.get("state")), "a changé d’état")
    return named if step.move is Move.OPEN_TICKET else f"{named} {state}"


def _why_here(matter: Matter) -> str:
    """Why the national team has what would go to a local desk."""
    return "\nPersonne du département ne peut répondre d’ici là." if matter.request.route == UNCOVERED else ""


def _promise(matter: Matter) -> str:
    """Until when the desk has promised its next step, by the desk's clock."""
    request = matter.request
    what = say_awaited(request)
    if request.due_at is None or not what:
        return ""
    code = request.departement if request.desk is WhichDesk.LOCAL else None
    return f"\n{what[0].upper()}{what[1:]} attendue avant le {write_moment(request.due_at, timezone_of(code))}."


def _facts(matter: Matter, step: RequestEvent) -> str:
    request = matter.request
    wording = request.wording
    asked_for = (
        f"SIAO : {desk_in_mails(request.departement)}\n"
        if request.departement and step.move in _to_desk(matter)
        else ""
    )
    return f"{asked_for}Motif : {wording.motif} : {explained(wording.sous_motif)}"


def _do(step: RequestEvent, reader: Addressee) -> str:
    """What the link is for."""
    match step.move:
        case Move.ASK:
            return "Répondre"
        case Move.CLOSE if not reader.is_desk:
            return f"Relire la demande, ou la rouvrir dans les {REOPENED_WITHIN_DAYS} jours"
        case Move.PLAN:
            return "Voir la demande, proposer un autre moment ou annuler"
        case Move.ANSWER | Move.HAND_BACK:
            return "Lire la demande entière et répondre"
        case _:
            return "Voir la demande"
