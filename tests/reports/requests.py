"""Filling the tables with invented requests, and counting them by hand, by other means than the figures."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, insert

from records.schema.request_tables import request_events, requests
from records.schema.written_tables import avoided_requests
from routing.calendar.hours import read_hours
from routing.calendar.open_time import open_seconds
from routing.departements import departements
from tests.reports.counting import ENTRIES

OFFICE = read_hours("")
Asked = dict[str, Any]


def invent_requests(rng: random.Random, number: int, first: date = date(2026, 9, 1), days: int = 70) -> list[Asked]:
    """Requests of every kind; `steps` is their history, `by` the desk that answered first, None while nobody has."""
    made = []
    for _ in range(number):
        channel = rng.choice(["phone", "form", "form", "mail"])
        created = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(
            minutes=rng.randrange(days * 1440)
        )
        entry, desk = rng.choice(ENTRIES), "national" if channel == "phone" else rng.choice(["local", "national"])
        one: Asked = {
            "channel": channel, "sender": rng.choice(["user", "referent"]), "version": 1, "subject": "Sujet secret",
            "departement": rng.choice(["75", "59", "974", "2A"] if channel != "phone" else ["75", "59", None]),
            "description": "Texte secret", **entry.wording._asdict(), "niveau": rng.choice(["1", "1/2", "2"]),
            "reply_to": "secret@asso.example", "created_by": "secret@asso.example", "nom": "Nomsecret",
            "prenom": "Prénomsecret", "profil": rng.choice(["hebergement", None]), "created_at": created,
            "steps": [("open", {} if channel == "phone" else {"desk": desk})], "by": None,
        }  # fmt: skip
        at = created
        for _ in range(rng.randrange(6)):
            at += timedelta(minutes=rng.randrange(1, 3000))
            desk = _step(rng, one, desk, at)
        one |= {"desk": desk, "state": "closed" if one.get("closed_at") else "open"}
        made.append(one)
    return made


def _step(rng: random.Random, one: Asked, desk: str, at: datetime) -> str:
    """One more step; returns the desk after it."""
    if one.get("closed_at"):
        one.setdefault("rating", rng.choice([None, 1, 4, 5]))
        return desk
    move = rng.choice(["answer", "close", "withdraw", "climb", "hand_back", "escalate", "take"])
    if move == {"local": "hand_back", "national": "escalate"}[desk] or (move, desk) == ("climb", "national"):
        return desk
    data: dict[str, Any] = {}
    if move == "close":
        data = {"solved": rng.random() < 0.6}
        one |= {"closed_at": at, "result": "Résultat secret"}
    if move == "withdraw":
        one["closed_at"] = at
    if move == "take":
        one.setdefault("taken_at", at)
    if move in {"answer", "close"} or (move == "hand_back" and one["channel"] == "phone"):
        one.setdefault("first_answer_at", at)
        one["by"] = one["by"] or desk
    one["steps"].append((move, data))
    return {"hand_back": "local", "escalate": "national", "climb": "national"}.get(move, desk)


def store_requests(connection: Connection, made: Iterable[Asked]) -> None:
    """Write the requests and their steps."""
    for one in made:
        values = {key: value for key, value in one.items() if key not in {"steps", "by"}}
        number = connection.execute(insert(requests).values(**values).returning(requests.c.id)).scalar_one()
        for move, data in one["steps"]:
            row = {"request_id": number, "at": one["created_at"], "by": "x", "move": move, "text": "Texte secret"}
            connection.execute(insert(request_events).values(**row, data=json.dumps(data)))


def store_avoided(connection: Connection, at: Iterable[tuple[datetime, str | None]]) -> None:
    """Write one avoided request for each moment and département, all about the first motif."""
    entry = ENTRIES[0]
    for moment, code in at:
        row = {"at": moment, "departement": code, "profil": "hebergement", "sender": "user", "niveau": entry.niveau}
        connection.execute(insert(avoided_requests).values(**row, **entry.wording._asdict()))


def recount(made: Iterable[Asked], since: date, until: date, code: str | None) -> dict[str, Any]:
    """The same figures, counted from what was invented."""
    zones = {key: each.timezone for key, each in departements().items()}
    kept = [
        one for one in made
        if code in {None, one["departement"]}
        and since <= one["created_at"].astimezone(zones.get(one["departement"] or "75", zones["75"])).date() <= until
    ]  # fmt: skip
    written = [one for one in kept if one["channel"] != "phone" and one["by"]]
    waits = sorted(open_seconds(one["created_at"], one["first_answer_at"], OFFICE) for one in kept if one["by"])
    ratings = [one["rating"] for one in kept if one.get("rating")]
    by_local = sum(one["by"] == "local" for one in written)
    return {
        "recues": len(kept),
        "closes": sum(bool(one.get("closed_at") and one.get("result")) for one in kept),
        "repondues_niveau_1": by_local,
        "taux_niveau_1": by_local / len(written) if written else None,
        "reponse_mediane": median(waits) if waits else None,
        "reponse_p90": waits[-(-9 * len(waits) // 10) - 1] if waits else None,
        "avis": sum(ratings) / len(ratings) if ratings else None,
        "canaux": {name: sum(one["channel"] == name for one in kept) for name in ("phone", "form", "mail")},
        "motifs": Counter((one["thematique"], one["motif"], one["sous_motif"]) for one in kept),
    }
