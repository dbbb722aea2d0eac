"""What was acknowledged is there: after kill -9, under concurrency, with a full disk, at shutdown."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time

from central_client import INGEST, ROOT, Client, Server, serving

from tests.patience import PATIENCE, until


def test_nothing_acknowledged_is_lost_by_kill_9(tmp_path):
    """Killed at random moments while chunks pour in: every acknowledged one is held once, in order, without gap."""
    rng = random.Random(7)
    server = Server(tmp_path / "data")
    client = Client(server).open()
    acknowledged: dict[str, list[str]] = {client.session_id: []}
    for _ in range(6):
        # Only the process is killed: this thread goes on with the connection. It gets some work done on any machine.
        killer = threading.Timer(rng.uniform(0.0, 0.3), server.process.kill)
        body, done = None, 0
        try:
            while True:
                if done == 5:
                    killer.start()
                done += 1
                if client.chunks == 190:
                    client.send(client.close())
                    client = Client(server).open()
                    acknowledged[client.session_id] = []
                body = client.chunk(rng.randrange(1, 30))
                client.send(body)
                acknowledged[client.session_id].append(body["envelope_id"])
                body = None
        except (http.client.HTTPException, OSError):
            killer.join()
            server.kill()
        server = Server(tmp_path / "data")
        client.server = server
        if body is None:  # killed during a close or an open: that session is left as it is
            client = Client(server).open()
            acknowledged[client.session_id] = []
        else:  # the reply was lost: the same bytes again, stored or not
            client.send(body)
            acknowledged[client.session_id].append(body["envelope_id"])
    client.send(client.close())
    for session_id, wanted in acknowledged.items():
        held = server.held(session_id)
        assert [e["envelope_id"] for e in held["envelopes"] if e["kind"] == "chunk"] == wanted
        assert (held["gaps"], held["duplicates"], held["ordered"]) == (0, 0, True)
    assert server.held(client.session_id)["whole"] and sum(map(len, acknowledged.values())) > 20
    assert server.stop() == 0


def test_of_eight_at_one_number_one_is_stored(client):
    """Eight different envelopes at the same number at the same moment: one accepted, seven told to resign."""
    with _connections(client.server, 8) as twins, concurrent.futures.ThreadPoolExecutor(8) as pool:
        for number in range(5):
            bodies = [client.signed(client.chunk(1), number) for _ in twins]
            answers = list(pool.map(lambda twin, body: twin.post(INGEST, body), twins, bodies))
            assert sorted(a.status for a in answers) == [200] + [409] * 7
            assert {a.body["expected"] for a in answers} == {number + 1}
    assert client.server.held(client.session_id)["chunks"] == 5


def test_eight_repeats_at_once_are_one_envelope(client):
    """The same bytes eight times at the same moment: all accepted, stored once."""
    body = client.signed(client.chunk(1))
    with _connections(client.server, 8) as twins, concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda twin: twin.post(INGEST, body), twins))
    assert all(a.accepted for a in answers) and sum("duplicate" not in a.body for a in answers) == 1
    assert client.server.held(client.session_id)["chunks"] == 1


def test_a_full_quota_spends_nothing(tmp_path):
    """At the quota 507 with the same expected number; with room again the very same bytes are accepted."""
    with serving(tmp_path / "data", "--quota-mib", "2") as server:
        client = Client(server).open()
        body = client.chunk(1, pad="x" * 300_000)
        while (answer := client.post(body)).accepted:
            client.sequence, client.chunks, client.steps = client.sequence + 1, client.chunks + 1, client.steps + 1
            body = client.chunk(1, pad="x" * 300_000)
        assert (answer.status, answer.body["expected"]) == (507, client.sequence) and client.sequence > 2
        assert "Retry-After" in answer.headers
        assert server.held(client.session_id)["next_sequence"] == client.sequence
    with serving(tmp_path / "data") as client.server:
        client.send(body)
        client.send(client.close())
        assert client.server.held(client.session_id)["whole"]


def test_a_disk_that_takes_no_more_spends_nothing(tmp_path):
    """When the system refuses to write, 5xx and nothing spent; the server lives and goes on once it can write."""
    blocks = ("sh", "-c", 'ulimit -f 4000; exec "$@"', "sh")  # of 512 bytes: 2 MB for any one file
    with serving(tmp_path / "data", prefix=blocks) as server:
        client = Client(server).open()
        body = client.chunk(1, pad="x" * 300_000)
        while (answer := client.post(body)).accepted:
            client.sequence, client.chunks, client.steps = client.sequence + 1, client.chunks + 1, client.steps + 1
            body = client.chunk(1, pad="x" * 300_000)
            assert client.sequence < 100
        assert answer.status in (503, 507) and answer.body["expected"] == client.sequence
        assert client.post(body).status in (503, 507)
        assert server.get("/health").status == 200
    with serving(tmp_path / "data") as client.server:
        client.send(body)
        client.send(client.close())
        assert client.server.held(client.session_id)["whole"]


def test_sigterm_finishes_what_was_begun(tmp_path):
    """A body half sent at SIGTERM is still taken, answered and kept; the exit code is 0."""
    server = Server(tmp_path / "data")
    client = Client(server).open()
    body = client.signed(client.chunk(50))
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as line:
        line.sendall(_head(len(body), "Expect: 100-continue\r\n") + body[:1000])
        assert line.recv(65_536).startswith(b"HTTP/1.1 100 ")  # it has begun to read the body
        server.process.terminate()
        until(lambda: not _listening(server.port))
        line.sendall(body[1000:])
        assert b'"accepted":true' in _everything(line)
    assert server.stop() == 0
    with serving(tmp_path / "data") as again:
        assert again.held(client.session_id)["steps"] == 50


def test_the_slow_do_not_keep_a_connection(tmp_path):
    """A head that never ends is hung up on, a body that never ends gets 408, and others are served meanwhile."""
    for limit in (0.6, 3.0, 15.0):  # more where a question alone takes long
        options = ("--header-seconds", str(limit), "--body-seconds", str(limit))
        with serving(tmp_path / f"data{limit}", *options) as server:
            with (
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as silent,
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as head,
                socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) as body,
            ):
                head.sendall(b"POST /v1/training/ingest HTTP/1.1\r\nHost: x\r\n")
                body.sendall(_head(100_000) + b"{")
                began = time.monotonic()
                assert server.get("/health").status == 200
                took = time.monotonic() - began
                assert _everything(silent) == _everything(head) == b""
                answer = _everything(body)
            said = json.loads(answer.split(b"\r\n\r\n")[1])
            assert b" 408 " in answer.splitlines()[0] and said["accepted"] is False
        if took < limit * 0.8:
            break
    assert took < limit * 0.8


def test_one_connection_too_many_is_told_to_come_back(tmp_path):
    """At the limit a new connection gets 503 as JSON with Retry-After; when one leaves there is room again."""
    with serving(tmp_path / "data", "--connections", "3") as server:
        assert server.get("/health").status == 200
        with contextlib.ExitStack() as stack:
            lines = [
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE))
                for _ in range(3)
            ]
            answer = _everything(lines[-1])
            assert answer.startswith(b"HTTP/1.1 503 ") and json.loads(answer.split(b"\r\n\r\n")[1])["retryAfter"] == 1
            assert server.get("/health").status == 200
        until(lambda: _alone(server.port).startswith(b"HTTP/1.1 200 "))


def test_a_large_body_does_not_hold_up_the_others(tmp_path):
    """While full bodies are verified and stored, a question is answered within a fraction of their time."""
    with serving(tmp_path / "data") as server:
        client = Client(server).open()
        bodies = [client.signed(client.chunk(100, pad="é\n" * 1_200_000), number) for number in range(6)]
        with _connections(server, 1) as (twin,), concurrent.futures.ThreadPoolExecutor(1) as pool:
            started = time.perf_counter()
            sending = pool.submit(lambda: [twin.post(INGEST, body).status for body in bodies])
            waits = []
            while not sending.done():
                began = time.perf_counter()
                assert server.get("/health").status == 200
                waits.append(time.perf_counter() - began)
            assert sending.result() == [200] * 6
            each = (time.perf_counter() - started) / len(bodies)
        assert sorted(waits)[len(waits) // 2] < max(0.1, each / 3)


def test_what_cannot_start_says_why(tmp_path):
    """A data folder that is a file, a used port, an empty token file: exit code, one reason and a hint, no traceback."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "token").write_text("")
    with serving(tmp_path / "data") as server:
        for options in (
            ["--data", str(tmp_path / "file"), "--port", "0"],
            ["--data", str(tmp_path / "other"), "--port", str(server.port)],
            ["--data", str(tmp_path / "other"), "--port", "0", "--operator-token-file", str(tmp_path / "token")],
        ):
            command = [sys.executable, "-m", "central", "serve", *options]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
            assert done.returncode in (1, 2) and done.stdout == ""
            assert "central: " in done.stderr and "Traceback" not in done.stderr


@contextlib.contextmanager
def _connections(server, count):
    """More connections to the same process."""
    twins = []
    for _ in range(count):
        twin = object.__new__(Server)
        twin.__dict__.update(server.__dict__)
        twin._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        twins.append(twin)
    try:
        yield twins
    finally:
        for twin in twins:
            twin._connection.close()


def _head(length: int, more: str = "") -> bytes:
    return (
        f"POST {INGEST} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n"
        f"{more}Connection: close\r\n\r\n"
    ).encode()


def _alone(port: int) -> bytes:
    """The reply to a question on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line, contextlib.suppress(OSError):
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return _everything(line)
    return b""


def _listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionError:
        return False
    return True


def _everything(line: socket.socket) -> bytes:
    parts = []
    while part := line.recv(65_536):
        parts.append(part)
    return b"".join(parts)
