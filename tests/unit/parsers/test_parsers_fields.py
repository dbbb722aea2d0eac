"""Fields of known event types: recordings differ in nothing, every change by hand is seen and named, and never obeyed."""

from __future__ import annotations

import copy
import json
import random
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parsers_support import DATA, lines_of, plain

from parsers import fields, registry
from parsers.base import Fate
from parsers.blocks import JsonError, loads
from parsers.fields import FIRST, MAX_PER_LINE, OTHER, Form, safe_field, table, tables

ROOT = Path(__file__).parents[3]
FILES = sorted([*DATA.rglob("*.jsonl"), *(DATA.parent / "versions").rglob("*.jsonl")])
LABELS = {parser.label: parser for parser in (made() for made in registry.BUILT_IN)}
NAME = re.compile(r"[A-Za-z0-9_$.:/\[\]*+~-]{1,160}\Z")
TIMES = 2
"""Objects changed for each path of the table."""
TAKEN_WHOLE = (".search", ".open_page", ".find_in_page", ".items[]")
"""Objects that are a step's arguments as they are, new fields and all."""
STRANGERS = {str: 7, int: "seven", float: "seven", bool: "yes", dict: "flat", list: 7, type(None): 7}


@cache
def recorded():
    """(dialect, its lines) of every bundled recording that is of one."""
    found = []
    for path in FILES:
        lines = [line for line in lines_of(path) if line.strip()]
        told = next(filter(None, map(registry.detect, lines)), None)
        if told:
            found.append((told, lines))
    return found


def values(lines):
    for number, line in enumerate(lines):
        try:
            value = loads(line)
        except JsonError:
            continue
        if isinstance(value, dict):
            yield number, value


def root_of(parser, value):
    kind = value.get("type")
    if not isinstance(kind, str):
        kind = next((root for member, root in parser.untyped if member in value), "")
    return table(parser.label).roots.get(kind)


def objects(form: Form, value):
    """Every object below that the table looks into, with its row."""
    if form.tag is not None:
        form = form.variants.get(value.get(form.tag))
        if form is None:
            return
    yield form, value
    for name, one, each, item in form.children:
        member = value.get(name)
        if isinstance(member, dict) and (one or each):
            for inner, held in [(one, member)] if one else [(each, held) for held in member.values()]:
                yield from objects(inner, held)
        elif isinstance(member, list) and item:
            for held in member:
                yield from objects(item, held)


@cache
def places():
    """For each row of the table the recordings have, some objects: (file, line, which object of the line)."""
    found: dict[str, list[tuple[int, int, int]]] = {}
    for index, (told, lines) in enumerate(recorded()):
        parser = registry.make(*told)
        for number, value in values(lines):
            form = root_of(parser, value)
            for nth, (row, _) in enumerate(objects(form, value) if form else ()):
                found.setdefault(row.path, []).append((index, number, nth))
    return {path: random.Random(path).sample(some, min(len(some), TIMES)) for path, some in found.items()}


def judged(told, lines, *, watch=True):
    """All answers; without the watch, what they were before there was one."""
    parser = registry.make(*told)
    if not watch:
        parser.watch = fields.Watch("")
    return [*map(parser.feed, lines), parser.finish()]


def told_of(answers):
    return [(str(one.fate), one.name, one.reason, plain(one.steps), one.facts) for one in answers]


def changed(place, change):
    """The recording with one object changed, which line that is, and the row."""
    index, number, nth = place
    told, lines = recorded()[index]
    value = loads(lines[number])
    form, held = list(objects(root_of(registry.make(*told), value), value))[nth]
    change(form, held)
    return told, [*lines[:number], json.dumps(value).encode(), *lines[number + 1 :]], number, form


def seen(told, lines, number):
    """What the canary says of one line, once it is clear that it changed nothing else."""
    answers = judged(told, lines)
    assert told_of(answers) == told_of(judged(told, lines, watch=False))
    return answers[number]


