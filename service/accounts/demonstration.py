"""What `svi serve` prints in demonstration once the database is there, how to sign in; and its invented articles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import click

from records.database import Engine, open_database, writing
from records.desks.accounts import INVENTED_BY, add_account, find_by_email
from records.desks.acting import Acting
from records.desks.permissions import AccountRole
from routing.departements import NATIONAL
from routing.directory.people import Person
from service.accounts.invitations import one_time_link
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.settings import Settings, read_settings
from support.knowledge.sample import fill_directory


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody of the demonstration who may sign in; the directory says who it is, the rest stands in for nobody."""

    label: str
    desk: str
    role: AccountRole
    email: str
    name: str


DEMO_ACCOUNTS = (
    DemoAccount("Référent de Paris (75)", "75", AccountRole.REFERENT, "referent.75@siao.example", "Référent de Paris"),
    DemoAccount("Équipe nationale", NATIONAL, AccountRole.NATIONAL, "national@siao.example", "Équipe nationale"),
)
LIVES = timedelta(hours=12)
"""A demonstration's first links wait for a reader who comes back after lunch; all others last 15 minutes."""


def sign_in_lines(settings: Settings) -> list[str]:
    """One French line with a sign-in link for each demonstration account; none outside a demonstration."""
    if not settings.demo:
        return []
    snapshot = SnapshotFile(settings.var_dir).current()
    people = snapshot.people if snapshot else ()
    engine = open_database(settings.database_url)
    try:
        return [_line(engine, settings, _from_directory(account, people), now()) for account in DEMO_ACCOUNTS]
    finally:
        engine.dispose()


def _from_directory(account: DemoAccount, people: Iterable[Person]) -> DemoAccount:
    """The account of the first person of that desk who can be rung and written to."""
    for person in people:
        if person.departement == account.desk and person.is_ringable and person.email:
            return replace(account, email=person.email, name=person.name)
    return account


def _line(engine: Engine, settings: Settings, who: DemoAccount, at: datetime) -> str:
    codes = () if who.desk == NATIONAL else (who.desk,)
    with writing(engine) as connection:
        if find_by_email(connection, who.email) is None:
            add_account(
                connection, email=who.email, name=who.name, role=who.role, departements=codes, by=INVENTED_BY, at=at
            )  # fmt: skip
    acting = Acting(engine, INVENTED_BY, at)
    return f"{who.label} : {one_time_link(acting, settings, who.email, lives=LIVES)}"


def invent_articles(settings: Settings) -> None:
    """Give a first demonstration its invented articles; nothing outside a demonstration."""
    if settings.demo:
        engine = open_database(settings.database_url)
        try:
            fill_directory(Acting(engine, INVENTED_BY, now()))
        finally:
            engine.dispose()


def main() -> None:
    """Print the lines, and see to it that there is something to read."""
    settings = read_settings()
    for line in sign_in_lines(settings):
        click.echo(line)
    invent_articles(settings)


if __name__ == "__main__":
    main()
