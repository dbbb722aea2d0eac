"""What a session came to, folded step by step.

Owns: `Outcome`: totals, tokens, files, arcs, and the `outcome` member of SESSION_CLOSE.
Never: keeps a step or its text.
Invariant: but for bounded sets its size does not grow with the session; every clamped total keeps its true value beside
it, under its name + "_true".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.base import Fate
from parsers.step import StepType
from sidecar.capture import quality
from sidecar.capture.arcs import Arcs
from sidecar.capture.classifier import INTERVENING
from sidecar.capture.usage import Tokens
from sidecar.wire import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from parsers.base import Facts
    from parsers.step import JsonObject
    from sidecar.capture.calls import Call
    from sidecar.capture.framing import Ending
    from sidecar.wire.envelope import Numbered

MAX_FILES = 4_096
"""Distinct files told apart; `files_modified_at_least` says when there were more."""
CHARS_PER_TOKEN = 4
SIGNAL_EXIT_CODES = frozenset({128 + 1, 128 + 2, 128 + 9, 128 + 15})
"""What a program answers that dies of HUP, INT, KILL or TERM and says so. Gemini's 144 and up are HTTP errors."""
BAD_STATUS = frozenset({"failed", "error", "declined", "rejected"})
LOST_FATES = (Fate.UNKNOWN, Fate.MALFORMED, Fate.OVERSIZE)
FINAL = frozenset({"resolution", "thought/message"})
"""What stands last in a conversation that is over."""
CLAMPED = (
    "total_steps",
    "total_chunks",
    "total_tokens",
    "duration_seconds",
    "user_interventions",
    "files_modified",
    "errors_encountered",
    "errors_recovered",
    "coordination_events",
)


