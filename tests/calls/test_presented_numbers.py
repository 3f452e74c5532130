"""What carriers present as the caller's number: one of theirs for everybody, an island's mobile, an address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from records.database import open_database
from records.facts import Outcome
from service.running.reconcile import Reconciled, reconcile
from service.wiring.operator import provider_of
from simulator.world.habits import Habits, Mischief
from simulator.world.log import LogEntry
from tests.calls.memory import clerk_works
from tests.calls.people import LEO, PAUL
from tests.calls.play import DIALLED, Scene, Variant, e164, play
from tests.service.operator_api import served

TRANSIT = "+33199005555"
"""The carrier's own number, which it presents for every caller."""

PUBLIC = "+33806000156"
CALLER = "+33639981234"
LINES: dict[str, Any] = {"line_numbers": DIALLED, "transit_numbers": f"{TRANSIT}, {PUBLIC}"}

HEADERS_EITHER_WAY = pytest.mark.parametrize("repeats", [False, True], ids=["headers once", "headers always"])


def callers(scene: Scene) -> list[str | None]:
    return [row["caller"] for row in scene.rows()]


@pytest.mark.parametrize("presented", [TRANSIT, PUBLIC, f"sip:{TRANSIT}@sbc.example;user=phone"])
def test_two_callers_presented_by_one_number_both_ring_and_neither_is_offered_the_others_departement(
    presented: str,
) -> None:
    with play(**LINES) as scene:
        scene.phone(LEO).answers(after=2).presses("1").talks(30)
        scene.presented(presented).hears("tapez son numéro").presses("93").is_connected().stays_to_the_end()
        clerk_works(scene)
        scene.phone(PAUL).answers(after=2).presses("1").talks(30)
        second = scene.presented(presented).hears("tapez son numéro").does_not_hear("Vous appelez pour")
        second.presses("75").is_connected().stays_to_the_end().does_not_hear("tourne en boucle")
        rows = scene.rows()
    assert [(row["caller"], row["departement"], row["outcome"]) for row in rows] == [
        (None, "93", "answered"),
        (None, "75", "answered"),
    ]


def test_the_carriers_number_in_the_list_of_ours_alone_is_a_loop() -> None:
    with play(line_numbers=f"{DIALLED},{TRANSIT}") as scene:
        scene.presented(TRANSIT).hears("tourne en boucle").stays_to_the_end()
        assert scene.rung() == []


@pytest.mark.parametrize("presented", [TRANSIT, "anonymous"])
def test_many_callers_presented_by_one_number_silence_nobody(presented: str) -> None:
    """Neither the guard of one number nor that of withheld ones counts them: they may be everybody who calls."""
    with play(redial_calls=3, redial_withheld_calls=3, **LINES) as scene:
        for _ in range(5):
            scene.presented(TRANSIT).begins_to_hear("Bonjour").presses("93").hears_ringing().waits(6).hangs_up()
            clerk_works(scene)
        scene.presented(presented).begins_to_hear("Bonjour").presses("93").hears_ringing().hangs_up()
        assert set(callers(scene)) == {None}


def test_callers_who_withhold_their_number_cap_nobody_whom_a_carrier_hides() -> None:
    with play(redial_withheld_calls=3, **LINES) as scene:
        for _ in range(3):
            scene.presented("anonymous").begins_to_hear("Bonjour").presses("93").hears_ringing().waits(6).hangs_up()
            clerk_works(scene)
        scene.presented("anonymous").begins_to_hear("Bonjour").presses("93").hears("Beaucoup d'appels").hangs_up()
        scene.presented(TRANSIT).begins_to_hear("Bonjour").presses("93").hears_ringing().hangs_up()


def test_a_caller_hidden_behind_the_carrier_is_asked_for_a_number_to_call_back() -> None:
    with play(**LINES) as scene:
        scene.phone(PAUL).is_busy()
        caller = (
            scene.presented(TRANSIT).hears("tapez son numéro").presses("75").hears("Pour être rappelé").presses("2")
        )
        caller.hears("dix chiffres").presses("0639985678#").hears("06, 39, 98, 56, 78").presses("1").stays_to_the_end()
        row = scene.row()
    assert (row["caller"], row["callback_number"], row["outcome"]) == (None, "+33639985678", Outcome.CALLBACK)


@pytest.mark.parametrize("way", [{"forwarded_from": CALLER}, {"headers": {"X-Original-Caller": f"<sip:{CALLER}@sbc>"}}])
def test_the_caller_that_the_carrier_passes_on_is_the_one_of_the_row_and_is_remembered(way: dict[str, Any]) -> None:
    with play(**LINES) as scene:
        scene.presented(TRANSIT, **way).hears("tapez son numéro").presses("93").hears_ringing().hangs_up()
        clerk_works(scene)
        scene.presented(TRANSIT, **way).hears("Vous appelez pour la Seine-Saint-Denis").hangs_up()
        scene.presented(TRANSIT).hears("tapez son numéro").does_not_hear("Vous appelez pour").hangs_up()
        assert callers(scene) == [CALLER, CALLER, None]


