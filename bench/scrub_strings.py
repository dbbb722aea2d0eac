"""Short strings a scrubber may stumble over: samples of the rules, mutated, glued, escaped, encoded.

Owns: the generator that the fuzz command and the tests share.
Never: scrubs or judges anything; every secret in it is made up.
Invariant: the same seed and block number give the same strings, for the same table of rules.
"""

from __future__ import annotations

import json
import random
from base64 import b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from sidecar.scrub.assignments import KEYWORDS
from sidecar.scrub.rules import RULES, TOKENS
from sidecar.scrub.shapes import parse

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK: Final = 64
"""Strings of one block."""
LONGEST: Final = 400
PIECES: Final = tuple(sorted({sample for rule in RULES for sample in (*rule.samples, *rule.misses)}))
SHAPES: Final = tuple(parse(rule.shape) for rule in TOKENS)
GLUE: Final = (
    "", " ", "\n", "=", ": ", '"', "'", "`", '\\"', "\\n", "\\t", "\\\\", "&", "?", "/", "//", "@", "://",
    "%3D", "%22", "%25", "%2F", "\\u0022", "\\u003d", "\\x3d", "&quot;", "&amp;", "&#61;", "\x1b[1m",
    "\\u001b[0m", "\\x1b[31m", "\x1b", "\u200b", "\u200d", "\u00ad", "\ufeff", "\ufe0f", "\U000e0061", "é", "ß",
    "中", "🔑", "\ud800", "\x00", "\x85", "\u2028", "::", "+", "-", "_", ".", ",", ";", "|", "$", "#", "<", ">",
    "(", ")", "[", "]", "{", "}", "{{", "${", "0", "00", "1", "a", "[API_KEY]", "[USER]", "[EMAIL]",
    "[REDACTED_URL]", "[API_KEY", "USER]", "user_3f2a91c0", "/home/", "/Users/", "C:\\Users\\", "eyJ", "AKIA",
    "sk-", "ghp_", "-----BEGIN ", "PRIVATE KEY-----", "Bearer ", "Cookie: ", "Authorization: ", " -p",
    "--token ", "curl -u ", "https://", "?token=", "jsmith", "password is ", "value", "name: ",
    "kind: Secret\n",
)  # fmt: skip
_SEPARATORS: Final = (
    "=",
    ": ",
    " = ",
    ":",
    '": "',
    "': '",
    '", "',
    "=>",
    " is ",
    " ",
    "|",
    '\\": \\"',
    "\t",
    "%3D",
    ">",
    "/",
)
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHABETS: Final = (
    "0123456789",
    "0123456789abcdef",
    _LETTERS + "0123456789",
    _LETTERS + "0123456789-_",
    _LETTERS + "0123456789+/=",
    _LETTERS,
    "0123456789 -.()+",
    "0123456789abcdef:.",
    "".join(map(chr, range(32, 127))),
    "\\\"'`%&=:;@/[]{}<>-_. \n",
)


def block(seed: int, number: int) -> list[str]:
    """The strings of one block."""
    draw = random.Random(f"{seed}/{number}")
    return [_string(draw)[:LONGEST] for _ in range(BLOCK)]


def _string(draw: random.Random) -> str:
    pick = draw.random()
    if pick < 0.15:
        return _mutated(draw, draw.choice(PIECES))
    if pick < 0.35:
        return draw.choice(GLUE) + _token(draw) + draw.choice(GLUE)
    if pick < 0.55:
        return _assigned(draw)
    parts = []
    for _ in range(draw.randint(1, 8)):
        parts.append(draw.choice(_MAKERS)(draw))
        parts.append(draw.choice(GLUE))
    return "".join(parts)


def _piece(draw: random.Random) -> str:
    return draw.choice(PIECES)


def _glue(draw: random.Random) -> str:
    return draw.choice(GLUE)


def _token(draw: random.Random) -> str:
    """A token of a vendor's shape, or one that just misses it."""
    token = draw.choice(SHAPES).example(draw.randrange(1000))
    return token if draw.random() < 0.6 else _mutated(draw, token)


def _random(draw: random.Random) -> str:
    return "".join(draw.choices(draw.choice(_ALPHABETS), k=draw.randint(1, 44)))


def _assigned(draw: random.Random) -> str:
    """A name, a sign, a value; the name may be any word that says secret, with something around it."""
    key = draw.choice(KEYWORDS)
    key = draw.choice((key, key.upper(), key.title(), f"db_{key}", f"{key}Id", f"my{key.title()}", f"max_{key}s"))
    value = draw.choice((_random, _token, _piece, _mutated_piece))(draw)
    left = draw.choice(("", "", '"', "'", "{", '{"', '{\\"', "--", "export ", "\n", "<"))
    return (
        left + key + draw.choice(_SEPARATORS) + draw.choice(("", "", '"', "'", "`", '\\"')) + value + draw.choice(GLUE)
    )


def _mutated_piece(draw: random.Random) -> str:
    return _mutated(draw, draw.choice(PIECES))


def _mutated(draw: random.Random, text: str) -> str:
    """The text after one to three small accidents."""
    for _ in range(draw.randint(1, 3)):
        if not text:
            break
        text = draw.choice(_ACCIDENTS)(draw, text, draw.randrange(len(text)))
    return text


def _json(_draw: random.Random, text: str, _at: int) -> str:
    return json.dumps(text)


_ACCIDENTS: Final[tuple[Callable[[random.Random, str, int], str], ...]] = (
    lambda _draw, text, at: text[:at] + text[at + 1 :],
    lambda draw, text, at: text[:at] + draw.choice(GLUE) + text[at:],
    lambda draw, text, at: text[:at] + chr(draw.randint(32, 126)) + text[at + 1 :],
    lambda _draw, text, at: text[:at],
    lambda _draw, text, at: text[at:],
    lambda _draw, text, at: text + text[at:],
    lambda _draw, text, _at: text.swapcase(),
    lambda _draw, text, _at: text[::-1],
    lambda draw, text, at: text[:at] + draw.choice("\u200b\u200d\u00ad\ufe0f") + text[at:],
    lambda _draw, text, _at: quote(text, safe="", errors="replace"),
    lambda _draw, text, _at: b64encode(text.encode("utf-8", "surrogatepass")).decode(),
    lambda _draw, text, _at: text.encode("utf-16-le", "surrogatepass").hex(),
    _json,
)
_MAKERS: Final = (_piece, _piece, _mutated_piece, _glue, _glue, _token, _random, _assigned)
