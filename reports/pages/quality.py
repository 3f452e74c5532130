"""The public page of the service's quality: fixed definitions and, where that is switched on, figures and open data."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from records.counting.figures import tallies_by_departement_and_month
from records.counting.tally import Scope
from records.database import Engine, reading
from reports.figures.definitions import BY_NAME, DAYS_NOTE
from reports.figures.periods import EARLIEST, french_day, french_month
from reports.figures.quality import (
    COLUMNS,
    LEAST,
    PUBLISHED,
    VERSION,
    VERSION_OF,
    PublishedMonth,
    data_rows,
    measures,
    publication,
)
from routing.departements import departements, timezone_of

SHOWN_MONTHS = 12
KEPT_SECONDS = 3600
LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"


@dataclass(frozen=True)
class QualityOffice:
    """The means of the page, handed in by the roof; `is_public`: whether figures leave the house (PUBLIC_QUALITY)."""

    engine: Engine
    clock: Callable[[], datetime]
    is_public: bool

    def months(self) -> list[PublishedMonth]:
        """What is published of each month that is over, oldest first."""
        today = self.clock().astimezone(timezone_of(None)).date()
        with reading(self.engine) as connection:
            found = tallies_by_departement_and_month(connection, Scope(EARLIEST, today))
        return publication(found, tuple(departements()), today)


def quality_blueprint(office: QualityOffice) -> Blueprint:
    """`/qualite` and `/qualite/donnees.csv`, for anybody."""
    pages = Blueprint("quality", __name__, template_folder="templates")

    @pages.get("/qualite")
    def definitions() -> str:
        months = office.months()[-SHOWN_MONTHS:] if office.is_public else []
        return render_template(
            "reports/quality.html", measures=measures(), days_note=DAYS_NOTE, version=VERSION,
            version_of=french_day(VERSION_OF), is_public=office.is_public, months=list(reversed(months)),
            published=[BY_NAME[name] for name in PUBLISHED],
            headings=["Mois", *(BY_NAME[name].heading.replace("'", "’") for name in PUBLISHED)],
            columns=COLUMNS, least=LEAST, licence=LICENCE,
            month_name=french_month,
        )  # fmt: skip

    @pages.get("/qualite/donnees.csv")
    def data() -> ResponseReturnValue:
        if not office.is_public:
            abort(404)
        answer = Response(_csv(office.months()), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="qualite-assistance-si-siao.csv"'
        answer.headers["Link"] = f'<{LICENCE}>; rel="license"'
        answer.cache_control.public, answer.cache_control.max_age = True, KEPT_SECONDS
        answer.add_etag()
        return answer.make_conditional(request)

    return pages


def _csv(months: list[PublishedMonth]) -> str:
    """The open data: UTF-8, commas, decimal points, a line of column names (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([name for name, _meaning in COLUMNS])
    writer.writerows(data_rows(months, {code: each.name for code, each in departements().items()}))
    return out.getvalue()
