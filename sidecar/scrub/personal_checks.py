"""Stage two for the data of persons: mail, address, card, number.

Owns: the confirm steps of the family personal.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks
from sidecar.scrub.boundary import WORD, Interval, Scan, starts_token
from sidecar.scrub.words import (
    COUNTRY_TLDS,
    GENERIC_LOCAL_PARTS,
    GENERIC_TLDS,
    HARMLESS_LOCAL_PARTS,
    HARMLESS_MAIL_HOSTS,
    NO_DOMAIN,
    RESERVED_DOMAINS,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

DIGITS: Final = frozenset("0123456789")
_LOCAL = re.compile(r"[A-Za-z0-9._%+'\-\x80-\xff]{1,64}\Z", re.ASCII)
_DOMAIN = re.compile(r"[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9\-.\x80-\xff]{0,250}[A-Za-z0-9\x80-\xff])?", re.ASCII)
_USERINFO_BEFORE = re.compile(r"://[^\s/@]{1,64}:\Z", re.ASCII)
_IPV4_BACK = re.compile(r"\d{0,3}\Z", re.ASCII)
_DOTTED = re.compile(r"[0-9.]{0,65536}", re.ASCII)
_FRACTION_BEFORE = re.compile(r"(?:\A|[^\d.])\d{0,6}\.\d{1,6}[ ,\-]{1,2}\Z", re.ASCII)
_NUMBER_AFTER = re.compile(r"[ ,]?-?[\d.]|[a-zA-Z]\d", re.ASCII)
_IPV4 = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", re.ASCII)
_VERSION_BEFORE = re.compile(
    r"(?<![A-Za-z])(?=[a-z§])(?:version|ver|nuget|release|section|oid|assembly\w*|chrome|firefox|safari|edge|edg|opr|build|driver|glibc|sdk|"
    r"package|packages|jdk|jre|kernel|firmware|chapter|clause|rev|schema|upgrade|upgraded|update|python|node|spec|tag|"
    r"bump|downgrade|v8|"
    r"source|linux|xfree86|objectidentifier|fileversion|productversion|model|revision|rc|§)"
    r"[\w\-]{0,20}(?: \w{1,16})?(?: (?:from|to))?[\s\"'`:=/(\\>@^~v]{1,6}\Z",
    re.IGNORECASE,
)
_VERSION_WORD = re.compile(
    r"(?:version|nuget|assembly|section|\boid\b|packagereference|glibc|chrome/|mozilla/)", re.IGNORECASE
)
_NAME_BEFORE = re.compile(
    r"(?=[a-z])(?:(?<![\w.])lib[\w+\-]{2,24}|\b(?:since|according to|sec\.?|RFC ?\d+, s\.|clause) ?) \Z", re.IGNORECASE
)
_FOLDER = re.compile(r"[\w\-]/\Z", re.ASCII)
LOW: Final = 10
SMALL: Final = 32
"""Four numbers below this are a version unless a word says host."""
NO_HOST: Final = frozenset({0, 127, 255})
MULTICAST: Final = (224, 240)
_HOST_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:\w{0,16}_)?(?=[a-z@:])(?:ip|addr|address|host|client|server|from|remote|peer|upstream|listen|connect|connected|src|dst|ping|@|inet|"
    r"gateway|nameserver|dns|proxy|origin|forwarded-for|://|ssh|allow|deny|to)[\w\-]{0,8}[\s\"'`:=/(\\\[,]{0,6}\Z",
    re.IGNORECASE,
)
_IPV6 = re.compile(r"[0-9A-Fa-f:]{2,45}(?:\.\d{1,3}){0,3}", re.ASCII)
_IPV6_RUN = re.compile(r"[0-9A-Fa-f:]{0,65536}", re.ASCII)
_IPV6_BACK = re.compile(r"[0-9A-Fa-f:]{0,45}\Z", re.ASCII)
_COUNTED = re.compile(
    r"(?:ids?|ts|time|timestamp|seq|sequence|offset|size|bytes|count|nonce|epoch|ns|us|duration|inode|pos|position|start|end|"
    r"seed|hash|cursor|version|total|sum|len|length|index|addr|address|ticks|clock|uid|snowflake)[\"'\\]{0,3}[:=\s(]{1,4}[\"']?\Z",
    re.IGNORECASE | re.ASCII,
)
"""What is counted or identified, right before a bare number."""
_NUMBER_BEFORE = re.compile(r"\d,\s{1,6}\Z", re.ASCII)
"""The number before, in a list of them."""
_CARD = re.compile(r"\d(?:[ \-]?\d){11,18}(?![ \-]?\d)", re.ASCII)


def email(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """An address of a person: a real top level domain, not a decorator, a package version or a git remote."""
    text = scan.text
    at = text.rfind("@", max(0, start - 66), start)
    domain = _DOMAIN.match(text, at + 1)
    if domain is None or text[domain.end() : domain.end() + 1] == "@":
        return []
    local = _LOCAL.search(text, max(0, at - 64), at)
    if local is None:
        return []
    begin = local.start()
    if begin > 0 and text[begin - 1] == "\\" and text[begin] in "nrt" and at - begin > 1:
        begin += 1
    while begin < at and text[begin] in "._%+'-":
        begin += 1
    while begin + 2 < at and text[begin - 1 : begin] == "%" and text[begin] in "0123456789ABCDEFabcdef":
        begin += 2
    if _USERINFO_BEFORE.search(text, max(0, begin - 80), begin):
        return []
    name = text[begin:at]
    host = domain.group().split("..")[0].rstrip(".-")
    labels = host.lower().split(".")
    top = labels[-1]
    if not name or len(labels) < 2 or top in NO_DOMAIN:
        return []
    if not (top in GENERIC_TLDS or top in COUNTRY_TLDS or top.startswith("xn--") or not top.isascii()):
        return []
    reserved = top in RESERVED_DOMAINS or labels[-2] == "example"
    if reserved and name.lower().partition("+")[0].rstrip("0123456789") in GENERIC_LOCAL_PARTS:
        return []
    if name.lower() in HARMLESS_LOCAL_PARTS or host.lower().endswith(HARMLESS_MAIL_HOSTS):
        return []
    if all(label[:1].isdigit() for label in labels):
        return []
    end = at + 1 + len(host)
    if end < len(text) and text[end] == "(":
        return []
    return [(begin, end)]


def ipv4(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """An IPv4 address of a host: not a version, an object identifier, a loopback or a mask."""
    text = scan.text
    dots = end - 2
    for _ in range(2):
        dots = text.rfind(".", 0, dots)
    back = _IPV4_BACK.search(text, max(0, dots - 3), dots)
    begin = back.start() if back else dots
    match = _IPV4.match(text, begin)
    if match is None:
        return []
    stop = match.end()
    if stop < len(text) and text[stop] == "." and text[stop + 1 : stop + 2] in DIGITS:
        run = _DOTTED.match(text, stop)
        scan.skip = run.end() if run else stop
        return []
    if begin > 0 and (text[begin - 1] in DIGITS or (text[begin - 1] == "." and begin > 1 and text[begin - 2] in WORD)):
        return []
    if begin > 0 and (text[begin - 1] in "-_" or (text[begin - 1] in WORD and not starts_token(text, begin))):
        return []
    if stop < len(text) and (text[stop] in DIGITS or (text[stop] == "." and text[stop + 1 : stop + 2] in DIGITS)):
        return []
    if stop < len(text) and (
        text[stop] == "_" or (text[stop] in WORD) or re.match(r"[.\-][A-Za-z]\w*", text[stop : stop + 8])
    ):
        return []
    parts = match.group().split(".")
    numbers = list(map(int, parts))
    if max(numbers) > 255 or sum(map(len, map(str, numbers))) != sum(map(len, parts)):
        return []
    if numbers[0] in NO_HOST or MULTICAST[0] <= numbers[0] < MULTICAST[1] or checks.counting("".join(parts)):
        return []
    before = text[max(0, begin - 48) : begin]
    hosted = _HOST_BEFORE.search(before) is not None
    if max(numbers) < SMALL and not hosted and not text.startswith((":", "/"), stop):
        return []
    if _VERSION_BEFORE.search(before) or before.endswith(("==", ">=", "<=", "~=", "^", "~", "@v")):
        return []
    if _FRACTION_BEFORE.search(before) and _NUMBER_AFTER.match(text, stop):
        return []
    line = before[before.rfind("\n") + 1 :]
    if _VERSION_WORD.search(line) and not hosted:
        return []
    if numbers[0] < LOW and (_NAME_BEFORE.search(before) or (_FOLDER.search(before) and text[stop : stop + 1] == "/")):
        return []
    return [(begin, stop)]


def ipv6(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """An IPv6 address, as `ipaddress` reads it."""
    text = scan.text
    back = _IPV6_BACK.search(text, max(0, end - 45), end)
    begin = back.start() if back else end
    match = _IPV6.match(text, begin)
    if match is None:
        return []
    stop = match.end()
    value = match.group()
    if len(value) >= 45 or value.count("::") > 1 or value.count(":") > 12:
        run = _IPV6_RUN.match(text, end)
        scan.skip = run.end() if run else end
        return []
    if value.endswith(":") and not value.endswith("::"):
        value = value[:-1]
        stop -= 1
    if stop < len(text) and text[stop] in WORD | {"_"}:
        return []
    if begin > 0 and text[begin - 1] in WORD | {"_"} and not starts_token(text, begin):
        cut = value.find(":")
        begin, value = begin + cut + 1, value[cut + 1 :]
        if text[begin : begin + 1] == ":" and value[:1] == ":":
            return []
    for _ in range(4):
        if checks.ipv6(value):
            return [(begin, stop)]
        cut = value.find(":", 1)
        if cut < 0 or value.startswith("::", cut):
            break
        begin += cut + 1
        value = value[cut + 1 :]
    return []


def ipv6_full(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """Eight groups; the gate has seen one character more."""
    return ipv6(scan, rule, end - 1)


def ssn(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """`AAA-GG-SSSS` in the ranges that are issued; dots and spaces only where both signs are the same."""
    text = scan.text
    value = text[start : start + 11]
    if value[3] != value[6] or not starts_token(text, start) or (start + 11 < len(text) and text[start + 11] in WORD):
        return []
    if text[start - 1 : start] in {"-", ".", "/", "+"} and start > 0:
        return []
    if text[start + 11 : start + 13][:1] in {"-", "/"} or re.match(r"\.\d", text[start + 11 : start + 13]):
        return []
    if not checks.social_security(value[:3], value[4:6], value[7:]):
        return []
    if value[3] == " " and _in_row(text, start, start + 11):
        return []
    return [(start, start + 11)]


def _in_row(text: str, start: int, end: int) -> bool:
    """True if a number separated by blanks stands among other numbers: a row of a table."""
    before = text[max(0, start - 64) : start]
    if "ssn" in before.lower() or "social" in before.lower():
        return False
    left = before[before.rfind("\n") + 1 :].rstrip(" \t,;|:")
    right = text[end : end + 8].split("\n", maxsplit=1)[0].lstrip(" \t,;|")
    return left[-1:] in DIGITS or right[:1] in DIGITS or (not left and not right and text[start - 1 : start] == " ")


def ssn_two(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The nine digits with one hyphen, standing alone."""
    match = _TWO_PARTS.search(scan.text, max(0, end - 13), end)
    if match is None:
        return []
    digits = match.group(1).replace("-", "")
    if match.group(1)[5] == "-" and _STANDARD.search(match.group(1)):
        return []
    if match.group(1)[5] == "-" and _ADDRESS_BEFORE.search(scan.text[max(0, match.start() - 48) : match.start()]):
        return []
    return [match.span(1)] if checks.social_security(digits[:3], digits[3:5], digits[5:]) else []


