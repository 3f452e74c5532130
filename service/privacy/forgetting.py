"""Each machine forgets what was erased on another: its clerk looks, forgets within seconds and says so.

What was erased is kept in a file beside the database as well, as fingerprints: a restored database is told of it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ivr.memory.callers import MemoryFile
from records.database import Engine, reading, writing
from records.privacy import erased
from service.privacy.retention import ERASED_FILE
from service.settings import Settings

SAYS_SO = timedelta(minutes=5)
"""How often a machine that has nothing to forget says that it is there."""
IS_THERE = timedelta(minutes=15)
"""A machine that has not said so for longer is not waited for: it forgets when it is there again."""
PATIENCE = 10.0
"""Seconds that whoever erases waits for the other machines."""
LATE = timedelta(hours=1)
"""How much later than its own moment an erasure may be committed, after others of a later moment: it is seen still."""
_LONGEST_NAME = 200


def machine_name(settings: Settings) -> str:
    """What this machine is called among those of the house: its host and its folder."""
    return f"{socket.gethostname()}:{settings.var_dir.resolve()}"[-_LONGEST_NAME:]


def erased_file(settings: Settings) -> Path:
    """Where this machine keeps the fingerprints of what was erased, whatever becomes of the database."""
    return settings.var_dir / ERASED_FILE


class Forgetting:
    """What one machine has forgotten of what the house has erased."""

    def __init__(
        self, engine: Engine, memory: MemoryFile, settings: Settings, clock: Callable[[], datetime]
    ) -> None:  # fmt: skip
        self._engine, self._memory, self._clock = engine, memory, clock
        self._name, self._file = machine_name(settings), erased_file(settings)
        self._until: datetime | None = None
        self._done: set[tuple[str, datetime]] = set()
        """What was forgotten of the last hour before `_until`."""
        self._said_at: datetime | None = None

    def look(self) -> int:
        """Forget what was erased since the last look; how many numbers. Raises what the database or the disk raises."""
        at = self._clock()
        with reading(self._engine) as connection:
            if self._said_at is None:
                self._until = erased.forgotten_until(connection, self._name)
            newest = erased.newest_erasure(connection)
            lately = erased.erased_since(connection, self._until - LATE if self._until else None)
        fresh = [one for one in lately if one not in self._done]
        if fresh:
            self._memory.forget_prints({fingerprint for fingerprint, _ in fresh})
            keep_in_file(self._file, fresh)
        if fresh or self._said_at is None or at - self._said_at > SAYS_SO:
            with writing(self._engine) as connection:
                erased.say_forgotten(connection, self._name, newest, at)
            self._until, self._said_at = newest, at
            self._done = {one for one in lately if newest is not None and one[1] > newest - LATE}
        return len(fresh)


def keep_in_file(path: Path, fresh: Iterable[tuple[str, datetime]]) -> None:
    """Add what was erased to the file; a line may stand there twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as file:
        path.chmod(0o600)
        file.writelines(f"{fingerprint} {at.astimezone(UTC).isoformat()}\n" for fingerprint, at in fresh)


def kept_in_file(path: Path) -> dict[str, datetime]:
    """What the file holds; a torn line is let by."""
    found: dict[str, datetime] = {}
    if not path.exists():
        return found
    for line in path.read_text(encoding="ascii", errors="replace").splitlines():
        fingerprint, _, moment = line.partition(" ")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            continue
        if at.tzinfo is not None:
            found[fingerprint] = max(at, found.get(fingerprint, at))
    return found


def forget_old_lines(path: Path, before: datetime) -> None:
    """Take out of the file what was erased so long ago that every call before it has lost its number anyway."""
    kept = kept_in_file(path)
    young = {fingerprint: at for fingerprint, at in kept.items() if at >= before}
    if len(young) == len(kept):
        return
    fresh = path.with_name(f".{path.name}.nouveau")
    fresh.unlink(missing_ok=True)
    keep_in_file(fresh, young.items())
    fresh.replace(path)


def wait_for_others(
    engine: Engine, name: str, until: datetime, at: datetime, *, patience: float = PATIENCE
) -> tuple[list[str], list[str]]:
    """The other machines that have forgotten up to a moment, and those that have not said so in some seconds."""
    last = time.monotonic() + patience
    while True:
        with reading(engine) as connection:
            others = erased.machines(connection, at - IS_THERE)
        others.pop(name, None)
        late = sorted(one for one, done in others.items() if done is None or done < until)
        if not late or time.monotonic() > last:
            return sorted(set(others) - set(late)), late
        time.sleep(0.25)
