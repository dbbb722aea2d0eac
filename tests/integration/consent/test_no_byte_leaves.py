"""After a no, no byte leaves: counted at a real socket, in the middle of a request, of a retry and of a chunk."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.patience import PATIENCE, PROMPT

MARKER = "quetzal-marker"
AGENT = """
import json, os, sys, time
def say(kind, **more):
    print(json.dumps({"type": kind, "session_id": "s", **more}), flush=True)
say("system", subtype="init", model="claude-opus-4-7", tools=[], cwd="/w")
for n in range(int(sys.argv[1])):
    use = {"type": "tool_use", "id": f"t{n}", "name": "Bash", "input": {"command": f"quetzal-marker {n}"}}
    say("assistant", message={"role": "assistant", "content": [use], "model": "claude-opus-4-7"})
    out = ("quetzal-marker lorem ipsum dolor " * 40 + "\\n") * int(sys.argv[2])
    say("user", message={"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"t{n}", "content": out}]})
end = time.monotonic() + 300
while sys.argv[3:] and time.monotonic() < end and not os.path.exists(sys.argv[3]):
    time.sleep(0.1)
    use = {"type": "tool_use", "id": f"l{end}", "name": "Bash", "input": {"command": "quetzal-marker late"}}
    say("assistant", message={"role": "assistant", "content": [use], "model": "claude-opus-4-7"})
"""


def agent(world, *, calls=40, lines=60, over=None):
    """A wrapped agent that says a lot, and goes on saying a little until the file `over` is there."""
    child = [sys.executable, "-c", AGENT, str(calls), str(lines), *([str(over)] if over else [])]
    return world.start("sidecar.cli.main", "wrap", "--provider", "claude", "--", *child)


def other_terms(world):
    """As after an upgrade that changed the terms: the last grant was for another text."""
    with sqlite3.connect(world.paths.consent_db) as db:
        db.execute(
            "INSERT INTO history (at, kind, version, terms_hash, endpoint, how)"
            " SELECT at, kind, version, ?, endpoint, how FROM history ORDER BY id DESC LIMIT 1",
            ("0" * 64,),
        )
    db.close()


WAYS = {
    "flag": lambda world: world.paths.flag.unlink(),
    "disable": lambda world: world.command("disable"),
    "groove": lambda world: world.paths.groove_consent.write_text(json.dumps({"opted_in": False})),
    "terms": other_terms,
}


def gone(world):
    return not world.readable(MARKER.encode(), world.paths.state)


@pytest.mark.parametrize("way", WAYS)
def test_a_no_in_the_middle_of_a_request_cuts_it_off(world, gate, way):
    """What the kernel had not delivered stays here, nobody connects again, and no unsent byte is left on disk."""
    world.agent()
    over = world.home / "over"
    child = agent(world, over=over)
    world.until(lambda: world.status()["buffered"] > 70 or world.status()["queued"])
    gate.stall_at = b"POST /v1/training/ingest"
    flush = world.start("sidecar.cli.main", "flush", stderr=subprocess.DEVNULL)
    assert gate.stalled.wait(PATIENCE)
    assert not gone(world)
    WAYS[way](world)
    world.until(lambda: not world.status()["capturing"] and gone(world), PROMPT)
    arrived, connections, passed = gate.pending(), gate.connections, gate.bytes
    time.sleep(1)
    assert gate.drain() <= arrived
    assert (gate.connections, gate.bytes) == (connections, passed)
    over.touch()
    assert child.wait(PATIENCE) == 0
    flush.kill()
    flush.wait()
    world.until(lambda: not any(world.paths.streams.iterdir()))
    time.sleep(0.3)
    assert gone(world)
    assert not any(world.paths.streams.iterdir())
    assert (gate.connections, gate.bytes) == (connections, passed)
    assert all(session["chunks"] == 0 for session in world.held()["sessions"])
    names = {path.name for path in world.paths.state.iterdir()}
    assert "names.sealed" not in names


def test_a_no_between_two_tries_is_the_last_word(world, gate):
    """With Central Command away the agent tries again and again; after the no it does not."""
    world.agent()
    gate.central.kill()
    gate.central.wait()
    agent(world, calls=3, lines=2).wait(PATIENCE)
    world.until(lambda: gate.connections >= 2)
    world.paths.flag.unlink()
    world.until(lambda: not world.status()["capturing"], PROMPT)
    connections = gate.connections
    time.sleep(2.5)  # the wait after a second failure is two seconds at most
    assert gate.connections == connections
    assert gone(world)


def test_the_flag_made_again_at_once_is_still_a_no(world, gate):
    """A flag that is deleted and made again within a moment: what was captured before is destroyed, not sent."""
    world.agent()
    world.command("pause")
    agent(world, calls=3, lines=2).wait(PATIENCE)
    world.until(lambda: world.status()["queued"])
    world.paths.flag.unlink()
    world.paths.flag.touch(mode=0o600)
    world.until(lambda: gone(world), PROMPT)
    world.command("resume", check=False)
    world.until(lambda: world.status()["capturing"])
    time.sleep(1)
    assert world.held()["sessions"] == []


@pytest.mark.parametrize("again", ["enable", "touch"])
def test_a_no_that_nobody_heard_counts(world, gate, again):
    """The flag is deleted while no agent runs; after the next yes, what was captured under the first one is not sent."""
    process = world.agent()
    world.command("pause")
    agent(world, calls=3, lines=2).wait(PATIENCE)
    world.until(lambda: world.status()["queued"])
    process.terminate()
    process.wait()
    agent(world, calls=2, lines=2).wait(PATIENCE)
    assert not gone(world)
    world.paths.flag.unlink()
    if again == "enable":
        world.command("enable", "--yes")
        assert gone(world)
    else:
        world.paths.flag.touch(mode=0o600)
    world.agent()
    world.command("resume")
    world.until(lambda: gone(world))
    agent(world, calls=1, lines=1).wait(PATIENCE)
    world.until(lambda: world.settled(1))
    (session,) = world.held()["sessions"]
    assert session["steps"] <= 3


def test_a_wrapped_run_stops_writing_at_once_without_an_agent(world, gate):
    """Nobody runs but `wrap`: once the flag is gone its raw bytes are gone while it goes on, and none follow."""
    over = world.home / "over"
    child = agent(world, calls=2, lines=2, over=over)
    world.until(lambda: world.readable(MARKER.encode(), world.paths.streams))
    world.paths.flag.unlink()
    world.until(lambda: gone(world), PROMPT)
    assert child.poll() is None
    time.sleep(0.3)
    over.touch()
    assert child.wait(PATIENCE) == 0
    assert gone(world)
    assert gate.connections == 0


def test_a_damaged_spool_goes_as_a_whole(world, gate):
    """A spool that cannot be read any more keeps nothing after `disable`."""
    process = world.agent()
    world.command("pause")
    agent(world, calls=3, lines=2).wait(PATIENCE)
    world.until(lambda: world.status()["queued"])
    process.kill()
    process.wait()
    with world.paths.spool.open("r+b") as file:
        file.write(b"garbage" * 20)
    assert not gone(world)
    world.command("disable")
    assert gone(world)
