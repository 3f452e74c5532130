"""What an imported workbook would change: calls to add, cells to accept, lines to decide on (decisions 33 and 45).

A line is, in this order: the call that its hidden column names; a call of the same cells; a call that it resembles
(`resemblance`); a new one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from reports.importing.deciding.choices import Alike, Change, Choice, Conflict, Likeness
from reports.importing.deciding.resemblance import WITHIN_SECONDS, Pair, pairs
from reports.importing.reading.book import LinePlace
from reports.importing.understanding.lines import ReadRow, Refused, Understood
from reports.workbook.columns import COLUMNS, Column, Columns, HistoryRow, Kind, content_id, identity, print_of

IMPORTED = "imp-"
"""How the ids of calls begin that an import added."""
ERASED = "cet appel a été effacé à la demande de la personne"
NUMBER_ERASED = "ce numéro a été effacé à la demande de la personne."


@dataclass(frozen=True, slots=True)
class Addition:
    """One call to add, under the id that its content gives it."""

    place: LinePlace
    call_id: str
    row: HistoryRow


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """What is known of calls beside their cells: whether a file said it, and what was said of them before."""

    from_files: frozenset[str] = frozenset()
    """Calls whose qualification an import wrote, not the desk."""
    earlier: Mapping[str, frozenset[tuple[object, ...]]] = field(default_factory=dict)
    """By call its former qualifications: thématique, motif, sous-motif, level, resolved, escalated."""


@dataclass(slots=True)
class Difference:
    """What an import would do. Nothing here has been done."""

    additions: list[Addition] = field(default_factory=list)
    alike: list[Alike] = field(default_factory=list)
    """Lines that resemble a call, each with what is proposed."""
    conflicts: list[Conflict] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unchanged: int = 0
    """Lines that are already known as they are."""
    absent: int = 0
    """Calls imported or typed, of the days of the file, that stand in none of its lines: they stay."""

    @property
    def changes(self) -> list[Change]:
        """The cells that change when all is done as proposed."""
        return [change for one in self.alike if one.proposed is Choice.CHANGE for change in one.changes]

    @property
    def corrected(self) -> dict[str, HistoryRow]:
        """The calls of those cells as they would become."""
        return {str(one.now.call_id): one.becomes for one in self.alike if one.proposed is Choice.CHANGE}


def difference(
    departement: str,
    understood: Understood,
    ours: Mapping[str, HistoryRow],
    taken: frozenset[str] = frozenset(),
    erased: frozenset[str] = frozenset(),
    *,
    columns: Columns = COLUMNS,
    said_before: Callable[[Iterable[str]], SaidBefore] = lambda _: SaidBefore(),
) -> Difference:
    """Compare a file with `ours`, the calls of this département by id.

    `taken` are ids that exist but are not to be shown (another département's); `erased` those whose number was
    erased on request, ours too; `said_before` tells what else is known of some calls.
    """
    free = {key: row if row.call_id == key else replace(row, call_id=key) for key, row in ours.items()}
    work = _Work(departement, free, taken, erased, columns, Difference(refused=list(understood.refused)))
    fresh = [read for read in understood.rows if not work.is_marked(read)]
    left = work.without_older(work.without_the_same(numbered(fresh)))
    found = pairs([read for read, _ in left], list(work.free.values()))
    said = said_before([str(pair.now.call_id) for pair in found.values()])
    for number, (read, call_id) in enumerate(left):
        work.decide(read, call_id, found.get(number), said)
    work.found.alike.sort(key=lambda one: one.place)
    days = {read.row.day for read in understood.rows}
    work.found.absent = sum(not row.by_telephone and row.day in days for row in work.free.values())
    return work.found


def numbered(lines: Iterable[ReadRow]) -> list[tuple[ReadRow, int]]:
    """Each line with the number of those of the same cells before it in its sheet: the same again is another call."""
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    found = []
    for read in lines:
        key = (read.place.sheet, identity(read.row))
        found.append((read, seen[key]))
        seen[key] += 1
    return found


@dataclass(slots=True)
class _Work:
    """What is known while the lines of one file find their calls; `free` are the calls that no line has taken."""

    departement: str
    free: dict[str, HistoryRow]
    taken: frozenset[str]
    erased: frozenset[str]
    columns: Columns
    found: Difference
    goes_on: bool = False
    """Whether the file repeats calls that an earlier one brought: then a line that differs a little corrects one."""
    claimed: dict[str, HistoryRow] = field(default_factory=dict)
    """Calls that a line has taken."""
    outdated: dict[str, HistoryRow] = field(default_factory=dict)
    """Those among them whose line is an older state: another line may be the call as it is today."""

    def take(self, call_id: str) -> HistoryRow:
        """The call, which no other line may have any more."""
        self.claimed[call_id] = self.free.pop(call_id)
        return self.claimed[call_id]

    def refuse(self, read: ReadRow, reason: str) -> None:
        cells = {column.key: getattr(read.row, column.key) for column in self.columns.compared}
        self.found.refused.append(Refused(read.place, (reason,), cells=cells))

    def is_marked(self, read: ReadRow) -> bool:
        """Whether the hidden column settled this line."""
        call_id = read.row.call_id
        if call_id is None:
            return False
        if call_id in self.free:
            self.goes_on = True
            self._compare(read, self.take(call_id))
        elif call_id in self.erased:
            self.refuse(read, ERASED)
        elif call_id in self.taken:
            self.refuse(read, "cet appel n'appartient pas à ce département")
        else:
            return False  # exported from another installation: known by its content
        return True

    def without_the_same(self, lines: Iterable[tuple[ReadRow, int]]) -> list[tuple[ReadRow, str]]:
        """The lines that are no call of ours as they are, with the id of their content; the others are counted."""
        named = self._once_a_file([(read, content_id(self.departement, read.row, n)) for read, n in lines])
        as_named = [one for one in named if not self._is_the_same(one[0], self.free.get(one[1]))]
        known: dict[tuple[str, ...], list[str]] = {}
        flags = {not read.phone_is_masked for read, _ in as_named}
        for call_id, row in (*self.outdated.items(), *self.free.items()):
            for with_phone in flags:
                known.setdefault((str(with_phone), *identity(row, with_phone=with_phone)), []).append(call_id)
        left = []
        for read, call_id in as_named:
            if not self._is_the_same(read, self._known_by_content(read, known)):
                left.append((read, call_id))
        return left

    def _known_by_content(self, read: ReadRow, known: Mapping[tuple[str, ...], list[str]]) -> HistoryRow | None:
        with_phone = not read.phone_is_masked
        ids = known.get((str(with_phone), *identity(read.row, with_phone=with_phone)), [])
        while ids:
            call_id = ids.pop()
            if found := self.free.get(call_id) or self.outdated.get(call_id):
                return found
        return None

    def _is_the_same(self, read: ReadRow, now: HistoryRow | None) -> bool:
        """Whether line and call have the same cells; the call is then taken, and a doubt is kept."""
        if now is None or not _same_cells(read, now):
            return False
        if now.call_id in self.free:
            self.take(str(now.call_id))
        else:
            del self.outdated[str(now.call_id)]
        self.found.unchanged += 1
        if read.row.phone is None and read.row.seconds is None and not read.phone_is_masked:
            self._keep(Likeness.SAME, read, now, Choice.IGNORE, is_sure=True)
        else:
            self.goes_on = self.goes_on or not now.by_telephone
        return True

    def _once_a_file(self, lines: list[tuple[ReadRow, str]]) -> list[tuple[ReadRow, str]]:
        """The lines without those that another sheet repeats, which are left to decide; not those of erased calls."""
        first: dict[str, ReadRow] = {}
        kept = []
        for read, call_id in lines:
            if call_id in first and call_id not in self.erased:
                is_sure = read.row.phone is not None and read.row.seconds is not None
                self._keep(Likeness.REPEATED, read, first[call_id].row, Choice.IGNORE, is_sure=is_sure)
            else:
                first[call_id] = read
                kept.append((read, call_id))
        return kept

    def without_older(self, lines: Iterable[tuple[ReadRow, str]]) -> list[tuple[ReadRow, str]]:
        """The lines without those that say what a call of ours said when it was imported, and without erased calls."""
        left = []
        for read, call_id in lines:
            if call_id in self.erased and call_id in self.free | self.claimed:
                self.free.pop(call_id, None)
                self.found.unchanged += 1  # the call stays without its number; the line would bring that back
            elif call_id in self.erased:
                self.refuse(read, ERASED)
            elif call_id in self.free:
                self._propose(Likeness.EARLIER, read, self.take(call_id), Choice.IGNORE, is_sure=True)
            elif call_id in self.claimed:  # another line is that call as it is today
                self._keep(Likeness.EARLIER, read, self.claimed[call_id], Choice.IGNORE, is_sure=True)
            elif call_id in self.taken:
                self.found.unchanged += 1
            else:
                left.append((read, call_id))
        return left

    def decide(self, read: ReadRow, call_id: str, pair: Pair | None, said: SaidBefore) -> None:
        """A line that is no call of ours as it is: one that resembles it, or a new call."""
        if pair is not None:
            self.take(str(pair.now.call_id))
            self._weigh(pair, said)
        else:
            self.found.additions.append(Addition(read.place, call_id, read.row))

    def _weigh(self, pair: Pair, said: SaidBefore) -> None:
        read, now = pair.read, pair.now
        changes, left = self._told(read, now)
        is_said = str(now.call_id) in said.from_files  # an earlier file brought it what the line says: decided then
        if pair.is_alone and not changes and (is_said or (pair.is_anchored and not left)):
            self.found.unchanged += 1
            return
        if not changes:
            self._propose(_likeness(now), read, now, Choice.IGNORE, is_sure=pair.is_alone and pair.is_anchored)
        elif _says_again(read, now, changes, said):
            self._propose(Likeness.EARLIER, read, now, Choice.IGNORE, is_sure=True)
        else:
            own_word = _contradicts_the_desk(now, changes, said)
            proposed = Choice.IGNORE if own_word else Choice.CHANGE
            if own_word and not pair.is_anchored if now.by_telephone else self._may_be_another(changes):
                proposed = Choice.ADD
            is_sure = pair.is_alone and pair.is_anchored and not own_word
            if not now.by_telephone:
                is_sure = is_sure and self.goes_on and _is_one_correction(changes)
            self._propose(_likeness(now), read, now, proposed, is_sure=is_sure)

    def _may_be_another(self, changes: Iterable[Change]) -> bool:
        """Whether the line names another caller, in a file that goes on from no earlier one."""
        return not self.goes_on and any(change.column == "phone" and change.before for change in changes)

    def _propose(self, likeness: Likeness, read: ReadRow, now: HistoryRow, proposed: Choice, *, is_sure: bool) -> None:
        changes, left = self._told(read, now)
        self._keep(likeness, read, now, proposed, is_sure=is_sure, changes=changes, left=left)

    def _keep(
        self, likeness: Likeness, read: ReadRow, now: HistoryRow, proposed: Choice, *, is_sure: bool,
        changes: Iterable[Change] = (), left: Iterable[Conflict] = (),
    ) -> None:  # fmt: skip
        changes = tuple(changes)
        becomes = _corrected(now, {change.column: getattr(read.row, change.column) for change in changes})
        self.found.alike.append(Alike(likeness, read, now, changes, becomes, tuple(left), proposed, is_sure))

    def _told(self, read: ReadRow, now: HistoryRow) -> tuple[list[Change], list[Conflict]]:
        """What a line without a mark says otherwise than the call it resembles; an empty cell says nothing."""
        changes, left = [], []
        for column in self.columns.compared:
            ours, theirs = column.text(now), column.text(read.row)
            if not theirs or theirs == ours or (column.key not in read.columns and not column.with_wording):
                continue
            reason = self._never(column, read, now)
            if not reason:
                changes.append(_change(column, read, now))
            elif not _is_near_enough(column, read, now):
                left.append(_conflict(column, read, now, reason))
        return changes, left

    def _never(self, column: Column, read: ReadRow, now: HistoryRow) -> str:
        """Why a cell is never changed by a workbook, whatever people say; or nothing."""
        if column.kind is Kind.PHONE and now.call_id in self.erased:
            return NUMBER_ERASED
        return _why_never(column, read, now)

    def _compare(self, read: ReadRow, now: HistoryRow) -> None:
        """The line of an exported workbook: exactly the cells that were changed in it are offered."""
        changes, conflicts = [], []
        compared = self.columns.compared
        moved = {column.key for column in compared if _has_moved(column, read, now)}
        if any(column.with_wording and column.key in moved for column in compared):
            moved |= {column.key for column in compared if column.with_wording}
        for column in compared:
            if not _is_touched(column, read, now):
                continue
            reason = self._never(column, read, now) or _why_not(column, read, changed_since=column.key in moved)
            if reason:
                conflicts.append(_conflict(column, read, now, reason))
            else:
                changes.append(_change(column, read, now))
        if changes:
            self._keep(Likeness.EXPORTED, read, now, Choice.CHANGE, is_sure=True, changes=changes)
        self.found.conflicts += conflicts
        self.found.unchanged += not (changes or conflicts)
        if not changes and not conflicts and not _same_cells(read, now):
            self.outdated[str(now.call_id)] = now


def _same_cells(read: ReadRow, now: HistoryRow) -> bool:
    with_phone = not read.phone_is_masked
    return identity(read.row, with_phone=with_phone) == identity(now, with_phone=with_phone)


def _likeness(now: HistoryRow) -> Likeness:
    return Likeness.RECORDED if now.by_telephone else Likeness.CORRECTED


def _qualification(row: HistoryRow) -> tuple[object, ...]:
    return (row.thematique, row.motif, row.sous_motif, row.niveau, row.resolved, row.escalated)


def _says_again(read: ReadRow, now: HistoryRow, changes: Iterable[Change], said: SaidBefore) -> bool:
    """Whether the line says of the call what was said before, and nothing else."""
    is_said = all(change.column not in OPERATOR for change in changes)
    return is_said and _qualification(read.row) in said.earlier.get(str(now.call_id), frozenset())


def _is_one_correction(changes: Iterable[Change]) -> bool:
    """Whether one cell is corrected, or what was said of a call of the same number and duration; not a second call."""
    replaced = {change.column for change in changes if change.before}
    return not replaced & OPERATOR or len(replaced) == 1


def _contradicts_the_desk(now: HistoryRow, changes: Iterable[Change], said: SaidBefore) -> bool:
    """Whether a change would replace what somebody said on a page."""
    by_file = str(now.call_id) in said.from_files
    return any(
        change.before and not (str(now.call_id).startswith(IMPORTED) if change.column in OPERATOR else by_file)
        for change in changes
    )


OPERATOR = frozenset(column.key for column in COLUMNS.compared if column.from_operator)


def _is_near_enough(column: Column, read: ReadRow, now: HistoryRow) -> bool:
    """Whether a duration noted by hand is the one that the line recorded: nothing to tell."""
    theirs, ours = read.row.seconds, now.seconds
    return (
        column.kind is Kind.SECONDS
        and None not in {theirs, ours}
        and abs((theirs or 0) - (ours or 0)) <= WITHIN_SECONDS
    )


def _change(column: Column, read: ReadRow, now: HistoryRow) -> Change:
    return Change(
        read.place, str(now.call_id), column.key, column.heading, column.text(now), column.text(read.row)
    )  # fmt: skip


def _conflict(column: Column, read: ReadRow, now: HistoryRow, reason: str) -> Conflict:
    return Conflict(read.place, str(now.call_id), column.heading, column.text(now), column.text(read.row), reason)


def _has_moved(column: Column, read: ReadRow, now: HistoryRow) -> bool:
    """Whether our cell is known to be another than the one exported."""
    return column.code in read.base and read.base[column.code] != print_of(column.text(now))


def _is_touched(column: Column, read: ReadRow, now: HistoryRow) -> bool:
    """Whether the file says something of its own in this cell.

    It does not where the desk alone has gone on since the export, where the number is masked, or where it has no such
    column; but a level that is missing follows from the wording.
    """
    theirs, exported = column.text(read.row), read.base.get(column.code)
    if theirs == column.text(now) or exported == print_of(theirs):
        return False
    if column.key not in read.columns and not (column.with_wording and theirs):
        return False
    return not (column.kind is Kind.PHONE and read.phone_is_masked)


def _why_never(column: Column, read: ReadRow, now: HistoryRow) -> str:
    """Why a cell is never changed by a workbook, whatever people say; or nothing."""
    if column.from_operator and now.by_telephone:
        return "cette valeur vient de l'opérateur téléphonique et ne se corrige pas dans le classeur."
    if now.is_qualified and not read.row.is_qualified:
        return "une qualification ne s'efface pas par un classeur ; modifiez-la sur la page de l'appel."
    if column.key == "escalated" and now.escalated:
        return "un appel escaladé le reste."
    return ""


def _why_not(column: Column, read: ReadRow, *, changed_since: bool) -> str:
    """Why a cell of an exported workbook is not offered as a change, or nothing when it is."""
    if changed_since:
        return "l'appel a été modifié sur le site depuis l'export ; comparez les deux valeurs et décidez sur sa page."
    if column.code not in read.base:
        return "le classeur ne dit pas ce qu'elle contenait à l'export ; comparez les deux valeurs et décidez."
    return ""


def _corrected(now: HistoryRow, values: Mapping[str, object]) -> HistoryRow:
    return HistoryRow(**({name: getattr(now, name) for name in HistoryRow.__slots__} | dict(values)))
