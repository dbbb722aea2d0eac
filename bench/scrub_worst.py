"""Texts made to be slow for a scrubber.

Owns: the cases. Never: times anything.
Invariant: a case of n characters is the beginning of the same case of 2n characters, or drawn alike.
"""

from __future__ import annotations

import json
import random
from base64 import b64encode
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
DENSE: dict[str, Callable[[int], str]] = {
    "percent twice": _repeat("%25%25"),
    "invisible": _repeat("\u200b"),
    "prefix, invisible": _repeat("ghp_\u200b"),
    "cards": _repeat("4242424242424242 5555555555554444 "),
    "card digits": _repeat("4-"),
    "addresses": _repeat("8.8.4.4 "),
    "mails": _repeat("x@y.com "),
    "tokens": lambda n: "".join(f"ghp_{i:036x}\n" for i in range(1, n // 41)),
    "Kubernetes": _repeat("kind: Secret\ndata:\n  a: azdScTJadEx3OVhjVjRtSA==\n"),
    "?token=": _repeat("?token=abcdef"),
    "key=": _repeat("key="),
    "?token=, empty": _repeat("?token="),
    "token:abc/": _repeat("token:abc/"),
    "vendor=": _repeat("kanbantool="),
    "JSON in JSON": lambda n: _nested(3000) * (n // 3000),
    "base64 in base64": lambda n: _encoded(3) * (n // len(_encoded(3))),
    "open title": _repeat("\x1b]0;"),
}
"""Cases in which every few characters are replaced, or nearly: the confirm steps are all the work."""


def _nested(size: int) -> str:
    text = '{"password":"k7Rq2ZtLw9XcV4mHb8Ns"}'
    while len(text) < size:
        text = json.dumps({"a": text})
    return text


def _encoded(times: int) -> str:
    data = b"password=Tr0ub4dor33x token: k7Rq2ZtLw9XcV4mHb8Ns " * 40
    for _ in range(times):
        data = b64encode(data)
    return data.decode() + "\n"
