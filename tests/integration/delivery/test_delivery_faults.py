"""Under every fault, and under all of them at random: what is counted as delivered is stored, once and in order."""

from __future__ import annotations

import random

import anyio
import pytest
from delivery_house import FastClock, check, drained, fill, receipts, transmitting

from sidecar.store import Database
from sidecar.wire.http import INGEST, OPEN
from tests.simulator.faults import Fault, Kind, Weather
from tests.simulator.server import Simulator

PARKING = {Kind.DISK_FULL, Kind.WIPE, Kind.TOO_LARGE}
SECONDS = {Kind.SLOW_DRIP: 0.0005, Kind.LIMITED: 30, Kind.LIMITED_HEADER: 30, Kind.PLAIN_503: 5}


@pytest.fixture
async def database(tmp_path):
    """A fresh spool."""
    async with Database.open(tmp_path / "spool" / "spool.db") as database:
        yield database


async def test_everything_arrives(database):
    """Without faults every envelope is stored once, in order, under the id the session has here."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=6, chunks=4, feedback=True)
    async with Simulator(clock=clock) as simulator, transmitting(database, simulator.url, clock) as transmitter:
        counts = await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert not parked and len(sent) == 36
        assert {item.session_id for item in simulator.stored} == set(plan.sessions)
        assert counts["sent"] == {"chunk": 24, "close": 6, "feedback": 6}
        assert all(not session.active for session in simulator.disk.sessions.values())
        assert transmitter.snapshot()["contract"] == "reference"
        assert transmitter.snapshot()["last_error"] is None


@pytest.mark.parametrize("path", [OPEN, INGEST])
@pytest.mark.parametrize("kind", Kind)
async def test_each_fault(database, kind, path):
    """A fault that strikes three requests costs nothing but time; a full disk, lost data and a refusal may park."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=2, chunks=3)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(kind, times=3, path=path, skip=1, seconds=SECONDS.get(kind, 0.01)))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        _, parked = await check(database, simulator, plan, gap_free=kind is not Kind.DISK_FULL)
        assert simulator.struck
        if kind not in PARKING:
            assert not parked
            assert len(simulator.stored) == 8
        assert "/trap" not in {seen.path for seen in simulator.seen}


@pytest.mark.parametrize("seed", range(8))
async def test_weather(database, seed):
    """Any mix of faults, with the sender stopped and started between: the promises hold and the queue drains after."""
    rng = random.Random(seed)
    clock = FastClock()
    kinds = tuple(kind for kind in Kind if kind not in (Kind.DISK_FULL, Kind.WIPE, Kind.SLOW_DRIP))
    plan = await fill(database, clock, sessions=4, chunks=4, rng=rng)
    async with Simulator(clock=clock) as simulator:
        simulator.weather = Weather(rng, kinds, probability=rng.uniform(0.2, 0.7), seconds=0.01)
        for _ in range(3):
            async with transmitting(database, simulator.url, clock, timeout=0.5):
                await anyio.sleep(rng.uniform(0.02, 0.3))
            await check(database, simulator, plan, complete=False)
        simulator.calm()
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        _, parked = await check(database, simulator, plan)
        assert all("HMAC" in item.reason or "413" in item.reason for item in parked.values())


@pytest.mark.parametrize("seed", range(5))
async def test_storms(database, seed):
    """With full disks and lost data as well, still nothing is counted that was not stored, nothing is stored twice."""
    rng = random.Random(1000 + seed)
    clock = FastClock()
    kinds = (Kind.DISK_FULL, Kind.WIPE, Kind.LOST_BEFORE, Kind.LOST_AFTER, Kind.CRASH_AFTER, Kind.HTML_502_AFTER)
    plan = await fill(database, clock, sessions=3, chunks=4, rng=rng)
    async with Simulator(clock=clock) as simulator:
        simulator.weather = Weather(rng, kinds, probability=0.4, seconds=0.01)
        for _ in range(2):
            async with transmitting(database, simulator.url, clock, timeout=0.5):
                await anyio.sleep(0.2)
        simulator.calm()
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        await check(database, simulator, plan, gap_free=False)


