"""Why a request went where it went, in French: for the page of the desk, and for whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping

from routing.departements import departements
from routing.requests.checking import Danger
from routing.requests.table import ANOMALY, NO_RULE, UNCOVERED, UNKNOWN, RequestRule, SentTo, Wrote

DESKS = {SentTo.LOCAL: "aux référents du département", SentTo.NATIONAL: "à l’équipe nationale"}
SENDERS = {Wrote.USER: "un utilisateur", Wrote.REFERENT: "un référent"}
NIVEAUX = {"1": "niveau 1", "1/2": "niveau 1 ou 2", "2": "niveau 2"}

DANGERS: Mapping[Danger, str] = {
    Danger.NOTHING_NATIONAL: "Avec cette table, l’équipe nationale ne recevrait plus aucune demande.",
    Danger.NOTHING_LOCAL: "Avec cette table, aucune demande n’irait aux référents.",
    Danger.LEVEL_2_LOCAL: "Des demandes de niveau 2 iraient aux référents, qui ne peuvent pas les résoudre seuls.",
    Danger.REFERENT_LOCAL: "Des demandes posées par un référent iraient aux référents de son propre département.",
    Danger.ANOMALY_LOCAL: f"Des demandes « {ANOMALY} » iraient aux référents.",
    Danger.UNFORESEEN: "Des demandes ne correspondent à aucune ligne : elles iraient à l’équipe nationale.",
}
"""What somebody should read before he publishes such a table."""


def why(rule_key: str | None, rule: RequestRule | None = None, departement: str | None = None) -> str:
    """One sentence: to whom the request went, and by which rule; "" for one that no table sent anywhere (a call's).

    `rule` is the line of that key (`support.routes.store.rule_of`), None for what is no line; `departement` its code.
    """
    if rule_key is None:
        return ""
    if rule is not None:
        return f"Confiée {DESKS[rule.desk]} : {_because(rule)}."
    where = _named(departement)
    return {
        UNCOVERED: f"Confiée à l’équipe nationale : personne {where} ne peut répondre dans le délai promis.",
        UNKNOWN: "Confiée à l’équipe nationale : l’annuaire des référents n’était pas disponible à ce moment.",
        NO_RULE: "Confiée à l’équipe nationale : la table d’orientation ne prévoit pas ce cas.",
    }.get(rule_key, "Confiée selon une règle qui n’est plus connue.")


def sentence_of(rule: RequestRule) -> str:
    """The line as a sentence of the table."""
    said = []
    if rule.sender:
        said.append(f"posée par {SENDERS[Wrote(rule.sender)]}")
    if rule.niveau:
        said.append(f"de {NIVEAUX[rule.niveau]}")
    if rule.thematique:
        said.append(f"« {rule.thematique} »")
    which = f"Une demande {', '.join(said)} va" if said else "Toute autre demande va"
    return f"{which} {DESKS[rule.desk]}."


def _because(rule: RequestRule) -> str:
    """The conditions of a line, as a reason."""
    said = []
    if rule.sender:
        said.append(f"elle est posée par {SENDERS[Wrote(rule.sender)]}")
    if rule.niveau:
        said.append(f"son motif est de {NIVEAUX[rule.niveau]}")
    if rule.thematique:
        subject = "c’est une anomalie ou une question technique" if rule.thematique == ANOMALY else ""
        said.append(subject or f"sa thématique est « {rule.thematique} »")
    return " et ".join(said) or "c’est la règle pour toutes les autres demandes"


def _named(departement: str | None) -> str:
    known = departements().get(departement or "")
    return f"du département {departement} {known.name}" if known else "du département"
