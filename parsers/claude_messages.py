"""What Claude Code's stdout and transcripts share: content blocks, tool results, user texts -> steps.

Owns: `ClaudeMessages`, the common base of both dialects.
Never: knows which of the two roads a message came by, beyond the `Origin` it is given.
Invariant: encoded images and the second copy of an output (`tool_use_result`) never enter a step's content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parsers import edits
from parsers.base import Fate
from parsers.blocks import content_text, dump, flag, obj, safe_name, text, word
from parsers.dialect import Call, LineParser
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Callable

DELEGATES = frozenset({"Agent", "Task"})
SHELLS = frozenset({"Bash", "PowerShell"})
_EXIT = "Exit code "
_INTERRUPTED = "[Request interrupted by user"
_REJECTED = ("The user doesn't want to proceed with this tool use.", "The user doesn't want to take this action")
_REASON = "the user said:"
_REASON_NOTE = "\n\nNote: The user's next message"
_DENIED = ("Claude requested permissions to ", "Permission to use ")

_CLI_TEXTS = {
    "<local-command-stdout>": "user/local_command",
    "<local-command-stderr>": "user/local_command",
    "<local-command-caveat>": "user/local_command",
    "Caveat: The messages below": "user/local_command",
    "<command-name>": "user/slash_command",
    "<bash-stdout>": "user/bash_mode",
    "<bash-stderr>": "user/bash_mode",
    "<bash-input>": "user/bash_mode",
    "<system-reminder>": "user/system_reminder",
    "<task-notification>": "user/task_notification",
    "<user-memory-input>": "user/memory_input",
    "Stop hook feedback:": "user/hook_feedback",
    "SubagentStop hook feedback:": "user/hook_feedback",
    "TaskCompleted hook feedback:": "user/hook_feedback",
    "TeammateIdle hook feedback:": "user/hook_feedback",
    "This session is being continued from a previous conversation that ran out of": "user/compact_summary",
}
_CLI_HEADS = tuple(_CLI_TEXTS)
_NOT_HUMAN = frozenset({"channel", "peer", "coordinator", "auto-continuation"})


class Origin(NamedTuple):
    """What the envelope of a message says about all its blocks."""

    when: float | None = None
    parent_id: str | None = None
    model: str | None = None
    extra: JsonObject | None = None

    def step(self, kind: StepType, content: str = "") -> Step:
        """A step of this origin."""
        made = Step(kind, content, self.when, parent_id=self.parent_id, model=self.model)
        if self.extra:
            made.extra.update(self.extra)
        return made


class ClaudeMessages(LineParser):
    """Blocks and texts of both dialects."""

    provider = "claude-code"

    def block_step(self, block: JsonObject, origin: Origin) -> tuple[str, Step | None]:
        """Name and step of one block of an assistant message, texts excepted. A name without a step: nothing in it."""
        kind = text(block.get("type"))
        if kind == "tool_use" or kind.endswith("_tool_use"):
            return kind, self._call(block, origin)
        maker = _BLOCKS.get(kind)
        if maker is not None:
            return maker(block, origin)
        if kind.endswith("_tool_result"):
            return kind, self._server_result(block, origin)
        return "?" + safe_name(kind or "block"), None

    def _call(self, block: JsonObject, origin: Origin) -> Step:
        tool = word(block.get("name"))
        arguments = block.get("input")
        step = origin.step(StepType.DELEGATE if tool in DELEGATES else StepType.ACTION)
        step.tool = tool
        step.call_id = word(block.get("id"))
        step.arguments = arguments if isinstance(arguments, dict) else {"input": arguments}
        if tool in edits.EDIT_TOOLS:
            step.changes = edits.from_arguments(tool, step.arguments)
        if block.get("type") != "tool_use":
            step.extra["server_side"] = True
        self.calls.remember(step.call_id, Call(tool, origin.parent_id))
        return step

    def _server_result(self, block: JsonObject, origin: Origin) -> Step:
        content = block.get("content")
        step = origin.step(StepType.OBSERVATION)
        step.call_id = word(block.get("tool_use_id"))
        call = self.calls.close(step.call_id)
        step.tool = call.tool if call else None
        if isinstance(content, dict):
            failure = word(content.get("error_code"))
            step.content = failure or _plain(content)
            step.is_error = True if failure else None
        else:
            step.content, facts = content_text(content)
            step.extra.update(facts)
        step.is_error = step.is_error or flag(block.get("is_error"))
        step.evidence = "is_error" if step.is_error else None
        return step

    def take_results(
        self, blocks: list[JsonObject], result: object, origin: Origin
    ) -> tuple[list[Step], list[JsonObject]]:
        """Steps of the tool results among `blocks`, and the blocks that are none. `result` is of a single one."""
        results = [block for block in blocks if block.get("type") == "tool_result"]
        single = result if len(results) == 1 else None
        steps = [step for block in results for step in self.result_steps(block, single, origin)]
        return steps, [block for block in blocks if block.get("type") != "tool_result"] if results else blocks

    def result_steps(self, block: JsonObject, result: object, origin: Origin) -> list[Step]:
        """The observation of one tool_result block, and the user's words where it was rejected with a reason."""
        step = origin.step(StepType.OBSERVATION)
        step.call_id = word(block.get("tool_use_id"))
        call = self.calls.close(step.call_id)
        step.tool = call.tool if call else None
        step.parent_id = origin.parent_id or (call.parent_id if call else None)
        step.content, facts = content_text(block.get("content"))
        step.extra.update(facts)
        step.is_error = flag(block.get("is_error"))
        steps = [step]
        if step.is_error:
            step.evidence = "is_error"
            reason = _explain(step)
            if reason:
                words = origin.step(StepType.INSTRUCTION, reason)
                words.origin, words.call_id, words.evidence = "rejection", step.call_id, "rejection"
                words.parent_id = step.parent_id
                steps.append(words)
        if isinstance(result, dict):
            _add_result_facts(step, result)
        return steps

    def user_text(
        self, content: str, origin: Origin, *, human: str = "user", cli: bool = False
    ) -> tuple[str, list[Step]]:
        """Name and steps of a user message's text. No steps: the CLI wrote it and no human or agent acts on it."""
        head = content[:128].lstrip()
        if not head:
            return "user/empty", []
        if head.startswith(_INTERRUPTED):
            step = origin.step(StepType.INSTRUCTION, content)
            step.origin = step.evidence = "interrupt"
            return "user/interrupt", [step]
        if head.startswith("<command-message>"):
            content = slash_command(content) or content
        elif head.startswith(_CLI_HEADS):
            for mark, name in _CLI_TEXTS.items():
                if head.startswith(mark):
                    return name, []
        if cli:
            return "user/meta", []
        step = origin.step(StepType.INSTRUCTION, content)
        step.origin = human
        return f"user/{human}" if human != "user" else "user/text", [step]


