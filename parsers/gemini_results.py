"""Results of Gemini's tools as its chat files keep them.

Owns: `observe`: one stored tool call -> its observation; `read_shell`: the text around a shell command's output.
Never: takes "success" for the success of a command: an exit code or a signal says otherwise.
Invariant: the output itself is unchanged; only the CLI's wrapper is taken off.
"""

from __future__ import annotations

from typing import NamedTuple

from parsers import edits
from parsers.blocks import as_text, dump, obj, parse_time, seq, text, whole, word
from parsers.step import JsonObject, Step, StepType

SHELL = "run_shell_command"
PENDING = frozenset({"validating", "scheduled", "executing", "awaiting_approval", "in_progress"})
_OPEN, _CLOSE = "<untrusted_context>\n", "\n</untrusted_context>"
_TRAILERS = ("Exit Code: ", "Signal: ", "Process Group PGID: ", "Background PIDs: ", "Error: ")
MAX_TRAILERS = 8


class Shell(NamedTuple):
    """A shell tool's text, taken apart. `failed` is None where the text is not of this form."""

    output: str
    exit_code: int | None = None
    signal: str | None = None
    failed: bool | None = None


def read_shell(content: str) -> Shell:
    """Output, exit code and signal of a shell tool's text. The CLI names an exit code only if it is not zero."""
    body = content.removeprefix(_OPEN).removesuffix(_CLOSE)
    at = 0 if body.startswith("Output: ") else body.find("\nOutput: ", 0, 20_000) + 1
    if at == 0 and not body.startswith("Output: "):
        return Shell(content)
    output = body[at + len("Output: ") :]
    exit_code, signal = None, None
    for _ in range(MAX_TRAILERS):
        head, newline, line = output.rpartition("\n")
        if not newline or not line.startswith(_TRAILERS):
            break
        if line.startswith("Error: "):
            if line == "Error: (none)":
                output = head
                continue
            break
        output = head
        key, _, value = line.partition(": ")
        if key == "Exit Code" and value.lstrip("-").isdecimal() and value.isascii() and len(value) < 12:
            exit_code = int(value)
        elif key == "Signal" and value not in {"(none)", "0"}:
            signal = value
    return Shell("" if output == "(empty)" else output, exit_code, signal, bool(exit_code) or signal is not None)


def observe(call: JsonObject, tool: str | None) -> Step:
    """The observation of a stored tool call that has ended."""
    step = response_step(_response(call), tool, word(call.get("id")))
    step.timestamp = parse_time(call.get("timestamp"))
    step.status = word(call.get("status"))
    if step.status in {"error", "cancelled"}:
        step.is_error, step.evidence = True, "status"
    elif step.status == "success" and step.is_error is None and tool != SHELL:
        step.is_error = False
    display = obj(call.get("resultDisplay"))
    if not step.content and isinstance(call.get("resultDisplay"), str):
        step.content = call["resultDisplay"]
    if isinstance(display.get("fileDiff"), str):
        step.changes = edits.from_unified_diff(
            text(display.get("filePath")) or text(display.get("fileName")),
            display["fileDiff"],
            new=display.get("isNewFile") is True or display.get("originalContent") == "",
        )
    agent = word(call.get("agentId"))
    if agent:
        step.extra["agent_id"] = agent
    return step


def response_step(response: JsonObject, tool: str | None, call_id: str | None) -> Step:
    """The observation of a functionResponse's `response` ({output} or {error})."""
    step = Step(StepType.OBSERVATION, tool=tool, call_id=call_id)
    if "error" in response:
        error = response["error"]
        step.content = text(error) or text(obj(error).get("message")) or dump(error)
        step.is_error, step.evidence = True, "response.error"
        return step
    step.content = as_text(response["output"]) if "output" in response else dump(response) if response else ""
    if tool == SHELL:
        shell = read_shell(step.content)
        step.content, step.exit_code, step.is_error = shell.output, shell.exit_code, shell.failed
        if shell.failed:
            step.evidence = "signal" if shell.exit_code is None else "exit_code"
        if shell.signal is not None:
            step.extra["signal"] = (
                whole(int(shell.signal)) if shell.signal.isdecimal() and len(shell.signal) < 4 else shell.signal[:32]
            )
    return step


def _response(call: JsonObject) -> JsonObject:
    for part in seq(call.get("result")):
        response = obj(obj(part).get("functionResponse")).get("response")
        if isinstance(response, dict):
            return response
    return {}
