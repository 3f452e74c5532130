"""One look at everything, what it says, and whom it tells: by the outbox, or alone while the database is away.

What was told without a database is written down once it is back: nobody is told twice, and what is over is told too.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from records.alerting import figures
from records.alerting.figures import Counts, MailsOwed
from records.alerting.telling import ToldNow, Trouble, open_alerts, see, tell
from records.database import Connection, Engine, SQLAlchemyError, reading, writing
from records.desks.accounts import colleagues
from records.mail import Mail, Sender
from records.outbox import Owed
from records.sending import send_due
from routing.departements import NATIONAL, PARIS
from routing.snapshot import Snapshot
from service.running.watching.health import State, inspect
from service.running.watching.state import read_state, write_state
from service.running.watching.telling.deadline import Patient, Waited
from service.running.watching.telling.journal_depth import depth
from service.running.watching.telling.letters import begun_letters, over_letters
from service.running.watching.telling.problems import TITLES, Ailment, Concern, problems
from service.running.watching.telling.sight import Certificate, Depth, DiskRoom, Sight
from service.settings import Settings

CALM = timedelta(minutes=10)
"""How long something must not have been seen by anybody to be over: what comes and goes is told once."""

GONE = timedelta(days=1)
"""The same for what another machine alone can see."""

OF_JOBS = frozenset({Ailment.JOB_LATE, Ailment.JOB_FAILING})
AGAIN = timedelta(minutes=5)
"""Between two tries to tell without a database, when the mail server did not take it."""

QUICK = 5.0
"""Seconds that the database has for an answer; what is frozen is away."""

SENDING = 60.0
CERTIFICATE_EACH = timedelta(hours=1)
COUNT_EACH = timedelta(minutes=10)
COUNTING = 20.0
"""Seconds that the count of all past calls may take."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one look asks the database."""

    offsets: Mapping[str, int]
    mails: MailsOwed
    legs: Counts
    today: Counts
    in_progress: int
    job_done_at: datetime | None
    readers: tuple[str, ...]


@dataclass(frozen=True)
class Means:
    """What the watch is given. `door`: in how many seconds the service's own port answers, None when it does not."""

    settings: Settings
    engine: Engine
    clock: Callable[[], datetime]
    machine: str
    snapshot: Callable[[], Snapshot | None]
    sender: Sender | None
    door: Callable[[], float | None]
    certificate: Callable[[str], Certificate | None]


