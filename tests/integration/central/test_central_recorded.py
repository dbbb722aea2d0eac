"""The reference server's recorded behaviour, asked of ours: same values in, same values out, but for stated changes."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from central_client import INGEST, Client

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "wire"))
from wire_vectors import NOW, load, probe

STRICTER = {
    ("envelope_id", "5"),
    ("", "feedback carrying trajectory_log"),
    ("trajectory_log", "feedback carrying trajectory_log [null]"),
}
"""Probes the reference takes and we refuse, on purpose."""


def test_every_schema_probe_gets_the_recorded_verdict(server):
    """296 signed envelopes: accepted where the reference accepts, but for any model name and three stated rules."""
    client = Client(server).open()
    for row in load("schema_limits")["rows"]:
        shift = time.time() - NOW
        envelope = probe(row)
        envelope["session_id"] = client.session_id
        for step in envelope.get("trajectory_log") or []:
            stamp = step.get("timestamp") if isinstance(step, dict) else None
            if isinstance(stamp, int | float) and stamp:
                step["timestamp"] = stamp + (shift if stamp < 1e12 else shift * 1000)
        if "envelope_id" in envelope and row["path"] != "envelope_id":
            envelope["envelope_id"] = f"env_{time.monotonic_ns()}"
        sequence = envelope["attestation"].pop("sequence") if row["value"].startswith("seq=") else client.sequence
        envelope["attestation"].pop("session_hmac", None)
        envelope["attestation"].pop("sequence", None)
        unsent = (
            {**envelope["attestation"]} if "app_version_hash" in envelope["attestation"] else {"app_version_hash": None}
        )
        answer = client.post({**envelope, "attestation": unsent}, sequence)
        wanted = row["accepted"] or (row["path"] == "metadata.model_engine" and row["value"] != "<absent>")
        wanted = wanted and (row["path"], row["value"]) not in STRICTER
        assert answer.accepted is wanted, (row, answer)
        if wanted and row["kind"] != "feedback":
            client.sequence += 1
        if not wanted:
            assert answer.status == (401 if row["value"] == "seq=1000001" else 422)
        if client.sequence > 150 or (wanted and row["kind"] == "close"):
            client = Client(server).open()


STATUS = {
    "schema validation failed": 422,
    "sequence mismatch": 409,
    "HMAC verification failed": 401,
    "missing attestation": 401,
    "session is closed": 410,
    "session already closed": 410,
    "unknown session_id": 404,
    "malformed request": 400,
}
SKIPPED = {"rate_limited_open", "per_ip_limit", "server_restart", "lost_data_dir", "body_over_limit", "per_session_cap"}
"""Conversations about limits and processes, which have tests of their own with our numbers."""
CONVERSATIONS = [t for t in load("transcripts")["transcripts"] if t["name"] not in SKIPPED]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda t: t["name"])
def test_recorded_conversations_make_sense_to_ours(server, conversation):
    """Replayed with fresh keys, times and numbers: what was refused is refused with the status of its reason.

    Deliberate differences: a repeat of stored bytes is accepted as duplicate; a refusal spends no number; a bare close
    needs a proof; one bad request does not end the process.
    """
    play = _Play(server, conversation)
    for entry in conversation["steps"]:
        if "request" in entry and "body" in entry["request"]:
            play.turn(entry)


class _Play:
    """One conversation, translated."""

    def __init__(self, server, conversation) -> None:
        self.client = Client(server)
        self.name = conversation["name"]
        self.sent: dict[str, bytes] = {}
        self.was_open = False

    def turn(self, entry) -> None:
        path, text = entry["request"]["path"], entry["request"]["body"]
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        if path.endswith("/open"):
            self.open(entry)
        elif path.endswith("/close"):
            bare = {**body, "session_id": self.client.session_id}
            assert self.client.server.post(path, bare).status == (401 if self.was_open else 404)
            if self.was_open:
                assert self.client.server.post(path, self.client.signed(bare)).body["closed"] is True
        elif isinstance(body, dict) and isinstance(body.get("session_id"), str) and body["session_id"]:
            self.ingest(entry, text, body)
        else:
            answer = self.client.server.post(INGEST, text.encode())
            assert answer.status == 400 and answer.body["accepted"] is False

    def open(self, entry) -> None:
        if not self.was_open:
            self.client.open()
            self.was_open = True
            return
        answer = self.client.server.post("/v1/sessions/open", self.client.open_body())
        assert answer.status == 409 and "again" in entry["note"].replace("re-open", "again")

    def ingest(self, entry, text, body) -> None:
        recorded = (
            json.loads(entry["response"]["body"] or "{}")
            if entry["response"] and entry["response"].get("status") == 200
            else {}
        )
        again = text in self.sent
        fresh = self.sent.get(text) or self.translated(entry, body, recorded)
        answer = self.client.server.post(INGEST, fresh)
        if recorded.get("accepted") or again:
            assert answer.accepted, (entry["note"], answer)
            assert bool(answer.body.get("duplicate")) is again
            self.sent[text] = fresh
            if not again and body.get("type") != "USER_FEEDBACK":
                self.client.sequence += 1
        else:
            status = next((s for reason, s in STATUS.items() if reason in recorded.get("reason", "")), None)
            assert answer.status == status if status else answer.status >= 400, (entry["note"], answer)

    def translated(self, entry, body, recorded) -> bytes:
        """The same envelope for our session: fresh id, times and signature, and the number ours expects."""
        attestation = body.pop("attestation", None) or {}
        body["session_id"] = self.client.session_id
        body["envelope_id"] = f"env_{time.monotonic_ns()}"
        for step in body.get("trajectory_log") or []:
            if isinstance(step, dict) and "timestamp" in step:
                step["timestamp"] = time.time()
        if not self.was_open:
            self.client.secret = b"s" * 32
        reason = recorded.get("reason", "")
        sequence = self.client.sequence
        if reason.startswith("sequence mismatch") and "refused" not in entry["note"]:
            sequence = attestation["sequence"]
        elif reason.startswith("sequence mismatch"):
            body["contributor_id"] = "x"  # the reference had spent the number; ours has not, so make it refusable
            recorded["reason"] = "schema validation failed"
        elif self.name == "crash_on_null_step" and None in (body.get("trajectory_log") or []):
            recorded["reason"] = "schema validation failed"
        changes = {"session_hmac": "0" * 64} if "HMAC" in reason else {}
        return self.client.signed({**body, "attestation": changes}, sequence)