_STANDARD = re.compile(r"-(?:19|20)\d\d\Z")
"""The year of a standard (`GB/T 32907-2016`)."""
_ADDRESS_BEFORE = re.compile(
    r"(?:\b[A-Z]{2}|[A-Z]\.[A-Z]\.|(?i:\bzip(?:[ +]?4)?(?: ?code| form)?|postal ?code|state|usa?))"
    r"[\s\"'`:=,.#*()\\]{1,16}\Z"
)
"""What stands before a postal code of nine digits, which has the form of a number in two parts."""
_TWO_PARTS = re.compile(r"(?<!\d)(\d{3}-\d{6}|\d{5}-\d{4})(?!\d)", re.ASCII)


def ssn_plain(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """Nine digits after the words."""
    text = scan.text
    start = end - 9
    if end < len(text) and text[end] in WORD:
        return []
    value = text[start:end]
    return [(start, end)] if checks.social_security(value[:3], value[3:5], value[5:]) else []


def card(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A payment card: issuer, length and check digit."""
    text = scan.text
    start = end
    count = 0
    while start > 0 and count < 12:
        start -= 1
        count += text[start] in DIGITS
    if start > 0 and (not starts_token(text, start) or text[start - 1] in "._"):
        return []
    if text[start - 1 : start] in {"-", "+", "#", "/"} and start > 0:
        return []
    match = _CARD.match(text, start)
    if match is None:
        return []
    stop = match.end()
    if stop < len(text) and (
        text[stop] in WORD or text[stop] == "_" or (text[stop] == "." and text[stop + 1 : stop + 2] in DIGITS)
    ):
        return []
    value = match.group()
    digits = value.replace(" ", "").replace("-", "")
    bare = len(digits) == len(value) and len(digits) not in {15, 16}
    if bare and (
        _COUNTED.search(text, max(0, start - 40), start) or _NUMBER_BEFORE.search(text, max(0, start - 8), start)
    ):
        return []
    if len(digits) != len(value) and (not _card_groups(value) or _in_table(text, start, value)):
        return []
    return [(start, stop)] if checks.card(digits) else []


_HEX_GROUPS_BEFORE = re.compile(r"[0-9A-Fa-f]{4,5}[ \-][0-9A-Fa-f]{4,5}[ \-]\Z", re.ASCII)


def _in_table(text: str, start: int, value: str) -> bool:
    """True if the groups count up, or go on to the left: a row of code points or of a dump."""
    groups = [int(group) for group in re.split(r"[ \-]", value)]
    counts_up = all(0 < b - a < 1000 for a, b in pairwise(groups))
    return counts_up or _HEX_GROUPS_BEFORE.search(text, max(0, start - 12), start) is not None


def _card_groups(value: str) -> bool:
    groups = [len(g) for g in re.split(r"[ \-]", value)]
    return groups in (
        [4, 4, 4, 4],
        [4, 6, 5],
        [4, 6, 4],
        [4, 4, 4, 4, 3],
        [4, 4, 4],
        [4, 4, 5],
        [6, 13],
        [4, 4, 4, 1],
        [4, 4, 4, 2],
    )


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {
    "email": email,
    "ipv4": ipv4,
    "ipv6": ipv6,
    "ipv6_full": ipv6_full,
    "ssn": ssn,
    "ssn_plain": ssn_plain,
    "ssn_two": ssn_two,
    "card": card,
}
