"""What level 2 would have done about invented calls: requests opened, taken, answered, closed in its open hours.

The verbs do it, at moments drawn by the seed; no mail ever tells of these steps.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from records import outbox
from records.database import Connection, Engine
from records.desks.accounts import Account, colleagues
from records.desks.acting import Acting
from records.desks.untold_steps import TOLD_OF
from records.outbox import Owed, Thing
from records.wording import Wording, fold_words
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days
from support.requests import working
from support.requests.request import Request
from support.requests.states import TicketKind
from support.requests.store import events_of, read_request

STILL_OPEN = 10
"""The newest requests are still worked on, in every state, and were asked within the last week."""
ADDRESS = "{name}@siao-{code}.example"
"""Whose calls they were, where a département has no account."""

_PROBLEMS = (
    "La page reste blanche après la connexion, sur deux postes et deux navigateurs.",
    "Le message « une erreur est survenue » s’affiche à l’enregistrement de l’évaluation.",
    "La demande n’apparaît plus dans la liste alors qu’elle a été transmise hier.",
    "Le ménage figure deux fois ; la fusion est refusée sans explication.",
    "L’export s’arrête à la moitié des lignes.",
    "Le courriel de réinitialisation n’arrive pas, les indésirables ont été vérifiés.",
)
_ANSWERS = (
    "Le droit manquait sur le profil : il est rétabli. Demandez une nouvelle connexion.",
    "La donnée est corrigée de notre côté. La page se recharge normalement.",
    "C’est le fonctionnement prévu : la marche à suivre est dans le guide, page « Demandes ».",
    "Videz le cache du navigateur, puis reconnectez-vous : la nouvelle version s’affiche.",
)
_QUESTIONS = ("Depuis quel jour, et avec quel navigateur ?", "Quel est le numéro de la demande concernée ?")
_DETAILS = ("Depuis lundi, avec Firefox.", "Il s’agit de la demande 104-77, du même SIAO.")


@dataclass(frozen=True, slots=True)
class EscalatedCall:
    """An invented call that a référent (his name) escalated at `at` (UTC)."""

    call_id: str
    referent: str
    departement: str | None
    wording: Wording
    niveau: str
    at: datetime


QUESTION, EXCHANGE, TICKET, ANSWERED = 0.2, 0.35, 0.5, 1.0
"""Up to where a throw means that something is asked back, an exchange planned, a ticket opened, or it is answered."""
LONG_WAITS, SOLVED = 0.1, 0.85
"""Shares."""


class InventedStep(NamedTuple):
    """One step: when (UTC), by whom, and the verb with what it reads."""

    at: datetime
    by: str
    verb: Callable[..., Request]


@dataclass(frozen=True, slots=True)
class InventedDesk:
    """A desk as it works on invented requests: who, when, and the dice that say what happens."""

    engine: Engine
    connection: Connection
    rng: random.Random
    hours: Hours
    until: datetime

    def later(self, moment: datetime, days: int, minutes: int) -> datetime:
        """An open moment, so many open days and at least some of these minutes later."""
        begun = after_open_days(moment, days, self.hours)
        return after_open_days(begun + timedelta(minutes=self.rng.randrange(4, minutes)), 0, self.hours)

    def lately(self, hours: int) -> datetime:
        """An open moment at least so many hours ago."""
        moment = self.until - timedelta(hours=hours)
        while (found := self.later(moment, 0, 170)) > self.until:
            moment -= timedelta(hours=8)
        return found

    def does(self, who: str, at: datetime, number: int, verb: Callable[..., Request], **values: Any) -> None:
        """One move of the request as it stands."""
        asked = read_request(self.connection, number)
        if asked is not None:
            verb(Acting(self.engine, who, at), self.connection, asked, hours=self.hours, **values)


def invent_requests(
    engine: Engine, connection: Connection, escalated: Sequence[EscalatedCall], *, seed: int, hours: Hours,
    until: datetime,
) -> int:  # fmt: skip
    """Open a request for each of these calls, oldest first, and work on it up to `until`; returns how many requests.

    Whoever has an account takes part; without anybody at level 2 the requests stay to be taken.
    """
    rng = random.Random(f"requests/{seed}")  # noqa: S311 - invented data, not a secret
    level_2, team = InventedDesk(engine, connection, rng, hours, until), colleagues(connection, None)
    calls = [call for call in escalated if call.at <= until]
    for place, call in enumerate(reversed(calls[-STILL_OPEN:])):
        _open_still(level_2, call, team, place)
    for call in calls[:-STILL_OPEN]:
        number, asker = _opened(level_2, call, call.at)
        story = _story(level_2, call.at, asker, rng.choice(team).email, way=rng.random()) if team else []
        live(level_2, number, story)
    return len(calls)


def _open_still(level_2: InventedDesk, call: EscalatedCall, team: Sequence[Account], place: int) -> None:
    """A request asked of late, each place in another state: to be taken, asked back, planned, a ticket, answered."""
    at = max(call.at, level_2.lately(hours=3 + 16 * place))
    number, asker = _opened(level_2, call, at)
    way, story = (QUESTION, QUESTION, EXCHANGE, TICKET, ANSWERED)[place % 5], list[InventedStep]()
    if team and place % 5:
        worker = level_2.rng.choice(team).email
        story = _story(level_2, at, asker, worker, way=way, exchange_after=level_2.until)[:2]
    live(level_2, number, story)


def _opened(level_2: InventedDesk, call: EscalatedCall, at: datetime) -> tuple[int, str]:
    """The number of a call's new request, and whoever asks."""
    connection, rng = level_2.connection, level_2.rng
    askers = colleagues(connection, call.departement) if call.departement else []
    asker = rng.choice(askers).email if askers else _address(call)
    number = working.open_for_call(
        Acting(level_2.engine, asker, at), connection, call_id=call.call_id, departement=call.departement,
        wording=call.wording, niveau=call.niveau, description=rng.choice(_PROBLEMS), hours=level_2.hours,
    )  # fmt: skip
    return number, asker


