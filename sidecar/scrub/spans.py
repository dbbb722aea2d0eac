"""Stretches of a text: found, merged, spared, and counted in code points again.

Owns: `Span`, `Hit`, and what is done with many of them.
Never: decides that something is a secret.
Invariant: what comes out is in order and does not overlap; an atom is never touched.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from sidecar.scrub import checks
from sidecar.scrub.boundary import WORD
from sidecar.scrub.second import FORCED

if TYPE_CHECKING:
    import re

MAX_ECHOES: Final = 32
"""Distinct secrets of one text that are looked for elsewhere in it."""
ECHO_LEAST: Final = 8
PIECE_LEAST: Final = 6


class Span(NamedTuple):
    """A stretch to replace: code-point offsets, category, and the name of the rule that found it."""

    start: int
    end: int
    category: str
    rule: str


class Hit(NamedTuple):
    """A stretch of code units a rule found; the lowest `certainty` names what overlaps."""

    start: int
    end: int
    certainty: int
    category: str
    rule: str


def word_alone(units: str, start: int, end: int) -> bool:
    """Whether the stretch is a word of its own."""
    left = start == 0 or (units[start - 1] not in WORD and units[start - 1] != "_" and units[start - 1] < "\x80")
    escaped = start > 1 and units[start - 2] == "\\" and units[start - 1] in "nrt"
    right = end == len(units) or (units[end] not in WORD and units[end] != "_" and units[end] < "\x80")
    return (left or escaped) and right


def echoes(units: str, hits: list[Hit]) -> list[Hit]:
    """Other places where a secret of this text stands without its name."""
    values: dict[str, Hit] = {}
    for hit in hits:
        if hit.category in {"API_KEY", "AWS_KEY", "REDACTED_URL"} and len(values) < MAX_ECHOES:
            value = units[hit.start : hit.end]
            if ECHO_LEAST <= len(value) <= 512 and (len(value) >= 16 or checks.random_text(value)):
                values.setdefault(value, hit)
    found = []
    for value, hit in values.items():
        at = units.find(value)
        while at >= 0:
            if at != hit.start:
                found.append(hit._replace(start=at, end=at + len(value), rule="echo"))
            at = units.find(value, at + len(value))
    return found


def without_allowed(hits: list[Hit], allowed: list[tuple[int, int]]) -> list[Hit]:
    """The hits that do not lie wholly within a string of the allow-list."""
    return [
        hit
        for hit in hits
        if hit.category in FORCED or not any(start <= hit.start and hit.end <= end for start, end in allowed)
    ]


def spared(units: str, hits: list[Hit], atom: re.Pattern[str]) -> list[Hit]:
    """The hits without the placeholders an earlier scrub left in the text."""
    atoms = [m.span() for m in atom.finditer(units)] if "[" in units or "user_" in units else []
    if not atoms:
        return hits
    out = []
    ends = [end for _, end in atoms]
    for hit in hits:
        at = hit.start
        k = bisect_right(ends, hit.start)
        touched = False
        while k < len(atoms) and atoms[k][0] < hit.end:
            touched = True
            if sum(c in WORD for c in units[at : atoms[k][0]]) >= PIECE_LEAST:
                out.append(hit._replace(start=at, end=atoms[k][0]))
            at = atoms[k][1]
            k += 1
        if not touched:
            out.append(hit)
        elif at < hit.end and sum(c in WORD for c in units[at : hit.end]) >= PIECE_LEAST:
            out.append(hit._replace(start=at))
    return out


def merged(hits: list[Hit]) -> list[Hit]:
    """Overlapping hits as one, named after the surest."""
    if len(hits) < 2:
        return hits if hits and hits[0].end > hits[0].start else []
    out: list[Hit] = []
    for hit in sorted(hits):
        if out and hit.start < out[-1].end:
            last = out[-1]
            surest = min((last, hit), key=lambda h: (h.certainty, h.start - h.end))
            out[-1] = surest._replace(start=last.start, end=max(last.end, hit.end))
        elif hit.end > hit.start:
            out.append(hit)
    return out


def in_code_points(data: bytes, spans: list[Span]) -> list[Span]:
    """Spans of bytes as spans of code points; a span that cuts a character takes it whole."""
    out = []
    at = count = 0
    for span in spans:
        start, end = span.start, span.end
        while start > at and data[start] & 0xC0 == 0x80:
            start -= 1
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end += 1
        count += len(data[at:start].decode("utf-8", "surrogatepass"))
        length = len(data[start:end].decode("utf-8", "surrogatepass"))
        out.append(Span(count, count + length, span.category, span.rule))
        count += length
        at = end
    return out
