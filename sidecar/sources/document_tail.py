"""One chat document, followed: what is new in it each time it has settled.

Owns: `DocumentTail`, `place`.
Never: takes a document that is half written, or what was there before following began, however it grows.
Invariant: a message is told when it is new, and its later parts when they are; a document that cannot be taken is named
beside its checkpoint until it can be, and looked at again whenever it is written to.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import anyio.to_thread

from sidecar.capture.framing import Ending
from sidecar.errors import SidecarError
from sidecar.sources.base import Batch
from sidecar.sources.documents import FREEZE, DocumentError, Reader, Take
from sidecar.sources.growth import HEADER, ROWS, SIZE, Mark, Told
from sidecar.sources.tail import Rest
from sidecar.sources.transcript_tail import TranscriptTail
from sidecar.store.documents import UNREADABLE

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.step import JsonObject
    from sidecar.sources.base import SourceInfo
    from sidecar.sources.documents import Reading

SETTLE_SECONDS = 0.1
"""A document is read when it was not written to for so long: its time stamp tells of any write from then on."""
MAX_UNSETTLED = 50
"""Looks at a document that is written to all the time; then it is read all the same, if it can be read whole."""
SHARE = 20.0
"""So many times as long as a reading took nothing is read: a long document, rewritten all the time, costs little."""
LEFT, REWOUND, LATE = "left", "rewound", "late"
"""In a hint: why it is left now; messages taken back since following began; messages that changed far from the end."""
STAMP = "stamp"
"""In a hint, once its session is over: the time stamp of what was read."""
_KEPT = (ROWS, SIZE, HEADER, FREEZE, LEFT, REWOUND, LATE, "at")


class Seen(NamedTuple):
    """A document as the file system has it. `modified` is unix seconds."""

    rest: Rest
    modified: float


class DocumentTail(TranscriptTail):
    """A transcript that is rewritten whole. The hint keeps what was told, by message."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._reader = Reader(self._path, self._key)
        self._memory: JsonObject = {}
        self._told = Told({})
        self._position = 0
        self._open = False
        self._took = 0.0
        """Seconds of the last reading."""

    async def run(self) -> Rest:
        """Follow until it is gone, or has been silent for so long that its session is over."""
        info = await self._source(0)
        resume = await self._lookup(info)
        if resume is not None:
            self._open = resume.offset > 0 and not resume.skip and not resume.hint.get("closed")
            # Not where a line began that was handed over before: one that made the program fail is known by its place.
            self._position = resume.offset + 1
            self._memory = {name: resume.hint[name] for name in _KEPT if name in resume.hint}
            if resume.skip:
                # A revocation lies behind: nothing of what is there is read, whenever it was written.
                self._memory[FREEZE] = int(Mark.GONE)
            self._told = Told.of(self._memory)
        while (seen := await self._settled()) is not None:
            async with self._turn:
                reason = await self._take_news(info)
            pause = min(self._idle_seconds, self._took * SHARE)
            if seen == await anyio.to_thread.run_sync(look, self._path):
                await self._note(info, reason)
                if await self._silent(info, seen.modified, live=self._open):
                    await self._end_session(info, self._silence(info), seen)
                    return seen.rest
            await anyio.sleep(pause)
        await self._note(info, "")
        await self._end_session(info, Ending(idle=True), None)
        return Rest()

    async def _settled(self) -> Seen | None:
        """The document, once nobody writes to it; None if it is gone, and nobody puts another one in its place."""
        for _ in range(MAX_UNSETTLED):
            seen = await anyio.to_thread.run_sync(look, self._path)
            if seen is not None and not 0 <= time.time() - seen.modified < SETTLE_SECONDS:
                return seen
            await anyio.sleep(SETTLE_SECONDS)
        return seen

    async def _take_news(self, info: SourceInfo) -> str:
        """Take what is new; answers why it was left, "" if it was not."""
        started = time.monotonic()
        try:
            reading = await anyio.to_thread.run_sync(self._reader.read)
        except DocumentError as error:
            return error.message
        except FileNotFoundError:
            return ""
        except (OSError, SidecarError):
            return UNREADABLE
        finally:
            self._took = time.monotonic() - started
        if FREEZE in self._memory:
            await self._freeze(info, reading)
        take = await anyio.to_thread.run_sync(Take, reading, self._told, self._memory, self._position)
        self._count(REWOUND, take.news.removed)
        self._count(LATE, take.news.late)
        batches = take.batches()
        while take:
            try:
                batch = await anyio.to_thread.run_sync(next, batches, None)
            except DocumentError as error:
                return error.message
            if batch is None:
                break
            await self._sink(Batch(info, batch.frames, batch.hint, before=batch.before))
            self._memory, self._position, self._open = batch.hint, batch.frames[-1].end, True
        self._told = take.after
        return ""

    async def _freeze(self, info: SourceInfo, reading: Reading) -> None:
        """What is there is none of ours: it was there when following began, or a revocation destroyed it."""
        self._told = self._told.frozen(reading.entries, Mark(self._memory.pop(FREEZE)))
        self._memory |= {ROWS: self._told.pack(), SIZE: reading.size, HEADER: reading.header}
        await self._sink(Batch(info, [], self._beside()))

    def _count(self, name: str, n: int) -> None:
        if n:
            self._memory[name] = int(self._memory.get(name, 0)) + n
            self._counters.add(f"source.document_{name}", n)

    async def _note(self, info: SourceInfo, reason: str) -> None:
        """Keep beside the checkpoint why the document is left, or that it is not any more."""
        if reason == self._memory.get(LEFT, ""):
            return
        self._memory.pop(LEFT, None)
        if reason:
            self._memory[LEFT] = reason
            self._counters.add("source.document_left")
        await self._sink(Batch(info, [], self._beside()))

    def _beside(self) -> JsonObject:
        """What is kept while nothing is taken; a session that is over stays so."""
        return dict(self._memory) if self._open else self._memory | {"closed": True}

    async def _end_session(self, info: SourceInfo, ending: Ending, seen: Seen | None) -> None:
        """Nothing more is expected: what the parser holds comes out, so that nothing need be told again."""
        if not self._open:
            return
        hint = self._memory | {ROWS: self._told.pack(), "closed": True}
        if seen is not None and LEFT not in hint:
            hint[STAMP] = seen.rest.stamp
        await self._sink(Batch(info, [], hint, ending))
        self._open = False


def look(path: Path) -> Seen | None:
    """What stands at `path` now."""
    try:
        info = path.lstat()
    except OSError:
        return None
    return Seen(Rest(info.st_ino, info.st_size, info.st_mtime_ns), info.st_mtime)


def place(path: Path, key: bytes, hint: JsonObject, *, skip: bool, now: float) -> JsonObject:
    """The hint of a document when following begins: all that is there is none of ours.

    `hint` is the one there was: what was taken then is never read again, nor is anything if a revocation came after it.
    """
    mark = Mark.GONE if skip else Mark.BEFORE
    begun: JsonObject = {"at": now, "closed": True}
    try:
        reading = Reader(path, key).read()
    except (OSError, SidecarError):
        return {name: hint[name] for name in _KEPT if name in hint} | begun | {FREEZE: int(mark)}
    told = Told.of(hint).frozen(reading.entries, mark)
    return begun | {ROWS: told.pack(), SIZE: reading.size, HEADER: reading.header, STAMP: reading.stamp}
