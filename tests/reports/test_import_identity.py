"""One call is counted once, whichever file brings it again: recorded, typed, imported, corrected, sent back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, func, select

from records.calls.bulk import qualification_row, requalify
from records.counting.figures import tallies_by_day, tally
from records.counting.tally import Scope, Tally
from records.facts import Source
from records.schema.desk_tables import qualifications
from records.schema.tables import calls
from reports.figures.definitions import figures
from reports.figures.periods import Period
from reports.figures.summary import scope_of
from reports.importing.deciding.choices import AS_PROPOSED, Choice, Choices, Likeness
from reports.importing.deciding.difference import Difference
from reports.importing.intake import (
    ImportRefused,
    carry_out,
    compare,
    month_effects,
    read_workbook,
    refuse_undecided,
)
from reports.importing.reading.book import LinePlace
from reports.importing.understanding.lines import Understood
from reports.workbook.columns import COLUMNS
from tests.reports.counting import ACCESS
from tests.reports.tables import call, qualified, store
from tests.reports.test_faces import NOW, READER, exported
from tests.reports.workbooks import CONNECTION

MAY = Period(date(2025, 5, 1), date(2025, 5, 31))
SUMMER = Period(date(2025, 5, 1), date(2025, 8, 31))
Line = tuple[Any, ...]
RESET = (ACCESS, CONNECTION, "Réinitialisation du mot de passe", "1")
ACCOUNT = (ACCESS, CONNECTION, "Accès au compte", "1")


def line(day: date, number: str | None, seconds: int | None, *said: str, wording: Line = RESET) -> Line:
    """A line as people type it; `said` are both answers, « oui » and « non » when left out."""
    return (number, day, seconds, None, *wording, *(said or ("oui", "non")))


def book_of(*sheets: Iterable[Line]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, lines in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"Historique {number}")
        sheet.append(COLUMNS.headings)
        for each in lines:
            sheet.append(each)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def looked_at(connection: Any, content: bytes) -> tuple[Understood, Difference]:
    understood = read_workbook(content, READER)
    return understood, compare(connection, understood, "75")


def take_in(
    connection: Any, content: bytes, choices: Choices = AS_PROPOSED, at: datetime = NOW, *, ask: bool = True
) -> Difference:
    """Import as the command does: what nobody could decide is refused."""
    _, found = looked_at(connection, content)
    if ask:
        refuse_undecided(found, choices)
    carry_out(connection, found, "75", READER, by="lea@siao.example", at=at, file_name="suivi.xlsx", choices=choices)
    return found


def treated(connection: Any, period: Period = SUMMER) -> Tally:
    return tally(connection, scope_of(period, ["75"]))


def likenesses(found: Difference) -> list[Likeness]:
    return [one.likeness for one in found.alike]


FIVE = tuple(line(date(2025, 5, 2 + n), f"01 99 00 20 0{n}", 200 + n) for n in range(5))
FIVE = (*FIVE[:3], line(date(2025, 5, 5), "01 99 00 20 03", 203, "non", "non"), FIVE[4])
THREE = tuple(line(date(2025, 6, 2 + n), f"01 99 00 21 0{n}", 300 + n) for n in range(3))
CORRECTED = (
    line(date(2025, 5, 2), "01 99 00 20 00", 205),
    line(date(2025, 5, 3), "01 99 00 20 99", 201),
    line(date(2025, 5, 4), "01 99 00 20 02", 202, wording=ACCOUNT),
    line(date(2025, 5, 5), "01 99 00 20 03", 203),
    FIVE[4],
)


def test_the_file_of_every_month_corrects_its_calls_and_never_counts_them_again(engine: Engine) -> None:
    """Five calls in May; the same file a month later, one answer corrected; then a duration, a number, a motif."""
    with engine.begin() as connection:
        take_in(connection, book_of(FIVE))
        june = take_in(connection, book_of((*FIVE[:3], CORRECTED[3], FIVE[4], *THREE)), at=NOW + timedelta(days=30))
        assert (len(june.additions), likenesses(june), june.unchanged) == (3, [Likeness.CORRECTED], 4)
        assert treated(connection, MAY).resolved == 5
        july = take_in(connection, book_of((*CORRECTED, *THREE)), at=NOW + timedelta(days=60))
        assert [(c.heading, c.after) for c in july.changes] == [
            ("Durée d'appel (en secondes)", "205"), ("Numéro de téléphone", "+33199002099"),
            ("Sous motif", "Accès au compte"),
        ]  # fmt: skip
        assert (july.additions, july.unchanged) == ([], 5)
        said = figures(treated(connection, MAY))
        assert (said.nombre_appels, said.duree_moyenne_secondes, said.taux_resolution) == (5, 203, 1)
        again = take_in(connection, book_of((*CORRECTED, *THREE)), at=NOW + timedelta(days=61))
        assert (again.additions, again.alike, again.unchanged) == ([], [], 8)


def test_an_older_file_that_comes_back_is_told_and_undoes_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        take_in(connection, book_of(FIVE))
        take_in(connection, book_of(CORRECTED), at=NOW + timedelta(days=30))
        before = treated(connection)
        found = take_in(connection, book_of(FIVE), at=NOW + timedelta(days=31))
        assert (likenesses(found), found.additions, found.unchanged) == ([Likeness.EARLIER] * 4, [], 1)
        assert treated(connection) == before
        undone = Choices(all_of={Likeness.EARLIER: Choice.CHANGE})
        take_in(connection, book_of(FIVE), undone, at=NOW + timedelta(days=32))
        assert treated(connection).resolved == 4


def test_a_call_that_the_line_recorded_and_somebody_typed_counts_once(engine: Engine) -> None:
    """The typed line brings its motif; number, day and duration stay the operator's."""
    day = date(2025, 5, 6)
    with engine.begin() as connection:
        store(connection, [
            call("CA1", day, caller="+33199002001", talk_seconds=243),
            call("CA2", day, caller=None, talk_seconds=600),
            call("CA3", day, caller="+33199002003", talk_seconds=100),
            call("CA4", day, departement="59", talk_seconds=50),
        ])  # fmt: skip
        found = take_in(connection, book_of((
            line(day, "01 99 00 20 01", 400), line(day, "masqué", 598),
            line(day, None, 50), line(day, "01 99 00 20 09", 900),
        )))  # fmt: skip
        assert likenesses(found) == [Likeness.RECORDED, Likeness.RECORDED]
        assert [one.place.line for one in found.additions] == [4, 5]
        assert (treated(connection).treated, treated(connection).qualified) == (5, 4)
        kept = select(calls.c.caller, calls.c.talk_seconds, calls.c.source).where(calls.c.call_id == "CA1")
        assert tuple(connection.execute(kept).one()) == ("+33199002001", 243, Source.WEBHOOK)
        assert "vient de l'opérateur" in found.alike[0].left[0].reason


