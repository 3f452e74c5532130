"""The radar finds planted outages soon, and keeps quiet otherwise."""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from reports.invented_calls import InventedCall, Wave, invent_calls, invent_wave
from reports.radar.detector import Event, Planted, Radar, Score, score, watch
from routing.departements import PARIS, departements
from tests.reports.counting import ENTRIES

ZONES = {code: departement.timezone for code, departement in departements().items()}
QUALIFIED_AFTER = timedelta(minutes=5)


def events(calls: Iterable[InventedCall]) -> Iterator[Event]:
    for call in calls:
        at = (call.started_at + QUALIFIED_AFTER).astimezone(PARIS)
        yield Event(at, call.departement, call.entry.wording.sous_motif if call.entry else None)


def replay(number: int, seed: int, waves: list[Wave]) -> Score:
    """Two years of invented calls with these waves, played to a new radar in the order of their moments."""
    calls = sorted(invent_calls(number, seed, date(2026, 11, 24), ZONES, ENTRIES), key=lambda call: call.started_at)
    streams = [events(calls), *(events(invent_wave(wave, seed, ZONES, ENTRIES)) for wave in waves)]
    alerts = watch(Radar(), heapq.merge(*streams, key=lambda event: event.at))
    planted = [
        Planted(wave.start, wave.start + timedelta(minutes=wave.minutes), wave.entry.wording.sous_motif)
        for wave in waves
    ]
    return score(alerts, planted)


def test_of_ten_planted_waves_nine_are_found_half_of_them_within_half_an_hour() -> None:
    rng = random.Random(7)
    waves = []
    for number in range(10):
        day = date(2025, 12, 1) + timedelta(days=35 * number)
        morning = datetime(day.year, day.month, day.day, rng.randrange(7, 15), rng.randrange(60), tzinfo=UTC)
        waves.append(Wave(morning, rng.choice(ENTRIES), rng.choice([25, 40, 80]), 90))
    found = replay(60_000, 3, waves)
    assert found.found >= 9
    assert sorted(found.delays)[len(found.delays) // 2] <= 30
    assert found.false_alerts <= 12
    assert "vagues trouvées sur 10" in found.sentence()


def test_two_quiet_years_raise_hardly_an_alert() -> None:
    """At most one false alert in two months."""
    assert replay(40_000, 4, []).false_alerts <= 12


def test_one_wave_is_one_alert_and_offers_an_announcement() -> None:
    radar = Radar()
    start = datetime(2026, 9, 1, 9, tzinfo=PARIS)
    usual = [
        Event(start + timedelta(hours=hour, minutes=minute), "75", "Affichage")
        for hour in range(24 * 21)
        for minute in (0, 30)
    ]
    assert list(watch(radar, usual)) == []
    wave = [
        Event(start + timedelta(days=21, minutes=n), ["75", "59", "13", "33", "69"][n % 5], "Affichage")
        for n in range(50)
    ]
    (alert,) = watch(radar, wave)
    assert len(alert.departements) == 5
    assert alert.sentence().startswith("« Affichage » : ")
    assert "affichage" in alert.announcement()


def test_one_departement_alone_is_no_national_outage() -> None:
    radar, start = Radar(), datetime(2026, 9, 1, 9, tzinfo=PARIS)
    quiet = [Event(start + timedelta(hours=hour), "75", "Affichage") for hour in range(24 * 21)]
    busy = [Event(start + timedelta(days=21, minutes=n), "75", "Affichage") for n in range(20)]
    assert list(watch(radar, [*quiet, *busy])) == []
