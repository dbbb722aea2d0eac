"""A sender as a process of its own, to be killed: spool path, endpoint."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

from sidecar.delivery.client import CentralClient
from sidecar.delivery.pacing import Pacing
from sidecar.delivery.transmitter import Opening, Transmitter
from sidecar.store import Database, Outbox


async def main(spool, endpoint):
    """Send until killed."""
    pacing = Pacing(random.Random(), initial=0.01, maximum=0.05)
    async with Database.open(Path(spool)) as database, CentralClient(endpoint, allowed=lambda: True) as client:
        opening = Opening("f" * 64, "ab" * 32, "0.1.0")
        transmitter = Transmitter(
            Outbox(database), client, opening=opening, allowed=lambda: True, clock=time.time, pacing=pacing
        )
        print("ready", flush=True)
        await transmitter.run()


asyncio.run(main(*sys.argv[1:3]))
