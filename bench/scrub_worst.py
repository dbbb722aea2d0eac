"""Texts made to be slow for a scrubber.

Owns: the cases. Never: times anything.
Invariant: a case of n characters is the beginning of the same case of 2n characters, or drawn alike.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_HEX = "0123456789abcdef"


def _draw(alphabet: str, n: int) -> str:
    return "".join(random.Random(5).choices(alphabet, k=n))


def _repeat(unit: str) -> Callable[[int], str]:
    return lambda n: unit * (n // len(unit))


CASES: dict[str, Callable[[int], str]] = {
    "base64": lambda n: _draw(_WORDS, n),
    "hex": lambda n: _draw(_HEX, n),
    "digits": lambda n: _draw("0123456789", n),
    "hex:colon": lambda n: "".join(c + ":" * (i % 2) for i, c in enumerate(_draw(_HEX, n * 2 // 3))),
    "word.": _repeat("word."),
    "a": _repeat("a"),
    "@": _repeat("@"),
    "a@": _repeat("a@"),
    "a@b.": _repeat("a@b."),
    "1 2-3.": _repeat("1 2-3."),
    "space": _repeat(" "),
    "open PEM": _repeat("-----BEGIN RSA PRIVATE KEY-----"),
    "open PEM lines": _repeat("-----BEGIN RSA PRIVATE KEY-----\n"),
    "one URL": lambda n: "https://h.example/" + "a/" * (n // 2),
    "URLs": _repeat("https://h/?"),
    "URL users": _repeat("https://a:b@"),
    "minified": _repeat('function(e){var t=e.key,n="x";return t&&n(t.token)};'),
    "/home/": _repeat("/home/"),
    "Bearer": _repeat("Bearer "),
    "eyJ": _repeat("eyJ"),
    "api_key=": _repeat("api_key="),
    "api_key=password:": _repeat("api_key=password:"),
    "backslash quote": _repeat('\\"'),
    "ANSI": _repeat("\x1b[0m"),
}
