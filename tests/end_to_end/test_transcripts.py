"""One conversation, one session: the transcript is the record, the wrapped run adds how it ended, whatever dies."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end.conftest import ROOT
from tests.patience import PATIENCE

STREAMS = ROOT / "tests" / "data" / "streams"
FAKE = Path(__file__).with_name("fake_cli.py")
PLACES = {
    "claude": ".claude/projects/-home-me-proj/{id}.jsonl",
    "codex": ".codex/sessions/2026/11/20/rollout-2026-11-20T08-46-16-{id}.jsonl",
    "gemini": ".gemini/tmp/proj/chats/session-2026-11-20T08-41-{id:.8}.jsonl",
}
PROVIDERS = {"claude": "claude-code", "codex": "codex", "gemini": "gemini"}


def conversation(recording):
    """The CLI's session id."""
    first = json.loads((STREAMS / recording / "stdout.jsonl").read_bytes().split(b"\n")[0])
    return first.get("session_id") or first["thread_id"]


def place(world, recording):
    """Where the CLI would store this conversation."""
    cli = recording.split("/")[0]
    return world.home / PLACES[cli].format(id=conversation(recording))


def run(world, recording, *options, transcript=True):
    """A fake CLI under wrap."""
    cli = recording.split("/")[0]
    path = ["--transcript", str(place(world, recording))] if transcript else []
    child = [sys.executable, str(FAKE), str(STREAMS / recording), *path, *options]
    return world.start("sidecar.cli.main", "wrap", "--provider", cli, "--", *child)


def offline(path, cli, dialect="transcript"):
    """The steps `parse` makes of a file."""
    line = [sys.executable, "-m", "sidecar.cli.main", "parse", "--provider", PROVIDERS[cli], "--dialect", dialect, path]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=True)
    return [(step["type"], step.get("content")) for step in map(json.loads, done.stdout.splitlines())]


def arrived(world, session):
    """What Central Command holds of a session, after the check that nothing is missing or doubled."""
    steps = world.steps(session["id"])
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    return [(step["type"], step.get("content")) for step in steps]


def outcome(world, session):
    """The outcome of a session's close."""
    return world.closing(session["id"])["outcome"]


def books(world):
    """Lines read = the sum of their fates."""
    lines = world.status()["lines"]
    assert lines["read"] == sum(n for fate, n in lines.items() if fate != "read")
    return lines


@pytest.fixture
def world(world):
    """A world in which transcripts are followed, and silence ends nothing soon."""
    world.central()
    world.command("enable", "--yes", "--transcripts", "--endpoint", world.address)
    return world


@pytest.mark.parametrize(
    ("recording", "options", "status", "facts"),
    [
        ("claude/a-fix", [], "SUCCESS", {"exit_code": 0}),
        ("claude/c-fatal-400", ["--exit", "1"], "CRASH", {"exit_code": 1}),
        ("codex/c-errors", [], "SUCCESS", {"exit_code": 0}),
        ("gemini/a-fix", ["--exit", "0"], "SUCCESS", {"exit_code": 0}),
        ("codex/g-sigint", ["--die"], "KILLED", {"signal": 9}),
    ],
)
def test_a_wrapped_run_with_a_transcript_is_one_session(world, recording, options, status, facts):
    """Exactly one session: the transcript's steps, the run's end; the stream's lines are counted, its file is gone."""
    world.agent()
    run(world, recording, *options).wait(PATIENCE)
    world.until(lambda: world.settled(1) and not list(world.paths.streams.iterdir()))
    (session,) = world.held()["sessions"]
    assert session["state"] == "closed" and session["whole"]
    path = place(world, recording)
    assert arrived(world, session) == offline(path, recording.split("/")[0])
    told = outcome(world, session)
    assert told["status"] == status
    assert told.items() >= facts.items()
    printed = (STREAMS / recording / "stdout.jsonl").read_bytes().count(b"\n") + ("--die" in options)
    assert books(world)["read"] == path.read_bytes().count(b"\n") + printed


def test_kills_between_double_nothing(world):
    """Killing the agent (-9) again and again while three CLIs print and store: one whole session each, all equal to offline."""
    recordings = ["claude/f-parallel", "codex/c-errors", "gemini/f-parallel"]
    agent = world.agent()
    children = [run(world, recording, "--seconds", "8") for recording in recordings]
    chance = random.Random(7)
    for _ in range(8):
        time.sleep(chance.uniform(0.0, 1.0))
        agent.kill()
        agent.wait()
        agent = world.agent()
    for child in children:
        child.wait(PATIENCE)
    world.until(lambda: world.settled(len(recordings)) and not list(world.paths.streams.iterdir()))
    held = world.held()["sessions"]
    assert len(held) == len(recordings)
    assert all(session["state"] == "closed" and session["whole"] for session in held)
    assert all(outcome(world, session)["exit_code"] == 0 for session in held)
    expected = [offline(place(world, recording), recording.split("/")[0]) for recording in recordings]
    assert sorted((arrived(world, session) for session in held), key=repr) == sorted(expected, key=repr)
    books(world)


