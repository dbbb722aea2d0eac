"""What an envelope must look like: the same rules on both sides of the wire.

Owns: `violations`.
Never: checks a signature or a sequence against a session, repairs anything, or raises on any JSON value.
Invariant: for the reference contract, an envelope has no violation exactly when the reference server takes it, and the
sentences are the server's own (a member that would end that server's process is a violation too).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from sidecar.wire import limits
from sidecar.wire.canonical import number, utf16_length
from sidecar.wire.limits import REFERENCE, Contract

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_VIOLATIONS = 100
MILLISECONDS_FROM = 1e12
"""A timestamp from here on is milliseconds."""
MAX_MODEL = 100
_SHOWN = 64
CLOSE = "SESSION_CLOSE"
FEEDBACK = "USER_FEEDBACK"
_REQUIRED_TOTALS = ("total_steps", "total_chunks")
_OPTIONAL_TOTALS = (
    "user_interventions",
    "total_tokens",
    "duration_seconds",
    "files_modified",
    "errors_encountered",
    "errors_recovered",
    "coordination_events",
)
_FEEDBACK_MEMBERS = frozenset(
    {"signal", "timestamp", "context", "target_step", "revision_rounds", "delta_summary"},
)


class _Absent:
    """A member that is not there, which the rules tell apart from null."""


ABSENT: Final = _Absent()


def violations(envelope: object, now: float, contract: Contract = REFERENCE) -> list[str]:
    """Every rule `envelope` (parsed JSON, attestation included) breaks; empty = it would be accepted.

    `now` is unix seconds: steps must lie within the contract's window around it.
    """
    if not isinstance(envelope, dict):
        return ["Missing envelope"]
    found: list[str] = []
    if not _text(envelope.get("session_id")):
        found.append("Missing or invalid session_id")
    kind = envelope.get("type")
    if kind == CLOSE:
        _check_attestation(envelope.get("attestation"), found)
        _check_outcome(envelope.get("outcome"), found)
    elif kind == FEEDBACK:
        _check_attestation(envelope.get("attestation"), found)
        _check_feedback(envelope, found, strict=contract.strict_feedback)
    else:
        _check_chunk(envelope, now, contract, found)
    if len(found) > MAX_VIOLATIONS:
        found[MAX_VIOLATIONS:] = [f"and {len(found) - MAX_VIOLATIONS} more"]
    return found


def _check_chunk(envelope: dict[str, Any], now: float, contract: Contract, found: list[str]) -> None:
    if not _number(envelope.get("chunk_sequence")):
        found.append("Missing or invalid chunk_sequence")
    contributor = envelope.get("contributor_id")
    if not _text(contributor):
        found.append("Missing or invalid contributor_id")
    elif limits.CONTRIBUTOR_ID.fullmatch(contributor) is None:
        found.append("contributor_id must be a 32-character hex string")
    _check_attestation(envelope.get("attestation"), found)
    metadata = envelope.get("metadata")
    if isinstance(metadata, dict | list):
        _check_metadata(_members(metadata), contract, found)
    else:
        found.append("Missing metadata")
    steps = envelope.get("trajectory_log")
    if not isinstance(steps, list):
        found.append("Missing or invalid trajectory_log")
    elif len(steps) > limits.MAX_STEPS_PER_ENVELOPE:
        found.append(
            f"trajectory_log exceeds maximum of {limits.MAX_STEPS_PER_ENVELOPE} steps (got {len(steps)})",
        )
    else:
        for index, step in enumerate(steps):
            _check_step(step, index, now, contract, found)


def _check_attestation(attestation: object, found: list[str]) -> None:
    if not isinstance(attestation, dict):
        found.append("Missing attestation")
        return
    for name in ("session_hmac", "app_version_hash"):
        digits = attestation.get(name)
        if not isinstance(digits, str) or limits.HEX_64.fullmatch(digits) is None:
            found.append(f"attestation.{name} must be exactly 64 hex characters")
    if not _whole(attestation.get("sequence"), 0, limits.MAX_SEQUENCE):
        found.append(f"attestation.sequence must be a non-negative integer, max {limits.MAX_SEQUENCE}")


def _check_metadata(metadata: dict[str, Any], contract: Contract, found: list[str]) -> None:
    if metadata.get("provider") not in limits.PROVIDERS:
        found.append(f"metadata.provider must be one of: {', '.join(limits.PROVIDERS)}")
    model = metadata.get("model_engine")
    if contract.models is None:
        if not _text(model, MAX_MODEL):
            found.append(f"metadata.model_engine must be a string, max {MAX_MODEL} characters")
    elif model not in contract.models:
        found.append(f"metadata.model_engine must be one of: {', '.join(contract.models)}")
    for name, most in (("agent_role", limits.MAX_ROLE), ("agent_id", limits.MAX_AGENT_ID)):
        if not _text(metadata.get(name), most):
            found.append(f"metadata.{name} must be a string, max {most} characters")
    team = metadata.get("team_size")
    if team is not None and not _whole(team, 1, limits.MAX_TEAM):
        found.append(f"metadata.team_size must be an integer 1-{limits.MAX_TEAM}")
    complexity = metadata.get("task_complexity")
    if complexity is not None and complexity not in limits.COMPLEXITIES:
        found.append("metadata.task_complexity must be light, medium, or heavy")
    version = metadata.get("groove_version")
    if version is not None and not _text(version, limits.MAX_GROOVE_VERSION, empty=True):
        found.append(f"metadata.groove_version must be a string, max {limits.MAX_GROOVE_VERSION} characters")
    for name, check in _NESTED.items():
        value = metadata.get(name)
        if isinstance(value, dict | list):
            check(_members(value), f"metadata.{name}", found)
        elif value is not None:
            found.append(f"metadata.{name} must be an object or null")


def _check_tags(tags: dict[str, Any], path: str, found: list[str]) -> None:
    for name in ("primary", "secondary", "tertiary"):
        tag = tags.get(name)
        if not isinstance(tag, dict | list):
            found.append(f"{path}.{name} must be an object")
            continue
        members = _members(tag)
        _check_text(members, f"{path}.{name}", "domain", found)
        _check_share(members, f"{path}.{name}", "confidence", found)


def _check_embedding(embedding: dict[str, Any], path: str, found: list[str]) -> None:
    _check_text(embedding, path, "model", found)
    vector = embedding.get("vector")
    if not isinstance(vector, list) or not vector:
        found.append(f"{path}.vector must be a non-empty array of numbers")
    elif not all(_number(part) for part in vector):
        found.append(f"{path}.vector must contain only finite numbers")
    if not isinstance(embedding.get("source_text"), str):
        found.append(f"{path}.source_text must be a string")


def _check_routing(routing: dict[str, Any], path: str, found: list[str]) -> None:
    _check_text(routing, path, "leaf_id", found)
    _check_share(routing, path, "routing_confidence", found)
    if not isinstance(routing.get("fallback_used"), bool):
        found.append(f"{path}.fallback_used must be a boolean")
    for name in ("leaf_lifecycle_stage", "parent_leaf_id"):
        value = routing.get(name)
        if value is not None and not isinstance(value, str):
            found.append(f"{path}.{name} must be a string or null")


def _check_leaf(leaf: dict[str, Any], path: str, found: list[str]) -> None:
    _check_text(leaf, path, "leaf_id", found)
    _check_text(leaf, path, "leaf_version", found)
    _check_share(leaf, path, "confidence_at_route", found)
    _check_text(leaf, path, "chassis_model", found)


_NESTED: dict[str, Callable[[dict[str, Any], str, list[str]], None]] = {
    "domain_tags": _check_tags,
    "session_embedding": _check_embedding,
    "routing": _check_routing,
    "leaf_context": _check_leaf,
}


def _check_step(step: object, index: int, now: float, contract: Contract, found: list[str]) -> None:
    if not isinstance(step, dict):
        found.append(f"Step must be an object at index {index}")
        return
    kind = step.get("type", ABSENT)
    if not isinstance(kind, str) or kind not in contract.step_types:
        found.append(f'Invalid step type "{_shown(kind)}" at index {index}')
    if not _whole(step.get("step"), 0, limits.MAX_STEP_NUMBER):
        found.append(f"step.step must be a non-negative integer, max {limits.MAX_STEP_NUMBER} at index {index}")
    _check_time(step.get("timestamp"), index, now, contract, found)
    content = step.get("content")
    # a string has at most two code units per character, so most lengths need no counting
    if (
        isinstance(content, str)
        and len(content) > contract.max_content // 2
        and utf16_length(content) > contract.max_content
    ):
        found.append(f"step.content exceeds {contract.max_content} characters at index {index}")
    for name in ("token_count", "original_token_count"):
        count = step.get(name, ABSENT)
        if count is not ABSENT and not (_number(count) and 0 <= count <= limits.MAX_TOKEN_COUNT):
            found.append(f"step.{name} must be 0-{limits.MAX_TOKEN_COUNT} at index {index}")
    if not isinstance(step.get("truncated", False), bool):
        found.append(f"step.truncated must be a boolean at index {index}")


def _check_time(value: Any, index: int, now: float, contract: Contract, found: list[str]) -> None:
    if not _number(value):
        found.append(f"Missing timestamp at index {index}")
        return
    seconds = value if value < MILLISECONDS_FROM else value / 1000
    if not now - contract.max_age_seconds <= seconds <= now + limits.MAX_AHEAD_SECONDS:
        days = f"{contract.max_age_seconds / 86_400:g}"
        found.append(
            f"Timestamp out of range at index {index} (must be within last {days} days, max 1 hour in future)",
        )


def _check_outcome(outcome: object, found: list[str]) -> None:
    if not isinstance(outcome, dict | list):
        found.append("Missing outcome")
        return
    members = _members(outcome)
    if members.get("status") not in limits.CLOSE_STATUSES:
        found.append(f"outcome.status must be one of: {', '.join(limits.CLOSE_STATUSES)}")
    found.extend(
        f"Missing or invalid outcome.{name}"
        for name in _REQUIRED_TOTALS
        if not _whole(members.get(name), 0, limits.MAX_TOTAL)
    )
    found.extend(
        f"outcome.{name} must be a non-negative integer, max {limits.MAX_TOTAL}"
        for name in _OPTIONAL_TOTALS
        if name in members and not _whole(members[name], 0, limits.MAX_TOTAL)
    )
    tier = members.get("quality_tier")
    if tier is not None and tier not in limits.QUALITY_TIERS:
        found.append(f"outcome.quality_tier must be one of: {', '.join(limits.QUALITY_TIERS)}")
    reason = members.get("quality_tier_reason")
    if reason is not None and not _text(reason, limits.MAX_TIER_REASON, empty=True):
        found.append(f"outcome.quality_tier_reason must be a string, max {limits.MAX_TIER_REASON} characters")
    eligible = members.get("training_eligible")
    if eligible is not None and not isinstance(eligible, bool):
        found.append("outcome.training_eligible must be a boolean")
    exclusion = members.get("training_exclusion_reason")
    if exclusion is not None and exclusion not in limits.EXCLUSION_REASONS:
        found.append(f"outcome.training_exclusion_reason must be one of: {', '.join(limits.EXCLUSION_REASONS)}")


def _check_feedback(envelope: dict[str, Any], found: list[str], *, strict: bool) -> None:
    feedback = envelope.get("feedback")
    if strict and ("trajectory_log" in envelope or "outcome" in envelope):
        found.append("USER_FEEDBACK must not carry trajectory_log or outcome")
    if not isinstance(feedback, dict | list):
        found.append("Missing feedback")
        return
    members = _members(feedback)
    if members.get("signal") not in limits.FEEDBACK_SIGNALS:
        found.append(f"feedback.signal must be one of: {', '.join(limits.FEEDBACK_SIGNALS)}")
    if not _number(members.get("timestamp")):
        found.append("feedback.timestamp must be a number")
    for name in ("context", "delta_summary"):
        value = members.get(name)
        if value is not None and not isinstance(value, str):
            found.append(f"feedback.{name} must be a string or null")
    for name in ("target_step", "revision_rounds"):
        value = members.get(name)
        if value is not None and not _whole(value, 0, math.inf):
            found.append(f"feedback.{name} must be a non-negative integer")
    if strict and not _FEEDBACK_MEMBERS.issuperset(members):
        found.append("feedback has members the schema does not name")


def _check_text(members: dict[str, Any], path: str, name: str, found: list[str]) -> None:
    if not _text(members.get(name)):
        found.append(f"{path}.{name} must be a non-empty string")


def _check_share(members: dict[str, Any], path: str, name: str, found: list[str]) -> None:
    value = members.get(name)
    if not (_number(value) and 0 <= value <= 1):
        found.append(f"{path}.{name} must be a number 0-1")


def _members(value: dict[str, Any] | list[Any]) -> dict[str, Any]:
    """To JavaScript an array is an object without these members."""
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer no double can hold
        return False


def _whole(value: Any, least: float, most: float) -> bool:
    return _number(value) and value == int(value) and least <= value <= most


def _text(value: Any, most: int | None = None, *, empty: bool = False) -> TypeGuard[str]:
    return isinstance(value, str) and (empty or value != "") and (most is None or utf16_length(value) <= most)


def _shown(value: object) -> str:
    """A foreign value as JavaScript's templates print it, cut short."""
    if value is ABSENT:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value[:_SHOWN]
    return number(value) if isinstance(value, int | float) else "[object Object]"
