"""What `wrap` reads from its arguments, and the little it keeps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.cli.wrap import Options, WrongUseError, model_hint, parse


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--", "claude", "-p"], Options("claude-code", None, None, ["claude", "-p"])),
        (["/opt/bin/gemini"], Options("gemini", None, None, ["/opt/bin/gemini"])),
        (["--provider=codex", "--", "x", "--provider", "y"], Options("codex", None, None, ["x", "--provider", "y"])),
        (["--role", "planner", "--agent-id", "a", "--", "--", "x"], Options(None, "a", "planner", ["--", "x"])),
        (["-h"], Options(None, None, None, [])),
    ],
)
def test_options_end_where_the_command_begins(argv, expected):
    """Everything from the command on is the command's."""
    assert parse(argv) == expected


@pytest.mark.parametrize(
    "argv",
    [[], ["--"], ["--role"], ["--what", "x"], ["--provider", "gpt", "x"], ["--role", "", "x"], ["--role", "a\nb", "x"]],
)
def test_wrong_use_is_said(argv):
    """An unknown, incomplete or unprintable option is refused."""
    with pytest.raises(WrongUseError):
        parse(argv)


@pytest.mark.parametrize(
    ("provider", "command", "hint"),
    [
        ("claude-code", ["claude", "--model", "opus[1m]"], "opus[1m]"),
        ("codex", ["codex", "exec", "-m=gpt-9.1", "text"], "gpt-9.1"),
        ("gemini", ["/usr/bin/gemini", "-m", "gemini-3-pro", "-p", "x"], "gemini-3-pro"),
        ("codex", ["python", "-m", "codex_wrapper"], None),
        ("codex", ["codex", "--", "--model", "x"], None),
        ("codex", ["codex", "-m"], None),
        ("codex", ["codex", "-m", "a secret sentence"], None),
        ("codex", ["codex", "--model", "x" * 200], None),
        ("codex", ["codex", "--model", "-x"], None),
        (None, ["git", "commit", "-m", "word"], None),
    ],
)
def test_only_a_model_is_kept(provider, command, hint):
    """The one argument that is kept looks like a model and was given to a CLI we know."""
    assert model_hint(provider, command) == hint


@given(st.lists(st.text(), min_size=1), st.sampled_from([None, "codex", "claude-code"]))
def test_no_arguments_break_it(command, provider):
    """Any arguments at all are survived."""
    hint = model_hint(provider, command)
    assert hint is None or (hint.isascii() and " " not in hint)
