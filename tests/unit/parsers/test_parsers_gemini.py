"""Gemini CLI: deltas are one text, records are merged, success of a shell call proves nothing."""

from __future__ import annotations

from parsers_support import DATA, feed, kinds, lines_of, run

from parsers.base import Fate
from parsers.gemini_results import read_shell
from parsers.step import StepType

WHEN = "2026-11-20T08:41:35.442Z"


def line(kind, **more):
    return {"type": kind, "timestamp": WHEN, **more}


def piece(words):
    return line("message", role="assistant", content=words, delta=True)


def stream(*lines):
    return feed("gemini", "stream", lines)


def chat(*lines):
    return feed("gemini", "transcript", lines)


def said(ident, words="", **more):
    return {"id": ident, "timestamp": WHEN, "type": "gemini", "content": words, **more}


def asked(ident, words):
    return {"id": ident, "timestamp": WHEN, "type": "user", "content": [{"text": words}]}


def tool(ident, name="read_file", output="ok", status="success"):
    response = {"functionResponse": {"id": ident, "name": name, "response": {"output": output}}}
    return {"id": ident, "name": name, "args": {"a": 1}, "result": [response], "status": status, "timestamp": WHEN}


def test_deltas_are_joined_and_the_last_text_is_the_answer():
    """Chunks cut anywhere come out as one text; the one before the result is the resolution."""
    steps, _, _ = stream(
        piece("I look"),
        piece("ing."),
        line("tool_use", tool_name="glob", tool_id="g1", parameters={}),
        piece("do"),
        piece("ne"),
        line("result", status="success", stats={}),
    )
    assert kinds(steps) == [("thought", "I looking."), ("action", ""), ("resolution", "done")]


def test_split_surrogates_and_secrets_are_whole_again():
    """What a chunk border cut in two is whole in the step."""
    raw = [b'{"type":"message","role":"assistant","content":"key AKIA\\ud83d","delta":true}']
    raw += [b'{"type":"message","role":"assistant","content":"\\ude00IOSF","delta":true}']
    steps, _, _ = feed("gemini", "stream", raw)
    assert steps[0].content.encode("utf-16", "surrogatepass").decode("utf-16") == "key AKIA\U0001f600IOSF"


def test_text_without_an_end_is_partial():
    """Text whose end nobody saw comes out at the end, truncated."""
    steps, _, _ = stream(piece("half"))
    assert [(step.content, step.truncated, step.evidence) for step in steps] == [("half", True, "partial")]


def test_shell_success_says_nothing():
    """Status "success" of a shell command leaves is_error open; of another tool it is a success; an error is one."""
    steps, _, _ = run("gemini", "stream", "gemini/c-errors/stdout.jsonl")
    observed = [step for step in steps if step.type is StepType.OBSERVATION]
    assert {step.is_error for step in observed if step.tool == "run_shell_command"} == {None}
    assert [step.extra["error_type"] for step in observed if step.is_error][:2] == [
        "file_not_found",
        "invalid_tool_params",
    ]
    assert len(observed) == 10


def test_usage_and_model_of_the_run():
    """Usage is the run's; the model is the one that wrote most, not "auto"."""
    _, answers, _ = run("gemini", "stream", "gemini/a-fix/stdout.jsonl")
    assert answers[0].facts.model is None
    facts = answers[-2].facts
    usage = facts.usage
    assert (facts.model, usage.scope, usage.input_tokens, usage.output_tokens) == ("gemini-3.8-flash", "run", 3780, 672)
    assert (usage.cache_read_tokens, usage.reasoning_tokens) == (67200, 224)


def test_failed_runs_are_one_error():
    """A failed result is an ERROR; repeating the error line before it, or saying nothing new, adds none."""
    steps, _, _ = run("gemini", "stream", "gemini/c-fatal-400/stdout.jsonl")
    assert sum(step.type is StepType.ERROR for step in steps) == 1
    bad = line("result", status="error", error={"type": "x", "message": "no"})
    steps, answers, _ = stream(line("error", severity="error", message="no"), bad)
    assert kinds(steps) == [("error", "no")] and answers[1].facts.error == "no"
    steps, answers, _ = stream(line("error", severity="error", message="empty"), line("result", status="error"))
    assert kinds(steps) == [("error", "empty")] and answers[1].facts.error == "empty"


