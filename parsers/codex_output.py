"""The texts Codex wraps around a tool's output for the model, taken off again.

Owns: `read_output`: exit code, status and failure of an output text, and the output itself.
Never: guesses from the output's own words; only the CLI's fixed wrapper and refusal texts count.
Invariant: linear, and the output is never changed beyond the wrapper.
"""

from __future__ import annotations

from typing import NamedTuple

from parsers.blocks import JsonError, loads, obj, text, whole

_MARK = "\nOutput:\n"
_HEAD = 600
"""Characters in which the wrapper's head must end."""
_HEADS = (
    "Chunk ID: ",
    "Wall time",
    "Exit code: ",
    "Process exited",
    "Process running",
    "Script completed",
    "Script failed",
)
_REFUSALS = (
    "unsupported call: ",
    "unsupported custom tool call: ",
    "failed to parse function arguments: ",
    "apply_patch verification failed: ",
    "apply_patch handler received ",
    "write_stdin failed: ",
    "exec_command failed",
    "unable to locate image at ",
    "unable to read image ",
    "patch rejected",
    "exec command rejected by user",
    "tool call error: ",
    "collab tool failed",
)
"""How the CLI itself answers a call it could not carry out. Such a call leaves no trace on stdout."""
_ABORTED = ("aborted by user", "aborted")


class Output(NamedTuple):
    """What an output text says. `refused`: the CLI did not carry the call out."""

    content: str
    exit_code: int | None = None
    status: str | None = None
    refused: bool = False


def read_output(output: str) -> Output:
    """Take the wrapper off; a text without one is the output."""
    if output.startswith(_REFUSALS):
        return Output(output, status="failed", refused=True)
    if output.startswith('{"output":'):
        return _old_json(output)
    if not output.startswith(_HEADS):
        return Output(output, status="interrupted") if output.strip() in _ABORTED else Output(output)
    at = output.find(_MARK, 0, _HEAD)
    head, content = (output[:at], output[at + len(_MARK) :]) if at >= 0 else (output[:_HEAD], "")
    if at < 0:
        if head.rstrip().endswith("Output:"):
            head = head.rstrip().removesuffix("Output:")
        elif head.rstrip().endswith(_ABORTED):
            return Output(output, status="interrupted")
        else:
            content = output
    exit_code, status = None, None
    for line in head.split("\n"):
        if line.startswith(("Process exited with code ", "Exit code: ")):
            digits = line.rpartition(" ")[2]
            if digits.isascii() and digits.lstrip("-").isdecimal() and len(digits) < 12:
                exit_code = int(digits)
        elif line.startswith("Process running with session ID"):
            status = "running"
        elif line == "Script failed":
            return Output(content, None, "failed", refused=True)
    if exit_code is not None:
        status = "failed" if exit_code else "completed"
    return Output(content, exit_code, status)


def _old_json(output: str) -> Output:
    """The form of older versions: {"output": …, "metadata": {"exit_code": …}}."""
    try:
        value = obj(loads(output.encode(errors="surrogatepass")))
    except JsonError:
        return Output(output)
    exit_code = whole(obj(value.get("metadata")).get("exit_code"))
    status = None if exit_code is None else "failed" if exit_code else "completed"
    return Output(text(value.get("output")), exit_code, status)
