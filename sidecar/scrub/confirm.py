"""Stage two for tokens, keys, URLs and headers: is the candidate really a secret, and where does it end.

Owns: the confirm steps of the families key, token, url, header and entropy, and the table of all steps.
Never: searches a text for candidates, replaces anything.
Invariant: every step looks at a bounded stretch around its candidate, so stage two is linear in the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sidecar.scrub import (
    checks,
    command_checks,
    contact_checks,
    credentials,
    keyed_forms,
    names,
    personal_checks,
    tables,
    views,
)
from sidecar.scrub.boundary import Interval, Scan, ends_token, starts_token
from sidecar.scrub.rule import Rule
from sidecar.scrub.words import HASH_KEYS

Step = Callable[[Scan, Rule, int], list[Interval]]

MAX_KEY_BLOCK: Final = 32_768
"""Longest private key, from its first dash to its last, in code units."""
MAX_VALUE: Final = 4096
STRONG_PREFIX: Final = 5
"""A vendor's prefix of this length says enough; after a shorter one a long body must look drawn at random."""
LONG_BODY: Final = 28
DISTINCT: Final = 12
BESIDE: Final = 160
"""How far from an access key id its secret is looked for."""
AWS_CHANGES: Final = 10
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])", re.ASCII)
_QUOTED = re.compile(
    r"([\"'`])(?=[A-Za-z+/_=.\-]{0,127}+[0-9][A-Za-z+/_=.\-]{0,127}+[0-9])([A-Za-z0-9+/_=.\-]{20,128}+)\\{0,4}\1",
    re.ASCII,
)
"""With two digits in it at least: looked for first, as most quoted text has none."""
_IDS: Final = (
    "sha",
    "data:",
    "toolu_",
    "call_",
    "msg_",
    "req_",
    "sess_",
    "env_",
    "run_",
    "item_",
    "chatcmpl-",
    "resp_",
    "fc_",
    "rs_",
)
_ALPHANUMERIC: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_DISCORD = re.compile(r"([MNO][A-Za-z0-9]{23,27})\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,45}", re.ASCII)
_BASE64_LINE: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_KEY_HEADER = re.compile(r"(?:Proc-Type|DEK-Info|Version|Comment|X-[\w\-]{1,40}|Subject): ", re.ASCII)
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 [A-Z ]{0,40}----", re.ASCII)
_BASE64_RUN = re.compile(r"([A-Za-z0-9+/]{20,1048576})={0,2}", re.ASCII)
_FILE_NAME = re.compile(r"\.(?:png|gif|jpe?g|svg|ico|webp|min\.js|js|css|woff2?)\b", re.ASCII)
NAME_MOST: Final = 48
_SEPARATORS = re.compile(r"[_.=\-]+", re.ASCII)
PEM_LINES: Final = (64, 76)
PATH_WORDS: Final = 0.34
PIECES: Final = 3
PIECE: Final = 6
"""Text in more than `PIECES` pieces of fewer than `PIECE` characters is a name (`x86_64-linux-gnu-gcc`)."""
_NAMED_FILE = re.compile(r"\A[/.][^.]{0,64}\.|\.(?=[A-Za-z0-9]{0,4}[A-Za-z])[A-Za-z0-9]{1,5}\Z|\.[A-Z]{2,6}-", re.ASCII)
"""A path, a name with an extension, or a document's number."""
_HASH_BEFORE = re.compile(r"sha\d{1,3}[\-=:]\Z", re.IGNORECASE)
_RESOURCE = re.compile(
    r"[a-z]{1,8}(?:-[a-z]{2,8}){0,2}-[0-9a-f]{8,17}\Z|www\.|[\w\-]{1,40}\.(?:com|org|net|io)/", re.ASCII
)
"""The identifier of a cloud's resource (`vol-049df61146c4d7901`); an address without its scheme."""
_JWT = re.compile(r"eyJ[A-Za-z0-9_\-]{8,4000}(?:\.[A-Za-z0-9_\-]{2,4000}){1,4}", re.ASCII)


@lru_cache(maxsize=1024)
def _compiled(body: str) -> re.Pattern[str]:
    return re.compile(body, re.ASCII)


@lru_cache(maxsize=256)
def _lead(characters: str, more: int) -> re.Pattern[str]:
    return re.compile(f"[{characters}]{{0,{more}}}\\Z", re.ASCII)


