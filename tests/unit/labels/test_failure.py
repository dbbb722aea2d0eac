"""Whether a result failed: every kind of evidence, many tools; every example is invented."""

from __future__ import annotations

import pytest

from sidecar.capture.failure import judge_result

RUNS = {
    "pytest": "tests/test_cart.py .F\n\n=== FAILURES ===\nE   assert 3 == 4\n=== 1 failed, 1 passed in 0.12s ===",
    "unittest": "F.\n----\nRan 2 tests in 0.001s\n\nFAILED (failures=1)",
    "jest": " FAIL  src/cart.test.ts\n  ● adds\n\nTests:       1 failed, 4 passed, 5 total",
    "vitest": " Test Files  1 failed (1)\n      Tests  2 failed | 3 passed (5)",
    "mocha": "  3 passing (12ms)\n  1 failing\n\n  1) Cart adds:",
    "bun": "bun test v1.1\n(fail) cart > adds [0.31ms]\n\n 4 pass\n 1 fail\nRan 5 tests",
    "go test": "=== RUN   TestAdd\n--- FAIL: TestAdd (0.00s)\nFAIL\nFAIL\tshop/cart\t0.003s\nFAIL",
    "go build": "# shop/cart\ncart/cart.go:12:2: undefined: total",
    "golangci-lint": "cart/cart.go:9:1: exported func Add should have comment (revive)\n1 issues:\n* revive: 1",
    "cargo": "error[E0308]: mismatched types\n --> src/main.rs:4:5\n\nerror: could not compile `shop`",
    "cargo test": "test cart::adds ... FAILED\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored",
    "tsc": "src/cart.ts(4,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    "eslint": "/app/src/cart.js\n  3:7  error  'total' is assigned a value but never used\n\n✖ 1 problem (1 error, 0 warnings)",
    "ruff": "cart.py:1:8: F401 `os` imported but unused\nFound 1 error.",
    "mypy": "cart.py:3: error: Incompatible return value type\nFound 1 error in 1 file (checked 2 source files)",
    "gradle": "> Task :compileJava FAILED\n\nFAILURE: Build failed with an exception.\n\nBUILD FAILED in 3s",
    "maven": "[ERROR] COMPILATION ERROR :\n[INFO] BUILD FAILURE",
    "make": "cc -c cart.c\nmake: *** [Makefile:4: cart.o] Error 1",
    "gcc": "cart.c:4:5: error: expected ';' before 'return'",
    "npm": 'npm error Missing script: "biuld"',
    "dotnet": "Cart.cs(4,9): error CS0103: The name 'total' does not exist\n\nBuild FAILED.",
    "rspec": "Failures:\n\n2 examples, 1 failure",
    "phpunit": "FAILURES!\nTests: 3, Assertions: 4, Failures: 1.",
    "swift": "Executed 4 tests, with 1 failure (0 unexpected) in 0.01 seconds",
    "ctest": "50% tests passed, 1 tests failed out of 2",
    "docker build": 'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
    "tap": "TAP version 13\nok 1 - adds\nnot ok 2 - removes",
    "biome": "src/a.ts:1:1 lint/style/useConst  FIXABLE  ━━━━━━\n\nChecked 4 files in 12ms.\nFound 1 error.",
}
MESSAGES = {
    "bash": "bash: line 1: frobnicate: command not found",
    "zsh": "(eval):1: no matches found: *.orig",
    "ls": "ls: cannot access 'missing': No such file or directory",
    "mkdir": "mkdir: /opt/shop: Permission denied",
    "git fatal": "fatal: not a git repository (or any of the parent directories): .git",
    "git push": "To example.com:shop.git\n ! [rejected]        main -> main (fetch first)",
    "git merge": "Auto-merging cart.py\nCONFLICT (content): Merge conflict in cart.py",
    "python": 'Traceback (most recent call last):\n  File "cart.py", line 2, in <module>\nKeyError: 3',
    "node": "Error: Cannot find module './cart'\n    at Module._resolveFilename\n\nNode.js v20.11.0",
    "rust panic": "thread 'main' panicked at src/main.rs:3:5:\nindex out of bounds",
    "go panic": "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:",
    "curl": "curl: (7) Failed to connect to localhost port 8080",
    "gh": "gh: Not Found (HTTP 404)",
    "jq": "jq: error (at <stdin>:1): Cannot index number with string",
    "argparse": "usage: cart [-h] name\ncart: error: the following arguments are required: name",
    "timeout": "Command timed out after 2m 0.0s",
    "psql": 'psql: error: connection to server at "localhost" failed: Connection refused',
    "last line": "connecting\nretrying\nError: database is locked",
}
WHOLE = [
    ("Read", "File does not exist. Did you mean cart.py?"),
    ("Read", "EISDIR: illegal operation on a directory, read"),
    ("Read", "File content (30211 tokens) exceeds maximum allowed tokens (25000)."),
    ("read_file", "File not found: /app/cart.py"),
    ("Grep", "Path does not exist: /app/srv"),
    ("Edit", "String to replace not found in file.\nString: total = 0"),
    ("Edit", "Found 3 matches of the string to replace, but replace_all is false."),
    ("Write", "File has not been read yet. Read it first before writing to it."),
    ("replace", "Failed to edit, 0 occurrences found for old_string."),
    ("apply_patch", "apply_patch verification failed: Failed to find expected lines"),
    ("Skill", "Unknown skill: deploy"),
    ("Task", "Agent type 'planner' not found. Available agents: general-purpose"),
    ("WebFetch", "Request failed with status code 404"),
    ("mcp__tracker__create", "MCP error -32602: Invalid arguments for tool create"),
    ("mcp__tracker__create", "Argument Validation Error"),
    ("Bash", "Permission to use Bash with command rm -rf build has been denied."),
    ("Edit", "The user doesn't want to proceed with this tool use. The tool use was rejected"),
    ("Bash", "[Request interrupted by user for tool use]"),
]
FINE = [
    ("Bash", "All checks passed!\n0 errors, 0 warnings"),
    ("Bash", "=== 12 passed in 0.40s ==="),
    ("Bash", "ok  \tshop/cart\t0.003s\nok  \tshop/errors\t(cached)"),
    ("Bash", "running 3 tests\ntest error_is_shown ... ok\n\ntest result: ok. 3 passed; 0 failed"),
    ("Bash", "Tests:       12 passed, 12 total"),
    ("Bash", "0 issues."),
    ("Bash", "[main 1a2b3c4] Fix error handling when the login failed\n 2 files changed, 8 insertions(+)"),
    ("Bash", "Found 0 errors in 14 files"),
    ("Bash", "src/errors.py\nsrc/failed_jobs.py"),
    ("Read", "     1\traise ValueError('fatal: not found')\n     2\t# Error: see the log\n"),
    ("Read", "Traceback (most recent call last):\nKeyError: a log that was only read"),
    ("Grep", "src/app.py:12:    except FileNotFoundError:\nsrc/app.py:14: log.error('failed')"),
    ("Glob", "No files found"),
    ("Edit", "The file /app/errors.py has been updated."),
    ("WebSearch", "Search results: how to fix 'fatal: not a git repository'"),
    ("Bash", ""),
]


