"""From frames of a source to a durable commit: which session a line belongs to, and when its chunk is sealed.

Owns: the live capture sessions, one per source; the checkpoint rule; the 5-minute timer; rolling over a full session.
Never: parses, scrubs, stores or sends itself.
Invariant: a batch is answered only when it is durable; a crash at any instant leaves the journal in a state from which
the same bytes give the same steps.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from parsers.base import Fate
from parsers.registry import make
from sidecar.capture.framing import Ending
from sidecar.capture.session import CaptureSession
from sidecar.errors import ConsentError, StoreError
from sidecar.sources.base import Batch, Committed, Resume, SourceInfo
from sidecar.store.records import Checkpoint, Commit, SessionState
from sidecar.wire.envelope import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.base import Parser
    from parsers.step import JsonObject
    from sidecar.capture.framing import Frame
    from sidecar.capture.session import CaptureOptions, Received
    from sidecar.log import EventLog
    from sidecar.scrub.scrubber import Scrubber
    from sidecar.store.journal import Journal
    from sidecar.wire.envelope import Numbered, Sealed

RETRY_FIRST_SECONDS = 0.5
RETRY_MAX_SECONDS = 30.0
SOLO = "solo"
NO_MODEL = "unknown"


@dataclass(frozen=True, slots=True)
class Names:
    """What every session of this installation says of itself, and how it makes ids."""

    contributor_id: str
    groove_version: str
    session_id: Callable[[], str]
    envelope_id: Callable[[], str]


@dataclass(slots=True)
class _Live:
    """One source being captured. `offset`, `replay_from` and `parsed` are what the journal holds."""

    info: SourceInfo
    parser: Parser
    session: CaptureSession
    label: str
    offset: int = 0
    replay_from: int = 0
    parsed: JsonObject = field(default_factory=dict)
    steps: int = 0
    lock: anyio.Lock = field(default_factory=anyio.Lock)


@dataclass(slots=True)
class _Draft:
    """What the lines since the last commit came to."""

    steps: list[Numbered] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, n: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + n

    def take(self, received: Received, provider: str) -> None:
        """Add one line's outcome to the books."""
        self.take_quietly(received)
        self.count(f"fate.{received.fate}")
        event = f"{provider or 'undetected'}/{received.name}"
        self.count(f"event.{event}")
        if received.fate is Fate.UNKNOWN:
            self.count(f"unknown.{event}")
        if received.reason:
            self.count(f"reason.{received.reason}")

    def take_quietly(self, received: Received) -> None:
        """Add what no line brought: the end of a stream, a chunk whose time is over."""
        self.steps += received.steps
        self.sealed += received.sealed