def test_loops_are_errors_though_the_run_succeeds():
    """A detected loop is an ERROR step by the provider's word."""
    steps, answers, _ = stream(
        piece("x"),
        line("error", severity="warning", message="Loop detected, stopping execution"),
        line("result", status="success"),
    )
    assert [(step.type, step.status) for step in steps] == [("thought", None), ("error", "warning")]
    assert answers[2].facts.turn_ended == "success"


def test_stream_types():
    """All six types are known; new types, roles and statuses are UNKNOWN by name."""
    _, answers, _ = stream(line("novel"), line("message", role="ghost"), line("result", status="odd"), line("tool_use"))
    assert [(answer.fate, answer.name) for answer in answers[:-1]] == [
        ("unknown", "novel"),
        ("unknown", "message/ghost"),
        ("unknown", "result/odd"),
        ("malformed", "tool_use"),
    ]


def test_pretty_printed_json_is_malformed_not_a_crash():
    """`-o json` prints one object on many lines: each gets a fate."""
    parts = b'{\n  "session_id": "x",\n  "stats": {\n  }\n}'.split(b"\n")
    _, answers, _ = feed("gemini", "stream", parts)
    assert {answer.fate for answer in answers[:-1]} == {Fate.MALFORMED}


def test_records_written_twice_are_one_message():
    """A message written without and then with its calls gives its thought, text, action and result once."""
    first = said(
        "m1",
        "looking",
        thoughts=[{"subject": "S", "description": "d", "timestamp": WHEN}],
        tokens={"input": 10, "output": 2, "cached": 4},
    )
    steps, answers, _ = chat(
        asked("u1", "go"),
        first,
        {"$set": {"lastUpdated": WHEN}},
        {**first, "toolCalls": [tool("t1")]},
        said("m2", "done"),
    )
    assert kinds(steps) == [
        ("instruction", "go"),
        ("thought", "**S**\n\nd"),
        ("thought", "looking"),
        ("action", ""),
        ("observation", "ok"),
        ("resolution", "done"),
    ]
    usage = [answer.facts.usage for answer in answers if answer.facts and answer.facts.usage]
    assert [(use.scope, use.input_tokens, use.output_tokens) for use in usage] == [("turn", 6, 2)]


def test_the_last_version_of_a_held_text_counts():
    """A text written again before it came out is the later one."""
    steps, _, _ = chat(said("m1", "do"), said("m1", "done"))
    assert kinds(steps) == [("resolution", "done")]


def test_rewritten_history_adds_only_what_is_new():
    """On resume the whole history is written again, partly under new ids: no step comes twice."""
    steps, _, _ = run("gemini", "transcript", "gemini/e-multiturn/transcript.jsonl")
    assert [step.content for step in steps if step.type is StepType.INSTRUCTION] == [
        "Add a backoff to retry()",
        "No, use exponential backoff instead of linear.",
    ]
    calls = [step.call_id for step in steps if step.type is StepType.ACTION]
    assert len(calls) == len(set(calls)) == sum(step.type is StepType.OBSERVATION for step in steps) == 2
    assert [step.content for step in steps if step.type is StepType.RESOLUTION] == [
        "Added linear backoff.",
        "Switched to exponential backoff.",
    ]


def test_history_may_hold_messages_never_seen():
    """What only a rewritten history has is not lost."""
    history = [
        asked("u-1", "go"),
        said("m-1", [{"text": "hm", "thought": True}, {"functionCall": {"id": "t1", "name": "glob", "args": {}}}]),
    ]
    result = {"functionResponse": {"id": "t1", "name": "glob", "response": {"error": "bad"}}}
    steps, _, _ = chat({"$set": {"messages": [*history, {"id": "u-2", "type": "user", "content": [result]}]}})
    assert kinds(steps) == [("instruction", "go"), ("thought", "hm"), ("action", ""), ("observation", "bad")]
    assert steps[3].is_error and steps[3].tool == "glob"


def test_chat_shows_every_thought_and_failed_command():
    """The chat file has the thoughts and exit codes stdout lacks."""
    steps, _, _ = run("gemini", "transcript", "gemini/a-fix/transcript.jsonl")
    assert sum(step.channel == "reasoning" for step in steps) == 2
    steps, _, _ = run("gemini", "transcript", "gemini/c-errors/transcript.jsonl")
    shell = [
        (step.exit_code, step.extra.get("signal"), step.is_error)
        for step in steps
        if step.tool == "run_shell_command" and step.type == "observation"
    ]
    assert shell == [(126, None, True), (3, None, True), (None, 9, True)]


