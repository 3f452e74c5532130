"""The alarms of the line with real tables: told once when they begin, once when they are over, whoever looks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from records.calls.ledger import record, refold
from records.database import writing
from records.facts import Fact, FactKind, Outcome
from reports.alarm.watching import keep, look
from routing.departements import timezone_of
from routing.directory.reading import read_directory
from routing.rules import Rules
from routing.snapshot import Snapshot
from service.wiring.alarms import LineAlarms
from tests.reports.tables import Call, call, store
from tests.reports.test_jobs import Letters

CSV = """departement,siao,nom,prenom,role,telephone,email,rang,horaires,filtrage
974,SIAO,Hoarau,Rania,référent,01 99 00 97 41,r.hoarau@exemple.fr,1,24/7,oui
*,Nation,Roussel,Inès,national,01 99 00 10 01,i.roussel@exemple.fr,1,24/7,oui
*,Nation,Sorel,Max,national,01 99 00 10 02,m.sorel@exemple.fr,2,24/7,oui
"""
RANIA = "+33199009741"
NOON = datetime(2026, 12, 7, 11, 10, tzinfo=UTC)


@dataclass
class House:
    """The job with a small directory, a clerk that keeps up, and a clock that is moved by hand."""

    engine: Engine
    now: datetime = NOON
    letters: Letters = field(default_factory=Letters)
    directory: str = CSV
    number: int = 0
    hears_all: bool = True

    def alarms(self) -> LineAlarms:
        people = read_directory(self.directory.encode(), secret=b"made-up", own_numbers=frozenset(), allow_fiction=True)
        snapshot = Snapshot(1, NOON, people, Rules())
        return LineAlarms(
            self.engine,
            lambda: self.now,
            lambda: snapshot,
            self.letters,
            "https://svi.example",
            lambda _: self.hears_all,
        )

    def watch(self, minutes: float = 5) -> dict[str, Any]:
        self.now += timedelta(minutes=minutes)
        return self.alarms().watch()

    def rings(self, *results: str, phone: str = RANIA) -> None:
        """One call for each of these ends of a leg, a minute apart."""
        for result in results:
            self.now += timedelta(minutes=1)
            self.number += 1
            leg = {"person": "rania974", "referent": "Rania Hoarau", "phone": phone, "result": result}
            self.calls(call(f"CA{self.number}", self.now.date(), started_at=self.now, attempts=json.dumps([leg])))

    def calls(self, *rows: Call) -> None:
        with writing(self.engine) as connection:
            store(connection, rows)

    def subjects(self) -> list[str]:
        return [f"{mail.to.split('@')[0]}: {mail.subject}" for mail in self.letters.sent]


def test_a_number_that_fails_three_times_is_told_once_and_again_when_it_rings(engine: Engine) -> None:
    house = House(engine)
    house.rings("failed", "failed")
    assert house.watch() == {"line": {"state": "ok", "alarms": []}}
    house.rings("failed")
    news = house.watch()["line"]
    house.rings("failed", "failed")
    house.watch()
    assert house.subjects() == [
        "i.roussel: [SI SIAO] Téléphone injoignable – 974 La Réunion",
        "m.sorel: [SI SIAO] Téléphone injoignable – 974 La Réunion",
    ]
    letter = house.letters.sent[0].text
    assert "le 01 99 •• •• 41 (Rania Hoarau, 974 La Réunion) ont échoué" in letter
    assert "lundi 7 décembre 2026 à 15 h 18, heure locale" in letter
    assert "https://svi.example/administration/annuaire" in letter
    assert (news["state"], [one["kind"] for one in news["alarms"]]) == ("degraded", ["number"])
    assert RANIA not in str(news)
    house.letters.sent.clear()
    house.rings("no_answer")
    assert house.watch() == {"line": {"state": "ok", "alarms": []}}
    house.watch()
    assert house.subjects() == [
        "i.roussel: [SI SIAO] Rétabli : Téléphone injoignable – 974 La Réunion",
        "m.sorel: [SI SIAO] Rétabli : Téléphone injoignable – 974 La Réunion",
    ]
    assert (
        "Le téléphone du 01 99 •• •• 41 (Rania Hoarau, 974 La Réunion) sonne de nouveau." in house.letters.sent[0].text
    )


def test_an_alarm_that_comes_back_is_told_again(engine: Engine) -> None:
    house = House(engine)
    for results in (("failed",) * 3, ("busy",), ("failed",) * 3, ("accepted",)):
        house.rings(*results)
        house.watch(minutes=60)
    kinds = [subject.split("] ")[1].split(" ")[0] for subject in house.subjects() if subject.startswith("i.")]
    assert kinds == ["Téléphone", "Rétabli", "Téléphone", "Rétabli"]


def test_an_alarm_that_flaps_writes_no_more_than_twice_an_hour(engine: Engine) -> None:
    """A number that fails three times in four all day was a letter every five minutes, to everybody."""
    house = House(engine)
    for _ in range(60):
        house.rings("failed", "failed", "failed")
        house.watch(minutes=2)
        house.rings("no_answer")
        house.watch(minutes=2)
    hours = (house.now - NOON).total_seconds() / 3600
    told = [subject for subject in house.subjects() if subject.startswith("i.")]
    assert hours > 7
    assert hours - 1 <= len(told) <= 2 * hours + 1


def test_what_still_fails_an_hour_after_it_was_said_to_be_over_is_told(engine: Engine) -> None:
    house = House(engine)
    for results in (("failed",) * 3, ("busy",), ("failed",) * 3):
        house.rings(*results)
        house.watch()
    assert len(house.subjects()) == 4
    news = house.watch(minutes=60)
    assert len(house.subjects()) == 6
    assert news["line"]["state"] == "degraded"


def test_a_number_that_leaves_the_directory_ends_its_alarm(engine: Engine) -> None:
    house = House(engine)
    house.rings("failed", "failed", "failed")
    house.watch()
    house.letters.sent.clear()
    house.directory = CSV.replace("01 99 00 97 41", "01 99 00 97 42")
    house.watch()
    assert "Le numéro 01 99 •• •• 41 n’est plus dans l’annuaire." in house.letters.sent[0].text
    assert len(house.subjects()) == 2


def test_an_alarm_stays_open_while_its_number_is_not_rung(engine: Engine) -> None:
    """A fortnight later nothing is known that was not known before."""
    house = House(engine)
    house.rings("failed", "failed", "failed")
    house.watch()
    assert house.watch(minutes=14 * 24 * 60)["line"]["state"] == "degraded"
    assert len(house.subjects()) == 2


def test_half_of_the_legs_of_an_hour_are_told_once_until_the_next_ones_ring(engine: Engine) -> None:
    house = House(engine)
    for number in range(6):
        house.rings("failed" if number % 2 else "no_answer", phone=f"+3319900970{number}")
    house.watch()
    house.watch(minutes=90)
    assert [one["kind"] for one in house.watch()["line"]["alarms"]] == ["legs"]
    assert house.subjects()[0] == "i.roussel: [SI SIAO] La moitié des appels vers les référents échouent"
    assert "3 des 6 téléphones" in house.letters.sent[0].text
    house.rings("accepted")
    house.watch()
    assert house.subjects()[2] == "i.roussel: [SI SIAO] Rétabli : La moitié des appels vers les référents échouent"
    assert len(house.subjects()) == 4


def test_a_document_that_the_operator_refused_counts_as_failed_legs(engine: Engine) -> None:
    """No leg was ever made: the fallback alone tells of it, with the operator's error."""
    house = House(engine)
    for number in range(3):
        house.now += timedelta(minutes=1)
        people = [{"id": "rania974", "name": "Rania Hoarau", "phone": RANIA, "screened": True}]
        told: list[tuple[FactKind, int, int, dict[str, Any]]] = [
            (FactKind.ARRIVED, 1, 0, {"caller": "+33639981234", "dialled": "+33199000000"}),
            (FactKind.RANG_RUNG, 3, 1, {"desk": "local", "people": people}),
            (FactKind.APOLOGISED, 1, 2, {"error": "13224"}),
            (FactKind.ENDED, 0, 9, {"status": "completed", "seconds": 9}),
        ]
        heard = [Fact(f"CA{number}", kind, n, house.now + timedelta(seconds=s), "", data) for kind, n, s, data in told]
        with writing(engine) as connection:
            touched = record(connection, heard, origin="test", at=house.now)
            refold(connection, touched, timezone_of=timezone_of, at=house.now)
    house.watch()
    assert "ont échoué (erreur 13224 de l’opérateur)" in house.letters.sent[0].text


