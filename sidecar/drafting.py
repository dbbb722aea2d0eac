"""From frames to commits: all the work on a batch that is not I/O.

Owns: `Live` (one source being captured), `Draft` (what its lines came to), `Digester` (the checkpoint rule, rolling
over).
Never: waits, stores, or asks for the time.
Invariant: what `digest` answers, committed in order, leaves a state from which the same bytes give the same steps; the
fates it counts are as many as the lines.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import anyio

from parsers.base import Fate
from parsers.blocks import parse_time
from parsers.claude_queue import QUEUE_FULL
from sidecar.capture.framing import Ending
from sidecar.errors import SidecarError
from sidecar.joining.roads import Copies, Joined, Shadow
from sidecar.log import where
from sidecar.store.conversations import TOLD, Records, Run
from sidecar.store.records import Checkpoint, Commit, SessionState
from sidecar.wire.limits import MAX_AGE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.base import Parser
    from parsers.step import JsonObject
    from sidecar.capture.framing import Frame
    from sidecar.capture.session import CaptureSession, Received
    from sidecar.scrub.scrubber import Scrubber
    from sidecar.sources.base import Batch, SourceInfo
    from sidecar.wire.envelope import Numbered, Sealed

CARRY = "carry"
"""Where a checkpoint's hint keeps what the next session of the same conversation begins with."""
DAY = 86_400
MAX_EVENT_NAMES = 2_000
"""Distinct names of events told apart by one process; the rest is counted as "other"."""
MAX_DRIFT_NAMES = 300
"""Distinct names of changed fields told apart by one process; the rest is counted as "other"."""
MAX_VERSIONS = 64
"""Distinct versions of CLIs told apart by one process; the rest is counted as "other"."""
_STAMP = re.compile(rb'"timestamp":\s?"([0-9TZ:.+-]{10,40})"')
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,6}){1,3}(?:[-+][0-9A-Za-z.-]{1,24})?")
END = -1
"""Among the poison of a source: not a line but the flush at its end made the program fail."""
STALE_SECONDS = 1.0
"""A transcript's step this much later than the end of a run is not of that run."""


class PoisonError(SidecarError):
    """A line made the program fail. Ours; the same line is passed over, and counted, when its source is read again."""

    def __init__(self, start: int, place: str) -> None:
        super().__init__(f"a line made the program fail ({place})", "It is counted and passed over; please report it.")
        self.start = start


@dataclass(slots=True)
class Live:
    """One source being captured. `offset`, `replay_from` and `parsed` are what the journal holds.

    `run`: what was decided about a stream; `mark`: the conversation of a transcript; `due`: its runs that are over, and
    whose facts no session has taken up.
    """

    info: SourceInfo
    parser: Parser
    session: CaptureSession
    label: str
    offset: int = 0
    replay_from: int = 0
    parsed: JsonObject = field(default_factory=dict)
    steps: int = 0
    run: Run | None = None
    mark: str | None = None
    due: list[Run] = field(default_factory=list)
    copies: Copies | None = None
    aged: bool = False
    """An import whose lines so far are older than a server takes: they shall not hold back the fresh ones."""
    written: Run | None = None
    """`run` as the journal holds it."""
    poison: set[int] = field(default_factory=set)
    """Where lines begin that made the program fail before: they are counted and passed over."""
    lock: anyio.Lock = field(default_factory=anyio.Lock)


