"""Stage two for phone numbers, home paths and owners of files.

Owns: the confirm steps of phones and user names.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate; a name met in a path is noted in the scan.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import phonenumbers

from sidecar.scrub.boundary import WORD, Interval, Scan, starts_token
from sidecar.scrub.words import NOT_LEARNED, ROUTE_WORDS, SYSTEM_USERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

DIGITS: Final = frozenset("0123456789")
_PHONE = re.compile(r"\+?\(?\+?\d(?:[ ().\-/\xa0]{0,3}\d){5,16}(?!\d)", re.ASCII)
_PHONE_WORD = re.compile(r"phone|mobile|tel|fax|cell|whats|sms|call|reach|contact|desk|number", re.IGNORECASE)
_COMPUTED = re.compile(r"[&|^*%<>]|\.\d", re.ASCII)
"""What follows a number in an expression, or the rest of a number."""
_DECIMAL = re.compile(r"\+\d{1,12}\.\d{1,12}", re.ASCII)
_FOURS = re.compile(r"\d{4}(?:([ .\-])\d{4})(?:\1\d{4}){1,3}", re.ASCII)
"""Groups of four and nothing else: code points, hex words, a card; no number is written so with its prefix."""
_LESS = re.compile(r"\s[<>]=? ?\Z", re.ASCII)
_AREA = re.compile(r"\(0\d{1,4}\)[ \-]{0,2}\d{2,8}(?:[ \-]\d{2,5}){0,3}(?!\d)", re.ASCII)
_HOME = re.compile(r"[A-Za-z0-9._\-\x80-\xff][A-Za-z0-9._\-@\x80-\xff]{0,63}", re.ASCII)
_LISTING = re.compile(
    r"[dlcbps\-](?:[r\-][w\-][xsStT\-]){3}[@+.]?[ \t]{1,4}\d{1,6}[ \t]{1,4}"
    r"([\w.\-\x80-\xff]{1,32}(?:\\[\w.\-]{1,32})?)[ \t]{1,24}"
    r"([\w.\-\x80-\xff]{1,32}(?: users| Users)?)[ \t]{1,20}\d",
    re.ASCII,
)
_GROUPS: Final = frozenset({"domain", "users", "admins", "everyone", "none"})
_WINDOWS_NAME = re.compile(
    r"[\w.\-~+\x80-\xff](?:[\w.\-~+\x80-\xff]|'(?=[A-Za-z])){0,31}"
    r"(?:(?: [A-Z\x80-\xff][\w.\-'\x80-\xff]{0,31}){1,2}(?=[\\/\"]|\Z)| [\w.\-]{1,31}(?=\\(?![nrt\"'])))?",
    re.ASCII,
)
"""A profile's folder: it may hold a full name, an apostrophe, the short form with a tilde."""
_LOGIN = re.compile(r"[a-z_][\w.\-]{0,31}(?=@[\w.\-]{1,64}:[~/]| {1,24}\d)", re.ASCII)
_NOBODY: Final = SYSTEM_USERS | {"all users", "default user"}
LEARN_LEAST: Final = 4
"""A user name shorter than this is replaced in paths, but not looked for elsewhere."""


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
    if start > 0 and (text[start - 1] in "+.])}" or (text[start - 1] in WORD and not starts_token(text, start))):
        return []
    match = _PHONE.match(text, start)
    if match is None:
        return []
    value = match.group()
    digits = "".join(c for c in value if c in DIGITS)
    stop = match.end()
    if digits[0] == "0" or _DECIMAL.fullmatch(value) or _COMPUTED.match(text, stop):
        return []
    if not 8 <= len(digits) <= 15 or (stop < len(text) and text[stop] in WORD):
        return []
    if re.match(r"\+\d{1,2}[.\-]\d{1,2}[.\-]", value) and digits[0] != "1":
        return []
    if _possible("+" + digits) or _possible("+" + re.sub(r"\(0\)", "", value).replace("+", "")):
        return [(start, stop)]
    before = text[max(0, start - 32) : start].lower()
    return [(start, stop)] if _PHONE_WORD.search(before) or value[0] == "(" or " " in value else []


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
    if (
        re.match(r"\d{4}-\d{2}-\d{2}", value)
        or re.match(r"\d{1,3}(?:\.\d{1,3}){3}\Z", value)
        or re.match(r"\d+\.\d+\Z", value)
        or re.match(r"(?:19|20)\d\d ?- ?(?:19|20)\d\d\Z", value)
    ):
        return []
    between = text[max(0, start - 30) : start].lower()
    if re.search(r"(?:id|count|length|size|version|time|timestamp|bytes|port|code|ms)[\"']?[\s:=]{0,4}\Z", between):
        return []
    if _LESS.search(text, max(0, start - 4), start):
        return []
    if (value[0] == "(" and text[stop : stop + 1] == ")") or text[start - 1] == "." or _FOURS.fullmatch(value):
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
    if end < len(text) and (
        text[end] in WORD or text[end] in "_-" or (text[end] in ".:/" and text[end + 1 : end + 2] in DIGITS)
    ):
        return []
    area, office = text[start : start + 3], "".join(c for c in text[start:end] if c in DIGITS)[3:6]
    if area[0] in "01" or office[0] in "01":
        return []
    separators = "".join(c for c in text[start:end] if c not in DIGITS)
    if separators not in {"--", "..", ") -", ")-", ") ", "  ", " -", ").", "-"}:
        return []
    begin = start
    if begin > 0 and text[begin - 1] == "(":
        begin -= 1
    elif ")" in separators:
        return []
    country = re.search(r"(?:\+?1[ .\-]?)\Z", text[max(0, begin - 3) : begin])
    if country:
        begin -= len(country.group())
    assigned = text[begin - 1 : begin] == "=" and separators in {"--", ") -"}
    if begin > 0 and not assigned and (not starts_token(text, begin) or text[begin - 1] in "-._/#="):
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


