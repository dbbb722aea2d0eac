"""A line that makes the program fail costs that line only."""

from __future__ import annotations

import pytest
from recorder_support import STREAM, feed, frames, house, recording

from parsers.claude_code import ClaudeStream
from sidecar.capture.framing import Ending
from sidecar.drafting import PoisonError


async def test_a_line_that_fails_is_counted_and_passed_over(tmp_path, monkeypatch):
    """Whatever the bug is: the source is read again, the line is malformed/internal_error, all others make steps."""
    data = recording("claude/a-fix")
    lines = [frame.line for frame in frames(data)]
    good_feed = ClaudeStream.feed

    def feed_or_fail(self, line):
        if line == lines[9]:
            raise ZeroDivisionError
        return good_feed(self, line)

    monkeypatch.setattr(ClaudeStream, "feed", feed_or_fail)
    async with house(tmp_path) as home:
        with pytest.raises(PoisonError) as caught:
            await feed(home, STREAM, data, ending=Ending(exit_code=0))
        assert "ZeroDivisionError" in caught.value.message
        await feed(home, STREAM, data, ending=Ending(exit_code=0))
        ledger = await home.books()
        ((_, closed, steps),) = await home.sessions()
    assert ledger["lines"] == len(lines)
    assert ledger["reason.internal_error"] == 1
    assert closed
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert steps[-1]["type"] == "resolution"


async def test_an_end_that_fails_closes_the_session_all_the_same(tmp_path, monkeypatch):
    """When flushing the parser is what fails, the second try closes the session with all it has, and counts it."""

    def fail(_self):
        raise ZeroDivisionError

    monkeypatch.setattr(ClaudeStream, "finish", fail)
    data = recording("claude/a-fix")
    async with house(tmp_path) as home:
        with pytest.raises(PoisonError):
            await feed(home, STREAM, data, ending=Ending(exit_code=0))
        await feed(home, STREAM, data, ending=Ending(exit_code=0))
        ledger = await home.books()
        ((_, closed, steps),) = await home.sessions()
    assert closed
    assert steps[-1]["type"] == "resolution"
    assert ledger["drop.end_of_stream_failed"] == 1
