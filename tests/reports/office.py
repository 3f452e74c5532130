"""LibreOffice without a screen: recalculates a workbook whatever values it carries, or prints it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed: no workbook was recalculated")

ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""


def convert(workbook: Path, kind: str, folder: Path) -> Path:
    """The workbook recalculated and written again as `kind` (xlsx, pdf) into a new folder."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS_RECALCULATE, encoding="utf-8")
    out = folder / f"as-{kind}"
    subprocess.run(  # noqa: S603 - the office suite of the machine, on a file of ours
        [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", kind,
         "--outdir", str(out), str(workbook)],
        check=True, capture_output=True, timeout=110,
    )  # fmt: skip
    return out / f"{workbook.stem}.{kind}"
