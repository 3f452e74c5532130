"""What people read: numbers agree with their nouns at 0, 1 and 2, and people are named, not addressed by their mail.

Every page is opened as a référent and as the national team, in a house where there is none, one and two of everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from records.database import Connection
from records.desks.acting import Acting
from records.in_force.rules import RuleKind, add_rule
from records.schema.desk_tables import proposals, qualifications
from records.schema.report_tables import import_batches, radar_alerts
from records.schema.request_tables import request_events, requests
from records.schema.tables import desk_tasks
from reports.figures.periods import month_of
from reports.monthly import report_text
from reports.survey.campaign import open_month
from reports.survey.mails import mails_due
from reports.survey.store import SurveyAnswer, answer
from service.directory.publishing import publish_directory, refresh_rules
from service.directory.snapshots import SnapshotFile
from support.knowledge.articles import ArticleText
from support.knowledge.counting import count
from support.knowledge.store import add_article
from support.nomenclature.entries import first_nomenclature
from tests.service.french_counts import NOUNS, faults, sentences
from tests.service.test_routes import methods, rules
from tests.support.house import CSV, NOW, Browser, House, open_house, store_call
from voicemail.bulletin import sections, write_bulletin
from voicemail.notices import Task, TaskKind, write_letter

ROOT = Path(__file__).parents[2]
WORDING = next(one.wording for one in first_nomenclature().entries if "MEP" in one.wording.sous_motif)
"""What everything in the house is about: it has an abbreviation that few readers know."""
READERS = {"référent": "camille@siao.example", "équipe nationale": "sacha@siao.example"}
ADDRESSES_MATTER = (
    "/administration/journal",
    "/administration/comptes",
    "/administration/annuaire",
    "/mon-compte",
    "/resultats",
    "/connexion",
)
"""Where an address itself is the matter: accounts, the directory and its contacts, one's own account, signing in."""


@pytest.fixture(scope="module", params=[0, 1, 2])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, int]]:
    folder = tmp_path_factory.mktemp("words")
    house = open_house(folder, f"sqlite:///{folder / 'desk.sqlite'}")
    with house.writing() as connection:
        for number in range(request.param):
            _one_more(connection, number)
    for number in range(request.param):
        content = CSV.replace("Essai", f"Essai{number}").encode()
        publish_directory(Acting(house.engine, READERS["équipe nationale"], NOW), house.settings, content)
    refresh_rules(house.engine, house.settings, NOW)
    yield house, request.param
    house.close()


def _one_more(connection: Connection, number: int) -> None:
    """One more of everything that a page counts or lists."""
    at = NOW - timedelta(hours=2 + number)
    by = "sacha@siao.example"
    place = {"thematique": WORDING.thematique, "motif": WORDING.motif, "sous_motif": WORDING.sous_motif}
    spoken = {"talk_seconds": number, "wait_seconds": number}
    for kind, more in (
        ("answered", {}), ("open", {}), ("message", {"outcome": "message", "message_seconds": number}),
        ("callback", {"outcome": "callback", "callback_number": "+33199000001"}),
        ("ringing", {"outcome": "abandoned_ringing", "answered_by": None, "talk_seconds": None}),
    ):  # fmt: skip
        store_call(connection, f"{kind}-{number}", started_at=at, **{**spoken, **more})
    said = {**place, "niveau": "2", "resolved": False, "escalated": True, "comment": "", "by": by, "at": at}
    connection.execute(insert(qualifications).values(call_id=f"answered-{number}", version=1, **said))
    for kind in ("message", "callback"):
        connection.execute(
            insert(desk_tasks).values(call_id=f"{kind}-{number}", kind=kind, departement="75", created_at=at)
        )
    _request(connection, number, at, place)
    title, address = f"Article {number}", f"https://connaissances.example/{number}"
    add_article(connection, ArticleText(title, address, (), (WORDING,)), "", by=by, at=at)
    count(connection, [number + 1], place="search", day=at.date(), shown=number, opened=number)
    for kind, reference in (("directory", "75 Camille"), ("answer", " / ".join(place.values()))):
        row: dict[str, Any] = {"kind": kind, "reference": reference, "departement": "75", "text": "À corriger"}
        row |= {"by": "camille@siao.example", "at": at}
        connection.execute(insert(proposals).values(row))
    period = {"start": NOW + timedelta(days=number), "end": NOW + timedelta(days=number, hours=4)}
    for rule, values in (
        (RuleKind.CLOSURE, {"departement": "75", "label": "Travaux", **period}),
        (RuleKind.NOTICE, {"text": "Une annonce.", **period}),
        (RuleKind.OVERFLOW, {"departement": f"0{number + 1}", "to": "*", "when": "closed"}),
    ):
        add_rule(connection, rule, values, by=by, at=at)
    batch = {"departement": "75", "file_name": "suivi.xlsx", "by": by, "at": at}
    connection.execute(insert(import_batches).values(**batch, added=number, changed=number, refused=number))
    connection.execute(
        insert(radar_alerts).values(
            key=f"alert-{number}", kind="volume", label="Un sous-motif monte", detected_at=at, calls=number,
            departements="75", usual=1.0, announcement="Un incident est en cours.",
        )
    )  # fmt: skip
    month = month_of(date(2026, 11, 1))
    open_month(connection, month, NOW)
    answer(connection, "2026-11", SurveyAnswer(("75", "59")[number], "Rien à dire", at, by, False))


