"""A world of real processes, and a gate on its only way out that counts what passes."""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
import termios
import threading

import pytest

from tests.end_to_end.conftest import World
from tests.patience import PATIENCE

LITTLE = 16 * 1024


class Gate:
    """A TCP proxy to Central Command: counts connections and bytes, and can stop reading in the middle of a request."""

    def __init__(self, port):
        self.upstream = port
        self.connections = 0
        self.bytes = 0
        self.stall_at = b""
        self.stalled = threading.Event()
        self.held = []
        self.kept = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._end(self.listener)
        self.listener.close()
        for one in self.kept:
            self._end(one)
        for one in self.held:
            one.close()

    def pending(self):
        """Bytes that arrived and were not read, over all requests that are held."""
        total = 0
        for one in self.held:
            raw = fcntl.ioctl(one, termios.FIONREAD, b"\0" * 4)
            total += struct.unpack("i", raw)[0]
        return total

    def drain(self):
        """All that still comes out of the held requests."""
        total = 0
        for one in self.held:
            one.settimeout(2)
            with contextlib.suppress(OSError):
                while data := one.recv(1 << 16):
                    total += len(data)
        return total

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            upstream = socket.create_connection(("127.0.0.1", self.upstream), PATIENCE)
            upstream.settimeout(None)
        except OSError:
            client.close()
            return
        self.kept.append(upstream)
        threading.Thread(target=self._back, args=(upstream, client), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := client.recv(4096):
                self.bytes += len(data)
                if self.stall_at and self.stall_at in data:
                    self.held.append(client)
                    self.stalled.set()
                    return
                upstream.sendall(data)
        self._end(upstream)
        client.close()

    @staticmethod
    def _end(one):
        # shutdown: a thread that waits in recv or accept does not notice close alone
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _back(upstream, client):
        with upstream, contextlib.suppress(OSError):
            while data := upstream.recv(1 << 16):
                client.sendall(data)


@pytest.fixture
def world(tmp_path):
    """A world that is cleaned up whatever happens."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    world = World(home)
    yield world
    world.end()


@pytest.fixture
def gate(world):
    """Central Command behind a gate, to which this world has agreed."""
    central = world.central()
    gate = Gate(world.port)
    gate.central = central
    world.command("enable", "--yes", "--endpoint", f"http://127.0.0.1:{gate.port}")
    yield gate
    gate.close()
