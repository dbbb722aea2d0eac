"""Older and newer versions of the CLIs, and situations the main recordings do not have: same steps, nothing unknown."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from parsers_support import DATA, PROVIDERS, feed, lines_of, plain

from parsers.base import Fate
from parsers.blocks import JsonError
from parsers.gemini_document import begins_document
from parsers.gemini_document import lines as document_lines
from parsers.gemini_results import read_shell
from parsers.registry import make
from parsers.step import StepType

VERSIONS = DATA.parent / "versions"
FILES = sorted(VERSIONS.rglob("*.jsonl")) + sorted(VERSIONS.rglob("transcript.json"))


def read(name):
    """The answers to every line of a file, by its name below the data folder."""
    path = VERSIONS / name
    provider = PROVIDERS[name.partition("-")[0]]
    dialect = "stream" if path.name.startswith("stdout") else "transcript"
    whole = path.suffix == ".json"
    return feed(provider, dialect, document_lines(path.read_bytes()) if whole else lines_of(path))


def steps(name):
    return read(name)[0]


def texts(found):
    """What the agent said, as (answer or narration, words)."""
    return [
        (str(step.type), step.content)
        for step in found
        if step.type is StepType.RESOLUTION or (step.type is StepType.THOUGHT and step.channel == "message")
    ]


def results(found):
    return [
        (step.tool, step.content, step.exit_code, step.is_error) for step in found if step.type is StepType.OBSERVATION
    ]


def words(found):
    return [(step.origin, step.content) for step in found if step.type is StepType.INSTRUCTION]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(VERSIONS)))
def test_every_line_of_every_version_is_known(path):
    """No line is unknown or malformed, whichever version wrote it."""
    _, answers, _ = read(str(path.relative_to(VERSIONS)))
    assert [answer.name for answer in answers if answer.fate in {Fate.UNKNOWN, Fate.MALFORMED}] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(VERSIONS)))
def test_results_name_their_tool(path):
    """Every observation belongs to a call that was made before it, or is the CLI's own and says so."""
    found = steps(str(path.relative_to(VERSIONS)))
    assert [step.content for step in found if step.type is StepType.OBSERVATION and step.tool is None] == []


@pytest.mark.parametrize("name", ["hooks", "blocks", "custom-agent"])
def test_claude_roads_agree_on_answers(name):
    """What the agent said, and which of it was an answer, is the same on stdout and in the transcript."""
    printed = [step for step in steps(f"claude-2.1.329/{name}/stdout.jsonl") if not step.parent_id]
    assert texts(printed) == texts(steps(f"claude-2.1.329/{name}/transcript.jsonl"))


def test_claude_stop_hook_goes_on():
    """A text that a stop hook did not accept is narration, and the hook's words are no human's, flagged or not."""
    said = [("thought", "one"), ("resolution", "two after stop hook")]
    for name in ("claude-2.1.329/hooks/transcript", "claude-2.0.29/hooks/stdout", "claude-2.0.29/hooks/transcript"):
        found = steps(f"{name}.jsonl")
        assert texts(found) == said
        assert [origin for origin, content in words(found) if "hook" in content] == []


def test_claude_last_of_equal_texts_is_the_answer():
    """Where the last message says the same thing twice, the second time is the answer."""
    for road in ("stdout", "transcript"):
        assert texts(steps(f"claude-2.1.329/blocks/{road}.jsonl"))[-2:] == [
            ("thought", "Same."),
            ("resolution", "Same."),
        ]


def test_claude_wake_up_ends_the_turn_before():
    """The answer before a background task's wake-up is an answer, as is the one after it."""
    found = texts(steps("claude-2.1.329/custom-agent/transcript.jsonl"))
    assert [kind for kind, _ in found] == ["resolution", "resolution"]


def test_claude_stdout_times():
    """Where the CLI stamps assistant lines, the steps carry that time."""
    found = steps("claude-2.1.329/hooks/stdout.jsonl")
    assert all(step.timestamp for step in found if step.type is StepType.ACTION)


def test_claude_message_typed_while_a_tool_ran():
    """Versions that store it in the queue's own records only: it comes once, before what the agent said to it."""
    found = steps("claude-2.1.54/input-midtool/transcript.jsonl")
    assert words(found) == [("user", "start"), ("queued", "wait, also do this")]
    assert found[-2].origin == "queued" and found[-1].type is StepType.RESOLUTION


def test_claude_local_commands_are_no_answers():
    """What a local command or a compaction prints is not the model's: no answer, and no words of a human."""
    for name in ("stdout", "stdout4"):
        assert steps(f"claude-2.1.54/slash/{name}.jsonl") == []


def test_claude_result_stored_before_its_call():
    """A result that was stored before its call comes after it, with its tool."""
    found = steps("claude-2.1.252/sub-agent/transcript.jsonl")
    order = [(step.call_id, step.type is StepType.OBSERVATION) for step in found if step.call_id]
    assert order.index((order[0][0], False)) == 0
    for call_id, is_result in order:
        assert not is_result or order.index((call_id, False)) < order.index((call_id, True))
    assert Counter(order).most_common(1)[0][1] == 1