def _request(connection: Connection, number: int, at: datetime, place: dict[str, str]) -> None:
    row = {
        "channel": "phone", "sender": "referent", "call_id": f"answered-{number}", "departement": "75", "version": 1,
        "subject": "Une question", "description": "", "niveau": "2", "reply_to": "camille@siao.example",
        "desk": "national", "state": "open", "created_at": at, "created_by": "camille@siao.example",
        "due_at": at + timedelta(days=2), **place,
    }  # fmt: skip
    made = connection.execute(insert(requests).values(row).returning(requests.c.id)).scalar_one()
    step = {"request_id": made, "at": at, "by": "camille@siao.example", "move": "escalate", "text": "", "data": "{}"}
    connection.execute(insert(request_events).values(step))


def pages(house: House, browser: Browser) -> Iterator[tuple[str, str]]:
    """Path and text of every page that opens for this reader; numbers and codes are those that exist."""
    serving = SnapshotFile(house.settings.var_dir).current()
    assert serving
    known = {
        "call_id": ("answered-0", "open-1", "message-0", "ringing-0"), "code": ("75",), "number": (1, 2),
        "short": (serving.people[0].id, "ajouter"), "kind": ("message", "callback"),
        "key": (WORDING.key,), "cle": (WORDING.key,),
        "act": ("ajouter", "renommer", "fusionner", "retirer"),
    }  # fmt: skip
    for rule in rules(house):
        if "GET" not in methods(rule) or rule.endpoint in {"static", "reports.static", "sounds.play"}:
            continue
        for path in _paths(rule, known):
            answered = browser.get(path)
            if answered.mimetype == "text/html":
                yield path, answered.text
            answered.close()


def _paths(rule: Rule, known: dict[str, Any]) -> Iterator[str]:
    """The addresses of a route, with each known value of its arguments."""
    converters = rule._converters
    choices: dict[str, tuple[Any, ...]] = {}
    for name, converter in converters.items():
        if isinstance(converter, AnyConverter):
            choices[name] = tuple(sorted(converter.items))
        else:
            choices[name] = known.get(name, (1,) if isinstance(converter, IntegerConverter) else ("answered-0",))
    for place in range(max(map(len, choices.values()), default=1)):
        built = rule.build({name: values[place % len(values)] for name, values in choices.items()})
        if built:
            yield built[1]


@pytest.mark.parametrize("reader", READERS)
def test_numbers_agree_with_their_nouns_on_every_page(filled: tuple[House, int], reader: str) -> None:
    house, number = filled
    browser = house.signed_in(READERS[reader])
    read = dict(pages(house, browser))
    assert len(read) > 20
    wrong = [f"{path} ({number}) – {fault}" for path, page in read.items() for fault in faults(sentences(page))]
    assert wrong == [], "\n".join(["", *wrong])


@pytest.mark.parametrize("reader", READERS)
def test_people_are_named_and_whoever_reads_is_vous(filled: tuple[House, int], reader: str) -> None:
    """An address stands only where it is itself the matter."""
    house, _number = filled
    browser = house.signed_in(READERS[reader])
    wrong = [
        f"{path} – « {line[:160]} »"
        for path, page in pages(house, browser)
        if not path.startswith(ADDRESSES_MATTER)
        for line in sentences(page)
        for email in house.accounts
        if email in line
    ]
    assert wrong == [], "\n".join(["", *wrong])


