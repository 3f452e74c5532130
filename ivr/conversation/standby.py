"""The line without us: one short document for each thing a caller can do, for a host that serves files (decision 28).

A document cannot branch on a key. So the caller's keys, or the way a ringing ended, make the name of the next document,
behind what is already known: `75`, `97` and `4`, `suite-75-0-` and the status. Hours cannot be known there: every rang
of the département is rung in its order, then the national team.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, product
from typing import TypeAlias

from ivr.conversation.instructions import HangUp, Line, Say
from ivr.conversation.prompts import line
from ivr.conversation.steps.screening import WAIT
from ivr.conversation.telephones import MOST_AT_ONCE, telephones
from ivr.understanding.keypad import (
    CORSE,
    OVERSEAS,
    Corsica,
    Named,
    National,
    Reading,
    Restart,
    Unfinished,
    read_corsica,
    read_menu,
    read_third,
)
from records.facts import LegStatus
from routing.departements import NATIONAL, departements
from routing.directory.people import Person
from routing.snapshot import Snapshot

KEYS = "0123456789*"
ENTRY = "entree"
TAKEN = "prise"
"""The empty document: the operator connects the two."""

PAUSE = 5


@dataclass(frozen=True, slots=True)
class Choose:
    """Say the lines and wait `timeout` seconds for up to `digits` keys; the document named `to` + keys follows."""

    lines: tuple[Line, ...]
    to: str
    digits: int
    timeout: int = PAUSE


@dataclass(frozen=True, slots=True)
class Consent:
    """Say the lines on the leg of a person who is rung and wait for a key; the document `then` follows it.

    The operator follows no redirection there, so any key takes the call; a voicemail box presses none.
    """

    lines: tuple[Line, ...]
    then: str
    timeout: int = WAIT


@dataclass(frozen=True, slots=True)
class Called:
    """One telephone to ring; `screen` names the document that asks the person to press 1 (None: bridged at once)."""

    phone: str
    screen: str | None


@dataclass(frozen=True, slots=True)
class CallTogether:
    """Ring these telephones; the document named `to` + how it ended follows."""

    people: tuple[Called, ...]
    to: str


Document: TypeAlias = tuple[Say | Choose | Consent | CallTogether | HangUp, ...]


def standby_documents(snapshot: Snapshot) -> Mapping[str, Document]:
    """Every document of the line, by its name; `entree` is the first."""
    documents: dict[str, Document] = {
        ENTRY: (
            Choose((line("ACCUEIL"), line("DEPARTEMENT")), "", 2),
            Choose((line("SILENCE_2"),), "", 2),
            *_give_up(snapshot),
        )
    }
    documents |= {keys: _after(read_menu(keys), snapshot) for keys in _first_keys()}
    documents |= {f"{one}{key}": _after(read_third(one, key), snapshot) for one in OVERSEAS for key in KEYS}
    documents |= {f"{CORSE}{key}": _after(read_corsica(key), snapshot) for key in KEYS}
    documents |= {name: document for code in (*departements(), NATIONAL) for name, document in _hunt(snapshot, code)}
    documents |= {f"ecran-{_named(code)}": _whisper(code) for code in (*departements(), NATIONAL)}
    return {**documents, TAKEN: ()}


def _first_keys() -> Iterator[str]:
    yield from KEYS
    yield from ("".join(pair) for pair in product(KEYS, KEYS))


def _after(reading: Reading, snapshot: Snapshot) -> Document:
    """What follows keys, understood as on the living line."""
    match reading:
        case Named(code):
            name = Say(line("NOM", nom=departements()[code].name))
            return (name, *_call(snapshot, code))
        case Unfinished(keys):
            return (Choose((line("INCOMPLET_97"),), keys, 1), *_give_up(snapshot))
        case Corsica():
            return (Choose((line("CORSE"),), CORSE, 1), *_give_up(snapshot))
        case National():
            return (Say(line("NATIONAL")), *_ring(snapshot, NATIONAL, 0))
        case Restart():
            return _ask_again(snapshot)
        case _:
            return _ask_again(snapshot, line("INVALIDE", saisie=", ".join(reading.keys)))


def _ask_again(snapshot: Snapshot, *lines: Line) -> Document:
    return (Choose((*lines, line("DEPARTEMENT_COURT")), "", 2), *_give_up(snapshot))


def _give_up(snapshot: Snapshot) -> Document:
    return (Say(line("ECHEC")), *_ring(snapshot, NATIONAL, 0))


def _call(snapshot: Snapshot, code: str) -> Document:
    announced = () if _rangs(snapshot, code) else (Say(line("SANS_REFERENT")),)
    return (*announced, *_ring(snapshot, code, 0))


def _ring(snapshot: Snapshot, code: str, place: int) -> Document:
    """The rang at that place; past the last one the national team, and past its last one where the form is."""
    rangs = _rangs(snapshot, code)
    if place < len(rangs):
        screen = f"ecran-{_named(code)}"
        together = telephones(rangs[place])[:MOST_AT_ONCE]
        people = tuple(Called(one.phone, screen if one.is_screened else None) for one in together)
        return (CallTogether(people, f"suite-{_named(code)}-{place}-"),)
    return (Say(line("PANNE_FIN")), HangUp()) if code == NATIONAL else _ring(snapshot, NATIONAL, 0)


def _hunt(snapshot: Snapshot, code: str) -> Iterator[tuple[str, Document]]:
    """The documents after each rang, one for each way in which its ringing can end."""
    for place in range(len(_rangs(snapshot, code))):
        is_last = place + 1 == len(_rangs(snapshot, code))
        wait = () if is_last and code == NATIONAL else (Say(line("NATIONAL" if is_last else "ATTENTE")),)
        for status, bridged in product((*map(str, LegStatus), "answered", ""), ("", "true", "false")):
            taken = bridged == "true" or (not bridged and status in {LegStatus.COMPLETED, "answered"})
            after = (Say(line("MERCI")), HangUp()) if taken else (*wait, *_ring(snapshot, code, place + 1))
            yield f"suite-{_named(code)}-{place}-{status}{bridged}", after


def _rangs(snapshot: Snapshot, code: str) -> list[list[Person]]:
    ringable = sorted((one for one in snapshot.lines(code) if one.is_ringable), key=lambda one: one.rang or 0)
    return [list(people) for _, people in groupby(ringable, key=lambda one: one.rang)]


def _whisper(code: str) -> Document:
    who = line("CHUCHOTEMENT_NATIONAL") if code == NATIONAL else line("CHUCHOTEMENT", numero=code)
    return (Consent((who, line("CHUCHOTEMENT_RAPPEL")), TAKEN), HangUp())


def _named(code: str) -> str:
    return "nat" if code == NATIONAL else code
