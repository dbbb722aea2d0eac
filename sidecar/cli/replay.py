"""Prints a recorded stream at the pace it was recorded: what the demo runs in place of a real agent.

Owns: the timing. Never: looks into a line.
Invariant: the bytes written are the recording's, to the byte (with `--cut`, up to the middle of that line).

`python -m sidecar.cli.replay FILE [--pace F] [--cut LINE]`; the milliseconds per line lie beside FILE as FILE.ms.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path

INTERRUPTED = 130


def main() -> None:
    """Replay one recording to stdout. Ctrl-C ends it without a word, exit code 130."""
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(INTERRUPTED))
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--pace", type=float, default=1.0, help="seconds per recorded second")
    arguments.add_argument("--cut", type=int, default=0, help="write half of this line, then die by SIGKILL")
    options = arguments.parse_args()
    lines = options.file.read_bytes().split(b"\n")[:-1]
    moments = [int(row) for row in options.file.with_suffix(".ms").read_text(encoding="ascii").split()]
    started = time.monotonic()
    for number, (line, moment) in enumerate(zip(lines, moments, strict=True), start=1):
        time.sleep(max(0.0, started + moment / 1000 * options.pace - time.monotonic()))
        if number == options.cut:
            _write(line[: len(line) // 2])
            os.kill(os.getpid(), signal.SIGKILL)  # as the out-of-memory killer would: no goodbye, half a line
        _write(line + b"\n")


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
