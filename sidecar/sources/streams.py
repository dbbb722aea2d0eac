"""Our own stream files: every run that `wrap` and `tee` leave in the state folder.

Owns: `StreamFolder`, `RunReader`, `destroy`.
Never: deletes a byte before it is durable elsewhere, except when everything is revoked.
Invariant: a run's segments read as one file; a run whose end is durable is gone from disk.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import signal
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

import anyio
import anyio.to_thread

from sidecar.capture.framing import LINE_LIMIT, Ending, Frame
from sidecar.counters import Counters
from sidecar.errors import SidecarError
from sidecar.paths import make_private_dir, open_private
from sidecar.sources.base import Batch, Resume, SourceInfo
from sidecar.sources.gather import Gatherer, first_failure
from sidecar.sources.layout import (
    HALF_MADE,
    LOCK,
    Removed,
    Segment,
    is_empty,
    last_written,
    read_facts,
    remove_run,
    segments,
)
from sidecar.sources.missed import read_note
from sidecar.sources.watcher import open_watcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyio.abc import TaskGroup

    from sidecar.sources.base import Lookup, Sink
    from sidecar.sources.watcher import Signal, Watcher

MAX_FOLLOWED = 256
"""Runs followed at one time; the others wait for their turn on disk."""
MAX_ACTIVE = 8
"""Runs that are read, and wait for their batch to be durable, at one time."""
AGAIN_SECONDS = (0.02, 0.2, 1.0)
"""A dying writer's files close a moment before its lock falls, and nothing tells of the lock."""
HALF_MADE_SECONDS = 60.0
"""A folder without a lock that is older than this will never be finished."""
DESTROY_ROUNDS = 5
"""A writer may begin another segment while its run is destroyed; it notices soon after."""


class Look(NamedTuple):
    """One look at a run. `over`: the writer is gone and everything was read."""

    frames: list[Frame]
    more: bool
    over: bool


