"""The parent restarts what dies and leaves nobody behind; real processes, ended by their own ids."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.service.waiting import eventually

PARENT = """
import sys
from service.running.serving.child import Child
from service.running.serving.supervisor import Supervisor

write = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); "
sleeper = Child("dormeur", [sys.executable, "-c", write + "time.sleep(600)", sys.argv[1] + "/sleeper"])
deaf = Child("sourd", [sys.executable, "-c", "import subprocess, sys, time; "
    "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "open(sys.argv[1], 'a').write(f'{p.pid}\\\\n'); time.sleep(600)", sys.argv[1] + "/grandchild"])
once = Child("une fois", [sys.executable, "-c", write, sys.argv[1] + "/once"], once=True)
Supervisor([sleeper, deaf, once], lambda parent: None).run()
"""


def pids(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def has_lived(path: Path, times: int) -> bool:
    return len(pids(path)) == times


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def parent(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", PARENT, str(folder)])  # noqa: S603 - written above
    try:
        eventually(lambda: pids(folder / "sleeper") and pids(folder / "grandchild") and pids(folder / "once"))
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_killed_child_is_started_again_and_again(tmp_path: Path) -> None:
    """The second death in a row waits a little, and is not the last life."""
    with parent(tmp_path):
        for life in (1, 2):
            os.kill(pids(tmp_path / "sleeper")[-1], signal.SIGKILL)
            eventually(partial(has_lived, tmp_path / "sleeper", life + 1))


def test_a_child_that_is_meant_to_run_once_runs_once(tmp_path: Path) -> None:
    with parent(tmp_path):
        os.kill(pids(tmp_path / "sleeper")[-1], signal.SIGKILL)
        eventually(lambda: len(pids(tmp_path / "sleeper")) == 2)
        assert len(pids(tmp_path / "once")) == 1


def test_stopping_the_parent_leaves_no_process(tmp_path: Path) -> None:
    """Grandchildren included: a web server's workers do not outlive it."""
    with parent(tmp_path) as process:
        everybody = [*pids(tmp_path / "sleeper"), *pids(tmp_path / "grandchild")]
        process.terminate()
        assert process.wait(30) == 0
        assert not [pid for pid in everybody if is_alive(pid)]


def test_killing_the_parent_stops_its_children_too(tmp_path: Path) -> None:
    with parent(tmp_path) as process:
        process.kill()
        process.wait()
        eventually(lambda: not is_alive(pids(tmp_path / "sleeper")[-1]))
    for pid in pids(tmp_path / "grandchild"):
        os.kill(pid, signal.SIGKILL)
