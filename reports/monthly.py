"""The monthly report to the national team: the month's figures beside the month before, motives, who needs help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from records.counting.figures import motive_tallies, tallies_by_departement
from records.counting.tally import total
from records.counting.words import counted
from records.mail import Mail, key_of
from reports.figures.dashboard import Compared, beside, needing_help
from reports.figures.definitions import DAYS_NOTE, DEFINITIONS, figures, motives
from reports.figures.periods import Period, french_month, month_of, of_month
from reports.figures.summary import scope_of
from reports.figures.told import help_rule
from routing.departements import PARIS, departements

SENT_AFTER = time(8)
SHOWN_MOTIVES, SHOWN_HELP = 10, 15


def month_to_report(now: datetime) -> Period | None:
    """Last month, from the 1st at eight, Paris time; None before that hour of the 1st."""
    local = now.astimezone(PARIS)
    if local.day == 1 and local.time() < SENT_AFTER:
        return None
    return month_of(local.date().replace(day=1) - timedelta(days=1))


def report_text(connection: Any, month: Period, link: str, target: float) -> str:
    """The report of a month, plain text; `target` is the share of received calls that should be picked up."""
    scope = scope_of(month)
    sums = tallies_by_departement(connection, scope)
    places = {code: figures(each) for code, each in sums.items() if code is not None and code in departements()}
    now = figures(total(sums.values()))
    before = figures(total(tallies_by_departement(connection, scope_of(month.previous())).values()))
    compared = beside(now, before, places.values(), [(d.name, d.shown_as) for d in DEFINITIONS])
    labels = {d.name: d.heading for d in DEFINITIONS}
    lines = [f"Assistance téléphonique du SI SIAO : {french_month(month.since)}, France entière", ""]
    lines += [f"{labels[one.name]} : {one.now} ({_past(one)})" for one in compared]
    lines += ["", "Motifs les plus cités par les utilisateurs"]
    cited = motives(motive_tallies(connection, scope))[:SHOWN_MOTIVES]
    lines += [f"{m.nombre} × {m.thematique} / {m.motif} / {m.sous_motif}" for m in cited] or ["Aucun appel qualifié."]
    lines += ["", "Départements qui ont besoin d'aide", help_rule(target)]
    helped = needing_help(places, target)
    lines += [f"{one.code} {departements()[one.code].name} : {', '.join(one.reasons)}" for one in helped[:SHOWN_HELP]]
    if len(helped) > SHOWN_HELP:
        lines.append(f"… et {counted(len(helped) - SHOWN_HELP, 'autre', 'autres')}.")
    if not helped:
        lines.append("Aucun.")
    lines += ["", f"Tout le mois : {link}?du={month.since}&au={month.until}", "", DAYS_NOTE, ""]
    return "\n".join(lines)


def _past(one: Compared) -> str:
    return "= le mois précédent" if one.trend == "same" else f"le mois précédent : {one.before}"


def report_mails(connection: Any, month: Period, addresses: Sequence[str], link: str, *, target: float) -> list[Mail]:
    """The report as mails, one for each address; once a month each, however the figures change after it."""
    if not addresses:
        return []
    text = report_text(connection, month, link, target)
    subject = f"[SI SIAO] Bilan {of_month(month.since)}"
    return [Mail(to, subject, text, key_of(f"monthly|{month.since:%Y-%m}", to)) for to in addresses]
