"""Asking for a workbook in the background, writing it with signs of life, and deleting it after some days."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from records.database import Connection, Engine, reading, writing
from records.desks.audit import note
from records.refusals import ChangeRefused
from reports.figures.periods import Period
from reports.preparing import store
from reports.preparing.prepared import (
    KEPT_FOR,
    MOST_TRIES,
    MOST_WAITING,
    Prepared,
    PreparingRefused,
    next_to_write,
    reference_of,
)
from reports.workbook.book import WorkbookContent, write_workbook
from reports.workbook.history import TooManyRows

TOLD_EVERY = 2.0
"""Seconds between two signs of life."""
DRAFT_LIVES = timedelta(days=1)
"""A file that no row names is deleted when it is older: it is nobody's draft any more."""
INTERRUPTED = (
    "Son écriture s’est interrompue trois fois : demandez une période plus courte, ou prévenez l’administrateur."
)
BROKEN = "Son écriture a échoué : réessayez, ou prévenez l’administrateur."
FULL_DISK = "Il n’a pas pu être enregistré : le disque du service est plein ou fermé. Prévenez l’administrateur."

log = logging.getLogger(__name__)

Content = Callable[[Connection, Prepared], WorkbookContent]
"""What goes into the workbook that was asked for."""


def ask(
    connection: Connection, departement: str | None, period: Period, *, with_pivot: bool, by: str, at: datetime
) -> int:  # fmt: skip
    """The number of the workbook that was asked for; the same one while it waits. PreparingRefused when too many do."""
    waiting = [one for one in store.prepared_of(connection, by) if one.is_under_way]
    for one in waiting:
        if (one.departement, one.period, one.with_pivot) == (departement, period, with_pivot):
            return one.id
    if len(waiting) >= MOST_WAITING:
        raise PreparingRefused(f"{MOST_WAITING} de vos classeurs sont déjà en préparation : attendez le premier.")
    number = store.add(connection, departement, period, with_pivot=with_pivot, by=by, at=at)
    note(connection, by=by, what="classeur demandé", reference=reference_of(departement, period), at=at)
    return number


def take_next(engine: Engine, now: datetime) -> Prepared | None:
    """The workbook to write now, taken for this writer; None when there is none, or another is being written.

    One whose writer has been silent is begun again, three times at most.
    """
    with writing(engine) as connection:
        found = next_to_write(store.unfinished(connection), now)
        while found is not None and found.tries >= MOST_TRIES:
            store.fail(connection, found.id, now, INTERRUPTED)
            found = next_to_write(store.unfinished(connection), now)
        if found is None:
            return None
        store.start(connection, found.id, now)
        return store.prepared(connection, found.id)


@dataclass
class Writer:
    """Writes one workbook into the folder, and tells how far it is."""

    engine: Engine
    clock: Callable[[], datetime]
    folder: Path
    content: Content
    told_every: float = TOLD_EVERY
    _rows: int = field(default=0, init=False)
    _expected: int | None = field(default=None, init=False)

    def write(self, one: Prepared) -> None:
        """Write it, or say why it is not; a workbook that somebody else has begun again is his."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f"{one.id}-{secrets.token_hex(8)}.part"
        try:
            with self._alive(one):
                self._write(one, draft)
        except TooManyRows as refusal:
            self._fail(one, str(refusal))
        except OSError:
            log.exception("Le classeur %s n’a pas pu être enregistré.", one.id)
            self._fail(one, FULL_DISK)
        except Exception:
            log.exception("Le classeur %s n’a pas pu être écrit.", one.id)
            self._fail(one, BROKEN)
        finally:
            draft.unlink(missing_ok=True)

    def _write(self, one: Prepared, draft: Path) -> None:
        with reading(self.engine) as connection, draft.open("xb") as file:
            store.take_your_time(connection)
            draft.chmod(0o600)
            content = self.content(connection, one)
            self._expected = int(content.figures.nombre_appels)
            rows = write_workbook(file, content, progress=self._progress)
        done = draft.with_suffix(".xlsx")
        draft.rename(done)
        with writing(self.engine) as connection:
            size = done.stat().st_size
            is_mine = store.finish(connection, one.id, one.tries, self.clock(), file=done.name, size=size, rows=rows)
        if not is_mine:
            done.unlink()

    def _progress(self, rows: int) -> None:
        self._rows = rows

    @contextmanager
    def _alive(self, one: Prepared) -> Iterator[None]:
        """Give signs of life until the block ends: also while the file is put together, when no row is written."""
        over = threading.Event()
        teller = threading.Thread(target=self._tell, args=[one, over], name="signs of life", daemon=True)
        teller.start()
        try:
            yield
        finally:
            over.set()
            teller.join()

    def _tell(self, one: Prepared, over: threading.Event) -> None:
        while not over.wait(self.told_every):
            try:
                with writing(self.engine) as connection:
                    store.tell(connection, one.id, one.tries, self.clock(), written=self._rows, expected=self._expected)
            except Exception:
                log.exception("Le classeur %s n’a pas pu donner signe de vie.", one.id)

    def _fail(self, one: Prepared, error: str) -> None:
        with writing(self.engine) as connection:
            store.fail(connection, one.id, self.clock(), error)


def sweep(engine: Engine, folder: Path, now: datetime) -> None:
    """Forget the workbooks of some days ago with their files, and delete the old files that no row names."""
    with writing(engine) as connection:
        gone = store.forget_before(connection, now - KEPT_FOR)
    _delete(folder, gone)
    with reading(engine) as connection:
        known = store.files(connection)
    old = (now - DRAFT_LIVES).timestamp()
    _delete(folder, [path.name for path in folder.glob("*-*") if path.name not in known and path.stat().st_mtime < old])


def forget_numbers(engine: Engine, folder: Path) -> None:
    """Delete at once the workbooks in which whole telephone numbers stand; those being written are begun again."""
    with writing(engine) as connection:
        gone = store.forget_with_numbers(connection)
    _delete(folder, gone)


def _delete(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def taken(connection: Connection, one: Prepared, folder: Path, *, by: str, at: datetime) -> Path:
    """The file of whoever takes it, noted in the trail; ChangeRefused when it is not there yet, or any more."""
    if one.file is None:
        raise ChangeRefused("Ce classeur n’est pas encore prêt.")
    path = folder.absolute() / one.file
    if not path.is_file():
        raise ChangeRefused("Ce classeur n’est plus là : demandez-le de nouveau.")
    note(connection, by=by, what="classeur", reference=one.reference, at=at)
    return path
