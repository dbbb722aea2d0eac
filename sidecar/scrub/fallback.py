"""Stage one without the wheel: the gate's expressions with `re`, tried only where their fixed text stands.

Owns: `ReGate`.
Never: decides that something is a secret.
Invariant: the candidates are those of `HyperscanGate`, expression by expression.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sidecar.scrub.engine import Candidate
    from sidecar.scrub.rule import Rule

SIZES: Final[dict[int, Literal["I", "H"]]] = {4: "I", 2: "H"}
"""How many bytes of a literal are looked up as one number, for all literals at once, before one is searched for."""
_Search = Callable[[bytes], Iterator[int]]
"""Ends of the matches of an expression in a text."""
_Match = Callable[..., re.Match[bytes] | None]
"""`match` of an expression: (text, start, end)."""


class ReGate:
    """The same expressions with `re`: their fixed text is found first, and only there an expression is tried."""

    name = "re"
    joins = False

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._plan = _plan(tuple(rules))

    def candidates(self, text: str, data: bytes) -> list[Candidate]:
        """See `Gate.candidates`."""
        del text
        plan = self._plan
        padded = b"\n%b\n" % data
        folded = padded.lower()
        found: set[Candidate] = set()
        add = found.add
        due = [literal for literal in plan.single if literal.text in padded]
        for size, grams, known in plan.grams:
            for start in range(size):
                for gram in known.intersection(_numbers(folded, size, start)):
                    due += grams[gram]
        tried: set[int] = set()
        for literal in due if len(due) < 2 else {id(one): one for one in due}.values():
            where = folded if literal.caseless else padded
            for slot in literal.searched:
                if slot not in tried:
                    tried.add(slot)
                    head = plan.heads[slot]
                    for end in head.ends(where):
                        add((end - head.shift, head.rule))
                        if head.once:
                            break
            at = where.find(literal.text) if literal.words or literal.anchored else -1
            while at >= 0:
                for shift, rule in literal.words:
                    add((at + shift, rule))
                for match, back, shift, rule in literal.anchored:
                    for end in _every_end(match, where, at - back) if at >= back else ():
                        add((end - shift, rule))
                at = where.find(literal.text, at + 1)
        for slot in plan.always:
            head = plan.heads[slot]
            for end in head.ends(folded if head.caseless else padded):
                add((end - head.shift, head.rule))
        return sorted(found)


def _every_end(match: _Match, text: bytes, start: int) -> Iterator[int]:
    """The ends of all matches that start at `start`, the first that is found and those before it."""
    hit = match(text, start)
    while hit is not None:
        end = hit.end()
        yield end
        hit = match(text, start, end - 1)


def _numbers(data: bytes, size: int, start: int) -> memoryview[int]:
    """From `start` on, every `size` bytes as one number."""
    return memoryview(data[start : start + (len(data) - start) // size * size]).cast(SIZES[size])


class _Head(NamedTuple):
    ends: _Search
    caseless: bool
    once: bool
    shift: int
    """From the end of a match in the padded text back to the candidate's position."""
    rule: int


class _Literal(NamedTuple):
    text: bytes
    caseless: bool
    searched: list[int]
    """Heads that are searched for in the whole text once this literal is in it."""
    anchored: list[tuple[_Match, int, int, int]]
    """(match, bytes before the literal, shift, rule) of heads that can only match around this literal."""
    words: list[tuple[int, int]]
    """(shift, rule) of heads that are this very literal."""


class _Table(NamedTuple):
    heads: list[_Head]
    always: list[int]
    single: list[_Literal]
    """Literals of one byte."""
    grams: list[tuple[int, dict[int, list[_Literal]], frozenset[int]]]
    """(bytes of a gram, gram -> literals that are looked for where it is met, the grams)."""


_META: Final = frozenset(".^$*+?{}[]()|")
_SIGN: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[(|)]")
"""An escape, a class, or one of the signs that group."""
_LEAD: Final = re.compile(r"(?:\[(?:\\.|[^\]\\])*\]|\\d)(?:\{(\d+)\})?(?![?*+{])")
_CLASS: Final = re.compile(r"(\[(?:\\.|[^\]\\])*\]|\\d)(?!\{0|[?*])")
_OFTEN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n.,:;=-_/()\"'"
"""Characters that stand everywhere: no text to look for by themselves, unless there is no other."""
_VARIES: Final = re.compile(r"(?<!\(|\\)\?|\{\d+,|\|")
_CHOICE: Final = re.compile(r"\(\?:([A-Za-z0-9|]+)\)\Z")


def folded(expression: str) -> str:
    """An expression that matches in small letters what this one matches in letters of either case."""
    return re.sub(r"\\.|[A-Z]", lambda m: m.group() if m.group()[0] == "\\" else m.group().lower(), expression)


