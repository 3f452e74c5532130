"""`svi import workbook`: take in a workbook filled or corrected by hand, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from records.counting.words import counted
from records.database import reading, writing
from records.privacy.prints import fingerprint_with
from records.wording import Entry, Wording, Wordings, fold_words
from reports.figures.definitions import BY_NAME, FOUR
from reports.figures.periods import french_month
from reports.importing.deciding.choices import Alike, Choice, Choices, Likeness
from reports.importing.deciding.difference import Difference
from reports.importing.deciding.months import MonthEffect, figures_of_lines
from reports.importing.deciding.planning import plan_of, undecided
from reports.importing.intake import (
    ImportRefused,
    Reader,
    carry_out,
    compare,
    month_effects,
    read_workbook,
    refuse_undecided,
    without_erased,
)
from reports.importing.reading.book import LinePlace, WorkbookRefused
from reports.importing.reading.headings import offered
from reports.importing.reading.sheets import LARGEST_BYTES
from reports.importing.refusals import workbook_of
from reports.importing.store import take_turn
from reports.importing.told import CHOICES, KINDRED, asked_headings, differing, notes_of, unknown_wordings
from reports.importing.understanding.lines import Understood
from routing.departements import NATIONAL, PARIS
from service.clock import now
from service.commands.context import database, required, settings_or_refused
from service.commands.french import CommandRefused, FrenchGroup
from service.commands.values import DEPARTEMENT, as_json
from service.system_errors import in_french
from service.wiring.reports import reader_for

UNSURE = (Likeness.RECORDED, Likeness.CORRECTED, Likeness.REPEATED)
"""What `--as-…` decides: earlier states and lines without number or duration stay as they are proposed."""


@click.group("import", cls=FrenchGroup)
def import_() -> None:
    """Importer un classeur de suivi."""


@import_.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FICHIER.xlsx")
@click.option("--departement", "-d", type=DEPARTEMENT, required=True, help="À qui sont ces appels.")
@click.option("--skip-refused", is_flag=True, help="Importer les autres lignes quand certaines sont refusées.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="INTITULÉ=COLONNE",
    help="Ce que veut dire un intitulé non compris, par exemple « Tél.=phone » ; rien après « = » : ignoré.",
)
@click.option(
    "--meaning",
    "meanings",
    multiple=True,
    metavar="ÉCRIT=MOTIF",
    help="Ce que veut dire un motif absent de la nomenclature : « Thématique / Motif / Sous-motif », deux fois.",
)
@click.option(
    "--as-changes",
    "decided",
    flag_value=Choice.CHANGE.value,
    help="Les lignes qui ressemblent à un appel connu le changent, même dans le doute.",
)
@click.option("--as-new", "decided", flag_value=Choice.ADD.value, help="Dans le doute, elles sont d’autres appels.")
@click.option("--as-known", "decided", flag_value=Choice.IGNORE.value, help="Dans le doute, elles sont laissées.")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="[FEUILLE:]LIGNE=CHOIX",
    help="Ce que devient une ligne : changer, ajouter ou ignorer.",
)
@click.option(
    "--refused-out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="LIGNES.xlsx",
    help="Écrire les lignes refusées dans un classeur à corriger.",
)
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, sans rien changer.")
@click.option("--by", default="svi import", help="Qui importe.")
@click.option("--json", "is_json", is_flag=True, help="Pour une machine.")  # fmt: skip
def workbook(  # noqa: PLR0917 - one per option
    file: Path, departement: str, skip_refused: bool, columns: tuple[str, ...], meanings: tuple[str, ...],
    decided: str | None, lines: tuple[str, ...], refused_out: Path | None, dry_run: bool, by: str, is_json: bool,
) -> None:  # fmt: skip
    """Importer un classeur : tout est dit, et rien n’entre tant qu’une ligne est refusée ou douteuse."""
    if departement == NATIONAL:
        raise CommandRefused("L’équipe nationale n’est pas un département : un classeur est celui d’un département.")
    settings, at = required(settings_or_refused(), "secret_key"), now()
    content = _content(file)
    chosen, single = dict(map(_column, columns)), dict(map(_line, lines))
    with database(settings) as engine:
        with reading(engine) as connection:
            reader = reader_for(connection, departement, at.astimezone(PARIS).date(), fingerprint_with(settings.secret))
        meant = dict(_meaning(each, reader.wordings) for each in meanings)
        understood = _understood(file, content, reader, chosen, meant)
        with writing(engine) as connection:
            take_turn(connection)
            understood = without_erased(connection, understood, departement)
            found = compare(connection, understood, departement)
            choices = _choices(found, single, decided)
            months = month_effects(connection, understood, found, departement, choices)
            told = (
                _to_json(understood, found, choices, months) if is_json else _lines(understood, found, choices, months)
            )
            click.echo(as_json(told) if is_json else "\n".join(told))
            if refused_out and found.refused:
                _write(refused_out, workbook_of(found.refused))
            if dry_run:
                return
            try:
                if not (found.refused and not skip_refused):
                    refuse_undecided(found, choices)
                carry_out(
                    connection, found, departement, reader, by=by, at=at, file_name=file.name,
                    skip_refused=skip_refused, choices=choices,
                )  # fmt: skip
            except ImportRefused as refusal:
                raise CommandRefused(f"{file} : {refusal}{_how(found, choices)}") from None


def _how(found: Difference, choices: Choices) -> str:
    return " Ou donnez --as-changes, --as-new, --as-known ou --line." if undecided(found, choices) else ""


# ---------------------------------------------------------------- what was typed


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise CommandRefused(f"{file} ne se lit pas : {in_french(error)}.") from None


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise CommandRefused(f"{file} ne s’écrit pas : {in_french(error)}.") from None


def _understood(
    file: Path, content: bytes, reader: Reader, chosen: dict[str, str], meant: dict[str, str]
) -> Understood:
    try:
        return read_workbook(content, reader, chosen, meant)
    except WorkbookRefused as refusal:
        raise CommandRefused(f"{file} : {refusal} Rien n’a été importé.") from None


def _column(typed: str) -> tuple[str, str]:
    heading, _, said = typed.rpartition("=")
    known = {key: key for key, _ in offered()} | {fold_words(text): key for key, text in offered()} | {"": ""}
    key = known.get(said.strip(), known.get(fold_words(said)))
    if not heading.strip() or key is None:
        keys = ", ".join(key for key, _ in offered())
        raise CommandRefused(f"--column « {typed} » : écrivez INTITULÉ=COLONNE, où COLONNE est l’une de : {keys}.")
    return fold_words(heading), key


def _meaning(typed: str, wordings: Wordings) -> tuple[str, str]:
    said, _, meant = typed.partition("=")
    names = [name.strip() if name.strip() != "(vide)" else "" for name in said.split(" / ")]
    entry = _entry(meant.strip(), wordings)
    if len(names) not in {1, 3} or not said.strip() or entry is None:
        raise CommandRefused(
            f"--meaning « {typed} » : écrivez ce que dit le fichier, « = », puis un motif de la nomenclature, chacun "
            "sous la forme « Thématique / Motif / Sous-motif »."
        )
    key = said.strip() if len(names) == 1 else Wording(*names).key
    return key, entry.wording.key


def _entry(typed: str, wordings: Wordings) -> Entry | None:
    for entry in wordings.entries:
        if typed == entry.wording.key or fold_words(typed) == fold_words(" / ".join(entry.wording)):
            return entry
    return None


def _line(typed: str) -> tuple[LinePlace, Choice]:
    where, _, said = typed.rpartition("=")
    sheet, _, line = where.rpartition(":")
    if said not in set(Choice) or not line.strip().isdecimal():
        raise CommandRefused(
            f"--line « {typed} » : écrivez LIGNE=CHOIX ou FEUILLE:LIGNE=CHOIX, par exemple « 12=ajouter »."
        )
    return LinePlace(sheet, int(line)), Choice(said)


def _choices(found: Difference, single: dict[LinePlace, Choice], decided: str | None) -> Choices:
    """What was said of single lines, and for the doubtful ones what `--as-…` says."""
    doubtful = [one for one in found.alike if not one.is_sure and one.likeness in UNSURE]
    said = {one.place: Choice(decided) for one in doubtful} if decided else {}
    return Choices(said | single)


# ---------------------------------------------------------------- what is told


def _lines(understood: Understood, found: Difference, choices: Choices, months: Iterable[MonthEffect]) -> list[str]:
    plan = plan_of(found, choices)
    changed = [
        f"{c.place}, « {c.heading} » : « {c.before} » devient « {c.after} »"
        for one in plan.corrections
        for c in one.changes
    ]
    return [
        *_of_file(understood),
        *(refused.sentence() for refused in found.refused),
        *(
            f"Motif « {one.text} » : le plus proche est « {_name(one.near[0])} »"
            for one in unknown_wordings(understood)
            if one.near
        ),
        *(conflict.sentence() for conflict in found.conflicts),
        *(line for one in found.alike if one.likeness is not Likeness.EXPORTED for line in _alike(one, choices)),
        *changed,
        *(line for month in months if (line := _month(month))),
        ", ".join(
            (
                counted(len(plan.additions), "appel", "appels") + " à ajouter",
                counted(plan.cells, "cellule", "cellules") + " à changer",
                counted(found.unchanged, "ligne déjà connue", "lignes déjà connues"),
                counted(len(found.conflicts), "conflit", "conflits"),
                counted(len(undecided(found, choices)), "ligne à décider", "lignes à décider"),
                counted(len(found.refused), "ligne refusée.", "lignes refusées."),
            )
        ),
    ]


def _name(entry: Entry) -> str:
    return " / ".join(entry.wording)


def _of_file(understood: Understood) -> list[str]:
    book = understood.book
    figures = figures_of_lines(read.row for read in understood.rows)
    silent = sum(read.row.seconds is None for read in understood.rows)
    return [
        *(f"Feuille « {one.name} » : {counted(len(one.lines), 'ligne lue', 'lignes lues')}." for one in book.sheets),
        *(f"Feuille « {one.name} » laissée de côté : {one.reason}." for one in book.left_out),
        *(note for sheet in book.sheets for note in sheet.notes),
        *(f"Colonne {one.heading.column}, « {one.heading.text} » : {one.said or 'mise à la main'}"
          for one in asked_headings(book)),
        *(f"{place} : {note}" for place, note in notes_of(understood)),
        "Dans ces lignes : " + ", ".join(f"{BY_NAME[name].label.lower()} {figures.shown()[name]}" for name in FOUR)
        + f", {counted(silent, 'appel sans durée', 'appels sans durée')}.",
    ]  # fmt: skip


def _alike(one: Alike, choices: Choices) -> list[str]:
    title = KINDRED[one.likeness].title
    said = CHOICES[choices.of(one)].lower() if choices.is_decided(one) else "à décider"
    cells = "".join(
        f" ; « {heading} » : « {ours} » ici, « {theirs} » dans le fichier" for heading, ours, theirs in differing(one)
    )
    return [f"{one.place} : {title[0].lower()}{title[1:]}{cells} → {said}"]


def _month(month: MonthEffect) -> str:
    before, after = month.before.shown(), month.after.shown()
    told = [
        f"{BY_NAME[name].label.lower()} {before[name]} → {after[name]}" for name in FOUR if before[name] != after[name]
    ]
    return f"{french_month(month.month).capitalize()} : {', '.join(told)}" if told else ""


def _to_json(
    understood: Understood, found: Difference, choices: Choices, months: Iterable[MonthEffect]
) -> dict[str, Any]:
    plan = plan_of(found, choices)
    return {
        "added": len(plan.additions),
        "unchanged": found.unchanged,
        "changes": [
            {**_where(c.place), "call_id": c.call_id, "column": c.heading, "before": c.before, "after": c.after}
            for one in plan.corrections for c in one.changes
        ],
        "conflicts": [
            {**_where(c.place), "call_id": c.call_id, "column": c.heading, "ours": c.ours, "theirs": c.theirs,
             "reason": c.reason}
            for c in found.conflicts
        ],
        "refused": [{**_where(refused.place), "reasons": list(refused.reasons)} for refused in found.refused],
        "alike": [
            {**_where(one.place), "likeness": one.likeness, "call_id": one.now.call_id, "proposed": one.proposed,
             "choice": choices.of(one), "decided": choices.is_decided(one),
             "cells": [{"column": heading, "ours": ours, "theirs": theirs} for heading, ours, theirs in differing(one)]}
            for one in found.alike
        ],
        "absent": found.absent,
        "sheets": [{"name": one.name, "lines": len(one.lines)} for one in understood.book.sheets],
        "left_out": [{"name": one.name, "reason": one.reason} for one in understood.book.left_out],
        "headings": [
            {"heading": one.heading.text, "column": one.heading.column, "key": one.heading.key, "how": one.heading.how}
            for one in asked_headings(understood.book)
        ],
        "wordings": [
            {"wording": one.text, "key": one.wording.key, "lines": one.lines,
             "near": [_name(each) for each in one.near]}
            for one in unknown_wordings(understood)
        ],
        "notes": [{**_where(place), "note": note} for place, note in notes_of(understood)],
        "months": [
            {"month": f"{month.month:%Y-%m}", "before": _four(month.before), "after": _four(month.after)}
            for month in months
        ],
    }  # fmt: skip


def _four(figures: Any) -> dict[str, Any]:
    return {name: figures.values[name] for name in FOUR}


def _where(place: LinePlace) -> dict[str, Any]:
    return {"sheet": place.sheet, "line": place.line}
