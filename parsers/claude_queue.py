"""Messages typed while Claude Code works, as the records of its queue tell them.

Owns: `Queue`: which queued message became part of the running turn.
Never: holds a message longer than `QUEUED_FOR` records or more than `MAX_QUEUED` of them.
Invariant: a message comes out once: an attachment that repeats it takes its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from parsers.blocks import parse_time, text
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_QUEUED = 64
"""Messages held until a record says what became of them."""
QUEUED_FOR = 300
"""Records after which they are given up: they came another way."""


class Queue:
    """Queued messages, oldest first, and those folded into the running turn (older versions write no more of them)."""

    def __init__(self) -> None:
        self._waiting: list[Step] = []
        self._folded: list[Step] = []
        self._patience = 0

    def __bool__(self) -> bool:
        return bool(self._waiting or self._folded)

    def operation(self, record: JsonObject) -> None:
        """Queued; taken for a turn of its own (its record follows); removed: folded into this turn."""
        operation, content = text(record.get("operation")), text(record.get("content"))
        if operation == "enqueue":
            if content and not content.startswith("<"):
                step = Step(StepType.INSTRUCTION, content, parse_time(record.get("timestamp")), origin="queued")
                self._waiting = [*self._waiting, step][-MAX_QUEUED:]
                self._patience = QUEUED_FOR
        elif operation == "remove":
            found = [step for step in self._waiting if content in {"", step.content}][:1]
            self._folded = [*self._folded, *found][-MAX_QUEUED:]
            self._waiting = [step for step in self._waiting if step not in found]
        elif operation == "dequeue":
            self._waiting = self._waiting[1:]
        elif operation == "popAll":
            self._waiting = []  # taken back into the prompt to be edited

    def record(self) -> None:
        """One more record was read."""
        self._patience -= 1
        if self._patience <= 0:
            self._waiting = []

    def told(self, content: str) -> None:
        """A record of its own says this message."""
        self._folded = [step for step in self._folded if step.content != content]

    def take(self) -> Iterable[Step]:
        """The messages the agent now answers to."""
        steps, self._folded = self._folded, []
        return steps
