"""Runs of `wrap` and `tee` that lie in the state folder: raw bytes that wait to be read.

Owns: the look at stream files from outside.
Never: reads a byte of output, or deletes anything.
Invariant: a run that cannot be read is trouble; one that is read soon is not.
"""

from __future__ import annotations

import os
import shlex
import time
from typing import TYPE_CHECKING, Final

from sidecar.checkup.finding import Finding, Level, size, span, unlooked
from sidecar.errors import SidecarError
from sidecar.sources.layout import HALF_MADE, last_written, segments, writer_alive

if TYPE_CHECKING:
    from pathlib import Path

MAX_RUNS: Final = 2_000
LEFT_SECONDS: Final = 60.0
"""How long a run that ended may lie unread while an agent runs."""


def runs(streams: Path, *, reading: bool) -> Finding:
    """What waits there, and whether anybody reads it. `reading`: an agent runs and captures."""
    live = ended = total = foreign = 0
    oldest: float | None = None
    try:
        folders = sorted(one for one in streams.iterdir() if one.is_dir() and not one.name.startswith(HALF_MADE))
    except FileNotFoundError:
        folders = []
    except OSError as error:
        return unlooked("runs", str(streams), error)
    for folder in folders[:MAX_RUNS]:
        try:
            alive = writer_alive(folder)
            total += sum((folder / one.name).lstat().st_size for one in segments(os.listdir(folder)))  # noqa: PTH208 - names
        except FileNotFoundError:
            continue  # it was taken away while we looked
        except (OSError, SidecarError):
            foreign += 1
            continue
        live += alive
        ended += not alive
        written = None if alive else last_written(folder)
        if written is not None:
            oldest = written if oldest is None else min(oldest, written)
    facts = {"live": live, "ended": ended, "bytes": total, "unreadable": foreign}
    if foreign:
        text = f"{foreign} runs in {streams} cannot be read: not yours, or not whole"
        return Finding("runs", Level.TROUBLE, text, f"ls -la {shlex.quote(str(streams))}", facts)
    if not live and not ended:
        return Finding("runs", Level.OK, "nothing unread", facts=facts)
    text = f"{live} going on, {ended} ended and unread; {size(total)} of raw output wait"
    waited = 0.0 if oldest is None else time.time() - oldest
    if reading and ended and waited > LEFT_SECONDS:
        return Finding("runs", Level.WARNING, f"{text}, the oldest for {span(waited)}", "groove-sidecar status", facts)
    return Finding("runs", Level.OK, text, facts=facts)
