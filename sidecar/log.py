"""The log: one JSON object a line, scrubbed, bounded.

Owns: `EventLog`.
Never: takes free text of a captured line: an event is a fixed name and plain facts.
Invariant: the file is 0600 and never larger than MAX_BYTES (one older generation is kept beside it).
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sidecar.paths import open_private

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BYTES = 4 << 20
MAX_VALUE = 500
KEEP_RECENT = 50


class EventLog:
    """Appends events to a file and remembers the latest. `scrub` sees every string before it is written."""

    def __init__(self, path: Path | None, clock: Callable[[], float], scrub: Callable[[str], str] = str) -> None:
        self._path = path
        self._clock = clock
        self.scrub = scrub
        self.recent: deque[dict[str, Any]] = deque(maxlen=KEEP_RECENT)
        self.unwritten = 0

    def event(self, name: str, *, level: str = "info", hint: str = "", **facts: object) -> None:
        """Write one event; a log that cannot be written (full disk) is counted, never raised."""
        record: dict[str, Any] = {"at": round(self._clock(), 3), "level": level, "event": name}
        record |= {key: self._plain(value) for key, value in facts.items()}
        if hint:
            record["hint"] = hint
        self.recent.append(record)
        if self._path is not None:
            try:
                self._write(orjson.dumps(record) + b"\n")
            except OSError:
                self.unwritten += 1

    def _plain(self, value: object) -> object:
        if isinstance(value, bool | int | float) or value is None:
            return value
        return self.scrub(str(value)[:MAX_VALUE]).encode("utf-8", "replace").decode()

    def _write(self, line: bytes) -> None:
        assert self._path is not None
        fd = open_private(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            if os.fstat(fd).st_size + len(line) > MAX_BYTES:
                self._path.replace(self._path.with_suffix(".log.1"))
                os.close(fd)
                fd = open_private(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(fd, line)
        finally:
            os.close(fd)


def where(error: BaseException) -> str:
    """Type and place of a failure. Its message stays out: it may quote a captured line."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
