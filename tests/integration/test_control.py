"""The control socket: HTTP for the owner, an answer to every request, and nothing while nobody asks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import stat

import anyio
import pytest

from sidecar.ask import ask, ask_json, reachable
from sidecar.control import ControlServer, Reply, json_reply
from sidecar.errors import NotRunningError, SidecarError
from tests.patience import PATIENCE


async def status(query):
    return json_reply({"query": query})


async def refuse(_query):
    raise SidecarError("cannot", "Do otherwise.")


async def text(_query):
    return Reply(b"a 1\n", content_type="text/plain")


HANDLERS = {("GET", "/status"): status, ("POST", "/refuse"): refuse, ("GET", "/metrics"): text}


class Started:
    """Hears from a task that it has started, as a task group's `start` would."""

    def __init__(self):
        self.event = asyncio.Event()

    def started(self):
        self.event.set()


@pytest.fixture
async def served(tmp_path):
    path = tmp_path / "control.sock"
    started = Started()
    # A task of its own: a task group may not be entered in one fixture step and left in another.
    server = asyncio.create_task(ControlServer(path, HANDLERS).run(task_status=started))
    await started.event.wait()  # the file is there before anybody listens, and before its mode is right
    yield path
    server.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await server
    assert not path.exists()


async def call(function, *arguments):
    return await anyio.to_thread.run_sync(function, *arguments)


async def test_requests_get_their_handlers_answer(served):
    """A known path answers with the handler's JSON, and the query reaches it."""
    assert await call(ask_json, served, "GET", "/status?a=1") == {"query": {"a": "1"}}
    assert await call(ask, served, "GET", "/metrics") == (200, b"a 1\n")


async def test_the_socket_is_private(served):
    """Mode 0600."""
    assert stat.S_IMODE(served.stat().st_mode) == 0o600


async def test_errors_carry_their_hint(served):
    """A SidecarError of a handler and an unknown path become messages with hints."""
    with pytest.raises(SidecarError, match="cannot") as caught:
        await call(ask_json, served, "POST", "/refuse")
    assert caught.value.hint == "Do otherwise."
    with pytest.raises(SidecarError, match="no such resource"):
        await call(ask_json, served, "GET", "/nothing")


def _raw(path, data):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        with reachable(path) as address:
            client.connect(address)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return client.recv(65536)


@pytest.mark.parametrize(
    "junk", [b"", b"\x00\xff\n\n", b"GET\r\n\r\n", b"POST /x HTTP/1.1\r\nHost: a\r\n" + b"h: v\r\n" * 20000]
)
async def test_junk_neither_ends_nor_blocks_the_server(served, junk):
    """After any junk the next good request is answered."""
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        await call(_raw, served, junk)
    assert (await call(ask, served, "GET", "/metrics"))[0] == 200


async def test_nobody_listening_is_said_plainly(tmp_path):
    """Without an agent the client raises NotRunningError with a hint."""
    with pytest.raises(NotRunningError) as caught:
        await call(ask, tmp_path / "control.sock", "GET", "/status")
    assert "groove-sidecar run" in caught.value.hint


async def test_a_long_path_is_reached_all_the_same(tmp_path):
    """A state folder deeper than the kernel's socket path works."""
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    path = folder / "control.sock"
    async with anyio.create_task_group() as tasks:
        await tasks.start(ControlServer(path, HANDLERS).run)
        assert (await call(ask, path, "GET", "/metrics"))[0] == 200
        tasks.cancel_scope.cancel()