def test_recordings_differ_in_nothing():
    """Every line of every bundled recording is as the table has it, whichever of them are looked at."""
    assert len(recorded()) > 80
    for told, lines in recorded():
        assert [one.drift for one in judged(told, lines) if one.drift] == []
        watch = registry.make(*told).watch
        assert [drift for _, value in values(lines) if (drift := watch.differences(value))] == []


def test_the_recordings_reach_most_of_the_table():
    """The changes below are made in every dialect, and at most of the places that are looked into."""
    rows = {f"{label}:{path}" for label, some in tables().items() for path, row in some.items() if row[:1] not in "@="}
    assert len(places()) > 0.6 * len(rows)
    assert {path.partition(":")[0] for path in places()} == set(LABELS)


def test_a_new_field_is_seen_and_changes_no_step():
    """A field nobody knows, in any object that is looked into: named, and every step is what it was."""
    for path, some in places().items():
        for place in some:
            told, lines, number, form = changed(place, lambda _, held: held.update(brandNew={"any": [1]}))
            answer = seen(told, lines, number)
            assert answer.drift == (f"{path}+brandNew",), path
            assert form.path == path
            if not path.endswith(TAKEN_WHOLE):
                before = judged(told, recorded()[place[0]][1])
                assert told_of(judged(told, lines)) == told_of(before)


def test_a_required_field_that_is_missing_is_seen():
    """Without a field that a step needs: named, and the line's fate is what it was without the canary."""
    tried = 0
    for path, some in places().items():
        for name in next(iter(rows_of(path))).required:
            told, lines, number, _ = changed(some[0], lambda _, held, name=name: held.pop(name, None))
            answer = seen(told, lines, number)
            if answer.fate is not Fate.UNKNOWN:  # a variant that is not named is not known: counted as that
                assert any(drift.endswith(f"-{name}") for drift in answer.drift), (path, name, answer)
                tried += 1
    assert tried > 150


def rows_of(path):
    """The row of a path."""
    return [form for form in table(path.partition(":")[0])._forms.values() if form.path == path]


def test_another_kind_is_seen():
    """A known field of another JSON kind: named with the kind it has now."""
    tried = 0
    for path, some in places().items():
        for place in some[:1]:
            index, number, nth = place
            told, lines = recorded()[index]
            value = loads(lines[number])
            form, held = list(objects(root_of(registry.make(*told), value), value))[nth]
            for name, member in list(held.items()):
                stranger = STRANGERS[type(member)]
                if type(stranger) in form.fields[name] or name in {"type", "subtype"}:
                    continue
                held[name] = stranger
                line = json.dumps(value).encode()
                held[name] = member
                answer = seen(told, [*lines[:number], line, *lines[number + 1 :]], number)
                if answer.fate is not Fate.UNKNOWN:
                    kind = "number" if stranger == 7 else "string"
                    assert f"{path}.{name}:{kind}" in answer.drift, (path, name, answer)
                    tried += 1
    assert tried > 500


KEYS = st.text(min_size=1, max_size=30) | st.sampled_from(
    ["password", "AKIAIOSFODNN7EXAMPLE", "/home/jane/x", "a" * 300]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
FREE = {
    "claude": {
        "type": "assistant",
        "message": {"model": "m", "content": [{"type": "tool_use", "id": "i", "name": "n"}]},
    },
    "codex": {
        "type": "item.completed",
        "item": {"type": "mcp_tool_call", "id": "i", "status": "s", "tool": "t", "error": None},
    },
    "gemini": {"type": "tool_use", "tool_name": "n", "tool_id": "i", "timestamp": "2026-11-20T08:46:38Z"},
}


@given(tree=st.dictionaries(KEYS, TREES, max_size=5))
def test_what_users_and_tools_name_is_not_looked_into(tree):
    """Tool input, tool output, maps by model or path: whatever their keys are, none becomes a name."""
    one, two, three = copy.deepcopy((FREE["claude"], FREE["codex"], FREE["gemini"]))
    one["message"]["content"][0]["input"] = tree
    two["item"] |= {"server": "s", "arguments": tree, "result": {"content": [tree], "structured_content": tree}}
    three["parameters"] = tree
    user = {"type": "user", "message": {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "i"}]}}
    user["message"]["content"][0]["content"] = "x"
    user["tool_use_result"] = tree
    usage = {"inputTokens": 1}
    result = {"type": "result", "subtype": "success", "is_error": False, "modelUsage": dict.fromkeys(tree, usage)}
    result |= {"result": "x", "permission_denials": [], "num_turns": 1, "usage": {}, "session_id": "s"}
    assert LABELS["claude"].watch.differences(one) == LABELS["claude"].watch.differences(user) == ()
    assert LABELS["claude"].watch.differences(result) == ()
    assert LABELS["codex"].watch.differences(two) == LABELS["gemini"].watch.differences(three) == ()


