"""What `svi doctor` looks at: one check each, with a French sentence that says what is wrong and what to do."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import requests
from phonenumbers import country_code_for_region

from ivr.operator.call_log import OperatorUnavailable
from ivr.operator.number import wanted
from records.counting.words import counted
from routing.departements import departements
from routing.phones import country_of, is_fiction, show_phone
from service.directory.production import invented_directory, sign_in_advice
from service.directory.snapshots import SnapshotFile
from service.running.fallback import entry_address
from service.running.watching.finding import Check, Finding
from service.running.watching.health import why_not_writable
from service.running.watching.machine_checks import check_backup, check_database, check_rights
from service.running.watching.outside_checks import check_certificate, check_clock, check_mail, check_relay
from service.running.watching.state import age, read_state
from service.running.watching.telling.problems import least_free
from service.settings import REQUIRED, Settings, SettingsRefused, unfit_for_production
from service.wiring.operator import provider_of
from service.wiring.written.connector import hubspot, travels_in_clear
from service.wiring.written.mailbox import mailbox
from support.attachments.scanning import Clamd, ScannerAway
from support.connector.answers import ConnectorAway, ConnectorStopped
from support.inbound.taking import MailboxAway

TIMEOUT = 10.0
SILENT_AFTER = timedelta(seconds=30)


def examine(settings: Settings, at: datetime, checks: Sequence[Check] | None = None) -> list[Finding]:
    """Every finding, in order; a check that fails itself is a finding."""
    return [finding for check in checks or CHECKS for finding in check(settings, at)]


def check_settings(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """Everything that serving needs is set, and set safely."""
    try:
        settings.require(*REQUIRED)
    except SettingsRefused as refusal:
        yield from (Finding("réglages", sentence, wrong=True) for sentence in refusal.sentences)
    else:
        yield Finding("réglages", "tous les réglages nécessaires sont là")
    if not settings.demo:
        yield from _unsafe(settings)


def _unsafe(settings: Settings) -> Iterator[Finding]:
    wrong = [*unfit_for_production(settings), *invented_directory(settings)] if settings.secret_key else []
    yield from (Finding("réglages", sentence.rstrip("."), wrong=True) for sentence in wrong)
    if told := sign_in_advice(settings):
        yield Finding("réglages", told, advice=True)
    if settings.public_url.startswith("http:"):
        yield Finding("réglages", "PUBLIC_URL est en http : l’opérateur et les pages ont besoin de https", wrong=True)
    if settings.caller_id in settings.transits:
        sentence = "CALLER_ID est aussi dans TRANSIT_NUMBERS : un référent qui renvoie vers la ligne ne se verrait plus"
        yield Finding("réglages", sentence, advice=True)
    if settings.caller_id and is_fiction(settings.caller_id):
        yield Finding("réglages", "CALLER_ID est un numéro réservé à la fiction : mettez un numéro à vous", wrong=True)
    if not settings.mail_url:
        yield Finding("réglages", "MAIL_URL manque : réglez-le, aucun courriel ne part", advice=True)
    if settings.relay_hours and not settings.relay_url:
        yield Finding("réglages", "RELAY_HOURS sans RELAY_URL : le relais écrit n’est montré nulle part", advice=True)


def check_directory(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """There is a directory in service, and its file is whole."""
    file = SnapshotFile(settings.var_dir)
    found = file.current()
    if found is None:
        yield Finding("annuaire", "aucun annuaire en service : svi directory publish FICHIER", wrong=True)
        return
    if file.problem:
        told = f"le fichier est abîmé, une copie sert ({file.problem}) : publiez-le de nouveau"
        yield Finding("annuaire", told, wrong=True)
    if not found.version:
        yield Finding(
            "annuaire",
            "le fichier REFERENTS_CSV sert, aucune version n’est publiée : svi directory publish",
            advice=not settings.demo,
        )
    if not settings.demo and (fiction := [one for one in found.phones() if is_fiction(one)]):
        yield Finding(
            "annuaire",
            f"{counted(len(fiction), 'numéro réservé à la fiction', 'numéros réservés à la fiction')} : retirez-les",
            wrong=True,
        )
    if own := found.phones() & settings.own_numbers:
        sentence = (
            f"{counted(len(own), 'numéro', 'numéros')} de la ligne elle-même : l’appel tournerait en rond, à retirer"
        )
        yield Finding("annuaire", sentence, wrong=True)
    yield Finding("annuaire", f"version {found.version}, {counted(len(found.people), 'ligne', 'lignes')}")


def check_disk(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """The journal can be written, and there is room for it."""
    reason = why_not_writable(settings.journal_dir)
    told = f"ne s’écrit pas ({reason}) : rendez {settings.journal_dir} au compte du service, et de la place au disque"
    yield Finding("journal", told if reason else "s’écrit", wrong=bool(reason))
    size, _, free = shutil.disk_usage(settings.var_dir) if settings.var_dir.exists() else (0, 0, 0)
    told, is_full = f"{free // 2**20} Mo libres sous {settings.var_dir}", not size or free < least_free(size)
    yield Finding("disque", f"{told} : faites de la place" if is_full else told, wrong=is_full)


def check_processes(settings: Settings, at: datetime) -> Iterator[Finding]:
    """The clerk and the scheduled work live on this machine."""
    clerk, jobs = read_state(settings.state_dir, "clerk"), read_state(settings.state_dir, "jobs")
    limit = SILENT_AFTER.total_seconds()
    is_dead = age(clerk, at) > limit
    yield Finding("greffier", "ne travaille pas : svi serve" if is_dead else "travaille", wrong=is_dead)
    is_dead = age(jobs, at) > limit
    yield Finding("travaux", "ne tournent pas ici : svi worker" if is_dead else "tournent", advice=is_dead)
    for name in jobs.get("failing", []):
        yield Finding(
            "travaux", f"« {name} » a échoué la dernière fois : lisez pourquoi (journalctl -u svi)", wrong=True
        )


def check_line(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """No alarm of the line is open: telephones can be rung, and calls come in."""
    last = read_state(settings.state_dir, "jobs").get("line")
    for alarm in last["alarms"] if last else ():
        yield Finding("ligne", alarm["told"], wrong=True)
    if last and not last["alarms"]:
        yield Finding("ligne", "aucune alarme")


def check_front_door(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """A request signed as the operator signs it comes in through the public address (a proxy may have changed it)."""
    if not settings.auth_tokens or not settings.public_url:
        return
    url = f"{settings.public_url}/voice/status"
    form, headers = provider_of(settings).probe(url)
    try:
        answer = requests.post(url, form, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        yield Finding(
            "porte", f"{settings.public_url} ne répond pas ({type(error).__name__}) : vérifiez le relais", wrong=True
        )
        return
    sentence = {
        204: "une demande signée entre par l’adresse publique",
        403: "une demande bien signée est refusée : PUBLIC_URL ou le relais change l’adresse",
    }.get(
        answer.status_code,
        f"une demande signée reçoit la réponse {answer.status_code} : vérifiez le relais et PUBLIC_URL",
    )
    yield Finding("porte", sentence, wrong=answer.status_code != requests.codes.no_content)


def check_numbers(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """Every number that leads here is set rightly at the operator's, and is one of LINE_NUMBERS."""
    if not (settings.twilio_account_sid and settings.auth_tokens and settings.caller_id):
        return
    try:
        held = provider_of(settings).numbers().held(wanted(settings.public_url, entry_address(settings)))
    except OperatorUnavailable as error:
        yield Finding("opérateur", str(error), wrong=True)
        return
    ours = [one for one in held if one.number in settings.own_numbers]
    for one in ours:
        yield from (Finding("opérateur", f"{told} (svi twilio configure)", wrong=True) for told in one.differences)
        if not one.differences:
            yield Finding("opérateur", f"le {show_phone(one.number)} est réglé")
    yield from _not_held(settings, {one.number for one in ours})
    for one in held:
        if one.leads_here and one not in ours:
            sentence = f"le {show_phone(one.number)} mène ici sans être de la ligne : ajoutez-le à LINE_NUMBERS"
            yield Finding("opérateur", sentence, wrong=True)