class Recorder:
    """Takes batches of frames and makes them durable. `allowed` is asked before each batch."""

    def __init__(
        self,
        journal: Journal,
        scrubber: Scrubber,
        *,
        names: Names,
        options: CaptureOptions,
        clock: Callable[[], float],
        allowed: Callable[[], bool],
        sealed: Callable[[], None],
        log: EventLog,
    ) -> None:
        self._journal = journal
        self._scrubber = scrubber
        self._names = names
        self._options = options
        self._clock = clock
        self._allowed = allowed
        self._sealed = sealed
        self._log = log
        self._live: dict[str, _Live] = {}
        self._changed = anyio.Event()
        # One worker at a time: the scrubber's engine and its learned names are one state.
        self._worker = anyio.CapacityLimiter(1)

    async def lookup(self, info: SourceInfo) -> Resume | None:
        """Where a source goes on; None if it was never seen. It reads from there again, so what is live is forgotten."""
        self._live.pop(info.key, None)
        found = await self._journal.resume(info.key)
        if found is None:
            return None
        point = found.checkpoint
        return Resume(offset=point.offset, replay_from=point.replay_from, hint=point.hint, finished=point.finished)

    async def record(self, batch: Batch) -> Committed:
        """Make a batch durable; answers how far the source's bytes may be forgotten."""
        if not self._allowed():
            raise ConsentError("capture is off", "Run: groove-sidecar enable")
        live = self._live.get(batch.source.key)
        if live is None:
            live = await self._restore(batch.source)
        async with live.lock:
            try:
                return await self._record(live, batch)
            except BaseException:
                # What is in memory may be ahead of the journal: forget it; the source starts from the checkpoint again.
                self._live.pop(batch.source.key, None)
                raise

    async def seal_all(self) -> None:
        """Seal what is buffered, whatever its age."""
        for live in list(self._live.values()):
            await self._seal(live, lambda session: session.flush(self._clock()))

    async def run_timers(self) -> None:
        """Seal chunks whose five minutes are over; sleeps for as long as there is none."""
        while True:
            deadlines = [live.session.deadline for live in self._live.values() if live.session.deadline is not None]
            wait = min(deadlines) - self._clock() if deadlines else math.inf
            self._changed = anyio.Event()
            with anyio.move_on_after(max(0.0, wait)):
                await self._changed.wait()
            await self._tick(self._clock())

    def snapshot(self) -> list[JsonObject]:
        """The live sources, for `status`."""
        return [
            {
                "source": live.label,
                "kind": live.info.kind,
                "provider": live.parser.provider or None,
                "session": live.session.identity.session_id if live.steps else None,
                "model": live.session.identity.model,
                "offset": live.offset,
                "steps": live.steps,
            }
            for live in self._live.values()
        ]

    async def _restore(self, info: SourceInfo) -> _Live:
        found = await self._journal.resume(info.key)
        parser = make(info.provider, info.dialect)
        label = self._scrubber.text(info.label)
        if found is None:
            live = _Live(info, parser, self._session(info, parser, self._names.session_id(), None), label)
        else:
            point, state = found.checkpoint, found.session
            if point.parser:
                parser.restore(point.parser)
            session_id = state.session_id if state else self._names.session_id()
            session = self._session(info, parser, session_id, state.capture if state else None)
            live = _Live(info, parser, session, label, point.offset, point.replay_from, point.parser, found.last_step)
        self._live[info.key] = live
        return live

    def _session(self, info: SourceInfo, parser: Parser, session_id: str, state: JsonObject | None) -> CaptureSession:
        identity = Identity(
            session_id=session_id,
            provider=parser.provider,
            model=self._scrubber.text(info.model or NO_MODEL),
            agent_id=self._scrubber.text(info.agent_id or ""),
            agent_role=self._scrubber.text(info.role or SOLO),
            contributor_id=self._names.contributor_id,
            groove_version=self._names.groove_version,
        )
        return CaptureSession(
            identity=identity,
            parser=parser,
            scrub=self._scrubber.scrub,
            scrub_json=self._scrubber.json,
            redactions=lambda: self._scrubber.counts,
            new_id=self._names.envelope_id,
            options=self._options,
            state=state,
        )

    async def _record(self, live: _Live, batch: Batch) -> Committed:
        now = self._clock()
        commits = await anyio.to_thread.run_sync(self._digest, live, batch, now, limiter=self._worker)
        for commit in commits:
            await self._commit(commit)
        if any(commit.sealed for commit in commits):
            self._sealed()
        if batch.ending is not None:
            self._live.pop(batch.source.key, None)
        self._changed.set()
        return Committed(safe=live.replay_from)

    def _digest(self, live: _Live, batch: Batch, now: float) -> list[Commit]:
        """All the work on a batch that is not I/O: answers the commits it takes (more than one if a session filled)."""
        commits: list[Commit] = []
        draft = _Draft()
        before = Counter(self._scrubber.counts)
        for frame in batch.frames:
            if frame.end <= live.offset:
                if frame.line is not None:
                    live.session.replay(frame.line)
                continue
            self._take(live, draft, frame, now)
            if live.session.full:
                commits.append(self._roll_over(live, draft, frame.end, batch, now))
                draft = _Draft()
        end = batch.frames[-1].end if batch.frames else live.offset
        if batch.lost_bytes:
            draft.count(f"drop.{batch.lost_reason or 'not_kept'}", batch.lost_bytes)
        if batch.ending is not None:
            draft.take_quietly(live.session.finish(now, ending=batch.ending))
        self._advance(live, max(end, live.offset), force=batch.ending is not None)
        for category, n in (Counter(self._scrubber.counts) - before).items():
            draft.count(f"redacted.{category}", n)
        commits.append(self._draft_commit(live, draft, batch, closed=batch.ending is not None))
        return commits

    def _take(self, live: _Live, draft: _Draft, frame: Frame, now: float) -> None:
        size = frame.end - frame.start
        draft.count("lines")
        draft.count("bytes", size)
        if frame.line is None:
            received = live.session.oversize(frame.oversize, now)
        else:
            received = live.session.receive(frame.line, now)
            if frame.torn and received.fate is Fate.MALFORMED:
                draft.count("reason.torn")
        draft.take(received, live.parser.provider)

    def _roll_over(self, live: _Live, draft: _Draft, end: int, batch: Batch, now: float) -> Commit:
        """The wire's caps are reached: end this session as continued, and begin the next on the same parser."""
        draft.take_quietly(live.session.finish(now, ending=Ending(continued=True)))
        self._advance(live, end, force=False)
        commit = self._draft_commit(live, draft, batch, closed=True, finished=False)
        live.session = self._session(live.info, live.parser, self._names.session_id(), live.session.carry())
        live.steps = 0
        return commit

    def _advance(self, live: _Live, offset: int, *, force: bool) -> None:
        """Move the checkpoint; the replay position follows only when no text is held (or nothing will follow)."""
        live.offset = offset
        parsed = live.parser.snapshot()
        if parsed is not None:
            live.replay_from, live.parsed = offset, self._scrubber.json(parsed)
        elif force:
            live.replay_from, live.parsed = offset, {}

    def _draft_commit(
        self, live: _Live, draft: _Draft, batch: Batch, *, closed: bool, finished: bool | None = None
    ) -> Commit:
        ending = batch.ending
        over = ending is not None and not ending.idle if finished is None else finished
        checkpoint = Checkpoint(live.info.key, live.offset, live.replay_from, live.parsed, batch.hint, finished=over)
        return Commit(checkpoint, self._state(live, draft, closed=closed), draft.steps, draft.sealed, draft.counts)

    def _state(self, live: _Live, draft: _Draft, *, closed: bool) -> SessionState | None:
        """The session's row; None as long as it has no step, so that a stream without steps makes no session."""
        live.steps += len(draft.steps)
        for numbered in draft.steps:
            draft.count(f"type.{numbered.step.type.value}")
        if not live.steps:
            draft.sealed.clear()
            return None
        identity = live.session.identity
        return SessionState(
            session_id=identity.session_id,
            source=live.info.key,
            label=live.label,
            provider=identity.provider,
            model=identity.model,
            capture=live.session.snapshot(),
            closed=closed,
        )

    async def _tick(self, now: float) -> None:
        for live in list(self._live.values()):
            deadline = live.session.deadline
            if deadline is not None and deadline <= now:
                await self._seal(live, lambda session: session.tick(now))

    async def _seal(self, live: _Live, seal: Callable[[CaptureSession], Received]) -> None:
        async with live.lock:
            if self._live.get(live.info.key) is not live:
                return  # it ended while we waited, and sealed everything itself
            draft = _Draft()
            draft.take_quietly(seal(live.session))
            if not draft.sealed:
                return
            try:
                await self._commit(Commit(None, self._state(live, draft, closed=False), (), draft.sealed, draft.counts))
            except BaseException:
                self._live.pop(live.info.key, None)
                raise
        self._sealed()

    async def _commit(self, commit: Commit) -> None:
        """Until it is durable: a full disk is waited out, the source waits with us, nothing is dropped."""
        wait = RETRY_FIRST_SECONDS
        while True:
            try:
                await self._journal.commit(commit)
            except StoreError as error:
                if error.permanent:
                    raise
                self._log.event("journal.waiting", level="error", reason=error.message, hint=error.hint)
                await anyio.sleep(wait)
                wait = min(wait * 2, RETRY_MAX_SECONDS)
            else:
                return
