"""Chats stored as one JSON document, rewritten whole at every turn: read once, by import, never followed.

Owns: `frames_of`, `Pages`: the messages of a document as frames, like the lines of a file; `extent`, `sniff`.
Never: reads more than MAX_DOCUMENT_BYTES, or takes a document that is not whole.
Invariant: the frames of one document are the same at every reading, in order, and cover its bytes exactly once; where
in these bytes a message stands is not known, so that it has its share of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.blocks import JsonError
from parsers.gemini_document import MAX_DOCUMENT_BYTES, lines
from sidecar.capture.framing import Frame
from sidecar.errors import SidecarError
from sidecar.sources.base import MAX_BATCH_BYTES, MAX_BATCH_FRAMES
from sidecar.sources.gather import Gathered
from sidecar.sources.tail import OpenFile
from sidecar.sources.transcript_names import GEMINI, Transcript, guess

if TYPE_CHECKING:
    from pathlib import Path

TOO_LONG = "a chat document of more than 64 MiB"
NOT_WHOLE = "a chat document that is not whole JSON (half written? try again)"
CHANGED = "a chat document that changed since it was taken (taken once)"


class DocumentError(SidecarError):
    """A document that is not taken; the message is one of the reasons above."""


def extent(path: Path) -> tuple[float, int]:
    """When it was written to (unix seconds) and its length. Raises DocumentError, OSError, UnsafePathError."""
    file = OpenFile(path, b"")
    try:
        size = file.size()
        _read(file, size)
        return file.state()[1], size
    finally:
        file.close()


def sniff(path: Path, key: bytes) -> Transcript | None:
    """A document that lies anywhere: by its name where that is one the CLI gives, else if it is a chat."""
    found = guess(path, GEMINI, path.name.encode(errors="surrogateescape"), "", key)
    if found.conversation is not None:
        return found
    try:
        extent(path)
    except (OSError, SidecarError):
        return None
    return found


class Pages:
    """A document of `size` bytes in batches, as a `Gatherer` gives a file's; without the frames before `start`."""

    def __init__(self, file: OpenFile, size: int, start: int) -> None:
        self._file = file
        self._size = size
        self._start = start
        self._frames: list[Frame] | None = None

    def gather(self) -> Gathered:
        """The frames of one batch. Raises DocumentError if the document is another one by now."""
        if self._frames is None:
            found = frames_of(_read(self._file, self._size), self._size)
            self._frames = [frame for frame in found if frame.end > self._start]
        length = 0
        for number, frame in enumerate(self._frames):
            length += len(frame.line or b"")
            if number and (number >= MAX_BATCH_FRAMES or length > MAX_BATCH_BYTES):
                batch, self._frames = self._frames[:number], self._frames[number:]
                return Gathered(batch, more=True)
        batch, self._frames = self._frames, []
        return Gathered(batch, more=False)


def frames_of(parts: list[bytes], size: int) -> list[Frame]:
    """The lines of a document of `size` bytes, each with its share of them (one at least: no message is shorter)."""
    ends = [(number + 1) * size // len(parts) for number in range(len(parts))]
    return [Frame(line, start, end) for line, start, end in zip(parts, [0, *ends], ends, strict=False)]


def _read(file: OpenFile, size: int) -> list[bytes]:
    if size > MAX_DOCUMENT_BYTES:
        raise DocumentError(TOO_LONG, "It stays where it is; nothing of it was read.")
    file.position, pieces = 0, []
    while piece := file.read(size + 1 - file.position):
        pieces.append(piece)
    data = b"".join(pieces)
    try:
        if len(data) == size:
            return lines(data)
    except JsonError:
        pass
    raise DocumentError(NOT_WHOLE, "The CLI may be writing it: import again later.")
