"""A small language for the shape of a token, and what is made from it.

Owns: parsing of shapes, and the head (gate), the body (confirm) and the examples made from one.
Never: knows a vendor or scans a text.
Invariant: head, body and example of a shape agree: every example matches the body, and starts with the head.

A shape is literal text with classes in braces: ``{A36}`` is 36 letters or digits, ``{h20-40}`` is 20 to 40 lower hex
digits, ``{w10+}`` at least ten word characters; ``<a|b>`` is a choice of literals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product

MAX_TOKEN = 4096
"""Longest token body a rule follows, in characters."""
HEAD_BODY = 10
"""How many body characters the head of a token asks for, at most."""

EDGE = r"(?:[^A-Za-z0-9]|\\(?:[nrtbf0]|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})|%[0-9A-Fa-f]{2})"
"""What may stand before a token: what `boundary.starts_token` takes for an end of what was before."""
CLASSES = {
    "A": "A-Za-z0-9",
    "a": "a-z0-9",
    "U": "A-Z0-9",
    "P": "A-Z",
    "L": "a-z",
    "l": "A-Za-z",
    "h": "a-f0-9",
    "H": "A-Fa-f0-9",
    "d": "0-9",
    "w": r"A-Za-z0-9_\-",
    "W": "A-Za-z0-9_",
    "v": r"a-z0-9_\-",
    "t": r"A-Za-z0-9_\-=",
    "b": "A-Za-z0-9+/",
    "e": "A-Za-z0-9+/=",
    "B": r"A-Za-z0-9+/=_\-",
    "k": r"A-Za-z0-9._\-",
    "n": r"A-Za-z0-9._=+/\-",
    "z": r"A-Za-z0-9_~.",
    "Z": r"A-Za-z0-9_~.\-",
    "x": "02-9AC-HJ-NP-Z",
    "q": "2-7A-Z",
}
_SAMPLE_ALPHABET = {
    "A": "k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6p",
    "a": "k7q2zt4w9xcv8mhb3nsd6gfjp5",
    "U": "K7Q2ZT4W9XCV8MHB3NSD6GFJP5",
    "P": "KQZTWXCVMHBNSDGFJPRYL",
    "L": "kqztwxcvmhbnsdgfjpryl",
    "l": "kQzTwXcVmHbNsDgFjPrYl",
    "h": "7f3a9c2e8b4d0165",
    "H": "7f3A9c2E8b4D0165",
    "d": "7295018364",
    "w": "k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6p",
    "v": "k7q2zt4w9xcv8mhb3nsd6gfjp5",
    "x": "Q3ZT4W9XCV8MHDK7NSPGFJ5",
    "q": "Q3ZT4WXCV5MHDK7NSPGFJ",
}
_PIECE = re.compile(r"\{(\w)(\d+)(?:(\+)|-(\d+))?\}|<([^>]*)>|([^{<]+)")


@dataclass(frozen=True, slots=True)
class Head:
    """A gate expression of fixed length: a match that ends at `e` starts at `e - length`."""

    expression: str
    length: int


@dataclass(frozen=True, slots=True)
class Shape:
    """One parsed shape. `parts` are (class, low, high) or (choices of literal text)."""

    parts: tuple[tuple[str, int, int] | tuple[str, ...], ...]

    def body(self) -> str:
        """The anchored expression of the whole token; every repeat is bounded."""
        out = []
        for part in self.parts:
            if _is_class(part):
                name, low, high = part
                out.append(f"[{CLASSES[name]}]{{{low},{high}}}" if low != high else f"[{CLASSES[name]}]{{{low}}}")
            else:
                choices = [re.escape(str(choice)) for choice in part]
                out.append(choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})")
        return "".join(out)

    def heads(self) -> list[Head]:
        """Gate expressions: the fixed text nearest the start with up to `HEAD_BODY` characters around it.

        A shape that starts with a class is gated by its first literal, so a bare run of characters never fires.
        """
        first = self.parts[0]
        if _is_class(first):
            name, low, _ = first
            expressions = [(f"[{CLASSES[name]}]{{{min(int(low), HEAD_BODY)}}}", int(low))]
            rest = self.parts[1:]
        else:
            expressions = [("", 0)]
            rest = self.parts
        budget = HEAD_BODY
        for part in rest:
            if _is_class(part):
                name, low, high = part
                take = min(int(low), budget)
                if take:
                    expressions = [(e + f"[{CLASSES[name]}]{{{take}}}", n + take) for e, n in expressions]
                budget -= take
                if low != high or budget <= 0:
                    break
            else:
                pairs = product(expressions, part)
                expressions = [(e + re.escape(str(choice)), n + len(str(choice))) for (e, n), choice in pairs]
        flood = not _is_class(first) and len(set(str(first[0]))) == 1 and len(str(first[0])) > 3
        return [Head(EDGE + e if flood else e, n) for e, n in expressions]

    def lead(self) -> tuple[str, int]:
        """The class a shape starts with and by how much it may be longer than its head assumes; ("", 0) if fixed."""
        first = self.parts[0]
        if not _is_class(first):
            return "", 0
        name, low, high = first
        return CLASSES[str(name)], int(high) - int(low)

    def infix(self) -> list[str]:
        """The first literal text of a shape, one per choice: what must be in a text for the shape to match."""
        for part in self.parts:
            if not _is_class(part):
                return [str(choice) for choice in part]
        return []

    def prefixes(self) -> list[str]:
        """The literal texts one of which a token starts with, longest first; none if it starts with a class."""
        out = [""]
        for part in self.parts:
            if _is_class(part):
                break
            out = [begin + str(choice) for begin, choice in product(out, part)]
        return sorted((text for text in out if text), key=len, reverse=True)

    def example(self, seed: int = 0) -> str:
        """A made-up token of this shape, the same for the same seed."""
        out = []
        counter = 0
        for part in self.parts:
            if not _is_class(part):
                out.append(str(part[seed % len(part)]))
                continue
            alphabet = _SAMPLE_ALPHABET.get(str(part[0]), _SAMPLE_ALPHABET["A"])
            low, high = int(part[1]), int(part[2])
            length = low if high == low else min(high, low + 4)
            for _ in range(length):
                digest = sha256(f"{seed}/{counter}".encode()).digest()
                out.append(alphabet[digest[0] % len(alphabet)])
                counter += 1
        return "".join(out)


def _is_class(part: tuple[str, int, int] | tuple[str, ...]) -> bool:
    return len(part) == 3 and isinstance(part[1], int)


@lru_cache(maxsize=1024)
def parse(shape: str) -> Shape:
    """Parse a shape; ValueError if it is not one."""
    parts: list[tuple[str, int, int] | tuple[str, ...]] = []
    position = 0
    while position < len(shape):
        piece = _PIECE.match(shape, position)
        if piece is None:
            raise ValueError(f"not a shape at {position}: {shape}")
        name, low, more, high, choice, literal = piece.groups()
        if name:
            top = MAX_TOKEN if more else int(high or low)
            parts.append((name, int(low), top))
        elif choice is not None:
            parts.append(tuple(choice.split("|")))
        else:
            parts.append((literal,))
        position = piece.end()
    return Shape(tuple(parts))
