"""Stage two for the data of persons: mail, phone, address, card, number, home path.

Owns: the confirm steps of the family personal.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final

import phonenumbers

from sidecar.scrub import checks
from sidecar.scrub.boundary import WORD, Interval, Scan, starts_token
from sidecar.scrub.words import (
    COUNTRY_TLDS,
    GENERIC_TLDS,
    HARMLESS_LOCAL_PARTS,
    HARMLESS_MAIL_HOSTS,
    NO_DOMAIN,
    SYSTEM_USERS,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

DIGITS: Final = frozenset("0123456789")
LEARN_LEAST: Final = 4
"""A user name shorter than this is replaced in paths, but not looked for elsewhere."""
_LOCAL = re.compile(r"[A-Za-z0-9._%+'\-\x80-\xff]{1,64}\Z", re.ASCII)
_DOMAIN = re.compile(r"[A-Za-z0-9\x80-\xff](?:[A-Za-z0-9\-.\x80-\xff]{0,250}[A-Za-z0-9\x80-\xff])?", re.ASCII)
_ESCAPE_HEAD = re.compile(r"(?:\A|.*[\\])[nrt](?=[A-Za-z0-9])", re.ASCII)
_IPV4_BACK = re.compile(r"\d{0,3}\Z", re.ASCII)
_DOTTED = re.compile(r"[0-9.]{0,65536}", re.ASCII)
_IPV4 = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", re.ASCII)
_VERSION_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:version|ver|nuget|release|section|oid|assembly\w*|chrome|firefox|safari|edge|edg|opr|build|driver|glibc|sdk|"
    r"package|packages|jdk|jre|kernel|firmware|chapter|clause|rev|schema|upgrade|upgraded|update|python|node|spec|tag|"
    r"source|fileversion|productversion|model|revision|rc|§)[\w\-]{0,20}[\s\"'`:=/(\\>@^~v]{1,6}\Z",
    re.IGNORECASE,
)
_VERSION_WORD = re.compile(r"(?:version|nuget|assembly|section|\boid\b|packagereference|glibc|chrome/|mozilla/)", re.IGNORECASE)
_HOST_BEFORE = re.compile(
    r"(?<![A-Za-z])(?:\w{0,16}_)?(?:ip|addr|address|host|client|server|from|remote|peer|upstream|listen|connect|connected|src|dst|ping|@|inet|"
    r"gateway|nameserver|dns|proxy|origin|forwarded-for|://|ssh|allow|deny|to)[\w\-]{0,8}[\s\"'`:=/(\\\[,]{0,6}\Z",
    re.IGNORECASE,
)
_IPV6 = re.compile(r"[0-9A-Fa-f:]{2,45}(?:\.\d{1,3}){0,3}", re.ASCII)
_IPV6_RUN = re.compile(r"[0-9A-Fa-f:]{0,65536}", re.ASCII)
_IPV6_BACK = re.compile(r"[0-9A-Fa-f:]{0,45}\Z", re.ASCII)
_PHONE = re.compile(r"\+?\(?\+?\d(?:[ ().\-/\xa0]{0,3}\d){5,16}(?!\d)", re.ASCII)
_CARD = re.compile(r"\d(?:[ \-]?\d){11,18}(?![ \-]?\d)", re.ASCII)
_HOME = re.compile(r"[A-Za-z0-9._\-\x80-\xff][A-Za-z0-9._\-@\x80-\xff]{0,63}", re.ASCII)
_LISTING = re.compile(
    r"[dlcbps\-](?:[r\-][w\-][xsStT\-]){3}[@+.]?[ \t]{1,4}\d{1,6}[ \t]{1,4}([\w.\-\x80-\xff]{1,32}(?:\\[\w.\-]{1,32})?)[ \t]{1,24}"
    r"([\w.\-\x80-\xff]{1,32}(?: users| Users)?)[ \t]{1,20}\d",
    re.ASCII,
)
_GROUPS: Final = frozenset({"domain", "users", "admins", "everyone", "none"})


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
    name = text[begin:at]
    host = domain.group().split("..")[0].rstrip(".-")
    labels = host.lower().split(".")
    top = labels[-1]
    if not name or len(labels) < 2 or top in NO_DOMAIN:
        return []
    if not (top in GENERIC_TLDS or top in COUNTRY_TLDS or top.startswith("xn--") or not top.isascii()):
        return []
    if top in {"example", "test"} or labels[-2:-1] == ["example"]:
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
    if stop < len(text) and (text[stop] == "_" or (text[stop] in WORD) or re.match(r"[.\-][A-Za-z]\w*", text[stop : stop + 8])):
        return []
    parts = match.group().split(".")
    if any(int(p) > 255 or (len(p) > 1 and p[0] == "0") for p in parts):
        return []
    address = IPv4Address(match.group())
    if address.is_loopback or address.is_unspecified or address.is_multicast or parts[0] in {"0", "255"}:
        return []
    before = text[max(0, begin - 48) : begin]
    if _VERSION_BEFORE.search(before) or before.endswith(("==", ">=", "<=", "~=", "^", "~", "@v")):
        return []
    line = before[before.rfind("\n") + 1 :]
    if _VERSION_WORD.search(line) and not _HOST_BEFORE.search(before):
        return []
    small = sum(int(p) < 32 for p in parts)
    if small == 4 and not _HOST_BEFORE.search(before) and not text.startswith((":", "/"), stop):
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
    if value[3] != "-":
        before = text[max(0, start - 64) : start].lower()
        if value[3] == " " and "ssn" not in before and "social" not in before:
            return []
    return [(start, start + 11)]


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
    if stop < len(text) and (text[stop] in WORD or text[stop] == "_" or (text[stop] == "." and text[stop + 1 : stop + 2] in DIGITS)):
        return []
    value = match.group()
    digits = value.replace(" ", "").replace("-", "")
    if len(digits) != len(value) and not _card_groups(value):
        return []
    return [(start, stop)] if checks.card(digits) else []


def _card_groups(value: str) -> bool:
    groups = [len(g) for g in re.split(r"[ \-]", value)]
    return groups in ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4], [4, 4, 4, 4, 3], [4, 4, 4], [4, 4, 5], [6, 13], [4, 4, 4, 1], [4, 4, 4, 2])


@lru_cache(maxsize=4096)
def _possible(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed)


def phone_plus(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """An international number: `+`, a country, a possible length."""
    text = scan.text
    start = text.rfind("+", max(0, end - 10), end)
    if start > 0 and text[start - 1] == "(":
        start -= 1
    if start > 0 and (text[start - 1] in WORD or text[start - 1] in "+-.") and not starts_token(text, start):
        return []
    match = _PHONE.match(text, start)
    if match is None:
        return []
    value = match.group()
    digits = "".join(c for c in value if c in DIGITS)
    stop = match.end()
    if not 8 <= len(digits) <= 15 or (stop < len(text) and text[stop] in WORD):
        return []
    if re.match(r"\+\d{1,2}[.\-]\d{1,2}[.\-]", value) and digits[0] != "1":
        return []
    if _possible("+" + digits) or _possible("+" + re.sub(r"\(0\)", "", value).replace("+", "")):
        return [(start, stop)]
    before = text[max(0, start - 32) : start].lower()
    return [(start, stop)] if _PHONE_WORD.search(before) or value[0] == "(" or " " in value else []


_PHONE_WORD = re.compile(r"phone|mobile|tel|fax|cell|whats|sms|call|reach|contact|desk|number", re.IGNORECASE)


def phone_keyed(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A number of seven digits or more after a word that announces one."""
    text = scan.text
    start = end - 1
    if start > 0 and text[start - 1] in WORD and not starts_token(text, start):
        return []
    match = _PHONE.match(text, start)
    if match is None:
        return []
    value = match.group()
    digits = sum(c in DIGITS for c in value)
    stop = match.end()
    if not 7 <= digits <= 15 or (stop < len(text) and (text[stop] in WORD or text[stop] in "_:")):
        return []
    if re.match(r"\d{4}-\d{2}-\d{2}", value) or re.match(r"\d{1,3}(?:\.\d{1,3}){3}\Z", value) or re.match(r"\d+\.\d+\Z", value):
        return []
    between = text[max(0, start - 30) : start].lower()
    if re.search(r"(?:id|count|length|size|version|time|timestamp|bytes|port|code|ms)[\"']?[\s:=]{0,4}\Z", between):
        return []
    if value[0] == "(" and text[stop : stop + 1] == ")":
        return []
    return [(start, stop)]


