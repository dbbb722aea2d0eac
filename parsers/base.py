"""The parser protocol: one line in, a named fate out.

Owns: `Parser`, `Parsed`, `Fate`, `Facts`.
Never: knows a dialect.
Invariant: every line fed has exactly one fate and a name, so fates counted in lines add up to the lines read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.step import JsonObject, Step, Usage


class Fate(StrEnum):
    """What became of one line. The six add up to the lines read."""

    STEPS = "steps"
    """It made steps now, or its text is held and will be in a later step (deltas, a text that may be the final one)."""
    META = "meta"
    """It told something about the session (ids, model, usage, turn ends), not a step."""
    NOISE = "noise"
    """Known, and carries nothing worth keeping (progress, copies of what another line says in full)."""
    UNKNOWN = "unknown"
    """Well formed, but of a type or subtype this version does not know. Named, counted: the drift canary."""
    MALFORMED = "malformed"
    """Not a line of this dialect: torn, not JSON, wrong shapes. `reason` says which."""
    OVERSIZE = "oversize"
    """Longer than the frame limit; its bytes were never held. Counted by the framer, never by a parser."""


@dataclass(slots=True)
class Facts:
    """Hints a line gives about its session. None = the line does not say."""

    session_id: str | None = None
    model: str | None = None
    cli_version: str | None = None
    cwd: str | None = None
    usage: Usage | None = None
    turn_ended: str | None = None
    """"success" or "error" when this line ends a turn."""
    error: str | None = None
    """The provider's message when `turn_ended` is "error"."""
    compacted: bool = False
    parent_session_id: str | None = None
    duration_ms: float | None = None
    unanswered_calls: int | None = None
    """At the end: calls that never got a result, or whose result could no longer be told to be theirs."""
    total_usage: Usage | None = None
    """Beside a `usage` of one turn: what the process has used so far, sub-agents and cost included."""


@dataclass(slots=True)
class Parsed:
    """The answer to one line (or to the end of the stream).

    `name` is the event's type path for the ledger ("assistant/tool_use", "item.completed/reasoning"); its set of values
    is bounded: a name made from unknown input goes through `parsers.blocks.safe_name`. `reason` explains UNKNOWN and
    MALFORMED in a fixed vocabulary (no text of the line in it: it is shown unscrubbed). `drift` names what is not as
    the line's type was ever seen (`parsers.fields`): beside the fate, never instead of it.
    """

    fate: Fate
    name: str
    steps: Sequence[Step] = ()
    reason: str = ""
    facts: Facts | None = None
    drift: Sequence[str] = ()


class Parser(Protocol):
    """One dialect of one provider. Pure: no clock, no I/O; deterministic in the lines fed since construction."""

    @property
    def provider(self) -> str:
        """The wire's name: "claude-code", "codex", "gemini"; "" while a parser that detects it does not know yet."""
        ...

    @property
    def dialect(self) -> str:
        """What it reads: "stream" (stdout) or "transcript" (what the CLI stores)."""
        ...

    def feed(self, line: bytes) -> Parsed:
        r"""Take one line without its ``\n``. Never raises on any bytes."""
        ...

    def finish(self) -> Parsed:
        """The stream is over: flush what is held. `name` is "end"; fate META, or STEPS if text was held."""
        ...

    def snapshot(self) -> JsonObject | None:
        """State as plain JSON, or None while unscrubbed text is held (the caller then keeps its last snapshot).

        Holds ids, tool names and counters only, never content.
        """
        ...

    def restore(self, state: JsonObject) -> None:
        """Become the parser that answered `state` to `snapshot`."""
        ...


@dataclass(slots=True)
class Ledger:
    """Lines by fate and event name: what `parse` prints and `status` shows. Adds up by construction."""

    lines: int = 0
    bytes: int = 0
    fates: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    by_type: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
