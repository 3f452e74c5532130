"""`svi restore`: checks, stops for nobody half-way, replaces, replays the journals; what was erased stays erased.

What was there before is kept aside for as long as a journal, and goes then by itself (`forget_previous`).
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from records.backups import postgresql, sqlite
from records.backups.postgresql import ToolRefused
from records.backups.sqlite import CopyDamaged
from records.calls.clerk import KEPT_FOR, Clerk
from records.database import Engine, SQLAlchemyError, open_database, reading, writing
from records.privacy.bringing_over import Gone, bring_over, gone_from
from records.schema.migrations import knows, migrate
from routing.departements import timezone_of
from service.privacy.erasing import forget_again
from service.running.backups.alone import alone
from service.running.backups.making import ALONE, AREAS, JOURNAL
from service.running.backups.manifest import BackupRefused, Manifest, mark_of, read_manifest
from service.running.watching.unfinished import HalfRestored, mark, unfinished, unmark
from service.settings import Settings
from service.system_errors import in_french
from service.wiring.memory import fingerprint_by, shared_memory

ASIDE = "avant-restauration-"
_STAMP = "%Y%m%d%H%M%S"
KEY = "secret_key"
LEAVING = 5.0
"""Seconds that processes which stop have to leave the database."""


@dataclass(slots=True)
class Restored:
    """What was done. `erased_again` is None when what was erased since the backup could not be read."""

    manifest: Manifest
    aside: Path
    at: datetime
    schema: str | None = None
    replayed: set[str] = field(default_factory=set)
    erased_again: int | None = None
    same_key: bool = True

    @property
    def has_gap(self) -> bool:
        """Whether some journals of the time since the backup are gone already."""
        return self.at - self.manifest.made_at > KEPT_FOR


def restore(settings: Settings, folder: Path, at: datetime) -> Restored:
    """Put a backup in the place of what is there; nothing is touched before all of it is found whole.

    BackupRefused says why it is not; what goes wrong on the way leaves the data from before in their place.
    """
    manifest = read_manifest(folder)
    _refuse_another_owner(settings.var_dir)
    settings, keeps_key = _with_key(settings, folder, manifest)
    kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if manifest.kind != kind:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupRefused(
            f"La sauvegarde est d’une base {names.get(manifest.kind, manifest.kind)}, et DATABASE_URL en nomme une"
            f" de {names[kind]} : changez ce réglage, ou prenez une autre sauvegarde."
        )
    if not knows(manifest.revision):
        raise BackupRefused(
            f"La sauvegarde est d’une version plus récente du service (étape {manifest.revision}) :"
            " installez-la d’abord."
        )
    with alone(settings), _told():
        _undone(settings)
        return _replaced(settings, folder, manifest, at, left_out={KEY} if keeps_key else set())


def undo(settings: Settings) -> Path:
    """Put back what was there before a restoration that was killed on the way; returns the backup that it was of.

    BackupRefused when there is none to undo.
    """
    _refuse_another_owner(settings.var_dir)
    with alone(settings), _told():
        left = _undone(settings)
    if left is None:
        raise BackupRefused("Aucune restauration n’a été interrompue sur cette machine : il n’y a rien à annuler.")
    return left.folder


def forget_previous(settings: Settings, engine: Engine, at: datetime) -> int:
    """Delete what restorations of more than a week ago have set aside; returns how many things went."""
    if unfinished(settings) is not None:
        return 0
    last = (at - KEPT_FOR).astimezone(UTC).strftime(_STAMP)
    old = [path for path in settings.var_dir.glob(f"{ASIDE}*") if path.name < f"{ASIDE}{last}"]
    for path in old:
        shutil.rmtree(path)
    return len(old) + len(postgresql.forget_aside(engine, at - KEPT_FOR))


def _refuse_another_owner(var_dir: Path) -> None:
    """What root puts back, the service could not read."""
    if var_dir.exists() and os.geteuid() != var_dir.stat().st_uid:
        raise BackupRefused(
            f"Les données de {var_dir} sont à un autre compte : lancez la commande sous celui du service, "
            "qui ne pourrait pas lire ce que vous remettriez."
        )


def _replaced(settings: Settings, folder: Path, manifest: Manifest, at: datetime, *, left_out: set[str]) -> Restored:
    aside = settings.var_dir / f"{ASIDE}{at.astimezone(UTC).strftime(_STAMP)}"
    aside.mkdir(mode=0o700, parents=True)
    done = Restored(manifest, aside, at, same_key=manifest.key == mark_of(settings.secret))
    engine = open_database(settings.database_url)
    try:
        gone = _gone_since(engine)
        _keep_aside(settings.var_dir, aside)
        schema = postgresql.schema_aside(at) if engine.dialect.name == "postgresql" else None
        mark(settings, HalfRestored(folder, aside, schema))
        try:
            done.schema = _put_database(settings, engine, folder / manifest.database, aside, at)
            engine.dispose()  # an open connection would go on with the file from before
            _put_files(settings.var_dir, folder, manifest, left_out)
            migrate(engine)
            _replay(settings, engine, gone, done)
            if done.schema is not None:
                postgresql.finish(engine, done.schema)
        except BaseException:
            engine.dispose()
            _undone(settings)
            raise
        unmark(settings)
    finally:
        engine.dispose()
    return done


# ---------------------------------------------------------------- the database


def _gone_since(engine: Engine) -> Gone | None:
    """What the data from before know of erased callers; None when they cannot be read."""
    try:
        with reading(engine) as connection:
            return gone_from(connection)
    except SQLAlchemyError:
        return None


def _put_database(settings: Settings, engine: Engine, copied: Path, aside: Path, at: datetime) -> str | None:
    if engine.dialect.name == "sqlite":
        engine.dispose()
        sqlite.put(settings.database_url, copied, aside)
        return None
    postgresql.check(copied)
    _wait_for_others(engine)
    return postgresql.put(engine, settings.database_url, copied, at)


def _wait_for_others(engine: Engine) -> None:
    """Until whoever was just stopped has left the database; BackupRefused when somebody stays."""
    deadline = time.monotonic() + LEAVING
    while (others := postgresql.others(engine)) and time.monotonic() < deadline:
        time.sleep(0.2)
    if others:
        raise BackupRefused(
            f"Le service parle encore à cette base ({others} connexions) : arrêtez-le sur chaque machine."
        )


def _undone(settings: Settings) -> HalfRestored | None:
    """All is as it was before the restoration that failed or was killed on the way; which it was, None without any."""
    left = unfinished(settings)
    if left is None:
        return None
    engine = open_database(settings.database_url)
    try:
        _bring_back(settings, engine, left)
    finally:
        engine.dispose()
    unmark(settings)
    return left


def _bring_back(settings: Settings, engine: Engine, left: HalfRestored) -> None:
    """The database from before takes its place again, and the files that bear one name; the others were only added."""
    for name in ALONE:
        if (kept := left.aside / name).exists():
            _place(kept, settings.var_dir / name)
        else:
            (settings.var_dir / name).unlink(missing_ok=True)
    if engine.dialect.name == "sqlite":
        engine.dispose()
        sqlite.bring_back(settings.database_url, left.aside)
    elif left.schema is not None and postgresql.unfinished(engine) == left.schema:
        _wait_for_others(engine)
        postgresql.bring_back(engine, left.schema)


# ---------------------------------------------------------------- the files


def _keep_aside(var_dir: Path, aside: Path) -> None:
    """A second name for each file that is there: what happens to the first one takes nothing away."""
    for area in AREAS:
        for path in (var_dir / area).glob("*"):
            if path.is_file():
                (aside / area).mkdir(mode=0o700, exist_ok=True)
                _link(path, aside / area / path.name)
    for name in ALONE:
        if (var_dir / name).is_file():
            _link(var_dir / name, aside / name)


def _link(path: Path, second: Path) -> None:
    try:
        os.link(path, second)
    except FileExistsError:
        pass
    except OSError:
        shutil.copy2(path, second)


def _put_files(var_dir: Path, folder: Path, manifest: Manifest, left_out: set[str]) -> None:
    """Bring what is missing; a message that came since the backup stays: its call comes back with the journal."""
    for area in AREAS:
        for name in manifest.of(area):
            if not (var_dir / area / name).exists():
                _place(folder / area / name, var_dir / area / name)
    for name in manifest.of(JOURNAL):
        _put_journal(folder / JOURNAL / name, var_dir / JOURNAL / name)
    for name in ALONE:
        if name in manifest.files and name not in left_out:
            _place(folder / name, var_dir / name)


def _put_journal(kept: Path, here: Path) -> None:
    """A journal file that is here still holds at least as much, as a rule; else both are replayed: twice is once."""
    if not here.exists():
        _place(kept, here)
    elif not here.read_bytes().startswith(kept.read_bytes()):
        _place(kept, here.with_name(f"{here.stem}-sauvegarde{here.suffix}"))


def _place(source: Path, target: Path) -> None:
    """Put one file in its place at once, with its moment, for its owner alone."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.restauration")
    shutil.copy2(source, fresh)
    fresh.chmod(0o600)
    handle = os.open(fresh, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    fresh.replace(target)


# ---------------------------------------------------------------- what came since


def _replay(settings: Settings, engine: Engine, gone: Gone | None, done: Restored) -> None:
    """Move again what the journals hold since the backup, and erase again what was erased since."""
    memory = shared_memory(settings, engine)
    fingerprint = fingerprint_by(memory.file)
    if gone is not None:
        with writing(engine) as connection:
            bring_over(connection, gone)
    clerk = Clerk(
        settings.journal_dir, engine, timezone_of, clock=lambda: done.at, fingerprint=fingerprint,
        on_calls=lambda rows: memory.remember(rows, done.at),
    )  # fmt: skip
    drained = clerk.drain_once()
    if drained.error:
        raise BackupRefused(f"Le journal n’a pas pu être repris ({drained.error}) : rien n’est changé, recommencez.")
    done.replayed = drained.calls
    again = forget_again(settings, engine, done.at)
    done.erased_again = again if gone is not None or again else None


# ---------------------------------------------------------------- the rest


def _with_key(settings: Settings, folder: Path, manifest: Manifest) -> tuple[Settings, bool]:
    """The settings with the key that will be there: the backup's, unless the environment gives one (True)."""
    here, given = settings.var_dir / KEY, settings.secret_key.get_secret_value()
    kept = here.read_text(encoding="ascii").strip() if here.exists() else ""
    if given and given != kept:
        return settings, True
    if KEY not in manifest.files:
        return settings, False
    key = (folder / KEY).read_text(encoding="ascii").strip()
    return settings.model_copy(update={"secret_key": SecretStr(key)}), False


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, as a sentence."""
    try:
        yield
    except ToolRefused as refusal:
        raise BackupRefused(f"{refusal} Rien n’est changé.") from None
    except CopyDamaged as damage:
        raise BackupRefused(f"La base sauvegardée est abîmée ({damage}) : rien n’est changé.") from None
    except SQLAlchemyError as error:
        raise BackupRefused(f"La base de données a refusé ({type(error).__name__}) : rien n’est changé.") from error
    except OSError as error:
        raise BackupRefused(f"Un fichier n’a pas pu être écrit ({in_french(error)}) : rien n’est changé.") from error