@given(tree=st.dictionaries(KEYS, TREES, min_size=1, max_size=40), label=st.sampled_from(sorted(FREE)))
def test_names_are_safe_and_bounded(tree, label):
    """Whatever members are put where fields are: safe characters, a bounded length and number, no value, no odd name."""
    value = copy.deepcopy(FREE[label])
    for held in (value, value.get("message"), value.get("item")):
        if held is not None:
            held |= {name: member for name, member in tree.items() if name not in {"type", "message", "item"}}
    drift = LABELS[label].watch.differences(value)
    assert all(NAME.match(name) for name in drift)
    assert len(drift) <= MAX_PER_LINE + 1
    assert len(drift) <= MAX_PER_LINE or drift[-1] == f"{label}:{OTHER}"
    for name in drift:
        field = re.split(r"[+]", name)[-1]
        assert "+" not in name or safe_field(field) == field


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("caller", True),
        ("tool_use_id", True),
        ("cacheCreationEphemeral1hInputTokens", True),
        ("internal_chat_message_metadata_passthrough", True),
        ("$set", True),
        ("sourceToolAssistantUUID", True),
        ("", False),
        ("AKIAIOSFODNN7EXAMPLE", False),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", False),
        ("jane.roe@example.net", False),
        ("/home/jane/secret", False),
        ("with space", False),
        ("correcthorsebatterystaplecorrect", False),
        ("naïve", False),
        ("a" * 49, False),
        ("01a1f90b-929b-7d41-bf33-e3629e16c443", False),
        ("xQzRtYbNmKpLwVcXj", False),
    ],
)
def test_what_looks_like_a_field(name, safe):
    """A few short words; keys, paths, addresses, ids and prose are "other"."""
    assert safe_field(name) == (name if safe else OTHER)


def test_a_line_gives_few_names():
    """A thousand new fields in one line: sixteen names and one for the rest."""
    value = copy.deepcopy(FREE["claude"]) | {f"field{chr(97 + n // 26)}{chr(97 + n % 26)}": n for n in range(600)}
    drift = LABELS["claude"].watch.differences(value)
    assert len(drift) == MAX_PER_LINE + 1
    assert drift[-1] == "claude:other"


def test_lines_inside_lines_are_looked_at_only_so_deep():
    """As deep as JSON may be, a chat inside a chat inside a chat: an answer, never a RecursionError."""
    line = b'{"$set":{"messages":[' + b'{"type":"header","messages":[' * 500 + b"]}" * 500 + b"]}}"
    answer = registry.make("gemini", "transcript").feed(line)
    assert (answer.fate, answer.name) == (Fate.META, "$set/messages")


def test_another_block_where_there_are_no_others():
    """A block of no known type in a place where the parser has no name for it: seen, without its type's name."""
    content = [{"type": "hologram of jane", "text": "x"}]
    result = {"type": "tool_result", "tool_use_id": "i", "content": content}
    value = {"type": "user", "message": {"role": "user", "content": [result]}}
    assert LABELS["claude"].watch.differences(value) == ("claude:user.message.content[].tool_result.content[]~type",)


