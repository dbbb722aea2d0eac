"""A Central Command in a child process of its own, and a client that speaks to it over real sockets."""

from __future__ import annotations

import contextlib
import copy
import http.client
import json
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sidecar.wire.attestation import SessionKey, sign
from sidecar.wire.canonical import canonical
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
HASH = "cdb59238ffcf9e00da4eaae99421c54b8af0a235f426344b269fa0edf7ff95ee"
INGEST = "/v1/training/ingest"
MOST_IDLE = 10.0
"""Seconds; the server gives a silent connection thirty."""


@dataclass(slots=True)
class Answer:
    """Status, parsed JSON and headers of one reply."""

    status: int
    body: Any
    headers: Any

    @property
    def accepted(self) -> bool:
        return self.status == 200 and self.body.get("accepted") is True


class Server:
    """`python -m central serve` on a free port."""

    def __init__(self, data: Path, *options: str, prefix: tuple[str, ...] = ()) -> None:
        self.data = data
        self.log = data.parent / f"{data.name}.log"
        self._log = self.log.open("ab")
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-m", "central", "serve", "--data", str(data), "--port", "0", *options],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log,
        )  # fmt: skip
        line = self.process.stdout.readline()
        assert line, self.log.read_text()
        self.url = json.loads(line)["listening"]
        self.port = int(self.url.rpartition(":")[2])
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self._used = time.monotonic()

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on the kept-alive connection; every answer has to be JSON."""
        given = {"Content-Type": "application/json"} if body is not None else {}
        if time.monotonic() - self._used > MOST_IDLE:
            self._connection.close()  # the server closes it soon; the next request makes a new one
        try:
            self._connection.request(method, path, body, {**given, **(headers or {})})
            reply = self._connection.getresponse()
            data = reply.read()
            self._used = time.monotonic()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise
        assert reply.headers["content-type"] == "application/json", (reply.status, data[:200])
        return Answer(reply.status, json.loads(data), reply.headers)

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, body: Any) -> Answer:
        return self.request("POST", path, body if isinstance(body, bytes) else json.dumps(body).encode())

    def held(self, session_id: str) -> Any:
        """The operators' view of one session."""
        answer = self.get(f"/v1/sessions/{session_id}")
        assert answer.status == 200
        return answer.body

    def kill(self) -> None:
        """No warning, no cleanup."""
        self._connection.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        self._close_pipes()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self._connection.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._close_pipes()
        return code

    def _close_pipes(self) -> None:
        self.process.stdout.close()
        self._log.close()


@contextlib.contextmanager
def serving(data: Path, *options: str, prefix: tuple[str, ...] = ()):
    """A server for the length of a block."""
    server = Server(data, *options, prefix=prefix)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def step(number: int, kind: str = "thought", **members: Any) -> dict[str, Any]:
    return {"step": number, "type": kind, "timestamp": time.time(), "content": f"step {number}", **members}


METADATA = {
    "model_engine": "some-new-model-9",
    "provider": "claude-code",
    "agent_role": "solo",
    "agent_id": "agent-1",
    "team_size": 1,
    "groove_version": "0.1.0",
    "redactions": {"EMAIL": 2},
}


@dataclass(slots=True)
class Client:
    """One session's signing side."""

    server: Server
    session_id: str = field(default_factory=lambda: f"sess_{uuid.uuid4()}")
    key: SessionKey = field(default_factory=SessionKey.generate)
    secret: bytes = b""
    sequence: int = 0
    steps: int = 0
    chunks: int = 0

    def open_body(self, **changes: Any) -> dict[str, Any]:
        return {
            "session_id": self.session_id,
            "public_key": self.key.public_b64,
            "provider": "claude-code",
            "model": "some-new-model-9",
            "machine_fingerprint": "f" * 64,
            "app_version_hash": HASH,
            "groove_version": "0.1.0",
            **changes,
        }

    def open(self) -> Client:
        answer = self.server.post("/v1/sessions/open", self.open_body())
        assert answer.status == 200, answer
        self.secret = self.key.derive(answer.body["server_public_key"])
        return self

    def signed(self, body: dict[str, Any], sequence: int | None = None) -> bytes:
        """The bytes to post; `body` may bring changes for the attestation."""
        unsigned = {name: member for name, member in body.items() if name != "attestation"}
        number = self.sequence if sequence is None else sequence
        attestation = {
            "session_hmac": sign(self.secret, number, canonical(unsigned)),
            "sequence": number,
            "app_version_hash": HASH,
            **body.get("attestation", {}),
        }
        return canonical({**unsigned, "attestation": attestation})

    def chunk(self, count: int = 2, **changes: Any) -> dict[str, Any]:
        """The next chunk; its steps go on counting."""
        return {
            "session_id": self.session_id,
            "envelope_id": f"env_{uuid.uuid4()}",
            "chunk_sequence": self.chunks,
            "contributor_id": "0123456789abcdef" * 2,
            "metadata": copy.deepcopy(METADATA),
            "trajectory_log": [step(self.steps + n + 1) for n in range(count)],
            **changes,
        }

    def close(self, **changes: Any) -> dict[str, Any]:
        outcome = {"status": "SUCCESS", "total_steps": self.steps, "total_chunks": self.chunks, **changes}
        return {
            "session_id": self.session_id,
            "envelope_id": f"env_{uuid.uuid4()}",
            "type": "SESSION_CLOSE",
            "outcome": outcome,
        }

    def feedback(self, **changes: Any) -> dict[str, Any]:
        feedback = {"signal": "accepted", "timestamp": time.time(), **changes}
        return {
            "session_id": self.session_id,
            "envelope_id": f"env_{uuid.uuid4()}",
            "type": "USER_FEEDBACK",
            "feedback": feedback,
        }

    def post(self, body: dict[str, Any], sequence: int | None = None) -> Answer:
        return self.server.post(INGEST, self.signed(body, sequence))

    def send(self, body: dict[str, Any]) -> Answer:
        """Post at the right number; has to be accepted."""
        answer = self.post(body)
        assert answer.accepted, answer
        assert answer.body["envelope_id"] == body["envelope_id"]
        if body.get("type") != "USER_FEEDBACK":
            self.sequence += 1
        if "trajectory_log" in body:
            self.steps += len(body["trajectory_log"])
            self.chunks += 1
        return answer
