"""The quality that is published: what each measure is, and the open data, in which no small figure can be found.

Names, labels and meanings are those of `reports.figures.definitions`; here stands what a reader from outside asks too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from records.counting.tally import Tally, total
from reports.figures.definitions import BY_NAME, DEFINITIONS, Definition, figures

VERSION, VERSION_OF = "1", date(2026, 11, 26)
"""The version of these definitions and its day: who changes one of them changes both."""
LEAST = 5
"""No figure is published that counts fewer calls, nor one from which such a figure follows."""
LEAST_HIDDEN = 10
"""Calls that the hidden départements of a month have together at least, where the figure of France is shown."""

TELEPHONE_PLAN = "plan téléphonie de l’État (85 % des appels décrochés)"
WORKBOOK = "classeur de suivi du ministère"
OWN = "définition du service"
_NOT_TELEPHONE = "les appels saisis à la main ou importés d’un classeur"
_WAIT = (
    "le département est donné (ou le premier téléphone sonne)",
    "quelqu’un accepte l’appel, le message d’absence commence, ou l’appelant raccroche",
    "les appels sans département et " + _NOT_TELEPHONE,
)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a definition says besides its meaning: where it is from, what it leaves out, its clock if it has one."""

    source: str
    leaves_out: str
    starts: str = ""
    stops: str = ""


ABOUT: Mapping[str, Basis] = {
    "nombre_appels": Basis(WORKBOOK, "les appels auxquels personne n’a répondu"),
    "duree_moyenne_secondes": Basis(
        WORKBOOK, "les appels dont la durée n’est pas connue ; le temps d’attente",
        "la personne appelée accepte l’appel", "l’un des deux raccroche",
    ),
    "taux_resolution": Basis(WORKBOOK, "les appels sans motif enregistré, et ceux dont on n’a dit ni oui ni non"),
    "taux_escalade": Basis(WORKBOOK, "les appels sans motif enregistré, et ceux dont on n’a dit ni oui ni non"),
    "qualifies": Basis(WORKBOOK, "les appels traités dont personne n’a encore noté le motif"),
    "recus": Basis(OWN, "les appels terminés avant qu’un département soit donné, et " + _NOT_TELEPHONE),
    "taux_decroche": Basis(TELEPHONE_PLAN, "les appels sans département et " + _NOT_TELEPHONE),
    "absences": Basis(OWN, "les appels qui ont laissé un message ou une demande de rappel"),
    "messages": Basis(OWN, "les messages vides"),
    "rappels": Basis(OWN, "les appels auxquels quelqu’un a fini par répondre"),
    "abandons_menu": Basis(OWN, "les appels raccrochés pendant la sonnerie"),
    "abandons_sonnerie": Basis(OWN, "les appels raccrochés avant la sonnerie"),
    "attente_mediane_secondes": Basis(OWN, _WAIT[2], *_WAIT[:2]),
    "attente_p90_secondes": Basis(OWN, _WAIT[2], *_WAIT[:2]),
    "taux_60_secondes": Basis("plan téléphonie de l’État", _WAIT[2], _WAIT[0], "quelqu’un accepte l’appel"),
    "appels_perdus": Basis(OWN, "les appels qui ont laissé un message ou une demande de rappel"),
    "appels_repetes": Basis(OWN, "les appels d’un numéro masqué, et ceux d’un autre jour ou d’un autre département"),
}  # fmt: skip


def measures() -> Iterator[tuple[Definition, Basis]]:
    """Every figure of the service with what is said about it, in the order of its definitions."""
    return ((definition, ABOUT[definition.name]) for definition in DEFINITIONS)


PUBLISHED = (
    "recus", "taux_decroche", "taux_60_secondes", "attente_mediane_secondes", "attente_p90_secondes",
    "nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade",
)  # fmt: skip
COLUMNS: tuple[tuple[str, str], ...] = (
    ("mois", "Le mois, AAAA-MM (ISO 8601)."),
    ("departement", "Le code officiel géographique du département ou de la collectivité."),
    ("nom", "Son nom."),
    *((name, f"{BY_NAME[name].label} : {BY_NAME[name].meaning}") for name in PUBLISHED),
)
"""Each column of the open data and what it holds: durations in seconds, shares from 0 to 1."""

_ADDITIVE: Mapping[str, Callable[[Tally], int]] = {
    "recus": lambda tally: tally.received,
    "taux_decroche": lambda tally: tally.received_answered,
    "taux_60_secondes": lambda tally: tally.answered_soon,
    "nombre_appels": lambda tally: tally.treated,
}
"""The calls that a published figure tells, alone or with the calls received: départements add up to France."""
_NEED_RECEIVED = frozenset({"taux_decroche", "taux_60_secondes", "attente_mediane_secondes", "attente_p90_secondes"})