@HEADERS_EITHER_WAY
def test_a_callback_is_asked_for_whether_or_not_the_header_comes_again(repeats: bool) -> None:
    """Where it comes once, the number must be typed; the row has the caller all the same."""
    with play(variant=Variant(Habits(repeats_headers=repeats)), **LINES) as scene:
        scene.phone(PAUL).is_busy()
        caller = scene.presented(TRANSIT, headers={"X-Caller-ID": "0639981234"})
        caller.hears("tapez son numéro").presses("75").hears("Pour être rappelé").presses("2")
        if not repeats:
            caller.hears("dix chiffres").presses("0639981234#")
        caller.hears("06, 39, 98, 12, 34").presses("1").stays_to_the_end()
        row = scene.row()
    assert (row["caller"], row["callback_number"], row["outcome"]) == (CALLER, CALLER, "callback")


def compared(scene: Scene) -> Reconciled:
    """The operator's log compared with what is recorded, hours after the calls."""
    scene.rows()
    engine = open_database(scene.database_url)
    with served(scene.operator, []) as url:
        call_log = provider_of(scene.settings.model_copy(update={"twilio_api_url": url})).call_log()
        at = scene.time.now() + timedelta(hours=1)
        since = at - timedelta(days=1)
        own = scene.settings.own_numbers
        found = reconcile(call_log, engine, own_numbers=own, since=since, at=at, lag=timedelta(minutes=15))
    engine.dispose()
    return found


@pytest.mark.parametrize("losses", [0.0, 1.0], ids=["callbacks arrive", "callbacks are lost"])
def test_the_log_of_the_operator_agrees_with_the_webhooks_about_whom_a_carrier_hides(losses: float) -> None:
    """Another service of the account is called meanwhile: its calls and their legs are nobody's of ours."""
    with play(variant=Variant(mischief=Mischief(losses=losses)), **LINES) as scene:
        sids = set()
        for way in ({}, {"forwarded_from": "0692123456"}):
            scene.phone(PAUL).answers(after=2).presses("1").talks(30)
            caller = scene.presented(TRANSIT, **way).hears("tapez son numéro").presses("75")
            sids.add(caller.is_connected().stays_to_the_end().sid)
        for sid, parent in (("CAstranger", None), ("CAstrangerleg", "CAstranger")):
            direction = "outbound-dial" if parent else "inbound"
            entry = LogEntry(sid, CALLER, "+33199004444", direction, scene.time.now(), parent)
            entry.status, entry.answered_at, entry.ended_at = "completed", entry.started_at, scene.time.now()
            scene.operator.log.calls[sid] = entry
        found = compared(scene)
        assert found.left_out == 1
        assert set(found.repaired) == (sids if losses else set())
        assert compared(scene).repaired == ()
        rows = scene.rows()
    assert [(row["caller"], row["outcome"]) for row in rows] == [(None, "answered"), ("+262692123456", "answered")]


def test_a_referents_telephone_that_forwards_through_the_carrier_is_still_a_loop() -> None:
    with play(**LINES) as scene:
        scene.presented(TRANSIT, forwarded_from=e164(PAUL)).hears("tourne en boucle").stays_to_the_end()
        assert scene.rung() == []


def test_a_call_from_any_of_our_numbers_is_a_loop() -> None:
    with play(line_numbers=f"{DIALLED}, +33199001235") as scene:
        for ours in ("+33199001235", "sip:+33199001235@sbc.example", "01 99 00 12 35", "+33199000000", PUBLIC):
            scene.presented(ours).hears("tourne en boucle").stays_to_the_end()
        assert scene.rung() == []


@pytest.mark.parametrize(
    ("presented", "caller"),
    [
        ("0692123456", "+262692123456"),
        ("sip:0690123456@sbc.example;user=phone", "+590690123456"),
        ("0696 12 34 56", "+596696123456"),
        ("+33694201234", "+594694201234"),
        ("0639691234", "+262639691234"),
        ("0262 12 34 56", "+262262123456"),
        ("tel:+33-6-39-98-12-34", CALLER),
        ("sips:06.39.98.12.34@sbc.example", CALLER),
        ('"Standard" <sip:+33(0)639981234@sbc.example>', CALLER),
        ("06 39 98 12 34", CALLER),
        ("sip:accueil@sbc.example", None),
        ("tel:+33639981234</Number><Number>", None),
    ],
)
def test_a_caller_is_the_same_however_a_trunk_writes_him(presented: str, caller: str | None) -> None:
    with play() as scene:
        scene.presented(presented).hears("tapez son numéro").presses("75").hears_ringing().hangs_up()
        assert callers(scene) == [caller]


def test_a_number_that_a_trunk_delivers_as_an_address_is_the_line() -> None:
    with play(line_numbers=DIALLED) as scene:
        caller = scene.presented(CALLER, to=f"sip:{DIALLED}@svi.example;user=phone").hears("tapez son numéro")
        caller.presses("75").hears_ringing().hangs_up()
        assert scene.row()["outcome"] == "abandoned_ringing"


def test_referents_in_a_country_that_the_account_may_not_call_are_passed_over() -> None:
    """The operator fails such a leg and rings nobody; the doctor names the country before a caller meets it."""
    with play(variant=Variant(Habits(closed_countries=frozenset({"FR"})))) as scene:
        scene.call().hears("tapez son numéro").presses("75").hears("Pour laisser un message").hangs_up()
        row = scene.row()
    assert {one["result"] for one in row["attempts"]} == {"failed"}
    assert (row["outcome"], row["absence_reason"]) == ("absence", "failed")
