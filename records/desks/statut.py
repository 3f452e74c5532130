"""Is the problem solved, and by whom? Two truths are stored; the statut that a reader sees follows (decision 32)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Statut(StrEnum):
    """The statut that a reader sees."""

    RESOLU = "Résolu"
    EN_COURS = "En cours"
    ESCALADE = "Escaladé"
    INCONNU = "Non renseigné"


@dataclass(frozen=True, slots=True)
class Solved:
    """The two truths: the person is helped; the call went to level 2. `escalated` never goes back.

    None: an imported line did not say.
    """

    resolved: bool | None
    escalated: bool | None


def show_statut(solved: Solved, *, level_2_closed: bool) -> Statut:
    """The statut that a reader sees: an escalated call stays so until level 2 has closed its request."""
    if solved.escalated and not level_2_closed:
        return Statut.ESCALADE
    if solved.resolved is None:
        return Statut.INCONNU
    return Statut.RESOLU if solved.resolved else Statut.EN_COURS
