"""Codex: items become actions and observations once, on stdout and in rollouts."""

from __future__ import annotations

import pytest
from parsers_support import feed, kinds, run

from parsers.base import Fate
from parsers.codex_common import unwrap
from parsers.codex_events import EVENTS, ITEMS
from parsers.codex_output import read_output
from parsers.step import StepType


def item(kind, phase="completed", ident="item_0", **more):
    return {"type": f"item.{phase}", "item": {"id": ident, "type": kind, **more}}


def stream(*lines):
    return feed("codex", "stream", lines)


def response(kind, **more):
    return {"timestamp": "2026-11-20T08:42:08.846Z", "type": "response_item", "payload": {"type": kind, **more}}


def event(kind, **more):
    return {"timestamp": "2026-11-20T08:42:09.846Z", "type": "event_msg", "payload": {"type": kind, **more}}


def said(words, **more):
    return response("message", role="assistant", content=[{"type": "output_text", "text": words}], **more)


def rollout(*lines):
    return feed("codex", "transcript", lines)


@pytest.mark.parametrize(
    ("wrapped", "plain"),
    [
        ("/bin/bash -lc 'python -m pytest -q'", "python -m pytest -q"),
        ("/bin/bash -lc ls", "ls"),
        ("/bin/bash -lc \"su nobody -s /bin/sh -c 'cat x'; exit 126\"", "su nobody -s /bin/sh -c 'cat x'; exit 126"),
        ("/usr/bin/zsh -c 'echo $HOME'", "echo $HOME"),
        ("/bin/bash -lc 'broken", "/bin/bash -lc 'broken"),
        ("/bin/bash -lc a b", "/bin/bash -lc a b"),
        ("python x.py -c 1", "python x.py -c 1"),
    ],
)
def test_shell_wrapper_comes_off(wrapped, plain):
    """The shell wrapper is stripped; what cannot be unwrapped stays as it was."""
    assert unwrap(wrapped) == plain


def test_last_message_before_the_turn_ends_is_the_answer():
    """Of several messages only the last before turn.completed is the resolution."""
    steps, answers, _ = run("codex", "stream", "codex/a-fix/stdout.jsonl")
    assert [step.type for step in steps if step.type is StepType.RESOLUTION] == ["resolution"]
    assert steps[-1].content.startswith("Fixed the off-by-one")
    usage = answers[-2].facts.usage
    assert (usage.scope, usage.input_tokens, usage.cache_read_tokens, usage.reasoning_tokens) == (
        "thread",
        3240,
        57600,
        192,
    )


def test_failed_turn_is_one_error():
    """`error` and the turn.failed that repeats it are one ERROR; retry notices are none."""
    steps, answers, _ = run("codex", "stream", "codex/c-fatal-500/stdout.jsonl")
    assert sum(step.type is StepType.ERROR for step in steps) == 1
    assert [answer.name for answer in answers].count("error/reconnecting") == 3
    assert steps[-1].evidence == "turn.failed"


def test_an_error_that_is_not_repeated_stays():
    """An error before something else, or at the end, is an ERROR of its own."""
    steps, _, _ = stream(
        {"type": "error", "message": "odd"}, item("reasoning", text="hm"), {"type": "error", "message": "last"}
    )
    assert kinds(steps) == [("error", "odd"), ("thought", "hm"), ("error", "last")]


def test_command_items_carry_exit_codes():
    """A failed command has is_error, exit code and the bare command; an open call stays unanswered."""
    steps, answers, _ = run("codex", "stream", "codex/c-errors/stdout.jsonl")
    failed = [step for step in steps if step.is_error]
    assert [step.exit_code for step in failed] == [1, 126, 3, 137]
    assert {step.tool for step in failed} == {"exec_command"}
    assert steps[1].arguments == {"command": "cat nope.py"}
    assert answers[-1].facts.unanswered_calls == 1


def test_item_ids_used_again_are_new_calls():
    """item_0 of a second process is another call, with its own observation."""
    one = [
        item(
            "command_execution",
            phase,
            command="/bin/bash -lc ls",
            aggregated_output="a",
            exit_code=0,
            status="completed",
        )
        for phase in ("started", "completed")
    ]
    steps, _, _ = stream(*one, *one)
    assert [step.type for step in steps] == ["action", "observation"] * 2


