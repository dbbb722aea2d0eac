"""From frames of a source to a durable commit: which session a line belongs to, and when its chunk is sealed.

Owns: the live capture sessions, one per source; the 5-minute timer; waiting for the disk.
Never: parses, scrubs, stores or sends itself.
Invariant: a batch is answered only when it is durable; a crash at any instant leaves the journal in a state from which
the same bytes give the same steps.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from parsers.claude_transcript import ClaudeTranscript
from parsers.gemini_chat import GeminiChat
from parsers.registry import make
from sidecar.capture.session import CaptureSession
from sidecar.drafting import CARRY, Digester, Draft, Live, PoisonError
from sidecar.errors import ConsentError, StoreError
from sidecar.joining.roads import Copies, Joined, Shadow, marks_in
from sidecar.joining.runs import Runs
from sidecar.sources.base import Batch, Committed, Resume, SourceInfo
from sidecar.store.conversations import TRANSCRIPT
from sidecar.store.records import Commit
from sidecar.wire.envelope import Identity

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from parsers.base import Parser
    from parsers.step import JsonObject
    from sidecar.capture.session import CaptureOptions, Received
    from sidecar.log import EventLog
    from sidecar.scrub.scrubber import Scrubber
    from sidecar.store.journal import Journal

RETRY_FIRST_SECONDS = 0.5
RETRY_MAX_SECONDS = 30.0
MAX_NAMING_LINES = 200
MAX_POISON = 1_000
"""Lines of one source that made the program fail and are remembered; then it forgets, and finds them again."""
"""A stream that has not named its conversation in so many lines of a batch is asked again with the next."""
SOLO = "solo"
NO_MODEL = "unknown"


@dataclass(frozen=True, slots=True)
class Names:
    """What every session of this installation says of itself, and how it makes ids."""

    contributor_id: str
    groove_version: str
    session_id: Callable[[], str]
    envelope_id: Callable[[], str]


class Recorder:
    """Takes batches of frames and makes them durable. `allowed` is asked before each batch and each commit.

    `remember` makes learned user names durable (in a thread); a step is committed only after the names it taught.
    """

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
        runs: Runs | None = None,
        remember: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        self._journal = journal
        self._scrubber = scrubber
        self._names = names
        self._options = options
        self._clock = clock
        self._allowed = allowed
        self._sealed = sealed
        self._log = log
        self._runs = runs or Runs(journal, key=b"", clock=clock)
        self._remember = remember
        self._digester = Digester(scrubber, self._session)
        self._live: dict[str, Live] = {}
        self._poison: dict[str, set[int]] = {}
        self.trouble: dict[str, Any] | None = None
        """As `last_error` of the status document, while something durable cannot be written."""
        self._changed = anyio.Event()
        # One worker at a time: the scrubber's engine and its learned names are one state.
        self._worker = anyio.CapacityLimiter(1)
        self._keeper = anyio.CapacityLimiter(1)

    async def lookup(self, info: SourceInfo) -> Resume | None:
        """Where a source goes on; None if it was never seen. It reads again from there: what is live is forgotten."""
        self._live.pop(info.key, None)
        found = await self._journal.resume(info.key)
        mark = self._mark(info, info.conversation)
        if mark is not None:
            await self._runs.load(mark)
        if found is None:
            return None
        point = found.checkpoint
        return Resume(point.offset, point.replay_from, point.hint, finished=point.finished, skip=point.skip)

    async def record(self, batch: Batch) -> Committed:
        """Make a batch durable; answers how far the source's bytes may be forgotten."""
        self._ask()
        live = self._live.get(batch.source.key)
        if live is None:
            live = await self._restore(batch)
        async with live.lock:
            try:
                return await self._record(live, batch)
            except PoisonError as error:
                marks = self._poison.setdefault(batch.source.key, set())
                if len(marks) >= MAX_POISON:
                    marks.clear()
                marks.add(error.start)
                self._live.pop(batch.source.key, None)
                raise
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
                "superseded": isinstance(live.parser, Shadow),
            }
            for live in self._live.values()
        ]

    def _ask(self) -> None:
        if not self._allowed():
            raise ConsentError("capture is off", "Run: groove-sidecar enable")

    async def _restore(self, batch: Batch) -> Live:
        """Become what the journal holds of the source; new where it holds nothing."""
        info = batch.source
        found = await self._journal.resume(info.key)
        inner = make(info.provider, info.dialect)
        point = found.checkpoint if found is not None else None
        if point is not None and point.parser:
            inner.restore(point.parser)
        run = await self._runs.restored(info) if info.kind == "stream" else None
        mark, copies, parser = None, None, inner
        if run is not None and run.record == TRANSCRIPT:
            parser = Shadow(inner, run.facts)
        elif info.dialect == "transcript" and info.kind != "stream":
            known = info.conversation or (str(point.parser.get("session") or "") if point is not None else "")
            mark = self._mark(info, known or await self._named(batch, inner.provider))
            parser, copies = self._beside_runs(info, inner, mark)
        async with self._worker:
            label = self._scrubber.text(info.label)
            state = found.session if found is not None else None
            carried = point.hint.get(CARRY) if point is not None else None
            capture = state.capture if state is not None else carried
            session = self._session(info, parser, capture, state.session_id if state is not None else None)
        live = Live(info, parser, session, label)
        if found is not None and point is not None:
            live = Live(info, parser, session, label, point.offset, point.replay_from, point.parser, found.last_step)
        live.run = live.written = run
        live.mark, live.copies, live.aged = mark, copies, info.kind == "import"
        if mark is not None and not live.steps and info.role is None:
            self._runs.went_on(mark)
        live.poison = self._poison.get(info.key, set())
        self._live[info.key] = live
        return live

    @staticmethod
    def _beside_runs(info: SourceInfo, inner: Parser, mark: str | None) -> tuple[Parser, Copies | None]:
        """A transcript's parser: it knows what streams told, what other files hold, and whose sub-agent it is."""
        copies = None
        if isinstance(inner, ClaudeTranscript):
            copies = Copies.of(info.key)
            inner.known_elsewhere, inner.parent_id = copies.known, info.parent_call
        elif isinstance(inner, GeminiChat):
            copies = Copies.of(info.key, keeps=info.whole)
            inner.known_elsewhere, inner.again = copies.known, info.whole
        return (Joined(inner) if mark is not None else inner), copies

    def _mark(self, info: SourceInfo, conversation: str | None) -> str | None:
        return self._runs.mark(info.provider, conversation) if info.provider and conversation else None

    async def _named(self, batch: Batch, provider: str) -> str:
        """The CLI's session id as the first lines of a batch tell it, "" if they do not."""
        lines = [frame.line for frame in batch.frames[:MAX_NAMING_LINES] if frame.line is not None]
        info = batch.source

        def read() -> str:
            parser = make(provider or info.provider, info.dialect)
            for line in lines:
                facts = parser.feed(line).facts
                if facts is not None and facts.session_id:
                    return f"{parser.provider}\n{facts.session_id}" if not provider else facts.session_id
            return ""

        return await anyio.to_thread.run_sync(read)

    async def _decide(self, live: Live, batch: Batch) -> None:
        """Whose record a run is, once its lines name the conversation; one that has steps already is its own."""
        if live.run is not None or live.info.kind != "stream" or live.steps or not batch.frames:
            return
        named = await self._named(batch, live.parser.provider)
        provider, _, conversation = named.rpartition("\n")
        if not conversation:
            return
        live.run = await self._runs.decide(live.info, provider or live.parser.provider, conversation)
        if live.run.record == TRANSCRIPT:
            live.parser = Shadow(live.parser, live.run.facts)
            async with self._worker:
                live.session = self._session(live.info, live.parser, live.session.carry())

    def _session(
        self, info: SourceInfo, parser: Parser, state: JsonObject | None, session_id: str | None = None
    ) -> CaptureSession:
        identity = Identity(
            session_id=session_id or self._names.session_id(),
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
            found=lambda: self._scrubber.found,
            new_id=self._names.envelope_id,
            options=self._options,
            state=state,
        )

    async def _record(self, live: Live, batch: Batch) -> Committed:
        now = self._clock()
        await self._decide(live, batch)
        await self._look_beside(live, batch)
        commits = await anyio.to_thread.run_sync(self._digester.digest, live, batch, now, limiter=self._worker)
        await self._keep_names()
        for commit in commits:
            await self._commit(commit)
        if any(commit.sealed for commit in commits):
            self._sealed()
        self._tell_runs(live, batch, commits)
        if batch.ending is not None or not (batch.frames or live.steps):
            self._live.pop(batch.source.key, None)
        if batch.ending is not None:
            self._poison.pop(batch.source.key, None)
        self._changed.set()
        return Committed(safe=live.replay_from)

    async def _look_beside(self, live: Live, batch: Batch) -> None:
        """What a transcript must know of its conversation's runs, and of records other files gave before."""
        if live.mark is not None and isinstance(live.parser, Joined):
            await self._runs.load(live.mark)
            # From here on a run that is not decided yet sees this transcript, and one that is decided is seen.
            if live.info.kind == "transcript" and batch.frames and live.info.role is None:
                self._runs.saw(live.mark)
            live.parser.windows = self._runs.windows(live.mark)
            live.due = self._runs.due(live.mark) if live.info.role is None else []
        if live.copies is not None:
            lines = [frame.line for frame in batch.frames if frame.line is not None]
            marks = await anyio.to_thread.run_sync(marks_in, lines)
            live.copies.others = await self._journal.known(live.copies.owner, marks) if marks else set()

    def _tell_runs(self, live: Live, batch: Batch, commits: list[Commit]) -> None:
        """What is durable now, the other road may rely on."""
        if live.mark is not None:
            for commit in commits:
                self._runs.settle(live.mark, commit.settles)
        if live.run is not None and batch.ending is not None:
            self._runs.ended(live.run)

    async def _tick(self, now: float) -> None:
        for live in list(self._live.values()):
            deadline = live.session.deadline
            if deadline is not None and deadline <= now:
                await self._seal(live, lambda session: session.tick(now))

    async def _seal(self, live: Live, seal: Callable[[CaptureSession], Received]) -> None:
        async with live.lock:
            if self._live.get(live.info.key) is not live:
                return  # it ended while we waited, and sealed everything itself
            draft = Draft()
            draft.take_quietly(seal(live.session))
            if not draft.sealed:
                return
            state = self._digester.state(live, draft, closed=False)
            try:
                await self._commit(Commit(None, state, (), draft.sealed, draft.counts))
            except BaseException:
                self._live.pop(live.info.key, None)
                raise
        self._sealed()

    async def _keep_names(self) -> None:
        """The names these lines taught, before the steps they stand in: a kill in between must not unlearn them."""
        if self._remember is not None:
            learned, remember = self._scrubber.learned, self._remember
            await self._until_durable(lambda: anyio.to_thread.run_sync(remember, learned, limiter=self._keeper))

    async def _commit(self, commit: Commit) -> None:
        await self._until_durable(lambda: self._journal.commit(commit))

    async def _until_durable(self, write: Callable[[], Awaitable[None]]) -> None:
        """A full disk is waited out, the source waits with us, nothing is dropped."""
        wait = RETRY_FIRST_SECONDS
        while True:
            self._ask()
            try:
                await write()
            except StoreError as error:
                if error.permanent:
                    raise
                self.trouble = {"reason": error.message, "hint": error.hint, "at": time.time()}
                self._log.event("journal.waiting", level="error", reason=error.message, hint=error.hint)
                await anyio.sleep(wait)
                wait = min(wait * 2, RETRY_MAX_SECONDS)
            else:
                self.trouble = None
                return
