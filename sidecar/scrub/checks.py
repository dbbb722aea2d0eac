"""Small questions about a value: is it random, a placeholder, a card, a number of a person.

Owns: predicates over short strings.
Never: looks at context, scans a text or keeps anything.
Invariant: every answer is computed in time linear in a value whose length the caller bounds.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from itertools import pairwise
from operator import add, sub
from typing import Final

from sidecar.scrub.words import CODE_WORDS, COMMON_BIGRAMS, MAESTRO, PLACEHOLDER_VALUES, PLACEHOLDER_WORDS, SLOT_WORDS

_is_common = COMMON_BIGRAMS.__contains__
_LOWER = re.compile(r"[a-z]{2,}", re.ASCII)
_LETTERS = re.compile(r"[A-Za-z]+")
_DIGITS = re.compile(r"[0-9]")
_LETTER = re.compile(r"[A-Za-z]")
_CLASSES = str.maketrans(
    {chr(c): "d" if 48 <= c < 58 else "u" if 65 <= c < 91 else "l" if 97 <= c < 123 else "o" for c in range(256)}
)
_RUNS = re.compile(r"d+|u+|l+|o+")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_PARTS = re.compile(r"OAuth|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[A-Z]")
WORDY: Final = 0.66
LONG_WORD: Final = 5
HEX = re.compile(r"[0-9a-fA-F]+\Z")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_REFERENCE = re.compile(
    r"(?:\$\{|\$\(|\$[A-Za-z_]+\Z|\$[A-Z_]{2,}\b|%\(?[A-Za-z_]|%[A-Z_]+%|\{\{|<[^>]*>?\Z|process\.env|os\.environ|"
    r"System\.getenv|ENV\[|env\.|secrets\.|vault:|op://|ssm:|arn:|file:|https?://|projects/[\w\-]+/secrets/|"
    r"\$[A-Za-z_][\w:]*(?:::|->|[\[{])|ssh-(?:rsa|dss|ed25519) AAAA|ecdsa-sha2-[\w\-]+ AAAA|\[[A-Z_]{2,16}(?:_\d+)?\])"
)
ALGORITHM: Final = 20
ALGORITHM_PIECE: Final = 6
"""Three pieces or more so short, one of them in capitals, name an algorithm (`PBE-SHA1-3DES`)."""
HEX_LETTERS: Final = 6
"""Text of this many letters or fewer is hex without digits or a game with letters, not words."""
_EXAMPLE_WORD = re.compile(r"(?:example|sample|dummy|fake)(?:key|token|secret)?", re.IGNORECASE)
EXAMPLE_LEAST: Final = 20
SLOT_MOST: Final = 48
_SEPARATED = re.compile(r"[_./:\-]+", re.ASCII)
_EXTENSION = re.compile(
    r"[\w\-]\.(?:pem|key|pub|crt|cert?|csr|p12|pfx|jks|ppk|asc|gpg|json|ya?ml|toml|ini|conf|cfg|env|txt|md|rst|xml|html?|"
    r"js|mjs|jsx|tsx?|py|rb|go|rs|java|kt|php|cs|cpp|c|h|sh|sql|csv|log|lock|zip|gz|tgz|png|jpe?g|gif|svg|ico|com|org|net|io)\Z",
    re.ASCII | re.IGNORECASE,
)
_INSERTED: Final = re.compile(
    r"[$#]\{ ?[!#@]?[A-Za-z_][\w.]{0,64}(?:[:|(\[?%/!^, +*=<>&\-][^{}]{0,100})?\}|"
    r"\{\{[^{}]{1,80}\}\}|\{[a-z_][\w.]{0,40}\}|<%=?[^%]{1,80}%>|%\([a-z_]{1,40}\)s",
    re.ASCII,
)
"""What a template or a string puts in: `${name}`, `#{call(x)}`, `{{ name }}`, `{name}`."""
_UNCLOSED: Final = re.compile(
    r"\{\{\Z|[$#]\{(?: ?[!#@]?[A-Za-z_][\w.]{0,64}(?:[:|(\[?%/!^, +*=<>&\-][^{}]{0,100})?)?\Z", re.ASCII
)
"""The same, cut off where a quote or a blank ends the value."""
_SIGILS: Final = "@:&*$"
_NEXT: Final = (0, 1)
_ALLOCATED = re.compile(r"(?:[23][0-9a-f]{3}|fe80|f[cd][0-9a-f]{2}):", re.IGNORECASE)
"""The first group of an address of a host (IANA: global unicast, link local, unique local)."""
JUDGED: Final = 128
"""Characters of a value that are enough to tell whether it is drawn at random."""
SYMBOLS: Final = frozenset("!@#$%^&*()[]{}<>?;:|~`")


def placeholder(value: str) -> bool:
    """True if the value only stands for a secret (`changeme`, `xxxx`, `${VAR}`, `<token>`)."""
    folded = value.lower()
    if folded in PLACEHOLDER_VALUES:
        return True
    if len(set(folded)) < min(4, len(folded)):
        return True
    if _REFERENCE.match(value):
        return True
    bare = value.lstrip(_SIGILS)
    if len(value) <= SLOT_MOST and _LETTER.match(bare) and _only_names(bare):
        return True
    if "{" in value or "%" in value:
        if _UNCLOSED.search(value):
            return True
        if _INSERTED.search(value):
            return not random_text(_INSERTED.sub("", value))
    for word in PLACEHOLDER_WORDS:  # a loop: this is asked of every value, and a generator takes twice as long
        if word in folded:
            return not _documented(value)
    return False


def _only_names(value: str) -> bool:
    """True for `my_api_key`, `accessToken`, `YOUR-PASSWORD`: words that name the place, at least two of them."""
    words = _WORDS.findall(value)
    return (
        len(words) > 1
        and all(word.lower() in SLOT_WORDS for word in words)
        and sum(map(len, words)) >= len(value) - len(words)
    )


def file_name(value: str) -> bool:
    """True if a value ends like the name of a file (`server1.pem`)."""
    return _EXTENSION.search(value) is not None


def named_pieces(value: str) -> bool:
    """True if text in many short pieces is mostly words (`TLS_AES_256_GCM`, `us-east-1-prod`), unlike a product key."""
    pieces = _SEPARATED.split(value)
    if len(value) < ALGORITHM and max(map(len, pieces)) <= ALGORITHM_PIECE and len(pieces) > 2:
        return any(piece.isalpha() and piece.isupper() for piece in pieces)
    words = sum(piece.isalpha() and (len(piece) < 4 or wordiness(piece) > 0.4) for piece in pieces)
    return len(pieces) > 2 and words * 2 > len(pieces) and sum(map(len, pieces)) < 8 * len(pieces)


def _documented(value: str) -> bool:
    """True if a value says it is an example, but the rest of it is drawn at random, as in a vendor's documentation."""
    rest = _EXAMPLE_WORD.sub("", value)
    return (
        len(value) > len(rest) >= EXAMPLE_LEAST
        and " " not in rest
        and not any(word in rest.lower() for word in PLACEHOLDER_WORDS)
        and random_text(rest, least=EXAMPLE_LEAST)
        and transitions(rest) >= EXAMPLE_LEAST // 2
    )


