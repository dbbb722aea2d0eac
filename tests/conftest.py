"""Shared fixtures: a home of its own for every test, and an outside world that is the same wherever the tests run."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import hypothesis
import pytest

from sidecar.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path

# A gate must answer the same twice: HYPOTHESIS_PROFILE=search looks for new failures instead. How long an example takes
# to make says something about the machine, not about us.
SLOW = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("gate", derandomize=True, deadline=None, database=None, suppress_health_check=SLOW)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True, suppress_health_check=SLOW)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))

FOREIGN = ("DO_NOT_TRACK", "GROOVE_", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_CLI_HOME")
"""What whoever runs the tests may have set, and the program would follow."""


def pytest_configure():
    """Wherever the tests run, what they start begins as a shell's command does: none of our settings, no signal ignored."""
    for name in [name for name in os.environ if name.startswith(FOREIGN) and name != "GROOVE_LEAK_SHAPES"]:
        del os.environ[name]
    # A job in the background, and one under nohup, ignores these, and so would every child it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # still nothing to us, and the default to a child
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A fresh home folder."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def paths(home: Path) -> Paths:
    """The sidecar's paths in the fresh home."""
    return Paths.from_environment({"HOME": str(home)})
