"""Lines of any kind: blank, torn, no object, not UTF-8, too deep; and the helpers below the dialects."""

from __future__ import annotations

import json

import pytest
from parsers_support import lines_of, recordings

from parsers.base import Fate
from parsers.blocks import JsonError, as_text, decode, loads, parse_time, safe_name
from parsers.dialect import MAX_HELD, MAX_OPEN_CALLS, Call, Held, OpenCalls
from parsers.edits import MAX_FILES, from_arguments, from_claude_result, from_patch_text
from parsers.registry import make, names
from parsers.step import Step, StepType


@pytest.mark.parametrize(("provider", "dialect"), names())
def test_lines_that_are_no_records(provider, dialect):
    """Every dialect answers the same for lines that are no JSON object."""
    parser = make(provider, dialect)
    expected = {
        b"": ("noise", "blank", ""),
        b" \t\r": ("noise", "blank", ""),
        b"plain text": ("malformed", "malformed", "not_json"),
        b'{"type":"assist': ("malformed", "malformed", "not_json"),
        b"[1]": ("malformed", "malformed", "not_an_object"),
        b'"x"': ("malformed", "malformed", "not_an_object"),
        b"{}": ("malformed", "malformed", "no_type"),
        b'{"type":7}': ("malformed", "malformed", "no_type"),
        b'{"type":NaN}': ("malformed", "malformed", "not_json"),
        b'{"a":' * 100_000: ("malformed", "malformed", "too_deep"),
        b"\xff\xfe": ("malformed", "malformed", "not_utf8"),
    }
    found = {line: parser.feed(line) for line in expected}
    assert {line: (answer.fate, answer.name, answer.reason) for line, answer in found.items()} == expected


