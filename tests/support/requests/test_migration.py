"""A database of the version before, with requests in it, is brought up to requests that have states and steps."""

from __future__ import annotations

from datetime import datetime, timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, select, text

import records.schema.migrations
from records.database import Connection, open_database, reading, writing
from records.desks.acting import Acting
from records.outbox import Owed, Thing, owe
from records.schema.migrations import migrate
from records.schema.request_tables import request_events
from records.wording import Entry, Wording
from routing.requests.table import Routed, SentTo
from support.requests import working
from support.requests.filing import Written, file_request
from support.requests.queue import RequestFilters
from support.requests.states import Move, RequestState, WhichDesk
from support.requests.store import events_of, find_requests, read_request
from tests.support.house import NOW

OLD = (
    "insert into requests (id, call_id, departement, version, subject, description, thematique, motif, sous_motif,"
    " reply_to, created_at, created_by, completed_at, closed_at) values (:id, :call, '75', 3, 'Objet', 'Description',"
    " 'T', 'M', 'S', 'camille@siao.example', :at, 'camille@siao.example', null, :closed)"
)
OLD_AT_0007 = (
    "insert into requests (id, departement, version, subject, description, thematique, motif, sous_motif, reply_to,"
    " created_at, created_by, channel, sender, niveau, desk, state) values (700, '75', 3, 'Objet', 'Description', 'T',"
    " 'M', 'S', 'camille@siao.example', :at, 'camille@siao.example', 'phone', 'referent', '2', 'national', 'open')"
)


def as_kept(connection: Connection, moment: datetime) -> object:
    """A moment as this kind of database keeps it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if connection.dialect.name == "sqlite" else moment


def to_version(engine: Engine, version: str, *, down: bool = False) -> None:
    config = Config()
    config.set_main_option("script_location", str(records.schema.migrations.__path__[0]))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if down else command.upgrade)(config, version)


def test_requests_of_the_version_before_have_a_state_and_their_first_step(database_url: str) -> None:
    engine = open_database(database_url)
    to_version(engine, "0005")
    with writing(engine) as connection:
        at, closed = (as_kept(connection, moment) for moment in (NOW - timedelta(days=30), NOW))
        connection.execute(text(OLD), {"id": 1, "call": "CA1", "at": at, "closed": None})
        connection.execute(text(OLD), {"id": 2, "call": "CA2", "at": at, "closed": closed})
    migrate(engine)
    with reading(engine) as connection:
        opened, ended = read_request(connection, 1), read_request(connection, 2)
        assert opened
        assert ended
        assert (opened.state, ended.state) == (RequestState.OPEN, RequestState.CLOSED)
        assert (opened.desk, opened.channel, opened.sender, opened.niveau) == (
            WhichDesk.NATIONAL,
            "phone",
            "referent",
            "2",
        )
        assert (opened.created_at, ended.closed_at, opened.due_at) == (NOW - timedelta(days=30), NOW, None)
        for number in (1, 2):
            [step] = events_of(connection, number)
            assert (step.move, step.text, step.by, dict(step.data)) == (
                Move.OPEN, "Description", "camille@siao.example", {},
            )  # fmt: skip
        found, total = find_requests(
            connection, RequestFilters(), scope=None, desk=WhichDesk.NATIONAL, reader="", at=NOW, limit=9
        )
        assert ([one.id for one in found], total) == ([1], 1)
    acting = Acting(engine, "console", NOW)
    with acting.writing() as connection:
        asked = read_request(connection, 1)
        assert asked
        assert working.take(acting, connection, asked, hours=working.USUAL_HOURS).state is RequestState.TAKEN
        assert len(connection.execute(select(request_events)).all()) == 3
    to_version(engine, "0005", down=True)
    assert "request_events" not in inspect(engine).get_table_names()
    with reading(engine) as connection:
        assert connection.execute(text("select count(*) from requests")).scalar() == 2
    engine.dispose()


def test_the_way_back_leaves_nothing_of_written_requests_on_which_the_next_would_stumble(database_url: str) -> None:
    """A number may be given again: what belonged to it goes with it; requests of the telephone stay."""
    engine = open_database(database_url)
    migrate(engine)
    made = "camille@siao.example"
    acting = Acting(engine, made, NOW)
    entry = Entry("1", Wording("T", "M", "S"))
    written = Written("form", "user", "75", "Essai", "Alex", "gestionnaire", made, entry, "Objet", "Description")
    with acting.writing() as connection:
        connection.execute(text(OLD_AT_0007), {"at": as_kept(connection, NOW)})
        asked = file_request(acting, connection, written, Routed(SentTo.LOCAL, "usager"), hours=working.USUAL_HOURS)
        owe(connection, Thing(Owed.REQUEST, "one", f"{asked.id}:1", made), NOW)
        owe(connection, Thing(Owed.REQUEST, "other", "700:1", made), NOW)
        owe(connection, Thing(Owed.CONNECTOR, "ticket", str(asked.id), None), NOW)
    to_version(engine, "0006", down=True)
    with reading(engine) as connection:
        assert connection.scalars(text("select id from requests")).all() == [700]
        assert connection.scalars(text("select request_id from request_events")).all() == []
        assert connection.scalars(text("select dedupe_key from deliveries")).all() == ["other"]
    migrate(engine)
    with reading(engine) as connection:
        kept = read_request(connection, 700)
        assert kept
        assert (kept.subject, kept.is_written) == ("Objet", False)
    engine.dispose()
