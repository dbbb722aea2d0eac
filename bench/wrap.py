"""What `wrap` costs: the throughput beside coreutils tee, and the start beside the bare command.

    python bench/wrap.py [--megabytes 200] [--rounds 5] [--json]

Rounds are interleaved (bare, tee, wrap, bare, …), so that what else the machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sidecar import consent
from sidecar.config import Settings
from sidecar.paths import Paths

GROOVE = str(Path(sys.executable).with_name("groove-sidecar"))
STARTS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="bench-wrap-"))
    try:
        found = measure(root, options.megabytes, options.rounds)
    finally:
        shutil.rmtree(root)
    print(json.dumps(found) if options.json else table(found, options.megabytes))


def measure(root: Path, megabytes: int, rounds: int) -> dict[str, object]:
    on, off = root / "on", root / "off"
    off.mkdir()
    paths = Paths.from_environment({"HOME": str(on)})
    consent.grant(paths, Settings.load(paths, {}).endpoint, "bench")
    child = ["head", "-c", str(megabytes << 20), "/dev/zero"]
    copies = {
        "bare": (child, on),
        "tee": (["sh", "-c", f'"$@" | tee {root}/copy', "sh", *child], on),
        "wrap": ([GROOVE, "wrap", "--", *child], on),
    }
    passing: dict[str, list[float]] = {name: [] for name in copies}
    for _ in range(rounds):
        for name, (command, home) in copies.items():
            passing[name].append(seconds(command, home))
            (root / "copy").unlink(missing_ok=True)
            shutil.rmtree(paths.streams, ignore_errors=True)
    starts = {
        "bare": (["true"], on),
        "python -c pass": ([sys.executable, "-c", "pass"], on),
        "wrap, off": ([GROOVE, "wrap", "--", "true"], off),
        "wrap, on": ([GROOVE, "wrap", "--", "true"], on),
    }
    starting: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(STARTS):
        for name, (command, home) in starts.items():
            starting[name].append(seconds(command, home))
    pairs = [wrap / tee for wrap, tee in zip(passing["wrap"], passing["tee"], strict=True)]
    return {
        "seconds": passing,
        "wrap_to_tee": pairs,
        "wrap_to_tee_median": statistics.median(pairs),
        "start_ms": {name: statistics.median(times) * 1000 for name, times in starting.items()},
    }


def seconds(command: list[str], home: Path) -> float:
    """Wall time of `command` with its stdout read to the end by us, as an agent's harness does."""
    environment = {
        key: value for key, value in os.environ.items() if key not in {"DO_NOT_TRACK", "GROOVE_SIDECAR_HOME"}
    }
    started = time.perf_counter()
    with subprocess.Popen(
        command, env={**environment, "HOME": str(home)}, stdout=subprocess.PIPE, bufsize=0, pipesize=1 << 20
    ) as child:
        assert child.stdout is not None
        buffer = bytearray(1 << 20)
        while child.stdout.readinto(buffer):
            pass
    return time.perf_counter() - started


def table(found: dict[str, object], megabytes: int) -> str:
    lines = [f"{megabytes} MB through stdout, seconds (median of the rounds)"]
    passing: dict[str, list[float]] = found["seconds"]  # type: ignore[assignment]
    for name, times in passing.items():
        median = statistics.median(times)
        lines.append(f"  {name:<6}{median:8.3f} s {megabytes / median:8.0f} MB/s")
    pairs: list[float] = found["wrap_to_tee"]  # type: ignore[assignment]
    lines.append("  wrap : tee, round by round: " + "  ".join(f"{pair:.2f}" for pair in pairs))
    lines.append("start and end of `true`, ms (median)")
    start: dict[str, float] = found["start_ms"]  # type: ignore[assignment]
    lines += [f"  {name:<16}{value:6.1f}" for name, value in start.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
