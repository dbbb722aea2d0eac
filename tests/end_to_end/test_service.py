"""The service's commands with a manager that writes down what it was told, and the agent as it starts it."""

from __future__ import annotations

import os
import time

import pytest

MANAGER = """#!/bin/sh
echo "$@" >> {log}
case "$*" in *is-active*) echo active; echo inactive;; esac
exit {code}
"""


@pytest.fixture
def manager(world):
    """A `systemctl` (and `launchctl`) first on PATH; answers what it was told, by line."""
    folder = world.home / "bin"
    folder.mkdir()
    log = world.home / "told"

    def make(code=0):
        for name in ("systemctl", "launchctl"):
            (folder / name).write_text(MANAGER.format(log=log, code=code))
            (folder / name).chmod(0o755)
        return lambda: log.read_text().splitlines() if log.exists() else []

    world.environ["PATH"] = f"{folder}:{world.environ['PATH']}"
    return make


def units(world):
    folder = world.home / ".config" / "systemd" / "user"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="systemd")
def test_install_status_remove(world, manager):
    """Installed, told, asked, installed again, removed: the files come and go, the manager hears of it."""
    told = manager()
    assert world.command("service", "status", check=False).returncode == 1
    shown = world.command("service", "install", "--print").stdout
    assert "PathExists=" in shown and units(world) == []
    first = world.command("service", "install").stdout
    assert first.count("written:") == 2
    assert units(world) == ["groove-sidecar.path", "groove-sidecar.service"]
    assert told()[-3:] == [
        "--user daemon-reload",
        "--user enable groove-sidecar.path",
        "--user restart groove-sidecar.path",
    ]
    assert world.command("service", "install").stdout.count("unchanged:") == 2
    assert "active, inactive" in world.command("service", "status").stdout
    assert world.command("service", "remove").stdout.count("removed:") == 2
    assert units(world) == []
    assert told()[-1] == "--user daemon-reload"
    assert world.command("service", "remove").stdout == "not installed\n"


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="systemd")
def test_without_a_manager_the_commands_are_printed(world, manager):
    """A container: the files are written, and what to run where a manager answers is said."""
    manager(code=1)
    done = world.command("service", "install")
    assert "systemctl --user enable groove-sidecar.path" in done.stdout
    assert units(world) == ["groove-sidecar.path", "groove-sidecar.service"]


def test_while_on_ends_with_the_flag(world):
    """`run --while-on` ends at once when off, runs while on, and after `disable` has been answered it ends, too."""
    assert world.command("run", "--while-on").returncode == 0
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    agent = world.start("sidecar.cli.main", "run", "--while-on")
    world.until(lambda: (world.status() or {}).get("capturing"))
    world.wrap("claude-a-fix", pace=0.01, provider="claude-code").wait()
    world.until(lambda: world.status()["queued"])
    assert "Destroyed unsent" in world.command("disable").stdout
    assert agent.wait(60) == 0
    assert not world.paths.socket.exists()
    assert not list(world.paths.streams.iterdir())


def test_while_on_ends_without_the_flag_whatever_else_is_said(world):
    """DO_NOT_TRACK suspends; without the flag there is nothing to wait for all the same."""
    world.environ["DO_NOT_TRACK"] = "1"
    assert world.command("run", "--while-on").returncode == 0


def test_while_on_stays_when_the_flag_stays(world):
    """Suspended, or refused with the flag still there: a manager would start it again and again, so it waits."""
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    world.environ["GROOVE_CENTRAL_URL"] = "http://127.0.0.1:10"
    agent = world.start("sidecar.cli.main", "run", "--while-on")
    world.until(lambda: (world.status() or {}).get("consent", {}).get("standing") == "suspended")
    time.sleep(3)
    assert agent.poll() is None
