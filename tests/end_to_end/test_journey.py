"""Real streams in, signed envelopes accepted: nothing lost, doubled or leaked, whatever dies on the way."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time

import pytest

from tests.end_to_end.conftest import RECORDINGS, ROOT
from tests.patience import PATIENCE, PROMPT

RUNS = {
    "claude-a-fix": "claude-code",
    "claude-d-unicode": "claude-code",
    "claude-f-parallel": "claude-code",
    "codex-a-fix": "codex",
    "codex-d-unicode": "codex",
    "gemini-a-fix": "gemini",
    "gemini-d-unicode": "gemini",
}
SECRETS = [
    b"alice.smith@example.com",
    b"AKIAIOSFODNN7EXAMPLE",
    b"sk-ant-api03-FAKE",
    b"ghp_0123456789",
    b"hunter2",
    b"078-05-1120",
]
KILLS = 20


def offline(recording):
    """The steps `parse` makes of a recording, as (type, content)."""
    line = [sys.executable, "-m", "sidecar.cli.main", "parse", str(RECORDINGS / f"{recording}.jsonl")]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=True)
    return [(step["type"], step.get("content")) for step in map(json.loads, done.stdout.splitlines())]


def test_the_demo_ends_with_every_book_in_balance(world):
    """`demo` delivers every session whole, steps received = steps journaled, no fake secret readable."""
    done = world.command("demo", "--json", "--pace", "0.3")
    result = json.loads(done.stdout)
    assert result["ok"]
    assert result["steps_received"] == result["steps_journaled"] > 60
    assert result["lost"] == result["duplicated"] == result["secrets_readable"] == 0
    assert len(result["sessions"]) == 7


def test_twenty_kills_lose_and_double_nothing(world):
    """Killing the agent (-9) 20 times at random moments: every session arrives whole, in order, equal to offline parsing."""
    world.central()
    world.enable()
    agent = world.agent()
    children = {name: world.wrap(name, pace=5.0, provider=provider) for name, provider in RUNS.items()}
    chance = random.Random(20)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, 1.2))
        agent.kill()
        agent.wait()
        agent = world.agent()
    for child in children.values():
        child.wait(PATIENCE)
    world.until(lambda: world.settled(len(RUNS)))
    held = world.held()["sessions"]
    assert len(held) == len(RUNS)
    assert all(session["state"] == "closed" and session["whole"] for session in held)
    arrived = []
    for session in held:
        steps = world.steps(session["id"])
        assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
        arrived.append([(step["type"], step.get("content")) for step in steps])
    assert sorted(arrived, key=repr) == sorted((offline(name) for name in RUNS), key=repr)
    for secret in SECRETS:
        assert world.readable(secret) == []
    world.until(lambda: not list(world.paths.streams.iterdir()))


def test_central_down_keeps_the_queue_and_says_why(world):
    """With nobody listening the queue waits and status names the reason; when Central Command comes, all is delivered."""
    central = world.central()
    world.enable()
    central.kill()
    central.wait()
    world.agent()
    world.wrap("codex-a-fix", pace=0.1, provider="codex").wait(PATIENCE)
    world.until(lambda: world.status()["queued"] >= 2 and world.status()["last_error"])
    status = world.status()
    assert status["sent"]["chunk"] == 0
    assert "no connection" in status["last_error"]["reason"]
    assert status["last_error"]["hint"]
    world.central()
    world.command("flush", check=False)  # it may meet a try that had begun before Central Command was there
    world.until(lambda: world.settled(1))
    assert world.held()["sessions"][0]["whole"]


def test_a_run_nobody_recognises_makes_no_session(world):
    """Plain text through wrap is read, counted and named; no session is opened for it."""
    world.central()
    world.enable()
    world.agent()
    world.start("sidecar.cli.main", "wrap", "--", "sh", "-c", "echo hello; echo world").wait(PATIENCE)
    world.until(lambda: world.status()["lines"]["read"] == 2)
    lines = world.status()["lines"]
    assert lines["read"] == sum(n for fate, n in lines.items() if fate != "read")
    assert world.status()["sessions"] == {"open": 0, "closed": 0, "delivered": 0}
    world.until(lambda: not list(world.paths.streams.iterdir()))
    assert world.held()["sessions"] == []


def test_what_was_wrapped_while_no_agent_ran_is_captured_later(world):
    """The stream file waits for the agent."""
    world.central()
    world.enable()
    world.wrap("gemini-a-fix", pace=0.1, provider="gemini").wait(PATIENCE)
    assert list(world.paths.streams.iterdir())
    world.agent()
    world.until(lambda: world.settled(1))
    assert world.held()["sessions"][0]["provider"] == "gemini"


def test_two_agents_do_not_share_a_state_folder(world):
    """The second agent ends with a message and a hint."""
    world.central()
    world.enable()
    world.agent()
    second = world.command("run", check=False)
    assert second.returncode == 1
    assert "already running" in second.stderr


@pytest.mark.parametrize("way", ["flag", "disable", "groove"])
def test_after_a_revocation_nothing_is_left_and_nothing_is_sent(world, way):
    """Each way of saying no destroys the unsent at once, and Central Command hears no more."""
    central = world.central()
    world.enable()
    central.kill()
    central.wait()
    world.agent()
    child = world.wrap("claude-f-parallel", pace=0.6, provider="claude-code")
    world.until(lambda: world.status()["buffered"] > 3 or world.status()["queued"])
    marker = b"toolu_mock"
    assert world.readable(marker, world.paths.state)
    if way == "flag":
        world.paths.flag.unlink()
    elif way == "disable":
        assert "Destroyed" in world.command("disable").stdout
    else:
        world.paths.groove_consent.write_text('{"opted_in": false}')
    world.until(lambda: world.status()["capturing"] is False and not world.readable(marker, world.paths.state), PROMPT)
    assert child.wait(PATIENCE) == 0
    world.central()
    time.sleep(1)
    assert world.held()["sessions"] == []
    assert world.readable(marker, world.paths.state) == []


def test_switching_on_starts_capture_at_once(world):
    """An agent that waited while off captures right after `enable`, without a scan; while off it has opened no store."""
    world.central()
    agent = world.start("sidecar.cli.main", "run", stderr=subprocess.DEVNULL)
    world.until(lambda: world.status() is not None)
    assert world.status()["capturing"] is False
    assert not world.paths.spool.exists()
    world.enable()
    world.until(lambda: world.status()["capturing"], PROMPT)
    assert agent.poll() is None


def test_off_means_wrap_only_execs(world):
    """While off, wrap leaves no file at all."""
    done = world.command("wrap", "--", "sh", "-c", "echo out; echo err >&2; exit 7", check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", 7)
    assert not world.paths.groove.exists()
