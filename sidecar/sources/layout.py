"""How a run lies on disk: one folder per run of an agent, cut into segments.

Owns: the names inside `streams/`, the facts kept about a run (`RunFacts`, `RunEnd`), and the removal of a run.
Never: stores an argument or a value of the environment, except the model's name.
Invariant: a folder whose name does not start with a dot is complete: it has its facts, and its writer holds the lock.

    streams/<run>/meta.json   who, since when; at the end how it ended
    streams/<run>/lock        flock held by the writer as long as it lives; in it, what was lost so far (`missed`)
    streams/<run>/00000000000000000000.part   bytes from that offset on, SEGMENT_BYTES at most
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar.errors import UnsafePathError
from sidecar.paths import open_private, read_private, write_private

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
META = "meta.json"
LOCK = "lock"
SUFFIX = ".part"
OFFSET_DIGITS = 20
SEGMENT_BYTES = 8 * 1024 * 1024
META_BYTES = 4096
"""The facts are padded to this, so that the end can still be written in place on a full disk."""
HALF_MADE = "."
"""First character of a folder that is being made."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known when the agent starts. `started` is unix seconds, `pid` the writer's."""

    run: str
    provider: str | None
    role: str | None
    agent_id: str | None
    model: str | None
    started: float
    pid: int
    consent: str | None = None
    """Names the yes it was begun under."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """What is known when its output ended. `lost_bytes` were not kept, for `lost_reason`.

    `hole_bytes` of them lie between segments: whoever reads the segments sees these missing.
    """

    exit_code: int | None = None
    signal: int | None = None
    lost_bytes: int = 0
    lost_reason: str | None = None
    hole_bytes: int = 0


class Segment(NamedTuple):
    """One piece of the output: `start` is the offset of its first byte."""

    start: int
    name: str


def segment_name(start: int) -> str:
    """The name of the segment that begins at `start`."""
    return f"{start:0{OFFSET_DIGITS}d}{SUFFIX}"


def segments(names: list[str]) -> list[Segment]:
    """The segments among the names of a folder, in order of their offsets."""
    found = []
    for name in names:
        stem = name.removesuffix(SUFFIX)
        if stem != name and len(stem) == OFFSET_DIGITS and stem.isascii() and stem.isdigit():
            found.append(Segment(int(stem), name))
    return sorted(found)


def write_facts(folder: Path, facts: RunFacts, end: RunEnd | None = None) -> None:
    """Replace `meta.json` atomically; on a full disk overwrite it where it lies.

    OSError if neither works: the reason why no file could be made when there is none yet to overwrite.
    """
    value: dict[str, Any] = {"format": FORMAT, **asdict(facts)}
    if end is not None:
        value["end"] = asdict(end)
    data = json.dumps(value).encode().ljust(META_BYTES) + b"\n"
    try:
        write_private(folder / META, data)
    except OSError as error:
        try:
            fd = open_private(folder / META, os.O_WRONLY)
        except FileNotFoundError:
            raise error from None
        try:
            os.pwrite(fd, data, 0)
        finally:
            os.close(fd)


def read_facts(folder: Path) -> tuple[RunFacts, RunEnd | None]:
    """What `meta.json` says; whatever is missing or of a wrong type is None. The folder's name is the run."""
    try:
        value = json.loads(read_private(folder / META) or b"{}")
    except (ValueError, RecursionError):
        value = {}
    if not isinstance(value, dict):
        value = {}
    started = value.get("started")
    facts = RunFacts(
        run=folder.name,
        provider=_text(value.get("provider")),
        role=_text(value.get("role")),
        agent_id=_text(value.get("agent_id")),
        model=_text(value.get("model")),
        started=float(started) if isinstance(started, int | float) else 0.0,
        pid=_number(value.get("pid")) or 0,
        consent=_text(value.get("consent")),
    )
    raw = value.get("end")
    if not isinstance(raw, dict):
        return facts, None
    known = {field.name: raw.get(field.name) for field in fields(RunEnd)}
    return facts, RunEnd(
        exit_code=_number(known["exit_code"]),
        signal=_number(known["signal"]),
        lost_bytes=_number(known["lost_bytes"]) or 0,
        lost_reason=_text(known["lost_reason"]),
        hole_bytes=_number(known["hole_bytes"]) or 0,
    )


def writer_alive(folder: Path) -> bool:
    """Whether whoever writes this run still holds its lock. OSError or SidecarError if it is none of ours.

    Taking the lock for a moment, shared, harms nobody: a writer takes it before its run has a name.
    """
    fd = open_private(folder / LOCK, os.O_RDONLY)
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def last_written(folder: Path) -> float | None:
    """When a run was last written to, unix seconds: its last byte, or the note of how it ended."""
    try:
        with os.scandir(folder) as entries:
            return max((entry.stat(follow_symlinks=False).st_mtime for entry in entries), default=None)
    except OSError:
        return None


def is_empty(folder: Path) -> bool:
    """Whether a run holds not one byte of output, and nobody wrote down how it ended. OSError as the folder gives."""
    names = os.listdir(folder)  # noqa: PTH208  # names, not paths
    if any((folder / one.name).lstat().st_size for one in segments(names)):
        return False
    return read_facts(folder)[1] is None


class Removed(NamedTuple):
    """What a removal took away."""

    files: int = 0
    bytes: int = 0


def remove_run(folder: Path) -> Removed:
    """Empty and unlink every file of a run, then the folder. What is already gone is fine; a subfolder stays.

    Files are cut to nothing first: a writer or reader that still holds one open keeps no byte of it. The facts and
    the lock go last: whoever is killed half-way leaves a run that can still be told from a living one.
    """
    files = size = 0
    try:
        names = os.listdir(folder)  # noqa: PTH208  # names, not paths: thousands of them
        names.sort(key=lambda name: (name == LOCK, name == META))
    except OSError:
        return Removed()
    for name in names:
        path = folder / name
        with suppress(OSError, UnsafePathError):  # a link, or not a file: it goes, what it leads to stays
            fd = open_private(path, os.O_WRONLY | os.O_NONBLOCK)
            try:
                size += os.fstat(fd).st_size
                os.ftruncate(fd, 0)
            finally:
                os.close(fd)
        with suppress(OSError):
            path.unlink()
            files += 1
    with suppress(OSError):
        folder.rmdir()
    return Removed(files, size)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
