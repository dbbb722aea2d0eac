"""Invariant: a commit is applied whole or not at all, and what it says can be read back exactly."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from store_make import chunk, close, commit, feedback, state, step, steps

from parsers.step import StepType
from sidecar.store import Checkpoint, Commit, OrderError, Resume
from sidecar.store.ledger import MAX_NAMES, add_counts
from sidecar.store.records import step_key


async def bodies(database, session="sess_a"):
    """Step bodies of a session, in order."""

    def read(connection):
        number = connection.execute("SELECT id FROM sessions WHERE session_id = ?", (session,)).fetchone()[0]
        return connection.execute(
            "SELECT body FROM steps WHERE key BETWEEN ? AND ? ORDER BY key",
            (step_key(number, 0), step_key(number + 1, 0)),
        ).fetchall()

    return [body for (body,) in await database.run(read)]


async def test_resume_answers_what_was_committed(database, journal):
    """Checkpoint and session state come back equal, with odd source names and lone surrogates too."""
    source = "/home/x/caf\udce9\n.jsonl"
    checkpoint = Checkpoint(source, 99, 40, {"ids": ["\ud800", 1, None]}, {"inode": 2**62}, finished=False)
    session = state("sess_a", source, text="\ud83d")
    await journal.commit(Commit(checkpoint, session, steps(1, 3), [], {"lines": 4}))
    assert await journal.resume(source) == Resume(checkpoint, session, 3)
    assert await journal.resume("other") is None
    assert await journal.sources() == [checkpoint]
    assert await journal.unclosed() == [session]
    assert await bodies(database) == [item.body for item in steps(1, 3)]


async def test_a_closed_session_is_not_resumed(journal):
    """After the close the checkpoint stays and the session is over."""
    await journal.commit(commit("sess_a", steps(1, 1), [chunk("a", 1, 1), close("a")], offset=10))
    found = await journal.resume("log")
    assert found is not None
    assert found.session is None
    assert found.checkpoint.offset == 10
    assert await journal.unclosed() == []


async def test_a_session_may_end_without_an_envelope(journal):
    """A session that never made a step is closed by its state alone, and stays closed."""
    await journal.commit(Commit(None, state("sess_a", closed=True), [], [], {}))
    await journal.commit(Commit(None, state("sess_a"), [], [], {}))
    assert await journal.unclosed() == []


@pytest.mark.parametrize("numbers", [[2], [1, 3], [1, 1], [0], [3, 4], [1 << 20]])
async def test_gaps_and_duplicates_are_refused(database, journal, numbers):
    """A number that does not follow is an OrderError, and nothing of its commit is applied."""
    bad = commit("sess_a", [step(number) for number in numbers], offset=5, counts={"lines": 1})
    with pytest.raises(OrderError):
        await journal.commit(bad)
    assert await journal.resume("log") is None
    assert await journal.ledger() == {}
    assert (await journal.totals())["sessions"] == 0


@pytest.mark.parametrize(
    "sealed",
    [
        [chunk("a", 2, 3)],
        [chunk("a", 1, 4)],
        [chunk("a", 1, 2), chunk("a", 2, 3)],
        [chunk("a", 3, 2)],
        [chunk("a", 1, 3), chunk("a", 1, 3)],
    ],
)
async def test_a_chunk_covers_exactly_the_next_unsealed_steps(journal, sealed):
    """Chunks that overlap, leave a hole or reach beyond the journal are refused whole."""
    with pytest.raises(OrderError):
        await journal.commit(commit("sess_a", steps(1, 3), sealed))
    assert (await journal.totals())["steps"] == 0


async def test_a_chunk_may_cover_steps_of_earlier_commits(journal, outbox):
    """Steps journaled in three commits are sealed by a fourth."""
    for number in (1, 2, 3):
        await journal.commit(commit("sess_a", [step(number)]))
    await journal.commit(commit("sess_a", [], [chunk("a", 1, 3)]))
    claim = await outbox.claim(2_000.0)
    assert claim is not None
    assert claim.steps == tuple(item.body for item in steps(1, 3))


async def test_only_feedback_follows_a_close(journal):
    """Steps and chunks after the close are refused; feedback is taken."""
    await journal.commit(commit("sess_a", steps(1, 1), [chunk("a", 1, 1), close("a")]))
    with pytest.raises(OrderError):
        await journal.commit(commit("sess_a", [step(2)]))
    with pytest.raises(OrderError):
        await journal.commit(commit("sess_a", [], [close("b")]))
    await journal.commit(commit("sess_a", [], [feedback("a")]))


async def test_steps_need_a_session(journal):
    """Steps of nobody are refused; a checkpoint alone is fine."""
    with pytest.raises(OrderError):
        await journal.commit(Commit(None, None, steps(1, 1), [], {}))
    await journal.commit(Commit(Checkpoint("log", 7, 7, {}), None, [], [], {"lines": 1}))
    assert await journal.ledger() == {"lines": 1}


async def test_an_envelope_id_is_used_once(journal):
    """A second envelope of the same id takes nothing of its commit into the journal."""
    await journal.commit(commit("sess_a", steps(1, 1), [chunk("a", 1, 1)]))
    with pytest.raises(sqlite3.IntegrityError):
        await journal.commit(commit("sess_b", steps(1, 1), [chunk("a", 1, 1)], counts={"lines": 1}))
    assert (await journal.totals())["sessions"] == 1
    assert await journal.ledger() == {}


async def test_counts_add_up_and_drops_are_named(journal):
    """Ledger and totals are sums over commits; a drop shows under its reason."""
    acts = [step(2, kind=StepType.ACTION), step(3, kind=StepType.ACTION)]
    await journal.commit(Commit(None, state("sess_a"), steps(1, 1), [], {"lines": 2}, {"oversize": 3}))
    await journal.commit(Commit(None, state("sess_a"), acts, [], {"lines": 5, "fate.meta": 0}, {"oversize": 1}))
    assert await journal.ledger() == {"lines": 7, "drop.oversize": 4}
    expected = {"sessions": 1, "steps": 3, "steps_by_type": {"action": 2, "thought": 1}, "buffered": 3}
    assert await journal.totals() == expected


async def test_the_ledger_is_bounded_and_still_adds_up(database):
    """Past the bound a new name is counted under its group's "other", so sums stay true."""
    extra = 40
    await database.run(lambda connection: add_counts(connection, {f"event.{n}": 1 for n in range(MAX_NAMES + extra)}))
    rows = dict(await database.run(lambda connection: connection.execute("SELECT name, n FROM ledger").fetchall()))
    assert len(rows) == MAX_NAMES + 1
    assert rows["event.other"] == extra
    assert sum(rows.values()) == MAX_NAMES + extra