class RunReader:
    """One run as one virtual file. All methods are for worker threads."""

    __slots__ = ("_fd", "_folder", "_gatherer", "_limit", "_lock", "_segment", "gap", "position")

    def __init__(self, folder: Path, limit: int = LINE_LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = -1
        self._fd = -1
        self._segment = -1
        self._gatherer: Gatherer
        self.position = 0
        self.gap = 0
        """Bytes that were asked for and are not there any more."""

    def open(self) -> None:
        """Take hold of the run. OSError or SidecarError when it is not one of ours."""
        if self._folder.lstat().st_uid != os.geteuid():
            raise PermissionError(self._folder.name)
        self._lock = open_private(self._folder / LOCK, os.O_RDONLY)

    def begin(self, position: int) -> None:
        """Read from `position` on."""
        self.position = position
        self._gatherer = Gatherer(self._read, position, self._limit)

    def close(self) -> None:
        """Let all descriptors go."""
        for fd in (self._fd, self._lock):
            if fd >= 0:
                os.close(fd)
        self._fd = self._lock = self._segment = -1

    def look(self) -> Look:
        """The next batch. That the writer is gone is asked before reading, so nothing can come after the answer."""
        gone = self._writer_gone()
        got = self._gatherer.gather()
        if not got.more and self._skip_gap():
            return Look(got.frames, more=True, over=False)
        return Look(got.frames, got.more, over=gone and not got.more)

    def finish(self) -> Frame | None:
        """The torn tail."""
        return self._gatherer.finish()

    def abandoned(self) -> bool:
        """Whether nobody writes it and nothing is in it: its writer was killed at once, or its removal broken off."""
        return self._writer_gone() and is_empty(self._folder)

    def forget(self, safe: int) -> None:
        """Delete the segments that lie wholly before `safe`; never the last one, which may still be written to."""
        known = self._segments()
        for one, following in itertools.pairwise(known):
            if following.start <= safe and one.start != self._segment:
                (self._folder / one.name).unlink(missing_ok=True)

    def _writer_gone(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(self._lock, fcntl.LOCK_UN)
        return True

    def _segments(self) -> list[Segment]:
        try:
            return segments(os.listdir(self._folder))  # noqa: PTH208  # names, not paths
        except FileNotFoundError:
            return []

    def _read(self, size: int) -> bytes:
        while True:
            if self._fd >= 0:
                data = os.pread(self._fd, size, self.position - self._segment)
                if data:
                    self.position += len(data)
                    return data
            known = [one for one in self._segments() if one.start <= self.position]
            if not known or known[-1].start == self._segment:
                return b""
            following = known[-1]
            try:
                fd = open_private(self._folder / following.name, os.O_RDONLY)
            except FileNotFoundError:
                return b""
            if self.position - following.start > os.fstat(fd).st_size:
                os.close(fd)
                return b""
            if self._fd >= 0:
                os.close(self._fd)
            self._fd, self._segment = fd, following.start

    def _skip_gap(self) -> bool:
        """True if there is something to read after all: written meanwhile, or behind bytes that somebody deleted."""
        known = self._segments()
        later = [one.start for one in known if one.start > self.position]
        if not later:
            return False
        for one in reversed(known):
            # A segment with a successor is complete: its size is final.
            if one.start <= self.position:
                with contextlib.suppress(FileNotFoundError):
                    if one.start + (self._folder / one.name).lstat().st_size > self.position:
                        return True
                break
        self.gap += later[0] - self.position
        self.position = later[0]
        self._gatherer.jump(self.position)
        return True


class StreamFolder:
    """Follows every run in `streams`, from its checkpoint to its end, and takes away what is durable."""

    def __init__(
        self,
        streams: Path,
        *,
        sink: Sink,
        lookup: Lookup,
        counters: Counters | None = None,
        backend: str = "auto",
        limit: int = LINE_LIMIT,
        consent: str | None = None,
    ) -> None:
        """`consent` names the yes in force: a run begun under another one is destroyed unread."""
        self._consent = consent
        self._streams = streams
        self._sink = sink
        self._lookup = lookup
        self.counters = counters or Counters()
        self._backend = backend
        self._limit = limit
        self._turn = anyio.Semaphore(MAX_ACTIVE)
        self._following: set[str] = set()
        self._refused: set[str] = set()
        """Could not be opened, and are not tried again by this process."""

    @property
    def followed(self) -> int:
        """Runs followed now."""
        return len(self._following)

    async def run(self) -> None:
        """Follow until cancelled; raises what the sink raised."""
        self._following.clear()
        await anyio.to_thread.run_sync(self._make_folder)
        with first_failure():
            async with open_watcher(self._backend) as watcher, anyio.create_task_group() as tasks:
                changed = watcher.folder(self._streams)
                while True:
                    self._start(await anyio.to_thread.run_sync(self._scan), watcher, tasks, changed)
                    await changed.wait()

    def _make_folder(self) -> None:
        make_private_dir(self._streams.parent)
        make_private_dir(self._streams)

    def _scan(self) -> list[Path]:
        """The runs that are whole, oldest first; what will never be whole is removed."""
        found = []
        try:
            children = sorted(self._streams.iterdir())
        except FileNotFoundError:
            return []
        for child in children:
            try:
                info = child.lstat()
            except OSError:
                continue
            if not stat.S_ISDIR(info.st_mode):
                continue
            if not child.name.startswith(HALF_MADE):
                found.append(child)
            elif time.time() - info.st_mtime > HALF_MADE_SECONDS:
                remove_run(child)
        return found

    def _start(self, found: list[Path], watcher: Watcher, tasks: TaskGroup, changed: Signal) -> None:
        for folder in found:
            if folder.name in self._following or folder.name in self._refused:
                continue
            if len(self._following) >= MAX_FOLLOWED:
                self.counters.add("source.waited")
                return
            self._following.add(folder.name)
            tasks.start_soon(self._follow, folder, watcher, changed)

    async def _follow(self, folder: Path, watcher: Watcher, changed: Signal) -> None:
        grown = watcher.folder(folder)
        reader = RunReader(folder, self._limit)
        try:
            info = await self._begin(folder, reader)
            if info is not None:
                await self._read(info, reader, grown)
                await self._end(info, folder, reader)
        finally:
            reader.close()
            watcher.forget(grown)
            self._following.discard(folder.name)
        changed.fire()

    async def _begin(self, folder: Path, reader: RunReader) -> SourceInfo | None:
        """Who it is and where to go on; None if there is nothing to follow."""
        try:
            facts, _ = await anyio.to_thread.run_sync(read_facts, folder)
            await anyio.to_thread.run_sync(reader.open)
        except FileNotFoundError:
            if await anyio.to_thread.run_sync(_sweep, folder):
                self.counters.add("source.swept")
            else:
                self._refuse(folder)
            return None
        except (OSError, SidecarError):
            self._refuse(folder)
            return None
        if self._consent is not None and facts.consent not in {None, self._consent}:
            self.counters.dropped(1, "source.revoked", intentional=True)
            await anyio.to_thread.run_sync(remove_run, folder)
            return None
        info = SourceInfo(
            key=f"stream:{facts.run}",
            kind="stream",
            label=f"{facts.provider or 'stream'} {facts.run[-6:]}",
            provider=facts.provider,
            agent_id=facts.agent_id,
            role=facts.role,
            model=facts.model,
            started=facts.started or None,
        )
        resume = await self._lookup(info)
        if resume is None and await anyio.to_thread.run_sync(reader.abandoned):
            self.counters.add("source.swept")
            resume = Resume(0, 0, finished=True)
        if resume is not None and resume.finished:
            await anyio.to_thread.run_sync(remove_run, folder)
            return None
        reader.begin(resume.replay_from if resume is not None else 0)
        return info

    def _refuse(self, folder: Path) -> None:
        """Cannot be followed: told once, and left alone from now on."""
        self.counters.dropped(1, "source.unreadable", intentional=False)
        self._refused.add(folder.name)

    async def _read(self, info: SourceInfo, reader: RunReader, grown: Signal) -> None:
        """To the end of the run."""
        again: Iterator[float] = iter(())
        while True:
            async with self._turn:
                look = await anyio.to_thread.run_sync(reader.look)
                if look.frames:
                    committed = await self._sink(Batch(info, look.frames))
                    await anyio.to_thread.run_sync(reader.forget, committed.safe)
                    again = iter(())
            if look.over:
                return
            if look.more:
                continue
            pause = next(again, None)
            if pause is not None:
                await anyio.sleep(pause)
                continue
            await grown.wait()
            again = iter(AGAIN_SECONDS)

    async def _end(self, info: SourceInfo, folder: Path, reader: RunReader) -> None:
        """The last batch, and then nothing of the run is left on disk."""
        torn = reader.finish()
        frames = [torn] if torn is not None else []
        _, end = await anyio.to_thread.run_sync(read_facts, folder)
        # A writer that wrote no end was killed: what it passed on last may be missing, and nobody knows how much.
        code, number = (end.exit_code, end.signal) if end is not None else (None, int(signal.SIGKILL))
        ending = Ending(exit_code=code, signal=number, torn=torn is not None, abandoned=end is None)
        # The holes the writer left are in its own count already; after a restart this reader saw only some of them.
        if end is not None:
            lost, reason = end.lost_bytes + max(0, reader.gap - end.hole_bytes), end.lost_reason
        else:
            note = await anyio.to_thread.run_sync(read_note, folder / LOCK)
            lost, reason = max(reader.gap, note.lost_bytes if note else 0), note.reason if note else None
        reason = reason or ("stream gap" if reader.gap else None)
        self.counters.dropped(lost, f"stream.{reason}", intentional=reason in {"revoked", "suspended"})
        written = await anyio.to_thread.run_sync(last_written, folder)
        await self._sink(Batch(info, frames, {}, ending, lost, reason, written=written))
        await anyio.to_thread.run_sync(remove_run, folder)


def _sweep(folder: Path) -> bool:
    """Take away a run without a lock: destroyed since it was listed, or half removed. False if it has content."""
    with contextlib.suppress(OSError, SidecarError):
        if is_empty(folder):
            remove_run(folder)
    return not folder.exists()


def destroy(streams: Path) -> Removed:
    """Empty and remove every run, whoever still writes or reads it; answers what was there."""
    files = size = 0
    for _ in range(DESTROY_ROUNDS):
        try:
            children = list(streams.iterdir())
        except FileNotFoundError:
            break
        if not children:
            break
        for child in children:
            if child.is_dir() and not child.is_symlink():
                removed = remove_run(child)
                files, size = files + removed.files, size + removed.bytes
            else:
                with contextlib.suppress(FileNotFoundError):
                    child.unlink()
    return Removed(files, size)
