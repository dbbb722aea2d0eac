"""The client: what it sends, what it refuses to do, how it bounds a server."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import time
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sidecar.config import check_endpoint
from sidecar.delivery.client import CentralClient
from sidecar.errors import ConfigError, ConsentError
from sidecar.wire.http import Outcome
from tests.patience import PROMPT

RECEIPT = b'{"accepted":true,"envelope_id":"env_1"}'


@asynccontextmanager
async def answering(reply, *, tls=None, connections=None):
    """A server that reads one request at a time and lets `reply(head, writer)` answer; yields url and requests."""
    requests = []

    async def serve(reader, writer):
        if connections is not None:
            connections.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = head.decode().lower().split("\r\n")
                length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
                requests.append((head.decode(), await reader.readexactly(length)))
                await reply(head.decode(), writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    scheme = "http" if tls is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{port}", requests
    finally:
        server.close()
        await asyncio.sleep(0.02)


def says(body, status="200 OK", headers=""):
    """A reply with a length."""

    async def reply(_head, writer):
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)

    return reply


async def test_headers():
    """A request names us, asks for plain JSON, and carries no cookie, no forwarded address, no credentials."""
    reply = says(RECEIPT, headers="Set-Cookie: track=1; Path=/\r\n")
    async with answering(reply) as (url, requests), CentralClient(url, allowed=lambda: True, version="9.9") as client:
        for sequence in range(2):
            assert (await client.ingest(b"{}", sequence)).outcome is Outcome.ACCEPTED
    for head, body in requests:
        names = {line.split(":")[0].lower() for line in head.split("\r\n")[1:] if line}
        assert names == {
            "host",
            "accept",
            "accept-encoding",
            "connection",
            "user-agent",
            "content-length",
            "content-type",
        }
        assert "user-agent: groove-sidecar/9.9" in head.lower() and "identity" in head
        assert head.startswith("POST /v1/training/ingest HTTP/1.1") and body == b"{}"


async def test_nothing_before_allowed():
    """While sending is not allowed there is not even a connection, for any kind of request."""
    connections = []
    async with answering(says(RECEIPT), connections=connections) as (url, requests):
        async with CentralClient(url, allowed=lambda: False) as client:
            for call in (
                lambda: client.ingest(b"{}", 0),
                lambda: client.open({}),
                client.contract,
                lambda: client.knows("sess"),
                lambda: client.close_session("sess"),
            ):
                with pytest.raises(ConsentError):
                    await call()
        assert not connections and not requests


async def test_environment_is_not_trusted(monkeypatch):
    """A proxy of the environment is not used."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with answering(says(RECEIPT)) as (url, _), CentralClient(url, allowed=lambda: True) as client:
        assert (await client.ingest(b"{}", 0)).outcome is Outcome.ACCEPTED


async def test_redirect_is_not_followed():
    """A redirect is no receipt and takes the envelope nowhere."""
    async with answering(says(RECEIPT)) as (trap, trapped):
        reply = says(b"", status="307 Temporary", headers=f"Location: {trap}/v1/training/ingest\r\n")
        async with answering(reply) as (url, _), CentralClient(url, allowed=lambda: True) as client:
            verdict = await client.ingest(b"{}", 0)
        assert verdict.outcome is Outcome.RETRY and not trapped


async def test_endless_reply_is_bounded():
    """A reply without end is given up at 64 KiB and is no receipt."""

    async def endless(_head, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b" " * 4096 + b"\r\n")
            await writer.drain()

    async with answering(endless) as (url, _), CentralClient(url, allowed=lambda: True, timeout=120) as client:
        started = time.monotonic()
        verdict = await client.ingest(b"{}", 0)
        assert verdict.outcome is Outcome.RETRY and verdict.unknown and time.monotonic() - started < PROMPT


