"""Append-to-journal latency: how long until a captured batch is durable, beside a bare write + fsync of the same bytes.

`python bench/journal.py [--json] [--commits N] [--folder DIR]`. Every journal commit is a whole one: steps, checkpoint,
session state and counts, plus a sealed chunk every fifth time. "batched" = eight sources at once, whose commits share
transactions. Raw and journal alternate in one run, so that both meet the same disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from parsers.step import Step, StepType
from sidecar.store import Checkpoint, Commit, Database, Journal, SessionState
from sidecar.wire.envelope import EnvelopeKind, Numbered, Scrubbed, Sealed

SIZES = (20_000, 200_000)
STEP_BYTES = 2_000
TOGETHER = 8
SEAL_EVERY = 5


def percentile(sorted_values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def summary(seconds: list[float], size: int) -> dict[str, float]:
    """Milliseconds at the median and at p99, and MB/s of latency-bound throughput."""
    values = sorted(seconds)
    return {
        "p50_ms": round(percentile(values, 0.50) * 1e3, 3),
        "p99_ms": round(percentile(values, 0.99) * 1e3, 3),
        "max_ms": round(values[-1] * 1e3, 3),
        "MB/s": round(size * len(values) / sum(values) / 1e6, 1),
    }


class Maker:
    """The commits of one source, one after the other."""

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.count = size // STEP_BYTES
        self.payload = json.dumps({"content": "x" * STEP_BYTES}).encode()[:STEP_BYTES]
        self.last = 0
        self.sealed = 0
        self.made = 0

    def next(self) -> Commit:
        """`size` bytes of steps and all that belongs to them."""
        first, self.last = self.last + 1, self.last + self.count
        self.made += 1
        steps = [
            Numbered(number, Scrubbed(Step(StepType.ACTION)), self.payload) for number in range(first, self.last + 1)
        ]
        sealed = []
        if self.made % SEAL_EVERY == 0:
            key = f"env_{self.name}_{self.made}"
            sealed.append(Sealed(key, EnvelopeKind.CHUNK, self.made, self.sealed + 1, self.last, b"x" * 400, b"]"))
            self.sealed = self.last
        state = SessionState(f"sess_{self.name}", self.name, self.name, "codex", "o3", {"steps": self.last})
        checkpoint = Checkpoint(self.name, self.last, self.last, {"calls": ["call_1", "call_2"]})
        counts = {"lines": self.count, "fate.steps": self.count, "event.codex/item": self.count}
        return Commit(checkpoint, state, steps, sealed, counts)


async def alone(journal: Journal, folder: Path, size: int, commits: int) -> tuple[list[float], list[float]]:
    """(journal, raw) seconds of single appends, alternating."""
    maker = Maker(f"alone{size}", size)
    data = os.urandom(size)
    fd = os.open(folder / f"raw{size}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ours, raw = [], []
    for _ in range(commits):
        commit = maker.next()
        began = time.perf_counter()
        await journal.commit(commit)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        os.write(fd, data)
        os.fsync(fd)
        raw.append(time.perf_counter() - began)
    os.close(fd)
    return ours, raw


async def together(journal: Journal, size: int, commits: int) -> tuple[list[float], float]:
    """Seconds of each commit while eight sources commit at once, and of the whole."""

    async def one(number: int) -> list[float]:
        maker = Maker(f"batch{size}_{number}", size)
        times = []
        for _ in range(commits // TOGETHER):
            commit = maker.next()
            began = time.perf_counter()
            await journal.commit(commit)
            times.append(time.perf_counter() - began)
        return times

    began = time.perf_counter()
    times = await asyncio.gather(*(one(number) for number in range(TOGETHER)))
    return [value for part in times for value in part], time.perf_counter() - began


async def measure(folder: Path, commits: int) -> list[dict[str, Any]]:
    """One row per size and way."""
    rows: list[dict[str, Any]] = []
    async with Database.open(folder / "state" / "spool.db") as database:
        journal = Journal(database)
        await alone(journal, folder, 2_000, 20)
        for size in SIZES:
            ours, raw = await alone(journal, folder, size, commits)
            batched, seconds = await together(journal, size, commits)
            rows.append({"way": "raw write+fsync", "bytes": size, "commits": len(raw), **summary(raw, size)})
            rows.append({"way": "journal, alone", "bytes": size, "commits": len(ours), **summary(ours, size)})
            shared = {**summary(batched, size), "MB/s": round(size * len(batched) / seconds / 1e6, 1)}
            rows.append({"way": f"journal, {TOGETHER} at once", "bytes": size, "commits": len(batched), **shared})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--commits", type=int, default=400, help="commits per size and way")
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="journal-bench-", dir=chosen.folder))
    try:
        rows = asyncio.run(measure(folder, chosen.commits))
    finally:
        shutil.rmtree(folder)
    if chosen.json:
        print(json.dumps({"journal": rows}))
        return
    print(f"{'':<22}{'bytes':>9}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}{'MB/s':>9}")
    for row in rows:
        times = f"{row['p50_ms']:>9.2f}{row['p99_ms']:>9.2f}{row['max_ms']:>9.2f}{row['MB/s']:>9.1f}"
        print(f"{row['way']:<22}{row['bytes']:>9}{times}")


if __name__ == "__main__":
    main()
