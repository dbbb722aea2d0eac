"""What commands share: the process's paths, colours, and the one table shape.

Owns: `here`, `style`, `table`.
Never: imports more than the standard library.
Invariant: no line is wider than 80 columns; no colour when NO_COLOR is set or nobody looks.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sidecar.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 80
_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def here() -> Paths:
    """The paths of this process's environment."""
    return Paths.from_environment(os.environ)


def style(text: str, *names: str) -> str:
    """`text` in the named styles, when stdout is a terminal and NO_COLOR is not set."""
    if not names or os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\x1b[{';'.join(_CODES[name] for name in names)}m{text}\x1b[0m"


def table(rows: Iterable[Sequence[object]], widths: Sequence[int]) -> list[str]:
    """Rows as lines: each cell padded to its width; the last one takes what is left of 80 columns and is cut there."""
    lines = []
    for row in rows:
        cells = [f"{cell!s:<{width}}"[: max(width, 1)] for cell, width in zip(row, widths, strict=False)]
        rest = [str(cell) for cell in row[len(widths) :]]
        lines.append(" ".join([*cells, *rest])[:WIDTH].rstrip())
    return lines
