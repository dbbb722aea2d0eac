"""Stage two for passwords in commands, in calls and account files, and after words that can only mean one.

Owns: the confirm steps of the rules in `sidecar.scrub.commands`.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks, expressions, keyed
from sidecar.scrub.boundary import Interval, Scan, closing_quote, quote_before
from sidecar.scrub.names import classify
from sidecar.scrub.words import STOP_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

_BARE = re.compile(r"[^\s\"'`\\<>|,;]{4,256}", re.ASCII)
_NEXT = re.compile(r"[A-Za-z_]{1,40}(?:=|:\Z|:[a-z]\w{0,20}\.[A-Za-z])", re.ASCII)
"""The name of the next argument, not a value."""
_JOINING = re.compile(r"\b(?:and|or|with|the|for|is|are|in|to|of) \Z")
_ECHOED = re.compile(
    r"(?:echo|printf)(?: -[neE]{1,2}){0,2}(?: [\"']?%s(?:\\n)?[\"']?)? {1,2}"
    r"(?:\"([^\"\n$]{3,200})\"|'([^'\n]{3,200})'|([^\s\"'$|]{3,200})) {0,3}\Z",
    re.ASCII,
)
_LITERAL = re.compile(r"(?:\A|[\s;(=])(?:\"([^\"\n$]{3,200})\"|'([^'\n]{3,200})') {0,3}\Z", re.ASCII)
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
        match = _BARE.match(text, start) if not _JOINING.search(text, max(0, start - 8), start) else None
        if match is None or _NEXT.match(match.group()):
            return []
        stop = start + len(expressions.before_code(match.group()).rstrip(".)]}"))
    value = text[start:stop]
    return [(start, stop)] if keyed.password_value(value, quoted=bool(quote)) else []


_PGPASS = re.compile(r"[\w.\-*]{1,64}:(?:\d{4,5}|\*):[\w\-*]{1,64}:[\w\-]{1,64}:", re.ASCII)


def pgpass(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """The last of the five members of a line of a password file."""
    text = scan.text
    line = text.rfind("\n", max(0, end - 280), end) + 1
    match = _PGPASS.match(text, line, end)
    return password_here(scan, rule, end) if match is not None and match.end() == end - 4 else []


def piped(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`echo password | sudo -S`."""
    text = scan.text
    bar = text.rfind("|", max(0, end - 160), end)
    match = _ECHOED.search(text, max(0, bar - 240), bar) or _LITERAL.search(text, max(0, bar - 240), bar)
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


_WORDS = re.compile(r"[a-z]{3,12}(?:[ \-][a-z]{3,12}){3,24}(?![A-Za-z0-9_=(:/\-])", re.ASCII)
_PHRASE_LEAST: Final = 4
_MNEMONIC: Final = frozenset({12, 15, 18, 21, 24})
"""How many words BIP-39 writes a seed with."""
_STOP_MOST: Final = 3
_CODE_DIGITS = re.compile(r"[0-9]{4,8}(?![0-9A-Za-z_:%]|[.,\-/][0-9])", re.ASCII)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z", re.ASCII)
_COMMAND_TOKEN = re.compile(r"[A-Za-z0-9_\-.=+/]{16,512}", re.ASCII)


