"""The figures: counted by SQL, equal to what one counts by hand."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from records.counting.drill_down import LISTED, calls_of_figure
from records.counting.figures import (
    motive_tallies,
    tallies_by_day,
    tallies_by_departement,
    tallies_by_departement_and_day,
    tally,
)
from records.counting.tally import SAID, Scope, Tally, total
from reports.figures.definitions import DEFINITIONS, figures, median, motives, show
from tests.reports.counting import ACCESS
from tests.reports.tables import call, count, count_motives, invent, qualified, store

SCOPES = (
    Scope(date(2026, 9, 1), date(2026, 10, 30)),
    Scope(date(2026, 9, 10), date(2026, 9, 10)),
    Scope(date(2026, 9, 8), date(2026, 10, 7), ("75",)),
    Scope(date(2026, 9, 8), date(2026, 10, 7), ("2A", "974", "59")),
    Scope(date(2026, 9, 8), date(2026, 10, 7), ()),
    Scope(date(2026, 9, 1), date(2026, 10, 30), None, "1"),
    Scope(date(2026, 9, 1), date(2026, 10, 30), None, "2", "Évolutions"),
    Scope(date(2025, 9, 1), date(2025, 10, 30)),
)


def test_the_golden_case_of_the_ministrys_tool(engine: Engine) -> None:
    with engine.begin() as connection:
        reset = qualified("1", ACCESS, "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe",
                          resolved=True, escalated=False)  # fmt: skip
        moved = qualified("1", ACCESS, "Gestion des accès et habilitations",
                          "Modification de structure de rattachement",
                          resolved=False, escalated=True)  # fmt: skip
        store(connection, [
            call("a", date(2025, 4, 12), talk_seconds=240, qualification=reset, source="import"),
            call("b", date(2025, 3, 17), talk_seconds=740, qualification=moved, source="import"),
        ])  # fmt: skip
        scope = Scope(date(2025, 3, 1), date(2025, 4, 30), ("75",))
        found = figures(tally(connection, scope))
        cited = motives(motive_tallies(connection, scope))
    assert (found.nombre_appels, found.duree_moyenne_secondes, found.taux_resolution, found.taux_escalade) == (
        2,
        490,
        0.5,
        0.5,
    )
    assert found.shown()["duree_moyenne_secondes"] == "08:10"
    assert [show("duration", motive.duree_moyenne_secondes) for motive in cited] == ["12:20", "04:00"]


@pytest.mark.parametrize("seed", range(3))
def test_the_database_counts_what_one_counts_by_hand(engine: Engine, seed: int) -> None:
    rows = invent(random.Random(seed), 300, strange=True)
    with engine.begin() as connection:
        store(connection, rows)
        for scope in SCOPES:
            assert tally(connection, scope) == count(rows, scope)
            found = motive_tallies(connection, scope)
            assert len(found) == len(set(found))
            assert set(found) == count_motives(rows, scope)


def test_france_is_the_sum_of_its_departements_and_of_its_days(engine: Engine) -> None:
    rows = invent(random.Random(9), 400)
    with engine.begin() as connection:
        store(connection, rows)
        for scope in SCOPES:
            whole = tally(connection, scope)
            assert total(tallies_by_departement(connection, scope).values()) == whole
            both = tallies_by_departement_and_day(connection, scope)
            assert both == (tallies_by_departement(connection, scope), tallies_by_day(connection, scope))
            days = total(tallies_by_day(connection, scope).values())
            assert figures(days).nombre_appels == figures(whole).nombre_appels
            assert days.received == whole.received


def test_a_call_entered_by_hand_counts_as_treated_and_not_as_received(engine: Engine) -> None:
    """Otherwise « Traité » on a callback would count one caller twice among the calls received."""
    with engine.begin() as connection:
        store(connection, [
            call("phone", date(2026, 9, 1), outcome="callback", talk_seconds=None),
            call("linked", date(2026, 9, 1), source="manual", wait_seconds=None),
        ])  # fmt: skip
        found = figures(tally(connection, Scope(date(2026, 9, 1), date(2026, 9, 1), ("75",))))
    assert (found.nombre_appels, found.recus, found.taux_decroche, found.rappels) == (1, 1, 0, 1)


def test_behind_every_count_stand_as_many_calls_as_it_says(engine: Engine) -> None:
    with engine.begin() as connection:
        store(connection, invent(random.Random(2), 200))
        for scope in SCOPES:
            found = figures(tally(connection, scope))
            for definition in DEFINITIONS:
                listed = calls_of_figure(connection, scope, definition.behind, limit=1000)
                is_told = not (scope.niveau or scope.thematique) or definition.behind in SAID
                if definition.shown_as == "count" and is_told:
                    assert len(listed) == found.values[definition.name], definition.name


def test_nothing_gives_null_rates_and_a_dash_on_the_page() -> None:
    empty = figures(Tally())
    assert [empty.taux_resolution, empty.taux_escalade, empty.taux_decroche, empty.duree_moyenne_secondes] == [None] * 4
    assert empty.shown()["taux_resolution"] == "—"


def test_every_figure_of_the_contract_has_its_french_definition_and_the_calls_behind_it() -> None:
    assert list(figures(Tally()).to_json()) == [
        "nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade", "qualifies", "recus",
        "taux_decroche", "absences", "messages", "rappels", "abandons_menu", "abandons_sonnerie",
        "attente_mediane_secondes", "attente_p90_secondes", "taux_60_secondes", "appels_perdus", "appels_repetes",
    ]  # fmt: skip
    assert all(definition.meaning.endswith(".") for definition in DEFINITIONS)
    assert {definition.behind for definition in DEFINITIONS} <= set(LISTED)
    with pytest.raises(AttributeError):
        figures(Tally()).taux_inconnu  # noqa: B018 - asking is the point


@given(st.lists(st.integers(0, 50), min_size=1))
def test_the_median_of_counts_is_the_median_of_the_values(values: list[int]) -> None:
    ordered = sorted(values)
    expected = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    assert median({value: values.count(value) for value in values}) == expected
