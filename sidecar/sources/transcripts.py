"""What the CLIs store of their conversations, followed live: all transcripts below their folders.

Owns: `TranscriptFolders`: which folders are watched, where following begins, one tail per transcript with news.
Never: reads what was there before following was switched on, or what was written while it was off.
Invariant: a file without news costs no task, no descriptor and no wake-up, however many there are.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

import anyio
import anyio.to_thread

from sidecar.capture.framing import LINE_LIMIT
from sidecar.counters import Counters
from sidecar.errors import SidecarError
from sidecar.sources.document_tail import STAMP, DocumentTail, place
from sidecar.sources.gather import first_failure
from sidecar.sources.tail import IDLE_SECONDS, OpenFile, Rest
from sidecar.sources.transcript_names import Home, Transcript, classify, enters, is_document, is_transcript, short
from sidecar.sources.transcript_tail import TranscriptTail
from sidecar.sources.watcher import open_watcher

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from pathlib import Path

    from anyio.abc import TaskGroup

    from parsers.step import JsonObject
    from sidecar.sources.base import Lookup, Owner, Sink
    from sidecar.sources.watcher import Signal, Watcher

MAX_FOLDERS = 4_096
"""Folders watched; what lies in others is found by the reconcile scan's first look at their parents only."""
MAX_FOLLOWED = 128
"""Transcripts with an open session at one time; the others wait for their turn on disk."""
MAX_ACTIVE = 4
"""Transcripts that are read, and wait for their batch to be durable, at one time."""
SCAN_PAUSE_SECONDS = 0.2
"""A busy folder is listed at most this often."""
CLOCK_SLACK_SECONDS = 1.0
"""Time stamps of files lag behind the clock by up to this."""
MAX_PARTS = 32
"""How often following one file may begin and end before all of it counts as taken."""
MARKER = "transcripts:"
"""The source that stands for following as a whole: it is there while every file has its beginning."""

DOCUMENTS = "documents"
"""In the hint of MARKER: chats in one JSON document have their beginning, too."""


class Position(NamedTuple):
    """Where the journal stands with a source. `rested`: nothing of it is open."""

    key: str
    offset: int
    hint: JsonObject
    skip: bool = False
    rested: bool = True


class Books(NamedTuple):
    """The two questions this source has for the journal: `positions(prefix)`, and `place(positions)`, all or none."""

    positions: Callable[[str], Awaitable[list[Position]]]
    place: Callable[[Sequence[Position]], Awaitable[None]]


class Scan(NamedTuple):
    """One look at one folder; None for both when it is not there."""

    folder: Path
    folders: list[Path]
    files: dict[Path, Rest]
    gone: bool = False


