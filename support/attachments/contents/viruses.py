"""The test virus that every antivirus knows (EICAR): named by us as well, so that it is refused without one."""

from __future__ import annotations

_MARK = b"-".join((b"$EICAR", b"STANDARD", b"ANTIVIRUS", b"TEST", b"FILE!$H+H*"))
"""Its last part, put together here so that no antivirus takes this file for it."""


def virus_found(name: str) -> str:
    """Why a file in which a virus was found is not taken; `name` is the virus's own."""
    return f"contient un virus ({name}) et n’est pas gardé"


def is_test_virus(content: bytes) -> str:
    """The reason why a content that holds the test virus is not taken, "" for any other."""
    return virus_found("EICAR") if _MARK in content else ""
