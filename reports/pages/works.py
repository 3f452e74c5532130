"""The page on which somebody waits for heavy work: how far it is, how long it may take, then its result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from records.counting.words import counted
from records.database import Connection, reading, writing
from records.desks.audit import note
from records.desks.permissions import Permission
from records.working import heavy
from records.working.asked import KEPT_FOR, RETRY_AFTER, HeavyWork, HouseFull, UnderWay, WorkState
from reports.figures.definitions import show
from reports.figures.summary import FRANCE
from reports.pages.context import XLSX, Reports
from reports.pages.imports_shown import ImportStep
from reports.preparing.kinds import IMPORT, WORKBOOK
from reports.preparing.workbook import WorkbookAsked
from routing.departements import departements

WHOLE = "france"
"""What an address says for France as a whole."""
STAGES = {
    0: "Le fichier est préparé.", 1: "Le fichier est lu ligne par ligne.", 2: "Ses lignes sont comparées aux appels "
    "connus.", 3: "Le résultat est mis en page.",
}  # fmt: skip
"""What is done, by how far an import is."""


def add(pages: Blueprint, desk: Reports) -> None:
    """The pages under `/resultats/travaux`: each is for the account that asked, and nobody else."""

    @pages.get("/resultats/travaux/<int:number>")
    def heavy_work(number: int) -> str:
        with desk.reading() as connection:
            work = own_work(desk, connection, number)
            return render_template("reports/apart/work.html", **told(desk, connection, work))

    @pages.get("/resultats/travaux/<int:number>/suivi")
    def watch_work(number: int) -> ResponseReturnValue:
        """Its state alone for an open page, which asks for it on its own: no activity (decision 37)."""
        with desk.reading() as connection:
            work = own_work(desk, connection, number)
            said = told(desk, connection, work)
        if not request.headers.get("HX-Request"):
            return redirect(url_for(".heavy_work", number=number), 303)
        if request.args.get("vu") == said["mark"]:
            return "", 204  # nothing new: nothing is read out again
        return render_template("reports/apart/_work.html", **said)

    @pages.get("/resultats/travaux/<int:number>/apercu")
    def prepared_import(number: int) -> ResponseReturnValue:
        with desk.reading() as connection:
            work = own_work(desk, connection, number)
            prepared = heavy.file_of(connection, number, heavy.MADE) if work.result.get("page") else b""
        if not prepared:
            return redirect(url_for(".heavy_work", number=number), 303)
        place = departements()[work.parameters["departement"]]
        inside = Markup(prepared.decode())  # noqa: S704 - written by our own template, in `imports_apart`
        return render_template("reports/import.html", place=place, prepared=inside)

    @pages.get("/resultats/travaux/<int:number>/fichier.xlsx")
    @pages.get("/resultats/classeurs/<int:number>.xlsx", endpoint="take_workbook")
    def take_file(number: int) -> ResponseReturnValue:
        with desk.reading() as connection:
            work = own_work(desk, connection, number)
            is_there = bool(work.result.get("file")) and heavy.has_file(connection, number, heavy.MADE)
        if not is_there:
            flash(
                "Ce fichier n’est pas encore prêt." if work.is_under_way
                else "Ce fichier n’est plus là : demandez-le de nouveau.", "error",
            )  # fmt: skip
            return redirect(url_for(".heavy_work", number=number), 303)
        if work.kind == WORKBOOK:
            with writing(desk.engine) as connection:
                reference = WorkbookAsked.of(work.parameters).reference
                note(connection, by=desk.reader().email, what="classeur", reference=reference, at=desk.clock())
        headers = {"Content-Disposition": f'attachment; filename="{work.result["file"]}"'}
        if work.size:
            headers["Content-Length"] = str(work.size)
        return Response(_pieces(desk, number), mimetype=XLSX, headers=headers)


def _pieces(desk: Reports, number: int) -> Iterator[bytes]:
    piece = 0
    while True:
        with reading(desk.engine) as connection:
            content = heavy.piece_of(connection, number, heavy.MADE, piece)
        if content is None:
            return
        yield content
        piece += 1


def handed_over(
    desk: Reports, kind: str, parameters: Mapping[str, Any], pieces: Iterable[bytes] = ()
) -> ResponseReturnValue:  # fmt: skip
    """Ask for a work of the signed-in account, with the file that was sent, and lead to the page that tells of it.

    404 for a file of somebody else.
    """
    by = desk.reader().email
    try:
        with writing(desk.engine) as connection:
            if parameters.get("file"):
                own_work(desk, connection, parameters["file"])
            number = heavy.ask(connection, kind, parameters, account=by, at=desk.clock())
            if not heavy.has_file(connection, number, heavy.SENT):
                for count, piece in enumerate(pieces):
                    heavy.add_piece(connection, number, heavy.SENT, count, piece)
    except UnderWay as refusal:
        return sent_to(refusal)
    except HouseFull as refusal:
        return house_full(refusal)
    return redirect(url_for(".heavy_work", number=number), 303)


def sent_to(refusal: UnderWay) -> ResponseReturnValue:
    """To the work that is under way already, with the sentence that says so."""
    flash(f"{refusal} Voici où il en est.", "warning")
    return redirect(url_for(".heavy_work", number=refusal.work.id), 303)


def house_full(refusal: HouseFull) -> Response:
    """Too many wait: 429, and when to ask again."""
    page = render_template("error.html", code=429, sentence=str(refusal))
    return Response(page, 429, headers={"Retry-After": str(RETRY_AFTER)})


def own_work(desk: Reports, connection: Connection, number: int) -> HeavyWork:
    """The work of this number; 404 when it is gone, another's, or about what its reader may not read any more."""
    work = heavy.one(connection, number) if number < 1 << 63 else None
    if work is None or work.account != desk.reader().email:
        abort(404)
    check_place(desk, work.parameters.get("departement") or WHOLE)
    return work


