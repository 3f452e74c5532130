"""A request that Zoé wrote from La Réunion, without an account, and the post that tells her of it."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine

from records.database import reading, writing
from support.following.links import request_followed
from support.following.posting import SenderPost
from support.requests.states import Move
from support.requests.store import add_request
from tests.support.house import Clock
from tests.support.requests.matters import SECRET, TEAM, Matters

ZOE = "zoe.martin@chrs.example"
SITE = "https://svi.example"
LINK = re.compile(r"https://svi\.example/demande/suivi/([\w-]+)")


def written_matters(engine: Engine, reply_box: str = "") -> Matters:
    """The people of `Matters`, and letters to whoever wrote."""
    return Matters(engine, Clock(), senders=SenderPost(SECRET, SITE, 90, reply_box, TEAM))


def wrote(matters: Matters, **given: Any) -> int:
    """A new request by Zoé's form, on its first desk."""
    row = {
        "channel": "form", "sender": "user", "reply_to": ZOE, "created_by": ZOE, "nom": "Martin", "prenom": "Zoé",
        "profil": "gestionnaire_local", "route": "niveau-1", "desk": "local",
        "subject": "Mot de passe perdu", "description": "Rappelez-moi au 06 39 98 00 11 :\nl’écran reste blanc.",
    } | given  # fmt: skip
    number = _row(matters, row)
    matters.step(number, Move.OPEN, ZOE, str(row["description"]), desk=row["desk"], rule=row["route"])
    return number


def _row(matters: Matters, row: dict[str, Any]) -> int:
    """The line of a request whose first step says its desk, as `file_request` writes it."""
    base = {
        "departement": "974", "version": 1, "thematique": "Accès", "motif": "Compte", "niveau": "1",
        "sous_motif": "Mot de passe oublié", "state": "open", "created_at": matters.clock(),
    }  # fmt: skip
    with writing(matters.engine) as connection:
        number = add_request(connection, base | row)
    assert number
    return number


def opens(matters: Matters, text: str) -> int | None:
    """The request that the link in a text opens now."""
    found = LINK.search(text)
    assert found
    with reading(matters.engine) as connection:
        asked = request_followed(connection, found[1], matters.clock())
    return asked.id if asked else None
