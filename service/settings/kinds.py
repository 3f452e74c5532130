"""The kinds of values that settings take; a wrong one raises ValueError with a French reason."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum, auto
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from records.mail import is_address
from routing.calendar.hours import read_hours
from support.requests.states import RequestState


class SignInBy(StrEnum):
    """How the national team and the administration sign in."""

    LINK = auto()
    TOTP = auto()
    """A link, then a code of an application (RFC 6238)."""
    PROCONNECT = auto()


_E164 = re.compile(r"\+[1-9]\d{7,14}")
_LONGEST_LINE = 120
_STATES = frozenset(RequestState)
_LONGEST_NAME = 30
"""Characters before the @ of a mailbox: a request's number and its token are added there, and it has 64."""
_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise ValueError("une adresse http:// ou https:// complète est attendue, sans « ? » ni « # »")
    if "@" in parts.netloc:
        raise ValueError("l’adresse ne doit pas contenir d’identifiant ni de mot de passe")
    if any(mark.isspace() or not mark.isprintable() for mark in value):
        raise ValueError("l’adresse ne doit contenir ni espace ni retour à la ligne")
    return value.rstrip("/")


def _database_address(value: str) -> str:
    if value.partition(":")[0].partition("+")[0] not in {"", "sqlite", "postgres", "postgresql"}:
        raise ValueError("une adresse sqlite:///… ou postgresql://… est attendue")
    return value


def _place_of_files(value: str) -> str:
    if value not in {"folder", "database"}:
        raise ValueError("folder ou database est attendu")
    return value


def _mailbox_address(value: str) -> str:
    parts = urlsplit(value)
    if value and (parts.scheme not in {"imap", "imaps"} or not (parts.hostname and parts.username and parts.password)):
        raise ValueError("une adresse imaps://utilisateur:motdepasse@hôte:port/INBOX est attendue")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("le port de cette adresse n’en est pas un") from None
    return value


def _reply_address(value: str) -> str:
    name = value.partition("@")[0]
    if value and (not is_address(value) or "+" in name or len(name) > _LONGEST_NAME):
        raise ValueError(
            "une adresse électronique courte et sans « + » est attendue, par exemple assistance@siao.example"
        )
    return value


def _addresses(value: str) -> str:
    found = [one.strip() for one in value.split(",") if one.strip()]
    for one in found:
        if not is_address(one):
            raise ValueError(f"« {one} » n’est pas une adresse électronique")
    return ",".join(dict.fromkeys(found))


def _stages(value: str) -> str:
    pairs = [pair.partition(":")[::2] for pair in value.replace(" ", "").split(",")]
    if sorted(state for state, _stage in pairs) != sorted(_STATES) or not all(stage for _state, stage in pairs):
        raise ValueError(f"une étape par état est attendue, par exemple open:1 ({', '.join(sorted(_STATES))})")
    return ",".join(f"{state}:{stage}" for state, stage in pairs)


def _international_number(value: str) -> str:
    if value and not _E164.fullmatch(value):
        raise ValueError("un numéro international est attendu, par exemple +33199001234")
    return value


def _international_numbers(value: str) -> str:
    numbers = ["".join(one.split()) for one in value.split(",")]
    for number in numbers:
        if number and not _E164.fullmatch(number):
            raise ValueError(f"« {number} » n’est pas un numéro international, par exemple +33199001234")
    return ",".join(number for number in numbers if number)


def _sign_in_by(value: str) -> SignInBy:
    try:
        return SignInBy(value.strip().lower())
    except ValueError:
        raise ValueError("link, totp ou proconnect est attendu") from None


def _level(value: str) -> str:
    if value.upper() not in _LEVELS:
        raise ValueError("DEBUG, INFO, WARNING ou ERROR est attendu")
    return value.upper()


def _one_line(value: str) -> str:
    """Any mark that stands on a line, no-break spaces too; nothing that ends it or that no reader sees."""
    if len(value) > _LONGEST_LINE:
        raise ValueError(f"{_LONGEST_LINE} caractères au plus sont attendus")
    if any(unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for mark in value):
        raise ValueError("une seule ligne est attendue, sans caractère invisible")
    return value.strip()


def _opening_hours(value: str) -> str:
    read_hours(value)
    return value.strip()


def _scanner_address(value: str) -> str:
    parts = urlsplit(value)
    is_file = parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/")
    try:
        is_host = parts.scheme == "tcp" and bool(parts.hostname) and (parts.port or 1) > 0 and not parts.path.strip("/")
    except ValueError:
        is_host = False
    if value and not (is_file or is_host):
        raise ValueError("une adresse unix:///chemin/clamd.ctl ou tcp://hôte:3310 est attendue")
    return value


def _absolute(path: Path) -> Path:
    return path.absolute()


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""Empty, or http(s)://host without a final slash."""

OneLine = Annotated[str, AfterValidator(_one_line)]
"""A short text shown to readers."""

OpeningHours = Annotated[str, AfterValidator(_opening_hours)]
"""Hours of the week, as the directory writes them."""

MailboxAddress = Annotated[str, AfterValidator(_mailbox_address)]
"""Empty, or imap(s)://user:password@host with a folder."""

ReplyAddress = Annotated[str, AfterValidator(_reply_address)]
"""Empty, or the mailbox's own address, to which « +… » can be added."""

Addresses = Annotated[str, AfterValidator(_addresses)]
"""Any number of e-mail addresses, with a comma between two."""

Stages = Annotated[str, AfterValidator(_stages)]
"""A stage of a pipeline for each state of a request: `open:1,taken:2,…`."""

DatabaseAddress = Annotated[str, AfterValidator(_database_address)]
PhoneNumber = Annotated[str, AfterValidator(_international_number)]
"""Empty, or E.164."""

PhoneNumbers = Annotated[str, AfterValidator(_international_numbers)]
"""Any number of E.164 numbers, with a comma between two."""

ScannerAddress = Annotated[str, AfterValidator(_scanner_address)]
"""Empty, or where an antivirus listens."""

PlaceOfFiles = Annotated[str, AfterValidator(_place_of_files)]


def _first_writer(value: str) -> str:
    if value not in {"journal", "database"}:
        raise ValueError("journal ou database est attendu")
    return value


FirstWriter = Annotated[str, AfterValidator(_first_writer)]
"""Where a webhook writes first: `journal`, or `database` where the disk is lost at each deploy."""

PrivilegedSignIn = Annotated[str, AfterValidator(_sign_in_by)]
"""One of `SignInBy`."""

LogLevel = Annotated[str, AfterValidator(_level)]
Folder = Annotated[Path, AfterValidator(_absolute)]
