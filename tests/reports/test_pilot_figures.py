"""The dashboard for a pilot: each measure on the page and in its file is what one counts call by call.

Calls of all sources over three years, overseas, on the nights of the clock change; the counting here shares no code
with the product's.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from math import ceil, sqrt
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from records.facts import Outcome, Source
from records.schema.tables import desk_tasks
from tests.reports.counting import ENTRIES
from tests.reports.tables import Call, call, qualified, store
from tests.support.house import Browser, House, open_house

ZONES = {
    "75": "Europe/Paris", "59": "Europe/Paris", "2A": "Europe/Paris", "974": "Indian/Reunion",
    "971": "America/Guadeloupe", "988": "Pacific/Noumea", None: "Europe/Paris",
}  # fmt: skip
REGIONS = {"Île-de-France": {"75"}, "Corse": {"2A"}, "Hauts-de-France": {"59"}, "La Réunion": {"974"}}
CLOCK_CHANGES = (
    datetime(2025, 10, 25, 22, tzinfo=UTC), datetime(2026, 3, 28, 22, tzinfo=UTC),
    datetime(2026, 10, 24, 22, tzinfo=UTC),
)  # fmt: skip
TODAY = date(2026, 11, 24)
SINCE, UNTIL = date(2026, 10, 1), TODAY
PHONE = (Source.WEBHOOK, Source.RECONCILIATION)
LOST = (Outcome.ABSENCE, Outcome.ABANDONED_MENU, Outcome.ABANDONED_RINGING, Outcome.MISSED)


def several_years(rng: random.Random, number: int) -> list[Call]:
    made = []
    for index in range(number):
        code = rng.choices(list(ZONES), (9, 4, 2, 3, 2, 2, 2))[0]
        if index % 10 == 0:
            started = rng.choice(CLOCK_CHANGES) + timedelta(minutes=rng.randrange(300))
        elif index % 3 == 0:
            started = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(84 * 1440))
        else:
            started = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(998 * 1440))
        source = rng.choice([*[Source.WEBHOOK] * 6, Source.RECONCILIATION, Source.MANUAL, Source.IMPORT])
        outcome = rng.choice(list(Outcome)) if source in PHONE else Outcome.ANSWERED
        if rng.random() < 0.4 and source in PHONE:
            outcome = Outcome.ANSWERED
        entry = rng.choice(ENTRIES[:3] if started.year == 2026 and started.month > 9 else ENTRIES)
        told = None
        if rng.random() < 0.7:
            told = qualified(entry.niveau, *entry.wording, resolved=rng.random() < 0.7, escalated=rng.random() < 0.2)
            told["resolved"] = rng.choice([told["resolved"], told["resolved"], None])
        made.append(call(
            f"CA{index:06d}", started.astimezone(ZoneInfo(ZONES[code])).date(), source=source, outcome=outcome,
            departement=code, started_at=started, caller=rng.choice([None, "+33199000001", "+33199000002"]),
            wait_seconds=rng.choice([None, 10, 59, 60, 61, rng.randrange(200)]),
            talk_seconds=rng.choice([None, rng.randrange(900)]), qualification=told,
        ))  # fmt: skip
    return [row for row in made if row["local_date"] <= TODAY]


@pytest.fixture(scope="module", params=range(2))
def calls_and_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[list[Call], House]]:
    folder = tmp_path_factory.mktemp("pilot")
    made = open_house(folder, f"sqlite:///{folder / 'house.sqlite'}")
    rows = several_years(random.Random(request.param), 2_500)
    with made.writing() as connection:
        store(connection, rows)
    yield rows, made
    made.engine.dispose()


def file(browser: Browser, what: str, **more: str) -> list[dict[str, str]]:
    more = {"du": SINCE.isoformat(), "au": UNTIL.isoformat(), **more}
    answer = browser.get(f"/national/{what}.csv?" + "&".join(f"{key}={value}" for key, value in more.items()))
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


# ---------------------------------------------------------------- counted by hand


def between(rows: Sequence[Call], since: date, until: date) -> list[Call]:
    return [row for row in rows if since <= row["local_date"] <= until]


def received(rows: Sequence[Call]) -> list[Call]:
    return [row for row in rows if row["source"] in PHONE and row["departement"]]


def treated(rows: Sequence[Call]) -> list[Call]:
    return [row for row in rows if row["source"] not in PHONE or row["outcome"] == Outcome.ANSWERED]


def lost(rows: Sequence[Call]) -> list[Call]:
    return [row for row in received(rows) if row["outcome"] in LOST]


def soon(row: Call) -> bool:
    return row["outcome"] == Outcome.ANSWERED and row["wait_seconds"] is not None and row["wait_seconds"] <= 60


def repeated(rows: Sequence[Call]) -> int:
    seen: set[tuple[object, ...]] = set()
    again = 0
    for row in received(rows):
        key = (row["caller"], row["departement"], row["local_date"])
        again += row["caller"] is not None and key in seen
        seen.add(key)
    return again


def of(part: int, whole: int) -> str:
    return "—" if not whole else f"{part / whole * 100:.1f} %".replace(".", ",")


def clock(seconds: float | None) -> str:
    return "—" if seconds is None else f"{int(seconds + 0.5) // 60:02d}:{int(seconds + 0.5) % 60:02d}"


def waits(rows: Sequence[Call]) -> list[int]:
    return sorted(row["wait_seconds"] for row in received(rows) if row["wait_seconds"] is not None)


def ninth_tenth(values: Sequence[int]) -> float | None:
    return values[ceil(len(values) * 9 / 10) - 1] if values else None


def said(rows: Sequence[Call], flag: str) -> str:
    told = [row["qualification"][flag] for row in treated(rows) if row["qualification"]]
    known = [each for each in told if each is not None]
    return of(sum(known), len(known))


def at_level(niveau: str) -> Callable[[Sequence[Call]], str]:
    def count(rows: Sequence[Call]) -> str:
        return str(sum((row["qualification"] or {}).get("niveau") == niveau for row in treated(rows)))

    return count


BY_HAND: dict[str, Callable[[Sequence[Call]], str]] = {
    "Appels reçus": lambda rows: str(len(received(rows))),
    "Nombre d'appels": lambda rows: str(len(treated(rows))),
    "Taux de décroché": lambda rows: of(
        sum(row["outcome"] == Outcome.ANSWERED for row in received(rows)), len(received(rows))
    ),
    "Appels perdus": lambda rows: str(len(lost(rows))),
    "Décrochés en 60 secondes": lambda rows: of(sum(map(soon, received(rows))), len(received(rows))),
    "Attente médiane": lambda rows: clock(median(waits(rows)) if waits(rows) else None),
    "Attente, 90e centile": lambda rows: clock(ninth_tenth(waits(rows))),
    "Taux de résolution": lambda rows: said(rows, "resolved"),
    "Taux d'escalade au national": lambda rows: said(rows, "escalated"),
    "Appels répétés": lambda rows: str(repeated(rows)),
    "Appels de niveau 1": at_level("1"),
    "Appels de niveau 1/2": at_level("1/2"),
    "Appels de niveau 2": at_level("2"),
}
MONTHS = ("novembre 2025", "décembre 2025", "janvier 2026", "février 2026", "mars 2026", "avril 2026", "mai 2026",
          "juin 2026", "juillet 2026", "août 2026", "septembre 2026", "octobre 2026", "novembre 2026")  # fmt: skip


# ---------------------------------------------------------------- the tests


def test_the_months_and_those_of_the_year_before_are_counted_call_by_call(
    calls_and_house: tuple[list[Call], House],
) -> None:
    rows, house = calls_and_house
    found = defaultdict(list)
    for line in file(house.signed_in("sacha@siao.example"), "tendances"):
        found[line["Mesure"]].append(line)
    assert set(found) == set(BY_HAND)
    for name, count in BY_HAND.items():
        assert len(found[name]) == 13
        for at, (line, words) in enumerate(zip(found[name], MONTHS, strict=True)):
            assert line["Mois"].startswith(words)
            assert ("incomplet, jusqu’au 24" in line["Mois"]) == (at == 12)
            index = 2025 * 12 + 10 + at
            for heading, back in (("Valeur", 0), ("Un an avant", 12)):
                first = date((index - back) // 12, (index - back) % 12 + 1, 1)
                after = date((index - back + 1) // 12, (index - back + 1) % 12 + 1, 1)
                last = after - timedelta(days=1) if at < 12 else first.replace(day=24)
                assert line[heading] == count(between(rows, first, last)), (name, line["Mois"], heading)


def test_the_regions_and_the_departements_are_counted_call_by_call(calls_and_house: tuple[list[Call], House]) -> None:
    rows, house = calls_and_house
    browser = house.signed_in("sacha@siao.example")
    inside = between(rows, SINCE, UNTIL)
    regions = {line["Région"]: line for line in file(browser, "regions")}
    places = {line["Département"]: line for line in file(browser, "departements")}
    per_place = {code or "": [row for row in inside if row["departement"] == code] for code in ZONES}
    scopes = [(places[code], per_place[code]) for code in per_place]
    scopes += [
        (regions[name], [row for row in inside if row["departement"] in codes]) for name, codes in REGIONS.items()
    ]
    scopes += [(regions["Ensemble"], inside), (regions["Sans département"], per_place[""])]
    for line, some in scopes:
        for name, count in BY_HAND.items():
            heading = next((each for each in (name, f"{name} (min:s)") if each in line), None)
            if heading:
                assert line[heading] == count(some), (name, line)
    for name in ("Appels reçus", "Nombre d'appels", "Appels perdus", "Appels répétés"):
        numbers = [int(line[name]) for region, line in regions.items() if region != "Ensemble"]
        assert sum(numbers) == int(regions["Ensemble"][name])


def test_each_hour_is_the_one_on_the_wall_whatever_the_clock_does(calls_and_house: tuple[list[Call], House]) -> None:
    rows, house = calls_and_house
    browser = house.signed_in("sacha@siao.example")
    for what, kept in (("heures", received), ("perdus", lost)):
        expected = [[0] * 24 for _ in range(7)]
        for row in kept(between(rows, SINCE, UNTIL)):
            local = row["started_at"].astimezone(ZoneInfo(ZONES[row["departement"]]))
            expected[row["local_date"].weekday()][local.hour] += 1
        found = [[int(number) for number in list(line.values())[1:]] for line in file(browser, what)]
        assert found == expected
        assert sum(expected[5][22:] + expected[6][:4]) > 0
    page = browser.get(f"/national/tendances?du={SINCE}&au={UNTIL}").text
    shown = [
        [int(number) for number in re.findall(r"<td>(\d+)</td>", line)]
        for line in re.findall(r'<th scope="row">un an avant</th>(.*?)</tr>', page)
    ]
    a_year_before = between(rows, date(2025, 10, 1), date(2025, 11, 24))
    for line, some in zip(shown, (received(a_year_before), lost(a_year_before)), strict=True):
        by_hour = [0] * 24
        for row in some:
            by_hour[row["started_at"].astimezone(ZoneInfo(ZONES[row["departement"]])).hour] += 1
        assert line == by_hour


def test_departements_in_need_come_by_calls_lost_and_keep_their_reasons(
    calls_and_house: tuple[list[Call], House],
) -> None:
    rows, house = calls_and_house
    expected = []
    for code in filter(None, ZONES):
        some = [row for row in between(rows, SINCE, UNTIL) if row["departement"] == code]
        calls, gone, done = received(some), lost(some), treated(some)
        rate = sum(row["outcome"] == Outcome.ANSWERED for row in calls) / len(calls)
        left = sum(row["qualification"] is None for row in done)
        why = [f"{len(gone)} appels perdus"] if len(gone) >= 10 and rate < 0.85 else []
        why += [f"décroché {of(round(rate * len(calls)), len(calls))}"] if len(calls) >= 10 and rate < 0.7 else []
        why += [f"attente {clock(median(waits(some)))}"] if len(calls) >= 10 and median(waits(some)) > 30 else []
        why += [f"{left} appels à qualifier sur {len(done)}"] if len(done) >= 10 and left > 0.3 * len(done) else []
        if why:
            expected.append((-len(gone), rate, code, ", ".join(why)))
    found = file(house.signed_in("sacha@siao.example"), "aide")
    plain = [(line["Département"], line["Pourquoi"].replace("\u202f", " ")) for line in found]
    assert plain == [(code, why) for _, _, code, why in sorted(expected)]


def test_a_motive_rises_by_the_rule_that_the_page_says(calls_and_house: tuple[list[Call], House]) -> None:
    rows, house = calls_and_house
    browser = house.signed_in("sacha@siao.example")
    days = (UNTIL - SINCE).days + 1
    periods = (
        (SINCE, UNTIL), (SINCE - timedelta(days=days), SINCE - timedelta(days=1)),
        (date(2025, 10, 1), date(2025, 11, 24)),
    )  # fmt: skip
    counts: list[dict[tuple[str, ...], int]] = []
    for since, until in periods:
        each: dict[tuple[str, ...], int] = defaultdict(int)
        for row in treated(between(rows, since, until)):
            if row["qualification"]:
                each[tuple(row["qualification"][name] for name in ("thematique", "motif", "sous_motif"))] += 1
        counts.append(each)
    now, *past = counts
    expected = {
        (*wording, str(number), str(past[0][wording]), str(past[1][wording]))
        for wording, number in now.items()
        if number >= 10
        and all(number >= 1.5 * each[wording] and number - each[wording] > 2 * sqrt(number + each[wording])
                for each in past)
    }  # fmt: skip
    assert {tuple(line.values()) for line in file(browser, "hausses")} == expected
    assert expected, "the set must hold one that rises"
    page = browser.get(f"/national/motifs?du={SINCE}&au={UNTIL}").text
    assert "au moins 10 fois dans la période" in page


def test_the_delay_to_call_back_is_that_of_the_desks(calls_and_house: tuple[list[Call], House]) -> None:
    rows, house = calls_and_house
    rng = random.Random(5)
    tasks: list[dict[str, Any]] = []
    for row in rng.sample([row for row in rows if row["departement"]], 60):
        made = row["started_at"]
        handled = rng.choice([None, made + timedelta(minutes=rng.randrange(5_000), seconds=rng.randrange(60))])
        tasks.append({
            "call_id": row["call_id"], "kind": rng.choice(["message", "callback"]), "departement": row["departement"],
            "created_at": made, "handled_at": handled,
        })  # fmt: skip
    with house.writing() as connection:
        connection.execute(insert(desk_tasks), tasks)
    minutes = sorted(
        int((task["handled_at"] - task["created_at"]).total_seconds() // 60)
        for task in tasks
        if task["handled_at"]
        and SINCE <= task["created_at"].astimezone(ZoneInfo(ZONES[task["departement"]])).date() <= UNTIL
    )
    page = house.signed_in("sacha@siao.example").get(f"/national?du={SINCE}&au={UNTIL}").text
    shown = re.search(
        r"Délai de rappel, médian</p>\s*<p[^>]*>([^<]+)</p>\s*<p[^>]*>90e centile : ([^(]+)\s\((\d+)", page
    )
    assert shown
    assert shown.groups() == (in_words(median(minutes)), in_words(ninth_tenth(minutes)), str(len(minutes)))


def in_words(minutes: float | None) -> str:
    assert minutes is not None
    whole = int(minutes + 0.5)
    if whole >= 1440:
        return f"{whole // 1440} j {whole % 1440 // 60} h"
    return f"{whole // 60} h {whole % 60:02d}" if whole >= 60 else f"{whole} min"


def test_under_a_level_or_a_thematique_what_means_nothing_is_a_dash(calls_and_house: tuple[list[Call], House]) -> None:
    rows, house = calls_and_house
    browser = house.signed_in("sacha@siao.example")
    page = browser.get(f"/national?du={SINCE}&au={UNTIL}&niveau=1").text
    assert "n’auraient aucun sens ici" in page
    assert "Taux de décroché</p>" not in page
    for line in file(browser, "departements", niveau="1"):
        assert {
            line[name] for name in ("Appels reçus", "Taux de décroché", "Appels perdus", "Attente médiane (min:s)")
        } == {"—"}
        some = [row for row in between(rows, SINCE, UNTIL) if (row["departement"] or "") == line["Département"]]
        some = [row for row in some if row["qualification"] and row["qualification"]["niveau"] == "1"]
        assert line["Nombre d'appels"] == str(len(treated(some)))
        assert line["Taux de résolution"] == said(some, "resolved")
    assert {line["Mesure"] for line in file(browser, "tendances", niveau="1")} == {
        "Nombre d'appels", "Taux de résolution", "Taux d'escalade au national", "Appels de niveau 1",
        "Appels de niveau 2",
    }  # fmt: skip
    assert {number for line in file(browser, "perdus", niveau="1") for number in list(line.values())[1:]} == {"—"}
    assert file(browser, "aide", niveau="1") == []


def test_weeks_that_are_not_whole_say_so(calls_and_house: tuple[list[Call], House]) -> None:
    _, house = calls_and_house
    remarks = [line["Remarque"] for line in file(house.signed_in("sacha@siao.example"), "courbe")]
    assert remarks[0] == "semaine incomplète : 4 jours entiers sur 7"
    assert remarks[-1] == "semaine incomplète : 1 jour entier sur 7"
    assert set(remarks[1:-1]) == {""}


def test_two_values_that_a_reader_sees_alike_are_equal(calls_and_house: tuple[list[Call], House]) -> None:
    _, house = calls_and_house
    page = house.signed_in("sacha@siao.example").get(f"/national/tendances?du={SINCE}&au={UNTIL}").text
    table = page[page.index('id="tendances"') : page.index('id="heures"')]
    lines = re.findall(
        r'<tr><th scope="row">[^<]+ 202[56][^<]*</th><td>([^<]+)</td><td>([^<]+)</td><td>([^<]+)</td></tr>', table
    )
    assert len(lines) == 13 * len(BY_HAND)
    for here, past, gap in lines:
        assert (gap == "=") == (here == past != "—")
        assert (gap == "—") == ("—" in {here, past})
    assert any(gap == "=" for _, _, gap in lines)
