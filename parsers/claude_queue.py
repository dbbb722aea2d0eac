"""Messages typed while Claude Code works, as the records of its queue tell them.

Owns: `Queue`: which queued message became part of the running turn.
Never: holds a message longer than `QUEUED_FOR` records, more than `MAX_QUEUED` of them or `MAX_CHARACTERS` of words.
Invariant: a message comes out once: an attachment that repeats it takes its place. What there is no room for is told.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from parsers.blocks import parse_time, text
from parsers.step import JsonObject, Step, StepType

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_QUEUED = 10_000
"""Messages held until a record says what became of them: more than anybody types, or a script does, in one turn."""
MAX_CHARACTERS = 16 * 1024 * 1024
"""Of all messages held."""
QUEUE_FULL = "queue_full"
"""Reason beside the record of a message there was no room for."""
QUEUED_FOR = 300
"""Records after which they are given up: they came another way."""


class Queue:
    """Queued messages, oldest first, and those folded into the running turn (older versions write no more of them)."""

    def __init__(self) -> None:
        self._waiting: deque[Step] = deque()
        self._folded: list[Step] = []
        self._characters = 0
        self._patience = 0

    def __bool__(self) -> bool:
        return bool(self._waiting or self._folded)

    def operation(self, record: JsonObject) -> bool:
        """Queued; taken for a turn of its own (its record follows); removed: folded into this turn. False: no room."""
        operation, content = text(record.get("operation")), text(record.get("content"))
        if operation == "enqueue":
            return self._enqueue(content, record) if content and not content.startswith("<") else True
        if operation == "remove":
            self._fold(content)
        elif operation == "dequeue":
            if self._waiting:
                self._characters -= len(self._waiting.popleft().content)
        elif operation == "popAll":
            self._give_up()  # taken back into the prompt to be edited
        return True

    def _enqueue(self, content: str, record: JsonObject) -> bool:
        self._patience = QUEUED_FOR
        held = len(self._waiting) + len(self._folded)
        if held >= MAX_QUEUED or self._characters + len(content) > MAX_CHARACTERS:
            return False
        self._waiting.append(Step(StepType.INSTRUCTION, content, parse_time(record.get("timestamp")), origin="queued"))
        self._characters += len(content)
        return True

    def _fold(self, content: str) -> None:
        """The oldest message of these words (of any, if the record has none) is part of this turn."""
        found = next((step for step in self._waiting if content in {"", step.content}), None)
        if found is None:
            return
        self._folded.append(found)
        if found is self._waiting[0]:
            self._waiting.popleft()
        else:
            self._waiting = deque(step for step in self._waiting if step is not found)

    def _give_up(self) -> None:
        self._characters -= sum(len(step.content) for step in self._waiting)
        self._waiting.clear()

    def record(self) -> None:
        """One more record was read."""
        self._patience -= 1
        if self._patience <= 0 and self._waiting:
            self._give_up()

    def told(self, content: str) -> None:
        """A record of its own says this message."""
        if self._folded:
            kept = [step for step in self._folded if step.content != content]
            self._characters -= len(content) * (len(self._folded) - len(kept))
            self._folded = kept

    def take(self) -> Iterable[Step]:
        """The messages the agent now answers to."""
        steps, self._folded = self._folded, []
        self._characters -= sum(len(step.content) for step in steps)
        return steps
