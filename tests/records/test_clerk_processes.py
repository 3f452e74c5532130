"""The clerk as a process of its own: killed again and again, in time, and alone on its host."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from records.calls.clerk import Drained
from records.calls.journal import Journal
from records.database import Engine, open_database
from records.facts import Fact
from records.schema.tables import facts, metadata
from tests.records import play
from tests.records.clerks import PATIENCE, clerk_of, count, outcomes, until
from tests.records.play import CALL, STORIES


def start(folder: Path, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.records.clerk_process", str(folder), url])  # noqa: S603 - this interpreter


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(PATIENCE)


def many(number: int) -> list[list[Fact]]:
    stories = list(STORIES.values())
    return [
        [replace(fact, call=f"CA{index:05d}") for fact in stories[index % len(stories)]()] for index in range(number)
    ]


def test_a_clerk_killed_again_and_again_loses_nothing_and_doubles_nothing(folder: Path, database_url: str) -> None:
    """SIGKILL at whatever point it is, four times, while a worker goes on writing."""
    engine = open_database(database_url)
    metadata.create_all(engine)
    journal = Journal(folder, "host-1")
    played = many(250)
    process, seen = start(folder, database_url), 0
    for number, call in enumerate(played):
        assert journal.append(call)
        if number % 50 == 49 and call is not played[-1]:
            assert until(lambda seen=seen: count(engine, facts) > seen)  # type: ignore[misc]
            process.kill()
            process.wait(PATIENCE)
            seen = count(engine, facts)  # before it starts again: a quick clerk may have caught up when we look
            process = start(folder, database_url)
    expected = {fact.key for call in played for fact in call}
    assert until(lambda: count(engine, facts) == len(expected))
    assert stop(process) == 0
    assert len(outcomes(engine)) == len(played)
    assert "in_progress" not in outcomes(engine).values()
    assert clerk_of(folder, engine).drain_once() == Drained()
    journal.close()
    engine.dispose()


def test_a_call_is_seen_within_two_seconds_of_its_last_fact(folder: Path, journal: Journal, engine: Engine) -> None:
    ending = threading.Event()
    clerk = clerk_of(folder, engine)
    thread = threading.Thread(target=clerk.run, args=(ending,))
    thread.start()
    try:
        assert until((folder / "clerk.lock").exists)
        journal.append(play.happy_path())
        ended = time.monotonic()
        assert until(lambda: outcomes(engine) == {CALL: "answered"})
        assert time.monotonic() - ended < 2
    finally:
        ending.set()
        thread.join()


def test_only_one_clerk_of_a_host_works(folder: Path, engine: Engine) -> None:
    """The second waits for the first to go; told to stop meanwhile, it stops."""
    rounds: list[str] = []
    first, second = threading.Event(), threading.Event()

    def work(name: str, ending: threading.Event) -> threading.Thread:
        thread = threading.Thread(
            target=clerk_of(folder, engine).run,
            args=(ending,),
            kwargs={"poll": 0.01, "after_round": lambda _drained: rounds.append(name)},
        )
        thread.start()
        return thread

    threads = [work("first", first)]
    assert until(lambda: "first" in rounds)
    threads.append(work("second", second))
    here = len(rounds)
    assert until(lambda: len(rounds) > here + 20)
    assert "second" not in rounds
    first.set()
    assert until(lambda: "second" in rounds)
    second.set()
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()
