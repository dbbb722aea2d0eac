"""What the Claude transcript parser holds until a later record decides: bounded, and nothing is lost by the bound."""

from __future__ import annotations

import json

import pytest

from parsers import claude_queue
from parsers.base import Fate
from parsers.blocks import JsonError
from parsers.claude_queue import QUEUE_FULL, Queue
from parsers.claude_side import SideChains
from parsers.gemini_document import lines
from parsers.registry import make
from parsers.step import Step, StepType


def queued(operation, content=""):
    return {"type": "queue-operation", "operation": operation, "content": content, "timestamp": "2026-01-01T00:00:00Z"}


def test_every_message_taken_out_of_the_queue_is_told():
    """Twelve messages typed while a tool runs, then folded into the turn: all twelve come, in order."""
    queue = Queue()
    for number in range(12):
        queue.operation(queued("enqueue", f"message {number}"))
    for _ in range(12):
        queue.operation(queued("remove"))
    assert [step.content for step in queue.take()] == [f"message {number}" for number in range(12)]


def test_an_operation_nobody_knows_loses_nothing():
    """An unknown operation leaves the queue as it is; one that takes everything back empties it."""
    queue = Queue()
    queue.operation(queued("enqueue", "stay"))
    queue.operation(queued("shuffle"))
    queue.operation(queued("remove"))
    assert [step.content for step in queue.take()] == ["stay"]
    queue.operation(queued("enqueue", "gone"))
    queue.operation(queued("popAll"))
    queue.operation(queued("remove"))
    assert list(queue.take()) == []


def test_a_record_without_a_name_is_nobody_s_parent():
    """A record of a chain that has no uuid links no later record that has no parent."""
    chains = SideChains()
    chains.called(Step(StepType.DELEGATE, call_id="call-1", arguments={"prompt": "look"}))
    first = {"type": "user", "isSidechain": True, "message": {"content": "look"}}
    assert chains.parent(first) == "call-1"
    assert chains.parent({"type": "assistant", "isSidechain": True, "message": {"content": "else"}}) is None


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_result_before_its_call_is_not_held_if_it_is_long(size):
    """A short one waits for its call; a long one is given at once, whole."""
    parser = make("claude-code", "transcript")
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x" * size}
    record = {"type": "user", "uuid": "u1", "sessionId": "s", "message": {"role": "user", "content": [result]}}
    answer = parser.feed(json.dumps(record).encode())
    assert [len(step.content) for step in answer.steps] == ([] if size < 1000 else [size])
    assert sum(len(step.content) for step in (*answer.steps, *parser.finish().steps)) == size


def test_a_document_too_deep_to_write_again_is_refused():
    """Nesting that can be read and not written is a reason, not a crash."""
    deep = '{"sessionId": "s", "messages": [' + '{"a":' * 1000 + "1" + "}" * 1000 + "]}"
    with pytest.raises(JsonError, match="too_deep"):
        lines(deep.encode())


def test_more_messages_than_anybody_types_are_all_told():
    """Five thousand queued at once, and folded into the turn: all of them, in order."""
    queue = Queue()
    assert all(queue.operation(queued("enqueue", f"message {number}")) for number in range(5_000))
    for _ in range(5_000):
        queue.operation(queued("remove"))
    assert [step.content for step in queue.take()] == [f"message {number}" for number in range(5_000)]


@pytest.mark.parametrize(("bound", "size", "room"), [("MAX_QUEUED", 3, 3), ("MAX_CHARACTERS", 3 * 9, 3)])
def test_what_the_queue_has_no_room_for_is_counted(monkeypatch, bound, size, room):
    """Beyond its bounds a message is not held, and its line says so; room that is made again is used again."""
    monkeypatch.setattr(claude_queue, bound, size)
    parser = make("claude-code", "transcript")
    lines_ = [json.dumps(queued("enqueue", f"message {number}")).encode() for number in range(room + 2)]
    answers = [parser.feed(line) for line in lines_]
    assert [answer.reason for answer in answers] == [""] * room + [QUEUE_FULL] * 2
    assert {answer.fate for answer in answers} == {Fate.NOISE}
    parser.feed(json.dumps(queued("dequeue")).encode())
    assert parser.feed(lines_[0]).reason == ""
    queue = Queue()
    queue.operation(queued("enqueue", "12345"))
    for operation in ("remove", "popAll"):
        queue.operation(queued(operation))
    assert [step.content for step in queue.take()] == ["12345"]
    assert all(queue.operation(queued("enqueue", f"message {number}")) for number in range(room))
