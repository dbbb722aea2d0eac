"""The reference dialect over real sockets, with faults.

Owns: the listening port, the connections, the life and death of the server process it plays.
Never: decides what a request means (`reference.py`) or when a fault strikes (`faults.py`).
Invariant: `stored` + `lost` is everything that was ever truly written; a dead process answers nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING, NamedTuple, Self

import h11

from tests.simulator.faults import UNPROCESSED, Fault, Kind, Weather
from tests.simulator.reference import Disk, ProcessEndedError, Reference, Reply, Stored, html, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

KEEP_ALIVE = 5.0
READ = 64 * 1024


class Seen(NamedTuple):
    """A request that reached the server."""

    method: str
    path: str
    headers: dict[str, str]
    length: int


class Simulator:
    """An async context manager; `url` while it is up. `faults` are asked in order, then the `weather`."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        secrets: dict[str, bytes] | None = None,
        limited: bool = False,
        keep_alive: float = KEEP_ALIVE,
        dialect: type[Reference] = Reference,
    ) -> None:
        self.clock = clock
        self.secrets = secrets
        self.limited = limited
        self.keep_alive = keep_alive
        self.dialect = dialect
        self.disk = Disk()
        self.lost: list[Stored] = []
        self.faults: list[Fault] = []
        self.weather: Weather | None = None
        self.seen: list[Seen] = []
        self.struck: list[Kind] = []
        self.starts = 0
        self._over = asyncio.Event()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._reference: Reference | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None] | None] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stored(self) -> list[Stored]:
        return self.disk.stored

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await asyncio.gather(*self._tasks)  # a restart under way finishes first
        self.stop()
        while self._serving:
            await asyncio.sleep(0.001)  # an aborted connection ends its own task

    async def start(self) -> None:
        """Begin to listen (again, at the same port)."""
        if self._server is not None:
            return
        self._reference = self.dialect(self.disk, secrets=self.secrets, limited=self.limited)
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=READ)
        self.port = self._server.sockets[0].getsockname()[1]
        self.starts += 1

    def stop(self) -> None:
        """The process is gone: every connection ends, new ones are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._connections):
            self._reset(writer)

    def wipe(self) -> None:
        """The data directory is empty from now on; what it held is in `lost`."""
        self.lost += self.disk.stored
        self.disk = Disk(full=self.disk.full)
        if self._reference is not None:
            self._reference.disk = self.disk

    def calm(self) -> None:
        """No more faults."""
        self.faults.clear()
        self.weather = None
        self.disk.full = False

    def _die(self, seconds: float, *, wipe: bool) -> None:
        """Stop now, come back after `seconds`."""
        self.stop()
        if wipe:
            self.wipe()
        task = asyncio.get_running_loop().create_task(self._return(seconds))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _return(self, seconds: float) -> None:
        await self._pause(seconds)
        if not self._over.is_set():
            await self.start()

    async def _pause(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the test."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        self._serving.add(asyncio.current_task())
        connection = h11.Connection(h11.SERVER)
        try:
            while await self._exchange(connection, reader, writer):
                connection.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError, TimeoutError):
            pass
        finally:
            self._connections.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self._serving.discard(asyncio.current_task())

    async def _exchange(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One request and its reply; whether the connection goes on."""
        request: h11.Request | None = None
        fault: Fault | None = None
        body = bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                async with asyncio.timeout(self.keep_alive):
                    connection.receive_data(await reader.read(READ))
            elif isinstance(event, h11.Request):
                request = event
                fault = self._fault(event.target.decode())
            elif isinstance(event, h11.Data):
                body += event.data
                if fault is not None and fault.kind is Kind.RESET_MID_BODY:
                    self._reset(writer)
                    return False
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return False
        assert request is not None
        return await self._answer(connection, writer, request, bytes(body), fault)

    async def _answer(
        self,
        connection: h11.Connection,
        writer: asyncio.StreamWriter,
        request: h11.Request,
        body: bytes,
        fault: Fault | None,
    ) -> bool:
        kind = fault.kind if fault is not None else None
        seconds = fault.seconds if fault is not None else 0.0
        if kind in (Kind.LOST_BEFORE, Kind.RESET_MID_BODY):
            return False
        if kind in (Kind.CRASH_BEFORE, Kind.WIPE):
            self._die(seconds, wipe=kind is Kind.WIPE)
            return False
        reply = self._process(request, body, fault)
        if reply is None or kind is Kind.CRASH_AFTER:
            self._die(seconds, wipe=False)
            return False
        if kind is Kind.LOST_AFTER:
            return False
        wire = self._encode(connection, damage(reply, kind))
        if kind is Kind.RESET_MID_REPLY:
            writer.write(wire[: len(wire) // 2])
            await writer.drain()
            await asyncio.sleep(0.01)
            self._reset(writer)
            return False
        if kind is Kind.SLOW_DRIP:
            for i in range(len(wire)):
                writer.write(wire[i : i + 1])
                await writer.drain()
                await self._pause(seconds)
        else:
            writer.write(wire)
            await writer.drain()
        return connection.our_state is h11.DONE and kind is not Kind.HANG_UP

    def _process(self, request: h11.Request, body: bytes, fault: Fault | None) -> Reply | None:
        """The reply; None when the process ended."""
        method, path = request.method.decode(), request.target.decode()
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        self.seen.append(Seen(method, path, headers, len(body)))
        kind = fault.kind if fault is not None else None
        if fault is not None and kind in UNPROCESSED:
            return instead(fault)
        assert self._reference is not None
        was_full, self.disk.full = self.disk.full, self.disk.full or kind is Kind.DISK_FULL
        try:
            return self._reference.handle(method, path, headers, body, "127.0.0.1", self.clock())
        except ProcessEndedError:
            return None
        finally:
            self.disk.full = was_full

    def _fault(self, path: str) -> Fault | None:
        fault = next((fault for fault in self.faults if fault.strikes(path)), None)
        if fault is None and self.weather is not None:
            fault = self.weather.strike()
        if fault is not None:
            self.struck.append(fault.kind)
        return fault

    def _encode(self, connection: h11.Connection, reply: Reply) -> bytes:
        headers = [("Access-Control-Allow-Origin", "*"), ("Keep-Alive", f"timeout={self.keep_alive:g}")]
        if reply.status != 204:
            headers += [("Content-Type", reply.content_type), ("Content-Length", str(len(reply.body)))]
        headers += reply.headers
        head = connection.send(h11.Response(status_code=reply.status, headers=headers, reason=b"-"))
        data = connection.send(h11.Data(data=reply.body)) if reply.body else b""
        return (head or b"") + (data or b"") + (connection.send(h11.EndOfMessage()) or b"")

    @staticmethod
    def _reset(writer: asyncio.StreamWriter) -> None:
        """Close with RST instead of FIN."""
        raw = writer.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


def instead(fault: Fault) -> Reply:
    """The reply of somebody else, for a request that was not processed."""
    seconds = max(0, round(fault.seconds))
    replies = {
        Kind.HTML_200: Reply(200, "text/html", b"<html><title>Welcome to our wireless network</title></html>"),
        Kind.HTML_502: html(502, "Bad Gateway"),
        Kind.PLAIN_503: Reply(503, "text/plain", b"upstream is busy", (("Retry-After", str(seconds)),)),
        Kind.EMPTY_200: Reply(200, "application/json", b""),
        Kind.LIMITED: Reply(
            429, "application/json; charset=utf-8", b'{"error":"Too Many Requests","retryAfter":%d}' % seconds
        ),
        Kind.LIMITED_HEADER: Reply(429, "text/html", b"<h1>429</h1>", (("Retry-After", str(seconds)),)),
        Kind.HMAC_CLAIM: refuse("HMAC verification failed"),
        Kind.TOO_LARGE: Reply(413, "text/html", b"<h1>413 Request Entity Too Large</h1>"),
        Kind.REDIRECT: Reply(302, "text/html", b"moved", (("Location", "/trap"),)),
    }
    return replies[fault.kind]


def damage(reply: Reply, kind: Kind | None) -> Reply:
    """A true reply as it arrives after a fault behind the server."""
    if kind is Kind.HTML_200_AFTER:
        return Reply(200, "text/html", b"<html><body>OK</body></html>")
    if kind is Kind.HTML_502_AFTER:
        return html(502, "Bad Gateway")
    if kind is Kind.EMPTY_200_AFTER:
        return Reply(200, "application/json", b"")
    if kind is Kind.TRUNCATED_JSON:
        return reply._replace(body=reply.body[: len(reply.body) // 2])
    if kind is Kind.HUGE_REPLY:
        return reply._replace(body=b" " * 2**20 + reply.body)
    return reply
