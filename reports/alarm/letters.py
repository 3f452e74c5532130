"""What the national team is told of an alarm: what is wrong, since when, what to do; and when it is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from records.mail import Mail, key_of
from reports.alarm.rules import Alarm, AlarmKind
from routing.calendar.words import write_moment
from routing.departements import PARIS, desk_in_mails, timezone_of
from routing.directory.people import Person
from routing.phones import mask_phone
from routing.snapshot import Snapshot

SIGNED = "Assistance téléphonique du SI SIAO"


def begun_letters(alarm: Alarm, snapshot: Snapshot, readers: Iterable[str], site: str) -> list[Mail]:
    """One letter for each reader: the alarm begins."""
    closing = f"Nous vous écrirons de nouveau quand ce sera terminé.\n\n{SIGNED}\n"
    text = f"Bonjour,\n\n{sentence(alarm, snapshot)}\n\nÀ faire : {to_do(alarm, site)}\n\n{closing}"
    return _letters("debut", alarm, _subject(alarm, snapshot), text, readers)


def over_letters(alarm: Alarm, snapshot: Snapshot, readers: Iterable[str], at: datetime) -> list[Mail]:
    """One letter for each reader: the alarm is over."""
    since = f"L’alarme datait du {_moment(alarm.since, alarm, snapshot)}."
    until = f"Elle est levée depuis le {_moment(at, alarm, snapshot)}."
    text = f"Bonjour,\n\n{_over(alarm, snapshot)}\n{since} {until}\n\n{SIGNED}\n"
    return _letters("fin", alarm, f"Rétabli : {_subject(alarm, snapshot)}", text, readers)


def _letters(which: str, alarm: Alarm, subject: str, text: str, readers: Iterable[str]) -> list[Mail]:
    # The key names no telephone number: it is kept longer than the words.
    about, this = f"alarm|{alarm.kind}|{which}", (alarm.key, alarm.since.isoformat())
    return [Mail(to, f"[SI SIAO] {subject}", text, key_of(about, *this, to)) for to in readers]


def sentence(alarm: Alarm, snapshot: Snapshot) -> str:
    """What is wrong, in one or two sentences; numbers are masked."""
    when = _moment(alarm.since, alarm, snapshot)
    match alarm.kind:
        case AlarmKind.NUMBER:
            code = f" (erreur {alarm.error} de l’opérateur)" if alarm.error else ""
            return (
                f"Les {alarm.failed} derniers appels vers le {_number(alarm, snapshot)} ont échoué{code} : "
                f"ce téléphone ne sonne pas. Dernier échec : {when}."
            )
        case AlarmKind.LEGS:
            return (
                f"{alarm.failed} des {alarm.legs} téléphones appelés dans la dernière heure n’ont pas pu être joints "
                f"par l’opérateur ({when})."
            )
        case AlarmKind.SILENCE:
            return (
                f"Aucun appel n’est arrivé depuis le {when}, à une heure d’ouverture où la ligne en reçoit "
                f"d’habitude ({alarm.usual:.0f} en moyenne les quatre dernières semaines)."
            )


def to_do(alarm: Alarm, site: str) -> str:
    """What to do about it, and what callers meet meanwhile."""
    match alarm.kind:
        case AlarmKind.NUMBER:
            return (
                f"vérifier ce numéro dans l’annuaire ({site}/administration/annuaire). S’il est juste, "
                "vérifier chez l’opérateur que les appels vers ce territoire sont autorisés (« svi doctor »).\n"
                "Tant que cela dure, les appelants passent au rang suivant, ou entendent le message d’absence."
            )
        case AlarmKind.LEGS:
            return (
                "regarder l’état de l’opérateur et du compte (« svi doctor ») : crédit, numéro affiché, "
                "destinations autorisées.\nTant que cela dure, les appelants entendent le message d’absence."
            )
        case AlarmKind.SILENCE:
            return (
                "appeler la ligne. Si elle ne répond pas, regarder l’opérateur et le réglage du numéro "
                "(« svi doctor »). Si elle répond, il n’y a peut-être eu personne."
            )


def _over(alarm: Alarm, snapshot: Snapshot) -> str:
    match alarm.kind:
        case AlarmKind.NUMBER if alarm.phone in snapshot.phones():
            return f"Le téléphone du {_number(alarm, snapshot)} sonne de nouveau."
        case AlarmKind.NUMBER:
            return f"Le numéro {mask_phone(alarm.phone)} n’est plus dans l’annuaire."
        case AlarmKind.LEGS:
            return "Les téléphones des référents sonnent de nouveau."
        case AlarmKind.SILENCE:
            return "Des appels arrivent de nouveau."


def _subject(alarm: Alarm, snapshot: Snapshot) -> str:
    match alarm.kind:
        case AlarmKind.NUMBER:
            desks = sorted({desk_in_mails(line.departement) for line in _owners(alarm, snapshot)})
            return f"Téléphone injoignable – {', '.join(desks) or 'annuaire'}"
        case AlarmKind.LEGS:
            return "La moitié des appels vers les référents échouent"
        case AlarmKind.SILENCE:
            return "Aucun appel depuis une heure"


def _number(alarm: Alarm, snapshot: Snapshot) -> str:
    owners = ", ".join(f"{line.name}, {desk_in_mails(line.departement)}" for line in _owners(alarm, snapshot))
    return f"{mask_phone(alarm.phone)} ({owners})" if owners else mask_phone(alarm.phone)


def _owners(alarm: Alarm, snapshot: Snapshot) -> list[Person]:
    return [line for line in snapshot.people if line.phone == alarm.phone]


def _moment(moment: datetime, alarm: Alarm, snapshot: Snapshot) -> str:
    """In the time of the number's own département, else of Paris."""
    codes = {line.departement for line in _owners(alarm, snapshot)} if alarm.phone else set()
    zone = timezone_of(codes.pop()) if len(codes) == 1 else PARIS
    return f"{write_moment(moment, zone)}, heure {'de Paris' if zone == PARIS else 'locale'}"
