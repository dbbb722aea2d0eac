"""Against the Central Command of this repository: everything arrives once, also after kills of either side."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
from delivery_house import drained, fill, transmitting

from sidecar.delivery.pacing import Pacing
from sidecar.store import Database, Outbox
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[3]


@asynccontextmanager
async def central(data, port=0):
    """A Central Command process; killed with SIGKILL on leaving. Yields its address."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "central",
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "HOME": str(data.parent)},
    )
    try:
        assert child.stdout is not None
        yield json.loads(await child.stdout.readline())["listening"]
    finally:
        child.kill()
        await child.communicate()  # to the end of its output, so that nothing of it is left open


async def test_all_of_it(tmp_path):
    """Chunks, closes and feedback of more sessions than the reference server takes in an hour, across kills of both."""
    rng = random.Random(5)
    async with Database.open(tmp_path / "spool" / "spool.db") as database:
        plan = await fill(database, time.time, sessions=25, chunks=4, model="any-model-at-all", feedback=True)
        port = 0
        for _ in range(3):
            async with central(tmp_path / "data", port) as url:
                port = int(url.rsplit(":", 1)[1])
                pacing = Pacing(rng, initial=0.02, maximum=0.1)
                async with transmitting(database, url, time.time, timeout=3.0, pacing=pacing):
                    await anyio.sleep(rng.uniform(0.05, 0.2))
        # A quick machine may have sent everything by now: the last transmitter gets work of its own.
        await fill(database, time.time, sessions=1, chunks=4, feedback=True, plan=plan, rng=random.Random(8))
        async with central(tmp_path / "data", port) as url:
            async with transmitting(
                database, url, time.time, pacing=Pacing(rng, initial=0.02, maximum=0.1)
            ) as transmitter:
                counts = await drained(database)
                assert transmitter.snapshot()["contract"] == "groove-central"
            async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
                summary = (await http.get(f"{url}/v1/stats/summary")).json()
        assert counts["parked"] == 0 and counts["sent"] == {"chunk": 104, "close": 26, "feedback": 26}
        assert summary["totalEnvelopes"] == len(plan.envelopes) == 156
        assert summary["totalSteps"] == 208
        # An open whose reply was lost with the process leaves an empty session behind.
        assert summary["totalSessions"] - summary["activeSessions"] == 26


async def test_session_unknown_after_its_data_is_gone(tmp_path):
    """A Central Command with an empty folder gets what is left in a new session."""
    async with Database.open(tmp_path / "spool" / "spool.db") as database:
        await fill(database, time.time, sessions=1, chunks=120)  # more than are sent before we look
        pacing = Pacing(random.Random(1), initial=0.02, maximum=0.1)
        async with central(tmp_path / "one") as url:
            port = int(url.rsplit(":", 1)[1])
            async with transmitting(database, url, time.time, pacing=pacing):
                while (await Outbox(database).counts())["sent"]["chunk"] < 1:
                    await anyio.sleep(0.001)
        before = await Outbox(database).counts()
        async with central(tmp_path / "two", port) as url:
            async with transmitting(database, url, time.time, pacing=pacing):
                counts = await drained(database)
            async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
                summary = (await http.get(f"{url}/v1/stats/summary")).json()
        assert counts["parked"] == 0
        assert counts["sent"]["chunk"] == 120 and counts["sent"]["close"] == 1
        # What it stored and could not tell any more was asked about, and came again to the new one.
        left = 121 - before["sent"]["chunk"]
        assert 0 < left == summary["totalEnvelopes"]
        assert summary["totalSessions"] - summary["activeSessions"] == 1
