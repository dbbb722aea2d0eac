"""Gemini CLI's older chats, one JSON document rewritten whole at every turn, as the lines of the later ones.

Owns: `lines`, `begins_document`.
Never: opens a file; says what a message means (`GeminiChat` does, of the lines).
Invariant: a header line, then one line per message in the document's order; the same document gives the same lines.
"""

from __future__ import annotations

import json
import re

from parsers.blocks import JsonError, loads

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Of a document that is read at all: it is held whole. The largest ever recorded was 0.5 MB."""
_PRETTY = re.compile(rb'\s*\{[ \t\r]*\n\s*"sessionId"')


def begins_document(head: bytes) -> bool:
    """Whether a file that begins so is a chat document, printed over several lines as the CLI prints it."""
    return _PRETTY.match(head) is not None


def lines(data: bytes) -> list[bytes]:
    r"""A document as lines without their ``\n``: without its messages, then every message. Raises `JsonError`.

    Its reasons: those of `loads`; `not_an_object` where it is no chat, `too_deep` where it cannot be written again.
    """
    value = loads(data)
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list) or "sessionId" not in value:
        raise JsonError("not_an_object")
    header = {name: member for name, member in value.items() if name != "messages"}
    try:
        return [json.dumps(entry, separators=(",", ":")).encode() for entry in (header, *value["messages"])]
    except RecursionError:
        raise JsonError("too_deep") from None
