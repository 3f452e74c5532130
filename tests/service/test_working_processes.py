"""Scheduled and heavy work as machines do it: real processes, killed by their own ids; calls go on meanwhile."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, select

from records.database import open_database, reading, writing
from records.schema.job_tables import job_runs
from records.schema.migrations import migrate
from records.working import heavy
from records.working.asked import HeavyWork, WorkState
from reports.figures.periods import Period
from reports.preparing.workbook import WorkbookAsked, ask
from service.clock import now
from service.running.watching.state import read_state
from tests.service.test_serve import ROOT
from tests.service.two_machines import Machine, machine, two_machines
from tests.service.waiting import eventually

__all__ = ["two_machines"]

PATIENCE = 180.0
"""Seconds: on a machine that does much else a process takes half a minute to start."""
BY = "sacha@siao.example"
JOBS = """
import sys, threading, time
from pathlib import Path
from records.database import open_database
from service.running.working.jobs import Job, Worker
url, folder, log = sys.argv[1:]
def work():
    with open(log, "a") as file:
        file.write(folder + "\\n")
    time.sleep(600 if folder.endswith("une") else 0)
Worker([Job("essai", work, minutes=24 * 60)], Path(folder), open_database(url)).run(threading.Event())
"""
STUCK = """
import sys, threading
from pathlib import Path
from records.database import open_database
from service.heavy.process import HeavyProcess
KEEP = "import sys, time; from service.heavy.child import bound_this_process as b; b(int(sys.argv[1])); time.sleep(600)"
url, folder, pid = sys.argv[1], Path(sys.argv[2]), str(__import__("os").getpid())
HeavyProcess(open_database(url), folder, command=lambda *_: [sys.executable, "-c", KEEP, pid]).run(threading.Event())
"""
"""A process of heavy work whose children end nothing."""


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, ended with the block."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, *command], env=os.environ | environment | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_a_killed_machine_was_doing_is_taken_over_by_another(empty_postgres: str, tmp_path: Path) -> None:
    engine = open_database(empty_postgres)
    migrate(engine)
    engine.dispose()
    log = tmp_path / "done"
    log.touch()
    with ExitStack() as both:
        first = both.enter_context(running("-c", JOBS, empty_postgres, str(tmp_path / "une"), str(log)))
        eventually(lambda: log.read_text().count("une") == 1, PATIENCE)
        both.enter_context(running("-c", JOBS, empty_postgres, str(tmp_path / "autre"), str(log)))
        eventually(lambda: read_state(tmp_path / "autre", "jobs"), PATIENCE)
        assert "autre" not in log.read_text()
        os.kill(first.pid, signal.SIGKILL)
        eventually(lambda: "autre" in log.read_text(), PATIENCE)
    assert log.read_text().splitlines() == [str(tmp_path / "une"), str(tmp_path / "autre")]


def work_of(engine: Engine, number: int) -> HeavyWork:
    with reading(engine) as connection:
        found = heavy.one(connection, number)
    assert found is not None
    return found


def asked(engine: Engine) -> int:
    """A workbook of the last two years of France."""
    today = now().date()
    period = Period(today - timedelta(days=700), today)
    with writing(engine) as connection:
        return ask(connection, WorkbookAsked(None, period, with_pivot=False), by=BY, at=now())


def test_heavy_work_that_is_killed_in_the_middle_is_begun_again_and_ends(tmp_path: Path) -> None:
    """First its own process is killed, then the one that keeps it, and so its child; another machine's takes it up."""
    url, state = f"sqlite:///{tmp_path / 'svi.sqlite'}", tmp_path / "state"
    engine = open_database(url)
    migrate(engine)
    number = asked(engine)
    with running("-c", STUCK, url, str(state)) as process:
        eventually(lambda: read_state(state, "heavy").get("child"), PATIENCE)
        first = read_state(state, "heavy")["child"]
        os.kill(first, signal.SIGKILL)
        eventually(lambda: read_state(state, "heavy").get("child") not in {None, first}, PATIENCE)
        assert work_of(engine, number).tries == 2
        os.kill(process.pid, signal.SIGKILL)
    settings = {"DEMO": "1", "VAR_DIR": str(tmp_path / "other"), "DATABASE_URL": url}
    with running("-m", "service.heavy.process", **settings):
        eventually(lambda: not work_of(engine, number).is_under_way, PATIENCE)
    ended = work_of(engine, number)
    assert (ended.state, ended.tries) == (WorkState.DONE, 3)
    with reading(engine) as connection:
        assert heavy.file_of(connection, number, heavy.MADE).startswith(b"PK")
    engine.dispose()


