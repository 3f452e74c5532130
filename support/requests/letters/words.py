"""In which words somebody is told of a step of a request: a step, the request as it stands and a reader make a mail.

A mail holds what its reader needs to decide whether to open the page: no number, nothing of whoever called, and of what
people wrote to each other only what is no personal data; the rest is read on the page, by whoever may (decision 56).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from records.invitation import Guest
from records.mail import SIGNATURE, Mail
from records.wording import explained
from routing.calendar.words import write_moment
from routing.departements import desk_in_mails, timezone_of
from routing.requests.table import UNCOVERED
from support.personal_data import personal_data
from support.requests.letters.invitation import PlannedExchange, exchange_appointment, moment_for
from support.requests.letters.readers import GIVEN, OF_EXCHANGE, Addressee, Matter, desk_of, leaves, told_to_desk
from support.requests.request import Request, RequestEvent
from support.requests.states import REOPENED_WITHIN_DAYS, Move, WhichDesk
from support.requests.told import say_awaited

_HAS_ITS_WORDS = frozenset({Move.ANSWER, Move.ASK, Move.HAND_BACK, Move.CLOSE}) | OF_EXCHANGE
"""What is written to whoever asked is in the mail; what is written to a desk is read on the page."""


def write_letter(matter: Matter, step: RequestEvent, reader: Addressee, link: str, organizer: Guest) -> Mail:
    """What the reader receives; the first mails of a request bear the name to which all later ones answer."""
    request = matter.request
    thread, is_first = thread_of(request), step.move is Move.OPEN and not matter.is_written
    exchange, is_former = matter.exchange(step), leaves(matter, step, reader)
    if exchange and is_former:
        exchange = replace(exchange, is_cancelled=True)
    said = [_what(matter, step, reader, exchange)]
    if step.move in _HAS_ITS_WORDS and step.text.strip():
        said.append(quoted(step.text))
    if exchange and step.move in GIVEN and not is_former:
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
    guests = [reader.guest] if is_former else [*matter.askers, worker] if worker else matter.askers
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
        case Move.ASSIGN | Move.TAKE if exchange and leaves(matter, step, reader):
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
        case Move.CLIMB if reader in desk_of(matter):
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
        if request.departement and step.move in told_to_desk(matter)
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
