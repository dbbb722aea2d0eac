"""Replaces secrets and personal data, and is the sole maker of `Scrubbed`.

Owns: `Scrubber`, `Span`; the passes over a text, the merging of spans, the one join.
Never: reads a clock, a file or the environment; keeps a secret longer than the step it came in.
Invariant: scrub(scrub(x)) == scrub(x); what one engine finds, the other finds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sidecar.redaction import HASH_DIGITS, MAX_LISTED, Found
from sidecar.scrub import keyed, second, views
from sidecar.scrub.boundary import Scan
from sidecar.scrub.confirm import STEPS
from sidecar.scrub.contact_checks import LEARN_LEAST
from sidecar.scrub.engine import make
from sidecar.scrub.gather import FIELDS, FLAG, MAX_DEPTH, PAIR_VALUES, TOO_DEEP, gather, pair_name
from sidecar.scrub.gather import values as values_of
from sidecar.scrub.rules import table
from sidecar.scrub.second import MEMBER_RULE, PSEUDONYM_USER, Choices, SecondLayer
from sidecar.scrub.spans import Hit, Span, echoes, in_code_points, merged, spared, without_allowed, word_alone
from sidecar.scrub.words import NOT_LEARNED, SLOT_WORDS, SYSTEM_USERS
from sidecar.wire.envelope import Scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.step import Step
    from sidecar.scrub.confirm import Step as Confirm
    from sidecar.scrub.engine import Candidate
    from sidecar.scrub.rule import Rule

__all__ = ["Scrubber", "Span"]

MAX_PASSES: Final = 6
"""Passes until nothing more is found; two do but for contrived texts."""
MAX_NAMES: Final = 64
"""User names a scrubber remembers."""
MAX_CLEAN: Final = 4096
"""Clean strings a scrubber remembers, so that it looks at the same path or command once."""
CLEAN_LONGEST: Final = 256
_RULE: Final = itemgetter(1)
_UNLEARNED: Final = SYSTEM_USERS | NOT_LEARNED | SLOT_WORDS
_HOME_USER = re.compile(r"[/\\](?:home|users)[/\\]([^/\\]{1,64})", re.IGNORECASE)
_PROSE: Final = frozenset({"content", "correction_context"})
"""Members in which a model's name is a mention, not a fact."""


@lru_cache(maxsize=2)
def _prepared(rules: tuple[Rule, ...]) -> tuple[list[Confirm], list[tuple[int, str, str]], int]:
    """Of every rule its confirm step, and what its hits say; the index of the rule for hidden characters."""
    hides = next(i for i, rule in enumerate(rules) if rule.confirm == "hidden")
    return [STEPS[r.confirm] for r in rules], [(r.certainty, r.category, r.name) for r in rules], hides