def test_the_callers_two_calls_of_a_day_go_to_the_nearest_durations(engine: Engine) -> None:
    day = date(2025, 5, 6)
    with engine.begin() as connection:
        store(connection, [call(f"CA{s}", day, caller="+33199002001", talk_seconds=s) for s in (60, 600)])
        lines = (line(day, "01 99 00 20 01", 590, wording=ACCOUNT), line(day, "01 99 00 20 01", 70))
        found = take_in(connection, book_of(lines))
        assert [one.now.call_id for one in found.alike] == ["CA600", "CA60"]
        assert treated(connection).treated == 2


def test_what_the_desk_said_stays_until_somebody_decides_otherwise(engine: Engine) -> None:
    day, content = date(2025, 5, 6), book_of([line(date(2025, 5, 6), "01 99 00 20 01", 240, "non", "non")])
    with engine.begin() as connection:
        said = qualified("1", *RESET[:3], resolved=True, escalated=False)
        store(connection, [call("CA1", day, caller="+33199002001", qualification=said)])
        _, found = looked_at(connection, content)
        (one,) = found.alike
        assert (one.proposed, one.is_sure, one.allowed) == (Choice.IGNORE, False, tuple(Choice))
        with pytest.raises(ImportRefused, match="1 ligne ressemble à un appel connu"):
            take_in(connection, content)
        take_in(connection, content, Choices({one.place: Choice.CHANGE}))
        assert (treated(connection).treated, treated(connection).resolved) == (1, 0)


