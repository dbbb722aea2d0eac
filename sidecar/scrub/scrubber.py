"""Replaces secrets and personal data, and is the sole maker of `Scrubbed`.

Owns: `Scrubber`, `Span`; the passes over a text, the merging of spans, the one join.
Never: reads a clock, a file or the environment; keeps a secret longer than the step it came in.
Invariant: scrub(scrub(x)) == scrub(x); what one engine finds, the other finds.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sidecar.redaction import HASH_DIGITS, MAX_LISTED, Found
from sidecar.scrub import checks, keyed, second, views
from sidecar.scrub.boundary import WORD, Scan
from sidecar.scrub.confirm import STEPS
from sidecar.scrub.contact_checks import LEARN_LEAST
from sidecar.scrub.engine import make
from sidecar.scrub.rules import table
from sidecar.scrub.second import LABELS, MEMBER_RULE, PSEUDONYM_USER, Choices, SecondLayer
from sidecar.scrub.words import SYSTEM_USERS
from sidecar.wire.envelope import Scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from parsers.step import Step

MAX_PASSES: Final = 6
"""Passes until nothing more is found; two do but for contrived texts."""
MAX_NAMES: Final = 64
"""User names a scrubber remembers."""
MAX_ECHOES: Final = 32
"""Distinct secrets of one text that are looked for elsewhere in it."""
MAX_JSON_DEPTH: Final = 500
"""Deeper values are scrubbed as their text."""
ECHO_LEAST: Final = 8
PIECE_LEAST: Final = 6
_HOME_USER = re.compile(r"[/\\](?:home|users)[/\\]([^/\\]{1,64})", re.IGNORECASE)
_FLAG = re.compile(r"--?[\w\-]{1,64}\Z", re.ASCII)
_PROSE: Final = frozenset({"content", "correction_context"})
"""Members in which a model's name is a mention, not a fact."""
_PAIR_NAMES: Final = ("name", "key", "Name", "Key", "variable")
_PAIR_VALUES: Final = ("value", "Value", "secret_value", "default")


class Span(NamedTuple):
    """A stretch to replace: code-point offsets, category, and the name of the rule that found it."""

    start: int
    end: int
    category: str
    rule: str


