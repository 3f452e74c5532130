"""Running a month's survey: opening it, filling it from the calls, answers and corrections, freezing it at closing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import isclose

from records import outbox
from records.counting.figures import motive_tallies_by_departement, tallies_by_departement
from records.counting.tally import MotiveTally, Tally
from records.database import Connection
from records.desks.audit import note
from records.outbox import Owed
from records.wording import Entry, Wording
from reports.figures.periods import Period, month_of, of_month
from reports.figures.summary import scope_of
from reports.survey import store
from reports.survey.closing.store import counted_at
from reports.survey.followed import TRACKED, Followed, RenamesOn, followed, identified, nothing_renamed
from reports.survey.questionnaire import (
    Correction,
    Stage,
    SurveyFigure,
    SurveyRefused,
    closes_at,
    is_late,
    labels_of,
    lines,
    month_in_question,
    opens_at,
    read_correction,
    read_text,
    read_tracked,
    stage,
)
from reports.survey.store import Survey, SurveyAnswer
from reports.survey.sums import Filled, Sums, filled, sums_of
from routing.departements import NATIONAL, PARIS, departements

NO_SUMS: Sums = {}


@dataclass(frozen=True, slots=True)
class Board:
    """A month's survey as its pages, its export and its command show it.

    `filled` has the figures of each département; `sums` what they are made of, and under `*` the calls without one;
    none where the survey closed before sums were kept.
    """

    month: Period
    stage: Stage
    survey: Survey | None
    followed: tuple[Followed, ...]
    answers: Mapping[str, SurveyAnswer]
    filled: Mapping[str, Filled]
    sums: Mapping[str, Sums]
    corrections: Mapping[str, list[Correction]]
    reminded: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """The label of each figure."""
        return labels_of(self.followed)

    @property
    def is_frozen(self) -> bool:
        """Whether the figures stay as they are."""
        return self.survey is not None and self.stage is Stage.CLOSED

    def lines(self, departement: str) -> list[SurveyFigure]:
        """The lines of one département."""
        return lines(self.filled[departement], self.labels, self.corrections.get(departement, ()))

    @property
    def missing(self) -> list[str]:
        """The départements that have not sent anything."""
        return [code for code in self.filled if code not in self.answers]


def month_key(month: Period) -> str:
    """`2026-11`."""
    return f"{month.since:%Y-%m}"


def month_of_key(key: str) -> Period:
    """The month of `2026-11`."""
    return month_of(date.fromisoformat(f"{key}-01"))


def month_asked(connection: Connection, now: datetime) -> Period:
    """The month whose survey people answer now: the current one too when somebody has opened it early."""
    today = now.astimezone(PARIS).date()
    usual, current = month_of(month_in_question(today)), month_of(today)
    if stage(usual, now) is Stage.CLOSED and store.survey_of(connection, month_key(current)) is not None:
        return current
    return usual


def open_month(
    connection: Connection,
    month: Period,
    now: datetime,
    *,
    entries: Iterable[Entry] = (),
    renames: RenamesOn = nothing_renamed,
    by: str = "",
) -> Survey:
    """Open the survey (before the 28th by hand; it still closes on the 2nd), with the sous-motifs of the last one.

    One that is open already stays as it is. `by`: who opened it, for the trail; nobody where its day has come.
    """
    key = month_key(month)
    before = store.last_before(connection, key)
    tracked = before.tracked if before else TRACKED
    known = identified(tracked, entries, renames(connection, now.astimezone(PARIS).date()))
    if store.open_survey(connection, key, now, known) and by:
        note(connection, by=by, what="enquête ouverte", reference=key, at=now)
    freeze_if_due(connection, month, now, renames=renames)
    return store.survey_of(connection, key) or Survey(key, now, None, known)


def follow(
    connection: Connection, month: Period, typed: str, entries: Sequence[Entry], *, by: str, at: datetime
) -> None:
    """Change the sous-motifs that an open survey follows; SurveyRefused with the reason."""
    key = month_key(month)
    survey = store.survey_of(connection, key)
    if survey is None:
        raise SurveyRefused(f"L'enquête {of_month(month.since)} n'est pas ouverte.")
    if at >= closes_at(month):
        raise SurveyRefused("Les chiffres sont figés : la liste des sous-motifs suivis ne change plus.")
    tracked = read_tracked(typed, entries)
    if tracked != survey.tracked:
        store.follow(connection, key, tracked)
        note(connection, by=by, what="enquête : sous-motifs suivis", reference=key, at=at)


def _survey(connection: Connection, month: Period, now: datetime) -> Survey | None:
    """The survey of the month; on its days, one that nobody has opened yet is as good as open."""
    kept = store.survey_of(connection, month_key(month))
    if kept is None and stage(month, now) is Stage.OPEN:
        before = store.last_before(connection, month_key(month))
        return Survey(month_key(month), opens_at(month), None, before.tracked if before else TRACKED)
    return kept


def board(
    connection: Connection,
    month: Period,
    now: datetime,
    codes: Sequence[str] | None = None,
    *,
    renames: RenamesOn = nothing_renamed,
) -> Board:
    """The survey of a month for these départements (None: all), with live figures or those of its closing moment."""
    key = month_key(month)
    survey = _survey(connection, month, now)
    last = min(now, closes_at(month) - timedelta(seconds=1)).astimezone(PARIS).date()
    known = renames(connection, last)
    listed = followed(survey.tracked if survey else TRACKED, known)
    kept = store.frozen(connection, key) if survey and survey.frozen_at else store.Frozen({}, {})
    wanted = list(departements()) if codes is None else list(codes)
    if kept.sums or kept.figures:
        sums = kept.sums
        figures = {code: dict(kept.figures.get(code) or filled(sums.get(code, NO_SUMS), listed)) for code in wanted}
    else:
        moment = frozen_as_of(month, survey) if survey and now >= closes_at(month) else None
        sums = _computed(connection, month, listed, codes, moment=moment, renames=known)
        figures = {code: filled(sums.get(code, NO_SUMS), listed) for code in wanted}
    return Board(
        month, stage(month, now, is_opened=survey is not None), survey, listed, store.answers(connection, key),
        figures, sums, _corrections_by_key(store.corrections(connection, key), listed),
        store.reminded(connection, key),
    )  # fmt: skip


def _computed(
    connection: Connection,
    month: Period,
    listed: Sequence[Followed],
    codes: Sequence[str] | None,
    *,
    moment: datetime | None,
    renames: Sequence[tuple[Wording, Wording]],
) -> dict[str, Sums]:
    """Every département's sums as they are now, or as they were at that moment; calls without one under `*`."""
    scope = scope_of(month, codes)
    tallies: Mapping[str | None, Tally]
    cited: Mapping[str | None, list[MotiveTally]]
    if moment is None:
        tallies = tallies_by_departement(connection, scope, with_waits=False)
        cited = motive_tallies_by_departement(connection, scope)
    else:
        counted = counted_at(connection, scope, moment)
        tallies = {code: tally for code, (tally, _) in counted.items()}
        cited = {code: motives for code, (_, motives) in counted.items()}
    found: dict[str, dict[str, int]] = {}
    for code, tally in tallies.items():
        place = code if code in departements() else NATIONAL
        each = sums_of(tally, cited.get(code, ()), listed, renames)
        before = found.get(str(place), {})
        found[str(place)] = {name: number + before.get(name, 0) for name, number in each.items()}
    return dict(found)


