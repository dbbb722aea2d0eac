"""Claude Code's transcripts: stop reasons decide, copies are noise, what a human did is a user step."""

from __future__ import annotations

from parsers_support import DATA, feed, kinds, lines_of, run

from parsers.base import Fate
from parsers.claude_system import ATTACHMENTS, LINES, STORED
from parsers.claude_transcript import EARLY_FOR, MAX_RECENT, ClaudeTranscript
from parsers.step import StepType

WHEN = "2026-11-20T08:35:56.845Z"
numbers = iter(range(1_000_000))


def record(kind, **more):
    base = {
        "parentUuid": None,
        "isSidechain": False,
        "type": kind,
        "uuid": f"{next(numbers):013d}-x",
        "timestamp": WHEN,
    }
    return {**base, "sessionId": "s1", "version": "2.1.197", "cwd": "/p", **more}


def said(words, stop=None, **more):
    message = {
        "id": "m1",
        "role": "assistant",
        "model": "opus",
        "content": [{"type": "text", "text": words}],
        "stop_reason": stop,
    }
    return record("assistant", message=message, **more)


def asked(words, **more):
    return record("user", message={"role": "user", "content": words}, **more)


def transcript(*lines):
    return feed("claude-code", "transcript", lines)


def test_stop_reasons_decide():
    """A text that ended the turn is the answer, one before a tool call narration."""
    steps, answers, parser = transcript(said("looking", "tool_use"), said("done", "end_turn"))
    assert kinds(steps) == [("thought", "looking"), ("resolution", "done")]
    assert [answer.fate for answer in answers[:2]] == ["steps", "steps"]
    assert answers[1].facts.turn_ended == "success"
    assert parser.snapshot() is not None


def test_what_follows_may_take_an_answer_back():
    """A record between turns settles the answer; a hook that makes the agent go on makes it narration."""
    between = {"type": "last-prompt", "sessionId": "s1"}
    steps, answers, _ = transcript(said("done", "end_turn"), between)
    assert kinds(answers[1].steps) == kinds(steps) == [("resolution", "done")]
    hook = asked("Stop hook feedback:\ngo on", isMeta=True)
    steps, _, _ = transcript(said("one", "end_turn"), hook, between, said("two", "end_turn"), between)
    assert kinds(steps) == [("thought", "one"), ("resolution", "two")]


def test_result_without_its_call():
    """A result whose call does not come is given all the same, after a bounded number of records."""
    block = {"type": "tool_result", "tool_use_id": "t9", "content": "out"}
    lines = [record("user", message={"role": "user", "content": [block]}), *(record("mode") for _ in range(EARLY_FOR))]
    _, answers, _ = transcript(*lines)
    assert [step.content for answer in answers[:-1] for step in answer.steps] == ["out"]
    assert [step.content for step in transcript(lines[0])[0]] == ["out"]


def test_queued_messages_come_once():
    """A queued message comes with the records of the turn it was folded into, or with its own record; never twice."""

    def queue(operation, words=None):
        return {"type": "queue-operation", "operation": operation, "sessionId": "s1", "content": words}

    attached = record("attachment", attachment={"type": "queued_command", "prompt": "wait", "commandMode": "prompt"})
    folded = [queue("enqueue", "wait"), queue("remove")]
    for lines in (
        [*folded, said("ok")],
        [*folded, attached, said("ok")],
        [*folded[:1], queue("dequeue"), asked("wait")],
    ):
        assert [step.content for step in transcript(*lines)[0] if step.origin] == ["wait"]
    assert transcript(queue("enqueue", "<task-notification>"), queue("remove"), said("ok"))[0][0].content == "ok"
    assert transcript(*folded[:1], queue("popAll"), said("ok"))[0][0].content == "ok"


def test_position_decides_where_no_stop_reason_is_stored():
    """Without a stop reason a text is narration if the agent went on, the answer if a human or nothing did."""
    call = record(
        "assistant", message={"id": "m", "content": [{"type": "tool_use", "id": "t", "name": "Read", "input": {}}]}
    )
    steps, _, _ = transcript(asked("go"), said("looking"), call, said("done"), asked("thanks"), said("welcome"))
    assert [pair for pair in kinds(steps) if pair[0] != "action"] == [
        ("instruction", "go"),
        ("thought", "looking"),
        ("resolution", "done"),
        ("instruction", "thanks"),
        ("resolution", "welcome"),
    ]
    assert {step.evidence for step in steps if step.type is StepType.RESOLUTION} == {"position"}


def test_interrupted_text_is_no_answer():
    """A text the user interrupted is narration."""
    steps, _, _ = transcript(said("half"), asked([{"type": "text", "text": "[Request interrupted by user]"}]))
    assert [(step.type, step.origin) for step in steps] == [("thought", None), ("instruction", "interrupt")]


def test_copied_records_are_noise():
    """A record seen before, in this file or, as told from outside, in another, makes no step again."""
    line = asked("go")
    steps, answers, _ = transcript(line, line)
    assert len(steps) == 1 and (answers[1].fate, answers[1].name) == (Fate.NOISE, "copy")
    elsewhere = set()

    def known(uuid):
        return uuid in elsewhere or elsewhere.add(uuid) is not None

    lines = lines_of(DATA / "claude/a-fix/transcript.jsonl")
    first, second = ClaudeTranscript(known), ClaudeTranscript(known)
    assert sum(len(first.feed(item).steps) for item in lines) > 10
    assert sum(len(second.feed(item).steps) for item in lines) == 0


def test_memory_of_records_is_bounded():
    """However many records a file has, the remembered ids stay few."""
    parser = ClaudeTranscript()
    for number in range(MAX_RECENT * 3):
        parser.feed(b'{"type":"mode","uuid":"%013d","sessionId":"s"}' % number)
    assert len(parser.snapshot()["recent"]) == MAX_RECENT


