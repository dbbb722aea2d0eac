"""`doctor` on real homes: up and down, off and on, well and broken. It names what is wrong and changes nothing."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import pytest

from sidecar.cli.common import WIDTH
from sidecar.cli.main import run
from tests.end_to_end.conftest import ROOT, World
from tests.integration.consent.test_no_connection import trace, traced

STRANGE = [
    {"type": "system", "subtype": "init", "session_id": "s1", "model": "claude-x", "claude_code_version": "9.8.7"},
    {"type": "hologram", "session_id": "s1"},
    {"type": "hologram", "session_id": "s1"},
    {"type": "system", "subtype": "telepathy", "session_id": "s1"},
    {
        "type": "assistant",
        "session_id": "s1",
        "message": {"model": "m", "content": [{"type": "text", "text": "hello"}]},
    },
]
CALL = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}, "caller": {"type": "direct"}}
CHANGED = [
    *STRANGE[:1],
    {"type": "assistant", "session_id": "s1", "message": {"model": "m", "content": [CALL]}},
    {
        "type": "assistant",
        "session_id": "s1",
        "message": {"model": "m", "content": [CALL | {"id": "t2", "input": "ls"}]},
    },
]


def doctor(world, *arguments, code=0):
    """The findings by check (several of one check in a list), after the answer was looked at as a whole."""
    out, err = io.StringIO(), io.StringIO()
    # In this process, where the scrubber is made once: the commands below that are processes show that it is the same.
    with patch.dict(os.environ, world.environ, clear=True), redirect_stdout(out), redirect_stderr(err):
        answer = run(["doctor", "--json", *arguments])
    assert (answer, err.getvalue()) == (code, ""), out.getvalue()
    value = json.loads(out.getvalue())
    assert value["format"] == 1
    assert (value["worst"] == "trouble") == (code == 1)
    found = {}
    for one in value["findings"]:
        assert one["level"] in {"ok", "off", "warning", "trouble"}
        assert str(world.home) not in json.dumps(one), one
        found.setdefault(one["check"], []).append(one)
    return found


def levels(found, check):
    return [one["level"] for one in found[check]]


def inventory(folder):
    """Names, modes, sizes and times of everything."""
    listed = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        listed[str(path)] = (info.st_mode, info.st_size, info.st_mtime_ns)
    return listed


def test_a_fresh_home_is_well_and_stays_untouched(world):
    """Before anything was done: no trouble, exit code 0, no file made, and text of at most 80 columns."""
    found = doctor(world)
    assert levels(found, "consent") == levels(found, "agent") == levels(found, "spool") == ["off"]
    assert levels(found, "self-test") == ["ok"]
    shown = world.command("doctor").stdout.splitlines()
    assert max(map(len, shown)) <= WIDTH
    assert shown[-1] == "All is well."
    assert list(world.home.iterdir()) == []
    assert json.loads(world.command("doctor", "--json").stdout)["worst"] == "off"


def test_a_journey_that_went_well_is_well(world):
    """Agent up, a run delivered, `--online` asked: no trouble; agent down again: said, and nothing was changed."""
    world.central()
    world.enable()
    agent = world.agent()
    world.wrap("claude-a-fix", pace=0.01, provider="claude-code").wait()
    world.until(lambda: world.settled(1))
    found = doctor(world, "--online")
    assert levels(found, "agent") == levels(found, "spool") == levels(found, "consent") == ["ok"]
    assert levels(found, "central") == levels(found, "contract") == ["ok"]
    assert levels(found, "drift") == levels(found, "lost") == levels(found, "parked") == ["ok"]
    assert found["agent"][0]["facts"]["capturing"] is True
    assert found["claude"][0]["facts"]["seen"] == {"2.1.197": 1}
    agent.send_signal(signal.SIGTERM)
    agent.wait()
    before = inventory(world.home / ".groove")
    found = doctor(world)
    assert levels(found, "agent") == ["warning"]
    assert found["agent"][0]["hint"] == "Start it: groove-sidecar run"
    assert levels(found, "spool") == ["ok"]
    assert inventory(world.home / ".groove") == before


def test_the_canary_sings(world):
    """Lines of forms nobody knew are shown by name, with counts and the CLI's version, up and down, and in `status`."""
    world.central()
    world.enable()
    agent = world.agent()
    strange = world.home / "strange.jsonl"
    strange.write_text("".join(json.dumps(line) + "\n" for line in STRANGE))
    world.start("sidecar.cli.main", "wrap", "--provider", "claude", "--", "cat", str(strange)).wait()
    world.until(lambda: world.settled(1))
    for _ in ("up", "down"):
        found = doctor(world)
        first, *names = found["drift"]
        assert first["level"] == "warning"
        assert first["facts"]["unknown_events"] == {"claude-code/hologram": 2, "claude-code/system/telepathy": 1}
        assert first["facts"]["versions"]["claude-code/hologram"] == {"9.8.7": 2}
        assert [one["text"] for one in names] == [
            "claude-code/hologram x2, written by 9.8.7 x2",
            "claude-code/system/telepathy x1, written by 9.8.7 x1",
        ]
        assert "hologram x2 (9.8.7;" in world.command("status").stdout
        agent.send_signal(signal.SIGTERM)
        agent.wait()


