"""The redaction ledger's entry: that something was replaced, where, by which rule; never what.

Owns: `Found` (as the scrubber notes it), `Redaction` (as it is stored), and the way from one to the other.
Never: holds a replaced value, or anything it could be computed from without the install key.
Invariant: an entry points at its placeholder in the step as it will travel, or says that this part was left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LISTED = 2_000
"""Entries of one step; what is beyond is counted, not listed."""
MAX_POINTER = 1_000
"""Characters of a pointer that are kept."""
HASH_DIGITS = 16


class Found(NamedTuple):
    """A replacement while its step is in memory. `text` is the scrubbed text it stands in, at `path` of the step."""

    path: tuple[str | int, ...]
    in_key: bool
    text: str
    start: int
    length: int
    category: str
    rule: str
    hash: str


class Redaction(NamedTuple):
    """One row of the ledger. `start` and `length` are code points of the scrubbed text at `pointer` (RFC 6901).

    `in_key`: the text is the member's own name, not its value. `start` None: the placeholder is in a part of the text
    that was cut away. `hash` is keyed by this installation: the same value has the same hash, and nobody else can
    compute it ("" where there is no key).
    """

    pointer: str
    in_key: bool
    start: int | None
    length: int
    category: str
    rule: str
    hash: str


def place(found: Iterable[Found], wire: Any) -> list[Redaction]:
    """The entries of one step. `wire` is the step as it will travel, as JSON values (texts may have been cut)."""
    cuts: dict[tuple[tuple[str | int, ...], bool], _Cut | None] = {}
    out = []
    for one in found:
        where = (one.path, one.in_key)
        if where not in cuts:
            kept = _resolve(one.path, wire, in_key=one.in_key)
            cuts[where] = None if kept is None else _cut(one.text, kept)
        cut = cuts[where]
        start = None if cut is None else cut.moved(one.start, one.start + one.length)
        out.append(Redaction(pointer(one.path), one.in_key, start, one.length, one.category, one.rule, one.hash))
    return out


def pointer(path: Iterable[str | int]) -> str:
    """A path as a JSON pointer."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)[:MAX_POINTER].encode("utf-8", "replace").decode()


class _Cut(NamedTuple):
    """A text that kept its first `head` and from `tail` on its last characters, which moved by `shift`."""

    head: int
    tail: int
    shift: int

    def moved(self, start: int, end: int) -> int | None:
        if end <= self.head:
            return start
        return start + self.shift if start >= self.tail else None


def _cut(text: str, kept: str) -> _Cut:
    if text == kept:
        return _Cut(len(text), len(text), 0)
    tail = _common(text[::-1], kept[::-1])
    return _Cut(_common(text, kept), len(text) - tail, len(kept) - len(text))


def _common(one: str, other: str) -> int:
    """Length of the common start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _resolve(path: tuple[str | int, ...], value: Any, *, in_key: bool) -> str | None:
    for part in path:
        member = isinstance(part, str) and isinstance(value, dict) and part in value
        item = isinstance(part, int) and isinstance(value, list) and part < len(value)
        if not member and not item:
            return None
        value = value[part]
    if in_key:
        return str(path[-1])
    return value if isinstance(value, str) else None
