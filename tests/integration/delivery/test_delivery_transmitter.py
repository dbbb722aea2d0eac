"""The transmitter: order, parking, flushing, idling, and stopping at once."""

from __future__ import annotations

import random
import time

import anyio
import pytest
from delivery_house import OPENING, START, FastClock, check, drained, fill, receipts, transmitting

from sidecar.delivery.client import CentralClient
from sidecar.delivery.transmitter import Transmitter
from sidecar.store import Database, Journal, Outbox
from sidecar.wire.http import CONTRACT, INGEST, OPEN
from sidecar.wire.limits import MAX_CONTENT
from tests.patience import PATIENCE, PROMPT, soon
from tests.simulator.faults import Fault, Kind, Weather
from tests.simulator.modern import Modern
from tests.simulator.server import Simulator


@pytest.fixture
async def database(tmp_path):
    """A fresh spool."""
    async with Database.open(tmp_path / "spool" / "spool.db") as database:
        yield database


def paths(simulator):
    """What was asked of the server, in order."""
    return [seen.path for seen in simulator.seen]


async def test_other_dialect(database):
    """A server that answers 4xx and publishes its contract gets everything, also models the reference does not list."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=3, chunks=3, feedback=True, model="claude-haiku-9")
    async with Simulator(clock=clock, dialect=Modern) as simulator:
        async with transmitting(database, simulator.url, clock) as transmitter:
            await drained(database)
            assert transmitter.snapshot()["contract"] == "modern"
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 15 and not parked


@pytest.mark.parametrize("seed", range(4))
async def test_other_dialect_in_bad_weather(database, seed):
    """Every fault, a full disk included, leaves nothing lost, doubled or parked when the server says what it holds."""
    rng = random.Random(seed)
    clock = FastClock()
    kinds = tuple(kind for kind in Kind if kind not in (Kind.WIPE, Kind.SLOW_DRIP, Kind.HMAC_CLAIM, Kind.TOO_LARGE))
    plan = await fill(database, clock, sessions=3, chunks=4, rng=rng, feedback=True)
    async with Simulator(clock=clock, dialect=Modern) as simulator:
        simulator.weather = Weather(rng, kinds, probability=0.5, seconds=0.01)
        for _ in range(3):
            async with transmitting(database, simulator.url, clock, timeout=0.5):
                await anyio.sleep(rng.uniform(0.05, 0.2))
        simulator.calm()
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert not parked and len(sent) == 18
        assert len(simulator.stored) == 18  # feedback as well: the server knows envelope ids


async def test_unlisted_model_is_parked(database):
    """The reference server lists nine models: another one is parked with its name before a session is opened."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=2, model="claude-haiku-4-5")
    async with Simulator(clock=clock) as simulator:
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert not sent and len(parked) == 3
        assert all("claude-haiku-4-5" in item.reason for item in parked.values())
        assert set(paths(simulator)) == {CONTRACT}


@pytest.mark.parametrize(
    ("more", "reason"), [({"age": 8 * 86_400}, "7 days"), ({"size": MAX_CONTENT, "steps": 60}, "larger than")]
)
async def test_refusable_is_parked_and_costs_no_number(database, more, reason):
    """What the server would refuse is parked with the rule it breaks; the next envelope gets the number."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1, chunks=1, **more)
    async with Simulator(clock=clock) as simulator:
        async with transmitting(database, simulator.url, clock):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 1 and [reason in item.reason for item in parked.values()] == [True]
        assert [(item.kind, item.sequence) for item in simulator.stored] == [("close", 0)]


async def test_large_bodies(database):
    """Chunks of 4 MB pass."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=2, chunks=2, steps=40, size=MAX_CONTENT - 20)
    async with Simulator(clock=clock) as simulator:
        async with transmitting(database, simulator.url, clock, timeout=60):
            await drained(database)
        sent, parked = await check(database, simulator, plan)
        assert len(sent) == 6 and not parked


async def test_one_in_flight_per_session_several_at_once(database):
    """Sessions overlap up to the concurrency; requests of one session never do."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=6, chunks=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.SLOW_DRIP, times=10**6, path=INGEST, seconds=0.0002))
        most = 0
        async with transmitting(database, simulator.url, clock) as transmitter:
            while (await Outbox(database).counts())["queued"]:
                most = max(most, transmitter.snapshot()["in_flight"])
                await anyio.sleep(0.001)
        await check(database, simulator, plan)
        assert 2 <= most <= 4


async def test_idle_is_asleep(database):
    """With nothing queued there is no request, no timer and no wake-up; a wake after a commit sends at once."""
    clock = FastClock(speed=1)
    async with Simulator(clock=clock) as simulator, CentralClient(simulator.url, allowed=lambda: True) as client:
        looked = 0

        class Watched(Outbox):
            async def next_due(self, now, *, exclude=()):
                nonlocal looked
                looked += 1
                return await super().next_due(now, exclude=exclude)

        transmitter = Transmitter(Watched(database), client, opening=OPENING, allowed=lambda: True, clock=clock)
        async with anyio.create_task_group() as group:
            group.start_soon(transmitter.run)
            await soon(lambda: looked)
            await anyio.sleep(0.3)
            assert looked == 1 and not simulator.seen
            plan = await fill(database, clock, sessions=1, chunks=1)
            transmitter.wake()
            await drained(database, PROMPT)
            group.cancel_scope.cancel()
        await check(database, simulator, plan)


async def test_nothing_while_not_allowed(database):
    """While sending is off the queue stays and no connection is made; on, it goes."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=1)
    on = False
    async with (
        Simulator(clock=clock) as simulator,
        transmitting(database, simulator.url, clock, allowed=lambda: on) as transmitter,
    ):
        await anyio.sleep(0.1)
        assert not simulator.seen
        report = await transmitter.flush(0.2)
        assert report["remaining"] == 4 and "sending is off" in report["why"]
        on = True
        await drained(database)
        await check(database, simulator, plan)


