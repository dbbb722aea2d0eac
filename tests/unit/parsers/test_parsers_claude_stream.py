"""Claude Code's stdout: one final text, one error, no doubled delta, every name known."""

from __future__ import annotations

import json

import pytest
from parsers_support import feed, kinds, run

from parsers.base import Fate
from parsers.claude_system import SUBTYPES
from parsers.step import StepType

SESSION = {"session_id": "s1", "uuid": "u"}


def text(words, **more):
    message = {"id": "m", "role": "assistant", "model": "opus", "content": [{"type": "text", "text": words}]}
    return {"type": "assistant", "message": message, "parent_tool_use_id": None, **SESSION, **more}


def call(name, ident="t1", arguments=None, parent=None):
    block = {"type": "tool_use", "id": ident, "name": name, "input": arguments or {}}
    message = {"id": "m", "role": "assistant", "model": "opus", "content": [block]}
    return {"type": "assistant", "message": message, "parent_tool_use_id": parent, **SESSION}


def answer(content, ident="t1", error=None, extra=None, parent=None):
    block = {"type": "tool_result", "tool_use_id": ident, "content": content}
    if error is not None:
        block["is_error"] = error
    line = {"type": "user", "message": {"role": "user", "content": [block]}, "parent_tool_use_id": parent, **SESSION}
    return {**line, "timestamp": "2026-11-20T08:48:41.135Z", "tool_use_result": extra}


def result(words=None, **more):
    line = {"type": "result", "subtype": "success", "is_error": False, **SESSION, **more}
    return line if words is None else {**line, "result": words}


