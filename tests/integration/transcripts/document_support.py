"""A chat document that grows as the CLI makes it grow, a tail on it that can be killed at any look, a real spool."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import anyio

sys.path.append(str(Path(__file__).parents[2] / "unit" / "recorder"))

from recorder_support import KEY, Crash, House, feed, house, told

from parsers.gemini_document import lines
from sidecar.capture.framing import Ending
from sidecar.counters import Counters
from sidecar.sources.base import SourceInfo
from sidecar.sources.document_tail import DocumentTail
from sidecar.sources.transcript_names import Home, classify

VERSIONS = Path(__file__).parents[2] / "data/versions"
STEM = "session-2026-11-20T15-58-ee19bd56"
__all__ = ["KEY", "Crash", "House", "Killed", "alone", "follow", "house", "pretty", "steps_of", "told"]


class Killed(Exception):  # noqa: N818 - what it stands for is no error
    """The process is gone."""


def states(version: str, scenario: str = "growing") -> list[dict]:
    """Every document the real CLI wrote, one after the other."""
    text = (VERSIONS / version / scenario / "states.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def pretty(document: dict) -> bytes:
    """As the CLI prints it."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")


class Script:
    """Stands where a tail waits for a change: writes the next bytes, or (None) kills the process."""

    def __init__(self, path: Path, script: list[bytes | None]) -> None:
        self.path = path
        self.script = script

    async def wait(self) -> None:
        if not self.script or (data := self.script.pop(0)) is None:
            raise Killed
        write(self.path, data)


def write(path: Path, data: bytes) -> None:
    """In place, as the CLI does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def tail(world: House, path: Path, changed, *, idle_seconds: float = 3_600.0, counters: Counters | None = None):
    """A tail of `path` into the recorder of `world`."""
    home = Home("gemini", path.parents[2])
    return DocumentTail(
        classify(home, path, KEY),
        owner=None,
        sink=world.recorder.record,
        lookup=world.recorder.lookup,
        changed=changed,
        turn=anyio.Semaphore(1),
        counters=counters or Counters(),
        idle_seconds=idle_seconds,
        key=KEY,
    )


async def follow(world: House, path: Path, script: list[bytes | None], crashes=()) -> None:
    """Follow a document through `script` (None: the process is killed and started again), then to its silent end.

    Each of `crashes` ((commit number, after it?)) is when the process dies next, counted from its start.
    """
    left = iter(crashes)
    world.restart(*next(left, (-1, False)))
    await follow_on(world, path, list(script), left)


async def follow_on(world: House, path: Path, script: list[bytes | None], left=()) -> None:
    """As `follow`, in the process there is; `script` is used up."""
    left = iter(left)
    over = False
    while not over:
        over = not script
        try:
            await tail(world, path, Script(path, script), idle_seconds=0.0 if over else 3_600.0).run()
            if script and (data := script.pop(0)) is not None:
                write(path, data)  # nobody waited: there was nothing to wait for
        except (Killed, Crash):
            over = False
            world.restart(*next(left, (-1, False)))
        else:
            over = over and not script


async def alone(folder: Path, document: dict) -> tuple[list, list]:
    """Steps and outcomes of the document taken in one go."""
    folder.mkdir(parents=True)
    async with house(folder) as world:
        info = SourceInfo("import:x", "import", "t", "gemini", dialect="transcript", conversation="ee19bd56")
        data = b"".join(line + b"\n" for line in lines(pretty(document)))
        await feed(world, info, data, 500, ending=Ending(idle=True))
        return await steps_of(world), await world.outcomes()


async def steps_of(world: House) -> list:
    """All steps of all sessions, in order, without the time they came."""
    return [{**step, "step": 0} for _, _, steps in await world.sessions() for step in told(steps)]