def test_shell_wrapper_comes_off():
    """Output, exit code and signal are told apart; a command that prints such lines keeps them."""
    assert read_shell(
        "<untrusted_context>\nOutput: a\nb\nExit Code: 2\nProcess Group PGID: 7\n</untrusted_context>"
    ) == ("a\nb", 2, None, True)
    assert read_shell("<untrusted_context>\nOutput: (empty)\nProcess Group PGID: 7\n</untrusted_context>") == (
        "",
        None,
        None,
        False,
    )
    assert read_shell("Command: x\nDirectory: (root)\nOutput: Exit Code: 5\nExit Code: 0\nSignal: (none)") == (
        "Exit Code: 5",
        0,
        None,
        False,
    )
    assert read_shell("no wrapper") == ("no wrapper", None, None, None)


def test_sub_agent_files():
    """A sub-agent's first text is its prompt, later ones the CLI's; its texts are narration."""
    steps, _, _ = run("gemini", "transcript", "gemini/f-parallel/subagent.jsonl")
    assert [step.origin for step in steps if step.type is StepType.INSTRUCTION] == ["subagent_prompt", "cli"]
    assert not any(step.type is StepType.RESOLUTION for step in steps)
    steps, _, _ = run("gemini", "transcript", "gemini/f-parallel/transcript.jsonl")
    agents = [step.extra["agent_id"] for step in steps if "agent_id" in step.extra]
    assert agents == ["27c97359-eba7-464d-91c9-b2317f81f38c"]
    assert [step.tool for step in steps if step.type is StepType.DELEGATE] == ["invoke_agent"]


def test_stored_types():
    """Every record type the contract names is known; a new one is UNKNOWN by name."""
    _, answers, _ = chat(
        {"sessionId": "s", "projectHash": "p", "kind": "main"},
        {"$rewindTo": "x"},
        {"$set": {"summary": "s", "memoryScratchpad": "m", "directories": []}},
        {"type": "info", "id": "i", "content": "n"},
        {"type": "warning", "id": "w", "content": "n"},
        {"type": "error", "id": "e", "content": "bad"},
        {"type": "novel", "id": "n"},
    )
    assert [(answer.fate, answer.name) for answer in answers[:-1]] == [
        ("meta", "header"),
        ("meta", "$rewindTo"),
        ("noise", "$set"),
        ("meta", "info"),
        ("meta", "warning"),
        ("steps", "error"),
        ("unknown", "novel"),
    ]


def test_injected_context_is_no_instruction():
    """The context the CLI writes before the first prompt is not the user's."""
    steps, _, _ = feed("gemini", "transcript", lines_of(DATA / "gemini/a-fix/transcript.jsonl")[:3])
    assert [step.content for step in steps] == ["The test suite fails. Please find out why and fix it."]


def test_text_before_an_unanswered_call_is_no_answer():
    """A session killed while a tool ran: whatever way the file holds the call, the text before it is narration."""
    call = {"id": "c", "name": "read_file", "args": {}, "status": "executing", "timestamp": WHEN}
    part = {"functionCall": {"id": "c", "name": "read_file", "args": {}}}
    result = {"functionResponse": {"id": "c", "name": "read_file", "response": {"output": "ok"}}}
    killed = [
        [said("m", "look", toolCalls=[call])],
        [said("m", "look"), said("m", "look", toolCalls=[call])],
        [said("m", "", toolCalls=[call]), said("m", "look", toolCalls=[call])],
        [said("m", "look"), {"$set": {"messages": [asked("u", "go"), said("m", [{"text": "look"}, part])]}}],
        [said("m", "look"), {"$set": {"messages": [{**asked("0", ""), "content": [result]}]}}],
        [said("m", "look"), {**asked("u2", ""), "content": [result]}],
    ]
    for lines in killed:
        for after in ([], [asked("u3", "again")], [{"sessionId": "s", "projectHash": "p"}]):
            steps, _, _ = chat(asked("u", "go"), *lines, *after)
            assert [step.type for step in steps if step.content == "look"] == [StepType.THOUGHT]
    steps, _, _ = chat(asked("u", "go"), *killed[0], asked("u2", "again"), said("m2", "done"))
    assert kinds(steps)[-1] == ("resolution", "done"), "a call nobody answered says nothing of a later turn"
