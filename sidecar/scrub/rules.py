"""The one rule table.

Owns: `RULES`, put together from the data files by family.
Never: scans.
Invariant: names are unique, and every rule names a confirm step that exists.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from sidecar.scrub.assignments import KEYED
from sidecar.scrub.commands import COMMANDS
from sidecar.scrub.personal import ENTROPY, HOMES, PERSONAL
from sidecar.scrub.programs import PHRASES, PROGRAMS, TABLES
from sidecar.scrub.rule import Rule, token
from sidecar.scrub.structural import HEADERS, KEYS, URLS
from sidecar.scrub.tokens_platform import AI_VENDORS, AWS, CODE_HOSTS, REGISTRIES
from sidecar.scrub.tokens_service import CHAT, MAIL, MONITORING, PAYMENT, PRODUCT

TOKENS: Final[tuple[Rule, ...]] = (
    *(token(*entry, category="AWS_KEY") for entry in AWS),
    *(
        token(*entry)
        for table in (CODE_HOSTS, REGISTRIES, AI_VENDORS, CHAT, MAIL, PAYMENT, MONITORING, PRODUCT)
        for entry in table
    ),
)
RULES: Final[tuple[Rule, ...]] = (
    *KEYS,
    *TOKENS,
    *URLS,
    *HEADERS,
    *COMMANDS,
    *PROGRAMS,
    *KEYED,
    *PHRASES,
    *TABLES,
    *PERSONAL,
    *HOMES,
    *ENTROPY,
)


@lru_cache(maxsize=2)
def table(*, strict_hex: bool) -> tuple[Rule, ...]:
    """The rules in force; `strict_hex` adds the literal rule for long hex."""
    return tuple(rule for rule in RULES if strict_hex or not rule.strict_only)


_NAMES: Final = {rule.name: rule for rule in RULES}
_REASONS: Final = {
    "key": "a private key or a signed token, by its form",
    "token": "a token with the published shape of its vendor",
    "url": "credentials inside a URL",
    "header": "credentials of a header, a command or a configuration file",
    "keyed": "a value that looks like a secret under a name that says so",
    "personal": "data of a person",
    "entropy": "a quoted string of random characters with no name that explains it",
}


def reason(name: str) -> str:
    """Why the rule of this name replaces what it finds, in one phrase."""
    if name == "echo":
        return "the same secret again, elsewhere in the text"
    if name == "learned-user":
        return "a user name met in a home path"
    rule = _NAMES.get(name)
    if rule is None:
        return ""
    return f"{_REASONS[rule.family]} ({rule.reference})" if rule.reference else _REASONS[rule.family]
