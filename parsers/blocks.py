"""What every dialect needs: JSON that survives the field, names that are safe to show, content blocks as text.

Owns: `loads` and `decode`, `safe_name`, `parse_time`, `as_text`, and the accessors that make foreign shapes harmless.
Never: knows an event type of any provider, or keeps state.
Invariant: every function here answers for any input; only `loads` and `decode` raise, and only `JsonError`.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from parsers.step import JsonObject

REPLACED_UTF8 = "replaced_utf8"
"""Reason given beside a line that could be read only after its invalid UTF-8 was replaced by U+FFFD."""

MAX_COUNT = 2**53 - 1
"""No token count, duration or exit code beyond what a JavaScript number holds exactly."""
MAX_NAME = 64
MAX_NAME_DIGITS = 4
MAX_BLOCKS = 10_000
"""Blocks read of one content list; the rest are named by number."""

_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,64}\Z")
_BOM = b"\xef\xbb\xbf"
_TERMINAL = re.compile(rb"(?:\x1b\[[0-9;?]{0,16}[A-Za-z])+")
"""Codes some versions print to a terminal they think is there: they are around a line, never in it."""


class JsonError(ValueError):
    """A line that is not JSON. `reason` is of a fixed vocabulary: not_json, not_utf8, too_deep."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def loads(line: bytes) -> Any:
    """The value of one JSON text; lone surrogates survive, NaN and Infinity do not. Raises `JsonError`."""
    return decode(line)[0]


def decode(line: bytes) -> tuple[Any, str]:
    """As `loads`, with "" or `REPLACED_UTF8` beside the value."""
    try:
        return orjson.loads(line), ""
    except orjson.JSONDecodeError as refused:
        if refused.msg.startswith("depth limit"):
            raise JsonError("too_deep") from None
    return _slowly(line)


def _slowly(line: bytes) -> tuple[Any, str]:
    """What orjson refuses and the field contains: lone surrogates, byte order marks, terminal codes, invalid UTF-8."""
    note = ""
    line = bare(line)
    try:
        text = line.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        text = line.removeprefix(_BOM).decode(errors="replace")
        note = REPLACED_UTF8
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_integer), note
    except RecursionError:
        raise JsonError("too_deep") from None
    except ValueError:
        raise JsonError("not_utf8" if note else "not_json") from None


def bare(line: bytes) -> bytes:
    """`line` without the terminal codes before and after it."""
    if found := _TERMINAL.match(line):
        line = line[found.end() :]
    at = line.rfind(b"}") + 1
    return line[:at] if at and _TERMINAL.fullmatch(line[at:].strip()) else line


def _refuse(word: str) -> Any:
    raise ValueError(word)


def _finite(digits: str) -> float | None:
    """1e999 is JSON but no number anywhere; JavaScript writes null for it."""
    value = float(digits)
    return value if math.isfinite(value) else None


def _integer(digits: str) -> int | float | None:
    """As orjson has it: beyond 64 bits an integer is the number JavaScript would read."""
    return int(digits) if len(digits) < 19 else _finite(digits)


def safe_name(name: str) -> str:
    """`name` if it looks like an event name, else "other". Long digit runs look like ids or secrets, not names."""
    if _NAME.match(name) and sum(map(str.isdigit, name)) <= MAX_NAME_DIGITS:
        return name
    return "other"


def parse_time(value: object) -> float | None:
    """Unix seconds of an ISO 8601 text (UTC if it names no zone) or of a number in seconds or milliseconds."""
    if type(value) is str:
        if not 10 <= len(value) <= 40:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if type(value) is int or type(value) is float:
        if not 0 < value < 1e14:
            return None
        return value / 1000 if value > 1e11 else float(value)
    return None


def obj(value: object) -> JsonObject:
    """`value` if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def seq(value: object) -> list[Any]:
    """`value` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: object) -> str:
    """`value` if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def word(value: object) -> str | None:
    """`value` if it is a string with something in it, else None."""
    return value if isinstance(value, str) and value else None


def flag(value: object) -> bool | None:
    """`value` if it is a boolean, else None: the provider said nothing."""
    return value if isinstance(value, bool) else None


def whole(value: object) -> int | None:
    """`value` as an integer within ±`MAX_COUNT`, else None."""
    if type(value) is int or (type(value) is float and value.is_integer()):
        return int(max(-MAX_COUNT, min(MAX_COUNT, value)))
    return None


def count(value: object) -> int:
    """`value` as a count of something: never negative, 0 where there is none."""
    return max(0, whole(value) or 0)


def real(value: object) -> float | None:
    """`value` as a float, None if it is no number."""
    if type(value) is float:
        return value
    return float(number) if type(value) is int and (number := whole(value)) is not None else None


def dump(value: object) -> str:
    """`value` as compact JSON, readable: what a text field shows of something structured."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError, RecursionError):
        try:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        except (ValueError, RecursionError):
            return "[unreadable]"


def as_text(content: object) -> str:
    """The text of a message's or a result's content: a string, a list of blocks, or something structured."""
    return content if isinstance(content, str) else content_text(content)[0]


def content_text(content: object) -> tuple[str, JsonObject]:
    """As `as_text`, with the facts that have no text ({"images": 2}). Encoded images and files never come through."""
    if isinstance(content, str):
        return content, {}
    if content is None:
        return "", {}
    if not isinstance(content, list):
        return dump(content), {}
    parts: list[str] = []
    images = 0
    for block in content[:MAX_BLOCKS]:
        if isinstance(block, str):
            parts.append(block)
            continue
        piece = _block_text(obj(block))
        images += piece == "[image]"
        parts.append(piece)
    facts: JsonObject = {"images": images} if images else {}
    if len(content) > MAX_BLOCKS:
        facts["blocks_left_out"] = len(content) - MAX_BLOCKS
    return "\n".join(parts), facts


def _block_text(block: JsonObject) -> str:
    kind = text(block.get("type"))
    if kind in _MARKERS:
        return _MARKERS[kind]
    if kind == "tool_reference":
        return f"[tool_reference {text(block.get('tool_name'))}]"
    if kind == "resource":
        return text(obj(block.get("resource")).get("text")) or "[resource]"
    if kind == "resource_link":
        return f"[resource {text(block.get('uri'))}]"
    if kind == "web_search_result":
        return f"{text(block.get('title'))} {text(block.get('url'))}".strip()
    if isinstance(block.get("text"), str):
        return text(block["text"])
    return f"[{safe_name(kind or 'block')}]"


_MARKERS = {
    "image": "[image]",
    "image_url": "[image]",
    "input_image": "[image]",
    "local_image": "[image]",
    "audio": "[audio]",
    "input_audio": "[audio]",
    "document": "[document]",
    "file": "[file]",
    "input_file": "[file]",
    "redacted_thinking": "[redacted_thinking]",
    "encrypted_content": "[encrypted_content]",
}