def test_queued_messages_are_the_users():
    """A message typed while a tool ran is stored as an attachment only: an instruction of origin "queued"."""
    steps, _, _ = run("claude-code", "transcript", "claude/e-streaminput/transcript.jsonl")
    assert [step.content for step in steps if step.origin == "queued"] == [
        "No, use exponential backoff instead of linear."
    ]


def test_what_the_cli_wrote_is_no_instruction():
    """Local commands, caveats, reminders, task notes and meta messages make no user step; a custom command does."""
    steps, answers, _ = transcript(
        asked("<local-command-stdout>x</local-command-stdout>"),
        asked("<local-command-caveat>Caveat</local-command-caveat>", isMeta=True),
        asked("<command-name>/clear</command-name>\n<command-message>clear</command-message>"),
        asked("<task-notification>done</task-notification>", origin={"kind": "task-notification"}),
        asked("injected", isMeta=True),
        asked("This session is being continued", isCompactSummary=True),
        asked(
            "<command-message>fix</command-message>\n<command-name>/fix</command-name>\n<command-args>it now</command-args>"
        ),
    )
    assert kinds(steps) == [("instruction", "/fix it now")]
    assert [answer.fate for answer in answers[:6]] == ["meta", "noise", "meta", "meta", "meta", "meta"]
    assert answers[5].facts.compacted


def test_usage_is_told_once_per_message():
    """The blocks of one message repeat its usage; it is told once, in its last version."""

    def block(ident, output):
        usage = {
            "input_tokens": 3,
            "output_tokens": output,
            "cache_read_input_tokens": 5,
            "cache_creation_input_tokens": 7,
        }
        message = {"id": ident, "model": "opus", "content": [{"type": "thinking", "thinking": "x"}], "usage": usage}
        return record("assistant", message=message)

    _, answers, _ = transcript(block("a", 1), block("a", 9), block("b", 4), block("a", 9))
    usage = [answer.facts.usage for answer in answers if answer.facts and answer.facts.usage]
    assert [(use.scope, use.output_tokens, use.cache_write_tokens) for use in usage] == [("turn", 9, 7), ("turn", 4, 7)]


def test_api_errors_and_turn_ends():
    """A stored API error is an ERROR; turn_duration ends a turn and resolves what was held."""
    steps, _, _ = run("claude-code", "transcript", "claude/c-fatal-400/transcript.jsonl")
    errors = [step for step in steps if step.type is StepType.ERROR]
    assert [(step.content, step.evidence) for step in errors] == [
        ("API Error: 400 messages.3: mock invalid request", "api_error")
    ]
    steps, answers, _ = transcript(said("done"), record("system", subtype="turn_duration", durationMs=5))
    assert kinds(steps) == [("resolution", "done")] and answers[1].facts.duration_ms == 5


def test_sub_agent_files_hang_on_their_call():
    """The call that started a sub-agent, told from outside, is the parent of every step; its texts are narration."""
    parser = ClaudeTranscript(parent_id="toolu_1")
    steps = [step for line in lines_of(DATA / "claude/f-parallel/subagent.jsonl") for step in parser.feed(line).steps]
    assert {step.parent_id for step in steps} == {"toolu_1"}
    assert steps[0].origin == "subagent_prompt" and steps[0].extra["agent_id"]
    assert not any(step.type is StepType.RESOLUTION for step in steps)


def test_structured_answers_are_resolutions():
    """The structured output of a turn is its answer, after its call's result."""
    steps, _, _ = run("claude-code", "transcript", "claude/f-structured/transcript.jsonl")
    assert kinds(steps)[-2:] == [
        ("observation", "Structured output provided successfully"),
        ("resolution", '{"answer":"42"}'),
    ]


def test_every_stored_type_is_known():
    """No line, subtype or attachment the contract names is unknown; new ones are, by name."""
    lines = [{"type": kind, "sessionId": "s"} for kind in LINES]
    lines += [record("system", subtype=kind) for kind in STORED]
    lines += [record("attachment", attachment={"type": kind}) for kind in (*ATTACHMENTS, "queued_command")]
    lines += [{"type": "marble-origami-commit"}, {"type": "marble-origami-snapshot"}]
    _, answers, _ = transcript(*lines)
    assert [answer.name for answer in answers if answer.fate in {Fate.UNKNOWN, Fate.MALFORMED}] == []
    _, answers, _ = transcript(
        {"type": "novel"}, record("system", subtype="novel"), record("attachment", attachment={"type": "novel"})
    )
    assert [(answer.fate, answer.name) for answer in answers[:3]] == [
        ("unknown", "novel"),
        ("unknown", "system/novel"),
        ("unknown", "attachment/novel"),
    ]


def test_words_beside_a_result_are_not_lost():
    """A message that holds a tool result and the user's words makes both steps."""
    result = {"type": "tool_result", "tool_use_id": "t", "content": "ok"}
    lines = [
        asked([result, {"type": "text", "text": "stop that"}]),
        asked([result, {"type": "text", "text": "[Request interrupted by user]"}]),
    ]
    steps, _, _ = transcript(*lines)
    assert kinds(steps) == [
        ("observation", "ok"),
        ("instruction", "stop that"),
        ("observation", "ok"),
        ("instruction", "[Request interrupted by user]"),
    ]
    printed, _, _ = feed("claude-code", "stream", lines)
    assert kinds(printed) == kinds(steps)


def test_empty_messages_make_no_step():
    """A user message without words is named and makes nothing."""
    steps, answers, _ = transcript(asked(""), asked([]))
    assert steps == [] and [answer.name for answer in answers[:2]] == ["user/empty", "user/empty"]