def test_completed_without_started_makes_both_steps():
    """An item whose start was never printed is action and observation."""
    line = item("command_execution", command="/bin/bash -lc ls", aggregated_output="a", exit_code=0, status="completed")
    steps, _, _ = stream(line)
    assert [(step.type, step.tool) for step in steps] == [("action", "exec_command"), ("observation", "exec_command")]


def test_other_items_of_the_stream():
    """file_change is an EDIT, MCP tools are named as the model calls them, a search pairs under its own id."""
    steps, _, _ = run("codex", "stream", "codex/f-parallel/stdout.jsonl")
    edit = next(step for step in steps if step.type is StepType.EDIT)
    assert [(change["kind"], change["path"].rpartition("/")[2]) for change in edit.changes] == [
        ("add", "new.md"),
        ("update", "retry.py"),
        ("delete", "util.py"),
    ]
    explode = [step for step in steps if step.tool == "mcp__demo__explode"]
    assert [step.is_error for step in explode] == [None, True]
    assert explode[1].content == "tracker unreachable"
    assert [step.call_id for step in steps if step.tool == "web_search"] == [
        "ws_mock1",
        "ws_mock1",
        "ws_mock2",
        "ws_mock2",
    ]


def test_plans_are_actions_when_they_change():
    """todo_list makes a step when it starts and when it changes, not when the turn prints it again."""
    steps, answers, _ = run("codex", "stream", "codex/f-plan/stdout.jsonl")
    assert [step.tool for step in steps].count("update_plan") == 2
    assert ("noise", "item.completed/todo_list") in [(answer.fate, answer.name) for answer in answers]


def test_every_named_stream_type_is_known():
    """No event or item type of the contract is unknown; new ones are, by name."""
    named = [
        "reasoning",
        "agent_message",
        "command_execution",
        "file_change",
        "mcp_tool_call",
        "web_search",
        "todo_list",
    ]
    named += ["collab_tool_call", "error", "plan", "request_user_input"]
    lines = [item(kind, phase) for kind in named for phase in ("started", "updated", "completed")]
    lines += [{"type": "turn.started"}, {"type": "item.plan.delta"}, {"type": "thread.started", "thread_id": "t"}]
    _, answers, _ = stream(*lines)
    assert [answer.name for answer in answers if answer.fate in {Fate.UNKNOWN, Fate.MALFORMED}] == []
    _, answers, _ = stream(item("hologram"), {"type": "item.exploded"}, {"type": "item.completed"})
    assert [(answer.fate, answer.name) for answer in answers[:-1]] == [
        ("unknown", "item.completed/hologram"),
        ("unknown", "item.exploded"),
        ("malformed", "item.completed"),
    ]


def test_rollout_shows_what_stdout_hides():
    """Unknown tools, bad arguments and failed patches leave no trace on stdout; the rollout has each as a failure."""
    steps, _, _ = run("codex", "transcript", "codex/c-errors/transcript.jsonl")
    failed = [step.content for step in steps if step.is_error and step.evidence == "cli_words"]
    assert [words.partition(":")[0] for words in failed] == [
        "unsupported call",
        "failed to parse function arguments",
        "apply_patch verification failed",
        "apply_patch verification failed",
        "apply_patch verification failed",
        "failed to parse function arguments",
        "write_stdin failed",
        "unable to locate image at `/home/me/proj-codex-c-errors/nope.png`",
    ]
    assert [step.exit_code for step in steps if step.exit_code] == [1, 126, 3, 137, -1]


def test_rollout_makes_each_stored_step_once():
    """Every call has one observation, though the rollout stores call, output and event."""
    steps, _, _ = run("codex", "transcript", "codex/a-fix/transcript.jsonl")
    calls = [step.call_id for step in steps if step.type in {"action", "edit"}]
    assert sorted(calls) == sorted(step.call_id for step in steps if step.type == "observation")
    assert len(set(calls)) == len(calls)
    assert sum(step.type is StepType.INSTRUCTION for step in steps) == 1


