"""Gemini CLI's stdout (`--output-format stream-json`).

Owns: `GeminiStream`: the six line types of that stream.
Never: takes "success" of a shell call for a success: the CLI says so of failed commands too.
Invariant: message deltas come out as one text, at the first line that is no delta of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from parsers import edits
from parsers.base import Facts, Fate, Parsed
from parsers.blocks import as_text, count, obj, parse_time, real, safe_name, text, word
from parsers.dialect import Call, LineParser, malformed, parsed, unknown
from parsers.step import JsonObject, Step, StepType, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SHELL = "run_shell_command"
DELEGATES = frozenset({"invoke_agent", "delegate_to_agent"})
MAX_DELTAS = 8 * 1024 * 1024
"""Characters of one answer. What comes beyond is another text."""


class GeminiStream(LineParser):
    """The stdout dialect."""

    provider = "gemini"
    dialect = "stream"
    label = "gemini"

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.size = 0
        self.began: float | None = None
        self.warning = ""
        """The last `error` line's message; a `result` that repeats it is the same error."""

    def init(self, value: JsonObject) -> Parsed:
        """Start of a run; "auto" is no model name."""
        facts = self.session_facts(value.get("session_id")) or Facts()
        model = word(value.get("model"))
        facts.model = model if model != "auto" else None
        return parsed("init", self._joined(), facts=facts)

    def message(self, value: JsonObject) -> Parsed:
        """The echoed prompt, or a piece of the model's text."""
        role = value.get("role")
        content = as_text(value.get("content"))
        when = parse_time(value.get("timestamp"))
        if role == "user":
            step = Step(StepType.INSTRUCTION, content, when, origin="user")
            return parsed("message/user", [*self._joined(), step])
        if role != "assistant":
            return unknown(f"message/{safe_name(text(role) or 'none')}", "role")
        steps: list[Step] = []
        if value.get("delta") is not True or self.size + len(content) > MAX_DELTAS:
            steps = self._joined()
        if content:
            self.began = when if not self.parts else self.began
            self.parts.append(content)
            self.size += len(content)
        return parsed("message/assistant", steps, fate=Fate.STEPS if content else Fate.META)

    def _joined(self) -> list[Step]:
        """The text so far, as narration: something else followed."""
        if not self.parts:
            return []
        step = Step(StepType.THOUGHT, "".join(self.parts), self.began, channel="message")
        self.parts, self.size, self.began = [], 0, None
        return [step]

    def tool_use(self, value: JsonObject) -> Parsed:
        """A call."""
        tool = word(value.get("tool_name"))
        arguments = value.get("parameters")
        call_id = word(value.get("tool_id"))
        if tool is None and call_id is None:
            return malformed("tool_use", "no_tool")
        kind = StepType.DELEGATE if tool in DELEGATES else StepType.ACTION
        step = Step(kind, timestamp=parse_time(value.get("timestamp")), tool=tool, call_id=call_id)
        step.arguments = arguments if isinstance(arguments, dict) else {"input": arguments}
        if tool in edits.EDIT_TOOLS:
            step.changes = edits.from_arguments(tool, step.arguments)
        self.calls.remember(call_id, Call(tool))
        return parsed("tool_use", [*self._joined(), step])

    def tool_result(self, value: JsonObject) -> Parsed:
        """A result. `status` is the tool layer's: an error is one, a success proves nothing of a shell command."""
        call_id = word(value.get("tool_id"))
        call = self.calls.close(call_id)
        error = obj(value.get("error"))
        status = word(value.get("status"))
        step = Step(StepType.OBSERVATION, timestamp=parse_time(value.get("timestamp")), call_id=call_id)
        step.tool = call.tool if call else None
        step.status = status
        step.content = as_text(value.get("output"))
        if status == "error" or error:
            step.is_error, step.evidence = True, "status"
            step.content = step.content or text(error.get("message"))
            if word(error.get("type")):
                step.extra["error_type"] = safe_name(text(error.get("type")))
        elif status == "success" and step.tool is not None and step.tool != SHELL:
            step.is_error = False
        name = f"tool_result/{safe_name(status or 'none')}"
        return parsed(name, [*self._joined(), step])

    def error(self, value: JsonObject) -> Parsed:
        """A loop that was stopped, an empty answer, a block, a limit."""
        message = text(value.get("message")) or "error"
        severity = safe_name(text(value.get("severity")) or "error")
        step = Step(StepType.ERROR, message, parse_time(value.get("timestamp")), is_error=True)
        step.status, step.evidence = severity, "error"
        self.warning = message[:1_000]
        return parsed(f"error/{severity}", [*self._joined(), step])

    def result(self, value: JsonObject) -> Parsed:
        """The end of the run: the text before it was the answer, unless the run failed."""
        status = text(value.get("status"))
        when = parse_time(value.get("timestamp"))
        stats = obj(value.get("stats"))
        facts = Facts(
            turn_ended="error" if status == "error" else "success", duration_ms=real(stats.get("duration_ms"))
        )
        if stats:
            facts.usage, facts.model = _usage(stats), _main_model(obj(stats.get("models")))
        steps = self._joined()
        if status == "error":
            error = obj(value.get("error"))
            facts.error = text(error.get("message")) or self.warning or "the run failed without a message"
            if facts.error != self.warning:
                step = Step(StepType.ERROR, facts.error, when, is_error=True, status="error", evidence="result")
                if word(error.get("type")):
                    step.extra["error_type"] = safe_name(text(error.get("type")))
                steps.append(step)
        elif steps:
            steps[-1].type, steps[-1].channel = StepType.RESOLUTION, None
        self.warning = ""
        if status not in {"success", "error"}:
            result = unknown(f"result/{safe_name(status or 'none')}", "status", steps)
            result.facts = facts
            return result
        return parsed(f"result/{status}", steps, facts=facts)

    def flush(self) -> list[Step]:
        """Text whose end nobody saw."""
        steps = self._joined()
        for step in steps:
            step.truncated, step.evidence = True, "partial"
        return steps

    def holding(self) -> bool:
        """Pieces of a text wait, or an error's words for their repetition."""
        return bool(self.parts) or bool(self.warning)

    handlers: ClassVar[Mapping[str, Callable[[GeminiStream, JsonObject], Parsed]]] = {
        "init": init,
        "message": message,
        "tool_use": tool_use,
        "tool_result": tool_result,
        "error": error,
        "result": result,
    }


def _usage(stats: JsonObject) -> Usage:
    """Of this run. Output excludes thoughts; they are what the total has beyond input and output."""
    whole_input = count(stats.get("input_tokens"))
    output = count(stats.get("output_tokens"))
    cached = count(stats.get("cached"))
    fresh = count(stats.get("input")) if "input" in stats else max(0, whole_input - cached)
    thoughts = max(0, count(stats.get("total_tokens")) - whole_input - output)
    return Usage("run", fresh, output, cached, reasoning_tokens=thoughts)


def _main_model(models: JsonObject) -> str | None:
    """The model that wrote most; helpers (routing, summaries) write less."""
    if not models:
        return None
    return max(models, key=lambda name: count(obj(models[name]).get("output_tokens"))) or None