class Scrubber:
    """Scrubs steps, JSON values and texts of one session.

    `engine`: "auto", "hyperscan" or "re". `strict_hex`: also replace every bare hex string of 40 digits or more.
    `home`: the user's home folder; its last part is a name to replace. `choices`: the second layer. Not for use from
    two threads at once.
    """

    def __init__(
        self,
        *,
        engine: str = "auto",
        strict_hex: bool = False,
        home: str | None = None,
        choices: Choices | None = None,
    ) -> None:
        self._rules = table(strict_hex=strict_hex)
        self._gate = make(engine, self._rules)
        self._steps, self._said, self._hides = _prepared(self._rules)
        self._strict = strict_hex
        self._names: dict[str, None] = {}
        self._second = SecondLayer(choices or Choices())
        self._choices = choices
        self.prose = False
        """Whether what `text` and `find` are given is prose; `scrub` knows it by the member."""
        self.found: list[Found] = []
        """What was replaced in the last step that was scrubbed: at most MAX_LISTED entries, without a value."""
        self.unlisted = 0
        """Replacements beyond MAX_LISTED of their step, since construction."""
        self._noting = False
        self._clean: dict[str, None] = {}
        self._calm: frozenset[str] = frozenset()
        self._path: list[str | int] = []
        self._in_key = False
        self.engine: str = self._gate.name
        self.counts: Counter[str] = Counter()
        if home:
            self._learn({re.split(r"[/\\]", home.rstrip("/\\"))[-1]})

    def fresh(self) -> Scrubber:
        """A scrubber with the same settings that has seen nothing yet."""
        other = Scrubber(engine=self.engine, strict_hex=self._strict, choices=self._choices)
        other.prose = self.prose
        return other

    @property
    def learned(self) -> tuple[str, ...]:
        """The user names that are replaced wherever they stand alone, in the order they were met."""
        return tuple(self._names)

    def learn(self, names: Iterable[str]) -> None:
        """Know these user names from the start, as if they had been met (an earlier process met them)."""
        self._learn(set(names))

    def label(self, span: Span, text: str) -> str:
        """What stands in place of a span of `text`."""
        return self._second.label(span.category, text[span.start : span.end])

    def scrub(self, step: Step) -> Scrubbed:
        """A new step with every string scrubbed, keys included; user names met anywhere in it count everywhere."""
        members = values_of(step)
        gathered = gather(members)
        calm = self._calm_of(gathered.short)
        if calm is None and gathered.plain and not gathered.long:
            self.found = []
            return Scrubbed(type(step)(*members))
        known, counts, unlisted = len(self._names), self.counts.copy(), self.unlisted
        prose, self._noting = self.prose, True
        try:
            self._calm = frozenset(gathered.short) if calm is None else calm
            values = self._fields(step)
            if len(self._names) != known:
                self._calm = frozenset()
                self.counts, self.unlisted = counts, unlisted
                values = self._fields(step)
        finally:
            self._noting, self.prose, self._calm = False, prose, frozenset()
        return Scrubbed(type(step)(**values))

    def text(self, s: str) -> str:
        """The text with placeholders in place of what must not leave."""
        if not s or (self._calm and s in self._calm) or (len(s) <= CLEAN_LONGEST and s in self._clean):
            return s
        spans = self.find(s)
        if not spans:
            self._remember(s)
            return s
        for span in spans:
            self.counts[span.category] += 1
        clean = self._second.replaced(s, spans)
        if self._noting:
            self._note(s, spans, clean)
        return clean

    def find(self, s: str) -> list[Span]:
        """Everything that must not leave, in order, without overlaps."""
        spans = self._pass(s)
        if not spans:
            return []
        for _ in range(MAX_PASSES):
            result = self._second.replaced(s, spans)
            more = [] if len(result) <= CLEAN_LONGEST and result in self._clean else self._pass(result)
            if not more:
                self._remember(result)
                break
            spans = sorted([*spans, *self._second.mapped_back(spans, more)])
        return spans

    def json(self, value: Any) -> Any:
        """The same JSON value with keys and strings scrubbed; a string under a secret name is judged by that name."""
        return self._json(value, "", 0)

    # -- values

    def _fields(self, step: Step) -> dict[str, Any]:
        self.found = []
        values: dict[str, Any] = {}
        calm = self._calm
        for entry, value in zip(FIELDS, values_of(step), strict=True):
            if value is None or value is True or value is False or entry == "type":
                values[entry] = value
                continue
            self._path, self._in_key = [entry], False
            self.prose = entry in _PROSE
            if isinstance(value, str):
                values[entry] = value if value in calm else self.text(value)
            else:
                values[entry] = self._json(value, "", 0)
        return values

    def _json(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, str):
            return self._member(value, name)
        if depth > MAX_DEPTH:
            return TOO_DEEP if isinstance(value, (dict, list, tuple)) else value
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, (list, tuple)):
            before = name
            out = []
            for index, item in enumerate(value):
                self._path.append(index)
                out.append(self._json(item, before, depth + 1))
                self._path.pop()
                before = item if isinstance(item, str) and FLAG.match(item) else name
            return out
        return value

    def _object(self, value: dict[Any, Any], depth: int) -> dict[Any, Any]:
        named = pair_name(value)
        out: dict[Any, Any] = {}
        for key, item in value.items():
            name = named if key in PAIR_VALUES and named else key if isinstance(key, str) else ""
            if self._second.atom.search(name):
                name = ""
            clean = self._key(out, key) if isinstance(key, str) else key
            self._path.append(clean)
            out[clean] = self._json(item, name, depth + 1)
            self._path.pop()
        return out

    def _key(self, out: dict[Any, Any], key: str) -> str:
        """The member's name scrubbed, and free among those before it."""
        noted = len(self.found)
        self._in_key = True
        clean = self._free_key(out, self.text(key))
        self._in_key = False
        for index in range(noted, len(self.found)):
            one = self.found[index]
            self.found[index] = one._replace(path=(*one.path, clean), text=clean)
        return clean

    @staticmethod
    def _free_key(out: dict[Any, Any], key: str) -> str:
        if key not in out:
            return key
        n = 2
        while f"{key}_{n}" in out:
            n += 1
        return f"{key}_{n}"

    def _member(self, value: str, name: str) -> str:
        clean = self.text(value)
        if name and clean == value and len(value) <= keyed.MAX_VALUE and keyed.secret_under(name, value):
            if self._second.atom.fullmatch(value) or self._second.allows(value):
                return value
            self.counts["API_KEY"] += 1
            span = Span(0, len(value), "API_KEY", MEMBER_RULE)
            clean = self.label(span, value)
            if self._noting:
                self._note(value, [span], clean)
        return clean

    def _note(self, s: str, spans: list[Span], clean: str) -> None:
        """Write down where each placeholder stands now; of the value, a keyed hash."""
        shift = 0
        for span in spans:
            length = self._second.width(span.category)
            if len(self.found) < MAX_LISTED:
                value = self._second.fingerprint(s[span.start : span.end], HASH_DIGITS)
                where = (tuple(self._path), self._in_key, clean, span.start + shift, length)
                self.found.append(Found(*where, span.category, span.rule, value))
            else:
                self.unlisted += 1
            shift += length - (span.end - span.start)

    # -- names of users

    def _learn(self, names: set[str]) -> None:
        for name in sorted(names):
            if len(name) < LEARN_LEAST or name.lower() in _UNLEARNED or len(self._names) >= MAX_NAMES:
                continue
            if name not in self._names and not (self._second.pseudonyms and PSEUDONYM_USER.fullmatch(name)):
                self._names[name] = None
                self._clean.clear()

    # -- strings in which nothing can be found

    def _remember(self, s: str) -> None:
        if len(s) <= CLEAN_LONGEST and not self._second.searches:
            if len(self._clean) >= MAX_CLEAN:
                self._clean.clear()
            self._clean[s] = None

    def _calm_of(self, strings: list[str]) -> frozenset[str] | None:
        """Those of the strings that need no look of their own, by one look at all of them; None if that is all.

        A gate finds in the joined text whatever it finds in one of them, and no name or escape goes over a line's end.
        """
        todo = [s for s in strings if s not in self._clean]
        if not todo:
            return None
        if self._second.searches or not self._gate.joins:
            return frozenset()
        joined = "\n".join(todo)
        data = joined.encode("utf-8", "surrogatepass")
        units = joined if len(data) == len(joined) else data.decode("latin-1")
        candidates = self._gate.candidates(units, data)
        if candidates and self._hides in map(_RULE, candidates):
            return frozenset()
        at = {position for position, _ in candidates}
        at.update(hit.start for hit in self._bare_names(units))
        if not at:
            return None
        starts, start = [], 0
        for s in todo:
            starts.append(start)
            start += 1 + (len(s) if units is joined else len(s.encode("utf-8", "surrogatepass")))
        dirty = {todo[max(0, bisect_right(starts, p) - 1)] for position in at for p in (position - 1, position)}
        return frozenset(strings) - dirty

    # -- one pass

    def _pass(self, s: str) -> list[Span]:
        data = s.encode("utf-8", "surrogatepass")
        units = s if len(data) == len(s) else data.decode("latin-1")
        candidates = self._gate.candidates(units, data)
        if not candidates and not self._second.searches:
            hits = self._bare_names(units) if self._names else None
            return self._spans(hits, units, data, wide=units is not s) if hits else []
        reading = views.visible(s) if candidates and self._hides in map(_RULE, candidates) else None
        if reading is None:
            return self._spans(self._hits(units, candidates), units, data, wide=units is not s)
        data = reading.text.encode("utf-8", "surrogatepass")
        units = data.decode("latin-1")
        hits = self._hits(units, self._gate.candidates(units, data))
        spans = self._spans(hits, units, data, wide=len(data) != len(reading.text))
        return [Span(*reading.back(span.start, span.end), span.category, span.rule) for span in spans]

    def _spans(self, hits: list[Hit], units: str, data: bytes, *, wide: bool) -> list[Span]:
        if not hits:
            return []
        hits = spared(units, hits, self._second.atom)
        if self._second.spares:
            hits = without_allowed(hits, self._second.allowed(units))
        spans = [Span(start, end, category, name) for start, end, _, category, name in merged(hits)]
        return in_code_points(data, spans) if wide else spans

    def _hits(self, units: str, candidates: list[Candidate]) -> list[Hit]:
        scan = Scan(units, strict=self._strict)
        hits = self._confirmed(scan, candidates)
        for reading in views.unescaped(units, scan.escapes) if scan.escapes else ():
            inner = Scan(reading.text)
            for hit in self._confirmed(inner, self._gate.candidates(inner.text, inner.text.encode("latin-1"))):
                begin, stop = reading.back(hit.start, hit.end)
                hits.append(hit._replace(start=begin, end=stop))
            scan.names |= inner.names
        for start, end, said in scan.base64_runs:
            inner = Scan(said)
            for hit in self._confirmed(inner, self._gate.candidates(said, said.encode("latin-1"))):
                begin, stop = views.base64_back(start, end, hit.start, hit.end)
                hits.append(hit._replace(start=begin, end=stop))
        if hits:
            hits.extend(echoes(units, hits))
        if scan.names:
            self._learn(scan.names)
        if self._names:
            hits.extend(self._bare_names(units))
        return hits

    def _confirmed(self, scan: Scan, candidates: list[Candidate]) -> list[Hit]:
        hits: list[Hit] = []
        text = scan.text
        rules, steps = self._rules, self._steps
        done: dict[int, int] = {}
        for position, index in candidates:
            if position < done.get(index, 0):
                continue
            found = steps[index](scan, rules[index], position)
            if scan.skip:
                done[index] = scan.skip
                scan.skip = 0
            if found:
                done[index] = found[-1][1]
                said = self._said[index]
                for start, end in found:
                    hits.append(Hit(start, end, *said))
        if self._second.searches:
            own = self._second.hits(text, prose=self.prose)
            hits.extend(Hit(start, end, second.CERTAINTY, category, name) for start, end, category, name in own)
        return hits

    def _bare_names(self, units: str) -> list[Hit]:
        hits = []
        for name in self._names:
            needle = name if name.isascii() else name.encode("utf-8", "surrogatepass").decode("latin-1")
            at = units.find(needle)
            while at >= 0:
                end = at + len(needle)
                if word_alone(units, at, end):
                    hits.append(Hit(at, end, 5, "USER_PATH", "learned-user"))
                at = units.find(needle, end)
        return hits