def delta(words, kind="text", index=0):
    event = {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", kind: words}}
    return {"type": "stream_event", "event": event, "parent_tool_use_id": None, **SESSION}


def user(words, **more):
    message = {"role": "user", "content": [{"type": "text", "text": words}]}
    return {"type": "user", "message": message, "parent_tool_use_id": None, **SESSION, **more}


def stream(*lines):
    return feed("claude-code", "stream", lines)


def test_final_text_is_one_resolution():
    """The last text and the result that repeats it are one RESOLUTION; earlier texts are narration."""
    steps, _, _ = stream(text("looking"), call("Bash"), answer("ok", error=False), text("done"), result("done"))
    assert [step.type for step in steps] == ["thought", "action", "observation", "resolution"]
    assert [step.content for step in steps if step.type is StepType.RESOLUTION] == ["done"]


def test_result_that_differs_keeps_both_texts():
    """A held text that is not the result becomes a thought, the result's text the resolution."""
    steps, _, _ = stream(text("part one"), text(" part two"), result(" part two"))
    assert kinds(steps) == [("thought", "part one"), ("resolution", " part two")]
    steps, _, _ = stream(text("narration"), result("another answer"))
    assert kinds(steps) == [("thought", "narration"), ("resolution", "another answer")]


def test_overlapping_turns_give_each_answer_once():
    """With background work the next turn begins before the result of the last: two answers, two resolutions."""
    steps, _, _ = stream(
        text("first"),
        {"type": "system", "subtype": "init", **SESSION},
        text("second"),
        result("first"),
        result("second"),
    )
    assert kinds(steps) == [("resolution", "first"), ("resolution", "second")]
    steps, _, _ = stream(
        text("first"),
        {"type": "system", "subtype": "init", **SESSION},
        call("Bash"),
        result("first"),
        text("b"),
        result("b"),
    )
    assert [pair for pair in kinds(steps) if pair[0] == "resolution"] == [("resolution", "first"), ("resolution", "b")]


def test_api_error_is_one_error():
    """The CLI's error text and the failed result that repeats it are one ERROR with evidence."""
    steps, answers, _ = run("claude-code", "stream", "claude/c-fatal-400/stdout.jsonl")
    errors = [step for step in steps if step.type is StepType.ERROR]
    assert [step.content for step in errors] == ["API Error: 400 messages.3: mock invalid request"]
    assert errors[0].is_error and errors[0].evidence and errors[0].extra["api_error_status"] == 400
    assert answers[-2].facts.turn_ended == "error"
    assert answers[-2].facts.error == errors[0].content


def test_an_error_nobody_repeats_is_still_an_error():
    """A stream that ends after the CLI's error text has that ERROR."""
    steps, _, _ = stream(text("API Error: 500", error="server_error"))
    assert [(step.type, step.status, step.evidence) for step in steps] == [("error", "server_error", "api_error")]


@pytest.mark.parametrize("subtype", ["error_max_turns", "error_max_budget_usd", "error_during_execution"])
def test_failed_results_are_errors(subtype):
    """Every error subtype is an ERROR step whose content is what the line says."""
    line = result(subtype=subtype, is_error=True, errors=["limit reached"], terminal_reason="max_turns")
    steps, answers, _ = stream(text("so far"), line)
    assert kinds(steps) == [("thought", "so far"), ("error", "limit reached")]
    assert answers[1].fate is Fate.STEPS


def test_complete_line_replaces_its_deltas():
    """Deltas followed by their complete line leave exactly the line's text."""
    steps, _, parser = stream(delta("do"), delta("ne"), text("done"), result("done"))
    assert kinds(steps) == [("resolution", "done")]
    with_deltas, _, _ = run("claude-code", "stream", "claude/a-fix-partial/stdout.jsonl")
    without, _, _ = run("claude-code", "stream", "claude/a-fix/stdout.jsonl")
    assert [step.type for step in with_deltas] == [step.type for step in without]
    assert [step.content for step in with_deltas][-1] == [step.content for step in without][-1]
    assert parser.snapshot() is not None


def test_cut_deltas_come_out_truncated():
    """Text and thinking without a complete line come out at the end, marked truncated and partial."""
    steps, _, _ = stream(delta("hm", "thinking"), delta("half a sen", index=1))
    assert [(step.channel, step.content, step.truncated, step.evidence) for step in steps] == [
        ("reasoning", "hm", True, "partial"),
        ("message", "half a sen", True, "partial"),
    ]


def test_interrupt_releases_partial_text_before_itself():
    """At an interrupt the joined deltas come out first, then the interrupt as an instruction of that origin."""
    steps, _, _ = stream(delta("half"), user("[Request interrupted by user]"))
    assert [(step.content, step.origin) for step in steps] == [
        ("half", None),
        ("[Request interrupted by user]", "interrupt"),
    ]


def test_exit_code_is_read_from_bash_only():
    """The words "Exit code N" of a failed Bash result is its exit code; the same words of another tool are not."""
    steps, _, _ = stream(
        call("Bash"), answer("Exit code 3\nout", error=True), call("Read", "t2"), answer("Exit code 3\nx", "t2", True)
    )
    assert [(step.tool, step.exit_code, step.evidence) for step in steps if step.type == "observation"] == [
        ("Bash", 3, "exit_code"),
        ("Read", None, "is_error"),
    ]


def test_rejection_with_reason_is_an_instruction():
    """The user's reason for rejecting a call is a user step; the observation is marked rejected."""
    words = (
        "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the "
        "new_string was NOT written to the file). To tell you how to proceed, the user said:\nuse a switch instead"
    )
    steps, _, _ = stream(call("Edit"), answer(words, error=True, extra="Error: rejected"))
    observation, instruction = steps[1:]
    assert (observation.status, observation.tool, observation.is_error) == ("rejected", "Edit", True)
    assert (instruction.type, instruction.origin, instruction.content) == (
        "instruction",
        "rejection",
        "use a switch instead",
    )
    assert "switch" not in observation.content


def test_results_are_paired_in_completion_order():
    """Results find their calls by id whatever the order, and carry the call's tool."""
    steps, _, _ = run("claude-code", "stream", "claude/f-parallel/stdout.jsonl")
    tools = {step.call_id: step.tool for step in steps if step.type in {"action", "delegate"}}
    observed = [step for step in steps if step.type == "observation"]
    assert len(observed) == len(tools)
    assert all(step.tool == tools[step.call_id] for step in observed)


def test_orphan_result_is_kept_without_a_tool():
    """A result whose call was never seen is an observation that names no tool."""
    steps, _, _ = stream(answer("late"))
    assert [(step.type, step.tool, step.content) for step in steps] == [("observation", None, "late")]


def test_unanswered_calls_are_counted_not_answered():
    """A call without a result gets no invented observation; the end says how many there were."""
    steps, answers, _ = stream(call("Bash"), call("Read", "t2"))
    assert [step.type for step in steps] == ["action", "action"]
    assert answers[-1].facts.unanswered_calls == 2


def test_sub_agents_hang_on_their_call():
    """A sub-agent's lines carry the id of the call that started it, which is a DELEGATE."""
    steps, _, _ = run("claude-code", "stream", "claude/f-parallel/stdout.jsonl")
    start = next(step for step in steps if step.type is StepType.DELEGATE)
    inner = [step for step in steps if step.parent_id == start.call_id]
    assert [step.type for step in inner] == ["instruction", "action", "observation"]
    assert inner[0].origin == "subagent_prompt"


def test_sub_agent_text_does_not_disturb_the_answer():
    """A background sub-agent's text between answer and result is its own narration."""
    steps, _, _ = stream(text("done"), text("inner", parent_tool_use_id="t9"), result("done"))
    assert kinds(steps) == [("thought", "inner"), ("resolution", "done")]
    assert steps[0].parent_id == "t9"


def test_images_leave_a_marker_and_no_bytes():
    """An image in a result is "[image]" and a count; its base64 is nowhere in the step."""
    blob = "iVBORw0KGgo" * 50
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": blob}}
    steps, _, _ = stream(
        call("Read"), answer([{"type": "text", "text": "shot"}, image], extra={"type": "image", "file": blob})
    )
    assert steps[1].content == "shot\n[image]"
    assert steps[1].extra["images"] == 1
    assert blob not in repr(steps)


def test_server_side_tools_and_opaque_thoughts():
    """server_tool_use, its result on an assistant line, and redacted thinking are action, observation and thought."""
    found = [{"type": "web_search_result", "title": "T", "url": "https://e.org", "encrypted_content": "SECRET"}]
    blocks = [
        {"type": "redacted_thinking", "data": "OPAQUE"},
        {"type": "server_tool_use", "id": "srv1", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "srv1", "content": found},
        {"type": "web_search_tool_result", "tool_use_id": "srv2", "content": {"type": "e", "error_code": "too_many"}},
    ]
    lines = [{"type": "assistant", "message": {"content": [block], "model": "opus"}, **SESSION} for block in blocks]
    steps, answers, _ = stream(*lines)
    assert [step.type for step in steps] == ["thought", "action", "observation", "observation"]
    assert (steps[2].tool, steps[2].content) == ("web_search", "T https://e.org")
    assert (steps[3].is_error, steps[3].content) == (True, "too_many")
    assert "OPAQUE" not in repr(steps) and "SECRET" not in repr(steps)
    assert [answer.name for answer in answers[:2]] == ["assistant/redacted_thinking", "assistant/server_tool_use"]


def test_edit_calls_stay_actions_with_changes():
    """Edit tools keep their type and gain the change; the result's patch tells whether a file is new."""
    arguments = {"file_path": "/p/a.py", "old_string": "x", "new_string": "y"}
    done = {"type": "create", "filePath": "/p/b.py", "content": "hi", "structuredPatch": [], "originalFile": None}
    steps, _, _ = stream(
        call("Edit", "t1", arguments),
        call("Write", "t2", {"file_path": "/p/b.py", "content": "hi"}),
        answer("ok", "t2", extra=done),
    )
    assert steps[0].type is StepType.ACTION
    assert steps[0].changes == [{"path": "/p/a.py", "kind": "update", "hunks": [{"old": "x", "new": "y"}]}]
    assert steps[1].changes[0]["kind"] == "write"
    assert steps[2].changes == [{"path": "/p/b.py", "kind": "add"}]


def test_usage_scopes():
    """`usage` is the turn's, `modelUsage` and the cost the process's; a message's repeated usage is never counted."""
    _, answers, _ = run("claude-code", "stream", "claude/f-parallel/stdout.jsonl")
    ends = [answer.facts for answer in answers if answer.name.startswith("result")]
    assert [facts.usage.scope for facts in ends] == ["turn", "turn"]
    assert [facts.usage.output_tokens for facts in ends] == [960, 96]
    assert [facts.total_usage.output_tokens for facts in ends] == [1248, 1344]
    assert ends[1].total_usage.cost_usd == pytest.approx(0.14084)
    assert sum(facts.usage.cost_usd for facts in ends) == pytest.approx(0.14084)
    assert not any(answer.facts and answer.facts.usage for answer in answers if answer.name.startswith("assistant"))


def test_facts_of_the_session():
    """Init tells session, model without its context suffix, version and folder."""
    _, answers, _ = run("claude-code", "stream", "claude/a-fix/stdout.jsonl")
    facts = answers[0].facts
    assert (facts.model, facts.cli_version) == ("claude-opus-4-8", "2.1.197")
    assert facts.session_id == "484764a9-b9eb-48fa-adc0-61ae796b90c0" and facts.cwd


def test_compaction_is_a_fact_not_an_instruction():
    """The summary after /compact and the command's output are no steps; the compaction is a fact."""
    steps, answers, _ = run("claude-code", "stream", "claude/f-compact/stdout.jsonl")
    assert steps == []
    assert any(answer.facts and answer.facts.compacted for answer in answers)
    assert "user/local_command" in {answer.name for answer in answers if answer.fate is Fate.NOISE}


def test_replayed_messages_are_user_steps():
    """Echoes of typed messages are instructions of origin "replay"."""
    steps, _, _ = run("claude-code", "stream", "claude/e-streaminput/stdout.jsonl")
    assert [step.content for step in steps if step.origin == "replay"] == [
        "Add a backoff to retry()",
        "No, use exponential backoff instead of linear.",
        "Also document it.",
    ]


def test_retries_are_no_steps():
    """api_retry is meta: the agent did nothing."""
    _, answers, _ = stream({"type": "system", "subtype": "api_retry", "attempt": 1, "error": "overloaded", **SESSION})
    assert (answers[0].fate, answers[0].name) == (Fate.META, "system/api_retry")


def test_unicode_line_separators_and_lone_surrogates_survive():
    """U+2028, U+0085 and a lone surrogate reach the step unchanged."""
    raw = (
        json.dumps(text("a\u2028b\x85c"))
        .encode()
        .replace(b"\\u2028", "\u2028".encode())
        .replace(b"\\u0085", "\x85".encode())
    )
    lone = json.dumps(text("x\ud83dy")).encode()
    steps, _, _ = feed("claude-code", "stream", [raw, lone])
    assert [step.content for step in steps] == ["a\u2028b\x85c", "x\ud83dy"]


def test_every_named_type_is_known():
    """No type or subtype of the contract's stdout section is unknown."""
    top = [
        "control_request",
        "control_response",
        "control_cancel_request",
        "keep_alive",
        "tool_progress",
        "tool_use_summary",
        "auth_status",
        "rate_limit_event",
        "prompt_suggestion",
        "conversation_reset",
        "active_goal",
        "command_lifecycle",
        "transcript_mirror",
        "streamlined_tool_use_summary",
    ]
    lines = [{"type": kind} for kind in top] + [{"type": "system", "subtype": name} for name in SUBTYPES]
    events = ["message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop", "ping"]
    lines += [{"type": "stream_event", "event": {"type": kind}} for kind in events]
    lines += [delta("x", kind) for kind in ("text", "thinking", "signature")]
    lines += [result(subtype=name) for name in ("error_max_structured_output_retries", "success")]
    _, answers, _ = stream(*lines)
    assert [answer.name for answer in answers if answer.fate in {Fate.UNKNOWN, Fate.MALFORMED}] == []


def test_short_form_of_output():
    """The short form's texts are narration and answer like those of the full one."""
    lines = [{"type": "streamlined_text", "text": words, **SESSION} for words in ("one", "two")]
    steps, _, _ = stream(*lines, result("two"))
    assert kinds(steps) == [("thought", "one"), ("resolution", "two")]


def test_new_types_are_unknown_and_named():
    """What this version does not know is UNKNOWN under its own name; a name that could be a secret is "other"."""
    block = {"type": "assistant", "message": {"content": [{"type": "hologram"}]}, **SESSION}
    _, answers, _ = stream(
        {"type": "brand_new"},
        {"type": "system", "subtype": "novel"},
        block,
        {"type": "AKIA1234567890ABCDEF"},
        {"type": "a b"},
    )
    assert [(answer.fate, answer.name) for answer in answers[:-1]] == [
        ("unknown", "brand_new"),
        ("unknown", "system/novel"),
        ("unknown", "assistant/hologram"),
        ("unknown", "other"),
        ("unknown", "other"),
    ]
