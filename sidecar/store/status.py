"""What the spool holds, in numbers.

Owns: the one query behind `status`.
Never: writes; reads a step's body.
Invariant: all numbers come from one statement, so they belong to one moment and add up.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

_COUNTS = """
SELECT json_object(
    'queued', (SELECT count(*) FROM envelopes WHERE parked = 0),
    'retrying', (SELECT count(*) FROM envelopes WHERE parked = 0 AND attempts > 0),
    'parked', (SELECT count(*) FROM envelopes WHERE parked = 1),
    'parked_reasons', (SELECT json_group_object(reason, n) FROM
        (SELECT reason, count(*) AS n FROM envelopes WHERE parked = 1 GROUP BY reason ORDER BY n DESC LIMIT 50)),
    'waiting_reasons', (SELECT json_group_object(reason, n) FROM
        (SELECT reason, count(*) AS n FROM envelopes WHERE parked = 0 AND attempts > 0
         GROUP BY reason ORDER BY n DESC LIMIT 50)),
    'open_reasons', (SELECT json_group_object(open_reason, n) FROM
        (SELECT open_reason, count(*) AS n FROM deliveries WHERE wire_id IS NULL AND open_reason <> ''
         AND session IN (SELECT session FROM envelopes) GROUP BY open_reason ORDER BY n DESC LIMIT 50)),
    'sent', json_object(
        'chunk', coalesce((SELECT n FROM ledger WHERE name = 'sent.chunk'), 0),
        'close', coalesce((SELECT n FROM ledger WHERE name = 'sent.close'), 0),
        'feedback', coalesce((SELECT n FROM ledger WHERE name = 'sent.feedback'), 0)),
    'steps', (SELECT json_object(
        'journaled', coalesce(sum(journaled), 0),
        'buffered', coalesce(sum(journaled - sealed), 0),
        'queued', (SELECT coalesce(sum(last_step - first_step + 1), 0) FROM envelopes WHERE parked = 0),
        'parked', (SELECT coalesce(sum(last_step - first_step + 1), 0) FROM envelopes WHERE parked = 1),
        'delivered', coalesce(sum(delivered), 0),
        'destroyed', coalesce(sum(destroyed), 0),
        'pruned', coalesce(sum(pruned), 0)) FROM sessions),
    'sessions', (SELECT json_object(
        'open', count(*) FILTER (WHERE closed = 0),
        'closed', count(*) FILTER (WHERE closed = 1),
        'delivered', count(*) FILTER (WHERE close_sent = 1 AND delivered = journaled)) FROM sessions),
    'oldest_queued', (SELECT min(created) FROM envelopes WHERE parked = 0))
"""


def read_counts(connection: sqlite3.Connection, now: float | None) -> dict[str, Any]:
    """Envelopes {"queued", "retrying", "parked", "parked_reasons", "waiting_reasons", "open_reasons", "sent"};
    steps of the sessions held {"journaled" = "buffered" + "queued" + "parked" + "delivered" + "destroyed"} ("pruned"
    are delivered ones no longer kept); "sessions" {"open", "closed", "delivered"}; "oldest_queued" unix seconds or
    None, and with `now` its "oldest_queued_age" in seconds.
    """  # noqa: D205 - one list
    counts: dict[str, Any] = json.loads(connection.execute(_COUNTS).fetchone()[0])
    oldest = counts["oldest_queued"]
    counts["oldest_queued_age"] = None if oldest is None or now is None else max(0.0, now - oldest)
    return counts
