"""A world of real processes: Central Command, the agent, wrapped children; each test has its own home."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar.ask import ask_json
from sidecar.errors import NotRunningError
from sidecar.paths import Paths
from tests.patience import PATIENCE, PROMPT

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "sidecar" / "cli" / "demo_data"


class World:
    """One home and the processes in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
        self.environ = keep | {"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "error"}
        self.paths = Paths.from_environment(self.environ)
        self.processes: list[subprocess.Popen[bytes]] = []
        self.port = 0

    def start(self, *arguments: str, **options) -> subprocess.Popen[bytes]:
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen([sys.executable, "-m", *arguments], env=self.environ, cwd=ROOT, **options)
        self.processes.append(process)
        return process

    def command(self, *arguments: str, check: bool = True, **options) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "sidecar.cli.main", *arguments]
        return subprocess.run(
            line, env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=check, **options
        )

    def central(self, port: int = 0) -> subprocess.Popen[bytes]:
        """Start (or start again) Central Command on the same data."""
        process = self.start(
            "central",
            "serve",
            "--data",
            str(self.home / "central"),
            "--port",
            str(port or self.port),
            stdout=subprocess.PIPE,
        )
        self.port = int(json.loads(process.stdout.readline())["listening"].rsplit(":", 1)[1])
        return process

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def enable(self) -> None:
        self.command("enable", "--yes", "--endpoint", self.address)

    def agent(self, *, capturing: bool = True) -> subprocess.Popen[bytes]:
        with (self.home / "agent.err").open("ab") as errors:
            process = self.start("sidecar.cli.main", "run", stderr=errors)
        self.until(lambda: process.poll() is not None or (self.status() or {}).get("capturing") is capturing)
        assert process.poll() is None, (self.home / "agent.err").read_text()
        return process

    def status(self):
        """The agent's own words; None when there is no agent."""
        try:
            return ask_json(self.paths.socket, "GET", "/status", PATIENCE)
        except NotRunningError:
            return None

    def following(self) -> bool:
        """Whether every transcript that was there has its beginning: what is written from now on is new."""
        if not self.paths.spool.exists():
            return False
        with contextlib.closing(sqlite3.connect(f"file:{self.paths.spool}?mode=ro", uri=True, timeout=PATIENCE)) as db:
            # The agent is capturing, so the table is there.
            return db.execute("SELECT skip FROM sources WHERE source = ?", (b"transcripts:",)).fetchall() == [(0,)]

    def wrap(
        self, recording: str, *, pace: float = 1.0, provider: str | None = None, cut: int = 0
    ) -> subprocess.Popen[bytes]:
        child = [
            sys.executable,
            "-m",
            "sidecar.cli.replay",
            str(RECORDINGS / f"{recording}.jsonl"),
            "--pace",
            str(pace),
        ]
        child += ["--cut", str(cut)] if cut else []
        named = ["--provider", provider] if provider else []
        return self.start("sidecar.cli.main", "wrap", *named, "--", *child)

    def held(self, path: str = "/v1/sessions"):
        """What Central Command holds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path)
        reply = connection.getresponse()
        value = json.loads(reply.read())
        connection.close()
        return value

    def steps(self, session: str):
        """The steps Central Command stored of a session, in the order it accepted them."""
        (database,) = (self.home / "central").glob("*.db")
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            rows = connection.execute(
                "SELECT body FROM envelope JOIN session ON session.number = envelope.session"
                " WHERE session.id = ? AND kind = 'chunk' ORDER BY sequence",
                (session,),
            ).fetchall()
        return [step for (body,) in rows for step in json.loads(body)["trajectory_log"]]

    def closing(self, session: str):
        """The SESSION_CLOSE Central Command stored of a session."""
        (database,) = (self.home / "central").glob("*.db")
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            ((body,),) = connection.execute(
                "SELECT body FROM envelope JOIN session ON session.number = envelope.session"
                " WHERE session.id = ? AND kind = 'close'",
                (session,),
            ).fetchall()
        return json.loads(body)

    def until(self, condition, seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"still not so after {seconds} s: {json.dumps(self.status(), indent=1)}")
            time.sleep(0.05)

    def settled(self, sessions: int) -> bool:
        status = self.status()
        return bool(
            status
            and status["sessions"]["delivered"] >= sessions
            and not status["sessions"]["open"]
            and not status["buffered"]
            and not status["queued"]
        )

    def readable(self, needle: bytes, folder: Path | None = None) -> list[str]:
        """Files below `folder` (the home) that hold `needle` in any byte."""
        found = []
        for path in (folder or self.home).rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # it went while we looked
                if path.is_file() and needle in path.read_bytes():
                    found.append(str(path))
        return found

    def end(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(PROMPT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()


@pytest.fixture
def world(tmp_path):
    """A world that is cleaned up whatever happens."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    world = World(home)
    yield world
    world.end()