@pytest.mark.parametrize("headers", [True, False])
async def test_slow_drip_is_bounded(headers):
    """A server that keeps every single read alive cannot keep the request alive."""

    async def drip(_head, writer):
        if headers:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        else:
            writer.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(4000):
            writer.write(b"X-A: b\r\n" if not headers else b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with answering(drip) as (url, _), CentralClient(url, allowed=lambda: True, timeout=0.6) as client:
        started = time.monotonic()
        verdict = await client.ingest(b"{}", 0)
        assert verdict.unknown and "no reply within" in verdict.reason and time.monotonic() - started < PROMPT


async def test_refused_connection_is_not_unknown():
    """Where nobody listens, nothing was sent."""
    async with answering(says(RECEIPT)) as (url, _):
        pass
    async with CentralClient(url, allowed=lambda: True) as client:
        verdict = await client.ingest(b"{}", 0)
    assert verdict.outcome is Outcome.RETRY and not verdict.unknown and verdict.everyone


async def test_dead_keep_alive_connection():
    """A kept connection that the server closed is either replaced or an unknown outcome, never a receipt or an error."""
    connections = []
    server = answering(says(RECEIPT), connections=connections)
    async with server as (url, _), CentralClient(url, allowed=lambda: True) as client:
        for sequence in range(5):
            assert (await client.ingest(b"{}", sequence)).outcome is Outcome.ACCEPTED
            connections[-1].transport.abort()
            verdict = await client.ingest(b"{}", sequence)
            assert verdict.outcome is Outcome.ACCEPTED or verdict.unknown


async def test_probe_of_a_session():
    """`knows` reads both dialects and answers None when the reply tells nothing."""
    replies = {
        b'{"accepted":false,"reason":"unknown session_id"}': False,
        b'{"accepted":false,"reason":"missing attestation"}': True,
        b'{"accepted":false,"reason":"HMAC verification failed"}': None,
        b'{"error":"Too Many Requests","retryAfter":3}': None,
        b"": None,
    }
    for body, expected in replies.items():
        async with answering(says(body)) as (url, requests), CentralClient(url, allowed=lambda: True) as client:
            assert await client.knows("sess_1") is expected
            assert requests[0][1] == b'{"session_id":"sess_1","type":"USER_FEEDBACK"}'


def certificate(host, tmp_path, *, days=1):
    """A self-signed certificate for an address; (server context, client context that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(timezone.utc)  # noqa: UP017 - as elsewhere
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "pair.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))


async def test_tls_is_verified(tmp_path):
    """An unknown certificate, or one for another host, gets not one byte of the envelope; a trusted one works."""
    server, trusting = certificate("127.0.0.1", tmp_path)
    async with answering(says(RECEIPT), tls=server) as (url, requests):
        async with CentralClient(url, allowed=lambda: True) as client:
            verdict = await client.ingest(b"{}", 0)
        assert verdict.outcome is Outcome.RETRY and not verdict.unknown and not requests
        async with CentralClient(url, allowed=lambda: True, tls=trusting) as client:
            assert (await client.ingest(b"{}", 0)).outcome is Outcome.ACCEPTED
    other, trusting = certificate("127.0.0.9", tmp_path)
    async with answering(says(RECEIPT), tls=other) as (url, requests):
        async with CentralClient(url, allowed=lambda: True, tls=trusting) as client:
            assert (await client.ingest(b"{}", 0)).outcome is Outcome.RETRY
        assert not requests


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://central.example",
        "https://central.example:8443/base/",
        "http://127.0.0.1:8443",
        "http://localhost:1",
        "http://[::1]:1",
        "http://127.9.9.9",
    ],
)
def test_good_endpoints(endpoint):
    """Https anywhere, http to this machine."""
    assert check_endpoint(endpoint) == endpoint.rstrip("/")


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://central.example",
        "http://10.0.0.1:8443",
        "http://localhost.example",
        "http://0.0.0.0:1",
        "ftp://127.0.0.1",
        "127.0.0.1:8443",
        "https://user:word@central.example",
        "https://central.example?x=1",
        "https://central.example/#x",
        "https://[::1",
        "https://a:port",
        "",
    ],
)
def test_bad_endpoints(endpoint):
    """Clear text to elsewhere, credentials in the address and what is no address are refused with a hint."""
    with pytest.raises(ConfigError) as caught:
        check_endpoint(endpoint)
    assert caught.value.hint
