r"""Bytes of a source become lines with positions.

Owns: `LineFramer`, `Frame`, `Ending`.
Never: decodes, parses or reads; it does not know what a line means or where the bytes come from.
Invariant: the frames and the pending bytes cover every byte fed exactly once, in order; at most `limit` bytes of one
line are ever held, and the frames do not depend on how the bytes were cut into feeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

LINE_LIMIT = 64 * 1024 * 1024
r"""Bytes of the longest line that is held, without its ``\n``. The longest ever recorded was 1.7 MB."""

NEWLINE = b"\n"


class Frame(NamedTuple):
    r"""One line with its place in the source.

    `start` is the position of its first byte, `end` the position after its ``\n`` (after its last byte if torn).
    `line` lacks the ``\n``; it is None when the line was longer than the limit, and `oversize` then says how many
    bytes of it (without ``\n``) were thrown away. `torn` marks a tail without ``\n``.
    """

    line: bytes | None
    start: int
    end: int
    oversize: int = 0
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a source ended.

    `exit_code` and `signal` are the child's where they are known; `continued` = the same conversation goes on in the
    next session (this one is full); `torn` = the last line had no end; `idle` = nothing came for so long that the
    session is taken for over; `abandoned` = whoever wrote the stream was killed and could not say how it ended.
    """

    exit_code: int | None = None
    signal: int | None = None
    continued: bool = False
    torn: bool = False
    idle: bool = False
    abandoned: bool = False


class LineFramer:
    r"""Cut bytes into lines at ``\n`` and nowhere else (U+2028 and a trailing ``\r`` are the parsers' business).

    `position` is where in the source the first byte to be fed stands. Linear in the bytes fed, however small the feeds.
    """

    __slots__ = ("_held", "_limit", "_lost", "_start")

    def __init__(self, limit: int = LINE_LIMIT, position: int = 0) -> None:
        self._limit = limit
        self._start = position
        self._held = bytearray()
        self._lost = 0

    @property
    def pending(self) -> int:
        """Bytes held of a line that has not ended (never more than the limit)."""
        return len(self._held)

    @property
    def position(self) -> int:
        """Where the first byte stands that belongs to no frame yet: safe to read again from here."""
        return self._start

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes; answer the lines that ended in them."""
        cut = data.find(NEWLINE)
        if cut < 0:
            self._hold(data)
            return []
        begin = 0
        frames = []
        if self._held or self._lost:
            self._hold(data[:cut])
            frames.append(self._end(torn=False))
            begin = cut + 1
            cut = data.find(NEWLINE, begin)
        limit, start = self._limit, self._start
        while cut >= 0:
            size = cut - begin
            end = start + size + 1
            frames.append(Frame(data[begin:cut], start, end) if size <= limit else Frame(None, start, end, size))
            start = end
            begin = cut + 1
            cut = data.find(NEWLINE, begin)
        self._start = start
        self._hold(data[begin:])
        return frames

    def finish(self) -> Frame | None:
        r"""The source is over: the tail that no ``\n`` ended, or None if there is none. The framer is then empty."""
        return self._end(torn=True) if self._held or self._lost else None

    def _hold(self, data: bytes) -> None:
        if self._lost:
            self._lost += len(data)
        elif len(self._held) + len(data) > self._limit:
            self._lost = len(self._held) + len(data)
            self._held = bytearray()
        else:
            self._held += data

    def _end(self, *, torn: bool) -> Frame:
        start, lost = self._start, self._lost
        self._start = end = start + (lost or len(self._held)) + (not torn)
        line = None if lost else bytes(self._held)
        self._held = bytearray()
        self._lost = 0
        return Frame(line, start, end, lost, torn)
