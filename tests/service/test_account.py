"""Our numbers at the operator's, and where the account may call: what the doctor says, what `configure` puts right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Response

from ivr.operator.number import wanted
from ivr.operator.twilio.number import TwilioNumbers
from ivr.operator.twilio.overrides import asked_again
from service.cli import run
from service.directory.snapshots import SnapshotFile
from service.running.watching.checks import check_countries, check_directory, check_numbers, examine
from service.running.watching.finding import Finding
from service.settings import Settings, read_settings
from service.wiring.simulator import line
from simulator.calls.engine import SimulatedOperator
from simulator.calls.leg import NumberSetup
from simulator.world.habits import Habits
from tests.service.directories import MOMENT, person, snapshot
from tests.service.operator_api import ACCOUNT, LINE, made_up_operator, served

PUBLIC = "https://svi.example"
VOICE = f"{PUBLIC}/voice"
SECOND = "+33199001235"
ELSEWHERE = "+33199004444"
NAMES = {
    "voice_url": "l’adresse d’appel",
    "voice_method": "la méthode d’appel",
    "fallback_url": "l’adresse de secours",
    "fallback_method": "la méthode de secours",
    "status_url": "l’adresse de fin d’appel",
    "status_method": "la méthode de fin d’appel",
}

Asked = Callable[..., list[Finding]]


@pytest.fixture
def operator() -> SimulatedOperator:
    operator = made_up_operator(MOMENT, Habits(closed_countries=frozenset({"RE", "NC"})))
    operator.line = well_set(LINE)
    return operator


@pytest.fixture
def answers() -> list[Any]:
    return []


@pytest.fixture
def settings(operator: SimulatedOperator, answers: list[Any], tmp_path: Path) -> Iterator[Callable[..., Settings]]:
    with served(operator, answers) as api_url:
        known: dict[str, Any] = {
            "var_dir": tmp_path / "var",
            "secret_key": "a made-up secret key of forty letters or so",
            "twilio_account_sid": ACCOUNT.sid,
            "twilio_auth_token": ACCOUNT.token,
            "twilio_api_url": api_url,
            "caller_id": LINE,
            "public_url": PUBLIC,
        }
        yield lambda **more: read_settings(**(known | more))


@pytest.fixture
def numbers(settings: Callable[..., Settings]) -> Asked:
    return lambda **more: examine(settings(**more), MOMENT, [check_numbers])


def well_set(number: str, **changes: Any) -> NumberSetup:
    voice, fallback, status = (asked_again(VOICE + path) for path in ("", "/fallback", "/status"))
    return replace(NumberSetup(number, voice, fallback, status), **changes)


def wrong(findings: list[Finding]) -> list[str]:
    return [one.sentence for one in findings if one.wrong]


def test_a_static_fallback_is_asked_for_by_get() -> None:
    expected = wanted(PUBLIC, "https://secours.example/entree.xml")
    assert (expected.fallback, expected.fallback_method) == ("https://secours.example/entree.xml", "GET")


def test_a_number_that_is_set_rightly_is_said_to_be_and_the_public_one_is_only_advice(numbers: Asked) -> None:
    """0 806 000 156 is its own carrier's: that it is not in the account is the ordinary case."""
    found = numbers()
    assert wrong(found) == []
    assert [one.sentence for one in found if not one.advice] == ["le 01 99 00 00 00 est réglé"]
    (advice,) = (one.sentence for one in found if one.advice)
    assert "0 806 000 156" in advice


def test_in_a_demonstration_nothing_is_to_be_done(numbers: Asked) -> None:
    assert [one for one in numbers(demo=True) if one.wrong or one.advice] == []


@pytest.mark.parametrize("setting", NAMES)
def test_each_setting_with_which_a_number_cannot_work_is_one_sentence(
    operator: SimulatedOperator, numbers: Asked, setting: str
) -> None:
    """A voice address asked for by GET is refused by ours: every call would end in English."""
    setattr(operator.line, setting, "GET" if setting.endswith("method") else "https://old.example/voice")
    (sentence,) = wrong(numbers())
    assert f"{NAMES[setting]} du {LINE} est" in sentence
    assert "svi twilio configure" in sentence


def test_an_address_that_somebody_set_at_the_operators_plays_no_trick_on_who_reads(
    operator: SimulatedOperator, numbers: Asked
) -> None:
    """It is shown on a terminal: no escape, no line of its own, no page full of it."""
    operator.line = well_set(LINE, voice_url="https://else.example/\x1b[2J\n\u202eporte ok" + "x" * 5000)
    [told] = [one.sentence for one in numbers() if "l’adresse d’appel" in one.sentence]
    assert told.isprintable()
    assert "« https://else.example/" in told
    assert len(told) < 400


