"""What most commands begin with: the settings, the database, the snapshot; refusals as French sentences."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from records.database import DatabaseRefusedError, Engine, SQLAlchemyError, is_unreachable, open_database
from records.desks.acting import Acting
from records.in_force.directories import has_tables
from records.refusals import ChangeRefused
from records.schema.migrations import migrate
from routing.snapshot import Snapshot
from service.clock import now
from service.commands.french import CommandRefused
from service.directory.snapshots import SnapshotFile
from service.running.watching.unfinished import why_not_to_touch
from service.settings import Settings, SettingsRefused, read_settings


def settings_or_refused(*, complete: bool = False, **values: Any) -> Settings:
    """The settings of this machine; CommandRefused names each wrong or missing one."""
    try:
        return read_settings(complete=complete, **values)
    except SettingsRefused as refusal:
        raise CommandRefused(str(refusal)) from None


def required(settings: Settings, *names: str) -> Settings:
    """The same settings; CommandRefused when one of `names` is missing."""
    try:
        settings.require(*names)
    except SettingsRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    return settings


def snapshot_in_service(settings: Settings) -> Snapshot:
    """The snapshot that routes calls now; CommandRefused when there is none."""
    found = SnapshotFile(settings.var_dir).current()
    if found is None:
        raise CommandRefused(
            f"Aucun annuaire en service sous {settings.var_dir} : lancez « svi serve » ou publiez-en un."
        )
    return found


def session() -> str:
    """Who types the command: the name of the machine's session, « commande » where there is none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "commande"


@contextmanager
def acting_on(settings: Settings, by: str = "") -> Iterator[Acting]:
    """Whoever types the command, at work on the database now; a verb's refusal is the command's."""
    with database(settings) as engine:
        try:
            yield Acting(engine, by or session(), now())
        except ChangeRefused as refusal:
            raise CommandRefused(str(refusal)) from None


@contextmanager
def database(settings: Settings) -> Iterator[Engine]:
    """The database, prepared when it is empty, closed afterwards; CommandRefused when it cannot be reached."""
    try:
        engine = open_database(settings.database_url)
    except DatabaseRefusedError as refusal:
        raise CommandRefused(str(refusal)) from None
    try:
        if not has_tables(engine):
            if why := why_not_to_touch(settings, engine):
                raise CommandRefused(f"La base n’est pas préparée : {why}.")
            migrate(engine)
        yield engine
    except SQLAlchemyError as error:
        if is_unreachable(error):
            raise CommandRefused("La base de données ne répond pas : réessayez plus tard.") from error
        raise
    finally:
        engine.dispose()
