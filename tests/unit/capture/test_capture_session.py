"""Steps and envelopes depend on the lines alone: not on cuts, kills or garbage; chunks close by count, time and size."""

from __future__ import annotations

import json

import orjson
import pytest
from capture_support import IDENTITY, NOW, PARSERS, feed, members, outcome_of, plain_scrub

from parsers.base import Fate
from sidecar.capture.framing import Ending, LineFramer
from sidecar.capture.session import CaptureOptions
from sidecar.wire import limits
from sidecar.wire.envelope import EnvelopeKind


def run_through(sessions, provider, frames):
    """One session over all lines; its steps and envelopes."""
    session = sessions.make(provider)
    received = [session.receive(line, NOW + n) for n, line in enumerate(frames)]
    received.append(session.finish(NOW + len(frames), ending=Ending(exit_code=0)))
    return [step for got in received for step in got.steps], [one for got in received for one in got.sealed]


def test_killed_after_every_line_and_resumed(sessions, recording):
    """A session killed after each commit and made again from the committed state gives the same steps and envelopes."""
    provider, lines = recording
    expected = run_through(sessions, provider, lines)
    sessions.ids = iter(range(1, 1000))
    steps, sealed = [], []
    state, parser_state, replay_from = None, None, 0
    for offset, line in enumerate(lines):
        parser = PARSERS[provider]()
        if parser_state is not None:
            parser.restore(json.loads(parser_state))
        session = sessions.make(parser=parser, state=json.loads(state) if state else None)
        for seen in lines[replay_from:offset]:
            session.replay(seen)
        received = session.receive(line, NOW + offset)
        steps += received.steps
        sealed += received.sealed
        state = json.dumps(session.snapshot())
        if (snapshot := parser.snapshot()) is not None:
            parser_state, replay_from = json.dumps(snapshot), offset + 1
    last = session.finish(NOW + len(lines), ending=Ending(exit_code=0))
    assert (steps + last.steps, sealed + last.sealed) == expected


def test_a_snapshot_is_plain_and_settled(sessions, recording):
    """`snapshot` is JSON for any writer, and restoring it gives a session that answers the same snapshot."""
    provider, lines = recording
    session = sessions.make(provider)
    for line in lines:
        session.receive(line, NOW)
        state = orjson.loads(orjson.dumps(session.snapshot()))
        assert sessions.make(provider, state=state).snapshot() == state


def test_byte_by_byte_and_with_trailing_garbage(sessions, recording):
    """Bytes fed one at a time, and garbage behind the end, change no step."""
    provider, lines = recording
    expected, _ = run_through(sessions, provider, lines)
    framer = LineFramer()
    data = b"".join(line + b"\n" for line in lines) + b'{"type":"assi\x00\xff'
    frames = [frame for byte in data for frame in framer.feed(bytes([byte]))]
    tail = framer.finish()
    assert [frame.line for frame in frames] == lines
    session = sessions.make(provider)
    steps = [step for n, frame in enumerate(frames) for step in session.receive(frame.line, NOW + n).steps]
    assert session.receive(tail.line, NOW + len(lines)).fate is Fate.MALFORMED
    steps += session.finish(NOW + len(lines), ending=Ending(torn=True)).steps
    assert [step.body for step in steps] == [step.body for step in expected]


def test_chunks_cover_every_step_once(sessions, recording):
    """The sealed ranges touch, number from 0, and the bodies hold the steps in order."""
    provider, lines = recording
    steps, sealed = run_through(sessions, provider, lines)
    chunks = [one for one in sealed if one.kind is EnvelopeKind.CHUNK]
    assert [one.chunk_sequence for one in chunks] == list(range(len(chunks)))
    numbers = [n for one in chunks for n in range(one.first_step, one.last_step + 1)]
    assert numbers == [step.number for step in steps] == list(range(1, len(steps) + 1))
    for one in chunks:
        bodies = [step.body for step in steps[one.first_step - 1 : one.last_step]]
        log = members(one, bodies)["trajectory_log"]
        assert [step["step"] for step in log] == list(range(one.first_step, one.last_step + 1))
    assert sealed[-1].kind is EnvelopeKind.CLOSE
    assert members(sealed[-1])["outcome"]["total_chunks"] == len(chunks)


def test_a_chunk_is_sealed_at_exactly_200_steps(sessions, lines):
    """The 200th step seals the chunk; the rest waits."""
    session = sessions.make(options=CaptureOptions())
    for n in range(199):
        assert session.receive(orjson.dumps(lines["call"](f"c{n}", "Bash", command="ls")), NOW).sealed == []
    sealed = session.receive(orjson.dumps(lines["call"]("c", "Bash", command="ls")), NOW).sealed
    assert [(one.first_step, one.last_step) for one in sealed] == [(1, 200)]
    assert session.deadline is None


