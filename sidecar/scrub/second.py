"""The second layer: what a person adds to the rules, and what stands in place of a value.

Owns: `Choices`, own strings, the allow-list, generic labels for models and providers, pseudonyms, atoms.
Never: touches a private key's rule, or the name of a model anywhere but in prose.
Invariant: placeholders of both forms are atoms; a pseudonym is keyed, and of one length per category.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sidecar.scrub.rule import PLACEHOLDER
from sidecar.scrub.rules import reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.scrub.spans import Span

LABELS: Final = {**PLACEHOLDER, "REDACTED": "[REDACTED]", "MODEL": "[MODEL]", "PROVIDER": "[PROVIDER]"}
"""Category -> what stands in place of a value, those of this layer included."""
GENERIC: Final = frozenset({"MODEL", "PROVIDER"})
"""Labels that say all there is to know: they never become pseudonyms."""
FORCED: Final = frozenset({"PRIVATE_KEY", "REDACTED"})
"""No allow-list spares these."""
MAX_STRINGS: Final = 200
STRING_LEAST: Final = 3
STRING_MOST: Final = 256
HASH_DIGITS: Final = 8
OWN_RULE: Final = "own-string"
MEMBER_RULE: Final = "secret-member"
CERTAINTY: Final = 7
"""Less sure than any rule: where they overlap, the rule names the category."""

_NAMES = "|".join(sorted({label[1:-1] for label in LABELS.values()}, key=len, reverse=True))
BRACKETS = rf"\[(?:{_NAMES})(?:_[0-9a-f]{{{HASH_DIGITS}}})?\]"
_USER = rf"(?<![A-Za-z0-9_])user_[0-9a-f]{{{HASH_DIGITS}}}(?![A-Za-z0-9_])"
ATOM: Final = re.compile(BRACKETS, re.ASCII)
"""A placeholder of either form. (`user_3f2a91c0` counts only where pseudonyms are made: it could be a name.)"""
ATOM_OR_USER: Final = re.compile(f"{BRACKETS}|{_USER}", re.ASCII)
PSEUDONYM_USER: Final = re.compile(rf"user_[0-9a-f]{{{HASH_DIGITS}}}", re.ASCII)

# Neither part of a longer name, nor of a path, a package, an address or a file name.
_LEFT = r"(?<![\w./@\\\-])"
_RIGHT = r"(?![\w/@\\]|[.\-]\w)"
_MODELS = (
    r"claude(?:[ \-](?:\d(?:[.\-]\d)?|opus|sonnet|haiku|instant))+(?:[ \-]\d(?:[.\-]\d{1,2})?)?(?:-\d{8}|-latest)?",
    r"claude(?:[ \-]code|[ \-]ai)?",
    r"(?:opus|sonnet|haiku)[ \-]\d(?:[.\-]\d{1,2})?",
    r"(?:chat)?gpt(?:-(?:oss|\d(?:\.\d{1,2})?o?|image|realtime)(?:-(?:turbo|mini|nano|pro|codex|chat|preview|max|\d{1,4}b?))*)?",
    r"o[1345](?:-(?:mini|pro|preview|deep-research))+",
    r"codex(?:[ \-](?:cli|mini))?(?:-latest)?",
    r"gemini(?:[ \-](?:\d(?:\.\d)?|pro|flash|ultra|nano|lite|exp|thinking|preview|cli|code assist))*",
    r"(?:llama|mistral|mixtral|qwen|deepseek|grok|gemma|kimi|glm|phi)-?\d[\w.\-]{0,30}\b",
)
_PROVIDERS = (
    r"anthropic(?:,? pbc|'s)?",
    r"openai(?:'s)?",
    r"google (?:deepmind|ai studio|ai)(?:'s)?",
    r"deepmind(?:'s)?",
    r"(?:mistral|meta|moonshot|zhipu) ai(?:'s)?",
    r"xai(?:'s)?",
)
_GENERIC: Final = tuple(
    (
        category,
        f"generic-{category.lower()}",
        re.compile(f"{_LEFT}(?:{'|'.join(table)}){_RIGHT}", re.IGNORECASE | re.ASCII),
    )
    for category, table in (("MODEL", _MODELS), ("PROVIDER", _PROVIDERS))
)
_REASONS: Final = {
    OWN_RULE: "a string of your own (redact, in sidecar.toml)",
    MEMBER_RULE: "a value that looks like a secret under a member name that says so",
    "generic-model": "a model's name in prose (generic_models, in sidecar.toml)",
    "generic-provider": "a provider's name in prose (generic_models, in sidecar.toml)",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose. `key` keys pseudonyms and the ledger's hashes; empty = no hash, and no pseudonym."""

    redact: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    generic_models: bool = False
    pseudonyms: bool = False
    key: bytes = b""


