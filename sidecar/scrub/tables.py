"""Stage two for values under the name of a column: CSV and tables that programs print, rows of an INSERT.

Owns: the confirm steps of the rules for tables; what separates the cells of a row.
Never: searches a text for candidates, replaces anything.
Invariant: a table is read once and no further than its bound; the candidates inside it are passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sidecar.scrub import checks, keyed
from sidecar.scrub.names import classify

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.scrub.boundary import Interval, Scan
    from sidecar.scrub.rule import Rule

MAX_HEADER: Final = 1024
MAX_TABLE: Final = 65_536
"""Code units of a table that are read, from its header."""
MAX_COLUMNS: Final = 64
LEAST_RANDOM: Final = 6
_HEAD_CELL = re.compile(r"[A-Za-z_][\w .\-]{0,40}\Z", re.ASCII)
_RULER = re.compile(r"[\s|+:\-=]+\Z", re.ASCII)
_AROUND: Final = " \t\r\"'`*"
_SOCIAL = re.compile(r"ssn|socialsecurity", re.IGNORECASE)
_PHONE = re.compile(r"phone|mobile|telefon", re.IGNORECASE)
_NOT_A_VALUE = re.compile(r"(?:id|type|count|verified|at|code|ext|extension)\Z", re.IGNORECASE)
_INSERT = re.compile(
    r"insert\s{1,4}(?:ignore\s{1,4}|or \w{4,8} )?into\s{1,4}[^\n()]{1,120}\(([^()]{1,1000})\)\s{0,4}values\s{0,4}\Z",
    re.IGNORECASE,
)
_TUPLE = re.compile(r"\s{0,16},?\s{0,16}\(", re.ASCII)
_FIELD = re.compile(
    r"\s{0,8}(?:[NEnb]?'((?:[^'\\]|''|\\.){0,512})'|\"([^\"\n]{0,512})\"|([^,()'\"\n]{0,200}(?:\([^()\n]{0,200}\))?))\s{0,8}([,)])",
    re.DOTALL,
)


def columns(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """The cells below a header one of whose columns holds what the rule's category says."""
    text = scan.text
    begin = text.rfind("\n", max(0, end - MAX_HEADER), end - 1) + 1
    if begin == 0 and end > MAX_HEADER:
        return []
    line_end = text.find("\n", end - 1, end + MAX_HEADER)
    if line_end < 0:
        return []
    scan.skip = line_end
    header = text[begin:line_end]
    sign = _separator(header)
    cells = [cell.strip(_AROUND) for cell in header.split(sign)] if sign else []
    wanted = {i for i, cell in enumerate(cells) if cell and _holds(cell, rule.category)}
    named = sum(bool(cell) for cell in cells)
    if not wanted or named < 2 or len(cells) > MAX_COLUMNS or not all(not c or _HEAD_CELL.match(c) for c in cells):
        return []
    spans: list[Interval] = []
    at, limit = line_end + 1, min(len(text), begin + MAX_TABLE)
    while at < limit:
        stop = text.find("\n", at, limit)
        stop = stop if stop >= 0 else limit
        row = text[at:stop]
        if row.count(sign) != len(cells) - 1:
            if not (row.strip() and _RULER.match(row)):
                break
        else:
            offset = at
            for i, cell in enumerate(row.split(sign)):
                if i in wanted:
                    spans += _cell(cell, offset, cells[i], rule.category)
                offset += len(cell) + len(sign)
        at = stop + 1
    scan.skip = max(line_end, at - 1)
    return spans


def _separator(header: str) -> str:
    """What separates the cells of a header: the most frequent of the usual signs."""
    count, sign = max((header.count(sign), sign) for sign in (",", ";", "\t", "|"))
    return sign if count else ""


def _holds(name: str, category: str) -> bool:
    folded = name.replace("_", "").replace(" ", "").replace("-", "")
    if category == "SSN":
        return _SOCIAL.search(folded) is not None and not _NOT_A_VALUE.search(folded)
    if category == "PHONE":
        return _PHONE.search(folded) is not None and not _NOT_A_VALUE.search(folded)
    return classify(name.replace(" ", "_")) in {"password", "secret"}


def _cell(cell: str, offset: int, name: str, category: str) -> list[Interval]:
    value = cell.strip(_AROUND)
    if not value:
        return []
    start = offset + len(cell) - len(cell.lstrip(_AROUND))
    found = [(start, start + len(value))]
    if category in {"SSN", "PHONE"}:
        digits = "".join(c for c in value if c.isdigit())
        if any(c not in "0123456789 ()+-./" for c in value):
            return []
        if category == "PHONE":
            return found if 7 <= len(digits) <= 15 else []
        return found if len(digits) == 9 and checks.social_security(digits[:3], digits[3:5], digits[5:]) else []
    return found if _secret(value, name) else []


def _secret(value: str, name: str) -> bool:
    if classify(name.replace(" ", "_")) == "password":
        marked = any(c in checks.SYMBOLS for c in value) or checks.random_text(value, least=LEAST_RANDOM)
        return marked and " " not in value and keyed.password_value(value, quoted=True)
    return " " not in value and keyed.secret_value(value, "secret", quoted=True)


def inserted(scan: Scan, rule: Rule, end: int) -> list[Interval]:
    """`INSERT INTO t (name, password) VALUES ('x', 'secret')`."""
    text = scan.text
    window = text[max(0, end - MAX_HEADER) : end - 1]
    begin = window.lower().rfind("insert")
    head = _INSERT.match(window, begin) if begin >= 0 else None
    if head is None:
        return []
    names = [cell.strip(_AROUND + "\n") for cell in head.group(1).split(",")]
    wanted = {i for i, name in enumerate(names) if _holds(name, rule.category)}
    spans: list[Interval] = []
    at, limit = end - 1, min(len(text), end + MAX_TABLE)
    row = _TUPLE.match(text, at) if wanted else None
    while row is not None and at < limit:
        at = row.end()
        for i in range(len(names)):
            field = _FIELD.match(text, at)
            if field is None:
                break
            at = field.end()
            which = 1 if field.group(1) is not None else 2
            if i in wanted and field.group(which) and keyed.password_value(field.group(which), quoted=True):
                spans.append(field.span(which))
            if field.group(4) == ")":
                break
        row = _TUPLE.match(text, at)
    scan.skip = at
    return spans


STEPS: Final[dict[str, Callable[[Scan, Rule, int], list[Interval]]]] = {"columns": columns, "inserted": inserted}