def test_running_commands_may_answer_twice():
    """A command that outlives its yield answers "running", and once more when it ends."""
    running = "Chunk ID: 1\nWall time: 1.0 seconds\nProcess running with session ID 7\nOutput:\n"
    ended = {
        "type": "CommandExecution",
        "id": "c1",
        "aggregated_output": "late\n",
        "exit_code": 0,
        "status": "completed",
    }
    steps, _, _ = rollout(
        response("function_call", name="exec_command", arguments='{"cmd": "sleep 4"}', call_id="c1"),
        response("function_call_output", call_id="c1", output=running),
        event("item_completed", item=ended),
        event("item_completed", item=ended),
    )
    assert [(step.type, step.status) for step in steps] == [
        ("action", None),
        ("observation", "running"),
        ("observation", "completed"),
    ]
    assert steps[2].extra == {"late": True}


def test_code_mode_calls_have_their_own_steps():
    """Inner commands of an `exec` script come with ids nobody opened: they are action and observation."""
    inner = {
        "type": "CommandExecution",
        "id": "exec-1",
        "command": ["/bin/bash", "-lc", "ls"],
        "aggregated_output": "a",
        "exit_code": 0,
        "status": "completed",
    }
    steps, _, _ = rollout(
        response("custom_tool_call", name="exec", input="tools.exec_command()", call_id="c1"),
        event("item_completed", item=inner),
        response(
            "custom_tool_call_output",
            call_id="c1",
            output=[
                {"type": "input_text", "text": "Script failed\nWall time 0.0 seconds\nOutput:\n"},
                {"type": "input_text", "text": "boom"},
            ],
        ),
    )
    assert [(step.type, step.tool) for step in steps] == [
        ("action", "exec"),
        ("action", "exec_command"),
        ("observation", "exec_command"),
        ("observation", "exec"),
    ]
    assert steps[1].arguments == {"command": "ls"}
    assert steps[3].is_error


def test_turns_end_by_success_failure_or_abort():
    """task_complete resolves, its error fails, turn_aborted is the user's interrupt."""
    steps, _, _ = rollout(said("hi"), event("task_complete", last_agent_message="hi"))
    assert kinds(steps) == [("resolution", "hi")]
    steps, _, _ = rollout(said("hi"), event("error", message="bad"), event("task_complete", error={"message": "bad"}))
    assert kinds(steps) == [("thought", "hi"), ("error", "bad")]
    steps, _, _ = rollout(said("hi"), event("turn_aborted", reason="interrupted"))
    assert [(step.type, step.origin) for step in steps] == [("thought", None), ("instruction", "interrupt")]


def test_phase_decides_where_it_is_stored():
    """A message of phase final_answer is the answer, of commentary narration; neither is repeated by the turn's end."""
    steps, _, _ = rollout(
        said("a", phase="commentary"), said("b", phase="final_answer"), event("task_complete", last_agent_message="b")
    )
    assert kinds(steps) == [("thought", "a"), ("resolution", "b")]


def test_messages_typed_while_the_agent_works_are_queued():
    """The first prompt of a turn is the user's, a further one was typed while it ran."""
    steps, _, _ = rollout(
        event("task_started"), event("user_message", message="go"), event("user_message", message="no, stop")
    )
    assert [(step.content, step.origin) for step in steps] == [("go", "user"), ("no, stop", "queued")]


def test_compaction_summary_is_not_an_answer():
    """The text written for a compaction is dropped with it."""
    steps, answers, _ = run("codex", "transcript", "codex/f-compact/transcript.jsonl")
    assert "mock side answer" not in [step.content for step in steps]
    assert any(answer.facts and answer.facts.compacted for answer in answers)


def test_sub_agents_name_their_parent():
    """A sub-agent's rollout tells the parent thread, and its task is a prompt by an agent."""
    steps, answers, _ = run("codex", "transcript", "codex/f-subagent/subagent.jsonl")
    assert answers[0].facts.parent_session_id == "01a1f822-dbb3-7753-af7f-84151ed76ca5"
    assert steps[0].origin == "subagent_prompt"
    steps, _, _ = run("codex", "transcript", "codex/f-subagent/transcript.jsonl")
    assert [step.tool for step in steps if step.type is StepType.DELEGATE] == ["spawn_agent"]
    assert sum(step.type is StepType.COORDINATION for step in steps) == 1


