"""Stands in for a CLI: prints a recorded stream and writes the recorded transcript beside it, both as if it were now.

`python fake_cli.py RECORDING --transcript PATH [--subagent PATH --call ID] [--seconds S] [--after FILE] [--exit N] [--die]`
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

STAMP = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def seconds(stamp: bytes) -> float:
    return dt.datetime.fromisoformat(stamp.decode()).timestamp()


def shifted(data: bytes, by: float) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        moment = dt.datetime.fromtimestamp(seconds(found.group()) + by, dt.UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.").encode() + b"%03dZ" % (moment.microsecond // 1000)

    return STAMP.sub(one, data)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("recording", type=Path)
    arguments.add_argument("--transcript", type=Path)
    arguments.add_argument("--subagent", type=Path)
    arguments.add_argument("--call", default="")
    arguments.add_argument("--seconds", type=float, default=1.0)
    arguments.add_argument("--after", type=Path, help="the transcript is held back until this file is there")
    arguments.add_argument("--exit", type=int, default=0)
    arguments.add_argument("--die", action="store_true", help="end by SIGKILL, in the middle of a line")
    options = arguments.parse_args()
    stdout = (options.recording / "stdout.jsonl").read_bytes()
    stored = (options.recording / "transcript.jsonl").read_bytes()
    by = time.time() - seconds(STAMP.search(stored).group())
    out = [line + b"\n" for line in shifted(stdout, by).split(b"\n")[:-1]]
    kept = [line + b"\n" for line in shifted(stored, by).split(b"\n")[:-1]]
    plan = sorted(
        [(number / len(out), 1, line) for number, line in enumerate(out)]
        + [(number / len(kept), 0, line) for number, line in enumerate(kept)],
        key=lambda one: one[:2],
    )
    started = time.monotonic()
    held: list[bytes] = []
    for share, is_out, line in plan:
        time.sleep(max(0.0, started + share * options.seconds - time.monotonic()))
        if is_out:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            continue
        held.append(line)
        if options.transcript is not None and options.after is None:
            append(options.transcript, held)
    if options.transcript is not None:
        while options.after is not None and not options.after.exists() and time.monotonic() - started < 300:
            time.sleep(0.02)
        append(options.transcript, held)
    if options.subagent is not None:
        note = options.subagent.with_suffix(".meta.json")
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"agentType": "x", "toolUseId": options.call}))
        append(options.subagent, [shifted((options.recording / "subagent.jsonl").read_bytes(), by)])
    if options.die:
        sys.stdout.buffer.write(b'{"type":"resu')
        sys.stdout.buffer.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(options.exit)


def append(path: Path, held: list[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as handle:
        handle.write(b"".join(held))
    held.clear()


if __name__ == "__main__":
    main()