class _Hit(NamedTuple):
    start: int
    end: int
    certainty: int
    category: str
    rule: str


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
        self._steps = [STEPS[rule.confirm] for rule in self._rules]
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
        self._path: list[str | int] = []
        self._in_key = False
        self.engine: str = self._gate.name
        self.counts: Counter[str] = Counter()
        if home:
            self._learn({re.split(r"[/\\]", home.rstrip("/\\"))[-1]})

    def fresh(self) -> Scrubber:
        """A scrubber with the same settings that has seen nothing yet."""
        return Scrubber(engine=self.engine, strict_hex=self._strict, choices=self._choices)

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
        known, counts, unlisted = len(self._names), self.counts.copy(), self.unlisted
        prose, self._noting = self.prose, True
        try:
            values = self._fields(step)
            if len(self._names) != known:
                self.counts, self.unlisted = counts, unlisted
                values = self._fields(step)
        finally:
            self._noting, self.prose = False, prose
        return Scrubbed(type(step)(**values))

    def text(self, s: str) -> str:
        """The text with placeholders in place of what must not leave."""
        if not s:
            return s
        spans = self.find(s)
        if not spans:
            return s
        for span in spans:
            self.counts[span.category] += 1
        clean = self._replaced(s, spans)
        if self._noting:
            self._note(s, spans, clean)
        return clean

    def find(self, s: str) -> list[Span]:
        """Everything that must not leave, in order, without overlaps."""
        spans = self._pass(s)
        if not spans:
            return []
        for _ in range(MAX_PASSES):
            more = self._pass(self._replaced(s, spans))
            if not more:
                break
            spans = sorted([*spans, *self._mapped_back(spans, more)])
        return spans

    def json(self, value: Any) -> Any:
        """The same JSON value with keys and strings scrubbed; a string under a secret name is judged by that name."""
        return self._json(value, "", 0)

    # -- values

    def _fields(self, step: Step) -> dict[str, Any]:
        self.found = []
        values: dict[str, Any] = {}
        for entry in fields(step):
            value = getattr(step, entry.name)
            self._path, self._in_key = [entry.name], False
            self.prose = entry.name in _PROSE
            values[entry.name] = value if entry.name == "type" else self.json(value)
        return values

    def _json(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, str):
            return self._member(value, name)
        if depth > MAX_JSON_DEPTH:
            return self.text(repr(value))
        if isinstance(value, dict):
            return self._object(value, depth)
        if isinstance(value, (list, tuple)):
            before = name
            out = []
            for index, item in enumerate(value):
                self._path.append(index)
                out.append(self._json(item, before, depth + 1))
                self._path.pop()
                before = item if isinstance(item, str) and _FLAG.match(item) else name
            return out
        return value

    def _object(self, value: dict[Any, Any], depth: int) -> dict[Any, Any]:
        named = next((value[k] for k in _PAIR_NAMES if isinstance(value.get(k), str)), "")
        out: dict[Any, Any] = {}
        for key, item in value.items():
            name = named if key in _PAIR_VALUES and named else key if isinstance(key, str) else ""
            if PLACEHOLDER_ATOM.search(name):
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
            length = self._width(span.category)
            if len(self.found) < MAX_LISTED:
                value = self._second.fingerprint(s[span.start : span.end], HASH_DIGITS)
                where = (tuple(self._path), self._in_key, clean, span.start + shift, length)
                self.found.append(Found(*where, span.category, span.rule, value))
            else:
                self.unlisted += 1
            shift += length - (span.end - span.start)

    # -- what stands in place of a value

    def _replaced(self, s: str, spans: list[Span]) -> str:
        pieces = []
        at = 0
        for span in spans:
            pieces.append(s[at : span.start])
            pieces.append(self.label(span, s))
            at = span.end
        pieces.append(s[at:])
        return "".join(pieces)

    def _width(self, category: str) -> int:
        return len(self._second.label(category, "")) if self._second.pseudonyms else len(LABELS[category])

    def _mapped_back(self, spans: list[Span], more: list[Span]) -> list[Span]:
        """Spans found in the replaced text as spans of what it was made from; they never touch a placeholder."""
        out = []
        k = 0
        shift = 0
        for span in more:
            while k < len(spans) and spans[k].start - shift <= span.start:
                shift += spans[k].end - spans[k].start - self._width(spans[k].category)
                k += 1
            out.append(Span(span.start + shift, span.end + shift, span.category, span.rule))
        return out

    # -- names of users

    def _learn(self, names: set[str]) -> None:
        for name in sorted(names):
            if len(name) < LEARN_LEAST or name.lower() in SYSTEM_USERS or len(self._names) >= MAX_NAMES:
                continue
            if not (self._second.pseudonyms and PSEUDONYM_USER.fullmatch(name)):
                self._names[name] = None

    # -- one pass

    def _pass(self, s: str) -> list[Span]:
        reading = views.visible(s)
        text = s if reading is None else reading.text
        if text.isascii():
            data = text.encode("ascii")
            units = text
        else:
            data = text.encode("utf-8", "surrogatepass")
            units = data.decode("latin-1")
        hits = self._hits(units, data)
        if not hits:
            return []
        hits = _merged(_spared(units, hits, self._second.atom))
        if self._second.spares:
            hits = _without_allowed(hits, self._second.allowed(units))
        if not hits:
            return []
        spans = [Span(h.start, h.end, h.category, h.rule) for h in hits]
        if units is not text:
            spans = _in_code_points(data, spans)
        if reading is not None:
            spans = [Span(*reading.back(span.start, span.end), span.category, span.rule) for span in spans]
        return spans

    def _hits(self, units: str, data: bytes) -> list[_Hit]:
        scan = Scan(units, strict=self._strict)
        hits = self._confirmed(scan, data)
        for reading in views.unescaped(units, scan.escapes):
            inner = Scan(reading.text)
            for hit in self._confirmed(inner, reading.text.encode("latin-1")):
                begin, stop = reading.back(hit.start, hit.end)
                hits.append(hit._replace(start=begin, end=stop))
            scan.names |= inner.names
        for start, end, said in scan.base64_runs:
            inner = Scan(said)
            for hit in self._confirmed(inner, said.encode("latin-1")):
                begin, stop = views.base64_back(start, end, hit.start, hit.end)
                hits.append(hit._replace(start=begin, end=stop))
        if hits:
            hits.extend(_echoes(units, hits))
        self._learn(scan.names)
        hits.extend(self._bare_names(units))
        return hits

    def _confirmed(self, scan: Scan, data: bytes) -> list[_Hit]:
        hits: list[_Hit] = []
        text = scan.text
        rules, steps = self._rules, self._steps
        done = [0] * len(rules)
        for position, index in self._gate.candidates(text, data):
            if position < done[index]:
                continue
            found = steps[index](scan, rules[index], position)
            if scan.skip:
                done[index] = scan.skip
                scan.skip = 0
            if found:
                rule = rules[index]
                done[index] = found[-1][1]
                hits.extend(_Hit(start, end, rule.certainty, rule.category, rule.name) for start, end in found)
        if self._second.searches:
            own = self._second.hits(text, prose=self.prose)
            hits.extend(_Hit(start, end, second.CERTAINTY, category, name) for start, end, category, name in own)
        return hits

    def _bare_names(self, units: str) -> list[_Hit]:
        hits = []
        for name in self._names:
            needle = name if name.isascii() else name.encode("utf-8", "surrogatepass").decode("latin-1")
            at = units.find(needle)
            while at >= 0:
                end = at + len(needle)
                if _word_alone(units, at, end):
                    hits.append(_Hit(at, end, 5, "USER_PATH", "learned-user"))
                at = units.find(needle, end)
        return hits


