"""A restoration that was killed half-way is marked: nobody prepares the database before it is ended or undone.

The mark stands on the disk of the machine that restores, and on PostgreSQL beside the tables set aside, for the others.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from records.backups import postgresql
from records.database import Engine
from service.settings import Settings

NAME = "restauration-en-cours.json"


@dataclass(frozen=True, slots=True)
class HalfRestored:
    """`folder`: the backup. `aside`: where the files from before are; `schema`: the tables, None on SQLite."""

    folder: Path
    aside: Path
    schema: str | None


def unfinished(settings: Settings) -> HalfRestored | None:
    """The restoration that this machine has begun and not ended."""
    try:
        told = json.loads((settings.var_dir / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return HalfRestored(Path(told["folder"]), Path(told["aside"]), told["schema"])


def why_not_to_touch(settings: Settings, engine: Engine) -> str | None:
    """What keeps this version from preparing the database, as a French sentence; raises what the database raises."""
    what = "une restauration est en cours, ou a été interrompue ; les appels attendent dans le journal"
    if (left := unfinished(settings)) is not None:
        return f"{what} : service arrêté, reprenez-la (svi restore {left.folder}) ou annulez-la (svi restore --undo)"
    if postgresql.unfinished(engine):
        return f"{what} : service arrêté, reprenez-la ou annulez-la là où svi restore a été lancé"
    return None


def mark(settings: Settings, begun: HalfRestored) -> None:
    """From here on, until `unmark`, a process that is killed leaves things half-way; raises OSError."""
    path = settings.var_dir / NAME
    told = {"folder": str(begun.folder.absolute()), "aside": str(begun.aside), "schema": begun.schema}
    fresh = path.with_name(f".{path.name}")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def unmark(settings: Settings) -> None:
    """All is done, or all is as before."""
    (settings.var_dir / NAME).unlink(missing_ok=True)
