"""The writing end of a run: what `wrap` and `tee` keep of an agent's output.

Owns: `StreamWriter`.
Never: raises into the copying of the output, waits for the disk (no fsync), or writes once it is no longer allowed.
Invariant: a byte lies in the segments at the offset it was appended at, or it is counted as lost; after a loss the
segments go on only at the start of a line.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from typing import TYPE_CHECKING

from sidecar.errors import SidecarError
from sidecar.paths import PRIVATE_DIR, make_private_dir, open_private
from sidecar.sources.layout import (
    HALF_MADE,
    LOCK,
    SEGMENT_BYTES,
    SUFFIX,
    RunEnd,
    RunFacts,
    remove_run,
    segment_name,
    write_facts,
)
from sidecar.sources.missed import Note, note_room, write_note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CHECK_SECONDS = 0.2
"""How long bytes may still be kept after the permission ended."""
MAX_BACKLOG_SEGMENTS = 512
"""4 GiB of one run that nobody reads: then capture of that run stops."""
MIN_FREE_BYTES = 64 * 1024 * 1024
"""Capture must not be what fills the disk."""
RETRY_SECONDS = 2.0
"""How long a full disk is left alone before capture tries to go on."""

NEWLINE = ord("\n")
DISK_FULL = "disk full"
REVOKED = "revoked"
REASONS = {errno.ENOSPC: DISK_FULL, errno.EDQUOT: DISK_FULL, errno.EFBIG: "file size limit"}


class StreamWriter:
    """Appends to one run. Made by `create`; after `close` the reader may take the folder away."""

    __slots__ = (
        "_allowed", "_checked", "_facts", "_fd", "_folder", "_hole", "_holes", "_line_over", "_lock", "_lost",
        "_reason", "_retry", "_size", "_start", "_stopped",
    )  # fmt: skip

    def __init__(self, folder: Path, facts: RunFacts, lock: int, allowed: Callable[[], bool | None]) -> None:
        self._folder = folder
        self._facts = facts
        self._lock = lock
        self._allowed = allowed
        self._checked = time.monotonic()
        self._fd = -1
        self._start = 0
        self._size = 0
        self._lost = 0
        self._hole = 0  # of the lost bytes: those since the last one kept
        self._holes = 0  # of the lost bytes: those that a later segment follows
        self._line_over = True  # whether the last lost byte ended a line
        self._reason: str | None = None  # of the first loss
        self._retry: float | None = None  # monotonic; set while the disk is full
        self._stopped = False

    @classmethod
    def create(
        cls,
        streams: Path,
        *,
        provider: str | None,
        role: str | None,
        agent_id: str | None,
        model: str | None,
        allowed: Callable[[], bool | None],
        consent: str | None = None,
    ) -> StreamWriter:
        """Make the folder of a new run and take its lock. OSError or SidecarError when that cannot be done.

        `allowed` answers True (go on), None (stop, keep what there is) or False (stop, destroy it); it is asked at
        most every CHECK_SECONDS, and only when there is something to write.
        """
        started = time.time()
        run = f"{int(started * 1000):013d}-{os.urandom(8).hex()}"
        make_private_dir(streams.parent)
        make_private_dir(streams)
        making = streams / f"{HALF_MADE}{run}"
        making.mkdir(mode=PRIVATE_DIR)
        lock = -1
        try:
            lock = open_private(making / LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL)
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            note_room(lock)
            facts = RunFacts(run, provider, role, agent_id, model, started, os.getpid(), consent)
            write_facts(making, facts)
            folder = streams / run
            making.rename(folder)
        except (OSError, SidecarError):
            remove_run(making)
            if lock >= 0:
                os.close(lock)
            raise
        return cls(folder, facts, lock, allowed)

    @property
    def folder(self) -> Path:
        """Where the run lies."""
        return self._folder

    @property
    def capturing(self) -> bool:
        """Whether the next byte would be kept."""
        return not self._stopped and self._retry is None

    def append(self, data: bytes | memoryview) -> None:
        """Keep `data`, or count it as lost. Never raises on a full disk, a vanished folder or a withdrawn consent."""
        rest = memoryview(data)
        now = time.monotonic()
        if not self._stopped and now - self._checked >= CHECK_SECONDS:
            self._checked = now
            self._permitted()
        if self._stopped:
            self._lose(rest)
            return
        if self._retry is not None:
            line = self._next_line(rest) if now >= self._retry else len(rest)
            self._lose(rest[:line])
            rest = rest[line:]
            if not rest:
                return
        try:
            while rest:
                if self._fd < 0 or self._size >= SEGMENT_BYTES:
                    self._next_segment()
                done = os.write(self._fd, rest[: SEGMENT_BYTES - self._size])
                self._size += done
                rest = rest[done:]
            if self._retry is not None:
                self._retry = None
                self._note(now=False)
        except (OSError, SidecarError) as error:
            self._lose(rest)
            self._failed(_reason(error), now)

    def close(self, *, exit_code: int | None = None, signal: int | None = None) -> None:
        """Write down how it ended (or destroy it, if the permission ended unnoticed), then let the lock go."""
        if not self._stopped:
            self._permitted()
        if self._reason != REVOKED:
            end = RunEnd(exit_code, signal, self._lost, self._reason, self._holes)
            try:
                write_facts(self._folder, self._facts, end)
            except (OSError, SidecarError):
                # The folder was destroyed under us: then nobody is left to read how it ended.
                self._reason = REVOKED
        self._drop_segment()
        os.close(self._lock)

    def discard(self) -> None:
        """The run never began: take its folder away."""
        self._drop_segment()
        remove_run(self._folder)
        os.close(self._lock)

    def _permitted(self) -> None:
        answer = self._allowed()
        if answer is False or os.fstat(self._lock).st_nlink == 0:
            self._stop(REVOKED)
            if self._fd >= 0:
                os.ftruncate(self._fd, 0)
            self._drop_segment()
            remove_run(self._folder)
        elif answer is None:
            self._stop(self._reason or "suspended")

    def _lose(self, data: memoryview) -> None:
        if data:
            self._lost += len(data)
            self._hole += len(data)
            self._line_over = data[-1] == NEWLINE

    def _next_line(self, data: memoryview) -> int:
        """Where in `data` a line begins, when what came before it was lost; its length if none does."""
        if self._line_over:
            return 0
        return bytes(data).find(NEWLINE) + 1 or len(data)

    def _next_segment(self) -> None:
        self._drop_segment()
        backlog = sum(name.endswith(SUFFIX) for name in os.listdir(self._folder))  # noqa: PTH208  # names only
        if backlog >= MAX_BACKLOG_SEGMENTS:
            raise OSError(errno.EFBIG, "backlog")
        space = os.statvfs(self._folder)
        if space.f_bavail * space.f_frsize < MIN_FREE_BYTES:
            raise OSError(errno.ENOSPC, "low")
        # From here on the hole lies between two segments: the reader tells by their names.
        self._start += self._size + self._hole
        self._holes += self._hole
        self._size = self._hole = 0
        path = self._folder / segment_name(self._start)
        self._fd = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)

    def _drop_segment(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _failed(self, reason: str, now: float) -> None:
        """A write failed: a full disk may have room again, anything else ends capture of this run."""
        if reason != DISK_FULL:
            self._stop(reason if reason == REVOKED else self._reason or reason)
            self._note(now=True)
            return
        self._reason = self._reason or reason
        self._retry = now + RETRY_SECONDS
        self._note(now=True)
        if self._fd >= 0 and not self._size:
            with contextlib.suppress(OSError):  # a segment without a byte says nothing
                (self._folder / segment_name(self._start)).unlink()
        self._drop_segment()

    def _note(self, *, now: bool) -> None:
        """Say to whoever looks while the run goes on, or after we were killed, that output is missing."""
        if self._reason not in {None, REVOKED}:
            write_note(self._lock, Note(str(self._reason), self._lost, now))

    def _stop(self, reason: str) -> None:
        self._reason = reason
        self._stopped = True


def _reason(error: OSError | SidecarError) -> str:
    if isinstance(error, FileNotFoundError):
        return REVOKED
    number = error.errno if isinstance(error, OSError) else None
    return REASONS.get(number or 0, "write failed")
