"""What whoever wrote a request is told by mail: the receipt, every step that concerns him, a new link.

A mail holds what decision 56 lets it hold, personal data masked; the rest is read on the page of the private link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from records.counting.words import counted
from records.invitation import Guest
from records.mail import SIGNATURE, Mail
from records.wording import explained
from routing.requests.table import UNCOVERED
from support.following.whereabouts import awaited, desk_before, of_team, team, technical_team
from support.requests.letters.invitation import exchange_appointment
from support.requests.letters.readers import Addressee, Matter
from support.requests.letters.words import (
    about_exchange,
    quoted,
    subject_of,
    thread_of,
    who_made,
    without_personal_data,
)
from support.requests.request import RequestEvent
from support.requests.states import REOPENED_WITHIN_DAYS, Move, WhichDesk

_WITH_ITS_WORDS = frozenset({
    Move.ANSWER, Move.ASK, Move.CLOSE, Move.HOLD_EXCHANGE, Move.PLAN, Move.CANCEL_EXCHANGE,
})  # fmt: skip
"""What is said to the sender; why a desk hands his request to another is said between desks."""
_PROMISES = frozenset({
    Move.OPEN, Move.ANSWER, Move.HAND_BACK, Move.ESCALATE, Move.CLIMB, Move.OPEN_TICKET, Move.REOPEN, Move.ASK,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways from a mail to the request: `link`, the private one, open for `days` after the newest mail.

    `own_page`: the page for the sender's account, "" without one; `reply_to`: where a reply is read, "" where none is;
    `public_page`: what a calendar may hold, since calendars are shared.
    """

    link: str
    days: int
    own_page: str
    reply_to: str
    public_page: str


def sender_letter(matter: Matter, step: RequestEvent, reader: Addressee, doors: Doors, organizer: Guest) -> Mail:
    """What the sender receives about a step; his receipt bears the name to which all other mails answer."""
    thread, exchange = thread_of(matter.request), matter.exchange(step)
    said = [_what(matter, step, reader)]
    if step.move in _WITH_ITS_WORDS and step.text.strip():
        said.append(quoted(step.text))
    if step.move is Move.OPEN:
        said += _asked(matter)
    if step.move in _PROMISES and (promise := awaited(matter.request)):
        said.append(promise)
    said += _ways(step, doors)
    mail = _mail(matter, said, doors, key=thread if step.move is Move.OPEN else "")
    if exchange is None:
        return mail
    appointment = exchange_appointment(
        exchange, number=matter.request.id, link=doors.public_page, at=step.at, organizer=organizer,
        guests=[reader.guest],
    )  # fmt: skip
    return replace(mail, calendar=appointment.as_calendar(), method=appointment.method)


def link_letter(matter: Matter, doors: Doors) -> Mail:
    """The new link, which its sender asked for or which replaces a revoked one."""
    said = [
        f"Voici le lien de votre demande n° {matter.request.id}. Les liens envoyés avant ne s’ouvrent peut-être plus.",
        f"Suivre votre demande :\n{doors.link}",
        _private(doors),
    ]
    return _mail(matter, said, doors, key="")


def _mail(matter: Matter, said: Sequence[str], doors: Doors, *, key: str) -> Mail:
    request = matter.request
    hello = f"Bonjour {request.asked_by}," if request.asked_by else "Bonjour,"
    text = "\n\n".join([hello, *said]) + SIGNATURE
    return Mail(
        request.reply_to, subject_of(matter), text, key=key, thread=thread_of(request), reply_to=doors.reply_to
    )  # fmt: skip


def _asked(matter: Matter) -> list[str]:
    """What was asked and who has it, in the receipt."""
    request = matter.request
    has = team(request.desk, request.departement)
    verb = "vont" if has.startswith("les ") else "va"
    why = " : personne ne peut vous répondre à temps dans votre département" if request.route == UNCOVERED else ""
    wording = request.wording
    return [
        "\n".join(
            [
                f"Objet : {without_personal_data(request.subject)}",
                f"Motif : {wording.motif} : {explained(wording.sous_motif)}",
                "Ce que vous demandez :",
            ]
        ),
        quoted(request.description),
        f"{has[0].upper()}{has[1:]} {verb} la prendre en charge{why}.",
    ]


