"""Asking the running agent: the commands' end of the control socket.

Owns: how the socket is reached, one request and its reply.
Never: imports more than the standard library and orjson: `status` must answer at once.
Invariant: whoever does not answer is a NotRunningError with a hint, never a traceback.
"""

from __future__ import annotations

import http.client
import os
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from sidecar.errors import NotRunningError, SidecarError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUEST_SECONDS = 10.0
MAX_SOCKET_PATH = 100
"""`sun_path` holds 104 bytes on macOS, 108 on Linux."""


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """`path` as an address the kernel takes: a long one is reached through a descriptor of its folder."""
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        yield str(path)
        return
    if sys.platform != "linux":
        raise SidecarError(
            "the state folder's path is too long for a socket", "Set GROOVE_SIDECAR_HOME to a shorter one."
        )
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("sidecar", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        with reachable(self._path) as address:
            self.sock.connect(address)


def ask(path: Path, method: str, target: str, timeout: float = REQUEST_SECONDS) -> tuple[int, bytes]:
    """One request to a running agent: (status, body). NotRunningError when nobody listens."""
    connection = _UnixConnection(path, timeout)
    try:
        connection.request(method, target)
        response = connection.getresponse()
        return response.status, response.read()
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        raise NotRunningError("no agent is running", "Start it: groove-sidecar run") from error
    except (OSError, http.client.HTTPException) as error:
        raise NotRunningError(f"the agent does not answer ({error})", "Try again, or restart it.") from error
    finally:
        connection.close()


def ask_json(path: Path, method: str, target: str, timeout: float = REQUEST_SECONDS) -> Any:
    """`ask`, with the body as JSON; an error reply becomes a SidecarError with the agent's own hint."""
    status, body = ask(path, method, target, timeout)
    value = orjson.loads(body)
    if status >= 400:
        raise SidecarError(str(value.get("error", status)), str(value.get("hint", "")))
    return value
