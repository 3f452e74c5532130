"""What people would have written: invented requests, by form and by mail, from both senders, worked at both desks.

The verbs do it, at moments drawn by the seed, as for those of calls; no mail tells of these steps, and no call changes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from records.database import Connection, Engine
from records.desks.accounts import colleagues
from records.desks.acting import Acting
from records.wording import Entry, fold_words
from routing.calendar.hours import Hours
from routing.calendar.open_time import after_open_days
from routing.requests.table import ANOMALY, DELIVERED, Routed, SentTo, Wrote, route_request
from support.profiles import PROFILES
from support.requests import working
from support.requests.filing import Written, file_request
from support.requests.invented import EscalatedCall, InventedDesk, InventedStep, live
from support.requests.request import Request
from support.requests.states import WhichDesk
from support.requests.verbs import sorting
from support.requests.written.store import add_avoided

WITHIN_DAYS = 90
LATELY = 14
"""The newest requests are still worked on, each in another state; the others are over."""
BY_MAIL, BY_REFERENT, UNCOVERED, LATE, ESCALATED, ASKED_BACK = 0.2, 0.2, 0.05, 0.08, 0.12, 0.2
RATED, SOLVED, MERGED, WITHDRAWN, LINKED = 0.5, 0.9, 0.05, 0.04, 0.1
AVOIDED_FOR_EACH = 0.6
"""Shares."""
PEOPLE = (
    ("Anaïs", "Exemple"), ("Bakary", "Fictif"), ("Chloé", "Essai"), ("Driss", "Modèle"), ("Elsa", "Démo"),
    ("Fatou", "Témoin"), ("Gaël", "Inventé"), ("Hanaé", "Type"), ("Idris", "Exemple"), ("Jeanne", "Fictif"),
)  # fmt: skip
_MATTERS = (
    ("Compte bloqué ce matin", "Je ne peux plus me connecter depuis ce matin, le message parle d’un compte inactif."),
    ("Mot de passe", "Le lien reçu pour changer de mot de passe dit qu’il a expiré."),
    ("Demande introuvable", "La demande transmise la semaine dernière n’apparaît pas dans notre liste."),
    ("Droits d’un collègue", "Un nouveau collègue arrive lundi : comment lui ouvrir les bons droits ?"),
    ("Orientation refusée", "L’orientation revient avec le statut « refusée » sans explication."),
    ("Export incomplet", "L’export du mois s’arrête avant la fin, sur deux postes."),
)
_ANSWERS = (
    "Bonjour,\n\nLe compte est réactivé : demandez un mot de passe depuis la page de connexion.\n\nCordialement,",
    "Bonjour,\n\nLes droits sont ouverts. Déconnectez-vous, puis reconnectez-vous.\n\nCordialement,",
    "Bonjour,\n\nLa marche à suivre est dans le guide, page « Demandes ».\n\nCordialement,",
)
_WORDS = ("Réponse claire, merci.", "", "", "Un peu long.", "")


def invent_written(
    engine: Engine, connection: Connection, calls: Sequence[EscalatedCall], *, number: int, seed: int, hours: Hours,
    until: datetime, entries: Sequence[Entry], departements: Sequence[str],
) -> int:  # fmt: skip
    """Write so many requests of these départements and work on them up to `until`, oldest first; returns how many.

    Some are linked to one of `calls`, some have a double, which is one more. What people found before sending is
    counted as avoided.
    """
    rng = random.Random(f"written/{seed}")  # noqa: S311 - invented data, not a secret
    desk = InventedDesk(engine, connection, rng, hours, until)
    for place in reversed(range(number)):
        age = WITHIN_DAYS * 24 * (place - LATELY) / max(number - LATELY, 1)
        at = desk.lately(hours=int(age) + 7 * 24 if place >= LATELY else 2 + 9 * place)
        asked = _filed(desk, at, rng.choice(entries), rng.choice(departements), place)
        story = _still(desk, asked, place) if place < LATELY else _whole(desk, asked, calls)
        live(desk, asked.id, story)
    add_avoided(connection, [_avoided(desk, entries, departements) for _ in range(int(number * AVOIDED_FOR_EACH))])
    return number


def _filed(desk: InventedDesk, at: datetime, entry: Entry, departement: str, place: int) -> Request:
    """A new request: where the table as delivered sends it; the newest of all are for either desk in turn."""
    rng = desk.rng
    sender = Wrote.REFERENT if rng.random() < BY_REFERENT else Wrote.USER
    prenom, nom = rng.choice(PEOPLE)
    subject, description = rng.choice(_MATTERS)
    email = f"{'.'.join(fold_words(f'{prenom} {nom}').split())}@asso-{departement.lower()}.example"
    channel = "mail" if rng.random() < BY_MAIL else "form"
    routed = route_request(
        DELIVERED, sender=sender, niveau=entry.niveau, thematique=entry.wording.thematique,
        is_covered=rng.random() >= UNCOVERED,
    )  # fmt: skip
    if place < LATELY and place % 2 == 0 and routed.desk is SentTo.NATIONAL and entry.wording.thematique != ANOMALY:
        sender, routed = Wrote.USER, Routed(SentTo.LOCAL, "niveau-1")
    acting = Acting(desk.engine, email, at)
    profile = rng.choice(list(PROFILES))
    written = Written(channel, str(sender), departement, nom, prenom, profile, email, entry, subject, description)
    return file_request(acting, desk.connection, written, routed, hours=desk.hours)


def _worker(desk: InventedDesk, asked: Request, *, national: bool = False) -> str:
    """Somebody of the desk that has it: with an account where there is one."""
    is_local = asked.desk is WhichDesk.LOCAL and not national
    code = asked.departement if is_local else None
    team = colleagues(desk.connection, code)
    return desk.rng.choice(team).email if team else f"siao-{(code or 'national').lower()}@demonstration.example"


def _still(desk: InventedDesk, asked: Request, place: int) -> list[InventedStep]:
    """Of late: to be taken (twice), taken, asked back, answered, climbed or escalated, in turn."""
    rng, at, worker = desk.rng, desk.later(asked.created_at, 0, 60), _worker(desk, asked)
    match place % 7:
        case 0 | 1 | 4:
            return []
        case 2:
            return [InventedStep(at, worker, working.take)]
        case 3:
            return [InventedStep(at, worker, partial(working.ask, text="Depuis quel jour, et quel message exact ?"))]
        case 5:
            answer = partial(working.answer, text=rng.choice(_ANSWERS))
            return [InventedStep(at, worker, sorting.confirm), InventedStep(at, worker, answer)]
        case _:
            return _overdue(asked) or [InventedStep(at, worker, working.take)]


def _overdue(asked: Request) -> list[InventedStep]:
    """It climbs as soon as its promise is over, where it is at the local desk."""
    if asked.desk is not WhichDesk.LOCAL or asked.due_at is None:
        return []
    return [InventedStep(asked.due_at + timedelta(minutes=5), "service", sorting.climb)]


def _whole(desk: InventedDesk, asked: Request, calls: Sequence[EscalatedCall]) -> list[InventedStep]:
    """What happens to a request until it is closed, and rated by some."""
    rng, later, who = desk.rng, desk.later, asked.created_by
    if rng.random() < WITHDRAWN:
        return [InventedStep(later(asked.created_at, 0, 120), who, partial(working.withdraw, solved=True))]
    begun = _doubled(desk, asked) if rng.random() < MERGED else asked.created_at
    steps: list[InventedStep] = _overdue(asked) if rng.random() < LATE else []
    worker = _worker(desk, asked, national=bool(steps))
    at = later(steps[-1].at if steps else begun, 0, 300)
    steps.append(InventedStep(at, worker, sorting.confirm))
    if call := _call_of(calls, asked) if rng.random() < LINKED else None:
        steps.append(InventedStep(at, worker, partial(sorting.link, call_id=call.call_id)))
    if asked.desk is WhichDesk.LOCAL and len(steps) == 1 and rng.random() < ESCALATED:
        at = later(at, 0, 60)
        reason = partial(working.escalate, text="Le droit manque au niveau national.")
        steps.append(InventedStep(at, worker, reason))
        worker = _worker(desk, asked, national=True)
        at = later(at, 0, 400)
    if rng.random() < ASKED_BACK:
        steps.append(InventedStep(at, worker, partial(working.ask, text="Quel message s’affiche exactement ?")))
        at = after_open_days(later(at, 0, 240), 0, desk.hours)
        steps.append(InventedStep(at, who, partial(working.add, text="« Une erreur est survenue », depuis lundi.")))
    answer = rng.choice(_ANSWERS)
    at = later(at, rng.choice((0, 0, 0, 1, 2)), 240)
    steps.append(InventedStep(at, worker, partial(working.answer, text=answer)))
    at = later(at, rng.choice((0, 1)), 240)
    steps.append(InventedStep(at, worker, partial(working.close, text=answer, solved=rng.random() < SOLVED)))
    if rng.random() < RATED:
        rating = rng.choices((1, 2, 3, 4, 5), (4, 6, 15, 35, 40))[0]
        opinion = partial(sorting.rate, rating=rating, text=rng.choice(_WORDS))
        steps.append(InventedStep(at + timedelta(hours=3), who, opinion))
    return steps


def _call_of(calls: Sequence[EscalatedCall], asked: Request) -> EscalatedCall | None:
    """A call of the same département, made before."""
    return next(
        (one for one in calls if one.departement == asked.departement and one.at < asked.created_at), None
    )  # fmt: skip


def _doubled(desk: InventedDesk, asked: Request) -> datetime:
    """The same person writes again within two hours, and the double is merged; returns when."""
    at = after_open_days(asked.created_at + timedelta(minutes=desk.rng.randrange(20, 110)), 0, desk.hours)
    written = Written(
        asked.channel, asked.sender, asked.departement or "", asked.nom or "", asked.prenom or "", asked.profil or "",
        asked.created_by, Entry(asked.niveau, asked.wording), f"Relance : {asked.subject}", asked.description,
    )  # fmt: skip
    routed = Routed(SentTo(asked.desk), asked.route or "")
    double = file_request(Acting(desk.engine, asked.created_by, at), desk.connection, written, routed, hours=desk.hours)
    merged_at = desk.later(at, 0, 45)
    live(desk, double.id, [InventedStep(merged_at, _worker(desk, double), partial(sorting.merge, into=asked.id))])
    return merged_at


def _avoided(desk: InventedDesk, entries: Sequence[Entry], departements: Sequence[str]) -> dict[str, Any]:
    """Somebody who found the answer before sending."""
    rng, entry = desk.rng, desk.rng.choice(entries)
    return {
        "at": desk.until - timedelta(minutes=rng.randrange(WITHIN_DAYS * 24 * 60)),
        "departement": rng.choice(departements), "profil": rng.choice(list(PROFILES)),
        "sender": str(Wrote.REFERENT if rng.random() < BY_REFERENT else Wrote.USER), "niveau": entry.niveau,
        "article_id": None, **entry.wording._asdict(),
    }  # fmt: skip
