"""The one spelling of a JSON value both ends sign: what JavaScript's `JSON.stringify(JSON.parse(x))` prints.

Owns: reading JSON as `JSON.parse` does, writing it as `JSON.stringify` does.
Never: knows what an envelope is.
Invariant: ``canonical(parse_js(canonical(x))) == canonical(x)`` for every JSON value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from sidecar.errors import WireError
from sidecar.wire.limits import MAX_JSON_DEPTH

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SAFE_INTEGER = 2**53
"""Beyond it a double no longer tells neighbouring integers apart."""
MAX_ARRAY_INDEX = 2**32 - 2
"""JavaScript puts keys that are array indices (0 to this) first, in ascending order."""
_PLAIN_FLOAT_MIN, _PLAIN_FLOAT_MAX = 1e-5, 1e15
"""Between these, orjson spells a float with a fraction as JavaScript does."""
FAST_DEPTH = 128
"""Nesting up to which the work is orjson's; deeper values are rare and written by hand."""


class _TooDeepError(WireError):
    """Nested deeper than the caller allows."""

    def __init__(self) -> None:
        super().__init__("The value is nested too deeply.", "Cut its arguments before sealing it.")


class _Text(bytes):
    """Output that is already canonical, told apart from a foreign value of type bytes."""

    __slots__ = ()


def parse_js(data: bytes) -> Any:
    """Read `data` (UTF-8) as `JSON.parse` would.

    Lone surrogate escapes survive, 1e400 is infinity, of repeated keys the first position and the last value count.
    Raises ValueError on what `JSON.parse` refuses (NaN, a byte order mark, raw control characters, …), on what is not
    UTF-8 and on nesting beyond about MAX_JSON_DEPTH.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        # orjson refuses three things JSON.parse takes: lone surrogates, numbers beyond a double, and their mixtures
        text = data.decode("utf-8")
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=_parse_int)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def canonical(value: Any, *, max_depth: int = MAX_JSON_DEPTH) -> bytes:
    """Bytes of `value` that are a fixed point of ``JSON.stringify(JSON.parse(x))``.

    `value`: dict with str keys, list, str, int, float, bool, None. Numbers become doubles; NaN and infinities are null.
    Raises WireError when it is nested deeper than `max_depth` or holds anything else.
    """
    if _is_plain(value, max_depth):
        try:
            return orjson.dumps(value)
        except TypeError:  # a lone surrogate somewhere, or deeper than orjson goes
            pass
    try:
        return orjson.dumps(_normal(value, min(max_depth, FAST_DEPTH)))
    except _TooDeepError:
        if max_depth <= FAST_DEPTH:
            raise
    return _write(value, max_depth)


def number(value: float) -> str:
    """The ECMAScript Number-to-String rule: "1e+21", "1e-7", "1745625600", "null" for what is not finite."""
    try:
        value = float(value)
    except OverflowError:
        return "null"
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - the test for NaN
        return "null"
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + ("" if fraction == "0" else fraction)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{point - 1:+d}"


def utf16_length(text: str) -> int:
    """Length as JavaScript counts: characters beyond U+FFFF are two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _parse_int(digits: str) -> float:
    # int() of thousands of digits is slow and then refused; beyond 2**53 only the double counts anyway
    return int(digits) if len(digits) <= 16 else float(digits)


def _is_plain(value: Any, max_depth: int) -> bool:
    """Whether orjson's spelling is already JavaScript's. Walks level by level, so depth is known and not recursed."""
    level, depth = [value], 0
    while level:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str or item is None or kind is bool:
                continue
            if kind in (dict, list) and depth >= max_depth:
                return False
            if kind is dict:
                for key in item:
                    if type(key) is not str or "/" < key[:1] < ":":  # a digit first: it may be an array index
                        return False
                below.extend(item.values())
            elif kind is list:
                below.extend(item)
            elif kind is int:
                if not -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
                    return False
            elif kind is not float or item.is_integer() or not _PLAIN_FLOAT_MIN <= abs(item) < _PLAIN_FLOAT_MAX:
                return False
        level, depth = below, depth + 1
    return True


