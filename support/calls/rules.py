"""What may be written about a call: the three statuts and the level."""

from __future__ import annotations

from records.desks.statut import Solved, Statut
from records.refusals import with_its_lines
from records.wording import Entry

LONGEST_COMMENT = 2000


class QualificationRefused(ValueError):  # noqa: N818 - it tells a decision; the French reason is its text
    """A qualification that cannot be kept; `field` is the form field to blame, the text the reason in French."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


CHOSEN = (Statut.RESOLU, Statut.EN_COURS, Statut.ESCALADE)
"""The statuts that somebody can give; the fourth is what an import leaves where nobody said."""


def can_choose(statut: Statut, before: Solved | None, *, level_2_closed: bool) -> bool:
    """Whether this statut may follow: while level 2 works on the call, it stays escalated."""
    if before is None or not before.escalated or level_2_closed:
        return True
    return statut is Statut.ESCALADE


def check_statut(typed: str, before: Solved | None, *, level_2_closed: bool) -> Solved:
    """What to store for the statut typed; QualificationRefused when unknown or when it would take an escalation back.

    `escalated` never goes back to false, even once level 2 has closed the request.
    """
    statut = next((one for one in CHOSEN if one == typed), None)
    if statut is None:
        raise QualificationRefused("statut", "Choisissez un statut : Résolu, En cours ou Escaladé.")
    if not can_choose(statut, before, level_2_closed=level_2_closed):
        raise QualificationRefused(
            "statut", "Cet appel est escaladé : il le reste tant que le niveau 2 n'a pas clos la demande."
        )
    was_escalated = before is not None and bool(before.escalated)
    return Solved(statut is Statut.RESOLU, was_escalated or statut is Statut.ESCALADE)


def check_entry(entry: Entry | None) -> Entry:
    """The entry, or QualificationRefused when the three names are not one of the list."""
    if entry is None:
        raise QualificationRefused(
            "sous_motif", "Choisissez un sous-motif de la liste, avec sa thématique et son motif."
        )
    return entry


def check_comment(typed: str) -> str:
    """The comment, trimmed and without control characters; QualificationRefused when too long."""
    kept = with_its_lines(typed)
    if len(kept) > LONGEST_COMMENT:
        raise QualificationRefused("comment", f"Le commentaire dépasse {LONGEST_COMMENT} caractères ({len(kept)}).")
    return kept
