"""What the tracking data needs from the house: the nomenclature in force, telephone numbers, who to write to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from records.database import Connection
from reports.intake import Reader
from reports.wording import Entry, Wordings
from routing.departements import timezone_of
from routing.phones import mask_phone, read_phone, show_phone
from routing.snapshot import Snapshot
from support.nomenclature import Wording
from support.store import nomenclature_in_force


def wordings_in_force(connection: Connection, today: date) -> Wordings:
    """The nomenclature of today, with the spellings met in old workbooks."""
    list_of_today = nomenclature_in_force(connection, today)
    return Wordings(
        tuple(Entry(entry.niveau, *_names(entry.wording)) for entry in list_of_today.entries),
        {_names(met): _names(becomes) for met, becomes in list_of_today.variants.items()},
    )


def _names(wording: Wording) -> tuple[str, str, str]:
    return (wording.thematique, wording.motif, wording.sous_motif)


def reader_for(connection: Connection, departement: str, today: date, *, allow_fiction: bool) -> Reader:
    """What importing a workbook of this département needs."""
    return Reader(
        wordings_in_force(connection, today),
        today,
        lambda text: read_phone(text, allow_fiction=allow_fiction),
        timezone_of(departement),
    )


def phone_shown(*, masked: bool) -> Callable[[str], str]:
    """How a workbook writes telephone numbers."""
    return mask_phone if masked else show_phone


def mail_addresses(snapshot: Snapshot | None) -> Mapping[str, tuple[str, ...]]:
    """The e-mail addresses of the ringable lines by code, `*` for the national team."""
    found: dict[str, dict[str, None]] = {}
    for person in snapshot.people if snapshot else ():
        if person.is_ringable and person.email:
            found.setdefault(person.departement, {})[person.email] = None
    return {code: tuple(addresses) for code, addresses in found.items()}
