"""Commands with and without us, as a shell would run them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from sidecar import consent
from sidecar.config import Settings
from sidecar.paths import Paths
from sidecar.sources.layout import read_facts, segments
from tests.patience import PATIENCE, until

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
    return subprocess.run(command, env=environment(home), check=False, timeout=PATIENCE, **options)


def runs(paths: Paths) -> list[Path]:
    return sorted(paths.streams.iterdir()) if paths.streams.exists() else []


def kept(folder: Path) -> bytes:
    """All bytes of a run."""
    return b"".join((folder / one.name).read_bytes() for one in segments([path.name for path in folder.iterdir()]))


def end_of(folder: Path):
    return read_facts(folder)[1]


def witness(group: int) -> int | None:
    """The process by which a wrapper sees what its whole group got; None while there is none."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):  # it went while we looked
            if int(stat.read_text().rpartition(")")[2].split()[2]) != group:
                continue
            if stat.with_name("cmdline").read_bytes() == b"/bin/sh\0-c\0read _\0":
                return int(stat.parent.name)
    return None


def witnessed(group: int, before: int | None = None) -> int | None:
    """Wait until the wrapper that leads `group` can tell again who a signal is meant for; its witness (None: no /proc)."""
    if not Path("/proc/self/stat").exists():
        return None
    until(lambda: witness(group) not in {None, before})
    return witness(group)
