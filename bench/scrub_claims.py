"""What must hold of the scrubber for every string, and the smallest string for which it does not.

Owns: the three claims, each asked of one block of strings; the shrinking of a counterexample.
Never: makes strings, prints anything.
Invariant: a claim is asked of every string by itself; strings are joined only to find where to look, with a separator
that no expression of the gate goes over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sidecar.scrub import views
from sidecar.scrub.boundary import Scan
from sidecar.scrub.confirm import STEPS
from sidecar.scrub.engine import make
from sidecar.scrub.rules import table
from sidecar.scrub.scrubber import Scrubber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sidecar.scrub.engine import Candidate
    from sidecar.scrub.rule import Rule

APART: Final = "\n\x0b\n"
"""Between two strings of a block: the first character ends a line, the second ends any run of blanks and line ends."""
_CHOICE: Final = re.compile(r"\(\?:([A-Za-z0-9|]+)\)\Z")


class Difference(NamedTuple):
    """A claim that does not hold, and for which string."""

    claim: str
    text: str


class Claims:
    """Asks the claims. Holds one scrubber per engine, replaced whenever it has learned a name."""

    def __init__(self) -> None:
        self._rules = table(strict_hex=False)
        self._gate = make("hyperscan", self._rules)
        self._plain = [_Plain(i, rule) for i, rule in enumerate(self._rules) if not rule.once]
        self._once, self._twice = Scrubber(engine="hyperscan"), Scrubber(engine="hyperscan")
        self._other = Scrubber(engine="re")

    def ask(self, strings: Sequence[str], *, both: bool) -> Difference | None:
        """The first difference in a block, made as small as can be; `both`: ask whether both engines agree, too."""
        claims: list[tuple[str, Callable[[str], bool]]] = [("scrub(scrub(x)) == scrub(x)", self.settles)]
        if both:
            claims.append(("the fallback finds what hyperscan finds", self.engines_agree))
        for name, holds in claims:
            for text in strings:
                if not holds(text):
                    return Difference(name, smallest(text, lambda t, holds=holds: not holds(t)))
        missed = next((text for text in self._suspects(strings) if not self.gate_is_complete(text)), None)
        if missed is None:
            return None
        return Difference(
            "the gate misses nothing that the confirm step alone finds",
            smallest(missed, lambda t: not self.gate_is_complete(t)),
        )

    def settles(self, text: str) -> bool:
        """Scrubbing what is scrubbed changes nothing, for a scrubber that has seen neither."""
        if self._once.learned:
            self._once = self._once.fresh()
        if self._twice.learned:
            self._twice = self._twice.fresh()
        once = self._once.text(text)
        return self._twice.text(once) == once

    def engines_agree(self, text: str) -> bool:
        """Both engines find the same spans."""
        if self._once.learned:
            self._once = self._once.fresh()
        if self._other.learned:
            self._other = self._other.fresh()
        return self._once.find(text) == self._other.find(text)

    def gate_is_complete(self, text: str) -> bool:
        """What any rule finds where its own expression matches, the gate's candidates lead to as well."""
        units = _units(text)
        offered = self._gate.candidates(units, units.encode("latin-1"))
        missed = self._missed(units, frozenset(offered))
        if not missed:
            return True
        found = self._confirmed(units, offered)
        return all(
            any(start <= one and other <= end for start, end in found)
            for candidate in missed
            for one, other in self._confirmed(units, [candidate])
        )

    def _suspects(self, strings: Sequence[str]) -> Iterator[str]:
        """The strings for which the gate offers less than the plain expressions do; most often harmless."""
        block = APART.join(strings)
        units = _units(block)
        missed = self._missed(units, frozenset(self._gate.candidates(units, units.encode("latin-1"))))
        if not missed:
            return
        at = 0
        for text in strings:
            end = at + len(_units(text))
            if any(at - 1 <= position <= end + 1 for position, _ in missed):
                yield text
            at = end + len(APART)

    def _missed(self, units: str, offered: frozenset[Candidate]) -> list[Candidate]:
        padded = f"\n{units}\n"
        folded = padded.encode("latin-1").lower().decode("latin-1")
        return [
            (position - 1, plain.index)
            for plain in self._plain
            for position in plain.positions(padded, folded)
            if (position - 1, plain.index) not in offered
        ]

    def _confirmed(self, units: str, candidates: list[Candidate]) -> list[tuple[int, int]]:
        scan = Scan(units)
        found: list[tuple[int, int]] = []
        done: dict[int, int] = {}
        for position, index in candidates:
            if position >= 0 and done.get(index, 0) <= position:
                hits = STEPS[self._rules[index].confirm](scan, self._rules[index], position)
                done[index] = max(scan.skip, hits[-1][1] if hits else 0)
                scan.skip = 0
                found += hits
        return found


class _Plain:
    """A rule without a gate: the whole body of a token, or the head's expression, tried at every position."""

    def __init__(self, index: int, rule: Rule) -> None:
        fold = _folded if rule.caseless else str
        self.index = index
        self._caseless = rule.caseless
        self._needs: tuple[str, ...] = ()
        self._words: list[str] = []
        self._tries: list[tuple[re.Pattern[str], int | None]] = []
        if rule.shape:
            self._needs = rule.literals
            self._tries.append((re.compile(rule.body, re.ASCII), None))
            return
        for head in rule.heads:
            choice = _CHOICE.match(head.expression)
            if choice is not None and not rule.anchored:
                self._words += choice.group(1).split("|")
            else:
                self._tries.append((re.compile(fold(head.expression), re.ASCII), head.length if rule.anchored else 0))

    def positions(self, text: str, folded: str) -> Iterator[int]:
        """Where the rule would be confirmed: the start of a token, otherwise what its head says."""
        if self._needs and not any(literal in text for literal in self._needs):
            return
        text = folded if self._caseless else text
        for word in self._words:
            at = text.find(word)
            while at >= 0:
                yield at + len(word)
                at = text.find(word, at + 1)
        for pattern, back in self._tries:
            match = pattern.search(text)
            while match is not None:
                yield match.start() if back is None else match.end() - back
                match = pattern.search(text, match.start() + 1)


def _folded(expression: str) -> str:
    """An expression that matches in text of small letters what this one matches in text of any letters."""
    return re.sub(r"\\.|[A-Z]", lambda m: m.group() if len(m.group()) > 1 else m.group().lower(), expression)


def _units(text: str) -> str:
    reading = views.visible(text)
    return (text if reading is None else reading.text).encode("utf-8", "surrogatepass").decode("latin-1")


def smallest(text: str, fails: Callable[[str], bool]) -> str:
    """A string that still fails and from which no single stretch can be taken."""
    size = len(text) // 2
    while size:
        at = 0
        while at < len(text):
            shorter = text[:at] + text[at + size :]
            if fails(shorter):
                text = shorter
            else:
                at += size
        size //= 2
    return text
