"""Reading later what was delivered: the user's own corpus.

Owns: listing, iterating and pruning of delivered steps.
Never: shows or removes what is still to be sent.
Invariant: a step is in the corpus exactly if a receipt covers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.store.records import MAX_LABEL, STEP_BITS, plain, step_key
from sidecar.store.revocation import delete_steps

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sidecar.store.database import Database

PRUNE_CHUNKS = 50
"""Chunks removed in one transaction, so that journaling never waits long."""
GIVE_BACK_PAGES = 2_000
"""Free pages given back in one go (16 MB), for the same reason."""


@dataclass(frozen=True, slots=True)
class CorpusSession:
    """A session of which something was delivered. Times are unix seconds; `steps` those still kept."""

    session_id: str
    wire_id: str | None
    label: str
    provider: str
    model: str
    started: float
    updated: float
    steps: int
    complete: bool
    """Its close was accepted too."""


@dataclass(frozen=True, slots=True)
class CorpusStep:
    """A delivered step: `body` is the canonical JSON that travelled."""

    session_id: str
    number: int
    type: str
    body: bytes


class Corpus:
    """Upkeep of the corpus, on the writer's thread. Reading needs no agent: see the functions below."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prune(self, max_bytes: int) -> int:
        """Forget delivered steps, oldest first, until at most `max_bytes` of bodies are kept; how many went."""
        total = 0
        while True:
            gone, more = await self._database.run(lambda connection: prune_some(connection, max_bytes))
            total += gone
            if not more:
                break
        while total and await self._database.run(give_back, alone=True):
            pass
        return total

    async def delete(self, session_id: str | None = None) -> int:
        """Forget what was delivered of one session (None: of all), outcome included; how many steps went.

        The bytes are gone from the file after `Journal.wipe`.
        """
        return await self._database.run(lambda connection: delete_delivered(connection, session_id), shield=True)


def list_sessions(connection: sqlite3.Connection, limit: int = 1_000, before: int | None = None) -> list[CorpusSession]:
    """Newest first. `before`: unix seconds, for the next page."""
    rows = connection.execute(
        "SELECT s.session_id, d.wire_id, s.label, s.provider, s.model, s.started, s.updated, s.delivered - s.pruned,"
        " s.close_sent FROM sessions s LEFT JOIN deliveries d ON d.session = s.id"
        " WHERE s.delivered > s.pruned AND (?1 IS NULL OR s.started < ?1) ORDER BY s.started DESC, s.id DESC LIMIT ?2",
        (before, limit),
    )
    return [CorpusSession(a, b, c, d, e, f, g, n, bool(complete)) for a, b, c, d, e, f, g, n, complete in rows]


def iterate_steps(connection: sqlite3.Connection, session_id: str | None = None) -> Iterator[CorpusStep]:
    """Delivered steps in order, of one session or of all, oldest first. Memory is flat."""
    rows = connection.execute(
        "SELECT s.session_id, steps.key & ?1, steps.type, steps.body FROM receipts r"
        " JOIN sessions s ON s.id = r.session"
        " JOIN steps ON steps.key BETWEEN (r.session << ?2) + r.first_step AND (r.session << ?2) + r.last_step"
        " WHERE r.kept = 1 AND r.first_step IS NOT NULL AND (?3 IS NULL OR s.session_id = ?3)"
        " ORDER BY r.session, r.first_step, steps.key",
        ((1 << STEP_BITS) - 1, STEP_BITS, None if session_id is None else plain(session_id, MAX_LABEL)),
    )
    for row in rows:
        yield CorpusStep(*row)


def outcomes(connection: sqlite3.Connection, session_id: str) -> list[tuple[str, bytes]]:
    """What was delivered besides steps: (kind, canonical head) of closes and feedback, in order."""
    return connection.execute(
        "SELECT r.kind, r.summary FROM receipts r JOIN sessions s ON s.id = r.session"
        " WHERE s.session_id = ? AND r.summary IS NOT NULL ORDER BY r.ordinal",
        (session_id,),
    ).fetchall()


def corpus_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the bodies of delivered steps that are kept."""
    found: int = connection.execute(
        "SELECT coalesce(sum(bytes), 0) FROM receipts WHERE kept = 1",
    ).fetchone()[0]
    return found


def give_back(connection: sqlite3.Connection) -> bool:
    """Return up to `GIVE_BACK_PAGES` free pages to the file system, outside a transaction; whether more are free."""
    connection.executescript(f"PRAGMA incremental_vacuum({GIVE_BACK_PAGES})")  # `execute` would stop after one page
    return bool(connection.execute("PRAGMA freelist_count").fetchone()[0])


def delete_delivered(connection: sqlite3.Connection, session_id: str | None) -> int:
    """Delete delivered steps and outcomes; what is still to be sent stays."""
    rows = connection.execute(
        "UPDATE receipts SET kept = 0, summary = NULL WHERE (kept = 1 OR summary IS NOT NULL)"
        " AND (?1 IS NULL OR session IN (SELECT id FROM sessions WHERE session_id = ?1))"
        " RETURNING session, first_step, last_step",
        (session_id,),
    ).fetchall()
    total = 0
    for session, first, last in rows:
        if first is not None:
            gone = delete_steps(connection, step_key(session, first), step_key(session, last) + 1)
            connection.execute("UPDATE sessions SET pruned = pruned + ? WHERE id = ?", (gone, session))
            total += gone
    return total


def prune_some(connection: sqlite3.Connection, max_bytes: int) -> tuple[int, bool]:
    """Remove up to `PRUNE_CHUNKS` of the oldest delivered chunks; (steps removed, whether more must go)."""
    surplus = corpus_bytes(connection) - max_bytes
    removed = 0
    rows = connection.execute(
        "SELECT rowid, session, first_step, last_step, bytes FROM receipts WHERE first_step IS NOT NULL"
        " AND last_step IS NOT NULL AND kept = 1 ORDER BY accepted, session, ordinal LIMIT ?",
        (PRUNE_CHUNKS,),
    ).fetchall()
    for rowid, session, first, last, size in rows:
        if surplus <= 0:
            break
        gone = delete_steps(connection, step_key(session, first), step_key(session, last) + 1)
        surplus -= size
        connection.execute("UPDATE sessions SET pruned = pruned + ? WHERE id = ?", (gone, session))
        connection.execute("UPDATE receipts SET kept = 0 WHERE rowid = ?", (rowid,))
        removed += gone
    return removed, surplus > 0 and bool(rows)
