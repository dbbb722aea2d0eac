"""Reading the recorded vectors, and turning a described schema probe back into the value that was sent."""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "data" / "vectors"
NOW = 1_795_164_032.0
HASH = "cdb59238ffcf9e00da4eaae99421c54b8af0a235f426344b269fa0edf7ff95ee"
DAY = 86_400


def load(name: str) -> Any:
    """The parsed vector file, compressed or not."""
    plain = FOLDER / f"{name}.json"
    if plain.exists():
        return json.loads(plain.read_text("utf-8"))
    with gzip.open(f"{plain}.gz", "rt", encoding="utf-8") as handle:
        return json.load(handle)


def attestation() -> dict[str, Any]:
    """A well-formed attestation."""
    return {"session_hmac": "0" * 64, "sequence": 0, "app_version_hash": HASH}


def step(number: int = 1) -> dict[str, Any]:
    """The step of the base chunk."""
    return {"step": number, "type": "thought", "timestamp": NOW, "content": f"step {number}", "token_count": 2}


def base(kind: str) -> dict[str, Any]:
    """The envelopes every probe changes in one member."""
    common = {"envelope_id": "env_client_chosen", "session_id": "sess_probe", "attestation": attestation()}
    if kind == "close":
        outcome = {"status": "SUCCESS", "total_steps": 6, "total_chunks": 3, "total_tokens": 6, "session_quality": 50}
        return {**common, "type": "SESSION_CLOSE", "outcome": outcome}
    if kind == "feedback":
        feedback = {"signal": "accepted", "timestamp": NOW, "context": "ok", "target_step": 1}
        return {**common, "type": "USER_FEEDBACK", "feedback": feedback}
    metadata = {
        "model_engine": "claude-opus-4-6",
        "provider": "claude-code",
        "agent_role": "backend",
        "agent_id": "agent-1",
        "task_complexity": "medium",
        "team_size": 1,
        "session_quality": 0,
        "groove_version": "0.1.0",
        "leaf_context": None,
    }
    return {
        **common,
        "chunk_sequence": 0,
        "contributor_id": "0123456789abcdef0123456789abcdef",
        "metadata": metadata,
        "trajectory_log": [step(1), step(2)],
    }


_TAG = {"domain": "web", "confidence": 0.5}
_TAGS = {"primary": _TAG, "secondary": _TAG, "tertiary": _TAG}
_ROUTE = {"leaf_id": "l", "routing_confidence": 0.5, "fallback_used": False}
_LEAF = {"leaf_id": "l", "leaf_version": "1", "confidence_at_route": 1, "chassis_model": "m"}
_FIXED: dict[tuple[str, str], Any] = {
    ("trajectory_log", "200 steps"): [step(n) for n in range(200)],
    ("trajectory_log", "500 steps"): [step(n) for n in range(500)],
    ("trajectory_log", "501 steps"): [step(n) for n in range(501)],
    ("trajectory_log.0.timestamp", "seconds now-7d+30s"): NOW - 7 * DAY + 30,
    ("trajectory_log.0.timestamp", "millis now-7d+30s"): (NOW - 7 * DAY + 30) * 1000,
    ("trajectory_log.0.timestamp", "seconds now-7d-30s"): NOW - 7 * DAY - 30,
    ("trajectory_log.0.timestamp", "millis now-7d-30s"): (NOW - 7 * DAY - 30) * 1000,
    ("trajectory_log.0.timestamp", "seconds now+1h-30s"): NOW + 3570,
    ("trajectory_log.0.timestamp", "millis now+1h-30s"): (NOW + 3570) * 1000,
    ("trajectory_log.0.timestamp", "seconds now+1h+30s"): NOW + 3630,
    ("trajectory_log.0.timestamp", "millis now+1h+30s"): (NOW + 3630) * 1000,
    ("trajectory_log.0.content", "50000 astral chars (=100000 UTF-16)"): "😀" * 50_000,
    ("trajectory_log.0.content", "50000 astral + 1"): "😀" * 50_000 + "a",
    ("trajectory_log.0.content", "array holding 200000-char string"): ["a" * 200_000],
    ("trajectory_log.0.arguments", "object holding 1,000,000-char string"): {"a": "a" * 1_000_000},
    ("feedback.context", "1,000,000 chars"): "a" * 1_000_000,
}


def _ambiguous(row: dict[str, Any]) -> Any:
    """Probes whose description fits several values: the server's verdict and reason tell which one was meant."""
    path, value, reason = row["path"], row["value"], row["reason"]
    if path == "attestation.app_version_hash":
        return ("a" * 64) if row["accepted"] else ("A" * 64) if value == "str len 64" else "a" * 63
    if path == "metadata.agent_role":
        return "😀" * int(value.split()[-1])  # 25 of them are 50 code units
    if path == "metadata.domain_tags":
        if row["accepted"]:
            return {**_TAGS, "more": 1} if value == "dict len 4" else _TAGS
        if "tertiary" in reason:
            return {k: v for k, v in _TAGS.items() if k != "tertiary"} | ({"x": 1} if value == "dict len 3" else {})
        return {**_TAGS, "primary": {**_TAG, **({"domain": ""} if "domain must" in reason else {"confidence": 1.5})}}
    if path == "metadata.routing":
        return _ROUTE if row["accepted"] else {**_ROUTE, "routing_confidence": 2, "fallback_used": 1}
    if path == "metadata.leaf_context":
        return _LEAF
    return "a" * int(value.split()[-1])


def probe(row: dict[str, Any]) -> dict[str, Any]:
    """The envelope a row of schema_limits.json describes."""
    envelope = copy.deepcopy(base(row["kind"]))
    path, value = row["path"], row["value"]
    if value == "(baseline)":
        return envelope
    if value.startswith("seq="):
        envelope["attestation"]["sequence"] = int(value[4:])
        return envelope
    if value == "feedback carrying trajectory_log [null]":
        return {**envelope, "trajectory_log": [None]}
    target: Any = envelope
    *parents, last = path.split(".")
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target[name]
    if value == "<absent>":
        target.pop(last, None)
    elif (path, value) in _FIXED:
        target[last] = copy.deepcopy(_FIXED[path, value])
    elif value.startswith(("str len", "dict len")):
        target[last] = copy.deepcopy(_ambiguous(row))
    else:
        target[last] = json.loads(value)
    return envelope