@pytest.mark.parametrize("output", RUNS.values(), ids=RUNS)
def test_failed_runs_are_seen_even_where_a_pipe_hid_the_code(output):
    """The verdict of a test, lint or build tool counts with nothing said, with code zero, and against a fine flag."""
    assert judge_result(output, tool="Bash").evidence.startswith("pattern:")
    assert judge_result(output, tool="exec_command", exit_code=0).evidence.startswith("hidden:")
    assert judge_result(output, tool="Bash", is_error=False).evidence.startswith("hidden:")


@pytest.mark.parametrize("output", MESSAGES.values(), ids=MESSAGES)
def test_messages_of_programs_count_while_nothing_says_success(output):
    """A program's message is a failure by itself, and none where the provider says that the command succeeded."""
    assert judge_result(output, tool="Bash").failed
    assert not judge_result(output, tool="Bash", is_error=False).failed
    assert not judge_result(output, tool="run_shell_command", status="success").failed


@pytest.mark.parametrize(("tool", "output"), WHOLE)
def test_results_that_are_nothing_but_a_failure(tool, output):
    """Any tool's result that only reports a failure is one, also inside the wrapper of the CLI."""
    assert judge_result(output, tool=tool).evidence.startswith("pattern:")
    assert judge_result(f"<tool_use_error>{output}</tool_use_error>", tool=tool) == (True, "wrapper")


@pytest.mark.parametrize(("tool", "output"), FINE)
def test_words_about_errors_are_not_errors(tool, output):
    """Source code, listings, commit messages and clean reports may hold any word."""
    assert judge_result(output, tool=tool) == (False, "")


@pytest.mark.parametrize(
    ("content", "given", "evidence"),
    [
        ("fine", {"is_error": True, "exit_code": 0}, "is_error"),
        ("fine", {"exit_code": 3}, "exit_code"),
        ("fine", {"exit_code": -9}, "signal"),
        ("fine", {"status": "failed"}, "status"),
        ("fine", {"status": "Declined"}, "status"),
        ("Exit code 2\nno such target", {"tool": "Bash"}, "exit_code"),
        ("Exit code: 1\nWall time: 0.2 seconds\nOutput:\n", {"tool": "shell"}, "exit_code"),
        (
            "Chunk ID: 7\nWall time: 0.1 seconds\nProcess exited with code 127\nOutput:\n",
            {"tool": "exec_command"},
            "exit_code",
        ),
        ('{"output":"","metadata":{"exit_code":1,"duration_seconds":0.1}}', {"tool": "shell"}, "exit_code"),
        ("Output: (empty)\nExit Code: 1\nProcess Group PGID: 88", {"tool": "run_shell_command"}, "exit_code"),
        ("Output: (empty)\nSignal: 9\n", {"tool": "run_shell_command"}, "signal"),
    ],
)
def test_explicit_evidence_is_named(content, given, evidence):
    """Flag, code, signal and status decide in that order and are named."""
    assert judge_result(content, **given) == (True, evidence)


