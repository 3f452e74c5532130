"""What is done on a schedule, and when; every job is here, one line each."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from ivr.operator.call_log import OperatorUnavailable
from records.backups.sqlite import path_of
from records.counting.keeping import check as check_sums
from records.counting.keeping import refresh as refresh_sums
from records.database import Engine, writing
from records.sqlite_file import forget_moved_logs
from records.true_rows.archiving import archive, months_before
from records.working.asked import KEPT_FOR
from records.working.heavy import forget_old
from service.accounts.letters import NoMail
from service.accounts.posting import AccountPost
from service.clock import now
from service.directory.snapshots import SnapshotFile
from service.privacy.carrying_out import carry_out
from service.privacy.erasing import forget_again
from service.privacy.forgetting import erased_file, forget_old_lines
from service.running.backups.restoring import forget_previous
from service.running.reconcile import reconcile
from service.running.watching.health import clerk_keeps_up
from service.running.working.jobs import HealthNews, Job
from service.settings import Settings
from service.stores import bring_into_database
from service.wiring.alarms import LineAlarms
from service.wiring.bulletin import Bulletins
from service.wiring.letters.absences import away_post
from service.wiring.letters.requests import request_post
from service.wiring.memory import caller_memory, fingerprint_by, shared_memory
from service.wiring.messages import follow_up
from service.wiring.operator import provider_of
from service.wiring.reports_jobs import ReportsJobs
from service.wiring.written.articles import article_post, editors_post, link_checks
from service.wiring.written.attachments import attachment_care
from service.wiring.written.climbing import climbing
from service.wiring.written.connector import connector
from service.wiring.written.forms import form_post
from service.wiring.written.mailbox import intake
from service.wiring.written.newsletter import newsletter_post
from support.answers.posting import AnswerPost
from support.inbound.taking import forget_mails
from support.knowledge.rewriting import Rewriting

LATELY = timedelta(hours=2)
BREATH = 0.05
"""Seconds left to whoever wants to write, between two portions of long work."""
TWO_DAYS = timedelta(days=2)
A_WEEK = timedelta(days=7)


def jobs(settings: Settings, engine: Engine) -> list[Job]:
    """Every job; one is done on one machine of all, unless it says `everywhere`: about that machine's own files."""
    memory = shared_memory(settings, engine)
    desk = follow_up(settings, engine)
    bulletins = Bulletins(engine, desk.sender, desk.snapshot, now)
    reports = ReportsJobs(engine, now, desk.snapshot, desk.sender, settings.public_url, settings.answer_target / 100)
    alarms = LineAlarms(
        engine,
        now,
        desk.snapshot,
        desk.sender,
        settings.public_url,
        lambda at: _hears_all(settings, at),
        settings.alert_readers,
    )
    letters = AccountPost(engine, settings, desk.sender or NoMail(), now)
    answers = AnswerPost(engine, desk.sender, now)
    requests = request_post(settings, engine, desk.sender, desk.snapshot)
    forms = form_post(settings, engine, desk.sender)
    overdue = climbing(settings, engine)
    away = away_post(settings, engine, desk.sender, desk.snapshot)
    crm = connector(settings, engine)
    mail_in = intake(settings, engine, desk.sender)
    files = attachment_care(settings, engine)
    articles, editors = article_post(engine, desk.sender), editors_post(settings, engine, desk.snapshot)
    newsletter = newsletter_post(settings, engine, desk.sender, desk.snapshot)
    found = [
        Job("enquête mensuelle", reports.run_survey, minutes=30),
        Job("bilan mensuel", reports.report_month, minutes=60),
        Job("radar des pannes", reports.watch, minutes=5),
        Job("alarmes de la ligne", alarms.watch, minutes=5),
        Job("courriels des alarmes", alarms.send, minutes=1),
        Job("courriels des rapports", reports.send, minutes=1),
        Job("ménage des travaux lourds", lambda: forget_heavy(engine), minutes=60),
        Job("ménage des anciens classeurs", lambda: _forget_files(settings), minutes=60, everywhere=True),
        Job("messages et rappels", desk.work, minutes=1),
        Job("fichiers à mettre en base", lambda: _bring_in(settings, engine), minutes=10, everywhere=True),
        Job("messages dont le fichier manque", lambda: _nothing(desk.seek_lost()), minutes=60),
        Job("effacement des messages", lambda: _nothing(desk.erase_old()), daily="04:10"),
        Job("bulletin du matin", bulletins.owe, daily="07:30"),
        Job("envoi du bulletin", bulletins.send, minutes=1),
        Job("envoi des réponses types", answers.send, minutes=1),
        Job("effacement des destinataires", answers.forget_recipients, daily="04:20"),
        Job("liens et lettres de bienvenue", letters.send, minutes=1),
        Job("courriels des demandes", requests.work, minutes=1),
        Job("preuve des adresses", forms.send, minutes=1),
        Job("effacement des formulaires", forms.forget, daily="04:30"),
        Job("analyse des pièces jointes", files.scan, minutes=5, everywhere=True),
        Job("ménage des pièces jointes", files.sweep, minutes=60, everywhere=True),
        Job("demandes en retard", overdue.work, minutes=5),
        Job("courriels des absences", away.send, minutes=1),
        Job("courriels des articles", articles.send, minutes=1),
        Job("liste du mois des rédacteurs", editors.owe, daily="08:05"),
        Job("brouillon de la lettre", newsletter.draft_monthly, daily="08:10"),
        Job("envoi de la lettre", newsletter.send, minutes=1),
        Job("effacement des abonnés partis", newsletter.forget, daily="04:30"),
        Job("mots des articles", Rewriting(engine, now).work, minutes=1),
        *([Job("réponses par courriel", mail_in.work, minutes=2)] if mail_in else []),
        *([Job("tickets du connecteur", crm.work, minutes=1)] if crm else []),
        Job("oubli des courriels lus", lambda: forget_mails(engine, now()), daily="04:30"),
        Job("conservation", lambda: _retention(settings, engine), daily="03:50"),
        Job("sommes des appels", lambda: _nothing(refresh_sums(engine).days), minutes=1),
        Job("vérification des sommes", lambda: _sums(engine), daily="04:50"),
        Job("archivage des faits", lambda: _nothing(archive_facts(settings, engine)), daily="02:40"),
        Job("rapprochement", lambda: compare(settings, engine, LATELY), minutes=15),
        Job("rapprochement de deux jours", lambda: compare(settings, engine, TWO_DAYS), daily="03:10"),
        Job("restes d’une restauration", lambda: _leftovers(settings, engine), daily="03:45", everywhere=True),
        Job("mémoire des appelants", lambda: _nothing(memory.forget_old()), daily="03:40"),
    ]
    if settings.link_checks:
        checks = link_checks(settings, engine)
        found.append(Job("liens des articles", lambda: _nothing(checks.work()), minutes=10))
    return found


