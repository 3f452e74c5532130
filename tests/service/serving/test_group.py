"""A group of web processes: what was loaded before they began is not searched again while callers wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import requests

from tests.service.serving.house import ROOT, answers, free_ports
from tests.service.waiting import eventually

GROUP = """
import gc, socket, sys
from flask import Flask
from service.running.serving.group import Group
from service.running.serving.lanes import Lanes
app = Flask("group")
app.get("/health")(lambda: f"{gc.get_freeze_count()} {sum(1 for one in gc.get_objects() if one is app)}")
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
listening.setblocking(False)
Group(app, listening, 1, lambda: Lanes(threads=1, most=8)).run()
"""


def test_no_search_for_garbage_goes_through_what_was_loaded_before() -> None:
    (port,) = free_ports(1)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", GROUP, str(port)], env=environment)  # noqa: S603 - our own
    try:
        eventually(lambda: answers(port), 60)
        frozen, searched = requests.get(f"http://127.0.0.1:{port}/health", timeout=30).text.split()
        assert int(frozen) > 10_000
        assert int(searched) == 0
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
