"""What somebody types in the public form: carried from step to step, then read whole, each mistake at its field."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from records.desks.accounts import fold_email
from records.mail import LONGEST_ADDRESS, is_address
from records.refusals import ChangeRefused
from records.wording import Entry, Wordings, fold_words
from routing.departements import NATIONAL, normalise_code
from routing.requests.table import Wrote
from support.profiles import PROFILES
from support.requests.reading import LONGEST_SUBJECT, LONGEST_TEXT, read_text

LONGEST_NAME = 80
LONGEST_WORDS = 200
"""Characters of the problem told in a few words."""
LONGEST_CARRIED = 20_000
"""Characters of a field that come back in the page when they are refused."""


class FormStep(StrEnum):
    """A page of the form without script; the value stands in the page. WHOLE shows them all at once."""

    WHO = "vous"
    THEMATIQUE = "sujet"
    MOTIF = "motif"
    SOUS_MOTIF = "sous-motif"
    ANSWER = "reponse"
    TEXT = "demande"
    CHECK = "envoi"
    WHOLE = ""


STEPS = tuple(step for step in FormStep if step is not FormStep.WHOLE)
FIELDS_OF: Mapping[FormStep, tuple[str, ...]] = {
    FormStep.WHO: ("referent", "profil", "prenom", "nom", "email", "departement"),
    FormStep.THEMATIQUE: ("mots", "thematique"),
    FormStep.MOTIF: ("motif",),
    FormStep.SOUS_MOTIF: ("sous_motif",),
    FormStep.ANSWER: (),
    FormStep.TEXT: ("objet", "description", "fichiers"),
    FormStep.CHECK: ("confirmed", "site"),
}
"""The fields that each step asks for; a mistake is told there."""
CARRIED = (
    "referent", "profil", "prenom", "nom", "email", "departement", "mots", "thematique", "motif", "sous_motif",
    "objet", "description", "confirmed",
)  # fmt: skip
"""What a draft holds; the names are those of docs/contract.md#the-written-channel."""


