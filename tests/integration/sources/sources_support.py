"""A recorder small enough to be seen through: it keeps what it is handed, and where to go on."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from sidecar.sources.base import Batch, Committed, Resume, SourceInfo
from tests.patience import PATIENCE, soon


@dataclass
class Kept:
    """What is durable of one source."""

    info: SourceInfo
    lines: list[bytes | None] = field(default_factory=list)
    offset: int = 0
    replay_from: int = 0
    hint: dict = field(default_factory=dict)
    endings: list = field(default_factory=list)
    finished: bool = False
    lost: int = 0
    lost_reason: str | None = None
    batches: int = 0
    replayed: int = 0


class Notebook:
    """Sink and lookup. `lag`: frames between `replay_from` and `offset`, as when a parser holds text."""

    def __init__(self, *, lag: int = 0, crash_after: int | None = None) -> None:
        self.kept: dict[str, Kept] = {}
        self.lag = lag
        self.crash_after = crash_after
        self.pause = 0.0
        self.largest = (0, 0)
        self._ends: dict[str, list[int]] = {}

    async def lookup(self, info: SourceInfo) -> Resume | None:
        one = self.kept.get(info.key)
        return Resume(one.offset, one.replay_from, one.hint, one.finished) if one else None

    async def record(self, batch: Batch) -> Committed:
        if self.pause:
            await anyio.sleep(self.pause)
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                raise RuntimeError("crash")
        one = self.kept.setdefault(batch.source.key, Kept(batch.source))
        one.batches += 1
        size = sum(len(frame.line or b"") for frame in batch.frames)
        self.largest = max(self.largest[0], len(batch.frames)), max(self.largest[1], size)
        ends = self._ends.setdefault(batch.source.key, [one.replay_from])
        for frame in batch.frames:
            if frame.end <= one.offset:
                one.replayed += 1
                continue
            assert frame.start >= one.offset, (frame.start, one.offset)
            one.lines.append(frame.line)
            one.offset = frame.end
            ends.append(frame.end)
        del ends[: -self.lag - 1]
        one.replay_from = ends[0]
        one.hint = batch.hint
        if batch.ending is not None:
            one.endings.append(batch.ending)
            one.finished = not batch.ending.idle
            one.replay_from = one.offset
        else:
            one.finished = False
        one.lost += batch.lost_bytes
        one.lost_reason = batch.lost_reason or one.lost_reason
        return Committed(one.replay_from)

    def only(self) -> Kept:
        """The one source there is."""
        assert len(self.kept) == 1, list(self.kept)
        return next(iter(self.kept.values()))

    async def until(self, condition, seconds: float = PATIENCE) -> None:
        """Wait for something to become true; fail, showing what there is, when it does not."""
        try:
            await soon(condition, seconds)
        except AssertionError as error:
            raise AssertionError(f"never came: {self.kept}") from error


@asynccontextmanager
async def running(*sources):
    """The sources run while the block does."""
    async with anyio.create_task_group() as tasks:
        for source in sources:
            tasks.start_soon(source.run)
        yield
        tasks.cancel_scope.cancel()