def test_types_that_are_not_known_are_no_drift():
    """What has the fate unknown is counted as that, and not a second time; what is no object has no fields."""
    parser = registry.make("claude-code", "stream")
    block = {"type": "assistant", "message": {"model": "m", "content": [{"type": "hologram"}]}}
    for value in ({"type": "hologram", "x": 1}, block, {"type": "system", "subtype": "telepathy"}):
        answer = parser.feed(json.dumps(value).encode())
        assert (answer.fate, answer.drift) == (Fate.UNKNOWN, ())
    for line in (b"[1]", b"{", b"", b"7"):
        assert parser.feed(line).drift == ()


def lines_with(n, **more):
    """Lines of one event, of growing length."""
    message = {"model": "m", "content": [{"type": "text", "text": ""}]}
    for length in range(n):
        message["content"][0]["text"] = "x" * (length % 997)
        yield json.dumps({"type": "assistant", "message": message, **more}).encode()


def test_later_lines_are_looked_at_now_and_then():
    """All the first lines of an event, then a sample that does not depend on where reading was resumed."""
    parser = registry.make("claude-code", "stream")
    answers = [parser.feed(line) for line in lines_with(3_000, brandNew=1)]
    looked = [number for number, answer in enumerate(answers) if answer.drift]
    assert looked[:FIRST] == list(range(FIRST))
    assert 5 <= len(looked) - FIRST <= 25
    again = registry.make("claude-code", "stream")
    resumed = [again.feed(line) for line in list(lines_with(3_000, brandNew=1))[1_000:]]
    sample = {number for number, answer in enumerate(resumed, 1_000) if answer.drift}
    assert {number for number in looked if number >= 1_000 + FIRST} == {n for n in sample if n >= 1_000 + FIRST}
    assert parser.snapshot() is None or "drift" not in json.dumps(parser.snapshot())


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (("claude-code", "stream"), {"type": "system", "subtype": "init", "claude_code_version": "9.9.9"}),
        (("claude-code", "transcript"), {"type": "user", "message": {"content": "x"}, "version": "9.9.9"}),
        (("codex", "transcript"), {"type": "session_meta", "payload": {"id": "x", "cli_version": "9.9.9"}}),
    ],
)
def test_a_new_version_is_looked_at_anew(told, line):
    """When the lines say that another version writes them, every event's first lines are looked at again."""
    parser = registry.make(*told)
    parser.watch.familiar.update({"assistant/text", "user/text"})
    parser.feed(json.dumps(line).encode())
    assert "assistant/text" not in parser.familiar


def test_events_told_apart_are_bounded():
    """Names without end do not grow the watch's memory without end."""
    parser = registry.make("claude-code", "transcript")
    for number in range(fields.MAX_EVENTS * 3):
        name = "".join(chr(97 + int(digit)) for digit in str(number))
        parser.feed(json.dumps({"type": f"marble-origami-{name}", "sessionId": "s"}).encode())
    assert len(parser.watch._seen) + len(parser.watch.familiar) <= fields.MAX_EVENTS + 1


def test_the_table_is_what_the_recordings_give():
    """The script that makes the table finds nothing in the bundled recordings that it would change."""
    command = [sys.executable, "bench/fields.py", "tests/data/streams", "tests/data/versions", "tests/data/capture"]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=True, text=True)
    assert done.stdout == ""
    assert "lines of" in done.stderr


def test_every_name_of_the_table_looks_like_a_field():
    """So a name made of it is safe, and short enough for the books."""
    for label, rows in tables().items():
        for path, row in rows.items():
            words = [] if row[:1] in {"@", "="} or not path else re.findall(r"(\S+?)[:!][a-z]+(?:\s|$)", row)
            assert [name for name in words if safe_field(name) != name] == []
            assert all(NAME.match(f"{label}:{path}.{name}:boolean") for name in words)
