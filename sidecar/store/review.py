"""Holding envelopes until a person has looked at them (`review_before_send`).

Owns: the policy as the spool knows it, approval, rejection, and what `preview` reads.
Never: decides the policy (settings do), or sends.
Invariant: while the policy asks for a look, no envelope is handed out that was not looked at, restarts or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar.store.ledger import add_counts
from sidecar.store.records import load_json, step_key
from sidecar.store.redactions import read_redactions
from sidecar.store.revocation import delete_steps, mark_wipe
from sidecar.wire.envelope import EnvelopeKind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from parsers.step import JsonObject
    from sidecar.redaction import Redaction

OFF, FIRST, ALWAYS = "off", "first", "always"
ALL = "all"
_POLICY = "review.policy"
_LOOKED = "review.looked"

# Of an envelope e: may it go as far as the reviewer is concerned?
REVIEWED = f"""(coalesce((SELECT value FROM meta WHERE name = '{_POLICY}'), '{OFF}') = '{OFF}' OR e.approved = 1
    OR ((SELECT value FROM meta WHERE name = '{_POLICY}') = '{FIRST}'
        AND EXISTS (SELECT 1 FROM meta WHERE name = '{_LOOKED}')))"""  # noqa: S608 - constant parts


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope that was not sent, or steps that are not sealed yet (`envelope_id` None). Times are unix seconds."""

    envelope_id: str | None
    session: int
    session_id: str
    source: bytes
    kind: EnvelopeKind
    state: str
    """"queued", "held", "parked" or "buffered"."""
    first_step: int | None
    last_step: int | None
    chunk_sequence: int | None
    created: float
    reason: str = ""


def set_policy(connection: sqlite3.Connection, policy: str) -> None:
    """What the settings say from now on."""
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (_POLICY, policy))


def policy_of(connection: sqlite3.Connection) -> tuple[str, bool]:
    """(policy, whether a person has looked since the last revocation)."""
    known = dict(connection.execute("SELECT name, value FROM meta WHERE name IN (?, ?)", (_POLICY, _LOOKED)))
    return known.get(_POLICY, OFF), _LOOKED in known


def read_held(connection: sqlite3.Connection) -> int:
    """How many envelopes wait for a person."""
    found: int = connection.execute(
        f"SELECT count(*) FROM envelopes e WHERE e.parked = 0 AND NOT {REVIEWED}"  # noqa: S608 - constant parts
    ).fetchone()[0]
    return found


def approve(connection: sqlite3.Connection, envelope_ids: Sequence[str], *, looked: bool = False) -> int:
    """Let these envelopes go (["all"]: all that are queued now); how many. `looked`: the first look is done."""
    if looked:
        connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, '1')", (_LOOKED,))
    if list(envelope_ids) == [ALL]:
        return connection.execute("UPDATE envelopes SET approved = 1 WHERE parked = 0 AND approved = 0").rowcount
    return sum(
        connection.execute("UPDATE envelopes SET approved = 1 WHERE envelope_id = ? AND approved = 0", (one,)).rowcount
        for one in envelope_ids
    )


def reject(connection: sqlite3.Connection, envelope_ids: Sequence[str]) -> int:
    """Destroy held envelopes with their steps, counted as a person's wish; how many. Others are left alone."""
    gone = steps = 0
    for one in envelope_ids:
        row = connection.execute(
            f"DELETE FROM envelopes AS e WHERE e.envelope_id = ? AND e.parked = 0 AND NOT {REVIEWED}"  # noqa: S608 - constant parts
            " RETURNING session, first_step, last_step",
            (one,),
        ).fetchone()
        if row is None:
            continue
        gone += 1
        session, first, last = row
        if first is not None:
            delete_steps(connection, step_key(session, first), step_key(session, last) + 1)
            n = last - first + 1
            connection.execute("UPDATE sessions SET destroyed = destroyed + ? WHERE id = ?", (n, session))
            steps += n
    if gone:
        add_counts(connection, {"drop.rejected.steps": steps, "drop.rejected.envelopes": gone})
        mark_wipe(connection)
    return gone


def read_waiting(connection: sqlite3.Connection, session_id: str | None = None) -> list[Waiting]:
    """All that was not sent, in the order it would go: queued and held, then what is not sealed, then the parked."""
    queued = connection.execute(
        "SELECT e.envelope_id, e.session, s.session_id, s.source, e.kind, CASE WHEN e.parked = 1 THEN 'parked'"  # noqa: S608 - constant parts
        f" WHEN {REVIEWED} THEN 'queued' ELSE 'held' END,"
        " e.first_step, e.last_step, e.chunk_sequence, e.created, e.reason"
        " FROM envelopes e JOIN sessions s ON s.id = e.session WHERE ?1 IS NULL OR s.session_id = ?1"
        " ORDER BY e.parked, e.session, e.ordinal",
        (session_id,),
    )
    sealed = [Waiting(a, b, c, d, EnvelopeKind(kind), *rest) for a, b, c, d, kind, *rest in queued]
    buffered = connection.execute(
        "SELECT NULL, id, session_id, source, 'buffered', sealed + 1, journaled, NULL, updated FROM sessions"
        " WHERE journaled > sealed AND closed = 0 AND (?1 IS NULL OR session_id = ?1) ORDER BY id",
        (session_id,),
    )
    open_ones = [Waiting(a, b, c, d, EnvelopeKind.CHUNK, *rest) for a, b, c, d, *rest in buffered]
    parked = [one for one in sealed if one.state == "parked"]
    return [*(one for one in sealed if one.state != "parked"), *open_ones, *parked]


def read_content(
    connection: sqlite3.Connection, one: Waiting
) -> tuple[bytes, bytes, list[bytes], list[tuple[int, Redaction]]]:
    """(head, tail, steps, redactions by step number) of a waiting envelope; head and tail empty if it is not sealed."""
    head = tail = b""
    if one.envelope_id is not None:
        row = connection.execute(
            "SELECT head, tail FROM envelopes WHERE envelope_id = ?", (one.envelope_id,)
        ).fetchone()
        head, tail = row if row is not None else (b"", b"")
    if one.first_step is None or one.last_step is None:
        return head, tail, [], []
    rows = connection.execute(
        "SELECT body FROM steps WHERE key BETWEEN ? AND ? ORDER BY key",
        (step_key(one.session, one.first_step), step_key(one.session, one.last_step)),
    )
    steps = [body for (body,) in rows]
    return head, tail, steps, list(read_redactions(connection, one.session, one.first_step, one.last_step))


def read_wire(connection: sqlite3.Connection, session: int) -> dict[str, Any]:
    """What the session will be sent under: {"wire_id", "secret", "sequence"}; no wire_id before it is opened."""
    row = connection.execute(
        "SELECT wire_id, secret, next_sequence FROM deliveries WHERE session = ?", (session,)
    ).fetchone()
    wire_id, secret, sequence = row if row is not None else (None, None, 0)
    return {"wire_id": wire_id, "secret": secret, "sequence": sequence}


def read_capture(connection: sqlite3.Connection, session: int) -> tuple[str, str, JsonObject]:
    """(provider, model, capture state) of an open session."""
    provider, model, capture = connection.execute(
        "SELECT provider, model, capture FROM sessions WHERE id = ?", (session,)
    ).fetchone()
    return provider, model, load_json(capture)
