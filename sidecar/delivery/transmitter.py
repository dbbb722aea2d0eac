"""What is due goes out: in session order, one in flight per session, several sessions at once.

Owns: when which envelope is taken, the pause after trouble of the server, flushing, the figures for `status`.
Never: signs or judges (courier and wire do), or sends while `allowed()` is false.
Invariant: idle means asleep: with nothing queued there is no timer; cancelling drops every connection at once and
settles nothing that was not answered.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import anyio

from sidecar.delivery.courier import Courier, Opening
from sidecar.delivery.pacing import Hold, OpenWindow, Pacing
from sidecar.errors import ConsentError, StoreError
from sidecar.wire.http import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from sidecar.delivery.client import CentralClient
    from sidecar.store import Claim, Outbox

CONCURRENCY = 4
MAX_SLEEP = 60.0
"""While something waits, the wall clock is looked at so often: it may have been set."""
CONTRACT_SECONDS = 3_600.0
"""How long a server's contract is believed."""
CONTRACT_DOUBT_SECONDS = 60.0
"""After a refusal the contract should have foreseen, it is asked for again, at most so often."""
EVER = 1e15
"""A time after every `not_before`."""
FLUSH_FAILURES = 3
"""Failures of the server in a row after which a flush gives up."""

_HINTS = (
    ("no connection", "Check that the endpoint is right and reachable; what is queued is kept."),
    ("no reply", "Central Command is slow or unreachable; what is queued is kept."),
    ("connection broke", "The network dropped the connection; the next attempt finds out what arrived."),
    ("a reply that", "Something between here and Central Command answers in its place: a proxy or a login page."),
    ("not Central Command", "The address does not answer as Central Command; check the endpoint."),
    ("too many", "The server limits requests; they go on by themselves."),
    ("Too Many", "The server limits requests; they go on by themselves."),
    ("rate limited", "The server takes 20 new sessions an hour; they go on by themselves."),
    ("as many sessions", "The server takes 20 new sessions an hour; they go on by themselves."),
    ("storage quota", "Central Command's disk is full; its operator has to make room."),
    ("server error", "Central Command has trouble of its own; what is queued is kept."),
    ("server does not list the model", "See `groove-sidecar parked list`; it can go when the server lists the model."),
    ("the server would refuse", "See `groove-sidecar parked list`."),
    ("outcome unknown", "It may have arrived; `groove-sidecar parked retry` may send it twice."),
)


@dataclass(slots=True)
class _Flush:
    """A flush under way: `tried` sessions had a failure and are left alone until it is over."""

    done: anyio.Event = field(default_factory=anyio.Event)
    tried: set[str] = field(default_factory=set)
    failures: int = 0
    sent: int = 0


