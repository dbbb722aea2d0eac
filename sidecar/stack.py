"""What exists while capture is on: store, recorder, sources, transmitter, and their order of coming and going.

Owns: construction, supervision (restart with backoff), the order of shutdown.
Never: decides whether capture is on, or outlives the consent it was made under.
Invariant: whatever fails is named in `status` and started again; nothing that fails takes the rest down.
"""

from __future__ import annotations

import os
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
import anyio.to_thread

from sidecar import __version__
from sidecar.backpressure import Room
from sidecar.capture.chunking import CaptureOptions
from sidecar.delivery.client import CentralClient
from sidecar.delivery.courier import Opening
from sidecar.delivery.transmitter import Transmitter
from sidecar.drafting import PoisonError
from sidecar.errors import ConsentError, SidecarError
from sidecar.identity import app_version_hash, contributor_id, derive, install_key
from sidecar.importer import Desk, Job, asked
from sidecar.joining.runs import Runs
from sidecar.log import where
from sidecar.names import NameFile
from sidecar.names import destroy as destroy_names
from sidecar.paths import names_file
from sidecar.recorder import Names, Recorder
from sidecar.report import spool_report, with_missed
from sidecar.scrubbing import make_scrubber
from sidecar.sources.files import FileFolder
from sidecar.sources.streams import StreamFolder
from sidecar.sources.transcript_names import homes
from sidecar.sources.transcripts import MARKER, Books, Position, TranscriptFolders
from sidecar.store.conversations import prune_conversations, read_imported
from sidecar.store.corpus import Corpus
from sidecar.store.database import Database
from sidecar.store.journal import Journal
from sidecar.store.outbox import Outbox
from sidecar.store.records import Checkpoint
from sidecar.store.review import read_held
from sidecar.store.revocation import begins_anew, captured_under
from sidecar.wire.limits import MAX_GROOVE_VERSION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from anyio.abc import TaskGroup

    from sidecar.config import Settings
    from sidecar.log import EventLog
    from sidecar.paths import Paths
    from sidecar.scrub.scrubber import Scrubber
    from sidecar.sources.base import Batch, Committed, Lookup, Sink

RESTART_FIRST_SECONDS = 1.0
AT_ONCE_SECONDS = 0.05
RESTART_MAX_SECONDS = 60.0
STEADY_SECONDS = 300.0
"""What ran this long before it failed starts again without the backoff of earlier failures."""