def carried(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, as it was typed, to be shown again; NUL characters, which no page may hold, are left out."""
    return {name: form.get(name, "")[:LONGEST_CARRIED].replace("\0", "") for name in CARRIED}


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that can be sent: every value is checked and tidy; `email` is folded, nobody has proved it yet."""

    says_referent: bool
    profil: str
    nom: str
    prenom: str
    email: str
    departement: str
    entry: Entry
    objet: str
    description: str

    @property
    def sender(self) -> Wrote:
        """Who writes, as he says himself."""
        return Wrote.REFERENT if self.says_referent else Wrote.USER


@dataclass(frozen=True, slots=True)
class FormMistakes:
    """What is wrong, by field, in the order of the form."""

    sentences: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is one."""
        return bool(self.sentences)

    def until(self, step: FormStep) -> FormMistakes:
        """Those of the steps up to this one."""
        if step is FormStep.WHOLE:
            return self
        asked = {name for each in STEPS[: STEPS.index(step) + 1] for name in FIELDS_OF[each]}
        return FormMistakes({name: told for name, told in self.sentences.items() if name in asked})

    def first_step(self) -> FormStep:
        """The step that asks for the first field which is wrong; CHECK when none of them is known."""
        found = (step for step in STEPS for name in FIELDS_OF[step] if name in self.sentences)
        return next(found, FormStep.CHECK)


def read_draft(typed: Mapping[str, str], wordings: Wordings) -> Draft | FormMistakes:
    """The form as it can be sent, or everything that is wrong with it."""
    errors: dict[str, str] = {}
    referent = _referent(typed.get("referent", ""), errors)
    profil = _profil(typed.get("profil", ""), errors)
    prenom = _line(typed, "prenom", "Donnez votre prénom.", LONGEST_NAME, errors)
    nom = _line(typed, "nom", "Donnez votre nom.", LONGEST_NAME, errors)
    email = _email(typed.get("email", ""), errors)
    departement = _departement(typed.get("departement", ""), errors)
    entry = _entry(typed, wordings, errors)
    objet = _line(typed, "objet", "Donnez l’objet de votre demande, en quelques mots.", LONGEST_SUBJECT, errors)
    description = _description(typed.get("description", ""), errors)
    if errors or entry is None:
        return FormMistakes({name: errors[name] for name in CARRIED if name in errors})
    return Draft(referent, profil, nom, prenom, email, departement, entry, objet, description)


def thematiques(wordings: Wordings) -> list[str]:
    """What the first list offers."""
    return wordings.thematiques()


def motifs_of(wordings: Wordings, thematique: str) -> list[str]:
    """The motifs of a thématique, each once, in the order of the list."""
    wanted = fold_words(thematique)
    return list(dict.fromkeys(e.wording.motif for e in wordings.entries if e.wording.folded[0] == wanted))


def sous_motifs_of(wordings: Wordings, thematique: str, motif: str) -> list[str]:
    """The sous-motifs of a motif, in the order of the list."""
    wanted = (fold_words(thematique), fold_words(motif))
    return [e.wording.sous_motif for e in wordings.entries if e.wording.folded[:2] == wanted]


def settled(typed: Mapping[str, str], wordings: Wordings) -> dict[str, str]:
    """The same, where a list that offers one thing only has chosen it, and what another choice left behind is gone."""
    chosen = dict(typed)
    motifs = motifs_of(wordings, chosen["thematique"])
    if chosen["thematique"] and motifs:
        chosen["motif"] = _kept(chosen["motif"], motifs)
        sous_motifs = sous_motifs_of(wordings, chosen["thematique"], chosen["motif"])
        chosen["sous_motif"] = _kept(chosen["sous_motif"], sous_motifs)
    return chosen


def _kept(name: str, offered: Collection[str]) -> str:
    same = [one for one in offered if fold_words(one) == fold_words(name)]
    if same:
        return same[0]
    return next(iter(offered)) if len(offered) == 1 else ""


def next_step(step: FormStep, typed: Mapping[str, str], wordings: Wordings, *, has_answer: bool) -> FormStep:
    """The step after this one; a list that offers one thing only, and an answer that nobody has written, are passed."""
    following = STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]
    if is_passed(following, typed, wordings, has_answer=has_answer):
        return next_step(following, typed, wordings, has_answer=has_answer)
    return following


def step_before(step: FormStep, typed: Mapping[str, str], wordings: Wordings, *, has_answer: bool) -> FormStep:
    """The step before this one, by the same rule."""
    earlier = STEPS[max(STEPS.index(step) - 1, 0)]
    if is_passed(earlier, typed, wordings, has_answer=has_answer):
        return step_before(earlier, typed, wordings, has_answer=has_answer)
    return earlier


def is_passed(step: FormStep, typed: Mapping[str, str], wordings: Wordings, *, has_answer: bool) -> bool:
    """Whether there is nothing to choose or to read at this step."""
    match step:
        case FormStep.MOTIF:
            return len(motifs_of(wordings, typed["thematique"])) == 1
        case FormStep.SOUS_MOTIF:
            return len(sous_motifs_of(wordings, typed["thematique"], typed["motif"])) == 1
        case FormStep.ANSWER:
            return not has_answer
        case _:
            return False


# ---------------------------------------------------------------- one field each

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


def _referent(text: str, errors: dict[str, str]) -> bool:
    said = fold_words(text)
    if said not in {"oui", "non"}:
        errors["referent"] = "Dites si vous êtes référent SI SIAO : oui ou non."
    return said == "oui"


def _profil(text: str, errors: dict[str, str]) -> str:
    """The key of the profile that is named by its key or by its label."""
    wanted = fold_words(text)
    found = next((key for key, label in PROFILES.items() if wanted in {fold_words(key), fold_words(label)}), "")
    if not found:
        said = "Ce profil n’est pas dans la liste. Choisissez" if wanted else "Choisissez votre profil parmi"
        errors["profil"] = f"{said} : {', '.join(PROFILES.values())}."
    return found


def _line(typed: Mapping[str, str], name: str, missing: str, longest: int, errors: dict[str, str]) -> str:
    """One line of text; a control mark in it is refused, so that none ever reaches the header of a mail."""
    text = typed.get(name, "").strip(" \t\u00a0")
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    if _CONTROL.search(text.replace("\t", " ")):
        errors[name] = "Écrivez ce texte sur une seule ligne, sans caractère invisible."
    elif not plain:
        errors[name] = missing
    elif len(plain) > longest:
        errors[name] = f"Ce texte est trop long : {len(plain)} caractères pour {longest} au plus."
    return plain


def _email(text: str, errors: dict[str, str]) -> str:
    address = text.strip(" \t\u00a0")
    if not address:
        errors["email"] = "Donnez votre adresse électronique : la réponse y est envoyée."
    elif len(address) > LONGEST_ADDRESS:
        errors["email"] = f"Cette adresse est trop longue : {LONGEST_ADDRESS} caractères au plus."
    elif not is_address(address):
        errors["email"] = "Donnez une adresse électronique complète, par exemple prenom.nom@siao.fr."
    return fold_email(address)


def _departement(text: str, errors: dict[str, str]) -> str:
    try:
        code = normalise_code(text)
    except ValueError as refused:
        errors["departement"] = (
            f"Choisissez votre département : {refused}." if text.strip() else "Choisissez votre département."
        )
        return ""
    if code == NATIONAL:
        errors["departement"] = "Choisissez votre département."
    return code


def _entry(typed: Mapping[str, str], wordings: Wordings, errors: dict[str, str]) -> Entry | None:
    """The sous-motif that the three names mean; the mistake is told at the first name that does not fit."""
    thematique, motif, sous_motif = (typed.get(name, "").strip() for name in ("thematique", "motif", "sous_motif"))
    motifs = motifs_of(wordings, thematique)
    found = wordings.find(thematique, motif, sous_motif) if thematique and motif and sous_motif else None
    if found is not None:
        return found
    if not motifs:
        said = "Cette thématique n’est pas dans la liste : choisissez" if thematique else "Choisissez"
        errors["thematique"] = f"{said} une thématique."
    elif fold_words(motif) not in {fold_words(one) for one in motifs}:
        errors["motif"] = (
            f"« {motif} » n’est pas un motif de « {thematique} » : choisissez un motif de la liste."
            if (motif)
            else "Choisissez un motif."
        )
    elif sous_motif:
        errors["sous_motif"] = f"« {sous_motif} » n’est pas un sous-motif de « {motif} » : choisissez dans la liste."
    else:
        errors["sous_motif"] = "Choisissez un sous-motif."
    return None


def _description(text: str, errors: dict[str, str]) -> str:
    try:
        return read_text(text, "description", optional=True) or _missing(errors)
    except ChangeRefused as refused:
        errors["description"] = str(refused)
        return ""


def _missing(errors: dict[str, str]) -> str:
    errors["description"] = f"Décrivez votre demande, en {LONGEST_TEXT} caractères au plus."
    return ""