def places(value, path=()):
    """(object or list, key in it, where that is) of everything below `value`."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        here = (*path, key if isinstance(key, str) else "[]")
        yield value, key, here
        yield from places(inner, here)


@pytest.mark.parametrize("stranger", [[], {}, 7, None, [[{}]]])
def test_a_member_of_another_kind_raises_nothing(stranger):
    """Each member of recorded lines, one after the other, is a list, an object, a number, null: there is an answer."""
    tried = set()
    for provider, dialect, path in recordings():
        for line in lines_of(path):
            try:
                value = loads(line)
            except JsonError:
                continue
            for holder, key, where in list(places(value)):
                kept = holder[key]
                kind = (provider, dialect, value.get("type"), where, kept if where[-1].endswith("type") else None)
                if isinstance(kept, list | dict) and where[-1].endswith("type"):
                    continue
                if kind not in tried:
                    tried.add(kind)
                    holder[key] = stranger
                    parser = make(provider, dialect)
                    assert parser.feed(json.dumps(value).encode()).fate in Fate
                    assert parser.finish().name == "end"
                    holder[key] = kept
    assert len(tried) > 1_000


def test_carriage_return_is_not_content():
    """A line that ended in CR LF reads like one that ended in LF."""
    line = b'{"type":"thread.started","thread_id":"t"}'
    assert make("codex").feed(line + b"\r").facts == make("codex").feed(line).facts


def test_invalid_utf8_is_read_with_replacement():
    """A record with invalid UTF-8 inside a string is read, and says that bytes were replaced."""
    line = b'{"type":"item.completed","item":{"id":"i","type":"reasoning","text":"a\xffb"}}'
    answer = make("codex").feed(line)
    assert (answer.fate, answer.reason, answer.steps[0].content) == (Fate.STEPS, "replaced_utf8", "a\ufffdb")


def test_json_of_the_field():
    """Lone surrogates, huge integers, duplicate keys, a byte order mark and 1e999 are read; NaN is not."""
    assert loads(b'"\\ud83d"') == "\ud83d"
    assert loads(b'[12345678901234567890,"\\ud83d"]')[0] == 12345678901234567890.0
    assert loads(b"123456789012345678901234567890") == pytest.approx(1.2345678901234568e29)
    assert loads(b'{"id":1,"id":2}') == {"id": 2}
    assert decode(b"\xef\xbb\xbf{}") == ({}, "")
    assert loads(b'[1e999,"\\ud83d"]') == [None, "\ud83d"]
    with pytest.raises(JsonError, match="not_json"):
        loads(b"[NaN]")
    with pytest.raises(JsonError, match="too_deep"):
        loads(b"[" * 200_000)


def test_names_are_safe_to_show():
    """A name that could carry text of the line is "other"."""
    assert safe_name("item.completed/file_change") == "item.completed/file_change"
    assert [safe_name(name) for name in ("a b", "x" * 65, "", "k\n", "ghp_0123456789ab", "ümlaut")] == ["other"] * 6


def test_times():
    """ISO texts and numbers in seconds or milliseconds are unix seconds; anything else is None."""
    assert parse_time("1970-01-01T00:00:10.500Z") == 10.5
    assert parse_time("1970-01-01T00:00:10") == 10
    assert parse_time(1_795_164_522_360) == 1_795_164_522.36
    assert [parse_time(value) for value in ("yesterday!", "9999-99-99T00:00:00Z", None, True, -1, [], 10**400)] == [
        None
    ] * 7


def test_content_blocks_as_text():
    """Texts are joined by newlines; encoded things are markers."""
    blocks = [
        {"type": "text", "text": "a"},
        {"type": "image", "source": {"data": "QUJD"}},
        {"type": "tool_reference", "tool_name": "T"},
        {"type": "document", "source": {"data": "QUJD"}},
        {"type": "novel", "data": "QUJD"},
        "b",
        None,
    ]
    assert as_text(blocks) == "a\n[image]\n[tool_reference T]\n[document]\n[novel]\nb\n[block]"
    assert as_text({"k": "\ud83d"}) == '{"k":"\ud83d"}'
    assert as_text(None) == ""


def test_open_calls_are_bounded():
    """The table forgets the oldest beyond its limit and counts it."""
    calls = OpenCalls()
    for number in range(MAX_OPEN_CALLS + 5):
        calls.remember(f"c{number}", Call("t"))
    assert len(calls) == MAX_OPEN_CALLS
    assert calls.close("c0") is None and calls.close("c5") == Call("t")
    copy = OpenCalls()
    copy.restore(json.loads(json.dumps(calls.state())))
    assert copy.state() == calls.state()
    assert copy.clear() == MAX_OPEN_CALLS + 4


def test_held_texts_are_bounded_and_resolved_once():
    """No more than the limit is held; an answer is found among the held, else it comes on its own."""
    held = Held()
    out = [step for number in range(MAX_HELD + 2) for step in held.hold(Step(StepType.THOUGHT, str(number)))]
    assert [step.content for step in out] == ["0", "1"]
    done = held.resolve("3")
    assert [(step.type, step.content) for step in done] == [("thought", "2"), ("resolution", "3")]
    assert [step.type for step in held.resolve("new")][-1] == "resolution" and not held


def test_patches_are_bounded():
    """A patch of many files and hunks gives a bounded list; a text that is no patch gives none."""
    patch = "*** Begin Patch\n" + "".join(f"*** Add File: f{n}\n+x\n" for n in range(MAX_FILES + 9)) + "*** End Patch"
    assert len(from_patch_text(patch)) == MAX_FILES
    moved = from_patch_text(
        "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n@@ def f\n x\n-1\n+2\n*** End Patch"
    )
    assert moved == [{"path": "a.py", "kind": "update", "move_to": "b.py", "hunks": [{"old": "x\n1", "new": "x\n2"}]}]
    assert from_patch_text("not a patch") is None


def test_edit_arguments_and_results():
    """Each edit tool's arguments give path, kind and hunks; a long side ends after a whole line, never inside one."""
    long = from_arguments("Write", {"file_path": "a", "content": "four\n" * 2_000})
    assert long[0]["hunks"][0]["truncated"] and long[0]["hunks"][0]["new"] == "four\n" * 400
    one = from_arguments("Write", {"file_path": "a", "content": "x" * 10_000})
    assert one[0]["hunks"][0] == {"old": "", "new": "", "truncated": True}
    multi = from_arguments("MultiEdit", {"file_path": "a", "edits": [{"old_string": "1", "new_string": "2"}] * 3})
    assert len(multi[0]["hunks"]) == 3
    assert from_arguments("NotebookEdit", {"notebook_path": "n", "new_source": "s"})[0]["path"] == "n"
    assert from_arguments("Edit", {}) is None
    assert from_arguments("Edit", {"file_path": "a", "old_string": "", "new_string": "x"})[0]["kind"] == "write"
    created = {"filePath": "a", "oldString": "", "originalFile": "", "structuredPatch": []}
    assert from_claude_result(created) == [{"path": "a", "kind": "add"}]
    patch = {"filePath": "a", "structuredPatch": [{"lines": [" k", "-1", "+2", "\\ No newline"]}]}
    assert from_claude_result(patch) == [{"path": "a", "kind": "update", "hunks": [{"old": "k\n1", "new": "k\n2"}]}]