def test_thread_usage_is_told_once_per_change():
    """Both usage records repeat the thread's total; the facts carry it only when it changed."""
    _, answers, _ = run("codex", "transcript", "codex/a-fix/transcript.jsonl")
    totals = [answer.facts.usage for answer in answers if answer.facts and answer.facts.usage]
    assert [usage.scope for usage in totals] == ["thread"] * len(totals)
    assert [usage.output_tokens for usage in totals] == [96 * number for number in range(1, len(totals) + 1)]


@pytest.mark.parametrize(
    ("output", "content", "code"),
    [
        (
            "Chunk ID: 4\nWall time: 0.0 seconds\nProcess exited with code 3\nOriginal token count: 2\nOutput:\nout\n",
            "out\n",
            3,
        ),
        ("Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess.", "Success.", 0),
        ("Wall time: 0.0025 seconds\nOutput:\n{}", "{}", None),
        ('{"output":"x","metadata":{"exit_code":1}}', "x", 1),
        ("Exit code: of the matter", "Exit code: of the matter", None),
        ("just text\nOutput:\nmore", "just text\nOutput:\nmore", None),
    ],
)
def test_output_wrappers_come_off(output, content, code):
    """The CLI's wrapper gives the exit code and is taken off; the tool's own words are left alone."""
    found = read_output(output)
    assert (found.content, found.exit_code) == (content, code)


def test_every_named_stored_type_is_known():
    """No line, event, item or response type the contract names is unknown in a rollout."""
    lines = [event(kind) for kind in EVENTS] + [event("item_completed", item={"type": kind}) for kind in ITEMS]
    kinds_of_items = ["UserMessage", "CommandExecution", "FileChange", "McpToolCall", "ContextCompaction"]
    lines += [event("item_completed", item={"type": kind, "id": kind}) for kind in kinds_of_items]
    events = "user_message agent_message agent_reasoning exec_command_begin exec_command_end stream_error plan_update turn_diff"
    events += " patch_apply_begin patch_apply_end mcp_tool_call_begin mcp_tool_call_end web_search_begin web_search_end"
    events += (
        " view_image_tool_call hook_started hook_completed context_compacted thread_rolled_back guardian_assessment"
    )
    events += " collab_agent_spawn_begin collab_close_end token_count task_started task_complete turn_aborted"
    lines += [event(kind, call_id=kind) for kind in events.split()]
    stored = (
        "message reasoning function_call custom_tool_call function_call_output custom_tool_call_output web_search_call"
    )
    stored += (
        " tool_search_call tool_search_output image_generation_call additional_tools agent_message local_shell_call"
    )
    lines += [response(kind, role="user", call_id=kind) for kind in stored.split()]
    top = "session_meta turn_context world_state inter_agent_communication_metadata token_usage_record compacted"
    lines += [{"type": kind, "payload": {}} for kind in top.split()]
    _, answers, _ = rollout(*lines)
    assert [answer.name for answer in answers if answer.fate in {Fate.UNKNOWN, Fate.MALFORMED}] == []


def test_new_stored_types_are_unknown_and_named():
    """A new line, event, item or response type is UNKNOWN under its own name."""
    _, answers, _ = rollout(
        {"type": "novel", "payload": {}},
        event("novel"),
        event("item_completed", item={"type": "Novel"}),
        response("novel"),
    )
    assert [(answer.fate, answer.name) for answer in answers[:-1]] == [
        ("unknown", "novel"),
        ("unknown", "event_msg/novel"),
        ("unknown", "event_msg/item_completed/Novel"),
        ("unknown", "response_item/novel"),
    ]


def test_oldest_rollouts_have_bare_items():
    """Files whose lines are response items without an envelope are read as well, injected context left out."""
    steps, answers, _ = rollout(
        {"id": "abc", "timestamp": "2025-05-01T00:00:00Z", "instructions": None},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "<environment_context>x"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]},
        {"type": "function_call", "name": "shell", "arguments": '{"command":["bash","-lc","ls"]}', "call_id": "c1"},
        {"type": "function_call_output", "call_id": "c1", "output": '{"output":"a","metadata":{"exit_code":2}}'},
        {"record_type": "state"},
    )
    assert [(step.type, step.content) for step in steps] == [
        ("instruction", "fix it"),
        ("action", ""),
        ("observation", "a"),
    ]
    assert steps[1].arguments == {"command": "ls"} and steps[2].exit_code == 2 and steps[2].tool == "shell"
    assert answers[0].facts.session_id == "abc"
