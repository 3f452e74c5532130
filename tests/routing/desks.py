"""Small directories and moments that the routing tests are written with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from routing.calendar.hours import read_hours
from routing.calendar.public_holidays import KEPT_BY_DEFAULT
from routing.directory.reading import Person, Role, read_directory, short_id
from routing.planning.plan import Plan
from routing.rules import Absence, Closure, Overflow, Rules
from routing.snapshot import Snapshot

SECRET = b"a made-up secret"
HEADER = "departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage"
NATIONAL_LINE = "*,Équipe nationale,Nation,Alix,national,01 99 00 00 01,alix@exemple.fr,1,24/7,oui"


def moment(text: str) -> datetime:
    """`2026-11-24T09:00` (UTC) as an aware datetime."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def directory(*lines: str) -> tuple[Person, ...]:
    """The people of these lines and one person of the national team, by the real reading."""
    content = "\n".join([HEADER, NATIONAL_LINE, *lines])
    return read_directory(content.encode(), secret=SECRET, allow_fiction=True)


def person(
    nom: str, departement: str = "01", *, rang: int | None = 1, hours: str = "", phone: str | None = "", id_: str = ""
) -> Person:
    """One référent; his number is made from his name when none is given."""
    email = f"{nom.lower()}@exemple.fr"
    number = f"+33639 98{sum(map(ord, nom)) % 10_000:04d}".replace(" ", "") if phone == "" else phone
    return Person(
        id=id_ or short_id(SECRET, nom, "Jo", email),
        departement=departement,
        siao="SIAO",
        nom=nom,
        prenom="Jo",
        role=Role.REFERENT,
        phone=number,
        email=email,
        rang=rang,
        hours=read_hours(hours),
        screened=True,
    )


def snapshot(people: Iterable[Person], rules: Rules | None = None) -> Snapshot:
    """A first version of these people under these rules."""
    return Snapshot(1, moment("2026-11-24T00:00"), tuple(people), rules or Rules())


def names(shot: Snapshot, planned: Plan) -> str:
    """Who rings, by nom: `Martin+Petit, Durand`; or the reason in capitals."""
    if not planned.rangs:
        return (planned.reason or "").upper()
    found = [[shot.person(planned.served_by, each) for each in rang] for rang in planned.rangs]
    return ", ".join("+".join(each.nom if each else "?" for each in rang) for rang in found)


def rules(
    *,
    away: tuple[Absence, ...] = (),
    closed: tuple[Closure, ...] = (),
    overflow: tuple[Overflow, ...] = (),
    usage: frozenset[str] = KEPT_BY_DEFAULT,
) -> Rules:
    return Rules(absences=away, closures=closed, overflows=overflow, usage_holidays=usage)


def absence(who: Person, start: str, end: str, by: Person | None = None) -> Absence:
    """`who` away between two UTC moments, replaced `by`."""
    return Absence(1, who.id, moment(start), moment(end), by.id if by else None)


def closure(code: str | None, start: str, end: str, label: str = "") -> Closure:
    """A closure between two UTC moments."""
    return Closure(1, code, moment(start), moment(end), label)


NATION = replace(person("Nation", "*", hours="24/7"), id="nation0000")
OPEN = moment("2026-11-24T09:00")
"""A Tuesday at 10:00 in Paris."""
NIGHT = moment("2026-11-24T20:00")
DAY = ("2026-11-24T00:00", "2026-11-25T00:00")
A, B, C = person("A"), person("B", rang=2), person("C", "02")
