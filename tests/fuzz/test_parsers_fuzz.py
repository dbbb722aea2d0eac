"""Whatever bytes come, a parser answers one fate and a name, and never raises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.base import Fate
from parsers.claude_system import ATTACHMENTS, LINES, STORED, SUBTYPES
from parsers.codex_events import EVENTS, ITEMS
from parsers.registry import AutoParser, make, names
from parsers.step import Step

WORDS = sorted(
    {
        "assistant",
        "user",
        "result",
        "system",
        "stream_event",
        "attachment",
        "queue-operation",
        "message",
        "init",
        "error",
    }
    | {
        "tool_use",
        "tool_result",
        "gemini",
        "info",
        "response_item",
        "event_msg",
        "session_meta",
        "turn_context",
        "compacted",
    }
    | {
        "item.started",
        "item.completed",
        "item.updated",
        "turn.completed",
        "turn.failed",
        "thread.started",
        "item_completed",
    }
    | {"text", "thinking", "image", "server_tool_use", "web_search_tool_result", "content_block_delta", "message_start"}
    | {
        "text_delta",
        "thinking_delta",
        "success",
        "command_execution",
        "file_change",
        "mcp_tool_call",
        "web_search",
        "todo_list",
    }
    | {
        "agent_message",
        "reasoning",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "apply_patch",
        "exec_command",
    }
    | {
        "CommandExecution",
        "FileChange",
        "McpToolCall",
        "UserMessage",
        "task_complete",
        "user_message",
        "exec_command_end",
    }
    | {
        "patch_apply_end",
        "mcp_tool_call_end",
        "token_count",
        "turn_aborted",
        "Edit",
        "Write",
        "MultiEdit",
        "Bash",
        "Agent",
    }
    | {
        *list(SUBTYPES)[:6],
        *list(STORED)[:3],
        *list(LINES)[:4],
        *list(ATTACHMENTS)[:3],
        *list(EVENTS)[:4],
        *list(ITEMS)[:3],
    }
    | {"queued_command", "update", "add", "completed", "failed", "[Request interrupted by user]", "run_shell_command"}
    | {"/bin/bash -lc 'x", "Exit code 1\nx", "2026-11-20T08:41:35.442Z", "\ud83d", "<untrusted_context>\nOutput: x"}
)
KEYS = sorted(
    {
        "type",
        "subtype",
        "message",
        "content",
        "text",
        "thinking",
        "id",
        "name",
        "input",
        "tool_use_id",
        "is_error",
        "event",
    }
    | {
        "delta",
        "index",
        "item",
        "payload",
        "role",
        "status",
        "command",
        "aggregated_output",
        "exit_code",
        "changes",
        "path",
    }
    | {
        "kind",
        "usage",
        "modelUsage",
        "result",
        "errors",
        "error",
        "timestamp",
        "uuid",
        "sessionId",
        "session_id",
        "toolCalls",
    }
    | {
        "$set",
        "messages",
        "functionResponse",
        "functionCall",
        "response",
        "output",
        "args",
        "thoughts",
        "tokens",
        "stats",
    }
    | {
        "models",
        "tool_name",
        "tool_id",
        "parameters",
        "attachment",
        "prompt",
        "toolUseResult",
        "tool_use_result",
        "call_id",
    }
    | {
        "arguments",
        "summary",
        "structuredPatch",
        "filePath",
        "lines",
        "edits",
        "file_path",
        "parent_tool_use_id",
        "info",
    }
    | {
        "total_token_usage",
        "last_agent_message",
        "isReplay",
        "isMeta",
        "origin",
        "stop_reason",
        "model",
        "delta",
        "items",
    }
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=14,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=8).flatmap(
    lambda made: st.sampled_from(WORDS).map(lambda kind: {**made, "type": kind})
)


def check(parser, line):
    answer = parser.feed(line)
    assert answer.fate in Fate
    assert answer.name and len(answer.name) <= 200
    assert (answer.fate is Fate.STEPS) >= bool(answer.steps)
    assert answer.reason or answer.fate not in {Fate.UNKNOWN, Fate.MALFORMED}
    assert all(isinstance(step, Step) and isinstance(step.content, str) for step in answer.steps)
    state = parser.snapshot()
    assert state is None or json.loads(json.dumps(state)) == state


@pytest.mark.parametrize(("provider", "dialect"), [*names(), (None, "stream")])
def test_arbitrary_objects(provider, dialect):
    """Objects of known words in any shape get a fate and a name, and leave a state that is plain JSON."""

    @settings(max_examples=60, deadline=None)
    @given(st.lists(objects, min_size=1, max_size=6))
    def claim(lines):
        parser = make(provider, dialect)
        for line in lines:
            check(parser, json.dumps(line).encode())
        parser.finish()

    claim()


@pytest.mark.parametrize(("provider", "dialect"), names())
def test_nested_shapes(provider, dialect):
    """The inner object of each envelope may have any shape as well."""

    @settings(max_examples=40, deadline=None)
    @given(objects, objects)
    def claim(inner, outer):
        parser = make(provider, dialect)
        kind = inner["type"]
        for line in (
            {"type": "assistant", "message": {"content": [inner]}},
            {"type": "user", "message": {"content": [inner, outer]}, "toolUseResult": outer, "tool_use_result": outer},
            {"type": "stream_event", "event": inner},
            {"type": "attachment", "attachment": inner},
            {"type": "item.completed", "item": inner},
            {"type": "item.started", "item": outer},
            {"type": "response_item", "payload": inner},
            {"type": "event_msg", "payload": inner},
            {"type": "event_msg", "payload": {"type": "item_completed", "item": inner}},
            {"type": "gemini", "id": kind, "toolCalls": [inner], "content": [outer]},
            {"$set": {"messages": [inner, outer]}},
        ):
            check(parser, json.dumps(line).encode())
        parser.finish()

    claim()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=5))
def test_arbitrary_bytes(lines):
    """Any bytes are answered by every parser."""
    for provider, dialect in names():
        parser = make(provider, dialect)
        for line in lines:
            check(parser, line)
    parser = AutoParser()
    for line in lines:
        check(parser, line)


JUNK = st.sampled_from(
    [None, True, -1, 10**30, 0.5, "", "x", "\ud83d", [], [None], [[]], {}, {"type": "text"}, {"text": 7}]
)


def places(value, path=()):
    """The path of every member and element of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        yield (*path, key)
        yield from places(child, (*path, key))


