"""From the first word to the département: keys, words, confirmation, and three failures at the most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from ivr.conversation.events import Event, Pressed, Silent, Spoke
from ivr.conversation.instructions import Ask, Line
from ivr.conversation.place import MOST_FAILURES, MOST_RETURNS, Place, Step
from ivr.conversation.prompts import line, with_article
from ivr.conversation.situation import Situation, Turn
from ivr.conversation.steps.absence import choices_again, repeat_or_leave
from ivr.conversation.steps.choosing import call_national, choose
from ivr.conversation.steps.menu import PAUSE, SHORT_PAUSE, SHORTEST_PAUSE, ask_menu, choice, fresh, question
from ivr.understanding.hearing import (
    SURE_ENOUGH,
    Heard,
    hear,
    hear_yes_no,
    hears_greeting,
    hears_key_two,
)
from ivr.understanding.keypad import (
    Begun,
    Corsica,
    Named,
    National,
    Reading,
    Restart,
    Unfinished,
    read_code,
    read_corsica,
    read_menu,
    read_third,
)
from records.facts import AnsweredBy, FactKind, GivenBy
from routing.departements import departements

Asking: TypeAlias = Callable[..., Turn]

_OVER_THE_WELCOME = 2
"""The number of the document that answers what was asked with the welcome."""

_AFTER_ABSENCE = frozenset({Step.ABSENCE, Step.NUMBER, Step.CALLBACK})
"""Steps at which whoever was called has not answered."""

_CODE_KEYS = 2
_MOST_KEYS = 3
"""The keys of an overseas code, or what a postal code leaves after its first two."""


def welcome(place: Place, situation: Situation) -> Turn:
    """Who we are and for whom, the notices, what is kept; then the usual département, or the question for it."""
    lines = (line("ACCUEIL"), *_notices(situation), line("INFO_DONNEES"))
    usual = situation.recollection.departement
    if usual is not None and usual in departements():
        return _offer(place, usual, situation, *lines)
    asked = "DEPARTEMENT_VOIX" if situation.line.listens else "DEPARTEMENT"
    return question(fresh(place), situation, *lines, line(asked))


def _offer(place: Place, code: str, situation: Situation, *lines: Line) -> Turn:
    lines = (*lines, line("OFFRE", le_departement=with_article(departements()[code])))
    then = fresh(place, Step.OFFER, departement=code)
    return choice(lines, then, _CODE_KEYS, SHORT_PAUSE, speech=situation.line.listens)


def _notices(situation: Situation) -> tuple[Line, ...]:
    notices = situation.snapshot.rules.notices
    return tuple(Line("ANNONCE", one.text) for one in notices if one.start <= situation.now < one.end)


def answer_offer(place: Place, event: Event, situation: Situation) -> Turn:
    """Yes takes the offered département; no and silence lead to the ordinary question, no failure counted."""
    code = place.departement
    if code and (event == Pressed("1") or (isinstance(event, Spoke) and _confirms(event, code))):
        return choose(place, code, GivenBy.MEMORY, situation, is_named=True)
    if event in (Pressed("2"), Silent()) or (isinstance(event, Spoke) and _declines(event)):
        return ask_menu(place, situation)
    if isinstance(event, Pressed):
        return _follow(read_code(event.keys), place, situation)
    return answer_menu(place, event, situation)


def answer_menu(place: Place, event: Event, situation: Situation) -> Turn:
    """Keys, after the first digit where it came alone, or words to a département; anything else is a failure."""
    match event:
        case Pressed(keys):
            return _follow(read_menu(place.keys + keys), place, situation)
        case Spoke():
            return _understand(place, event, situation)
        case _:
            return failed(place, situation, *(() if place.keys else _silence(place)))


def _silence(place: Place) -> tuple[Line, ...]:
    return (line("SILENCE_1" if place.failures == 0 else "SILENCE_2"),)


def _follow(reading: Reading, place: Place, situation: Situation) -> Turn:
    match reading:
        case Named(code):
            return choose(place, code, GivenBy.KEYPAD, situation)
        case Unfinished(keys):
            return _ask_third(replace(place, keys=keys), situation)
        case Begun(keys):
            return _ask_second(place, keys)
        case Corsica():
            return _ask_corsica(place, situation)
        case National():
            return call_national(place, situation, line("NATIONAL"))
        case Restart():
            return return_to_menu(place, situation)
        case _:
            return failed(place, situation, line("INVALIDE", saisie=", ".join(reading.keys)))


def _ask_third(place: Place, _situation: Situation, *lines: Line) -> Turn:
    then = fresh(place, Step.THIRD, keys=place.keys)
    return choice((*lines, line("INCOMPLET_97")), then, _MOST_KEYS, SHORTEST_PAUSE)


def _ask_second(place: Place, keys: str) -> Turn:
    """Waits without a word for the digit that somebody is slow to type: alone it would name another département."""
    return Turn((), (Ask((), fresh(place, keys=keys), digits=1, timeout=PAUSE),))


def _ask_corsica(place: Place, _situation: Situation, *lines: Line) -> Turn:
    return choice((*lines, line("CORSE")), fresh(place, Step.CORSE), _MOST_KEYS, SHORTEST_PAUSE)


def answer_third(place: Place, event: Event, situation: Situation) -> Turn:
    """The third digit of an overseas code, or a code typed instead."""
    if isinstance(event, Pressed):
        return _follow(read_third(place.keys, event.keys), place, situation)
    return failed(place, situation, ask=_ask_third)


def answer_corsica(place: Place, event: Event, situation: Situation) -> Turn:
    """Which of the two Corsican départements, or a code typed instead."""
    if isinstance(event, Pressed):
        return _follow(read_corsica(event.keys), place, situation)
    return failed(place, situation, ask=_ask_corsica)


def _understand(place: Place, event: Spoke, situation: Situation) -> Turn:
    heard = _heard(event)
    if heard.wants_national:
        return call_national(place, situation, line("NATIONAL"))
    if not heard.candidates:
        return _not_understood(place, event, heard, situation)
    return _named(place, heard, situation).saying_first(*_about_115(heard))


def _heard(event: Event) -> Heard:
    """What the words mean; nothing for a key or silence."""
    return hear(event.text, event.confidence, departements()) if isinstance(event, Spoke) else Heard()


def _named(place: Place, heard: Heard, situation: Situation) -> Turn:
    match heard.candidates:
        case (code,) if heard.certain:
            return choose(place, code, GivenBy.SPEECH, situation)
        case (code,):
            return _ask_sure(place, code, situation)
        case several:
            return _ask_which(place, several[:3], situation)


def _about_115(heard: Heard) -> tuple[Line, ...]:
    """What somebody hears first who tells a need instead of a département, or beside one (decision 9)."""
    return (line("RAPPEL_115"),) if heard.seeks_shelter else ()


def _not_understood(place: Place, event: Spoke, heard: Heard, situation: Situation) -> Turn:
    """Words without a département: a failure, but not over the welcome, at an offer, or where they only greet."""
    greets = hears_greeting(event.text)
    if place.n == _OVER_THE_WELCOME:
        return _repeat_notices(place, situation, *(() if greets else (line("NON_COMPRIS"),)))
    lines = (*_about_115(heard), *(() if greets else (line("NON_COMPRIS"),)))
    is_free = place.step is Step.OFFER or (greets and place.n == _OVER_THE_WELCOME + 1)
    return ask_menu(place, situation, *lines) if is_free else failed(place, situation, *lines)


def _repeat_notices(place: Place, situation: Situation, *lines: Line) -> Turn:
    """What somebody who spoke over the welcome may not have heard, once; then what it asked, no failure counted."""
    notices = (line("RAPPEL_115"), *_notices(situation), line("INFO_DONNEES"))
    if place.step is Step.OFFER and place.departement:
        return _offer(place, place.departement, situation, *notices)
    return ask_menu(place, situation, *notices, *lines)


def _ask_sure(place: Place, code: str, situation: Situation) -> Turn:
    asked = line("CONFIRME_EXPLICITE", numero=code, nom=departements()[code].name)
    then = fresh(place, Step.SURE, candidates=(code,))
    return choice((asked,), then, _CODE_KEYS, SHORT_PAUSE, speech=situation.line.listens)


def _ask_which(place: Place, codes: tuple[str, ...], situation: Situation) -> Turn:
    choices = (
        line("AMBIGU_CHOIX", nom=departements()[code].name, touche=str(key)) for key, code in enumerate(codes, start=1)
    )
    lines = (line("AMBIGU"), *choices, line("AMBIGU_AUTRE"))
    then = fresh(place, Step.CHOOSE, candidates=codes)
    return choice(lines, then, _CODE_KEYS, SHORT_PAUSE, speech=situation.line.listens)


def answer_sure(place: Place, event: Event, situation: Situation) -> Turn:
    """Yes, or the same département again, takes it; another one, typed or said, is taken; the rest is a failure."""
    code = place.candidates[0]
    if event == Pressed("1") or (isinstance(event, Spoke) and _confirms(event, code)):
        return choose(place, code, GivenBy.SPEECH, situation, is_named=True)
    if isinstance(event, Pressed) and event != Pressed("2"):
        return _follow(read_code(event.keys), place, situation)
    if isinstance(event, Spoke) and not _declines(event) and _names_one(event):
        return failed(place, situation, ask=lambda then, around: _understand(then, event, around))
    return failed(place, situation, *_about_115(_heard(event)), *(_silence(place) if isinstance(event, Silent) else ()))


def _names_one(event: Spoke) -> bool:
    return bool(_heard(event).candidates)


def _confirms(event: Spoke, code: str) -> bool:
    same = _heard(event).candidates == (code,)
    return hear_yes_no(event.text) is True or (same and hear_yes_no(event.text) is None)


def _declines(event: Spoke) -> bool:
    """A no that names nothing else: « non », « un autre », or « deux », its key said aloud."""
    return hear_yes_no(event.text) is False and (hears_key_two(event.text) or not _names_one(event))


def answer_which(place: Place, event: Event, situation: Situation) -> Turn:
    """One of the candidates by its key, its name or its rank in words, doubtful words read back; or a code typed."""
    if isinstance(event, Pressed):
        code = _keys(place.candidates).get(event.keys)
        if code:
            return choose(place, code, GivenBy.SPEECH, situation)
        return _follow(read_code(event.keys), place, situation)
    if isinstance(event, Spoke) and (code := _spoken_choice(place, event)):
        is_sure = (event.confidence or 0) >= SURE_ENOUGH
        return choose(place, code, GivenBy.SPEECH, situation) if is_sure else _ask_sure(place, code, situation)
    return failed(place, situation, *_about_115(_heard(event)), *(_silence(place) if isinstance(event, Silent) else ()))


def _keys(codes: tuple[str, ...]) -> dict[str, str]:
    return {str(key): code for key, code in enumerate(codes, start=1)}


def _spoken_choice(place: Place, event: Spoke) -> str | None:
    """The one candidate that was named, or whose key was said (« deux » is heard as département 02)."""
    heard = _heard(event).candidates
    named = [code for code in place.candidates if code in heard]
    by_rank = {code.removeprefix("0") for code in heard} if not named else set()
    chosen = named or [code for key, code in _keys(place.candidates).items() if key in by_rank]
    return chosen[0] if len(chosen) == 1 else None


def failed(place: Place, situation: Situation, *lines: Line, ask: Asking = ask_menu) -> Turn:
    """One failure more: the question again, or the national team at the third."""
    if place.failures + 1 >= MOST_FAILURES:
        return call_national(place, situation, line("ECHEC"))
    return ask(replace(place, failures=place.failures + 1), situation, *lines)


def return_to_menu(place: Place, situation: Situation) -> Turn:
    """`*`: the question again, no failure counted; after two returns the national team, once (decision 1)."""
    if place.returns >= MOST_RETURNS and place.step in _AFTER_ABSENCE and place.desk is AnsweredBy.NATIONAL:
        return repeat_or_leave(place) if place.step is Step.ABSENCE else choices_again(place)
    forgotten = situation.fact(FactKind.DEPARTEMENT_GIVEN, place.n, departement=None, by=None)
    facts = (forgotten,) if place.departement and place.step is not Step.OFFER else ()
    if place.returns >= MOST_RETURNS:
        return call_national(place, situation, line("ECHEC")).after(*facts)
    return ask_menu(replace(place, returns=place.returns + 1), situation).after(*facts)