def _not_held(settings: Settings, held: set[str]) -> Iterator[Finding]:
    if not held:
        yield Finding("opérateur", "le compte n’a aucun des numéros de la ligne : complétez LINE_NUMBERS", wrong=True)
    for number in sorted(settings.own_numbers - held):
        sentence = f"le {show_phone(number)} n’est pas un numéro du compte : "
        if number == settings.caller_id:
            yield Finding("opérateur", f"{sentence}CALLER_ID risque d’être refusé, et les appels avec lui", wrong=True)
        else:
            told = f"{sentence}vérifiez que son opérateur l’aiguille vers un numéro qui l’est"
            yield Finding("opérateur", told, advice=not settings.demo)


def check_countries(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """The account may call every country and island where a number of the directory is."""
    found = SnapshotFile(settings.var_dir).current()
    if found is None or not (settings.twilio_account_sid and settings.auth_tokens):
        return
    numbers = Counter(country_of(one) for one in found.phones())
    try:
        closed = provider_of(settings).numbers().closed_countries(numbers)
    except OperatorUnavailable as error:
        yield Finding("pays", str(error), wrong=True)
        return
    for country in sorted(closed):
        sentence = (
            f"les appels vers {_named(country)} sont bloqués chez l’opérateur : autorisez-les dans sa console (Voice, "
            f"Geo permissions), sans quoi ils n’aboutissent pas ; "
            f"{counted(numbers[country], 'numéro', 'numéros')} de l’annuaire"
        )
        yield Finding("pays", sentence, wrong=True)
    if not closed:
        yield Finding("pays", "tous les numéros de l’annuaire peuvent être appelés")


def _named(country: str) -> str:
    """`La Réunion (+262)`, as it is said after « vers »."""
    of = next((one.de for one in departements().values() if one.phone_region == country != "FR"), "la métropole")
    return f"{of.removeprefix('de ')} (+{country_code_for_region(country)})"


def check_mailbox(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """The mailbox of replies opens, and it is read."""
    if bool(settings.imap_url) != bool(settings.reply_address):
        missing = "REPLY_ADDRESS" if settings.imap_url else "IMAP_URL"
        yield Finding("réponses", f"{missing} manque : les réponses par courriel ne sont pas lues", wrong=True)
    if not settings.imap_url:
        return
    try:
        with mailbox(settings.imap_url) as box:
            waiting = box.count()
    except MailboxAway as away:
        yield Finding("réponses", str(away), wrong=True)
        return
    yield Finding("réponses", f"la boîte s’ouvre, {counted(waiting, 'courriel attend', 'courriels attendent')}")
    last = read_state(settings.state_dir, "jobs").get("mailbox")
    if last and last.get("failed"):
        failed = counted(last["failed"], "courriel n’a pas pu être lu", "courriels n’ont pas pu être lus")
        yield Finding("réponses", f"{failed} la dernière fois : lisez pourquoi (journalctl -u svi)", wrong=True)


def check_connector(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """The ministry's CRM takes our tickets: the token, the properties that have to be created there."""
    if not settings.hubspot_token.get_secret_value():
        return
    if travels_in_clear(settings):
        yield Finding("connecteur", "HUBSPOT_URL n’est pas en https : rien n’est écrit", wrong=True)
        return
    try:
        missing = hubspot(settings).missing_properties()
    except (ConnectorAway, ConnectorStopped) as trouble:
        yield Finding("connecteur", str(trouble), wrong=True)
        return
    if missing:
        lacking = counted(len(missing), "propriété manque", "propriétés manquent")
        sentence = f"{lacking} chez HubSpot (docs/connector.md) : {', '.join(missing)}"
        yield Finding("connecteur", sentence, wrong=True)
    else:
        said = "HubSpot répond, ses propriétés sont là"
        yield Finding("connecteur", f"{said}, rien n’est écrit (HUBSPOT_DRY_RUN)" if settings.hubspot_dry_run else said)
    refused = read_state(settings.state_dir, "jobs").get("connector", {}).get("refused")
    if refused:
        sentence = counted(refused, "ticket refusé par HubSpot", "tickets refusés par HubSpot")
        yield Finding("connecteur", f"{sentence} : svi connector push", wrong=True)


def check_attachments(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """Files can be kept, and the antivirus answers where one is set."""
    if settings.attachments_dir.exists() and (reason := why_not_writable(settings.attachments_dir)):
        yield Finding("pièces jointes", f"ne s’écrivent pas ({reason})", wrong=True)
    if not settings.clamd_url:
        yield Finding("pièces jointes", "aucun antivirus (CLAMD_URL) : les fichiers sont dits « non analysés »")
        return
    try:
        version = Clamd(settings.clamd_url, TIMEOUT).ping()
    except ScannerAway as away:
        yield Finding(
            "pièces jointes", f"l’antivirus ne répond pas ({away}) : les fichiers restent non analysés", wrong=True
        )
    else:
        yield Finding("pièces jointes", f"l’antivirus répond ({version})")


CHECKS: tuple[Check, ...] = (
    check_settings,
    check_directory,
    check_disk,
    check_rights,
    check_database,
    check_backup,
    check_processes,
    check_line,
    check_front_door,
    check_relay,
    check_certificate,
    check_clock,
    check_numbers,
    check_countries,
    check_mail,
    check_mailbox,
    check_connector,
    check_attachments,
)
