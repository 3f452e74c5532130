"""The words of requests: states, moves and promises as people read them, and the table that tells who does what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from records.desks.accounts import Account
from support.requests.request import Request, parties_of
from support.requests.states import (
    MOVES,
    PROMISES,
    REOPENED_WITHIN_DAYS,
    Move,
    Party,
    Promise,
    RequestState,
    Rule,
    TicketKind,
    TicketState,
    WhichDesk,
)

STATES: Mapping[RequestState, str] = {
    RequestState.OPEN: "À prendre en charge",
    RequestState.TAKEN: "Prise en charge",
    RequestState.WAITING: "Attend une précision",
    RequestState.PLANNED: "Échange planifié",
    RequestState.TECHNICAL: "Ticket technique",
    RequestState.CLOSED: "Close",
}
BADGES: Mapping[RequestState, str] = {
    RequestState.OPEN: "new",
    RequestState.TAKEN: "info",
    RequestState.WAITING: "warning",
    RequestState.PLANNED: "info",
    RequestState.TECHNICAL: "info",
    RequestState.CLOSED: "success",
}
DESKS: Mapping[WhichDesk, str] = {
    WhichDesk.LOCAL: "niveau 1 (référents du département)",
    WhichDesk.NATIONAL: "niveau 2 (équipe nationale)",
}
MOVE_LABELS: Mapping[Move, str] = {
    Move.OPEN: "Ouvrir la demande",
    Move.COMPLETE: "Compléter la demande",
    Move.TAKE: "S’en occuper",
    Move.ASSIGN: "Attribuer à un collègue",
    Move.ANSWER: "Répondre",
    Move.ASK: "Demander une précision",
    Move.ADD: "Ajouter une précision",
    Move.CONFIRM: "Confirmer le motif",
    Move.RECLASSIFY: "Changer le motif",
    Move.HAND_BACK: "Rendre au niveau 1",
    Move.ESCALATE: "Confier au niveau 2",
    Move.CLIMB: "Passer au niveau 2, le délai étant dépassé",
    Move.PLAN: "Planifier un échange téléphonique, ou le déplacer",
    Move.CANCEL_EXCHANGE: "Annuler l’échange téléphonique",
    Move.HOLD_EXCHANGE: "Rendre compte de l’échange téléphonique",
    Move.OPEN_TICKET: "Ouvrir un ticket technique",
    Move.CHANGE_TICKET: "Suivre le ticket technique",
    Move.LINK: "Relier à un appel",
    Move.MERGE: "Réunir avec une autre demande",
    Move.CLOSE: "Clore, avec un résultat",
    Move.WITHDRAW: "Retirer la demande",
    Move.REOPEN: "Rouvrir la demande",
    Move.RATE: "Donner un avis",
}
STEPS: Mapping[Move, str] = {
    Move.OPEN: "Demande ouverte",
    Move.COMPLETE: "Demande complétée",
    Move.TAKE: "Prise en charge",
    Move.ASSIGN: "Attribuée",
    Move.ANSWER: "Réponse",
    Move.ASK: "Précision demandée",
    Move.ADD: "Précision",
    Move.CONFIRM: "Motif confirmé",
    Move.RECLASSIFY: "Motif changé",
    Move.HAND_BACK: "Rendue au niveau 1",
    Move.ESCALATE: "Confiée au niveau 2",
    Move.CLIMB: "Passée au niveau 2, le délai étant dépassé",
    Move.PLAN: "Échange téléphonique proposé",
    Move.CANCEL_EXCHANGE: "Échange téléphonique annulé",
    Move.HOLD_EXCHANGE: "Échange téléphonique tenu",
    Move.OPEN_TICKET: "Ticket technique ouvert",
    Move.CHANGE_TICKET: "Ticket technique",
    Move.LINK: "Reliée à un appel",
    Move.MERGE: "Réunie avec une autre demande",
    Move.CLOSE: "Close",
    Move.WITHDRAW: "Retirée",
    Move.REOPEN: "Rouverte",
    Move.RATE: "Avis donné",
}
"""A step of the history, in two or three words."""
CHANNELS: Mapping[str, str] = {"phone": "Appel", "form": "Formulaire", "mail": "Courriel"}
SENDERS: Mapping[str, str] = {"user": "Utilisateur", "referent": "Référent"}
_TEAMS: Mapping[WhichDesk, tuple[str, str]] = {
    WhichDesk.LOCAL: ("Les référents du département", "vont"), WhichDesk.NATIONAL: ("L’équipe nationale", "va"),
}  # fmt: skip
TICKET_KINDS: Mapping[TicketKind, str] = {
    TicketKind.INCIDENT: "Incident",
    TicketKind.EVOLUTION: "Évolution",
    TicketKind.INTERVENTION: "Intervention",
}
TICKET_STATES: Mapping[TicketState, str] = {
    TicketState.NEW: "Nouveau",
    TicketState.IN_PROGRESS: "En cours",
    TicketState.RESOLVED: "Résolu",
    TicketState.REFUSED: "Refusé",
}
_ASKING = "qui a posé la demande"
_WORKING = {WhichDesk.LOCAL: "les référents du département", WhichDesk.NATIONAL: "l’équipe nationale"}
MOVE_HEADINGS = ("Geste", "Au niveau 2", "Au niveau 1", "Quand la demande est", "Elle devient")
STATE_HEADINGS = ("État", "Ce qui est promis", "Délai")


def say_promise(promise: Promise | None) -> tuple[str, str]:
    """What is promised, and within which time."""
    if promise is None:
        return "—", "—"
    if promise.open_days is None:
        return promise.what, "au jour et à l’heure convenus"
    return promise.what, f"{promise.open_days} jours ouvrés" if promise.open_days > 1 else "1 jour ouvré"


def say_awaited(asked: Request) -> str:
    """What is promised next, of the feminine kind; who has been answered waits for what follows."""
    if asked.state is RequestState.TAKEN and asked.first_answer_at is not None:
        return "suite"
    promise = PROMISES[asked.state]
    return promise.what if promise else ""


def say_where(asked: Request, reader: Account, names: Mapping[str, str]) -> str:
    """« Où en est ma demande », in one sentence for its reader; `names` of accounts by their addresses."""
    where = _place(asked, reader)
    if asked.owner is None or asked.state is RequestState.CLOSED:
        return where
    name = names.get(asked.owner, asked.owner)
    owner = "vous vous en occupez" if asked.owner == reader.email else f"{name} s’en occupe"
    return f"{where}, {owner}" if where else owner[0].upper() + owner[1:]


def _place(asked: Request, reader: Account) -> str:
    """Where the request is, without its owner; nothing where the owner says it all."""
    match asked.state:
        case RequestState.CLOSED if asked.merged_into is not None:
            return f"Réunie avec la demande n° {asked.merged_into}"
        case RequestState.CLOSED:
            return "Retirée" if asked.is_withdrawn else "Close, avec un résultat"
        case RequestState.OPEN:
            return _to_take(asked, reader)
        case RequestState.WAITING:
            return _awaited_by(asked, reader)
        case RequestState.PLANNED:
            return "Échange téléphonique planifié"
        case RequestState.TECHNICAL:
            return "Chez l’équipe technique : un ticket est ouvert"
        case _:
            return ""


def _to_take(asked: Request, reader: Account) -> str:
    is_of_call_at_local = asked.desk is WhichDesk.LOCAL and not asked.is_written
    if Party.DESK in parties_of(asked, reader):
        return "Rendue à votre équipe : à prendre en charge" if is_of_call_at_local else "À prendre en charge"
    team, will = _TEAMS[asked.desk]
    return "Rendue aux référents du département" if is_of_call_at_local else f"{team} {will} la prendre en charge"


def _awaited_by(asked: Request, reader: Account) -> str:
    parties = parties_of(asked, reader)
    if Party.ASKER in parties and Party.DESK not in parties:
        plural = "attendent" if asked.desk is WhichDesk.LOCAL else "attend"
        return f"{_TEAMS[asked.desk][0]} {plural} votre précision"
    return f"Attend une précision {'de la personne qui a écrit' if asked.is_written else 'du référent'}"


def state_rows() -> list[tuple[str, ...]]:
    """Each state and its promise."""
    return [(STATES[state], *say_promise(promise)) for state, promise in PROMISES.items()]


def move_rows() -> list[tuple[str, ...]]:
    """Each move: who may make it at either desk, from which states, and where it leads."""
    return [
        (MOVE_LABELS[move], _who(rule, WhichDesk.NATIONAL), _who(rule, WhichDesk.LOCAL), _from(rule), _to(rule))
        for move, rule in MOVES.items()
    ]


def _who(rule: Rule, desk: WhichDesk) -> str:
    if rule.at not in {None, desk}:
        return "—"
    said = {Party.ASKER: _ASKING, Party.DESK: _WORKING[desk], Party.SERVICE: "le service, de lui-même"}
    return " ou ".join(said[party] for party in Party if party in rule.by)


def _from(rule: Rule) -> str:
    if rule.frm == frozenset(RequestState) - {RequestState.CLOSED}:
        return "ouverte, quel que soit son état"
    return " ou ".join(f"« {STATES[state]} »" for state in RequestState if state in rule.frm)


def _to(rule: Rule) -> str:
    where = f", au {DESKS[rule.desk]}" if rule.desk else ""
    if rule.to is not None:
        return f"« {STATES[rule.to]} »{where}"
    if not rule.to_when:
        return "(ne change pas)"
    before = " ou ".join(f"« {STATES[state]} »" for state in rule.to_when)
    [after] = set(rule.to_when.values())
    return f"« {STATES[after]} » si elle était {before}"


NOTES = (
    "Les jours ouvrés et les délais sont comptés aux heures d’ouverture de l’équipe nationale.",
    "Quand le ticket technique est résolu ou refusé, une demande « Ticket technique » redevient « Prise en charge ».",
    f"Une demande close se rouvre pendant {REOPENED_WITHIN_DAYS} jours.",
    "Clore, retirer ou rendre une demande annule l’échange téléphonique qui était planifié.",
)


def markdown() -> str:
    """The same tables for docs/requests.md."""
    parts = [_table(STATE_HEADINGS, state_rows()), _table(MOVE_HEADINGS, move_rows())]
    return "\n".join([*parts, *(f"- {note}" for note in NOTES), ""])


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
