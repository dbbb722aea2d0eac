"""Steps and envelopes as bytes."""

from __future__ import annotations

import pytest
from wire_vectors import HASH, NOW

from parsers.step import SEVEN, Step, StepType
from sidecar.errors import WireError
from sidecar.wire import limits
from sidecar.wire.attestation import SessionKey, sign, verify
from sidecar.wire.canonical import canonical, parse_js
from sidecar.wire.envelope import (
    EnvelopeKind,
    Identity,
    assemble,
    attach,
    encode_step,
    metadata,
    seal_chunk,
    seal_close,
    seal_feedback,
)
from sidecar.wire.schema import violations

WHO = Identity("local", "claude-code", "claude-opus-4-6", "agent-1", "solo", "0123456789abcdef" * 2, "0.1.0")


def encoded(step, number=1, **options):
    """The parsed wire form; the bytes must already be canonical."""
    body = encode_step(number, step, NOW, **options)
    assert canonical(parse_js(body)) == body
    return parse_js(body)


def test_members_stand_in_wire_order_and_only_when_present():
    """A full step has every member in the documented order; an empty one has the five that are always there."""
    full = Step(
        StepType.EDIT, "text", timestamp=1.5, channel="message", origin="user", tool="Edit", arguments={"b": 1, "2": 2},
        call_id="c", parent_id="p", is_error=False, exit_code=0, status="completed", evidence="is_error",
        changes=[{"path": "a"}], model="m", truncated=True, original_length=100, correction_context="before",
        extra={"todos": []},
    )  # fmt: skip
    assert list(encoded(full)) == [
        "step", "type", "timestamp", "content", "tool", "arguments", "call_id", "parent_id", "channel", "origin",
        "is_error", "exit_code", "status", "evidence", "changes", "model", "correction_context", "token_count",
        "truncated", "original_token_count", "extra",
    ]  # fmt: skip
    assert encoded(full)["original_token_count"] == 25
    bare = encoded(Step(StepType.THOUGHT, "12345"))
    assert bare == {"step": 1, "type": "thought", "timestamp": NOW, "content": "12345", "token_count": 2}


@pytest.mark.parametrize("kind", list(StepType))
def test_the_seven_types_are_enough_when_asked(kind):
    """`vocabulary="seven"` folds each finer type as SEVEN says and leaves the seven alone."""
    assert encoded(Step(kind), vocabulary="seven")["type"] == str(SEVEN.get(kind, kind))
    assert encoded(Step(kind))["type"] == str(kind)


@pytest.mark.parametrize("tail", ["y" * 50, "😀" * 30, "[EMAIL]" * 8])
def test_long_content_is_cut_at_the_limit_and_says_so(tail):
    """100,000 code units at most, `truncated` true, the original size beside it, no half pair or placeholder."""
    text = "x" * (limits.MAX_CONTENT - 9) + tail
    step = encoded(Step(StepType.OBSERVATION, text))
    content = step["content"]
    assert step["truncated"] is True and step["original_token_count"] >= step["token_count"] == 25_000
    assert text.startswith(content) and len(content.encode("utf-16-le")) // 2 <= limits.MAX_CONTENT
    assert content.endswith("]") or "[" not in content


def test_oversized_and_too_deep_members_are_cut_and_marked():
    """Arguments of 3 MB or 5000 levels still make a legal step that says it was truncated."""
    deep: dict = {}
    for _ in range(5000):
        deep = {"a": deep}
    for arguments in ({"text": "\x01" * 3_000_000}, {"d": deep}, {str(n): "v" * 40 for n in range(100_000)}):
        step = Step(StepType.ACTION, "\x01" * 200_000, arguments=arguments, changes=[{"hunks": "é" * 2_000_000}])
        body = encode_step(1, step, NOW)
        assert len(body) < limits.CHUNK_BYTES
        assert parse_js(body)["truncated"] is True


def test_a_time_that_is_no_number_is_replaced_by_the_arrival():
    """NaN and infinity are no times; a true but old time is kept as it is."""
    assert encoded(Step(StepType.THOUGHT, timestamp=float("nan")))["timestamp"] == NOW
    assert encoded(Step(StepType.THOUGHT, timestamp=12.0))["timestamp"] == 12


