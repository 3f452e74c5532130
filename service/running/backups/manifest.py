"""What a backup holds: its manifest, by which each file is checked before anything is touched."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

NAME = "manifest.json"
FORMAT = 1
_PIECE = 1024 * 1024
_FILE = re.compile(r"(?:[a-z]+/)?[A-Za-z0-9~_-][A-Za-z0-9~_.-]{0,250}")
"""A file of a backup: one folder at most, and no dot in front."""


class BackupRefused(Exception):  # noqa: N818 - named as what happened
    """A backup that cannot be made or put back; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files`: name → (bytes, SHA-256). `key`: what the secret key makes of a word, to know that it is the same."""

    made_at: datetime
    kind: str
    database: str
    revision: str | None
    key: str | None
    files: dict[str, tuple[int, str]]

    def write(self, folder: Path) -> None:
        """Put the manifest in the folder."""
        told = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        (folder / NAME).write_text(json.dumps(told, indent=1, sort_keys=True), encoding="utf-8")

    def of(self, area: str) -> Iterator[str]:
        """The names of the files of one area."""
        return (name.partition("/")[2] for name in self.files if name.startswith(f"{area}/"))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup whose every file is as it was made; BackupRefused names what is missing or differs."""
    try:
        found = _understood(json.loads((folder / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise BackupRefused(f"{folder} n’est pas une sauvegarde : {NAME} n’y est pas.") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupRefused(f"Le manifeste de la sauvegarde est illisible ({type(error).__name__}).") from None
    for name, (size, digest) in found.files.items():
        try:
            same = fingerprint_of(folder / name) == (size, digest)
        except OSError:
            raise BackupRefused(f"La sauvegarde est incomplète : {name} manque ou ne se lit pas.") from None
        if not same:
            raise BackupRefused(f"La sauvegarde est abîmée : {name} n’est plus ce qui a été sauvegardé.")
    return found


def _understood(told: Any) -> Manifest:
    if told["format"] != FORMAT:
        raise BackupRefused(
            f"Cette sauvegarde est d’un autre format ({told['format']}) : prenez sa version du service."
        )
    files = {str(name): (int(size), str(digest)) for name, (size, digest) in told["files"].items()}
    if not all(_FILE.fullmatch(name) for name in files) or told["database"] not in files:
        raise ValueError("names")
    made_at = datetime.fromisoformat(told["made_at"])
    return Manifest(made_at, str(told["kind"]), told["database"], told["revision"], told["key"], files)


def fingerprint_of(path: Path) -> tuple[int, str]:
    """The size of a file and its SHA-256."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def mark_of(secret: bytes | None) -> str | None:
    """What tells two secret keys apart, and tells nobody the key."""
    return hmac.digest(secret, b"backup", "sha256").hex()[:16] if secret else None
