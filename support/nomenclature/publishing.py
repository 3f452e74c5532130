"""The nomenclature changes, one act at a time, from a day on and with its line of the trail; past calls keep theirs.

What is planned freezes nothing: a change of another day is made on the list of that day, and the versions that begin
later are made anew on top of it, with the changes that they had (decision 57).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused, Overtaken, one_line
from records.wording import Entry, Wording
from routing.departements import timezone_of
from support.nomenclature.changing import (
    Changed,
    NomenclatureChange,
    NomenclatureRefused,
    add,
    merge,
    name_of_another,
    placed,
    rename,
    replay,
    retire,
)
from support.nomenclature.entries import Nomenclature, first_nomenclature
from support.nomenclature.store import (
    Published,
    all_changes,
    latest_number,
    nomenclature_in_force,
    publish_nomenclature,
    standing_versions,
    withdraw_version,
)

LONGEST_NOTE = 200

Act = Callable[[Nomenclature], Changed]
"""What is done to the list of a day."""


def adding(niveau: str, wording: Wording, new: Collection[str] = ()) -> Act:
    """One more sous-motif; `new` names what is asked for expressly, `thematique` or `motif`."""
    return lambda base: add(base.entries, niveau, placed(base.entries, wording, new))


def renaming(key: str, niveau: str, wording: Wording, new: Collection[str] = ()) -> Act:
    """Another name, place or level for the sous-motif of this key; `new` as for `adding`."""
    return lambda base: rename(base.entries, _wording(base, key), niveau, placed(base.entries, wording, new))


def merging(key: str, into: str) -> Act:
    """One sous-motif, by its key, into another that stands for both from now on."""
    return lambda base: merge(base.entries, _wording(base, key), _wording(base, into, "vers"))


def retiring(key: str) -> Act:
    """The sous-motif of this key, no longer offered."""
    return lambda base: retire(base.entries, _wording(base, key))


def publish_change(acting: Acting, act: Act, *, follows: int, valid_from: date, note: str = "") -> int:
    """Publish the list with one change, in force from that day on, and return its version.

    `follows` is the newest version that its writer saw. ChangeRefused when another one was published since (its `field`
    is `version`), for a day that is past, for a note too long, where a version planned for later could not be made anew
    on top, and as the act itself refuses.
    """
    with acting.writing() as connection:
        _check_seen(connection, follows)
        entries, change = act(nomenclature_in_force(connection, valid_from))
        _check_name(change, entries, all_changes(connection))
        _check_day(valid_from, today(acting))
        why = one_line(note, "note", LONGEST_NOTE, optional=True)
        later = [one for one in _standing(connection) if one.version.valid_from > valid_from]
        for one in later:
            _withdraw(connection, acting, one.version.version)
        version = _publish(connection, acting, entries, [change], valid_from, by=acting.by, note=why)
        _make_anew(connection, acting, later, [change])
        acting.note(connection, "nomenclature", f"version {version} : {change.kind}")
    return version


def withdraw_planned(acting: Acting, number: int, *, follows: int) -> None:
    """Withdraw a version that has not begun; those planned after it are made anew without its changes.

    ChangeRefused when it has begun, was withdrawn or never was, when a later one rests on it, and for another version
    than the one seen.
    """
    with acting.writing() as connection:
        _check_seen(connection, follows)
        planned, others = _planned(connection, acting, number)
        later = [one for one in others if one.place > planned.place]
        for one in (planned, *later):
            _withdraw(connection, acting, one.version.version)
        _make_anew(connection, acting, later, [])
        acting.note(connection, "nomenclature", f"version {number} retirée")


def move_planned(acting: Acting, number: int, *, valid_from: date, follows: int) -> None:
    """Let a version that has not begun begin on another day, today or later.

    ChangeRefused as `withdraw_planned`, for a day that is past, and for the day that it has.
    """
    with acting.writing() as connection:
        _check_seen(connection, follows)
        _check_day(valid_from, today(acting))
        planned, others = _planned(connection, acting, number)
        if planned.version.valid_from == valid_from:
            raise ChangeRefused("Cette version est déjà prévue pour ce jour-là.", "valid_from")
        moved = replace(planned, version=replace(planned.version, valid_from=valid_from))
        later = [one for one in others if one.place > planned.place or one.version.valid_from > valid_from]
        for one in (planned, *later):
            _withdraw(connection, acting, one.version.version)
        in_order = sorted([*later, moved], key=lambda one: (one.version.valid_from, one is moved, one.version.version))
        _make_anew(connection, acting, in_order, [])
        acting.note(connection, "nomenclature", f"version {number} reportée")


@dataclass(frozen=True, slots=True)
class _Standing:
    """A version that stands, with the list that it was made on."""

    version: Published
    on: tuple[Entry, ...]

    @property
    def place(self) -> tuple[date, int]:
        return self.version.valid_from, self.version.version


def _standing(connection: Connection) -> list[_Standing]:
    standing = standing_versions(connection)
    on = [first_nomenclature().entries, *(one.entries for one in standing)]
    return [_Standing(one, before) for one, before in zip(standing, on, strict=False)]


def _planned(connection: Connection, acting: Acting, number: int) -> tuple[_Standing, list[_Standing]]:
    """The version of that number, which has not begun, and the other ones that stand."""
    standing = _standing(connection)
    found = next((one for one in standing if one.version.version == number), None)
    if found is None or found.version.valid_from <= today(acting):
        raise ChangeRefused("Aucune version prévue n’a ce numéro : elle a commencé, ou elle est retirée.", "number")
    return found, [one for one in standing if one is not found]


def _make_anew(
    connection: Connection, acting: Acting, later: Iterable[_Standing], made: Iterable[NomenclatureChange]
) -> None:
    """Publish these versions again, in this order, after `made` was put before them: same day, note and author."""
    for one in later:
        old = one.version
        entries, changes = nomenclature_in_force(connection, old.valid_from).entries, []
        for change in old.changes:
            try:
                entries, again = replay(change, entries, was=_levels(one.on), became=_levels(old.entries), made=made)
            except NomenclatureRefused as refusal:
                raise ChangeRefused(
                    f"La version prévue pour le {old.valid_from:%d/%m/%Y} ne pourrait plus se faire ({refusal}) : "
                    "retirez-la d’abord, ou changez sa date."
                ) from None
            changes.append(again)
        _publish(connection, acting, entries, changes, old.valid_from, by=old.published_by, note=old.note)


def _publish(
    connection: Connection,
    acting: Acting,
    entries: tuple[Entry, ...],
    changes: Iterable[NomenclatureChange],
    valid_from: date,
    *,
    by: str,
    note: str,
) -> int:
    try:
        return publish_nomenclature(
            connection, entries, changes, follows=latest_number(connection), valid_from=valid_from, by=by, at=acting.at,
            note=note,
        )  # fmt: skip
    except Overtaken:
        raise _overtaken() from None


def _withdraw(connection: Connection, acting: Acting, number: int) -> None:
    if not withdraw_version(connection, number, by=acting.by, at=acting.at):
        raise _overtaken()


def today(acting: Acting) -> date:
    """The day on which a version may begin at the earliest: today in Paris."""
    return acting.at.astimezone(timezone_of(None)).date()


def _levels(entries: Iterable[Entry]) -> dict[Wording, str]:
    return {entry.wording: entry.niveau for entry in entries}


def _wording(base: Nomenclature, key: str, field: str = "cle") -> Wording:
    found = base.entry(key)
    if found is None:
        raise NomenclatureRefused(
            "Choisissez un sous-motif de la liste. Il doit y être le jour où le changement vaut.", field
        )
    return found.wording


def _check_seen(connection: Connection, follows: int) -> None:
    if follows != latest_number(connection):
        raise _overtaken()


def _overtaken() -> ChangeRefused:
    return ChangeRefused("Quelqu’un a changé la nomenclature entre-temps : relisez, puis recommencez.", "version")


def _check_name(change: NomenclatureChange, entries: tuple[Entry, ...], changes: list[NomenclatureChange]) -> None:
    """A name that somebody else bore stays his: else two sous-motifs would share an answer and a history."""
    taken = change.after and change.kind in {"add", "rename"} and name_of_another(change.after, entries, changes)
    if change.after and taken:
        raise NomenclatureRefused(
            f"« {change.after.sous_motif} » est l’ancien nom de « {taken.sous_motif} » : choisissez-en un autre.",
            "sous_motif",
        )


def _check_day(day: date, first: date) -> None:
    if day < first:
        raise ChangeRefused(
            f"La version ne peut pas valoir avant le {first:%d/%m/%Y} : les totaux passés ne changent pas.",
            "valid_from",
        )
