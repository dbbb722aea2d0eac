"""Bytes go through unchanged, and a copy is handed aside.

Owns: `Passthrough`.
Never: looks at a byte, waits to fill a buffer, or lets the copy hold up what passes.
Invariant: what was read is written whole and in order before the copy is kept, and only then is more read.
"""

from __future__ import annotations

import errno
import os
import select
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BUFFER_BYTES = 256 * 1024


class Left(Enum):
    """Why `Passthrough.run` came back."""

    END = auto()
    """All writers of the source are gone, and everything was passed on."""
    CLOSED = auto()
    """Nobody reads the sink any more."""
    QUIET = auto()
    """The wake descriptor hung up, the source is empty for now, but somebody still holds its other end."""


class Passthrough:
    """Copies `source` to `sink`, giving each piece to `keep`."""

    __slots__ = ("_buffer", "_keep", "_sink", "_source", "error")

    def __init__(self, source: int, sink: int, keep: Callable[[memoryview], None]) -> None:
        self._source = source
        self._sink = sink
        self._keep = keep
        self._buffer = memoryview(bytearray(BUFFER_BYTES))
        self.error: OSError | None = None
        """Why the sink took no more, when it was not simply closed by its reader."""

    def run(self, wake: int = -1) -> Left:
        """Copy until the end; with `wake`, also until its other end is closed and nothing more is waiting."""
        poll = select.poll()
        poll.register(self._source, select.POLLIN)
        if wake >= 0:
            poll.register(wake, select.POLLIN)
        woken = False
        while True:
            if wake >= 0:
                ready = {fd for fd, _ in poll.poll(0 if woken else None)}
                if not ready:
                    return Left.QUIET
                if wake in ready:
                    woken = True
                    poll.unregister(wake)
                if self._source not in ready:
                    continue
            size = self._read()
            if size == 0:
                return Left.END
            piece = self._buffer[:size]
            passed = self._write(piece)
            self._keep(piece)
            if not passed:
                return Left.CLOSED

    def _read(self) -> int:
        while True:
            try:
                return os.readv(self._source, [self._buffer])
            except BlockingIOError:
                _wait(self._source, select.POLLIN)
            except OSError as error:
                # EIO: a terminal that hung up. There is nothing more to come either way.
                if error.errno not in {errno.EIO, errno.EBADF, errno.EISDIR}:
                    raise
                return 0

    def _write(self, piece: memoryview) -> bool:
        while piece:
            try:
                piece = piece[os.write(self._sink, piece) :]
            except BlockingIOError:
                _wait(self._sink, select.POLLOUT)
            except BrokenPipeError:
                return False
            except OSError as error:
                self.error = error
                return False
        return True


def _wait(fd: int, event: int) -> None:
    poll = select.poll()
    poll.register(fd, event)
    poll.poll()