def test_a_child_whose_parent_was_killed_before_it_could_look_does_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'svi.sqlite'}"
    engine = open_database(url)
    migrate(engine)
    number = asked(engine)
    with writing(engine) as connection:
        heavy.take_next(connection, "killed", now())
    settings = {"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "DATABASE_URL": url}
    with running("-c", "") as parent:
        parent.wait()
    with running("-m", "service.heavy.child", str(number), "killed", str(parent.pid), **settings) as child:
        assert child.wait() == 1
    assert work_of(engine, number).is_under_way
    engine.dispose()


def test_a_work_that_takes_too_much_of_the_processor_ends_by_the_signal_that_says_so() -> None:
    """Ended without a word it would be begun again, twice, as if its machine had failed."""
    bounds = "import os; from service.heavy import child; child.PROCESSOR = 1; child.bound_this_process(os.getppid())"
    spends = f"{bounds}\nwhile True: pass"
    with running("-c", spends) as process:
        assert process.wait(PATIENCE) == -signal.SIGXCPU


# ---------------------------------------------------------------- whole houses


def signed_in(one: Machine) -> requests.Session:
    """A browser of the national team, as the first machine's command invites it."""
    invited = one.run("users", "add", BY, "--role", "national")
    assert invited.returncode == 0, invited.stderr
    link = re.search(r"http://\S+/connexion/\S+", one.run("users", "link", BY).stdout)
    assert link
    browser = requests.Session()
    answer = browser.post(link[0], data={"csrf_token": token_of(browser.get(link[0], timeout=60).text)}, timeout=60)
    assert answer.status_code == 200
    return browser


def token_of(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_two_machines_do_each_due_time_once_and_give_each_others_workbooks(
    two_machines: tuple[Machine, Machine],
) -> None:
    first, second = two_machines
    browser = signed_in(first)
    form = {"departement": "france", "du": "2026-01-01", "au": now().date().isoformat()}
    token = token_of(browser.get(f"{first.address}/resultats/classeurs", timeout=60).text)
    waits = browser.post(f"{first.address}/resultats/classeurs", data={**form, "csrf_token": token}, timeout=60).url
    assert "/resultats/travaux/" in waits
    there = waits.replace(first.address, second.address)
    eventually(lambda: "Télécharger" in browser.get(there, timeout=60).text, PATIENCE)
    assert browser.get(f"{there}/fichier.xlsx", timeout=60).content.startswith(b"PK")
    eventually(lambda: _all_told(first) and _all_told(second), PATIENCE)
    engine = open_database(first.settings.database_url)
    with reading(engine) as connection:
        found = connection.execute(select(job_runs.c.job, job_runs.c.slot, job_runs.c.tries)).all()
    engine.dispose()
    assert found
    assert {row.tries for row in found} == {1}, "each was done by one machine, at once"


def _all_told(one: Machine) -> bool:
    """Whether the machine knows of every job that comes each minute when it was last done, by whomever."""
    told = read_state(one.var_dir / "state", "jobs").get("jobs", {})
    return all(told.get(name, {}).get("done_at") for name in ("courriels des demandes", "sommes des appels"))


def test_calls_are_answered_while_forty_clients_post_a_million_columns(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'svi.sqlite'}"
    with machine(tmp_path / "house", url) as house:
        eventually(house.is_ready, PATIENCE)
        browser = signed_in(house)
        token = token_of(browser.get(f"{house.address}/resultats?departement=75", timeout=60).text)
        content, answers, answered = b"Date;Motif;" + b"x;" * 1_000_000, Counter[int](), Counter[int]()
        cookies = browser.cookies.get_dict()

        def post() -> None:
            for _ in range(3):
                sent = requests.post(
                    f"{house.address}/resultats/import", data={"csrf_token": token, "departement": "75"},
                    files={"classeur": ("suivi.csv", content)}, cookies=cookies, allow_redirects=False,
                    timeout=PATIENCE,
                )  # fmt: skip
                answers[sent.status_code] += 1

        clients = [threading.Thread(target=post) for _ in range(40)]
        for client in clients:
            client.start()
        for number in range(12):
            call = {
                "CallSid": f"CA{number:032d}",
                "From": "+33199000142",
                "To": "+33199000100",
                "CallStatus": "ringing",
            }
            answered[house.post_voice("", call).status_code] += 1
        for client in clients:
            client.join()
    assert answered == {200: 12}
    assert answers.keys() <= {303, 429}
    assert answers.total() == 120


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests to our own address go there, whatever the machine's environment says."""
    monkeypatch.setenv("NO_PROXY", "*")
