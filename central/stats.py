"""What Central Command holds, counted.

Owns: the public statistics and the operators' view of sessions.
Never: reads an envelope's body; everything comes from counters and step ranges kept at storing.
Invariant: a session is `whole` exactly when it was closed by its own envelope, its step numbers run from the first to
the last without gap or repeat, no envelope id is there twice, and the totals of its close are what was received.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import orjson

from central.options import MAX_PAGE
from sidecar.wire.limits import MAX_TOTAL

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from parsers.step import JsonObject

MAX_ROWS = 1_000
"""Days, models or providers in one answer."""
_SESSION = "number, id, provider, model, opened_at, closed_at, closed_by, expected, chunks, steps, feedback, outcome"


@dataclass(frozen=True, slots=True)
class Integrity:
    """What the step ranges of a session say."""

    gaps: int
    """Step numbers missing between 1 and the last."""
    duplicates: int
    """Step numbers received again, and envelope ids used again."""
    ordered: bool
    """Every chunk begins after the one before ended."""


def summary(db: sqlite3.Connection) -> JsonObject:
    """Totals since the beginning."""
    row = db.execute("SELECT sessions, envelopes, steps FROM tally WHERE scope = 'total' AND name = ''").fetchone()
    sessions, envelopes, steps = row or (0, 0, 0)
    (active,) = db.execute("SELECT count(*) FROM session WHERE closed_at IS NULL").fetchone()
    (contributors,) = db.execute("SELECT count(*) FROM contributor").fetchone()
    (pages,), (page,) = db.execute("PRAGMA page_count").fetchone(), db.execute("PRAGMA page_size").fetchone()
    return {
        "totalEnvelopes": envelopes,
        "totalSteps": steps,
        "totalSessions": sessions,
        "activeSessions": active,
        "uniqueContributors": contributors,
        "storageSizeMb": round(pages * page / 1_000_000, 3),
    }


def tallies(db: sqlite3.Connection, scope: str, label: str, most: int = MAX_ROWS) -> list[JsonObject]:
    """Counts per day (newest first), model or provider (most steps first); `label` names the first member."""
    order = "name DESC" if scope == "day" else "steps DESC, name"
    rows = db.execute(
        f"SELECT name, sessions, envelopes, steps, bytes FROM tally WHERE scope = ? ORDER BY {order} LIMIT ?",  # noqa: S608 - constant order
        (scope, max(0, min(most, MAX_ROWS))),
    )
    names = (label, "sessions", "envelopes", "steps", "bytes")
    return [dict(zip(names, row, strict=True)) for row in rows]


def sessions(db: sqlite3.Connection, after: int = 0, most: int = MAX_PAGE) -> JsonObject:
    """Sessions in the order they were opened, from the one after the cursor `after`; `next` is the next cursor."""
    most = max(1, min(most, MAX_PAGE))
    rows = db.execute(
        f"SELECT {_SESSION} FROM session WHERE number > ? ORDER BY number LIMIT ?",  # noqa: S608 - constant columns
        (after, most),
    ).fetchall()
    return {"sessions": _views(db, rows), "next": rows[-1][0] if len(rows) == most else None}


def session(db: sqlite3.Connection, session_id: str) -> JsonObject | None:
    """One session, with its envelopes (without their content)."""
    rows = db.execute(f"SELECT {_SESSION} FROM session WHERE id = ?", (session_id,)).fetchall()  # noqa: S608 - constant columns
    if not rows:
        return None
    (view,) = _views(db, rows)
    envelopes = db.execute(
        "SELECT envelope_id, kind, sequence, chunk_sequence, received_at, runs, length(body) FROM envelope"
        " WHERE session = ? ORDER BY number LIMIT ?",
        (rows[0][0], MAX_PAGE),
    )
    names = ("envelope_id", "kind", "sequence", "chunk_sequence", "received_at", "steps", "bytes")
    view["envelopes"] = [
        {**dict(zip(names, row, strict=True)), "steps": orjson.loads(row[5]) if row[5] else []} for row in envelopes
    ]
    return view


def integrity(runs: Iterable[Sequence[int]], repeated_ids: int = 0) -> Integrity:
    """Judge the (first, last) step ranges of a session in the order they were received."""
    arrived = [(first, last) for first, last in runs]
    ordered = all(after[0] > before[1] for before, after in pairwise(arrived))
    gaps = duplicates = 0
    reached = min(0, *(first - 1 for first, _ in arrived)) if arrived else 0
    for first, last in sorted(arrived):
        gaps += max(0, first - reached - 1)
        duplicates += max(0, min(last, reached) - first + 1)
        reached = max(reached, last)
    return Integrity(gaps, duplicates + repeated_ids, ordered)


def _views(db: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[JsonObject]:
    first, last = (rows[0][0], rows[-1][0]) if rows else (0, -1)
    counts: dict[tuple[int, str], dict[str, int]] = {}
    wanted = (first, last)
    for number, scope, name, n in db.execute("SELECT * FROM session_tally WHERE session BETWEEN ? AND ?", wanted):
        counts.setdefault((number, scope), {})[name] = n
    runs: dict[int, list[Sequence[int]]] = {}
    ids: dict[int, list[str]] = {}
    query = (
        "SELECT session, envelope_id, runs FROM envelope WHERE session BETWEEN ? AND ? AND sequence IS NOT NULL"
        " ORDER BY session, sequence"
    )
    for number, envelope_id, ranges in db.execute(query, wanted):
        ids.setdefault(number, []).append(envelope_id)
        runs.setdefault(number, []).extend(orjson.loads(ranges) if ranges else ())
    return [
        _view(
            row,
            counts.get((row[0], "type"), {}),
            counts.get((row[0], "redaction"), {}),
            integrity(runs.get(row[0], ()), _repeated(ids.get(row[0], ()))),
        )
        for row in rows
    ]


def _repeated(ids: Sequence[str]) -> int:
    return len(ids) - len(set(ids))


def _view(row: tuple[Any, ...], types: dict[str, int], redactions: dict[str, int], check: Integrity) -> JsonObject:
    _, session_id, provider, model, opened, closed, closed_by, expected, chunks, steps, feedback, stored = row
    outcome = orjson.loads(stored) if stored else None
    match = None
    if outcome is not None:
        match = outcome["total_steps"] == min(steps, MAX_TOTAL) and outcome["total_chunks"] == min(chunks, MAX_TOTAL)
    return {
        "id": session_id,
        "provider": provider,
        "model": model,
        "state": "open" if closed is None else "closed",
        "closed_by": closed_by,
        "opened_at": _iso(opened),
        "closed_at": _iso(closed),
        "chunks": chunks,
        "steps": steps,
        "feedback": feedback,
        "next_sequence": expected,
        "steps_by_type": types,
        "redactions": redactions,
        "outcome": outcome,
        "gaps": check.gaps,
        "duplicates": check.duplicates,
        "ordered": check.ordered,
        "totals_match": match,
        "whole": bool(match) and check.ordered and not check.gaps and not check.duplicates,
    }


def _iso(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
