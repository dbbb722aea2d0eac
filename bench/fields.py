"""The table of fields the parsers hold lines against, made from recordings.

`python bench/fields.py FOLDER… [--write] [--fresh] [--closed]`. Reads every transcript and stream below the folders,
collects which fields the objects of `fields_plan.OPEN` have and of which JSON kinds, finds out by dropping them which
ones a step cannot do without, adds what the formats declare, and prints how that differs from `parsers/fields.json`.
`--write` writes it. What the table has already stays, unless `--fresh` begins anew: so one folder can be added to what
others gave before. `--closed` prints the objects that are not looked into. Only names of fields and types are kept,
never a value; a name that does not look like a field's is refused.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from fields_plan import DECLARED, FAMILIES, OPEN

from parsers import gemini_document, registry
from parsers.base import Fate
from parsers.blocks import JsonError, loads, safe_name
from parsers.fields import FILE, KINDS, OTHER, safe_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parsers.dialect import LineParser

TABLE = Path(__file__).resolve().parents[1] / "parsers" / FILE
ENDINGS = (".jsonl", ".json")
NOT_READ = ("requests.jsonl", "reference.json")
TRIED = 30
"""Files in which a field is dropped to see whether the steps change."""
MAX_TRIED_BYTES = 400_000
MIN_SEEN = 5
"""Objects in which a field must always have been before it can be one that a step cannot do without."""
LETTER = {one: letter for letter, types in KINDS.items() for one in types}
Rows = dict[str, str]


@dataclass
class Seen:
    """What was seen at one path."""

    n: int = 0
    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    files: list[Path] = field(default_factory=list)


class Plan:
    """Which paths of one dialect are looked into."""

    def __init__(self, label: str) -> None:
        self._rules = []
        for rule in OPEN[label]:
            path, _, mark = rule.partition(" ")
            self._rules.append((re.compile(_glob(path)), mark))

    def find(self, path: str) -> str | None:
        """Empty for an object that is looked into, "@tag" where variants are told apart; None: it is left alone."""
        return next((mark for rule, mark in self._rules if rule.fullmatch(path)), None)


class Survey:
    """What the lines of one dialect hold."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.plan = Plan(label)
        self.seen: dict[str, Seen] = defaultdict(Seen)
        self.tags: dict[str, set[str]] = defaultdict(set)
        self.marks: dict[str, str] = {}
        self.roots: set[str] = set()
        self.closed: dict[str, int] = defaultdict(int)

    def objects(self, path: str, value: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every object looked into, with its path, the variant included."""
        mark = self.plan.find(path) or ""
        if mark.startswith("="):
            self.marks[path] = mark
            kind = value.get(mark[2:])
            if isinstance(kind, str):
                yield from self.objects(kind, value)
            return
        if mark:
            tag = mark[1:].rstrip("!")
            kind = value.get(tag)
            self.marks[path] = mark
            if not isinstance(kind, str) or safe_name(kind) == OTHER:
                return
            self.tags[path].add(kind)
            path = f"{path}.{kind}"
        yield path, value
        for name, member in value.items():
            yield from self._inside(f"{path}.{name}", member)

    def _inside(self, path: str, member: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        if isinstance(member, list):
            path, items = path + "[]", member
        elif isinstance(member, dict) and self.plan.find(path + ".*") is not None:
            path, items = path + ".*", list(member.values())
        else:
            items = [member]
        held = [one for one in items if isinstance(one, dict)]
        if self.plan.find(path) is not None:
            for one in held:
                yield from self.objects(path, one)
        elif held:
            self.closed[path] += 1

    def add(self, root: str, value: dict[str, Any], file: Path) -> None:
        """One line."""
        self.roots.add(root)
        for path, one in self.objects(root, value):
            seen = self.seen[path]
            seen.n += 1
            if file not in seen.files and len(seen.files) < 40:
                seen.files.append(file)
            for name, member in one.items():
                seen.fields[name].add(LETTER[type(member)])
                seen.counts[name] += 1


def lines_of(file: Path) -> list[bytes]:
    """The lines of a file; those of a chat in one document too."""
    data = file.read_bytes()
    if file.suffix == ".json":
        try:
            return gemini_document.lines(data) if gemini_document.begins_document(data) else []
        except JsonError:
            return []
    return data.split(b"\n")


def root_of(parser: LineParser, value: dict[str, Any]) -> str:
    kind = value.get("type")
    if isinstance(kind, str):
        return kind
    return next((root for member, root in parser.untyped if member in value), "")


def survey(file: Path, surveys: dict[str, Survey]) -> int:
    """Adds a file's lines; how many there were."""
    parser: LineParser | None = None
    n = 0
    for line in lines_of(file):
        try:
            value = loads(line)
        except JsonError:
            continue
        if not isinstance(value, dict):
            continue
        if parser is None:
            found = registry.recognise(value)
            if found is None:
                continue
            parser = registry.make(*found)  # type: ignore[assignment]  # the built-in ones are line parsers
        if parser.feed(line).fate in {Fate.UNKNOWN, Fate.MALFORMED}:
            continue
        root = root_of(parser, value)
        if (root and safe_name(root) != OTHER) or root.startswith("$"):
            surveys[parser.label].add(root, value, file)
            n += 1
    return n


def needed(one: Survey, path: str, name: str) -> bool:
    """Whether dropping this field from every object at this path changes a step or a fate in one of some files."""
    tried = 0
    for file in sorted(one.seen[path].files, key=lambda file: file.stat().st_size):
        if file.stat().st_size > MAX_TRIED_BYTES or tried >= TRIED:
            break
        lines = [line for line in lines_of(file) if line.strip()]
        changed = []
        for line in lines:
            try:
                value = loads(line)
            except JsonError:
                changed.append(line)
                continue
            parser = registry.make(*_MADE[one.label])
            root = root_of(parser, value) if isinstance(value, dict) else ""  # type: ignore[arg-type]
            hit = [held for at, held in one.objects(root, value) if at == path] if root else []
            for held in hit:
                held.pop(name, None)
            changed.append(json.dumps(value).encode() if hit else line)
        tried += 1
        if told(one.label, lines) != told(one.label, changed):
            return True
    return False


def told(label: str, lines: list[bytes]) -> list[Any]:
    """All that the steps of these lines say."""
    parser = registry.make(*_MADE[label])
    answers = [*map(parser.feed, lines), parser.finish()]
    return [[step for one in answers for step in one.steps], [(one.name, one.fate) for one in answers]]


_BUILT_IN: list[Any] = [made() for made in registry.BUILT_IN]
_MADE = {parser.label: (parser.provider, parser.dialect) for parser in _BUILT_IN}
_UNTYPED = {parser.label: parser.untyped for parser in _BUILT_IN}


def row_of(fields: dict[str, set[str]], required: set[str]) -> str:
    """As `parsers.fields.Form` reads it."""
    letters = {name: "".join(sorted(kinds)) for name, kinds in fields.items()}
    return " ".join(f"{name}{'!' if name in required else ':'}{letters[name]}" for name in sorted(letters))


def read_row(row: str) -> tuple[dict[str, set[str]], set[str]]:
    """The way back."""
    found = [re.split(r"([:!])(?=[a-z]+\Z)", word) for word in row.split()]
    return {name: set(kinds) for name, _, kinds in found}, {name for name, mark, _ in found if mark == "!"}


def rows_of(one: Survey, before: Rows) -> Rows:
    """The rows of a dialect: what was seen, what is declared, what the table had."""
    rows: Rows = {}
    declared = DECLARED.get(one.label, {})
    for path in {*one.seen, *(path for path, row in before.items() if path and row[:1] not in {"@", "="})}:
        seen = one.seen.get(path, Seen())
        had, must = read_row(before.get(path, ""))
        fields: dict[str, set[str]] = defaultdict(set, {name: set(kinds) for name, kinds in had.items()})
        for name, kinds in seen.fields.items():
            if safe_field(name) == OTHER:
                raise SystemExit(f"{one.label}:{path} has a member that looks like no field: is it a map? {name!r}")
            fields[name] |= kinds
        if path in before:
            fresh = {name for name in must if seen.counts[name] == seen.n}
        else:
            fresh = {name for name, n in seen.counts.items() if n == seen.n >= MIN_SEEN or name == "type"}
        tag = next((mark[1:].rstrip("!") for at, mark in one.marks.items() if path.startswith(at + ".")
                    and path.count(".") == at.count(".") + 1 and path.rpartition(".")[0] == at), "")  # fmt: skip
        for name, kinds in read_row(declared.get(path, ""))[0].items():
            fields[name] |= kinds
        required = {name for name in fresh if name == tag or (path in before) or needed(one, path, name)}
        if path in one.roots or path.rpartition(".")[0] in one.roots:
            required -= {
                "type",
                *(member for member, root in _UNTYPED[one.label] if root == path),
            }  # it has no row then
        rows[path] = row_of(fields, required)
    for path, mark in one.marks.items():
        kinds = one.tags[path] | set(declared.get(path, "").split()[1:])
        rows[path] = " ".join([mark, *sorted(kinds)])
    for path, row in before.items():
        if row[:1] in {"@", "="}:
            mark, *kinds = row.split()
            rows[path] = " ".join([mark, *sorted({*kinds, *rows.get(path, mark).split()[1:]})])
    rows[""] = " ".join(sorted({*one.roots, *before.get("", "").split()}))
    for rule, least in FAMILIES.get(one.label, ()):
        share(rows, rule, least)
    return dict(sorted(rows.items()))


def share(rows: Rows, rule: str, least: int) -> None:
    """What so many objects of a family have, all may have."""
    glob = re.compile("|".join(_glob(part) for part in ([rule] if "(" in rule else rule.split("|"))))
    members = [path for path, row in rows.items() if path and row[:1] not in {"@", "="} and glob.fullmatch(path)]
    known = {path: read_row(rows[path]) for path in members}
    kinds: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for fields, _ in known.values():
        for name, letters in fields.items():
            kinds[name] |= letters
            counts[name] += 1
    common = {name: letters for name, letters in kinds.items() if counts[name] >= least}
    for path, (fields, must) in known.items():
        merged = {**common, **fields}
        rows[path] = row_of({name: letters | common.get(name, set()) for name, letters in merged.items()}, must)


def _glob(path: str) -> str:
    pattern = re.sub(r"([.\[\]$])", r"\\\1", path)
    return pattern.replace("*", "[^.]+").replace("<map>", r"\*")


def differences(before: dict[str, Rows], after: dict[str, Rows]) -> Iterator[str]:
    """What the table gains and loses, a line each."""
    for label in sorted({*before, *after}):
        old, new = before.get(label, {}), after.get(label, {})
        for path in sorted({*old, *new}):
            words, fresh = set(old.get(path, "").split()), set(new.get(path, "").split())
            for mark, some in (("-", words - fresh), ("+", fresh - words)):
                if some:
                    yield f"{mark} {label}:{path or '(types)'}  {' '.join(sorted(some))}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="+", type=Path)
    options.add_argument("--write", action="store_true", help="write parsers/fields.json")
    options.add_argument("--fresh", action="store_true", help="forget what the table has")
    options.add_argument("--closed", action="store_true", help="print the objects that are not looked into")
    chosen = options.parse_args()
    surveys = {label: Survey(label) for label in OPEN}
    files = sorted(
        file
        for folder in chosen.folders
        for file in ([folder] if folder.is_file() else folder.rglob("*"))
        if file.suffix in ENDINGS and file.name not in NOT_READ and file.is_file()
    )
    lines = sum(survey(file, surveys) for file in files)
    before: dict[str, Rows] = json.loads(TABLE.read_text("utf-8"))
    after = {label: rows_of(one, {} if chosen.fresh else before.get(label, {})) for label, one in surveys.items()}
    for difference in differences(before, after):
        print(difference)
    if chosen.closed:
        for label, one in surveys.items():
            for path, n in sorted(one.closed.items()):
                print(f"closed {label}:{path} x{n}")
    fields = sum(len(row.split()) for rows in after.values() for row in rows.values())
    print(
        f"{lines} lines of {len(files)} files; {sum(map(len, after.values()))} paths, {fields} words", file=sys.stderr
    )
    if chosen.write:
        TABLE.write_bytes(orjson.dumps(after, option=orjson.OPT_INDENT_2) + b"\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
