"""Numbers both ends must agree on. Source: the reference server, found by running it; see docs/WIRE.md.

Owns: limits, vocabularies and patterns of the wire. Never: logic.
Invariant: a limit here is what the strictest known server enforces, unless `Contract` says a server allows more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BODY_BYTES = 5 * 1024 * 1024
CHUNK_STEPS = 200
CHUNK_SECONDS = 300.0
CHUNK_BYTES = 4 * 1024 * 1024
"""When a chunk's steps reach this, it is sealed; the rest of the body is room for head and attestation."""
MAX_STEPS_PER_ENVELOPE = 500
MAX_STEP_NUMBER = 50_000
MAX_CHUNKS_PER_SESSION = 200
MAX_CONTENT = 100_000
"""UTF-16 code units, as the server counts."""
MAX_SEQUENCE = 1_000_000
MAX_TOTAL = 50_000
MAX_TOKEN_COUNT = 100_000
MAX_DEPTH = 64
"""Nesting of arguments; the reference server dies at 5,000."""
MAX_JSON_DEPTH = 1_000
"""Nesting of a whole body; every known reader stands it. What we make ourselves stays at MAX_DEPTH and a little."""
MAX_MEMBER_BYTES = 1024 * 1024
"""Canonical size of one step's `arguments`, and again of its `changes`; more is cut and marked."""
MAX_EXTRA_BYTES = 256 * 1024
MAX_LABEL = 256
"""UTF-16 code units of a step's short texts: tool, ids, channel, status, evidence, model."""
MAX_TIER_REASON = 200
MAX_AGE_SECONDS = 7 * 86_400
MAX_AHEAD_SECONDS = 3_600
MAX_ROLE = 50
MAX_AGENT_ID = 100
MAX_GROOVE_VERSION = 20
MAX_TEAM = 50
SESSIONS_PER_HOUR = 20

PROVIDERS = ("claude-code", "codex", "gemini")
REFERENCE_MODELS = (
    "claude-opus-4-6",
    "claude-opus-4-7",
    "claude-sonnet-4-6",
    "gpt-4.5",
    "gpt-5.5",
    "o3",
    "o4-mini",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
)
STEP_TYPES = (
    "thought",
    "action",
    "observation",
    "correction",
    "resolution",
    "error",
    "coordination",
    "edit",
    "instruction",
    "clarification",
    "approval",
    "delegate",
    "yield",
)
CLOSE_STATUSES = ("SUCCESS", "CRASH", "KILLED")
COMPLEXITIES = ("light", "medium", "heavy")
QUALITY_TIERS = ("TIER_A", "TIER_B", "TIER_C")
EXCLUSION_REASONS = ("too_few_steps", "no_actions", "no_observations", "insufficient_tokens", "too_short")
FEEDBACK_SIGNALS = ("accepted", "modified", "rejected", "iterated")

CONTRIBUTOR_ID = re.compile(r"[0-9a-f]{32}")
HEX_64 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Contract:
    """What one Central Command accepts. The default is the reference server (its `/v1/contract` answers 404).

    `models` None = any model name of 1..100 characters.
    """

    name: str = "reference"
    body_bytes: int = BODY_BYTES
    max_content: int = MAX_CONTENT
    max_chunks_per_session: int = MAX_CHUNKS_PER_SESSION
    step_types: tuple[str, ...] = STEP_TYPES
    models: tuple[str, ...] | None = REFERENCE_MODELS
    max_age_seconds: float = MAX_AGE_SECONDS
    strict_feedback: bool = False
    """Refuse members of a feedback, and of its envelope, that the schema does not name (the reference stores them)."""


REFERENCE = Contract()
