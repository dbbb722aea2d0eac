"""What a developer does with a message, in moves: names what is missing, makes a counter-proposal, asks for facts.

Owns: `find_moves`.
Never: weighs a move; reads more than `MAX_READ` characters and `MAX_WORDS` words.
Invariant: phrases are found in one pass, with one dictionary look-up per word.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict

from sidecar.capture import phrases_moves
from sidecar.capture.phrases import BREAKS, split

MAX_READ = 1500
"""Characters of a message that are searched."""
MAX_WORDS = 300
"""Words of it that are looked at one by one."""
OFTEN, VERY_OFTEN = 2, 4
"""How often a counted move comes for it to count as often, as very often."""
_STRAIGHT = str.maketrans({"\u2019": "'", "\uff1f": "?"})
Index = dict[str, tuple[tuple[tuple[str, ...], str], ...]]


def index_phrases(table: dict[str, str]) -> Index:
    """First word -> (the words after it, what the phrase stands for)."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for name, lines in table.items():
        for phrase in filter(str.strip, lines.replace("\n", "|").split("|")):
            first, *rest = split(phrase.strip())
            found[first].append((tuple(rest), name))
    return {first: tuple(items) for first, items in found.items()}


@functools.cache
def _tables() -> tuple[Index, Index, dict[str, re.Pattern[str]], dict[str, re.Pattern[str]]]:
    """Phrases, starters of orders and patterns; made when the first message is read, not when this is imported."""
    return (
        index_phrases(phrases_moves.TABLE),
        index_phrases({"start": phrases_moves.STARTERS}),
        {name: re.compile(shape) for name, shape in phrases_moves.SHAPES.items()},
        {name: re.compile(shape) for name, shape in phrases_moves.CASED.items()},
    )


_FILLERS = frozenset(phrases_moves.FILLERS.split())
_VERBS = frozenset(phrases_moves.VERBS.split())


def _orders(tokens: list[str], starters: Index) -> list[str]:
    """Whether the message begins as an order: with "can you", "let's" and the like, or with a bare verb."""
    at = 0
    started = False
    while at < len(tokens) and (tokens[at] in _FILLERS or tokens[at] in BREAKS):
        started |= tokens[at] in starters
        at += 1
    if at == len(tokens):
        return []
    here = starters.get(tokens[at], ())
    started |= any(tuple(tokens[at + 1 : at + 1 + len(rest)]) == rest for rest, _ in here)
    return ["order"] * started + ["orderbare"] * (tokens[at] in _VERBS)


def find_moves(text: str) -> dict[str, int]:
    """How often each move comes in a message; moves that are not counted come once."""
    text = text[:MAX_READ]
    phrases, starters, shapes, cased = _tables()
    low = text.translate(_STRAIGHT).lower()
    tokens = split(low)[:MAX_WORDS]
    found: dict[str, int] = defaultdict(int)
    for at, token in enumerate(tokens):
        for rest, name in phrases.get(token, ()):
            if not rest or tuple(tokens[at + 1 : at + 1 + len(rest)]) == rest:
                found[name] += 1
    for names, searched in ((shapes, low), (cased, text)):
        for name, shape in names.items():
            if name in phrases_moves.COUNTED:
                count = len(shape.findall(searched))
            else:
                count = shape.search(searched) is not None
            if count:
                found[name] += count
    for name in _orders(tokens, starters):
        found[name] += 1
    return {name: count if name in phrases_moves.COUNTED else 1 for name, count in found.items()}
