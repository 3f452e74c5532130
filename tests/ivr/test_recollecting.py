"""What a caller's past calls tell."""

from __future__ import annotations

from datetime import timedelta

from ivr.memory.recollecting import PastCall, RedialLimits, redials_without_end, usual_departement

NOON = 1_796_000_000
LIMITS = RedialLimits(calls=12, window=timedelta(minutes=10), pause=timedelta(minutes=15))


def called(ended: int, departement: str | None = "93", *, lasted: int = 30, is_served: bool = False) -> PastCall:
    return PastCall(f"call-{ended}-{lasted}", ended - lasted, ended, departement, is_served)


def redialled(times: int, *, every: int = 45, departement: str | None = "93") -> list[PastCall]:
    return [called(NOON - every * place, departement) for place in range(times)]


def test_the_last_departement_is_offered() -> None:
    assert usual_departement([called(NOON, "75"), called(NOON - 500, "93")], since=0) == "75"


def test_the_order_in_which_calls_are_told_does_not_matter() -> None:
    assert usual_departement([called(NOON - 500, "93"), called(NOON, "75")], since=0) == "75"


def test_a_call_without_a_departement_does_not_hide_the_one_before() -> None:
    assert usual_departement([called(NOON, None), called(NOON - 500, "93")], since=0) == "93"


def test_a_number_that_named_three_departements_in_five_calls_is_offered_nothing() -> None:
    calls = [called(NOON - 60 * place, code) for place, code in enumerate(["75", "93", "75", "75", "94"])]
    assert usual_departement(calls, since=0) is None


def test_what_came_before_the_last_five_calls_is_past() -> None:
    calls = [called(NOON - 60 * place, code) for place, code in enumerate(["75", "75", "93", "75", "75", "94"])]
    assert usual_departement(calls, since=0) == "75"


def test_what_is_older_than_its_retention_is_not_offered() -> None:
    assert usual_departement([called(NOON - 1)], since=NOON) is None


def test_twelve_calls_of_one_person_in_ten_minutes_are_a_redial_without_end() -> None:
    assert redials_without_end(redialled(12), NOON, LIMITS)
    assert not redials_without_end(redialled(11), NOON, LIMITS)


def test_calls_that_left_the_window_do_not_count() -> None:
    assert not redials_without_end(redialled(12, every=60), NOON, LIMITS)


def test_somebody_who_was_served_once_is_no_redialler() -> None:
    assert not redials_without_end([*redialled(14), called(NOON - 5, is_served=True)], NOON, LIMITS)


def test_many_departements_are_a_switchboard() -> None:
    calls = [called(NOON - 40 * place, code) for place, code in enumerate(["75", "93", "94"] * 5)]
    assert not redials_without_end(calls, NOON, LIMITS)


def test_thirty_colleagues_behind_one_number_call_at_once_and_are_never_limited() -> None:
    """All for one département, nobody answered: only the calls that overlap tell the switchboard from one person."""
    calls = [called(NOON - 9 * place, lasted=50) for place in range(30)]
    assert not redials_without_end(calls, NOON, LIMITS)
