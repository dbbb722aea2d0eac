"""Files of others: one that was named, or all of a folder that are stream files.

Owns: `FileFolder`: which files there are, and one `Tail` for each that has something to say.
Never: looks into subfolders, or writes anything.
Invariant: a file without news costs no task, no descriptor and no wake-up; one with news has exactly one tail.
"""

from __future__ import annotations

import stat
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

import anyio
import anyio.to_thread

from sidecar.capture.framing import LINE_LIMIT
from sidecar.counters import Counters
from sidecar.sources.gather import first_failure
from sidecar.sources.tail import IDLE_SECONDS, Kind, Rest, Tail
from sidecar.sources.watcher import open_watcher

if TYPE_CHECKING:
    from pathlib import Path

    from anyio.abc import TaskGroup

    from sidecar.sources.base import Lookup, Sink
    from sidecar.sources.watcher import Signal, Watcher

PATTERNS = ("*.jsonl", "*.ndjson", "*.log")
"""What a stream file in a watched folder is called."""
MAX_FOLLOWED = 256
"""Files with an open session at one time; the others wait for their turn on disk."""
MAX_ACTIVE = 8
"""Files that are read, and wait for their batch to be durable, at one time."""
SCAN_PAUSE_SECONDS = 0.2
"""A busy folder is listed at most this often."""


class Scan(NamedTuple):
    """What there is: the files, and whether they are the children of a folder."""

    files: dict[Path, Rest]
    is_folder: bool


class FileFolder:
    """Follows `path`: a file, a folder, or a folder with a pattern as its last part (`~/logs/*.jsonl`)."""

    def __init__(
        self,
        path: Path,
        *,
        provider: str | None,
        dialect: str,
        sink: Sink,
        lookup: Lookup,
        idle_seconds: float = IDLE_SECONDS,
        key: bytes = b"",
        counters: Counters | None = None,
        backend: str = "auto",
        limit: int = LINE_LIMIT,
    ) -> None:
        globbed = any(mark in path.name for mark in "*?[")
        self._path = path.parent if globbed else path
        self._patterns = (path.name,) if globbed else PATTERNS
        self._kind = Kind(provider, dialect)
        self._sink = sink
        self._lookup = lookup
        self._idle_seconds = idle_seconds
        self._key = key
        self.counters = counters or Counters()
        self._backend = backend
        self._limit = limit
        self._turn = anyio.Semaphore(MAX_ACTIVE)
        self._tails: dict[Path, Tail] = {}
        self._rests: dict[Path, Rest] = {}

    @property
    def followed(self) -> int:
        """Files with an open session now."""
        return len(self._tails)

    async def run(self) -> None:
        """Follow until cancelled; raises what the sink raised."""
        self._tails.clear()
        self._rests.clear()
        with first_failure():
            async with open_watcher(self._backend) as watcher, anyio.create_task_group() as tasks:
                changed = watcher.folder(self._path)
                is_folder = True
                while True:
                    scan = await anyio.to_thread.run_sync(self._scan)
                    if scan.is_folder != is_folder and scan.files:
                        watcher.forget(changed)
                        changed = watcher.folder(self._path) if scan.is_folder else watcher.file(self._path)
                        is_folder = scan.is_folder
                        continue
                    self._start(scan, watcher, tasks, changed)
                    await changed.wait()
                    await anyio.sleep(SCAN_PAUSE_SECONDS)

    def _scan(self) -> Scan:
        try:
            info = self._path.lstat()
            if not stat.S_ISDIR(info.st_mode) and not stat.S_ISLNK(info.st_mode):
                return Scan({self._path: Rest(info.st_ino, info.st_size)}, is_folder=False)
            children = list(self._path.iterdir())
        except OSError:
            return Scan({}, is_folder=True)
        found = {}
        for child in children:
            if child.name.startswith(".") or not any(fnmatch(child.name, pattern) for pattern in self._patterns):
                continue
            try:
                info = child.lstat()
            except OSError:
                continue
            if stat.S_ISREG(info.st_mode):
                found[child] = Rest(info.st_ino, info.st_size)
        return Scan(found, is_folder=True)

    def _start(self, scan: Scan, watcher: Watcher, tasks: TaskGroup, changed: Signal) -> None:
        """One tail for each file that differs from what was left of it; those that never ended first by name."""
        self._rests = {path: rest for path, rest in self._rests.items() if path in scan.files}
        busy = {tail.inode for tail in self._tails.values()}
        for path, seen in sorted(scan.files.items()):
            if path in self._tails or self._rests.get(path) == seen or seen.inode in busy:
                continue
            if len(self._tails) >= MAX_FOLLOWED:
                self.counters.add("source.waited")
                return
            signal = watcher.file(path)
            tail = Tail(
                path,
                self._kind,
                sink=self._sink,
                lookup=self._lookup,
                changed=signal,
                turn=self._turn,
                counters=self.counters,
                idle_seconds=self._idle_seconds,
                key=self._key,
                limit=self._limit,
            )
            self._tails[path] = tail
            tasks.start_soon(self._follow, path, tail, watcher, signal, changed)

    async def _follow(self, path: Path, tail: Tail, watcher: Watcher, signal: Signal, changed: Signal) -> None:
        try:
            self._rests[path] = await tail.run()
        finally:
            del self._tails[path]
            watcher.forget(signal)
        changed.fire()
