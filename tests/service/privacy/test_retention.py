"""The periods are carried out, in portions, and no figure changes; the page says what the job does."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select, update

from records.counting.keeping import refresh
from records.counting.tally import Scope
from records.database import Engine, open_database, reading, writing
from records.privacy.columns import personal_columns
from records.privacy.steps import STEPS
from records.schema.desk_tables import qualification_history, qualifications
from records.schema.tables import calls
from records.true_rows.comparing import rebuild
from reports.pages.context import Reports
from reports.pages.national_files import FILES
from routing.calendar.hours import read_hours
from routing.departements import PARIS, timezone_of
from service.clock import now
from service.privacy.carrying_out import carried_out_here, carry_out
from service.privacy.retention import NIGHTLY, RETENTION, in_words
from service.running.working.scheduled import jobs
from service.settings import read_settings
from tests.service.privacy.conftest import Typed

STARTED = now()
TODAY = now().astimezone(PARIS).date()
LAST_CALL = TODAY - timedelta(days=60)
"""The invented calls are those of the 24 months before: some lose their number, some all but what is counted."""


WRITTEN_AT = re.compile(r"\d\d? ?[:h] ?\d\d")


def _shown(value: Any) -> str:
    """A cell's value or formula, without the minute at which the workbook was written."""
    return WRITTEN_AT.sub("", str(getattr(value, "text", value)))


def invented(typed: Typed, number: int = 900) -> None:
    status, _, errors = typed("demo", "data", "--calls", str(number), "--seed", "3", "--until", LAST_CALL.isoformat())
    assert status == 0, errors


def shown_figures(typed: Typed, engine: Engine, tmp_path: Path) -> dict[str, Any]:
    """Everything that counts: the command, the workbook's results, the files of the dashboard."""
    refresh(engine)
    shown: dict[str, Any] = {}
    spans = [(LAST_CALL - timedelta(days=760), LAST_CALL), (LAST_CALL - timedelta(days=60), LAST_CALL)]
    for since, until in spans:
        for place in ([], ["--departement", "75"]):
            shown[f"{since} {place}"] = json.loads(
                typed("figures", "--json", "--from", str(since), "--to", str(until), *place)[1]
            )
    since, until = spans[0]
    out = tmp_path / "classeur.xlsx"
    out.unlink(missing_ok=True)
    period = ("--from", str(until - timedelta(days=700)), "--to", str(until))
    status, _, errors = typed("export", "workbook", "--departement", "france", *period, "--out", str(out))
    assert status == 0, errors
    book = load_workbook(out)
    for sheet in book.worksheets:
        if not sheet.title.startswith(("Historique", "Page de garde")):  # numbers, and the minute it was written
            shown[sheet.title] = [[_shown(cell.value) for cell in row] for row in sheet.iter_rows()]
    desk = cast("Reports", SimpleNamespace(
        today=lambda: TODAY, answer_target=0.85, clock=lambda: STARTED, national_hours=read_hours("lun-ven 09:00-17:00")
    ))  # fmt: skip
    for name, table in FILES.items():
        with reading(engine) as connection:
            shown[name] = json.loads(json.dumps(table(desk, connection, Scope(since, until)), default=str))
    return shown


def repeated(engine: Engine) -> None:
    """Some numbers call twice on one day, so that repeats are counted."""
    with writing(engine) as connection:
        found = connection.execute(select(calls.c.local_date, calls.c.departement).where(
            calls.c.source == "webhook", calls.c.departement.is_not(None)
        ).group_by(calls.c.local_date, calls.c.departement).having(func.count() > 1)).all()  # fmt: skip
        for day, place in found:
            its = (calls.c.local_date == day, calls.c.departement == place, calls.c.source == "webhook")
            connection.execute(update(calls).where(*its).values(caller="+33639980077"))


