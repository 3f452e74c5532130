"""What `svi doctor` finds outside: the relay before us, the certificate, the clock, the mail server."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from ivr.operator.call_log import OperatorUnavailable
from records.counting.words import counted
from records.mail import Mail, is_address
from service.mail import FolderSender, MailFailed, SmtpSender, sender
from service.running.watching.finding import Finding
from service.running.watching.seen_through import HEADER, probe_token
from service.running.watching.telling.certificate import certificate_of
from service.running.watching.telling.problems import CERTIFICATE_DAYS
from service.settings import Settings
from service.wiring.operator import provider_of

TIMEOUT = 10.0
FORGED = "203.0.113.77"
FORGERIES = (
    {"X-Forwarded-For": FORGED},
    {"X_Forwarded_For": FORGED, "X_Forwarded-For": FORGED, "X-Forwarded_For": FORGED},
)
"""The second as well: our server reads an underscore as a dash."""
"""An address of a documentation range, which no visitor has."""

SLOW = 3.0
"""Seconds within which a relay that does not wait for the whole request lets us answer."""

TOO_LARGE = 100_000
"""Bytes that a telephone form never has: we refuse them unread."""

SKEW = timedelta(seconds=5)
MUCH = timedelta(seconds=60)


def check_relay(settings: Settings, at: datetime) -> Iterator[Finding]:
    """What stands before us hands over who asks, by which name, and only whole requests."""
    parts = urlsplit(settings.public_url)
    if settings.demo or not parts.hostname:
        return
    plain, *forged = (_seen(settings, at, headers) for headers in ({}, *FORGERIES))
    answered = [one for one in forged if one is not None]
    if plain is None or len(answered) < len(FORGERIES):
        yield Finding(
            "relais", "ce que voit le service à travers l’adresse publique n’est pas connu : vérifiez que PUBLIC_URL "
            "mène bien à cette machine, et que SECRET_KEY y est la même", advice=True,
        )  # fmt: skip
        return
    yield from _addresses(settings, plain, any(one["address"] == FORGED for one in answered))
    if plain["host"] != parts.netloc:
        told = f"le relais remplace le nom demandé par « {plain['host']} » : faites-lui passer l’en-tête Host tel quel"
        yield Finding("relais", told, wrong=True)
    if settings.proxy_hops and plain["scheme"] != parts.scheme:
        told = f"le relais dit « {plain['scheme']} » au lieu de {parts.scheme} : faites-lui écrire X-Forwarded-Proto"
        yield Finding("relais", told, wrong=True)
    yield from _buffering(settings)


def _addresses(settings: Settings, plain: Mapping[str, Any], is_believed: bool) -> Iterator[Finding]:
    hops = settings.proxy_hops
    if is_believed:
        told = (
            "le service croit l’adresse que dit le visiteur lui-même (X-Forwarded-For) : comptez dans PROXY_HOPS les "
            "seuls relais qui l’écrivent, faites écrire la vraie au premier, et n’y laissez passer aucun en-tête dont "
            "le nom a un tiret bas (X_Forwarded_For)"
        )
        yield Finding("relais", told, wrong=True)
    elif plain["forwarded"] < hops:
        found = counted(plain["forwarded"], "relais écrit", "relais écrivent")
        told = f"PROXY_HOPS vaut {hops}, mais {found} l’adresse du visiteur (X-Forwarded-For)"
        yield Finding("relais", f"{told} : mettez les deux d’accord", wrong=True)
    elif plain["forwarded"] > hops:
        told = (
            f"{counted(plain['forwarded'], 'relais écrit', 'relais écrivent')} l’adresse du visiteur, mais PROXY_HOPS "
            f"vaut {hops} : tous les visiteurs ont l’air d’un seul, mettez PROXY_HOPS à {plain['forwarded']}"
        )
        yield Finding("relais", told, wrong=True)
    elif not hops:
        told = "aucun relais ne se montre devant le service : il en faut un, qui termine TLS et attend les demandes"
        yield Finding("relais", f"{told} entières (README)", advice=True)
    else:
        yield Finding("relais", "l’adresse du visiteur arrive telle qu’elle est")


def _seen(settings: Settings, at: datetime, headers: Mapping[str, str]) -> Mapping[str, Any] | None:
    asked = {**headers, HEADER: probe_token(settings.secret, at)}
    try:
        answer = requests.get(f"{settings.public_url}/health", headers=asked, timeout=TIMEOUT, allow_redirects=False)
        found = answer.json().get("seen")
    except (requests.RequestException, ValueError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


def _buffering(settings: Settings) -> Iterator[Finding]:
    """A form too large for us, of which only the beginning is sent: whoever hands it over early gets our refusal."""
    answered = _answers_half_a_form(settings.public_url)
    if answered is None:
        return
    if answered:
        told = (
            "le relais transmet une demande avant de l’avoir reçue entière : des visiteurs lents peuvent occuper le "
            "service (nginx : proxy_request_buffering on ; Caddy : request_buffers)"
        )
        yield Finding("relais", told, advice=True)
    else:
        yield Finding("relais", "une demande n’arrive qu’une fois reçue entière")


def _answers_half_a_form(url: str) -> bool | None:
    """Whether anything answers before the form has been sent; None when nobody can be reached."""
    parts = urlsplit(url)
    is_https = parts.scheme == "https"
    head = (
        f"POST {parts.path}/voice/status HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {TOO_LARGE}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\nCallSid="
    )
    try:
        with contextlib.ExitStack() as opened:
            address = (parts.hostname or "", parts.port or (443 if is_https else 80))
            line: socket.socket = opened.enter_context(socket.create_connection(address, TIMEOUT))
            if is_https:
                context = ssl.create_default_context()
                line = opened.enter_context(context.wrap_socket(line, server_hostname=parts.hostname))
            line.sendall(head.encode())
            line.settimeout(SLOW)
            return bool(line.recv(1))
    except TimeoutError:
        return False
    except OSError:
        return None


def check_certificate(settings: Settings, at: datetime) -> Iterator[Finding]:
    """The certificate of the public address is good, for a while yet."""
    found = certificate_of(settings.public_url)
    if found is None:
        return
    if found.wrong:
        told = f"celui de l’adresse publique n’est pas valable ({found.wrong}) : renouvelez-le, l’opérateur le refuse"
        yield Finding("certificat", told, wrong=True)
    elif found.until is None:
        yield Finding("certificat", "l’adresse publique ne répond pas : vérifiez PUBLIC_URL et le relais", wrong=True)
    else:
        days = (found.until - at).days
        left = counted(days, "jour", "jours")
        if days < CERTIFICATE_DAYS:
            yield Finding("certificat", f"il expire dans {left} : renouvelez-le", wrong=True)
        else:
            yield Finding("certificat", f"valable encore {left}")


def check_clock(settings: Settings, at: datetime) -> Iterator[Finding]:
    """The clock of this machine is that of the operator (the header Date of its answer)."""
    if not (settings.twilio_account_sid and settings.auth_tokens):
        return
    try:
        skew = provider_of(settings).clock_skew(at)
    except OperatorUnavailable as error:
        yield Finding("horloge", f"l’heure de l’opérateur n’est pas connue ({error}) : vérifiez le réseau", advice=True)
        return
    seconds = round(abs(skew.total_seconds()))
    if abs(skew) > SKEW:
        way = "avance" if skew > timedelta() else "retarde"
        told = f"cette machine {way} de {counted(seconds, 'seconde', 'secondes')} sur l’opérateur : mettez-la à l’heure"
        yield Finding(
            "horloge", f"{told} (chrony ou systemd-timesyncd)", wrong=abs(skew) > MUCH, advice=abs(skew) <= MUCH
        )
    else:
        yield Finding("horloge", "celle de l’opérateur, à quelques secondes près")


def check_mail(settings: Settings, _at: datetime) -> Iterator[Finding]:
    """The mail server is there, offers TLS, knows us and takes our sender's address; nothing is sent."""
    if not settings.mail_url:
        return
    found = sender(settings)
    if not isinstance(found, SmtpSender):
        yield Finding("courriel", f"écrits dans un dossier ({settings.mail_url})", advice=not settings.demo)
        return
    try:
        yield Finding("courriel", found.knock())
    except (MailFailed, ValueError) as error:
        yield Finding("courriel", str(error), wrong=True)


def send_one(settings: Settings, address: str) -> Finding:
    """One mail to this address, now: the whole way is tried."""
    if not is_address(address):
        return Finding("courriel", f"« {address} » n’est pas une adresse électronique : corrigez-la", wrong=True)
    if not settings.mail_url:
        return Finding("courriel", "MAIL_URL manque : réglez-le, aucun courriel ne part", wrong=True)
    text = "Bonjour,\n\nCe message vérifie que les courriels du service arrivent. Rien n’est à faire.\n"
    found = sender(settings)
    try:
        found.send(Mail(address, "[SI SIAO] Vérification des courriels", text))
    except (OSError, ValueError) as error:
        return Finding("courriel", f"{error} Vérifiez MAIL_URL et MAIL_FROM.", wrong=True)
    where = (
        "écrit dans le dossier" if isinstance(found, FolderSender) else "pris par le serveur : vérifiez qu’il arrive"
    )
    return Finding("courriel", f"le courriel à {address} est {where}")
