"""One file, followed from a checkpoint.

Owns: `Tail` and `OpenFile`: append, truncation, rename and recreation, deletion, idleness.
Never: follows a link, reads what belongs to somebody else, or reads faster than its sink makes durable.
Invariant: every byte of one generation of the file is handed over once, in order, or read again after a restart; a
torn tail waits until it is known that nothing will follow.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

import anyio
import anyio.to_thread

from sidecar.capture.framing import LINE_LIMIT, Ending, Frame
from sidecar.errors import SidecarError
from sidecar.paths import open_private
from sidecar.sources.base import Batch, Resume, SourceInfo
from sidecar.sources.gather import Gatherer, keyed_hash

if TYPE_CHECKING:
    from pathlib import Path

    from parsers.step import JsonObject
    from sidecar.counters import Counters
    from sidecar.sources.base import Lookup, Sink
    from sidecar.sources.watcher import Signal

IDLE_SECONDS = 1_800.0
"""After this much silence the session of a file is taken for over."""
ROTATION_GRACE_SECONDS = 1.0
"""A writer may still write to a file that was renamed or unlinked under it."""
HEAD_BYTES = 256
LOOK_BACK_BYTES = 64 * 1024
MAX_GENERATIONS = 1_000
MAX_LABEL = 80


class State(Enum):
    """How an open file stands to its path and to what was read of it."""

    SAME = auto()
    TRUNCATED = auto()
    MOVED = auto()
    """Its path is free or leads to another file; this one may still be written to."""
    UNLINKED = auto()


class Rest(NamedTuple):
    """What was left behind: there is nothing to do until the file at the path differs from this."""

    inode: int = 0
    size: int = 0
    stamp: int = 0
    """When it was last written to (nanoseconds), of a file that may be rewritten at its length."""


class Look(NamedTuple):
    """One look at the file: what it gave, and how it stands. `modified` is unix seconds."""

    state: State
    frames: list[Frame]
    more: bool
    modified: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What the lines of a file are, as the configuration says."""

    provider: str | None = None
    dialect: str = "stream"


class OpenFile:
    """An open file that remembers how it began. For worker threads. Opening raises OSError and UnsafePathError."""

    __slots__ = ("_fd", "_head", "_key", "_path", "device", "inode", "position")

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        # O_NONBLOCK: opening a pipe would wait for its writer; `open_private` then refuses it.
        self._fd = open_private(path, os.O_RDONLY | os.O_NONBLOCK)
        info = os.fstat(self._fd)
        self.device = info.st_dev
        self.inode = info.st_ino
        self.position = 0
        self._head = os.pread(self._fd, HEAD_BYTES, 0)

    def close(self) -> None:
        """Let it go."""
        os.close(self._fd)

    def read(self, size: int) -> bytes:
        """The next bytes; none at the end."""
        data = os.pread(self._fd, size, self.position)
        self.position += len(data)
        return data

    def state(self) -> tuple[State, float]:
        """How it stands, and when it was last written to."""
        info = os.fstat(self._fd)
        head = os.pread(self._fd, HEAD_BYTES, 0)
        if info.st_size < self.position or not head.startswith(self._head):
            return State.TRUNCATED, info.st_mtime
        self._head = head
        if info.st_nlink == 0:
            return State.UNLINKED, info.st_mtime
        try:
            there = self._path.lstat()
        except OSError:
            return State.MOVED, info.st_mtime
        same = (there.st_dev, there.st_ino) == (self.device, self.inode)
        return State.SAME if same else State.MOVED, info.st_mtime

    def stat(self) -> os.stat_result:
        """As the file system has it now."""
        return os.fstat(self._fd)

    def size(self) -> int:
        """Its length now."""
        return os.fstat(self._fd).st_size

    def whole_lines(self) -> int:
        r"""The position after the last ``\n`` there is now, 0 if there is none."""
        end = os.fstat(self._fd).st_size
        while end > 0:
            start = max(0, end - LOOK_BACK_BYTES)
            cut = os.pread(self._fd, end - start, start).rfind(b"\n")
            if cut >= 0:
                return start + cut + 1
            end = start
        return 0

    def begins_line(self, position: int) -> bool:
        """Whether a line begins at `position`."""
        return position == 0 or os.pread(self._fd, 1, position - 1) == b"\n"

    def same_head(self, hint: JsonObject) -> bool:
        """Whether it begins as the file did that `hint` was made of; True if the hint does not say."""
        length = hint.get("head_bytes")
        return (
            not self._key
            or not isinstance(length, int)
            or hint.get("head") == keyed_hash(self._head[:length], self._key)
        )

    def hint(self, **more: object) -> JsonObject:
        """What lets a later process recognise this very file. Without a key nothing is said of its content."""
        found: JsonObject = {"device": self.device, "inode": self.inode, **more}
        if self._key:
            found |= {"head_bytes": len(self._head), "head": keyed_hash(self._head, self._key)}
        return found

    def matches(self, resume: Resume) -> bool:
        """Whether `resume` was written for this file as it is now."""
        hint = resume.hint
        if hint.get("over") or resume.offset > self.size() or hint.get("inode", self.inode) != self.inode:
            return False
        length = hint.get("head_bytes")
        if not self._key or not isinstance(length, int):
            return bool(hint.get("device", self.device) == self.device)
        # Device numbers change at a reboot; a whole head that is the same says more.
        if hint.get("device") != self.device and length < HEAD_BYTES:
            return False
        return bool(hint.get("head") == keyed_hash(self._head[:length], self._key))


