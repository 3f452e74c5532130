"""The stage's own assertions explain themselves as a test's do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.calls.play", "tests.calls.recorded")
