"""A recorder on a real spool, with a clock of its own and a way to die at any commit."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import time
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path

from sidecar.capture.framing import Ending, LineFramer
from sidecar.capture.session import CaptureOptions
from sidecar.joining.runs import Runs
from sidecar.log import EventLog
from sidecar.recorder import Names, Recorder
from sidecar.scrub.scrubber import Scrubber
from sidecar.sources.base import Batch, SourceInfo
from sidecar.store.database import Database
from sidecar.store.journal import Journal

STREAMS = Path(__file__).parents[2] / "data" / "streams"
KEY = b"k" * 32
STREAM = SourceInfo("stream:1", "stream", "claude 1", "claude-code", started=1_795_000_000.0)


class Crash(Exception):  # noqa: N818 - what it stands for is no error
    """The process is gone."""


class Dying(Journal):
    """Dies at a commit: before it (nothing is durable) or after it (nobody learns that it is)."""

    def __init__(self, database: Database, at: int = -1, *, after: bool = False) -> None:
        super().__init__(database)
        self.left = at
        self.after = after

    async def commit(self, commit) -> None:
        self.left -= 1
        if self.left == -1 and not self.after:
            raise Crash
        await super().commit(commit)
        if self.left == -1:
            raise Crash


@cache
def scrubber() -> Scrubber:
    """One for all tests: building it takes longer than they do."""
    return Scrubber(engine="re")


class House:
    """One spool, and the recorders that come and go on it. `now` is the time everybody sees."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.journal = Dying(database)
        self.log = EventLog(folder / "log", time.time)
        self.now = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC).timestamp()
        self.allowed = True
        self.sealed = 0
        self.finder = None
        self.ids = count(1)
        self.recorder: Recorder
        self.runs: Runs
        self.restart()

    def restart(self, at: int = -1, after: bool = False, **options) -> Recorder:
        """A new process on the same spool, which dies at its commit number `at` (0 = the first)."""
        self.journal = Dying(self.database, at, after=after)
        self.runs = Runs(self.journal, key=KEY, clock=lambda: self.now)
        self.runs.finder = self.finder
        self.recorder = Recorder(
            self.journal,
            scrubber(),
            names=Names("0" * 32, "0.1.0", lambda: f"sess_{next(self.ids)}", lambda: f"env_{next(self.ids)}"),
            options=CaptureOptions(**options),
            clock=lambda: self.now,
            allowed=lambda: self.allowed,
            sealed=self._count,
            log=self.log,
            runs=self.runs,
        )
        return self.recorder

    def _count(self) -> None:
        self.sealed += 1

    async def rows(self, sql: str, *values):
        """What the spool holds."""
        return await self.database.run(lambda connection: connection.execute(sql, values).fetchall())

    async def sessions(self):
        """[(source, closed, [step bodies])] of all sessions, oldest first."""
        found = []
        for ident, source, closed in await self.rows("SELECT id, source, closed FROM sessions ORDER BY id"):
            bodies = await self.rows(
                "SELECT body FROM steps WHERE key >= ? AND key < ? ORDER BY key", ident << 20, (ident + 1) << 20
            )
            found.append((source.decode(), bool(closed), [json.loads(body) for (body,) in bodies]))
        return found

    async def outcomes(self):
        """The outcomes of all closes, oldest first."""
        heads = await self.rows("SELECT head FROM envelopes WHERE kind = 'close' ORDER BY session, ordinal")
        return [json.loads(b"{" + head + b"}")["outcome"] for (head,) in heads]

    async def books(self):
        """The ledger, after the check that lines are the sum of their fates."""
        ledger = await self.journal.ledger()
        fates = sum(n for name, n in ledger.items() if name.startswith("fate."))
        assert fates == ledger.get("lines", 0)
        return ledger


@asynccontextmanager
async def house(folder: Path):
    """A house in `folder`."""
    async with Database.open(folder / "spool.db") as database:
        yield House(database, folder)


def frames(data: bytes, *, torn: bool = False):
    """All lines of `data`; with `torn` also the tail nobody ended."""
    framer = LineFramer()
    found = framer.feed(data)
    tail = framer.finish() if torn else None
    return [*found, tail] if tail is not None else found


def recording(name: str, file: str = "stdout") -> bytes:
    """A recorded stream or transcript."""
    return (STREAMS / name / f"{file}.jsonl").read_bytes()


async def feed(house: House, info: SourceInfo, data: bytes, size: int = 3, *, ending: Ending | None = None, **last):
    """What a source does: asks where to go on, hands over batches of `size` lines, ends. Answers the last answer."""
    resume = await house.recorder.lookup(info)
    if resume is not None and resume.finished:
        return None
    start = resume.replay_from if resume is not None else 0
    todo = [frame for frame in frames(data, torn=ending is not None and ending.torn) if frame.end > start]
    answer = None
    for begin in range(0, len(todo), size):
        answer = await house.recorder.record(Batch(info, todo[begin : begin + size]))
    if ending is not None:
        answer = await house.recorder.record(Batch(info, [], {}, ending, **last))
    return answer


async def feed_through_crashes(house: House, info: SourceInfo, data: bytes, size: int, ending: Ending, crashes):
    """As `feed`, with a process that dies at each of `crashes` ((commit number, after it?)) and is started again."""
    for at, after in crashes:
        house.restart(at, after=after)
        with contextlib.suppress(Crash):
            await feed(house, info, data, size, ending=ending)
            break
    house.restart()
    return await feed(house, info, data, size, ending=ending)


def told(steps):
    """Steps without what differs from run to run: the time they came."""
    return [{name: value for name, value in step.items() if name != "timestamp"} for step in steps]