def phone_zero(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`00` and a country."""
    text = scan.text
    start = text.rfind("00", max(0, end - 14), end - 7)
    match = _PHONE.match(text, max(0, start))
    if start < 0 or match is None:
        return []
    digits = "".join(c for c in match.group() if c in DIGITS)
    if _FOURS.fullmatch(match.group()):
        return []
    if text[match.end() : match.end() + 1] in WORD or not 10 <= len(digits) <= 16 or not _possible("+" + digits[2:]):
        return []
    return [(start, match.end())]


def home(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """The user segment of a home path; the name is learned."""
    text = scan.text
    at = _after_slashes(text, start)
    while at < len(text) and text[at] not in "/\\":
        at += 1
    spans = _user(text, _after_slashes(text, at))
    if not spans or (start > 0 and _web_path(text, start)):
        return []
    if text[start + 1] == "u" and _route(text, start, *spans[0]):
        return []
    return _learned(scan, spans)


def home_after(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The user segment right after a folder of homes that has another name."""
    return _learned(scan, _user(scan.text, _after_slashes(scan.text, end)))


def line_user(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The user at the beginning of a prompt, or of a line of a list of processes."""
    text = scan.text
    begin = text.rfind("\n", max(0, end - 320), end - 1) + 1
    mark = text.rfind(") ", begin, end)
    match = _LOGIN.match(text, begin) or (_LOGIN.match(text, mark + 2) if mark >= 0 else None)
    if match is None or match.group().lower() in _NOBODY | NOT_LEARNED:
        return []
    return _learned(scan, [match.span()])


def _learned(scan: Scan, spans: list[Interval]) -> list[Interval]:
    scan.names.update(scan.text[start:end] for start, end in spans)
    return spans


def _route(text: str, start: int, begin: int, end: int) -> bool:
    """True if `/users/…` in small letters is a resource: no drive before it, no folder behind the name."""
    if _DRIVE.search(text, max(0, start - 8), start):
        return False
    name = text[begin:end].lower()
    return name in ROUTE_WORDS or text[end : end + 1] not in {"/", "\\"} or ":" in text[end : end + 3]


_DRIVE = re.compile(r"(?:[A-Za-z]:|/mnt/[a-z]|/[a-z])\Z", re.ASCII)


def _after_slashes(text: str, at: int) -> int:
    while at < len(text) and text[at] in "/\\":
        at += 1
    return at


def _web_path(text: str, start: int) -> bool:
    """True if the path before is part of a web address or of a route."""
    before = text[max(0, start - 140) : start]
    if re.search(
        r"https?:/{1,2}[^\s\"'<>()?=&#]{1,120}\Z|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) \Z|\b(?:api|v\d|rest)\Z", before
    ):
        return True
    return (
        bool(before)
        and before[-1] in WORD
        and not re.search(
            r"(?:[A-Za-z]:|/mnt/[a-z]|/[a-z]|file:/{0,2}|\\[nrt]|System/Volumes/Data|host|ssh-remote(?:%2B|\+)[\w.\-]{1,24}|wsl.*)\Z",
            before,
        )
    )


def _user(text: str, at: int) -> list[Interval]:
    match = (_WINDOWS_NAME if text[at - 1 : at] == "\\" else _HOME).match(text, at)
    if match is None:
        return []
    name = match.group().rstrip(".")
    end = at + len(name)
    if not name or name.lower() in _NOBODY or name.isdigit() or name[0] == "-":
        return []
    if text[end : end + 1] in {"(", "*", "{"}:
        return []
    return [(at, end)]


def home_dashed(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The user in a folder name made of a path (`-Users-name-code`)."""
    text = scan.text
    dash = text.rfind("-", max(0, end - 8), end - 1)
    if (
        dash > 0
        and text[dash - 1] not in "/\\\"' `=:([\n\t"
        and not re.search(r"\\[nrt]\Z", text[max(0, dash - 2) : dash])
    ):
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
    "phone_plus": phone_plus,
    "phone_keyed": phone_keyed,
    "phone_us": phone_us,
    "phone_area": phone_area,
    "phone_zero": phone_zero,
    "home": home,
    "home_after": home_after,
    "line_user": line_user,
    "home_dashed": home_dashed,
    "home_percent": home_percent,
    "listing": listing,
}
