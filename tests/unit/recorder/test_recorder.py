"""Whatever kills the recorder, the spool tells one story: each line once, each step once, the books in balance."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorder_support import STREAM, Crash, feed, feed_through_crashes, frames, house, recording, told

import sidecar.recorder as recorder_module
from sidecar import drafting
from sidecar.capture.framing import Ending, Frame
from sidecar.errors import ConsentError
from sidecar.sources.base import Batch, SourceInfo
from sidecar.store.ledger import GROUPS
from sidecar.wire import limits
from tests.patience import PATIENCE

GEMINI = SourceInfo("stream:2", "stream", "gemini 2", "gemini", started=1_795_000_000.0)
CODEX = SourceInfo("stream:3", "stream", "codex 3", "codex", started=1_795_000_000.0)
DELTAS = [
    b'{"type":"init","timestamp":"2026-11-20T08:41:34.857Z","session_id":"abcdef12-1","model":"gemini-2.5-pro"}',
    b'{"type":"message","timestamp":"2026-11-20T08:41:35.000Z","role":"assistant","content":"half a ","delta":true}',
    b'{"type":"message","timestamp":"2026-11-20T08:41:35.100Z","role":"assistant","content":"secret","delta":true}',
    b'{"type":"tool_use","timestamp":"2026-11-20T08:41:36.000Z","tool_name":"ls","tool_id":"1","parameters":{}}',
]


BIG = b'{"type":"assistant","session_id":"s","message":{"id":"m%d","role":"assistant","content":[{"type":"thinking","thinking":"%s"}]}}\n'


def big() -> bytes:
    """A stream of 600 kB."""
    return b"".join(BIG % (number, b"word and " * 3_333) for number in range(20))


def lines(*several: bytes) -> bytes:
    return b"".join(line + b"\n" for line in several)


async def test_the_checkpoint_waits_while_text_is_held(tmp_path):
    """Lines whose text is held are journaled as read, but may not be forgotten; no byte of the text is in the spool."""
    async with house(tmp_path) as world:
        first, *held, last = frames(lines(*DELTAS))
        answer = await world.recorder.record(Batch(GEMINI, [first]))
        assert answer.safe == first.end
        for frame in held:
            answer = await world.recorder.record(Batch(GEMINI, [frame]))
            assert answer.safe == first.end
        resume = await world.recorder.lookup(GEMINI)
        assert (resume.offset, resume.replay_from) == (held[-1].end, first.end)
        for path in tmp_path.iterdir():
            assert b"half a" not in path.read_bytes()
        world.restart()
        for frame in (*held, last):
            answer = await world.recorder.record(Batch(GEMINI, [frame]))
        assert answer.safe == last.end
        ((_, _, steps),) = await world.sessions()
        assert [step.get("content") for step in steps] == ["half a secret", ""]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("info", "name"), [(STREAM, "claude/a-fix"), (CODEX, "codex/f-parallel"), (GEMINI, "gemini/f-parallel")]
)
async def test_a_crash_at_every_commit_changes_nothing(tmp_path, info, name, after):
    """Dying before or after each commit in turn, again and again in one run: the steps are those of a quiet run."""
    data, ending = recording(name), Ending(exit_code=0)
    async with house(tmp_path) as quiet:
        await feed(quiet, info, data, 4, ending=ending)
        ((_, _, expected),) = await quiet.sessions()
        books = await quiet.books()
    other = tmp_path / "other"
    other.mkdir()
    async with house(other) as world:
        for attempt in range(200):
            world.restart(attempt % 4, after=after)
            try:
                await feed(world, info, data, 4, ending=ending)
            except Crash:
                continue
            break
        ((_, closed, steps),) = await world.sessions()
        assert closed
        assert told(steps) == told(expected)
        assert await world.books() == books


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    name=st.sampled_from(["claude/g-sigint", "codex/c-errors", "gemini/c-errors"]),
    size=st.integers(1, 9),
    cut=st.integers(0, 40),
    crashes=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=8),
)
def test_books_balance_after_any_sequence_of_crashes(name, size, cut, crashes):
    """Any batch size, any torn tail, any crashes: lines = the sum of fates = the lines there were, steps as offline."""

    async def go(folder: Path) -> None:
        data = recording(name)
        torn = data[: len(data) - cut]
        info = {"claude": STREAM, "codex": CODEX, "gemini": GEMINI}[name.split("/")[0]]
        async with house(folder) as world:
            is_torn = not torn.endswith(b"\n")
            ending = Ending(signal=9, torn=is_torn)
            await feed_through_crashes(world, info, torn, size, ending, crashes)
            books = await world.books()
            assert books["lines"] == torn.count(b"\n") + is_torn
            assert books["bytes"] == len(torn)
            for _, closed, steps in await world.sessions():
                assert closed
                assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
            types = sum(n for key, n in books.items() if key.startswith("type."))
            assert types == sum(len(steps) for _, _, steps in await world.sessions())

    with tempfile.TemporaryDirectory() as folder:
        anyio.run(go, Path(folder))


async def test_what_the_first_lines_told_survives_a_crash_before_the_first_step(tmp_path):
    """Model, agent id and CLI version of a session without steps yet are not forgotten."""
    data = recording("claude/a-fix")
    async with house(tmp_path) as world:
        await feed(world, STREAM, data[: data.index(b"\n") + 1])
        assert await world.sessions() == []
        world.restart()
        await feed(world, STREAM, data, ending=Ending(exit_code=0))
        ((model, provider),) = await world.rows("SELECT model, provider FROM sessions")
        assert (model, provider) == ("claude-opus-4-8", "claude-code")
        (head,) = (await world.rows("SELECT head FROM envelopes WHERE kind = 'close'"))[0]
        metadata = json.loads(b"{" + head + b"}")["metadata"]
        assert metadata["agent_id"] == "484764a9-b9eb-48fa-adc0-61ae796b90c0"


async def test_a_full_session_rolls_over(tmp_path, monkeypatch):
    """At the wire's caps a session ends as continued and the next one goes on: no step is lost, doubled or changed."""
    data, ending = recording("codex/f-parallel"), Ending(exit_code=0)
    async with house(tmp_path) as quiet:
        await feed(quiet, CODEX, data, 500, ending=ending)
        ((_, _, expected),) = await quiet.sessions()
    monkeypatch.setattr("sidecar.capture.session.SPARE_STEPS", 0)
    monkeypatch.setattr(limits, "MAX_STEP_NUMBER", 6)
    other = tmp_path / "other"
    other.mkdir()
    async with house(other) as world:
        crashes = [(number, after) for number in range(4) for after in (False, True)]
        await feed_through_crashes(world, CODEX, data, 10, ending, crashes)
        found = await world.sessions()
        assert len(found) > 2
        assert all(closed for _, closed, _ in found)
        for _, _, steps in found:
            assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
        together = [{**step, "step": 0} for _, _, steps in found for step in told(steps)]
        assert together == [{**step, "step": 0} for step in told(expected)]
        outcomes = await world.outcomes()
        assert [outcome.get("continued", False) for outcome in outcomes] == [True] * (len(found) - 1) + [False]
        assert outcomes[-1]["exit_code"] == 0
        await world.books()