@pytest.mark.parametrize("setting", ["application", "trunk"])
def test_what_takes_precedence_over_our_address_is_named_and_taken_away(
    operator: SimulatedOperator, numbers: Asked, settings: Callable[..., Settings], setting: str
) -> None:
    setattr(operator.line, setting, "AP0123")
    (sentence,) = wrong(numbers())
    assert "prend le pas" in sentence
    TwilioNumbers(ACCOUNT.sid, ACCOUNT.token, settings().twilio_api_url).configure([LINE], wanted(PUBLIC))
    assert wrong(numbers()) == []


def test_every_number_of_the_line_is_compared_and_the_rest_of_the_account_is_not(
    operator: SimulatedOperator, numbers: Asked
) -> None:
    operator.other_lines += [well_set(SECOND, voice_method="GET"), NumberSetup(ELSEWHERE, "https://other.example/in")]
    (sentence,) = wrong(numbers(line_numbers=SECOND))
    assert f"la méthode d’appel du {SECOND}" in sentence


def test_a_number_of_a_large_account_is_found_on_a_later_page(operator: SimulatedOperator, numbers: Asked) -> None:
    elsewhere = "https://other.example/in"
    operator.other_lines += [NumberSetup(f"+3319900{place:04}", elsewhere) for place in range(500, 620)]
    operator.other_lines.append(well_set(SECOND, status_method="GET"))
    (sentence,) = wrong(numbers(line_numbers=SECOND))
    assert SECOND in sentence


@pytest.mark.parametrize("address", [VOICE, f"{VOICE}#rc=2&rp=ct,5xx,rt"])
def test_a_number_that_leads_here_without_being_listed_is_named_with_what_to_do(
    operator: SimulatedOperator, numbers: Asked, address: str
) -> None:
    """Its calls would be left out of the comparison, and no loop over it would be seen."""
    operator.other_lines += [well_set(SECOND, voice_url=address), NumberSetup(ELSEWHERE, f"{VOICE}/elsewhere")]
    (sentence,) = wrong(numbers())
    assert "01 99 00 12 35" in sentence
    assert "ajoutez-le à LINE_NUMBERS" in sentence


def test_a_listed_number_that_the_account_has_not_is_named(numbers: Asked) -> None:
    found = numbers(line_numbers=f"{SECOND}", svi_number=LINE)
    (advice,) = (one.sentence for one in found if one.advice)
    assert "01 99 00 12 35" in advice
    assert wrong(found) == []


def test_an_account_without_any_of_our_numbers_is_wrong(numbers: Asked) -> None:
    sentences = wrong(numbers(caller_id=ELSEWHERE))
    assert "aucun des numéros de la ligne" in sentences[0]
    assert "CALLER_ID" in sentences[1]


def test_a_caller_id_that_a_carrier_presents_for_everybody_is_advised_against(
    settings: Callable[..., Settings],
) -> None:
    """A référent's telephone that forwards to the line could no longer be told from a caller."""
    found = examine(settings(transit_numbers=LINE), MOMENT)
    assert [one.sentence for one in found if one.advice and "TRANSIT_NUMBERS" in one.sentence]


@pytest.mark.parametrize("status", [401, 429, 500])
def test_an_operator_that_does_not_answer_is_said_once_each(
    settings: Callable[..., Settings], answers: list[Any], status: int
) -> None:
    in_service(settings(), "+33199007501")
    answers += [Response("{}", status), Response("{}", status)]
    found = examine(settings(), MOMENT, [check_numbers, check_countries])
    assert [one.name for one in found if one.wrong] == ["opérateur", "pays"]
    assert all(f"statut {status}" in one.sentence for one in found)


def test_a_published_person_whose_number_has_become_one_of_ours_is_named(settings: Callable[..., Settings]) -> None:
    """A directory is checked when it is published; LINE_NUMBERS may be completed later."""
    known = settings(line_numbers=SECOND, demo=True)
    in_service(known, "+33199007501", SECOND)
    assert wrong(examine(known, MOMENT, [check_directory])) == [
        "1 numéro de la ligne elle-même : l’appel tournerait en rond, à retirer"
    ]


def test_the_doctor_finds_the_number_of_the_demonstration_set_as_it_should_be(
    operator: SimulatedOperator, settings: Callable[..., Settings]
) -> None:
    demonstration = settings(demo=True)
    operator.line = line(demonstration)
    assert wrong(examine(demonstration, MOMENT, [check_numbers])) == []


# ---------------------------------------------------------------- svi twilio configure


def test_the_number_calls_every_address_again_when_it_must(
    operator: SimulatedOperator, settings: Callable[..., Settings]
) -> None:
    """After an error of ours or a late answer too: without it, the operator asks once."""
    account = TwilioNumbers(ACCOUNT.sid, ACCOUNT.token, settings().twilio_api_url)
    account.configure([LINE], wanted(PUBLIC, "https://secours.example/entree.xml"))
    assert [operator.line.voice_url, operator.line.fallback_url, operator.line.status_url] == [
        f"{address}#rc=2&rp=ct,5xx,rt&rt=5000"
        for address in (VOICE, "https://secours.example/entree.xml", f"{VOICE}/status")
    ]
    account.configure([LINE], wanted(PUBLIC, "https://secours.example/entree.xml#rc=0"))
    assert operator.line.fallback_url == "https://secours.example/entree.xml#rc=0"


