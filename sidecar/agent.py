"""The composition root: who exists while capture is on, and in which order they go.

Owns: the agent's life: the lock, the control socket, consent watching, the capture stack, supervision, shutdown.
Never: parses, scrubs, stores or sends itself.
Invariant: while consent is not ON nothing of capture or delivery exists (their modules are not even imported), and a
revocation destroys what was not sent before the next consent is looked at.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import anyio
import anyio.to_thread

from sidecar import __version__
from sidecar.config import RECONCILE_SECONDS, Settings
from sidecar.consent import Consent, Permission, Standing, evaluate, under
from sidecar.control import OPENMETRICS, ControlServer, Query, Reply, json_reply
from sidecar.errors import ConfigError, SidecarError, StoreError
from sidecar.log import EventLog, where
from sidecar.paths import PRIVATE_DIR, make_private_dir, open_private

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from pathlib import Path

    from sidecar.paths import Paths
    from sidecar.sources.watcher import Signal
    from sidecar.stack import CaptureStack

FLUSH_SECONDS = 60.0
LINGER_SECONDS = 2.0
"""How long an agent that is about to leave still answers: whoever switched off waits to hear what was destroyed."""
RETRY_SECONDS = 5.0
"""How soon a destruction that could not be finished is tried again."""


class Agent:
    """One per state folder. `run` returns on SIGTERM or SIGINT."""

    def __init__(self, paths: Paths, environ: Mapping[str, str]) -> None:
        self._paths = paths
        self._environ = environ
        self._consent = Consent(Standing.SUSPENDED, "starting")
        self._stack: CaptureStack | None = None
        self._trouble: dict[str, Any] | None = None
        self._destroyed: dict[str, int] = {}
        self._dirty = True
        """There may be unsent content on disk: at the start, and since capture last ran."""
        self._permission: Permission | None = None
        self._under = ""
        self._doubted = False
        """Something the yes rests on was touched since it was given: no until all parties were asked again."""
        self._looked = anyio.Event()
        self._look = anyio.Event()
        self._log = EventLog(paths.log, time.time)
        self._started = time.time()
        handlers: dict[tuple[str, str], Callable[[Query], Awaitable[Reply]]] = {
            ("GET", "/status"): self._get_status,
            ("GET", "/metrics"): self._get_metrics,
            ("POST", "/flush"): self._post_flush,
            ("POST", "/pause"): self._post_pause,
            ("POST", "/resume"): self._post_resume,
            ("POST", "/revoked"): self._post_revoked,
            ("POST", "/review/approve"): partial(self._post_review, "approve"),
            ("POST", "/review/reject"): partial(self._post_review, "reject"),
            ("POST", "/parked/retry"): partial(self._post_parked, "retry"),
            ("POST", "/parked/drop"): partial(self._post_parked, "drop"),
            ("POST", "/import"): self._post_import,
            ("GET", "/import"): self._get_import,
        }
        self._control = ControlServer(paths.socket, handlers)

    async def run(self, *, while_on: bool = False) -> None:
        """Live until a signal; `while_on`: at the longest until the opt-in flag is gone and nothing unsent is left.

        Raises StoreError if another agent holds this state folder.
        """
        make_private_dir(self._paths.state)
        if not self._paths.groove.exists():
            self._paths.groove.mkdir(mode=PRIVATE_DIR, parents=True)
        with only_one(self._paths):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._end_on_signal, tasks.cancel_scope)
                await tasks.start(self._control.run)
                tasks.start_soon(self._watch_consent)
                await self._live(while_on=while_on)
                tasks.cancel_scope.cancel()

    async def _end_on_signal(self, scope: anyio.CancelScope) -> None:
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals:
            async for _ in signals:
                self._log.event("agent.stopping")
                scope.cancel()
                return

    async def _watch_consent(self) -> None:
        """Look again whenever something changes beside the flag, or sidecar.toml does; in between, cost nothing."""
        from sidecar.sources.watcher import open_watcher

        async with open_watcher() as watcher, anyio.create_task_group() as tasks:
            for signal_ in (watcher.folder(self._paths.groove), watcher.file(self._paths.config)):
                tasks.start_soon(self._look_on, signal_)

    async def _look_on(self, changed: Signal) -> None:
        while True:
            await changed.wait()
            self._look.set()

    async def _live(self, *, while_on: bool) -> None:
        """Consent decides what exists: the stack, or nothing but the control socket."""
        while True:
            self._look = anyio.Event()
            self._consent = await anyio.to_thread.run_sync(self._evaluate)
            self._log.event("consent", standing=self._consent.standing, reason=self._consent.reason)
            if self._consent.standing is Standing.REVOKED:
                await self._destroy()
            self._looked.set()
            self._looked = anyio.Event()
            if self._consent.on:
                await self._capture()
            elif while_on and self._over():
                with anyio.move_on_after(LINGER_SECONDS) as quiet:
                    await self._look.wait()
                if quiet.cancelled_caught:
                    return
            else:
                with anyio.move_on_after(RETRY_SECONDS if self._dirty else RECONCILE_SECONDS):
                    await self._look.wait()

    def _over(self) -> bool:
        """Whether the flag is gone, and all that was not sent with it."""
        return self._consent.standing is Standing.REVOKED and not self._dirty and not self._paths.flag.exists()

    def _evaluate(self) -> Consent:
        """Ask, and hold on to the flag the answer was given for."""
        if self._permission is not None:
            self._permission.close()
            self._permission = None
        with contextlib.suppress(OSError, SidecarError):
            # Before the question, so that no change after it goes unseen.
            self._permission = Permission(self._paths)
        consent = evaluate(self._paths, self._environ)
        self._under = under(self._paths) if consent.on else ""
        self._doubted = False
        return consent

    async def _capture(self) -> None:
        """Run the stack until consent or its settings are no longer what they were."""
        from sidecar.stack import CaptureStack

        self._dirty = True
        try:
            settings = Settings.load(self._paths, self._environ)
        except ConfigError as error:
            self._consent = Consent(Standing.SUSPENDED, error.message, error.hint)
            return
        async with anyio.create_task_group() as tasks:
            make = partial(
                CaptureStack, self._paths, settings, log=self._log, allowed=self._allowed, consent=self._under
            )
            tasks.start_soon(self._run_stack, make)
            await self._while_on(settings)
            # From here on `_allowed` is false: what is in flight is cut off, not finished.
            tasks.cancel_scope.cancel()

    async def _run_stack(self, make: Callable[[], CaptureStack]) -> None:
        """A supervisor: a damaged spool or a bug is named in `status` and tried again, and the socket stays."""
        wait = RETRY_SECONDS
        while True:
            self._stack = make()
            try:
                await self._stack.run()
            except SidecarError as error:
                self._trouble = {"reason": error.message, "hint": error.hint, "at": time.time()}
            except Exception as error:  # noqa: BLE001 - the supervisor
                reason = f"capture stopped: {where(error)}"
                self._trouble = {"reason": reason, "hint": "A bug: please report it.", "at": time.time()}
            finally:
                self._stack = None
            self._log.event("capture.failed", level="error", **cast("dict[str, Any]", self._trouble))
            await anyio.sleep(wait)
            wait = min(wait * 2, RECONCILE_SECONDS)

    async def _while_on(self, settings: Settings) -> None:
        while True:
            with anyio.move_on_after(RECONCILE_SECONDS):
                await self._look.wait()
            self._look = anyio.Event()
            standing = await anyio.to_thread.run_sync(evaluate, self._paths, self._environ)
            if not standing.on:
                self._consent = standing
                return
            if self._doubted or not self._allowed():
                return  # it was off, or something it rests on was touched: all is asked, and made, anew
            try:
                if Settings.load(self._paths, self._environ) != settings:
                    return
            except ConfigError:
                return

    def _allowed(self) -> bool:
        """The cheap question asked before every batch and every request: a look at the files the yes rests on."""
        if not self._consent.on or self._doubted or self._permission is None:
            return False
        if self._permission.unchanged():
            return True
        self._doubted = True
        self._look.set()
        return False

    async def _destroy(self) -> None:
        """Once per revocation, again and again until it is done; later only what late writers may have left."""
        if not (self._paths.spool.exists() and self._dirty) and not _any(self._paths.streams):
            self._dirty = False
            return
        from sidecar.revocation import destroy

        self._dirty = True
        with anyio.CancelScope(shield=True):
            try:
                destroyed = await destroy(self._paths)
            except SidecarError as error:
                self._log.event("revocation.failed", level="error", reason=error.message, hint=error.hint)
                return
        self._dirty = not destroyed.pop("wiped", 1)
        for what, count in destroyed.items():
            self._destroyed[what] = self._destroyed.get(what, 0) + count
        self._log.event("revocation.done", hint="", whole=not self._dirty, **cast("dict[str, Any]", destroyed))

    async def status(self) -> dict[str, Any]:
        """The whole status document."""
        document: dict[str, Any] = {
            "format": 1,
            "version": __version__,
            "running": True,
            "pid": os.getpid(),
            "uptime": round(time.time() - self._started, 1),
            "capturing": self._stack is not None and self._stack.ready,
            "consent": {
                "standing": self._consent.standing.value,
                "reason": self._consent.reason,
                "hint": self._consent.hint,
            },
            "paused": self._paths.paused.exists(),
        }
        if self._stack is not None and self._stack.ready:
            return document | await self._stack.report()
        from sidecar.report import cold_report

        document |= await anyio.to_thread.run_sync(cold_report, self._paths)
        if self._trouble is not None:
            document["last_error"] = self._trouble
        return document

    async def _get_status(self, _query: Query) -> Reply:
        return json_reply(await self.status())

    async def _get_metrics(self, _query: Query) -> Reply:
        from sidecar.report import openmetrics

        return Reply(openmetrics(await self.status()).encode(), content_type=OPENMETRICS)

    def _running(self) -> CaptureStack:
        if self._stack is None or not self._stack.ready:
            raise SidecarError("nothing is being captured", self._consent.hint or "Run: groove-sidecar status")
        return self._stack

    async def _post_review(self, verb: str, query: Query) -> Reply:
        envelope_ids = [one for one in query.get("ids", "").split(",") if one]
        done = await self._running().review(verb, envelope_ids, looked=query.get("looked") == "1")
        return json_reply({"envelopes": done})

    async def _post_parked(self, verb: str, query: Query) -> Reply:
        return json_reply({"envelopes": await self._running().parked(verb, query.get("id"))})

    async def _post_flush(self, query: Query) -> Reply:
        stack = self._running()
        try:
            seconds = min(max(float(query.get("timeout", FLUSH_SECONDS)), 0.0), FLUSH_SECONDS * 10)
        except ValueError:
            raise SidecarError("timeout is not a number", "Give seconds.") from None
        return json_reply(await stack.flush(seconds))

    async def _post_import(self, query: Query) -> Reply:
        """Begin to take transcripts that are there already; `GET /import` says how far it is."""
        if self._stack is None or not self._stack.ready:
            raise SidecarError("nothing is being captured", self._consent.hint or "Run: groove-sidecar status")
        return json_reply(self._stack.begin_import(query))

    async def _get_import(self, _query: Query) -> Reply:
        if self._stack is None:
            raise SidecarError("nothing is being captured", self._consent.hint or "Run: groove-sidecar status")
        return json_reply(self._stack.importing())

    async def _post_pause(self, _query: Query) -> Reply:
        os.close(open_private(self._paths.paused, os.O_WRONLY | os.O_CREAT))
        return json_reply({"paused": True})

    async def _post_resume(self, _query: Query) -> Reply:
        self._paths.paused.unlink(missing_ok=True)
        if self._stack is not None:
            self._stack.wake()
        return json_reply({"paused": False})

    async def _post_revoked(self, _query: Query) -> Reply:
        """`disable` asks: look now, and answer when what was not sent is gone."""
        looked = self._looked
        self._look.set()
        await looked.wait()
        if self._consent.on:
            raise SidecarError("consent is still on", "Run: groove-sidecar consent show")
        destroyed, self._destroyed = self._destroyed, {}
        return json_reply(destroyed | {"wiped": int(not self._dirty)})


@contextmanager
def only_one(paths: Paths) -> Iterator[None]:
    """Hold the state folder: one process at a time captures into it. StoreError if another one does."""
    fd = open_private(paths.lock, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError("an agent is already running here", "See: groove-sidecar status") from None
        yield
    finally:
        os.close(fd)


def _any(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