def explain(rule: str) -> str:
    """Why the rule of this name replaces what it finds, in one phrase; rules of both layers."""
    return _REASONS.get(rule) or reason(rule)


class SecondLayer:
    """Finds what `Choices` add. Works on code units: bytes of UTF-8, one character each."""

    def __init__(self, choices: Choices) -> None:
        self._own = sorted({form for string in choices.redact for form in _forms(string)})
        self._allow = [_units(string) for string in choices.allow]
        self._allowed_values = frozenset(choices.allow)
        self._generic = choices.generic_models
        self._key = choices.key
        self.pseudonyms = choices.pseudonyms and bool(choices.key)
        self.atom = ATOM_OR_USER if self.pseudonyms else ATOM
        self.searches = bool(self._own) or self._generic
        self.spares = bool(self._allow)

    def hits(self, units: str, *, prose: bool) -> list[tuple[int, int, str, str]]:
        """(start, end, category, rule) of own strings anywhere, and of generic labels where the text is prose."""
        found = []
        if self._own:
            folded = units.lower()
            for needle in self._own:
                at = folded.find(needle)
                while at >= 0:
                    found.append((at, at + len(needle), "REDACTED", OWN_RULE))
                    at = folded.find(needle, at + len(needle))
        if self._generic and prose:
            for category, rule, pattern in _GENERIC:
                found.extend((*match.span(), category, rule) for match in pattern.finditer(units))
        return found

    def allowed(self, units: str) -> list[tuple[int, int]]:
        """Where strings of the allow-list stand."""
        found = []
        for needle in self._allow:
            at = units.find(needle)
            while at >= 0:
                found.append((at, at + len(needle)))
                at = units.find(needle, at + 1)
        return found

    def allows(self, value: str) -> bool:
        """Whether this very value is on the allow-list."""
        return value in self._allowed_values

    def label(self, category: str, value: str) -> str:
        """What stands in place of `value`."""
        plain = LABELS[category]
        if not self.pseudonyms or category in GENERIC:
            return plain
        digits = self._digest(f"pseudonym:{category}:", value)[:HASH_DIGITS]
        return f"user_{digits}" if category == "USER_PATH" else f"{plain[:-1]}_{digits}]"

    def width(self, category: str) -> int:
        """Length of what stands for any value of this category."""
        return len(self.label(category, ""))

    def replaced(self, s: str, spans: Sequence[Span]) -> str:
        """The text with what stands for them in place of its spans."""
        pieces = []
        at = 0
        for span in spans:
            pieces.append(s[at : span.start])
            pieces.append(self.label(span.category, s[span.start : span.end]))
            at = span.end
        pieces.append(s[at:])
        return "".join(pieces)

    def mapped_back(self, spans: Sequence[Span], more: Sequence[Span]) -> list[Span]:
        """Spans found in the replaced text as spans of what it was made from; they never touch a placeholder."""
        out = []
        k = 0
        shift = 0
        for span in more:
            while k < len(spans) and spans[k].start - shift <= span.start:
                shift += spans[k].end - spans[k].start - self.width(spans[k].category)
                k += 1
            out.append(span._replace(start=span.start + shift, end=span.end + shift))
        return out

    def fingerprint(self, value: str, digits: int) -> str:
        """The ledger's hash of a value: the same for the same value here, and nowhere else; "" without a key."""
        return self._digest("redaction:", value)[:digits] if self._key else ""

    def _digest(self, purpose: str, value: str) -> str:
        data = purpose.encode() + value.encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, data, "sha256").hex()


def _units(string: str) -> str:
    return string.encode("utf-8", "surrogatepass").decode("latin-1")


def _forms(string: str) -> set[str]:
    """Letters of ASCII match in either case; others as they are written, and in upper and lower case."""
    return {_units(form).lower() for form in (string, string.upper(), string.lower(), string.title())}
