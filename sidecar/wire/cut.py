"""Making things fit: text and JSON values cut to what the wire takes.

Owns: where a text may be cut, and how an oversized value is reduced and marked.
Never: drops silently; every function says whether it cut.
Invariant: a cut text ends neither inside a surrogate pair nor inside a [PLACEHOLDER], and fits its limit.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from sidecar.wire.canonical import canonical, utf16_length
from sidecar.wire.limits import MAX_DEPTH

MARK = "…[cut]"
DEEP_MARK = "[too deep]"
_NODE_BYTES = 32
"""At most, of a number, or of quotes, brackets, comma and colon."""
MAX_PLACEHOLDER = 64
"""Characters of the longest [PLACEHOLDER] a scrubber makes."""
_PLACEHOLDER = re.compile(r"\[[A-Z][^\[\]\s]{0,61}\]")
_TEXT_STEPS = (524_288, 262_144, 131_072, 65_536, 16_384, 4_096, 1_024, 256, 64)
"""Length every text is cut to, and with it the most members of a list or object, until the value fits."""


def clip(text: str, units: int) -> str:
    """The longest start of `text` of at most `units` UTF-16 code units that splits neither pair nor placeholder."""
    if len(text) <= units // 2 or utf16_length(text) <= units:
        return text
    end = units
    if not text.isascii():
        # characters beyond U+FFFF take two units: give back one character for each unit too many
        end = min(units, len(text))
        while (excess := utf16_length(text[:end]) - units) > 0:
            end -= -(-excess // 2)
    if end and "\ud800" <= text[end - 1] <= "\udbff" and "\udc00" <= text[end : end + 1] <= "\udfff":
        end -= 1
    start = text.rfind("[", max(0, end - MAX_PLACEHOLDER), end)
    if start >= 0 and (found := _PLACEHOLDER.match(text, start)) and found.end() > end:
        end = start
    return text[:end]


def shorten(text: str, units: int) -> tuple[str, bool]:
    """`text` within `units` UTF-16 code units, and whether it was cut."""
    fitting = clip(text, units)
    return fitting, len(fitting) < len(text)


def bounded(value: Any, size: int) -> tuple[Any, bool]:
    """`value` with at most MAX_DEPTH levels and `size` canonical bytes, and whether it was cut.

    Longer texts are cut first, then long lists and objects; what was cut ends with MARK, so a reader sees where.
    """
    depth, _, most = _measure(value)
    if depth <= MAX_DEPTH and most <= size:
        return value, False
    value, cut = flat(value)
    if _fits(value, size):
        return value, cut
    for length in _TEXT_STEPS:
        smaller = _reduce(value, length)
        if _fits(smaller, size):
            return smaller, True
    return ([MARK] if isinstance(value, list) else {MARK: True}), True


def flat(value: Any) -> tuple[Any, bool]:
    """`value` with at most MAX_DEPTH levels, what lies deeper replaced by a mark, and whether anything was."""
    if _measure(value)[0] <= MAX_DEPTH:
        return value, False
    return _flatten(value, MAX_DEPTH), True


def _fits(value: Any, size: int) -> bool:
    """Whether the canonical form has at most `size` bytes; made only when the bounds do not tell."""
    _, least, most = _measure(value)
    return most <= size or (least <= size and len(canonical(value)) <= size)


def _measure(value: Any) -> tuple[int, int, int]:
    """Levels, and bounds of the canonical bytes (a character takes one to six), in one cheap walk."""
    depth, characters, nodes, level = 0, 0, 0, [value]
    while level:
        below: list[Any] = []
        nested = False
        nodes += len(level)
        for item in level:
            if isinstance(item, str):
                characters += len(item)
            elif isinstance(item, dict):
                nested = True
                nodes += len(item)
                characters += sum(map(len, item))
                below.extend(item.values())
            elif isinstance(item, list):
                nested = True
                below.extend(item)
        depth, level = depth + nested, below
    return depth, characters + nodes, 6 * characters + _NODE_BYTES * nodes


def _flatten(value: Any, levels: int) -> Any:
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        return DEEP_MARK
    if isinstance(value, dict):
        return {key: _flatten(member, levels - 1) for key, member in value.items()}
    return [_flatten(member, levels - 1) for member in value]


def _reduce(value: Any, length: int) -> Any:
    """Every text at most `length` code units, every list and object at most `length` members, marks apart."""
    if isinstance(value, str):
        fitting, cut = shorten(value, length)
        return fitting + MARK if cut else fitting
    if isinstance(value, dict):
        kept = {_reduce(key, length): _reduce(member, length) for key, member in islice(value.items(), length)}
        return kept if len(kept) == len(value) else {**kept, MARK: len(value) - len(kept)}
    if isinstance(value, list):
        items = [_reduce(member, length) for member in value[:length]]
        return items if len(value) <= length else [*items, MARK]
    return value
