"""The name of a file, which anybody may have typed: made one that can be shown, kept and downloaded everywhere."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 100
"""Characters of a kept name, extension included."""
NAMELESS = "fichier"

_PATH = re.compile(r"[/\\]")
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of marks that no reader sees, those that turn the direction of a text among them."""
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")


def clean_name(typed: str) -> str:
    """The last part of a typed name, without what no reader sees or no disk takes; NAMELESS where nothing is left."""
    wide = unicodedata.normalize("NFKC", typed[: LONGEST * 10])
    seen = "".join(mark for mark in wide if unicodedata.category(mark) not in _UNSEEN)
    last = _NOT_ON_WINDOWS.sub("_", _PATH.split(seen.rstrip("/\\ ."))[-1])
    name = unicodedata.normalize("NFC", " ".join(last.split()).strip(". "))
    if _DEVICES.fullmatch(name.partition(".")[0].strip()):
        name = f"_{name}"
    return _shortened(name) or NAMELESS


def extension_of(name: str) -> str:
    """What stands after the last dot, in small letters; "" where it looks like none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if stem and dot and _EXTENSION.fullmatch(last.lower()) else ""


def inner_extensions(name: str) -> list[str]:
    """What stands between the dots before the last one: in « facture.exe.pdf », `exe`."""
    return [part.strip().lower() for part in name.split(".")[1:-1]]


def with_extension(name: str, extension: str) -> str:
    """The name with this extension in the place of its own, or added where it has none."""
    own = extension_of(name)
    stem = name[: -len(own) - 1] if own else name
    return f"{_cut(stem, LONGEST - len(extension) - 1)}.{extension}"


def _shortened(name: str) -> str:
    own = extension_of(name)
    return name if len(name) <= LONGEST else with_extension(name, own) if own else _cut(name, LONGEST)


def _cut(text: str, longest: int) -> str:
    return text[:longest].rstrip(". ")
