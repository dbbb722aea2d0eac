"""A full queue makes the sources wait, says so, and lets go as soon as there is room."""

from __future__ import annotations

import anyio

from parsers.step import Step, StepType
from sidecar.backpressure import Room
from sidecar.scrub.scrubber import Scrubber
from sidecar.store.database import Database
from sidecar.store.journal import Journal
from sidecar.store.records import Commit, SessionState
from sidecar.wire.envelope import Numbered
from tests.patience import PATIENCE


def commit(number, size):
    step = Scrubber(engine="re").scrub(Step(StepType.THOUGHT, "x"))
    state = SessionState("sess_1", "stream:1", "run", "codex", "m", {})
    return Commit(None, state, [Numbered(number, step, b"x" * size)], (), {})


async def test_unsent_bytes_are_those_without_a_receipt(tmp_path):
    """The journal counts the bodies of undelivered steps."""
    async with Database.open(tmp_path / "state" / "spool.db") as database:
        journal = Journal(database)
        assert await journal.unsent_bytes() == 0
        await journal.commit(commit(1, 700))
        await journal.commit(commit(2, 300))
        assert await journal.unsent_bytes() == 1000


async def test_a_full_queue_waits_and_goes_on(tmp_path, monkeypatch):
    """Above the bound `wait` blocks with a reason; when the unsent is gone it returns and the reason is gone."""
    monkeypatch.setattr("sidecar.backpressure.WAIT_SECONDS", 0.02)
    async with Database.open(tmp_path / "state" / "spool.db") as database:
        journal = Journal(database)
        await journal.commit(commit(1, 2_000))
        room = Room(journal, 1_000, clock=lambda: 100.0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(room.wait)
            with anyio.fail_after(PATIENCE):
                while room.waiting is None:
                    await anyio.sleep(0.01)
            assert "capture waits" in room.waiting["reason"]
            await journal.revoke()
        assert room.waiting is None