def test_without_a_transcript_the_stream_is_the_record(world):
    """An ephemeral run is captured from its stream after the grace; a transcript that comes too late adds nothing."""
    world.agent()
    recording = "codex/a-fix"
    late = world.home / "late"
    child = run(world, recording, "--after", str(late), "--seconds", "0.5")
    world.until(lambda: world.status()["steps"])  # the grace is over: the stream is the record
    late.touch()
    assert child.wait(PATIENCE) == 0
    world.until(lambda: world.settled(1) and not list(world.paths.streams.iterdir()))
    path = place(world, recording)
    world.until(lambda: world.status()["lines"]["read"] == path.read_bytes().count(b"\n") + 19)
    time.sleep(1)
    (session,) = world.held()["sessions"]
    assert arrived(world, session) == offline(STREAMS / recording / "stdout.jsonl", "codex", "stream")
    books(world)


def test_a_transcript_without_wrap_is_followed_and_resumed(world):
    """A conversation nobody wrapped is captured; going on after silence makes a second session at its position."""
    world.paths.config.write_text(world.paths.config.read_text() + "idle_close_seconds = 2\n")
    world.agent()
    world.until(world.following)
    path = place(world, "claude/a-fix")
    child = [sys.executable, str(FAKE), str(STREAMS / "claude/a-fix"), "--transcript", str(path), "--seconds", "0.1"]
    subprocess.run(child, check=True, stdout=subprocess.DEVNULL)
    world.until(lambda: world.settled(1))
    first = offline(path, "claude")
    again = next(line for line in path.read_bytes().split(b"\n") if b'"role":"user","content":"The test' in line)
    more = again.replace(b'"uuid":"', b'"uuid":"ffff').replace(b"The test suite fails.", b"No, that is wrong, undo it.")
    with path.open("ab") as handle:
        handle.write(more + b"\n")
    world.until(lambda: world.settled(2))
    held = sorted(world.held()["sessions"], key=lambda session: -len(world.steps(session["id"])))
    assert arrived(world, held[0]) == first
    (step,) = world.steps(held[1]["id"])
    assert step["type"] == "correction", "the agent had acted before, and that is remembered"


def test_a_subagent_is_linked_to_the_call_that_made_it(world):
    """The file of a sub-agent is a session of its own whose steps name the call."""
    world.agent()
    recording = "claude/f-parallel"
    note = "toolu_mockff2e85832c7a41"
    path = place(world, recording)
    side = path.with_suffix("") / "subagents" / "agent-a407ad6acda18b8b1.jsonl"
    run(world, recording, "--subagent", str(side), "--call", note).wait(PATIENCE)
    world.until(lambda: world.settled(2))
    sessions = {len(world.steps(session["id"])): session for session in world.held()["sessions"]}
    steps = world.steps(sessions[min(sessions)]["id"])
    assert steps and all(step["parent_id"] == note for step in steps)
    assert any(step.get("call_id") == note for step in world.steps(sessions[max(sessions)]["id"]))


def test_what_was_there_before_is_left_alone(world):
    """Old transcripts are not read when following is switched on, nor is what was written while it was off."""
    path = place(world, "claude/a-fix")
    path.parent.mkdir(parents=True)
    data = (STREAMS / "claude/a-fix/transcript.jsonl").read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(data[:5]) + b"\n")
    world.agent()
    world.until(world.following)
    time.sleep(0.3)
    assert world.status()["lines"]["read"] == 0
    with path.open("ab") as handle:
        handle.write(data[5] + b"\n")
    world.until(lambda: world.status()["lines"]["read"] == 1)
    world.command("disable")
    with path.open("ab") as handle:
        handle.write(data[6] + b"\n" + data[7] + b"\n")
    world.command("enable", "--yes")
    world.until(lambda: world.status()["capturing"] and world.following())
    with path.open("ab") as handle:
        handle.write(data[8] + b"\n")
    world.until(lambda: world.status()["lines"]["read"] == 2)
    time.sleep(0.5)
    assert books(world)["read"] == 2
