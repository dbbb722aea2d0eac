"""Before a yes nothing connects, says the kernel; and what is refused is refused by the kernel's own word."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.end_to_end.conftest import ROOT
from tests.patience import PATIENCE

A_WHILE = 1.5
"""Seconds; whoever has something to send, and may, tries within milliseconds."""
INET = re.compile(r"(?:connect|sendto|sendmsg|sendmmsg)\(.*AF_INET")


def _strace():
    found = shutil.which("strace")
    if found is None:
        return "strace is not installed"
    probe = subprocess.run([found, "-f", "-o", os.devnull, "true"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else "strace may not trace here"


MISSING = _strace() if sys.platform == "linux" else "needs Linux"
traced = pytest.mark.skipif(bool(MISSING), reason=MISSING or "-")


def trace(world, *arguments, settled=None, code=None):
    """What a command said to the network, one system call a line; a while after `settled()` it is asked to end."""
    log = world.home / f"trace-{arguments[0]}"
    line = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(log)]
    line += [sys.executable, *(["-c", code] if code else ["-m", "sidecar.cli.main", *arguments])]
    process = subprocess.Popen(
        line,
        env=world.environ,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if settled is not None:
        world.until(settled)
        time.sleep(A_WHILE)
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(PATIENCE)
    return [row for row in log.read_text().splitlines() if INET.search(row)]


@traced
def test_the_trace_sees_a_connection(world):
    """The measure works: a program that connects is seen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}))"
        assert trace(world, "probe", code=code)


@traced
def test_nothing_connects_before_a_yes(world):
    """`status`, `wrap`, `tee`, `preview`, `consent show`, `parse`, the waiting agent and `enable` itself: no connect()."""
    for arguments in (("status",), ("wrap", "--", "true"), ("tee",), ("preview",), ("consent", "show"), ("parse", "-")):
        assert trace(world, *arguments) == [], arguments
    assert trace(world, "run", settled=lambda: world.status() is not None) == []
    assert trace(world, "enable", "--yes", "--endpoint", "https://central.example.org") == []
    assert world.paths.flag.exists()


@traced
def test_nothing_connects_while_do_not_track_is_set(world):
    """A yes and something to send, but DO_NOT_TRACK: the agent is silent."""
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    world.environ["DO_NOT_TRACK"] = "1"
    assert trace(world, "run", settled=lambda: world.status() is not None) == []
    assert not world.paths.spool.exists()


@traced
def test_captured_and_sent_to_nobody_until_looked_at(world):
    """`review_before_send`: capture runs, envelopes wait, and no connection is made."""
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    with world.paths.config.open("a") as config:
        config.write('review_before_send = "first"\n')
    world.wrap("codex-a-fix", pace=0.05, provider="codex").wait(PATIENCE)
    assert trace(world, "run", settled=lambda: (world.status() or {}).get("held") == 2) == []
    assert "held for review" in world.command("preview").stdout
    assert "held for review" in world.command("status").stdout
