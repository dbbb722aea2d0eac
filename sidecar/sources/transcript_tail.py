"""One transcript, followed: as a file is, but known by its name, and over when the run that writes it is.

Owns: `TranscriptTail`.
Never: takes silence for the end while a wrapped run still writes.
Invariant: a transcript that was moved or copied back goes on where it was; one that was rewritten begins anew.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from sidecar.capture.framing import Ending
from sidecar.errors import SidecarError
from sidecar.sources.base import Batch, Resume
from sidecar.sources.tail import MAX_GENERATIONS, Kind, OpenFile, Tail

if TYPE_CHECKING:
    from parsers.step import JsonObject
    from sidecar.sources.base import Owner, SourceInfo
    from sidecar.sources.transcript_names import Transcript

NOTE_SECONDS = 1.0
"""The note beside a sub-agent's file may come a moment after the file."""
_NOTE_PAUSE = 0.1


class TranscriptTail(Tail):
    """The hint also keeps where following this file began, when, and which parts of it were taken before."""

    def __init__(self, file: Transcript, *, owner: Owner | None, **options: Any) -> None:
        super().__init__(file.path, Kind(file.provider, "transcript"), **options)
        self._file = file
        self._owner = owner
        self._kept: JsonObject = {}

    async def _identify(self, file: OpenFile, generation: int) -> tuple[int, SourceInfo, Resume]:
        """Find the generation of this file that goes on, ending those that cannot any more."""
        for number in range(generation, MAX_GENERATIONS):
            info = await self._source(number)
            resume = await self._lookup(info)
            if resume is None:
                self._kept = {}
                return number, info, Resume(0, 0)
            if await anyio.to_thread.run_sync(_continues, file, resume):
                self._kept = {name: resume.hint[name] for name in ("begin", "at", "taken") if name in resume.hint}
                return number, info, resume
            if not resume.finished:
                await self._sink(Batch(info, [], {**resume.hint, "over": True}, Ending()))
                self._counters.add("source.replaced")
        raise SidecarError(f"a transcript was rewritten {MAX_GENERATIONS} times", "Remove it, or import it elsewhere.")

    async def _source(self, number: int) -> SourceInfo:
        """Who it is. A sub-agent's file waits a moment for the note that names its call."""
        info = await anyio.to_thread.run_sync(self._file.source, "transcript", number)
        end = time.monotonic() + NOTE_SECONDS
        while self._file.agent is not None and info.parent_call is None and time.monotonic() < end:
            if not await anyio.to_thread.run_sync(self._is_fresh):
                break
            await anyio.sleep(_NOTE_PAUSE)
            info = await anyio.to_thread.run_sync(self._file.source, "transcript", number)
        return info

    def _is_fresh(self) -> bool:
        try:
            return time.time() - self._path.lstat().st_mtime < 2 * NOTE_SECONDS
        except OSError:
            return False

    def _hint(self, file: OpenFile, **more: object) -> JsonObject:
        return file.hint(**self._kept, **more)

    def _skipped(self, start: int, end: int) -> None:
        self._kept = {"begin": end, "at": time.time(), "taken": [[0, start]]}

    def _silence(self, info: SourceInfo) -> Ending:
        """As the run ended that wrote it, or by silence."""
        return (self._owner.ending(info) if self._owner is not None else None) or Ending(idle=True)

    async def _silent(self, info: SourceInfo, modified: float, *, live: bool) -> bool:
        """Over when its run is; while one goes on, silence says nothing."""
        if live and self._owner is not None:
            if self._owner.writing(info):
                await self._changed.wait()
                return False
            if self._owner.ending(info) is not None:
                return True
        return await super()._silent(info, modified, live=live)


def _continues(file: OpenFile, resume: Resume) -> bool:
    """Whether what was read of `resume` is how this file begins."""
    if resume.hint.get("over") or resume.offset > file.size() or not file.begins_line(resume.offset):
        return False
    return file.same_head(resume.hint)
