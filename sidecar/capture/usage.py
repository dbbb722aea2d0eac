"""Tokens of a session, though every CLI counts over another span.

Owns: `Tokens`: usage reports folded by scope.
Never: estimates; that is the outcome's business when nothing was reported.
Invariant: a report of scope "turn" adds; one of "thread", "process" or "run" replaces what its process reported before,
and adds to what earlier processes reported when its numbers start anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.step import JsonObject, Usage

TURN = "turn"
ORDER = ("process", "run", "thread", TURN)
"""Which scope is believed where a CLI reports several: the one that covers most."""
PARTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
_COST = "cost_usd"


class Tokens:
    """Usage so far, by scope: `earlier` processes and the `latest` report."""

    __slots__ = ("_earlier", "_latest")

    def __init__(self) -> None:
        self._earlier: dict[str, dict[str, float]] = {}
        self._latest: dict[str, dict[str, float]] = {}

    def add(self, usage: Usage) -> None:
        """Take one report."""
        scope = usage.scope if usage.scope in ORDER else TURN
        report: dict[str, float] = {part: max(0, getattr(usage, part)) for part in PARTS}
        if usage.cost_usd is not None:
            report[_COST] = usage.cost_usd
        before = self._latest.get(scope)
        starts_anew = before is not None and report["output_tokens"] < before["output_tokens"]
        if before is not None and (scope == TURN or starts_anew):
            earlier = self._earlier.setdefault(scope, {})
            for part, n in before.items():
                earlier[part] = earlier.get(part, 0) + n
        self._latest[scope] = report

    def report(self) -> JsonObject:
        """{"scope", the parts, "cost_usd"?} of the scope that covers most; {} when nothing was reported."""
        for scope in ORDER:
            if scope in self._latest:
                total = dict(self._earlier.get(scope, {}))
                for part, n in self._latest[scope].items():
                    total[part] = total.get(part, 0) + n
                return {"scope": scope, **total}
        return {}

    def total(self) -> int:
        """All tokens, cached ones included. Reasoning is part of the output in every dialect."""
        report = self.report()
        return int(sum(report.get(part, 0) for part in PARTS[:4]))

    def snapshot(self) -> JsonObject:
        """All of it, as JSON."""
        return {
            "earlier": {scope: dict(parts) for scope, parts in self._earlier.items()},
            "latest": {scope: dict(parts) for scope, parts in self._latest.items()},
        }

    def restore(self, state: JsonObject) -> None:
        """Become the tokens that answered `state` to `snapshot`."""
        self._earlier = {scope: dict(parts) for scope, parts in state["earlier"].items()}
        self._latest = {scope: dict(parts) for scope, parts in state["latest"].items()}