@pytest.fixture
def typed(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    def type_(*words: str, **more: str) -> tuple[int, str]:
        known = settings(**more)
        for name in ("twilio_account_sid", "twilio_api_url", "caller_id", "public_url", "line_numbers"):
            monkeypatch.setenv(name.upper(), getattr(known, name))
        monkeypatch.setenv("TWILIO_AUTH_TOKEN", ACCOUNT.token)
        status = run(["twilio", "configure", *words])
        return status, "".join(capsys.readouterr())

    return type_


def test_every_held_number_of_the_line_is_put_right_and_no_other(
    operator: SimulatedOperator, typed: Callable[..., tuple[int, str]], numbers: Asked
) -> None:
    operator.line = NumberSetup(LINE, "https://old.example/voice")
    operator.other_lines += [well_set(SECOND, voice_method="GET"), NumberSetup(ELSEWHERE, "https://other.example/in")]
    assert typed("--check", line_numbers=SECOND)[0] == 1
    assert operator.line.voice_url == "https://old.example/voice"
    status, output = typed(line_numbers=SECOND)
    assert status == 0
    assert "C’est corrigé : 01 99 00 00 00, 01 99 00 12 35." in output
    assert operator.other_lines[1].voice_url == "https://other.example/in"
    assert wrong(numbers(line_numbers=SECOND)) == []
    assert typed(line_numbers=SECOND) == (0, "C’est réglé : 01 99 00 00 00, 01 99 00 12 35.\n")


def test_what_the_operator_did_not_take_is_left_to_its_console(
    operator: SimulatedOperator, answers: list[Any], typed: Callable[..., tuple[int, str]]
) -> None:
    operator.line.trunk = "TK1"
    answers += [None, None, Response("{}", 200, mimetype="application/json")]
    status, output = typed()
    assert status == 1
    assert "à régler dans sa console : 01 99 00 00 00." in output


def test_an_account_without_our_numbers_cannot_be_configured(typed: Callable[..., tuple[int, str]]) -> None:
    status, output = typed(caller_id=ELSEWHERE)
    assert status == 1
    assert "aucun des numéros de la ligne" in output


# ---------------------------------------------------------------- where the account may call


def in_service(settings: Settings, *phones: str) -> None:
    people = tuple(
        replace(person(), id=f"id{place:08}", departement="75", phone=phone) for place, phone in enumerate(phones)
    )
    SnapshotFile(settings.var_dir).write(snapshot(1, *people))


def countries(settings: Settings, *phones: str) -> list[Finding]:
    in_service(settings, *phones)
    return examine(settings, MOMENT, [check_countries])


def test_every_island_of_the_directory_that_the_account_may_not_call_is_named_with_what_to_do(
    settings: Callable[..., Settings],
) -> None:
    phones = ("+33199007501", "+262692123456", "+262262123456", "+687261234", "+596596301234")
    sentences = wrong(countries(settings(), *phones))
    assert [sentence.split(" sont bloqués")[0] for sentence in sentences] == [
        "les appels vers la Nouvelle-Calédonie (+687)",
        "les appels vers La Réunion (+262)",
    ]
    assert "Geo permissions" in sentences[1]
    assert "2 numéros de l’annuaire" in sentences[1]


@pytest.mark.parametrize(
    ("closed", "phone", "name"),
    [
        ("YT", "+262639691234", "Mayotte (+262)"),
        ("GP", "+590690123456", "la Guadeloupe (+590)"),
        ("GP", "+590590275678", "Saint-Barthélemy (+590)"),
        ("GF", "+594694201234", "la Guyane (+594)"),
        ("PM", "+508411234", "Saint-Pierre-et-Miquelon (+508)"),
        ("PF", "+68940412345", "la Polynésie française (+689)"),
        ("WF", "+681721234", "Wallis-et-Futuna (+681)"),
        ("FR", "+33199007501", "la métropole (+33)"),
    ],
)
def test_each_has_a_permission_of_its_own_or_the_one_of_its_code(
    operator: SimulatedOperator, settings: Callable[..., Settings], closed: str, phone: str, name: str
) -> None:
    operator.habits = Habits(closed_countries=frozenset({closed}))
    (sentence,) = wrong(countries(settings(), phone, "+596596301234"))
    assert f"vers {name} sont bloqués" in sentence


def test_a_directory_that_may_be_called_whole_is_said_to_be(settings: Callable[..., Settings]) -> None:
    (found,) = countries(settings(), "+33199007501", "+590590275678")
    assert (found.wrong, found.sentence) == (False, "tous les numéros de l’annuaire peuvent être appelés")
