"""A survey freezes at its closing moment, whatever ran or not in between: what came later is left out."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, update

from records.calls.bulk import requalify
from records.database import Connection, reading, writing
from records.desks.audit import note
from records.schema.desk_tables import qualification_history, qualifications
from records.schema.report_tables import import_batches
from records.schema.tables import calls, facts
from reports.figures.periods import month_of
from reports.survey.campaign import board, freeze_closed, freeze_if_due, open_month
from reports.survey.closing.standing import standing_at
from reports.survey.followed import TRACKED
from reports.survey.questionnaire import closes_at
from reports.survey.sums import Filled
from routing.departements import PARIS
from tests.reports.tables import Call, call, invent, qualified, store

OCTOBER = month_of(date(2026, 10, 15))
OPEN = datetime(2026, 10, 29, 9, tzinfo=PARIS)
CLOSED = closes_at(OCTOBER)
MUCH_LATER = datetime(2027, 2, 3, 9, tzinfo=PARIS)
ACCOUNT = TRACKED[0]


def about(at: datetime, *, resolved: bool = True, version: int = 1) -> Call:
    said = qualified("1", *ACCOUNT, resolved=resolved, escalated=False)
    return {**said, "at": at, "version": version}


def with_history(connection: Connection, call_id: str, *said: Call) -> None:
    """What was said of a call, every version; the last one stands."""
    for each in said:
        connection.execute(insert(qualification_history).values(call_id=call_id, **each))
    connection.execute(insert(qualifications).values(call_id=call_id, **said[-1]))


def heard(connection: Connection, call_id: str, at: datetime) -> None:
    row = {"call": call_id, "kind": "arrived", "n": 0, "who": "", "at": at, "source": "webhook", "data": "{}"}
    connection.execute(insert(facts).values(**row))


def october(engine: Engine, now: datetime = MUCH_LATER) -> Filled:
    with reading(engine) as connection:
        return board(connection, OCTOBER, now).filled["75"]


def test_frozen_late_it_is_what_it_was_at_closing(engine: Engine) -> None:
    """The same calls, counted live in the last second and frozen three months later, give the same figures."""
    rng = random.Random(11)
    with writing(engine) as connection:
        rows = invent(rng, 300)
        store(connection, rows)
        for row in rows:
            if row["qualification"]:
                values = {"call_id": row["call_id"], **row["qualification"]}
                connection.execute(insert(qualification_history).values(**values))
        open_month(connection, OCTOBER, OPEN)
        live = board(connection, OCTOBER, CLOSED - timedelta(seconds=1))
    with writing(engine) as connection:
        for row in rng.sample(rows, 40):
            if row["qualification"]:
                later = {**row["qualification"], "resolved": False, "escalated": True, "at": MUCH_LATER}
                requalify(connection, row["call_id"], {k: v for k, v in later.items() if k != "version"})
        store(connection, [call("manual-late", date(2026, 10, 5), source="manual")])
        note(connection, by="x", what="appel ajouté", reference="manual-late", at=CLOSED + timedelta(hours=1))
        assert freeze_closed(connection, MUCH_LATER) == [OCTOBER]
        assert freeze_closed(connection, MUCH_LATER) == []
        frozen = board(connection, OCTOBER, MUCH_LATER)
    assert frozen.filled == live.filled
    assert frozen.survey is not None
    assert frozen.survey.frozen_at == CLOSED


def test_even_before_anything_froze_it_a_page_shows_the_closing_moment(engine: Engine) -> None:
    with writing(engine) as connection:
        open_month(connection, OCTOBER, OPEN)
        store(connection, [call("a", date(2026, 10, 5)), call("b", date(2026, 10, 5))])
        heard(connection, "a", OPEN)
        heard(connection, "b", CLOSED + timedelta(minutes=1))
    assert october(engine, CLOSED - timedelta(seconds=1))["nombre_appels"] == 2
    assert october(engine, CLOSED)["nombre_appels"] == 1


def test_calls_that_came_afterwards_are_left_out_as_far_as_the_tables_tell(engine: Engine) -> None:
    before, after = CLOSED - timedelta(hours=1), CLOSED + timedelta(hours=1)
    day = date(2026, 10, 5)

    def import_of(connection: Connection, call_id: str, batch: datetime, said: Call | None) -> None:
        store(connection, [call(call_id, day, source="import")])
        if said:
            with_history(connection, call_id, said)
        values: dict[str, Any] = {"departement": "75", "file_name": "a.xlsx", "by": "x", "at": batch}
        connection.execute(insert(import_batches).values(**values, added=1, changed=0, refused=0))

    with writing(engine) as connection:
        open_month(connection, OCTOBER, OPEN)
        store(connection, [call("typed", day, source="manual"), call("typed later", day, source="manual")])
        note(connection, by="x", what="appel ajouté", reference="typed", at=before)
        note(connection, by="x", what="appel ajouté", reference="typed later", at=after)
        store(connection, [call("repaired", day, source="reconciliation")])
        heard(connection, "repaired", after)
        import_of(connection, "imported", before, about(before))
        import_of(connection, "imported later", after, about(after))
        import_of(connection, "imported, qualified on the desk later", before, about(after + timedelta(days=1)))
    shown = october(engine)
    assert shown["nombre_appels"] == 3, "typed, imported, and the one that was only qualified later"
    assert shown[f"nombre:{ACCOUNT.key}"] == 1


def test_what_was_said_of_a_call_is_the_version_of_the_closing_moment(engine: Engine) -> None:
    day, before, after = date(2026, 10, 5), CLOSED - timedelta(minutes=5), CLOSED + timedelta(minutes=2)
    with writing(engine) as connection:
        open_month(connection, OCTOBER, OPEN)
        store(connection, [call(one, day) for one in ("changed", "late", "undone before", "undone after", "put back")])
        with_history(connection, "changed", about(OPEN), about(after, resolved=False, version=2))
        with_history(connection, "late", about(after))
        for call_id, moment in (("undone before", before), ("undone after", after)):
            connection.execute(insert(qualification_history).values(call_id=call_id, **about(OPEN)))
            note(connection, by="x", what="qualification annulée", reference=f"{call_id} version 1", at=moment)
        with_history(
            connection, "put back", about(OPEN), about(before, resolved=False, version=2), about(OPEN, version=3)
        )
        note(connection, by="x", what="qualification annulée", reference="put back version 2", at=after)
    shown = october(engine)
    assert shown[f"nombre:{ACCOUNT.key}"] == 3, "changed, undone after, put back"
    assert shown["taux_resolution"] == 2 / 3, "« put back » still said no at closing"


def test_a_survey_opened_after_its_closing_shows_what_was_known_when_it_was_opened(engine: Engine) -> None:
    with writing(engine) as connection:
        store(connection, [call("a", date(2026, 10, 5))])
        heard(connection, "a", CLOSED + timedelta(days=2))
        open_month(connection, OCTOBER, MUCH_LATER)
    assert october(engine)["nombre_appels"] == 1
    with writing(engine) as connection:
        assert not freeze_if_due(connection, OCTOBER, MUCH_LATER), "opening it froze it"


def test_old_surveys_froze_figures_under_names_and_still_show_them(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(
            "insert into surveys (month, opened_at, frozen_at, sous_motifs) values "
            "('2026-10', '2026-10-28 00:00:00', '2026-11-03 00:00:00', '[\"Accès au compte\"]')"
        )
        kept = '{"nombre_appels": 7, "duree_moyenne_secondes": 61.5, "taux_resolution": 0.5, "taux_escalade": 0.25, '
        kept += '"nombre:Accès au compte": 3, "duree:Accès au compte": 60.0}'
        connection.exec_driver_sql(
            f"insert into survey_frozen (month, departement, figures) values ('2026-10', '75', '{kept}')"  # noqa: S608 - made up above
        )
    shown = october(engine)
    assert (shown["nombre_appels"], shown["nombre:Accès au compte"], shown["taux_resolution"]) == (7, 3, 0.5)


def test_the_version_that_stood_is_found_in_any_history() -> None:
    class Said:
        def __init__(self, version: int, hour: int) -> None:
            self.version, self.at = version, OPEN + timedelta(hours=hour)

    one, two, three = Said(1, 0), Said(2, 2), Said(3, 4)
    moments = {hour: standing_at(OPEN + timedelta(hours=hour), [one, two, three], {}) for hour in (-1, 0, 1, 2, 3, 9)}
    assert moments == {-1: None, 0: one, 1: one, 2: two, 3: two, 9: three}
    gone = {3: OPEN + timedelta(hours=5)}
    assert standing_at(OPEN + timedelta(hours=5), [one, two, three], gone) is None
    assert standing_at(OPEN + timedelta(hours=4.5), [one, two, three], gone) is three


def test_a_figure_frozen_is_never_touched_again(engine: Engine) -> None:
    with writing(engine) as connection:
        open_month(connection, OCTOBER, OPEN)
        store(connection, [call("a", date(2026, 10, 5))])
        freeze_closed(connection, MUCH_LATER)
        connection.execute(update(calls).values(departement="59"))
    assert october(engine)["nombre_appels"] == 1