def with_junk(value, path, junk):
    """A copy of `value` with `junk` in the place `path` names."""
    if not path:
        return junk
    made = dict(value) if isinstance(value, dict) else list(value)
    made[path[0]] = with_junk(value[path[0]], path[1:], junk)
    return made


@pytest.mark.parametrize(("provider", "dialect"), names())
def test_recorded_lines_with_one_member_replaced(provider, dialect):
    """A real line with anything in place of any member is answered, and so are the real lines after it."""
    folder = Path(__file__).parents[1] / "data" / "streams" / provider.partition("-")[0]
    pattern = "*/stdout.jsonl" if dialect == "stream" else "*/transcript.jsonl"
    files = [path.read_bytes().split(b"\n") for path in sorted(folder.glob(pattern))]
    records = [[json.loads(line) for line in lines if line] for lines in files]

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def claim(data):
        lines = data.draw(st.sampled_from(records))
        number = data.draw(st.integers(0, len(lines) - 1))
        spots = list(places(lines[number]))
        changed = with_junk(lines[number], data.draw(st.sampled_from(spots)), data.draw(JUNK))
        parser = make(provider, dialect)
        for line in (*lines[max(0, number - 3) : number], changed, *lines[number + 1 : number + 4]):
            check(parser, json.dumps(line).encode())
        parser.finish()

    claim()
