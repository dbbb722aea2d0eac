"""No bytes whatsoever end the process or get anything but JSON."""

from __future__ import annotations

import json
import random
import re
import socket

from central_client import INGEST, Client

CASES = 350
HOSTILE = [
    b"", b"null", b"1", b'"x"', b"[]", b"{}", b"NaN", b'{"session_id":NaN}', b'{"session_id":1e999}', b"[" * 200_000,
    b'{"a":' * 60_000, b"[" * 5_000 + b"]" * 5_000, b'{"session_id":' + b"[" * 900 + b"]" * 900 + b"}", b"\xff\xfe{\x00}\x00",
    b'{"session_id":"\xff"}', b'{"session_id":"\\ud800"}', b'{"session_id":{}}', b'{"session_id":true}', b'{"session_id":[]}',
    b'{"session_id":"' + b"a" * 1_000_000 + b'"}', b"9" * 100_000, b'{"session_id":"\x00"}', b"{'a':1}", b'{"a":1}{"b":2}',
    b'{"__proto__":{"session_id":"x"}}', b"[" + b"{}," * 100_000 + b"{}]",
]  # fmt: skip
JUNK = [
    None, True, False, 0, -1, 1.5, 2**64, 10**400, float("inf"), "", "x", "\ud800", "\x00", "é" * 300, [], {}, [[]], [None],
    {"a": None}, [0] * 600, {"0": 1}, "a" * 200_000, 1e308, -0.0, [{"step": 1}], {"": ""}, "9" * 30,
]  # fmt: skip
LINES = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n",
    b"\r\n" * 5_000, b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 20_000, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
    b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /v1/sessions HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\n\r\n",
    b"GET /v1/stats/daily?days=99999999999999999999 HTTP/1.0\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /v1/sessions?after=%ff%fe&limit=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /%00%ff%2e%2e/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http://evil/ HTTP/1.1\r\nHost: evil\r\n\r\n", b"GET /health HTTP/1.1\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
]  # fmt: skip


def test_no_bytes_end_the_process(server):
    """Random mutations, wrong types in every member and raw junk: JSON or a closed line, and life goes on."""
    rng = random.Random(4)
    client = Client(server).open()
    for case in range(CASES):
        for answer in _answers(_converse(server.port, _bytes(rng, client, case))):
            assert isinstance(answer, dict)
        assert server.process.poll() is None
    assert server.get("/health").status == 200
    assert "internal error" not in server.log.read_text()
    held = server.held(client.session_id)
    client.sequence, client.chunks = held["next_sequence"], held["chunks"]
    if held["state"] == "open":
        client.send(client.chunk(1))


def test_signed_junk_is_refused_by_the_schema(client):
    """Correctly signed envelopes with any JSON value in any member: accepted or 4xx, never 5xx, never silence."""
    rng = random.Random(5)
    for _ in range(300):
        body = rng.choice([client.chunk, client.close, client.feedback])()
        target = body
        while True:
            name = rng.choice(list(target)) if isinstance(target, dict) else rng.randrange(len(target))
            if isinstance(target[name], dict | list) and target[name] and rng.random() < 0.7:
                target = target[name]
                continue
            target[name] = rng.choice(JUNK)
            break
        body["session_id"] = client.session_id
        answer = client.post(body)
        assert answer.status in (200, 401, 404, 409, 410, 422), (answer, str(body)[:300])
        held = client.server.held(client.session_id)
        client.sequence = held["next_sequence"]
        if held["state"] == "closed" or held["chunks"] > 150:
            client = Client(client.server).open()


def _bytes(rng: random.Random, client: Client, case: int) -> bytes:
    if case < len(LINES):
        return LINES[case]
    path = rng.choice([INGEST, INGEST, "/v1/sessions/open", "/v1/sessions/close"])
    if case < len(LINES) + 3 * len(HOSTILE):
        return _post(path, HOSTILE[(case - len(LINES)) % len(HOSTILE)])
    good = client.open_body() if path.endswith("open") else client.chunk(1)
    if rng.random() < 0.4:
        good[rng.choice(list(good))] = rng.choice(JUNK)
        return _post(path, json.dumps(good).encode())
    body = bytearray(client.signed(good))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(body))
        body[at : at + rng.randrange(3)] = rng.randbytes(rng.randrange(3))
    request = bytearray(_post(path, bytes(body)))
    if rng.random() < 0.4:
        at = rng.randrange(200)
        request[at : at + rng.randrange(4)] = rng.randbytes(rng.randrange(4))
    return bytes(request[: rng.randrange(len(request))] if rng.random() < 0.1 else request)


def _post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _converse(port: int, data: bytes) -> bytes:
    """Send, say that nothing follows, read to the end."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=0.2) as line:
        try:
            line.sendall(data)
            while part := line.recv(65_536):
                got += part
                if re.search(rb"content-length: (\d+)\r\n", got) and _complete(got):
                    break
        except (TimeoutError, ConnectionError):
            pass
    return got


def _complete(data: bytes) -> bool:
    return not _split(data)[1]


def _answers(data: bytes) -> list[object]:
    return [json.loads(body) for body in _split(data)[0]]


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Bodies of all whole replies, and what is left."""
    bodies = []
    while data:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100"):
            data = rest
            continue
        length = re.search(rb"content-length: (\d+)", head)
        if not separator or length is None or len(rest) < int(length[1]):
            assert not separator or length is not None, head
            break
        assert b"content-type: application/json" in head, head
        bodies.append(rest[: int(length[1])])
        data = rest[int(length[1]) :]
    return bodies, data
