"""How long a cold `groove-sidecar status` takes, beside a bare interpreter, in interleaved runs of whole processes.

`python bench/status.py [--runs N] [--json]`
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time


def seconds(command: list[str], environ: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def measure(runs: int) -> dict[str, float]:
    """Medians in milliseconds, and the median of the pairwise ratios."""
    with tempfile.TemporaryDirectory() as home:
        environ = {"HOME": home, "PATH": os.environ["PATH"]}
        bare = [sys.executable, "-c", "pass"]
        status = [sys.executable, "-m", "sidecar.cli.main", "status"]
        seconds(status, environ)
        pairs = [(seconds(status, environ), seconds(bare, environ)) for _ in range(runs)]
    return {
        "status_ms": round(statistics.median(a for a, _ in pairs) * 1000, 1),
        "bare_python_ms": round(statistics.median(b for _, b in pairs) * 1000, 1),
        "ratio": round(statistics.median(a / b for a, b in pairs), 2),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=9)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    result = measure(options.runs)
    if options.json:
        print(json.dumps(result))
    else:
        print("cold status: {status_ms} ms, bare interpreter {bare_python_ms} ms, ratio {ratio}".format(**result))


if __name__ == "__main__":
    main()