@lru_cache(maxsize=4)
def _plan(rules: tuple[Rule, ...]) -> _Table:
    heads: list[_Head] = []
    always: list[int] = []
    literals: dict[tuple[str, bool], _Literal] = {}

    def literal(text: str, *, caseless: bool) -> _Literal:
        text = text.encode("latin-1").lower().decode("latin-1") if caseless else text
        empty = _Literal(text.encode("latin-1"), caseless, [], [], [])
        return literals.setdefault((text, caseless), empty)

    for i, rule in enumerate(rules):
        for head in rule.heads:
            expression = folded(head.expression) if rule.caseless else head.expression
            shift = 1 + (head.length if rule.anchored else 0)
            choice = _CHOICE.match(expression)
            if choice is not None and not rule.anchored:
                for word in choice.group(1).split("|"):
                    literal(word, caseless=rule.caseless).words.append((len(word) - shift, i))
                continue
            back, starts = _anchor(expression)
            if len(starts) > 1:
                match = re.compile(expression.encode("latin-1")).match
                for start in starts:
                    literal(start, caseless=rule.caseless).anchored.append((match, back, shift, i))
                continue
            needed = starts or rule.literals
            heads.append(_Head(_ends(expression, back, starts), rule.caseless, rule.once, shift, i))
            for text in needed:
                literal(text, caseless=rule.caseless).searched.append(len(heads) - 1)
            if not needed:
                always.append(len(heads) - 1)
    return _Table(heads, always, *_indexed(list(literals.values())))


def _indexed(
    literals: list[_Literal],
) -> tuple[list[_Literal], list[tuple[int, dict[int, list[_Literal]], frozenset[int]]]]:
    """The literals of one byte; the others by the gram of theirs that fewest share."""
    indexes = []
    for size, most in ((4, 1 << 16), (2, 3)):
        some = [one for one in literals if size <= len(one.text) <= most]
        of = {one.text: [n for k in range(size) for n in _numbers(one.text.lower(), size, k)] for one in some}
        often = Counter(gram for grams in of.values() for gram in set(grams))
        index: dict[int, list[_Literal]] = defaultdict(list)
        for one in some:
            index[min(of[one.text], key=lambda gram: (often[gram], gram))].append(one)
        indexes.append((size, dict(index), frozenset(index)))
    return [one for one in literals if len(one.text) == 1], indexes


def _anchor(expression: str) -> tuple[int, tuple[str, ...]]:
    """(bytes before them, the plain texts one of which stands in every match); no text if there is none."""
    lead = _LEAD.match(expression)
    starts = _starts(expression[lead.end() :] if lead else expression)
    if len(starts) > 1 and (lead or any(len(text) < 2 and text in _OFTEN for text in starts)):
        return 0, ()
    return int(lead.group(1) or 1) if lead and starts else 0, starts


def _literal(expression: str) -> tuple[str, int]:
    """The plain text an expression starts with, and how much of the expression that is."""
    out: list[str] = []
    ends = [2 if expression.startswith(r"\b") else 0]
    i = ends[0]
    while i < len(expression):
        c = expression[i]
        if c == "\\":
            if expression[i + 1].isalnum():
                break
            i += 1
            c = expression[i]
        elif c in _META:
            break
        out.append(c)
        i += 1
        ends.append(i)
    if i < len(expression) and expression[i] in "?*{" and out:
        out.pop()
        ends.pop()
    return "".join(out), ends[-1]


def _starts(expression: str) -> tuple[str, ...]:
    """The plain texts one of which an expression starts with; empty if a match can start otherwise."""
    choices = [expression]
    if expression.startswith("(?:"):
        depth, begin, choices = 0, 3, []
        for match in _SIGN.finditer(expression):
            i, c = match.start(), match.group()
            depth += (c == "(") - (c == ")")
            if (c == "|" and depth == 1) or depth == 0:
                choices.append(expression[begin:i])
                begin = i + 1
            if depth == 0:
                if expression[i + 1 : i + 2] in {"?", "{", "*"}:
                    return ()
                break
    plain: set[str] = set()
    for choice in choices:
        more = _starts(choice) if choice.startswith("(?:") else (_literal(choice)[0],)
        if not all(more) or not more:
            return ()
        plain.update(more)
    return tuple(plain)


def _ends(expression: str, back: int, starts: tuple[str, ...]) -> _Search:
    """What finds the ends of the matches of an expression, by a plain text in it where there is one."""
    if expression in _SPECIAL:
        return _SPECIAL[expression]
    lead = _LEAD.match(expression) if back else None
    lead_text = lead.group() if lead else ""
    text, used = _literal(expression[len(lead_text) :])
    if not starts or text != starts[0] or expression.startswith(r"\b"):
        return _searched(expression)
    plain = re.escape(text)
    behind = f"(?<={lead_text}{plain})" if lead_text else ""
    return _looked_ahead(f"{plain}{behind}(?=({expression[len(lead_text) + used :]}))", expression, back)