@dataclass(frozen=True, slots=True)
class PublishedMonth:
    """One month: the figures shown of each département, and of France; what is hidden is not in them."""

    month: date
    departements: Mapping[str, Mapping[str, float]]
    france: Mapping[str, float]


def closed_months(months: Collection[date], today: date) -> list[date]:
    """The first days of every month from the first one given to the last that is over everywhere.

    Overseas a month ends up to a day later than in Paris: `today` is the day there.
    """
    unfinished = (today - timedelta(days=1)).replace(day=1)
    found, month = [], min(months, default=unfinished)
    while month < unfinished:
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def publication(
    tallies: Mapping[tuple[str | None, date], Tally], codes: Collection[str], today: date
) -> list[PublishedMonth]:
    """The months that are over, oldest first, of these départements; calls without a département are left out.

    No figure below `LEAST` is shown, nor can one be found by taking what is shown away from another one: within a
    département (received, answered, answered soon, treated) or from France (a further département is hidden then).
    """
    known = {key: tally for key, tally in tallies.items() if key[0] in codes}
    return [
        _published(month, {code: known.get((code, month), Tally()) for code in codes})
        for month in closed_months([month for _code, month in known], today)
    ]


def _published(month: date, tallies: Mapping[str, Tally]) -> PublishedMonth:
    france = total(tallies.values())
    of_france = _shown(france)
    shown = {code: _shown(tally) for code, tally in tallies.items()}
    for name in _ADDITIVE:
        if name in of_france:
            _hide_companions(name, tallies, shown)
    values = {code: figures(tallies[code]).values for code in tallies}
    return PublishedMonth(
        month,
        {code: _values(values[code], names) for code, names in shown.items()},
        _values(figures(france).values, of_france),
    )


def _values(values: Mapping[str, float | None], names: Collection[str]) -> dict[str, float]:
    return {name: value for name in PUBLISHED if name in names and (value := values[name]) is not None}


def _shown(tally: Tally) -> set[str]:
    """The figures that a place may show, as far as its own calls go."""
    answered, soon = tally.received_answered, tally.answered_soon
    shown = set()
    if tally.received >= LEAST:
        shown |= {"recus"}
        if sum(tally.waits.values()) >= LEAST:
            shown |= {"attente_mediane_secondes", "attente_p90_secondes"}
        if _both_parts(answered, tally.received):
            shown |= {"taux_decroche"}
        if _both_parts(soon, tally.received) and ("taux_decroche" not in shown or not _is_few(answered - soon)):
            shown |= {"taux_60_secondes"}
    told = {"recus": tally.received, "taux_decroche": answered, "taux_60_secondes": soon}
    if tally.treated >= LEAST and not any(_is_few(abs(tally.treated - told[name])) for name in shown & set(told)):
        shown |= {"nombre_appels"}
    if tally.talk_known >= LEAST:
        shown |= {"duree_moyenne_secondes"}
    if _both_parts(tally.resolved, tally.resolution_known):
        shown |= {"taux_resolution"}
    if _both_parts(tally.escalated, tally.escalation_known):
        shown |= {"taux_escalade"}
    return shown


def _both_parts(part: int, whole: int) -> bool:
    """Whether a share may be shown: the calls that it counts are not few, and the others are none or not few."""
    return part >= LEAST and not _is_few(whole - part)


def _is_few(number: int) -> bool:
    """Whether a difference leads to so few calls that somebody may know them; none leads to nobody."""
    return 0 < number < LEAST


def _hide_companions(name: str, tallies: Mapping[str, Tally], shown: Mapping[str, set[str]]) -> None:
    """Hide more départements, the smallest first, until France less those shown tells nothing of a small one.

    Where none is shown any more, nothing can be taken away from France.
    """
    count = _ADDITIVE[name]
    hidden = [code for code in tallies if name not in shown[code]]
    if not hidden:
        return
    calls = sum(count(tallies[code]) for code in hidden)
    has_companion = any(name in _shown(tallies[code]) for code in hidden)
    for code in sorted(set(tallies) - set(hidden), key=lambda each: (count(tallies[each]), each)):
        if has_companion and calls >= LEAST_HIDDEN:
            return
        shown[code].difference_update({name} | (_NEED_RECEIVED if name == "recus" else frozenset()))
        calls, has_companion = calls + count(tallies[code]), True


def data_rows(months: Collection[PublishedMonth], names: Mapping[str, str]) -> Iterator[list[str]]:
    """The lines of the open data, by month and by code; a cell is empty where its figure is hidden."""
    for published in months:
        for code, values in published.departements.items():
            yield [
                f"{published.month:%Y-%m}",
                code,
                names[code],
                *(_cell(name, values.get(name)) for name in PUBLISHED),
            ]


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if BY_NAME[name].shown_as == "rate" else f"{value:.0f}"
