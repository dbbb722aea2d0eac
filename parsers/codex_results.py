"""Results of Codex' calls, from whichever of their two records comes first.

Owns: `Results`: which calls were answered, and the steps of a result's event.
Never: answers a call twice, but for one whose first answer was only "still running" or "aborted".
Invariant: an event without a known call (code mode gives inner calls ids of their own) makes the call's step as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers import edits
from parsers.blocks import content_text, dump, obj, text, whole, word
from parsers.codex_common import EXEC, PATCH, command_text, failure_text, mcp_name, mcp_result, status_error
from parsers.dialect import Call, OpenCalls
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from parsers.codex_output import Output

MAX_ANSWERED = 256
"""Calls remembered as answered: the second record follows the first within a few lines."""
_UNFINISHED = frozenset({"running", "interrupted"})


class Results:
    """The answered side of `OpenCalls`."""

    def __init__(self, calls: OpenCalls) -> None:
        self.calls = calls
        self.answered: dict[str, None] = {}
        self.makers: dict[str, Callable[[JsonObject], tuple[Step, Step]]] = {
            "CommandExecution": _command,
            "exec_command_end": _command,
            "FileChange": _file_change,
            "patch_apply_end": _file_change,
            "McpToolCall": _mcp,
            "mcp_tool_call_end": _mcp_end,
        }

    def from_output(self, call_id: str | None, output: Output) -> Step | None:
        """The observation of an output text; None if its event was first."""
        if call_id in self.answered:
            return None
        call = self.calls.close(call_id)
        step = Step(StepType.OBSERVATION, output.content, tool=call.tool if call else None, call_id=call_id)
        step.exit_code, step.status = output.exit_code, output.status
        if output.refused:
            step.is_error, step.evidence = True, "cli_words"
        elif output.exit_code is not None:
            step.is_error = output.exit_code != 0
            step.evidence = "exit_code" if step.is_error else None
        if call is not None and output.status in _UNFINISHED:
            self.calls.remember(call_id, call._replace(mark=text(output.status)))
        else:
            self._note(call_id)
        return step

    def from_event(self, kind: str, event: JsonObject) -> list[Step]:
        """The steps of a result's event: none if the call was answered, the call's own too if nobody made it."""
        call_id = word(event.get("call_id")) or word(event.get("id"))
        if call_id in self.answered:
            return []
        action, result = self.makers[kind](event)
        action.call_id = result.call_id = call_id
        call = self.calls.close(call_id)
        self._note(call_id)
        if call is None:
            return [action, result]
        result.tool = call.tool
        if call.mark:
            result.extra["late"] = True
        return [result]

    def _note(self, call_id: str | None) -> None:
        if call_id:
            self.answered[call_id] = None
            if len(self.answered) > MAX_ANSWERED:
                del self.answered[next(iter(self.answered))]

    def state(self) -> list[str]:
        """Ids of answered calls, oldest first."""
        return list(self.answered)

    def restore(self, state: list[Any]) -> None:
        """Become what answered `state`."""
        self.answered = dict.fromkeys(text(call_id) for call_id in state)


def _pair(tool: str, kind: StepType = StepType.ACTION) -> tuple[Step, Step]:
    return Step(kind, tool=tool), Step(StepType.OBSERVATION, tool=tool)


def _flag(step: Step, status: object) -> None:
    step.status = word(status)
    step.is_error = status_error(status)
    step.evidence = "status" if step.is_error else None


def _command(event: JsonObject) -> tuple[Step, Step]:
    action, result = _pair(EXEC)
    action.arguments = {"command": command_text(event.get("command"))}
    output = event.get("aggregated_output")
    if not isinstance(output, str) or (not output and event.get("formatted_output")):
        output = text(event.get("formatted_output")) or text(event.get("stdout")) + text(event.get("stderr"))
    result.content = output
    result.exit_code = whole(event.get("exit_code"))
    status = event.get("status")
    if status is None and result.exit_code is not None:
        status = "failed" if result.exit_code else "completed"
    _flag(result, status)
    if result.is_error and result.exit_code is not None:
        result.evidence = "exit_code"
    return action, result


def _file_change(event: JsonObject) -> tuple[Step, Step]:
    edit, result = _pair(PATCH, StepType.EDIT)
    edit.changes = edits.from_codex_list(event.get("changes"))
    edit.content = edits.summary(edit.changes)
    result.content = text(event.get("stdout")) + text(event.get("stderr"))
    status = event.get("status")
    if status is None and isinstance(event.get("success"), bool):
        status = "completed" if event["success"] else "failed"
    _flag(result, status)
    return edit, result


def _mcp(event: JsonObject) -> tuple[Step, Step]:
    action, result = _pair(mcp_name(event.get("server"), event.get("tool")))
    action.arguments = obj(event.get("arguments"))
    content, facts = mcp_result(obj(event.get("result")))
    result.content = content or failure_text(event.get("error"))
    result.extra.update(facts)
    _flag(result, event.get("status"))
    return action, result


def _mcp_end(event: JsonObject) -> tuple[Step, Step]:
    invocation = obj(event.get("invocation"))
    action, result = _pair(mcp_name(invocation.get("server"), invocation.get("tool")))
    action.arguments = obj(invocation.get("arguments"))
    outcome = obj(event.get("result"))
    good = outcome.get("Ok", outcome.get("ok"))
    if isinstance(good, dict):
        result.content, facts = mcp_result(good)
        result.extra.update(facts)
        _flag(result, "failed" if good.get("isError") or good.get("is_error") else "completed")
    else:
        bad = outcome.get("Err", outcome.get("err"))
        result.content = text(bad) or (dump(bad) if bad is not None else content_text(event.get("result"))[0])
        _flag(result, "failed")
    return action, result


__all__ = ["Call", "Results"]
