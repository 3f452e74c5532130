"""Every table of the house by its name, whichever room uses it: nothing of a person is overlooked."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from sqlalchemy import Table

import records.schema
from records.schema.tables import metadata


@cache
def every_table() -> Mapping[str, Table]:
    """All of them; their modules are those of `records.schema` whose names end with `tables`."""
    for module in pkgutil.iter_modules(records.schema.__path__):
        if module.name.endswith("tables"):
            importlib.import_module(f"records.schema.{module.name}")
    return metadata.tables
