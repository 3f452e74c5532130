"""Which numbers nobody should call back, by this machine's settings (decision 40)."""

from __future__ import annotations

from collections.abc import Callable

from routing.phones import why_not_callable
from service.settings import Settings


def warning_of(settings: Settings) -> Callable[[str | None], str | None]:
    """Why a number should not be called back, in French; None for one that may be, and for a withheld one."""

    def why_not(number: str | None) -> str | None:
        own, allow_fiction = settings.own_numbers, settings.demo
        return why_not_callable(number, own_numbers=own, allow_fiction=allow_fiction) if number else None

    return why_not
