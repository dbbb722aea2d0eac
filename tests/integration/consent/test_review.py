"""review_before_send with real processes: what was shown is what arrives, and nothing else does."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

from tests.patience import PATIENCE

FIXED = ("session_id", "envelope_id", "chunk_sequence", "contributor_id", "metadata", "trajectory_log")


def review(world, policy):
    with world.paths.config.open("a") as config:
        config.write(f'review_before_send = "{policy}"\n')


def shown(world, *arguments):
    return json.loads(world.command("preview", "--json", *arguments).stdout)


def stored(world):
    (database,) = (world.home / "central").glob("*.db")
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return [json.loads(body) for (body,) in db.execute("SELECT body FROM envelope ORDER BY rowid")]


@pytest.mark.parametrize("running", [True, False])
def test_each_envelope_waits_and_what_arrives_is_what_was_shown(world, running):
    """`always`: held over a restart; approving one sends that one, byte for byte; rejecting one destroys it."""
    world.central()
    world.enable()
    review(world, "always")
    agent = world.agent()
    world.wrap("codex-a-fix", pace=0.05, provider="codex").wait(PATIENCE)
    world.until(lambda: world.status()["held"] == 2)
    assert "preview --approve" in world.command("status").stdout
    agent.kill()
    agent.wait()
    if running:
        world.agent()
    first, second = shown(world)["envelopes"]
    assert (first["state"], second["state"], second["kind"]) == ("held", "held", "close")
    page = world.command("preview", "--no-color", first["envelope_id"][:16]).stdout
    assert max(map(len, page.splitlines())) <= 80
    assert second["envelope_id"] not in page
    raw = world.command("preview", "--raw", "--next").stdout
    assert raw == first["body"] + "\n"
    assert "approved: 1" in world.command("preview", "--approve", "--next").stderr
    if not running:
        world.agent()
    world.until(lambda: world.status()["sent"]["chunk"] == 1)
    (arrived,) = stored(world)
    body = json.loads(first["body"])
    assert [arrived[name] for name in FIXED] == [body[name] for name in FIXED]
    assert world.status()["held"] == 1
    assert "destroyed unsent: 1" in world.command("preview", "--reject", second["envelope_id"]).stderr
    assert world.status()["drops"]["rejected.envelopes"] == 1
    assert len(stored(world)) == 1
    assert world.command("preview", "--reject", check=False).returncode == 2


def test_one_look_is_enough_under_first(world):
    """`first`: nothing goes before `preview --approve`; afterwards everything goes by itself."""
    world.central()
    world.enable()
    review(world, "first")
    world.agent()
    assert world.command("preview", "--approve", check=False).returncode != 0 or not world.paths.spool.exists()
    world.wrap("codex-a-fix", pace=0.05, provider="codex").wait(PATIENCE)
    world.until(lambda: world.status()["held"] == 2)
    flushed = world.command("flush", "--timeout", "2", check=False)
    assert "held for review" in flushed.stdout
    assert world.held()["sessions"] == []
    world.command("preview", "--approve")
    world.until(lambda: world.settled(1))
    world.wrap("gemini-a-fix", pace=0.05, provider="gemini").wait(PATIENCE)
    world.until(lambda: world.settled(2))
    assert len(world.held()["sessions"]) == 2


def test_parked_envelopes_are_retried_and_dropped_through_the_agent(world):
    """`parked retry` and `parked drop` reach the running agent."""
    world.central()
    world.enable()
    world.agent()
    assert world.command("parked", "retry").stdout == "queued again: 0\n"
    assert world.command("parked", "drop").stdout == "dropped: 0\n"
