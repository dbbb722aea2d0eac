"""Codex' stdout (`codex exec --json`).

Owns: `CodexStream`: every event and item type of that stream, seen or only declared, with its fate.
Never: takes a retry notice for an error, or prints an answer twice.
Invariant: an item becomes one action (or edit) and at most one observation, whichever of its phases were printed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from parsers import edits
from parsers.base import Facts, Fate, Parsed
from parsers.blocks import content_text, dump, obj, safe_name, seq, text, whole, word
from parsers.codex_common import (
    EXEC,
    PATCH,
    PLAN,
    SEARCH,
    failure_text,
    mcp_name,
    mcp_result,
    status_error,
    unwrap,
    usage_of,
)
from parsers.dialect import Call, LineParser, malformed, noise, parsed, unknown
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RECONNECTING = ("Reconnecting... ", "Re-connecting... ")
_RETRYING = re.compile(r"; retrying \d{1,4}/\d{1,4} in [^;\n]{1,32}\Z")
_PHASES = frozenset({"item.started", "item.updated", "item.completed"})


class CodexStream(LineParser):
    """The stdout dialect. Item ids begin again in every process; a new call under an old id replaces it."""

    provider = "codex"
    dialect = "stream"
    label = "codex"

    def __init__(self) -> None:
        super().__init__()
        self.failure: Step | None = None
        """An `error` that a following `turn.failed` usually repeats."""

    def thread_started(self, value: JsonObject) -> Parsed:
        """A new process; the thread id stays the same over resumes."""
        return parsed("thread.started", facts=self.session_facts(value.get("thread_id")))

    def turn_completed(self, value: JsonObject) -> Parsed:
        """The last message was the answer. Usage is the thread's so far."""
        steps = [*self._failed(), *self.held.resolve()]
        facts = Facts(turn_ended="success")
        if isinstance(value.get("usage"), dict):
            facts.usage = usage_of(value["usage"], "thread")
        return parsed("turn.completed", steps, facts=facts)

    def turn_failed(self, value: JsonObject) -> Parsed:
        """The turn's error; an `error` line just before with the same words is the same error."""
        message = failure_text(value.get("error")) or "turn failed"
        steps = self.held.release()
        if self.failure and self.failure.content != message:
            steps.append(self.failure)
        self.failure = None
        steps.append(Step(StepType.ERROR, message, is_error=True, status="failed", evidence="turn.failed"))
        return parsed("turn.failed", steps, facts=Facts(turn_ended="error", error=message))

    def error(self, value: JsonObject) -> Parsed:
        """A retry notice, or an error that waits for the line that makes it final."""
        message = failure_text(value.get("message"))
        if message.startswith(RECONNECTING) or _RETRYING.search(message[-64:]):
            return parsed("error/reconnecting")
        steps = [*self.held.release(), *self._failed()]
        self.failure = Step(StepType.ERROR, message or "error", is_error=True, evidence="error")
        return parsed("error", steps, fate=Fate.STEPS)

    def _failed(self) -> list[Step]:
        step, self.failure = self.failure, None
        return [step] if step else []

    def item(self, value: JsonObject) -> Parsed:
        """One phase of one item."""
        phase = text(value["type"])
        item = value.get("item")
        if not isinstance(item, dict):
            return malformed(phase, "no_item")
        kind = text(item.get("type"))
        handler = self.items.get(kind)
        if handler is None:
            return unknown(f"{phase}/{safe_name(kind or 'none')}", "item")
        name = f"{phase}/{kind}"
        if kind == "agent_message":
            return self._message(name, phase, item)
        late = phase == "item.completed" and self.calls.get(word(item.get("id"))) is not None
        steps = handler(self, item, phase)
        if late:  # the end of what began before the text that is held: the text may still be the answer
            return parsed(name, steps, fate=Fate.NOISE)
        if steps:
            return parsed(name, [*self.held.release(), *self._failed(), *steps])
        return parsed(name, fate=Fate.META if kind == "error" else Fate.NOISE)

    def _message(self, name: str, phase: str, item: JsonObject) -> Parsed:
        content = text(item.get("text"))
        if phase != "item.completed" or not content:
            return noise(name)
        step = Step(StepType.THOUGHT, content, channel="message")
        return parsed(name, [*self._failed(), *self.held.hold(step)], fate=Fate.STEPS)

    def _reasoning(self, item: JsonObject, phase: str) -> list[Step]:
        content = text(item.get("text"))
        if phase != "item.completed" or not content:
            return []
        return [Step(StepType.THOUGHT, content, channel="reasoning")]

    def _begin(self, item: JsonObject, phase: str, tool: str, kind: StepType = StepType.ACTION) -> Step | None:
        """The action of an item, unless an earlier phase made it. Begun again: another item under a used id."""
        call_id = word(item.get("id"))
        if phase != "item.started" and self.calls.get(call_id) is not None:
            return None
        self.calls.remember(call_id, Call(tool))
        return Step(kind, tool=tool, call_id=call_id)

    def _end(self, item: JsonObject, content: str, extra: JsonObject | None = None) -> Step:
        """The observation of an item that completed."""
        call_id = word(item.get("id"))
        call = self.calls.close(call_id)
        step = Step(StepType.OBSERVATION, content, tool=call.tool if call else None, call_id=call_id)
        step.status = word(item.get("status"))
        step.is_error = status_error(step.status)
        step.evidence = "status" if step.is_error else None
        step.extra.update(extra or {})
        return step

    def _command(self, item: JsonObject, phase: str) -> list[Step]:
        steps: list[Step] = []
        action = self._begin(item, phase, EXEC)
        if action is not None:
            action.arguments = {"command": unwrap(text(item.get("command")))}
            steps.append(action)
        if phase == "item.completed":
            step = self._end(item, text(item.get("aggregated_output")))
            step.exit_code = whole(item.get("exit_code"))
            if step.is_error and step.exit_code is not None:
                step.evidence = "exit_code"
            steps.append(step)
        return steps

    def _file_change(self, item: JsonObject, phase: str) -> list[Step]:
        steps: list[Step] = []
        edit = self._begin(item, phase, PATCH, StepType.EDIT)
        if edit is not None:
            edit.changes = edits.from_codex_list(item.get("changes"))
            edit.content = edits.summary(edit.changes)
            steps.append(edit)
        if phase == "item.completed":
            steps.append(self._end(item, ""))
        return steps

    def _mcp(self, item: JsonObject, phase: str) -> list[Step]:
        steps: list[Step] = []
        action = self._begin(item, phase, mcp_name(item.get("server"), item.get("tool")))
        if action is not None:
            arguments = item.get("arguments")
            action.arguments = arguments if isinstance(arguments, dict) else {"input": arguments}
            steps.append(action)
        if phase == "item.completed":
            content, extra = mcp_result(obj(item.get("result")))
            steps.append(self._end(item, content or failure_text(item.get("error")), extra))
        return steps

    def _search(self, item: JsonObject, phase: str) -> list[Step]:
        """Printed with the key `id` twice: both phases then carry the search's own id, which pairs them as well.

        What is searched may be known only when it is done: then the first phase tells nothing.
        """
        kind = obj(item.get("action")).get("type")
        if phase != "item.completed" and (kind is None or kind == "other"):
            return []
        steps: list[Step] = []
        action = self._begin(item, phase, SEARCH)
        if action is not None:
            action.arguments = {"query": text(item.get("query"))}
            if isinstance(item.get("action"), dict):
                action.arguments["action"] = item["action"]
            steps.append(action)
        if phase == "item.completed":
            steps.append(self._end(item, ""))
        return steps

    def _todo(self, item: JsonObject, phase: str) -> list[Step]:
        """The plan each time it changes; at the turn's end it is printed once more, as it was."""
        if phase == "item.completed":
            return []
        step = Step(StepType.ACTION, tool=PLAN, call_id=word(item.get("id")))
        step.arguments = {"items": seq(item.get("items"))}
        return [step]

    def _collab(self, item: JsonObject, phase: str) -> list[Step]:
        tool = text(item.get("tool")) or "collab_tool_call"
        steps: list[Step] = []
        action = self._begin(item, phase, tool, StepType.DELEGATE if tool == "spawn_agent" else StepType.ACTION)
        if action is not None:
            members = ("sender_thread_id", "receiver_thread_ids", "prompt")
            action.arguments = {key: item[key] for key in members if item.get(key)}
            steps.append(action)
        if phase == "item.completed":
            states = obj(item.get("agents_states"))
            steps.append(self._end(item, dump(states) if states else ""))
        return steps

    def _plan(self, item: JsonObject, phase: str) -> list[Step]:
        content = text(item.get("text")) or content_text(item.get("content"))[0]
        if phase != "item.completed" or not content:
            return []
        return [Step(StepType.THOUGHT, content, channel="message", extra={"plan": True})]

    def _nothing(self, _item: JsonObject, _phase: str) -> list[Step]:
        """Warnings about configuration and the like: named, no part of the work."""
        return []

    def flush(self) -> list[Step]:
        """Narration, and an error that no `turn.failed` repeated."""
        return [*super().flush(), *self._failed()]

    def holding(self) -> bool:
        """A message or an error waits."""
        return bool(self.held) or self.failure is not None

    items: ClassVar[Mapping[str, Callable[[CodexStream, JsonObject, str], list[Step]]]] = {
        "agent_message": _nothing,
        "reasoning": _reasoning,
        "command_execution": _command,
        "file_change": _file_change,
        "mcp_tool_call": _mcp,
        "web_search": _search,
        "todo_list": _todo,
        "collab_tool_call": _collab,
        "plan": _plan,
        "request_user_input": _nothing,
        "error": _nothing,
    }
    handlers: ClassVar[Mapping[str, Callable[[CodexStream, JsonObject], Parsed]]] = {
        "thread.started": thread_started,
        "turn.completed": turn_completed,
        "turn.failed": turn_failed,
        "error": error,
        **dict.fromkeys(sorted(_PHASES), item),
    }
    known: ClassVar[Mapping[str, Fate]] = {"turn.started": Fate.META, "item.plan.delta": Fate.NOISE}