async def test_switched_off_between_requests(database):
    """Switched off after the open, not one envelope follows."""
    clock = FastClock()
    await fill(database, clock, sessions=3)
    async with Simulator(clock=clock) as simulator:
        allowed = lambda: OPEN not in paths(simulator)  # noqa: E731 - a switch
        async with transmitting(database, simulator.url, clock, allowed=allowed):
            await soon(lambda: OPEN in paths(simulator))
            await anyio.sleep(0.2)
        assert INGEST not in paths(simulator)
        assert not await receipts(database)


async def test_cancel_drops_the_connection(database):
    """Cancelled in the middle of a reply, it is gone at once, nothing is settled, and a revocation leaves nothing."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=2)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.SLOW_DRIP, times=100, path=INGEST, seconds=1.0))
        async with transmitting(database, simulator.url, clock, timeout=120):
            while not simulator.stored:
                await anyio.sleep(0.001)
            started = time.monotonic()
        assert time.monotonic() - started < PROMPT
        assert not await receipts(database)
        await check(database, simulator, plan, complete=False)
        await Journal(database).revoke()
        seen = len(simulator.seen)
        async with transmitting(database, simulator.url, clock):
            await anyio.sleep(0.1)
        assert len(simulator.seen) == seen


async def test_revoked_while_the_reply_is_on_its_way(database):
    """A receipt for what was destroyed meanwhile is no error."""
    clock = FastClock()
    await fill(database, clock, sessions=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.SLOW_DRIP, path=INGEST, seconds=0.0005))
        async with transmitting(database, simulator.url, clock):
            while not simulator.stored:
                await anyio.sleep(0.001)
            await Journal(database).revoke()
            await anyio.sleep(0.3)
        assert len(simulator.stored) == 1


async def test_flush_ignores_backoff(database):
    """What waits out a backoff goes at once when a person flushes."""
    clock = FastClock(speed=1)
    plan = await fill(database, clock, sessions=3)
    simulator = Simulator(clock=clock)
    async with simulator:
        simulator.faults.append(Fault(Kind.HTML_502, times=4))
        async with CentralClient(simulator.url, allowed=lambda: True) as client:
            transmitter = Transmitter(
                Outbox(database), client, opening=OPENING, allowed=lambda: True, clock=clock, rng=random.Random(1)
            )
            first = await transmitter.flush(PATIENCE)
            assert first["remaining"] == 12 and first["why"] == {"server error 502": 12} and first["finished"]
            assert transmitter.snapshot()["last_error"]["hint"]
            second = await transmitter.flush(PATIENCE)
            third = await transmitter.flush(PATIENCE)
        assert second["sent"] + third["sent"] == 12 and third["remaining"] == 0 and third["why"] == {}
        await check(database, simulator, plan)


async def test_flush_ends_when_nobody_answers(database):
    """With the server away a flush says so within moments and keeps everything."""
    clock = FastClock(speed=1)
    await fill(database, clock, sessions=3)
    async with Simulator(clock=clock) as simulator:
        url = simulator.url
    async with CentralClient(url, allowed=lambda: True) as client:
        transmitter = Transmitter(Outbox(database), client, opening=OPENING, allowed=lambda: True, clock=clock)
        started = time.monotonic()
        report = await transmitter.flush(PATIENCE)
        assert time.monotonic() - started < PROMPT
    assert report["remaining"] == 12 and report["finished"]
    assert "no connection" in transmitter.snapshot()["last_error"]["reason"]


async def test_flush_keeps_to_what_the_server_asked(database):
    """A 429 is not overrun by a flush."""
    clock = FastClock(speed=1)
    await fill(database, clock, sessions=1)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.LIMITED, seconds=400, path=OPEN))
        async with CentralClient(simulator.url, allowed=lambda: True) as client:
            transmitter = Transmitter(Outbox(database), client, opening=OPENING, allowed=lambda: True, clock=clock)
            await transmitter.flush(PATIENCE)
            seen = len(simulator.seen)
            report = await transmitter.flush(PATIENCE)
        assert len(simulator.seen) == seen and report["finished"] and report["remaining"] == 4
        assert 300 < transmitter.snapshot()["held_seconds"] <= 405


async def test_trouble_of_the_server_holds_everybody(database):
    """With the server down one request at a time finds out, not one per session."""
    clock = FastClock(speed=1)
    await fill(database, clock, sessions=20)
    async with Simulator(clock=clock) as simulator:
        simulator.faults.append(Fault(Kind.HTML_502, times=10**6))
        async with transmitting(database, simulator.url, clock):
            await anyio.sleep(0.6)
        assert len(simulator.seen) <= 6


async def test_clock_set_back(database):
    """A wall clock that jumps back an hour does not stop delivery."""
    clock = FastClock()
    plan = await fill(database, clock, sessions=2, chunks=5)
    async with Simulator(clock=lambda: START) as simulator, transmitting(database, simulator.url, clock):
        while not await receipts(database):
            await anyio.sleep(0.002)
        clock.shift -= 3600.0
        await drained(database)
        await check(database, simulator, plan)
