"""Why it rings there, in French sentences."""

from __future__ import annotations

from routing.planning.plan import Plan, plan
from routing.rules import Overflow, OverflowWhen
from tests.routing.desks import (
    DAY,
    NATION,
    OPEN,
    A,
    B,
    C,
    absence,
    closure,
    moment,
    person,
    rules,
    snapshot,
)


def texts(planned: Plan) -> list[str]:
    return [because.text for because in planned.because]


def test_a_ringing_plan_says_why_step_by_step() -> None:
    third = person("D", "02", rang=1)
    shot = snapshot([NATION, A, B, third], rules(away=(absence(A, "2026-11-24T00:00", "2026-12-07T08:00", by=third),)))
    assert texts(plan(shot, "01", OPEN)) == [
        "Département 01 (Ain) : nous sommes mardi 24 novembre 2026 à 10 h.",
        "Jo A (rang 1) est en absence jusqu'au lundi 7 décembre 2026 à 9 h : Jo D, suppléant, sonne à sa place.",
        "Jo B (rang 2) sonne : ses horaires sont lun-ven 09:00-12:00 14:00-17:00.",
    ]


def test_a_silent_plan_names_the_holiday() -> None:
    planned = plan(snapshot([NATION, person("L", "974")]), "974", moment("2027-12-20T06:00"))
    assert texts(planned) == [
        "Département 974 (La Réunion) : nous sommes lundi 20 décembre 2027 à 10 h.",
        "Jour férié : Abolition de l'esclavage. Seuls sonnent ceux qui répondent jour et nuit (24/7).",
        "Jo L (rang 1) ne sonne pas : jour férié.",
    ]


def test_a_closed_plan_names_the_closure() -> None:
    planned = plan(snapshot([NATION, A], rules(closed=(closure("01", *DAY, "alerte cyclonique"),))), "01", OPEN)
    assert texts(planned)[1:] == [
        "Fermeture exceptionnelle jusqu'au mercredi 25 novembre 2026 à 1 h (alerte cyclonique) : personne ne sonne."
    ]


def test_a_plan_of_the_national_team_says_that_nobody_local_can_be_rung() -> None:
    assert texts(plan(snapshot([NATION]), "48", OPEN)) == [
        "Personne à faire sonner dans le département 48 (Lozère) : l'équipe nationale répond.",
        "Équipe nationale : nous sommes mardi 24 novembre 2026 à 10 h.",
        "Jo Nation (rang 1) sonne : ses horaires sont jour et nuit (24/7).",
    ]


def test_an_overflow_and_an_absent_suppleant_are_told() -> None:
    set_rules = rules(
        away=(absence(A, *DAY, by=C), absence(C, *DAY)), overflow=(Overflow("01", "*", OverflowWhen.CLOSED),)
    )
    until = "mercredi 25 novembre 2026 à 1 h"
    assert texts(plan(snapshot([NATION, A, C], set_rules), "01", OPEN))[1:] == [
        f"Jo A (rang 1) est en absence jusqu'au {until}, et Jo C, suppléant, n'est pas joignable à cette heure.",
        "Débordement réglé : puisque c'est fermé, l'appel est proposé à : équipe nationale.",
    ]


def test_each_sentence_about_somebody_carries_his_short_id() -> None:
    planned = plan(snapshot([NATION, A, B]), "01", OPEN)
    assert [because.person for because in planned.because] == [None, A.id, B.id]
