"""Stage one: where in a text a rule may match.

Owns: the two gates (`HyperscanGate`, `ReGate`), which answer the same for the same rules.
Never: decides that something is a secret.
Invariant: a candidate is (rule index, position); both gates give the same set, in the order of position and rule.
"""

from __future__ import annotations

import importlib.util
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

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
        """Candidates of `data`, which is `text` one byte per character; sorted, without repeats."""


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

        padded = b"\n" + data
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
        return sorted({(end - shift[e], rule[e]) for e, end in hits})


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


class ReGate:
    """The same expressions with `re`: their fixed text is found first, and only there an expression is tried."""

    name = "re"
    joins = False

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._heads = _heads(tuple(rules))

    def candidates(self, text: str, data: bytes) -> list[Candidate]:
        """See `Gate.candidates`."""
        del data
        text = "\n" + text
        folded = text.lower()
        found: set[Candidate] = set()
        for head in self._heads:
            where = folded if head.caseless else text
            shift = head.shift + 1
            if head.starts:
                match = head.pattern.match
                for literal in head.starts:
                    at = where.find(literal)
                    while at >= 0:
                        hit = match(text, at - head.back) if at >= head.back else None
                        if hit is not None:
                            found.add((hit.end() - shift, head.rule))
                        at = where.find(literal, at + 1)
                continue
            if head.literals and not any(literal in where for literal in head.literals):
                continue
            search = head.pattern.search
            hit = search(text)
            while hit is not None:
                found.add((hit.end() - shift, head.rule))
                hit = search(text, hit.start() + 1)
        return sorted(found)


class _Head(NamedTuple):
    pattern: re.Pattern[str]
    starts: tuple[str, ...]
    """Literals one of which stands `back` characters after the start of every match; empty if there are none."""
    back: int
    literals: tuple[str, ...]
    caseless: bool
    shift: int
    rule: int


_META: Final = frozenset(".^$*+?{}[]()|")
_LEAD: Final = re.compile(r"\[(?:\\.|[^\]\\])*\]\{(\d+)\}")


def _literal(expression: str) -> str:
    """The plain text an expression starts with."""
    out = []
    i = 0
    while i < len(expression):
        c = expression[i]
        if c == "\\":
            if expression[i + 1].isalnum():
                break
            i += 1
            c = expression[i]
        elif c in _META:
            break
        out.append(c)
        i += 1
    if i < len(expression) and expression[i] in "?*{" and out:
        out.pop()
    return "".join(out)


def _starts(expression: str) -> tuple[str, ...]:
    """The plain texts one of which an expression starts with; empty unless each has two characters."""
    choices = [expression]
    if expression.startswith("(?:"):
        depth, begin, choices = 0, 3, []
        for i, c in enumerate(expression):
            depth += (c == "(") - (c == ")")
            if (c == "|" and depth == 1) or depth == 0:
                choices.append(expression[begin:i])
                begin = i + 1
            if depth == 0:
                if expression[i + 1 : i + 2] in {"?", "{", "*"}:
                    return ()
                break
    plain = tuple({_literal(choice) for choice in choices})
    return plain if all(len(text) > 1 for text in plain) else ()


@lru_cache(maxsize=4)
def _heads(rules: tuple[Rule, ...]) -> list[_Head]:
    heads = []
    for i, rule in enumerate(rules):
        fold = str.lower if rule.caseless else str
        literals = tuple(fold(x) for x in rule.literals)
        for head in rule.heads:
            flags = re.ASCII | (re.IGNORECASE if rule.caseless else 0)
            lead = _LEAD.match(head.expression)
            tail = _literal(head.expression[lead.end() :]) if lead else ""
            back = int(lead.group(1)) if lead and tail else 0
            starts = (fold(tail),) if back else tuple(fold(x) for x in _starts(head.expression))
            shift = head.length if rule.anchored else 0
            pattern = re.compile(head.expression, flags)
            heads.append(_Head(pattern, starts, back, literals, rule.caseless, shift, i))
    return heads


def make(engine: str, rules: Sequence[Rule]) -> Gate:
    """The gate named `engine`: "hyperscan", "re", or "auto" (hyperscan where its wheel is installed)."""
    if engine == "auto":
        engine = "hyperscan" if importlib.util.find_spec("hyperscan") else "re"
    if engine == "hyperscan":
        return HyperscanGate(rules)
    if engine == "re":
        return ReGate(rules)
    raise ValueError(f"no scrub engine named {engine!r}")