def _hears_all(settings: Settings, at: datetime) -> bool:
    """Whether a silence of the line is one: nobody calls a demonstration, whatever history was invented for it."""
    return not settings.demo and clerk_keeps_up(settings.state_dir, at)


def _forget_files(settings: Settings) -> None:
    """Delete the workbooks that an earlier release wrote on this machine's disk, once they are some days old."""
    old = (now() - KEPT_FOR).timestamp()
    for path in settings.prepared_dir.glob("*-*"):
        if path.stat().st_mtime < old:
            path.unlink(missing_ok=True)


def forget_heavy(engine: Engine) -> None:
    """Delete what nobody may take any more of the heavy work."""
    with writing(engine) as connection:
        forget_old(connection, now())


def _nothing(_counted: int) -> None:
    """Nothing to tell `/health`."""


def _retention(settings: Settings, engine: Engine) -> None:
    """Apply the periods; then whatever stands here again of erased numbers goes, and the audio that came in late."""
    carry_out(settings, engine, now(), goes_on=_breathes)
    forget_again(settings, engine, now())


def _bring_in(settings: Settings, engine: Engine) -> None:
    """Move into the database what this machine's folders still hold, where files are kept there."""
    bring_into_database(settings, engine)


def _leftovers(settings: Settings, engine: Engine) -> None:
    """Delete what restorations, replaced databases and old directories have left on this machine, and old erasures."""
    at = now()
    forget_previous(settings, engine, at)
    if engine.dialect.name == "sqlite":
        forget_moved_logs(path_of(settings.database_url), at - A_WEEK)
    long_ago = at - timedelta(days=settings.call_days)
    SnapshotFile(settings.var_dir).forget_copies(long_ago)
    forget_old_lines(erased_file(settings), long_ago)


def _breathes() -> bool:
    """Goes on, after having let whoever waits write."""
    time.sleep(BREATH)
    return True


def archive_facts(settings: Settings, engine: Engine) -> int:
    """Take out the facts of calls older than FACTS_MONTHS, a breath between two portions; returns how many calls."""
    at = now()
    before = months_before(at, settings.facts_months)
    return archive(engine, before=before, at=at, between=lambda: time.sleep(BREATH))


def _sums(engine: Engine) -> HealthNews:
    """Compare the kept sums with the calls; those that differed are counted anew within a minute."""
    found = check_sums(engine)
    if found.is_well:
        return {"sums": {"state": "ok", "compared": found.compared}}
    return {"sums": {
        "state": "degraded", "different": len(found.different), "missing_triggers": len(found.missing_triggers),
    }}  # fmt: skip


def compare(settings: Settings, engine: Engine, span: timedelta) -> HealthNews:
    """Compare the calls of the last `span` with the operator's log; returns how the operator is, for `/health`."""
    settings.require("twilio_account_sid", "twilio_auth_token")
    at, lag = now(), timedelta(minutes=settings.reconcile_lag_minutes)
    fingerprint = fingerprint_by(caller_memory(settings))
    try:
        found = reconcile(
            provider_of(settings).call_log(),
            engine,
            own_numbers=settings.own_numbers,
            since=at - span,
            at=at,
            lag=lag,
            fingerprint=fingerprint,
        )
    except OperatorUnavailable as error:
        return {"operator": {"state": "down", "reason": str(error)}}
    counts = {"compared": found.compared, "repaired": len(found.repaired), "mended": len(found.mended)}
    return {"operator": {"state": "ok", **counts}}
