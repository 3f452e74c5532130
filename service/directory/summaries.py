"""What a rule will do, in words, before it is set: whom it concerns, when, and what callers will really hear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.conversation.prompts import line, name_of_desk
from records.facts import AbsenceReason
from routing.calendar.words import say_moment, write_moment
from routing.departements import NATIONAL, PARIS, departements, timezone_of
from routing.planning.plan import plan
from routing.rules import Closure, Overflow, OverflowWhen
from routing.snapshot import Snapshot

NAMED_AT_MOST = 4
"""Départements named one by one; more are counted."""
HEARD_AT_MOST = 4
"""Different announcements that are shown; the others are counted."""
OWN_RECORDING = "(son propre enregistrement)"
WHEN = {OverflowWhen.NO_ANSWER: "quand personne n’a répondu", OverflowWhen.CLOSED: "hors des horaires"}
"""In which case another desk is offered, as readers see it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences about a rule that is not set yet; `heard` are pairs: which callers, what they hear.

    `overseas` is the same period as the clocks of overseas territories show it.
    """

    sentences: tuple[str, ...]
    heard: tuple[tuple[str, str], ...] = ()
    overseas: tuple[str, ...] = ()

    def __str__(self) -> str:
        """All of it, one sentence a line."""
        return "\n".join([*self.sentences, *(f"{who} : « {text} »" for who, text in self.heard), *self.overseas])


def closure_in_words(snapshot: Snapshot, closure: Closure, at: datetime) -> Summary:
    """A closure of one département, or of all of them (None), as the directory that serves makes it heard."""
    rules = replace(snapshot.rules, closures=(*snapshot.rules.closures, closure))
    closed = Snapshot(snapshot.version, snapshot.made_at, snapshot.people, rules)
    codes, first = _codes(closure.departement), max(closure.start, at)
    heard, others = _grouped((code, _heard_when_closed(closed, code, first)) for code in codes)
    if closure.departement is None:
        heard = [*heard, ("Qui demande l’équipe nationale", _heard_when_closed(closed, NATIONAL, first))]
    who = "l’équipe nationale et 107 départements ferment" if closure.departement is None else f"{_named(codes)} ferme"
    sentences = [f"{who[0].upper()}{who[1:]}, {_period(closure.start, closure.end, at, closure.departement)}."]
    if closure.departement is None:
        sentences.append("Personne ne sonne pendant ce temps, nulle part.")
    if closure.label:
        sentences.append(f"Motif, montré aux lecteurs : {closure.label}")
    if others:
        sentences.append(f"{_count(others)} : ce qui est dit dépend de leurs horaires et de leurs propres messages.")
    overseas = _overseas(closure.start, closure.end, at) if closure.departement is None else ()
    return Summary(tuple(sentences), tuple(heard), overseas)


def notice_in_words(text: str, start: datetime, end: datetime, at: datetime) -> Summary:
    """A notice to every caller."""
    told = f"Tous les appelants, quel que soit leur département, {_period(start, end, at, None)}."
    heard = f"{line('ACCUEIL').text} {text} {line('INFO_DONNEES').text}"
    spoken = (("Ils entendront, avant le menu", _typographic(heard)),)
    return Summary((told,), spoken, _overseas(start, end, at))


def overflow_in_words(snapshot: Snapshot, overflow: Overflow) -> Summary:
    """Another desk offered to the callers of one département, or of all of them (None)."""
    own = {one.departement for one in snapshot.rules.overflows if one.when is overflow.when and one.departement}
    everywhere = overflow.departement is None
    codes = [code for code in _codes(overflow.departement) if code != overflow.to and not (everywhere and code in own)]
    desk = name_of_desk(overflow.to, departements())
    sentences = [f"{_count(codes)} : {WHEN[overflow.when]}, l’appelant pourra choisir {_typographic(desk)}."]
    if everywhere and own:
        sentences.append(f"{_count(sorted(own))} : rien ne change, un débordement y est déjà réglé.")
    if overflow.to in departements():
        sentences.append(f"Les téléphones du SIAO {departements()[overflow.to].de} sonneront pour ces appels.")
    else:
        sentences.append("Les téléphones de l’équipe nationale sonneront pour ces appels.")
    heard = f"{line('ABSENCE_MENU').text} {line('ABSENCE_DEBORDEMENT', desk=desk).text}"
    sentences.append("C’est proposé sans date de fin, chaque fois que ce bureau peut répondre à ce moment.")
    return Summary(tuple(sentences), (("Les appelants entendront, après le message d’absence", _typographic(heard)),))


def _heard_when_closed(snapshot: Snapshot, code: str, at: datetime) -> str:
    """What a caller of this code hears at that moment: the own message or ours, when it reopens, the keys."""
    made = plan(snapshot, code, at)
    if made.rangs:  # nobody to close: its callers reach the national team as before
        return _typographic(line("SANS_REFERENT").text)
    own = {one.reason: one for one in snapshot.rules.messages if one.departement == code}
    message = own.get(made.reason) or own.get(None)
    is_national = made.served_by == NATIONAL and made.reason == AbsenceReason.CLOSED
    first = line("ABSENCE_NATIONAL_FERMEE" if is_national else f"ABSENCE_{str(made.reason).upper()}").text
    if message:
        first = message.text or OWN_RECORDING
    parts = [first]
    if made.reopens and made.reason == AbsenceReason.CLOSED:
        parts.append(line("ROUVRE", moment=say_moment(made.reopens, at, timezone_of(made.served_by))).text)
    parts.append(line("ABSENCE_MENU").text)
    if made.overflow_closed:
        parts.append(line("ABSENCE_DEBORDEMENT", desk=name_of_desk(made.overflow_closed, departements())).text)
    return _typographic(" ".join(parts))


def _grouped(heard: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """The same words said once, the most heard first, with who hears them; and the codes of what is not shown."""
    by_words: dict[str, list[str]] = {}
    for code, words in heard:
        by_words.setdefault(words, []).append(code)
    groups = sorted(by_words.items(), key=lambda group: -len(group[1]))
    shown = [(f"{_count(codes)}, les appelants entendront", words) for words, codes in groups[:HEARD_AT_MOST]]
    return shown, [code for _, codes in groups[HEARD_AT_MOST:] for code in codes]


def _codes(departement: str | None) -> list[str]:
    return list(departements()) if departement is None else [departement]


def _count(codes: Sequence[str]) -> str:
    """« Paris (75) », or how many where they are more than a few."""
    return _named(codes) if len(codes) <= NAMED_AT_MOST else f"{len(codes)} départements"


def _named(codes: Sequence[str]) -> str:
    return ", ".join(
        "Équipe nationale" if code == NATIONAL else f"{departements()[code].name} ({code})" for code in codes
    )


def _period(start: datetime, end: datetime, at: datetime, departement: str | None) -> str:
    zone = timezone_of(departement)
    since = "dès maintenant et jusqu’au" if start <= at else f"du {write_moment(start, zone)} au"
    where = ", heure de Paris" if departement is None else ""
    return f"{since} {write_moment(end, zone)}{where}"


def _overseas(start: datetime, end: datetime, at: datetime) -> tuple[str, ...]:
    """The same period as the clocks of overseas territories show it, those of one hour together."""
    by_period: dict[str, list[str]] = {}
    for code in departements():
        if _local(start, code) != _local(start, None) or _local(end, code) != _local(end, None):
            by_period.setdefault(_period(start, end, at, code), []).append(code)
    return tuple(
        f"À l’heure locale, {', '.join(departements()[code].name for code in codes)} : {told}."
        for told, codes in by_period.items()
    )


def _local(moment: datetime, code: str | None) -> datetime:
    return moment.astimezone(timezone_of(code) if code else PARIS).replace(tzinfo=None)


def _typographic(said: str) -> str:
    return said.replace("'", "’")