def test_claude_sub_agents_in_the_same_file():
    """Records of sub-agents among the main ones are linked to the call whose prompt began them."""
    found = steps("claude-1.0.88/sub-task/transcript.jsonl")
    calls = {step.call_id: step.arguments["prompt"] for step in found if step.type is StepType.DELEGATE}
    linked = {(calls[step.parent_id], step.content) for step in found if step.parent_id and step.channel == "message"}
    assert linked >= {("SUBONE work", "sub says"), ("SUBTWO work", "sub two report")}
    assert [content for kind, content in texts(found) if kind == "resolution"] == ["main done"]


def test_claude_structured_answer_or_words():
    """Words after a structured answer are the answer, on both roads; the call holds the structured one."""
    for road in ("stdout", "transcript"):
        assert texts(steps(f"claude-2.1.123/schema/{road}.jsonl")) == [("resolution", "post")]


def test_terminal_codes_around_a_line():
    """Codes for a terminal before or after a record do not hide it, and alone they are nothing."""
    assert (VERSIONS / "claude-1.0.88/slash/stdout.jsonl").read_bytes().startswith(b"\x1b[?25l{")
    record = b'{"type":"thread.started","thread_id":"t"}'
    _, (before, after, alone, _), _ = feed(
        "codex", "stream", [b"\x1b[?25l" + record, record + b"\x1b[?25h", b"\x1b[?25h"]
    )
    assert (before.name, after.name, alone.name) == ("thread.started", "thread.started", "blank")


def test_codex_command_line_before_the_wrapper():
    """0.118 puts the command line before the wrapper: exit codes and outputs are read all the same."""
    stored = [row for row in results(steps("codex-0.118.0/parallel/transcript.jsonl")) if row[0] == "exec_command"]
    assert stored[0] == ("exec_command", "one\n", 0, False)
    assert {(code, bad) for _, _, code, bad in stored} >= {(0, False), (3, True), (127, True)}
    assert [row[2] for row in stored if row[1].startswith("Command: ")] == []


def test_codex_mcp_results_of_older_versions():
    """Blocks stored as JSON are their text; the CLI's own failures are errors; a namespace is spelled once."""
    found = {tool: rest for tool, *rest in results(steps("codex-0.105.0/mcp/transcript.jsonl")) if "mcp__" in tool}
    assert found["mcp__demo__echo"] == ["echo 1", None, None]
    assert found["mcp__demo__two"][0] == "one\ntwo\nres text\n[resource file:///l.txt]"
    assert found["mcp__demo__rpcerr"][0].startswith("tool call error: ") and found["mcp__demo__rpcerr"][2] is True


def test_codex_retry_notices_of_older_versions():
    """A retry that is announced in another version's words is no error."""
    for version in ("0.53.0", "0.44.0"):
        found = steps(f"codex-{version}/sse-server_error/stdout.jsonl")
        assert [step.content for step in found if step.type is StepType.ERROR] == []
        assert texts(found)[-1] == ("resolution", "end")


def test_codex_answers_without_turn_records():
    """Where a rollout does not store how a turn ended, the last text before the next prompt was the answer."""
    found = steps("codex-0.77.0/resume/transcript.jsonl")
    assert [content for kind, content in texts(found) if kind == "resolution"] == ["answer one", "answer two", "last"]
    assert {origin for origin, _ in words(found)} == {"user"}


def test_codex_late_result_leaves_the_answer():
    """A command that ends after the last message does not make that message narration."""
    for road in ("stdout", "transcript"):
        assert ("resolution", "sessions") in texts(steps(f"codex-0.105.0/session/{road}.jsonl"))


def test_codex_review_answer():
    """A review's answer is written by the CLI, and is the answer on both roads."""
    printed, stored = (texts(steps(f"codex-0.169.0/review/{road}.jsonl")) for road in ("stdout", "transcript"))
    assert [row for row in printed if row[0] == "resolution"] == [row for row in stored if row[0] == "resolution"] != []


def test_codex_searches_say_what_is_searched():
    """A search whose first phase names nothing is one call with what its last phase says."""
    found = [step for step in steps("codex-0.145.0/items/stdout.jsonl") if step.tool == "web_search"]
    calls = [step for step in found if step.type is StepType.ACTION]
    assert len(calls) * 2 == len(found) == 6
    assert all(step.arguments["query"] for step in calls)


def test_gemini_words_are_the_users_own():
    """The contents of files that a prompt names were sent with it, but not said."""
    assert words(steps("gemini-0.61.0/at/transcript.jsonl")) == [("user", "see @a.txt and @p.png please")]


def test_gemini_call_ids_used_again():
    """A call with an id that an earlier message used is a call of its own, with its own result."""
    calls = [step for step in steps("gemini-0.61.0/noid/transcript.jsonl") if step.type is StepType.ACTION]
    assert [step.arguments["command"] for step in calls] == ["echo 1", "echo 2", "echo 3"]
    rows = results(steps("gemini-0.61.0/noid/transcript.jsonl"))
    assert [row[1] for row in rows] == ["1", "2", "3"]


