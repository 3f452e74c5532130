"""Of an old mail it is kept that it left, and nothing by which somebody who has an address finds it again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b, sha256

import pytest
from sqlalchemy import select

from records.database import Engine, open_database, reading, writing
from records.mail import Mail, key_of
from records.outbox import Owed, Thing, owe, owe_mail, settle, take
from records.privacy.portions import Cut
from records.privacy.steps import STEPS
from records.schema.tables import deliveries, metadata
from support.inbound.deciding import Pointed
from support.inbound.letters import write_pointer
from support.inbound.taking import forget_mails
from tests.service.directories import MOMENT
from voicemail.notices import Task, TaskKind
from voicemail.store import owe_notices

WHO = "lea@asso.example"
LATER = MOMENT + timedelta(days=91)
NOTICE = Task("CA1", TaskKind.MESSAGE, "93", MOMENT)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = open_database(database_url)
    metadata.create_all(made)
    yield made
    made.dispose()


def owe_all(engine: Engine) -> list[bool]:
    """A mail of each shape of key; whether those that say so were owed for the first time."""
    digest = sha256(WHO.encode()).hexdigest()[:16]
    report = Mail(WHO, "Bilan", "…", key_of("monthly|2026-11", WHO))
    pointer = write_pointer(Pointed.NEW, WHO, None, "https://svi.example", "2026-W50")
    away = Thing(Owed.AWAY, f"away:7:{digest}:{MOMENT.isoformat()}", f"7:{digest}", WHO, text="paul@siao.example")
    with writing(engine) as connection:
        owe_notices(connection, NOTICE, [WHO], MOMENT)
        return [
            owe_mail(connection, Owed.REPORT, "2026-11", report, MOMENT),
            owe_mail(connection, Owed.INBOUND, Pointed.NEW, pointer, MOMENT),
            owe(connection, away, MOMENT),
        ]


def leave(engine: Engine) -> None:
    with writing(engine) as connection:
        for kind in Owed:
            for one in take(connection, kind, MOMENT):
                settle(connection, one, MOMENT)


def shown(engine: Engine) -> str:
    with reading(engine) as connection:
        return "\n".join(map(str, connection.execute(select(deliveries).order_by(deliveries.c.id))))


def prints() -> list[str]:
    return [WHO, sha256(WHO.encode()).hexdigest()[:16], blake2b(WHO.encode(), digest_size=12).hexdigest()]


def test_no_address_and_no_digest_of_one_is_left_and_nobody_is_told_twice(engine: Engine) -> None:
    assert owe_all(engine) == [True] * 3
    leave(engine)
    assert owe_all(engine) == [False] * 3
    assert [one for one in prints() if one in shown(engine)] != []
    [step], cut = STEPS["mails"], Cut(LATER - timedelta(days=90), LATER, lambda number: number)
    assert list(step.portions(engine, cut)) == [4]
    assert [one for one in prints() if one in shown(engine)] == []
    assert "told:message:CA1" in shown(engine)
    assert list(step.portions(engine, cut)) == []
    with writing(engine) as connection:
        owe_notices(connection, NOTICE, [WHO], LATER)
    assert WHO not in shown(engine)


def test_who_was_told_how_to_write_is_forgotten_after_a_month_with_the_digest(engine: Engine) -> None:
    with writing(engine) as connection:
        pointer = write_pointer(Pointed.NEW, WHO, None, "https://svi.example", "2026-W50")
        owe_mail(connection, Owed.INBOUND, Pointed.NEW, pointer, MOMENT)
    leave(engine)
    forget_mails(engine, MOMENT + timedelta(days=29))
    assert WHO in shown(engine)
    forget_mails(engine, MOMENT + timedelta(days=31))
    assert [one for one in prints() if one in shown(engine)] == []