@pytest.mark.parametrize(
    "content",
    [
        "Exit code 0\nfatal: quoted in a log",
        "Output: x\nExit Code: 0\nSignal: (none)\n",
        "Process exited with code 0\nOutput:\nls: x: No such file or directory",
    ],
)
def test_a_written_zero_is_a_success(content):
    """A zero that the CLI wrote keeps messages in the output from counting."""
    assert not judge_result(content, tool="Bash").failed


def test_an_echoed_code_is_not_the_code():
    """Agents append an echo of the code to a command; that line is output, not the CLI's word."""
    assert not judge_result("rows: 12\nexit code: 1", tool="Bash").failed


@pytest.mark.parametrize(
    "command", ["cat build.log", "cd /app && tail -50 test.log", "git log -3", "rg FAIL logs/", "gh run view 7"]
)
def test_commands_that_show_things_are_believed_less(command):
    """A log that a command merely shows holds verdicts of other runs."""
    log = "older entry\n--- FAIL: TestAdd (0.00s)\nFAIL\nnewer entry"
    assert not judge_result(log, tool="Bash", command=command).failed
    assert judge_result(log, tool="Bash", command="go test ./... | head").failed


def test_a_shown_file_that_is_missing_is_a_failure():
    """What a showing program says about itself still counts."""
    assert judge_result("cat: build.log: No such file or directory", tool="Bash", command="cat build.log").failed


def test_the_middle_of_a_long_output_is_not_searched_and_its_end_is():
    """A verdict stands at the end of a run, however long the run was."""
    noise = "compiled one more file\n" * 4000
    assert judge_result(noise + "=== 2 failed, 8 passed in 9.1s ===\n", tool="Bash").failed
    assert not judge_result(noise + "--- FAIL: Quoted\n" + noise, tool="Bash").failed


@pytest.mark.parametrize("tool", ["Bash", "run_shell_command", "exec_command"])
def test_no_mark_is_a_success_where_the_cli_marks_failures(tool):
    """In a text as the CLI wrote it, only a mark, a refusal or the verdict of a failed run is a failure."""
    assert not judge_result("ls: x: No such file or directory", tool=tool, marked=True).failed
    assert judge_result("ls: x: No such file or directory", tool="terminal", marked=True).failed
    assert judge_result("--- FAIL: TestAdd (0.00s)\nFAIL", tool=tool, marked=True) == (True, "hidden:go")
    assert judge_result("Exit code 2\nls: x: No such file", tool=tool, marked=True) == (True, "exit_code")
    assert judge_result("[Request interrupted by user for tool use]", tool=tool, marked=True).failed


@pytest.mark.parametrize("heading", ["---", "===", "=== present", "### present ###", "--- present ---"])
def test_what_stands_before_the_last_heading_did_not_end_the_command_line(heading):
    """A heading is printed by a command line that went on, so what failed before it did not decide its end."""
    part = "ls: cannot access 'x': No such file or directory"
    assert not judge_result(f"{part}\n{heading}\ncart.py\nbasket.py\n", tool="Bash").failed
    assert judge_result(f"cart.py\n{heading}\n{part}\n", tool="Bash").failed


def test_an_output_that_ends_well_is_no_failure():
    """A message at the edge of an output is not believed where its end says success, and a verdict is."""
    assert judge_result("Error: cache is cold\nbuilt\n", tool="Bash").failed
    assert not judge_result("Error: cache is cold\nbuilt\nDone in 3.1s.\n", tool="Bash").failed
    assert judge_result("--- FAIL: TestAdd (0.00s)\nFAIL\nDone in 3.1s.\n", tool="Bash").failed


def test_an_error_above_a_long_output_did_not_end_it():
    """A program that dies with its first line prints little after it."""
    assert judge_result("Error: no config\n" + "at main\n" * 4, tool="Bash").failed
    assert not judge_result("Error: no config\n" + "row\n" * 40, tool="Bash").failed


@pytest.mark.parametrize(
    ("output", "command"),
    [
        ("error: branch 'gone' not found\nexit: 1", None),
        ('Unknown command "sesion" for "shop".\nExit code: 1', None),
        ("fatal: not a git repository", "git status 2>&1; echo checked"),
        ("ls: cannot access 'x': No such file or directory", "ls x || true"),
    ],
)
def test_a_command_line_that_goes_on_after_a_failure_ends_with_a_success(output, command):
    """An echoed code, or a command line that ends with an echo, says that the tool itself did not fail."""
    assert not judge_result(output, tool="Bash", command=command).failed
    assert judge_result("--- FAIL: TestAdd (0.00s)\nFAIL\n" + output, tool="Bash", command="go test; echo done").failed
