"""Edits as the providers report them -> [{"path", "kind", "hunks"?}].

Owns: changes from edit tools' arguments, from Claude's structured patches, from Codex' patch text and change lists.
Never: reads a file, or decides whether an edit took effect.
Invariant: bounded output for any input; a hunk shows at most `MAX_SIDE` characters of a side (the arguments hold all).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.blocks import obj, seq, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.step import JsonObject

MAX_FILES = 50
MAX_HUNKS = 20
"""Of one file."""
MAX_SIDE = 2_000
MAX_PATCH_LINES = 20_000

STRING_EDITS = frozenset({"Edit", "replace"})
WRITES = frozenset({"Write", "write_file"})
EDIT_TOOLS = STRING_EDITS | WRITES | {"MultiEdit", "NotebookEdit"}

_HEADS = {"*** Add File: ": "add", "*** Update File: ": "update", "*** Delete File: ": "delete"}
_MOVE = "*** Move to: "


def from_arguments(tool: str, arguments: JsonObject) -> list[JsonObject] | None:
    """What a call of one of `EDIT_TOOLS` would change. Kind "write": the whole file, new or not."""
    path = text(arguments.get("file_path")) or text(arguments.get("notebook_path"))
    if not path:
        return None
    if tool in STRING_EDITS:
        pair = _pair(arguments)
        return [_change(path, "update" if pair[0] else "write", [pair])]
    if tool in WRITES:
        return [_change(path, "write", [("", text(arguments.get("content")))])]
    if tool == "MultiEdit":
        pairs = [_pair(obj(edit)) for edit in seq(arguments.get("edits"))[: MAX_HUNKS + 1]]
        return [_change(path, "update", pairs)]
    return [_change(path, "update", [("", text(arguments.get("new_source")))])]


def from_claude_result(result: JsonObject) -> list[JsonObject] | None:
    """What an edit did, from a Claude `tool_use_result`: a structured patch, or the note that a file is new."""
    path = text(result.get("filePath"))
    patch = result.get("structuredPatch")
    if not path or not isinstance(patch, list):
        return None
    pairs = [_sides(_strings(obj(hunk).get("lines"))) for hunk in patch[: MAX_HUNKS + 1]]
    before = result.get("originalFile", "")
    new = result.get("type") == "create" or (result.get("type") is None and (before is None or before == ""))
    return [_change(path, "add" if new and "originalFile" in result else "update", pairs)]


def summary(changes: list[JsonObject]) -> str:
    """One line per file: kind and path."""
    return "\n".join(f"{change['kind']} {change['path']}" for change in changes)


def from_codex_list(changes: object) -> list[JsonObject]:
    """Codex' own list: [{path, kind}] on stdout, {path: {type, unified_diff|content}} in a rollout."""
    if isinstance(changes, dict):
        return [_codex_change(str(path), obj(change)) for path, change in list(changes.items())[:MAX_FILES]]
    return [
        _change(text(obj(change).get("path")), text(obj(change).get("kind")) or "update", [])
        for change in seq(changes)[:MAX_FILES]
    ]


def _codex_change(path: str, change: JsonObject) -> JsonObject:
    kind = text(change.get("type")) or "update"
    content = text(change.get("content"))
    if kind == "add":
        return _change(path, kind, [("", content)])
    if kind == "delete":
        return _change(path, kind, [])
    done = _change(path, kind, _diff_pairs(_lines(text(change.get("unified_diff")))))
    if text(change.get("move_path")):
        done["move_to"] = text(change.get("move_path"))
    return done


def from_unified_diff(path: str, diff: str, *, new: bool) -> list[JsonObject] | None:
    """One file's unified diff."""
    if not path:
        return None
    return [_change(path, "add" if new else "update", _diff_pairs(_lines(diff)))]


def _lines(diff: str) -> list[str]:
    return diff.removesuffix("\n").split("\n", MAX_PATCH_LINES)


def from_patch_text(patch: str) -> list[JsonObject] | None:
    """What a "*** Begin Patch" text would change; None if it is no such text."""
    if "*** Begin Patch" not in patch[:1_000]:
        return None
    changes: list[JsonObject] = []
    lines: list[str] = []
    for line in patch.split("\n", MAX_PATCH_LINES)[:MAX_PATCH_LINES]:
        kind = next((kind for head, kind in _HEADS.items() if line.startswith(head)), None)
        if kind is not None:
            _finish(changes, lines)
            if len(changes) == MAX_FILES:
                return changes
            changes.append({"path": line.partition(": ")[2].strip(), "kind": kind})
            lines = []
        elif line.startswith(_MOVE) and changes:
            changes[-1]["move_to"] = line.removeprefix(_MOVE).strip()
        elif not line.startswith("*** "):
            lines.append(line)
    _finish(changes, lines)
    return changes or None


def _finish(changes: list[JsonObject], lines: list[str]) -> None:
    if changes and changes[-1]["kind"] != "delete":
        last = changes[-1]
        changes[-1] = {**last, **_change(last["path"], last["kind"], _diff_pairs(lines))}


def _diff_pairs(lines: Iterable[str]) -> list[tuple[str, str]]:
    """Old and new side of each hunk of a diff; file heads are not hunks."""
    hunks: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("@@"):
            if len(hunks) > MAX_HUNKS:
                break
            hunks.append([])
        elif not line.startswith(("--- ", "+++ ")) or len(hunks) > 1:
            hunks[-1].append(line)
    return [_sides(hunk) for hunk in hunks if any(line.startswith(("+", "-")) for line in hunk)]


def _sides(lines: Iterable[str]) -> tuple[str, str]:
    rows = list(lines)
    old = "\n".join(line[1:] for line in rows if not line.startswith(("+", "\\")))
    new = "\n".join(line[1:] for line in rows if not line.startswith(("-", "\\")))
    return old, new


def _strings(value: object) -> list[str]:
    return [line for line in seq(value)[:MAX_PATCH_LINES] if isinstance(line, str)]


def _pair(edit: JsonObject) -> tuple[str, str]:
    return text(edit.get("old_string")), text(edit.get("new_string"))


def _change(path: str, kind: str, pairs: list[tuple[str, str]]) -> JsonObject:
    change: JsonObject = {"path": path, "kind": kind}
    hunks = [_hunk(old, new) for old, new in pairs[:MAX_HUNKS] if old or new]
    if hunks:
        change["hunks"] = hunks
    if len(pairs) > MAX_HUNKS:
        change["more_hunks"] = True
    return change


def _hunk(old: str, new: str) -> JsonObject:
    hunk: JsonObject = {"old": _whole_lines(old), "new": _whole_lines(new)}
    if len(old) > MAX_SIDE or len(new) > MAX_SIDE:
        hunk["truncated"] = True
    return hunk


def _whole_lines(side: str) -> str:
    """At most `MAX_SIDE` characters, cut after a line: nothing has scrubbed it yet, and half a secret has no shape."""
    return side if len(side) <= MAX_SIDE else side[: side.rfind("\n", 0, MAX_SIDE) + 1]
