"""Long tool output is cut to its head and tail, after it was scrubbed.

Owns: the observation cut.
Never: sees unscrubbed text: a secret that crosses a cut would leak its head.
Invariant: what is left is a head and a tail of the input with one line between that says how much is missing; it fits
the wire's content limit, and a surrogate pair or a [PLACEHOLDER] is kept or dropped as a whole.
"""

from __future__ import annotations

from typing import NamedTuple

from sidecar.wire.canonical import utf16_length
from sidecar.wire.cut import MAX_PLACEHOLDER, clip
from sidecar.wire.limits import MAX_CONTENT

HEAD_LINES = 50
TAIL_LINES = 20
ERROR_TAIL_LINES = 100
"""What went wrong stands at the end (tracebacks, test summaries), so errors keep more of it."""
HEAD_UNITS = TAIL_UNITS = MAX_CONTENT // 2 - 50
"""UTF-16 code units, with room for the line that says what is missing."""


class Cut(NamedTuple):
    """The text that is kept, and whether anything is missing."""

    text: str
    truncated: bool


def cut_output(text: str, *, failed: bool) -> Cut:
    """The first 50 and last 20 lines (100 of an error), and no more units than the wire takes."""
    tail_lines = ERROR_TAIL_LINES if failed else TAIL_LINES
    kept = text
    missing = text.count("\n") + (not text.endswith("\n")) - HEAD_LINES - tail_lines
    if missing > 0:
        head, tail = _head_end(text, HEAD_LINES), _tail_start(text, tail_lines)
        kept = f"{text[:head]}[… {missing} lines left out …]\n{text[tail:]}"
    if len(kept) > MAX_CONTENT // 2 and utf16_length(kept) > MAX_CONTENT:
        head_text, tail_text = clip(kept, HEAD_UNITS), clip_tail(kept, TAIL_UNITS)
        missing = len(kept) - len(head_text) - len(tail_text)
        kept = f"{head_text}\n[… {missing} characters left out …]\n{tail_text}"
    return Cut(kept, kept is not text)


def clip_tail(text: str, units: int) -> str:
    """The longest end of `text` of at most `units` UTF-16 code units that splits neither pair nor placeholder."""
    start = max(0, len(text) - units)
    if not text.isascii():
        while (excess := utf16_length(text[start:]) - units) > 0:
            start += -(-excess // 2)
    if not 0 < start < len(text):
        return text[start:]
    if "\udc00" <= text[start] <= "\udfff" and "\ud800" <= text[start - 1] <= "\udbff":
        start += 1
    begin = max(0, start - MAX_PLACEHOLDER)
    window = text[begin : start + MAX_PLACEHOLDER]
    kept = len(clip(window, _units_of(window, start - begin)))
    if kept < start - begin:
        start = text.index("]", begin + kept) + 1
    return text[start:]


def _units_of(window: str, characters: int) -> int:
    return utf16_length(window[:characters])


def _head_end(text: str, lines: int) -> int:
    position = 0
    for _ in range(lines):
        position = text.index("\n", position) + 1
    return position


def _tail_start(text: str, lines: int) -> int:
    position = len(text) - text.endswith("\n")
    for _ in range(lines):
        position = text.rindex("\n", 0, position)
    return position + 1