def token(scan: Scan, rule: Rule, start: int) -> list[Interval]:
    """A token its own shape gives away: shape, boundaries, and a body that is not filler."""
    text = scan.text
    characters, more = rule.lead
    if more:
        before = _lead(characters, more).search(text, max(0, start - more), start)
        start = before.start() if before else start
    if not starts_token(text, start):
        return []
    match = _compiled(rule.body).match(text, start)
    if match is None or not ends_token(text, match.end()) or _FILE_NAME.match(text, match.end()):
        return []
    if _HASH_BEFORE.search(text, max(0, start - 8), start):
        return []
    value = match.group()
    known = next((x for x in rule.prefixes if value.startswith(x)), "")
    body = value[len(known) :]
    if "..." in value or (checks.filler(body) and rule.category != "AWS_KEY"):
        return []
    digits = any(c in "0123456789" for c in body)
    if not digits and checks.wordy(body):
        return []
    if len(body) >= LONG_BODY and (
        max(map(body.count, set(body))) * 2 > len(body) or (len(known) < STRONG_PREFIX and len(set(body)) < DISTINCT)
    ):
        return []
    if len(known) < STRONG_PREFIX and (checks.named_pieces(body) or _in_base64(text, start, match.end())):
        return []
    if rule.category == "AWS_KEY":
        return [(start, match.end()), *_aws_secrets(text, start - BESIDE, match.end() + BESIDE)]
    return [(start, match.end())]


def _in_base64(text: str, start: int, end: int) -> bool:
    """True if a token is a part of a line of base64, as certificates have them."""
    before = text[max(0, start - 100) : start]
    after = text[end : end + 80]
    head = len(before) - len(before.rstrip(_BASE64_LINE))
    tail = len(after) - len(after.lstrip(_BASE64_LINE))
    if _HASH_BEFORE.search(before[: len(before) - head]):
        return True
    first = len(before) == head or before[len(before) - head - 1] == "\n"
    last = tail == len(after) or after[tail] in "\r\n"
    return first and last and head + tail > 1 and head + end - start + tail in PEM_LINES