def signed(sealed, steps, sequence=0):
    """The posted bytes and the parts that made them."""
    unsigned = assemble("sess_ü\ud800", sealed.kind, sealed.head, sealed.tail, steps)
    return unsigned, attach(
        unsigned, session_hmac=sign(b"k" * 32, sequence, unsigned), sequence=sequence, app_version_hash=HASH
    )


@pytest.mark.parametrize("count", [0, 1, 200])
def test_a_chunk_travels_as_signed_and_obeys_the_schema(count):
    """What the server canonicalises is what was signed, in the documented order, and the schema has no objection."""
    steps = [encode_step(n + 1, Step(StepType.THOUGHT, f"é {n}"), NOW) for n in range(count)]
    sealed = seal_chunk(
        WHO, envelope_id="env_1", chunk_sequence=3, first_step=1, last_step=count, extra={"redactions": {"EMAIL": 2}}
    )
    unsigned, posted = signed(sealed, steps)
    received = parse_js(posted)
    assert violations(received, NOW) == []
    attestation = received.pop("attestation")
    assert verify(b"k" * 32, 0, canonical(received), attestation["session_hmac"])
    assert canonical(received) == unsigned
    assert list(received) == [
        "session_id",
        "envelope_id",
        "chunk_sequence",
        "contributor_id",
        "metadata",
        "trajectory_log",
    ]
    assert received["metadata"]["redactions"] == {"EMAIL": 2}
    assert len(received["trajectory_log"]) == count


def test_close_and_feedback_obey_the_schema_and_the_order():
    """Their members stand in the documented order and the schema has no objection."""
    close = seal_close(WHO, envelope_id="e", outcome={"status": "KILLED", "total_steps": 1, "total_chunks": 1})
    feedback = seal_feedback(WHO, envelope_id="e", feedback={"signal": "accepted", "timestamp": NOW})
    for sealed, kind, last in ((close, "SESSION_CLOSE", "outcome"), (feedback, "USER_FEEDBACK", "feedback")):
        unsigned, posted = signed(sealed, [], 7)
        received = parse_js(posted)
        assert violations(received, NOW) == []
        assert received["type"] == kind
        assert list(received) == [
            "session_id",
            "envelope_id",
            "type",
            "contributor_id",
            "metadata",
            last,
            "attestation",
        ]
        assert canonical(parse_js(unsigned)) == unsigned
        with pytest.raises(WireError):
            assemble("s", sealed.kind, sealed.head, sealed.tail, [b"{}"])
    assert close.kind is EnvelopeKind.CLOSE and feedback.kind is EnvelopeKind.FEEDBACK


def test_metadata_is_cut_to_the_schema_and_the_true_team_size_kept():
    """Overlong names are cut, a team of 51 is clamped with the truth beside it, the caller's dict is not changed."""
    who = Identity("l", "codex", "o3", "i" * 300, "r" * 300, "0" * 32, "v" * 300, team_size=51)
    extra = {"task_complexity": "heavy", "session_quality": 5}
    made = metadata(who, extra)
    assert (made["team_size"], made["team_size_actual"]) == (50, 51)
    assert (len(made["agent_id"]), len(made["agent_role"]), len(made["groove_version"])) == (100, 50, 20)
    assert made["task_complexity"] == "heavy" and extra == {"task_complexity": "heavy", "session_quality": 5}


def test_keys_are_fresh_and_bad_input_is_a_value_error():
    """Two generated keys differ, a key survives its bytes, and wrong scalars, points and sequences raise ValueError."""
    one, two = SessionKey.generate(), SessionKey.generate()
    assert one.public_b64 != two.public_b64 and len(one.public_b64) == 88
    assert SessionKey.from_private(one.private_bytes).public_b64 == one.public_b64
    assert one.derive(two.public_b64) == two.derive(one.public_b64)
    for scalar in (b"", b"\0" * 32, b"\xff" * 32, b"\1" * 31):
        with pytest.raises(ValueError):
            SessionKey.from_private(scalar)
    for point in ("", "ü", "=", "A" * 10_000, one.public_b64[:-8], one.public_b64 + "AAAA", " " + one.public_b64):
        with pytest.raises(ValueError):
            one.derive(point)
    for sequence in (-1, 2**32):
        with pytest.raises(ValueError):
            sign(b"k", sequence, b"")
        assert not verify(b"k", sequence, b"", "0" * 64)
    for shape in (None, 5, "", "0" * 63, "é" * 64, ["0" * 64]):
        assert not verify(b"k", 0, b"", shape)
