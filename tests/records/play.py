"""Calls told as the facts that their webhooks leave: the ten stories of the operator's notes, and small pieces."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from records.facts import Fact, FactKind

BEGAN = datetime(2026, 1, 5, 8, 12, 34, tzinfo=UTC)
CALL = "CA0001"
CALLER = "+33639981234"
LINE = "+33199001234"
ALICE = {"id": "alice123", "name": "Alice Exemple", "phone": "+33639980101", "screened": True}
BRUNO = {"id": "bruno123", "name": "Bruno Exemple", "phone": "+33639980102", "screened": True}
CHLOE = {"id": "chloe123", "name": "Chloé Exemple", "phone": "+33199000003", "screened": False}

ZONES = {"974": ZoneInfo("Indian/Reunion"), "973": ZoneInfo("America/Cayenne")}


def timezone_of(departement: str | None) -> ZoneInfo:
    return ZONES.get(departement or "", ZoneInfo("Europe/Paris"))


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def fact(kind: FactKind, n: int, when: float, who: str = "", /, **data: Any) -> Fact:
    """A fact of the document `n`, heard `when` seconds after the call began."""
    return Fact(CALL, kind, n, at(when), who, data)


def arrived(caller: str | None = CALLER) -> Fact:
    return fact(FactKind.ARRIVED, 1, 0, caller=caller, dialled=LINE, version=3)


def given(departement: str | None = "75", n: int = 2, seconds: float = 14, by: str | None = "keypad") -> Fact:
    return fact(FactKind.DEPARTEMENT_GIVEN, n, seconds, departement=departement, by=by)


def rung(*people: dict[str, Any], n: int = 4, seconds: float = 16, desk: str = "local") -> Fact:
    return fact(FactKind.RANG_RUNG, n, seconds, desk=desk, people=list(people))


def on_leg(kind: FactKind, person: dict[str, Any], n: int, when: float, /, **data: Any) -> Fact:
    return fact(kind, n, when, person["id"], leg=leg_of(person, n), **data)


def leg_of(person: dict[str, Any], n: int) -> str:
    return f"CA-{person['id']}-{n}"


def leg_ended(person: dict[str, Any], n: int, seconds: float, status: str, lasted: int = 0) -> Fact:
    return on_leg(FactKind.LEG_ENDED, person, n, seconds, status=status, seconds=lasted, timestamp=None)


def ring_ended(
    n: int,
    seconds: float,
    status: str,
    *,
    person: dict[str, Any] | None = None,
    bridged: bool | None = False,
    lasted: int | None = None,
    caller_gone: bool = False,
) -> Fact:
    leg = leg_of(person, n) if person else None
    told = {"status": status, "bridged": bridged, "leg": leg, "seconds": lasted, "caller_gone": caller_gone}
    return fact(FactKind.RING_ENDED, n, seconds, **told)


def ended(seconds: int, status: str = "completed", caller: str | None = CALLER) -> Fact:
    timestamp = at(seconds).isoformat()
    data = {"status": status, "seconds": seconds, "timestamp": timestamp, "caller": caller, "dialled": LINE}
    return fact(FactKind.ENDED, 0, seconds + 0.4, **data)


def absence(n: int, seconds: float, reason: str) -> Fact:
    return fact(FactKind.ABSENCE_SAID, n, seconds, reason=reason)


def happy_path() -> list[Fact]:
    """S1: Alice accepts after five seconds of screening and talks for 184 seconds."""
    return [
        arrived(),
        given(),
        rung(ALICE),
        on_leg(FactKind.LEG_STARTED, ALICE, 4, 17),
        on_leg(FactKind.LEG_RINGING, ALICE, 4, 18),
        on_leg(FactKind.PICKED_UP, ALICE, 4, 26),
        on_leg(FactKind.LEG_ANSWERED, ALICE, 4, 26),
        on_leg(FactKind.ACCEPTED, ALICE, 4, 31),
        ring_ended(4, 215, "completed", person=ALICE, bridged=True, lasted=189),
        leg_ended(ALICE, 4, 215, "completed", 189),
        ended(221),
    ]


def busy() -> list[Fact]:
    """S2: Alice is busy, the caller asks to be called back."""
    return [
        arrived(),
        given(),
        rung(ALICE),
        on_leg(FactKind.LEG_STARTED, ALICE, 4, 17),
        leg_ended(ALICE, 4, 19, "busy"),
        ring_ended(4, 19, "busy", person=ALICE),
        absence(4, 19, "busy"),
        fact(FactKind.CALLBACK_ASKED, 5, 27, number=CALLER),
        fact(FactKind.CALLBACK_CONFIRMED, 6, 33, of=5),
        ended(45),
    ]


def second_rang() -> list[Fact]:
    """S3: Alice does not answer, Bruno takes the call for 90 of his leg's 96 seconds."""
    return [
        arrived(),
        given(),
        rung(ALICE),
        on_leg(FactKind.LEG_RINGING, ALICE, 4, 18),
        leg_ended(ALICE, 4, 37, "no-answer"),
        ring_ended(4, 37, "no-answer", person=ALICE),
        rung(BRUNO, n=5, seconds=37),
        on_leg(FactKind.PICKED_UP, BRUNO, 5, 44),
        on_leg(FactKind.ACCEPTED, BRUNO, 5, 50),
        ring_ended(5, 140, "completed", person=BRUNO, bridged=True, lasted=96),
        leg_ended(BRUNO, 5, 140, "completed", 96),
        ended(146),
    ]


