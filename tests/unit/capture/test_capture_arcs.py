"""An arc joins a failure to the same command green later, and to nothing else; its size is bounded."""

from __future__ import annotations

import json

import pytest
from capture_support import feed, outcome_of
from hypothesis import given
from hypothesis import strategies as st

from sidecar.capture.arcs import MAX_ATTEMPTS, MAX_KEPT, MAX_OPEN, Arcs
from sidecar.capture.commands import Signature, signature_of


def shell(command):
    """The signature of a shell command."""
    return signature_of("Bash", {"command": command})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pytest tests/a.py", "python -m pytest -q tests/a.py"),
        ("pytest tests/a.py -x", "cd /repo && FOO=1 pytest tests/a.py 2>&1 | tail -20"),
        ("npm test", "npm run test -- --silent"),
        ("/bin/bash -lc 'go test ./...'", "go test -v ./..."),
        ("uv run pytest", "timeout 60 pytest"),
        ("ruff check src/", "ruff check src"),
        ("make build; echo done", "make build"),
    ],
)
def test_the_same_command_in_other_words(one, other):
    """Wrappers, flags, assignments, redirections and pipes do not make another command."""
    assert shell(one) == shell(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pytest tests/a.py", "pytest tests/b.py"),
        ("npm test", "npm install"),
        ("git commit", "git push"),
        ("cat a", "ls a"),
        ("go test ./a", "go build ./a"),
    ],
)
def test_other_commands(one, other):
    """Another program, subcommand or target is another command."""
    assert shell(one) != shell(other)


def test_the_whole_check_answers_for_a_part():
    """The full test run green mends a failed single test; a part does not mend the whole, nor ls a failed ls x."""
    assert shell("pytest").answers(shell("pytest tests/a.py"))
    assert not shell("pytest tests/a.py").answers(shell("pytest"))
    assert not shell("ls").answers(shell("ls missing"))


@given(st.text(st.sampled_from("ab'\"|&;<>=/ -\n$"), max_size=80))
def test_any_command_has_a_signature_that_answers_itself(command):
    """No text breaks the reading of a command, and the same text is always the same command."""
    assert shell(command).answers(shell(command))


@pytest.mark.parametrize("command", ["mise run test:unit ./redact", "npm run lint", "just build", "tsc --noEmit"])
def test_checks_are_known_by_program_or_task(command):
    """Test, lint and build runs are checks, whoever runs them."""
    assert shell(command).checks
    assert not shell("cat build").checks


def test_file_tools_are_matched_by_file():
    """Edit of a file answers a failed Edit of the same file only."""
    failed = signature_of("Edit", {"file_path": "a", "old_string": "x"})
    assert signature_of("Edit", {"file_path": "a", "old_string": "y"}).answers(failed)
    assert not signature_of("Edit", {"file_path": "b"}).answers(failed)
    assert not signature_of("Read", {"file_path": "a"}).answers(failed)


def test_a_recovery_names_its_steps(sessions, lines):
    """Error, edit, second failure, edit, green: one arc with every attempt."""
    session = sessions.make()
    run = {"command": "python -m pytest -q"}
    edit = {"file_path": "/a.py", "old_string": "1", "new_string": "2"}
    feed(
        session,
        lines["call"]("1", "Bash", **run),
        lines["result"]("1", "Exit code 1\n1 failed", is_error=True),
        lines["call"]("2", "Edit", **edit),
        lines["result"]("2", "updated"),
        lines["call"]("3", "Bash", **run),
        lines["result"]("3", "Exit code 1\n1 failed", is_error=True),
        lines["call"]("4", "Edit", **edit),
        lines["result"]("4", "updated"),
        lines["call"]("5", "Bash", command="pytest"),
        lines["result"]("5", "1 passed"),
    )
    outcome = outcome_of(session)
    (arc,) = outcome["arcs"]
    assert (arc["error_step"], arc["attempts"], arc["recovered_step"]) == (2, [3, 5, 7, 9], 10)
    assert (arc["command"], arc["errors"]) == ("pytest", 2)
    assert (outcome["errors_encountered"], outcome["errors_recovered"], outcome["errors_open"]) == (2, 1, 0)
    assert outcome["files_modified"] == 1


def test_arcs_are_bounded_and_counted():
    """Beyond the bounds the count goes on and the oldest open failure is let go, still counted as open."""
    arcs = Arcs()
    for n in range(MAX_OPEN + 10):
        arcs.failed(n, None, Signature("x", str(n)), "is_error")
    for n in range(MAX_ATTEMPTS * 2):
        arcs.edited(1_000 + n)
    assert arcs.open == MAX_OPEN + 10
    for n in range(MAX_KEPT * 2):
        arcs.failed(2_000 + n, None, Signature("y", ""), "is_error")
        arcs.succeeded(2_001 + n, None, Signature("y", ""))
    assert arcs.recovered == MAX_KEPT * 2
    assert len(arcs.report()) == MAX_KEPT
    state = json.loads(json.dumps(arcs.snapshot()))
    other = Arcs()
    other.restore(state)
    assert other.snapshot() == state
    assert len(json.dumps(state)) < 40_000
