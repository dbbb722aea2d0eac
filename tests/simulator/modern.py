"""The other dialect: refusals are 4xx with the number the server expects, duplicates are named, limits are published.

Owns: how the same session logic answers in that dialect.
Never: spends a number on what it does not store.
Invariant: an envelope id is stored once.
"""

from __future__ import annotations

from typing import Any

from sidecar.wire.http import describe_contract
from sidecar.wire.limits import Contract
from sidecar.wire.schema import violations
from tests.simulator.reference import MAX_CHUNKS, Reference, Reply, Session, answer

CONTRACT = Contract(name="modern", models=None)


class Modern(Reference):
    """As `Reference`, with the contract page and honest statuses."""

    contract = CONTRACT

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes, address: str, now: float) -> Reply:
        if (method, path) == ("GET", "/v1/contract"):
            return answer(describe_contract(self.contract))
        return super().handle(method, path, headers, body, address, now)

    def _ingest(self, body: Any, now: float) -> Reply:
        if not isinstance(body, dict) or not isinstance(body.get("session_id"), str):
            return answer({"accepted": False, "reason": "malformed request"}, 400)
        session = self.disk.sessions.get(body["session_id"])
        if session is None:
            return answer({"accepted": False, "reason": "unknown session"}, 404)
        if self._attested(session, body) is not None:
            return answer({"accepted": False, "reason": "signature does not verify"}, 401)
        if any(item.envelope_id == body.get("envelope_id") for item in self.disk.stored):
            return answer({"accepted": True, "duplicate": True, "envelope_id": body["envelope_id"]})
        return self._new(session, body, now)

    def _new(self, session: Session, body: dict[str, Any], now: float) -> Reply:
        kind = {"SESSION_CLOSE": "close", "USER_FEEDBACK": "feedback"}.get(str(body.get("type")), "chunk")
        sequence = body["attestation"]["sequence"]
        no = {"accepted": False, "expected": session.expected}
        if kind != "feedback" and not session.active:
            return answer({**no, "reason": "session closed"}, 410)
        if kind == "chunk" and session.chunks >= MAX_CHUNKS:
            return answer({**no, "reason": "session envelope limit exceeded (max 200)"}, 429)
        if kind != "feedback" and sequence != session.expected:
            return answer({**no, "reason": f"sequence mismatch: expected {session.expected}, got {sequence}"}, 409)
        found = violations(body, now, self.contract)
        if found:
            return answer({**no, "reason": f"schema validation failed: {', '.join(found)}"}, 422)
        if self.disk.full:
            return answer({**no, "reason": "storage full"}, 507)
        reply = self._store(body, kind)
        if kind != "feedback":
            session.expected += 1
        session.chunks += kind == "chunk"
        session.active = session.active and kind != "close"
        return reply
