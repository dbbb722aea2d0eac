"""Memory of an import: a synthetic Claude transcript of many MB, imported by a process of its own, RSS sampled.

`python bench/import_memory.py [--mb 300]`. The claim: resident memory does not grow with the file.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE_SECONDS = 0.25
WORDS = ("the retry loop", "waits too long", "when the server", "answers busy", "and the test", "fails", "again")


def lines(chance: random.Random, session: str):
    """An endless conversation: prompt, then call and result, call and result."""
    began = time.time() - 3_600
    number = 0
    while True:
        number += 1
        moment = dt.datetime.fromtimestamp(began + number * 0.001, dt.UTC)
        common = {
            "sessionId": session,
            "uuid": str(uuid.UUID(int=chance.getrandbits(128))),
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "cwd": "/home/me/proj",
            "version": "2.1.197",
        }
        text = " ".join(chance.choices(WORDS, k=chance.randrange(20, 800)))
        call = f"toolu_{number}"
        block = {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": f"grep -n '{text[:60]}' x.py"}}
        message = {"id": f"msg_{number}", "role": "assistant", "model": "claude-opus-4-7", "content": [block]}
        yield {"type": "assistant", "message": message, **common}
        result = {
            "type": "tool_result",
            "tool_use_id": call,
            "content": text.replace(" again", "\n"),
            "is_error": False,
        }
        common["uuid"] = str(uuid.UUID(int=chance.getrandbits(128)))
        yield {"type": "user", "message": {"role": "user", "content": [result]}, **common}


def write(path: Path, size: int) -> None:
    """A transcript of `size` bytes."""
    path.parent.mkdir(parents=True)
    chance = random.Random(1)
    with path.open("wb") as handle:
        for line in lines(chance, path.stem):
            handle.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            if handle.tell() >= size:
                return


def rss(pid: int) -> int:
    """Resident kB of a process; 0 when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    except OSError:
        return 0
    return 0


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--mb", type=int, default=300)
    size = options.parse_args().mb << 20
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write(home / ".claude/projects/-home-me-proj" / f"{uuid.uuid4()}.jsonl", size)
        environ = {"HOME": folder, "PATH": os.environ["PATH"]}
        command = [sys.executable, "-m", "sidecar.cli.main"]
        subprocess.run([*command, "enable", "--yes"], env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, "import", "--yes", "--json"], env=environ, cwd=ROOT, stdout=subprocess.PIPE
        )
        samples = []
        while process.poll() is None:
            samples.append(rss(process.pid))
            time.sleep(SAMPLE_SECONDS)
        took = time.monotonic() - started
        report = json.loads(process.stdout.read())
        samples = [sample for sample in samples if sample]
        quarters = [max(samples[i * len(samples) // 4 : (i + 1) * len(samples) // 4] or [0]) for i in range(4)]
        print(f"{report['bytes'] / 1e6:.0f} MB, {report['lines']} lines, {report['steps']} steps")
        print(f"{report['sessions']} sessions, {took:.1f} s, {report['bytes'] / 1e6 / took:.1f} MB/s")
        print("highest RSS per quarter of the run: " + ", ".join(f"{quarter / 1024:.0f} MB" for quarter in quarters))


if __name__ == "__main__":
    main()
