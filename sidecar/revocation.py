"""Taking it all back: the journal's unsent part, the raw stream files, the learned names.

Owns: the order of destruction. Never: touches what was delivered, or decides whether to destroy.
Invariant: after it returns, no unsent content is in any file of the state folder (or it says what stood in the way).
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from sidecar.errors import StoreCorruptError
from sidecar.names import destroy as destroy_names
from sidecar.paths import names_file, open_private
from sidecar.sources.streams import destroy as destroy_streams
from sidecar.store.database import Database
from sidecar.store.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from sidecar.paths import Paths


async def destroy(paths: Paths) -> dict[str, int]:
    """Destroy what was not sent. The caller has ended everything that captures or sends.

    Answers counts by kind; "wiped" 0 = a reader of spool.db kept old pages in use: the rows are gone, the file still
    has to be rewritten (call again). Raises StoreError when the disk is full: call again.
    """
    # Raw bytes first: they are the only ones no scrubber has seen.
    removed = await anyio.to_thread.run_sync(destroy_streams, paths.streams)
    counts = {"stream files": removed.files}
    if paths.spool.exists():
        try:
            async with Database.open(paths.spool) as database:
                counts |= await Journal(database).revoke()
        except StoreCorruptError:
            # Nobody can tell its parts apart any more, so all of it goes.
            counts["damaged spool"] = await anyio.to_thread.run_sync(_remove, paths.spool)
    counts["names"] = await anyio.to_thread.run_sync(destroy_names, names_file(paths.state))
    return counts


def _remove(spool: Path) -> int:
    for path in (spool, spool.with_name(f"{spool.name}-wal"), spool.with_name(f"{spool.name}-shm")):
        with contextlib.suppress(FileNotFoundError):
            fd = open_private(path, os.O_WRONLY)
            try:
                os.ftruncate(fd, 0)
            finally:
                os.close(fd)
            path.unlink()
    return 1


def destroy_unsent(paths: Paths) -> dict[str, int]:
    """`destroy`, for a command when no agent is running."""
    return anyio.run(destroy, paths)
