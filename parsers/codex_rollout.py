"""Codex' rollouts (`~/.codex/sessions/**/rollout-*.jsonl`), paginated and older.

Owns: `CodexRollout`: which of the two records of a step makes it, and the fate of every stored type.
Never: makes a step twice, though nearly every step is stored as a response_item and again as an event.
Invariant: calls, thoughts and answers come from the response_item (it is there in every version, and holds what stdout
hides: unknown tools, bad arguments, failed patches); a call's result comes from whichever record is first, and the
event, which has exit code and full output, is first wherever the CLI ran the call itself. User messages come from the
event alone: among the response_items they cannot be told from injected context.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from parsers.base import Facts, Fate, Parsed
from parsers.blocks import (
    as_text,
    content_text,
    dump,
    obj,
    parse_time,
    real,
    safe_name,
    seq,
    text,
    word,
)
from parsers.codex_common import failure_text, usage_of
from parsers.codex_events import EVENTS, ITEMS, LINES, RESPONSES
from parsers.codex_output import read_output
from parsers.codex_responses import CALLS, WHOLE
from parsers.codex_results import Results
from parsers.dialect import Call, LineParser, as_resolution, malformed, noise, parsed, unknown
from parsers.step import JsonObject, Step, StepType, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DELEGATES = frozenset({"spawn_agent"})
_CONTEXT = (
    "<environment_context>",
    "<user_instructions>",
    "# AGENTS.md instructions",
    "<INSTRUCTIONS>",
    "<turn_aborted>",
)
_NEW_TASK = "Message Type: NEW_TASK"


class CodexRollout(LineParser):
    """The transcript dialect."""

    provider = "codex"
    dialect = "transcript"
    label = "codex/transcript"

    def __init__(self) -> None:
        super().__init__()
        self.results = Results(self.calls)
        self.failure: Step | None = None
        self.model = ""
        self.agent_path = ""
        self.prompted = False
        """The running turn had its prompt: a further message was typed while the agent worked."""
        self.usage: list[int] = []
        self.turns = False
        """The file says where turns begin, and so where they end; older versions store neither."""
        self.reviewed = False
        """The turn was a review: its answer is written by the CLI, and its end names no last message."""

    def take(self, value: JsonObject) -> Parsed:
        """The fate of one line: {timestamp, type, payload}, or, in the oldest files, a bare response item."""
        kind = value.get("type")
        if type(kind) is not str:
            if "record_type" in value or ("id" in value and "timestamp" in value):
                return parsed("state", facts=self.session_facts(value.get("id")))
            return malformed("malformed", "no_type")
        payload = value.get("payload")
        if not isinstance(payload, dict):
            if kind in RESPONSE_ITEMS:
                return self._response(value, None, bare=True)
            fate = LINES.get(kind)
            return Parsed(fate, kind) if fate else unknown_or_bare(kind)
        when = parse_time(value.get("timestamp"))
        if kind == "response_item":
            return self._response(payload, when)
        if kind == "event_msg":
            return self._event(payload, when)
        handler = self.lines.get(kind)
        if handler is not None:
            return handler(self, payload)
        fate = LINES.get(kind)
        return Parsed(fate, kind) if fate else unknown(safe_name(kind), "type")

    def _session_meta(self, payload: JsonObject) -> Parsed:
        if self.session:
            return parsed("session_meta/copied")
        facts = self.session_facts(payload.get("id")) or Facts()
        facts.cli_version = word(payload.get("cli_version"))
        self.watch.written_by(facts.cli_version)
        facts.cwd = word(payload.get("cwd"))
        facts.parent_session_id = word(payload.get("parent_thread_id")) or word(payload.get("forked_from_id"))
        self.agent_path = text(payload.get("agent_path"))[:256]
        return parsed("session_meta", facts=facts)

    def _turn_context(self, payload: JsonObject) -> Parsed:
        model = text(payload.get("model"))
        facts = Facts(model=model, cwd=word(payload.get("cwd"))) if model and model != self.model else None
        self.model = model or self.model
        return parsed("turn_context", facts=facts)

    def _compacted(self, payload: JsonObject) -> Parsed:
        """History was rewritten. A summary that is still held was written for this, not for the user."""
        message = text(payload.get("message"))
        for content in self.held.contents():
            if content in message:
                self.held.drop(content)
        return parsed("compacted", facts=Facts(compacted=True))

    def _token_record(self, payload: JsonObject) -> Parsed:
        return parsed("token_usage_record", facts=self._thread_usage(obj(payload.get("thread_token_usage"))))

    def _thread_usage(self, usage: JsonObject) -> Facts | None:
        """The thread's tokens so far, if they changed: both records repeat them."""
        if not usage:
            return None
        found: Usage = usage_of(usage, "thread")
        numbers = [found.input_tokens, found.output_tokens, found.cache_read_tokens, found.reasoning_tokens]
        if numbers == self.usage:
            return None
        self.usage = numbers
        return Facts(usage=found)

    def _response(self, item: JsonObject, when: float | None, *, bare: bool = False) -> Parsed:
        kind = text(item.get("type"))
        name = f"response_item/{kind}"
        if kind == "message":
            return self._message(item, when, bare=bare)
        if kind in CALLS:
            steps = self._opened(kind, item)
        elif kind in WHOLE:
            steps = WHOLE[kind](item)
        elif kind in self.responses:
            steps = self.responses[kind](self, item)
        else:
            fate = RESPONSES.get(kind)
            name = f"response_item/{safe_name(kind or 'none')}"
            return Parsed(fate, name) if fate else unknown(name, "response_item")
        for step in steps:
            step.timestamp = when
        if not steps:
            return noise(name)
        if self.failure is not None or self.held:
            steps = [*self.held.release(), *self._failed(), *steps]
        return Parsed(Fate.STEPS, name, steps)

    def _message(self, item: JsonObject, when: float | None, *, bare: bool) -> Parsed:
        role = text(item.get("role"))
        name = f"response_item/message/{safe_name(role or 'none')}"
        content, found = content_text(item.get("content"))
        if role == "assistant":
            return self._answer(name, Step(StepType.THOUGHT, content, when, channel="message", extra=found), item)
        if role == "user" and bare and not content.lstrip().startswith(_CONTEXT):
            return self._user(name, content, found, when)
        known = {"user", "developer", "system", "tool"}
        return noise(name) if role in known else unknown(name, "role")

    def _answer(self, name: str, step: Step, item: JsonObject) -> Parsed:
        """Narration or answer: as its phase says, held where it has none."""
        if not step.content:
            return noise(name)
        phase = item.get("phase")
        if phase == "final_answer":
            step.evidence = "phase"
            return parsed(name, [*self.held.release(), *self._failed(), as_resolution(step)])
        if phase == "commentary":
            return parsed(name, [*self.held.release(), *self._failed(), step])
        return parsed(name, [*self._failed(), *self.held.hold(step)], fate=Fate.STEPS)

    def _user(self, name: str, content: str, found: JsonObject, when: float | None) -> Parsed:
        origin = "queued" if self.prompted and self.turns else "user"
        step = Step(StepType.INSTRUCTION, content, when, origin=origin, extra=found)
        self.prompted = True
        return parsed(name, [*self._positional(), step] if content else [], fate=Fate.NOISE)

    def _positional(self) -> list[Step]:
        """A held text that nothing of the agent followed; the answer, if the file does not say where turns end."""
        if self.turns:
            return self.held.release()
        steps = self.held.resolve()
        if steps:
            steps[-1].evidence = "position"
        return steps

    def _failed(self) -> list[Step]:
        step, self.failure = self.failure, None
        return [step] if step else []

    def _opened(self, kind: str, item: JsonObject) -> list[Step]:
        step = CALLS[kind](item)
        step.call_id = word(item.get("call_id")) or word(item.get("id"))
        self.calls.remember(step.call_id, Call(step.tool))
        return [step]

    def _output(self, item: JsonObject) -> list[Step]:
        content, found = content_text(item.get("output"))
        call_id = word(item.get("call_id"))
        call = self.calls.get(call_id)
        tool = call.tool if call else None
        step = self.results.from_output(call_id, read_output(content, structured=(tool or "").startswith("mcp__")))
        if step is None:
            return []
        step.tool = step.tool or word(item.get("name"))  # what the CLI adds by itself answers no call
        step.extra.update(found)
        return [step]

    def _tool_search_output(self, item: JsonObject) -> list[Step]:
        call_id = word(item.get("call_id"))
        call = self.calls.close(call_id)
        names = [text(obj(tool).get("name")) for tool in seq(item.get("tools"))[:1_000]]
        step = Step(StepType.OBSERVATION, dump(names), tool=call.tool if call else "tool_search", call_id=call_id)
        step.status = word(item.get("status"))
        return [step]

    def _mail(self, item: JsonObject) -> list[Step]:
        """Mail between agents: the task a sub-agent was given, or a word between them."""
        content = as_text(item.get("content"))
        sender, receiver = text(item.get("author")), text(item.get("recipient"))
        if content.startswith(_NEW_TASK) and self.agent_path and receiver == self.agent_path:
            return [Step(StepType.INSTRUCTION, content, origin="subagent_prompt", extra={"from": sender})]
        return [Step(StepType.COORDINATION, content, extra={"from": sender, "to": receiver})]

    def _event(self, event: JsonObject, when: float | None) -> Parsed:
        kind = text(event.get("type"))
        name = f"event_msg/{kind}"
        if kind == "item_completed":
            return self._item(obj(event.get("item")), when)
        maker = self.events.get(kind)
        if maker is not None:
            return maker(self, name, event, when)
        if kind in self.results.makers:
            return self._result(name, kind, event, when)
        fate = EVENTS.get(kind)
        self.reviewed |= kind == "exited_review_mode"
        if fate is None and kind.startswith(("collab_", "realtime_")):
            fate = Fate.NOISE
        return Parsed(fate, name) if fate else unknown(f"event_msg/{safe_name(kind or 'none')}", "event")

    def _item(self, item: JsonObject, when: float | None) -> Parsed:
        kind = text(item.get("type"))
        name = f"event_msg/item_completed/{kind}"
        if kind == "UserMessage":
            content, found = content_text(item.get("content"))
            return self._user(name, content, found, when)
        if kind == "ContextCompaction":
            return parsed(name, facts=Facts(compacted=True))
        if kind in self.results.makers:
            return self._result(name, kind, item, when)
        fate = ITEMS.get(kind)
        self.reviewed |= kind == "ExitedReviewMode"
        return Parsed(fate, name) if fate else unknown(f"event_msg/item_completed/{safe_name(kind or 'none')}", "item")

    def _result(self, name: str, kind: str, event: JsonObject, when: float | None) -> Parsed:
        steps = self.results.from_event(kind, event)
        for step in steps:
            step.timestamp = when
        late = len(steps) == 1  # only a result: its call came before the text that is held
        return parsed(name, [*([] if late else self.held.release()), *steps] if steps else [], fate=Fate.NOISE)

    def _user_event(self, name: str, event: JsonObject, when: float | None) -> Parsed:
        content = text(event.get("message"))
        images = len(seq(event.get("images"))) + len(seq(event.get("local_images")))
        content = "\n".join([content, *["[image]"] * min(images, 100)])
        return self._user(name, content, {"images": images} if images else {}, when)

    def _task_started(self, name: str, _event: JsonObject, _when: float | None) -> Parsed:
        self.prompted = self.reviewed = False
        self.turns = True
        return parsed(name)

    def _task_complete(self, name: str, event: JsonObject, when: float | None) -> Parsed:
        facts = Facts(turn_ended="success", duration_ms=real(event.get("duration_ms")))
        if event.get("error"):
            facts.turn_ended, facts.error = "error", failure_text(event["error"])
            steps = self.held.release()
            if self.failure and self.failure.content != facts.error:
                steps.append(self.failure)
            self.failure = None
            steps.append(
                Step(StepType.ERROR, facts.error, when, is_error=True, status="failed", evidence="task_complete")
            )
        elif event.get("last_agent_message", "") is None and not self.reviewed:  # it ended without an answer
            steps = [*self._failed(), *self.held.release()]
        else:
            steps = [*self._failed(), *self.held.resolve(word(event.get("last_agent_message")) if self.held else None)]
        return parsed(name, steps, facts=facts)

    def _turn_aborted(self, name: str, event: JsonObject, when: float | None) -> Parsed:
        reason = safe_name(text(event.get("reason")) or "interrupted")
        step = Step(StepType.INSTRUCTION, f"[turn aborted: {reason}]", when, origin="interrupt", evidence="interrupt")
        facts = Facts(turn_ended="error", error=reason, duration_ms=real(event.get("duration_ms")))
        return parsed(name, [*self.held.release(), *self._failed(), step], facts=facts)

    def _token_count(self, name: str, event: JsonObject, _when: float | None) -> Parsed:
        facts = self._thread_usage(obj(obj(event.get("info")).get("total_token_usage")))
        return parsed(name, fate=Fate.META if facts else Fate.NOISE, facts=facts)

    def _error(self, name: str, event: JsonObject, when: float | None) -> Parsed:
        steps = [*self.held.release(), *self._failed()]
        message = failure_text(event.get("message")) or "error"
        self.failure = Step(StepType.ERROR, message, when, is_error=True, evidence="error")
        return parsed(name, steps, fate=Fate.STEPS)

    def _context_compacted(self, name: str, _event: JsonObject, _when: float | None) -> Parsed:
        return parsed(name, facts=Facts(compacted=True))

    def flush(self) -> list[Step]:
        """What is held, and an error that no end of a turn repeated."""
        return [*self._positional(), *self._failed()]

    def holding(self) -> bool:
        """A message or an error waits."""
        return bool(self.held) or self.failure is not None

    def extra_state(self) -> JsonObject:
        """Ids of answered calls, model, place among the agents, numbers."""
        return {
            "answered": self.results.state(),
            "model": self.model,
            "agent_path": self.agent_path,
            "prompted": self.prompted,
            "usage": self.usage,
            "turns": self.turns,
            "reviewed": self.reviewed,
        }

    def restore_extra(self, state: JsonObject) -> None:
        """The way back of `extra_state`."""
        self.results.restore(seq(state.get("answered")))
        self.model, self.agent_path = text(state.get("model")), text(state.get("agent_path"))
        self.prompted, self.turns = state.get("prompted") is True, state.get("turns") is True
        self.reviewed = state.get("reviewed") is True
        self.usage = [number for number in seq(state.get("usage")) if isinstance(number, int)]

    lines: ClassVar[Mapping[str, Callable[[CodexRollout, JsonObject], Parsed]]] = {
        "session_meta": _session_meta,
        "turn_context": _turn_context,
        "compacted": _compacted,
        "token_usage_record": _token_record,
    }
    events: ClassVar[Mapping[str, Callable[[CodexRollout, str, JsonObject, float | None], Parsed]]] = {
        "user_message": _user_event,
        "task_started": _task_started,
        "turn_started": _task_started,
        "task_complete": _task_complete,
        "turn_complete": _task_complete,
        "turn_aborted": _turn_aborted,
        "token_count": _token_count,
        "error": _error,
        "context_compacted": _context_compacted,
    }
    responses: ClassVar[Mapping[str, Callable[[CodexRollout, JsonObject], list[Step]]]] = {
        "function_call_output": _output,
        "custom_tool_call_output": _output,
        "tool_search_output": _tool_search_output,
        "agent_message": _mail,
    }


RESPONSE_ITEMS = frozenset({"message", *CALLS, *WHOLE, *CodexRollout.responses})
"""Response items that make steps: the types of the oldest files' lines."""


def unknown_or_bare(kind: str) -> Parsed:
    """A line without a payload: of a known type it is broken, of another it is new."""
    if kind in {"response_item", "event_msg", *CodexRollout.lines}:
        return malformed(kind, "no_payload")
    return unknown(safe_name(kind), "type")