def test_the_canary_sings_of_known_forms_too(world):
    """New and changed fields of known lines: named in `doctor` and `status` with the version, up and down, all taken."""
    world.central()
    world.enable()
    agent = world.agent()
    changed = world.home / "changed.jsonl"
    changed.write_text("".join(json.dumps(line) + "\n" for line in CHANGED))
    world.start("sidecar.cli.main", "wrap", "--provider", "claude", "--", "cat", str(changed)).wait()
    world.until(lambda: world.settled(1))
    block = "claude:assistant.message.content[].tool_use"
    for _ in ("up", "down"):
        first, *names = doctor(world)["drift"]
        assert (first["level"], first["text"]) == ("warning", "2 lines with 2 changes in known forms, taken as before")
        assert first["facts"]["changed_fields"] == {f"{block}+caller": 2, f"{block}.input:string": 1}
        assert first["facts"]["versions"] == {f"{block}+caller": {"9.8.7": 2}, f"{block}.input:string": {"9.8.7": 1}}
        assert [one["text"] for one in names] == [
            f"{block}+caller x2, written by 9.8.7 x2",
            f"{block}.input:string x1, written by 9.8.7 x1",
        ]
        assert "report these names" in first["hint"]
        shown = world.command("status").stdout.splitlines()
        assert max(map(len, shown)) <= WIDTH
        assert f"changed:{block}+callerx2(9.8.7)" in "".join("".join(shown).split())
        document = json.loads(world.command("status", "--json").stdout)
        assert document["lines"]["read"] == sum(n for fate, n in document["lines"].items() if fate != "read") == 3
        assert document["lines"]["unknown"] == document["unknown_events"].get("x", 0) == 0
        assert document["changed_lines"] == 2
        agent.send_signal(signal.SIGTERM)
        agent.wait()


