"""Yes, no, and a greeting: short answers that name no département."""

from __future__ import annotations

import pytest

from ivr.understanding.hearing import hear_yes_no, hears_greeting


@pytest.mark.parametrize(
    "text",
    [
        "oui",
        "Oui.",
        "ouais",
        "euh oui",
        "oui oui",
        "oui c'est ça",
        "c'est ça",
        "c'est bon",
        "exact",
        "exactement",
        "tout à fait",
        "d'accord",
        "ok",
        "bien sûr",
        "absolument",
        "oui merci",
        "oui s'il vous plaît",
        "oui pas de problème",
        "un",
        "1",
        "Ouïe",
        "toujours pareil",
        "oui, toujours",
        "comme d'habitude",
        "oui comme d'habitude",
        "le même",
        "c'est toujours le même",
        "la même chose",
        "le même département que d'habitude",
        "pareil",
        "idem",
        "comme la dernière fois",
        "celui-là",
        "voilà",
        "oui voilà",
        "pareil que d'habitude",
        "comme d'hab",
        "mm oui",
        "oui allez-y",
        "même département",
        "mon département habituel",
    ],
)
def test_yes_in_its_usual_forms(text: str) -> None:
    assert hear_yes_no(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "non",
        "Non.",
        "nan",
        "non non",
        "mais non",
        "euh non",
        "pas du tout",
        "c'est pas ça",
        "ce n'est pas exact",
        "non merci",
        "c'est faux",
        "erreur",
        "deux",
        "2",
        "non c'est le 77",
        "nom",
        "pas celui-là",
        "non, pas celui-là",
        "un autre",
        "un autre département",
        "non, une autre",
        "pas comme d'habitude",
        "pas mon département habituel",
        "pas le même",
    ],
)
def test_no_in_its_usual_forms(text: str) -> None:
    assert hear_yes_no(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "",
        "peut-être",
        "oui mais non",
        "oui, enfin non, le 38",
        "le même, le 93",
        "toujours Paris",
        "oui bonjour",
        "oui le 93",
        "oui pour la Marne",
        "le 93",
        "zéro un",
        "allô",
        "alors voilà",
        "Louis",
        "\x00",
    ],
)
def test_what_is_neither_or_says_more_is_no_answer(text: str) -> None:
    assert hear_yes_no(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "bonjour",
        "allô",
        "Allô ?",
        "oui bonjour madame",
        "il y a quelqu'un ?",
        "Oui, allô, vous m'entendez ?",
        "bonjour à tous",
        "rebonjour",
        "bonjour, excusez-moi de vous déranger",
        "euh…",
        ".",
    ],
)
def test_a_greeting_is_heard_as_one(text: str) -> None:
    assert hears_greeting(text)


@pytest.mark.parametrize(
    "text", ["bonjour, le 93", "allô Paris", "oui c'est ça", "non", "je ne comprends pas", "attendez"]
)
def test_whoever_says_more_than_a_greeting_does_not_greet(text: str) -> None:
    assert not hears_greeting(text)