def test_what_the_desk_changed_after_an_import_is_not_undone_by_the_same_file(engine: Engine) -> None:
    day = date(2025, 5, 6)
    with engine.begin() as connection:
        store(connection, [call("CA1", day, caller="+33199002001", talk_seconds=240)])
        content = book_of([line(day, "01 99 00 20 01", 241, "non", "non")])
        take_in(connection, content)
        later = qualification_row(RESET[:3], "1", resolved=True, escalated=False, by="desk", at=NOW)
        requalify(connection, "CA1", later)
        found = take_in(connection, content, at=NOW + timedelta(days=1))
        assert (likenesses(found), treated(connection).resolved) == ([Likeness.EARLIER], 1)


def test_two_colleagues_lines_without_number_and_duration_are_asked_about(engine: Engine) -> None:
    """Nothing in them says whether it is one call or two: never doubled by itself, never lost without a word."""
    content = book_of([line(date(2025, 8, 4), "masqué", None)])
    with engine.begin() as connection:
        take_in(connection, content)
        found = take_in(connection, content)
        assert (likenesses(found), found.alike[0].proposed, treated(connection).treated) == (
            [Likeness.SAME], Choice.IGNORE, 1,
        )  # fmt: skip
        for _ in range(2):
            take_in(connection, content, Choices({found.alike[0].place: Choice.ADD}))
        assert treated(connection).treated == 3


def test_the_same_line_twice_in_a_sheet_is_two_calls_and_in_two_sheets_one(engine: Engine) -> None:
    with engine.begin() as connection:
        take_in(connection, book_of((FIVE[0], FIVE[0])))
        assert treated(connection).treated == 2
        found = take_in(connection, book_of(FIVE[:2], FIVE[1:3], FIVE[:1]))
        assert likenesses(found) == [Likeness.REPEATED, Likeness.REPEATED]
        assert treated(connection).treated == 4


def test_an_export_sent_back_in_any_order_without_its_hidden_column_changes_nothing(engine: Engine) -> None:
    rng = random.Random(4)
    with engine.begin() as connection:
        take_in(connection, book_of((*FIVE, *THREE, line(date(2025, 7, 1), None, None))))
        before = treated(connection)
        for is_hidden_gone in (False, True):
            book = load_workbook(BytesIO(exported(connection, period=SUMMER)))
            sheet = book["Historique d'appel"]
            rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if row[1]]
            sheet.delete_rows(2, sheet.max_row)
            for row in rng.sample(rows, len(rows)):
                sheet.append([cell if not str(cell).startswith("=") else None for cell in row])
            if is_hidden_gone:
                sheet.delete_cols(11)
            out = BytesIO()
            book.save(out)
            found = take_in(connection, out.getvalue())
            assert (found.additions, found.changes, found.unchanged, found.absent) == ([], [], 9, 0)
            assert treated(connection) == before


def test_lines_that_were_removed_take_no_call_away(engine: Engine) -> None:
    with engine.begin() as connection:
        take_in(connection, book_of((*FIVE, line(date(2025, 5, 2), "01 99 00 20 50", 77))))
        found = take_in(connection, book_of(FIVE))
        assert (found.absent, treated(connection).treated) == (1, 6)


def test_the_file_of_a_colleague_who_goes_on_from_nothing_changes_no_call_by_itself(engine: Engine) -> None:
    """The same caller on the same day: a correction, or his second call? A file that repeats nothing does not say."""
    with engine.begin() as connection:
        take_in(connection, book_of(FIVE[:1]))
        other = book_of([line(date(2025, 5, 2), "01 99 00 20 00", 640)])
        with pytest.raises(ImportRefused):
            take_in(connection, other)
        assert treated(connection).treated == 1
        take_in(connection, other, Choices({LinePlace("", 2): Choice.ADD}))
        assert treated(connection).treated == 2


