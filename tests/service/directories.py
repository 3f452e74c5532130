"""Small directories for the tests of the roof: invented people, numbers reserved for fiction."""

from __future__ import annotations

from datetime import UTC, datetime

from routing.calendar.hours import Hours
from routing.directory.people import Person, Role
from routing.rules import Rules
from routing.snapshot import Snapshot

MOMENT = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)

CSV = """departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage
75,SIAO de Paris,Delorme,Aïcha,référent,01 99 00 75 01,a.delorme@exemple.fr,1,24/7,oui
*,Équipe nationale,Roussel,Inès,national,01 99 00 10 01,i.roussel@exemple.fr,1,24/7,oui
"""


def person(nom: str = "Delorme", departement: str = "75") -> Person:
    return Person(
        id=f"id{nom.lower()[:6]}00",
        departement=departement,
        siao="SIAO de Paris",
        nom=nom,
        prenom="Aïcha",
        role=Role.REFERENT,
        phone="+33199007501",
        email="a.delorme@exemple.fr",
        rang=1,
        hours=Hours((), always=True),
        screened=True,
    )


def snapshot(version: int, *people: Person) -> Snapshot:
    return Snapshot(version, MOMENT, people or (person(),), Rules())