class Tail:
    """Follows the file at a path until there is nothing left to do there."""

    def __init__(
        self,
        path: Path,
        kind: Kind,
        *,
        sink: Sink,
        lookup: Lookup,
        changed: Signal,
        turn: anyio.Semaphore,
        counters: Counters,
        idle_seconds: float = IDLE_SECONDS,
        key: bytes = b"",
        limit: int = LINE_LIMIT,
    ) -> None:
        self._path = path
        self._kind = kind
        self._sink = sink
        self._lookup = lookup
        self._changed = changed
        self._turn = turn
        self._counters = counters
        self._idle_seconds = idle_seconds
        self._key = key
        self._limit = limit
        self.inode = 0
        """Of the file that is followed now."""

    async def run(self) -> Rest:
        """Follow until the file is gone, or has been silent for so long that its session is over."""
        generation = 0
        while True:
            try:
                file = await anyio.to_thread.run_sync(OpenFile, self._path, self._key)
            except FileNotFoundError:
                return Rest()
            except (OSError, SidecarError):
                self._counters.dropped(1, "source.unreadable", intentional=True)
                return await anyio.to_thread.run_sync(look_at, self._path)
            if file.inode != self.inode:
                generation = 0
            self.inode = file.inode
            try:
                state, generation = await self._follow(file, generation)
                rest = Rest(file.inode, file.position)
            finally:
                file.close()
            if state is State.SAME:
                return rest
            if state is State.TRUNCATED:
                generation += 1
                self._counters.add("source.truncated")
            else:
                self.inode = 0
                self._counters.add("source.rotated")

    async def _identify(self, file: OpenFile, generation: int) -> tuple[int, SourceInfo, Resume]:
        """Find the generation of this file that goes on, ending those that cannot any more."""
        label = self._path.name[:MAX_LABEL]
        for number in range(generation, MAX_GENERATIONS):
            info = SourceInfo(f"file:{file.inode:x}.{number}", "file", label, self._kind.provider, self._kind.dialect)
            resume = await self._lookup(info)
            if resume is None:
                return number, info, Resume(0, 0)
            if await anyio.to_thread.run_sync(file.matches, resume):
                return number, info, resume
            if not resume.finished:
                await self._sink(Batch(info, [], {**resume.hint, "over": True}, Ending()))
                self._counters.add("source.replaced")
        raise SidecarError(f"{label} was replaced {MAX_GENERATIONS} times", "Watch another file.")

    async def _follow(self, file: OpenFile, generation: int) -> tuple[State, int]:
        """One generation of one file, to its end. Answers how it ended (SAME: it fell silent) and its number."""
        number, info, resume = await self._identify(file, generation)
        if resume.skip:
            # A revocation lies behind: what was written while capture was off is never read.
            begin = max(resume.offset, await anyio.to_thread.run_sync(file.whole_lines))
            self._skipped(resume.offset, begin)
            await self._sink(Batch(info, [], self._hint(file, closed=True), begin=begin))
            resume = Resume(begin, begin, {"closed": True})
        file.position = resume.replay_from
        gatherer = Gatherer(file.read, resume.replay_from, self._limit)
        live = resume.offset > 0 and not resume.finished and not resume.hint.get("closed")
        waited = False
        while True:
            async with self._turn:
                look = await anyio.to_thread.run_sync(self._look, file, gatherer)
                if look.frames:
                    await self._sink(Batch(info, look.frames, self._hint(file)))
                    live, waited = True, False
            if look.more:
                continue
            if look.state is State.TRUNCATED or (look.state is not State.SAME and waited):
                # A file that only moved may be found again under its new name; the others never come back.
                await self._end(info, gatherer, self._hint(file, over=look.state is not State.MOVED))
                return look.state, number
            if look.state is not State.SAME:
                waited = True
                await anyio.sleep(ROTATION_GRACE_SECONDS)
            elif await self._silent(info, look.modified, live=live or gatherer.pending > 0):
                if live:
                    await self._sink(Batch(info, [], self._hint(file, closed=True), self._silence(info)))
                return State.SAME, number

    @staticmethod
    def _look(file: OpenFile, gatherer: Gatherer) -> Look:
        state, modified = file.state()
        if state is State.TRUNCATED:
            return Look(state, [], more=False, modified=modified)
        got = gatherer.gather()
        return Look(state, got.frames, got.more, modified)

    def _hint(self, file: OpenFile, **more: object) -> JsonObject:
        """What is kept beside the position."""
        return file.hint(**more)

    def _skipped(self, start: int, end: int) -> None:
        """What lies from `start` to `end` is none of ours."""

    def _silence(self, info: SourceInfo) -> Ending:  # noqa: ARG002 - some files have a better reason to be over
        """How a session ends whose file fell silent."""
        return Ending(idle=True)

    async def _silent(self, info: SourceInfo, modified: float, *, live: bool) -> bool:  # noqa: ARG002 - as above
        """Wait for a change; True if there was none for so long that nothing more is expected."""
        if not live:
            return True
        left = min(self._idle_seconds, self._idle_seconds - (time.time() - modified))
        if left > 0:
            with anyio.move_on_after(left):
                await self._changed.wait()
                return False
        return True

    async def _end(self, info: SourceInfo, gatherer: Gatherer, hint: JsonObject) -> None:
        """Nothing will follow: a torn tail is all there will ever be of its line."""
        torn = gatherer.finish()
        frames = [torn] if torn is not None else []
        await self._sink(Batch(info, frames, hint, Ending(torn=torn is not None)))


def look_at(path: Path) -> Rest:
    """What stands at `path` now."""
    try:
        info = path.lstat()
    except OSError:
        return Rest()
    return Rest(info.st_ino, info.st_size)