def phone_us(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A North American number in one of its written forms."""
    text = scan.text
    start = end
    count = 0
    while start > 0 and count < 10:
        start -= 1
        count += text[start] in DIGITS
    if end < len(text) and (text[end] in WORD or text[end] in "_-" or (text[end] in ".:/" and text[end + 1 : end + 2] in DIGITS)):
        return []
    area, office = text[start : start + 3], "".join(c for c in text[start:end] if c in DIGITS)[3:6]
    if area[0] in "01" or office[0] in "01":
        return []
    separators = "".join(c for c in text[start:end] if c not in DIGITS)
    if separators not in {"--", "..", ") -", ")-", ") ", "  ", " -", ")."}:
        if separators != "-":
            return []
    begin = start
    if begin > 0 and text[begin - 1] == "(":
        begin -= 1
    elif ")" in separators:
        return []
    country = re.search(r"(?:\+?1[ .\-]?)\Z", text[max(0, begin - 3) : begin])
    if country:
        begin -= len(country.group())
    if begin > 0 and (not starts_token(text, begin) or text[begin - 1] in "-._/#="):
        if not (text[begin - 1] == "=" and separators in {"--", ") -"}):
            return []
    if separators in {"  ", "-", " -", ".."} and not _PHONE_WORD.search(text[max(0, begin - 32) : begin]):
        return []
    return [(begin, end)]


def phone_area(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`(0AAA) NNN NNNN`: an area code in brackets."""
    text = scan.text
    start = text.rfind("(0", max(0, end - 12), end)
    match = _AREA.match(text, start) if start >= 0 else None
    if match is None or (start > 0 and text[start - 1] in WORD and not starts_token(text, start)):
        return []
    digits = sum(c in DIGITS for c in match.group())
    if not 9 <= digits <= 12 or (match.end() < len(text) and text[match.end()] in WORD):
        return []
    return [(start, match.end())]


_AREA = re.compile(r"\(0\d{1,4}\)[ \-]{0,2}\d{2,8}(?:[ \-]\d{2,5}){0,3}(?!\d)", re.ASCII)


def phone_zero(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`00` and a country."""
    text = scan.text
    start = text.rfind("00", max(0, end - 14), end - 7)
    match = _PHONE.match(text, max(0, start))
    if start < 0 or match is None:
        return []
    digits = "".join(c for c in match.group() if c in DIGITS)
    if not 10 <= len(digits) <= 16 or not _possible("+" + digits[2:]):
        return []
    return [(start, match.end())]


def home(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """The user segment of a home path; the name is learned."""
    text = scan.text
    at = start
    while at < len(text) and text[at] in "/\\":
        at += 1
    while at < len(text) and text[at] not in "/\\":
        at += 1
    while at < len(text) and text[at] in "/\\":
        at += 1
    match = _HOME.match(text, at)
    if match is None or match.group().lower() in SYSTEM_USERS or (start > 0 and _web_path(text, start)):
        return []
    return _user(scan, at)


def _web_path(text: str, start: int) -> bool:
    """True if the path before is part of a web address or of a route."""
    before = text[max(0, start - 40) : start]
    if re.search(r"https?:/{1,2}[\w.\-:]+\Z|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) \Z|\b(?:api|v\d|rest)\Z", before):
        return True
    return bool(before) and before[-1] in WORD and not re.search(r"(?:[A-Za-z]:|/mnt/[a-z]|/[a-z]|file:/{0,2}|\\[nrt]|System/Volumes/Data|host|wsl.*)\Z", before)


def _user(scan: Scan, at: int) -> list[Interval]:
    text = scan.text
    match = _HOME.match(text, at)
    if match is None:
        return []
    name = match.group().rstrip(".")
    end = at + len(name)
    if "\\" in text[end : end + 1] and text[end + 1 : end + 2] not in {"\\", ""} and text[at - 1] == "/" and text[end + 1] in "nrt\"'":
        pass
    if not name or name.lower() in SYSTEM_USERS or name.isdigit() or name[0] == "-":
        return []
    if text[end : end + 1] in {"(", "*", "{"}:
        return []
    scan.names.add(name)
    return [(at, end)]


def home_dashed(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The user in a folder name made of a path (`-Users-name-code`)."""
    text = scan.text
    dash = text.rfind("-", max(0, end - 8), end - 1)
    if dash > 0 and text[dash - 1] not in "/\\\"' `=:([\n\t" and not re.search(r"\\[nrt]\Z", text[max(0, dash - 2) : dash]):
        return []
    match = re.compile(r"[A-Za-z0-9._\x80-\xff]{1,64}", re.ASCII).match(text, end)
    if match is None or match.group().lower() in SYSTEM_USERS:
        return []
    scan.names.add(match.group())
    return [(end, match.end())]


def home_percent(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The user in a percent-encoded home path."""
    match = re.compile(r"(?:[A-Za-z0-9._\-]|%[89A-Fa-f][0-9A-Fa-f]){1,64}", re.ASCII).match(scan.text, end)
    if match is None or match.group().lower() in SYSTEM_USERS:
        return []
    scan.names.add(match.group())
    return [(end, match.end())]


def listing(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """Owner, and a group named after a person, in the long form of ls."""
    text = scan.text
    head = max(0, end - 16)
    match = _LISTING.search(text, head, min(len(text), end + 140))
    if match is None or match.start() >= end:
        return []
    spans = []
    for i in (1, 2):
        name = match.group(i)
        folded = name.lower()
        if folded in SYSTEM_USERS or folded.isdigit() or folded.split(" ")[0] in _GROUPS or folded.startswith("_"):
            continue
        if i == 2 and name != match.group(1):
            continue
        spans.append((match.start(i), match.end(i)))
        scan.names.add(name)
    return spans


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {
    "email": email,
    "ipv4": ipv4,
    "ipv6": ipv6,
    "ssn": ssn,
    "ssn_plain": ssn_plain,
    "card": card,
    "phone_plus": phone_plus,
    "phone_keyed": phone_keyed,
    "phone_us": phone_us,
    "phone_zero": phone_zero,
    "phone_area": phone_area,
    "home": home,
    "home_dashed": home_dashed,
    "home_percent": home_percent,
    "listing": listing,
}