def _ways(step: RequestEvent, doors: Doors) -> list[str]:
    """What the sender can do now, and where."""
    answer = "Vous pouvez aussi répondre à ce courriel." if doors.reply_to else ""
    own = f"Avec votre compte : {doors.own_page}" if doors.own_page else ""
    rate = (
        f"Cette réponse vous a-t-elle aidé ? Un clic suffit pour le dire :\n{doors.link}#avis"
        if step.move is Move.CLOSE
        else ""
    )
    last = _private(doors) if step.move is Move.OPEN else ""
    return [part for part in (f"{_do(step)} :\n{doors.link}", own, answer, rate, last) if part]


def _private(doors: Doors) -> str:
    return (
        "Ce lien ouvre votre demande sans mot de passe : ne le transférez pas. Il s’ouvre pendant "
        f"{counted(doors.days, 'jour', 'jours')} après chaque courriel ; sa page sait le remplacer."
    )


def _do(step: RequestEvent) -> str:
    match step.move:
        case Move.ASK:
            return "Répondre"
        case Move.CLOSE:
            return f"Ce n’est pas réglé ? Rouvrez votre demande dans les {REOPENED_WITHIN_DAYS} jours"
        case Move.PLAN:
            return "Dire à quel numéro vous joindre, ou annuler"
        case Move.MERGE | Move.WITHDRAW:
            return "Voir votre demande"
        case Move.OPEN:
            return "Suivre votre demande, ajouter une précision ou un fichier, la clore"
        case _:
            return "Lire votre demande entière, et répondre"


def _what(matter: Matter, step: RequestEvent, reader: Addressee) -> str:
    """The step in one sentence, for whoever wrote."""
    request = matter.request
    number, before = request.id, desk_before(matter.steps, step, request)
    who, yours = f"{who_made(matter, step)}, {of_team(before, request.departement)},", f"votre demande n° {number}"
    match step.move:
        case Move.OPEN:
            return f"Votre demande est enregistrée sous le n° {number}."
        case Move.ANSWER:
            return f"{who} répond à {yours} :"
        case Move.ASK:
            return f"{who} a besoin d’une précision pour répondre à {yours} :"
        case Move.HAND_BACK:
            return f"Votre demande n° {number} est transmise : {_now_with(matter, WhichDesk.LOCAL)}."
        case Move.ESCALATE:
            return f"Votre demande n° {number} est transmise : {_now_with(matter, WhichDesk.NATIONAL)}."
        case Move.CLIMB:
            return (
                f"Le délai annoncé pour votre demande n° {number} est dépassé, et nous nous en excusons. "
                "L’équipe nationale la traite désormais."
            )
        case Move.OPEN_TICKET:
            return f"L’équipe technique est saisie pour {yours}."
        case Move.CHANGE_TICKET:
            return f"{technical_team(step) or 'L’équipe technique avance'} pour {yours}."
        case Move.HOLD_EXCHANGE:
            return f"{who} rend compte de l’échange téléphonique pour {yours} :"
        case Move.MERGE:
            into = request.merged_into
            return (
                f"Votre demande n° {number} est réunie avec la demande n° {into}, qui porte sur le même sujet : "
                "la réponse vous parviendra."
            )
        case Move.CLOSE:
            return f"{who} a clos {yours}{', résolue' if step.data.get('solved') else ', sans solution'}."
        case Move.WITHDRAW:
            return f"Votre demande n° {number} a été retirée dans votre département."
        case Move.REOPEN:
            return f"{who} a rouvert {yours}."
        case _:
            return about_exchange(matter, step, reader, matter.exchange(step))


def _now_with(matter: Matter, desk: WhichDesk) -> str:
    has = team(desk, matter.request.departement)
    return f"{has} la traite{'nt' if has.startswith('les ') else ''} désormais"
