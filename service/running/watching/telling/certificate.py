"""The certificate of the public address, as whoever calls it meets it: a real handshake, nothing else is asked."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from service.running.watching.telling.sight import Certificate

TIMEOUT = 10.0
WRONG = {
    10: "il a expiré", 18: "il est signé par lui-même", 19: "il est signé par lui-même",
    20: "son autorité est inconnue", 62: "il est au nom d’une autre adresse",
}  # fmt: skip
"""OpenSSL's names of what is wrong with a certificate (`X509_V_ERR_…`)."""


def certificate_of(url: str) -> Certificate | None:
    """Until when the certificate of an https address is good, or why it is not; None for another kind of address.

    Authorities are those of the machine (`SSL_CERT_FILE` names others).
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), TIMEOUT) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            found = secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return Certificate(wrong=WRONG.get(error.verify_code, error.verify_message))
    except OSError:
        return Certificate()
    return Certificate(until=datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC))
