"""Percentiles of values given with their number: the same as of the values one by one."""

from __future__ import annotations

from collections import Counter
from math import ceil
from statistics import median as middle_of

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.definitions import median, percentile


@given(st.lists(st.integers(0, 90), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_value_at_its_rank(values: list[int], part: int) -> None:
    counts = Counter(values)
    assert median(counts) == middle_of(values)
    if part != 50:
        assert percentile(counts, part / 100) == sorted(values)[ceil(len(values) * part / 100) - 1]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 1.0])
def test_of_nothing_nothing_is_known_and_of_one_value_it_is_that_value(share: float) -> None:
    assert percentile({}, share) is None
    assert percentile({4: 0}, share) is None
    assert percentile({7: 1}, share) == 7