def frozen_as_of(month: Period, survey: Survey) -> datetime:
    """The moment whose figures are kept: the closing; of a survey that was opened after it, the opening."""
    return max(closes_at(month), survey.opened_at)


def freeze_if_due(
    connection: Connection, month: Period, now: datetime, *, renames: RenamesOn = nothing_renamed
) -> bool:
    """Keep the figures of a survey that has closed, as they were at its closing moment; whether that was done now."""
    survey = store.survey_of(connection, month_key(month))
    if survey is None or survey.frozen_at is not None or now < closes_at(month):
        return False
    sums = board(connection, month, now, renames=renames).sums
    everywhere = {code: sums.get(code, NO_SUMS) for code in (*departements(), NATIONAL)}
    return store.freeze(connection, month_key(month), frozen_as_of(month, survey), everywhere)


def freeze_closed(connection: Connection, now: datetime, *, renames: RenamesOn = nothing_renamed) -> list[Period]:
    """Keep the figures of every survey that has closed and is not frozen yet, however long ago."""
    months = [month_of_key(survey.month) for survey in store.live_surveys(connection)]
    return [month for month in months if freeze_if_due(connection, month, now, renames=renames)]


# ---------------------------------------------------------------- answers and corrections


def send_answer(
    connection: Connection,
    month: Period,
    departement: str,
    form: Mapping[str, str],
    *,
    by: str,
    now: datetime,
    entries: Iterable[Entry] = (),
    renames: RenamesOn = nothing_renamed,
) -> SurveyAnswer:
    """Keep a département's answer and its corrections, late ones marked; SurveyRefused with the reason.

    `form` has `commentaire`, and for each figure `valeur:<key>` and `motif:<key>`; a correction whose value has been
    emptied is withdrawn. On its days a survey that nobody has opened yet is opened.
    """
    key = month_key(month)
    if stage(month, now) is Stage.OPEN:
        open_month(connection, month, now, entries=entries, renames=renames)
    state = board(connection, month, now, [departement], renames=renames)
    if state.survey is None:
        raise SurveyRefused(f"L'enquête {of_month(month.since)} n'est pas ouverte.")
    comment = read_text(form.get("commentaire", ""))
    given, emptied = _read_corrections(state.lines(departement), form, state.labels)
    for figure, value, computed, reason in given:
        store.correct(connection, key, departement, Correction(0, figure, value, computed, reason, by, now))
    for figure in emptied:
        withdraw_correction(connection, state, departement, figure, by=by, at=now)
    sent = SurveyAnswer(departement, comment, now, by, is_late(month, now))
    store.answer(connection, key, sent)
    note(connection, by=by, what="enquête envoyée", reference=f"{key} {departement}", at=now)
    outbox.forget_others(connection, Owed.SURVEY, f"{key} {departement}", [], now)
    return sent


