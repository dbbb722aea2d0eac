"""The one place where `wrap` and `tee` begin a run.

Owns: `open_writer`: permission in full, the new run, and the question whether permission still holds.
Never: writes to stderr, which belongs to the command.
Invariant: no writer without a yes, and the yes is asked for again as soon as anything it rests on has changed.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from sidecar.consent import Standing, evaluate
from sidecar.errors import SidecarError
from sidecar.log import EventLog
from sidecar.paths import Paths
from sidecar.sources.writer import StreamWriter

if TYPE_CHECKING:
    from collections.abc import Callable


def open_writer(provider: str | None, role: str, agent_id: str | None, model: str | None) -> StreamWriter | None:
    """Begin a run, or None: capture is off, or its place cannot be written (the agent's `status` then says why)."""
    paths = Paths.from_environment(os.environ)
    if not evaluate(paths, os.environ).on:
        return None
    try:
        return StreamWriter.create(
            paths.streams,
            provider=provider,
            role=role,
            agent_id=agent_id,
            model=model,
            allowed=_permission(paths),
        )
    except (OSError, SidecarError) as error:
        _report(paths, error)
        return None


def _permission(paths: Paths) -> Callable[[], bool | None]:
    """Ask again only when a file the answer rests on has changed: a few `stat` calls otherwise."""
    watched = (paths.flag, paths.groove_consent, paths.consent_db, paths.config)

    def signature() -> list[tuple[int, int, int] | None]:
        found: list[tuple[int, int, int] | None] = []
        for path in watched:
            try:
                info = path.lstat()
                found.append((info.st_ino, info.st_mtime_ns, info.st_size))
            except OSError:
                found.append(None)
        return found

    known = signature()
    answers = {Standing.ON: True, Standing.SUSPENDED: None, Standing.REVOKED: False}

    def allowed() -> bool | None:
        nonlocal known
        now = signature()
        if now == known:
            return True
        answer = answers[evaluate(paths, os.environ).standing]
        if answer:
            known = now
        return answer

    return allowed


def _report(paths: Paths, error: Exception) -> None:
    """Say why nothing is captured, where the agent's own complaints stand: stderr belongs to the command."""
    reason = error.message if isinstance(error, SidecarError) else getattr(error, "strerror", None)
    with contextlib.suppress(SidecarError):  # the folder the log lies in is what is wrong
        EventLog(paths.log, time.time).event(
            "capture.not_started", level="error", hint="Free space, or check the state folder.", reason=reason
        )
