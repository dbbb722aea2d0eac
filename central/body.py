"""Request bodies: bounded in size, time and shape before anyone looks into them.

Owns: reading, decompressing and parsing a body.
Never: holds more than the limit of one body, or more than BUFFERED_BYTES of all together.
Invariant: whatever arrives, the result is a JSON object or a Refusal.
"""

from __future__ import annotations

import re
import zlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
from starlette.requests import ClientDisconnect

from central.options import BUFFERED_BYTES, DRAIN_BYTES
from central.refusal import Refusal
from sidecar.wire.canonical import parse_js

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from parsers.step import JsonObject

BOM = b"\xef\xbb\xbf"
CHARSETS = ("", "utf-8", "utf8", "us-ascii")
CODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]*)"?', re.IGNORECASE)
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class BodyReader:
    """Reads bodies of at most `limit` bytes, compressed or not, within `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._buffered = 0

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[tuple[bytes, bool]]:
        """The bytes as sent, and whether they are compressed; they count as held until the block ends."""
        compressed = check_headers(request)
        parts: list[bytes] = []
        try:
            size = await self._read(request, parts)
            if size > self._limit:
                raise too_large(self._limit, close=size > DRAIN_BYTES)
            yield b"".join(parts), compressed
        finally:
            self._buffered -= sum(map(len, parts))

    async def _read(self, request: Request, parts: list[bytes]) -> int:
        """Fill `parts` up to the limit; the size of what came, up to DRAIN_BYTES and a little."""
        size = 0
        try:
            with anyio.fail_after(self._seconds):
                async for part in request.stream():
                    size += len(part)
                    if size > DRAIN_BYTES:
                        break
                    if size > self._limit:
                        self._buffered -= sum(map(len, parts))
                        parts.clear()
                        continue
                    parts.append(part)
                    self._buffered += len(part)
                    if self._buffered > BUFFERED_BYTES:
                        raise Refusal(503, "memory", "too many bodies at once", after=1.0, close=True)
        except TimeoutError:
            raise Refusal(408, "time", "the body took too long", close=True) from None
        except ClientDisconnect:
            raise Refusal(400, "body", "the body ended early", close=True) from None
        return size


def check_headers(request: Request) -> bool:
    """Whether the body is compressed; 415 for a type, charset or coding we do not read."""
    content_type = request.headers.get("content-type", "")
    if content_type.split(";", 1)[0].strip().lower() != "application/json":
        raise Refusal(415, "type", "unsupported media type", hint="Send Content-Type: application/json.")
    charset = _CHARSET.search(content_type)
    if charset is not None and charset[1].lower() not in CHARSETS:
        raise Refusal(415, "charset", "unsupported charset", hint="Send UTF-8.")
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding not in CODINGS:
        raise Refusal(415, "coding", "unsupported content encoding", hint="Send identity, gzip or deflate.")
    return coding not in ("", "identity")


def inflate(data: bytes, limit: int) -> bytes:
    """The decompressed body; 413 beyond `limit` bytes, without ever making more than that, 400 when it is corrupt."""
    engine = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = engine.decompress(data, limit + 1)
    except zlib.error:
        raise Refusal(400, "coding", "the compressed body is corrupt") from None
    if len(plain) > limit:
        raise too_large(limit)
    if not engine.eof or engine.unused_data:
        raise Refusal(400, "coding", "the compressed body is corrupt")
    return plain


def parse_object(data: bytes) -> JsonObject:
    """The JSON object in `data`, else 400."""
    try:
        value = parse_js(data.removeprefix(BOM))
    except ValueError:
        raise Refusal(400, "json", "the body is not JSON", hint="Send one JSON object in UTF-8.") from None
    if not isinstance(value, dict):
        raise Refusal(400, "json", "malformed request: missing envelope or session_id")
    return value


def too_large(limit: int, *, close: bool = False) -> Refusal:
    """413."""
    return Refusal(413, "size", f"the body exceeds {limit} bytes", hint="Seal smaller chunks.", close=close)
