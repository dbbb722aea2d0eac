"""The one place where `wrap` and `tee` begin a run.

Owns: `open_writer`: permission in full, the new run, and the question whether permission still holds.
Never: writes to stderr, which belongs to the command.
Invariant: no writer without a yes, and the yes is asked for again as soon as anything it rests on has changed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time

from sidecar.cli.wrap import may_capture
from sidecar.consent import Permission, Standing, evaluate, under
from sidecar.errors import SidecarError
from sidecar.log import EventLog
from sidecar.paths import Paths
from sidecar.sources.missed import count, prepare
from sidecar.sources.writer import StreamWriter

_ANSWERS: dict[Standing, bool | None] = {Standing.ON: True, Standing.SUSPENDED: None, Standing.REVOKED: False}


def open_writer(provider: str | None, role: str, agent_id: str | None, model: str | None) -> StreamWriter | None:
    """Begin a run, or None: capture is off, suspended, or has no place to write to (the log then says why)."""
    paths = Paths.from_environment(os.environ)
    permission = None
    with contextlib.suppress(OSError, SidecarError):  # without a readable flag the answer below is no
        permission = Permission(paths)  # before the question, so that no change after it goes unseen
    answer = evaluate(paths, os.environ)
    if permission is None or not answer.on:
        if permission is not None:
            permission.close()
        if answer.standing is Standing.SUSPENDED and may_capture():
            _report(paths, answer.reason, answer.hint, level="warning")
        return None
    try:
        writer = StreamWriter.create(
            paths.streams,
            provider=provider,
            role=role,
            agent_id=agent_id,
            model=model,
            consent=under(paths),
            allowed=lambda: _ANSWERS[permission.standing(os.environ)],
        )
        prepare(paths.state)
        return writer
    except (OSError, SidecarError) as error:
        permission.close()
        _report(paths, *_why(error))
        return None


def _why(error: OSError | SidecarError) -> tuple[str, str]:
    """The reason, and what to do about it."""
    if isinstance(error, SidecarError):
        return error.message, error.hint
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    hint = "Free space." if full else "Check owner and mode of the state folder."
    return error.strerror or type(error).__name__, hint


def _report(paths: Paths, reason: str, hint: str, *, level: str = "error") -> None:
    """Say why nothing is captured, where `status` and the log look: stderr belongs to the command."""
    count(paths.state, reason)
    with contextlib.suppress(SidecarError):  # the folder the log lies in is what is wrong
        EventLog(paths.log, time.time).event("capture.not_started", level=level, hint=hint, reason=reason)