class Outcome:
    """The fold of one session. `number` of the last step and the chunk count come from the session."""

    __slots__ = (
        "_arrived",
        "_chars",
        "_counts",
        "_files",
        "_interventions",
        "_last",
        "_lines",
        "_lost_bytes",
        "_open_turn",
        "_redactions",
        "_seconds",
        "_stamped",
        "_turn_end",
        "_types",
        "_verified",
        "arcs",
        "tokens",
    )

    def __init__(self) -> None:
        self.arcs = Arcs()
        self.tokens = Tokens()
        self._types: dict[str, int] = {}
        self._files: dict[str, None] = {}
        self._lines: dict[str, int] = {}
        self._lost_bytes = 0
        self._redactions: dict[str, int] = {}
        self._chars = 0
        self._interventions = 0
        # two clocks, never subtracted from each other: a file read later has old stamps and new arrivals
        self._arrived: list[float] = []
        self._stamped: list[float] = []
        self._seconds = 0.0
        self._turn_end = ""
        self._open_turn = False
        self._verified = False
        self._last = ""

    def line(self, fate: Fate) -> None:
        """One line had this fate; those that carry loss are told in the outcome."""
        if fate in LOST_FATES:
            self._lines[fate.value] = self._lines.get(fate.value, 0) + 1

    def facts(self, facts: Facts) -> None:
        """What a line told about the session."""
        if facts.usage is not None:
            self.tokens.add(facts.usage)
        if facts.total_usage is not None:
            self.tokens.add(facts.total_usage)
        if facts.duration_ms is not None and facts.duration_ms > 0:
            self._seconds += facts.duration_ms / 1000
        if facts.turn_ended is not None:
            self._turn_end = facts.turn_ended
            self._open_turn = False

    def step(self, numbered: Numbered, call: Call | None, now: float, replaced: Mapping[str, int]) -> None:
        """Fold one numbered step; `call` is the one it starts or answers."""
        step = numbered.step
        kind = step.type
        self._types[kind.value] = self._types.get(kind.value, 0) + 1
        self._chars += step.original_length if step.original_length is not None else len(step.content)
        self._last = f"{kind}/{step.channel}" if step.channel else str(kind)
        self._arrived = _stretched(self._arrived, now)
        if step.timestamp is not None:
            self._stamped = _stretched(self._stamped, step.timestamp)
        for category, n in replaced.items():
            self._redactions[category] = self._redactions.get(category, 0) + n
        if step.evidence == "interrupt" and step.parent_id is None:
            # the marker of an interrupt and the message that follows it are one intervention
            self._interventions += kind not in INTERVENING
        else:
            self._interventions += kind in INTERVENING or "during_call" in step.extra
            self._open_turn = kind is not StepType.RESOLUTION
        if call is not None:
            self._result(numbered, call)

    def metadata(self, number: int) -> JsonObject:
        """What a chunk says of the session so far: task complexity and quality."""
        totals = self._totals("SUCCESS", number)
        return {
            "task_complexity": quality.complexity(number, len(self._files), totals.seconds),
            "session_quality": quality.quality(totals).value,
        }

    def close(
        self, ending: Ending, *, number: int, chunks: int, unanswered: int, interrupted: bool, role: str
    ) -> JsonObject:
        """The `outcome` of SESSION_CLOSE for a session of `number` steps in `chunks` chunks."""
        status, evidence = self._status(ending, interrupted=interrupted)
        totals = self._totals(status, number)
        score = quality.quality(totals)
        tier, tier_reason = quality.tier(score.value, totals)
        excluded = quality.exclusion(role, totals)
        usage = self.tokens.report()
        outcome: JsonObject = {
            "status": status,
            "status_evidence": evidence,
            "total_steps": number,
            "total_chunks": chunks,
            "total_tokens": totals.tokens,
            "tokens": usage or {"scope": "estimate", "characters": self._chars},
            "duration_seconds": round(totals.seconds),
            "user_interventions": totals.interventions,
            "files_modified": len(self._files),
            "errors_encountered": totals.errors,
            "errors_recovered": totals.recovered,
            "errors_open": totals.open_errors,
            "coordination_events": self._types.get("coordination", 0),
            "session_quality": score.value,
            "quality_parts": score.parts,
            "quality_tier": tier,
            "quality_tier_reason": tier_reason,
            "training_eligible": excluded is None,
            "training_exclusion_reason": excluded,
            "task_complexity": quality.complexity(number, len(self._files), totals.seconds),
            "steps_by_type": dict(self._types),
            "arcs": self.arcs.report(),
            "unanswered_calls": unanswered,
            "redactions": dict(self._redactions),
            "lines_lost": {**self._lines, **({"torn": 1} if ending.torn else {})},
        }
        for name in ("exit_code", "signal"):
            if (value := getattr(ending, name)) is not None:
                outcome[name] = value
        for name in ("continued", "idle"):
            if getattr(ending, name):
                outcome[name] = True
        if self._lost_bytes:
            # What was not kept cannot be judged: whoever trains on this must know that a part is missing.
            outcome |= {"lost_bytes": self._lost_bytes, "quality_tier": "TIER_C"}
            outcome["quality_tier_reason"] = "incomplete_capture"
        if len(self._files) > MAX_FILES:
            outcome["files_modified_at_least"] = True
        return _clamped(outcome)

    def lost(self, n: int) -> None:
        """`n` bytes of the output were never kept."""
        self._lost_bytes += n

    def snapshot(self) -> JsonObject:
        """All of it, as JSON."""
        return {
            "types": dict(self._types),
            "files": list(self._files),
            "lines": dict(self._lines),
            "lost_bytes": self._lost_bytes,
            "redactions": dict(self._redactions),
            "chars": self._chars,
            "interventions": self._interventions,
            "arrived": list(self._arrived),
            "stamped": list(self._stamped),
            "seconds": self._seconds,
            "turn_end": self._turn_end,
            "open_turn": self._open_turn,
            "verified": self._verified,
            "last": self._last,
            "arcs": self.arcs.snapshot(),
            "tokens": self.tokens.snapshot(),
        }

    def restore(self, state: JsonObject) -> None:
        """Become the outcome that answered `state` to `snapshot`."""
        self._types = dict(state["types"])
        self._files = dict.fromkeys(state["files"])
        self._lines = dict(state["lines"])
        self._lost_bytes = state["lost_bytes"]
        self._redactions = dict(state["redactions"])
        self._chars = state["chars"]
        self._interventions = state["interventions"]
        self._arrived = list(state["arrived"])
        self._stamped = list(state["stamped"])
        self._seconds = state["seconds"]
        self._turn_end = state["turn_end"]
        self._open_turn = state["open_turn"]
        self._verified = state["verified"]
        self._last = state["last"]
        self.arcs.restore(state["arcs"])
        self.tokens.restore(state["tokens"])

    def _result(self, numbered: Numbered, call: Call) -> None:
        """A step that starts a call or is its result."""
        step, number = numbered.step, numbered.number
        if step.type is StepType.ERROR:
            if step.status != "rejected":
                self.arcs.failed(number, call.number, call.signature, step.evidence or "")
        elif call.number != number:
            if step.status not in BAD_STATUS:
                self._succeeded(number, call)
        else:
            if call.files:
                self.arcs.edited(number)
            if step.type is StepType.EDIT and step.status == "completed":
                self._succeeded(number, call)

    def _succeeded(self, number: int, call: Call) -> None:
        self._verified |= call.signature.checks
        self.arcs.succeeded(number, call.number, call.signature)
        for file in call.files:
            if file in self._files or len(self._files) <= MAX_FILES:
                self._files[file] = None

    def _status(self, ending: Ending, *, interrupted: bool) -> tuple[str, str]:
        """How it ended and what says so. A turn that ended well counts more than how the process went after it."""
        if ending.continued:
            return "SUCCESS", "continued"
        if self._turn_end == "success" and not self._open_turn:
            return "SUCCESS", "turn_ended"
        if ending.signal is not None:
            return "KILLED", "signal"
        if ending.exit_code in SIGNAL_EXIT_CODES:
            return "KILLED", "exit_code"
        if interrupted:
            return "KILLED", "interrupt"
        if ending.exit_code:
            return "CRASH", "exit_code"
        if self._turn_end == "error" and not self._open_turn:
            return "CRASH", "turn_ended"
        if ending.exit_code == 0:
            return "SUCCESS", "exit_code"
        if not ending.torn and self._last in FINAL:
            return "SUCCESS", "position"
        return "KILLED", "torn" if ending.torn else "position"

    def _totals(self, status: str, number: int) -> quality.Totals:
        return quality.Totals(
            status=status,
            steps=number,
            tokens=self.tokens.total() or -(-self._chars // CHARS_PER_TOKEN),
            seconds=max(_length(self._arrived), _length(self._stamped), self._seconds),
            errors=self._types.get("error", 0),
            recovered=self.arcs.recovered,
            open_errors=self.arcs.open,
            interventions=self._interventions,
            verified=self._verified or self.arcs.recovered > 0,
            by_type=self._types,
        )


def _stretched(span: list[float], at: float) -> list[float]:
    return [min(span[0], at), max(span[1], at)] if span else [at, at]


def _length(span: list[float]) -> float:
    return span[1] - span[0] if span else 0.0


def _clamped(outcome: JsonObject) -> JsonObject:
    """Totals within the wire's maximum, the true value beside each one that was beyond it."""
    for name in CLAMPED:
        value = outcome[name]
        if value > limits.MAX_TOTAL:
            outcome[name] = limits.MAX_TOTAL
            outcome[f"{name}_true"] = value
    return outcome
