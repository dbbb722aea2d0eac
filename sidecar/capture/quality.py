"""How a finished session is rated.

Owns: the quality score and its parts, the tier, training eligibility, task complexity.
Never: looks at a step; it rates totals.
Invariant: pure; every score can be explained by its parts, which add up to it before the bounds 0 and 100.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

BASE = 50
REWARD = 10
"""For each of: ended well, has a resolution, no failure left open, no intervention, a check went green."""
CRASH_PENALTY = -20
KILLED_PENALTY = -10
OPEN_ERROR_PENALTY = -5
MAX_OPEN_ERRORS_COUNTED = 4
TIER_A, TIER_B = 70, 50

MIN_TOKENS = 500
MIN_SECONDS = 10
MIN_STEPS = 5
MIN_STEPS_TALKING = 2
TALKING_ROLES = frozenset({"planner", "chat", "advisor"})
"""Roles whose work is talk: they need no actions, no observations and no length."""

HEAVY_STEPS, HEAVY_FILES, HEAVY_SECONDS = 100, 10, 1_800.0
MEDIUM_STEPS, MEDIUM_FILES, MEDIUM_SECONDS = 20, 3, 300.0


class Score(NamedTuple):
    """A rating and what it is made of."""

    value: int
    parts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Totals:
    """What a session came to."""

    status: str
    steps: int
    tokens: int
    seconds: float
    errors: int
    recovered: int
    open_errors: int
    interventions: int
    verified: bool
    """A command that had failed, or a test, build or lint run, went green."""
    by_type: dict[str, int] = field(default_factory=dict)


def quality(totals: Totals) -> Score:
    """50, 10 more for each thing that went well, less for what did not; 0..100."""
    parts = {
        "base": BASE,
        "success": REWARD if totals.status == "SUCCESS" else 0,
        "resolution": REWARD if totals.by_type.get("resolution") else 0,
        "no_open_error": REWARD if not totals.open_errors else 0,
        "no_intervention": REWARD if not totals.interventions else 0,
        "verified": REWARD if totals.verified else 0,
        "not_finished": {"CRASH": CRASH_PENALTY, "KILLED": KILLED_PENALTY}.get(totals.status, 0),
        "open_errors": OPEN_ERROR_PENALTY * min(totals.open_errors, MAX_OPEN_ERRORS_COUNTED),
    }
    return Score(min(100, max(0, sum(parts.values()))), {name: part for name, part in parts.items() if part})


def tier(score: int, totals: Totals) -> tuple[str, str]:
    """The tier and why it is not a better one (or why it is the best)."""
    if score < TIER_B:
        return "TIER_C", f"quality {score} is below {TIER_B}"
    if score < TIER_A:
        return "TIER_B", f"quality {score} is below {TIER_A}"
    if totals.status != "SUCCESS":
        return "TIER_B", f"ended as {totals.status}"
    if totals.interventions:
        return "TIER_B", f"{totals.interventions} interventions of the user"
    if totals.errors > totals.recovered:
        return "TIER_B", f"{totals.errors} errors, {totals.recovered} recovered"
    return "TIER_A", f"quality {score}, no intervention, all errors recovered"


def exclusion(role: str, totals: Totals) -> str | None:
    """Why a session is not fit for training, None if it is; the first reason in the field's order."""
    if role in TALKING_ROLES:
        return "too_few_steps" if totals.steps < MIN_STEPS_TALKING else None
    if totals.tokens < MIN_TOKENS:
        return "insufficient_tokens"
    if totals.seconds < MIN_SECONDS:
        return "too_short"
    if totals.steps < MIN_STEPS:
        return "too_few_steps"
    if not any(totals.by_type.get(kind) for kind in ("action", "edit", "delegate")):
        return "no_actions"
    if not any(totals.by_type.get(kind) for kind in ("observation", "error")):
        return "no_observations"
    return None


def complexity(steps: int, files: int, seconds: float) -> str:
    """Whether a task is "light", "medium" or "heavy": any one of its measures can make it so."""
    if steps >= HEAVY_STEPS or files >= HEAVY_FILES or seconds >= HEAVY_SECONDS:
        return "heavy"
    if steps >= MEDIUM_STEPS or files >= MEDIUM_FILES or seconds >= MEDIUM_SECONDS:
        return "medium"
    return "light"