def _address(call: EscalatedCall) -> str:
    name = ".".join(fold_words(call.referent).split())
    return ADDRESS.format(name=name or "siao", code=(call.departement or "00").lower())


def live(level_2: InventedDesk, number: int, story: Sequence[InventedStep]) -> None:
    """The steps of a request that are not still to come; nobody is told of them."""
    for step in story:
        if step.at > level_2.until:
            break
        level_2.does(step.by, step.at, number, step.verb)
    for made in events_of(level_2.connection, number):
        told = Thing(Owed.REQUEST, f"{TOLD_OF}{made.id}", f"{number}:{made.id}")
        outbox.owe(level_2.connection, told, made.at, is_done=True)


def _story(
    level_2: InventedDesk,
    asked_at: datetime,
    asker: str,
    worker: str,
    *,
    way: float,
    exchange_after: datetime | None = None,
) -> list[InventedStep]:
    """What would happen to a request, in order: most are answered within two open days, some wait much longer."""
    rng, later = level_2.rng, level_2.later
    at = later(asked_at, 2 if rng.random() < LONG_WAITS else 0, 200)
    steps = [InventedStep(at, worker, working.take)]
    if way <= QUESTION:
        at = later(at, 0, 60)
        steps.append(InventedStep(at, worker, partial(working.ask, text=rng.choice(_QUESTIONS))))
        at = later(at, rng.choice((0, 1)), 120)
        steps.append(InventedStep(at, asker, partial(working.add, text=rng.choice(_DETAILS))))
    elif way <= EXCHANGE:
        day = later(exchange_after or at, 1, 240).replace(minute=0, second=0, microsecond=0)
        starts = after_open_days(day, 0, level_2.hours)
        steps.append(InventedStep(later(at, 0, 30), worker, partial(working.plan, starts_at=starts, minutes=30)))
        at = starts + timedelta(minutes=35)
        steps.append(InventedStep(at, worker, partial(working.hold_exchange, text=rng.choice(_ANSWERS))))
    elif way <= TICKET:
        at = later(at, 0, 90)
        kind = rng.choice(list(TicketKind))
        steps.append(
            InventedStep(at, worker, partial(working.open_ticket, kind=kind, title="Erreur à l’enregistrement"))
        )
        at = later(at, rng.randrange(1, 9), 240)
        steps.append(InventedStep(at, worker, partial(working.change_ticket, state="resolved")))
    answer = rng.choice(_ANSWERS)
    at = later(at, rng.choices((0, 1, 2, 4), (60, 20, 8, 12))[0], 220)
    steps.append(InventedStep(at, worker, partial(working.answer, text=answer)))
    at = later(at, rng.choice((0, 0, 1, 2)), 240)
    steps.append(InventedStep(at, worker, partial(working.close, text=answer, solved=rng.random() < SOLVED)))
    return steps
