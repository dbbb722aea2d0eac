"""Envelopes that cannot go as they are, and what a person may do about them.

Owns: `ParkedEnvelope`, listing, retrying and dropping.
Never: decides that something is parked (a verdict does).
Invariant: a drop is counted as intended, and the steps it covers are destroyed with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sidecar.store.ledger import add_counts
from sidecar.store.records import step_key
from sidecar.store.revocation import delete_steps
from sidecar.wire.envelope import EnvelopeKind

if TYPE_CHECKING:
    import sqlite3


@dataclass(frozen=True, slots=True)
class ParkedEnvelope:
    """One row of `parked list`. `created` is unix seconds."""

    envelope_id: str
    session_id: str
    kind: EnvelopeKind
    first_step: int | None
    last_step: int | None
    attempts: int
    reason: str
    created: float


def read_parked(connection: sqlite3.Connection, limit: int) -> list[ParkedEnvelope]:
    """At most `limit` parked envelopes, oldest session first."""
    rows = connection.execute(
        "SELECT e.envelope_id, s.session_id, e.kind, e.first_step, e.last_step, e.attempts, e.reason, e.created"
        " FROM envelopes e JOIN sessions s ON s.id = e.session WHERE e.parked = 1"
        " ORDER BY e.session, e.ordinal LIMIT ?",
        (limit,),
    )
    return [ParkedEnvelope(row[0], row[1], EnvelopeKind(row[2]), *row[3:]) for row in rows]


def retry_parked(connection: sqlite3.Connection, envelope_id: str | None) -> int:
    """Queue it (or all) again, due at once. Its session is opened anew if opening is what failed."""
    connection.execute(
        "UPDATE deliveries SET open_not_before = 0 WHERE wire_id IS NULL"
        " AND session IN (SELECT session FROM envelopes WHERE parked = 1 AND (?1 IS NULL OR envelope_id = ?1))",
        (envelope_id,),
    )
    return connection.execute(
        "UPDATE envelopes SET parked = 0, attempts = 0, not_before = 0"
        " WHERE parked = 1 AND (?1 IS NULL OR envelope_id = ?1)",
        (envelope_id,),
    ).rowcount


def drop_parked(connection: sqlite3.Connection, envelope_id: str | None) -> int:
    """Destroy it (or all) with its steps."""
    rows = connection.execute(
        "DELETE FROM envelopes WHERE parked = 1 AND (?1 IS NULL OR envelope_id = ?1)"
        " RETURNING session, first_step, last_step",
        (envelope_id,),
    ).fetchall()
    steps = 0
    for session, first, last in rows:
        if first is not None:
            delete_steps(connection, step_key(session, first), step_key(session, last) + 1)
            connection.execute(
                "UPDATE sessions SET destroyed = destroyed + ? WHERE id = ?", (last - first + 1, session)
            )
            steps += last - first + 1
    add_counts(connection, {"drop.user.steps": steps, "drop.user.envelopes": len(rows)})
    return len(rows)