class CaptureStack:
    """Made when consent turns on, cancelled when it turns off. `ready` once everything is running."""

    def __init__(
        self, paths: Paths, settings: Settings, *, log: EventLog, allowed: Callable[[], bool], consent: str = ""
    ) -> None:
        """`consent` names the yes it is made under; what another one left behind is destroyed first."""
        self._consent = consent
        self._paths = paths
        self._settings = settings
        self._log = log
        self._allowed = allowed
        self.ready = False
        self._database: Database
        self._recorder: Recorder
        self._transmitter: Transmitter
        self._engine = ""
        self._tasks: TaskGroup
        self._job: Job | None = None
        self._trouble: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        """Build from the store upwards, run until cancelled, leave in the reverse order.

        Leaving: first the tasks (sources stop reading, connections are cut; an unanswered POST is asked about at the
        next start), then the HTTP client, last the store, which finishes what it was given: so nothing that was
        reported durable is lost, and nothing waits for the network.
        """
        async with AsyncExitStack() as resources:
            self._database = await resources.enter_async_context(Database.open(self._paths.spool))
            if self._consent:
                if await self._database.run(lambda connection: begins_anew(connection, self._consent)):
                    await self._destroy_earlier()
                await self._database.run(lambda connection: captured_under(connection, self._consent))
            scrubber = await anyio.to_thread.run_sync(self._make_scrubber)
            self._engine = scrubber.engine
            client = CentralClient(self._settings.endpoint, allowed=self._may_send, version=__version__)
            await resources.enter_async_context(client)
            self._build(scrubber, client)
            await self._outbox.set_policy(self._settings.review_before_send)
            if await self._journal.wipe_pending():
                await self._journal.wipe()
            if not self._settings.transcripts:
                # Whenever they are followed again, what was written meanwhile is not.
                await self._journal.forget(MARKER)
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                for name, part in self._parts().items():
                    tasks.start_soon(self._supervise, name, part)
                self.ready = True
                try:
                    await anyio.sleep_forever()
                finally:
                    self.ready = False

    async def _destroy_earlier(self) -> None:
        """Capture was off in between: that was a no, though nobody was there to hear it."""
        counts = await Journal(self._database, clock=time.time).revoke()
        await anyio.to_thread.run_sync(destroy_names, names_file(self._paths.state))
        self._log.event("revocation.late", **cast("dict[str, Any]", counts))

    def _make_scrubber(self) -> Scrubber:
        self._key = install_key(self._paths)
        scrubber = make_scrubber(self._paths, self._settings, key=self._key)
        self._name_file = NameFile(names_file(self._paths.state), self._key)
        scrubber.learn(self._name_file.load())
        if self._name_file.damaged:
            self._log.event("names.unreadable", level="error", hint="They are learned again.")
        return scrubber

    def _build(self, scrubber: Scrubber, client: CentralClient) -> None:
        key = self._key
        version = __version__[:MAX_GROOVE_VERSION]
        self._outbox = Outbox(self._database)
        self._transmitter = Transmitter(
            self._outbox,
            client,
            opening=Opening(derive(key, "machine_fingerprint"), app_version_hash(), version),
            allowed=self._may_send,
            clock=time.time,
        )
        self._build_recorder(scrubber, self._transmitter.wake)

    def _build_recorder(self, scrubber: Scrubber, sealed: Callable[[], None]) -> None:
        clock = _steady_clock()
        self._journal = Journal(self._database, clock=time.time)
        self._runs = Runs(self._journal, key=self._key, clock=clock)
        self._room = Room(self._journal, self._settings.max_unsent_bytes, time.time)
        self._recorder = Recorder(
            self._journal,
            scrubber,
            names=Names(
                contributor_id=contributor_id(self._paths),
                groove_version=__version__[:MAX_GROOVE_VERSION],
                session_id=lambda: f"sess_{uuid.uuid4()}",
                envelope_id=lambda: f"env_{uuid.uuid4()}",
            ),
            options=CaptureOptions(
                chunk_seconds=self._settings.chunk_seconds, vocabulary=self._settings.step_vocabulary
            ),
            clock=clock,
            allowed=self._allowed,
            sealed=sealed,
            log=self._log,
            runs=self._runs,
            remember=self._name_file.keep,
        )

    def _parts(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Everything that runs, by the name `status` gives it."""
        sink, lookup = self._take, self._recorder.lookup
        streams = StreamFolder(self._paths.streams, sink=sink, lookup=lookup, consent=self._consent)
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "timers": self._recorder.run_timers,
            "transmitter": self._transmitter.run,
            "streams": streams.run,
            "keeper": self._keep_bounded,
            "imports": self._finish_imports,
        }
        if self._settings.transcripts:
            parts["transcripts"] = self._transcripts(sink, lookup).run
        for number, watch in enumerate(self._settings.watch, start=1):
            path = Path(watch.path).expanduser()
            files = FileFolder(
                path,
                provider=watch.provider,
                dialect=watch.dialect,
                sink=sink,
                lookup=lookup,
                idle_seconds=self._settings.idle_close_seconds,
                key=self._key,
            )
            parts[f"watch {number}"] = files.run
        return parts

    def _transcripts(self, sink: Sink, lookup: Lookup) -> TranscriptFolders:
        """The CLIs' own records; from now on they win over the output of the runs that write them."""
        folders = TranscriptFolders(
            homes(os.environ, self._paths.groove.parent),
            sink=sink,
            lookup=lookup,
            books=Books(self._positions, self._place),
            owner=self._runs,
            idle_seconds=self._settings.idle_close_seconds,
            key=self._key,
        )
        self._runs.finder = folders
        return folders

    def begin_import(self, query: dict[str, str]) -> dict[str, Any]:
        """Begin to take transcripts that are there already; one import at a time."""
        if self._job is not None and self._job.report["state"] in {"planning", "running"}:
            raise SidecarError("an import is running already", "Wait for it: groove-sidecar import shows it.")
        self._job = Job(self._desk(), *asked(query))
        self._tasks.start_soon(self._import, self._job)
        return self._job.report

    async def _import(self, job: Job) -> None:
        """As `_supervise`, once: a bug in it must not take capture down."""
        try:
            await job.run()
        except Exception as error:  # noqa: BLE001 - the supervisor
            reason = f"import: {where(error)}"
            self._trouble["import"] = {"reason": reason, "hint": "A bug: please report it.", "at": time.time()}
            self._log.event("part.crashed", level="error", part="import", reason=reason)

    async def _finish_imports(self) -> None:
        """What an import that was killed left open goes on to its end."""
        if any(is_open for _, is_open in await self._journal.positions("import:")):
            self._job = Job(self._desk(), [], 0.0, interrupted=True)
            await self._import(self._job)
        await anyio.sleep_forever()

    def importing(self) -> dict[str, Any]:
        """How far the import is."""
        return self._job.report if self._job is not None else {"state": "none"}

    async def import_alone(self, paths: list[Path], since: float, begun: Callable[[dict[str, Any]], None]) -> None:
        """An import while no agent runs: the caller holds the state folder. `begun` is handed the living report."""
        async with Database.open(self._paths.spool) as self._database:
            self._build_recorder(await anyio.to_thread.run_sync(self._make_scrubber), lambda: None)
            job = Job(self._desk(), paths, since)
            begun(job.report)
            await job.run()

    def _desk(self) -> Desk:
        return Desk(
            homes=homes(os.environ, self._paths.groove.parent),
            streams=self._paths.streams,
            key=self._key,
            sink=self._take,
            lookup=self._recorder.lookup,
            positions=self._positions,
            decided=self._journal.decided,
            made=lambda: self._database.run(read_imported),
        )

    async def _positions(self, prefix: str) -> list[Position]:
        return [
            Position(point.source, point.offset, point.hint, point.skip, rested=not is_open)
            for point, is_open in await self._journal.positions(prefix)
        ]

    async def _place(self, positions: Sequence[Position]) -> None:
        await self._journal.place([Checkpoint(one.key, one.offset, one.offset, {}, one.hint) for one in positions])

    async def _take(self, batch: Batch) -> Committed:
        await self._room.wait()
        return await self._recorder.record(batch)

    async def _supervise(self, name: str, part: Callable[[], Awaitable[None]]) -> None:
        """Run `part` for ever. The one place that catches everything: a bug in one part must not silence the others."""
        wait = RESTART_FIRST_SECONDS
        while True:
            started = time.monotonic()
            try:
                await part()
            except ConsentError:
                pass  # the switch went off under it; whoever made this stack cancels it, unless it is on again
            except SidecarError as error:
                if isinstance(error, PoisonError):
                    wait = AT_ONCE_SECONDS  # the line is known now, and everything else waits behind it
                self._trouble[name] = {"reason": f"{name}: {error.message}", "hint": error.hint, "at": time.time()}
                self._log.event("part.failed", level="error", part=name, reason=error.message, hint=error.hint)
            except Exception as error:  # noqa: BLE001 - the supervisor
                place = where(error)
                self._trouble[name] = {
                    "reason": f"{name}: {place}",
                    "hint": "A bug: please report it.",
                    "at": time.time(),
                }
                self._log.event("part.crashed", level="error", part=name, reason=place)
            if time.monotonic() - started > STEADY_SECONDS:
                wait = RESTART_FIRST_SECONDS
            await anyio.sleep(wait)
            wait = min(wait * 2, RESTART_MAX_SECONDS)

    async def _keep_bounded(self) -> None:
        """The local corpus and the memory of runs and records stay within bounds; looked at once an hour."""
        while True:
            await Corpus(self._database).prune(self._settings.keep_delivered_bytes)
            await self._database.run(prune_conversations)
            await anyio.sleep(3_600)

    def _may_send(self) -> bool:
        return self._allowed() and not self._paths.paused.exists()

    async def review(self, verb: str, envelope_ids: list[str], *, looked: bool) -> int:
        """A person's word on held envelopes: "approve" or "reject"; how many it was heard for."""
        if verb == "approve":
            done = await self._outbox.approve(envelope_ids, looked=looked)
        else:
            done = await self._outbox.reject(envelope_ids)
            if done:
                await self._journal.wipe()
        self._transmitter.wake()
        return done

    async def parked(self, verb: str, envelope_id: str | None) -> int:
        """A person's word on what Central Command refused: "retry" or "drop"; how many envelopes it was about."""
        done = await (self._outbox.retry(envelope_id) if verb == "retry" else self._outbox.drop(envelope_id))
        self._transmitter.wake()
        return done

    def wake(self) -> None:
        """Sending may be allowed again."""
        self._transmitter.wake()

    async def flush(self, seconds: float) -> dict[str, Any]:
        """Seal what is buffered and send all that can be sent within `seconds`."""
        await self._recorder.seal_all()
        done = await self._transmitter.flush(seconds)
        held = await self._database.run(read_held)
        reasons = ", ".join([*done["why"], *([f"{held} held for review (groove-sidecar preview)"] if held else [])])
        return {"sent": done["sent"], "queued": done["remaining"], "parked": done["parked"], "reason": reasons}

    async def report(self) -> dict[str, Any]:
        """The stack's part of the status document."""
        now = time.time()
        document = await self._database.run(lambda connection: spool_report(connection, now))
        sending = self._transmitter.snapshot()
        for name in [name for name, error in self._trouble.items() if now - error["at"] > STEADY_SECONDS]:
            del self._trouble[name]  # it has run well since
        errors = [
            error
            for error in (sending["last_error"], self._room.waiting, self._recorder.trouble, *self._trouble.values())
            if error
        ]
        document = await anyio.to_thread.run_sync(with_missed, document, self._paths)
        return document | {
            "endpoint": self._settings.endpoint,
            "contract": sending["contract"],
            "engine": self._engine,
            "sources": self._recorder.snapshot(),
            "in_flight": sending["in_flight"],
            "duplicates": sending["duplicates"],
            "held_seconds": sending["held_seconds"],
            "last_error": max(errors, key=lambda error: error["at"], default=None),
        }


def _steady_clock() -> Callable[[], float]:
    """Unix seconds that do not jump when the wall clock is set; anchored at the start of the process."""
    offset = time.time() - time.monotonic()
    return lambda: offset + time.monotonic()
