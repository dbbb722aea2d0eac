"""What the reference server decides: a request in, a reply or the end of the process out.

Owns: sessions, sequences, the limiter, what is stored; the order of its checks, its texts and its defects.
Never: touches a socket or a clock of its own.
Invariant: every reply recorded in tests/data/conversations is answered the same way (status, type, reason).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
import zlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sidecar.wire.attestation import SessionKey
from sidecar.wire.canonical import canonical, parse_js
from sidecar.wire.schema import violations

BODY_BYTES = 5 * 1024 * 1024
MAX_CHUNKS = 200
OPENS_PER_HOUR = 20
PER_MINUTE, PER_HOUR = 100, 1000
FATAL_DEPTH = 5_000
OPEN_MEMBERS = (
    "session_id",
    "public_key",
    "provider",
    "model",
    "machine_fingerprint",
    "app_version_hash",
    "groove_version",
)
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


class ProcessEndedError(Exception):
    """The server process exits with code 1: every connection closes without a reply."""


class Reply(NamedTuple):
    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class Stored(NamedTuple):
    """One line of the server's jsonl: what it truly holds."""

    session_id: str
    kind: str
    sequence: int
    envelope_id: str
    body: dict[str, Any]


@dataclass
class Session:
    secret: bytes
    fingerprint: str
    created: float
    active: bool = True
    expected: int = 0
    chunks: int = 0


@dataclass
class Disk:
    """What survives a restart."""

    sessions: dict[str, Session] = field(default_factory=dict)
    stored: list[Stored] = field(default_factory=list)
    full: bool = False


@dataclass
class Window:
    minute: float
    hour: float
    in_minute: int = 0
    in_hour: int = 0


