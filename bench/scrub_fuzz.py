"""The scrubber under millions of strings: `python bench/scrub_fuzz.py [--strings 10000000] [--seed N] [--processes 2]`.

Asks of every string that scrubbing twice is scrubbing once and that the gate misses nothing the confirm step alone
finds, and of every eighth block that both engines agree. Stops at the first difference, prints the smallest string
that shows it, and exits with 1. Ten million strings take about one and a half hours of one core.

Owns: the command, its processes and its progress line.
Never: makes a string, judges one.
Invariant: a seed and a number of strings always mean the same strings, however many processes share them.
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from scrub_claims import Claims, Difference  # noqa: E402  after the path is set
from scrub_strings import BLOCK, block  # noqa: E402  after the path is set

STRINGS: Final = 10_000_000
TASK: Final = 32
"""Blocks a process does in one go."""
BOTH: Final = 8
"""Of how many blocks one is also asked whether the engines agree."""
_claims: list[Claims] = []


def run(seed: int, first: int, blocks: int) -> tuple[int, int, Difference | None]:
    """Ask the claims of some blocks: (strings done, number of the last block, the first difference or None)."""
    if not _claims:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _claims.append(Claims())
    for done, number in enumerate(range(first, first + blocks), 1):
        found = _claims[0].ask(block(seed, number), both=number % BOTH == 0)
        if found is not None:
            return done * BLOCK, number, found
    return blocks * BLOCK, first + blocks - 1, None


def tasks(strings: int) -> Iterator[tuple[int, int]]:
    """(first block, blocks) of every task."""
    blocks = -(-strings // BLOCK)
    for first in range(0, blocks, TASK):
        yield first, min(TASK, blocks - first)


def main() -> int:
    """Run until all strings are done or one differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strings", type=int, default=STRINGS)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    print(f"seed {asked.seed}, {asked.strings:,} strings, {asked.processes} processes", flush=True)
    start, shown, done = time.monotonic(), 0.0, 0
    left = tasks(asked.strings)
    with ProcessPoolExecutor(asked.processes) as pool:
        running: set[Future[tuple[int, int, Difference | None]]] = {
            pool.submit(run, asked.seed, *task) for task in islice(left, 2 * asked.processes)
        }
        while running:
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                strings, number, found = future.result()
                done += strings
                if found is not None:
                    pool.shutdown(wait=False, cancel_futures=True)
                    print(f"\n{found.claim}: not for\n{found.text!a}\n(seed {asked.seed}, block {number})", flush=True)
                    return 1
                running |= {pool.submit(run, asked.seed, *task) for task in islice(left, 1)}
            took = time.monotonic() - start
            if took - shown > 2 or not running:
                shown = took
                rate = done / max(took, 1e-9)
                eta = max(0, asked.strings - done) / max(rate, 1e-9)
                mark = "\r" if sys.stdout.isatty() else "\n"
                print(f"{done:>12,} strings  {rate:,.0f}/s  {eta / 60:.1f} min left ", end=mark, flush=True)
    print(f"\n{done:,} strings, no difference, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
