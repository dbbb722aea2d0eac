"""What a check answers.

Owns: `Level`, `Finding`, `worst`, and how a failed look becomes a finding.
Never: looks at anything itself, or prints.
Invariant: every check answers at least one finding, also when it could not look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sidecar.errors import SidecarError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    OFF = "off"
    """Switched off, or nothing to look at: not a fault."""
    WARNING = "warning"
    """It works, but something is missing, or will be."""
    TROUBLE = "trouble"
    """Something does not work, or is not safe. The one level that makes `doctor` answer 1."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the answer. `hint` is what to do, one command where there is one; `facts` is for machines."""

    check: str
    level: Level
    text: str
    hint: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


_ORDER = (Level.OK, Level.OFF, Level.WARNING, Level.TROUBLE)


def worst(findings: Iterable[Finding]) -> Level:
    """The gravest level among them."""
    return max((one.level for one in findings), key=_ORDER.index, default=Level.OK)


def unlooked(check: str, what: str, error: OSError | SidecarError) -> Finding:
    """`what` could not be looked at."""
    if isinstance(error, SidecarError):
        return Finding(check, Level.TROUBLE, f"{what}: {error.message}", error.hint)
    reason = error.strerror or type(error).__name__
    return Finding(check, Level.TROUBLE, f"{what} cannot be looked at ({reason})", "Check its owner and mode.")


def many(n: int, word: str, more: str = "") -> str:
    """`n` of them, in words."""
    return f"{n} {word if n == 1 else more or word + 's'}"


def size(n: float) -> str:
    """A byte count for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if n < 1000:
            return f"{n:.0f} {unit}" if unit == "B" else f"{n:.1f} {unit}"
        n /= 1000
    return f"{n:.1f} TB"


def span(seconds: float) -> str:
    """A length of time for people."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
