"""Commands with and without us, as a shell would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sidecar import consent
from sidecar.config import Settings
from sidecar.paths import Paths
from sidecar.sources.layout import read_facts, segments

ROOT = Path(__file__).parents[3]
GROOVE = [sys.executable, "-m", "sidecar.cli.main"]
WRAP = [*GROOVE, "wrap", "--"]


def switch_on(home: Path) -> Paths:
    """Consent as `enable` writes it."""
    paths = Paths.from_environment({"HOME": str(home)})
    consent.grant(paths, Settings.load(paths, {}).endpoint, "test")
    return paths


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"DO_NOT_TRACK", "GROOVE_SIDECAR_HOME"}}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), **more}


def run(command: list[str], home: Path, **options) -> subprocess.CompletedProcess[bytes]:
    options.setdefault("capture_output", True)
    return subprocess.run(command, env=environment(home), check=False, timeout=60, **options)


def runs(paths: Paths) -> list[Path]:
    return sorted(paths.streams.iterdir()) if paths.streams.exists() else []


def kept(folder: Path) -> bytes:
    """All bytes of a run."""
    return b"".join((folder / one.name).read_bytes() for one in segments([path.name for path in folder.iterdir()]))


def end_of(folder: Path):
    return read_facts(folder)[1]
