"""Places to compute in: the telephone has some of its own, so that no number of pages takes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from ivr.asked import is_voice

SYNCED_TOGETHER = 4
"""How many calls are in hand for each thread: they wait for the disk most of the time, and share one sync of it."""

PROBES = frozenset({"/health", "/ready", "/metrics"})


class Lane:
    """At most `places` requests compute at once, and `most` are let in: those wait, or still receive their form."""

    def __init__(self, name: str, places: int, most: int) -> None:
        self.name = name
        self.most = most
        self.inside: dict[int, float] = {}
        """Since when each request that was let in computes, or waits to; infinite while its sender is waited for."""
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(places):
            self._free.put(None)

    @property
    def is_full(self) -> bool:
        """Whether the next one is better told so at once."""
        return len(self.inside) >= self.most

    def take(self) -> None:
        """Wait for a place, in the order of arrival."""
        self._free.get()

    def give_back(self) -> None:
        """The place is for the next one."""
        self._free.put(None)

    @contextmanager
    def stepped_aside(self) -> Iterator[None]:
        """While somebody slow is waited for, the place is another one's."""
        self.give_back()
        try:
            yield
        finally:
            self.take()


class Lanes:
    """Which lane a request goes: the operator's, the probes' or the people's."""

    def __init__(self, *, threads: int, most: int) -> None:
        self.telephone = Lane("telephone", SYNCED_TOGETHER * threads, most)
        self.probes = Lane("probes", 1, 8)
        self.pages = Lane("pages", threads, most // 4)

    def of(self, path: str) -> Lane:
        """The lane of the request for `path`."""
        if is_voice(path):
            return self.telephone
        return self.probes if path in PROBES else self.pages

    def oldest(self) -> float:
        """The moment at which the longest computation began; infinite when nobody computes."""
        lanes = (self.telephone, self.probes, self.pages)
        return min((began for lane in lanes for began in list(lane.inside.values())), default=float("inf"))

    def count(self) -> int:
        """How many requests are in hand."""
        return len(self.telephone.inside) + len(self.probes.inside) + len(self.pages.inside)