def wordiness(value: str) -> float:
    """Share of letter pairs that are common in words: 0.8 for words, 0.3 for random letters, 0 for none."""
    folded = value.lower()
    runs = _LOWER.findall(folded)
    if not runs:
        return 0.0
    return sum(map(_is_common, map(add, folded, folded[1:]))) / (sum(map(len, runs)) - len(runs))


def named(value: str) -> bool:
    """True for an identifier that words make up (`MySqlV22Credentials`, `sec_PKCS12SecretBag`), unlike random text.

    Of random letters and digits fewer than one in a thousand is taken for one.
    """
    if not _IDENTIFIER.match(value):
        return False
    parts = _PARTS.findall(value)
    letters = sum(map(len, parts))
    if letters * 3 < len(value) * 2:
        return False
    words = [p for p in parts if p.lower() in CODE_WORDS or (len(p) >= LONG_WORD and wordiness(p) >= WORDY)]
    return len(words) > 1 and sum(map(len, words)) * 10 >= letters * 6


def words_of(value: str) -> list[str]:
    """The words of an identifier or a phrase, by case and by sign."""
    return _PARTS.findall(value)


def transitions(value: str) -> int:
    """How often the class of character (lower, upper, digit, other) changes."""
    return len(_RUNS.findall(value.translate(_CLASSES))) - 1