def _first(expression: str) -> str:
    """The class every match starts with, if the expression says so plainly."""
    bare = expression
    while bare.startswith("(?:"):
        bare = bare[3:]
        if any(m.group() == "|" for m in _SIGN.finditer(expression)):
            return ""
    match = _CLASS.match(bare)
    return match.group(1) if match else ""


def _searched(expression: str) -> _Search:
    first = _first(expression)
    if first:
        return _looked_ahead(f"{first}(?<=(?=({expression})){first})", expression, 0)
    pattern = re.compile(expression.encode("latin-1"))
    search, match = pattern.search, pattern.match

    def ends(text: bytes) -> Iterator[int]:
        hit = search(text)
        while hit is not None:
            yield from _every_end(match, text, hit.start())
            hit = search(text, hit.start() + 1)

    return ends


def _looked_ahead(quick: str, expression: str, back: int) -> _Search:
    """Ends of the first group of `quick`, which stands in a look-ahead, so that no match hides the next.

    Where a match of the expression, which starts `back` before that of `quick`, may have several ends: all of them.
    """
    finditer = re.compile(quick.encode("latin-1")).finditer
    match = re.compile(expression.encode("latin-1")).match
    one = _VARIES.search(expression) is None

    def ends(text: bytes) -> Iterator[int]:
        for hit in finditer(text):
            if one:
                yield hit.end(1)
            else:
                yield from _every_end(match, text, hit.start() - back)

    return ends


def _masked(mask: bytes, runs: tuple[bytes, ...], expression: str, back: int, ahead: int) -> _Search:
    """The expression is tried only around one of the runs of classes that every match holds.

    A table of 256 classes makes one letter of every byte, so that a run is plain text, which is found quickly. A match
    starts at most `back` bytes before a run, and at most `ahead` after its start.
    """
    match = re.compile(expression.encode("latin-1")).match

    def ends(text: bytes) -> Iterator[int]:
        classes = text.translate(mask)
        for run in runs:
            at = classes.find(run)
            while at >= 0:
                for start in range(max(0, at - back), at + ahead + 1):
                    hit = match(text, start)
                    if hit is not None:
                        yield hit.end()
                at = classes.find(run, at + 1)

    return ends


def _classes(**members: str) -> bytes:
    table = bytearray(b"x" * 256)
    for letter, characters in members.items():
        for c in characters.encode("latin-1"):
            table[c] = ord(letter)
    return bytes(table)


_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
_NUMBER: Final = _classes(d=_DIGITS, s="-. ")
_BASE64: Final = _classes(b=_LETTERS + _DIGITS + "+/")
_MODE: Final = _classes(m="dlcbps-rwxStT")


def _base64_runs(expression: str) -> _Search:
    match = re.compile(expression.encode("latin-1")).match

    def ends(text: bytes) -> Iterator[int]:
        classes = text.translate(_BASE64)
        at = classes.find(b"b" * 20)
        while at >= 0:
            hit = match(text, at - 1)
            if hit is not None:
                yield hit.end()
            at = classes.find(b"b" * 20, classes.find(b"x", at))

    return ends


_SPECIAL: Final[dict[str, _Search]] = {
    expression: make(expression)
    for expression, make in (
        (r"[^A-Za-z0-9+/](?:[CI-Za-f][A-Za-z0-9+/]{3}){5}", _base64_runs),
        (r"\d{3}[\-. ]\d{2}[\-. ]\d{4}", lambda e: _masked(_NUMBER, (b"dddsddsdddd",), e, 0, 0)),
        (r"\d{3}[).]?[ .\-]?\d{3}[\-. ]\d{4}", lambda e: _masked(_NUMBER, (b"dddsdddd",), e, 5, 0)),
        (
            r"[\s\"'](?:\d{3}-\d{6}|\d{5}-\d{4})(?:[\s\"',]|\.\s)",
            lambda e: _masked(_NUMBER, (b"dddsdddddd", b"dddddsdddd"), e, 1, 0),
        ),
        (
            r"[dlcbps\-](?:[r\-][w\-][xsStT\-]){3}[@+.]?[ \t]{1,4}\d",
            lambda e: _masked(_MODE, (b"m" * 10,), e, 0, 0),
        ),
        (
            r"[^0-9]\d(?:[ \-]?\d){11}",
            lambda _: _looked_ahead(r"[0-9](?<=[^0-9][0-9])(?=((?:[ \-]?[0-9]){11}))", "x", 0),
        ),
        (
            r"\d\.\d{1,3}\.\d{1,3}\.\d",
            lambda _: _looked_ahead(r"\.(?<=[0-9]\.)(?=([0-9]{1,3}\.[0-9]{1,3}\.[0-9]))", "x", 0),
        ),
    )
}
"""Expressions without a plain text in them, as quicker ones that end where they end; others stay as they are."""
