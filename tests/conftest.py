"""Shared fixtures: a home of its own for every test, and no blocking call in an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sidecar.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path


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
