"""Gemini CLI's older chats, one JSON document rewritten whole at every turn, as the lines of the later ones.

Owns: `Chat`, `lines`, `begins_document`.
Never: opens a file; says what a message means (`GeminiChat` does, of the lines).
Invariant: a header line, then one line per message in the document's order; the same document gives the same lines, and
every message has an id, if need be by its place.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import orjson

from parsers.blocks import JsonError, loads, text

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Of a document that is read at all: its bytes are held whole. The largest ever recorded was 0.5 MB."""
MAX_ODD_BYTES = 8 * 1024 * 1024
"""Of one that is not printed as the CLI prints it: it is held as objects, which are several times its bytes."""
_PRETTY = re.compile(rb'\s*\{[ \t\r]*\n\s*"sessionId"')
_MESSAGES = b'\n  "messages": ['
_OPEN, _CLOSE, _END = b"\n    {", b"\n    }", b"\n  ]"
"""A raw line feed is in no JSON text, so that these stand nowhere but where the CLI prints them."""


class Message(NamedTuple):
    """One message: its id (`#n` by its place where it has none), its `type`, and itself on one line."""

    id: str
    kind: str
    line: bytes


class Chat:
    """A whole document. Messages are read one by one, so that only its bytes are held. Raises `JsonError`."""

    def __init__(self, data: bytes, most: int | None = None) -> None:
        """The reasons: those of `loads`; `not_an_object` where it is no chat, `too_many` where it has more than `most`.

        `too_deep` where it cannot be written.
        """
        found = _split(data, most)
        if found is None:
            if len(data) > MAX_ODD_BYTES:
                raise JsonError("not_json")
            found = _take_apart(data, most)
        self._header, self.parts = found
        """The document without its messages; each message's bytes."""

    def header(self) -> Message:
        """What the document says of itself; its `id` is the session's."""
        return Message(text(self._header.get("sessionId")), text(self._header.get("kind")), _dump(self._header))

    def message(self, number: int) -> Message:
        """The message at this place."""
        value = loads(bytes(self.parts[number]))
        if not isinstance(value, dict):
            return Message(f"#{number}", "", _dump(value))
        if not text(value.get("id")):
            value = value | {"id": f"#{number}"}
        return Message(value["id"], text(value.get("type")), _dump(value))

    def lines(self) -> Iterator[bytes]:
        """The header, then every message."""
        yield self.header().line
        for number in range(len(self.parts)):
            yield self.message(number).line


def begins_document(head: bytes) -> bool:
    """Whether a file that begins so is a chat document, printed over several lines as the CLI prints it."""
    return _PRETTY.match(head) is not None


def lines(data: bytes) -> list[bytes]:
    r"""A document as lines without their ``\n``: without its messages, then every message. Raises `JsonError`."""
    return list(Chat(data).lines())


def _split(data: bytes, most: int | None) -> tuple[dict[str, object], list[bytes | memoryview]] | None:
    """A document as the CLI prints it, cut where the print shows its messages. None if it is printed otherwise."""
    begin = data.find(_MESSAGES)
    if begin < 0:
        return None
    view, parts, at = memoryview(data), list[bytes | memoryview](), begin + len(_MESSAGES)
    while data.startswith(_OPEN, at):
        if data.startswith(b"}", at + len(_OPEN)):
            return None
        end = data.find(_CLOSE, at + len(_OPEN)) + len(_CLOSE)
        if end < len(_CLOSE):
            return None
        if len(parts) == most:  # each is an object of its own, many times as long as the shortest message
            raise JsonError("too_many")
        parts.append(view[at + 1 : end])
        at = end + 1
        if data[end : end + 1] != b",":
            at = end
            break
    if parts and not data.startswith(_END, at):
        return None
    after = data.find(b"]", at, at + len(_END)) + 1
    if after == 0:
        return None
    try:
        header = _header(loads(data[: begin + len(_MESSAGES)] + b"]" + data[after:]))
    except JsonError:
        return None
    return header, parts


def _take_apart(data: bytes, most: int | None) -> tuple[dict[str, object], list[bytes | memoryview]]:
    value = loads(data)
    header = _header(value)
    if most is not None and len(value["messages"]) > most:
        raise JsonError("too_many")
    return header, [_dump(entry) for entry in value["messages"]]


def _header(value: object) -> dict[str, object]:
    if not isinstance(value, dict) or not isinstance(value.get("messages"), list) or "sessionId" not in value:
        raise JsonError("not_an_object")
    return {name: member for name, member in value.items() if name != "messages"}


def _dump(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError):  # lone surrogates, more than 254 levels
        pass
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except RecursionError:
        raise JsonError("too_deep") from None
