"""A step of an import, done by the process of heavy work: what its reader will see is written there."""

from __future__ import annotations

from io import BytesIO

from records.database import Connection
from records.working import heavy
from reports.importing.intake import ImportRefused, compare
from reports.importing.reading.parser_process import APART
from reports.importing.refusals import workbook_of
from reports.pages.context import Reports
from reports.pages.imports_shown import ImportStep, SentFile, do_import, look_at, preview
from reports.preparing.kinds import Doing, WorkFailed
from routing.departements import departements

GONE = "Le fichier envoyé n’est plus là : choisissez-le de nouveau sur la page « Mes résultats »."
STEPS = 4
"""A step tells that it is read, compared, written: none is long enough to be told in lines."""


def import_apart(desk: Reports, doing: Doing) -> None:
    """Show, do, or give the refused lines; needs an application in which templates can be rendered."""
    said = doing.work.parameters
    file, step = said["file"] or doing.work.id, ImportStep(said["step"])
    content = doing.sent(file)
    if not content:
        raise WorkFailed(GONE)
    doing.tell(1, STEPS)
    place = departements()[said["departement"]]
    with desk.reading() as connection:
        reader = desk.intake(connection, place.code, desk.today())
    asked = SentFile.kept(content, said["digest"], file, said["said"])
    looked = look_at(place, reader, asked, APART)
    doing.tell(2, STEPS)
    problem = ""
    if step is ImportStep.DO:

        def end(connection: Connection, told: str) -> None:
            doing.end_with(connection, {"told": told})
            heavy.forget_file(connection, file, heavy.SENT)

        try:
            do_import(desk, looked, by=doing.work.account, along=end)
        except ImportRefused as refusal:
            problem = str(refusal)
        else:
            return
    if step is ImportStep.TO_CORRECT:
        with desk.reading() as connection:
            found = compare(connection, looked.understood, place.code)
        doing.made(BytesIO(workbook_of(found.refused)))
        doing.end({"file": "lignes-a-corriger.xlsx"})
        return
    page = preview(desk, looked, problem)
    doing.tell(3, STEPS)
    doing.made(BytesIO(page.encode()))
    doing.end({"page": True})
