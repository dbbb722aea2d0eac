"""Stage two for values under a name: `password = …`, `"api_key": "…"`, `--token …`.

Owns: which name a value has, where the value ends, whether it is a secret.
Never: searches a text for candidates.
Invariant: a value is read once and no further than its bound; what is a secret is never remembered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks
from sidecar.scrub.boundary import Interval, Scan, closing_quote, quote_before
from sidecar.scrub.names import BETWEEN, IDENTIFIER, classify, name_before

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.rule import Rule

MAX_VALUE: Final = 4096
MAX_PASSWORD: Final = 256
LEAST_SECRET: Final = 8
LEAST_DIGITS: Final = 15
WORDY: Final = 0.6
MAX_DENIED: Final = 4096
MAX_DENIED_LENGTH: Final = 128
_AFTER_ATOM = re.compile(
    r"\[(?:(?:AWS|PRIVATE|API)_KEY|EMAIL|PHONE|IP|SSN|CREDIT_CARD|REDACTED(?:_URL)?|USER|MODEL|PROVIDER)(?:_[0-9a-f]{8})?\]"
    r"[^A-Za-z0-9]{0,12}\Z",
    re.ASCII,
)


def _named(text: str, at: int) -> tuple[str, str]:
    """(name, class) of a value at `at`; looks two words further back over `string`, `value`, `is`."""
    window = text[max(0, at - 128) : at]
    if "]" in window[-12:] and _AFTER_ATOM.search(window):
        return "", ""
    window = window.rstrip(BETWEEN)
    for _ in range(3):
        name = window[len(window.rstrip(IDENTIFIER)) :]
        if not name:
            return "", ""
        kind = classify(name)
        if kind:
            return name, kind
        window = window[: -len(name)].rstrip(BETWEEN)
    return "", ""


def _value(text: str, start: int, *, password: bool) -> tuple[int, str]:
    """(end, quote) of the value that starts at `start`."""
    quote = quote_before(text, start)
    if quote:
        end = closing_quote(text, start, quote, MAX_PASSWORD if password else MAX_VALUE)
        if end > start:
            return end, quote
    pattern = _UNQUOTED_PASSWORD if password else _UNQUOTED
    match = pattern.match(text, start)
    if match is None:
        return start, ""
    end = match.end()
    if password and "&" in match.group() and _QUERY.search(text[max(0, start - 80) : start]):
        end = text.index("&", start)
    if end - start == 512:
        more = _LONG.match(text, end)
        end = more.end() if more else end
    while (
        end > start
        and text[end - 1] in ",;.:)]}>|"
        and not (password and text[end - 1] in ".)" and "(" in text[start:end])
    ):
        end -= 1
    return end, quote


_UNQUOTED_PASSWORD = re.compile(r"[^\s\"'`\\<]{3,256}", re.ASCII)
_UNQUOTED = re.compile(r"[^\s\"'`\\,;<>(){}\[\]|&@]{3,512}", re.ASCII)
_QUERY = re.compile(r"[?&][^\s\"'?&]{1,60}=\Z", re.ASCII)
_ATOM_IN = re.compile(r"\[[A-Z]{2,8}(?:_[A-Z]{3,4})?(?:_[0-9a-f]{8})?\]", re.ASCII)
_LONG = re.compile(r"[A-Za-z0-9+/=_.\-]{0,3584}", re.ASCII)
_NESTED = re.compile(r"([A-Za-z_][\w.\-]{1,40})[=:]", re.ASCII)


_SCHEMED = re.compile(r"(?:bearer|basic|token|digest|apikey|bot|key|ssws) \S{8,}\Z", re.IGNORECASE)
_DATED = re.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d", re.ASCII)
_OPTION = re.compile(r"-{1,2}[A-Za-z][A-Za-z_\-]{2,40}(?:=.*)?\Z", re.ASCII)


def password_value(value: str, *, quoted: bool) -> bool:
    """True if the value of a password-like name is a password and not a word of code."""
    return _unless_denied(_password_value, value, "password", quoted=quoted)


def secret_value(value: str, kind: str, *, quoted: bool) -> bool:
    """True if the value of a token-like name is random enough to be one, and does not read as something else."""
    return _unless_denied(_secret_value, value, kind, quoted=quoted)


_denied: dict[tuple[str, str, bool], None] = {}


def _unless_denied(judge: Callable[[str, str, bool], bool], value: str, kind: str, *, quoted: bool) -> bool:
    """What `judge` says; that a value is no secret is remembered, a secret never."""
    key = (value, kind, quoted)
    if key in _denied:
        return False
    answer = judge(value, kind, quoted)
    if not answer and len(value) <= MAX_DENIED_LENGTH:
        if len(_denied) >= MAX_DENIED:
            _denied.clear()
        _denied[key] = None
    return answer


def _password_value(value: str, _kind: str, quoted: bool) -> bool:  # noqa: FBT001  the same signature for both
    if not 4 <= len(value) <= MAX_PASSWORD or checks.placeholder(value) or "[" in value[:1] or _OPTION.match(value):
        return False
    digits = sum(c in "0123456789" for c in value)
    letters = sum(c.isascii() and c.isalpha() for c in value)
    if not quoted and checks.code(value):
        return False
    if digits == len(value):
        return quoted and digits >= 6
    if letters == 0:
        return False
    if letters == len(value):
        return len(value) >= 8 and checks.wordiness(value) < 0.5
    words = re.findall(r"[A-Za-z]+", value)
    if digits == 0 and set(value) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == set():
        return checks.wordiness(value) < 0.5
    if digits == 0 and re.fullmatch(r"[A-Za-z]+(?:[-.][A-Za-z]+)+", value):
        return (len(words) >= 3 and "." not in value) or checks.wordiness(value) < 0.5
    if " " in value:
        return (
            quoted
            and (digits > 0 or (len(words) > 3 and not value[0].isupper()))
            and not value.endswith((".", ":", "?"))
        )
    if not quoted and re.fullmatch(r"[\w.]+\([^()]*\)?[;,]?", value):
        return False
    if re.match(r"[/~.]/?[\w.\-]+/", value):
        return checks.random_text(value, least=10)
    return True


def _secret_value(value: str, kind: str, quoted: bool) -> bool:  # noqa: FBT001  the same signature for both
    if len(value) < LEAST_SECRET or value[0] in "[{<":
        return False
    if kind == "secret":
        random = len(value) >= LEAST_DIGITS if value.isdigit() else checks.random_text(value, least=LEAST_SECRET)
    elif checks.UUID.match(value) or (kind == "weak" and _DATED.match(value)):
        random = False
    elif kind == "key":
        random = checks.random_text(value, least=16) and checks.transitions(value) >= 4
    else:
        random = checks.random_text(value, least=12)
    if not random or checks.placeholder(value):
        return False
    if " " in value and not _SCHEMED.match(value) and checks.wordiness(value) > WORDY:
        return False
    if checks.sequential(value) or checks.file_name(value) or checks.named_pieces(value):
        return False
    return quoted or not checks.code(value)


def secret_under(name: str, value: str) -> bool:
    """True if a JSON member `name` with the string `value` holds a secret."""
    kind = classify(name)
    if not kind or _ATOM_IN.search(value):
        return False
    if kind == "password":
        return password_value(value, quoted=True)
    if kind in {"secret", "key", "weak"}:
        return len(value) <= MAX_VALUE and " " not in value and secret_value(value, kind, quoted=True)
    return False


def _judged(text: str, start: int, kind: str) -> list[Interval]:
    nested = _NESTED.match(text, start)
    if nested is not None and classify(nested.group(1)):
        return []
    end, quote = _value(text, start, password=kind == "password")
    value = text[start:end]
    if kind == "password":
        return [(start, end)] if password_value(value, quoted=bool(quote)) else []
    return [(start, end)] if secret_value(value, kind, quoted=bool(quote)) else []


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
    if len(name) > 4 and text.startswith(name[:4], start):
        return []
    if _LISTED.match(text, stop) and _LIST_BEFORE.search(text, max(0, start - len(name) - 16), start):
        return [] if not checks.strong_random(text[start:stop], least=12) else found
    if _BARE_NAME.search(text, max(0, start - 12), start) and not checks.random_text(text[start:stop], least=6):
        return []
    return found


_VERBS: Final = frozenset({"PASS", "Pass"})
"""Of a test that passed, of a text that says what to pass: only random text after it is a password."""


def assignment(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`name = value` in any of the forms of code, configuration, markup and logs."""
    text = scan.text
    start = end - 4
    if (text[start - 1] == "\\" and text[start] in "nrtu") or text.startswith("://", start - 1):
        return []
    name, kind = _named(text, start)
    if kind in {"", "harmless"}:
        return []
    found = _judged(text, start, kind)
    if found and name in _VERBS and not checks.random_text(text[start : found[0][1]], least=6):
        return []
    return found


