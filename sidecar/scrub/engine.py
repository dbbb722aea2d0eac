"""Stage one: where in a text a rule may match.

Owns: `Gate`, `HyperscanGate`, and the choice between it and `ReGate`, which answers the same for the same rules.
Never: decides that something is a secret.
Invariant: a candidate is (rule index, position); both gates give the same set, in the order of position and rule.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Protocol

from sidecar.scrub.fallback import ReGate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.scrub.rule import Rule

WINDOW: Final = 1 << 20
"""Code units the gate looks at in one go."""
OVERLAP: Final = 1024
"""Longer than any gate expression, so that nothing is lost between two windows."""

Candidate = tuple[int, int]
"""(position, rule index): the start of a match for anchored heads, its end for the others."""


class Gate(Protocol):
    """Finds candidates."""

    name: str
    joins: bool
    """Whether the candidates of a text hold those of each of its lines."""

    def candidates(self, text: str, data: bytes) -> list[Candidate]:
        """Candidates of `data`, which is `text` one byte per character; sorted, without repeats.

        A text is looked at as a line: after the end of one, and before the end of one.
        """


class HyperscanGate:
    """Two databases, one with literals in every expression and one without; ends only, no start of match."""

    name = "hyperscan"
    joins = True

    def __init__(self, rules: Sequence[Rule]) -> None:
        databases, self._shift, self._rule = _databases(tuple(rules))
        self._pairs = [(database, _scratch(database)) for database in databases]

    def candidates(self, text: str, data: bytes) -> list[Candidate]:
        """See `Gate.candidates`."""
        del text
        hits: list[tuple[int, int]] = []
        add = hits.append

        def on_match(expression: int, _start: int, end: int, _flags: int, base: int) -> None:
            add((expression, end + base))

        padded = b"\n" + data + b"\n"
        size = len(padded)
        if size <= WINDOW + OVERLAP:
            for database, scratch in self._pairs:
                database.scan(padded, match_event_handler=on_match, context=-1, scratch=scratch)
            return self._placed(hits)
        at = 0
        while True:
            block = padded[at : at + WINDOW + OVERLAP]
            for database, scratch in self._pairs:
                database.scan(block, match_event_handler=on_match, context=at - 1, scratch=scratch)
            at += WINDOW
            if at + OVERLAP >= size:
                break
        return self._placed(hits)

    def _placed(self, hits: list[tuple[int, int]]) -> list[Candidate]:
        if not hits:
            return []
        shift, rule = self._shift, self._rule
        placed = [(end - shift[e], rule[e]) for e, end in hits]
        placed.sort()
        return [candidate for candidate, _ in groupby(placed)]


@lru_cache(maxsize=4)
def _databases(rules: tuple[Rule, ...]) -> tuple[list[Any], list[int], list[int]]:
    import hyperscan  # noqa: PLC0415  the wheel is optional and heavy

    expressions: list[tuple[bytes, int, int]] = []
    shift: list[int] = []
    index: list[int] = []
    groups: tuple[list[int], list[int]] = ([], [])
    for i, rule in enumerate(rules):
        for head in rule.heads:
            flags = hyperscan.HS_FLAG_CASELESS if rule.caseless else 0
            groups[0 if rule.literals else 1].append(len(expressions))
            expressions.append((head.expression.encode("latin-1"), flags, len(expressions)))
            shift.append(head.length if rule.anchored else 0)
            index.append(i)
    databases = []
    for group in groups:
        chosen = [expressions[k] for k in group]
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        database.compile(
            expressions=[e for e, _, _ in chosen], flags=[f for _, f, _ in chosen], ids=[n for _, _, n in chosen]
        )
        databases.append(database)
    return databases, shift, index


def _scratch(database: Any) -> Any:
    import hyperscan  # noqa: PLC0415  as above

    return hyperscan.Scratch(database)


def make(engine: str, rules: Sequence[Rule]) -> Gate:
    """The gate named `engine`: "hyperscan", "re", or "auto" (hyperscan where its wheel is installed)."""
    if engine == "auto":
        engine = "hyperscan" if importlib.util.find_spec("hyperscan") else "re"
    if engine == "hyperscan":
        return HyperscanGate(rules)
    if engine == "re":
        return ReGate(rules)
    raise ValueError(f"no scrub engine named {engine!r}")
