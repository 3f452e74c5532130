"""Why the system refused something, in French: the reader of a command or of a log is no programmer."""

from __future__ import annotations

import errno

_SENTENCES = {
    errno.ENOENT: "le fichier ou le dossier n’existe pas",
    errno.EACCES: "l’accès est interdit",
    errno.EPERM: "l’accès est interdit",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "le chemin passe par un fichier qui n’est pas un dossier",
    errno.EROFS: "le disque est en lecture seule",
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "le quota du disque est atteint",
    errno.ENAMETOOLONG: "le nom est trop long",
    errno.EADDRINUSE: "un autre programme l’occupe",
    errno.EADDRNOTAVAIL: "elle n’est pas de cette machine",
}


def in_french(error: OSError) -> str:
    """The reason, without a full stop; the system's own words for a rare one."""
    return _SENTENCES.get(error.errno or 0, error.strerror or type(error).__name__)
