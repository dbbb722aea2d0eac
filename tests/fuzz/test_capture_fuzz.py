"""No line, order of lines or place of a kill breaks a session: every line has a fate, every step its place."""

from __future__ import annotations

import json
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers import registry
from parsers.base import Fate
from sidecar.capture.framing import Ending, LineFramer
from sidecar.capture.session import CaptureOptions, CaptureSession
from sidecar.scrub.scrubber import Scrubber
from sidecar.wire.canonical import canonical, parse_js
from sidecar.wire.envelope import Identity, assemble
from sidecar.wire.schema import violations

NOW = 1_795_170_000.0
IDENTITY = Identity("sess_1", "", "claude-opus-4-7", "agent", "solo", "0" * 32, "0.1.0")
FILES = sorted((Path(__file__).parents[1] / "data" / "capture").glob("*.jsonl"))
LINES = [line for file in FILES for line in file.read_bytes().split(b"\n")[:-1]]
SCRUBBER = Scrubber()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def make(provider: str | None = None, **keywords: Any) -> CaptureSession:
    """A session with a real scrubber."""
    return CaptureSession(
        identity=IDENTITY,
        parser=keywords.pop("parser", None) or registry.make(provider),
        scrub=SCRUBBER.scrub,
        scrub_json=SCRUBBER.json,
        redactions=lambda: SCRUBBER.counts,
        options=CaptureOptions(chunk_steps=3, chunk_bytes=20_000),
        **keywords,
    )


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A recorded line with one member somewhere replaced, removed or repeated, or its bytes damaged."""
    line = draw(st.sampled_from(LINES))
    if draw(st.booleans()):
        cut = draw(st.integers(0, len(line)))
        return line[:cut] + draw(st.binary(max_size=8).filter(lambda junk: b"\n" not in junk))
    value: Any = json.loads(line)
    node: Any = value
    for _ in range(draw(st.integers(0, 4))):
        keys = list(node) if isinstance(node, dict) else list(range(len(node))) if isinstance(node, list) else []
        deeper = [key for key in keys if isinstance(node[key], dict | list) and node[key]]
        if not deeper:
            break
        node = node[draw(st.sampled_from(deeper))]
    if node:
        key = draw(st.sampled_from(list(node) if isinstance(node, dict) else list(range(len(node)))))
        node[key] = draw(JSON)
    return json.dumps(value).encode()


@settings(max_examples=150, deadline=None)
@given(st.lists(mutated() | st.binary(max_size=30).filter(lambda b: b"\n" not in b), max_size=15), st.integers(0, 15))
def test_damaged_lines_have_a_fate_and_a_session_survives_a_kill(lines, kill_at):
    """Every line has one fate; sealed bodies are canonical and keep the schema; a kill changes nothing."""
    results = []
    for killed in (False, True):
        ids = count(1)
        session = make("claude-code", new_id=lambda ids=ids: f"env_{next(ids)}")
        snapshot, seen = session.parser.snapshot(), 0
        steps, sealed = [], []
        for n, line in enumerate(lines):
            received = session.receive(line, NOW + n)
            assert received.fate in set(Fate)
            steps += received.steps
            sealed += received.sealed
            if (held := session.parser.snapshot()) is not None:
                snapshot, seen = orjson.loads(orjson.dumps(held)), n + 1
            if killed and n == kill_at:
                state = orjson.loads(orjson.dumps(session.snapshot()))
                parser = registry.make("claude-code")
                if snapshot is not None:
                    parser.restore(snapshot)
                session = make(parser=parser, state=state, new_id=lambda ids=ids: f"env_{next(ids)}")
                for again in lines[seen : n + 1]:
                    session.replay(again)
        last = session.finish(NOW + len(lines), ending=Ending(exit_code=0))
        results.append((steps + last.steps, sealed + last.sealed))
    assert results[0] == results[1]
    steps, sealed = results[0]
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    for one in sealed:
        bodies = [step.body for step in steps[one.first_step - 1 : one.last_step]] if one.first_step else []
        body = assemble("sess_1", one.kind, one.head, one.tail, bodies)
        assert canonical(parse_js(body)) == body
        attested = {
            **parse_js(body),
            "attestation": {"session_hmac": "0" * 64, "sequence": 0, "app_version_hash": "0" * 64},
        }
        assert [
            reason for reason in violations(attested, NOW) if "timestamp" not in reason and "model" not in reason
        ] == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES) | st.just(b"") | st.just(b"junk"), max_size=12), st.lists(st.integers(0, 9_999)))
def test_feeds_do_not_matter(lines, cuts):
    """Bytes cut anywhere give the same fates and step bodies, whatever providers' lines are mixed in one file."""
    data = b"".join(line + b"\n" for line in lines)
    answers = []
    for edges in ([0, len(data)], sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})):
        framer, session = LineFramer(), make(new_id=lambda: "env_x")
        answer = []
        for start, end in pairwise(edges):
            for frame in framer.feed(data[start:end]):
                received = session.receive(frame.line or b"", NOW)
                answer.append((received.fate, received.name, [step.body for step in received.steps]))
        answers.append(answer)
    assert answers[0] == answers[1]
    assert len(answers[0]) == len(lines)
