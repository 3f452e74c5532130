"""The public form: step by step without script, or whole; nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge

from records.attempts import network_of
from records.database import SQLAlchemyError, is_unreachable, writing
from records.desks.accounts import fold_email
from records.refusals import ChangeRefused
from records.typed.numbers import typed_number
from records.wording import Entry, Wordings, explained
from routing.departements import departements
from support.answers.finding import motif_index
from support.attachments.attachment import FilesRefused, Upload
from support.attachments.keeping import LARGEST_TOGETHER
from support.attachments.kinds import ACCEPT, ACCEPTED
from support.attachments.store import forget_waiting, waiting_attachments
from support.form.draft import (
    CARRIED,
    FIELDS_OF,
    LONGEST_NAME,
    LONGEST_WORDS,
    STEPS,
    FormMistakes,
    FormStep,
    carried,
    motifs_of,
    next_step,
    read_draft,
    settled,
    sous_motifs_of,
    step_before,
)
from support.form.help import ReadyHelp, ready_help
from support.form.limits import TooManyForms, check_network
from support.form.opening import FormOffice, Sending, SentForm, avoid, send_form
from support.form.proof import PROOF_LIVES, files_key, form_key
from support.form.proof_pages import add_proof_pages, is_proved, opened_page, private, proof_page
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.searching import find
from support.personal_data import doubt_about
from support.profiles import PROFILES
from support.requests.reading import LONGEST_SUBJECT, LONGEST_TEXT

PROPOSED = 4
"""Sous-motifs that the words of a problem propose."""
SENDER = "formulaire"
"""Who added a file before anybody is known by an address."""
LARGEST_GIVEN_BACK = 100 * 1024 * 1024
"""Bytes of a form that is too large, up to which it is read all the same, to give back what was typed in it."""
EXPIRED = (
    "La page était ouverte depuis trop longtemps. Rien n’est perdu : vérifiez, puis envoyez de nouveau. Si cela se "
    "répète, votre navigateur refuse peut-être le cookie de ce site."
)
TOO_LARGE = "Ces fichiers dépassent 20 Mo à eux tous : joignez-en moins, ou de plus petits."
AWAY = (
    "Votre demande n’a pas pu être enregistrée : le service est momentanément indisponible. Rien n’est perdu sur cette "
    "page ; renvoyez-la dans quelques minutes."
)
ROBOT = "Un champ caché a été rempli, ce que font surtout les robots. Il est vidé : envoyez de nouveau."
TO_CONFIRM = "Une donnée personnelle est peut-être dans votre texte : retirez-la, ou confirmez que vous la gardez."


@dataclass(frozen=True, slots=True)
class FormPage:
    """One page of the form, before it is drawn."""

    typed: Mapping[str, str]
    step: FormStep
    key: str
    mistakes: FormMistakes = field(default_factory=FormMistakes)
    said: str = ""
    found: Sequence[Entry] | None = None
    seen: str = ""
    was_for: str = ""
    status: int = 200


def form_blueprint(office: FormOffice) -> Blueprint:
    """The pages under `/demande` that need no account."""
    pages = Blueprint("form", __name__, template_folder="../templates")

    @pages.get("/demande")
    def start() -> ResponseReturnValue:
        return _drawn(office, FormPage(_first_values(office), FormStep.WHO, form_key("")))

    @pages.post("/demande")
    def send() -> ResponseReturnValue:
        try:
            return _sent(office)
        except SQLAlchemyError as error:
            if not is_unreachable(error):
                raise
            return _given_back(office, said=AWAY, status=503)

    @pages.get("/demande/merci")
    def thanks() -> str:
        return render_template("form/thanks.html")

    @pages.errorhandler(RequestEntityTooLarge)
    def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        if not (request.content_length and request.content_length <= LARGEST_GIVEN_BACK):
            return make_response(render_template("error.html", code=413, sentence=TOO_LARGE), 413)
        request.max_content_length = LARGEST_GIVEN_BACK
        return _given_back(office, FormMistakes({"fichiers": TOO_LARGE}), status=413)

    @pages.errorhandler(CSRFError)
    def page_too_old(_error: CSRFError) -> ResponseReturnValue:
        """A form without a good token: nothing is done, and the page comes back, filled as it was."""
        if token := (request.view_args or {}).get("jeton"):
            return proof_page(office, token, 400)
        return _given_back(office, said=EXPIRED)

    add_proof_pages(pages, office)
    return pages


def _given_back(
    office: FormOffice, mistakes: FormMistakes | None = None, *, said: str = "", status: int = 400
) -> ResponseReturnValue:  # fmt: skip
    """The form as it was sent, for whatever kept us from reading it: filled, with the reason."""
    page = _page_sent()
    if said == EXPIRED:  # no browser fills a field of files again
        try:
            _keep_files(office, page)
        except (ChangeRefused, TooManyForms) as refused:
            mistakes = FormMistakes({"fichiers": str(refused)})
    mistakes = mistakes or FormMistakes()
    step = page.step if page.step is FormStep.WHOLE or not mistakes else mistakes.first_step()
    return _drawn(office, replace(page, step=step, mistakes=mistakes, said=said, status=status))


# ---------------------------------------------------------------- what was sent


def _sent(office: FormOffice) -> ResponseReturnValue:
    """One sending of the form: a step, a search, an answer that helped, or the request itself."""
    with office.desk.reading() as connection:
        wordings = office.desk.nomenclature(connection)
    page = _page_sent()
    if page.step is not FormStep.WHOLE:
        page = replace(page, typed=settled(page.typed, wordings))
    try:
        _keep_files(office, page)
    except ChangeRefused as refused:
        page = replace(page, mistakes=FormMistakes({"fichiers": str(refused)}), status=400)
    except TooManyForms as many:
        page = replace(page, mistakes=FormMistakes({"fichiers": str(many)}), status=429)
    asked = request.form.get("faire", "")
    if page.mistakes:
        step = FormStep.WHOLE if page.step is FormStep.WHOLE else FormStep.TEXT
        return _drawn(office, replace(page, step=step))
    if request.form.get("retirer"):
        _remove_file(office, page, request.form["retirer"])
        return _drawn(office, page)
    if asked in {"chercher", "aide"} or request.form.get("choisir"):
        return _searched(office, page, wordings, asked)
    if choice := request.form.get("repondu", ""):
        return _answered(office, page, wordings, choice)
    if asked == "corriger":
        return _drawn(office, replace(page, step=page.step if page.step is FormStep.WHOLE else FormStep.WHO))
    if asked == "retour" and page.step is not FormStep.WHOLE:
        before = step_before(page.step, page.typed, wordings, has_answer=bool(_help(office, page.typed, wordings)))
        return _drawn(office, replace(page, step=before))
    if page.step not in {FormStep.WHOLE, FormStep.CHECK} and asked != "envoyer":
        return _next(office, page, wordings)
    return _final(office, page, wordings, again=asked == "renvoyer")


def _page_sent() -> FormPage:
    """What the browser sent, as typed."""
    form = request.form
    try:
        step = FormStep(form.get("etape", ""))
    except ValueError:
        step = FormStep.WHOLE
    return FormPage(
        carried(form), step, form_key(form.get("cle", "")), seen=form.get("vu", "")[:12],
        was_for=fold_email(form.get("ancienne", ""))[:254],
    )  # fmt: skip


def _next(office: FormOffice, page: FormPage, wordings: Wordings) -> ResponseReturnValue:
    """The next step, or the first one that has a mistake."""
    if page.step is FormStep.THEMATIQUE and page.typed["mots"].strip() and not page.typed["thematique"]:
        return _searched(office, page, wordings, "chercher")  # words alone: what they propose, not a mistake
    read = read_draft(page.typed, wordings)
    mistakes = read.until(page.step) if isinstance(read, FormMistakes) else FormMistakes()
    if mistakes:
        return _drawn(office, replace(page, step=mistakes.first_step(), mistakes=mistakes, status=400))
    read_help = _help(office, page.typed, wordings)
    step = next_step(page.step, page.typed, wordings, has_answer=bool(read_help))
    return _drawn(office, _arrived(replace(page, step=step)))


def _arrived(page: FormPage) -> FormPage:
    """The page of a step, with what the problem was told in a few words as the beginning of its description."""
    if page.step is FormStep.TEXT and not page.typed["description"].strip():
        return replace(page, typed={**page.typed, "description": page.typed["mots"]})
    return page


def _searched(office: FormOffice, page: FormPage, wordings: Wordings, asked: str) -> ResponseReturnValue:
    """What a few words propose, the choice of one, or (asked for by script) what may answer the choice."""
    is_piece = bool(request.headers.get("HX-Request"))
    chosen = next((one for one in wordings.entries if one.wording.key == request.form.get("choisir")), None)
    if chosen is not None:
        page = replace(page, typed={**page.typed, **chosen.wording._asdict()})
        if page.step is not FormStep.WHOLE:
            read_help = _help(office, page.typed, wordings)
            step = next_step(FormStep.SOUS_MOTIF, page.typed, wordings, has_answer=bool(read_help))
            page = _arrived(replace(page, step=step))
        return _drawn(office, page)
    if asked == "aide" and is_piece:
        return render_template("form/_answer.html", read=_help(office, page.typed, wordings), carries=True)
    words = page.typed["mots"][:LONGEST_WORDS]
    with office.desk.reading() as connection:
        found = find(motif_index(office.desk, connection), words, limit=PROPOSED) if words.strip() else []
    if is_piece:
        return render_template("form/_found.html", found=found, words=words)
    return _drawn(office, replace(page, found=found))


def _answered(office: FormOffice, page: FormPage, wordings: Wordings, choice: str) -> ResponseReturnValue:
    """An answer helped: it is counted, and nothing else is kept."""
    read, read_help = read_draft(page.typed, wordings), _help(office, page.typed, wordings)
    errors = read.sentences if isinstance(read, FormMistakes) else {}
    entry = wordings.find(page.typed["thematique"], page.typed["motif"], page.typed["sous_motif"])
    if not read_help or entry is None:
        return _drawn(office, replace(page, mistakes=FormMistakes(errors).until(FormStep.SOUS_MOTIF), status=400))
    known = {name: "" if name in errors else page.typed[name] for name in ("departement", "profil", "referent")}
    said = {
        "departement": known["departement"] if known["departement"] in departements() else "",
        "profil": known["profil"] if known["profil"] in PROFILES else "",
        "sender": "referent" if known["referent"] == "oui" else "user",
    }
    with suppress(TooManyForms):  # somebody was helped: that it is not counted is nothing to him
        avoid(office, entry, read_help, said, key=page.key, network=_network(), choice=choice)
    return redirect(url_for(".thanks"), 303)


def _final(office: FormOffice, page: FormPage, wordings: Wordings, *, again: bool) -> ResponseReturnValue:
    """The request: refused with every mistake, kept until its address is proved, or opened."""
    read = read_draft(page.typed, wordings)
    if isinstance(read, FormMistakes):
        step = page.step if page.step is FormStep.WHOLE else read.first_step()
        return _drawn(office, replace(page, step=step, mistakes=read, status=400))
    step = page.step if page.step is FormStep.WHOLE else FormStep.CHECK
    page = replace(page, step=step)
    if (doubts := _doubts(page.typed)) and page.typed["confirmed"] != "1":
        mistakes = ({**doubts} if step is FormStep.WHOLE else {}) | {"confirmed": TO_CONFIRM}
        return _drawn(office, replace(page, mistakes=FormMistakes(mistakes), status=400))
    if request.form.get("site", "").strip():
        return _drawn(office, replace(page, said=ROBOT, status=400))
    sending = Sending(
        page.key, _network(), is_proved=is_proved(office, read.email), has_seen=page.seen == read.entry.wording.key,
        was_for=page.was_for, again=again,
    )  # fmt: skip
    try:
        sent = send_form(office, read, sending)
    except TooManyForms as many:
        return _drawn(office, replace(page, said=str(many), status=429))
    if sent.request is None:
        return _waiting_page(page, sent)
    return opened_page(office, sent)


def _doubts(typed: Mapping[str, str]) -> dict[str, str]:
    """What looks like personal data, by field."""
    found = {name: doubt_about(typed[name]) for name in ("objet", "description")}
    return {name: doubt for name, doubt in found.items() if doubt}


def _network() -> str:
    return network_of(request.remote_addr)


# ---------------------------------------------------------------- its files


def _keep_files(office: FormOffice, page: FormPage) -> None:
    """Keep the files that came with this sending; ChangeRefused names those that are not, the others are kept."""
    files, desk = office.desk.files, office.desk
    sent = [one for one in request.files.getlist("fichiers") if one.filename]
    if not sent or files is None:
        return
    at, network, refusal = desk.clock(), _network(), None
    with writing(desk.engine) as connection:
        check_network(connection, office.limits, desk.secret, what="fichiers", network=network, at=at)
    try:
        checked = files.check([Upload(one.filename or "", one.read()) for one in sent])
    except FilesRefused as refused:
        checked, refusal = list(refused.checked), refused
    with writing(desk.engine) as connection:
        try:
            files.keep(connection, checked, filed_key=files_key(page.key), by=SENDER, at=at)
        except FilesRefused as refused:
            refusal = FilesRefused([*(refusal.reasons if refusal else ()), *refused.reasons])
    if refusal:
        raise refusal


def _remove_file(office: FormOffice, page: FormPage, number: str) -> None:
    if (typed := typed_number(number)) is not None:
        with writing(office.desk.engine) as connection:
            forget_waiting(connection, typed, files_key(page.key))


# ---------------------------------------------------------------- its pages


def _help(office: FormOffice, typed: Mapping[str, str], wordings: Wordings) -> ReadyHelp | None:
    """What may answer the sous-motif that is chosen; None while none is, or nothing does."""
    names = [typed[name] for name in ("thematique", "motif", "sous_motif")]
    entry = wordings.find(*names) if all(names) else None
    if entry is None:
        return None
    profil = typed["profil"] if typed["profil"] in PROFILES else ""
    with office.desk.reading() as connection:
        return ready_help(connection, entry.wording, profil, is_demo=office.is_demo) or None


def _first_values(office: FormOffice) -> dict[str, str]:
    """An empty form; for somebody signed in what we know of him, which he may change."""
    typed, visitor = dict.fromkeys(CARRIED, ""), office.visitor()
    if visitor is None:
        return typed
    listed = next((p for p in office.desk.people() if fold_email(p.email or "") == fold_email(visitor.email)), None)
    prenom, _, nom = visitor.name.partition(" ")
    return typed | {
        "referent": "oui", "email": visitor.email, "prenom": listed.prenom if listed else prenom,
        "nom": listed.nom if listed else nom, "departement": next(iter(visitor.departements), ""),
    }  # fmt: skip


def _drawn(office: FormOffice, page: FormPage) -> ResponseReturnValue:
    """The page; without the database the list as it was delivered, so that nothing typed is lost."""
    try:
        with office.desk.reading() as connection:
            wordings: Wordings = office.desk.nomenclature(connection)
            files = list(waiting_attachments(connection, files_key(page.key)))
        read = _help(office, page.typed, wordings)
    except SQLAlchemyError as error:
        if not is_unreachable(error):
            raise
        wordings, files, read = first_nomenclature(), [], None
    typed, visitor = page.typed, office.visitor()
    motifs = motifs_of(wordings, typed["thematique"])
    html = render_template(
        "form/form.html",
        page=page, typed=typed, errors=page.mistakes.sentences, steps=STEPS, Step=FormStep, visitor=visitor,
        profils=list(PROFILES.items()), departements=_departements(),
        thematiques=_options(wordings.thematiques(), typed["thematique"]),
        motifs=_options(motifs, typed["motif"]),
        sous_motifs=_options(sous_motifs_of(wordings, typed["thematique"], typed["motif"]), typed["sous_motif"]),
        entries=wordings.entries, files=files, read=read, doubts=_doubts(typed), fields_of=FIELDS_OF,
        longest={"name": LONGEST_NAME, "subject": LONGEST_SUBJECT, "text": LONGEST_TEXT, "words": LONGEST_WORDS},
        accept=ACCEPT, accepted=ACCEPTED, largest=LARGEST_TOGETHER, whole=FormStep.WHOLE,
    )  # fmt: skip
    return make_response(html, page.status)


def _departements() -> list[tuple[str, str]]:
    return [(code, f"{code} – {one.name}") for code, one in departements().items()]


def _options(names: Sequence[str], chosen: str) -> list[tuple[str, str]]:
    """The options of a list; what was chosen before is kept among them when the list has changed, to be told wrong."""
    offered = list(names) if not chosen or chosen in names else [*names, chosen]
    return [(name, explained(name)) for name in offered]


def _waiting_page(page: FormPage, sent: SentForm) -> Response:
    hours = int(PROOF_LIVES.total_seconds() // 3600)
    return private(render_template("form/waiting.html", page=page, typed=page.typed, sent=sent, hours=hours))
