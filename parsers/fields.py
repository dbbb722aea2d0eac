"""What the lines of the three CLIs look like: the canary of known event types.

Owns: the table of fields (`fields.json`: names, JSON kinds, which a step cannot do without), `Watch`, which holds lines
against it, and the names of what differs.
Never: says what a line means, changes its fate, or looks into what a person, a model or a tool has named.
Invariant: a name is made of the table's own words and at most one field name of the line, which must look like one
(`safe_field`); values never enter a name, and a line gives at most `MAX_PER_LINE`.

The table is data, written by `bench/fields.py` from recordings and part of the package. It is read once. A row belongs
to a path ("assistant.message.content[].tool_use"): `name:kinds` a field, `name!kinds` one a step cannot do without. A
row that begins with "@type" tells variants apart by that member; with "@type!" there are no others; "=@type" are the
lines of the dialect once more. Only objects that have a row are looked into. Where only null was seen, any kind may be.
"""

from __future__ import annotations

import functools
import json
import re
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from parsers.base import Fate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.base import Parsed
    from parsers.step import JsonObject

FILE: Final = "fields.json"
FIRST: Final = 100
"""Lines of each event looked at when a session begins, and when the version of its CLI changes."""
EVERY: Final = 255
"""Of the lines after those, about one in 256: those whose length has none of these bits. So it is the same lines
however often reading was resumed, and a format that changed in the middle of a session is noticed too."""
MAX_EVENTS: Final = 500
"""Events told apart for that; when there are more, all of them are new again."""
MAX_PER_LINE: Final = 16
"""Names given for one line; what is beyond is one name more, `OTHER`."""
MAX_FIELDS: Final = 200
"""Members of one object that are looked at."""
MAX_ITEMS: Final = 256
"""Items of one list that are looked at."""
MAX_DEPTH: Final = 32
"""Objects inside each other that are looked at: lines of a dialect may hold such lines once more, without end."""
MAX_GOOD: Final = 64
"""Combinations of fields and kinds remembered as right, for each path."""
MAX_FIELD: Final = 48
MAX_WORDS: Final = 8
MAX_DIGITS: Final = 4
OTHER: Final = "other"

KINDS: Final[dict[str, tuple[type, ...]]] = {
    "s": (str,),
    "n": (int, float),
    "b": (bool,),
    "o": (dict,),
    "l": (list,),
    "z": (type(None),),
}
WORDS: Final[dict[type, str]] = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
    list: "list",
    type(None): "null",
}
_WORD = re.compile(
    r"(?<![A-Z])[A-Z]{1,5}s?(?![A-Za-z])"  # UUID, UUIDs
    r"|(?<![A-Z])[A-Z]{1,5}(?=[A-Z][a-z])"  # the HTTP of HTTPError
    r"|[A-Z][a-z]{1,19}(?![a-z])|(?<![A-Za-z])[a-z]{1,20}(?![a-z])|[0-9]{1,4}|[_$-]"
)


def safe_field(name: str) -> str:
    """`name` if it looks like a field of a program (a few short words), else "other": it may be anything."""
    if not 0 < len(name) <= MAX_FIELD or sum(map(str.isdigit, name)) > MAX_DIGITS:
        return OTHER
    words = _WORD.findall(name)
    if "".join(words) != name or sum(word not in "_$-" for word in words) not in range(1, MAX_WORDS + 1):
        return OTHER
    return name


class Form:
    """One row of the table: what an object at its path looks like, and what it holds that is looked into."""

    __slots__ = ("children", "closed", "fields", "good", "named", "path", "required", "tag", "variants")

    def __init__(self, path: str, row: str) -> None:
        self.path = path
        self.fields: dict[str, frozenset[type]] = {}
        self.required: tuple[str, ...] = ()
        self.children: tuple[tuple[str, Form | None, Form | None, Form | None], ...] = ()
        """(field, its form as an object, as a map's values, as a list's items)."""
        self.tag: str | None = None
        self.closed = False
        self.named: frozenset[str] = frozenset()
        self.variants: dict[str, Form] = {}
        self.good: set[tuple[Any, ...]] = set()
        """Combinations of members and kinds that were found right."""
        first, *words = row.split() or [""]
        if first.startswith("@"):
            self.tag, self.closed = first[1:].rstrip("!"), first.endswith("!")
            self.named = frozenset(words)
            return
        required = []
        for word in [first, *words] if first else ():
            name, mark, kinds = re.split(r"([:!])(?=[a-z]+\Z)", word)
            types = (one for letter in kinds for one in KINDS[letter])
            self.fields[name] = frozenset(WORDS if kinds == "z" else types)
            if mark == "!":
                required.append(name)
        self.required = tuple(required)

    def judge(self, value: JsonObject, found: set[str]) -> None:
        """Add to `found` what differs in this object itself."""
        before = len(found)
        for name, member in islice(value.items(), MAX_FIELDS):
            kinds = self.fields.get(name)
            if kinds is None:
                found.add(f"{self.path}+{safe_field(name)}")
            elif type(member) not in kinds:
                found.add(f"{self.path}.{name}:{WORDS[type(member)]}")
        for name in self.required:
            if name not in value:
                found.add(f"{self.path}-{name}")
        if len(found) == before and len(value) <= len(self.fields) and len(self.good) < MAX_GOOD:
            self.good.add((*value, *map(type, value.values())))


