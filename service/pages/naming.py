"""Who is meant, as a reader says it: « vous », a name, or the address where no name is known."""

from __future__ import annotations

from collections.abc import Callable

from flask import g

from records.database import Engine, reading
from records.desks.accounts import names_by_email

Filter = Callable[[str | None], str]


def naming(engine: Engine) -> Filter:
    """The filter `who`: an account's address → « vous » for the reader's own, else the account's name."""

    def who(email: str | None) -> str:
        if not email:
            return "—"
        reader = g.get("account")
        if reader is not None and reader.email == email:
            return "vous"
        if "names_by_email" not in g:
            with reading(engine) as connection:
                g.names_by_email = names_by_email(connection)
        name: str = g.names_by_email.get(email.casefold(), email)
        return name

    return who