@pytest.mark.parametrize("reader", READERS)
def test_abbreviations_are_told_and_days_without_end_said_in_words(filled: tuple[House, int], reader: str) -> None:
    """« MEP » never stands alone; « 24/7 » only where a reader is told what to write in a file."""
    house, _number = filled
    wrong = [
        f"{path} – « {line[:160]} »"
        for path, page in pages(house, house.signed_in(READERS[reader]))
        if not path.endswith("/mots")  # what callers say, as they say it
        for line in sentences(page)
        if re.search(r"\bMEP\b(?! \(mise en production\))", line) or ("24/7" in line and "jour et nuit" not in line)
    ]
    assert wrong == [], "\n".join(["", *wrong])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_numbers_agree_in_what_leaves_by_mail(filled: tuple[House, int], number: int) -> None:
    house, _ = filled
    snapshot = refresh_rules(house.engine, house.settings, NOW)
    assert snapshot
    tasks = [
        Task(f"CA{each}", kind, "75", NOW - timedelta(days=5), seconds=number, number="+33199000001")
        for each in range(number)
        for kind in TaskKind
    ]
    letters = [write_letter(task, None, "camille@siao.example", "https://ici.example").text for task in tasks]
    found = sections(snapshot, [], tasks, ["Un courriel"] * number, NOW, capped=[("75", "redial")] * number)
    letters.append(write_bulletin(found, NOW.date()))
    month = month_of(date(2026, 11, 1))
    with house.writing() as connection:
        letters.append(report_text(connection, month, "https://ici.example", 0.85))
        open_month(connection, month, NOW)
        mails = mails_due(
            connection, month, NOW + timedelta(days=7), addresses={"75": ["camille@siao.example"]}, link="https://ici"
        )
    letters += [mail.text for mail in mails]
    lines = [line for letter in letters for line in letter.splitlines()]
    wrong = list(faults(" ".join(line.split()) for line in lines))
    assert wrong == [], "\n".join(["", *wrong])


# ---------------------------------------------------------------- in the sources, whatever the data


_PLURAL = "|".join(sorted(map(re.escape, NOUNS.values()), key=len, reverse=True))
_BARE = {
    ".html": re.compile(rf"\{{\{{([^{{}}]*)\}}\}}(?: |&nbsp;|\u00a0|\u202f)(?:{_PLURAL})\b"),
    ".py": re.compile(rf"(?<!\{{)\{{([^{{}}\"']*)\}}(?: |\u00a0|\u202f)(?:{_PLURAL})\b"),
}
"""A number put before a plural noun as it comes, which 0 and 1 make wrong."""
NEVER_UNDER_TWO = re.compile(
    r"\b_?[A-Z][A-Z_]{2,}\b|1_000_000|departements(\(\)\))? *\| *length|len\(departements\(\)\)"
    r"|_days\b|[_.]minutes\b|len\(codes\)|\blongest\b|\balarm\.legs\b|len\((plain|typed|self\.problems)\)"
)
"""Constants, settings of days and minutes, how many départements there are, what is counted when it is many."""


def test_no_number_is_put_before_a_plural_as_it_comes() -> None:
    """« {{ n }} appels » is wrong for one; the filter `counted` says it right. Told: file, line, what stands there."""
    wrong = []
    for room in ("service", "support", "reports", "voicemail", "records", "routing", "ivr"):
        for path in sorted((ROOT / room).rglob("*")):
            pattern = _BARE.get(path.suffix)
            if pattern is None or "/vendor/" in path.as_posix():
                continue
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                wrong += [
                    f"{path.relative_to(ROOT)}:{number}: {found[0]}"
                    for found in pattern.finditer(line)
                    if not NEVER_UNDER_TWO.search(found[1])
                ]
    assert wrong == [], "\n".join(["", *wrong])


@pytest.mark.parametrize(
    "wrong",
    [
        "<p>0 réponses sur 107</p>",
        "<td>1&nbsp;secondes</td>",
        "<b>2</b> appel à faire",
        "3 numéro(s)",
        "1 autres motifs",
    ],
)
def test_a_wrong_plural_is_seen(wrong: str) -> None:
    assert list(faults(sentences(wrong)))


@pytest.mark.parametrize(
    "right",
    ["<p>0 réponse</p>", "10 appels", "<td>1</td><td>appels</td>", "1\u202f001 appels", "12,1 secondes", "2 appels"],
)
def test_a_right_one_is_left_alone(right: str) -> None:
    assert list(faults(sentences(right))) == []
