"""Reading the form of a qualification: what to keep, or every mistake in French with what was typed kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from records.desks.statut import Solved
from records.wording import Entry, Wording
from support.calls.rules import QualificationRefused, check_comment, check_entry, check_statut
from support.nomenclature.entries import Nomenclature
from support.personal_data import doubt_about


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it stands: what was typed, and what is wrong with it (field name → French sentence)."""

    thematique: str = ""
    motif: str = ""
    sous_motif: str = ""
    statut: str = ""
    comment: str = ""
    confirmed: bool = False
    search: str = ""
    version: int = 0
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def wording(self) -> Wording:
        """The three names chosen so far."""
        return Wording(self.thematique, self.motif, self.sous_motif)


@dataclass(frozen=True, slots=True)
class CheckedQualification:
    """A qualification that may be kept."""

    entry: Entry
    solved: Solved
    comment: str

    @property
    def niveau(self) -> str:
        """The level: it follows from the sous-motif, and for some from the escalation."""
        return self.entry.niveau_when(escalated=bool(self.solved.escalated))


def read_typed(fields: Mapping[str, str]) -> Typed:
    """The fields of the form, whatever they hold."""
    version = fields.get("version", "")
    return Typed(
        thematique=fields.get("thematique", "")[:200],
        motif=fields.get("motif", "")[:200],
        sous_motif=fields.get("sous_motif", "")[:200],
        statut=fields.get("statut", "")[:20],
        comment=fields.get("comment", ""),
        confirmed=fields.get("confirmed") == "1",
        search=fields.get("q", "")[:100],
        version=int(version) if re.fullmatch(r"[0-9]{1,8}", version) else 0,
    )


def with_entry(typed: Typed, entry: Entry) -> Typed:
    """The form with the three names of an entry chosen."""
    w = entry.wording
    return replace(typed, thematique=w.thematique, motif=w.motif, sous_motif=w.sous_motif, search="")


def with_errors(typed: Typed, errors: Mapping[str, str]) -> Typed:
    """The same form with what is wrong."""
    return replace(typed, errors=errors)


def check_typed(
    typed: Typed, nomenclature: Nomenclature, before: Solved | None, kept: Entry | None, *, level_2_closed: bool
) -> CheckedQualification | dict[str, str]:
    """What to keep, or every mistake by field.

    `before` is what stands on the call, `kept` its entry, which may be kept although the list has changed since.
    """
    errors: dict[str, str] = {}
    entry, solved, comment = kept, Solved(resolved=False, escalated=False), ""
    if kept is None or kept.wording != typed.wording:
        try:
            entry = check_entry(nomenclature.find(typed.thematique, typed.motif, typed.sous_motif))
        except QualificationRefused as refused:
            errors[refused.field] = str(refused)
    try:
        solved = check_statut(typed.statut, before, level_2_closed=level_2_closed)
    except QualificationRefused as refused:
        errors[refused.field] = str(refused)
    try:
        comment = check_comment(typed.comment)
    except QualificationRefused as refused:
        errors[refused.field] = str(refused)
    if "comment" not in errors and not typed.confirmed and (doubt := doubt_about(comment)):
        errors["comment"] = doubt
    if errors or entry is None:
        return errors
    return CheckedQualification(entry, solved, comment)