def random_text(value: str, *, least: int = 8) -> bool:
    """True if the value looks drawn at random: a key, not a word, a number, a path or an identifier."""
    n = len(value)
    if n < least:
        return False
    if n > JUDGED:
        value, n = value[:JUDGED], JUDGED
    if UUID.match(value):
        return True
    classes = value.translate(_CLASSES)
    digits, letters = classes.count("d"), classes.count("u") + classes.count("l")
    if digits + letters == n and HEX.match(value):
        return n >= 16 and (letters > 0 or n >= 28) and len(set(value)) >= 6
    if not SYMBOLS.isdisjoint(value) and letters >= 4 and " " not in value and len(SYMBOLS.intersection(value)) >= 4:
        return True
    if digits == 0:
        if n < 16 or letters < n * 0.6:
            return False
        return wordiness(value) < (0.46 if len(_WORDS.findall(value)) > 2 else 0.5)
    if letters == 0:
        return False
    if letters < 3 or len(set(value)) < 6:
        return False
    wordy = wordiness(value)
    if wordy < 0.42:
        return not named(value)
    changes = len(_RUNS.findall(classes)) - 1
    if wordy >= 0.75 and letters >= 6 * len(_LETTERS.findall(value)):
        return False
    return (changes >= max(6, n // 4) or (changes >= max(4, n // 5) and wordy < 0.62)) and not named(value)


def strong_random(value: str, *, least: int = 20) -> bool:
    """`random_text`, with mixed letters and digits throughout: what may be redacted without any key beside it."""
    if len(value) < least or not random_text(value, least=least):
        return False
    digits = len(_DIGITS.findall(value))
    return digits >= 2 and transitions(value) >= len(value) // 4 and wordiness(value) < 0.45


def luhn(digits: str) -> bool:
    """The check digit of payment cards."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        d = ord(c) - 48
        if i % 2:
            d *= 2
            if d > 9:
                d -= 9
        total += d
    return total % 10 == 0


def card(digits: str) -> bool:
    """True if the digits have the length and the issuer of a payment card and pass Luhn."""
    n = len(digits)
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    issuer = (
        (digits[0] == "4" and n in {13, 16, 19})
        or (51 <= two <= 55 and n == 16)
        or (2221 <= four <= 2720 and n == 16)
        or (two in {34, 37} and n == 15)
        or ((300 <= three <= 305 or two in {36, 38, 39}) and 14 <= n <= 19)
        or (two == 35 and 16 <= n <= 19)
        or (four in {2131, 1800} and n == 15)
        or ((four == 6011 or two == 65 or 644 <= three <= 649) and 16 <= n <= 19)
        or (two == 62 and 16 <= n <= 19)
        or (digits.startswith(MAESTRO) and 12 <= n <= 19)
    )
    return issuer and len(set(digits)) > 1 and luhn(digits)


def social_security(area: str, group: str, serial: str) -> bool:
    """True if the three parts are a number the US administration may issue."""
    return area not in {"000", "666"} and area[0] != "9" and group != "00" and serial != "0000"


def ipv6(value: str) -> bool:
    """True if the value is an IPv6 address of a host: not a loopback and not a C++ name that looks like one."""
    try:
        address = IPv6Address(value)
    except (AddressValueError, ValueError):
        return False
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return False
    groups = [g for g in value.split(":") if g]
    if "::" in value and len(groups) > 1 and _ALLOCATED.match(value) and any(c.isdigit() for c in value):
        return True
    if sum(len(g) for g in groups) < 6 and len(groups) < 4:
        return False
    if len(groups) < 2 or (len(groups) == 2 and not any(c.isdigit() for c in value)):
        return False
    if "::" not in value and all(len(g) == 2 for g in groups):
        return False
    return any(c.isdigit() for c in value) or len(groups) >= 4


def filler(value: str) -> bool:
    """True if a token's body only shows where one goes: `xxxxxxxx`, `0000-0000`, `XXXX_here`.

    A documented example is no filler: replacing it harms nobody, and a real token may contain any word.
    """
    folded = [c for c in value.lower() if c.isalnum()]
    return len(set(folded)) < min(4, len(folded)) or "xxxxxx" in value.lower()


def sequential(value: str) -> bool:
    """True if most characters follow the one before in the alphabet or repeat it (`abcd1234`, `AbCeFG123`)."""
    codes = list(map(ord, value.lower()))
    steps = sum(step in _NEXT for step in map(sub, codes[1:], codes))
    return steps * 5 >= 3 * (len(codes) - 1)


def counting(digits: str) -> bool:
    """True if digits only count up or down (`98.76.54.32`, `123.45.67.89`): made up for an example."""
    steps = {int(b) - int(a) for a, b in pairwise(digits)}
    return len(digits) > 6 and steps in ({1}, {-1})


def wordy(value: str) -> bool:
    """True if text without digits is made of words (`checking-length-is`, `CreateLightmapTextures`)."""
    if len(set(value.lower())) <= HEX_LETTERS:
        return False
    words = _WORDS.findall(value)
    return wordiness(value) > 0.66 or (len(value) >= 48 and len(words) * 3 <= len(value) and wordiness(value) > 0.5)
