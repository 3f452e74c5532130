"""The sentences of the line: each one is used, filled, and said as the rules of the voice script ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ivr.conversation.prompts import PROMPTS, fields_of, line, with_article
from routing.departements import departements

_SOURCE = "\n".join(path.read_text("utf-8") for path in Path("ivr").rglob("*.py") if path.name != "prompts.py")
_BUILT = re.compile(r"ABSENCE_(NO_ANSWER|BUSY|REFUSED|FAILED|CLOSED|HOLIDAY|AWAY|NO_REFERENT)")
_WORDS_A_SECOND = 2.5
_CHOICES = re.compile(r"tapez (\w+)")


def test_every_prompt_is_used() -> None:
    """A sentence that nobody hears is deleted."""
    assert [name for name in PROMPTS if f'"{name}"' not in _SOURCE and not _BUILT.fullmatch(name)] == []


def test_the_purpose_comes_before_the_key() -> None:
    """« Pour laisser un message, tapez 1 », never « Tapez 1 pour … »."""
    assert {name: text for name, text in PROMPTS.items() if re.search(r"tapez \w+ pour", text, re.IGNORECASE)} == {}


def test_no_prompt_offers_more_than_four_choices() -> None:
    """Nobody keeps five keys in mind."""
    assert {name: text for name, text in PROMPTS.items() if len(_CHOICES.findall(text)) > 4} == {}


def test_no_prompt_lasts_longer_than_fifteen_seconds() -> None:
    """At 150 words a minute, values not yet filled in."""
    seconds = {name: len(re.findall(r"\w+", text)) / _WORDS_A_SECOND for name, text in PROMPTS.items()}
    assert {name: lasts for name, lasts in seconds.items() if lasts > 15} == {}


def test_the_whisper_and_its_reminder_leave_time_for_the_key() -> None:
    """Screening lasts twelve seconds at the most (decision 4): both sentences, then two seconds."""
    spoken = f"{PROMPTS['CHUCHOTEMENT']} {PROMPTS['CHUCHOTEMENT_RAPPEL']}"
    assert len(re.findall(r"\w+", spoken)) / _WORDS_A_SECOND + 2 <= 12


def test_a_prompt_refuses_to_be_said_half_filled() -> None:
    """A missing value is an error here, never a hole in a sentence."""
    assert fields_of("NOM") == {"nom"}
    with pytest.raises(KeyError):
        line("NOM")


def test_departements_are_spoken_of_with_their_article() -> None:
    """As one says them in French."""
    spoken = {code: with_article(departements()[code]) for code in ("93", "01", "59", "40", "75", "35", "974")}
    assert spoken == {
        "93": "la Seine-Saint-Denis",
        "01": "l'Ain",
        "59": "le Nord",
        "40": "les Landes",
        "75": "Paris",
        "35": "Ille-et-Vilaine",
        "974": "La Réunion",
    }
