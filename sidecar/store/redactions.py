"""The redaction ledger's rows.

Owns: writing and reading what was replaced in which step.
Never: holds a replaced value.
Invariant: rows come in the transaction of their step and go with it, whatever destroys it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.redaction import Redaction
from sidecar.store.records import step_key

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from sidecar.wire.envelope import Numbered


def write_redactions(connection: sqlite3.Connection, session: int, steps: Sequence[Numbered]) -> None:
    """Keep what was replaced in these steps; a step without a replacement costs nothing."""
    rows = [
        (step_key(session, step.number), ordinal, *redaction)
        for step in steps
        if step.redactions
        for ordinal, redaction in enumerate(step.redactions)
    ]
    if rows:
        connection.executemany("INSERT INTO redactions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def read_redactions(
    connection: sqlite3.Connection, session: int, first: int, last: int
) -> Iterator[tuple[int, Redaction]]:
    """(step number, entry) of the steps `first`..`last` of a session (its row id), in order."""
    base = step_key(session, 0)
    rows = connection.execute(
        "SELECT key - ?, pointer, in_key, start, length, category, rule, hash FROM redactions"
        " WHERE key BETWEEN ? AND ? ORDER BY key, ordinal",
        (base, base + first, base + last),
    )
    for number, pointer, in_key, *rest in rows:
        yield number, Redaction(pointer, bool(in_key), *rest)