def check_place(desk: Reports, code: str) -> None:
    """404 for whoever may not read this département, or France."""
    if code == WHOLE:
        desk.check(Permission.READ_NATIONAL_FIGURES)
    else:
        desk.check_departement(code)


# ---------------------------------------------------------------- what is told


def told(desk: Reports, connection: Connection, work: HeavyWork) -> dict[str, Any]:
    """What the page says of a work."""
    code = work.parameters.get("departement")
    return {
        "work": work, "State": WorkState, "is_import": work.kind == IMPORT, "title": _title(work),
        "stage": _stage(work), "mark": _mark(work), "left": _left(work.left(desk.clock())), "place": code or "",
        "before": heavy.before(connection, work) if work.state is WorkState.WAITING else 0,
        "until": work.ended_at + KEPT_FOR if work.ended_at else None, "size": size_of(work),
    }  # fmt: skip


def place_of(work: HeavyWork) -> str:
    """« Paris (75) », « France entière »."""
    code = work.parameters.get("departement")
    return f"{departements()[code].name} ({code})" if code else FRANCE


def _mark(work: HeavyWork) -> str:
    """What changes when there is something new to say."""
    how_far = work.progress if work.kind == IMPORT else work.percent // 10
    return f"{work.state.name.lower()}-{how_far}-{work.tries}"


def _title(work: HeavyWork) -> str:
    if work.kind == WORKBOOK:
        return f"Classeur : {place_of(work)}, {WorkbookAsked.of(work.parameters).period.label()}"
    what = {
        ImportStep.LOOK: "Aperçu de l’import", ImportStep.DO: "Import", ImportStep.TO_CORRECT: "Lignes à corriger"
    }[ImportStep(work.parameters["step"])]  # fmt: skip
    return f"{what} : « {work.parameters['said']['name']} », {place_of(work)}"


def _stage(work: HeavyWork) -> str:
    """What is being done, in a sentence."""
    if work.kind == IMPORT:
        return STAGES.get(work.progress, STAGES[0])
    if work.total is None:
        return "Les appels sont comptés."
    if work.progress >= work.total - 999:
        return "Les appels sont écrits, le fichier est mis en forme."
    return f"{show('count', work.progress)} sur {counted(work.total, 'appel écrit', 'appels écrits')}."


def _left(left: timedelta | None) -> str:
    if left is None:
        return ""
    if left < timedelta(minutes=1):
        return "Encore moins d’une minute, environ."
    return f"Encore {counted(round(left.total_seconds() / 60) or 1, 'minute', 'minutes')}, environ."


def size_of(work: HeavyWork) -> str:
    """« 12,3 Mo », « 45 ko »."""
    size = work.size or 0
    return f"{size / 1e6:.1f} Mo".replace(".", ",") if size >= 1e6 else f"{max(size // 1000, 1)} ko"  # noqa: PLR2004 - a megabyte
