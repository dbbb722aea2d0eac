"""Stage one without the wheel: the gate's expressions with `re`, tried only where their fixed text stands.

Owns: `ReGate`.
Never: decides that something is a secret.
Invariant: the candidates are those of `HyperscanGate`, expression by expression.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sidecar.scrub.engine import Candidate
    from sidecar.scrub.rule import Rule

GRAM: Final = 3
"""Characters of a literal that are looked up at once for all literals, before one is searched for."""
_Gram = tuple[str, ...]


class ReGate:
    """The same expressions with `re`: their fixed text is found first, and only there an expression is tried."""

    name = "re"
    joins = False

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._heads, self._index, self._always = _plan(tuple(rules))
        self._grams = frozenset(self._index)

    def candidates(self, text: str, data: bytes) -> list[Candidate]:
        """See `Gate.candidates`."""
        del data
        text = "\n" + text + "\n"
        folded = text.lower()
        due: dict[int, list[str]] = {slot: list(literals) for slot, literals in self._always}
        for gram in self._grams.intersection(zip(folded, folded[1:], folded[2:], strict=False)):
            for slot, literal in self._index[gram]:
                due.setdefault(slot, []).append(literal)
        found: set[Candidate] = set()
        for slot, literals in due.items():
            head = self._heads[slot]
            where = folded if head.caseless else text
            shift = head.shift + 1
            ends = _at_literals(head, literals, text, where) if head.starts else _anywhere(head, literals, text, where)
            found.update((end - shift, head.rule) for end in ends)
        return sorted(found)


def _at_literals(head: _Head, literals: list[str], text: str, where: str) -> Iterator[int]:
    """Ends of the matches that begin `back` characters before one of the literals."""
    match, back = head.pattern.match, head.back
    for literal in literals:
        at = where.find(literal)
        while at >= 0:
            hit = match(text, at - back) if at >= back else None
            if hit is not None:
                yield hit.end()
            at = where.find(literal, at + 1)


def _anywhere(head: _Head, literals: list[str], text: str, where: str) -> Iterator[int]:
    """Ends of all matches, if one of the literals (where there are any) is in the text."""
    if literals and not any(literal in where for literal in literals):
        return
    search = head.pattern.search
    hit = search(text)
    while hit is not None:
        yield hit.end()
        hit = search(text, hit.start() + 1)


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
    i = 2 if expression.startswith(r"\b") else 0
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


_Plan = tuple[list[_Head], dict[_Gram, list[tuple[int, str]]], list[tuple[int, list[str]]]]


@lru_cache(maxsize=4)
def _plan(rules: tuple[Rule, ...]) -> _Plan:
    """The heads; gram -> (head, literal) for the literals that have one; the heads with others or none."""
    heads = _heads(rules)
    wanted = [(slot, literal) for slot, head in enumerate(heads) for literal in (head.starts or head.literals)]
    often = Counter(gram for _, literal in wanted for gram in _grams(literal))
    index: dict[_Gram, list[tuple[int, str]]] = defaultdict(list)
    always: dict[int, list[str]] = {slot: [] for slot, head in enumerate(heads) if not (head.starts or head.literals)}
    for slot, literal in wanted:
        grams = _grams(literal)
        if grams:
            index[min(grams, key=lambda gram: (often[gram], gram))].append((slot, literal))
        else:
            always.setdefault(slot, []).append(literal)
    return heads, dict(index), list(always.items())


def _grams(literal: str) -> list[_Gram]:
    folded = literal.lower()
    return list(zip(folded, folded[1:], folded[2:], strict=False))


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
