"""HTTP/1.1 as uvicorn speaks it, with the two things it leaves open closed.

Owns: how many connections there are, the time headers may take, and JSON for what is not HTTP.
Never: sees a body.
Invariant: no connection holds a half-sent request head longer than its `head_seconds`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11
import orjson
from uvicorn.protocols.http.h11_impl import H11Protocol

from central.options import CONNECTIONS, HEADER_SECONDS

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

_BUSY = orjson.dumps({"accepted": False, "reason": "too many connections", "retryAfter": 1})
_CROWDED = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-length: %d\r\n\r\n%b" % (len(_BUSY), _BUSY)
)


class GuardedProtocol(H11Protocol):
    """One connection."""

    head_seconds = HEADER_SECONDS
    most = CONNECTIONS
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """A new connection has to say what it wants; one too many is told to come back."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.write(_CROWDED)
            transport.close()
            return
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        """Bytes came: a head may have begun or ended."""
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waiting any more."""
        self._stop_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Not HTTP: say so in JSON and hang up."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        body = orjson.dumps({"accepted": False, "reason": msg})
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode("ascii")),
            (b"connection", b"close"),
        ]
        events = (h11.Response(status_code=400, headers=headers), h11.Data(data=body), h11.EndOfMessage())
        self.transport.write(b"".join(self.conn.send(event) for event in events))
        self.transport.close()

    def _watch_head(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        waiting = (cycle is None or cycle.response_complete) and self.timeout_keep_alive_task is None
        if not waiting:
            self._stop_timer()
        elif self._head_timer is None and not self.transport.is_closing():
            self._head_timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def guarded(head_seconds: float, most: int) -> type[GuardedProtocol]:
    """The protocol with that patience, for at most `most` connections."""
    return type("GuardedProtocol", (GuardedProtocol,), {"head_seconds": head_seconds, "most": most})
