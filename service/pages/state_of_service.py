"""The page « État du service »: what is wrong since when, what to do, what was wrong lately, how each part is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template

from records.alerting.telling import Trouble, open_alerts, over_since
from records.counting.words import counted
from records.database import Connection, reading
from records.desks.accounts import colleagues
from records.desks.permissions import Permission
from routing.departements import NATIONAL
from service.pages.administration.office import Office, for_whoever_may
from service.running.watching.health import FORGOTTEN_AFTER, Part, State, inspect
from service.running.watching.state import age, read_state
from service.running.watching.telling.problems import TITLES

LATELY = timedelta(days=30)
PARTS: Mapping[str, str] = {
    "directory": "Annuaire en service", "journal": "Journal des appels", "clerk": "Greffier",
    "database": "Base de données", "worker": "Travaux", "operator": "Relevé de l’opérateur",
    "line": "Ligne", "mail": "Courriels", "antivirus": "Antivirus", "mailbox": "Boîte des réponses",
    "connector": "Connecteur", "sums": "Sommes des appels",
}  # fmt: skip
"""Part of the health → how it is called."""

STATES: Mapping[str, tuple[str, str]] = {
    State.OK: ("Fonctionne", "success"), State.DEGRADED: ("À regarder", "warning"), State.DOWN: ("En panne", "error"),
    State.OFF: ("Non réglé ici", ""),
}  # fmt: skip
"""State → its words and the colour of its badge."""


def state_blueprint(office: Office) -> Blueprint:
    """The page `/administration/etat`."""
    pages = for_whoever_may(Permission.ADMINISTER, Blueprint("admin_state", __name__, url_prefix="/administration"))

    @pages.get("/etat")
    def show() -> str:
        at = office.clock()
        with reading(office.engine) as connection:
            return render_template(
                "admin/state.html", open=_told(open_alerts(connection)),
                over=_told(over_since(connection, at - LATELY)),
                parts=_parts(office, at), readers=_readers(office, connection), at=at, watches=watches(office),
                has_mail=bool(office.settings.mail_url),
            )  # fmt: skip

    return pages


def watches(office: Office) -> bool:
    """Whether the watch of this machine lives: without it nobody is told."""
    return age(read_state(office.settings.state_dir, "watch"), office.clock()) <= FORGOTTEN_AFTER.total_seconds()


def _told(alerts: list[Trouble]) -> list[dict[str, Any]]:
    return [
        {"title": TITLES.get(one.kind, one.kind), "told": one.told, "to_do": one.to_do, "since": one.since,
         "ended_at": one.ended_at}
        for one in alerts
    ]  # fmt: skip


def _readers(office: Office, connection: Connection) -> list[str]:
    return list(office.settings.alert_readers) or [one.email for one in colleagues(connection, NATIONAL)]


def _parts(office: Office, at: datetime) -> list[dict[str, str]]:
    """How each part is, as this machine knows it."""
    settings = office.settings
    found = inspect(
        folder=settings.state_dir, journal=settings.journal_dir, snapshot=office.snapshots.current(),
        problem=office.snapshots.problem, failed_appends=0, now=at,
    )  # fmt: skip
    return [_part(label, found[name]) for name, label in PARTS.items() if name in found]


def _part(label: str, part: Part) -> dict[str, str]:
    words, colour = STATES[part["state"]]
    return {"label": label, "words": words, "colour": colour, "detail": _detail(part)}


def _detail(part: Part) -> str:
    """What is known besides, in words."""
    told: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("version", lambda n: f"version {n}"),
        ("lines", lambda n: counted(n, "ligne", "lignes")),
        ("lag_seconds", lambda n: f"journal vidé il y a {counted(n, 'seconde', 'secondes')}" if n else "journal vidé"),
        ("failing", _failing),
        ("compared", lambda n: counted(n, "appel comparé", "appels comparés")),
        ("repaired", lambda n: counted(n, "réparé", "réparés")),
        ("reason", lambda why: "l’horloge a reculé" if why == "clock" else str(why)),
    )
    return ", ".join(phrase(part[name]) for name, phrase in told if part.get(name) is not None)


def _failing(found: Any) -> str:
    if isinstance(found, int):
        return counted(found, "courriel refusé jusqu’ici", "courriels refusés jusqu’ici")
    return f"échouent : {', '.join(found)}"
