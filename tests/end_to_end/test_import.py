"""What is already there is taken once, with the agent running or not, and only after a yes."""

from __future__ import annotations

import json
import shutil
import time

import pytest

from tests.end_to_end.fake_cli import STAMP, seconds, shifted
from tests.end_to_end.test_transcripts import STREAMS, arrived, books, offline, place, run
from tests.patience import PATIENCE, until

NAMES = ["claude/a-fix", "claude/f-parallel", "codex/c-errors", "gemini/f-parallel"]


def store(world, name, age=3_600.0):
    """A transcript as its CLI left it `age` seconds ago."""
    data = (STREAMS / name / "transcript.jsonl").read_bytes()
    by = time.time() - age - seconds(STAMP.search(data).group())
    path = place(world, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(shifted(data, by))
    return path


def imported(world, *options, check=True):
    """The result of an import."""
    return json.loads(world.command("import", "--yes", "--json", *options, check=check).stdout)


@pytest.mark.parametrize("running", [True, False])
def test_an_import_makes_closed_sessions_and_never_twice(world, running):
    """Four transcripts are four closed sessions, equal to offline parsing; the dry run said so; again makes none."""
    world.central()
    paths = [store(world, name) for name in NAMES]
    dry = json.loads(world.command("import", "--dry-run", "--json").stdout)
    assert not world.paths.spool.exists()
    world.enable()
    if running:
        world.agent()
    report = imported(world)
    assert (report["state"], report["sessions"]) == ("done", 4)
    expected = [offline(path, name.split("/")[0]) for path, name in zip(paths, NAMES, strict=True)]
    assert report["steps"] == sum(map(len, expected)) == sum(dry["by_type"].values())
    assert (report["lines"], dry["sessions"]) == (dry["lines"], 4)
    again = imported(world)
    assert (again["steps"], again["left"]) == (0, {"nothing new": 4})
    copy = world.home / "backup"
    shutil.copytree(world.home / ".codex", copy / "codex")
    shutil.copytree(world.home / ".claude", copy / "claude")
    assert imported(world, str(copy))["steps"] == 0
    if not running:
        world.agent()
    world.until(lambda: world.settled(4))
    held = world.held()["sessions"]
    assert all(session["state"] == "closed" and session["whole"] for session in held)
    assert sorted((arrived(world, session) for session in held), key=repr) == sorted(expected, key=repr)
    with paths[0].open("ab") as handle:
        line = next(line for line in paths[0].read_bytes().split(b"\n") if b'"uuid"' in line)
        handle.write(line.replace(b'"uuid":"', b'"uuid":"dddd') + b"\n")
    assert imported(world)["steps"] == 1
    books(world)


def test_what_is_too_old_is_told_before_and_stays_here(world):
    """Steps older than a week are kept and parked with the reason, never re-stamped; fresh ones of the same file travel."""
    world.central()
    path = store(world, "codex/c-errors", age=10 * 86_400)
    fresh = place(world, "codex/c-errors").read_bytes()
    by = 10 * 86_400 - 3_600
    lines = shifted(fresh, by).split(b"\n")[1:]
    with path.open("ab") as handle:
        handle.write(b"\n".join(line.replace(b'"call_id":"', b'"call_id":"z') for line in lines))
    dry = json.loads(world.command("import", "--dry-run", "--json").stdout)
    total = sum(dry["by_type"].values())
    assert 0 < dry["too_old"]["steps"] < total
    world.enable()
    world.agent()
    imported(world)
    world.until(lambda: world.status()["parked"]["count"] and not world.status()["queued"])
    (session,) = world.held()["sessions"]
    assert len(world.steps(session["id"])) == total - dry["too_old"]["steps"]
    assert "imestamp" in next(iter(world.status()["parked"]["reasons"]))


def test_an_import_needs_consent_and_a_yes(world):
    """Without consent: exit code 3; with consent but nobody there to agree: 2; nothing is taken."""
    world.central()
    store(world, "claude/a-fix")
    done = world.command("import", "--yes", check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert "enable" in done.stderr
    world.enable()
    done = world.command("import", check=False)
    assert done.returncode == 2
    assert "--dry-run" in done.stderr
    assert not world.paths.spool.exists()


def test_import_leaves_to_following_what_is_followed(world):
    """With transcripts followed, an import takes what was there before, and the live source what came after: each once."""
    world.central()
    path = store(world, "claude/a-fix")
    data = path.read_bytes()
    cut = data.index(b"\n", len(data) // 2) + 1
    path.write_bytes(data[:cut])
    world.command("enable", "--yes", "--transcripts", "--endpoint", world.address)
    world.agent()
    world.until(world.following)
    with path.open("ab") as handle:
        handle.write(data[cut:])
    world.until(lambda: world.status()["lines"]["read"] == data[cut:].count(b"\n"))
    imported(world)
    assert world.status()["lines"]["read"] == data.count(b"\n")
    assert imported(world)["left"] == {"nothing new": 1}
    world.command("flush")
    world.until(lambda: world.status()["steps"] and not world.status()["buffered"] and not world.status()["queued"])
    steps = [step for session in world.held()["sessions"] for step in arrived(world, session)]
    assert len(steps) == len(offline(path, "claude"))
    books(world)


def test_a_run_that_was_captured_from_its_stream_is_not_imported_again(world):
    """Wrapped without transcripts, then imported: nothing new comes of it; while it is unread, its file waits."""
    world.central()
    world.enable()
    run(world, "claude/a-fix", "--seconds", "0.5").wait(PATIENCE)
    report = imported(world)
    assert report["steps"] == 0
    assert list(report["left"].values()) == [1]
    assert "not read yet" in next(iter(report["left"]))
    world.agent()
    world.until(lambda: world.settled(1))
    report = imported(world)
    assert (report["state"], report["steps"], report["sessions"]) == ("done", 0, 0)
    assert len(world.held()["sessions"]) == 1
    books(world)


def test_a_killed_import_goes_on_by_itself(world):
    """Killing the agent (-9) in the middle of an import: the next one finishes it, every step once."""
    world.central()
    path = store(world, "claude/a-fix")
    lines = [line for line in path.read_bytes().split(b"\n") if b'"uuid"' in line]
    with path.open("ab") as handle:
        for number in range(400):
            for line in lines:
                handle.write(line.replace(b'"uuid":"', b'"uuid":"%04d' % number, 1) + b"\n")
    world.enable()
    agent = world.agent()
    waiting = world.start("sidecar.cli.main", "import", "--yes", "--json")
    until(lambda: world.status()["lines"]["read"] > 500, pause=0)  # a quick machine is through in no time
    agent.kill()
    agent.wait()
    assert waiting.wait(PATIENCE) != 0
    world.agent()
    world.until(lambda: (world.status() or {}).get("lines", {}).get("read") == path.read_bytes().count(b"\n"))
    world.until(lambda: world.status()["sessions"]["open"] == 0)
    status = world.status()
    assert sum(status["steps"].values()) == len(offline(path, "claude"))
    assert imported(world)["left"] == {"nothing new": 1}
    books(world)
