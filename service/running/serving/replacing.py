"""New processes for old ones, one after the other, while the sockets stay: nobody is refused."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Sequence

from service.running.serving.child import Child

PATIENCE = 90.0
"""Seconds given to a new process to serve; the old one goes on until then."""

GRACE = 25.0
"""Seconds that a child has to stop by itself: more than the operator's own 15 s for one answer."""

log = logging.getLogger(__name__)


class Replacing:
    """Which child gives way to which, step by step; nothing here waits."""

    def __init__(self, children: list[Child]) -> None:
        self._children = children
        self._to_come: list[Child] = []
        self._fresh: Child | None = None
        self._asked: Callable[[], Sequence[Child] | None] | None = None
        self.leaving: list[tuple[Child, float]] = []
        """Who was told to stop, and until when it may take."""

    @property
    def is_busy(self) -> bool:
        """Whether there is a next step soon."""
        return bool(self._to_come or self._fresh or self._asked)

    def ask(self, renewed: Callable[[], Sequence[Child] | None]) -> None:
        """Replace everybody by those that `renewed` makes (None: nobody), after the replacing that goes on."""
        self._asked = renewed

    def step(self) -> None:
        """One step, each time the parent looks after its children."""
        self._bury()
        if self._fresh is not None:
            self._succeed(self._fresh)
        elif self._to_come:
            self._begin(self._to_come.pop(0))
        elif self._asked is not None:
            asked, self._asked = self._asked, None
            renewed = asked()
            if renewed is not None:
                self._plan(renewed)

    def give_up(self) -> None:
        """Everything is to stop: the process that was to succeed too."""
        self._to_come, self._asked = [], None
        if self._fresh is not None:
            self._children.append(self._fresh)
            self._fresh = None

    def dismiss(self, child: Child) -> None:
        """Tell it to stop, and wait for it no longer than GRACE."""
        child.signal(signal.SIGTERM)
        self.leaving.append((child, time.monotonic() + GRACE))

    def _plan(self, renewed: Sequence[Child]) -> None:
        names = {child.name for child in renewed}
        self._to_come = [child for child in renewed if not child.stays]
        for child in [child for child in self._children if child.name not in names and not child.stays]:
            self._children.remove(child)
            self.dismiss(child)
        log.warning("Les processus sont remplacés l’un après l’autre.")

    def _begin(self, fresh: Child) -> None:
        old = self._named(fresh.name)
        if old is not None and not fresh.announces:
            old.gives_way = True
            old.signal(signal.SIGTERM)  # it must have gone before the next one works
        elif not _can_start(fresh):
            self._to_come = []
            return
        fresh.started_at = time.monotonic()
        self._fresh = fresh

    def _succeed(self, fresh: Child) -> None:
        old, waited = self._named(fresh.name), time.monotonic() - fresh.started_at
        if fresh.announces:
            if fresh.serves:
                self._swap(old, fresh)
            elif not fresh.is_alive or waited > PATIENCE:
                log.error("Le nouveau processus « %s » ne sert pas : l’ancien continue.", fresh.name)
                fresh.end()
                self._fresh, self._to_come = None, []
        elif old is None or not old.is_alive or waited > GRACE:
            self._swap(old, fresh)

    def _swap(self, old: Child | None, fresh: Child) -> None:
        self._fresh = None
        if old is None:
            self._children.append(fresh)
            return
        self._children[self._children.index(old)] = fresh
        if fresh.announces:
            self.dismiss(old)
        else:
            old.end()
            fresh.starts_at = 0.0

    def _bury(self) -> None:
        for child, until in list(self.leaving):
            late = time.monotonic() > until
            if late:
                log.warning("Un processus remplacé ne s’arrête pas de lui-même : il est arrêté de force.")
            if late or not child.is_alive:
                child.end()
                self.leaving.remove((child, until))

    def _named(self, name: str) -> Child | None:
        return next((child for child in self._children if child.name == name), None)


def _can_start(fresh: Child) -> bool:
    try:
        fresh.start()
    except OSError as error:
        log.error("Le nouveau processus « %s » n’a pas pu démarrer (%s) : l’ancien continue.", fresh.name, error)  # noqa: TRY400 - the system's word says it
        return False
    return True
