"""What watching costs while nothing happens: CPU time and wake-ups beside `tail -F` on the same files.

    python bench/idle.py [--files 50] [--seconds 30] [--backend auto|watchfiles|polling] [--json]

Both followers are processes of their own; the figures are the kernel's (/proc/<pid>/task/*/status and schedstat).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import anyio

from sidecar.sources.base import Batch, Committed, Resume, SourceInfo
from sidecar.sources.files import FileFolder

SETTLE_SECONDS = 2.0
NANOSECONDS = 1_000_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--follow", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.follow:
        folder = Path(options.follow)
        anyio.run(follow, folder, len(list(folder.iterdir())), options.backend)
        return
    found = measure(options.files, options.seconds, options.backend)
    print(json.dumps(found) if options.json else table(found, options.files, options.seconds))


async def follow(folder: Path, wanted: int, backend: str) -> None:
    """The real source with a sink that only counts; says so once all files were seen."""
    seen: set[str] = set()

    async def sink(batch: Batch) -> Committed:
        seen.add(batch.source.key)
        if len(seen) == wanted:
            print("ready", flush=True)
        return Committed(batch.frames[-1].end if batch.frames else 0)

    async def lookup(_: SourceInfo) -> Resume | None:
        return None

    await FileFolder(folder, provider=None, dialect="stream", sink=sink, lookup=lookup, backend=backend).run()


def measure(files: int, seconds: float, backend: str) -> dict[str, dict[str, float]]:
    folder = Path(tempfile.mkdtemp(prefix="bench-idle-"))
    try:
        paths = [folder / f"{number}.jsonl" for number in range(files)]
        for path in paths:
            path.write_bytes(b'{"type":"x"}\n' * 10)
        ours = subprocess.Popen(
            [sys.executable, __file__, "--follow", str(folder), "--backend", backend], stdout=subprocess.PIPE
        )
        tail = subprocess.Popen(["tail", "-q", "-F", *paths], stdout=subprocess.DEVNULL)
        assert ours.stdout is not None
        ours.stdout.readline()
        time.sleep(SETTLE_SECONDS)
        before = {"source": usage(ours.pid), "tail -F": usage(tail.pid)}
        time.sleep(seconds)
        after = {"source": usage(ours.pid), "tail -F": usage(tail.pid)}
        for child in (ours, tail):
            child.kill()
            child.wait()
        ours.stdout.close()
    finally:
        shutil.rmtree(folder)
    return {
        name: {key: value if key == "rss_mb" else value - before[name][key] for key, value in used.items()}
        for name, used in after.items()
    }


def usage(pid: int) -> dict[str, float]:
    """CPU seconds and voluntary context switches (times it slept and was woken) of all threads; memory now."""
    cpu = switches = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        cpu += int((task / "schedstat").read_text().split()[0]) / NANOSECONDS
        switches += field(task / "status", "voluntary_ctxt_switches")
    return {"cpu_seconds": cpu, "wake_ups": switches, "rss_mb": field(Path(f"/proc/{pid}/status"), "VmRSS") / 1024}


def field(path: Path, name: str) -> int:
    return next(int(line.split()[1]) for line in path.read_text().splitlines() if line.startswith(f"{name}:"))


def table(found: dict[str, dict[str, float]], files: int, seconds: float) -> str:
    lines = [
        f"{files} files, nothing happens for {seconds:g} s",
        f"  {'':<10}{'CPU ms':>10}{'wake-ups':>10}{'RSS MB':>10}",
    ]
    for name, used in found.items():
        lines.append(f"  {name:<10}{used['cpu_seconds'] * 1000:>10.2f}{used['wake_ups']:>10.0f}{used['rss_mb']:>10.1f}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