def _word_alone(units: str, start: int, end: int) -> bool:
    left = start == 0 or (units[start - 1] not in WORD and units[start - 1] != "_" and units[start - 1] < "\x80")
    escaped = start > 1 and units[start - 2] == "\\" and units[start - 1] in "nrt"
    right = end == len(units) or (units[end] not in WORD and units[end] != "_" and units[end] < "\x80")
    return (left or escaped) and right


def _echoes(units: str, hits: list[_Hit]) -> list[_Hit]:
    """Other places where a secret of this text stands without its name."""
    values: dict[str, _Hit] = {}
    for hit in hits:
        if hit.category in {"API_KEY", "AWS_KEY", "REDACTED_URL"} and len(values) < MAX_ECHOES:
            value = units[hit.start : hit.end]
            if ECHO_LEAST <= len(value) <= 512 and (checks.random_text(value) or len(value) >= 16):
                values.setdefault(value, hit)
    found = []
    for value, hit in values.items():
        at = units.find(value)
        while at >= 0:
            if at != hit.start:
                found.append(hit._replace(start=at, end=at + len(value), rule="echo"))
            at = units.find(value, at + len(value))
    return found


def _without_allowed(hits: list[_Hit], allowed: list[tuple[int, int]]) -> list[_Hit]:
    """The hits that do not lie wholly within a string of the allow-list."""
    return [
        hit
        for hit in hits
        if hit.category in second.FORCED or not any(start <= hit.start and hit.end <= end for start, end in allowed)
    ]


def _spared(units: str, hits: list[_Hit], atom: re.Pattern[str]) -> list[_Hit]:
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


def _merged(hits: list[_Hit]) -> list[_Hit]:
    """Overlapping hits as one, named after the surest."""
    out: list[_Hit] = []
    for hit in sorted(hits):
        if out and hit.start < out[-1].end:
            last = out[-1]
            surest = min((last, hit), key=lambda h: (h.certainty, h.start - h.end))
            out[-1] = surest._replace(start=last.start, end=max(last.end, hit.end))
        elif hit.end > hit.start:
            out.append(hit)
    return out


def _in_code_points(data: bytes, spans: list[Span]) -> list[Span]:
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