class TranscriptFolders:
    """Follows `homes` until cancelled. `owner` knows of the wrapped runs that write transcripts."""

    def __init__(
        self,
        homes: Iterable[Home],
        *,
        sink: Sink,
        lookup: Lookup,
        books: Books,
        owner: Owner | None = None,
        idle_seconds: float = IDLE_SECONDS,
        key: bytes = b"",
        counters: Counters | None = None,
        backend: str = "auto",
        limit: int = LINE_LIMIT,
    ) -> None:
        self._homes = tuple(homes)
        self._sink = sink
        self._lookup = lookup
        self._books = books
        self._owner = owner
        self._idle_seconds = idle_seconds
        self._key = key
        self.counters = counters or Counters()
        self._backend = backend
        self._limit = limit
        self._turn = anyio.Semaphore(MAX_ACTIVE)
        self._document_turn = anyio.Semaphore(1)
        """A document is held whole: one at a time."""
        self._reset()

    def _reset(self) -> None:
        self._watched: dict[Path, tuple[Home, Signal, anyio.CancelScope]] = {}
        self._dirty: set[Path] = set()
        self._changed = anyio.Event()
        self._files: dict[Path, Transcript] = {}
        self._sizes: dict[Path, Rest] = {}
        self._news: dict[Path, None] = {}
        self._rests: dict[Path, Rest] = {}
        self._tails: dict[Path, Signal] = {}
        self._named: dict[tuple[str, str], set[Path]] = {}
        self._begun: dict[str, float] = {}
        self._ready = False

    @property
    def followed(self) -> int:
        """Transcripts with an open session now."""
        return len(self._tails)

    @property
    def ready(self) -> bool:
        """Every file that was there has its beginning; what comes from now on is new."""
        return self._ready

    @property
    def watched(self) -> int:
        """Folders watched now."""
        return len(self._watched)

    async def find(self, provider: str, conversation: str, since: float) -> bool:
        """Whether the transcript of a conversation is followed, and was written to after `since`."""
        if not self._ready:
            return False
        for path in self._named.get((provider, short(provider, conversation)), ()):
            file = self._files[path]
            if file.agent is None and self._begun.get(file.source().key, 0.0) <= since:
                try:
                    info = await anyio.to_thread.run_sync(path.lstat)
                except OSError:
                    continue
                if info.st_mtime >= since - CLOCK_SLACK_SECONDS:
                    return True
        return False

    def wake_all(self) -> None:
        """Some run is over: look again at what is open."""
        for signal in self._tails.values():
            signal.fire()

    async def run(self) -> None:
        """Follow until cancelled; raises what the sink raised."""
        self._reset()
        with first_failure():
            async with open_watcher(self._backend) as watcher, anyio.create_task_group() as tasks:
                for home in self._homes:
                    await self._look(home, home.root, watcher, tasks)
                await self._begin()
                self._ready = True
                while True:
                    self._start(watcher, tasks)
                    await self._changed.wait()
                    await anyio.sleep(SCAN_PAUSE_SECONDS)
                    self._changed = anyio.Event()
                    dirty, self._dirty = self._dirty, set()
                    for folder in sorted(dirty):
                        if folder in self._watched:
                            await self._look(self._watched[folder][0], folder, watcher, tasks)

    async def _look(self, home: Home, folder: Path, watcher: Watcher, tasks: TaskGroup) -> None:
        """Watch `folder`, then list it, and so on below: what comes in between is seen by one of the two."""
        waiting = [folder]
        while waiting:
            one = waiting.pop()
            self._watch(home, one, watcher, tasks)
            scan = await anyio.to_thread.run_sync(_scan, home, one)
            if scan.gone and one != home.root:
                self._unwatch(one, watcher)
            self._take(home, scan)
            waiting += [child for child in scan.folders if child not in self._watched]

    def _watch(self, home: Home, folder: Path, watcher: Watcher, tasks: TaskGroup) -> None:
        if folder in self._watched:
            return
        if len(self._watched) >= MAX_FOLDERS:
            self.counters.add("source.unwatched")
            return
        signal, scope = watcher.folder(folder), anyio.CancelScope()
        self._watched[folder] = home, signal, scope
        tasks.start_soon(self._pass_on, folder, signal, scope)

    def _unwatch(self, folder: Path, watcher: Watcher) -> None:
        found = self._watched.pop(folder, None)
        if found is not None:
            found[2].cancel()
            watcher.forget(found[1])

    async def _pass_on(self, folder: Path, signal: Signal, scope: anyio.CancelScope) -> None:
        with scope:
            while True:
                await signal.wait()
                self._dirty.add(folder)
                self._changed.set()

    def _take(self, home: Home, scan: Scan) -> None:
        """Put what a folder holds in place of what it held."""
        for path in [path for path in self._files if path.parent == scan.folder and path not in scan.files]:
            self._forget(path)
        for path, rest in scan.files.items():
            if self._sizes.get(path) != rest:
                self._news[path] = None
            self._sizes[path] = rest
            if path not in self._files and (found := classify(home, path, self._key)) is not None:
                self._files[path] = found
                if found.conversation is not None:
                    self._named.setdefault((found.provider, found.conversation), set()).add(path)

    def _forget(self, path: Path) -> None:
        gone = self._files.pop(path)
        self._sizes.pop(path, None)
        self._rests.pop(path, None)
        if gone.conversation is not None:
            self._named[gone.provider, gone.conversation].discard(path)

    async def _begin(self) -> None:
        """Say of every file where following begins: at the first switch-on, and after it was off, at its end."""
        known = {one.key: one for one in await self._books.positions("transcript:")}
        marker = next(iter(await self._books.positions(MARKER)), None)
        begins = marker is None or marker.skip
        if marker is None or begins or not marker.hint.get(DOCUMENTS):
            now = time.time()
            places = await anyio.to_thread.run_sync(self._ends, known, now, not begins)
            at = now if marker is None or begins else marker.hint.get("at", now)
            await self._books.place([*places, Position(MARKER, 0, {"at": at, DOCUMENTS: True})])
            known |= {one.key: one for one in places}
        by_name = {one.key: one for one in known.values()}
        for path, file in self._files.items():
            one = by_name.get(f"transcript:{file.provider}/{file.name}")
            if one is None:
                continue
            if isinstance(at := one.hint.get("at"), int | float):
                self._begun[one.key] = at
            seen = self._sizes[path]
            same = one.hint.get(STAMP) == seen.stamp if file.whole else one.offset == seen.size
            if one.rested and same:
                self._rests[path] = seen

    def _ends(self, known: dict[str, Position], now: float, only_documents: bool) -> list[Position]:  # noqa: FBT001
        """Where every file that is there ends. A file that was followed before keeps the memory of how far."""
        places = []
        for path, file in self._files.items():
            key = f"transcript:{file.provider}/{file.name}"
            if file.whole:
                earlier = known.get(key, Position(key, 0, {}))
                hint = place(path, self._key, earlier.hint, skip=earlier.skip, now=now)
                places.append(Position(key, earlier.offset, hint))
                continue
            if only_documents:
                continue
            try:
                opened = OpenFile(path, self._key)
            except (OSError, SidecarError):
                continue
            try:
                end = opened.whole_lines()
                before = known.get(key)
                hint = opened.hint(begin=end, at=now, closed=True)
            finally:
                opened.close()
            if before is not None:
                hint["taken"] = taken(before)
            places.append(Position(key, max(end, before.offset if before else 0), hint))
        return places

    def _start(self, watcher: Watcher, tasks: TaskGroup) -> None:
        """One tail for each file that differs from what was left of it."""
        for path in list(self._news):
            if path in self._tails:
                continue  # it comes back to this list when it falls silent
            if len(self._tails) >= MAX_FOLLOWED:
                self.counters.add("source.waited")
                return
            del self._news[path]
            if path not in self._files or self._rests.get(path) == self._sizes[path]:
                continue
            signal = watcher.file(path)
            whole = self._files[path].whole
            tail = (DocumentTail if whole else TranscriptTail)(
                self._files[path],
                owner=self._owner,
                sink=self._sink,
                lookup=self._lookup,
                changed=signal,
                turn=self._document_turn if whole else self._turn,
                counters=self.counters,
                idle_seconds=self._idle_seconds,
                key=self._key,
                limit=self._limit,
            )
            self._tails[path] = signal
            tasks.start_soon(self._follow, path, tail, watcher, signal)

    async def _follow(self, path: Path, tail: TranscriptTail, watcher: Watcher, signal: Signal) -> None:
        try:
            rest = await tail.run()
            if path in self._files:
                self._rests[path] = rest
                self._news[path] = None
        finally:
            del self._tails[path]
            watcher.forget(signal)
        self._dirty.add(path.parent)
        self._changed.set()


def taken(position: Position) -> list[list[int]]:
    """The parts of a file that were followed, or destroyed by a revocation: nobody reads them again."""
    if position.skip:
        return [[0, position.offset]]
    earlier = position.hint.get("taken")
    parts = [*earlier, [position.hint.get("begin", 0), position.offset]] if isinstance(earlier, list) else []
    parts = parts or [[position.hint.get("begin", 0), position.offset]]
    return parts if len(parts) <= MAX_PARTS else [[0, position.offset]]


def _scan(home: Home, folder: Path) -> Scan:
    """List one folder: the folders worth a look, and the regular files with a transcript's ending."""
    folders, files = [], {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = folder / entry.name
                if entry.is_dir(follow_symlinks=False):
                    if enters(home, path):
                        folders.append(path)
                elif is_transcript(entry.name):
                    info = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(info.st_mode):
                        stamp = info.st_mtime_ns if is_document(entry.name) else 0
                        files[path] = Rest(info.st_ino, info.st_size, stamp)
    except OSError:
        return Scan(folder, [], {}, gone=True)
    return Scan(folder, folders, files)
