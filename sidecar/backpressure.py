"""When the queue holds as much as it may, the sources wait; their files keep the rest.

Owns: the bound on unsent bytes, and the looking whether there is room again.
Never: drops anything.
Invariant: while `waiting` is set nothing new is captured, and `status` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.store.journal import Journal

LOOK_SECONDS = 30.0
"""How long an answer is believed while batches come in: what arrives meanwhile is the slack of the bound."""
WAIT_SECONDS = 2.0


class Room:
    """Asked before each batch. `limit` and the answer are bytes of undelivered steps; `clock` is unix seconds."""

    def __init__(self, journal: Journal, limit: int, clock: Callable[[], float]) -> None:
        self._journal = journal
        self._limit = limit
        self._clock = clock
        self._looked = -LOOK_SECONDS
        self._lock = anyio.Lock()
        self.waiting: dict[str, Any] | None = None
        """As `last_error` of the status document, while there is no room."""

    async def wait(self) -> None:
        """Return once the queue has room."""
        if self.waiting is None and self._clock() - self._looked < LOOK_SECONDS:
            return
        async with self._lock:
            while (held := await self._journal.unsent_bytes()) > self._limit:
                self.waiting = {
                    "reason": f"the queue holds {held / 1e6:.0f} MB that could not be sent: capture waits",
                    "hint": "See why above; agents go on, and their stream files keep what comes.",
                    "at": self._clock(),
                }
                await anyio.sleep(WAIT_SECONDS)
            self.waiting = None
            self._looked = self._clock()
