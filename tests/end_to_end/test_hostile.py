"""Hostile and unlucky input: a counted reason, a message, and everything else goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.end_to_end.conftest import ROOT
from tests.patience import PATIENCE, PROMPT


def deep_line(levels):
    tool = {"type": "tool_use", "id": "a", "name": "X", "input": None}
    line = json.dumps({"type": "assistant", "session_id": "d", "message": {"content": [tool]}})
    return line.replace("null", '{"a":' * levels + "1" + "}" * levels)


@pytest.mark.parametrize("levels", [70, 480, 900, 5000])
def test_a_deeply_nested_line_stops_nobody(world, levels):
    """A tool input of any depth is cut or counted, and the healthy run beside it arrives whole."""
    world.central()
    world.enable()
    world.agent()
    hostile = world.home / "deep.jsonl"
    hostile.write_text(deep_line(levels) + "\n")
    world.start("sidecar.cli.main", "wrap", "--provider", "claude-code", "--", "cat", str(hostile)).wait(PATIENCE)
    world.wrap("codex-a-fix", pace=0.1, provider="codex").wait(PATIENCE)
    world.until(lambda: any(s["provider"] == "codex" and s["whole"] for s in world.held()["sessions"]))
    world.until(lambda: not list(world.paths.streams.iterdir()))
    lines = world.status()["lines"]
    assert lines["read"] == sum(n for fate, n in lines.items() if fate != "read")


def test_a_line_of_a_hundred_thousand_blocks_breaks_no_session(world):
    """Steps beyond the bound of one line are counted as dropped; the session is whole at Central Command."""
    world.central()
    world.enable()
    world.agent()
    block = {"type": "text", "text": "x"}
    crowded = world.home / "crowded.jsonl"
    crowded.write_text(
        json.dumps({"type": "assistant", "session_id": "d", "message": {"content": [block] * 100_000}}) + "\n"
    )
    world.start("sidecar.cli.main", "wrap", "--provider", "claude-code", "--", "cat", str(crowded)).wait(PATIENCE)
    world.until(lambda: world.settled(1))
    assert all(session["whole"] and session["state"] == "closed" for session in world.held()["sessions"])
    assert world.status()["drops"]["steps_beyond_the_line_limit"] > 90_000
    assert world.status()["parked"]["count"] == 0


def test_a_broken_setting_suspends_and_says_so(world):
    """A sidecar.toml that is no TOML is seen while running, named by status, and mended without a restart."""
    world.central()
    world.enable()
    world.agent()
    good = world.paths.config.read_text()
    world.paths.config.write_text("endpoint = [[[")
    world.until(lambda: world.status()["consent"]["standing"] == "suspended", PROMPT)
    assert "TOML" in world.status()["consent"]["reason"]
    world.paths.config.write_text(good)
    world.until(lambda: world.status()["capturing"], PROMPT)


@pytest.mark.parametrize(
    ("arguments", "closed"),
    [
        (["parse", "-"], 0),
        (["parse", "sidecar/cli/demo_data/codex-a-fix.jsonl"], 1),
        (["scrub"], 0),
        (["scrub"], 1),
        (["status"], 1),
        (["status"], 2),
    ],
)
def test_commands_without_descriptors_do_not_crash(world, arguments, closed):
    """A command started with stdin, stdout or stderr closed ends without a traceback."""
    command = [sys.executable, "-m", "sidecar.cli.main", *arguments]
    errors = subprocess.DEVNULL if closed == 2 else subprocess.PIPE
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=world.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        preexec_fn=lambda: os.close(closed),
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode in {0, 1, 2}
    assert b"Traceback" not in (done.stderr or b"")


def test_a_home_that_is_a_file_gets_a_message(world):
    """HOME pointing at a file is an error with a hint, not a traceback."""
    broken = world.home / "file"
    broken.write_text("")
    world.environ["HOME"] = str(broken)
    done = world.command("enable", "--yes", check=False)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") >= 2
