"""What was handed over of a document that grows in place, message by message.

Owns: `Told` (what became of each message, small enough to lie beside the checkpoint), `News` (what to hand over next).
Never: reads a file or a message's words; keeps more of a message than two short keyed hashes.
Invariant: a message that was handed over is new again only where it changed, is near the end, and is ours; one that is
not ours is never handed over, however it changes, and whether it was gone in between.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from parsers.gemini_document import Chat
    from parsers.step import JsonObject

MAX_MESSAGES = 20_000
"""Of a document that is followed or imported: what is remembered of each is written with every commit."""
MAX_LATE = 64
"""The CLI changes messages near the end only. One that changes farther back is counted, not handed over again."""
ROWS, SIZE, HEADER = "told", "size", "header"
"""Names in a checkpoint's hint: what was told, the document's length then, the hash of its header."""
_ID_BYTES, _WORDS_BYTES = 6, 5
_ROW = _ID_BYTES + _WORDS_BYTES + 1


class Mark(IntEnum):
    """What became of a message."""

    TOLD = 0
    """Handed over."""
    BEFORE = 1
    """It was there before following began: an import may take it."""
    GONE = 2
    """Taken before, or destroyed by a revocation: nobody reads it again, not even what is added to it."""
    AGAIN = 3
    """Handed over, and handed over again after a restart: the parser may hold its text, which is never stored."""


_NOT_OURS = frozenset({Mark.BEFORE, Mark.GONE})


class Row(NamedTuple):
    """What is remembered of one message."""

    words: bytes
    mark: Mark


class Entry(NamedTuple):
    """One message of the document as it is now; `number` is its place."""

    key: bytes
    words: bytes
    kind: str
    number: int


@dataclass(slots=True)
class News:
    """What to hand over: places of messages, in order; how many were rewound, and changed where nobody looks again."""

    numbers: list[int] = field(default_factory=list)
    removed: int = 0
    late: int = 0


class Index:
    """The messages of a document by keyed hash. Remembers them, so that what did not change is not read again."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._read: list[tuple[bytes, Entry]] = []

    def of(self, chat: Chat) -> list[Entry]:
        """Every message of `chat`. Raises JsonError where one of them is none."""
        before, self._read = self._read, []
        entries: list[Entry] = []
        times: dict[bytes, int] = {}
        for number, part in enumerate(chat.parts):
            whole = self._hash(b"part", part, 16)
            if number < len(before) and before[number][0] == whole:
                entry = before[number][1]
            else:
                message = chat.message(number)
                words = self._hash(b"words", message.line, _WORDS_BYTES)
                entry = Entry(self._hash(b"id", _bytes(message.id), _ID_BYTES), words, message.kind, number)
            self._read.append((whole, entry))
            time = times[entry.key] = times.get(entry.key, 0) + 1
            if time > 1:  # one id for several messages: each is remembered on its own
                entry = entry._replace(key=self._hash(b"id", entry.key + time.to_bytes(4), _ID_BYTES))
            entries.append(entry)
        return entries

    def header(self, chat: Chat) -> str:
        """What the header says of whose chat it is, hashed."""
        header = chat.header()
        return self._hash(b"header", _bytes(f"{header.id}\n{header.kind}"), 16).hex()

    def _hash(self, what: bytes, data: bytes | memoryview, size: int) -> bytes:
        return hashlib.blake2b(data, key=self._key[:64], digest_size=size, person=what).digest()


class Told:
    """What became of the messages of one document, in the order of the document."""

    def __init__(self, rows: dict[bytes, Row]) -> None:
        self.rows = rows

    @classmethod
    def of(cls, hint: JsonObject) -> Told:
        """As a checkpoint's hint remembers it; what was to be handed over again is TOLD no longer."""
        try:
            packed = base64.b64decode(str(hint.get(ROWS, "")), validate=True)
        except ValueError:
            packed = b""
        rows = {}
        for at in range(0, len(packed) - _ROW + 1, _ROW):
            words = packed[at + _ID_BYTES : at + _ROW - 1]
            rows[packed[at : at + _ID_BYTES]] = Row(words, Mark(packed[at + _ROW - 1] & 3))
        return cls(rows)

    def pack(self) -> str:
        """The way back of `of`."""
        return base64.b64encode(
            b"".join(key + row.words + bytes([row.mark]) for key, row in self.rows.items())
        ).decode()

    def frozen(self, entries: Sequence[Entry], mark: Mark) -> Told:
        """All of `entries` are not ours: what was handed over before is GONE, the rest is `mark`."""
        now = {one.key: Row(one.words, Mark.GONE if self._has(one.key) else mark) for one in entries}
        return Told(self._absent(entries) | now)

    def _absent(self, entries: Sequence[Entry]) -> dict[bytes, Row]:
        """What is not ours and is not in the document now: it may come back (an older copy was put in its place)."""
        there = {one.key for one in entries}
        absent = [(key, row) for key, row in self.rows.items() if row.mark in _NOT_OURS and key not in there]
        return dict(absent[-MAX_MESSAGES:])

    def _has(self, key: bytes) -> bool:
        return key in self.rows and self.rows[key].mark is not Mark.BEFORE

    def news(self, entries: Sequence[Entry], closed: Collection[bytes] = ()) -> News:
        """What is new in the document since; `closed`: keys of messages somebody else takes."""
        found = News()
        for one in entries:
            row = self.rows.get(one.key)
            if one.key in closed or (row is not None and row.mark in _NOT_OURS):
                continue
            if row is not None and row.mark is Mark.TOLD:
                if row.words == one.words:
                    continue
                if one.number < len(entries) - MAX_LATE:
                    found.late += 1
                    continue
            found.numbers.append(one.number)
        there = {one.key for one in entries}
        found.removed = sum(key not in there and row.mark not in _NOT_OURS for key, row in self.rows.items())
        return found

    def after(self, entries: Sequence[Entry], closed: Collection[bytes] = (), until: int | None = None) -> Told:
        """When the messages before place `until` are handed over (None: all). See `lasting`."""
        until = len(entries) if until is None else until
        rows = self._absent(entries)
        for one in entries:
            row = self.rows.get(one.key)
            if row is not None and row.mark in _NOT_OURS:
                rows[one.key] = Row(one.words, row.mark)
            elif one.number < until and one.key not in closed:
                rows[one.key] = Row(one.words, Mark.TOLD)
            elif row is not None:
                rows[one.key] = row
        return Told(rows)

    def lasting(self, entries: Sequence[Entry]) -> Told:
        """As a later process must know it: what the parser may hold, the last answer and what follows it, AGAIN."""
        told = [one for one in entries if one.key in self.rows and self.rows[one.key].mark in {Mark.TOLD, Mark.AGAIN}]
        last = max((one.number for one in told if one.kind == "gemini"), default=len(entries))
        again = {one.key: self.rows[one.key]._replace(mark=Mark.AGAIN) for one in told if one.number >= last}
        return Told(self.rows | again)

    def taken(self) -> set[bytes]:
        """Keys of what nobody else may take."""
        return {key for key, row in self.rows.items() if row.mark is not Mark.BEFORE}


def _bytes(words: str) -> bytes:
    return words.encode("utf-8", "surrogatepass")
