"""Sealed envelopes on their way: which goes next, and what a verdict does to it.

Owns: `Outbox`: claim, settle, opening of wire sessions, waiting times.
Never: sends, signs, or judges a reply.
Invariant: envelopes of a session are handed out in the order they were sealed; an envelope leaves the table only by a
receipt, by a person's `drop`, or by a revocation.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from sidecar.store.ledger import add_counts
from sidecar.store.parked import ParkedEnvelope, drop_parked, read_parked, retry_parked
from sidecar.store.records import MAX_REASON, Claim, plain, step_key
from sidecar.store.review import REVIEWED, approve, reject, set_policy
from sidecar.store.status import read_counts
from sidecar.wire.envelope import EnvelopeKind
from sidecar.wire.http import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sidecar.store.database import Database

INCOMPLETE = "steps are missing from the journal"

# The first queued envelope of every session, oldest session first, found by jumping through the index.
_HEADS = """
WITH RECURSIVE waiting (session) AS (
    SELECT min(session) FROM envelopes WHERE parked = 0
    UNION ALL
    SELECT (SELECT min(session) FROM envelopes WHERE parked = 0 AND session > waiting.session)
    FROM waiting WHERE waiting.session IS NOT NULL
), heads AS (
    SELECT session, (SELECT min(ordinal) FROM envelopes e WHERE e.parked = 0 AND e.session = waiting.session) AS ordinal
    FROM waiting WHERE session IS NOT NULL
)
"""
_DUE = "max(e.not_before, CASE WHEN d.wire_id IS NULL THEN coalesce(d.open_not_before, 0) ELSE 0 END)"
_NEXT = f"""{_HEADS}
SELECT e.envelope_id, e.kind, e.session, e.chunk_sequence, e.first_step, e.last_step, e.head, e.tail, e.attempts,
    e.created, s.session_id, s.provider, s.model, d.wire_id, d.secret, coalesce(d.next_sequence, 0) AS sequence,
    coalesce(d.open_attempts, 0) AS open_attempts, d.flight_envelope, d.flight_sequence,
    coalesce(d.doubtful, 0) AS doubtful
FROM heads CROSS JOIN envelopes e ON e.session = heads.session AND e.ordinal = heads.ordinal
JOIN sessions s ON s.id = e.session LEFT JOIN deliveries d ON d.session = e.session
WHERE s.session_id NOT IN (SELECT value FROM json_each(:exclude)) AND {_DUE} <= :now
    AND {REVIEWED}
LIMIT 1"""  # noqa: S608 - constant parts
_NEXT_DUE = f"""{_HEADS}
SELECT min({_DUE}) FROM heads CROSS JOIN envelopes e ON e.session = heads.session AND e.ordinal = heads.ordinal
JOIN sessions s ON s.id = e.session LEFT JOIN deliveries d ON d.session = e.session
WHERE s.session_id NOT IN (SELECT value FROM json_each(:exclude)) AND {REVIEWED}"""  # noqa: S608 - constant parts


class Outbox:
    """What the transmitter takes from and answers to. Times are unix seconds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, now: float, *, exclude: Collection[str] = ()) -> Claim | None:
        """The next envelope to send, or None if nothing is due.

        Per session in order of sealing: while its first queued envelope waits, the session waits; parked ones do not
        hold up later ones. `exclude`: sessions (local ids) that have one in flight. That the envelope was handed out
        is durable before this returns, so after a crash its outcome is known to be unknown.
        """
        skip = json.dumps(sorted(exclude))
        return await self._database.run(lambda connection: _claim(connection, now, skip))

    async def settle(self, claim: Claim, verdict: Verdict, now: float) -> bool:
        """Apply the verdict; False if the envelope is gone (revoked meanwhile). Shielded from cancellation."""
        return await self._database.run(lambda connection: _settle(connection, claim, verdict, now), shield=True)

    async def opened(self, session_id: str, wire_id: str, secret: bytes, now: float) -> bool:
        """Central Command knows the session as `wire_id` from now on; numbers start at 0. False if it is gone."""
        return await self._database.run(
            lambda connection: _opened(connection, session_id, wire_id, secret, now), shield=True
        )

    async def open_failed(self, session_id: str, verdict: Verdict, now: float) -> bool:
        """Opening did not work: wait (RETRY), or park all the session has queued (REJECTED). False if it is gone."""
        return await self._database.run(
            lambda connection: _open_failed(connection, session_id, verdict, now), shield=True
        )

    async def next_due(self, now: float, *, exclude: Collection[str] = ()) -> float | None:
        """When `claim` will have something: a time not before `now`, or None while nothing is queued."""
        skip = json.dumps(sorted(exclude))
        due = await self._database.run(
            lambda connection: connection.execute(_NEXT_DUE, {"exclude": skip}).fetchone()[0],
        )
        return None if due is None else max(now, due)

    async def counts(self, now: float | None = None) -> dict[str, Any]:
        """See `sidecar.store.status.read_counts`."""
        return await self._database.run(lambda connection: read_counts(connection, now))

    async def parked(self, limit: int = 1_000) -> list[ParkedEnvelope]:
        """What cannot go, with reasons, oldest first."""
        return await self._database.run(lambda connection: read_parked(connection, limit))

    async def retry(self, envelope_id: str | None = None) -> int:
        """Put a parked envelope (None: all) back into the queue; how many."""
        return await self._database.run(lambda connection: retry_parked(connection, envelope_id))

    async def drop(self, envelope_id: str | None = None) -> int:
        """Destroy a parked envelope (None: all) with its steps, as a counted, intended loss; how many."""
        return await self._database.run(lambda connection: drop_parked(connection, envelope_id))

    async def set_policy(self, policy: str) -> None:
        """`review_before_send` as the settings have it: "off", "first" or "always"."""
        await self._database.run(lambda connection: set_policy(connection, policy))

    async def approve(self, envelope_ids: Sequence[str], *, looked: bool = False) -> int:
        """Let held envelopes go (["all"]: all of now); how many. `looked`: a person has looked once."""
        return await self._database.run(lambda connection: approve(connection, envelope_ids, looked=looked))

    async def reject(self, envelope_ids: Sequence[str]) -> int:
        """Destroy held envelopes with their steps; how many. Their bytes are gone after `Journal.wipe`."""
        return await self._database.run(lambda connection: reject(connection, envelope_ids), shield=True)


