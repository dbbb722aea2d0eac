"""All strings of one step at once: which of them need a look of their own.

Owns: the collecting of a step's strings, and `Gathered`.
Never: decides what is a secret, changes a value.
Invariant: what is collected here is what `Scrubber.json` would look at, under the same names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final

from parsers.step import Step
from sidecar.scrub import keyed

MAX_DEPTH: Final = 150
"""Deeper values are replaced as a whole: walking them could exhaust the stack."""
TOO_DEEP: Final = "[too deep]"
LONG: Final = 4096
"""A string of more characters is looked at by itself."""
FLAG: Final = re.compile(r"--?[\w\-]{1,64}\Z", re.ASCII)
PAIR_NAMES: Final = ("name", "key", "Name", "Key", "variable")
PAIR_VALUES: Final = ("value", "Value", "secret_value", "default")
FIELDS: Final = tuple(entry.name for entry in fields(Step))
_VALUES = attrgetter(*FIELDS)
_FIXED: Final = frozenset(
    [
        "reasoning",
        "message",
        "user",
        "queued",
        "replay",
        "subagent_prompt",
        "interrupt",
        "rejection",
        "cli",
        "completed",
        "failed",
        "declined",
        "interrupted",
        "rejected",
        "success",
        "error",
        "is_error",
        "exit_code",
        "status",
        "position",
        "structure",
        "wrapper",
    ]
)
"""Words of the vocabulary itself, in which no rule finds anything (a test holds them to that)."""


@dataclass(slots=True)
class Gathered:
    """The strings of a step. `plain`: nothing in it needs more than its strings looked at one by one."""

    short: list[str] = field(default_factory=list)
    long: bool = False
    plain: bool = True

    def add(self, value: str) -> None:
        """Collect one string."""
        if len(value) > LONG:
            self.long = True
        elif value and value not in _FIXED:
            self.short.append(value)


def values(step: Step) -> tuple[Any, ...]:
    """The values of a step's fields, in their order; the type comes first."""
    answer: tuple[Any, ...] = _VALUES(step)
    return answer


def pair_name(value: dict[Any, Any]) -> str:
    """The name an object gives its own value: `{"name": "DB_PASSWORD", "value": …}`."""
    for key in PAIR_NAMES:
        name = value.get(key)
        if isinstance(name, str):
            return name
    return ""


def gather(members: tuple[Any, ...]) -> Gathered:
    """The strings of a step's field values (the type left out)."""
    found = Gathered()
    for value in members[1:]:
        if value is None or value is False or value is True:
            continue
        if isinstance(value, str):
            found.add(value)
        else:
            _collect(found, value, "", 0)
    return found


def _collect(found: Gathered, value: Any, name: str, depth: int) -> None:
    if isinstance(value, str):
        found.add(value)
        if name and len(value) <= keyed.MAX_VALUE and keyed.secret_under(name, value):
            found.plain = False
    elif isinstance(value, dict):
        if depth > MAX_DEPTH:
            found.plain = False
            return
        named = pair_name(value)
        for key, item in value.items():
            if isinstance(key, str):
                found.add(key)
                _collect(found, item, named if named and key in PAIR_VALUES else key, depth + 1)
            else:
                _collect(found, item, named if named and key in PAIR_VALUES else "", depth + 1)
    elif isinstance(value, list):
        if depth > MAX_DEPTH:
            found.plain = False
            return
        before = name
        for item in value:
            _collect(found, item, before, depth + 1)
            before = item if isinstance(item, str) and FLAG.match(item) else name
    elif isinstance(value, tuple):
        found.plain = False
