"""The static bundle that answers calls when nothing of ours does: built from the snapshot, hosted elsewhere."""

from __future__ import annotations

import hmac
import logging
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from ivr.conversation.standby import ENTRY, standby_documents
from ivr.operator.provider import Standby
from routing.snapshot import Snapshot
from service.settings import Settings, SettingsRefused
from service.wiring.operator import provider_of

log = logging.getLogger(__name__)

SWITCH = "aiguillage"
STAMP = ".contenu"
NOTE = "LISEZMOI.txt"

_EXPLAINED = """\
Secours de l’assistance téléphonique du SI SIAO : ce qui répond quand notre service ne répond plus.
Annuaire en service : version {version}, {count} documents.

1. Servir ce dossier, tel quel, à l’adresse {files_root}/ (fichiers statiques, .xml en text/xml), chez un autre
   hébergeur que le service. Le nom du dossier {prefix} ne se devine pas :
   ne pas publier de liste des fichiers.
2. {switch_file} {hosting} Son adresse :
   {switch}
   (réglage FALLBACK_SWITCH_URL, puis « svi fallback build » à nouveau si elle change).
3. Chez l’opérateur, réglage du numéro : adresse de secours (fallback) = {entry}, méthode GET.
4. Recopier ce dossier à chaque changement de l’annuaire, et faire l’essai chaque mois : appeler avec le service arrêté.

Ces documents contiennent les numéros des référents.
"""


def fallback_prefix(secret: bytes) -> str:
    """The folder name that nobody can guess; the same for the same secret key."""
    return hmac.digest(secret, b"static fallback", "sha256").hex()[:32]


def entry_address(settings: Settings) -> str:
    """Address of the bundle's first document, which the number calls by GET; empty when nothing is hosted elsewhere."""
    return f"{settings.fallback_url}/{ENTRY}.xml" if settings.fallback_url else ""


def fallback_files(snapshot: Snapshot, settings: Settings) -> Mapping[str, str]:
    """Every file of the bundle by its path; raises SettingsRefused without CALLER_ID, or when an address is missing.

    Without FALLBACK_URL the addresses are relative: any host that fills blanks may serve the whole folder.
    """
    settings.require("caller_id", *(["fallback_url"] if settings.fallback_switch_url else []))
    prefix = fallback_prefix(settings.secret)
    outside, inside = _phrasings(settings, prefix)
    documents = standby_documents(snapshot)
    entry = {ENTRY: documents[ENTRY]}
    rest = {name: document for name, document in documents.items() if name != ENTRY}
    return {
        **{f"{prefix}/{name}.xml": text for name, text in inside.phrase(rest).items()},
        f"{ENTRY}.xml": outside.phrase(entry)[ENTRY],
        f"{SWITCH}.xml": outside.phrase_switch(),
        NOTE: _note(settings, prefix, snapshot.version, len(documents)),
    }


def _phrasings(settings: Settings, prefix: str) -> tuple[Standby, Standby]:
    """How addresses are written in the documents at the root, and in those of the folder `prefix`."""
    standby = provider_of(settings).standby
    if settings.fallback_url:
        switch = settings.fallback_switch_url or f"{settings.fallback_url}/{SWITCH}.xml"
        absolute = standby(f"{settings.fallback_url}/{prefix}/", switch)
        return absolute, absolute
    return (
        standby(f"{prefix}/", f"{SWITCH}.xml"),
        standby("", f"../{SWITCH}.xml"),
    )


def _note(settings: Settings, prefix: str, version: int, count: int) -> str:
    root = settings.fallback_url or "https://HÉBERGEMENT"
    return _EXPLAINED.format(
        version=version,
        count=count,
        files_root=root,
        prefix=prefix,
        switch_file=f"{SWITCH}.xml",
        hosting=provider_of(settings).hosting,
        switch=settings.fallback_switch_url or f"{root}/{SWITCH}.xml",
        entry=f"{root}/{ENTRY}.xml",
    )


def build_fallback(snapshot: Snapshot, settings: Settings, folder: Path) -> bool:
    """Put the bundle in `folder`, whole or not at all; returns False when it was there already, the same.

    Raises SettingsRefused, OSError when the disk refuses, FileExistsError when `folder` holds something else.
    """
    files = fallback_files(snapshot, settings)
    stamp = sha256("\0".join(f"{name}\0{files[name]}" for name in sorted(files)).encode()).hexdigest()
    if _read(folder / STAMP) == stamp:
        return False
    if folder.exists() and any(folder.iterdir()) and not (folder / STAMP).exists():
        raise FileExistsError(f"{folder} contient autre chose : choisissez un dossier vide.")
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    _write(fresh, {**files, STAMP: stamp})
    _swap(fresh, folder)
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _swap(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.replace(old)
    fresh.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


class StandbyKeeper:
    """Builds the bundle again when the directory in service has changed, beside the work of who asks for it."""

    def __init__(self, current: Callable[[], Snapshot | None], settings: Settings) -> None:
        self._current = current
        self._settings = settings
        self._built: Snapshot | None = None
        self._building: threading.Thread | None = None

    def keep(self) -> None:
        """Start building when there is something new; returns at once."""
        snapshot = self._current()
        is_busy = self._building is not None and self._building.is_alive()
        if snapshot is None or snapshot is self._built or is_busy:
            return
        self._built = snapshot
        self._building = threading.Thread(target=self._build, args=(snapshot,), name="secours", daemon=True)
        self._building.start()

    def wait(self) -> None:
        """Wait for what is being built."""
        if self._building is not None:
            self._building.join()

    def _build(self, snapshot: Snapshot) -> None:
        try:
            if build_fallback(snapshot, self._settings, self._settings.fallback_dir):
                level = logging.WARNING if self._settings.fallback_url else logging.INFO
                log.log(level, "Le secours statique a changé : recopiez %s.", self._settings.fallback_dir)
        except (OSError, SettingsRefused) as error:
            log.error("Le secours statique n’a pas pu être construit : %s", type(error).__name__)  # noqa: TRY400 - no trace of a full disk