def phrase(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A passphrase or a seed of plain words: four words at least, none of which joins a sentence."""
    text = scan.text
    start = end - 3
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    if text[start - 1 : start] == "\\" and text[start] in "nrt":
        start += 1
    match = _WORDS.match(text, start)
    if match is None:
        return []
    words = match.group().replace("-", " ").split(" ")
    joining = sum(word in STOP_WORDS for word in words)
    if len(words) in _MNEMONIC:
        return [match.span()] if joining <= _STOP_MOST else []
    return [match.span()] if joining == 0 and len(words) >= _PHRASE_LEAST else []


def one_time(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The digits of a one-time code or a PIN."""
    match = _CODE_DIGITS.match(scan.text, end - 4)
    if match is None or _YEAR.match(match.group()) or checks.sequential(match.group()):
        return []
    return [match.span()]


def recovery(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """Recovery codes, in groups with hyphens, one or a list of them."""
    text = scan.text
    start = end - 4
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "-"):
        start -= 1
    spans: list[Interval] = []
    match = _RECOVERY.match(text, start)
    while match is not None and len(spans) < MAX_CODES:
        if any(c.isdigit() for c in match.group(1)):
            spans.append(match.span(1))
        match = _RECOVERY.match(text, match.end())
    return spans


MAX_CODES: Final = 32
_RECOVERY = re.compile(r"[\s\-*,\"']{0,8}([A-Za-z0-9]{4,8}(?:-[A-Za-z0-9]{4,8}){1,7})(?![\w\-])", re.ASCII)


def command_token(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The token a command is given to log in with: no word, no option, no file."""
    match = _COMMAND_TOKEN.match(scan.text, end - 8)
    if match is None:
        return []
    value = match.group()
    if checks.placeholder(value) or checks.file_name(value) or not checks.random_text(value, least=16):
        return []
    return [match.span()]


def between(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """A password between the two signs the rule's expression begins and ends with."""
    text = scan.text
    stop = end - len(rule.body) + 1
    start = text.rfind(rule.body[0], max(0, stop - 130), stop) + 1
    value = text[start:stop]
    return [(start, stop)] if start and keyed.password_value(value, quoted=True) else []


def yaml_value(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A value on the line below its name, or behind an anchor or a type."""
    text = scan.text
    start = end - 4
    name = _YAML_NAME.search(text, max(0, start - 140), start)
    match = _LINE.match(text, start)
    if name is None or match is None:
        return []
    value = match.group(1)
    stop = start + len(value)
    kind = classify(name.group(1))
    if kind in {"", "harmless"} or value.endswith((":", "{", "[", "(", ",")) or ": " in value or value.startswith("- "):
        return []
    if kind == "password":
        sure = checks.random_text(value, least=6) or bool(set(value) & checks.SYMBOLS)
        found = sure and " " not in value and keyed.password_value(value, quoted=False)
    else:
        found = keyed.secret_value(value, kind, quoted=False)
    return [(start, stop)] if found else []


_YAML_NAME = re.compile(
    r"(?:\A|[\s\"'{,\-]|\\n)([\w.\-]{2,80})[\"']?: {0,2}[^\w\s]{0,3}[\w\-+]{0,24}(?:\\[nrt]|\s){0,24}[\"']?\Z", re.ASCII
)
_LINE = re.compile(r"([^\s\"'\\][^\n\"'\\]{3,400}?)[\"']?[ \t\r]{0,8}(?=\n|\\[nr]|\Z)", re.ASCII)


def plist(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The string under a key of a property list."""
    text = scan.text
    start = end - 4
    name = _PLIST_NAME.search(text, max(0, start - 120), start)
    stop = text.find("<", start, start + keyed.MAX_PASSWORD)
    return [(start, stop)] if name and stop > start and keyed.secret_under(name.group(1), text[start:stop]) else []


_PLIST_NAME = re.compile(r"([\w.\-]{2,64})</key>(?:\\[nrt]|\s){0,12}<string>\Z", re.IGNORECASE | re.ASCII)


def ldap_hash(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The hash of a password in a directory, with its scheme."""
    start = scan.text.rfind("{", max(0, end - 32), end)
    match = re.compile(r"\{[A-Z0-9]{3,8}\}[A-Za-z0-9+/=$.]{20,200}", re.ASCII).match(scan.text, start)
    return [match.span()] if match and not checks.filler(match.group()[8:]) else []


def terraform_random(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """What `random_password` made, in a state file: the member before `special`."""
    text = scan.text
    found = _RESULT.search(text, max(0, end - 240), end)
    return [found.span(1)] if found and not checks.placeholder(found.group(1)) and not found.group(1).isalpha() else []


_RESULT = re.compile(r"\"result\\{0,3}\": \\{0,3}\"([^\"\n\\]{6,128})", re.ASCII)


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {
    "password_here": password_here,
    "piped": piped,
    "pgpass": pgpass,
    "crypt": crypt,
    "phrase": phrase,
    "recovery": recovery,
    "one_time": one_time,
    "command_token": command_token,
    "between": between,
    "yaml_value": yaml_value,
    "ldap_hash": ldap_hash,
    "plist": plist,
    "terraform_random": terraform_random,
}
