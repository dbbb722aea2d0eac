"""Error-recovery arcs: a call that failed, what was tried, and the same call green later.

Owns: `Arcs`: the open arcs and the recovered ones.
Never: decides whether a result is a failure (the classifier did), or keeps text beyond a bounded signature.
Invariant: every recovered arc names an ERROR step and a later result of the same signature that did not fail; the
number of arcs and of attempts kept is bounded, what goes beyond is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sidecar.capture.commands import Signature

if TYPE_CHECKING:
    from parsers.step import JsonObject

MAX_OPEN = 64
MAX_KEPT = 100
"""Recovered arcs listed in the outcome; all are counted."""
MAX_ATTEMPTS = 20


@dataclass(slots=True)
class OpenArc:
    """A failure that nothing answered yet."""

    error_step: int
    signature: Signature
    evidence: str
    errors: int = 1
    attempts: list[int] = field(default_factory=list)
    more: int = 0
    """Attempts beyond those kept."""

    def tried(self, number: int) -> None:
        """Step `number` was an attempt."""
        if self.attempts and self.attempts[-1] == number:
            return
        if len(self.attempts) < MAX_ATTEMPTS:
            self.attempts.append(number)
        else:
            self.more += 1


class Arcs:
    """All arcs of one session."""

    __slots__ = ("_open", "_recovered", "forgotten", "recovered")

    def __init__(self) -> None:
        self._open: list[OpenArc] = []
        self._recovered: list[JsonObject] = []
        self.recovered = 0
        self.forgotten = 0
        """Open arcs let go because more than MAX_OPEN were open."""

    @property
    def open(self) -> int:
        """Failures nothing answered (those let go included)."""
        return len(self._open) + self.forgotten

    def edited(self, number: int) -> None:
        """Step `number` edits a file: an attempt to mend whatever is broken."""
        for arc in self._open:
            arc.tried(number)

    def failed(self, number: int, call: int | None, signature: Signature, evidence: str) -> None:
        """The result at step `number` (of the call at step `call`) is a failure."""
        for arc in self._open:
            if arc.signature == signature:
                arc.errors += 1
                arc.tried(call or number)
                return
        if len(self._open) >= MAX_OPEN:
            self._open.pop(0)
            self.forgotten += 1
        self._open.append(OpenArc(number, signature, evidence))

    def succeeded(self, number: int, call: int | None, signature: Signature) -> None:
        """The result at step `number` is no failure: it recovers every open arc it answers."""
        if not self._open:
            return
        still_open: list[OpenArc] = []
        for arc in self._open:
            if not signature.answers(arc.signature):
                still_open.append(arc)
                continue
            self.recovered += 1
            arc.tried(call or number)
            if len(self._recovered) < MAX_KEPT:
                self._recovered.append(_report(arc, number))
        self._open = still_open

    def report(self) -> list[JsonObject]:
        """The recovered arcs, first ones first: {error_step, attempts, recovered_step, command, errors, evidence}."""
        return [dict(arc) for arc in self._recovered]

    def snapshot(self) -> JsonObject:
        """All of it, as JSON."""
        return {
            "open": [
                [arc.error_step, *arc.signature, arc.evidence, arc.errors, list(arc.attempts), arc.more]
                for arc in self._open
            ],
            "kept": self.report(),
            "recovered": self.recovered,
            "forgotten": self.forgotten,
        }

    def restore(self, state: JsonObject) -> None:
        """Become the arcs that answered `state` to `snapshot`."""
        self._open = [
            OpenArc(step, Signature(program, target), evidence, errors, list(attempts), more)
            for step, program, target, evidence, errors, attempts, more in state["open"]
        ]
        self._recovered = [dict(arc) for arc in state["kept"]]
        self.recovered = state["recovered"]
        self.forgotten = state["forgotten"]


def _report(arc: OpenArc, number: int) -> JsonObject:
    report: JsonObject = {
        "error_step": arc.error_step,
        "attempts": arc.attempts,
        "recovered_step": number,
        "command": " ".join(part for part in arc.signature if part),
        "errors": arc.errors,
        "evidence": arc.evidence,
    }
    if arc.more:
        report["attempts_more"] = arc.more
    return report
