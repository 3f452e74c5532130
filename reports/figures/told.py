"""The dashboard in a few sentences: what a pilot reads first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from records.counting.words import agreed, counted
from reports.figures.dashboard import ENOUGH_CALLS, LEAST_ANSWERED, LEAST_QUALIFIED, LONGEST_WAIT, Compared, Help
from reports.figures.definitions import show
from reports.figures.rising import Rising
from routing.departements import departements

NAMED = 3


def help_rule(target: float) -> str:
    """Which départements are listed, and in which order."""
    return (
        "Les départements qui perdent le plus d’appels d’abord. Sont listés ceux qui ont perdu au moins "
        f"{ENOUGH_CALLS} appels et décrochent moins que l’objectif de {percent(target)}, et, à partir de "
        f"{ENOUGH_CALLS} appels, ceux qui décrochent moins de {percent(LEAST_ANSWERED)}, font attendre plus de "
        f"{LONGEST_WAIT} secondes (médiane) ou qualifient moins de {percent(LEAST_QUALIFIED)} de leurs appels."
    )


def percent(share: float) -> str:
    """« 85 % »."""
    return f"{share * 100:.0f} %"


def summary_of(
    compared: Mapping[str, Compared],
    helped: Sequence[Help],
    rising: Sequence[Rising],
    target: float,
    *,
    is_filtered: bool,
) -> list[str]:
    """The period in sentences; those that need every call are left out under a filter."""
    found = [] if is_filtered else [_answering(compared, target)]
    treated = compared["nombre_appels"]
    found.append(
        f"Appels traités : {treated.now} ({_past(treated)}), résolus {compared['taux_resolution'].now}, "
        f"escaladés au national {compared['taux_escalade'].now}."
    )
    if helped:
        names = ", ".join(
            f"{departements()[one.code].name} ({show('count', one.figures.appels_perdus)})" for one in helped[:NAMED]
        )
        number = counted(len(helped), "département", "départements")
        has = agreed(len(helped), "a", "ont")
        found.append(f"{number} {has} besoin d’aide ; le plus d’appels perdus : {names}.")
    if rising:
        words = "; ".join(f"{one.sous_motif} ({one.now})" for one in rising[:NAMED]).replace(";", " ;")
        number = counted(len(rising), "sous-motif monte", "sous-motifs montent")
        found.append(f"{number} : {words}.")
    return found


def _answering(compared: Mapping[str, Compared], target: float) -> str:
    received, answered, lost = (compared[name] for name in ("recus", "taux_decroche", "appels_perdus"))
    return (
        f"Appels reçus : {received.now} ({_past(received)}), décroché {answered.now} pour un objectif de "
        f"{percent(target)}, appels perdus : {lost.now} ({_past(lost)}), décrochés en 60 secondes "
        f"{compared['taux_60_secondes'].now}."
    )


def _past(one: Compared) -> str:
    return "= période précédente" if one.trend == "same" else f"période précédente : {one.before}"
