"""Which road is the record of a wrapped run, and what the other one adds to it.

Owns: `Runs`: the decision, the grace before it, the times that are told, the facts that are due.
Never: reads lines or files; what it says is durable only when the recorder has committed it.
Invariant: a run is decided once. A transcript wins if it is followed and grows; whatever a stream has told, no
transcript tells again, however late it is found.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import anyio

from sidecar.capture.framing import Ending
from sidecar.sources.gather import keyed_hash
from sidecar.sources.transcript_names import short
from sidecar.store.conversations import STREAM, TOLD, TRANSCRIPT, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sidecar.sources.base import SourceInfo
    from sidecar.store.journal import Journal

GRACE_SECONDS = 5.0
"""How long the output of a run waits for its transcript to appear, once it has named its conversation."""
GRACE_LOOKS = 12
MAX_REMEMBERED = 20_000
"""Conversations kept in memory; what is forgotten is read from the store again."""
SLACK_SECONDS = 1.0
"""Time stamps of a run, its files and its records are taken by different hands."""


class Finder(Protocol):
    """Knows the transcripts that are followed."""

    async def find(self, provider: str, conversation: str, since: float) -> bool:
        """Whether the conversation's transcript is followed and was written to after `since`."""
        ...

    def wake_all(self) -> None:
        """Some run is over."""
        ...


class Runs:
    """`finder` None = transcripts are not followed. `clock` answers unix seconds."""

    def __init__(self, journal: Journal, *, key: bytes, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._key = key
        self._clock = clock
        self.finder: Finder | None = None
        self._told: dict[str, dict[str, Run]] = {}
        """By conversation: runs whose stream is the record."""
        self._waiting: dict[str, dict[str, Run]] = {}
        """By conversation: runs whose transcript is the record, until its session has taken their facts."""
        self._over: set[str] = set()
        """Conversations whose last run is over and whose transcript has not gone on since."""
        self._seen: dict[str, float] = {}
        """When lines of a conversation's transcript last came."""
        self._loaded: set[str] = set()

    def mark(self, provider: str, conversation: str) -> str:
        """The conversation's name in the store: nobody without our key can tell the id from it."""
        return self.mark_with(self._key, provider, conversation)

    @staticmethod
    def mark_with(key: bytes, provider: str, conversation: str) -> str:
        """As `mark`, with a key given."""
        return keyed_hash(f"{provider}\n{short(provider, conversation)}".encode("utf-8", "surrogatepass"), key)

    async def load(self, mark: str) -> None:
        """Remember what the store knows of a conversation."""
        if mark in self._loaded:
            return
        for run in await self._journal.runs(mark):
            self._keep(run)
        self._loaded.add(mark)

    async def restored(self, info: SourceInfo) -> Run | None:
        """What was decided for a stream before. With transcripts switched off since, the rest is the stream's."""
        run = await self._journal.run(info.key)
        if run is None:
            return None
        await self.load(run.conversation)
        if run.record == TRANSCRIPT and run.ended is None and self.finder is None:
            self._waiting.get(run.conversation, {}).pop(run.source, None)
            run = replace(run, record=STREAM, began=self._clock(), settled=True)
            self._keep(run)
        return run

    async def decide(self, info: SourceInfo, provider: str, conversation: str) -> Run:
        """Wait for the transcript for a bounded time, then settle which road is the record of this run."""
        mark = self.mark(provider, conversation)
        began = info.started or self._clock()
        await self.load(mark)
        for decided in (self._told, self._waiting):
            if info.key in decided.get(mark, {}):
                return decided[mark][info.key]  # before a commit that failed
        record = STREAM
        if self.finder is not None:
            for look in range(GRACE_LOOKS + 1):
                if await self.finder.find(provider, conversation, began) or self._came(mark, began):
                    record = TRANSCRIPT
                    break
                if look < GRACE_LOOKS:
                    await anyio.sleep(GRACE_SECONDS / GRACE_LOOKS)
        # Nothing is awaited from the last look to here, so no line of the transcript can slip in between.
        run = Run(info.key, mark, record, began, settled=record == STREAM)
        self._keep(run)
        return run

    def saw(self, mark: str) -> None:
        """Lines of a followed transcript are about to be taken."""
        self._seen[mark] = self._clock()

    def windows(self, mark: str) -> list[tuple[float, float]]:
        """The times of a conversation that streams told."""
        return self.windows_of(self._told.get(mark, {}).values())

    @staticmethod
    def windows_of(runs: Iterable[Run]) -> list[tuple[float, float]]:
        """The times of runs whose stream is the record."""
        return [
            (run.began - SLACK_SECONDS, math.inf if run.ended is None else run.ended + SLACK_SECONDS) for run in runs
        ]

    def due(self, mark: str) -> list[Run]:
        """Ended runs whose facts a conversation's transcript has still to take up, oldest first."""
        runs = [run for run in self._waiting.get(mark, {}).values() if run.ended is not None]
        return sorted(runs, key=lambda run: run.began)

    def settle(self, mark: str, sources: Iterable[str]) -> None:
        """Nobody waits for these any more."""
        for source in sources:
            self._waiting.get(mark, {}).pop(source, None)
        if not self._waiting.get(mark):
            self._waiting.pop(mark, None)

    def went_on(self, mark: str) -> None:
        """A new session of the conversation begins."""
        self._over.discard(mark)

    def ended(self, run: Run) -> None:
        """The run's end is durable."""
        self._keep(run)
        if run.record == TRANSCRIPT:
            self._over.add(run.conversation)
            if self.finder is not None:
                self.finder.wake_all()

    def writing(self, info: SourceInfo) -> bool:
        """A run that writes this transcript goes on."""
        mark = self._mark_of(info)
        return mark is not None and any(run.ended is None for run in self._waiting.get(mark, {}).values())

    def ending(self, info: SourceInfo) -> Ending | None:
        """How the run that wrote this transcript ended; a sub-agent's ends with it, without a code of its own."""
        mark = self._mark_of(info)
        if mark is None or self.writing(info):
            return None
        if info.role is not None:
            return Ending() if mark in self._over else None
        ended = self.due(mark)
        if not ended:
            return None
        facts = ended[-1].facts
        return Ending(exit_code=facts.get("exit_code"), signal=facts.get("signal"))

    def _mark_of(self, info: SourceInfo) -> str | None:
        if info.conversation is None or info.provider is None:
            return None
        return self.mark(info.provider, info.conversation)

    def _came(self, mark: str, since: float) -> bool:
        return self._seen.get(mark, -math.inf) >= since - SLACK_SECONDS

    def _keep(self, run: Run) -> None:
        if len(self._loaded) + len(self._told) + len(self._seen) > MAX_REMEMBERED:
            self._loaded.clear()
            self._seen.clear()  # read again with the rest
            self._told = {
                mark: runs for mark, runs in self._told.items() if any(one.ended is None for one in runs.values())
            }
        if run.record == TOLD:
            self._seen[run.conversation] = max(run.ended or 0.0, self._seen.get(run.conversation, 0.0))
        elif run.record == STREAM:
            self._told.setdefault(run.conversation, {})[run.source] = run
        elif not run.settled:
            self._waiting.setdefault(run.conversation, {})[run.source] = run