def aws_secret(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The secret access key under any name that begins with aws."""
    return _aws_secrets(scan.text, end - 40, end)


def _aws_secrets(text: str, start: int, end: int) -> list[Interval]:
    """Secret access keys in a stretch: forty characters of base64, alone (CSV, prose, a tuple)."""
    found = []
    for match in _AWS_SECRET.finditer(text, max(0, start), end):
        value = match.group()
        if text[end : end + 1] in _BASE64_LINE and match.end() == end < len(text):
            continue
        if not checks.HEX.match(value) and checks.transitions(value) >= AWS_CHANGES:
            found.append(match.span())
    return found


def discord(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A bot's token: its own number in base64, a time, a signature."""
    text = scan.text
    dot = end - 18
    start = dot - len(text[max(0, dot - 29) : dot]) + len(text[max(0, dot - 29) : dot].rstrip(_ALPHANUMERIC))
    match = _DISCORD.match(text, start)
    if match is None or match.end(1) != dot or not ends_token(text, match.end()):
        return []
    return [match.span()]


def jwt(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """A JSON web token: two parts at least, the first of which decodes to an object."""
    text = scan.text
    if not starts_token(text, start) and text[start - 1] not in "_-":
        return []
    match = _JWT.match(text, start)
    if match is None or len(match.group()) < 40:
        return []
    return [(start, match.end())]


def pem(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """A private key block, whole or cut off: from its first dash to its last, or to the end of its base64 lines."""
    text = scan.text
    begin = max(text.rfind("-----BEGIN ", max(0, end - 80), end), text.rfind("---- BEGIN ", max(0, end - 80), end))
    if begin < 0:
        return []
    if scan.next_key_end < end:
        close = text.find("---- END" if text[begin + 4] == " " else "-----END ", end)
        scan.next_key_end = close if close >= 0 else len(text) + MAX_KEY_BLOCK
    if scan.next_key_end - end <= MAX_KEY_BLOCK:
        other = text.find("-----BEGIN ", end, scan.next_key_end)
        if other < 0:
            closed = _PEM_END.match(text, scan.next_key_end)
            if closed is not None and closed.start() - end > 8:
                return [(begin, closed.end())]
    last = _key_lines(text, end)
    return [(begin, last)] if last > end else []


def pem_end(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The lines of a private key whose beginning is cut off, up to the line that ends it."""
    text = scan.text
    mark = text.rfind("-----END", max(0, end - 60), end)
    first = at = mark
    while at > 0 and mark - at < MAX_KEY_BLOCK:
        width = 2 if text.startswith("\\n", at - 2) else 1
        if width == 1 and text[at - 1] != "\n":
            break
        stop = at - width
        begin = max(
            text.rfind("\n", max(0, stop - 400), stop) + 1,
            text.rfind("\\n", max(0, stop - 400), stop) + 2,
            stop - 400,
            0,
        )
        line = text[begin:stop].rstrip(" \t\r\"',;`\\")
        body = len(line) - len(line.rstrip(_BASE64_LINE))
        if "-----" in line or body < (KEY_LINE if first != mark else 1) or len(line) - body > NUMBERING:
            if "-----BEGIN" in line or _KEY_HEADER.search(line) or not line:
                return []
            break
        first, at = begin + len(line) - body, begin
    closed = _PEM_END.match(text, mark) if mark >= 0 and mark - first >= KEY_LINE else None
    return [(first, closed.end())] if closed else []


KEY_LINE: Final = 16
NUMBERING: Final = 12


def _key_lines(text: str, at: int) -> int:
    """Where the base64 lines of a key that is cut off end, however they are quoted, numbered or escaped."""
    last = at
    limit = min(len(text), at + MAX_KEY_BLOCK)
    misses = 0
    first = True
    while at < limit and misses < 2:
        newline = text.find("\n", at, min(limit, at + 400))
        escaped = text.find("\\n", at, newline if newline >= 0 else min(limit, at + 400))
        end, width = (escaped, 2) if escaped >= 0 else (newline, 1)
        if end < 0:
            end, width = min(limit, at + 400), 0
        line = text[at:end].rstrip(" \t\r\"',;`\\")
        body = len(line) - len(line.rstrip(_BASE64_LINE))
        head = line[: len(line) - body]
        if body >= 16 or (body > 0 and len(head) <= 12 and not first and " " not in head.strip()):
            last = at + len(line)
        elif not (first and not line.strip()) and not _KEY_HEADER.search(line):
            misses += 1
        first = False
        if width == 0:
            break
        at = end + width
    return last


def putty(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The private lines of a PuTTY key file."""
    match = re.compile(r"[\s\\rn]{1,6}((?:[A-Za-z0-9+/=]{8,80}[\s\\rn]{1,6}){1,200})").match(scan.text, end)
    return [(match.start(1), match.end(1))] if match else []


def quoted(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """A quoted string that is nothing but random text, where no word beside it says hash or blob."""
    text = scan.text
    match = _QUOTED.match(text, start)
    if match is None:
        return []
    value = match.group(2)
    if checks.HEX.match(value) or checks.UUID.match(value) or value.startswith(_IDS) or _RESOURCE.match(value):
        return []
    if (len(value) <= NAME_MOST and _NAMED_FILE.search(value)) or "xn--" in value or value.startswith("0x"):
        return []
    pieces = _SEPARATORS.split(value)
    if len(pieces) > PIECES and len(value) < PIECE * len(pieces):
        return []
    if (
        not checks.strong_random(value)
        or views.decoded(value) is not None
        or checks.placeholder(value)
        or (value.count("/") > 2 and value[0] in "/.")
        or (value.count("/") > 1 and all(checks.wordiness(piece) > PATH_WORDS for piece in value.split("/")))
    ):
        return []
    before = text[max(0, start - 48) : start].lower()
    if any(word in before for word in HASH_KEYS) or names.classify(names.name_before(text, start + 1)) == "harmless":
        return []
    return [match.span(2)]


def hex_strict(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """The literal rule "long hex": forty or more hex digits."""
    match = re.compile(r"[0-9A-Fa-f]{40,4096}").match(scan.text, end - 40)
    return [(match.start(), match.end())] if match else []


def base64_run(scan: Scan, _rule: Rule, start: int) -> list[Interval]:
    """Not a secret by itself: what a run of base64 says is looked at, too."""
    match = _BASE64_RUN.match(scan.text, start)
    if match is None or (match.group(1)[0] == "/" and match.group(1).count("/") * 12 > len(match.group(1))):
        return []
    scan.skip = match.end()
    said = views.decoded(match.group(1))
    if said is not None:
        scan.base64_runs.append((match.start(1), match.end(1), said))
    return []


def escape(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """Not a secret by itself: the text around an escape is read again with the escape undone."""
    scan.escapes.append(end)
    return []


def hidden(scan: Scan, _rule: Rule, _end: int) -> list[Interval]:
    """Not a secret by itself: a text with colours or invisible characters is read again without them."""
    scan.skip = scan.size
    return []


STEPS: Final[dict[str, Step]] = {
    "token": token,
    "aws_secret": aws_secret,
    "discord": discord,
    "jwt": jwt,
    "pem": pem,
    "pem_end": pem_end,
    "putty": putty,
    "quoted": quoted,
    "hex_strict": hex_strict,
    "base64_run": base64_run,
    "escape": escape,
    "hidden": hidden,
    **keyed_forms.STEPS,
    **credentials.STEPS,
    **command_checks.STEPS,
    **personal_checks.STEPS,
    **contact_checks.STEPS,
    **tables.STEPS,
}
"""Name in the rule table -> step."""