def withdraw_correction(
    connection: Connection, state: Board, departement: str, figure: str, *, by: str, at: datetime
) -> None:
    """Take back what a département said of a figure: what we computed stands alone again; SurveyRefused when nothing.

    The correction stays beside, marked.
    """
    key = month_key(state.month)
    names = [figure, *(old for old, new in _old_names(state.followed).items() if new == figure)]
    gone = [store.withdraw(connection, key, departement, name, by=by, at=at) for name in names]
    if not any(gone):
        raise SurveyRefused("Cette correction est déjà retirée.")
    note(connection, by=by, what="enquête : correction retirée", reference=f"{key} {departement} {figure}", at=at)


def _read_corrections(
    known: Iterable[SurveyFigure], form: Mapping[str, str], labels: Mapping[str, str]
) -> tuple[list[tuple[str, float, float | None, str]], list[str]]:
    """(figure, value, computed, reason) of each new correction; and the figures whose correction was emptied."""
    given, emptied = [], []
    for line in known:
        written, reason = (form.get(f"{part}:{line.key}", "").strip() for part in ("valeur", "motif"))
        if written:
            value, why = read_correction(line.key, written, reason, labels)
            if line.corrected is None or not isclose(value, line.corrected) or why != line.reason:
                given.append((line.key, value, line.computed, why))
        elif reason and reason != line.reason:
            raise SurveyRefused(f"« {line.label} » : donnez la valeur corrigée, ou effacez la raison.")
        elif line.corrected is not None and f"valeur:{line.key}" in form:
            emptied.append(line.key)
    return given, emptied


def _old_names(listed: Iterable[Followed]) -> dict[str, str]:
    """By the figure's name of before sous-motifs had a key, its key of now; where one sous-motif bears that name."""
    names = [one.wording.sous_motif for one in listed]
    return {
        f"{kind}:{one.wording.sous_motif}": f"{kind}:{one.key}"
        for one in listed
        for kind in ("nombre", "duree")
        if one.wording.motif and names.count(one.wording.sous_motif) == 1
    }


def _corrections_by_key(
    kept: Mapping[str, list[Correction]], listed: Sequence[Followed]
) -> dict[str, list[Correction]]:
    old = _old_names(listed)
    return {
        code: [replace(each, figure=old.get(each.figure, each.figure)) for each in found]
        for code, found in kept.items()
    }


# ---------------------------------------------------------------- who is waited for


def awaited(connection: Connection, codes: Sequence[str], now: datetime) -> tuple[Period, list[str]]:
    """The month whose survey is open or has just closed, and those of these départements that have not answered."""
    month = month_asked(connection, now)
    if _survey(connection, month, now) is None:
        return month, []
    given = store.answers(connection, month_key(month))
    return month, [code for code in codes if code in departements() and code not in given]
