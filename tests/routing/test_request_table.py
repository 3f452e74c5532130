"""The table that routes written requests: every case of it, said twice on purpose."""

from __future__ import annotations

from itertools import product

import pytest

from routing.requests.table import (
    ANOMALY,
    DELIVERED,
    NO_RULE,
    UNCOVERED,
    UNKNOWN,
    RequestRule,
    Routed,
    SentTo,
    route_request,
)

OTHER = "Gestion des personnes"
LOCAL, NATIONAL = SentTo.LOCAL, SentTo.NATIONAL

EXPECTED = {
    # sender, niveau, thématique, somebody there: desk, rule
    ("user", "1", OTHER, True): (LOCAL, "niveau-1"),
    ("user", "1", OTHER, False): (NATIONAL, UNCOVERED),
    ("user", "1", OTHER, None): (NATIONAL, UNKNOWN),
    ("user", "1/2", OTHER, True): (LOCAL, "niveau-1-2"),
    ("user", "1/2", OTHER, False): (NATIONAL, UNCOVERED),
    ("user", "1/2", OTHER, None): (NATIONAL, UNKNOWN),
    ("user", "2", OTHER, True): (NATIONAL, "niveau-2"),
    ("user", "2", OTHER, False): (NATIONAL, "niveau-2"),
    ("user", "2", OTHER, None): (NATIONAL, "niveau-2"),
    ("user", "1", ANOMALY, True): (NATIONAL, "anomalie"),
    ("user", "1", ANOMALY, False): (NATIONAL, "anomalie"),
    ("user", "1", ANOMALY, None): (NATIONAL, "anomalie"),
    ("user", "1/2", ANOMALY, True): (NATIONAL, "anomalie"),
    ("user", "1/2", ANOMALY, False): (NATIONAL, "anomalie"),
    ("user", "1/2", ANOMALY, None): (NATIONAL, "anomalie"),
    ("user", "2", ANOMALY, True): (NATIONAL, "anomalie"),
    ("user", "2", ANOMALY, False): (NATIONAL, "anomalie"),
    ("user", "2", ANOMALY, None): (NATIONAL, "anomalie"),
    ("referent", "1", OTHER, True): (NATIONAL, "referent"),
    ("referent", "1", OTHER, False): (NATIONAL, "referent"),
    ("referent", "1", OTHER, None): (NATIONAL, "referent"),
    ("referent", "1/2", OTHER, True): (NATIONAL, "referent"),
    ("referent", "1/2", OTHER, False): (NATIONAL, "referent"),
    ("referent", "1/2", OTHER, None): (NATIONAL, "referent"),
    ("referent", "2", OTHER, True): (NATIONAL, "referent"),
    ("referent", "2", OTHER, False): (NATIONAL, "referent"),
    ("referent", "2", OTHER, None): (NATIONAL, "referent"),
    ("referent", "1", ANOMALY, True): (NATIONAL, "anomalie"),
    ("referent", "1", ANOMALY, False): (NATIONAL, "anomalie"),
    ("referent", "1", ANOMALY, None): (NATIONAL, "anomalie"),
    ("referent", "1/2", ANOMALY, True): (NATIONAL, "anomalie"),
    ("referent", "1/2", ANOMALY, False): (NATIONAL, "anomalie"),
    ("referent", "1/2", ANOMALY, None): (NATIONAL, "anomalie"),
    ("referent", "2", ANOMALY, True): (NATIONAL, "anomalie"),
    ("referent", "2", ANOMALY, False): (NATIONAL, "anomalie"),
    ("referent", "2", ANOMALY, None): (NATIONAL, "anomalie"),
}


@pytest.mark.parametrize(("sender", "niveau", "thematique", "is_covered"), EXPECTED)
def test_each_case_goes_to_the_desk_that_was_written_down_for_it(
    sender: str, niveau: str, thematique: str, is_covered: bool | None
) -> None:
    found = route_request(DELIVERED, sender=sender, niveau=niveau, thematique=thematique, is_covered=is_covered)
    assert found == Routed(*EXPECTED[sender, niveau, thematique, is_covered])


def test_the_table_of_the_test_has_every_case() -> None:
    cases = product(("user", "referent"), ("1", "1/2", "2"), (OTHER, ANOMALY), (True, False, None))
    assert set(EXPECTED) == set(cases)


@pytest.mark.parametrize("case", EXPECTED)
def test_the_sentences_of_the_reform_hold_in_each_case(case: tuple[str, str, str, bool | None]) -> None:
    """The same table, said as the sentences of which it is made."""
    sender, niveau, thematique, is_covered = case
    goes_national = niveau == "2" or sender == "referent" or thematique == ANOMALY or not is_covered
    assert (EXPECTED[case][0] is NATIONAL) is goes_national


def test_what_no_rule_speaks_of_goes_to_the_national_team() -> None:
    rules = (RequestRule("x", LOCAL, niveau="1"),)
    found = route_request(rules, sender="user", niveau="2", thematique=OTHER, is_covered=True)
    assert found == Routed(NATIONAL, NO_RULE)


def test_the_first_rule_that_fits_holds() -> None:
    first = RequestRule("x", LOCAL, thematique=ANOMALY)
    found = route_request((first, *DELIVERED), sender="referent", niveau="2", thematique=ANOMALY, is_covered=True)
    assert found == Routed(LOCAL, "x")
