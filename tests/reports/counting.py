"""The figures counted by hand from plain rows: what every face must agree with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from records.counting.tally import MotiveTally, Tally
from records.wording import Entry, Wording
from reports.figures.definitions import figures
from reports.figures.periods import Period
from reports.workbook.book import WorkbookContent
from reports.workbook.columns import HistoryRow

ACCESS = "Accès et authentification"
ENTRIES = (
    Entry("1", Wording(ACCESS, "Problème de connexion au SI SIAO", "Accès au compte")),
    Entry("1", Wording(ACCESS, "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe")),
    Entry("1", Wording(ACCESS, "Gestion des accès et habilitations", "Modification de structure de rattachement")),
    Entry("1", Wording(ACCESS, "Autre", "Autre")),
    Entry("1/2", Wording("Indicateurs et données", "Extraction des indicateurs", "Réaliser une extraction")),
    Entry("2", Wording("Assistance technique et anomalie", "Incidents techniques", "Dysfonctionnement")),
    Entry("2", Wording("Évolutions", "Autre", "Autre")),
)
GOLDEN = (
    HistoryRow("01 99 00 12 34", date(2025, 4, 12), 240, ACCESS, "Problème de connexion au SI SIAO",
               "Réinitialisation du mot de passe", "1", True, False, "CAgolden1", "75"),
    HistoryRow("02 61 91 45 67", date(2025, 3, 17), 740, ACCESS, "Gestion des accès et habilitations",
               "Modification de structure de rattachement", "1", False, True, "CAgolden2", "75"),
)  # fmt: skip
"""The golden case of the ministry's tool."""


def tally_of(rows: Iterable[HistoryRow]) -> Tally:
    """The sums of treated calls, counted one by one."""
    rows = list(rows)
    known = [row.seconds for row in rows if row.seconds is not None]
    qualified = [row for row in rows if row.is_qualified]
    return Tally(
        treated=len(rows),
        talk_known=len(known),
        talk_seconds=sum(known),
        qualified=len(qualified),
        resolution_known=sum(row.resolved is not None for row in qualified),
        resolved=sum(bool(row.resolved) for row in qualified),
        escalation_known=sum(row.escalated is not None for row in qualified),
        escalated=sum(bool(row.escalated) for row in qualified),
    )


def motives_of(rows: Iterable[HistoryRow]) -> list[MotiveTally]:
    """The wordings cited, counted one by one."""
    groups: dict[tuple[str, str, str, str], list[HistoryRow]] = {}
    for row in rows:
        if row.is_qualified:
            groups.setdefault((row.niveau, row.thematique, row.motif, row.sous_motif), []).append(row)
    return [
        MotiveTally(
            *wording,
            count=len(group),
            talk_known=sum(row.seconds is not None for row in group),
            talk_seconds=sum(row.seconds or 0 for row in group),
        )
        for wording, group in groups.items()
    ]


def content_of(rows: Sequence[HistoryRow], period: Period, entries: Sequence[Entry] = ENTRIES) -> WorkbookContent:
    """The content of a workbook whose history is `rows` and whose two cells show `period`."""
    kept = [row for row in rows if period.since <= row.day <= period.until]
    firsts = sorted({day for week in period.weeks() for day in (week.since.replace(day=1), week.until.replace(day=1))})
    months = [(first, sum(row.day.replace(day=1) == first for row in kept)) for first in firsts][-12:]
    return WorkbookContent(
        title="Paris (75)",
        period=period,
        made_on="24 novembre 2026",
        rows=rows,
        figures=figures(tally_of(kept)),
        motives=motives_of(kept),
        months=months,
        entries=entries,
    )