def test_another_number_is_another_caller_unless_the_file_goes_on_from_an_earlier_one(engine: Engine) -> None:
    """« 5 min » and one motif is what half the calls of a day are: who accepts without looking must lose none."""
    day = date(2025, 5, 6)
    with engine.begin() as connection:
        take_in(connection, book_of([line(day, "01 99 00 20 01", 300), line(day, "01 99 00 20 02", 120)]))
        said = qualified("1", *RESET[:3], resolved=True, escalated=False)
        store(connection, [call("CA1", day, caller="+33199002009", talk_seconds=901, qualification=said)])
        other = line(day, "01 99 00 20 03", 300)
        for typed in (other, line(day, "01 99 00 20 05", 900, wording=ACCOUNT)):
            _, found = looked_at(connection, book_of([typed]))
            assert [(one.proposed, one.is_sure) for one in found.alike] == [(Choice.ADD, False)]
        _, found = looked_at(connection, book_of([line(day, "01 99 00 20 02", 120), other]))
        assert [(one.proposed, one.is_sure) for one in found.alike] == [(Choice.CHANGE, True)]


def test_a_line_that_resembles_two_calls_as_much_is_nobodys_to_guess(engine: Engine) -> None:
    day = date(2025, 5, 6)
    with engine.begin() as connection:
        store(connection, [call(f"CA{s}", day, caller=None, talk_seconds=s) for s in (238, 242)])
        _, found = looked_at(connection, book_of([line(day, None, 240)]))
        assert [one.is_sure for one in found.alike] == [False]


def test_a_corrected_day_moves_the_call(engine: Engine) -> None:
    moved = replace_day(FIVE[1], date(2025, 5, 4))
    with engine.begin() as connection:
        take_in(connection, book_of(FIVE[:3]))
        found = take_in(connection, book_of((FIVE[0], moved, FIVE[2])))
        assert [change.heading for change in found.changes] == ["Date"]
        assert [day.day for day in tallies_by_day(connection, scope_of(MAY, ["75"]))] == [2, 4]


def replace_day(one: Line, day: date) -> Line:
    return (one[0], day, *one[2:])


# ---------------------------------------------------------------- whatever people do with their file


def edited(rng: random.Random, lines: Sequence[Line]) -> list[Line]:
    """The file a month later: one cell of some lines corrected (to what it never said), new lines, another order."""
    later = []
    for one in lines:
        cells, deed = list(one), rng.randrange(8)
        if deed == 0:
            cells[2] = rng.randrange(30, 3000)
        elif deed == 1:
            cells[8] = "oui"
        elif deed == 2:
            cells[4:8] = ACCOUNT
        later.append(tuple(cells))
    later += invented(rng, rng.randrange(6), first=500)
    return rng.sample(later, len(later))


def invented(rng: random.Random, number: int, first: int = 0) -> list[Line]:
    """Lines of callers of their own, in four months."""
    days = [date(2025, 5, 1) + timedelta(days=rng.randrange(120)) for _ in range(number)]
    return [
        line(day, f"01 99 00 {(first + n) // 100:02d} {(first + n) % 100:02d}", rng.randrange(30, 3000),
             rng.choice(("oui", "non", "")), rng.choice(("oui", "non")) if rng.random() < 0.1 else "non",
             wording=rng.choice((RESET, ACCOUNT)))
        for n, day in enumerate(days)
    ]  # fmt: skip


