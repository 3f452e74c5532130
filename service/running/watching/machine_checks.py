"""What `svi doctor` finds on this machine: the database, the journal, who may read our files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from records.alerting.figures import offsets
from records.calls.journal import journal_files
from records.counting.words import counted
from records.database import DatabaseRefusedError, Engine, SQLAlchemyError, file_of, identity_of, open_database, reading
from records.schema.migrations import is_up_to_date, newer_revision
from routing.calendar.words import write_moment
from routing.departements import PARIS
from service.running.watching.finding import Finding
from service.running.watching.state import read_state
from service.running.watching.telling.journal_depth import depth
from service.running.watching.telling.problems import BACKUP_AFTER, STUCK_AFTER
from service.running.watching.unfinished import why_not_to_touch
from service.settings import Settings

OTHERS = 0o077
ENVIRONMENT = Path(".env")


def check_database(settings: Settings, at: datetime) -> Iterator[Finding]:
    """The database answers, has the tables of this version, and is the one that the processes write to."""
    try:
        engine = open_database(settings.database_url)
        try:
            if why := why_not_to_touch(settings, engine):
                yield Finding("base", why, wrong=True)
                return
            yield from _revision(settings, engine)
            yield from _replaced(settings, engine)
            yield from _journal(settings, engine, at)
        finally:
            engine.dispose()
    except (DatabaseRefusedError, SQLAlchemyError, OSError) as error:
        told = f"ne répond pas ({type(error).__name__}) ; les appels continuent sans elle : vérifiez DATABASE_URL, "
        yield Finding("base", f"{told}la base et le réseau jusqu’à elle", wrong=True)


def _revision(settings: Settings, engine: Engine) -> Iterator[Finding]:
    if is_up_to_date(engine):
        yield Finding("base", "répond, à jour")
    elif newer := newer_revision(engine):
        waits = (read_state(settings.state_dir, "clerk").get("error") or "") == "NewerDatabase"
        what = "les appels attendent sur le disque" if waits else "les appels continuent"
        told = f"répond, d’une version plus récente ({newer}) que ce programme ; {what} : installez la version récente"
        yield Finding("base", told, wrong=True)
    else:
        yield Finding("base", "répond, mais n’est pas à jour : svi serve la prépare", wrong=True)


def _replaced(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Whether a process of ours has another file open than the one that stands at the path (SQLite)."""
    path = file_of(engine)
    if path is None:
        return
    processes = read_state(settings.state_dir, "supervisor").get("processes") or {}
    pids = {name: int(pid) for name, pid in processes.items()}
    stale = sorted(name for name, pid in pids.items() if _has_another_open(pid, path))
    if stale:
        told = f"{', '.join(stale)} : écrit dans un fichier qui n’est plus {path.name} (remplacé ou effacé) : relancez "
        yield Finding("base", f"{told}svi serve ; pour restaurer une sauvegarde, svi restore", wrong=True)
    elif replaced := (read_state(settings.state_dir, "clerk").get("database") or {}).get("replaced"):
        told = f"le fichier a été remplacé pendant le service ({replaced}) : sachez par qui, et si c’était voulu"
        yield Finding("base", told, advice=True)


def _has_another_open(pid: int, path: Path) -> bool:
    """Whether the process holds a file of this name that is not the one at the path; False where nobody can tell."""
    try:
        held = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
    for descriptor in held:
        try:
            name = str(descriptor.readlink())
        except OSError:
            continue
        if name.removesuffix(" (deleted)") == str(path) and identity_of(descriptor) not in {None, identity_of(path)}:
            return True
    return False


def _journal(settings: Settings, engine: Engine, at: datetime) -> Iterator[Finding]:
    """Whether what is in the journal's files gets into the database."""
    with reading(engine) as connection:
        moved = offsets(connection)
    files = journal_files(settings.journal_dir)
    bad = [path.name for path in files if not os.access(path, os.R_OK) or path.stat().st_uid != os.geteuid()]
    for name in bad:
        told = f"« {name} » n’est pas lisible ou n’est pas au compte du service : rendez-le-lui (chown, chmod 600)"
        yield Finding("journal", told, wrong=True)
    try:
        waiting = depth(settings.journal_dir, moved)
    except OSError:
        return
    stuck = sorted(name for name, written in waiting.files.items() if at - written > STUCK_AFTER)
    for name in stuck:
        told = (
            f"« {name} » n’entre pas en base depuis plus de cinq minutes : lisez ce que dit le greffier (journalctl -u "
        )
        yield Finding("journal", f"{told}svi), relancez svi serve", wrong=True)
    if not bad and not stuck:
        yield Finding("journal", f"entre en base ({counted(waiting.waiting, 'octet attend', 'octets attendent')})")


def check_rights(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """Nobody else of this machine reads our data or our secrets."""
    found = list(_open_to_others(settings))
    yield from found
    if not found:
        yield Finding("droits", "les données et les secrets ne sont lus que par le compte du service")


def _open_to_others(settings: Settings) -> Iterator[Finding]:
    for path, name in ((settings.var_dir, "VAR_DIR"), (ENVIRONMENT.absolute(), ".env")):
        try:
            mode = path.stat()
        except OSError:
            continue
        if stat.S_IMODE(mode.st_mode) & OTHERS:
            want = "700" if path.is_dir() else "600"
            told = f"{name} est ouvert à d’autres comptes de la machine : chmod {want} {path}"
            yield Finding("droits", told, wrong=name == ".env" and not settings.demo, advice=True)
        if mode.st_uid != os.geteuid():
            told = f"{name} n’est pas au compte de cette commande : lancez-la avec celui du service, ou chown {path}"
            yield Finding("droits", told, advice=True)


def check_backup(settings: Settings, at: datetime) -> Iterator[Finding]:
    """The last `svi backup` of this machine is of this night or the last; others may back up what is elsewhere."""
    if settings.demo:
        return
    told = read_state(settings.state_dir, "backup")
    if not told:
        sentence = (
            "aucune n’a été faite ici par svi backup : faites-la chaque nuit, et gardez-la ailleurs ; si l’hébergeur "
            "sauvegarde la base, les fichiers de VAR_DIR n’y sont pas"
        )
        yield Finding("sauvegarde", sentence, advice=True)
        return
    made = datetime.fromisoformat(told["at"])
    sentence = f"la dernière de svi backup est du {write_moment(made, PARIS)}"
    if at - made > BACKUP_AFTER:
        yield Finding("sauvegarde", f"{sentence} : lisez pourquoi celle de la nuit manque, et refaites-la", wrong=True)
    else:
        yield Finding("sauvegarde", sentence)