def _normal(item: Any, levels: int) -> Any:
    """A copy in which orjson's spelling is JavaScript's: what differs is spelled here and passed through."""
    kind = type(item)
    if kind is str:
        return item if item.isascii() or _encodable(item) else orjson.Fragment(_string(item))
    if item is None or kind is bool:
        return item
    if kind is int and -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
        return item
    if kind is float and _PLAIN_FLOAT_MIN <= abs(item) < _PLAIN_FLOAT_MAX:
        return int(item) if item.is_integer() else item
    if isinstance(item, int | float):
        return orjson.Fragment(number(item))
    if isinstance(item, str):
        return _normal(str(item), levels)
    if not isinstance(item, dict | list | tuple):
        raise _foreign(item)
    if levels == 0:
        raise _TooDeepError
    below = levels - 1
    if not isinstance(item, dict):
        return [_normal(member, below) for member in item]
    if all(type(key) is str and key.isascii() and not "/" < key[:1] < ":" for key in item):
        return {key: _normal(member, below) for key, member in item.items()} if item else item
    members = _ordered(item)
    if _encodable("".join(members)):
        return {key: _normal(member, below) for key, member in members.items()}
    pairs = (_string(key) + b":" + orjson.dumps(_normal(member, below)) for key, member in members.items())
    return orjson.Fragment(b"{" + b",".join(pairs) + b"}")


def _write(value: Any, max_depth: int) -> bytes:
    """The exact writer: one explicit stack, so depth costs no recursion."""
    out: list[bytes] = []
    stack: list[Any] = [value]
    depth = 0
    while stack:
        item = stack.pop()
        if type(item) is _Text:
            out.append(item)
            depth -= item in (b"]", b"}")
        elif isinstance(item, str):
            out.append(_string(item))
        elif item is None or isinstance(item, bool):
            out.append(orjson.dumps(item))
        elif isinstance(item, int | float):
            out.append(number(item).encode("ascii"))
        elif isinstance(item, dict | list | tuple):
            depth += 1
            if depth > max_depth:
                raise _TooDeepError
            _open(item, out, stack)
        else:
            raise WireError(
                f"A {type(item).__name__} is not JSON.", "Turn it into text before it becomes part of a step."
            )
    return b"".join(out)


def _open(item: Any, out: list[bytes], stack: list[Any]) -> None:
    """Write the opening bracket and put the members on the stack, last first."""
    pending: list[Any] = []
    if isinstance(item, dict):
        out.append(b"{")
        for key, member in _ordered(item).items():
            pending += (_Text((b"," if pending else b"") + _string(key) + b":"), member)
        stack.append(_Text(b"}"))
    else:
        out.append(b"[")
        for member in item:
            if pending:
                pending.append(_Text(b","))
            pending.append(member)
        stack.append(_Text(b"]"))
    stack.extend(reversed(pending))


def _foreign(item: object) -> WireError:
    return WireError(f"A {type(item).__name__} is not JSON.", "Turn it into text before it becomes part of a step.")


def _ordered(members: Mapping[Any, Any]) -> dict[str, Any]:
    """Members in JavaScript's order: array indices ascending, then the rest as they appeared."""
    named: dict[str, Any] = {}
    for key, member in members.items():
        if not isinstance(key, str):
            raise WireError("A key of an object is not text.", "Use strings as keys.")
        named[str(key) if key.isascii() else _join_surrogates(key)] = member
    indices = sorted((key for key in named if "/" < key[:1] < ":" and _is_index(key)), key=int)
    if not indices:
        return named
    first = set(indices)
    return {key: named[key] for key in indices} | {key: named[key] for key in named if key not in first}


def _is_index(key: str) -> bool:
    if not key.isascii() or not key.isdigit() or len(key) > 10:
        return False
    return (key == "0" or key[0] != "0") and int(key) <= MAX_ARRAY_INDEX


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _join_surrogates(text: str) -> str:
    """Join surrogates that form a pair (as JavaScript's UTF-16 strings always have them); lone ones stay."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _string(text: str) -> bytes:
    try:
        return orjson.dumps(str(text))
    except TypeError:
        joined = _join_surrogates(text)
    out = bytearray(b'"')
    start = 0
    for position, char in enumerate(joined):
        if "\ud800" <= char <= "\udfff":
            out += orjson.dumps(joined[start:position])[1:-1] + b"\\u%04x" % ord(char)
            start = position + 1
    out += orjson.dumps(joined[start:])[1:]
    return bytes(out)
