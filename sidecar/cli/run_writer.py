"""The one place where `wrap` and `tee` begin a run.

Owns: `open_writer`: permission in full, the new run, and the question whether permission still holds.
Never: writes to stderr, which belongs to the command.
Invariant: no writer without a yes, and the yes is asked for again as soon as anything it rests on has changed.
"""

from __future__ import annotations

import contextlib
import os
import time

from sidecar.consent import Permission, Standing, evaluate, under
from sidecar.errors import SidecarError
from sidecar.log import EventLog
from sidecar.paths import Paths
from sidecar.sources.writer import StreamWriter

_ANSWERS: dict[Standing, bool | None] = {Standing.ON: True, Standing.SUSPENDED: None, Standing.REVOKED: False}


def open_writer(provider: str | None, role: str, agent_id: str | None, model: str | None) -> StreamWriter | None:
    """Begin a run, or None: capture is off, or its place cannot be written (the agent's `status` then says why)."""
    paths = Paths.from_environment(os.environ)
    try:
        permission = Permission(paths)  # before the question, so that no change after it goes unseen
    except (OSError, SidecarError):
        return None
    if not evaluate(paths, os.environ).on:
        permission.close()
        return None
    try:
        return StreamWriter.create(
            paths.streams,
            provider=provider,
            role=role,
            agent_id=agent_id,
            model=model,
            consent=under(paths),
            allowed=lambda: _ANSWERS[permission.standing(os.environ)],
        )
    except (OSError, SidecarError) as error:
        _report(paths, error)
        return None


def _report(paths: Paths, error: Exception) -> None:
    """Say why nothing is captured, where the agent's own complaints stand: stderr belongs to the command."""
    reason = error.message if isinstance(error, SidecarError) else getattr(error, "strerror", None)
    with contextlib.suppress(SidecarError):  # the folder the log lies in is what is wrong
        EventLog(paths.log, time.time).event(
            "capture.not_started", level="error", hint="Free space, or check the state folder.", reason=reason
        )
