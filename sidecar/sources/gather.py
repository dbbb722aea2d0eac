"""Bytes of one source become bounded batches of frames.

Owns: `Gatherer`, `keyed_hash`, and the way back from a group of failures to the one that counts.
Never: waits; it is called in a worker thread and does the reading and framing there.
Invariant: frames come out in order, each once; nothing is held but one batch's overhang and an unfinished line.
"""

from __future__ import annotations

import hashlib
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from sidecar.capture.framing import LINE_LIMIT, Frame, LineFramer
from sidecar.sources.base import MAX_BATCH_BYTES, MAX_BATCH_FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE_BYTES = 256 * 1024


class Gathered(NamedTuple):
    """Frames for one batch. `more`: the source did not run dry, ask again at once."""

    frames: list[Frame]
    more: bool


class Gatherer:
    """Reads pieces through `read(size)` (empty = nothing now) and cuts them into lines from `position` on."""

    __slots__ = ("_framer", "_limit", "_read", "_ready")

    def __init__(self, read: Callable[[int], bytes], position: int, limit: int = LINE_LIMIT) -> None:
        self._read = read
        self._limit = limit
        self._framer = LineFramer(limit, position)
        self._ready: deque[Frame] = deque()

    def gather(self) -> Gathered:
        """The frames of one batch, read as needed."""
        batch: list[Frame] = []
        size = 0
        while True:
            while self._ready:
                length = len(self._ready[0].line or b"")
                if batch and (len(batch) >= MAX_BATCH_FRAMES or size + length > MAX_BATCH_BYTES):
                    return Gathered(batch, more=True)
                batch.append(self._ready.popleft())
                size += length
            data = self._read(PIECE_BYTES)
            if not data:
                return Gathered(batch, more=False)
            self._ready.extend(self._framer.feed(data))

    @property
    def pending(self) -> int:
        """Bytes of an unfinished line."""
        return self._framer.pending

    def finish(self) -> Frame | None:
        """The torn tail, when nothing will follow."""
        return self._framer.finish()

    def jump(self, position: int) -> None:
        """Bytes are missing before `position`: what is held of a line ends torn, reading goes on there."""
        torn = self._framer.finish()
        if torn is not None:
            self._ready.append(torn)
        self._framer = LineFramer(self._limit, position)


def keyed_hash(data: bytes, key: bytes) -> str:
    """A fingerprint of `data` that says nothing to whoever has not got `key` (64 bytes at most count)."""
    return hashlib.blake2b(data, key=key[:64], digest_size=16).hexdigest()


@contextmanager
def first_failure() -> Iterator[None]:
    """Raise what failed first instead of the task group's bundle: the supervisor decides by type."""
    try:
        yield
    except BaseExceptionGroup as group:
        failure: BaseException = group
        while isinstance(failure, BaseExceptionGroup):
            failure = failure.exceptions[0]
        raise failure from None
