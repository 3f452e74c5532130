"""A written request goes where the table in force says, when somebody is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from records.database import reading, writing
from records.desks.accounts import Account, add_account
from records.desks.permissions import AccountRole
from records.schema.written_tables import route_versions
from records.wording import Entry, Wording
from routing.requests.table import ANOMALY, RequestRule, Routed, SentTo
from support.desk import Desk
from support.routes.routing import routed
from support.routes.store import write_rules
from support.routes.told import why
from tests.support.house import NOW

ENTRY = Entry("1", Wording("Gestion des personnes", "Ménage", "Fusionner"))


@dataclass
class Cover:
    """Answers « is somebody there? », and remembers what was asked."""

    says: bool | None = True
    asked: list[tuple[str, datetime, datetime, frozenset[str]]] = field(default_factory=list)

    def __call__(self, code: str, since: datetime, until: datetime, accounts: object) -> bool | None:
        self.asked.append((code, since, until, frozenset(accounts)))  # type: ignore[call-overload]
        return self.says


def nobody() -> Account:
    raise AssertionError


@pytest.fixture
def cover() -> Cover:
    return Cover()


@pytest.fixture
def desk(engine: Engine, cover: Cover) -> Desk:
    return Desk(engine, lambda: NOW, nobody, lambda *_: (), tuple, is_covered=cover)


def route(desk: Desk, entry: Entry = ENTRY, sender: str = "user") -> Routed:
    with reading(desk.engine) as connection:
        return routed(desk, connection, sender=sender, entry=entry, departement="75", at=NOW)


def test_somebody_must_be_there_before_it_must_be_taken_in_charge(desk: Desk, cover: Cover) -> None:
    with writing(desk.engine) as connection:
        add_account(
            connection, email="camille@siao.example", name="", role=AccountRole.REFERENT, departements=["75"], by="t",
            at=NOW,
        )  # fmt: skip
    assert route(desk) == Routed(SentTo.LOCAL, "niveau-1")
    assert cover.asked == [("75", NOW, NOW + timedelta(days=1), frozenset({"camille@siao.example"}))]


@pytest.mark.parametrize(("says", "rule"), [(False, "personne"), (None, "annuaire")])
def test_without_anybody_or_any_directory_the_national_team_gets_it(
    desk: Desk, cover: Cover, says: bool | None, rule: str
) -> None:
    cover.says = says
    assert route(desk) == Routed(SentTo.NATIONAL, rule)


def test_the_newest_version_of_the_table_holds(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        for number, to in ((1, SentTo.LOCAL), (2, SentTo.NATIONAL)):
            rules = write_rules((RequestRule(f"r{number}", to),))
            row = {"version": number, "rules": rules, "published_at": NOW, "published_by": "s", "note": ""}
            connection.execute(insert(route_versions).values(row))
    assert route(desk) == Routed(SentTo.NATIONAL, "r2")


NATIONALLY, LOCALLY = "Confiée à l’équipe nationale : ", "Confiée aux référents du département : "


@pytest.mark.parametrize(
    ("key", "rule", "said"),
    [
        (None, None, ""),
        ("personne", None, f"{NATIONALLY}personne du département 75 Paris ne peut répondre dans le délai promis."),
        ("annuaire", None, f"{NATIONALLY}l’annuaire des référents n’était pas disponible à ce moment."),
        ("aucune", None, f"{NATIONALLY}la table d’orientation ne prévoit pas ce cas."),
        ("partie", None, "Confiée selon une règle qui n’est plus connue."),
        ("x", RequestRule("x", SentTo.LOCAL), f"{LOCALLY}c’est la règle pour toutes les autres demandes."),
        (
            "x",
            RequestRule("x", SentTo.LOCAL, "user", "1"),
            f"{LOCALLY}elle est posée par un utilisateur et son motif est de niveau 1.",
        ),
        (
            "x",
            RequestRule("x", SentTo.NATIONAL, thematique=ANOMALY),
            f"{NATIONALLY}c’est une anomalie ou une question technique.",
        ),
    ],
)
def test_why_is_said_in_a_sentence(key: str | None, rule: RequestRule | None, said: str) -> None:
    assert why(key, rule, "75") == said