_FLAG = re.compile(r"(?:\A|[^\w\-])-{1,2}[\w\-]*\Z", re.ASCII)


def words(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`--password value`, `the password is value`, `password value` of a netrc: a name, a space, a value."""
    text = scan.text
    start = end - 7
    _name, kind = _named(text, start)
    if kind in {"", "harmless"} or (kind == "key" and not text.endswith(" is ", 0, start)):
        return []
    before = text[max(0, start - 48) : start]
    stop, quote = _value(text, start, password=kind == "password")
    value = text[start:stop]
    flag = _FLAG.search(before.rstrip(" \"'\\")) is not None
    if kind == "password":
        if not password_value(value, quoted=bool(quote) or flag):
            return []
        if _name.lower() == "pass" and not flag and not before.endswith(" is "):
            return []
        sure = flag or quote or " is " in before[-6:] or "login " in text[max(0, start - 120) : start]
        if sure or checks.random_text(value, least=8):
            return [(start, stop)]
        return []
    if not secret_value(value, kind, quoted=bool(quote) or flag):
        return []
    return [(start, stop)] if flag or quote or checks.random_text(value, least=16) else []


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
    return [(start, stop)] if checks.random_text(value, least=6) or len(value) > 12 else []


def element(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """The content of an XML element with a secret name: the whole of it, or the random words in it."""
    text = scan.text
    start = end - 4
    close = text.rfind(">", max(0, start - 20), start)
    if text[close - 1 : close] in {"-", "="} or text[start] in "@/":
        return []
    whole = assignment(scan, rule, end)
    _name, kind = _named(text, start)
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
    stop, quote = _value(text, start, password=False)
    value = text[start:stop]
    if checks.placeholder(value) or checks.UUID.match(value) or "/" in value or "." in value:
        return []
    if quote:
        return [(start, stop)] if checks.random_text(value, least=12) else []
    return [(start, stop)] if checks.random_text(value, least=24) and "-" not in value else []
