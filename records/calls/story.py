"""One call told as a story, in French: what was heard and pressed, who was tried and why, what came of it.

Pure: the sentences of the prompts are handed in, and numbers are masked before they are told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from records.calls.call_facts import CallFacts, happened, moment, objects, seconds, text, word
from records.facts import (
    AbsenceReason,
    AnsweredBy,
    AttemptResult,
    CallRow,
    Fact,
    FactKind,
    GivenBy,
    LegStatus,
    Outcome,
    Source,
)

Say = Callable[[str], str]
"""The French sentence of a prompt's name."""

Mask = Callable[[str], str]
"""A number as a reader may see it: `06 39 •• •• 34`."""


class StoryLine(NamedTuple):
    """One line of the story: when (UTC) and what."""

    at: datetime
    sentence: str


OUTCOMES = {
    Outcome.IN_PROGRESS: "L’appel est en cours.",
    Outcome.ANSWERED: "Le référent a pris l’appel.",
    Outcome.MESSAGE: "L’appelant a laissé un message.",
    Outcome.CALLBACK: "L’appelant demande à être rappelé.",
    Outcome.ABSENCE: "L’appelant a entendu le message d’absence et a raccroché.",
    Outcome.ABANDONED_RINGING: "L’appelant a raccroché pendant la sonnerie.",
    Outcome.ABANDONED_MENU: "L’appelant a raccroché avant toute sonnerie.",
    Outcome.MISSED: "Appel connu par le seul journal de l’opérateur : personne n’a répondu.",
}
RESULTS = {
    AttemptResult.ACCEPTED: "a pris l’appel",
    AttemptResult.NO_ANSWER: "n’a pas répondu",
    AttemptResult.BUSY: "était en ligne",
    AttemptResult.REFUSED: "a décroché, non pris",
    AttemptResult.FAILED: "n’a pas pu être joint (numéro en échec)",
    AttemptResult.CANCELED: "a cessé de sonner (appel pris par un autre ou appelant parti)",
    None: "sonne",
}
REASONS = {
    AbsenceReason.CLOSED: "hors des horaires, ou fermeture",
    AbsenceReason.HOLIDAY: "jour férié",
    AbsenceReason.AWAY: "absence déclarée",
    AbsenceReason.NO_ANSWER: "personne n’a répondu",
    AbsenceReason.BUSY: "ligne occupée",
    AbsenceReason.REFUSED: "décroché, non pris",
    AbsenceReason.FAILED: "numéro en échec",
    AbsenceReason.NO_REFERENT: "personne à faire sonner",
}
DESKS = {
    AnsweredBy.LOCAL: "le SIAO du département",
    AnsweredBy.NATIONAL: "l’équipe nationale",
    AnsweredBy.OVERFLOW: "un autre SIAO, en débordement",
}
_GIVEN = {
    GivenBy.KEYPAD: "tapé au clavier",
    GivenBy.SPEECH: "dit à la voix",
    GivenBy.MEMORY: "repris du dernier appel",
}
_ENDS = {
    LegStatus.COMPLETED: "s’est terminé",
    LegStatus.BUSY: "était occupé",
    LegStatus.NO_ANSWER: "n’a pas répondu",
    LegStatus.FAILED: "a échoué",
    LegStatus.CANCELED: "a été annulé",
}
_ORDER = (
    FactKind.ARRIVED,
    FactKind.RANG_RUNG,
    FactKind.LEG_STARTED,
    FactKind.LEG_RINGING,
    FactKind.LEG_ANSWERED,
    FactKind.PICKED_UP,
    FactKind.ACCEPTED,
    FactKind.REFUSED,
    FactKind.LEG_ENDED,
    FactKind.RING_ENDED,
    FactKind.MESSAGE_LEFT,
    FactKind.RECORDING_READY,
    FactKind.PRESSED,
    FactKind.SPOKE,
    FactKind.SILENT,
    FactKind.CALLBACK_ASKED,
    FactKind.CALLBACK_TYPED,
    FactKind.CALLBACK_CONFIRMED,
    FactKind.CALLBACK_DENIED,
    FactKind.DEPARTEMENT_GIVEN,
    FactKind.PLANNED,
    FactKind.LED_OUT,
    FactKind.APOLOGISED,
    FactKind.ABSENCE_SAID,
    FactKind.SAID,
)
"""How the facts of one document follow one another: what happened, what it meant, what was said."""

_LAST = frozenset({FactKind.ENDED, FactKind.LOGGED})
_LED_OUT = {
    "documents": "L’appel a demandé trop de pages : il a été conduit à sa fin.",
    "loop": "L’appel revenait d’une de nos propres lignes : il a été arrêté.",
    "redial": "L’appelant rappelle sans fin : il a été conduit à l’absence.",
    "withheld": "Trop d’appels masqués sans suite vers ces personnes : l’appelant a été conduit à l’absence.",
    "full": "Trop d’appels sonnaient déjà chez ces personnes : l’appelant a été conduit à l’absence.",
}


