"""What is odd about a table that routes written requests."""

from __future__ import annotations

import pytest

from routing.requests.checking import Danger, dangers_of, hidden_lines, keyed
from routing.requests.table import ANOMALY, DELIVERED, RequestRule, SentTo

LOCAL, NATIONAL = SentTo.LOCAL, SentTo.NATIONAL
THEMES = ("Gestion des personnes",)


def test_the_table_as_delivered_is_in_order() -> None:
    assert list(hidden_lines(DELIVERED)) == []
    assert dangers_of(DELIVERED, THEMES) == ()


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ((RequestRule("x", LOCAL),), {Danger.NOTHING_NATIONAL, Danger.LEVEL_2_LOCAL, Danger.REFERENT_LOCAL,
                                      Danger.ANOMALY_LOCAL}),
        ((RequestRule("x", NATIONAL),), {Danger.NOTHING_LOCAL}),
        ((), {Danger.NOTHING_LOCAL, Danger.UNFORESEEN}),
        ((RequestRule("x", LOCAL, niveau="2", sender="user", thematique="Une autre"), *DELIVERED),
         {Danger.LEVEL_2_LOCAL}),
        ((RequestRule("x", LOCAL, thematique=ANOMALY, niveau="1", sender="user"), *DELIVERED), {Danger.ANOMALY_LOCAL}),
        (DELIVERED[:-1], {Danger.UNFORESEEN}),
    ],
)  # fmt: skip
def test_a_table_tells_what_nobody_may_want(rules: tuple[RequestRule, ...], found: set[Danger]) -> None:
    assert set(dangers_of(rules, THEMES)) == found


def test_a_line_that_an_earlier_one_answers_for_never_holds() -> None:
    broad, narrow = RequestRule("a", LOCAL, niveau="1"), RequestRule("b", NATIONAL, "user", "1", "T")
    assert list(hidden_lines((broad, narrow, broad))) == [(2, 1), (3, 1)]
    assert list(hidden_lines((narrow, broad))) == []


def test_a_key_says_the_same_in_every_version() -> None:
    assert keyed(LOCAL, "", "1", "") is DELIVERED[-1]
    made = keyed(NATIONAL, "", "1", "")
    assert made == keyed(NATIONAL, "", "1", "")
    assert made.key not in {rule.key for rule in DELIVERED}
    assert len(keyed(LOCAL, "user", "1/2", "T" * 200).key) <= 40
