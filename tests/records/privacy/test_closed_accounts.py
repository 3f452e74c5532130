"""An account closed long ago is named nowhere any more but in the trail, which has a period of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from records.database import Engine, open_database, reading, writing
from records.privacy.every_table import every_table
from records.privacy.portions import Cut
from records.privacy.steps import GONE_ACCOUNT, STEPS
from records.schema.desk_tables import accounts, answers, audit, qualifications
from records.schema.migrations import migrate
from records.schema.request_tables import request_events, requests
from tests.service.directories import MOMENT

GONE, STAYS, BESIDE = "lea.martin@siao.example", "paul@siao.example", "marie-lea.martin@siao.example"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    migrate(made)
    yield made
    made.dispose()


def nobody_is_due(engine: Engine, cut: Cut) -> bool:
    with reading(engine) as connection:
        return sum(step.count(connection, cut) for step in STEPS["accounts"]) == 0


def test_every_table_but_the_trail_forgets_it_and_keeps_the_rest(engine: Engine) -> None:
    closed = MOMENT - timedelta(days=400)
    asked = {
        "id": 1, "channel": "phone", "sender": "referent", "departement": "93", "version": 2, "thematique": "T",
        "motif": "M", "sous_motif": "S", "niveau": "2", "reply_to": GONE, "desk": "national", "state": "open",
        "created_at": MOMENT, "created_by": GONE, "owner": STAYS, "subject": "Accès",
        "description": f"Voir avec {GONE.upper()}, pas {BESIDE} ni {GONE}.org.",
    }  # fmt: skip
    step = {"request_id": 1, "at": MOMENT, "by": STAYS, "move": "assign", "text": ""}
    data = {"owner": STAYS, "before": GONE, "after": {"reply_to": [GONE, f"{GONE}, {STAYS}"]}, "n": 1}
    said = {"thematique": "T", "motif": "M", "sous_motif": "S", "version": 1, "at": MOMENT, "by": GONE}
    answer = {**said, "aloud": "", "written": f"Écrivez à {GONE}.", "validated": True}
    comment = {**said, "call_id": "CA1", "niveau": "1", "comment": f"Dit par ｌｅａ.martin@siao.example (« {GONE} »)"}
    people = [
        {"id": 1, "email": GONE, "name": "Léa Martin", "closed_at": closed},
        {"id": 2, "email": STAYS, "name": "Paul", "closed_at": None},
    ]
    with writing(engine) as connection:
        connection.execute(insert(accounts), [
            one | {"role": "national", "created_at": closed, "created_by": STAYS} for one in people
        ])  # fmt: skip
        connection.execute(insert(requests).values(asked))
        connection.execute(insert(request_events).values(step | {"data": json.dumps(data)}))
        connection.execute(insert(answers).values(answer))
        connection.execute(insert(qualifications).values(comment))
        connection.execute(insert(audit).values(at=MOMENT, by=GONE, what="connexion", reference=GONE))
    cut = Cut(MOMENT - timedelta(days=365), MOMENT, lambda number: number)
    assert [list(step.portions(engine, cut)) for step in STEPS["accounts"]] == [[1]]
    assert nobody_is_due(engine, cut)
    with reading(engine) as connection:
        left = {
            (table.name, column.name)
            for table in every_table().values()
            for row in connection.execute(select(table)).mappings()
            for column in table.columns
            if GONE in str(row[column.name]).lower().replace(BESIDE, "").replace(f"{GONE}.org", "")
        }
        kept = connection.execute(select(requests)).one()
        steps = json.loads(connection.scalars(select(request_events.c.data)).one())
        comments = connection.scalars(select(qualifications.c.comment)).one()
    assert left == {("audit", "by"), ("audit", "reference"), ("answers", "written")}
    assert kept.description == f"Voir avec {GONE_ACCOUNT}, pas {BESIDE} ni {GONE}.org."
    assert (kept.owner, kept.created_by, kept.reply_to) == (STAYS, GONE_ACCOUNT, "efface-1@compte.invalid")
    assert steps == {
        "owner": STAYS, "before": GONE_ACCOUNT, "n": 1,
        "after": {"reply_to": [GONE_ACCOUNT, f"{GONE_ACCOUNT}, {STAYS}"]},
    }  # fmt: skip
    assert comments == f"Dit par {GONE_ACCOUNT} (« {GONE_ACCOUNT} »)"
