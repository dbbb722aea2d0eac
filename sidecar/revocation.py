"""Taking it all back: the journal's unsent part and the raw stream files.

Owns: the order of destruction. Never: touches what was delivered, or decides whether to destroy.
Invariant: after it returns, no unsent content is in any file of the state folder (or it says what stood in the way).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from sidecar.sources.streams import destroy as destroy_streams
from sidecar.store.database import Database
from sidecar.store.journal import Journal

if TYPE_CHECKING:
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
        async with Database.open(paths.spool) as database:
            counts |= await Journal(database).revoke()
    return counts


def destroy_unsent(paths: Paths) -> dict[str, int]:
    """`destroy`, for a command when no agent is running."""
    return anyio.run(destroy, paths)
