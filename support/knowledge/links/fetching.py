"""Asks one address whether it answers: HEAD, else GET, its headers alone, and only where the public Internet is.

The host's name is looked up here, every address it gives must be public, and the connection goes to that address
(the name stays in `Host` and in the certificate): whoever wrote the directory, or answers for its names, reaches
nothing inside our network (SSRF), and a name that changes between the look and the call changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from support.knowledge.links.judging import PERMANENT, Probe

TIMEOUT = (5.0, 10.0)
"""Seconds to connect, and for each answer."""
MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERRORS = 400


class LinkRefused(Exception):  # noqa: N818 - named as what happened
    """An address that is not asked; the French reason."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """`agent`: how we name ourselves; `allows_private`: a demonstration or a test, on one machine."""

    agent: str
    allows_private: bool = False

    def probe(self, address: str) -> Probe:
        """What the address answers, after five redirects at most; never raises."""
        moved_to, is_permanent, asked = "", True, address
        try:
            for _ in range(MOST_REDIRECTS + 1):
                status, location = self._ask(asked)
                if status not in _REDIRECTS or not location:
                    return Probe(status, moved_to=moved_to)
                asked = urljoin(asked, location)
                is_permanent = is_permanent and status in PERMANENT
                moved_to = asked if is_permanent else moved_to
        except LinkRefused as refusal:
            return Probe(problem=str(refusal))
        except requests.Timeout:
            return Probe(problem="Le site n’a pas répondu à temps.")
        except requests.exceptions.SSLError:
            return Probe(problem="Le certificat du site n’est pas valable.")
        except (requests.RequestException, OSError, ValueError):
            return Probe(problem="Le site ne répond pas.")
        return Probe(problem=f"Plus de {MOST_REDIRECTS} redirections de suite.")

    def _ask(self, address: str) -> tuple[int, str]:
        """The status and where it sends on; GET where HEAD is refused, of which nothing but the headers is read."""
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise LinkRefused("L’adresse ne mène pas à une page.")
        if parts.username is not None or parts.password is not None:
            raise LinkRefused("L’adresse contient un identifiant.")
        place = self._place(parts)
        status, location = self._send("HEAD", parts, place)
        return self._send("GET", parts, place) if status >= _ERRORS else (status, location)

    def _place(self, parts: SplitResult) -> str:
        """Where the host is, as a public address; LinkRefused when any of its addresses is not."""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise LinkRefused("Le nom du site n’existe pas, ou plus.") from None
        places = [str(one[4][0]) for one in found]
        if not self.allows_private and not all(map(is_public, places)):
            raise LinkRefused("L’adresse mène à un réseau privé : elle n’est pas vérifiée.")
        return min(places, key=lambda one: ":" in one)  # IPv4 first: not every machine has a way for the other

    def _send(self, method: str, parts: SplitResult, place: str) -> tuple[int, str]:
        host = str(parts.hostname)
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
        shown = f"[{place}]" if ":" in place else place
        port = f":{parts.port}" if parts.port else ""
        named = f"[{host}]" if ":" in host else host
        address = parts._replace(netloc=f"{shown}{port}", fragment="").geturl()
        headers = {"Host": f"{named}{port}", "User-Agent": self.agent, "Accept": "text/html,*/*;q=0.5"}
        with requests.Session() as session:
            session.trust_env = False  # neither a relay nor a password of this machine
            session.mount("https://", _NamedHost(host))
            with session.request(
                method, address, headers=headers, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as answer:
                return answer.status_code, answer.headers.get("Location", "")


class _NamedHost(HTTPAdapter):
    """Connects to a numbered address, and asks it for the certificate of the name."""

    def __init__(self, host: str) -> None:
        self._host = host
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> Any:
        """The connections of this adapter, which know the name."""
        return super().init_poolmanager(*arguments, server_hostname=self._host, assert_hostname=self._host, **more)


def is_public(place: str) -> bool:
    """Whether a numbered address is of the public Internet: not loopback, private, link-local, shared or multicast."""
    found = ipaddress.ip_address(place.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inside is not None:
            return is_public(str(inside))
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