def weeks_of_calls(weeks: int = 4) -> list[Call]:
    """One call at half past eleven in Paris, each Monday."""
    moments = [datetime(2026, 12, 7, 10, 30, tzinfo=UTC) - timedelta(weeks=week + 1) for week in range(weeks)]
    return [call(f"CAweek{at:%d%m}", at.date(), started_at=at, outcome=Outcome.ABSENCE) for at in moments]


def test_an_hour_of_silence_is_told_once_and_again_when_somebody_calls(engine: Engine) -> None:
    house = House(engine)
    house.calls(*weeks_of_calls())
    assert [one["kind"] for one in house.watch(0)["line"]["alarms"]] == ["silence"]
    house.watch(70)
    assert house.subjects()[0] == "i.roussel: [SI SIAO] Aucun appel depuis une heure"
    assert "depuis le lundi 7 décembre 2026 à 11 h, heure de Paris" in house.letters.sent[0].text
    assert len(house.subjects()) == 2
    house.rings("accepted")
    assert house.watch()["line"]["alarms"] == []
    assert house.subjects()[2] == "i.roussel: [SI SIAO] Rétabli : Aucun appel depuis une heure"


def test_three_weeks_of_calls_are_not_enough_to_wonder(engine: Engine) -> None:
    house = House(engine)
    house.calls(*weeks_of_calls(3))
    assert house.watch(0)["line"]["alarms"] == []


