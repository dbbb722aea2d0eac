"""Stage one: where in a text a rule may match.

Owns: `Gate`, `HyperscanGate`, and the choice between it and `ReGate`, which answers the same for the same rules.
Never: decides that something is a secret.
Invariant: a candidate is (rule index, position); both gates give the same set, in the order of position and rule.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
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
    """One database of all expressions; ends only, no start of match."""

    name = "hyperscan"
    joins = True

    def __init__(self, rules: Sequence[Rule]) -> None:
        database, shift, rule = _compiled(tuple(rules))
        self._scan, self._scratch = database.scan, _scratch(database)
        self._hits: list[Candidate] = []
        add = self._hits.append

        def on_match(expression: int, _start: int, end: int, _flags: int, base: int) -> None:
            add((end + base - shift[expression], rule[expression]))

        self._on_match = on_match

    def candidates(self, text: str, data: bytes) -> list[Candidate]:
        """See `Gate.candidates`."""
        del text
        hits = self._hits
        hits.clear()  # of what an interrupted scan left
        padded = b"\n%b\n" % data
        size = len(padded)
        if size <= WINDOW + OVERLAP:
            self._scan(padded, self._on_match, 0, -1, self._scratch)
        else:
            for at in range(0, max(1, size - OVERLAP), WINDOW):
                self._scan(padded[at : at + WINDOW + OVERLAP], self._on_match, 0, at - 1, self._scratch)
        if not hits:
            return []
        hits.sort()  # almost in order, which a set would lose
        found = list(dict.fromkeys(hits))
        hits.clear()
        return found


@lru_cache(maxsize=4)
def _compiled(rules: tuple[Rule, ...]) -> tuple[Any, list[int], list[int]]:
    """The database, and of every expression how far before its end a candidate is, and its rule."""
    import hyperscan  # noqa: PLC0415  the wheel is optional and heavy

    expressions: list[bytes] = []
    flags: list[int] = []
    shift: list[int] = []
    index: list[int] = []
    for i, rule in enumerate(rules):
        for head in rule.heads:
            caseless = hyperscan.HS_FLAG_CASELESS if rule.caseless else 0
            expressions.append(head.expression.encode("latin-1"))
            flags.append(caseless | (hyperscan.HS_FLAG_SINGLEMATCH if rule.once else 0))
            shift.append(head.length if rule.anchored else 0)
            index.append(i)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=expressions, flags=flags, ids=list(range(len(expressions))))
    return database, shift, index


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
