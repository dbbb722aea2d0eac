"""`demo`: the whole journey on this machine, in a home of its own, in under a minute.

Owns: starting Central Command, the agent and seven recorded runs as real processes, and the picture of it.
Never: touches the person's own home, consent or queue, or anything beyond loopback.
Invariant: leaves no process and no file behind, however it ends; says "failed" if a single step was lost.
"""

from __future__ import annotations

import http.client
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from sidecar.ask import ask_json
from sidecar.cli.demo_view import View, summary
from sidecar.errors import NotRunningError, SidecarError, UsageError
from sidecar.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parent / "demo_data"
START_SECONDS = 60.0
SETTLE_SECONDS = 120.0
POLL_SECONDS = 0.2
STOP_SECONDS = 20.0
MAX_PACE = 1_000.0


@dataclass(frozen=True)
class Run:
    """One recorded run to replay. `cut`: killed in the middle of that line."""

    provider: str
    recording: str
    cut: int = 0


RUNS = (
    Run("claude-code", "claude-a-fix"),
    Run("claude-code", "claude-d-unicode"),
    Run("claude-code", "claude-f-parallel", cut=31),
    Run("codex", "codex-a-fix"),
    Run("codex", "codex-d-unicode"),
    Run("gemini", "gemini-a-fix"),
    Run("gemini", "gemini-d-unicode"),
)
FAKE_SECRETS = (
    "alice.smith@example.com",
    "555-0132",
    "AKIAIOSFODNN7EXAMPLE",
    "sk-ant-api03-FAKE",
    "ghp_0123456789",
    "hunter2",
    "078-05-1120",
    "4111 1111 1111 1111",
    "/home/alice",
)
"""What the recordings hold on purpose; none of it may be readable in any byte the demo leaves on disk."""


@dataclass
class Stage:
    """The demo's world."""

    home: Path
    environ: dict[str, str]
    paths: Paths
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """One of our programs as a child, in the demo's home."""
        options.setdefault("stdout", subprocess.DEVNULL)
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], env=self.environ, stdin=subprocess.DEVNULL, **options
        )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End every child: politely, then for sure."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def demo(
    pace: Annotated[float, typer.Option(help="Seconds per recorded second; 1 is the pace it was recorded at.")] = 3.0,
    keep: Annotated[bool, typer.Option(help="Keep the demo's home and print where it is.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Replay recorded runs of all three CLIs through capture, queue and Central Command."""
    if not (math.isfinite(pace) and 0 <= pace <= MAX_PACE):
        raise UsageError(f"--pace {pace:g} is no pace.", f"Give seconds per recorded second: 0 to {MAX_PACE:g}.")
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _interrupt)
    with ExitStack() as stack:
        stage = stack.enter_context(_stage(keep=keep))
        address = _serve(stage)
        _switch_on(stage, address)
        view = stack.enter_context(View(quiet=as_json))
        _replay(stage, view, pace)
        result = _judge(stage, view, address)
    if as_json:
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        print(summary(result))
    if not result["ok"]:
        raise typer.Exit(1)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _stage(*, keep: bool) -> Iterator[Stage]:
    home = Path(tempfile.mkdtemp(prefix="groove-demo-"))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TERM", "VIRTUAL_ENV") if name in os.environ}
    environ = kept | {"HOME": str(home), "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    stage = Stage(home=home, environ=environ, paths=Paths.from_environment(environ))
    try:
        yield stage
    finally:
        stage.stop()
        if keep:
            print(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


def _serve(stage: Stage) -> str:
    process = stage.start(
        "central", "serve", "--data", str(stage.home / "central"), "--port", "0", stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SidecarError("Central Command did not start", "Run: groove-sidecar central serve --data DIR")
    return str(orjson.loads(line)["listening"])


def _switch_on(stage: Stage, address: str) -> None:
    switched = stage.start("sidecar.cli.main", "enable", "--yes", "--endpoint", address)
    if switched.wait(START_SECONDS) != 0:
        raise SidecarError("the demo's own consent could not be given", "Run it again with --keep and look.")
    stage.start("sidecar.cli.main", "run")
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if (_status(stage) or {}).get("capturing"):
            return
        time.sleep(POLL_SECONDS)
    raise SidecarError("the agent did not start", "Run: groove-sidecar run")


def _status(stage: Stage) -> dict[str, Any] | None:
    try:
        value: dict[str, Any] = ask_json(stage.paths.socket, "GET", "/status")
    except NotRunningError:
        return None
    return value


def _replay(stage: Stage, view: View, pace: float) -> None:
    """All runs at once, each behind `wrap`; the cut one dies in the middle of a line."""
    running = {}
    for run in RUNS:
        child = [
            sys.executable,
            "-m",
            "sidecar.cli.replay",
            str(DATA / f"{run.recording}.jsonl"),
            "--pace",
            f"{pace:g}",
        ]
        child += ["--cut", str(run.cut)] if run.cut else []
        command = ["sidecar.cli.main", "wrap", "--provider", run.provider, "--", *child]
        running[run.recording] = stage.start(*command)
    while any(process.poll() is None for process in running.values()):
        view.show({name: process.poll() for name, process in running.items()}, _status(stage))
        time.sleep(POLL_SECONDS)
    view.show({name: process.poll() for name, process in running.items()}, _status(stage))


def _judge(stage: Stage, view: View, address: str) -> dict[str, Any]:
    """Wait until nothing is left to do, then hold our books against Central Command's and search the bytes."""
    deadline = time.monotonic() + SETTLE_SECONDS
    status: dict[str, Any] = {}
    while time.monotonic() < deadline:
        status = _status(stage) or {}
        view.show(None, status)
        sessions = status.get("sessions", {})
        if sessions.get("delivered", 0) >= len(RUNS) and not status["buffered"] and not status["queued"]:
            break
        time.sleep(POLL_SECONDS)
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=START_SECONDS)
    connection.request("GET", "/v1/sessions")
    held = orjson.loads(connection.getresponse().read())["sessions"]
    connection.close()
    found = [secret for secret in FAKE_SECRETS if _readable(stage.home, secret.encode())]
    journaled = sum(status.get("steps", {}).values())
    received = sum(session["steps"] for session in held)
    whole = all(session["state"] == "closed" and session["whole"] for session in held)
    return {
        "ok": bool(len(held) == len(RUNS) and whole and journaled == received > 0 and not found),
        "sessions": held,
        "steps_journaled": journaled,
        "steps_received": received,
        "lost": journaled - received,
        "duplicated": sum(session.get("duplicates", 0) for session in held),
        "secrets_readable": len(found),
        "secrets_searched": len(FAKE_SECRETS),
        "status": status,
    }


def _readable(folder: Path, needle: bytes) -> bool:
    return any(needle in path.read_bytes() for path in folder.rglob("*") if path.is_file())
