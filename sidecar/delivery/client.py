"""The one place that talks to Central Command.

Owns: the HTTP connections, the bounds of a reply, the rule that nothing is sent while sending is not allowed.
Never: retries, keeps state of a session, follows a redirect, uses a proxy of the environment, keeps a cookie.
Invariant: `allowed()` was true at the instant before each request; a reply is at most `MAX_REPLY` bytes and takes at
most `timeout` seconds from the first byte sent to the last byte read.
"""

from __future__ import annotations

import socket
import ssl
import struct
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, NamedTuple, Self

import anyio
import httpx2
import orjson

from sidecar.config import check_endpoint
from sidecar.errors import ConsentError
from sidecar.wire import http
from sidecar.wire.envelope import EnvelopeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

MAX_REPLY = 64 * 1024
TIMEOUT = 30.0
CONNECT_TIMEOUT = 10.0
KEEPALIVE = 4.0
"""Below the 5 s after which the reference server hangs up, so that a reused connection is rarely a dead one."""
MAX_CONNECTIONS = 16
NO_LINGERING = struct.pack("ii", 1, 0)
"""Closing drops what the kernel has not sent yet: a request cut off by a revocation stops there."""
NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
"""Errors before the first byte of a request has left."""


class Reply(NamedTuple):
    """What came back: `body` is empty when it was longer than `MAX_REPLY`."""

    status: int
    content_type: str
    body: bytes
    retry_after: str | None


class CentralClient:
    """HTTP to one endpoint; an async context manager. Network trouble becomes a verdict, never an exception.

    Raises ConsentError when a request is asked for while `allowed()` is false, ConfigError for a bad endpoint.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        allowed: Callable[[], bool],
        timeout: float = TIMEOUT,
        version: str = "0",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.endpoint = check_endpoint(endpoint)
        self._allowed = allowed
        self._timeout = timeout
        self._agent = f"groove-sidecar/{version}"
        self._tls = tls
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": self._agent, "Accept": "application/json", "Accept-Encoding": "identity"},
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            transport=httpx2.AsyncHTTPTransport(
                verify=self._tls if self._tls is not None else ssl.create_default_context(),
                trust_env=False,
                limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEPALIVE),
                socket_options=[(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGERING)],
            ),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx2.Timeout(self._timeout, connect=min(CONNECT_TIMEOUT, self._timeout)),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def open(self, request: Mapping[str, str]) -> http.OpenReply:
        """Open a session with the seven members the contract names."""
        reply = await self._exchange("POST", http.OPEN, orjson.dumps(dict(request)))
        if isinstance(reply, http.Verdict):
            return http.OpenReply(None, reply)
        return http.judge_open(reply.status, reply.content_type, reply.body, retry_after=reply.retry_after)

    async def ingest(
        self,
        body: bytes,
        sequence: int,
        *,
        kind: EnvelopeKind = EnvelopeKind.CHUNK,
        maybe_sent: bool = True,
        doubtful: bool = False,
    ) -> http.Verdict:
        """Post one signed envelope; see `judge_ingest` for the last two."""
        reply = await self._exchange("POST", http.INGEST, body)
        if isinstance(reply, http.Verdict):
            return reply
        return http.judge_ingest(
            reply.status,
            reply.content_type,
            reply.body,
            sequence=sequence,
            kind=kind,
            maybe_sent=maybe_sent,
            doubtful=doubtful,
            retry_after=reply.retry_after,
        )

    async def close_session(self, wire_id: str) -> bool:
        """Close a session without its outcome (this forfeits its credit); True when the server says it is closed."""
        reply = await self._exchange("POST", http.CLOSE, orjson.dumps({"session_id": wire_id}))
        return isinstance(reply, Reply) and http.judge_close(reply.status, reply.content_type, reply.body)

    async def knows(self, wire_id: str) -> bool | None:
        """Does the server know this session? None when it does not tell. Asks with a feedback that cannot be stored.

        The reference server answers a chunk of an unknown session and a chunk too many with the same text; a feedback
        without attestation gets "unknown session_id" from the one and "missing attestation" from the other.
        """
        body = orjson.dumps({"session_id": wire_id, "type": "USER_FEEDBACK"})
        reply = await self._exchange("POST", http.INGEST, body)
        if isinstance(reply, http.Verdict):
            return None
        verdict = http.judge_ingest(reply.status, reply.content_type, reply.body, sequence=0, maybe_sent=False)
        if verdict.session_lost and verdict.outcome is http.Outcome.RETRY:
            return False
        known = verdict.outcome is http.Outcome.REJECTED and (reply.status == 401 or "attestation" in verdict.reason)
        return True if known else None

    async def contract(self) -> http.ContractReply:
        """What this server accepts."""
        reply = await self._exchange("GET", http.CONTRACT, None)
        if isinstance(reply, http.Verdict):
            return http.ContractReply(None, reply)
        return http.judge_contract(reply.status, reply.content_type, reply.body, retry_after=reply.retry_after)

    async def _exchange(self, method: str, path: str, body: bytes | None) -> Reply | http.Verdict:
        """One request and its reply, or the verdict on why there is none."""
        if self._client is None:
            raise RuntimeError("the client is not open")
        if not self._allowed():
            raise ConsentError("Sending is off.", "Switch it on with `groove-sidecar enable`.")
        headers = {"Content-Type": "application/json"} if body is not None else None
        try:
            with anyio.fail_after(self._timeout):
                async with self._client.stream(method, self.endpoint + path, content=body, headers=headers) as reply:
                    return await _read(reply)
        except NOT_SENT as error:
            return http.not_sent(f"no connection ({type(error).__name__})")
        except TimeoutError:
            return http.lost_reply(f"no reply within {self._timeout:g} s")
        except httpx2.TransportError as error:
            return http.lost_reply(f"connection broke ({type(error).__name__})")


async def _read(reply: httpx2.Response) -> Reply:
    """The raw body, as far as the bound allows."""
    body = bytearray()
    async for block in reply.aiter_raw():
        body += block
        if len(body) > MAX_REPLY:
            body.clear()
            break
    headers = reply.headers
    return Reply(reply.status_code, headers.get("content-type", ""), bytes(body), headers.get("retry-after"))