def tell(row: CallRow, facts: Iterable[Fact], *, say: Say, mask: Mask) -> list[StoryLine]:
    """The story of a call, oldest moment first, its outcome last."""
    call = CallFacts(row.call_id, facts)
    teller = _Teller(call, row, say, mask)
    ordered = sorted(call.facts, key=_place)
    lines = [StoryLine(_when(fact), sentence) for fact in ordered for sentence in teller.sentences(fact)]
    return [*lines, *_conclusion(row, lines)]


def _when(fact: Fact) -> datetime:
    """To the second, as the operator tells its own moments."""
    logged = moment(fact.data.get("ended")) if fact.kind is FactKind.LOGGED else None
    return (logged or happened(fact)).replace(microsecond=0)


def _place(fact: Fact) -> tuple[datetime, bool, int, int]:
    """Where a fact stands in the story: by its second, then by its document, then as things follow one another."""
    return _when(fact), fact.kind in _LAST, fact.n, _ORDER.index(fact.kind) if fact.kind in _ORDER else len(_ORDER)


def _conclusion(row: CallRow, lines: list[StoryLine]) -> list[StoryLine]:
    at = max([line.at for line in lines] + [row.ended_at or row.started_at])
    sentences = [OUTCOMES[row.outcome]]
    if row.absence_reason is not None:
        sentences.append(f"Motif : {REASONS[row.absence_reason]}.")
    sentences += [f"{_person(one.referent)} {RESULTS[one.result]}." for one in row.attempts]
    figures = (("attente", row.wait_seconds), ("conversation", row.talk_seconds), ("en tout", row.total_seconds))
    known = [f"{name} {value} s" for name, value in figures if value is not None]
    if known:
        sentences.append(f"Durées : {', '.join(known)}.")
    if row.source is Source.RECONCILIATION:
        sentences.append("Reconstitué d’après le journal de l’opérateur.")
    return [StoryLine(at, sentence) for sentence in sentences]


def _person(name: str | None) -> str:
    return name or "Une personne inconnue de l’annuaire"


