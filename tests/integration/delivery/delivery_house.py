"""A spool with sessions to deliver, a fast clock, and the check of what must hold afterwards."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from parsers.step import Step, StepType
from sidecar.delivery.client import CentralClient
from sidecar.delivery.transmitter import Opening, Transmitter
from sidecar.store import Commit, Journal, Outbox, SessionState
from sidecar.wire.envelope import (
    EnvelopeKind,
    Identity,
    Numbered,
    Scrubbed,
    encode_step,
    seal_chunk,
    seal_close,
    seal_feedback,
)
from tests.patience import PATIENCE

MODEL = "claude-opus-4-7"
OPENING = Opening("f" * 64, "ab" * 32, "0.1.0")
START = 1_790_000_000.0


class FastClock:
    """Unix seconds that pass `speed` times as fast as ours."""

    def __init__(self, speed=1000.0):
        self.speed, self.zero, self.shift = speed, time.monotonic(), 0.0

    def __call__(self):
        return START + self.shift + (time.monotonic() - self.zero) * self.speed


@dataclass
class Plan:
    """What was put into the spool: per session, its envelopes in order with their kind and step numbers."""

    sessions: dict[str, list[tuple[str, EnvelopeKind, list[int]]]] = field(default_factory=dict)

    @property
    def envelopes(self):
        return {e[0]: (session, *e[1:]) for session, items in self.sessions.items() for e in items}


async def fill(
    database,
    clock,
    *,
    sessions=4,
    chunks=3,
    steps=2,
    model=MODEL,
    close=True,
    feedback=False,
    age=0.0,
    plan=None,
    rng=None,
    size=0,
):
    """Journal sessions with sealed chunks, a close and perhaps a feedback."""
    plan = plan or Plan()
    rng = rng or random.Random(7)
    for _ in range(sessions):
        session_id = f"sess_{uuid.UUID(int=rng.getrandbits(128), version=4)}"
        identity = Identity(session_id, "claude-code", model, "agent-1", "solo", "ab" * 16, "0.1.0")
        state = SessionState(session_id, f"source-{session_id}", "a run", "claude-code", model, {})
        items, sealed, numbered = [], [], []
        for chunk in range(chunks):
            numbers = list(range(chunk * steps + 1, (chunk + 1) * steps + 1))
            for number in numbers:
                step = Scrubbed(Step(StepType.THOUGHT, content=f"step {number} " + "x" * size, timestamp=clock() - age))
                numbered.append(Numbered(number, step, encode_step(number, step, clock())))
            envelope_id = f"env_{uuid.UUID(int=rng.getrandbits(128), version=4)}"
            sealed.append(
                seal_chunk(
                    identity,
                    envelope_id=envelope_id,
                    chunk_sequence=chunk,
                    first_step=numbers[0],
                    last_step=numbers[-1],
                    extra={},
                )
            )
            items.append((envelope_id, EnvelopeKind.CHUNK, numbers))
        if close:
            envelope_id = f"env_{uuid.UUID(int=rng.getrandbits(128), version=4)}"
            outcome = {"status": "SUCCESS", "total_steps": chunks * steps, "total_chunks": chunks}
            sealed.append(seal_close(identity, envelope_id=envelope_id, outcome=outcome))
            items.append((envelope_id, EnvelopeKind.CLOSE, []))
        if feedback:
            envelope_id = f"env_{uuid.UUID(int=rng.getrandbits(128), version=4)}"
            sealed.append(
                seal_feedback(identity, envelope_id=envelope_id, feedback={"signal": "accepted", "timestamp": clock()})
            )
            items.append((envelope_id, EnvelopeKind.FEEDBACK, []))
        await Journal(database).commit(Commit(None, state, numbered, sealed, {}))
        plan.sessions[session_id] = items
    return plan


@asynccontextmanager
async def transmitting(database, url, clock, *, timeout=20.0, allowed=lambda: True, run=True, **more):
    """A transmitter at work; it is woken often because the clock runs fast."""
    async with CentralClient(url, allowed=allowed, timeout=timeout) as client:
        transmitter = Transmitter(
            Outbox(database), client, opening=OPENING, allowed=allowed, clock=clock, rng=random.Random(3), **more
        )

        async def tick():
            while True:
                await anyio.sleep(0.005)
                transmitter.wake()

        if not run:
            yield transmitter
            return
        async with anyio.create_task_group() as group:
            group.start_soon(transmitter.run)
            group.start_soon(tick)
            yield transmitter
            group.cancel_scope.cancel()


async def drained(database, seconds=PATIENCE):
    """Wait until nothing is queued; what is left fails the test."""
    outbox = Outbox(database)
    end = time.monotonic() + seconds
    while (counts := await outbox.counts())["queued"]:
        assert time.monotonic() < end, counts
        await asyncio.sleep(0.01)
    return counts


async def receipts(database):
    """What the spool counts as delivered: envelope ids."""
    rows = await database.run(lambda connection: connection.execute("SELECT envelope_id FROM receipts").fetchall())
    return [row[0] for row in rows]


async def check(database, simulator, plan, *, complete=True, gap_free=True):
    """The promises: nothing counted that was not stored, nothing stored twice, in order, whole, parked with a reason."""
    envelopes = plan.envelopes
    ever = simulator.lost + simulator.stored
    stored = [item.envelope_id for item in simulator.stored if item.kind != "feedback"]
    sent = await receipts(database)
    parked = {item.envelope_id: item for item in await Outbox(database).parked()}
    assert set(sent) <= {item.envelope_id for item in ever}
    assert len(sent) == len(set(sent))
    assert len(stored) == len(set(stored)), "stored twice"
    assert all(item.reason for item in parked.values())
    if complete:
        assert set(sent) | set(parked) == set(envelopes)
        assert not set(sent) & set(parked)
    for envelope_id in set(stored) & set(parked):
        assert "outcome unknown" in parked[envelope_id].reason
    for items in plan.sessions.values():
        order = [e[0] for e in items if e[1] is not EnvelopeKind.FEEDBACK]
        came = [envelope_id for envelope_id in stored if envelope_id in order]
        assert came == [envelope_id for envelope_id in order if envelope_id in set(came)], "out of order"
    wires = {}
    for item in ever:
        if item.kind == "chunk":
            assert [step["step"] for step in item.body["trajectory_log"]] == envelopes[item.envelope_id][2]
    for item in simulator.stored:
        if item.kind != "feedback":
            wires.setdefault(item.session_id, []).append(item)
    for items in wires.values():
        numbers = [item.sequence for item in items]
        assert numbers == sorted(set(numbers))
        if gap_free:
            assert numbers == list(range(len(numbers)))
    return sent, parked
