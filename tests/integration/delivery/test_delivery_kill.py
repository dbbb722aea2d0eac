"""kill -9 of the sending process, again and again: every session whole, in order, once."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

import pytest
from delivery_house import check, fill

from sidecar.store import Database
from tests.patience import soon
from tests.simulator.modern import Modern
from tests.simulator.reference import Reference
from tests.simulator.server import Simulator

ROOT = Path(__file__).resolve().parents[3]
CHILD = Path(__file__).with_name("delivery_child.py")


async def run_child(spool, url, worked):
    """Start a sender, let it go on until `worked()`, then SIGKILL."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        str(spool),
        url,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    await soon(worked, pause=0.0005)
    child.kill()
    await child.communicate()


def queued(spool):
    """What waits to be sent, read beside the running sender."""
    with Database.read(spool) as connection:
        return connection.execute("SELECT count(*) FROM envelopes WHERE parked = 0").fetchone()[0]


@pytest.mark.parametrize(("dialect", "kills"), [(Reference, 4), (Modern, 2)])
async def test_killed_again_and_again(tmp_path, dialect, kills):
    """Whichever dialect the server speaks, SIGKILL at random moments loses nothing and doubles nothing."""
    rng = random.Random(11)
    spool = tmp_path / "spool" / "spool.db"
    async with Database.open(spool) as database:
        plan = await fill(database, time.time, sessions=8, chunks=29)
    async with Simulator(dialect=dialect) as simulator:
        for _ in range(kills):
            # On any machine some of it is done, and most is left: killed while a request is answered.
            wanted = len(simulator.seen) + rng.randrange(4, 40)
            await run_child(spool, simulator.url, lambda wanted=wanted: len(simulator.seen) >= wanted)
        unfinished = len(simulator.stored)
        await run_child(spool, simulator.url, lambda: not queued(spool))
        async with Database.open(spool) as database:
            sent, parked = await check(database, simulator, plan)
        assert not parked and len(sent) == len(simulator.stored) == 240
        assert 0 < unfinished < 240
