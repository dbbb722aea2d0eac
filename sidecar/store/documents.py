"""Chats kept in one JSON document, in numbers: what their checkpoints say.

Owns: why a document is left, and the one query behind `documents` of the status document.
Never: reads what was told of a message.
Invariant: a document counts once, by what its checkpoint says now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sidecar.store.records import source_key

if TYPE_CHECKING:
    import sqlite3

TOO_LONG = "a chat document of more than 64 MiB, or of more than 20,000 messages"
NOT_WHOLE = "a chat document that is not whole JSON (half written?)"
UNREADABLE = "a chat document that cannot be read"
HINTS = {
    TOO_LONG: "Update Gemini CLI: from 0.40 on a chat is kept in lines, of any length.",
    NOT_WHOLE: "It is looked at again whenever it is written to.",
    UNREADABLE: "See its owner and its mode.",
}
"""Why a document is left, and what to do."""
_FOLLOWED = "transcript:gemini/"
_QUERY = """
SELECT position, json_extract(hint, '$.left'), json_extract(hint, '$.rewound'), json_extract(hint, '$.late')
FROM sources WHERE source >= ? AND source < ? AND CAST(source AS TEXT) LIKE '%.json'
"""


def read_documents(connection: sqlite3.Connection) -> dict[str, Any]:
    """{"followed": n, "left": {reason: n}, "hints": {reason: hint}, "rewound": messages, "late": messages}."""
    found: dict[str, Any] = {"followed": 0, "left": {}, "hints": {}, "rewound": 0, "late": 0}
    for position, left, rewound, late in connection.execute(
        _QUERY, (source_key(_FOLLOWED), source_key(_FOLLOWED) + b"\xff")
    ):
        found["followed"] += position > 0
        found["rewound"] += rewound or 0
        found["late"] += late or 0
        if left:
            found["left"][left] = found["left"].get(left, 0) + 1
            found["hints"][left] = HINTS.get(left, "")
    return found
