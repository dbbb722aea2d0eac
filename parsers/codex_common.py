"""What Codex' stdout and rollouts share: commands without their shell wrapper, usage, tool names.

Owns: `unwrap`, `command_text`, `usage_of`, `mcp_name`, the tool names of both roads.
Never: keeps state.
Invariant: what cannot be unwrapped stays as it was.
"""

from __future__ import annotations

import shlex

from parsers.blocks import content_text, count, dump, obj, text, word
from parsers.step import JsonObject, Usage

EXEC = "exec_command"
PATCH = "apply_patch"
PLAN = "update_plan"
SEARCH = "web_search"

MAX_UNWRAP = 256 * 1024
"""Characters of a command line worth taking apart."""
MAX_ARGV = 1_000
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ash", "ksh", "fish", "pwsh", "powershell", "cmd", "cmd.exe"})
_RUN = frozenset({"-lc", "-c", "-ic", "-lic", "-Command", "/c"})


def unwrap(command: str) -> str:
    """`python -m pytest` of `/bin/bash -lc 'python -m pytest'`; the text itself where it is no such wrapper."""
    head = command[:64].split(" ", 2)
    if len(head) < 2 or len(command) > MAX_UNWRAP or head[1] not in _RUN or not _is_shell(head[0]):
        return command
    try:
        parts = shlex.split(command)
    except ValueError:
        return command
    return parts[2] if len(parts) == 3 else command


def command_text(command: object) -> str:
    """A command as one line: a string as it is, an argument list without its shell wrapper."""
    if isinstance(command, str):
        return unwrap(command)
    if not isinstance(command, list):
        return ""
    parts = [part for part in command[:MAX_ARGV] if isinstance(part, str)]
    if len(parts) == 3 and parts[1] in _RUN and _is_shell(parts[0]):
        return parts[2]
    return shlex.join(parts)


def _is_shell(path: str) -> bool:
    return path.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe") in _SHELLS


_RESOURCES = frozenset({"list_mcp_resources", "list_mcp_resource_templates", "read_mcp_resource"})
"""The CLI's own tools for what servers hold; printed as if they were tools of a server."""


def mcp_name(server: object, tool: object) -> str:
    """A tool of an MCP server, spelled as the model calls it."""
    if text(tool) in _RESOURCES:
        return text(tool)
    return f"mcp__{text(server)}__{text(tool)}"


def mcp_result(result: JsonObject) -> tuple[str, JsonObject]:
    """The text of an MCP result and what of it has no text."""
    content = result.get("content")
    if content:
        return content_text(content)
    structured = result.get("structured_content", result.get("structuredContent"))
    return (dump(structured) if structured is not None else ""), {}


def usage_of(usage: JsonObject, scope: str) -> Usage:
    """Codex counts cached tokens within `input_tokens` and reasoning within `output_tokens`."""
    cached = count(usage.get("cached_input_tokens"))
    return Usage(
        scope,
        max(0, count(usage.get("input_tokens")) - cached),
        count(usage.get("output_tokens")),
        cached,
        count(usage.get("cache_write_input_tokens")),
        count(usage.get("reasoning_output_tokens")),
    )


def failure_text(error: object) -> str:
    """The message of an error, whether an object or a string."""
    return text(error) or text(obj(error).get("message")) or (dump(error) if error else "")


def status_error(status: object) -> bool | None:
    """The provider's flag, read from the status word of an item; None while it runs."""
    known = {"completed": False, "failed": True, "declined": True, "errored": True}
    return known.get(word(status) or "")
