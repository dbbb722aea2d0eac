"""Edits of files, however a tool spells them: one shape for all.

Owns: `changes_of`: the patch language and the arguments of the edit tools -> [{"path", "kind", "hunks"?, "move_to"?}].
Never: reads or writes a file, or sees unscrubbed arguments.
Invariant: pure and bounded; what is not an edit, or not well formed, has no changes (None), never an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.wire.cut import clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from parsers.step import JsonObject

MAX_FILES = 50
MAX_HUNKS = 20
"""Of one file."""
MAX_SIDE = 2_000
"""Characters of the old or the new side of a hunk; the arguments of the call hold the whole."""
MAX_PATH = 1_000
MAX_PATCH_LINES = 20_000

PATCH_BEGIN = "*** Begin Patch"
PATCH_END = "*** End Patch"
_FILE_HEADS = {"*** Add File: ": "add", "*** Update File: ": "update", "*** Delete File: ": "delete"}
_MOVE = "*** Move to: "

_STRING_EDITS = frozenset({"Edit", "replace", "edit", "smart_edit", "str_replace"})
_WRITES = frozenset({"Write", "write_file", "create_file"})
_SHELLS = frozenset({"apply_patch", "shell", "shell_command", "exec_command", "local_shell", "exec", "Bash"})


def changes_of(tool: str | None, arguments: JsonObject | None) -> list[JsonObject] | None:
    """What a call would change, or None if it is no edit.

    A tool that writes a whole file says "add", as does one that replaces nothing by something: whether the file was
    there before, the caller may know.
    """
    if tool is None or not arguments:
        return None
    if tool in _SHELLS:
        return _from_patch_text(arguments)
    path = _text(arguments, "file_path", "path", "notebook_path", "absolute_path")
    if not path:
        return None
    if tool in _STRING_EDITS:
        pair = _pair(arguments)
        return [_change(path, "update" if pair[0] else "add", [pair])]
    if tool == "MultiEdit":
        edits: Any = arguments.get("edits")
        listed = edits[: MAX_HUNKS + 1] if isinstance(edits, list) else []
        pairs = [_pair(edit) for edit in listed if isinstance(edit, dict)]
        return [_change(path, "update", pairs)]
    if tool in _WRITES:
        return [_change(path, "add", [("", _text(arguments, "content"))])]
    if tool == "NotebookEdit":
        return [_change(path, "update", [("", _text(arguments, "new_source"))])]
    return None


def normalise(changes: Iterable[Any]) -> list[JsonObject] | None:
    """Changes a provider reported itself, bounded and with our kinds; None if nothing usable is in them."""
    result: list[JsonObject] = []
    for change in changes:
        if len(result) >= MAX_FILES:
            break
        if isinstance(change, dict) and isinstance(path := change.get("path"), str) and path:
            result.append({**change, "path": clip(path, MAX_PATH), "kind": str(change.get("kind", "update"))})
    return result or None


def parse_patch(text: str) -> list[JsonObject]:
    """The files of a patch in the apply_patch language; [] if `text` holds none. No end marker is fine (torn)."""
    begin = text.find(PATCH_BEGIN)
    if begin < 0:
        return []
    changes: list[JsonObject] = []
    for head, body in _sections(text[begin:].split("\n", MAX_PATCH_LINES)[1:MAX_PATCH_LINES]):
        kind = next(kind for start, kind in _FILE_HEADS.items() if head.startswith(start))
        move = next((line[len(_MOVE) :].strip() for line in body if line.startswith(_MOVE)), None)
        pairs = [("", _side(body, "+"))] if kind == "add" else list(_hunks(body)) if kind == "update" else []
        change = _change(head.split(": ", 1)[1].strip(), kind, pairs)
        if move:
            change["move_to"] = clip(move, MAX_PATH)
        changes.append(change)
        if len(changes) >= MAX_FILES:
            break
    return changes


def _from_patch_text(arguments: JsonObject) -> list[JsonObject] | None:
    for value in arguments.values():
        text = "\n".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else value
        if isinstance(text, str) and PATCH_BEGIN in text:
            return parse_patch(text) or None
    return None


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each file of a patch: its head line and the lines below it."""
    head: str | None = None
    body: list[str] = []
    for line in lines:
        if line.startswith(PATCH_END):
            break
        if line.startswith(tuple(_FILE_HEADS)):
            if head is not None:
                yield head, body
            head, body = line, []
        else:
            body.append(line)
    if head is not None:
        yield head, body


def _hunks(body: list[str]) -> Iterator[tuple[str, str]]:
    r"""The old and new text of each ``@@`` part."""
    part: list[str] = []
    for line in [*body, "@@"]:
        if not line.startswith("@@"):
            part.append(line)
            continue
        if any(row[:1] in {"+", "-"} for row in part):
            yield _side(part, "- "), _side(part, "+ ")
        part = []


def _side(lines: list[str], marks: str) -> str:
    return "\n".join(line[1:] for line in lines if line[:1] and line[0] in marks)


def _change(path: str, kind: str, pairs: list[tuple[str, str]]) -> JsonObject:
    change: JsonObject = {"path": clip(path, MAX_PATH), "kind": kind}
    hunks = [{"old": _bounded(old), "new": _bounded(new)} for old, new in pairs[:MAX_HUNKS]]
    if hunks:
        change["hunks"] = hunks
    if len(pairs) > MAX_HUNKS or any(len(old) > MAX_SIDE or len(new) > MAX_SIDE for old, new in pairs):
        change["truncated"] = True
    return change


def _bounded(side: str) -> str:
    return side if len(side) <= MAX_SIDE // 2 else clip(side, MAX_SIDE)


def _pair(edit: JsonObject) -> tuple[str, str]:
    return _text(edit, "old_string", "old_str"), _text(edit, "new_string", "new_str")


def _text(arguments: JsonObject, *names: str) -> str:
    for name in names:
        if isinstance(value := arguments.get(name), str):
            return value
    return ""
