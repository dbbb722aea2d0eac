"""What a message of Gemini's chat files says: its words, thoughts and calls, without the memory of what came out.

Owns: the pure questions `GeminiChat` has for one record.
Never: keeps anything.
Invariant: every function answers for any input.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zlib import crc32

from parsers.blocks import obj, parse_time, seq, text

if TYPE_CHECKING:
    from parsers.base import Facts
    from parsers.step import JsonObject

BATCH_SECONDS = 0.02
"""Calls whose ends were stored farther apart belong to different answers: no model answers so soon."""
RECORD_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The id of a message, and of no other: what the CLI puts in on its own has an id that is the same everywhere."""


def mark(kind: str, words: str) -> int:
    """What is remembered of an id, or of words."""
    return crc32(f"{kind}:{words}".encode(errors="surrogatepass"))


def plain(content: object) -> str:
    """The words of a content: thoughts, calls and results are none."""
    if isinstance(content, str):
        return content
    parts = [obj(part) for part in seq(content)]
    spoken = [
        part for part in parts if not part.get("thought") and not {"functionCall", "functionResponse"} & part.keys()
    ]
    return "\n".join(
        "[image]" if "inlineData" in part or "fileData" in part else text(part.get("text")) for part in spoken
    )


def thoughts(message: JsonObject) -> list[tuple[str, float | None]]:
    """Words and time of each: of `thoughts`, or of a rewritten message's parts."""
    found = [(_thought(obj(entry)), parse_time(obj(entry).get("timestamp"))) for entry in seq(message.get("thoughts"))]
    parts = [obj(part) for part in seq(message.get("content"))]
    return found + [(text(part.get("text")), None) for part in parts if part.get("thought") is True]


def batches(message: JsonObject) -> list[list[JsonObject]]:
    """The calls of a message as they were made: older versions add those of a later, wordless answer to the same one.

    All calls of a batch are stored at one moment, when the last of them has ended.
    """
    found: list[list[JsonObject]] = []
    before: float | None = None
    for entry in seq(message.get("toolCalls")):
        call = obj(entry)
        when = parse_time(call.get("timestamp"))
        if not found or (when is not None and before is not None and when - before > BATCH_SECONDS):
            found.append([])
        found[-1].append(call)
        before = when if when is not None else before
    return found


def has_calls(message: JsonObject) -> bool:
    """Whether a message calls a tool."""
    return bool(seq(message.get("toolCalls"))) or any(
        "functionCall" in obj(part) for part in seq(message.get("content"))
    )


def both(before: Facts | None, after: Facts | None) -> Facts | None:
    """What a chat on one line told by its messages: their tokens are added up, the last model counts."""
    if before is None or after is None:
        return before or after
    if before.usage is not None and after.usage is not None:
        for part in ("input_tokens", "output_tokens", "cache_read_tokens", "reasoning_tokens"):
            setattr(before.usage, part, getattr(before.usage, part) + getattr(after.usage, part))
    before.usage = before.usage or after.usage
    before.model = after.model or before.model
    return before


def _thought(entry: JsonObject) -> str:
    subject, description = text(entry.get("subject")), text(entry.get("description"))
    return f"**{subject}**\n\n{description}" if subject and description else subject or description
