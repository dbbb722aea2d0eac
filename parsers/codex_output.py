"""The texts Codex wraps around a tool's output for the model, taken off again.

Owns: `read_output`: exit code, status and failure of an output text, and the output itself.
Never: guesses from the output's own words; only the CLI's fixed wrapper and refusal texts count.
Invariant: linear, and the output is never changed beyond the wrapper.
"""

from __future__ import annotations

from typing import NamedTuple

from parsers.blocks import JsonError, as_text, loads, obj, text, whole

_MARK = "\nOutput:\n"
_HEAD = 600
"""Characters in which the wrapper's head must end."""
_COMMAND = "Command: "
_CHUNK = "\nChunk ID: "
"""Some versions put the command line before the wrapper's head."""
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
    "Command blocked by PreToolUse hook: ",
    "approval policy is ",
    "resources/read failed: ",
    "resources/list failed: ",
    "invalid agent id ",
    "request_user_input is unavailable",
    "agent with id ",
    'err: "',
)
"""How the CLI itself answers a call it could not carry out. Such a call leaves no trace on stdout."""
_ABORTED = ("aborted by user", "aborted")
_ABORTED_AFTER = "aborted by user after "
_MAX_ABORTED = 64


class Output(NamedTuple):
    """What an output text says. `refused`: the CLI did not carry the call out. `timed`: the wrapper had only a time."""

    content: str
    exit_code: int | None = None
    status: str | None = None
    refused: bool = False
    timed: bool = False


def read_output(output: str, *, structured: bool = False) -> Output:
    """Take the wrapper off; a text without one is the output. `structured`: of an MCP tool, whose blocks are JSON."""
    found = _unwrap(output, structured=structured)
    if found.timed:  # nothing but the time was put around it: a wrapper of the tool's own may be inside
        found = _unwrap(found.content, structured=structured)
    return found._replace(timed=False)


def _unwrap(output: str, *, structured: bool) -> Output:
    if output.startswith(_COMMAND) and (at := output.find(_CHUNK)) >= 0:
        output = output[at + 1 :]
    if structured and output.startswith("["):
        return _blocks(output)
    if output.startswith(_REFUSALS):
        return Output(_quoted(output), status="failed", refused=True)
    if output.startswith('{"output":'):
        return _old_json(output)
    if not output.startswith(_HEADS):
        return Output(output, status="interrupted") if _is_aborted(output) else Output(output)
    return _wrapped(output)


def _wrapped(output: str) -> Output:
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
        return Output(content, exit_code, "failed" if exit_code else "completed")
    return Output(content, None, status, timed=status is None and at >= 0 and head.startswith("Wall time"))


def _quoted(refusal: str) -> str:
    """The words of `err: "…"`, else the refusal itself."""
    try:
        return text(loads(refusal.removeprefix("err: ").encode(errors="surrogatepass"))) or refusal
    except JsonError:
        return refusal


def _is_aborted(output: str) -> bool:
    words = output[:_MAX_ABORTED].strip()
    return len(output) < _MAX_ABORTED and (words in _ABORTED or words.startswith(_ABORTED_AFTER))


def _blocks(output: str) -> Output:
    """The content blocks of an MCP result as one text; a refusal of the CLI comes the same way."""
    try:
        blocks = loads(output.encode(errors="surrogatepass"))
    except JsonError:
        return Output(output)
    if not isinstance(blocks, list) or not all(isinstance(block, dict) and "type" in block for block in blocks):
        return Output(output)
    content = as_text(blocks)
    refused = content.startswith(_REFUSALS)
    return Output(content, status="failed" if refused else None, refused=refused)


def _old_json(output: str) -> Output:
    """The form of older versions: {"output": …, "metadata": {"exit_code": …}}."""
    try:
        value = obj(loads(output.encode(errors="surrogatepass")))
    except JsonError:
        return Output(output)
    exit_code = whole(obj(value.get("metadata")).get("exit_code"))
    status = None if exit_code is None else "failed" if exit_code else "completed"
    return Output(text(value.get("output")), exit_code, status)
