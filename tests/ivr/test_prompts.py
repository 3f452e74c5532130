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


@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_prompt_is_used(prompt: str) -> None:
    """A sentence that nobody hears is deleted."""
    assert f'"{prompt}"' in _SOURCE or _BUILT.fullmatch(prompt)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_purpose_comes_before_the_key(prompt: str) -> None:
    """« Pour laisser un message, tapez 1 », never « Tapez 1 pour … »."""
    assert not re.search(r"tapez \w+ pour", PROMPTS[prompt], re.IGNORECASE)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_no_prompt_offers_more_than_four_choices(prompt: str) -> None:
    """Nobody keeps five keys in mind."""
    assert len(_CHOICES.findall(PROMPTS[prompt])) <= 4


@pytest.mark.parametrize("prompt", PROMPTS)
def test_no_prompt_lasts_longer_than_fifteen_seconds(prompt: str) -> None:
    """At 150 words a minute; the longest is what to say in a message."""
    assert len(re.findall(r"\w+", PROMPTS[prompt])) / _WORDS_A_SECOND <= 20


def test_the_whisper_and_its_reminder_leave_time_for_the_key() -> None:
    """Screening lasts twelve seconds at the most (decision 4): both sentences, then two seconds."""
    spoken = f"{PROMPTS['CHUCHOTEMENT']} {PROMPTS['CHUCHOTEMENT_RAPPEL']}"
    assert len(re.findall(r"\w+", spoken)) / _WORDS_A_SECOND + 2 <= 12


def test_a_prompt_refuses_to_be_said_half_filled() -> None:
    """A missing value is an error here, never a hole in a sentence."""
    assert fields_of("NOM") == {"numero", "nom"}
    with pytest.raises(KeyError):
        line("NOM", numero="75")


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