def test_a_version_that_is_none_is_not_repeated(world):
    """What stands where a version should is not stored or shown unless it looks like one."""
    world.central()
    world.enable()
    world.agent()
    lines = [dict(STRANGE[0], claude_code_version="jane.roe@example.net 1.2.3"), *STRANGE[1:]]
    strange = world.home / "strange.jsonl"
    strange.write_text("".join(json.dumps(line) + "\n" for line in lines))
    world.start("sidecar.cli.main", "wrap", "--provider", "claude", "--", "cat", str(strange)).wait()
    world.until(lambda: world.settled(1))
    strange.unlink()
    found = doctor(world)
    assert found["drift"][0]["facts"]["versions"]["claude-code/hologram"] == {"other": 2}
    assert world.readable(b"jane.roe", world.paths.groove) == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The state folder of an agent that captured a run and ended."""
    home = tmp_path_factory.mktemp("kept")
    world = World(home)
    try:
        world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
        world.wrap("claude-a-fix", pace=0.01, provider="claude-code").wait()
        world.agent()
        world.until(lambda: not list(world.paths.streams.iterdir()))
    finally:
        world.end()
    return world.paths.groove


@pytest.mark.parametrize("damage", ["rubbish", "page", "foreign", "link", "newer"])
def test_a_damaged_spool_is_trouble(world, kept, damage):
    """Rubbish, a torn page, another program's database, a link, a newer schema: named, with what to do; not touched."""
    shutil.copytree(kept, world.paths.groove)
    spool = world.paths.spool
    if damage == "rubbish":
        spool.write_bytes(b"rubbish" * 5000)
    elif damage == "page":
        with spool.open("r+b") as handle:
            for page in range(2, spool.stat().st_size // 8192):
                handle.seek(page * 8192)
                handle.write(b"\xa5" * 4000)
    elif damage == "foreign":
        spool.unlink()
        with sqlite3.connect(spool) as db:
            db.execute("CREATE TABLE other (n)")
        db.close()
        spool.chmod(0o600)
    elif damage == "link":
        spool.rename(world.home / "moved.db")
        spool.symlink_to(world.home / "moved.db")
    else:
        with sqlite3.connect(spool) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    before = inventory(world.paths.state)
    found = doctor(world, code=1)
    assert levels(found, "spool") == ["trouble"]
    assert found["spool"][0]["hint"]
    assert inventory(world.paths.state) == before


def test_wrong_modes_and_owners_are_trouble(world):
    """An open key, and (as root) a file of another user: named with ~ for the home, and a command."""
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    world.paths.config.chmod(0o644)
    found = doctor(world, code=1)
    assert levels(found, "files") == ["trouble"]
    assert found["files"][0]["text"] == "~/.groove/sidecar/sidecar.toml is open to others (0644)"
    assert found["files"][0]["hint"] == "chmod 600 ~/.groove/sidecar/sidecar.toml"
    world.paths.config.chmod(0o600)
    assert levels(doctor(world), "files") == ["ok"]
    if os.geteuid() == 0:
        os.chown(world.paths.flag, 4711, -1)
        found = doctor(world, code=1)
        assert levels(found, "files") == levels(found, "consent") == ["trouble"]


def test_a_spool_under_load_is_looked_at_without_harm(world):
    """Kill -9 of the agent leaves a log; doctor reads through it, and the next agent goes on."""
    world.central()
    world.enable()
    agent = world.agent()
    world.wrap("claude-a-fix", pace=0.01, provider="claude-code").wait()
    world.until(lambda: world.status()["lines"]["read"] > 5)
    agent.kill()
    agent.wait()
    found = doctor(world)
    assert levels(found, "spool") == ["ok"]
    assert levels(found, "agent") == ["warning"]
    world.agent()
    world.until(lambda: world.settled(1))


def test_a_killed_wrap_is_counted(world):
    """Kill -9 of wrap: how much it had not kept yet nobody knows, but that it was killed is counted, once."""
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    world.agent()
    wrap = world.wrap("claude-a-fix", pace=3.0, provider="claude-code")
    world.until(lambda: world.status()["lines"]["read"] > 0)
    wrap.kill()
    wrap.wait()
    world.until(lambda: not list(world.paths.streams.iterdir()))
    assert world.status()["drops"] == {"writer killed": 1}
    found = doctor(world)
    assert levels(found, "lost") == ["warning"]
    assert found["lost"][0]["facts"] == {"reason": "writer killed", "count": 1}


def test_an_agent_that_does_not_answer_is_trouble(world):
    """A stopped agent holds its lock and is silent: that is said, in bounded time."""
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    agent = world.agent()
    os.kill(agent.pid, signal.SIGSTOP)
    try:
        found = doctor(world, code=1)
    finally:
        os.kill(agent.pid, signal.SIGCONT)
    assert levels(found, "agent") == ["trouble"]
    assert "does not answer" in found["agent"][0]["text"]


def test_a_refusal_waiting_and_a_broken_setting_are_said(world):
    """An endpoint nobody answers at: the queue says why; a setting that is no TOML: trouble, with its line."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    world.command("enable", "--yes", "--endpoint", f"http://127.0.0.1:{port}")
    world.agent()
    world.wrap("claude-a-fix", pace=0.01, provider="claude-code").wait()
    world.until(lambda: bool(world.status()["last_error"]))
    assert levels(doctor(world), "last error") == ["warning"]
    found = doctor(world, "--online", code=1)
    assert "no connection" in found["last error"][0]["text"]
    assert levels(found, "central") == ["trouble"]
    world.paths.config.write_text("endpoint = [[[")
    found = doctor(world, code=1)
    assert levels(found, "settings") == ["trouble"]
    assert "TOML" in found["settings"][0]["text"]


def test_secrets_in_names_and_settings_are_not_shown(world):
    """A secret in a path, in an endpoint, in the log or in an event's name never comes out."""
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    (world.paths.state / secret).touch(mode=0o644)
    world.environ["GROOVE_CENTRAL_URL"] = f"https://x:{secret}@central.example.org"
    with world.paths.log.open("ab") as log:
        log.write(json.dumps({"at": 2e9, "level": "error", "event": "x", "reason": f"token {secret}"}).encode() + b"\n")
    (world.home / "bin").mkdir()
    shutil.copy("/bin/true", world.home / "bin" / "codex")
    world.environ["PATH"] = f"{world.home}/bin:{world.environ['PATH']}"
    for arguments in (["doctor"], ["doctor", "--json"]):
        done = world.command(*arguments, check=False)
        assert done.returncode == 1
        assert secret not in done.stdout + done.stderr
        assert str(world.home) not in done.stdout
        assert "open to others" in done.stdout.replace("\n", " ") or "open to" in done.stdout


def test_a_secret_is_known_before_it_is_cut(world):
    """A text is scrubbed as a whole: a token at the place where it is cut leaves no first half."""
    secret = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    for length in range(520, 600, 8):
        event = {"at": 2e9, "level": "error", "event": "x", "reason": f"{'so ' * (length // 3)}{secret}"}
        world.paths.log.write_text(json.dumps(event) + "\n")
        world.paths.log.chmod(0o600)
        (found,) = doctor(world)["log"]
        assert secret[:12] not in found["text"], length
    world.paths.log.unlink()


@pytest.mark.parametrize("closed", [".claude", ".groove", ".groove/sidecar", ".groove/sidecar/streams"])
def test_a_folder_that_is_closed_to_us_is_a_finding(world, closed):
    """Wrong modes are what `doctor` is for: it names them, and does not end at them."""
    drop = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may enter everything, and nothing here takes that away")
        off = "-dac_override,-dac_read_search"
        drop = ["setpriv", f"--bounding-set={off}", f"--inh-caps={off}"]
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    (world.home / ".claude" / "projects").mkdir(parents=True)
    for made in (world.paths.streams, world.paths.streams / "run"):
        made.mkdir(mode=0o700)
    folder = world.home / closed
    folder.chmod(0o400)
    line = [*drop, sys.executable, "-m", "sidecar.cli.main", "doctor", "--json"]
    done = subprocess.run(line, env=world.environ, cwd=ROOT, capture_output=True, text=True, check=False)
    folder.chmod(0o700)
    assert done.stderr == ""
    found = [one for one in json.loads(done.stdout)["findings"] if f"~/{closed}" in one["text"] + one["hint"]]
    assert found
    assert done.returncode == (0 if closed == ".claude" else 1)


def test_colour_only_where_somebody_looks(world):
    """A pipe gets no escape; a terminal does, unless NO_COLOR is set."""
    script = "import pty, sys; sys.exit(pty.spawn([sys.executable, '-m', 'sidecar.cli.main', 'doctor']) != 0)"
    shown = {}
    for name, more in (("colour", {}), ("plain", {"NO_COLOR": "1"})):
        line = [sys.executable, "-c", script]
        done = subprocess.run(
            line, env=world.environ | more, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        shown[name] = done.stdout
    assert b"\x1b[32m" in shown["colour"]
    assert b"\x1b[" not in shown["plain"]
    assert b"\x1b" not in world.command("doctor").stdout.encode()


@pytest.mark.parametrize("arguments", [["--help"], ["--bad"], ["more"]])
def test_wrong_use_is_two(world, arguments):
    """Help is 0; an unknown option or a stray word is 2."""
    assert world.command("doctor", *arguments, check=False).returncode == (0 if arguments == ["--help"] else 2)


@traced
def test_doctor_connects_to_nobody(world):
    """No connect() to any network: off with --online, and on; `--online` after a yes is the one that does."""
    assert trace(world, "doctor", "--online") == []
    world.command("enable", "--yes", "--endpoint", "http://127.0.0.1:9")
    assert trace(world, "doctor") == []
    assert len(trace(world, "doctor", "--online")) >= 1
