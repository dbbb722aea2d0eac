"""What `wrap` and `tee` could not keep, where the agent's books do not reach: runs never begun, runs that lose now.

Owns: the file that counts runs which could not begin, and the note a writer leaves in its lock while it loses.
Never: holds a word of output or of a command; waits for the disk.
Invariant: the room for what must be written on a full disk was taken before the disk was full.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from sidecar.errors import SidecarError
from sidecar.paths import open_private

if TYPE_CHECKING:
    from pathlib import Path

FILE = "missed.json"
FILE_BYTES = 4096
NOTE_BYTES = 512
MAX_REASONS = 16
MAX_REASON = 100
MAX_RUNS = 2_000
OTHER = "other"
TRIES = 200
TRY_SECONDS = 0.005


class Note(NamedTuple):
    """A run's loss so far: `now` while the next byte would be lost as well."""

    reason: str
    lost_bytes: int
    now: bool


def prepare(state: Path) -> None:
    """Take the room for the counts, if that was not done yet. Called when there is room; never raises."""
    with contextlib.suppress(OSError, SidecarError):
        path = state / FILE
        if path.exists() and path.stat().st_size >= FILE_BYTES:
            return
        fd = open_private(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(fd).st_size < FILE_BYTES:
                _write(fd, _counts(os.pread(fd, FILE_BYTES, 0)))
        finally:
            os.close(fd)


def count(state: Path, reason: str) -> None:
    """A run could not begin for `reason`. Never raises: on a full disk it needs the room `prepare` took."""
    with contextlib.suppress(OSError, SidecarError):
        fd = open_private(state / FILE, os.O_RDWR | os.O_CREAT)
        try:
            _hold(fd)
            counts = _counts(os.pread(fd, FILE_BYTES, 0))
            name = "".join(c if " " <= c <= "~" else "?" for c in reason)[:MAX_REASON]
            if name not in counts and len(counts) >= MAX_REASONS:
                name = OTHER
            counts[name] = counts.get(name, 0) + 1
            _write(fd, counts)
        finally:
            os.close(fd)


def missed(state: Path) -> dict[str, int]:
    """Runs that could not begin, by reason."""
    try:
        fd = open_private(state / FILE, os.O_RDONLY)
    except (OSError, SidecarError):
        return {}
    try:
        return _counts(os.pread(fd, FILE_BYTES, 0))
    except OSError:
        return {}
    finally:
        os.close(fd)


def note_room(lock: int) -> None:
    """Take the room for a note in a run's lock file. OSError when there is none."""
    os.pwrite(lock, b" " * NOTE_BYTES, 0)


def write_note(lock: int, note: Note) -> None:
    """Leave (or renew) the note. Never raises."""
    with contextlib.suppress(OSError):
        os.pwrite(lock, json.dumps(note._asdict()).encode()[:NOTE_BYTES].ljust(NOTE_BYTES), 0)


def read_note(lock: Path) -> Note | None:
    """The note in a run's lock file, None if its writer lost nothing."""
    try:
        fd = open_private(lock, os.O_RDONLY)
        try:
            value = json.loads(os.pread(fd, NOTE_BYTES, 0).strip() or b"null")
        finally:
            os.close(fd)
    except (OSError, SidecarError, ValueError):
        return None
    if not isinstance(value, dict):
        return None
    reason, lost, now = value.get("reason"), value.get("lost_bytes"), value.get("now")
    if not isinstance(reason, str) or not isinstance(lost, int) or isinstance(lost, bool) or lost < 0:
        return None
    return Note(reason[:MAX_REASON], lost, now is True)


def _hold(fd: int) -> None:
    """Take the lock; BlockingIOError if somebody keeps it: a command does not wait for a stopped neighbour."""
    for _ in range(TRIES):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(TRY_SECONDS)
        else:
            return
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _counts(data: bytes) -> dict[str, int]:
    try:
        value: Any = json.loads(data.strip() or b"{}")
    except (ValueError, RecursionError):
        return {}  # torn by a crash in the middle of a write
    if not isinstance(value, dict):
        return {}
    known = {name: n for name, n in value.items() if isinstance(n, int) and not isinstance(n, bool) and n > 0}
    return dict(list(known.items())[: MAX_REASONS + 1])


def _write(fd: int, counts: dict[str, int]) -> None:
    os.pwrite(fd, json.dumps(counts).encode()[: FILE_BYTES - 1].ljust(FILE_BYTES - 1) + b"\n", 0)