def test_calls_that_the_clerk_has_not_moved_yet_are_no_silence(engine: Engine) -> None:
    house = House(engine)
    house.calls(*weeks_of_calls())
    house.hears_all = False
    assert house.watch(0)["line"]["alarms"] == []
    house.hears_all = True
    assert house.watch()["line"]["alarms"] != []


def test_imported_and_typed_calls_do_not_break_a_silence(engine: Engine) -> None:
    house = House(engine)
    typed = call("CAtyped", house.now.date(), started_at=house.now - timedelta(minutes=30), source="manual")
    house.calls(*weeks_of_calls(), typed)
    assert [one["kind"] for one in house.watch(0)["line"]["alarms"]] == ["silence"]


def test_two_who_look_at_the_same_moment_tell_it_once(engine: Engine) -> None:
    house = House(engine)
    house.rings("failed", "failed", "failed")
    snapshot = house.alarms().snapshot()
    assert snapshot is not None
    with writing(engine) as connection:
        seen = look(connection, snapshot, house.now, hears_all=True)
        assert len(keep(connection, seen, snapshot, house.now).begun) == 1
        assert keep(connection, seen, snapshot, house.now).begun == ()


def test_a_mail_server_that_is_away_loses_no_alarm(engine: Engine) -> None:
    house = House(engine)
    house.letters.is_away = True
    house.rings("failed", "failed", "failed")
    house.watch()
    house.letters.is_away = False
    house.now += timedelta(minutes=10)
    house.alarms().send()
    assert len(house.subjects()) == 2


def test_without_a_directory_nothing_is_looked_at(engine: Engine) -> None:
    assert LineAlarms(engine, lambda: NOON, lambda: None, None, "https://svi.example", lambda _: True).watch() == {}