def test_a_chunk_is_sealed_after_five_minutes(sessions, lines):
    """Time counts from the first step of the chunk, whether a line or a tick comes."""
    session = sessions.make(options=CaptureOptions())
    feed(session, lines["call"]("c1", "Bash", command="ls"), now=NOW)
    assert session.deadline == NOW + 300
    assert session.tick(NOW + 299.9).sealed == []
    assert [one.last_step for one in session.tick(NOW + 300).sealed] == [1]
    feed(session, lines["call"]("c2", "Bash", command="ls"), now=NOW + 400)
    late = session.receive(orjson.dumps(lines["call"]("c3", "Bash", command="ls")), NOW + 700)
    assert [(one.first_step, one.last_step) for one in late.sealed] == [(2, 2)]
    assert session.deadline == NOW + 1_000


def test_a_clock_set_back_does_not_stretch_the_five_minutes(sessions, lines):
    """When time jumps back the window starts anew from there."""
    session = sessions.make(options=CaptureOptions())
    feed(session, lines["call"]("c1", "Bash", command="ls"), now=NOW)
    assert session.tick(NOW - 5_000).sealed == []
    assert session.deadline == NOW - 4_700
    assert len(session.tick(NOW - 4_700).sealed) == 1


def test_a_chunk_is_sealed_before_it_outgrows_a_body(sessions, lines):
    """No chunk's steps exceed the byte limit while more than one step is in it."""
    session = sessions.make(options=CaptureOptions(chunk_bytes=10_000))
    steps, sealed = [], []
    for n in range(30):
        received = session.receive(orjson.dumps(lines["result"](f"c{n}", "x" * 1_000 * (n % 7))), NOW)
        steps += received.steps
        sealed += received.sealed
    assert sealed
    for one in sealed:
        assert sum(len(step.body) + 1 for step in steps[one.first_step - 1 : one.last_step]) <= 11_000


def test_a_session_without_steps_sends_nothing(sessions):
    """No step, no envelope: an opened session would count against the hourly limit."""
    session = sessions.make()
    session.receive(b'{"type":"system","subtype":"init","session_id":"s","model":"m"}', NOW)
    assert session.finish(NOW, ending=Ending(exit_code=1)).sealed == []


def test_full_comes_before_the_wire_refuses(sessions, lines):
    """`full` is raised while chunks are left for a line with many steps; the conversation goes on in a new session."""
    session = sessions.make(options=CaptureOptions(chunk_steps=1))
    feed(session, lines["user"]("Fix it"))
    while not session.full:
        feed(session, lines["call"]("c", "Bash", command="ls"))
    assert session.steps < limits.MAX_CHUNKS_PER_SESSION
    closed = session.finish(NOW, ending=Ending(continued=True))
    assert members(closed.sealed[-1])["outcome"]["continued"] is True
    session = sessions.make(parser=session.parser, state=session.carry())
    (step,) = feed(session, lines["user"]("No, that is wrong. Revert it."))
    assert (step.number, step.step.type) == (1, "correction")


def test_continued_leaves_held_text_to_the_next_session(sessions, lines):
    """A text that may be the final answer is not flushed when the conversation goes on elsewhere."""
    session = sessions.make()
    feed(session, lines["call"]("c", "Bash", command="ls"), lines["says"]("All done."))
    assert session.finish(NOW, ending=Ending(continued=True)).steps == []
    session = sessions.make(parser=session.parser, state=session.carry())
    (step,) = feed(session, lines["ended"]("All done."))
    assert (step.step.type, step.step.content) == ("resolution", "All done.")


def test_what_the_stream_tells_reaches_the_metadata(sessions, lines):
    """Model, version, dialect, complexity and quality stand in every chunk, the late ones in the close."""
    session = sessions.make(options=CaptureOptions(chunk_steps=1))
    init = {"type": "system", "subtype": "init", "session_id": "s", "model": "claude-opus-4-7"}
    session.receive(orjson.dumps({**init, "claude_code_version": "2.1.197"}), NOW)
    sealed = session.receive(orjson.dumps(lines["call"]("c", "Bash", command="ls")), NOW).sealed[0]
    metadata = members(sealed)["metadata"]
    assert metadata["model_engine"] == "claude-opus-4-7"
    assert metadata["provider"] == "claude-code"
    assert (metadata["cli_version"], metadata["dialect"]) == ("2.1.197", "stream")
    assert metadata["task_complexity"] == "light"
    assert 0 <= metadata["session_quality"] <= 100
    assert session.identity.model == "claude-opus-4-7"
    closed = session.finish(NOW, ending=Ending()).sealed[-1]
    assert members(closed)["metadata"]["model_engine"] == "claude-opus-4-7"