@dataclass(slots=True)
class Draft:
    """What the lines since the last commit came to."""

    steps: list[Numbered] = field(default_factory=list)
    sealed: list[Sealed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    settles: list[str] = field(default_factory=list)

    def count(self, name: str, n: int = 1) -> None:
        """Add to the books."""
        self.counts[name] = self.counts.get(name, 0) + n

    def take(self, received: Received, provider: str, version: str) -> None:
        """Add one line's outcome to the books. `version`: of the CLI that wrote it, "" if its lines did not tell."""
        self.take_quietly(received)
        self.count(f"fate.{received.fate}")
        event = f"{provider or 'undetected'}/{received.name}"
        self.count(f"event.{event}")
        if received.fate is Fate.UNKNOWN:
            self.count(f"unknown.{event}")
            if version:
                self.count(f"drift.{event}@{version}")
        if received.reason:
            self.count(f"reason.{received.reason}")
        self._take_drift(received, version)
        if received.reason == QUEUE_FULL:
            self.count("drop.queued_messages_beyond_the_limit")

    def _take_drift(self, received: Received, version: str) -> None:
        """Count what is not as the line's type was ever seen: beside its fate."""
        if received.drift:
            self.count("changed_lines")
        for name in received.drift:
            self.count(f"changed.{name}")
            if version:
                self.count(f"changed_by.{name}@{version}")

    def take_quietly(self, received: Received) -> None:
        """Add what no line brought: the end of a stream, a chunk whose time is over."""
        if received.dropped:
            self.count("drop.steps_beyond_the_line_limit", received.dropped)
        self.steps += received.steps
        self.sealed += received.sealed


class Digester:
    """`new_session(info, parser, state)` makes the next session of a source, under a new id."""

    def __init__(
        self,
        scrubber: Scrubber,
        new_session: Callable[[SourceInfo, Parser, JsonObject | None], CaptureSession],
    ) -> None:
        self._scrubber = scrubber
        self._new_session = new_session
        self._event_names: dict[str, str] = {}
        self._drift_names: dict[str, str] = {}
        self._versions: dict[str | None, str] = {None: "", "": ""}

    def digest(self, live: Live, batch: Batch, now: float) -> list[Commit]:
        """The commits a batch takes: one, or more if a session filled."""
        commits: list[Commit] = []
        draft = Draft()
        before, unlisted = Counter(self._scrubber.counts), self._scrubber.unlisted
        if batch.begin is not None and batch.begin > live.offset:
            live.offset = live.replay_from = batch.begin
            live.parsed = {}
        for frame in batch.frames:
            if not self._try(live, draft, frame, now):
                continue
            if live.session.full:
                commits.append(self._roll_over(live, draft, frame.end, batch, now))
                draft = Draft()
        end = batch.frames[-1].end if batch.frames else live.offset
        if batch.lost_bytes:
            draft.count(f"drop.{batch.lost_reason or 'not_kept'}", batch.lost_bytes)
            live.session.lost(batch.lost_bytes)
        if batch.ending is not None:
            if batch.ending.abandoned:
                draft.count("drop.writer killed")
            self._finish(live, draft, batch.ending, now)
        self._advance(live, max(end, live.offset), force=batch.ending is not None)
        for category, n in (Counter(self._scrubber.counts) - before).items():
            draft.count(f"redacted.{category}", n)
        draft.count("redactions.unlisted", self._scrubber.unlisted - unlisted)
        commits.append(self._commit(live, draft, batch, now, closed=batch.ending is not None))
        return commits

    def _try(self, live: Live, draft: Draft, frame: Frame, now: float) -> bool:
        """Whether the line was new. Raises PoisonError for one that makes the program fail, whatever the bug is."""
        try:
            if frame.end > live.offset:
                self._take(live, draft, frame, now)
                return True
            if frame.line is not None and frame.start not in live.poison:
                live.session.replay(frame.line)
        except Exception as error:
            raise PoisonError(frame.start, where(error)) from error
        return False

    def _take(self, live: Live, draft: Draft, frame: Frame, now: float) -> None:
        if live.aged and frame.line is not None and _is_fresh(frame.line, now):
            live.aged = False
            draft.take_quietly(live.session.flush(now))
        size = frame.end - frame.start
        told = self._version(live.session.cli_version)
        draft.count("lines")
        draft.count("bytes", size)
        if frame.start in live.poison:
            received = live.session.refused()
        elif frame.line is None:
            received = live.session.oversize(frame.oversize, now)
        else:
            received = live.session.receive(frame.line, now)
            if frame.torn and received.fate is Fate.MALFORMED:
                draft.count("reason.torn")
        received.name = self._safe(received.name, self._event_names, MAX_EVENT_NAMES)
        if received.drift:
            names = (self._safe(name, self._drift_names, MAX_DRIFT_NAMES) for name in received.drift)
            received.drift = tuple(dict.fromkeys(names))
        version = self._version(live.session.cli_version)
        if version and version != told:
            draft.count(f"cli.{live.parser.provider}@{version}")
        draft.take(received, live.parser.provider, version)

    def _safe(self, name: str, known: dict[str, str], most: int) -> str:
        """A name as it may be stored and shown: a CLI we do not know may put anything there."""
        if name not in known:
            if len(known) >= most:
                return "other"
            known[name] = self._scrubber.text(name)
        return known[name]

    def _version(self, version: str | None) -> str:
        """A CLI's version as it may be stored and shown, "" if there is none."""
        known = self._versions.get(version)
        if known is None:
            if len(self._versions) >= MAX_VERSIONS:
                return "other"
            known = version if version and _VERSION.fullmatch(version) else "other"
            self._versions[version] = known
        return known

    def state(self, live: Live, draft: Draft, *, closed: bool) -> SessionState | None:
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

    def _finish(self, live: Live, draft: Draft, ending: Ending, now: float) -> None:
        """The session is over; that of a transcript takes up what only its runs know."""
        if isinstance(live.parser, Joined) and live.info.role is None and not ending.idle:
            live.parser.due = [run.facts for run in live.due]
            draft.settles += [run.source for run in live.due]
        if END in live.poison:
            draft.count("drop.end_of_stream_failed")
            ending = replace(ending, continued=True)  # the parser is left alone: flushing it is what failed
        try:
            draft.take_quietly(live.session.finish(now, ending=ending))
        except Exception as error:
            raise PoisonError(END, where(error)) from error

    def _roll_over(self, live: Live, draft: Draft, end: int, batch: Batch, now: float) -> Commit:
        """The wire's caps are reached: end this session as continued, and begin the next on the same parser."""
        draft.take_quietly(live.session.finish(now, ending=Ending(continued=True)))
        self._advance(live, end, force=False)
        commit = self._commit(live, draft, batch, now, closed=True, finished=False)
        live.session = self._new_session(live.info, live.parser, live.session.carry())
        live.steps = 0
        return commit

    def _advance(self, live: Live, offset: int, *, force: bool) -> None:
        """Move the checkpoint; the replay position follows only when no text is held (or nothing will follow)."""
        live.offset = offset
        parsed = live.parser.snapshot()
        if parsed is not None:
            live.replay_from, live.parsed = offset, self._scrubber.json(parsed)
        elif force:
            live.replay_from, live.parsed = offset, {}

    def _commit(
        self, live: Live, draft: Draft, batch: Batch, now: float, *, closed: bool, finished: bool | None = None
    ) -> Commit:
        ending = batch.ending
        over = ending is not None and not ending.idle if finished is None else finished
        state = self.state(live, draft, closed=closed)
        whole = batch.before is None or not batch.frames or live.offset >= batch.frames[-1].end
        hint = batch.hint if whole or batch.before is None else batch.before
        if live.info.kind == "stream" and over:
            pass  # nothing follows a run's end
        elif state is None or closed:
            # What it has learnt must outlive the session's row, or a row there is none of yet.
            hint = {**hint, CARRY: live.session.carry()}
        checkpoint = Checkpoint(live.info.key, live.offset, live.replay_from, live.parsed, hint, finished=over)
        records = None
        if live.copies is not None and live.copies.fresh:
            records = Records(live.copies.owner, int(now // DAY), tuple(live.copies.fresh))
            live.copies.fresh.clear()
        return Commit(
            checkpoint,
            state,
            draft.steps,
            draft.sealed,
            draft.counts,
            run=_told(live, batch, now),
            settles=tuple({*draft.settles, *_stale(live)}),
            records=records,
        )


def _is_fresh(line: bytes, now: float) -> bool:
    found = _STAMP.search(line)
    moment = parse_time(found.group(1).decode("ascii", "replace")) if found else None
    return moment is not None and moment >= now - MAX_AGE_SECONDS


def _stale(live: Live) -> list[str]:
    """Runs that were over before the session's first step are none of its business: nobody waits for them."""
    first = live.parser.first if isinstance(live.parser, Joined) else None
    return [run.source for run in live.due if first is not None and (run.ended or first) + STALE_SECONDS < first]


def _told(live: Live, batch: Batch, now: float) -> Run | None:
    """What became of the run of a stream, if that is new: what only it knows, at the end also how and when it ended."""
    if live.run is None:
        tells = live.mark is not None and live.info.kind == "transcript" and live.info.role is None
        return Run(live.info.key, live.mark or "", TOLD, now, now, settled=True) if tells and batch.frames else None
    run = live.run
    if isinstance(live.parser, Shadow):
        facts = dict(live.parser.facts)
        if batch.ending is not None:
            known = {"exit_code": batch.ending.exit_code, "signal": batch.ending.signal}
            facts |= {name: value for name, value in known.items() if value is not None}
        run = replace(run, facts=facts)
    if batch.ending is not None:
        run = replace(run, ended=batch.written or now)
    live.run = run
    if run == live.written:
        return None
    live.written = run
    return run
