"""`svi backup`: the database at one moment, and beside it all that calls and requests left on this disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from records.backups import postgresql, sqlite
from records.backups.postgresql import ToolRefused
from records.database import Engine
from records.schema.migrations import version_of
from service.running.backups.manifest import BackupRefused, Manifest, fingerprint_of, mark_of
from service.running.watching.state import write_state
from service.settings import Settings
from service.system_errors import in_french

README = "LISEZMOI.txt"
JOURNAL = "journal"
AREAS = ("voicemail", "audio", "pieces", "memory", "snapshots")
"""Folders under VAR_DIR of which every file is copied."""
ALONE = ("snapshot.json", "secret_key", "demo_token")
"""Files of VAR_DIR itself."""

_TOLD = """\
Sauvegarde de l’assistance téléphonique du SI SIAO, {at:%d/%m/%Y à %H:%M} (temps universel).

Elle contient tout ce que le service sait : numéros d’appelants, messages vocaux, demandes et pièces jointes, comptes,
annuaire, et la clé secrète du service quand elle est gardée sous VAR_DIR. Elle est aussi sensible que le service :
chiffrez-la, gardez-la ailleurs que sur la même machine, et supprimez-la au bout de la durée que prévoit le registre
des traitements (ce qui a été effacé depuis y est encore).

Elle ne contient ni le fichier .env, ni les réglages de la machine, ni les mots de passe de la base et des courriels :
gardez-les à part. Pour la remettre en place, service arrêté : svi restore DOSSIER
"""


def back_up(settings: Settings, engine: Engine, folder: Path, at: datetime) -> Manifest:
    """Copy everything into a new folder while the service goes on; returns what it holds.

    The database first, then the journals: what comes between the two is in the journals, which are replayed.
    BackupRefused; nothing is left behind then.
    """
    target = folder.absolute()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupRefused(f"{folder} existe déjà et n’est pas vide : donnez un nouveau dossier.")
    draft = target.with_name(f".{target.name}.en-cours")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        found = _filled(settings, engine, draft, at)
        if target.exists():
            target.rmdir()
        draft.rename(target)
        write_state(settings.state_dir, "backup", at)  # the watch tells when none has been made for long
    except ToolRefused as refusal:
        raise BackupRefused(str(refusal)) from None
    except OSError as error:
        raise BackupRefused(f"La sauvegarde n’a pas pu être écrite : {in_french(error)}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def _filled(settings: Settings, engine: Engine, draft: Path, at: datetime) -> Manifest:
    kind = engine.dialect.name
    revision = version_of(engine)
    if kind == "sqlite":
        database = sqlite.copy(settings.database_url, draft)
    else:
        database = postgresql.copy(settings.database_url, postgresql.schema_of(engine), draft)
    for name in _names(settings.var_dir):
        _copy(settings.var_dir / name, draft / name)
    (draft / README).write_text(_TOLD.format(at=at), encoding="utf-8")
    files = {str(path.relative_to(draft)): fingerprint_of(path) for path in sorted(draft.rglob("*")) if path.is_file()}
    key = settings.secret_key.get_secret_value().encode()
    found = Manifest(at, kind, database, revision, mark_of(key), files)
    found.write(draft)
    for path in (*draft.rglob("*"), draft):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return found


def _names(var_dir: Path) -> Iterator[str]:
    """What is copied, as it is named under VAR_DIR; the journals before all."""
    for path in sorted((var_dir / JOURNAL).glob("*.journal")):
        yield f"{JOURNAL}/{path.name}"
    for area in AREAS:
        for path in sorted((var_dir / area).glob("*")):
            if path.is_file() and not path.name.startswith(".") and path.suffix != ".lock":
                yield f"{area}/{path.name}"
    yield from (name for name in ALONE if (var_dir / name).is_file())


def _copy(source: Path, target: Path) -> None:
    """Copy one file with its moment; one that has gone meanwhile was erased."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        shutil.copy2(source, target)
    except FileNotFoundError:
        return
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