def voicemail_box() -> list[Fact]:
    """S4: Alice's voicemail box picks up and never presses 1; the caller hears the absence message and leaves."""
    return [
        arrived(),
        given(),
        rung(ALICE),
        on_leg(FactKind.LEG_ANSWERED, ALICE, 4, 21),
        on_leg(FactKind.PICKED_UP, ALICE, 4, 21),
        on_leg(FactKind.REFUSED, ALICE, 4, 36, keys=""),
        leg_ended(ALICE, 4, 36, "completed", 15),
        ring_ended(4, 36, "completed", person=ALICE, lasted=15),
        absence(4, 36, "refused"),
        ended(50),
    ]


def left_in_the_menu() -> list[Fact]:
    """S5."""
    return [arrived(), ended(8)]


def left_before_the_first_word() -> list[Fact]:
    """S5, variant."""
    return [arrived(), ended(0, status="no-answer")]


def left_while_ringing(leg_status: str = "canceled") -> list[Fact]:
    """S6: the caller leaves while Alice's telephone rings."""
    return [
        arrived(),
        given(),
        rung(ALICE),
        on_leg(FactKind.LEG_STARTED, ALICE, 4, 17),
        leg_ended(ALICE, 4, 24, leg_status),
        ring_ended(4, 24, leg_status, person=ALICE, caller_gone=True),
        ended(24),
    ]


def message(ready: int = 16, status: str = "completed") -> list[Fact]:
    """S7: the caller leaves seventeen seconds of message, of which the operator keeps `ready`."""
    return [
        arrived(),
        given("29"),
        fact(FactKind.PLANNED, 2, 14, departement="29", desk="local", rangs=[], reason="closed", version=3, because=[]),
        absence(3, 16, "closed"),
        fact(FactKind.MESSAGE_LEFT, 5, 70, recording="RE01", seconds=17, caller_gone=True),
        ended(70),
        fact(FactKind.RECORDING_READY, 5, 75, "RE01", recording="RE01", status=status, seconds=ready),
    ]


def recorded(at_once: int | None, by_callback: int | None) -> list[Fact]:
    """What is told of the recording of the document 5."""
    left = fact(FactKind.MESSAGE_LEFT, 5, 40, recording="RE01", seconds=at_once, caller_gone=False)
    ready = fact(FactKind.RECORDING_READY, 5, 46, "RE01", recording="RE01", status="completed", seconds=by_callback)
    return [*([left] if at_once is not None else []), *([ready] if by_callback is not None else [])]


def three_failures() -> list[Fact]:
    """S8: wrong, silent, wrong; the national team takes the call."""
    return [
        arrived(),
        fact(FactKind.PRESSED, 2, 9, step="menu", keys="99"),
        fact(FactKind.SILENT, 3, 20, step="menu"),
        fact(FactKind.PRESSED, 4, 30, step="menu", keys="00"),
        fact(FactKind.PLANNED, 4, 30, departement="*", desk="national", rangs=[["chloe123"]], version=3, because=[]),
        rung(CHLOE, n=5, seconds=30, desk="national"),
        on_leg(FactKind.LEG_ANSWERED, CHLOE, 5, 42),
        ring_ended(5, 102, "completed", person=CHLOE, bridged=True, lasted=60),
        leg_ended(CHLOE, 5, 102, "completed", 60),
        ended(105),
    ]


def spoken() -> list[Fact]:
    """S9: « soixante-quinze », confirmed; then as S1."""
    words = [
        fact(FactKind.SPOKE, 2, 16, step="menu", text="soixante-quinze.", confidence=0.5),
        fact(FactKind.PRESSED, 3, 20, step="sure", keys="1"),
        given("75", n=3, seconds=20, by="speech"),
    ]
    return [arrived(), *words, *happy_path()[2:]]


def reordered() -> list[Fact]:
    """S10: S1 in the order of the notes, with doubles."""
    one = {(f.kind, f.who): f for f in happy_path()}
    alice = "alice123"
    order = [
        (FactKind.ENDED, ""),
        (FactKind.LEG_ENDED, alice),
        (FactKind.LEG_ANSWERED, alice),
        (FactKind.LEG_STARTED, alice),
        (FactKind.LEG_ENDED, alice),
        (FactKind.RING_ENDED, ""),
        (FactKind.LEG_RINGING, alice),
        (FactKind.RING_ENDED, ""),
        (FactKind.ARRIVED, ""),
        (FactKind.RANG_RUNG, ""),
        (FactKind.DEPARTEMENT_GIVEN, ""),
        (FactKind.ACCEPTED, alice),
        (FactKind.PICKED_UP, alice),
    ]
    return [one[key] for key in order]


STORIES: dict[str, Callable[[], list[Fact]]] = {
    "S1 happy path": happy_path,
    "S2 busy": busy,
    "S3 second rang": second_rang,
    "S4 voicemail box": voicemail_box,
    "S5 left in the menu": left_in_the_menu,
    "S5 left before the first word": left_before_the_first_word,
    "S6 left while ringing": left_while_ringing,
    "S7 message": message,
    "S8 three failures": three_failures,
    "S9 spoken": spoken,
    "S10 reordered": reordered,
}