class Table:
    """The forms of one dialect."""

    def __init__(self, label: str, rows: dict[str, str]) -> None:
        self.label = label
        self._rows = rows
        self._forms: dict[str, Form] = {}
        self.roots: dict[str, Form] = {name: self._form(name) for name in rows[""].split()}

    def _form(self, path: str) -> Form:
        known = self._forms.get(path)
        if known is not None:
            return known
        row = self._rows[path]
        form = self._forms[path] = Form(f"{self.label}:{path}", row.removeprefix("="))
        if row.startswith("="):
            form.variants = {name: self._form(name) for name in self._rows[""].split()}
        elif form.tag is not None:
            inner = {kind: self._find(f"{path}.{kind}") for kind in form.named}
            form.variants = {kind: one for kind, one in inner.items() if one is not None}
        places = [(name, f"{path}.{name}") for name in form.fields]
        held = [(name, self._find(at), self._find(f"{at}.*"), self._find(f"{at}[]")) for name, at in places]
        form.children = tuple(one for one in held if any(one[1:]))
        return form

    def _find(self, path: str) -> Form | None:
        return self._form(path) if path in self._rows else None


@functools.cache
def tables() -> dict[str, dict[str, str]]:
    """The rows of every dialect, as they are stored."""
    found: dict[str, dict[str, str]] = json.loads(resources.files("parsers").joinpath(FILE).read_text("utf-8"))
    return found


@functools.cache
def table(label: str) -> Table | None:
    """The forms of a dialect ("claude", "claude/transcript", …); None if the table does not have it."""
    rows = tables().get(label)
    return None if rows is None else Table(label, rows)


def compare(form: Form, value: JsonObject, found: set[str], depth: int = MAX_DEPTH) -> None:
    """Add to `found` a name for everything in `value` that is not as `form` has it, `depth` objects deep."""
    if depth == 0:
        return
    if form.tag is not None:
        kind = value.get(form.tag)
        if type(kind) is not str:
            mark = f".{form.tag}:{WORDS[type(kind)]}" if form.tag in value else f"-{form.tag}"
            found.add(form.path + mark)
            return
        inner = form.variants.get(kind)
        if inner is None:
            if form.closed and kind not in form.named:
                found.add(f"{form.path}~{form.tag}")
            return
        form = inner
    if len(value) > MAX_FIELDS or (*value, *map(type, value.values())) not in form.good:
        form.judge(value, found)
    for name, one, each, item in form.children:
        member = value.get(name)
        if type(member) is dict:
            if one is not None:
                compare(one, member, found, depth - 1)
            elif each is not None:
                _all(each, islice(member.values(), MAX_ITEMS), f"{form.path}.{name}.*", found, depth - 1)
        elif type(member) is list and item is not None:
            _all(item, islice(member, MAX_ITEMS), f"{form.path}.{name}[]", found, depth - 1)


def _all(form: Form, values: Any, path: str, found: set[str], depth: int) -> None:
    for value in values:
        if type(value) is dict:
            compare(form, value, found, depth)
        else:
            found.add(f"{path}:{WORDS[type(value)]}")


class Watch:
    """Holds the lines of one session against the table of its dialect. Its counts are not part of a snapshot."""

    __slots__ = ("_label", "_roots", "_seen", "_untyped", "_version", "familiar")

    def __init__(self, label: str, untyped: Sequence[tuple[str, str]] = ()) -> None:
        self._label = label
        self._untyped = untyped
        self._roots: dict[str, Form] | None = None
        self._seen: dict[str, int] = {}
        self._version: str | None = None
        self.familiar: set[str] = set()
        """Events that had their first `FIRST` lines looked at: of those that follow, a sample is enough."""

    def written_by(self, version: str | None) -> None:
        """The lines say so; those of another version are looked at anew."""
        if version and version != self._version:
            self._version = version
            self._seen.clear()
            self.familiar.clear()

    def look(self, value: JsonObject, parsed: Parsed) -> Parsed:
        """`parsed`, its `drift` filled in."""
        if parsed.name not in self.familiar:
            self._count(parsed.name)
        drift = self.differences(value, parsed.fate)
        if drift:
            parsed.drift = drift
        return parsed

    def _count(self, name: str) -> None:
        n = self._seen[name] = self._seen.get(name, 0) + 1
        if n >= FIRST:
            del self._seen[name]
            self.familiar.add(name)
        if len(self._seen) + len(self.familiar) > MAX_EVENTS:
            self.familiar.clear()
            self._seen.clear()

    def differences(self, value: JsonObject, fate: Fate = Fate.META) -> tuple[str, ...]:
        """The names of what is not as the table has it, sorted. A type the table does not know differs in nothing."""
        if self._roots is None:
            known = table(self._label)
            self._roots = known.roots if known else {}
        kind = value.get("type")
        if type(kind) is not str:
            kind = next((root for member, root in self._untyped if member in value), "")
        form = self._roots.get(kind)
        if form is None:
            return ()
        found: set[str] = set()
        compare(form, value, found)
        if found and fate is Fate.UNKNOWN:
            found = {name for name in found if "~" not in name}  # that is what makes it unknown: counted as such
        if len(found) <= MAX_PER_LINE:
            return tuple(sorted(found))
        return (*sorted(found)[:MAX_PER_LINE], f"{self._label}:{OTHER}")