async def test_a_full_disk_is_waited_out(tmp_path, monkeypatch):
    """While the disk is full the source waits; when there is room again everything is there, once."""
    monkeypatch.setattr(recorder_module, "RETRY_FIRST_SECONDS", 0.02)
    data = big()
    async with house(tmp_path) as world:
        pages = (await world.rows("PRAGMA page_count"))[0][0]
        await world.database.run(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone(), alone=True)
        async with anyio.create_task_group() as tasks:
            done = anyio.Event()

            async def work() -> None:
                await feed(world, STREAM, data, 500, ending=Ending(exit_code=0))
                done.set()

            tasks.start_soon(work)
            with anyio.fail_after(PATIENCE):
                while not (tmp_path / "log").exists():
                    await anyio.sleep(0.02)
            assert "journal.waiting" in (tmp_path / "log").read_text()
            assert not done.is_set()
            assert await world.sessions() == []
            await world.database.run(lambda c: c.execute("PRAGMA max_page_count = 100000").fetchone(), alone=True)
            with anyio.fail_after(PATIENCE):
                await done.wait()
        ((_, closed, steps),) = await world.sessions()
        assert closed and steps
        assert (await world.books())["lines"] == data.count(b"\n")


async def test_a_revocation_while_the_disk_is_full_ends_the_waiting(tmp_path, monkeypatch):
    """Who waits for room gives up as soon as capture is off, and nothing of the batch is kept."""
    monkeypatch.setattr(recorder_module, "RETRY_FIRST_SECONDS", 0.02)
    async with house(tmp_path) as world:
        pages = (await world.rows("PRAGMA page_count"))[0][0]
        await world.database.run(lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchone(), alone=True)
        async with anyio.create_task_group() as tasks:

            async def work() -> None:
                with pytest.raises(ConsentError):
                    await feed(world, STREAM, big(), 500)

            tasks.start_soon(work)
            with anyio.fail_after(PATIENCE):
                while not (tmp_path / "log").exists():
                    await anyio.sleep(0.02)
            world.allowed = False
        await world.database.run(lambda c: c.execute("PRAGMA max_page_count = 100000").fetchone(), alone=True)
        assert await world.sessions() == []


