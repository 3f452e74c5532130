"""The mail by which whoever reported something hears what became of it: our words and the national team's alone."""

from __future__ import annotations

from records.mail import SIGNATURE, Mail, key_of
from support.knowledge.reports.report import ArticleReport, ReportState


def answering_mail(report: ArticleReport, to: str, site: str) -> Mail:
    """What became of the report, once for each address; nothing that somebody typed in a public form is in it."""
    about = report.about
    what = (
        f"l’article « {about.name} »" if about.wording is None else f"la réponse qui manquait sur « {about.name} »"
    )  # fmt: skip
    done = "Votre signalement a été traité." if report.state is ReportState.DONE else "Il n’a pas été retenu."
    lines = [
        "Bonjour,", "", f"Vous avez signalé {what}.", done, "", "L’équipe nationale répond :", report.result or "", "",
        f"L’article : {about.address}" if about.address else f"La base de connaissances : {site}/connaissances", "",
        "Votre adresse n’est plus gardée avec ce signalement.",
    ]  # fmt: skip
    subject = f"Votre signalement : {about.name}"
    return Mail(to, subject, "\n".join(lines) + SIGNATURE, key_of(f"article-report|{report.id}", to.casefold()))
