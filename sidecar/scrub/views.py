"""Other ways to read a text: without invisible characters, with escapes undone, with base64 decoded; once each.

Owns: the readings and the way back from their offsets to those of the text.
Never: decides what is a secret.
Invariant: a reading is linear in the text, and every offset of it maps to one offset of the text.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from sidecar.scrub.second import BRACKETS

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e01ef]+"
)
ANSI = re.compile(
    rf"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e)(?!{BRACKETS})(?:\[[0-9;:?]{{0,24}}[A-Za-z]|\([AB0])", re.ASCII
)
"""Colours, movements and character sets; a title or a link (`ESC ]`) holds text, which is looked at like any other."""
REGION: Final = 16_384
"""Longest stretch that is read with its escapes undone in one go."""
MARGIN: Final = 160
"""How far around an escape the reading reaches, unless a line ends first."""
BASE64_LEAST: Final = 20
BASE64_MOST: Final = 1 << 20
_ESCAPE = re.compile(
    r"%[0-9A-Fa-f]{2}|\\{1,2}u00[0-7][0-9A-Fa-f]|\\x[2-7][0-9A-Fa-f]|&(?:quot|amp|lt|gt|apos|nbsp|#[xX]?[0-9A-Fa-f]{2,4});",
    re.ASCII,
)
_ENTITY: Final = {"&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">", "&apos;": "'", "&nbsp;": " "}
_UNPRINTABLE: Final = bytes(set(range(256)) - set(range(32, 127)) - {9, 10, 13})


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read differently. `starts[i]` and `offsets[i]`: from reading offset starts[i], text offset offsets[i]."""

    text: str
    starts: list[int]
    offsets: list[int]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the text that the stretch `start`..`end` of the reading was made of."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_right(self.starts, end - 1) - 1
        begin = self.offsets[first] + start - self.starts[first]
        return begin, self.offsets[last] + end - self.starts[last]


def visible(text: str) -> Reading | None:
    """The text without invisible characters and terminal colours; None if it has none."""
    cuts = [m.span() for m in ANSI.finditer(text)]
    if not text.isascii():
        cuts = sorted([*cuts, *(m.span() for m in INVISIBLE.finditer(text))])
    if not cuts:
        return None
    pieces, starts, offsets = [], [0], [0]
    at = length = 0
    for start, end in cuts:
        if end <= at:
            continue
        start = max(start, at)  # noqa: PLW2901  an overlap of two cuts counts once
        pieces.append(text[at:start])
        length += start - at
        at = end
        starts.append(length)
        offsets.append(end)
    pieces.append(text[at:])
    return Reading("".join(pieces), starts, offsets)


def unescaped(text: str, ends: list[int]) -> list[Reading]:
    """The stretches of a text around the escapes that end at `ends`, with those undone once."""
    readings: list[Reading] = []
    group: list[tuple[int, int]] = []
    done = -1
    for end in ends:
        start = end - 3
        if text[start : start + 1] != "%" or start < 0:
            match = _ESCAPE.search(text, max(done, end - 8, 0), end)
            if match is None or match.end() != end:
                continue
            start = match.start()
        if start < done:
            continue
        done = end
        if group and (start - group[-1][1] > MARGIN or end - group[0][0] > REGION):
            readings.append(_undone(text, group))
            group = []
        group.append((start, end))
    if group:
        readings.append(_undone(text, group))
    return readings


def _undone(text: str, group: list[tuple[int, int]]) -> Reading:
    first, last = group[0][0], group[-1][1]
    begin = max(0, first - MARGIN, text.rfind("\n", max(0, first - MARGIN), first) + 1)
    line = text.find("\n", last, last + MARGIN)
    stop = line if line >= 0 else min(len(text), last + MARGIN)
    pieces, starts, offsets = [], [0], [begin]
    at, length = begin, 0
    for start, end in group:
        pieces.append(text[at:start])
        length += start - at
        starts.append(length)
        offsets.append(start)
        pieces.append(_character(text[start:end]))
        length += 1
        at = end
        starts.append(length)
        offsets.append(at)
    pieces.append(text[at:stop])
    return Reading("".join(pieces), starts, offsets)


def _character(escape: str) -> str:
    if escape[0] == "%":
        return chr(int(escape[1:], 16))
    if escape[0] == "&":
        if escape in _ENTITY:
            return _ENTITY[escape]
        digits = escape[2:-1]
        code = int(digits[1:], 16) if digits[0] in "xX" else int(digits, 10) if digits.isdigit() else 63
        return chr(code) if code < 256 else "?"
    return chr(int(escape[-2:], 16))


def decoded(run: str) -> str | None:
    """What a run of base64 says, if that is plain text; None otherwise."""
    bare = run.rstrip("=")
    cut = len(bare) - (1 if len(bare) % 4 == 1 else 0)
    head = bare[:64] if len(bare) > 128 else bare[:cut]
    try:
        probe = b64decode(head + "=" * (-len(head) % 4))
        if probe.translate(None, _UNPRINTABLE) != probe:
            return None
        whole = probe if len(head) == cut else b64decode(bare[:cut] + "=" * (-cut % 4))
    except (Base64Error, ValueError):
        return None
    return whole.decode("latin-1")


def base64_back(run_start: int, run_end: int, start: int, end: int) -> tuple[int, int]:
    """The groups of four of a base64 run that hold the bytes `start`..`end` of what it says."""
    return run_start + start // 3 * 4, min(run_end, run_start + (end + 2) // 3 * 4)
