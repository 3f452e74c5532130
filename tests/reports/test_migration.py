"""The migration makes the tables that the code declares, and unmakes them."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

import records.schema.desk_tables
import records.schema.migrations
from records.schema import report_tables
from records.schema.tables import metadata

OWN = {name for name, table in metadata.tables.items() if table in vars(report_tables).values()}


def test_the_migrated_database_has_no_difference_with_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    assert [difference for difference in found if OWN & set(str(difference).replace("'", " ").split())] == []
    assert len(OWN) == 8


def test_the_tables_of_the_reports_can_be_taken_back(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(records.schema.migrations.__path__[0]))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")
    assert OWN.isdisjoint(inspect(engine).get_table_names())