async def test_lost_reply_then_restart(database):
    """The reply is lost, the sender dies, a new one asks again at the same number and counts one delivery."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=1, close=False)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=INGEST))
        async with transmitting(database, simulator.url, clock):
            while not simulator.stored:
                await anyio.sleep(0.001)
        assert len(simulator.stored) == 1
        async with transmitting(database, simulator.url, clock) as transmitter:
            await drained(database)
            assert transmitter.snapshot()["duplicates"] <= 1
        await check(database, simulator, plan)


async def test_lost_close_is_known(database):
    """A close whose reply was lost is answered "already closed" and counted as delivered."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=INGEST, skip=1))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 2 and not parked


async def test_parked_with_unknown_outcome_leaves_its_number(database):
    """The next envelope is not posted at a number that may hold a parked one, so its own lost reply misleads nobody."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=2)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=INGEST))  # the first is stored, and nobody knows
        simulator.faults.append(Fault(Kind.TOO_LARGE, path=INGEST))  # asked again, it is refused for good
        simulator.faults.append(Fault(Kind.LOST_BEFORE, path=INGEST))  # the second never arrives, and nobody knows
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(simulator.stored) == 3 and len(sent) == 2
        assert [item.reason for item in parked.values()] == ["outcome unknown: refused with status 413"]


async def test_somebody_elses_close(database):
    """A session somebody else closed parks what is left; nothing is called delivered."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=3)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.PLAIN_503, path=INGEST, skip=1, times=10**6))
        async with transmitting(database, simulator.url, clock):
            while not await receipts(database):
                await anyio.sleep(0.005)
        for session in simulator.disk.sessions.values():
            session.active = False
        simulator.calm()
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 1 and len(parked) == 3
        assert all("closed" in item.reason for item in parked.values())


async def test_full_disk(database):
    """507 spends a number at the reference server: the chunk goes at the next one; a close is parked, not counted."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=2)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.DISK_FULL, path=INGEST, times=2))
        simulator.faults.append(Fault(Kind.DISK_FULL, path=INGEST, skip=2))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan, gap_free=False)
        assert len(sent) == 2
        assert [item.reason.split(":")[0] for item in parked.values()] == ["storage quota exceeded"]
        assert [item.sequence for item in simulator.stored] == [2, 3]


async def test_reply_lost_while_the_disk_is_full(database):
    """A number that may have been spent by a 507 nobody saw is "outcome unknown", neither delivered nor sent twice."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=2)

    class LostAndFull(Simulator):
        """The first chunk is refused with 507; the second attempt as well, and its reply is lost."""

        def _process(self, request, body, fault):
            self.disk.full = request.target.decode() == INGEST and len(self.seen) in (2, 3)
            return super()._process(request, body, fault)

    async with LostAndFull(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=INGEST, skip=1))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan, gap_free=False)
        assert len(sent) == 2
        assert ["outcome unknown" in item.reason for item in parked.values()] == [True]


async def test_data_lost_between(database):
    """A server that lost its data gets the rest in a new session; what it had is not sent again."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=2, chunks=4)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.WIPE, path=INGEST, skip=4, seconds=0.01))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        _, parked = await check(database, simulator, plan)
        assert not parked and simulator.lost and simulator.stored
        moved = [item for item in simulator.stored if item.session_id not in plan.sessions]
        assert all(item.body["continues"] in plan.sessions for item in moved)


async def test_session_full_at_the_server(database):
    """The chunk after the 200th goes on in a new wire session that names the first; the cap text is not "unknown"."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=203, steps=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LOST_AFTER, path=INGEST, skip=199))  # the reply of the 200th is lost
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 204 and not parked
        assert len(simulator.disk.sessions) == 2
        (first,) = plan.sessions
        assert [item.body.get("continues") for item in simulator.stored if item.session_id != first] == [first] * 4


async def test_limits(database):
    """The limiter of the reference server (100 a minute, 20 opens an hour) delays and loses nothing."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=25, chunks=4)
    async with (
        Simulator(clock=clock, limited=True) as simulator,
        transmitting(database, simulator.url, clock) as transmitter,
    ):
        await drained(database)
        _, parked = await check(database, simulator, plan)
        assert not parked
        assert len(simulator.stored) == 125
        assert transmitter.snapshot()["retried"]


async def test_hmac_refused_for_good(database):
    """A server that never sees our signature gets one new session per envelope; then the envelope is parked."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=2)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.HMAC_CLAIM, path=INGEST, times=3))
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 2
        assert [item.reason for item in parked.values()] == ["HMAC verification failed"]
