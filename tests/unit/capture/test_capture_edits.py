"""Every way to spell an edit gives the same bounded shape; what is no edit gives None."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.capture.edits import MAX_FILES, MAX_HUNKS, MAX_SIDE, changes_of, normalise, parse_patch

PATCH = """*** Begin Patch
*** Add File: new.py
+a = 1
+b = 2
*** Update File: old.py
*** Move to: moved.py
@@ def f():
 keep
-x = 1
+x = 2
@@
-y
+z
*** Delete File: gone.py
*** End Patch"""


def test_a_patch_names_files_kinds_and_hunks():
    """Added, updated (with a move and two hunks) and deleted files come in order."""
    assert parse_patch(PATCH) == [
        {"path": "new.py", "kind": "add", "hunks": [{"old": "", "new": "a = 1\nb = 2"}]},
        {
            "path": "old.py",
            "kind": "update",
            "hunks": [{"old": "keep\nx = 1", "new": "keep\nx = 2"}, {"old": "y", "new": "z"}],
            "move_to": "moved.py",
        },
        {"path": "gone.py", "kind": "delete"},
    ]


def test_a_patch_without_end_or_without_files():
    """A torn patch gives what is there; a text that is no patch, or has no file, gives nothing."""
    assert parse_patch(PATCH.partition("*** Delete")[0]) == parse_patch(PATCH)[:2]
    assert parse_patch("*** Begin Patch\n@@\n-a\n+b") == []
    assert parse_patch("diff --git a b") == []


@pytest.mark.parametrize(
    ("tool", "arguments", "path", "kind", "hunks"),
    [
        ("Edit", {"file_path": "a", "old_string": "1", "new_string": "2"}, "a", "update", [("1", "2")]),
        ("replace", {"file_path": "a", "old_string": "1", "new_string": "2"}, "a", "update", [("1", "2")]),
        ("Write", {"file_path": "a", "content": "1"}, "a", "add", [("", "1")]),
        ("write_file", {"file_path": "a", "content": "1"}, "a", "add", [("", "1")]),
        ("NotebookEdit", {"notebook_path": "a", "new_source": "1"}, "a", "update", [("", "1")]),
        (
            "MultiEdit",
            {"file_path": "a", "edits": [{"old_string": "1", "new_string": "2"}, {"old_string": "3"}]},
            "a",
            "update",
            [("1", "2"), ("3", "")],
        ),
        ("apply_patch", {"input": PATCH}, "new.py", "add", [("", "a = 1\nb = 2")]),
        ("shell", {"command": ["apply_patch", PATCH]}, "new.py", "add", [("", "a = 1\nb = 2")]),
        ("exec_command", {"cmd": f"apply_patch <<'EOF'\n{PATCH}\nEOF"}, "new.py", "add", [("", "a = 1\nb = 2")]),
    ],
)
def test_edit_tools(tool, arguments, path, kind, hunks):
    """The edit tools of the three CLIs say file, kind and both sides."""
    change = changes_of(tool, arguments)[0]
    assert (change["path"], change["kind"]) == (path, kind)
    assert [(hunk["old"], hunk["new"]) for hunk in change["hunks"]] == hunks


def test_other_calls_are_no_edits():
    """Reading, running, and edit tools without a file change nothing."""
    for tool, arguments in (("Read", {"file_path": "a"}), ("Bash", {"command": "ls"}), ("Edit", {}), (None, {"a": 1})):
        assert changes_of(tool, arguments) is None


def test_everything_is_bounded():
    """Long sides, many hunks and many files are cut, and a cut change says so."""
    change = changes_of("Write", {"file_path": "a", "content": "x" * 10 * MAX_SIDE})[0]
    assert len(change["hunks"][0]["new"]) == MAX_SIDE
    assert change["truncated"] is True
    edits = [{"old_string": "1", "new_string": "2"}] * 1_000
    assert len(changes_of("MultiEdit", {"file_path": "a", "edits": edits})[0]["hunks"]) == MAX_HUNKS
    many = "*** Begin Patch\n" + "*** Delete File: f\n" * 1_000
    assert len(parse_patch(many)) == MAX_FILES
    assert len(normalise([{"path": "a", "kind": "add"}] * 1_000)) == MAX_FILES


@given(st.text(st.sampled_from("*+-@ \nabP"), max_size=200), st.sampled_from(["", "*** Begin Patch\n"]))
def test_no_text_breaks_the_patch_parser(text, head):
    """Any text gives a list of changes with a path and a kind."""
    for change in parse_patch(head + "*** Update File: a\n" + text):
        assert change["kind"] in {"add", "update", "delete"}
        assert isinstance(change["path"], str)