async def test_forget_keeps_the_steps(database, journal):
    """Forgetting a source drops its checkpoint and nothing else."""
    await journal.commit(commit("sess_a", steps(1, 2), offset=9))
    await journal.forget("log")
    assert await journal.resume("log") is None
    assert len(await bodies(database)) == 2


async def test_commits_that_wait_together_fail_alone(journal):
    """Of a hundred commits at once, the one that is wrong is refused and the others are all there."""
    good = [commit(f"sess_{n}", steps(1, 2), source=f"log{n}", offset=n) for n in range(100)]
    bad = commit("sess_bad", [step(9)])
    work = [journal.commit(item) for item in [*good[:50], bad, *good[50:]]]
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [OrderError]
    assert (await journal.totals())["sessions"] == 100
    assert len(await journal.sources()) == 100


async def test_a_cancelled_commit_is_whole_or_absent(journal):
    """Cancelling at any moment leaves either the full commit or nothing of it."""
    for n in range(30):
        task = asyncio.create_task(journal.commit(commit(f"sess_{n}", steps(1, 3), source=f"log{n}", offset=n + 1)))
        for _ in range(n % 5):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    found = {item.source for item in await journal.sources()}
    totals = await journal.totals()
    assert totals["sessions"] == len(found)
    assert totals["steps"] == 3 * len(found)
