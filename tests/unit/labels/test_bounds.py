"""Any text is judged, the same way every time, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.capture.failure import judge_result
from sidecar.capture.intent import Intent, classify_intent, intervenes

ANY = st.text(alphabet=st.characters(), max_size=300)
PIECES = st.lists(
    st.sampled_from(
        ["no", "error: ", "\n", "?", "FAIL", "```", "'", '"', " ", "Exit code 1", "<", "1.", "不", "まだ", "\ud800"]
    ),
    max_size=60,
).map("".join)
LIMIT = 1.0
"""Seconds of CPU, a hundred times what it takes on an ordinary machine."""
LONG = {
    "blank lines": "\n" * 400_000,
    "spaces": " " * 400_000,
    "one word": "a" * 400_000,
    "ticks": "`" * 400_000,
    "quotes": '"' * 400_000,
    "errors": "error: x\n" * 40_000,
    "failures": "--- FAIL FAIL " * 30_000,
    "paths": "/a.go:1:2" * 40_000,
    "tags": "<system-reminder>" * 20_000,
    "questions": "why? " * 80_000,
}


@settings(max_examples=150, deadline=None)
@given(text=ANY | PIECES, previous=ANY | PIECES)
def test_every_message_has_one_intent(text, previous):
    """No text raises, and the same two texts always get the same intent."""
    intent = classify_intent(text, previous)
    assert intent in Intent
    assert classify_intent(text, previous) is intent
    assert intervenes(text, previous) in {True, False}


@settings(max_examples=150, deadline=None)
@given(content=ANY | PIECES, tool=st.sampled_from([None, "Bash", "Read", "Edit", "mcp__a__b", "x"]))
def test_every_result_has_a_verdict(content, tool):
    """No text raises; a failure always names its evidence and a success none."""
    verdict = judge_result(content, tool=tool)
    assert verdict.failed == bool(verdict.evidence)
    assert judge_result(content, tool=tool, is_error=True) == (True, "is_error")


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_length_costs_nothing(text):
    """Hundreds of kilobytes are judged in a fraction of a second, whatever they are made of."""
    for _ in range(5):  # one undisturbed run is enough: what grows faster than the text takes minutes each time
        begin = time.process_time()
        classify_intent(text, text)
        judge_result(text, tool="Bash")
        judge_result(text)
        took = time.process_time() - begin
        if took < LIMIT:
            break
    assert took < LIMIT