class _Teller:
    """Says each fact of one call; a fact that adds nothing for a reader gives no sentence."""

    def __init__(self, call: CallFacts, row: CallRow, say: Say, mask: Mask) -> None:
        self._say = say
        self._mask = mask
        self._talks = _talks(call, row)
        people = [one for fact in call.all(FactKind.RANG_RUNG) for one in objects(fact.data.get("people"))]
        self._names = {text(one.get("id")): text(one.get("name")) for one in people}

    def sentences(self, fact: Fact) -> list[str]:
        """What a fact tells a reader."""
        match fact.kind:
            case FactKind.ARRIVED:
                return [self._arrival(fact)]
            case FactKind.SAID:
                return self._heard(fact)
            case FactKind.PRESSED:
                return [f"L’appelant tape {fact.data.get('keys')}."]
            case FactKind.SPOKE:
                return [f"L’appelant dit : « {fact.data.get('text')} »{_confidence(fact)}."]
            case FactKind.SILENT:
                return ["L’appelant ne répond pas."]
            case FactKind.DEPARTEMENT_GIVEN:
                return [_departement(fact)]
            case FactKind.PLANNED:
                return self._plan(fact)
            case FactKind.RANG_RUNG:
                return [self._rang(fact)]
            case FactKind.RING_ENDED:
                return [self._ring_end(fact)]
            case FactKind.ABSENCE_SAID:
                reason = word(AbsenceReason, fact.data.get("reason"))
                return [f"Message d’absence{f' ({REASONS[reason]})' if reason else ''}."]
            case FactKind.LED_OUT:
                return [_LED_OUT.get(str(fact.data.get("why")), "L’appel a été conduit à sa fin.")]
            case FactKind.APOLOGISED:
                return [self._apology(fact)]
            case FactKind.ENDED:
                return [f"Fin de l’appel chez l’opérateur{_lasted(fact)}."]
            case FactKind.LOGGED:
                return [f"Le journal de l’opérateur fait foi de ce qui manquait{_lasted(fact)}."]
            case FactKind.CALLBACK_ASKED | FactKind.CALLBACK_TYPED | FactKind.CALLBACK_CONFIRMED:
                return [self._callback(fact)]
            case FactKind.CALLBACK_DENIED:
                return ["L’appelant veut être rappelé à un autre numéro."]
            case FactKind.MESSAGE_LEFT:
                return [f"L’appelant laisse un message{_lasted(fact)}."]
            case FactKind.RECORDING_READY:
                return [f"L’enregistrement est prêt{_lasted(fact)}."]
            case FactKind.RECORDING_SILENT:
                return ["L’enregistrement ne contient aucun son."]
            case _:
                return self._leg(fact)

    def _arrival(self, fact: Fact) -> str:
        caller = text(fact.data.get("caller"))
        who = f"Appel du {self._mask(caller)}" if caller else "Appel d’un numéro masqué"
        version = fact.data.get("version")
        return f"{who}." if version is None else f"{who}. Annuaire : version {version}."

    def _heard(self, fact: Fact) -> list[str]:
        prompts = fact.data.get("prompts")
        heard = [self._say(one) for one in prompts if isinstance(one, str)] if isinstance(prompts, list) else []
        listener = self._name(fact.who) if fact.who else "L’appelant"
        return [f"{listener} entend : « {' '.join(heard)} »"] if heard else []

    def _apology(self, fact: Fact) -> str:
        told = f"Erreur de notre service ({fact.data.get('error')})"
        if fact.who:
            return f"{told} : {self._name(fact.who)} a eu l’appelant sans annonce."
        return f"{told} : l’appelant a entendu nos excuses."

    def _plan(self, fact: Fact) -> list[str]:
        desk = word(AnsweredBy, fact.data.get("desk"))
        reason = word(AbsenceReason, fact.data.get("reason"))
        because = fact.data.get("because")
        rules = [one for one in because if isinstance(one, str)] if isinstance(because, list) else []
        who = DESKS[desk] if desk else "le plan"
        what = f"personne ne sonne ({REASONS[reason]})" if reason else f"c’est {who} qui sonne"
        return [
            f"Plan d’appel, annuaire version {fact.data.get('version', 0)} : {what}.",
            *(f"Règle : {r}" for r in rules),
        ]

    def _rang(self, fact: Fact) -> str:
        people = [
            f"{_person(text(one.get('name')))} ({self._number(text(one.get('phone')))})"
            for one in objects(fact.data.get("people"))
        ]
        return f"On fait sonner {' et '.join(people)}."

    def _ring_end(self, fact: Fact) -> str:
        """How the ringing ended; a talk lasts as the row says, without the whisper (decision 29)."""
        if fact.data.get("bridged") is True or fact.n in self._talks:
            return f"Conversation terminée{_in_seconds(self._talks.get(fact.n))}."
        if fact.data.get("caller_gone") is True:
            return "L’appelant a raccroché."
        return "Personne n’a pris l’appel."

    def _callback(self, fact: Fact) -> str:
        if fact.kind is FactKind.CALLBACK_CONFIRMED:
            return "L’appelant confirme le numéro."
        number = text(fact.data.get("number"))
        return f"Rappel demandé au {self._mask(number)}." if number else "Rappel demandé, numéro à taper."

    def _leg(self, fact: Fact) -> list[str]:
        name = self._name(fact.who)
        match fact.kind:
            case FactKind.LEG_RINGING:
                return [f"Le téléphone sonne chez {name}."]
            case FactKind.PICKED_UP:
                return [f"On décroche chez {name} : la ligne et le département sont annoncés."]
            case FactKind.ACCEPTED:
                return [f"{name} tape 1 et prend l’appel."]
            case FactKind.REFUSED:
                keys = text(fact.data.get("keys"))
                return [f"{name} {f'tape {keys}' if keys else 'ne tape rien'} : décroché, non pris."]
            case FactKind.LEG_ENDED:
                status = word(LegStatus, fact.data.get("status"))
                return [f"L’appel vers {name} {_ENDS[status] if status else 'a pris fin'}{_lasted(fact)}."]
            case _:
                return []

    def _number(self, phone: str | None) -> str:
        return self._mask(phone) if phone else "numéro inconnu"

    def _name(self, who: str) -> str:
        return _person(self._names.get(who))


def _talks(call: CallFacts, row: CallRow) -> dict[int, int | None]:
    """The row's talk by the rang that took the call: the last one bridged, or else accepted by who took it."""
    bridged = [fact.n for fact in call.all(FactKind.RING_ENDED) if fact.data.get("bridged") is True]
    accepted = [fact.n for fact in call.all(FactKind.ACCEPTED) if fact.who == row.referent_id]
    taken = bridged or (accepted if row.outcome is Outcome.ANSWERED else [])
    return {taken[-1]: row.talk_seconds} if taken else {}


def _confidence(fact: Fact) -> str:
    value = fact.data.get("confidence")
    return f" (reconnu à {round(value * 100)} %)" if isinstance(value, float) else ""


def _departement(fact: Fact) -> str:
    code, by = text(fact.data.get("departement")), word(GivenBy, fact.data.get("by"))
    if code is None:
        return "L’appelant revient au choix du département."
    return f"Département {code}{f', {_GIVEN[by]}' if by else ''}."


def _lasted(fact: Fact) -> str:
    return _in_seconds(seconds(fact.data.get("seconds")))


def _in_seconds(lasted: int | None) -> str:
    return f" ({lasted} s)" if lasted else ""
