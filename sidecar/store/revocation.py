"""Taking it all back: what was not sent is destroyed, down to the bytes of the files.

Owns: what a revocation deletes, and the rewriting of the file after it.
Never: touches what was delivered (that is the user's own corpus), sends or flushes.
Invariant: after `wipe` answers True, no byte of what was destroyed is in spool.db or its log. (secure_delete alone does
not do it: SQLite moves rows between pages and leaves copies in the gaps, so the file is rewritten.)
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sidecar.store.conversations import end_runs
from sidecar.store.ledger import add_counts
from sidecar.store.records import STEP_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable

VACUUM_IN_MEMORY = 32 << 20
"""A larger file is rewritten by way of a temporary file (which holds only what stays)."""
WIPE_TRIES = 3
"""Each waits up to the connection's busy timeout for readers to let go."""
_PENDING = "wipe_pending"
_CONSENT = "consent"
_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def destroy_unsent(connection: sqlite3.Connection, now: float) -> dict[str, int]:
    """Delete unsent steps, envelopes, secrets, parser and capture states; leave "skip to here" for every source."""
    one = connection.execute(
        "SELECT coalesce(sum(journaled - delivered - destroyed), 0), count(*) FROM sessions",
    ).fetchone()
    queued, parked = connection.execute(
        "SELECT count(*) FILTER (WHERE parked = 0), count(*) FILTER (WHERE parked = 1) FROM envelopes",
    ).fetchone()
    connection.execute("DELETE FROM envelopes")
    for (session,) in connection.execute("SELECT id FROM sessions").fetchall():
        _delete_undelivered(connection, session)
    connection.execute("DELETE FROM deliveries WHERE session NOT IN (SELECT session FROM receipts)")
    connection.execute("UPDATE deliveries SET secret = NULL, flight_envelope = NULL, flight_sequence = NULL")
    gone = connection.execute("DELETE FROM sessions WHERE id NOT IN (SELECT session FROM receipts)").rowcount
    connection.execute(
        "UPDATE sessions SET closed = 1, capture = '{}', sealed = journaled, destroyed = journaled - delivered",
    )
    sources = connection.execute(
        "UPDATE sources SET replay_from = position, parser = '{}', hint = '{}', skip = 1, updated = ?", (now,)
    ).rowcount
    end_runs(connection, now)
    connection.execute("DELETE FROM meta WHERE name = 'review.looked'")  # who comes back looks again
    mark_wipe(connection)
    counts = {"steps": one[0], "envelopes": queued, "parked": parked, "sessions": gone, "sources": sources}
    add_counts(connection, {"drop.revoked.steps": one[0], "drop.revoked.envelopes": queued + parked})
    return counts


def _delete_undelivered(connection: sqlite3.Connection, session: int) -> None:
    """Delete the session's steps except the ranges that have a receipt."""
    receipts: Iterable[tuple[int, int]] = connection.execute(
        "SELECT first_step, last_step FROM receipts WHERE session = ? AND first_step IS NOT NULL ORDER BY first_step",
        (session,),
    ).fetchall()
    start = session << STEP_BITS
    for first, last in receipts:
        delete_steps(connection, start, (session << STEP_BITS) + first)
        start = (session << STEP_BITS) + last + 1
    delete_steps(connection, start, (session + 1) << STEP_BITS)


def delete_steps(connection: sqlite3.Connection, start: int, end: int) -> int:
    """Delete the rows with start <= key < end; how many there were. secure_delete overwrites them with zeros."""
    connection.execute("DELETE FROM redactions WHERE key >= ? AND key < ?", (start, end))
    return connection.execute("DELETE FROM steps WHERE key >= ? AND key < ?", (start, end)).rowcount


def begins_anew(connection: sqlite3.Connection, consent: str) -> bool:
    """Whether what is held was captured under another yes than `consent` names: then it must be destroyed first."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (_CONSENT,)).fetchone()
    return row is not None and row[0] != consent


def captured_under(connection: sqlite3.Connection, consent: str) -> None:
    """From now on what is captured belongs to this yes."""
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_CONSENT, consent))


def mark_wipe(connection: sqlite3.Connection) -> None:
    """The file has to be rewritten: rows were destroyed that must not be found in it."""
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, '1')", (_PENDING,))


def wipe_pending(connection: sqlite3.Connection) -> bool:
    """Whether a revocation's rewriting of the file is still to be done."""
    return connection.execute("SELECT 1 FROM meta WHERE name = ?", (_PENDING,)).fetchone() is not None


def wipe(connection: sqlite3.Connection) -> bool:
    """Rewrite the whole file and empty the log; outside a transaction.

    False if readers kept old pages in use, or there was no room to rewrite; the log is then emptied as far as possible.
    """
    for _ in range(WIPE_TRIES):
        if _rewrite(connection) and empty_log(connection):
            connection.execute("DELETE FROM meta WHERE name = ?", (_PENDING,))
            return True
    return False


def _rewrite(connection: sqlite3.Connection) -> bool:
    size = connection.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
    connection.execute(f"PRAGMA temp_store = {'FILE' if size > VACUUM_IN_MEMORY else 'MEMORY'}")
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _PASSING:
            raise
        empty_log(connection)
        return False
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")
    return True


def empty_log(connection: sqlite3.Connection) -> bool:
    """Move the log into the file and cut it to nothing; False if that is not possible now."""
    try:
        busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in _PASSING:
            raise
        return False
    return not busy
