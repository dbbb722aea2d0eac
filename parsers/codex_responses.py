"""Codex' stored response items that are complete in themselves -> steps.

Owns: `CALLS` (items that open a call), `WHOLE` (items that are thought, or call and result at once), as tables.
Never: keeps state, or pairs anything.
Invariant: arguments that are no JSON stay readable as text; encoded images never come through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers import edits
from parsers.blocks import JsonError, loads, obj, seq, text, word
from parsers.codex_common import PATCH, SEARCH, command_text
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Callable

DELEGATES = frozenset({"spawn_agent"})


def _function_call(item: JsonObject) -> Step:
    name, namespace = text(item.get("name")), text(item.get("namespace"))
    tool = f"{namespace.removesuffix('__')}__{name}" if namespace.startswith("mcp__") else name
    arguments = _arguments(item.get("arguments"))
    step = Step(StepType.DELEGATE if tool in DELEGATES else StepType.ACTION, tool=tool or None, arguments=arguments)
    command = arguments.get("cmd", arguments.get("command"))
    if command is not None and ((plain := command_text(command)) or command == ""):
        rest = {key: value for key, value in arguments.items() if key not in {"cmd", "command"}}
        step.arguments = {"command": plain, **rest}
    return _as_edit(step, text(arguments.get("input"))) if tool == PATCH else step


def _custom_call(item: JsonObject) -> Step:
    tool, given = word(item.get("name")), text(item.get("input"))
    step = Step(StepType.ACTION, tool=tool, arguments={"input": given})
    return _as_edit(step, given) if tool == PATCH else step


def _as_edit(step: Step, patch: str) -> Step:
    step.type, step.changes = StepType.EDIT, edits.from_patch_text(patch)
    step.content = edits.summary(step.changes or [])
    return step


def _shell_call(item: JsonObject) -> Step:
    command = command_text(obj(item.get("action")).get("command"))
    return Step(StepType.ACTION, tool="local_shell", arguments={"command": command})


def _tool_search(item: JsonObject) -> Step:
    return Step(StepType.ACTION, tool="tool_search", arguments=_arguments(item.get("arguments")))


def _reasoning(item: JsonObject) -> list[Step]:
    """A thought in words; nothing where only its encrypted form is stored."""
    parts = [*seq(item.get("summary")), *seq(item.get("content"))]
    content = "\n".join(part for part in (text(obj(part).get("text")) for part in parts) if part)
    return [Step(StepType.THOUGHT, content, channel="reasoning")] if content else []


def _web_search(item: JsonObject) -> list[Step]:
    action = obj(item.get("action"))
    query = text(action.get("query")) or text(action.get("url"))
    if action.get("type") == "find_in_page" and text(action.get("pattern")):
        query = f"'{text(action.get('pattern'))}' in {query}"
    return _both(item, SEARCH, {"query": query, "action": action}, "")


def _image_generation(item: JsonObject) -> list[Step]:
    prompt = {"prompt": text(item.get("revised_prompt"))}
    return _both(item, "image_generation", prompt, "[image]" if item.get("result") else "")


def _both(item: JsonObject, tool: str, arguments: JsonObject, content: str) -> list[Step]:
    call_id = word(item.get("id"))
    call = Step(StepType.ACTION, tool=tool, call_id=call_id, arguments=arguments)
    result = Step(StepType.OBSERVATION, content, tool=tool, call_id=call_id, status=word(item.get("status")))
    return [call, result]


def _arguments(given: object) -> JsonObject:
    """Arguments are stored as a JSON text; what cannot be read stays a text."""
    if isinstance(given, dict):
        return given
    try:
        value = loads(text(given).encode(errors="surrogatepass"))
    except JsonError:
        return {"unparsed": text(given)}
    return value if isinstance(value, dict) else {"input": value}


CALLS: dict[str, Callable[[JsonObject], Step]] = {
    "function_call": _function_call,
    "custom_tool_call": _custom_call,
    "local_shell_call": _shell_call,
    "tool_search_call": _tool_search,
}

WHOLE: dict[str, Callable[[JsonObject], list[Step]]] = {
    "reasoning": _reasoning,
    "web_search_call": _web_search,
    "image_generation_call": _image_generation,
}
