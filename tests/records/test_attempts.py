"""Who counts as one when attempts are limited."""

from __future__ import annotations

import pytest

from records.attempts import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_what_one_line_has(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_addresses_of_one_ipv6_line_are_one_network() -> None:
    assert network_of("2001:db8:0:1::1") == network_of("2001:db8:0:1:ffff::9") != network_of("2001:db8:0:2::1")
