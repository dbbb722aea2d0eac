"""Stage two for passwords in commands, in calls and account files, and after words that can only mean one.

Owns: the confirm steps of the rules in `sidecar.scrub.commands`.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sidecar.scrub import keyed
from sidecar.scrub.boundary import Interval, Scan, closing_quote, quote_before

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

_BARE = re.compile(r"[^\s\"'`\\<>|,;]{4,256}", re.ASCII)
_ECHOED = re.compile(
    r"(?:echo|printf)(?: -[neE]{1,2}){0,2}(?: [\"']?%s(?:\\n)?[\"']?)? {1,2}"
    r"(?:\"([^\"\n$]{3,200})\"|'([^'\n]{3,200})'|([^\s\"'$|]{3,200})) {0,3}\Z",
    re.ASCII,
)
_HASH = re.compile(
    r"\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
    r"|(?:1|apr1)\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}"
    r"|[56]\$(?:rounds=\d{1,9}\$)?[^\s$:]{1,16}\$[./A-Za-z0-9]{43,86}"
    r"|y\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{1,86}\$[./A-Za-z0-9]{43}"
    r"|(?:argon2(?:id|i|d)|pbkdf2-sha\d{1,3}|scrypt)\$[^\s\"'`\\<>]{20,400})",
    re.ASCII,
)


def password_here(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A password whose first four characters end at `end`: what stands before it says so in so many words."""
    text = scan.text
    start = end - 4
    quote = quote_before(text, start)
    stop = closing_quote(text, start, quote, keyed.MAX_PASSWORD) if quote else -1
    if stop < 0:
        match = _BARE.match(text, start)
        if match is None:
            return []
        stop = match.end() - len(match.group()) + len(match.group().rstrip(".)]}"))
    value = text[start:stop]
    return [(start, stop)] if keyed.password_value(value, quoted=bool(quote)) else []


def piped(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`echo password | sudo -S`."""
    text = scan.text
    bar = text.rfind("|", max(0, end - 160), end)
    match = _ECHOED.search(text, max(0, bar - 240), bar)
    if match is None:
        return []
    group = match.lastindex or 0
    start, stop = match.span(group)
    return [(start, stop)] if keyed.password_value(text[start:stop], quoted=True) else []


def crypt(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The hash of a password, as account files and databases keep it."""
    text = scan.text
    start = text.rfind("$", max(0, end - 16), end - 1)
    start = text.rfind("$", max(0, start - 15), start)
    match = _HASH.match(text, start) if start >= 0 else None
    return [match.span()] if match else []


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {
    "password_here": password_here,
    "piped": piped,
    "crypt": crypt,
}
