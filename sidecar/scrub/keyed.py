"""Stage two for values under a name: `password = …`, `"api_key": "…"`, `--token …`.

Owns: which name a value has, where the value ends, whether it is a secret.
Never: searches a text for candidates.
Invariant: a value is read once and no further than its bound; what is a secret is never remembered.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks, expressions
from sidecar.scrub.boundary import Interval, Scan, closing_quote, quote_before
from sidecar.scrub.names import BETWEEN, IDENTIFIER, classify
from sidecar.scrub.words import split

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
MAX_DENIED_HERE: Final = 32
FOLLOWING: Final = re.compile(r"\?([\w.\-]{1,40})=", re.ASCII)
"""Another parameter within a value: what it holds is judged by itself."""
_AFTER_ATOM = re.compile(
    r"\[(?:(?:AWS|PRIVATE|API)_KEY|EMAIL|PHONE|IP|SSN|CREDIT_CARD|REDACTED(?:_URL)?|USER|MODEL|PROVIDER)(?:_[0-9a-f]{8})?\]"
    r"[^A-Za-z0-9]{0,12}\Z",
    re.ASCII,
)


_WORD_BEFORE = re.compile(r"([A-Za-z]{3,24}) \Z", re.ASCII)
"""`access key`, `sort key`: the word before says which."""


def named_at(text: str, at: int) -> tuple[str, str]:
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
        if kind == "key":
            before = _WORD_BEFORE.search(window[-len(name) - 26 : -len(name)])
            return name, (classify(f"{before.group(1)}_key") or kind) if before else kind
        if kind:
            return name, kind
        window = window[: -len(name)].rstrip(BETWEEN)
    return "", ""


def value_at(text: str, start: int, *, password: bool) -> tuple[int, str]:
    """(end, quote) of the value that starts at `start`."""
    quote = quote_before(text, start)
    if quote:
        end = closing_quote(text, start, quote, MAX_PASSWORD if password else MAX_VALUE)
        if end > start:
            return end, quote
        if text.endswith(quote * 2, 0, start) and not text.endswith(quote * 3, 0, start):
            return start, ""
    pattern = _UNQUOTED_PASSWORD if password else _UNQUOTED
    match = pattern.match(text, start)
    if match is None:
        return start, ""
    end = match.end()
    if password:
        end = start + len(expressions.before_code(match.group())) if text[start] not in "$<{" else end
    if password and "&" in match.group() and _QUERY.search(text[max(0, start - 80) : start]):
        end = min(end, text.index("&", start))
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


_SPELT = re.compile(r"[A-Za-z]+(?:[\-_/.: ][A-Za-z]+)+\Z", re.ASCII)
"""Words joined by signs: `auth/missing-password`."""
SAYS: Final = split(
    "password passwords passwd pwd passphrase secret secrets token tokens auth credential credentials login key keys "
    "api apikey invalid missing wrong weak required"
)
"""Words a name or a message about a secret has, and a passphrase has not."""
_CONSTANT = re.compile(r"0x[0-9A-Fa-f]{1,16}(?![0-9A-Fa-f])|[^\s]{0,24}\(\?[P:=!<]", re.ASCII)
"""A number of a program; a regular expression."""
_SETTING = re.compile(r"[a-z_]{3,40}=[@$\w]", re.ASCII)
_NUMBERED = re.compile(r"[A-Za-z]{2,16}\d{6,}\Z|S-1-\d", re.ASCII)
"""A word and a number; a Windows security identifier."""
_SENTENCE = re.compile(r"[,:;] |[{(]")


def says_so(value: str) -> bool:
    """True if one of the words of a value says password, token, invalid: a name or a message, not a secret."""
    return any(word.lower() in SAYS for word in checks.words_of(value))


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
    if not quoted and expressions.code(value):
        return False
    if digits == len(value):
        return quoted and digits >= 6
    if letters == 0:
        return False
    if letters == len(value):
        return len(value) >= 8 and checks.wordiness(value) < 0.5
    words = re.findall(r"[A-Za-z]+", value)
    if (digits == 0 and _SPELT.match(value) and says_so(value)) or _CONSTANT.match(value):
        return False
    if not quoted and _SETTING.match(value):
        return False
    if digits == 0 and set(value) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == set():
        return checks.wordiness(value) < 0.5
    if digits == 0 and re.fullmatch(r"[A-Za-z]+(?:[-.][A-Za-z]+)+", value):
        return (len(words) >= 3 and "." not in value) or checks.wordiness(value) < 0.5
    if " " in value:
        if _SENTENCE.search(value) and (digits == 0 or "{" in value):
            return False
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
    if len(value) < LEAST_SECRET or value[0] in "[{<" or _CALLED.search(value):
        return False
    if (not quoted and _ASSIGNED.match(value)) or _CONSTANT.match(value):
        return False
    if kind == "weak" and ("," in value or _NUMBERED.match(value)):
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
    if _ADDRESS.match(value) or checks.sequential(value) or checks.file_name(value) or checks.named_pieces(value):
        return False
    return quoted or not expressions.code(value)


_ADDRESS = re.compile(r"0x[0-9A-Fa-f]{1,16}\Z", re.ASCII)
_CALLED = re.compile(r"[A-Za-z_]{3,64}\([\"'\[)]", re.ASCII)
"""A call with its arguments: in no token."""
_ASSIGNED = re.compile(r"[A-Za-z_.]{1,40}=[\w\"'(\[{$]", re.ASCII)


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


def _judged(scan: Scan, start: int, kind: str) -> list[Interval]:
    text = scan.text
    nested = _NESTED.match(text, start)
    if nested is not None and classify(nested.group(1)):
        return []
    end, quote = value_at(text, start, password=kind == "password")
    value = text[start:end]
    if (value, kind) in scan.denied:
        return []
    if kind == "password":
        found = password_value(value, quoted=bool(quote))
    elif not quote and text[end : end + 1] == "(" and expressions.code(f"{value}("):
        return []
    else:
        found = secret_value(first_of(value) if "?" in value and not quote else value, kind, quoted=bool(quote))
    if not found and not quote and len(value) > MAX_DENIED_LENGTH:
        deny(scan, value, kind)
    return [(start, end)] if found else []


def empty_parameter(text: str, start: int) -> bool:
    """True if the next parameter, with a name that says secret, stands where the value of this one goes."""
    following = FOLLOWING.match(text, start)
    return following is not None and classify(following.group(1)) != ""


def first_of(value: str) -> str:
    """The value before the next parameter of a query."""
    following = FOLLOWING.search(value)
    return value if following is None else value[: following.start()]


def deny(scan: Scan, value: str, kind: str) -> None:
    """Know for the rest of this text, and no longer, that a value is no secret."""
    if len(scan.denied) >= MAX_DENIED_HERE:
        scan.denied.clear()
    scan.denied.add((value, kind))


_RESULT = re.compile(r"(?:\A|[^\w$@.\-])P(?:ASS|ass): {1,4}\Z", re.ASCII)
"""Of a test that passed."""
_PASSING = re.compile(
    r"(?:\A|[^\w$@.\-])[Pp]ass(?: \w{1,8})? [+`*]{0,2}:[+`*]{0,2} ?\Z|[Pp]ass \w{1,8} ?: ?\Z", re.ASCII
)
"""Of a text that says what to pass."""
_ACCOUNT = re.compile(r"user|login|account|mail", re.IGNORECASE)
_SCOPED = re.compile(r"[A-Za-z0-9]::\Z")
_PLAIN = re.compile(r"[A-Za-z_.]{4,15}+(?=[\s\"'`\\,;<>(){}\[\]|&@])", re.ASCII)
"""An unquoted value without a digit, too short to be drawn at random: most of what program text has after a `=`."""
_COMPARED = re.compile(r"[!=]==?=? {0,4}\Z", re.ASCII)


def assignment(scan: Scan, _rule: Rule, end: int) -> list[Interval]:
    """`name = value` in any of the forms of code, configuration, markup and logs."""
    text = scan.text
    start = end - 4
    if (text[start - 1] == "\\" and text[start] in "nrtu") or text.startswith("://", start - 1):
        return []
    if text[start] == "?" and empty_parameter(text, start):
        return []
    name, kind = named_at(text, start)
    if kind in {"", "harmless"} or (kind != "password" and text[start - 1] not in "\"'`" and _PLAIN.match(text, start)):
        return []
    found = _judged(scan, start, kind)
    if not found:
        return []
    before = text[max(0, start - 24) : start]
    value = text[start : found[0][1]]
    if name.lower() == "pass" and not _passes(text, start, name, value):
        return []
    if (_COMPARED.search(before) or _SCOPED.search(before)) and not checks.strong_random(value, least=12):
        return []
    return found


def _passes(text: str, start: int, name: str, value: str) -> bool:
    """True if what follows the word `pass` is a password: not the name of a test that passed, nor what one may pass."""
    before = text[max(0, start - 24) : start]
    if _PASSING.search(before):
        return checks.random_text(value)
    if _RESULT.search(before) and not set(value) & checks.SYMBOLS:
        return _ACCOUNT.search(text[max(0, start - 120) : start]) is not None and checks.random_text(value, least=6)
    return name == "pass" or checks.random_text(value, least=6)