def test_no_figure_changes_when_numbers_and_people_go(typed: Typed, tmp_path: Path, database_url: str) -> None:
    invented(typed, 500)
    engine = open_database(database_url)
    repeated(engine)
    before = shown_figures(typed, engine, tmp_path)
    assert before[f"{LAST_CALL - timedelta(days=760)} []"]["appels_repetes"] > 0

    status, told, errors = typed("retention")
    assert status == 0, errors
    assert "Numéro de l’appelant, numéro à rappeler : " in told

    after = shown_figures(typed, engine, tmp_path)
    assert {name: (before[name], shown) for name, shown in after.items() if shown != before[name]} == {}
    with reading(engine) as connection:
        numbers: dict[Any, int] = dict(connection.execute(
            select(calls.c.local_date, func.count(calls.c.caller)).group_by(calls.c.local_date)
        ).all())  # fmt: skip
        people = connection.execute(select(calls.c.local_date, calls.c.attempts, calls.c.referent)).all()
        said = connection.execute(select(qualifications.c.comment, calls.c.local_date).join_from(
            qualifications, calls, calls.c.call_id == qualifications.c.call_id
        )).all()  # fmt: skip
        old_history = connection.scalar(select(func.count()).select_from(qualification_history.join(
            calls, calls.c.call_id == qualification_history.c.call_id
        )).where(calls.c.local_date < TODAY - timedelta(days=731)))  # fmt: skip
    assert not any(number for day, number in numbers.items() if day < TODAY - timedelta(days=91))
    assert any(number for day, number in numbers.items() if day > TODAY - timedelta(days=89))
    old = [one for one in people if one.local_date < TODAY - timedelta(days=731)]
    assert old
    assert {(one.attempts, one.referent) for one in old} == {("[]", None)}
    assert not [one for one in said if one.comment and one.local_date < TODAY - timedelta(days=366)]
    assert old_history == 0
    assert rebuild(engine, timezone_of=timezone_of, at=now()).mended == ()
    assert shown_figures(typed, engine, tmp_path) == before
    engine.dispose()


def test_a_dry_run_counts_what_the_job_then_does_and_changes_nothing(typed: Typed, database_url: str) -> None:
    invented(typed, 200)
    engine = open_database(database_url)
    counted = {one["line"]: one["count"] for one in json.loads(typed("retention", "--dry-run", "--json")[1])}
    again = {one["line"]: one["count"] for one in json.loads(typed("retention", "--dry-run", "--json")[1])}
    done = {one["line"]: one["count"] for one in json.loads(typed("retention", "--json")[1])}
    left = {one["line"]: one["count"] for one in json.loads(typed("retention", "--dry-run", "--json")[1])}
    engine.dispose()
    assert counted == again == done
    assert counted["numbers"] > 0
    assert {key: count for key, count in left.items() if count} == {}
    report = json.loads(typed("retention", "--report", "--json")[1])
    assert {one["line"]: one["done"] for one in report} == {
        key: count for key, count in done.items() if count is not None
    }


def test_stopped_half_way_it_has_done_whole_days_and_goes_on_another_time(typed: Typed, database_url: str) -> None:
    invented(typed, 200)
    engine, settings = open_database(database_url), read_settings()
    portions = iter([True, True, False])
    first = carry_out(settings, engine, now(), goes_on=lambda: next(portions, False))
    assert [one.line.key for one in first] == ["numbers"]
    rest = {one.line.key: one.count for one in carry_out(settings, engine, now())}
    engine.dispose()
    assert first[0].count > 0
    assert rest["numbers"] > 0


def test_every_column_of_a_person_has_a_line_and_every_line_a_job_that_carries_it_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEMO", "1")
    engine = open_database(f"sqlite:///{tmp_path / 'svi.sqlite'}")
    names = {job.name for job in jobs(read_settings(), engine)} | {"greffier", ""}
    engine.dispose()
    keys = {line.key for line in RETENTION}
    assert {one.line for one in personal_columns()} - keys == set()
    assert {line.job for line in RETENTION} - names == set()
    assert {line.key for line in carried_out_here()} == set(STEPS)
    assert NIGHTLY in names
    assert all(line.setting.lower() in type(read_settings()).model_fields for line in RETENTION if line.setting)


def test_periods_are_said_in_french() -> None:
    assert [in_words(days) for days in (1, 7, 90, 365, 730)] == ["1 jour", "7 jours", "90 jours", "12 mois", "24 mois"]
