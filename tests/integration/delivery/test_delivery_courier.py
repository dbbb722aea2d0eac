"""One envelope at a time: what the courier knows of earlier attempts, and what it bounds."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager

import anyio
import pytest
from delivery_house import OPENING, FastClock, check, drained, fill, receipts, transmitting

from sidecar.delivery.client import CentralClient
from sidecar.delivery.courier import MAX_RESYNCS, Courier
from sidecar.delivery.pacing import OpenWindow, Pacing
from sidecar.store import Database, Outbox
from sidecar.wire.http import INGEST, OPEN, Outcome
from tests.simulator.faults import Fault, Kind
from tests.simulator.reference import Reference, refuse
from tests.simulator.server import Simulator


@pytest.fixture
async def database(tmp_path):
    """A fresh spool."""
    async with Database.open(tmp_path / "spool" / "spool.db") as database:
        yield database


@asynccontextmanager
async def couriering(database, url, clock, **more):
    """A courier over a real client and spool."""
    async with CentralClient(url, allowed=lambda: True, timeout=20.0) as client:
        ids = iter(range(10**6))
        settings = {"pacing": Pacing(random.Random(1)), "window": OpenWindow(), **more}
        yield Courier(
            Outbox(database), client, OPENING, clock=clock, new_id=lambda: f"sess_new_{next(ids)}", **settings
        )


async def step(courier, database, *others):
    """Claim the next envelope, whatever it waits for, and take one step with it."""
    claim = await Outbox(database).claim(1e15, exclude=others)
    return claim.session_id, await courier.deliver(claim)


async def test_doubt_reaches_other_sessions(database):
    """A 507 seen in one session casts doubt on a reply that was lost in another, also after room was made again."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=2, chunks=1, close=False)
    async with Simulator(clock=clock) as simulator, couriering(database, simulator.url, clock) as courier:
        first, opened = await step(courier, database)
        second, opened_too = await step(courier, database, first)
        assert opened is None and opened_too is None
        simulator.disk.full = True
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=INGEST))
        assert (await step(courier, database, second))[1].unknown  # spent by a 507 that nobody saw
        assert (await step(courier, database, first))[1].doubt
        simulator.disk.full = False
        assert (await step(courier, database, first))[1].outcome is Outcome.ACCEPTED
        verdict = (await step(courier, database, second))[1]
        assert verdict.outcome is Outcome.REJECTED and "outcome unknown" in verdict.reason
        await check(database, simulator, plan, gap_free=False)


class Moody(Reference):
    """A server that always wants another number."""

    def _advance(self, session, body):  # noqa: ARG002 - the signature it overrides
        sequence = body["attestation"]["sequence"]
        return refuse(f"sequence mismatch: expected {sequence + 2}, got {sequence}")


async def test_resynchronisation_is_bounded(database):
    """A server that keeps asking for another number gets a few tries; then the envelope is parked."""
    clock = FastClock()
    await fill(database, clock, sessions=1, chunks=1, close=False)
    async with Simulator(clock=clock, dialect=Moody) as simulator:
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        assert [item.path for item in simulator.seen].count(INGEST) == MAX_RESYNCS + 1
        (parked,) = await Outbox(database).parked()
        assert "another number" in parked.reason and not await receipts(database)


async def test_lost_open_takes_a_new_id(database):
    """The first id tried is the session's own; after a lost reply another one, and the envelopes say where they belong."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=OPEN))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        (own,) = plan.sessions
        assert len(simulator.disk.sessions) == 2 and own in simulator.disk.sessions
        assert {item.session_id for item in simulator.stored} == set(simulator.disk.sessions) - {own}
        assert all(item.body["continues"] == own for item in simulator.stored)
        await check(database, simulator, plan)


async def test_open_window_holds(database):
    """With the window full, sessions wait without a request and without an attempt of their envelopes."""
    clock = FastClock(speed=1)
    await fill(database, clock, sessions=3, chunks=1)
    window = OpenWindow(limit=1)
    async with (
        Simulator(clock=clock) as simulator,
        couriering(database, simulator.url, clock, window=window) as courier,
    ):
        first, _ = await step(courier, database)
        second, held = await step(courier, database, first)
        assert held.outcome is Outcome.RETRY and 3590 < held.after <= 3600
        assert [seen.path for seen in simulator.seen] == [OPEN]
        held_too = (await step(courier, database, first, second))[1]
        assert held_too.reason == held.reason
        assert await Outbox(database).next_due(clock(), exclude=[first]) > clock() + 3500
        assert (await Outbox(database).counts())["open_reasons"]


async def test_parked_by_the_server(database):
    """A refusal of the schema parks with the server's words, and the next envelope takes the next number."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=2)

    class Picky(Reference):
        """Refuses the first chunk it sees."""

        def _invalid(self, body, now):  # noqa: ARG002 - the signature it overrides
            return refuse("schema validation failed: not this one") if body.get("chunk_sequence") == 0 else None

    async with Simulator(clock=clock, dialect=Picky) as simulator:
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        _, parked = await check(database, simulator, plan, gap_free=False)
        assert [item.reason for item in parked.values()] == ["schema validation failed: not this one"]
        assert [item.sequence for item in simulator.stored] == [1, 2]


async def test_one_at_a_time_while_the_server_is_in_trouble(database):
    """After the first failures a single request finds out whether the server is back."""
    clock = FastClock(speed=300.0)  # what is known of the contract lasts: asking for it again would end the trouble
    await fill(database, clock, sessions=12, chunks=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.SLOW_DRIP, times=10**6, path=OPEN, seconds=9.0))
        async with transmitting(database, simulator.url, clock, timeout=0.2) as transmitter:
            while transmitter.snapshot()["retried"] < 5:
                await anyio.sleep(0.002)
            most = 0
            while transmitter.snapshot()["retried"] < 9:
                most = max(most, transmitter.snapshot()["in_flight"])
                await anyio.sleep(0.002)
        assert most == 1