async def test_a_revocation_in_the_middle_of_a_batch_keeps_nothing_of_it(tmp_path):
    """Consent that goes while a batch is parsed and scrubbed: it is not committed."""
    async with house(tmp_path) as world:
        answers = iter([True, False])
        world.recorder._allowed = lambda: next(answers)
        with pytest.raises(ConsentError):
            await world.recorder.record(Batch(STREAM, frames(recording("claude/a-fix"))))
        assert await world.sessions() == []
        assert await world.books() == {}
        world.allowed = False
        world.restart()
        with pytest.raises(ConsentError):
            await world.recorder.record(Batch(STREAM, frames(recording("claude/a-fix"))))


async def test_the_timer_seals_what_is_old_enough_and_sleeps_otherwise(tmp_path):
    """A chunk is sealed when its time is over, without a further line; nothing is sealed before."""
    async with house(tmp_path) as world:
        world.restart(chunk_seconds=300.0)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(world.recorder.run_timers)
            await feed(world, STREAM, recording("claude/a-fix"))
            await anyio.sleep(0.05)
            assert world.sealed == 0
            world.now += 299
            world.recorder._changed.set()
            await anyio.sleep(0.05)
            assert world.sealed == 0
            world.now += 1
            world.recorder._changed.set()
            with anyio.fail_after(PATIENCE):
                while not world.sealed:
                    await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
        ((first, last, journaled),) = await world.rows(
            "SELECT first_step, last_step, (SELECT journaled FROM sessions) FROM envelopes WHERE kind = 'chunk'"
        )
        assert (first, last) == (1, journaled)


async def test_flush_seals_everything_at_once_and_only_once(tmp_path):
    """`seal_all` leaves nothing buffered; a second one makes no envelope."""
    async with house(tmp_path) as world:
        await feed(world, STREAM, recording("claude/a-fix"))
        await world.recorder.seal_all()
        await world.recorder.seal_all()
        assert (await world.journal.totals())["buffered"] == 0
        assert len(await world.rows("SELECT 1 FROM envelopes")) == 1


