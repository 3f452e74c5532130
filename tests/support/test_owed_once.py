"""What is owed is owed once, on both databases, and whoever asks is told which time it was."""

from __future__ import annotations

from records.database import writing
from records.outbox import Owed, Thing, owe
from tests.support.house import NOW, House


def test_a_thing_that_is_owed_already_is_told(house: House) -> None:
    thing = Thing(Owed.REQUEST, "k", "1:1", "lou@asso.example")
    for is_new in (True, False):
        with writing(house.engine) as connection:
            assert owe(connection, thing, NOW) is is_new
