"""The nomenclature changes, one act at a time, from a day on and with its line of the trail; past calls keep theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused, Overtaken, one_line
from records.wording import Entry, Wording
from routing.departements import timezone_of
from support.nomenclature.changing import NomenclatureChange, NomenclatureRefused, add, merge, rename, retire
from support.nomenclature.entries import Nomenclature
from support.nomenclature.store import newest_nomenclature, nomenclature_history, publish_nomenclature

LONGEST_NOTE = 200

Act = Callable[[Nomenclature], tuple[tuple[Entry, ...], NomenclatureChange]]
"""What is done to the newest list: the entries that it leaves, and the change as the history tells it."""


def adding(niveau: str, wording: Wording) -> Act:
    """One more sous-motif."""
    return lambda newest: add(newest.entries, niveau, wording)


def renaming(key: str, niveau: str, wording: Wording) -> Act:
    """Another name, place or level for the sous-motif of this key."""
    return lambda newest: rename(newest.entries, _wording(newest, key), niveau, wording)


def merging(key: str, into: str) -> Act:
    """One sous-motif, by its key, into another that stands for both from now on."""
    return lambda newest: merge(newest.entries, _wording(newest, key), _wording(newest, into))


def retiring(key: str) -> Act:
    """The sous-motif of this key, no longer offered."""
    return lambda newest: retire(newest.entries, _wording(newest, key))


def publish_change(acting: Acting, act: Act, *, follows: int, valid_from: date, note: str = "") -> int:
    """Publish the list with one change, in force from that day on, and return its version.

    `follows` is the version that its writer saw. ChangeRefused when another one stands (its `field` is `version`), for
    a day that is past or before the version that it follows, for a note too long, and as the act itself refuses.
    """
    with acting.writing() as connection:
        newest = newest_nomenclature(connection)
        if follows != newest.version:
            raise _overtaken()
        entries, change = act(newest)
        _check_day(connection, valid_from, today(acting))
        why = one_line(note, "note", LONGEST_NOTE, optional=True)
        try:
            version = publish_nomenclature(
                connection, entries, [change], follows=follows, valid_from=valid_from, by=acting.by, at=acting.at,
                note=why,
            )  # fmt: skip
        except Overtaken:
            raise _overtaken() from None
        acting.note(connection, "nomenclature", f"version {version} : {change.kind}")
    return version


def today(acting: Acting) -> date:
    """The day on which a version may begin at the earliest: today in Paris."""
    return acting.at.astimezone(timezone_of(None)).date()


def _wording(newest: Nomenclature, key: str) -> Wording:
    found = newest.entry(key)
    if found is None:
        raise NomenclatureRefused("Choisissez un sous-motif de la liste.")
    return found.wording


def _overtaken() -> ChangeRefused:
    return ChangeRefused("Quelqu’un a changé la nomenclature entre-temps : relisez, puis recommencez.", "version")


def _check_day(connection: Connection, day: date, first: date) -> None:
    earliest = max([first, *(version.valid_from for version in nomenclature_history(connection))])
    if day < earliest:
        raise ChangeRefused(
            f"La version ne peut pas valoir avant le {earliest:%d/%m/%Y} : les totaux passés ne changent pas.",
            "valid_from",
        )