async def test_an_ended_stream_is_finished_and_an_idle_file_goes_on(tmp_path):
    """Exit: finished for good. Idle: the same source goes on in a new session that remembers the conversation."""
    data = recording("claude/e-streaminput")
    cut = data.index(b"\n", len(data) // 2) + 1
    async with house(tmp_path) as world:
        await feed(world, STREAM, data, ending=Ending(exit_code=3))
        assert (await world.recorder.lookup(STREAM)).finished
        info = replace(STREAM, key="file:1", kind="file", conversation=None)
        await feed(world, info, data[:cut], ending=Ending(idle=True))
        resume = await world.recorder.lookup(info)
        assert (resume.offset, resume.finished) == (cut, False)
        world.restart()
        await feed(world, info, data, ending=Ending(idle=True))
        ((_, _, whole), (_, _, first), (_, _, second)) = await world.sessions()
        assert len(first) + len(second) == len(whole)
        labels = [(step["type"], step.get("evidence")) for step in (*first, *second)]
        assert labels == [(step["type"], step.get("evidence")) for step in whole]


async def test_a_torn_tail_is_counted_as_such(tmp_path):
    """Half a line is malformed, named torn, and told in the outcome."""
    data = recording("claude/a-fix") + b'{"type":"assis'
    async with house(tmp_path) as world:
        await feed(world, STREAM, data, ending=Ending(signal=9, torn=True))
        books = await world.books()
        assert books["fate.malformed"] == books["reason.torn"] == 1
        (outcome,) = await world.outcomes()
        assert outcome["lines_lost"] == {"malformed": 1, "torn": 1}


async def test_bytes_that_were_never_kept_are_counted(tmp_path):
    """What `wrap` could not keep is a loss with its reason."""
    async with house(tmp_path) as world:
        ending = Ending(exit_code=0)
        await feed(world, STREAM, recording("claude/a-fix"), ending=ending, lost_bytes=77, lost_reason="disk full")
        assert (await world.books())["drop.disk full"] == 77


async def test_an_oversize_line_is_one_line(tmp_path):
    """A line that was thrown away has the fate oversize, and its bytes are counted."""
    async with house(tmp_path) as world:
        data = recording("claude/a-fix")
        frame = Frame(None, len(data), len(data) + 100_000_001, 100_000_000)
        await world.recorder.record(Batch(STREAM, [*frames(data), frame]))
        books = await world.books()
        assert books["fate.oversize"] == 1
        assert books["bytes"] == frame.end


async def test_a_stream_without_steps_makes_no_session(tmp_path):
    """Plain text is counted and named; there is no session and no envelope for it."""
    async with house(tmp_path) as world:
        info = replace(STREAM, provider=None)
        await feed(world, info, b"hello\nworld\n", ending=Ending(exit_code=0))
        assert await world.sessions() == []
        assert await world.rows("SELECT 1 FROM envelopes") == []
        assert (await world.books())["lines"] == 2


async def test_what_was_written_while_off_is_not_ours(tmp_path):
    """A batch that begins later moves the position without a line."""
    async with house(tmp_path) as world:
        data = recording("claude/a-fix")
        info = replace(STREAM, key="file:9", kind="file")
        begin = data.index(b"\n", 3_000) + 1
        answer = await world.recorder.record(Batch(info, [], begin=begin))
        assert answer.safe == begin
        assert world.recorder.snapshot() == []
        await feed(world, info, data)
        assert (await world.books())["lines"] == data[begin:].count(b"\n")


async def test_drift_is_counted_beside_the_fate_and_survives(tmp_path):
    """Lines that are not as their type was ever seen: by name and version, durable, and lines stay the sum of fates."""
    async with house(tmp_path) as world:
        data = recording("claude/a-fix").replace(b'"type":"tool_use",', b'"type":"tool_use","caller":1,')
        cut = data.index(b"\n", len(data) // 2) + 1
        await feed(world, STREAM, data[:cut])
        world.restart()
        await feed(world, STREAM, data, ending=Ending(exit_code=0))
        books = await world.books()
        name = "claude:assistant.message.content[].tool_use+caller"
        calls = data.count(b'"caller":1')
        assert calls > 2
        assert books[f"changed.{name}"] == books[f"changed_by.{name}@2.1.197"] == books["changed_lines"] == calls
        assert sum(n for fate, n in books.items() if fate.startswith("fate.")) == books["lines"] == data.count(b"\n")
        assert not any(one.startswith("unknown.") for one in books)


async def test_names_of_drift_are_bounded(tmp_path):
    """A stream with ever new fields cannot fill the ledger, however often the agent is started again."""
    async with house(tmp_path) as world:
        for start in range(5):
            world.restart()
            words = ("".join(chr(97 + int(digit)) for digit in str(n)) for n in range(start * 400, start * 400 + 400))
            line = '{{"type":"user","session_id":"s","x{0}":1,"message":{{"content":"{0}"}}}}'
            data = lines(*(line.format(word).encode() for word in words))
            info = replace(STREAM, key=f"stream:{start}")
            await feed(world, info, data, 50, ending=Ending(exit_code=0))
        books = await world.books()
        names = {name: n for name, n in books.items() if name.startswith("changed.")}
        assert len(names) == GROUPS["changed"] + 1
        assert books["changed_lines"] == sum(names.values()) >= 500  # the first hundred lines of each
        assert names["changed.other"] == books["changed_lines"] - GROUPS["changed"]


async def test_versions_of_clis_are_bounded(tmp_path):
    """A stream that names ever new versions cannot grow the ledger: past a bound they are "other"."""
    async with house(tmp_path) as world:
        line = '{{"type":"system","subtype":"init","session_id":"s","model":"m","claude_code_version":"1.0.{}"}}'
        strange = '{"type":"hologram","session_id":"s"}'
        data = lines(*(one.encode() for n in range(200) for one in (line.format(n), strange)))
        await feed(world, STREAM, data, 50, ending=Ending(exit_code=0))
        books = await world.books()
        drift = {name: n for name, n in books.items() if name.startswith("drift.")}
        assert sum(drift.values()) == 200
        assert "drift.claude-code/hologram@other" in drift
        assert len(drift) <= drafting.MAX_VERSIONS


async def test_queued_messages_without_room_are_counted_as_dropped(tmp_path, monkeypatch):
    """What the prompt's queue cannot hold is in the ledger under its name."""
    monkeypatch.setattr("parsers.claude_queue.MAX_QUEUED", 2)
    line = {"type": "queue-operation", "operation": "enqueue", "content": "and this"}
    async with house(tmp_path) as world:
        info = replace(STREAM, key="transcript:q", kind="transcript", dialect="transcript")
        await feed(world, info, b"".join(json.dumps(line).encode() + b"\n" for _ in range(5)))
        ledger = await world.books()
    assert (ledger["drop.queued_messages_beyond_the_limit"], ledger["reason.queue_full"]) == (3, 3)
