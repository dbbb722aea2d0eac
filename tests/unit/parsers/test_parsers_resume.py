"""Stopping anywhere changes nothing: a restored parser gives what an uninterrupted one would have given."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsers_support import lines_of, plain, recordings

from parsers.registry import make

FILES = list(recordings())


def uninterrupted(provider, dialect, lines):
    parser = make(provider, dialect)
    answers = [parser.feed(line) for line in lines]
    return [*answers, parser.finish()]


def comparable(answers):
    return [(answer.fate, answer.name, answer.reason, plain(answer.steps), answer.facts) for answer in answers]


@pytest.mark.parametrize(("provider", "dialect", "path"), FILES, ids=lambda value: str(value)[-40:])
def test_killed_after_every_line(provider, dialect, path):
    """After each line the reader dies: the last snapshot and the lines since give the rest unchanged."""
    lines = lines_of(path)
    expected = comparable(uninterrupted(provider, dialect, lines))
    saved, replay_from = make(provider, dialect).snapshot(), 0
    found = []
    for number, line in enumerate(lines):
        parser = make(provider, dialect)
        parser.restore(json.loads(json.dumps(saved)))
        for again in lines[replay_from:number]:
            parser.feed(again)
        found.append(parser.feed(line))
        state = parser.snapshot()
        if state is not None:
            saved, replay_from = state, number + 1
    found.append(parser.finish())
    assert comparable(found) == expected


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_restored_anywhere(data):
    """A parser restored from any snapshot goes on exactly like the one that made it."""
    provider, dialect, path = data.draw(st.sampled_from(FILES))
    lines = lines_of(path)
    cut = data.draw(st.integers(0, len(lines)))
    parser = make(provider, dialect)
    for line in lines[:cut]:
        parser.feed(line)
    state = parser.snapshot()
    if state is None:
        return
    copy = make(provider, dialect)
    copy.restore(json.loads(json.dumps(state)))
    rest = [*map(parser.feed, lines[cut:]), parser.finish()]
    assert comparable([*map(copy.feed, lines[cut:]), copy.finish()]) == comparable(rest)


@pytest.mark.parametrize(("provider", "dialect", "path"), FILES, ids=lambda value: str(value)[-40:])
def test_snapshots_hold_no_content(provider, dialect, path):
    """Nothing a step says is readable in any snapshot."""
    parser = make(provider, dialect)
    said = []
    for line in lines_of(path):
        said += [step.content for step in parser.feed(line).steps if len(step.content) > 12]
        state = json.dumps(parser.snapshot(), ensure_ascii=False)
        assert [words for words in said if json.dumps(words, ensure_ascii=False)[1:-1] in state] == []
