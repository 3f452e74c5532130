"""Written requests for the tests, as they stand in the table."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from records.database import Connection
from records.schema.request_tables import request_events, requests
from tests.support.house import NOW

PLACE = {"thematique": "Gestion des personnes", "motif": "Ménage", "sous_motif": "Fusionner"}


def write_request(connection: Connection, created: datetime = NOW, **more: Any) -> int:
    """One written request of Paris, local, of level 1; returns its number."""
    values: dict[str, Any] = {
        "channel": "form", "sender": "user", "departement": "75", "version": 1, "subject": "Un ménage en double",
        "description": "D", "niveau": "1", "reply_to": "ana@asso.example", "desk": "local", "state": "open",
        "created_at": created, "created_by": "ana@asso.example", "nom": "Durand", "prenom": "Ana",
        "profil": "utilisateur", "route": "niveau-1", **PLACE,
    }  # fmt: skip
    made = connection.execute(insert(requests).values(**values | more).returning(requests.c.id)).scalar_one()
    return int(made)


def write_step(connection: Connection, number: int, move: str, at: datetime = NOW, by: str = "x", **data: Any) -> None:
    """One step of its history."""
    row = {"request_id": number, "at": at, "by": by, "move": move, "text": "", "data": json.dumps(data)}
    connection.execute(insert(request_events).values(**row))
