"""The control socket: HTTP on a Unix socket, for the owner alone.

Owns: listening, the peer check, and one request and reply per connection.
Never: decides what a request means (handlers do), or shows a string that was not scrubbed.
Invariant: a connection of another user is closed unread; idle costs no wake-up.

`curl --unix-socket ~/.groove/sidecar/control.sock http://sidecar/status` works. h11 instead of uvicorn: uvicorn's main
loop ticks ten times a second, and this socket must cost nothing while nobody asks.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.abc
import h11
import orjson

from sidecar.ask import reachable
from sidecar.errors import SidecarError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

REQUEST_SECONDS = 10.0
MAX_REQUEST_BYTES = 64 << 10
JSON = "application/json"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers."""

    body: bytes
    status: int = 200
    content_type: str = JSON


Query = dict[str, str]


def json_reply(value: object, status: int = 200) -> Reply:
    """`value` as JSON with a final newline, so that curl leaves a clean prompt."""
    return Reply(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n", status)


class ControlServer:
    """Serves `handlers` (keyed by method and path) until cancelled."""

    def __init__(self, path: Path, handlers: Mapping[tuple[str, str], Callable[[Query], Awaitable[Reply]]]) -> None:
        self._path = path
        self._handlers = handlers
        self.refused_peers = 0

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Listen. The caller holds the agent lock, so a socket file that is there is a dead agent's."""
        with reachable(self._path) as address:
            listener = await anyio.create_unix_listener(address, mode=0o600)
        async with listener:
            task_status.started()
            try:
                await listener.serve(self._serve)
            finally:
                self._path.unlink(missing_ok=True)

    async def _serve(self, stream: anyio.abc.SocketStream) -> None:
        async with stream:
            if _peer_uid(stream) != os.geteuid():
                self.refused_peers += 1
                return
            # A client that hangs up or dawdles is its own business; nothing of ours depends on the reply.
            with anyio.move_on_after(REQUEST_SECONDS):
                try:
                    await self._exchange(stream)
                except (anyio.BrokenResourceError, anyio.EndOfStream, anyio.ClosedResourceError):
                    return

    async def _exchange(self, stream: anyio.abc.SocketStream) -> None:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_REQUEST_BYTES)
        try:
            request = await _read_request(connection, stream)
            reply = await self._answer(request)
        except h11.RemoteProtocolError:
            reply = json_reply({"error": "not an HTTP request", "hint": "See README, Control socket."}, 400)
        if connection.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        headers = [
            ("Content-Type", reply.content_type),
            ("Content-Length", str(len(reply.body))),
            ("Connection", "close"),
        ]
        head = connection.send(h11.Response(status_code=reply.status, headers=headers)) or b""
        body = connection.send(h11.Data(data=reply.body)) or b""
        await stream.send(head + body + (connection.send(h11.EndOfMessage()) or b""))

    async def _answer(self, request: h11.Request) -> Reply:
        target = urlsplit(request.target.decode("ascii", "replace"))
        method = request.method.decode("ascii", "replace")
        handler = self._handlers.get((method, target.path.rstrip("/") or "/"))
        if handler is None:
            known = sorted({path for _, path in self._handlers})
            return json_reply({"error": "no such resource", "hint": f"Known: {', '.join(known)}"}, 404)
        query = {key: values[-1] for key, values in parse_qs(target.query).items()}
        try:
            return await handler(query)
        except SidecarError as error:
            return json_reply({"error": error.message, "hint": error.hint}, 409)
        except Exception as error:  # noqa: BLE001 - a bug in an answer must not end capture
            return json_reply({"error": f"internal error ({type(error).__name__})", "hint": "Please report it."}, 500)


async def _read_request(connection: h11.Connection, stream: anyio.abc.SocketStream) -> h11.Request:
    request: h11.Request | None = None
    received = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await stream.receive()
            received += len(data)
            if received > MAX_REQUEST_BYTES:
                raise h11.RemoteProtocolError("request too large")
            connection.receive_data(data)
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.EndOfMessage):
            if request is None:
                raise h11.RemoteProtocolError("no request")
            return request
        elif isinstance(event, h11.ConnectionClosed):
            raise anyio.EndOfStream


def _peer_uid(stream: anyio.abc.SocketStream) -> int | None:
    raw = stream.extra(anyio.abc.SocketAttribute.raw_socket)  # noqa: S610 - anyio's typed attributes, not Django
    if sys.platform == "linux":
        _pid, uid, _gid = struct.unpack("3i", raw.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    else:
        # Darwin and the BSDs: LOCAL_PEERCRED (1) at level 0 answers struct xucred {version, uid, …}.
        _version, uid = struct.unpack_from("2I", raw.getsockopt(0, 1, 76))
    return int(uid)
