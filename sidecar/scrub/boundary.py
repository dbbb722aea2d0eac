"""Where a value begins and ends in text that may be escaped, and the state of one scan.

Owns: `Scan`, boundaries, trimming.
Never: decides what is a secret.
Invariant: looks at a bounded number of characters around a position.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

Interval = tuple[int, int]

WORD: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
HEX: Final = frozenset("0123456789abcdefABCDEF")
_ESCAPE_BEFORE = re.compile(
    r"(?:\\[nrtbf0]|%[0-9A-Fa-f]{2}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&[a-z]{2,5};)\Z", re.ASCII
)
PLACEHOLDER_ATOM = re.compile(
    r"\[(?:EMAIL|PHONE|IP|SSN|CREDIT_CARD|AWS_KEY|PRIVATE_KEY|API_KEY|REDACTED_URL|USER)\]", re.ASCII
)


@dataclass(slots=True)
class Scan:
    """One text while it is being searched: code units are bytes of UTF-8, one character each."""

    text: str
    strict: bool = False
    names: set[str] = field(default_factory=set)
    """User names met in home paths of this text."""
    base64_runs: list[tuple[int, int, str]] = field(default_factory=list)
    """(start, end, what it says) of the base64 runs that hold plain text."""
    escapes: list[int] = field(default_factory=list)
    """Where escapes end, in order."""
    next_key_end: int = -1
    """Where the next end of a private key is, once looked for."""
    entries_read: int = 0
    """How far the entries of Kubernetes Secrets have been looked at."""
    denied: set[tuple[str, str]] = field(default_factory=set)
    """Long values of this text that are no secrets, a few: where one follows the other they are the same again."""
    skip: int = 0
    """A step may set this: candidates of its rule before here hold nothing."""

    @property
    def size(self) -> int:
        """Length in code units."""
        return len(self.text)


def starts_token(text: str, at: int) -> bool:
    """True if a token may begin at `at`: no letter or digit runs into it, unless as the tail of an escape."""
    if at == 0 or text[at - 1] not in WORD:
        return True
    if at > 1 and text[at - 2] == "\\":
        return text[at - 1] in "nrtbf0"
    if at > 2 and text[at - 3] == "%":
        return text[at - 1] in HEX and text[at - 2] in HEX
    if (at > 5 and text[at - 6 : at - 4] == "\\u") or (at > 3 and text[at - 4 : at - 2] == "\\x"):
        return _ESCAPE_BEFORE.search(text, max(0, at - 6), at) is not None
    return False


def ends_token(text: str, at: int) -> bool:
    """True if a token may end at `at`."""
    return at >= len(text) or text[at] not in WORD


def quote_before(text: str, at: int) -> str:
    """The quote a value at `at` is in: `"`, `'`, a backtick, with its backslashes; empty if unquoted."""
    if at == 0 or text[at - 1] not in "\"'`":
        return ""
    start = at - 1
    while start > 0 and at - start < 9 and text[start - 1] == "\\":
        start -= 1
    return text[start:at]


def closing_quote(text: str, at: int, quote: str, limit: int) -> int:
    """Where a value that starts at `at` inside `quote` ends, or -1: same quote, same line, at most `limit` away."""
    end = text.find(quote, at, at + limit)
    if end < 0:
        return -1
    line = text.find("\n", at, end)
    return -1 if line >= 0 else end
