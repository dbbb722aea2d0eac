"""Chats that older Gemini CLIs rewrite whole at every turn: followed live, whatever dies, and then imported."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
import threading
import time

import pytest

from tests.end_to_end.conftest import ROOT
from tests.end_to_end.test_transcripts import arrived, offline

VERSIONS = ROOT / "tests" / "data" / "versions"
CHATS = ".gemini/tmp/proj/chats/session-2026-11-20T15-58-{id:.8}.json"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def states(version: str) -> list[bytes]:
    """Every document the real CLI wrote, as it printed them, as if it had been today."""
    text = (VERSIONS / version / "growing" / "states.jsonl").read_text("utf-8")
    since = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(STAMP.findall(text)[0])

    def moved(found: re.Match[str]) -> str:
        return (dt.datetime.fromisoformat(found.group()) + since).isoformat(timespec="milliseconds")[:-6] + "Z"

    documents = [json.loads(line) for line in STAMP.sub(moved, text).splitlines()]
    return [json.dumps(one, indent=2, ensure_ascii=False).encode() for one in documents]


@pytest.fixture
def world(world):
    """A world in which transcripts are followed, and silence ends nothing soon."""
    world.central()
    world.command("enable", "--yes", "--transcripts", "--endpoint", world.address)
    return world


def test_documents_grow_while_the_agent_is_killed(world):
    """Three real chats rewritten in place, kill -9 again and again: one whole session each, as the last document alone."""
    agent = world.agent()
    world.until(world.following)
    chance = random.Random(11)
    chats = {version: states(version) for version in ("gemini-0.19.4", "gemini-0.24.0", "gemini-0.32.1")}
    places = {version: world.home / CHATS.format(id=f"{n}{n}{n}{n}aaaa") for n, version in enumerate(chats)}

    def grow(version: str, pause: random.Random) -> None:
        path = places[version]
        path.parent.mkdir(parents=True, exist_ok=True)
        for document in chats[version]:
            with path.open("wb") as handle:  # torn for a moment, as every rewrite in place is
                handle.write(document[: len(document) // 2])
                handle.flush()
                time.sleep(pause.uniform(0.0, 0.2))
                handle.write(document[len(document) // 2 :])
            time.sleep(pause.uniform(0.0, 0.8))

    writers = [threading.Thread(target=grow, args=(version, random.Random(n))) for n, version in enumerate(chats)]
    for writer in writers:
        writer.start()
    for _ in range(5):
        time.sleep(chance.uniform(0.2, 1.0))
        agent.kill()
        agent.wait()
        agent = world.agent()
    for writer in writers:
        writer.join()
    world.paths.config.write_text(world.paths.config.read_text() + "idle_close_seconds = 2\n")
    world.until(lambda: world.settled(3))
    sessions = world.held()["sessions"]
    assert len(sessions) == 3 and all(one["state"] == "closed" and one["whole"] for one in sessions)
    found = sorted(arrived(world, one) for one in sessions)
    assert found == sorted(offline(path, "gemini") for path in places.values())
    status = world.status()
    assert status["documents"] == {"followed": 3, "left": {}, "hints": {}, "rewound": 0, "late": 0}
    assert status["lines"]["malformed"] == status["lines"]["unknown"] == 0
    again = json.loads(world.command("import", "--yes", "--json").stdout)
    assert (again["sessions"], again["steps"]) == (0, 0), "what was followed is not imported"


def test_an_import_and_following_share_a_document(world):
    """What was there is imported, what comes is followed: together every step once; a torn rewrite is shown by status."""
    grown = states("gemini-0.32.1")
    path = world.home / CHATS.format(id="bbbbbbbb")
    path.parent.mkdir(parents=True)
    path.write_bytes(grown[5])
    world.agent()
    world.until(world.following)
    done = json.loads(world.command("import", "--yes", "--json").stdout)
    assert done["sessions"] == 1
    path.write_bytes(grown[8][:-30])
    world.until(lambda: sum(world.status()["documents"]["left"].values()) == 1)
    assert "half written" in world.command("status").stdout
    for document in grown[6:]:
        path.write_bytes(document)
        time.sleep(0.2)
    world.paths.config.write_text(world.paths.config.read_text() + "idle_close_seconds = 2\n")
    world.until(lambda: world.settled(2))
    first, second = sorted((arrived(world, one) for one in world.held()["sessions"]), key=len, reverse=True)
    words = [content for _, content in first + second]
    assert words == [content for _, content in offline(path, "gemini")], "what a message wants depends on its session"
    assert world.status()["documents"]["left"] == {}
    assert json.loads(world.command("import", "--yes", "--json").stdout)["steps"] == 0