def _claim(connection: sqlite3.Connection, now: float, exclude: str) -> Claim | None:
    while True:
        cursor = connection.execute(_NEXT, {"now": now, "exclude": exclude})
        cursor.row_factory = sqlite3.Row
        row = cursor.fetchone()
        if row is None:
            return None
        bodies = _bodies(connection, row)
        if bodies is not None:
            return _hand_out(connection, row, bodies)
        connection.execute(
            "UPDATE envelopes SET parked = 1, reason = ? WHERE envelope_id = ?", (INCOMPLETE, row["envelope_id"])
        )
        add_counts(connection, {"incomplete.chunk": 1})


def _bodies(connection: sqlite3.Connection, row: sqlite3.Row) -> tuple[bytes, ...] | None:
    """The steps' bytes in order, or None if some are not there."""
    first, last = row["first_step"], row["last_step"]
    if first is None:
        return ()
    found = connection.execute(
        "SELECT body FROM steps WHERE key BETWEEN ? AND ? ORDER BY key",
        (step_key(row["session"], first), step_key(row["session"], last)),
    ).fetchall()
    return tuple(body for (body,) in found) if len(found) == last - first + 1 else None


def _hand_out(connection: sqlite3.Connection, row: sqlite3.Row, bodies: tuple[bytes, ...]) -> Claim:
    flight = (row["flight_envelope"], row["flight_sequence"])
    maybe_sent = flight == (row["envelope_id"], row["sequence"])
    if row["wire_id"] is not None and not maybe_sent:
        connection.execute(
            "UPDATE deliveries SET flight_envelope = ?, flight_sequence = ? WHERE session = ?",
            (row["envelope_id"], row["sequence"], row["session"]),
        )
    return Claim(
        envelope_id=row["envelope_id"],
        kind=EnvelopeKind(row["kind"]),
        session_id=row["session_id"],
        wire_id=row["wire_id"],
        secret=row["secret"],
        sequence=row["sequence"],
        head=row["head"],
        tail=row["tail"],
        steps=bodies,
        provider=row["provider"],
        model=row["model"],
        attempts=row["attempts"],
        open_attempts=row["open_attempts"],
        created=row["created"],
        maybe_sent=maybe_sent,
        doubtful=bool(row["doubtful"]),
        chunk_sequence=row["chunk_sequence"],
        first_step=row["first_step"],
        last_step=row["last_step"],
    )


def _settle(connection: sqlite3.Connection, claim: Claim, verdict: Verdict, now: float) -> bool:
    found = connection.execute(
        "SELECT session, ordinal FROM envelopes WHERE envelope_id = ?", (claim.envelope_id,)
    ).fetchone()
    if found is None:
        add_counts(connection, {f"settle.gone.{verdict.outcome.value}": 1})
        return False
    session, ordinal = found
    reason = plain(verdict.reason, MAX_REASON)
    if verdict.outcome is Outcome.ACCEPTED:
        _receipt(connection, claim, session, ordinal, now)
        add_counts(connection, {f"sent.{claim.kind.value}": 1, "sent.duplicate": int(verdict.duplicate)})
    elif verdict.outcome is Outcome.RETRY:
        connection.execute(
            "UPDATE envelopes SET attempts = attempts + 1, not_before = ?, reason = ? WHERE envelope_id = ?",
            (now + (verdict.after or 0.0), reason, claim.envelope_id),
        )
        add_counts(connection, {"retry": 1})
    else:
        connection.execute(
            "UPDATE envelopes SET parked = 1, attempts = attempts + 1, reason = ? WHERE envelope_id = ?",
            (reason, claim.envelope_id),
        )
        add_counts(connection, {"rejected": 1})
    _advance(connection, session, claim, verdict)
    return True


