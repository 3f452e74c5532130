"""Why it rings there, or does not: one French sentence for each rule that decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from routing.calendar.hours import Hours
from routing.calendar.words import write_moment
from routing.departements import departements, timezone_of
from routing.planning.desk import DeskState, LineState, Verdict
from routing.rules import Absence


@dataclass(frozen=True, slots=True)
class Because:
    """One rule that decided something: `rule` is a stable name, `text` the French sentence a reader sees."""

    rule: str
    text: str
    person: str | None = None


def desk_name(code: str) -> str:
    """How a sentence names a desk: « département 29 (Finistère) », « équipe nationale »."""
    known = departements().get(code)
    return f"département {code} ({known.name})" if known else "équipe nationale"


def why(desk: DeskState) -> Iterator[Because]:
    """The rules that made this desk ring or stay silent, in the order in which they were looked at."""
    yield Because("local_time", f"{_capital(desk_name(desk.code))} : nous sommes {_now(desk)}.")
    if desk.closure:
        until = write_moment(desk.closure.end, timezone_of(desk.code))
        label = f" ({desk.closure.label})" if desk.closure.label else ""
        yield Because("closure", f"Fermeture exceptionnelle jusqu'au {until}{label} : personne ne sonne.")
        return
    if desk.holiday:
        yield Because("holiday", f"Jour férié : {desk.holiday}. Seuls sonnent ceux qui répondent jour et nuit (24/7).")
    for verdict in desk.verdicts:
        yield from _why_line(verdict, desk)


def why_national(code: str) -> Because:
    """The sentence for a département that has nobody to ring."""
    return Because("national", f"Personne à faire sonner dans le {desk_name(code)} : l'équipe nationale répond.")


def why_overflow(code: str, when: str) -> Because:
    """The sentence for the other desk that is offered."""
    case = "si personne ne répond" if when == "no_answer" else "puisque c'est fermé"
    return Because("overflow", f"Débordement réglé : {case}, l'appel est proposé à : {desk_name(code)}.")


def _why_line(verdict: Verdict, desk: DeskState) -> Iterator[Because]:
    line, absence = verdict.line, verdict.absence
    who = f"{line.name} (rang {line.rang})"
    if verdict.state is LineState.RINGS:
        yield Because("hours", f"{who} sonne : {_hours(line.hours)}.", line.id)
    elif verdict.state is LineState.REPLACED and absence and verdict.suppleant:
        text = f"{who} {_away(absence, desk)} : {verdict.suppleant.name}, suppléant, sonne à sa place."
        yield Because("suppleant", text, verdict.suppleant.id)
    elif absence:
        yield Because("away", f"{who} {_away(absence, desk)}, {_no_suppleant(verdict)}.", line.id)
    elif verdict.state is LineState.HOLIDAY:
        yield Because("holiday", f"{who} ne sonne pas : jour férié.", line.id)
    else:
        yield Because("hours", f"{who} ne sonne pas : {_hours(line.hours)}.", line.id)


def _away(absence: Absence, desk: DeskState) -> str:
    return f"est en absence jusqu'au {write_moment(absence.end, timezone_of(desk.code))}"


def _no_suppleant(verdict: Verdict) -> str:
    if verdict.suppleant:
        return f"et {verdict.suppleant.name}, suppléant, n'est pas joignable à cette heure"
    return "sans suppléant qui puisse sonner"


def _now(desk: DeskState) -> str:
    return write_moment(desk.local, timezone_of(desk.code))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _hours(hours: Hours) -> str:
    return "ses horaires sont jour et nuit (24/7)" if hours.always else f"ses horaires sont {hours.show()}"
