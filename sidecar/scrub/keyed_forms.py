"""Stage two for values under a name that is no plain assignment: arguments, options, words, comparisons, elements.

Owns: the confirm steps for those forms; `sidecar.scrub.keyed` says whether a value is a secret.
Never: searches a text for candidates.
Invariant: every step looks at a bounded stretch around its candidate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks
from sidecar.scrub.keyed import (
    MAX_DENIED_LENGTH,
    assignment,
    deny,
    named_at,
    password_value,
    says_so,
    secret_value,
    value_at,
)
from sidecar.scrub.names import name_before

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.boundary import Interval, Scan
    from sidecar.scrub.rule import Rule

LEAST_SPOKEN: Final = 10
"""Behind a word and a blank fewer characters are no token."""
_AS_KEY = re.compile(r"\\{0,4}[\"'`]\s{0,4}(?::(?!:)|=>)", re.ASCII)


_LISTED = re.compile(r"\\{0,4}[\"'`],\s{0,16}\\{0,4}[\"'`]", re.ASCII)
_LIST_BEFORE = re.compile(r"[\"'`],\s{0,8}\\{0,4}[\"'`][\w.\-/$]{1,80}\\{0,4}[\"'`],\s{0,2}\\{0,4}[\"'`]\Z", re.ASCII)
"""A list of names, of which one happens to name a secret."""
_BARE_NAME = re.compile(r"[\w)\]], {0,2}[\\\"'`]{1,8}\Z", re.ASCII)
"""A variable before the comma, not the quoted name of the value after it."""


def argument(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """`f("name", "value")`; in an object the second text is the next member's name, not a value."""
    text = scan.text
    found = assignment(scan, rule, end)
    if not found or _AS_KEY.match(text, found[-1][1]):
        return []
    start, stop = found[0]
    name = name_before(text, start)
    if (len(name) > 4 and text.startswith(name[:4], start)) or checks.named(text[start:stop]):
        return []
    if _LISTED.match(text, stop) and _LIST_BEFORE.search(text, max(0, start - len(name) - 16), start):
        return [] if not checks.strong_random(text[start:stop], least=12) else found
    if _BARE_NAME.search(text, max(0, start - 12), start) and not checks.random_text(text[start:stop], least=6):
        return []
    return found


_FLAG = re.compile(r"(?:\A|[^\w\-])-{1,2}[\w\-]*\Z", re.ASCII)


