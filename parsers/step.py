"""The vocabulary: what one element of a trajectory is.

Owns: `StepType`, `Step`, `Usage`.
Never: decides what a line means (the dialects do) or whether a label is right (the classifier does).
Invariant: a `Step` holds plain JSON values only; every string in it is untrusted until a scrubber has seen it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]


class StepType(StrEnum):
    """The seven types of the wire, and the six finer ones the current server also accepts."""

    THOUGHT = "thought"
    ACTION = "action"
    OBSERVATION = "observation"
    CORRECTION = "correction"
    ERROR = "error"
    RESOLUTION = "resolution"
    COORDINATION = "coordination"
    INSTRUCTION = "instruction"
    CLARIFICATION = "clarification"
    APPROVAL = "approval"
    EDIT = "edit"
    DELEGATE = "delegate"
    YIELD = "yield"


SEVEN = {
    StepType.INSTRUCTION: StepType.OBSERVATION,
    StepType.CLARIFICATION: StepType.CORRECTION,
    StepType.APPROVAL: StepType.OBSERVATION,
    StepType.EDIT: StepType.ACTION,
    StepType.DELEGATE: StepType.COORDINATION,
    StepType.YIELD: StepType.COORDINATION,
}
"""How `step_vocabulary = "seven"` folds the finer types back."""


@dataclass(slots=True)
class Step:
    """One typed element of a trajectory, as a parser made it or a later stage refined it.

    `timestamp` is the provider's own time in unix seconds, None where the line has none (the session then stamps the
    arrival). `is_error` is the provider's explicit flag: None means the provider said nothing. `evidence` names what
    a label rests on ("is_error", "exit_code", "status", "pattern:traceback", "interrupt", …). Lengths are characters.
    """

    type: StepType
    content: str = ""
    timestamp: float | None = None
    channel: str | None = None
    """Of a thought: "reasoning" or "message"."""
    origin: str | None = None
    """Of a user message: "user" (a human typed it), "queued" (typed while the agent worked), "replay" (its echo),
    "subagent_prompt", "interrupt", "rejection" (the reason given when a call was refused), "cli" (not a human)."""
    tool: str | None = None
    arguments: JsonObject | None = None
    call_id: str | None = None
    """Joins an action and its observation or error."""
    parent_id: str | None = None
    """`call_id` of the call that started the sub-agent this step belongs to."""
    is_error: bool | None = None
    exit_code: int | None = None
    status: str | None = None
    """The provider's own word where there is one: "completed", "failed", "declined", "interrupted", "rejected", …"""
    evidence: str | None = None
    changes: list[JsonObject] | None = None
    """Of an edit: [{"path", "kind": add|update|delete|write (new or not), "hunks"?: [{"old","new"}], "move_to"?}]."""
    model: str | None = None
    truncated: bool = False
    original_length: int | None = None
    correction_context: str | None = None
    extra: JsonObject = field(default_factory=dict)
    """Small, named, provider-neutral facts that have no field of their own ({"todos": …}, {"query": …})."""


@dataclass(slots=True)
class Usage:
    """Tokens as the provider reports them.

    `scope` says what the numbers cover, because the providers differ: "turn" (add them up), "thread", "process" and
    "run" (each report replaces the one before). `input_tokens` excludes cached tokens.
    """

    scope: str
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = None
