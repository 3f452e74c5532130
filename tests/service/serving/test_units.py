"""The unit files say what the service reads, and systemd understands them."""

from __future__ import annotations

import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from service.running.serving.replacing import GRACE
from service.running.serving.sockets import EVERYTHING, TELEPHONE
from service.settings import Settings

UNITS = Path(__file__).parents[3] / "deploy" / "systemd"
NAMES = ("svi.socket", "svi-voice.socket", "svi.service", "svi-backup.service", "svi-backup.timer")


def unit(name: str) -> RawConfigParser:
    read = RawConfigParser(strict=False)
    read.optionxform = str  # type: ignore[method-assign, assignment]
    read.read_string((UNITS / name).read_text("utf-8"))
    return read


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
    for name in NAMES:
        text = (UNITS / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("/opt/svi/.venv/bin/svi", "/bin/true"))
    told = subprocess.run(  # noqa: S603 - our own files
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in NAMES)],  # noqa: S607 - found on PATH
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (told.returncode, told.stderr.strip()) == (0, "")


def test_the_sockets_bear_the_names_and_ports_that_the_service_looks_for() -> None:
    port = Settings.model_fields["port"].default
    for name, sense, wanted in (("svi.socket", EVERYTHING, port), ("svi-voice.socket", TELEPHONE, port + 2)):
        socket = unit(name)["Socket"]
        assert socket["FileDescriptorName"] == sense
        assert socket["ListenStream"].endswith(f":{wanted}")
        assert "PartOf" not in unit(name)["Unit"], "a socket that stops with the service refuses callers"


def test_the_service_is_reloaded_by_a_signal_and_has_time_to_stop() -> None:
    service = unit("svi.service")["Service"]
    assert service["ExecReload"].endswith("kill -HUP $MAINPID")
    assert int(service["TimeoutStopSec"]) > 3 * GRACE
    assert service["OOMPolicy"] == "continue", "heavy work that ends for want of memory would end the telephone"
    assert service["KillMode"] == "mixed", "the parent alone is told: it stops its own, the clerk last"
