"""What the reports need from the house: the nomenclature in force, telephone numbers, who to write to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from importlib import resources

from flask import Blueprint

from records.calls.ledger import Fingerprint, no_fingerprint
from records.database import Connection, Engine
from records.privacy.prints import fingerprint_with
from reports.figures.map_measures import read_outlines
from reports.importing.intake import Reader
from reports.pages.context import Reports
from reports.pages.quality import QualityOffice, quality_blueprint
from reports.pages.results import blueprint
from reports.survey.followed import Renames
from routing.calendar.hours import read_hours
from routing.departements import timezone_of
from routing.directory.people import Person
from routing.phones import mask_phone, read_past_number, show_phone
from routing.snapshot import Snapshot
from service.accounts.gate import current_account
from service.directory.snapshots import SnapshotFile
from service.mail import sender_if_any
from service.settings import Settings
from support.nomenclature.store import nomenclature_in_force, standing_versions
from support.profiles import PROFILES


def reader_for(
    connection: Connection, departement: str, today: date, fingerprint: Fingerprint = no_fingerprint
) -> Reader:
    """What importing a workbook of this département needs; `fingerprint` knows numbers that were erased."""
    wordings = nomenclature_in_force(connection, today)
    return Reader(wordings, today, read_past_number, timezone_of(departement), departement, fingerprint)


def phone_shown(*, masked: bool) -> Callable[[str], str]:
    """How a workbook writes telephone numbers."""
    return mask_phone if masked else show_phone


def mail_addresses(snapshot: Snapshot | None) -> Mapping[str, tuple[str, ...]]:
    """The e-mail addresses of the ringable lines by code, `*` for the national team."""
    found: dict[str, dict[str, None]] = {}
    for person in snapshot.people if snapshot else ():
        if person.is_ringable and person.email:
            found.setdefault(person.departement, {})[person.email] = None
    return {code: tuple(addresses) for code, addresses in found.items()}


def renames_on(connection: Connection, day: date) -> Renames:
    """What the lists that had begun on that day renamed or merged, oldest first."""
    begun = (one for one in standing_versions(connection) if one.valid_from <= day)
    return [
        (change.before, change.after)
        for one in begun
        for change in one.changes
        if change.kind in {"rename", "merge"} and change.before and change.after
    ]


def reports_pages(settings: Settings, engine: Engine, clock: Callable[[], datetime]) -> Blueprint:
    """The pages of the reports: results, national dashboard, survey."""
    chart = resources.files("service") / "static" / "vendor" / "dsfr-chart" / "DSFRChart.js"

    snapshots = SnapshotFile(settings.var_dir)

    def contacts(code: str) -> Sequence[Person]:
        serving = snapshots.current()
        return serving.lines(code) if serving and code else ()

    return blueprint(
        Reports(
            engine, clock, current_account, nomenclature_in_force,
            partial(reader_for, fingerprint=fingerprint_with(settings.secret)), show_phone, mask_phone, contacts,
            outlines=read_outlines(chart.read_text("utf-8")) if chart.is_file() else {},
            answer_target=settings.answer_target / 100, national_hours=read_hours(settings.national_hours),
            profiles=PROFILES, renames=renames_on, addresses=lambda: mail_addresses(snapshots.current()),
            site=settings.public_url, sends_mail=sender_if_any(settings) is not None,
            prepared_dir=settings.prepared_dir,
        )
    )  # fmt: skip


def quality_pages(settings: Settings, engine: Engine, clock: Callable[[], datetime]) -> Blueprint:
    """The public page of the definitions and, by PUBLIC_QUALITY, its figures and open data."""
    return quality_blueprint(QualityOffice(engine, clock, is_public=settings.public_quality))