def _receipt(connection: sqlite3.Connection, claim: Claim, session: int, ordinal: int, now: float) -> None:
    steps = 0 if claim.first_step is None or claim.last_step is None else claim.last_step - claim.first_step + 1
    connection.execute("DELETE FROM envelopes WHERE envelope_id = ?", (claim.envelope_id,))
    connection.execute(
        "INSERT INTO receipts (envelope_id, session, ordinal, kind, chunk_sequence, first_step, last_step, sequence,"
        " summary, bytes, accepted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            claim.envelope_id,
            session,
            ordinal,
            claim.kind.value,
            claim.chunk_sequence,
            claim.first_step,
            claim.last_step,
            claim.sequence,
            None if claim.kind is EnvelopeKind.CHUNK else claim.head,
            sum(map(len, claim.steps)),
            now,
        ),
    )
    connection.execute(
        "UPDATE sessions SET delivered = delivered + ?, close_sent = max(close_sent, ?) WHERE id = ?",
        (steps, claim.kind is EnvelopeKind.CLOSE, session),
    )


def _advance(connection: sqlite3.Connection, session: int, claim: Claim, verdict: Verdict) -> None:
    """Move the wire session's number, and remember what is not known about the attempt."""
    if verdict.session_lost:
        connection.execute(
            "UPDATE deliveries SET wire_id = NULL, secret = NULL, next_sequence = 0, opened_at = NULL,"
            " flight_envelope = NULL, flight_sequence = NULL, doubtful = 0 WHERE session = ?",
            (session,),
        )
        add_counts(connection, {"session_lost": 1})
        return
    accepted = verdict.outcome is Outcome.ACCEPTED
    spent = verdict.sequence_spent or (accepted and claim.kind is not EnvelopeKind.FEEDBACK)
    sequence = claim.sequence + spent if verdict.expected is None else verdict.expected
    unknown = verdict.outcome is Outcome.RETRY and (claim.maybe_sent or verdict.unknown) and sequence == claim.sequence
    doubtful = verdict.doubt or (claim.doubtful and (not accepted or verdict.duplicate))
    connection.execute(
        "UPDATE deliveries SET next_sequence = ?1, flight_envelope = ?2, flight_sequence = ?3, doubtful = ?4"
        " WHERE session = ?5 AND (?6 IS NULL OR wire_id = ?6)",
        (
            sequence,
            claim.envelope_id if unknown else None,
            sequence if unknown else None,
            doubtful,
            session,
            claim.wire_id,
        ),
    )


def _opened(connection: sqlite3.Connection, session_id: str, wire_id: str, secret: bytes, now: float) -> bool:
    """Whoever opened sends next: the first in line counts as handed out at number 0, claimed again or not."""
    return bool(
        connection.execute(
            "INSERT OR REPLACE INTO deliveries (session, wire_id, secret, opened_at, flight_envelope, flight_sequence)"
            " SELECT s.id, ?, ?, ?, (SELECT envelope_id FROM envelopes WHERE session = s.id AND parked = 0"
            " ORDER BY ordinal LIMIT 1), 0 FROM sessions s WHERE s.session_id = ?",
            (wire_id, secret, now, session_id),
        ).rowcount,
    )


def _open_failed(connection: sqlite3.Connection, session_id: str, verdict: Verdict, now: float) -> bool:
    row = connection.execute("SELECT id FROM sessions WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        return False
    reason = plain(verdict.reason, MAX_REASON)
    connection.execute(
        "INSERT INTO deliveries (session, open_attempts, open_not_before, open_reason) VALUES (?, 1, ?, ?)"
        " ON CONFLICT (session) DO UPDATE SET open_attempts = open_attempts + 1,"
        " open_not_before = excluded.open_not_before, open_reason = excluded.open_reason",
        (row[0], now + (verdict.after or 0.0), reason),
    )
    if verdict.outcome is Outcome.REJECTED:
        parked = connection.execute(
            "UPDATE envelopes SET parked = 1, reason = ? WHERE session = ? AND parked = 0",
            (plain(f"open: {verdict.reason}", MAX_REASON), row[0]),
        ).rowcount
        add_counts(connection, {"rejected": parked})
    return True
