"""Shared fixtures: a home of its own for every test, and no blocking call in an event loop."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import pytest

from sidecar.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path

# A gate must answer the same twice: HYPOTHESIS_PROFILE=search looks for new failures instead.
hypothesis.settings.register_profile("gate", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


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
