"""Which directory serves: the last published version with what people set, or the CSV when there is none (decision 23).

Whoever commits a change writes the snapshot (decision 24); the clerk sees to it that the file and the database agree.
"""

from __future__ import annotations

import logging
from datetime import datetime

from records.counting.words import counted
from records.database import Connection, Engine, reading
from records.desks.acting import Acting
from records.in_force.directories import add_directory, latest_version, published_at, published_directory
from records.refusals import ChangeRefused, Overtaken, one_line
from routing.departements import desk_in_mails
from routing.directory.cells import decoded
from routing.directory.differences import Differences, differences
from routing.directory.reading import DirectoryRefused, Person
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.directory.followed_csv import CsvWatch, follow_csv, read_people, same
from service.directory.rules import rules_of
from service.directory.snapshots import SnapshotFile
from service.settings import Settings

log = logging.getLogger(__name__)

LONGEST_NOTE = 200
MOST_NAMED = 12
"""Départements that a question names; a file that empties more tells their number."""


def publish_directory(
    acting: Acting, settings: Settings, content: bytes, note: str = "",
    *, compared_with: int | None = None, confirmed: bool = True,
) -> Snapshot:  # fmt: skip
    """Put a directory file in service for every call from now on, and return the snapshot that serves.

    `compared_with`: the version that its author has seen it beside, None when he has not looked. `confirmed`: whether
    he was asked about what goes, where a département loses its last person or more than a fifth of the lines go.
    Raises DirectoryRefused when a line is bad, Overtaken (with the version that serves) when another one was published
    since, ChangeRefused when the note is too long or what goes was not confirmed; and changes nothing then.
    """
    people = read_people(content, settings)
    why = one_line(note, "note", LONGEST_NOTE, optional=True)
    file = SnapshotFile(settings.var_dir)
    with file.locked():
        serving = file.current()
        found = differences(serving.people if serving else (), people)
        if found.must_be_confirmed and not confirmed:
            raise ChangeRefused(f"Confirmez : {' ; '.join(what_goes(found))}.", "confirmer")
        with acting.writing() as connection:
            latest = latest_version(connection)
            if compared_with is not None and latest != compared_with:
                raise Overtaken(latest)
            version = add_directory(connection, decoded(content), by=acting.by, at=acting.at, note=why)
            acting.note(connection, "annuaire", str(version))
            rules = rules_of(connection, acting.at)
        snapshot = Snapshot(version, acting.at, people, rules)
        file.write(snapshot)
    return snapshot


def what_goes(found: Differences) -> list[str]:
    """What nobody publishes unasked, as parts of a French sentence; empty when there is nothing to ask."""
    told = []
    if found.emptied:
        named = ", ".join(map(desk_in_mails, found.emptied[:MOST_NAMED]))
        more = len(found.emptied) - MOST_NAMED
        rest = f" et {counted(more, 'autre département', 'autres départements')}" if more > 0 else ""
        told.append(f"plus personne ne pourrait être appelé : {named}{rest}")
    if found.takes_many:
        gone = counted(len(found.gone), "ligne part", "lignes partent")
        told.append(f"{gone}, sur {found.before}")
    return told


def serving_text(connection: Connection, settings: Settings, version: int) -> str | None:
    """The file of a version as it was given, that of REFERENTS_CSV for version 0; None where there is none.

    Raises Unreadable when the followed file is in no encoding that we read.
    """
    if version:
        published = published_directory(connection, version)
        return published.csv if published else None
    try:
        return decoded(settings.referents_csv.read_bytes())
    except OSError:
        return None


def refresh_rules(engine: Engine, settings: Settings, at: datetime) -> Snapshot | None:
    """Put what people have just set in service, and return the snapshot that serves; None without any directory."""
    file = SnapshotFile(settings.var_dir)
    DirectoryKeeper(file, settings).keep(engine, at)
    return file.current()


class DirectoryKeeper:
    """Sees to it that the snapshot file says what the database says, or the CSV when nothing is published."""

    def __init__(self, file: SnapshotFile, settings: Settings) -> None:
        self._file = file
        self._settings = settings
        self._watch = CsvWatch(settings.referents_csv)
        self._has_looked = False
        self._warned = ""
        self._read: tuple[int, datetime | None] | None = None
        """The version that `_people` are of, and when it was published."""
        self._people: tuple[Person, ...] = ()

    def keep(self, engine: Engine, at: datetime) -> None:
        """Write the snapshot when it differs; raises what the database raises when it is away."""
        csv_changed = self._watch.has_changed()
        with self._file.locked():
            with reading(engine) as connection:
                version, rules = latest_version(connection), rules_of(connection, at)
                if version:
                    self._read_again(connection, version)
            if version:
                self._serve(Snapshot(version, at, self._people, rules))
            elif csv_changed or self._must_follow(rules):
                self._warn(follow_csv(self._file, self._settings, at, rules))
        if csv_changed and version and self._has_looked:
            self._warn(f"{self._settings.referents_csv} n’est plus suivi : la version {version} publiée sert.")
        self._has_looked = True

    def keep_alone(self, at: datetime) -> None:
        """Follow the CSV while the database is away, where nothing was published as far as this machine knows."""
        if self._file.current() is not None and self._watch.has_changed():
            self._warn(follow_csv(self._file, self._settings, at))

    def _read_again(self, connection: Connection, version: int) -> None:
        """Read the published file unless it was read: after a restore another file may have the number of one."""
        wanted = (version, published_at(connection, version))
        if wanted == self._read:
            return
        published = published_directory(connection, version)
        try:
            self._people = read_people((published.csv if published else "").encode(), self._settings)
        except DirectoryRefused as refusal:
            serving = self._file.current()
            self._warn(f"La version {version} publiée ne se lit plus, la dernière bonne continue :\n{refusal}")
            self._people = serving.people if serving else ()
        self._read = wanted

    def _serve(self, wanted: Snapshot) -> None:
        serving = self._file.current()
        if wanted.people and (serving is None or self._file.problem or not same(serving, wanted)):
            self._file.write(wanted)

    def _must_follow(self, rules: Rules) -> bool:
        serving = self._file.current()
        return serving is None or bool(self._file.problem) or serving.rules != rules

    def _warn(self, sentence: str | None) -> None:
        """Log a sentence once, until another one takes its place."""
        if sentence and sentence != self._warned:
            log.warning(sentence)
        self._warned = sentence or self._warned