class Transmitter:
    """Carries the outbox to Central Command. `run` until cancelled; the other methods from the same event loop.

    `clock` gives unix seconds. `initial` and `maximum` bound the backoff (seconds).
    """

    def __init__(
        self,
        outbox: Outbox,
        client: CentralClient,
        *,
        opening: Opening,
        allowed: Callable[[], bool],
        clock: Callable[[], float],
        rng: random.Random | None = None,
        new_id: Callable[[], str] = lambda: f"sess_{uuid.uuid4()}",
        concurrency: int = CONCURRENCY,
        pacing: Pacing | None = None,
        window: OpenWindow | None = None,
    ) -> None:
        self._outbox = outbox
        self._client = client
        self._allowed = allowed
        self._clock = clock
        self._concurrency = concurrency
        self._pacing = pacing or Pacing(rng or random.Random())  # noqa: S311 - jitter, not a secret
        self._courier = Courier(
            outbox,
            client,
            opening,
            clock=clock,
            new_id=new_id,
            pacing=self._pacing,
            window=window or OpenWindow(),
        )
        self._hold = Hold()
        self._wake = anyio.Event()
        self._busy: set[str] = set()
        self._flush: _Flush | None = None
        self._running = False
        self._contract_until: float | None = None
        self._contract_asked = 0.0
        self._counts: Counter[str] = Counter()
        self._last_error: dict[str, Any] | None = None

    async def run(self) -> None:
        """Send what is due, for ever. Cancel to stop."""
        if self._running:
            raise RuntimeError("the transmitter runs already")
        self._running = True
        try:
            async with anyio.create_task_group() as group:
                while True:
                    # Made before looking, so what happens while looking is not slept through.
                    self._wake = anyio.Event()
                    pause = await self._dispatch_safely(group)
                    if self._flush is not None and pause is None and not self._busy:
                        self._flush.done.set()
                        self._flush = None
                        continue
                    with anyio.move_on_after(pause):
                        await self._wake.wait()
        finally:
            self._running = False
            self._busy.clear()
            if self._flush is not None:
                self._flush.done.set()  # nothing more will be sent: whoever waits is told so
                self._flush = None

    def wake(self) -> None:
        """Something may be due: a commit, a retry of something parked, sending allowed again."""
        self._wake.set()

    async def flush(self, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109 - the report comes even when it is over
        """Send everything queued without waiting out backoffs (a pause the server asked for is kept).

        Answers {"sent", "remaining", "parked", "in_flight", "finished", "why": {reason: n}} after at most `timeout`
        seconds; `finished` says whether everything was tried.
        """
        joined = self._flush or _Flush()
        self._flush = joined
        self.wake()
        with anyio.move_on_after(timeout):
            if self._running:
                await joined.done.wait()
            else:
                async with anyio.create_task_group() as group:
                    group.start_soon(self.run)
                    await joined.done.wait()
                    group.cancel_scope.cancel()
        if self._flush is joined:
            self._flush = None
        counts = await self._outbox.counts()
        return {
            "sent": joined.sent,
            "remaining": counts["queued"],
            "parked": counts["parked"],
            "in_flight": len(self._busy),
            "finished": joined.done.is_set(),
            "why": self._why(counts) if counts["queued"] else {},
        }

    def _why(self, counts: dict[str, Any]) -> dict[str, int]:
        """Reasons of what is still queued: its own, its session's, and for the rest what holds everybody."""
        why = Counter(counts["waiting_reasons"]) + Counter(counts["open_reasons"])
        if not self._allowed():
            why["sending is off"] += counts["queued"]
        elif self._last_error is not None and sum(why.values()) < counts["queued"]:
            why[self._last_error["reason"]] += counts["queued"] - sum(why.values())
        return dict(why)

    def snapshot(self) -> dict[str, Any]:
        """For `status`: {"in_flight", "sent", "duplicates", "retried", "rejected", "held_seconds", "contract",
        "last_error": {"reason", "hint", "at"} | None}; counts since the start of this process.
        """  # noqa: D205 - one list
        return {
            "in_flight": len(self._busy),
            "sent": self._counts["sent"],
            "duplicates": self._counts["duplicate"],
            "retried": self._counts["retry"],
            "rejected": self._counts["rejected"],
            "held_seconds": round(self._hold.wait(self._clock()), 1),
            "contract": None if self._contract_until is None else self._courier.contract.name,
            "last_error": self._last_error,
        }

    async def _dispatch_safely(self, group: TaskGroup) -> float | None:
        """As `_dispatch`; trouble of the store is a pause, unless the store is beyond use."""
        try:
            return await self._dispatch(group)
        except StoreError as error:
            return self._store_trouble(error)
        except ConsentError:
            return None

    async def _dispatch(self, group: TaskGroup) -> float | None:
        """Start what may start now; how long to sleep then at most (None: until woken)."""
        while self._allowed():
            if len(self._busy) >= (1 if self._hold.failures else self._concurrency):
                return None
            now = self._clock()
            held = self._held(now)
            exclude = self._busy | (self._flush.tried if self._flush is not None else set())
            if self._flush is not None and (held > 0 or self._flush.failures >= FLUSH_FAILURES):
                return None  # the flush is over as soon as nothing is in flight
            due = await self._outbox.next_due(now, exclude=exclude)
            if due is None:
                return None
            if self._flush is None and max(due - now, held) > 0:
                return min(max(due - now, held), MAX_SLEEP)
            if not await self._negotiate(now):
                continue
            claim = await self._outbox.claim(EVER if self._flush is not None else now, exclude=exclude)
            if claim is not None:
                self._busy.add(claim.session_id)
                group.start_soon(self._carry, claim)
        return None

    def _held(self, now: float) -> float:
        """Seconds the server is left alone; a flush keeps only to what the server asked for."""
        held = self._hold.wait(now)
        return held if self._flush is None or self._hold.asked else 0.0

    async def _negotiate(self, now: float) -> bool:
        """Know what the server takes; False if it could not be asked."""
        if self._contract_until is not None and self._contract_asked <= now < self._contract_until:
            return True
        reply = await self._client.contract()
        if reply.contract is None:
            self._note(None, reply.verdict)
            return False
        self._courier.contract = reply.contract
        self._contract_asked, self._contract_until = now, now + CONTRACT_SECONDS
        self._hold.answered()
        return True

    async def _carry(self, claim: Claim) -> None:
        """One envelope, from claim to verdict."""
        try:
            verdict = await self._courier.deliver(claim)
            if verdict is None:
                self._hold.answered()
            else:
                self._note(claim, verdict)
        except ConsentError:
            pass  # switched off between the claim and the request: nothing was sent
        except StoreError as error:
            self._store_trouble(error)
        finally:
            self._busy.discard(claim.session_id)
            self.wake()

    def _note(self, claim: Claim | None, verdict: Verdict) -> None:
        """Count a verdict, remember the error, hold or release the server."""
        now = self._clock()
        retry = verdict.outcome is Outcome.RETRY
        self._counts[{Outcome.ACCEPTED: "sent"}.get(verdict.outcome, verdict.outcome.value)] += 1
        self._counts["duplicate"] += verdict.duplicate
        if retry and verdict.everyone:
            wait = self._pacing.wait(self._hold.failures + 1, verdict.after if verdict.asked else None)
            self._hold.failed(now, wait, asked=verdict.asked)
        elif verdict.outcome is Outcome.ACCEPTED:
            self._hold.answered()
        if self._flush is not None:
            self._flush.sent += verdict.outcome is Outcome.ACCEPTED
            self._flush.failures = self._flush.failures + 1 if retry and verdict.everyone else 0
            if claim is not None and retry and verdict.after != 0.0:
                self._flush.tried.add(claim.session_id)
        if verdict.outcome is not Outcome.ACCEPTED and verdict.reason:
            self._last_error = {"reason": verdict.reason, "hint": hint_for(verdict.reason), "at": now}
        refused = verdict.outcome is Outcome.REJECTED and verdict.reason.startswith("schema validation failed")
        if refused and now >= self._contract_asked + CONTRACT_DOUBT_SECONDS:
            self._contract_until = None

    def _store_trouble(self, error: StoreError) -> float:
        """The spool could not be read or written for now: pause. Raises what will not pass by itself."""
        if error.permanent:
            raise error
        now = self._clock()
        self._last_error = {"reason": error.message, "hint": error.hint, "at": now}
        wait = self._pacing.backoff(self._hold.failures + 1)
        self._hold.failed(now, wait, asked=False)
        if self._flush is not None:
            self._flush.failures += 1
        return wait


def hint_for(reason: str) -> str:
    """One sentence on what a person can do about it, or ""."""
    return next((hint for start, hint in _HINTS if start in reason), "")