def test_redactions_are_counted_where_they_happened(sessions, lines):
    """Chunk and outcome say how many replacements of each category their own steps had, not what others had."""
    counts = {"EMAIL": 7}

    def scrub(step):
        counts["EMAIL"] += step.content.count("@")
        return plain_scrub(step)

    session = sessions.make(scrub=scrub, redactions=lambda: counts, options=CaptureOptions(chunk_steps=2))
    events = [lines["result"](f"c{n}", "a@b c@d" if n < 2 else "e@f") for n in range(4)]
    sealed = [one for event in events for one in session.receive(orjson.dumps(event), NOW).sealed]
    assert [members(one)["metadata"]["redactions"] for one in sealed] == [{"EMAIL": 4}, {"EMAIL": 2}]
    assert outcome_of(session)["redactions"] == {"EMAIL": 6}


def test_output_is_cut_after_scrubbing(sessions, lines):
    """The scrubber sees the whole output; what travels is head and tail, with the original size."""
    seen = []

    def scrub(step):
        seen.append(step.content)
        return plain_scrub(step)

    text = "\n".join(f"row {n}" for n in range(500))
    (numbered,) = feed(sessions.make(scrub=scrub), lines["result"]("c", text))
    assert seen == [text]
    body = orjson.loads(numbered.body)
    assert body["truncated"] is True
    assert body["original_token_count"] == -(-len(text) // 4)
    assert body["content"].count("\n") == 70


def test_oversize_lines_are_named_and_told(sessions, lines):
    """A line that was never held has a fate, a reason of bounded vocabulary, and a place in the outcome."""
    session = sessions.make()
    received = session.oversize(70 * 1024 * 1024, NOW)
    assert (received.fate, received.name, received.reason) == (Fate.OVERSIZE, "oversize", "over_64MiB")
    session.receive(b"not json", NOW)
    feed(session, lines["call"]("c", "Bash", command="ls"))
    outcome = outcome_of(session, torn=True)
    assert outcome["lines_lost"] == {"oversize": 1, "malformed": 1, "torn": 1}
    assert outcome["unanswered_calls"] == 1


def test_the_seven_types_fold_the_finer_ones(sessions, lines):
    """With the vocabulary "seven" an instruction travels as an observation and keeps its own name at home."""
    session = sessions.make(options=CaptureOptions(vocabulary="seven"))
    (numbered,) = feed(session, lines["user"]("Fix the tests"))
    assert numbered.step.type == "instruction"
    assert orjson.loads(numbered.body)["type"] == "observation"


@pytest.mark.parametrize(
    ("status", "ending", "turn"),
    [
        ("SUCCESS", {"exit_code": 0}, "success"),
        ("SUCCESS", {"signal": 15}, "success"),
        ("SUCCESS", {"exit_code": 1}, "success"),
        ("SUCCESS", {"exit_code": 0}, None),
        ("SUCCESS", {"idle": True}, "success"),
        ("CRASH", {"exit_code": 1}, None),
        ("CRASH", {"exit_code": 1}, "error"),
        ("CRASH", {"exit_code": 0}, "error"),
        ("CRASH", {"exit_code": 145}, None),
        ("KILLED", {"signal": 9}, None),
        ("KILLED", {"exit_code": 143}, None),
        ("KILLED", {"torn": True}, None),
        ("KILLED", {"idle": True}, None),
    ],
)
def test_how_a_session_ended(sessions, lines, status, ending, turn):
    """A finished turn is success whatever came after; then signals, interrupts, codes, and at last the position."""
    session = sessions.make(identity=IDENTITY)
    feed(session, lines["call"]("c", "Bash", command="ls"))
    if turn:
        more = {"is_error": True, "result": "API Error: 500"} if turn == "error" else {}
        feed(session, lines["ended"](**more))
    assert outcome_of(session, **ending)["status"] == status


def test_a_turn_killed_on_the_way_is_not_saved_by_an_earlier_one(sessions, lines):
    """After a finished turn new work was killed: KILLED."""
    session = sessions.make()
    feed(session, lines["says"]("Hi"), lines["ended"]("Hi"), lines["call"]("c", "Bash", command="ls"))
    assert outcome_of(session, signal=9)["status"] == "KILLED"