@dataclass
class Watch:
    """Looks when asked to; what has to be remembered between two looks stands in the state `alerts`."""

    means: Means
    serves: bool = True
    _asking: Patient[Gathered] = field(default_factory=Patient)
    _writing: Patient[list[Trouble]] = field(default_factory=Patient)
    _sending: Patient[None] = field(default_factory=Patient)
    _counting: Patient[tuple[date, Counts]] = field(default_factory=Patient)
    _first_seen: dict[str, datetime] = field(default_factory=dict)
    _alone: dict[str, datetime] = field(default_factory=dict)
    """What was told without a database, since when."""
    _open: list[Trouble] = field(default_factory=list)
    """What was open when the database last answered."""
    _readers: tuple[str, ...] = ()
    _not_before: datetime | None = None
    _certificate: tuple[datetime, Certificate | None] | None = None
    _past: tuple[datetime, date, Counts] | None = None
    _offsets: Mapping[str, int] = field(default_factory=dict)
    _since: datetime | None = None

    def __post_init__(self) -> None:
        kept = read_state(self._folder, "alerts")
        self._alone = {key: datetime.fromisoformat(since) for key, since in (kept.get("alone") or {}).items()}
        self._readers = tuple(kept.get("readers") or ())
        self._since = datetime.fromisoformat(kept["watching_since"]) if kept.get("watching_since") else None

    def look(self) -> list[Concern]:
        """Look once, tell what there is to tell, and say it in the states; returns what is wrong."""
        at = self.means.clock()
        self._since = self._since or at
        asked = self._ask(at)
        sight = self._see(at, asked)
        found = self._lasting(problems(sight), at)
        is_written = asked is not None and self._tell(found, at)
        if not is_written:
            self._tell_alone(found, at)
        self._say(at, sight, asked, found, is_written=is_written)
        return found

    # ------------------------------------------------------------ looking

    @property
    def _folder(self) -> Path:
        return self.means.settings.state_dir

    def _ask(self, at: datetime) -> Gathered | None:
        def ask() -> Gathered:
            with reading(self.means.engine) as connection:
                figures.hurry(connection, QUICK)
                today = at.astimezone(PARIS).date()
                return Gathered(
                    figures.offsets(connection),
                    figures.mails_owed(connection, at),
                    figures.legs_of_the_last_hour(connection, at),
                    figures.calls_by_desk(connection, first=today - timedelta(days=1)),
                    figures.calls_in_progress(connection, at),
                    figures.last_job_done(connection),
                    self._who_is_told(connection),
                )

        try:
            asked = self._asking.within(QUICK, ask)
        except (SQLAlchemyError, OSError) as error:
            log.warning("La veille n’a pas de réponse de la base de données (%s).", type(error).__name__)
            return None
        self._readers, self._offsets = asked.readers, asked.offsets
        return asked

    def _who_is_told(self, connection: Connection) -> tuple[str, ...]:
        chosen = self.means.settings.alert_readers
        return chosen or tuple(one.email for one in colleagues(connection, NATIONAL))

    def _see(self, at: datetime, asked: Gathered | None) -> Sight:
        means, folder = self.means, self._folder
        snapshot = means.snapshot()
        parts = inspect(
            folder=folder, journal=means.settings.journal_dir, snapshot=snapshot, problem=None, failed_appends=0, now=at
        )
        return Sight(
            at, means.machine, parts,
            jobs=read_state(folder, "jobs"), heavy=read_state(folder, "heavy"), clerk=read_state(folder, "clerk"),
            backup=read_state(folder, "backup"),
            owes_backup=not means.settings.demo and means.settings.write_first != "database",
            watching_since=self._since,
            door_seconds=means.door() if self.serves else None, serves=self.serves,
            is_database_there=asked is not None, job_done_at=asked.job_done_at if asked else None,
            mails=asked.mails if asked else None,
            depth=self._depth(), disk=_disk(means.settings.var_dir), certificate=self._certificate_at(at),
        )  # fmt: skip

    def _depth(self) -> Depth | None:
        try:
            return depth(self.means.settings.journal_dir, self._offsets)
        except OSError:
            return None

    def _certificate_at(self, at: datetime) -> Certificate | None:
        """Looked at each hour."""
        known = self._certificate
        if known is None or not timedelta() <= at - known[0] < CERTIFICATE_EACH:
            known = self._certificate = (at, self.means.certificate(self.means.settings.public_url))
        return known[1]

    def _lasting(self, found: Iterable[Concern], at: datetime) -> list[Concern]:
        """What has lasted for as long as it must to be told."""
        now = {one.key: one for one in found}
        self._first_seen = {key: min(self._first_seen.get(key, at), at) for key in now}
        return [one for key, one in now.items() if at - self._first_seen[key] >= one.patience]

    # ------------------------------------------------------------ telling

    def _tell(self, found: list[Concern], at: datetime) -> bool:
        """Whether it is written in the database, and the mails about it owed."""
        wrong = {one.key: self._alert(one, at) for one in found}

        def write() -> list[Trouble]:
            with writing(self.means.engine) as connection:
                figures.hurry(connection, QUICK)
                self._write(connection, wrong, at)
                return open_alerts(connection)

        try:
            self._open = self._writing.within(QUICK, write)
        except (SQLAlchemyError, OSError) as error:
            log.warning("La veille n’a pas pu écrire dans la base de données (%s).", type(error).__name__)
            return False
        self._alone = {}
        if self.means.sender is not None:
            self._send(self.means.sender)
        return True

    def _write(self, connection: Connection, wrong: Mapping[str, Trouble], at: datetime) -> None:
        known = {one.key: one for one in open_alerts(connection, Ailment)}
        see(connection, wrong.keys() & known.keys(), at)
        gone = [_told_alone(key, since, at) for key, since in self._alone.items() if key not in wrong]
        tell(connection, [one for key, one in wrong.items() if key in self._alone] + gone, (), at)
        begun = [one for key, one in wrong.items() if key not in known and key not in self._alone]
        over = [one for key, one in known.items() if key not in wrong and at - (one.seen_at or at) >= self._calm(one)]
        tell(connection, begun, over, at, lambda told: self._letters(told, at))

    def _calm(self, alert: Trouble) -> timedelta:
        """How long it must not be seen to be over: a machine that is off does not see its own full disk any more."""
        is_shared = not alert.about or alert.kind in OF_JOBS
        return CALM if is_shared or alert.about.partition(" ")[0] == self.means.machine else GONE

    def _letters(self, told: ToldNow, at: datetime) -> Iterator[tuple[str, Mail]]:
        if self.means.sender is None:
            return
        site = self.means.settings.public_url
        for mail in (*begun_letters(told.begun, self._readers, site), *over_letters(told.over, self._readers, at)):
            yield "watch", mail

    def _send(self, sender: Sender) -> None:
        """The mails that are due, whoever owed them: the jobs that would send them may be what is wrong."""

        def send() -> None:
            send_due(self.means.engine, Owed.ALARM, sender, self.means.clock)

        try:
            self._sending.within(SENDING, send)
        except (SQLAlchemyError, OSError) as error:
            log.warning("La veille n’a pas pu envoyer ses courriels (%s).", type(error).__name__)

    def _tell_alone(self, found: list[Concern], at: datetime) -> None:
        """Without a database: a mail at once for what nobody was told of yet."""
        told = {one.key for one in self._open} | self._alone.keys()
        new = [self._alert(one, at) for one in found if one.key not in told]
        is_too_early = self._not_before is not None and self._not_before - AGAIN <= at < self._not_before
        if not new or self.means.sender is None or is_too_early:
            return
        letters = begun_letters(new, self._offline_readers(), self.means.settings.public_url, alone=True)
        try:
            for mail in letters:
                self.means.sender.send(mail)
        except (OSError, ValueError) as error:
            self._not_before = at + AGAIN
            log.error("La veille n’a pu prévenir personne (%s).", type(error).__name__)  # noqa: TRY400 - it may name one
        else:
            self._not_before = None
            self._alone |= {one.key: one.since for one in new}

    def _offline_readers(self) -> tuple[str, ...]:
        """ALERT_EMAILS, else the accounts as they were known last, else the national team of the directory."""
        snapshot = self.means.snapshot()
        team = [one.email for one in snapshot.lines(NATIONAL) if one.email] if snapshot else []
        return self.means.settings.alert_readers or self._readers or tuple(dict.fromkeys(team))

    def _alert(self, one: Concern, at: datetime) -> Trouble:
        since = min(one.since or self._first_seen.get(one.key, at), at)
        return Trouble(one.key, str(one.kind), one.about, one.told, one.to_do, since)

    # ------------------------------------------------------------ saying

    def _say(
        self, at: datetime, sight: Sight, asked: Gathered | None, found: list[Concern], *, is_written: bool
    ) -> None:
        told = {one.key: (one.kind, one.since) for one in self._open}
        if not is_written:
            told |= {one.key: (one.kind, self._alert(one, at).since) for one in found}
        opened = [
            {"kind": kind, "since": since.isoformat()} for kind, since in sorted(told.values(), key=lambda x: x[1])
        ]
        alerts = {"state": State.DEGRADED if opened else State.OK} | ({"open": opened} if opened else {})
        mail = {"mail": _mail_part(asked.mails)} if asked and self.means.sender is not None else {}
        write_state(self._folder, "watch", at, alerts=alerts, **mail)
        alone = {key: since.isoformat() for key, since in self._alone.items()}
        since = self._since.isoformat() if self._since else None
        write_state(self._folder, "alerts", at, alone=alone, readers=self._readers, watching_since=since)
        write_state(self._folder, "figures", at, **self._figures(at, sight, asked))

    def _figures(self, at: datetime, sight: Sight, asked: Gathered | None) -> dict[str, Any]:
        found: dict[str, Any] = {"door_seconds": sight.door_seconds}
        if sight.depth is not None:
            oldest = min(sight.depth.files.values(), default=at)
            found |= {"journal_bytes": sight.depth.waiting, "journal_oldest_seconds": (at - oldest).total_seconds()}
        if sight.disk is not None:
            found |= {"disk_free_bytes": sight.disk.free, "disk_size_bytes": sight.disk.size}
        if sight.certificate and sight.certificate.until:
            found["certificate_days"] = (sight.certificate.until - at) / timedelta(days=1)
        if asked is not None:
            oldest_mail = asked.mails.oldest or at
            found |= {
                "mails": asked.mails.waiting, "mails_failing": asked.mails.failing, "legs": asked.legs,
                "mails_oldest_seconds": (at - oldest_mail).total_seconds(), "calls_in_progress": asked.in_progress,
            }  # fmt: skip
            if self.means.settings.metrics and (past := self._past_calls(at)) is not None:
                found["calls"] = _added(past, asked.today)
        return found

    def _past_calls(self, at: datetime) -> Counts | None:
        """The calls before yesterday, counted each ten minutes, in the background; None until they are."""
        yesterday = at.astimezone(PARIS).date() - timedelta(days=1)

        def count() -> tuple[date, Counts]:
            with reading(self.means.engine) as connection:
                figures.hurry(connection, COUNTING)
                return yesterday, figures.calls_by_desk(connection, before=yesterday)

        known = self._past
        if known is None or known[1] != yesterday or not timedelta() <= at - known[0] < COUNT_EACH:
            try:
                self._past = known = (at, *(self._counting.late() or self._counting.within(QUICK, count)))
            except Waited:
                pass  # a later look finds what it brings
            except (SQLAlchemyError, OSError) as error:
                log.warning("Les appels n’ont pas pu être comptés (%s).", type(error).__name__)
        return known[2] if known and known[1] == yesterday else None


def _told_alone(key: str, since: datetime, at: datetime) -> Trouble:
    """What was told without a database and is not so any more when it is back: its end will be told, by its title."""
    kind, _, about = key.partition(":")
    told = f"{TITLES.get(kind, kind)} ({about})." if about else f"{TITLES.get(kind, kind)}."
    return Trouble(key, kind, about, told, "", since, seen_at=at)


def _mail_part(mails: MailsOwed) -> dict[str, Any]:
    failing = sum(int(number) for _, number in mails.failing)
    return {"state": State.DEGRADED, "failing": failing} if failing else {"state": State.OK}


def _added(*counts: Counts) -> Counts:
    found: dict[tuple[str, str], int] = {}
    for outcome, desk, number in (line for some in counts for line in some):
        key = (str(outcome), str(desk))
        found[key] = found.get(key, 0) + int(number)
    return [[outcome, desk, number] for (outcome, desk), number in sorted(found.items())]


def _disk(folder: Path) -> DiskRoom | None:
    try:
        usage, names = shutil.disk_usage(folder), os.statvfs(folder)
    except OSError:
        return None
    return DiskRoom(usage.free, usage.total, names.f_favail / names.f_files if names.f_files else 1.0)
