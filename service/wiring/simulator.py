"""The demonstration: the account of our own operator, and the page of its telephone. Nothing of it without DEMO."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint

from ivr.operator.number import wanted
from records.calls.listing import get_call
from records.database import Engine, SQLAlchemyError, reading
from routing.departements import timezone_of
from routing.phones import PhoneRefused, is_fiction, read_phone, show_phone
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from service.wiring.operator import provider_of
from simulator.calls.engine import OperatorAccount
from simulator.calls.leg import NumberSetup
from simulator.doors import terminal
from simulator.doors.telephone import telephone_blueprint

KEYS_OF_THE_TERMINAL = terminal.HELP
"""What may be typed while a call is played in the terminal, in French."""


def account(settings: Settings) -> OperatorAccount:
    """The account whose token signs the webhooks."""
    settings.require("twilio_account_sid", "twilio_auth_token")
    return OperatorAccount(settings.twilio_account_sid, settings.auth_tokens[0])


def line(settings: Settings) -> NumberSetup:
    """Our number there, set as `svi twilio configure` sets one."""
    told = provider_of(settings).as_set(wanted(settings.public_url))
    return NumberSetup(settings.caller_id, told.voice, told.fallback, told.status, settings.own_numbers)


def telephone(settings: Settings, snapshot: SnapshotFile, engine: Engine) -> Blueprint:
    """The page « Téléphone de démonstration »."""

    def row_of(call: str) -> Mapping[str, Any] | None:
        try:
            with reading(engine) as connection:
                return get_call(connection, call, timezone_of=timezone_of)
        except SQLAlchemyError:
            return None

    return telephone_blueprint(
        settings.engine_url,
        row_of=row_of,
        name_of=lambda number: name_of(snapshot, number),
        number=show_phone(settings.svi_number),
        layout="layout.html",
    )


def name_of(snapshot: SnapshotFile, number: str) -> str | None:
    """Whose telephone a number (E.164) is, None when it is nobody's."""
    found = snapshot.current()
    people = found.people if found else ()
    return next((person.name for person in people if person.phone == number and person.name), None)


def fiction_caller(typed: str) -> str:
    """A number that may call a demonstration, in E.164; ValueError tells in French why another may not."""
    try:
        number = read_phone(typed, allow_fiction=True)
    except PhoneRefused as refusal:
        raise ValueError(f"Numéro de l’appelant : {refusal}.") from None
    if not is_fiction(number):
        raise ValueError(
            "Un appel de démonstration vient d’un numéro réservé à la fiction, par exemple 06 39 98 12 34."
        )
    return number


def play_in_terminal(
    settings: Settings,
    lines: Iterable[str],
    write: Callable[[str], None],
    *,
    caller: str,
    moment: datetime | None,
    stepwise: bool,
) -> list[str]:
    """Play one call against the demonstration of this machine; what went wrong, nothing when all is well."""
    place = terminal.CalledService(line(settings), account(settings))
    snapshot = SnapshotFile(settings.var_dir)

    def shown(number: str) -> str:
        name = name_of(snapshot, number)
        return f"{show_phone(number)} ({name})" if name else show_phone(number)

    asked = terminal.CallAsked(caller, moment, shown)
    return terminal.run(place, lines, write, asked=asked, stepwise=stepwise)
