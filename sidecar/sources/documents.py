"""Chats stored as one JSON document, rewritten whole at every turn: what is new in them as frames, like a file's lines.

Owns: `Reader` (one whole reading), `Take` (what is new since as batches), `sniff`.
Never: takes a document that is not whole, that changed while it was read, or is longer than MAX_DOCUMENT_BYTES.
Invariant: positions only grow: a reading's frames lie behind those of all earlier ones. What a batch's hint says was
told is what its frames, and those before them, told; where in the document a message stands is not known, so that each
has its share of what the document grew by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parsers.blocks import JsonError
from parsers.gemini_document import MAX_DOCUMENT_BYTES, Chat
from sidecar.capture.framing import Frame
from sidecar.errors import SidecarError
from sidecar.sources.base import MAX_BATCH_BYTES
from sidecar.sources.growth import HEADER, MAX_MESSAGES, ROWS, SIZE, Entry, Index, Told
from sidecar.sources.tail import OpenFile
from sidecar.sources.transcript_names import GEMINI, SUFFIX, Transcript, guess
from sidecar.store.documents import HINTS, NOT_WHOLE, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from parsers.step import JsonObject

MAX_BATCH_MESSAGES = 64
"""A crash in the middle of a batch has at most so many told again, and the parser knows so many in full."""
FREEZE = "freeze"
"""In a hint: what all of it is worth (a `Mark`) when it can first be read."""
CONTINUED = "a chat document that a newer CLI continued in lines (they hold all of it)"
REWIND = b'{"$rewindTo":""}'
"""What a newer CLI writes where messages are taken back: what was said before was narration."""


class DocumentError(SidecarError):
    """A document that is not taken; the message is TOO_LONG, NOT_WHOLE or CONTINUED."""


class Reading(NamedTuple):
    """A whole document at one moment. `modified` is unix seconds, `stamp` the same as the file system has it."""

    chat: Chat
    entries: list[Entry]
    header: str
    size: int
    stamp: int


class Batched(NamedTuple):
    """Frames of one batch; what a later process must know when they are durable, and until then."""

    frames: list[Frame]
    hint: JsonObject
    before: JsonObject


class Reader:
    """Reads a document again and again; what did not change is not parsed again. For worker threads."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._index = Index(key)

    def read(self) -> Reading:
        """Raises DocumentError, OSError, UnsafePathError."""
        file = OpenFile(self._path, b"")
        try:
            before = file.stat()
            if before.st_size > MAX_DOCUMENT_BYTES:
                raise DocumentError(TOO_LONG, HINTS[TOO_LONG])
            pieces = []
            while piece := file.read(before.st_size + 1 - file.position):
                pieces.append(piece)
            data = b"".join(pieces)
            pieces.clear()
            after = file.stat()
        finally:
            file.close()
        if len(data) != before.st_size or (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise DocumentError(NOT_WHOLE, HINTS[NOT_WHOLE])
        try:
            chat = Chat(data, MAX_MESSAGES)
            return Reading(chat, self._index.of(chat), self._index.header(chat), len(data), before.st_mtime_ns)
        except JsonError as error:
            reason = TOO_LONG if error.reason == "too_many" else NOT_WHOLE
            raise DocumentError(reason, HINTS[reason]) from None


class Take:
    """What of `reading` is new to `told`, from position `start` on. `closed`: keys of messages another road takes.

    `hint` is the one of the checkpoint so far. Nothing of it changes if nothing is new.
    """

    def __init__(
        self, reading: Reading, told: Told, hint: JsonObject, start: int, closed: Collection[bytes] = ()
    ) -> None:
        self._reading = reading
        self._told = told
        self._hint = hint
        self._start = start
        self._closed = closed
        self.news = told.news(reading.entries, closed)
        self.fresh_header = hint.get(HEADER) != reading.header
        size = hint.get(SIZE)
        self._grown = reading.size - (size if isinstance(size, int) else 0)
        self.after = told.after(reading.entries, closed)
        """What is told when all of it is."""

    def __bool__(self) -> bool:
        return bool(self.news.numbers) or bool(self.news.removed)

    @property
    def size(self) -> int:
        """What its frames come to."""
        return max(self._grown, self._count)

    @property
    def _count(self) -> int:
        return len(self.news.numbers) + self.fresh_header + bool(self.news.removed)

    def batches(self) -> Iterator[Batched]:
        """Its frames. Raises DocumentError where a message is none."""
        frames: list[Frame] = []
        length, told, before = 0, 0, self._hint
        total, count = self.size, self._count
        for number, (line, until) in enumerate(self._lines()):
            if frames and (len(frames) >= MAX_BATCH_MESSAGES or length + len(line) > MAX_BATCH_BYTES):
                hint = self.hint(self._told.after(self._reading.entries, self._closed, told))
                yield Batched(frames, hint, before)
                frames, length, before = [], 0, hint
            start, end = (self._start + place * total // count for place in (number, number + 1))
            frames.append(Frame(line, start, end))
            length += len(line)
            told = until
        if frames:
            yield Batched(frames, self.hint(self.after), before)

    def hint(self, told: Told) -> JsonObject:
        """`told`, as a later process needs it."""
        return self._hint | {
            ROWS: told.lasting(self._reading.entries).pack(),
            SIZE: self._reading.size,
            HEADER: self._reading.header,
        }

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        """Every line with the place in the document up to which all is told when it is."""
        if self.fresh_header:
            yield self._reading.chat.header().line, 0
        if self.news.removed:
            yield REWIND, 0
        for number in self.news.numbers:
            try:
                yield self._reading.chat.message(number).line, number + 1
            except JsonError:
                raise DocumentError(NOT_WHOLE, HINTS[NOT_WHOLE]) from None


def frames_of(parts: list[bytes], size: int) -> list[Frame]:
    """The lines of a document of `size` bytes, each with its share of them (one at least: no message is shorter)."""
    ends = [(number + 1) * size // len(parts) for number in range(len(parts))]
    return [Frame(line, start, end) for line, start, end in zip(parts, [0, *ends], ends, strict=False)]


def offered(reading: Reading, live: JsonObject | None, *, following: bool) -> frozenset[bytes]:
    """Keys of the messages an import may take. `live` is the hint of the road that follows it, None if none ever did.

    While it is followed, what that road does not know yet it is about to take.
    """
    if FREEZE in (live or {}):
        return frozenset()
    told = Told.of(live or {})
    keys = frozenset(one.key for one in reading.entries)
    return (keys & told.rows.keys() if following else keys) - told.taken()


def continued(path: Path) -> bool:
    """Whether a newer CLI went on with this chat in lines: it copies all of it first."""
    return path.with_suffix(SUFFIX).is_file()


def sniff(path: Path, key: bytes) -> Transcript | None:
    """A document that lies anywhere: by its name where that is one the CLI gives, else if it is a chat."""
    found = guess(path, GEMINI, path.name.encode(errors="surrogateescape"), "", key)
    if found.conversation is not None:
        return found
    try:
        Reader(path, key).read()
    except (OSError, SidecarError):
        return None
    return found
