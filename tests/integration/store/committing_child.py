"""A process that commits, claims and settles as fast as it can, and writes one line per acknowledged deed.

Run as `python committing_child.py SPOOL PATH_ENTRY…`; it never ends by itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

sys.path[:0] = sys.argv[2:]

from store_make import ACCEPTED, SECRET, chunk, state, step  # noqa: E402 - found through the arguments

from sidecar.store import Checkpoint, Commit, Database, Journal, Outbox  # noqa: E402 - as above

WRITERS = 4


def say(text: str) -> None:
    """One line that is in the pipe before the next deed begins."""
    os.write(1, f"{text}\n".encode())


async def write(journal: Journal, name: str) -> None:
    """Commit 1..5 steps at a time; offset, count and steps always stand for the same number."""
    found = await journal.resume(name)
    last = found.last_step if found else 0
    sealed = int(found.session.capture["sealed"]) if found and found.session else 0
    while True:
        first, last = last + 1, last + 1 + last % 5
        numbered = [step(number, "x" * (number * 37 % 3_000)) for number in range(first, last + 1)]
        chunks = []
        if last - sealed >= 40:
            chunks = [chunk(name, sealed + 1, last)]
            sealed = last
        checkpoint = Checkpoint(name, last * 10, first * 10, {"last": last})
        session = state(f"sess_{name}", name, sealed=sealed, last=last)
        counts = {f"event.{name}": len(numbered), "lines": len(numbered)}
        await journal.commit(Commit(checkpoint, session, numbered, chunks, counts))
        say(f"commit {name} {last}")


async def send(outbox: Outbox) -> None:
    """Deliver whatever is sealed."""
    while True:
        claim = await outbox.claim(time.time())
        if claim is None:
            await asyncio.sleep(0.002)
            continue
        if claim.wire_id is None:
            await outbox.opened(claim.session_id, f"wire_{claim.session_id}", SECRET, time.time())
        await outbox.settle(claim, ACCEPTED, time.time())
        say(f"sent {claim.session_id.removeprefix('sess_')} {claim.last_step}")


async def main() -> None:
    """Until killed."""
    async with Database.open(Path(sys.argv[1])) as database, asyncio.TaskGroup() as group:
        journal = Journal(database)
        group.create_task(send(Outbox(database)))
        for n in range(WRITERS):
            group.create_task(write(journal, f"w{n}"))


asyncio.run(main())
