"""What somebody looks for among all calls, read from an address and from what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from records.calls.words import OUTCOMES
from records.desks.found_calls import MISSED, QUALIFIED, TOOK, UNQUALIFIED, Wanted
from records.desks.statut import Statut
from routing.calendar.periods import named_periods

LONGEST_TEXT = 100
FEWEST_DIGITS = 4
DATES = "dates"

STATUTS = (*((str(statut), str(statut)) for statut in Statut), (UNQUALIFIED, "Non qualifié"))
CHOICES_OF_OUTCOME = ((MISSED, "Tous les appels que personne n’a pris"), *OUTCOMES.items())

_NUMBER = re.compile(r"[0-9 .\-/()\u00a0\u202f]+")


@dataclass(frozen=True, slots=True)
class Search:
    """The filters of an address, as the form shows them again; `error` is a French sentence about the dates."""

    wanted: Wanted
    kept: Mapping[str, str]
    error: str = ""


def digits_of(text: str) -> str:
    """The digits of what may be a part of a telephone number, a leading + kept; "" for anything else."""
    tidy = text.strip().replace("(0)", "")
    plus, rest = tidy[:1] == "+", tidy.removeprefix("+")
    digits = re.sub(r"[^0-9]", "", rest) if _NUMBER.fullmatch(rest) else ""
    return ("+" if plus else "") + digits if len(digits) >= FEWEST_DIGITS else ""


def read_search(arguments: Mapping[str, str], text: str, today: date, emails: Mapping[str, str]) -> Search:
    """What is looked for; what makes no sense is left out.

    `text`: what was typed to look for, which no address carries. `emails`: of each account's number, its address.
    """
    kept = {name: arguments.get(name, "")[:200] for name in ("departement", "periode", "statut", "issue", "qui")}
    since, until = _day(arguments.get("du", "")), _day(arguments.get("au", ""))
    error = ""
    if since or until:  # days typed say more than a name chosen before
        kept["periode"] = DATES
    elif kept["periode"] in (named := named_periods(today)):
        _, since, until = named[kept["periode"]]
    if kept["periode"] == DATES:
        kept |= {"du": since.isoformat() if since else "", "au": until.isoformat() if until else ""}
        error = "La fin de la période précède son début." if since and until and until < since else ""
    wanted = Wanted(
        text=text.strip()[:LONGEST_TEXT], digits=digits_of(text[:LONGEST_TEXT]),
        departement=kept["departement"][:3], since=since, until=until,
        statut=kept["statut"] if kept["statut"] in dict(STATUTS) else "",
        outcome=kept["issue"] if kept["issue"] in dict(CHOICES_OF_OUTCOME) else "", who=_who(kept["qui"], emails),
    )  # fmt: skip
    return Search(wanted, {name: value for name, value in kept.items() if value}, error)


def _who(typed: str, emails: Mapping[str, str]) -> tuple[str, str] | None:
    kind, _, whom = typed.partition(":")
    if kind == TOOK and whom:
        return (TOOK, whom)
    return (QUALIFIED, emails[whom]) if kind == QUALIFIED and whom in emails else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
