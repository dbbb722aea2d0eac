"""Counts by name, kept across restarts.

Owns: the ledger table.
Never: opens a transaction; holds text of a captured line (names come from bounded vocabularies).
Invariant: a count only grows, in the transaction of what it counts; there are at most `MAX_NAMES` names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sidecar.store.records import plain

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

MAX_NAMES = 5_000
MAX_NAME = 200
GROUPS = {"changed": 300, "changed_by": 600}
"""Names of a group whose number a CLI we do not know decides: these keep room for the others."""


def add_counts(connection: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    """Add to the counts; past `MAX_NAMES` (or its group's), a new one is "<group>.other", so sums stay true."""
    for name, n in counts.items():
        if n and not _add(connection, plain(name, MAX_NAME), n):
            other = plain(name, MAX_NAME).partition(".")[0] + ".other"
            if not _add(connection, other, n):
                connection.execute("INSERT INTO ledger (name, n) VALUES (?, ?)", (other, n))


def _add(connection: sqlite3.Connection, name: str, n: int) -> bool:
    if connection.execute("UPDATE ledger SET n = n + ? WHERE name = ?", (n, name)).rowcount:
        return True
    if (connection.execute("SELECT max(id) FROM ledger").fetchone()[0] or 0) >= MAX_NAMES:
        return False
    group = name.partition(".")[0]
    if group in GROUPS:
        held = connection.execute("SELECT count(*) FROM ledger WHERE name > ? AND name < ?", (f"{group}.", f"{group}/"))
        if held.fetchone()[0] >= GROUPS[group]:
            return False
    connection.execute("INSERT INTO ledger (name, n) VALUES (?, ?)", (name, n))
    return True
