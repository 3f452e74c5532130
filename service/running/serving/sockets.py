"""The listening sockets: handed over by systemd, so that a restart refuses nobody, or taken here."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass

from service.settings import Settings
from service.system_errors import in_french

BACKLOG = 1024
"""Callers who wait in a socket while web processes restart."""

FIRST_HANDED = 3
"""The number of the first socket that systemd hands over (sd_listen_fds(3))."""

EVERYTHING, TELEPHONE = "web", "voice"
"""FileDescriptorName= of the two sockets in systemd's units."""


class ServeRefused(Exception):  # noqa: N818 - named as what happened
    """The service cannot start; the French reason."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """What is listened on: everything, and the telephone alone, None where no port could be had for it."""

    everything: socket.socket
    telephone: socket.socket | None

    def close(self) -> None:
        """Let them go; systemd keeps its own."""
        for one in (self.everything, self.telephone):
            if one is not None:
                one.close()


def open_sockets(settings: Settings, environ: MutableMapping[str, str] = os.environ) -> Sockets:
    """Both sockets; ServeRefused when an address that was asked for cannot be had."""
    handed = _handed_over(settings, environ)
    everything = handed.get(EVERYTHING) or _taken(settings, settings.port, "PORT")
    try:
        return Sockets(everything, handed.get(TELEPHONE) or _of_telephone(settings))
    except ServeRefused:
        everything.close()
        raise


def _of_telephone(settings: Settings) -> socket.socket | None:
    """The telephone's own; a port that nobody chose may be another program's."""
    if settings.voice_port:
        return _taken(settings, settings.voice_port, "VOICE_PORT")
    try:
        return _taken(settings, settings.telephone_port, "VOICE_PORT")
    except (ServeRefused, OverflowError):
        return None


def _taken(settings: Settings, port: int, name: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        address = f"{settings.host}:{port}"
        raise ServeRefused(
            f"L’adresse {address} ne peut pas être prise ({in_french(error)}) : changez {name}."
        ) from None


def _handed_over(settings: Settings, environ: MutableMapping[str, str]) -> dict[str, socket.socket]:
    """The sockets of systemd's units by what they serve: by their names, else by their ports, else everything."""
    found: dict[str, socket.socket] = {}
    for one, name in _received(environ):
        port = one.getsockname()[1]
        ports = {settings.port: EVERYTHING, settings.telephone_port: TELEPHONE}
        sense = name if name in {EVERYTHING, TELEPHONE} else ports.get(port, EVERYTHING)
        if sense in found:
            raise ServeRefused(
                f"systemd donne deux prises d’écoute pour « {sense} » : "
                f"FileDescriptorName={EVERYTHING} et FileDescriptorName={TELEPHONE} sont attendus, une fois chacun."
            )
        found[sense] = one
    return found


def _received(environ: MutableMapping[str, str]) -> Iterator[tuple[socket.socket, str]]:
    """Each socket with its name; the variables are ours alone and no child's."""
    told = {name: environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")}
    if told["LISTEN_PID"] != str(os.getpid()) or not told["LISTEN_FDS"].isdigit():
        return
    names = told["LISTEN_FDNAMES"].split(":")
    for place in range(int(told["LISTEN_FDS"])):
        number = FIRST_HANDED + place
        os.set_inheritable(number, False)
        one = socket.socket(fileno=number)
        if one.family not in {socket.AF_INET, socket.AF_INET6} or one.type != socket.SOCK_STREAM:
            raise ServeRefused("systemd donne une prise d’écoute qui n’est pas de TCP : ListenStream=adresse:port.")
        yield one, names[place] if place < len(names) else ""