def test_gemini_compressed_history():
    """A compressed history is noticed; its snapshot and the thanks for it are nobody's words."""
    found, answers, _ = read("gemini-0.53.0/compress/transcript.jsonl")
    assert [content for origin, content in words(found) if origin == "user"] == ["go", "two"]
    assert texts(found) == [("resolution", "end")]
    assert any(answer.facts and answer.facts.compacted for answer in answers)


def test_gemini_successes_are_told():
    """A tool's stored success is one, except a shell's, whose exit code tells."""
    rows = results(steps("gemini-0.61.0/parallel/transcript.jsonl"))
    assert [row[3] for row in rows if row[0] == "write_file"] == [False]
    assert [(row[2], row[3]) for row in rows if row[0] == "run_shell_command"][:2] == [(None, False), (3, True)]


def test_claude_resumed_runs_count_their_own_tokens():
    """Newer versions print totals of the whole conversation: a run's own tokens and cost are what it used itself."""
    first, second = (read(f"claude-2.1.329/resume/{name}.jsonl")[1] for name in ("stdout", "stdout1"))
    for answers in (first, second):
        facts = next(answer.facts for answer in answers if answer.name == "result/success")
        total = facts.total_usage
        assert (total.scope, total.input_tokens, total.output_tokens) == ("process", 824, 192)
        assert (total.cache_read_tokens, total.cache_write_tokens) == (19200, 256)
        assert total.cost_usd == pytest.approx(0.012256) == facts.usage.cost_usd


def test_claude_totals_survive_a_snapshot():
    """A parser that goes on after the first result of a resumed run still takes off what was used before it."""
    used = {"inputTokens": 10, "outputTokens": 4, "costUSD": 0.5}
    now = {"inputTokens": 30, "outputTokens": 9, "costUSD": 1.5}
    later = {"inputTokens": 35, "outputTokens": 12, "costUSD": 1.75}
    first, second = (
        {"type": "result", "subtype": "success", "result": "", "usage": {"input_tokens": 1}, "session_id": "s"}
        | {"modelUsage": {"m": whole}, "total_cost_usd": whole["costUSD"], "model_usage_since_last_result": {"m": part}}
        for whole, part in ((now, used), (later, {"inputTokens": 5, "outputTokens": 3, "costUSD": 0.25}))
    )
    parser, again = make("claude-code"), make("claude-code")
    facts = parser.feed(json.dumps(first).encode()).facts
    assert (facts.total_usage.input_tokens, facts.total_usage.cost_usd, facts.usage.cost_usd) == (10, 0.5, 0.5)
    again.restore(json.loads(json.dumps(parser.snapshot())))
    facts = again.feed(json.dumps(second).encode()).facts
    total = facts.total_usage
    assert (total.input_tokens, total.output_tokens, total.cost_usd, facts.usage.cost_usd) == (15, 7, 0.75, 0.25)


def test_gemini_document_gives_the_steps_of_lines():
    """A chat stored as one document gives what its messages give one by one, printed over lines or on one."""
    path = VERSIONS / "gemini-0.32.1/parallel/transcript.json"
    found, answers, _ = read("gemini-0.32.1/parallel/transcript.json")
    assert begins_document(path.read_bytes())
    one, compact, _ = feed("gemini", "transcript", [json.loads(path.read_bytes())])
    assert plain(one) == plain(found)
    tokens = sum(answer.facts.usage.output_tokens for answer in answers if answer.facts and answer.facts.usage)
    assert compact[0].facts.usage.output_tokens == tokens > 0
    assert words(found) == [("user", "go")]
    assert texts(found)[-1][0] == "resolution"
    assert (found[0].type, sum(step.type is StepType.OBSERVATION for step in found)) == (StepType.INSTRUCTION, 10)


def test_gemini_document_words_of_the_user():
    """Older versions add files to the user's words, and results once more in words: neither is what a human typed."""
    assert words(steps("gemini-0.19.4/at/transcript.json")) == [("user", "see @a.txt and @p.png please")]
    assert words(steps("gemini-0.19.4/mcp/transcript.json")) == [("user", "go")]


def test_gemini_signal_zero_is_none():
    """Versions that print "Signal: 0" of a command that ended by itself: it did not fail."""
    said = "Command: x\nDirectory: (root)\nOutput: one\nError: (none)\nExit Code: {}\nSignal: {}\nProcess Group PGID: 1"
    assert read_shell(said.format(0, 0)) == ("one", 0, None, False)
    assert read_shell(said.format(3, 0)) == ("one", 3, None, True)
    assert read_shell(said.format("(none)", 9)) == ("one", None, "9", True)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"sessionId": "x"}', b'{"sessionId": "x", "messages": {}}'])
def test_no_gemini_document(data):
    """What is not whole, or no chat, is refused with a reason."""
    with pytest.raises(JsonError):
        document_lines(data)
