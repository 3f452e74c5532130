"""What people set, from the rows of the database to the rules of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from records.database import Connection
from records.in_force.rules import RuleKind, own_days_switched, rules_set
from routing.calendar.public_holidays import KEPT_BY_DEFAULT
from routing.rules import Absence, AbsenceMessage, Closure, Notice, Overflow, OverflowWhen, Rules

_Rule = TypeVar("_Rule")

MEMORY = timedelta(days=2)
"""How long a rule that is over stays in the snapshot: a call under way still finds it."""


def rules_of(connection: Connection, at: datetime) -> Rules:
    """The rules in force or to come at `at`."""

    def rows(kind: RuleKind) -> list[Mapping[str, Any]]:
        return rules_set(connection, kind, ending_after=at - MEMORY)

    return Rules(
        absences=tuple(absence_of(row) for row in rows(RuleKind.ABSENCE)),
        closures=tuple(closure_of(row) for row in rows(RuleKind.CLOSURE)),
        notices=tuple(Notice(row["id"], row["text"], row["start"], row["end"]) for row in rows(RuleKind.NOTICE)),
        messages=_newest({(row["departement"], row["reason"]): message_of(row) for row in rows(RuleKind.MESSAGE)}),
        overflows=_newest({(row["departement"], row["when"]): overflow_of(row) for row in rows(RuleKind.OVERFLOW)}),
        usage_holidays=own_days_kept(connection),
    )


def own_days_kept(connection: Connection) -> frozenset[str]:
    """The départements whose own days off count: those of the default, but where somebody said otherwise."""
    return KEPT_BY_DEFAULT ^ own_days_switched(connection)


def absence_of(row: Mapping[str, Any]) -> Absence:
    """One absence."""
    return Absence(row["id"], row["person"], row["start"], row["end"], row["suppleant"])


def closure_of(row: Mapping[str, Any]) -> Closure:
    """One exceptional closure."""
    return Closure(row["id"], row["departement"], row["start"], row["end"], row["label"])


def message_of(row: Mapping[str, Any]) -> AbsenceMessage:
    """One absence message."""
    return AbsenceMessage(row["departement"], row["reason"], row["text"], row["audio"])


def overflow_of(row: Mapping[str, Any]) -> Overflow:
    """One overflow."""
    return Overflow(row["departement"], row["to"], OverflowWhen(row["when"]))


def _newest(by_subject: Mapping[Any, _Rule]) -> tuple[_Rule, ...]:
    return tuple(by_subject.values())