def who(value: JsonObject, default: str) -> str:
    """The origin of a user message: as the line says, else `default`."""
    kind = text(obj(value.get("origin")).get("kind"))
    if kind == "task-notification":
        return "task"
    return "cli" if kind in _NOT_HUMAN else default


def slash_command(content: str) -> str:
    """`/name arguments` of the tags the CLI wraps around a custom command, "" if it is something else."""
    name = _between(content, "<command-name>", "</command-name>")
    return f"{name} {_between(content, '<command-args>', '</command-args>')}".strip()


def _between(content: str, start: str, end: str) -> str:
    return content.partition(start)[2].partition(end)[0].strip()


def _thinking(block: JsonObject, origin: Origin) -> tuple[str, Step | None]:
    content = text(block.get("thinking"))
    if not content:
        return "thinking_empty", None
    step = origin.step(StepType.THOUGHT, content)
    step.channel = "reasoning"
    return "thinking", step


def _redacted(_: JsonObject, origin: Origin) -> tuple[str, Step | None]:
    step = origin.step(StepType.THOUGHT, "[redacted_thinking]")
    step.channel = "reasoning"
    step.extra["redacted"] = True
    return "redacted_thinking", step


def _image(block: JsonObject, origin: Origin) -> tuple[str, Step | None]:
    step = origin.step(StepType.THOUGHT, content_text([block])[0])
    step.channel = "message"
    return text(block.get("type")), step


_BLOCKS: dict[str, Callable[[JsonObject, Origin], tuple[str, Step | None]]] = {
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "image": _image,
    "document": _image,
    "container_upload": lambda *_: ("container_upload", None),
    "compaction": lambda *_: ("compaction", None),
    "fallback": lambda *_: ("fallback", None),
    "mcp_tool_listing": lambda *_: ("mcp_tool_listing", None),
}


def _plain(content: JsonObject) -> str:
    """A server tool's structured result without its encoded parts."""
    return dump({key: value for key, value in content.items() if key not in {"data", "encrypted_content", "source"}})


def _explain(step: Step) -> str:
    """Read exit code and status from a failed result's words; the user's reason if it was rejected with one."""
    content = step.content
    if content.startswith(_EXIT) and (step.tool in SHELLS or step.tool is None):
        digits = content[len(_EXIT) : len(_EXIT) + 12].split("\n", 1)[0].strip()
        if digits.lstrip("-").isdecimal() and digits.isascii():
            step.exit_code = int(digits)
            step.evidence = "exit_code"
    elif content.startswith(_INTERRUPTED):
        step.status = step.evidence = "interrupted"
    elif content.startswith(_REJECTED):
        step.status = step.evidence = "rejected"
        head, mark, reason = content.partition(_REASON)
        if mark and (said := reason.partition(_REASON_NOTE)[0].strip()):
            step.content = head + mark
            return said
    elif content.startswith(_DENIED):
        step.status = "denied"
    return ""


def _add_result_facts(step: Step, result: JsonObject) -> None:
    """What `tool_use_result` adds: never the output again."""
    if result.get("interrupted") is True:
        step.status = step.evidence = "interrupted"
    if isinstance(result.get("backgroundTaskId"), str):
        step.status = "background"
        step.extra["background_task"] = result["backgroundTaskId"]
    if "structuredPatch" in result:
        step.changes = edits.from_claude_result(result)
        if result.get("userModified") is True:
            step.extra["user_modified"] = True
    agent = word(result.get("agentId"))
    if agent:
        step.extra["agent_id"] = agent
        step.status = step.status or word(result.get("status"))


def blocks_of(message: JsonObject) -> list[JsonObject] | None:
    """The content blocks of a message: a string is one text block; None if it has no content we know."""
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        return None
    return [obj(block) for block in content]


QUIET = {"user/local_command": Fate.NOISE, "user/system_reminder": Fate.NOISE}
"""Fates of the CLI's own user texts; META where not named."""
