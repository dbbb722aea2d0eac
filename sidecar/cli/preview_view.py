"""How an envelope looks to a person: pretty JSON with its replacements highlighted, 80 columns.

Owns: `render`, `listing`.
Never: changes what is sent; lets a captured control character reach the terminal.
Invariant: without marks and indentation, the text is the canonical JSON of the value.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from sidecar.cli.common import WIDTH, table
from sidecar.wire.canonical import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sidecar.redaction import Redaction

Piece = tuple[str, bool]
"""A stretch of text, and whether it stands in place of something."""
Marks = dict[tuple[str, bool], list[tuple[int, int]]]
"""(pointer, of the name) -> (start, length) of placeholders there."""

ON, OFF = "\x1b[7m", "\x1b[27m"
INDENT = 2
HANGING = 4
WHERE = 28
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")


def pieces(value: Any, marks: Marks, pointer: str = "") -> Iterator[Piece]:
    """The canonical JSON of `value` in pieces, on one line."""
    if isinstance(value, dict):
        yield "{", False
        for number, (key, member) in enumerate(value.items()):
            if number:
                yield ",", False
            where = f"{pointer}/{_escape(key)}"
            yield from _string(key, marks.get((where, True), []))
            yield ":", False
            yield from pieces(member, marks, where)
        yield "}", False
    elif isinstance(value, list):
        yield "[", False
        for number, item in enumerate(value):
            if number:
                yield ",", False
            yield from pieces(item, marks, f"{pointer}/{number}")
        yield "]", False
    elif isinstance(value, str):
        yield from _string(value, marks.get((pointer, False), []))
    else:
        yield canonical(value).decode(), False


def pretty(value: Any, marks: Marks, pointer: str = "", depth: int = 0, lead: list[Piece] | None = None) -> Any:
    """The same over several lines, each a list of pieces that begins with its indentation."""
    start = [(" " * (INDENT * depth), False)] if lead is None else lead
    if not isinstance(value, dict | list) or not value:
        yield [*start, *pieces(value, marks, pointer)]
        return
    yield [*start, ("{" if isinstance(value, dict) else "[", False)]
    members: list[tuple[str | int, Any]] = list(value.items() if isinstance(value, dict) else enumerate(value))
    for number, (key, member) in enumerate(members):
        where = f"{pointer}/{_escape(str(key))}"
        own: list[Piece] = [(" " * (INDENT * (depth + 1)), False)]
        if isinstance(key, str):
            own += [*_string(key, marks.get((where, True), [])), (": ", False)]
        lines = list(pretty(member, marks, where, depth + 1, own))
        if number < len(members) - 1:
            lines[-1].append((",", False))
        yield from lines
    yield [(" " * (INDENT * depth), False), ("}" if isinstance(value, dict) else "]", False)]


def render(value: Any, marks: Marks, *, colour: bool, width: int = WIDTH) -> Iterator[str]:
    """Lines of at most `width` columns; replacements are inverted where there is colour."""
    for line in pretty(value, marks):
        yield from _wrapped(line, width, colour=colour)


def listing(entries: Iterable[tuple[int, Redaction]]) -> list[str]:
    """One line per replacement: where, what kind, by which rule, and which ones are the same value."""
    rows = [("step", "where", "at", "category", "rule", "same")]
    for number, one in entries:
        where = safe(one.pointer + (" (name)" if one.in_key else ""))
        at = "cut off" if one.start is None else str(one.start)
        if len(where) > WHERE:
            where = f"{where[: WHERE // 2 - 1]}…{where[-WHERE // 2 :]}"
        rows.append((str(number), where, at, one.category, one.rule, one.hash[:6]))
    return table(rows, (5, WHERE, 7, 12, 17)) if len(rows) > 1 else []


def safe(text: str) -> str:
    """Text with what a terminal might act on shown as an escape."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def marks_of(entries: Iterable[tuple[str, Redaction]]) -> Marks:
    """Marks from (pointer in the envelope, entry)."""
    marks: Marks = {}
    for pointer, one in entries:
        if one.start is not None:
            marks.setdefault((pointer, one.in_key), []).append((one.start, one.length))
    return marks


def _string(text: str, marks: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    yield '"', False
    at = 0
    for start, length in sorted(marks):
        if start < at or start + length > len(text):
            continue
        if start > at:
            yield _plain(text[at:start]), False
        yield _plain(text[start : start + length]), True
        at = start + length
    if at < len(text):
        yield _plain(text[at:]), False
    yield '"', False


def _plain(text: str) -> str:
    return canonical(text).decode()[1:-1]


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _wrapped(line: list[Piece], width: int, *, colour: bool) -> Iterator[str]:
    hanging = " " * (len(line[0][0]) + HANGING) if len(line[0][0]) + HANGING < width // 2 else " " * HANGING
    out: list[str] = []
    used = 0
    for text, marked in line:
        rest = safe(text)
        while rest:
            fitting = _fit(rest, width - used)
            if fitting:
                out.append(f"{ON}{rest[:fitting]}{OFF}" if marked and colour else rest[:fitting])
                used += _columns(rest[:fitting])
                rest = rest[fitting:]
            if rest:
                yield "".join(out)
                out, used = [hanging], len(hanging)
    yield "".join(out)


def _fit(text: str, room: int) -> int:
    """How many characters of `text` have room."""
    if room <= 0:
        return 0
    head = text[:room]
    if head.isascii():
        return len(head)
    used = 0
    for index, character in enumerate(head):
        used += _columns(character)
        if used > room:
            return index
    return len(head)


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