def answer(value: Any, status: int = 200) -> Reply:
    return Reply(status, JSON, json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def html(status: int, error: str) -> Reply:
    page = f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n<pre>{error}<br> &nbsp; &nbsp;at Layer.handle (/srv/node_modules/express/lib/router/layer.js:95:5)</pre>\n</body>\n</html>\n'
    return Reply(status, HTML, page.encode(), (("X-Content-Type-Options", "nosniff"),))


def refuse(reason: str, status: int = 200) -> Reply:
    return answer({"accepted": False, "reason": reason}, status)


def depth_exceeds(body: bytes, limit: int) -> bool:
    """Is the JSON nested deeper than `limit`; strings do not count."""
    depth, quoted, escaped = 0, False, False
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    for byte in body:
        if quoted:
            quoted, escaped = escaped or byte != 0x22, not escaped and byte == 0x5C
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


class Reference:
    """One server process over a `disk`. `now` is given with each request; `secrets` presets shared secrets by id."""

    def __init__(self, disk: Disk, *, secrets: dict[str, bytes] | None = None, limited: bool = True) -> None:
        self.disk = disk
        self.windows: dict[str, Window] = {}
        self.secrets = secrets or {}
        self.limited = limited
        self.started: float | None = None

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes, address: str, now: float) -> Reply:
        """CORS, then the body parser, then the limiter, then the routes: in this order."""
        self.started = now if self.started is None else self.started
        if method == "OPTIONS":
            return Reply(204, "", b"")
        parsed = self._parse(headers, body)
        if isinstance(parsed, Reply):
            return parsed
        limited = self._limit(headers.get("x-forwarded-for", address).split(",")[0].strip(), now)
        if limited is not None:
            return limited
        route = (method, path.split("?", 1)[0].rstrip("/").lower())
        if route == ("GET", "/health"):
            return answer({"status": "ok", "uptime": now - self.started})
        if route == ("POST", "/v1/sessions/open"):
            return self._open(parsed, now)
        if route == ("POST", "/v1/sessions/close"):
            return self._close(parsed)
        if route == ("POST", "/v1/training/ingest"):
            return self._ingest(parsed, now)
        if route == ("GET", "/v1/stats/summary"):
            return answer(self._summary())
        return html(404, f"Cannot {method} {path}")

    def _parse(self, headers: dict[str, str], body: bytes) -> dict[str, Any] | list[Any] | Reply:
        media, _, parameters = headers.get("content-type", "").partition(";")
        if media.strip().lower() != "application/json" or not body:
            return {}
        charset = parameters.lower().partition("charset=")[2].strip(' "') or "utf-8"
        if charset not in ("utf-8", "utf-16"):
            return html(415, f"UnsupportedMediaTypeError: unsupported charset &quot;{charset.upper()}&quot;")
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip", "deflate"):
            return html(415, f"UnsupportedMediaTypeError: unsupported content encoding &quot;{encoding}&quot;")
        if encoding != "identity":
            try:
                body = zlib.decompressobj(wbits=47).decompress(body, BODY_BYTES + 1)
            except zlib.error:
                return html(400, "Error: incorrect header check")
        if len(body) > BODY_BYTES:
            return html(413, "PayloadTooLargeError: request entity too large")
        text = body.removeprefix(b"\xef\xbb\xbf").decode(charset, "replace").encode()
        if text.lstrip(b" \t\r\n")[:1] not in (b"{", b"["):
            return html(400, "SyntaxError: Unexpected token, is not valid JSON")
        if depth_exceeds(text, FATAL_DEPTH):
            raise ProcessEndedError
        try:
            value = parse_js(text)
        except ValueError:
            return html(400, "SyntaxError: Unexpected end of JSON input")
        assert isinstance(value, dict | list)
        return value

    def _limit(self, address: str, now: float) -> Reply | None:
        if not self.limited:
            return None
        window = self.windows.setdefault(address, Window(now, now))
        if now >= window.minute + 60:
            window.minute, window.in_minute = now, 0
        if now >= window.hour + 3600:
            window.hour, window.in_hour = now, 0
        window.in_minute += 1
        window.in_hour += 1
        if window.in_hour > PER_HOUR:
            end = window.hour + 3600
        elif window.in_minute > PER_MINUTE:
            end = window.minute + 60
        else:
            return None
        return answer({"error": "Too Many Requests", "retryAfter": -int(-(end - now) // 1)}, 429)

    def _open(self, body: Any, now: float) -> Reply:
        if not isinstance(body, dict) or not all(body.get(name) for name in OPEN_MEMBERS):
            return answer({"error": "missing required fields", "required": list(OPEN_MEMBERS)}, 400)
        if any(not isinstance(body[name], str | int | float) or body[name] is True for name in OPEN_MEMBERS):
            return html(500, "TypeError: SQLite3 can only bind numbers, strings, bigints, buffers, and null")
        fingerprint, session_id = str(body["machine_fingerprint"]), str(body["session_id"])
        recent = [s for s in self.disk.sessions.values() if s.fingerprint == fingerprint and s.created > now - 3600]
        if len(recent) >= OPENS_PER_HOUR:
            return answer({"error": "rate limited: too many sessions from this machine"}, 429)
        key = SessionKey.generate()
        try:
            secret = key.derive(str(body["public_key"]))
        except ValueError:
            return html(500, "Error: Public key is not valid for specified curve ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY")
        if session_id in self.disk.sessions:
            return html(500, "SqliteError: UNIQUE constraint failed: sessions.session_id")
        self.disk.sessions[session_id] = Session(self.secrets.get(session_id, secret), fingerprint, now)
        return answer({"server_public_key": key.public_b64})

    def _close(self, body: Any) -> Reply:
        session_id = body.get("session_id") if isinstance(body, dict) else None
        if not session_id:
            return answer({"error": "missing session_id"}, 400)
        if isinstance(session_id, dict | list):
            return html(500, "TypeError: SQLite3 can only bind numbers, strings, bigints, buffers, and null")
        session = self.disk.sessions.get(str(session_id))
        if session is None:
            return answer({"error": "unknown session_id"}, 404)
        if not session.active:
            return answer({"closed": True, "already_closed": True})
        session.active = False
        return answer({"closed": True})

    def _ingest(self, body: Any, now: float) -> Reply:
        if not isinstance(body, dict) or not body.get("session_id"):
            if isinstance(body, dict) and body.get("session_id") == []:
                raise ProcessEndedError
            return refuse("malformed request: missing envelope or session_id", 400)
        if isinstance(body["session_id"], dict | list | bool):
            raise ProcessEndedError
        kind = body.get("type")
        session = self.disk.sessions.get(str(body["session_id"]))
        if kind == "USER_FEEDBACK":
            return self._feedback(session, body, now)
        if kind == "SESSION_CLOSE":
            return self._session_close(session, body, now)
        if session is None or session.chunks >= MAX_CHUNKS:
            return refuse("session envelope limit exceeded (max 200)", 429)
        if not session.active:
            return refuse("session is closed")
        refused = self._attested(session, body) or self._advance(session, body)
        if refused is not None:
            return refused
        if None in (body.get("trajectory_log") or []):
            raise ProcessEndedError
        reply = self._invalid(body, now) or self._store(body, "chunk")
        session.chunks += reply.status == 200 and b'"accepted":true' in reply.body
        return reply

    def _session_close(self, session: Session | None, body: dict[str, Any], now: float) -> Reply:
        if session is None:
            return refuse("unknown session_id")
        if not session.active:
            return refuse("session already closed")
        refused = self._attested(session, body) or self._advance(session, body) or self._invalid(body, now)
        if refused is not None:
            return refused
        session.active = False
        return self._store(body, "close")

    def _feedback(self, session: Session | None, body: dict[str, Any], now: float) -> Reply:
        if session is None:
            return refuse("unknown session_id")
        return self._attested(session, body) or self._invalid(body, now) or self._store(body, "feedback")

    def _attested(self, session: Session, body: dict[str, Any]) -> Reply | None:
        attestation = body.get("attestation")
        if not isinstance(attestation, dict):
            return refuse("missing attestation")
        claimed, sequence = attestation.get("session_hmac"), attestation.get("sequence")
        if isinstance(sequence, int | float) and not isinstance(sequence, bool) and not 0 <= sequence < 2**32:
            raise ProcessEndedError
        if not isinstance(claimed, str) or not claimed:
            return refuse("empty or missing HMAC")
        whole = isinstance(sequence, int | float) and not isinstance(sequence, bool) and sequence == int(sequence)
        signed = canonical({name: value for name, value in body.items() if name != "attestation"})
        prefix = int(sequence or 0).to_bytes(4, "big") if whole else b"\0\0\0\0"
        proper = hmac.new(session.secret, prefix + signed, hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(proper.encode(), claimed.encode()) else refuse("HMAC verification failed")

    def _advance(self, session: Session, body: dict[str, Any]) -> Reply | None:
        sequence = body["attestation"].get("sequence")
        if isinstance(sequence, bool) or sequence != session.expected:
            return refuse(f"sequence mismatch: expected {session.expected}, got {sequence}")
        session.expected += 1
        return None

    def _invalid(self, body: dict[str, Any], now: float) -> Reply | None:
        found = violations(body, now)
        return refuse(f"schema validation failed: {', '.join(found)}") if found else None

    def _store(self, body: dict[str, Any], kind: str) -> Reply:
        if self.disk.full:
            return refuse("storage quota exceeded", 507)
        name = f"env_{uuid.uuid4()}"
        sequence = body["attestation"]["sequence"]
        self.disk.stored.append(
            Stored(str(body["session_id"]), kind, int(sequence), str(body.get("envelope_id")), body)
        )
        return answer({"accepted": True, "envelope_id": name})

    def _summary(self) -> dict[str, Any]:
        steps = [s for item in self.disk.stored if item.kind == "chunk" for s in item.body["trajectory_log"]]
        sessions = self.disk.sessions.values()
        people = {item.body.get("contributor_id") for item in self.disk.stored} - {None}
        return {
            "totalEnvelopes": len(self.disk.stored),
            "totalSteps": len(steps),
            "totalSessions": len(self.disk.sessions),
            "activeSessions": sum(s.active for s in sessions),
            "uniqueContributors": len(people),
            "storageSizeMb": 0,
        }