def counted_by_hand(lines: Iterable[Line]) -> tuple[int, int, int, int]:
    lines = list(lines)
    return (
        len(lines), sum(one[2] for one in lines), sum(one[8] == "oui" for one in lines),
        sum(one[8] in {"oui", "non"} for one in lines),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_a_file_edited_by_hand_month_after_month_gives_the_figures_of_its_last_state(engine: Engine, seed: int) -> None:
    """And what the preview said of each month is what the tables count afterwards."""
    rng = random.Random(seed)
    lines = invented(rng, 40)
    with engine.begin() as connection:
        take_in(connection, book_of(lines))
        for month in range(3):
            lines = edited(rng, lines)
            understood, found = looked_at(connection, book_of(lines))
            said = month_effects(connection, understood, found, "75")
            take_in(connection, book_of(lines), at=NOW + timedelta(days=30 * (month + 1)), ask=False)
            for one in said:
                until = date.fromordinal((one.month + timedelta(days=32)).replace(day=1).toordinal() - 1)
                now = figures(tally(connection, Scope(one.month, until, ("75",))))
                assert [one.after.values[n] for n in FOUR] == [now.values[n] for n in FOUR]
        sums = treated(connection)
        assert (sums.treated, sums.talk_seconds, sums.resolved, sums.resolution_known) == counted_by_hand(lines)


FOUR = ("nombre_appels", "duree_moyenne_secondes", "taux_resolution", "taux_escalade")


@pytest.mark.parametrize("seed", range(3))
def test_an_exported_workbook_edited_by_hand_gives_the_figures_of_what_it_says(engine: Engine, seed: int) -> None:
    rng = random.Random(seed)
    with engine.begin() as connection:
        take_in(connection, book_of(invented(rng, 60)))
        book = load_workbook(BytesIO(exported(connection, period=SUMMER)))
        sheet = book["Historique d'appel"]
        rows = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 2).value]
        for row in rng.sample(rows, 20):
            sheet.cell(row, 9).value = rng.choice(("Oui", "Non"))
        for row in rng.sample(rows, 10):
            sheet.cell(row, 3).value = rng.randrange(30, 3000)
        last = max(rows)
        for number, extra in enumerate(invented(rng, 5, first=900), start=last + 1):
            for place, cell in enumerate(extra, start=1):
                sheet.cell(number, place).value = cell
        told = [[sheet.cell(row, place).value for place in (3, 9)] for row in range(2, last + 6)]
        out = BytesIO()
        book.save(out)
        take_in(connection, out.getvalue())
        sums = treated(connection)
        assert (sums.treated, sums.talk_seconds) == (65, sum(int(str(row[0])) for row in told))
        assert sums.resolved == sum(str(row[1]).casefold() == "oui" for row in told)


@pytest.mark.parametrize("seed", range(4))
def test_the_preview_foretells_the_figures_whatever_is_chosen(engine: Engine, seed: int) -> None:
    rng = random.Random(seed)
    days = [date(2025, 5, 1) + timedelta(days=rng.randrange(10)) for _ in range(60)]
    with engine.begin() as connection:
        store(connection, [
            call(f"CA{n}", day, caller=f"+3319900{rng.randrange(20):04d}", talk_seconds=rng.randrange(60, 300),
                 source=rng.choice((Source.WEBHOOK, Source.MANUAL, Source.IMPORT)),
                 qualification=rng.choice((None, qualified("1", *RESET[:3], resolved=True, escalated=False))))
            for n, day in enumerate(days)
        ])  # fmt: skip
        lines = [
            line(day, f"01 99 00 00 {rng.randrange(20):02d}", rng.randrange(60, 300), rng.choice(("oui", "non")), "non")
            for day in days
        ]
        understood, found = looked_at(connection, book_of(lines))
        assert len(set(likenesses(found))) > 1
        choices = Choices({one.place: rng.choice(tuple(Choice)) for one in found.alike})
        said = month_effects(connection, understood, found, "75", choices)
        take_in(connection, book_of(lines), choices, ask=False)
        now = figures(treated(connection, MAY))
        assert [said[0].after.values[name] for name in FOUR] == [now.values[name] for name in FOUR]
        assert connection.scalar(select(func.count()).select_from(qualifications)) == treated(connection, MAY).qualified
