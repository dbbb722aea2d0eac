"""An import without its effects: the same bytes on the same road, and nothing stored.

Owns: `rehearse` and the numbers a person decides by.
Never: writes, sends, or shows a step.
Invariant: counts what the import would make now: copies, and what streams told already, are not counted as steps.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from parsers.claude_transcript import ClaudeTranscript
from parsers.gemini_chat import GeminiChat
from sidecar.errors import SidecarError
from sidecar.joining.roads import Joined, mark_of
from sidecar.joining.runs import Runs
from sidecar.offline import Offline, Tally
from sidecar.sources.documents import Reader, Take
from sidecar.sources.growth import Told
from sidecar.sources.tail import OpenFile
from sidecar.sources.transcript_names import GEMINI
from sidecar.store.conversations import STREAM, read_known, read_runs
from sidecar.wire.limits import MAX_AGE_SECONDS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from parsers.base import Parser
    from sidecar.importer import Part, Piece
    from sidecar.scrub.scrubber import Scrubber


@dataclass(slots=True)
class Rehearsal:
    """What an import would make. `old` steps are older than a Central Command takes: they would stay here, parked."""

    tally: Tally = field(default_factory=Tally)
    sessions: int = 0
    old: int = 0
    old_sessions: int = 0
    replaced: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """Files that changed since they were planned and cannot be read now, by reason."""

    def as_json(self) -> dict[str, Any]:
        """Sessions, lines by fate, steps by type, replacements by number, what is too old."""
        return {
            "sessions": self.sessions,
            **self.tally.as_json(),
            "replaced": self.replaced,
            "too_old": {"steps": self.old, "sessions": self.old_sessions, "days": round(MAX_AGE_SECONDS / 86_400)},
        }


def rehearse(
    pieces: list[Piece],
    scrubber: Scrubber,
    *,
    spool: sqlite3.Connection | None,
    key: bytes,
    now: float,
    moved: Callable[[int, int], None],
) -> Rehearsal:
    """Read `pieces` as the import would. `moved(file number, bytes so far)` is told as it goes. May take long."""
    result = Rehearsal()
    first: dict[int, int] = {}
    read = 0
    for number, piece in enumerate(pieces, start=1):
        offline = Offline(
            provider=piece.file.provider,
            dialect="transcript",
            scrubber=scrubber,
            around=_beside(piece, spool, key, first),
        )
        offline.tally = result.tally
        fresh = old = 0
        with ExitStack() as stack:
            stream = _Lines(piece, key) if piece.file.whole else _Parts(piece)
            stack.callback(stream.close)
            if isinstance(stream, _Lines) and stream.unread:
                result.left[stream.unread] += 1
            for step in offline.steps(cast("BinaryIO", stream), piece.modified):
                moment = step.step.timestamp if step.step.timestamp is not None else piece.modified
                old += moment < now - MAX_AGE_SECONDS
                fresh += moment >= now - MAX_AGE_SECONDS
                moved(number, read + stream.taken)
        read += piece.size
        moved(number, read)
        result.sessions += fresh + old > 0
        result.old += old
        result.old_sessions += old > 0 and not fresh
    result.replaced = sum(scrubber.counts.values())
    return result


class _Lines:
    """What is new in a document, as one stream."""

    def __init__(self, piece: Piece, key: bytes) -> None:
        self._stream = BytesIO()
        self.taken = 0
        self.unread = ""
        """Why nothing of it can be read now; "" where it can."""
        try:
            reading = Reader(piece.file.path, key).read()
            closed = {one.key for one in reading.entries} - piece.messages
            for batch in Take(reading, Told.of(piece.hint), piece.hint, 0, closed).batches():
                self._stream.write(b"".join((frame.line or b"") + b"\n" for frame in batch.frames))
        except SidecarError as error:
            self.unread = error.message
        self._stream.seek(0)

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""
        self.taken = self._stream.tell()
        return self._stream.read(size)

    def close(self) -> None:
        """Let it go."""
        self._stream.close()


class _Parts:
    """The parts of a file as one stream."""

    def __init__(self, piece: Piece) -> None:
        self._file = OpenFile(piece.file.path, b"")
        self._parts: list[Part] = list(piece.parts)
        self.taken = 0

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""
        while self._parts:
            part = self._parts[0]
            self._file.position = max(self._file.position, part.start)
            data = self._file.read(min(size, part.end - self._file.position))
            if data:
                self.taken += len(data)
                return data
            del self._parts[0]
        return b""

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _beside(
    piece: Piece, spool: sqlite3.Connection | None, key: bytes, first: dict[int, int]
) -> Callable[[Parser], Parser]:
    """What the recorder puts around a transcript's parser, from what the spool says now."""
    info = piece.file.source("import")
    owner = mark_of(info.key)

    def known(uuid: str) -> bool:
        mark = mark_of(uuid)
        keeps = piece.file.whole or piece.file.provider != GEMINI
        if (first.setdefault(mark, owner) if keeps else first.get(mark, owner)) != owner:
            return True
        return spool is not None and bool(read_known(spool, owner, [mark]))

    def around(parser: Parser) -> Parser:
        if isinstance(parser, ClaudeTranscript):
            parser.known_elsewhere, parser.parent_id = known, info.parent_call
        elif isinstance(parser, GeminiChat):
            parser.known_elsewhere = known
        if spool is None or info.conversation is None:
            return parser
        joined = Joined(parser)
        mark = Runs.mark_with(key, piece.file.provider, info.conversation)
        joined.windows = Runs.windows_of(run for run in read_runs(spool, mark) if run.record == STREAM)
        return joined

    return around