def words(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`--password value`, `the password is value`, `password value` of a netrc: a name, a space, a value."""
    text = scan.text
    start = end - 7
    _name, kind = named_at(text, start)
    if kind in {"", "harmless"} or (kind == "key" and not text.endswith(" is ", 0, start)):
        return []
    before = text[max(0, start - 48) : start]
    stop, quote = value_at(text, start, password=kind == "password")
    value = text[start:stop]
    if not quote:
        value = value.rstrip("?!*")
        stop = start + len(value)
    if not quote and before.endswith("   ") and not _COLUMN.match(text, stop):
        return []
    flag = _FLAG.search(before.rstrip(" \"'\\")) is not None
    if before.endswith("   ") and ("," in value or says_so(value)):
        return []
    if not (flag or quote) and (text[start] in "*.#" or _RULE_OF_STYLE.search(value) or _PLURAL.search(_name)):
        return []
    if kind == "password":
        if not password_value(value, quoted=bool(quote) or flag):
            return []
        if _name.lower() == "pass" and not flag and not before.endswith(" is "):
            return []
        sure = flag or quote or " is " in before[-6:] or "login " in text[max(0, start - 120) : start]
        if sure or checks.random_text(value, least=8):
            return [(start, stop)]
        return []
    if len(value) < LEAST_SPOKEN or not secret_value(value, kind, quoted=bool(quote) or flag):
        return []
    return [(start, stop)] if flag or quote or checks.random_text(value, least=16) else []


_COLUMN = re.compile(r" {0,40}(?:\r?\n|\\n|\Z)")
"""The end of the line: behind a wide gap only a last column is a value."""
_PLURAL = re.compile(r"[^s]s\Z", re.IGNORECASE)
_RULE_OF_STYLE = re.compile(r"\{[a-z\-]{2,24}(?:\Z|[:{])|[.#][\w\-]{2,40}\{", re.ASCII)


_PASS_AFTER = re.compile(r"pass|pwd|secret", re.IGNORECASE)
_COMPARES = re.compile(r"(?:cmp|equals?|compare|same)\w{0,12}\([^()]{0,140}\Z", re.IGNORECASE | re.ASCII)


def compared(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`"value" == password`."""
    text = scan.text
    head = text[max(0, end - 40) : end]
    sign = max(head.rfind("=="), head.rfind("!="))
    if sign < 0:
        sign = head.rfind(",")
    close = end - len(head) + sign
    while close > 0 and text[close - 1] in " =!":
        close -= 1
    if text[close : close + 1] == "," and not _COMPARES.search(text[max(0, close - 160) : close]):
        return []
    if close < 2 or text[close - 1] not in "\"'`":
        return []
    mark = text[close - 1]
    start = text.rfind(mark, max(0, close - 130), close - 1) + 1
    stop = close - 1
    while stop > start and text[stop - 1] == "\\":
        stop -= 1
    value = text[start:stop]
    if start == 0 or "\n" in value or not password_value(value, quoted=True):
        return []
    if _PASS_AFTER.search(text, close, end) is None:
        return [(start, stop)] if checks.random_text(value, least=12) else []
    return [(start, stop)] if checks.random_text(value, least=6) or len(value) > 12 else []


def call(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """`setPassword("value")`; words joined by hyphens name a pass of a compiler, a slot, an option."""
    found = assignment(scan, rule, end)
    if not found or not _HYPHENED.fullmatch(scan.text, *found[0]):
        return found
    return []


_HYPHENED = re.compile(r"[a-z]{2,24}(?:-[A-Za-z]{2,24}){1,8}", re.ASCII)
_INCLUDE = re.compile(r"(?:\.h(?:pp|xx)?|\(https?:?)[\"'>]{0,2}\Z", re.ASCII)


def element(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """The content of an XML element with a secret name: the whole of it, or the random words in it."""
    text = scan.text
    start = end - 4
    close = text.rfind(">", max(0, start - 20), start)
    if (
        text[close - 1 : close] in {"-", "="}
        or text[start] in "@/#."
        or _INCLUDE.search(text, max(0, close - 12), close)
    ):
        return []
    whole = assignment(scan, rule, end)
    _name, kind = named_at(text, start)
    if whole or kind in {"", "harmless", "key"}:
        return whole
    content = text[start : start + 400].partition("<")[0]
    return [
        (start + m.start(), start + m.end())
        for m in re.finditer(r"[A-Za-z0-9+/_\-=.]{14,}", content)
        if secret_value(m.group(), "secret", quoted=True)
    ]


_VENDOR_VALUE = re.compile(r"[\w\-.]{0,12}[\"']?[ :=\-]{1,3}[\\\"'`]{0,3}(?=[A-Za-z0-9_$][^\s\"'`\\]{7})", re.ASCII)


def vendor(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """Random text right after the name of a service."""
    text = scan.text
    between = _VENDOR_VALUE.match(text, end)
    if between is None:
        return []
    start = between.end()
    stop, quote = value_at(text, start, password=False)
    value = text[start:stop]
    if "/" in value or "." in value or ":" in value or checks.UUID.match(value) or ("-" in value and not quote):
        return []
    if (value, "") in scan.denied:
        return []
    if checks.random_text(value, least=12 if quote else 24) and not checks.placeholder(value):
        return [(start, stop)]
    if not quote and len(value) > MAX_DENIED_LENGTH:
        deny(scan, value, "")
    return []


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {
    "keyed": assignment,
    "keyed_argument": argument,
    "keyed_words": words,
    "call": call,
    "compared": compared,
    "element": element,
    "vendor": vendor,
}
