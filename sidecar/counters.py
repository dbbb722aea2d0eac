"""Counts in memory: what happened since this process started.

Owns: named counters and drops with a reason and an intent.
Never: persists (the journal's ledger does) or holds text of a captured line.
Invariant: every loss passes `dropped`, so no loss is silent; the set of names is bounded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

MAX_NAMES = 2_000
OTHER = "other"


@dataclass(slots=True)
class Counters:
    """Event counts by name; `drops` by (reason, intentional)."""

    events: Counter[str] = field(default_factory=Counter)
    drops: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def add(self, name: str, n: int = 1) -> None:
        """Count `n` events under `name`; past MAX_NAMES names, under "other"."""
        if name not in self.events and len(self.events) >= MAX_NAMES:
            name = OTHER
        self.events[name] += n

    def dropped(self, n: int, reason: str, *, intentional: bool) -> None:
        """`n` things were let go: say why, and whether that is what the user asked for."""
        if n:
            self.drops[reason, intentional] += n
