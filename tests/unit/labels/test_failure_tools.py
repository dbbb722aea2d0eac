"""Failures of many tools, each in the form it prints, and their successes."""

from __future__ import annotations

import pytest
import tool_messages as messages
import tool_outputs as table

from sidecar.capture.failure import judge_result


@pytest.mark.parametrize("output", table.RUNS.values(), ids=table.RUNS)
def test_a_failed_run_is_seen_through_a_success(output):
    """What a test, lint or build tool says of a failed run counts with nothing said, and against a fine flag."""
    assert judge_result(output, tool="Bash").evidence.startswith("pattern:")
    assert judge_result(output, tool="Bash", is_error=False).evidence.startswith("hidden:")
    assert judge_result(output, tool="shell", exit_code=0).evidence.startswith("hidden:")


@pytest.mark.parametrize("output", messages.MESSAGES.values(), ids=messages.MESSAGES)
def test_a_message_of_trouble_counts_while_nothing_says_success(output):
    """A program's message is a failure by itself, and none where the provider says that the command succeeded."""
    assert judge_result(output, tool="Bash").evidence.startswith("pattern:")
    assert not judge_result(output, tool="Bash", is_error=False).failed


@pytest.mark.parametrize("output", table.FINE.values(), ids=table.FINE)
def test_a_success_is_no_failure(output):
    """Clean runs, warnings, listings and words about errors are not failures, whether or not anything says success."""
    assert judge_result(output, tool="Bash") == (False, "")
    assert judge_result(output, tool="Bash", is_error=False) == (False, "")


@pytest.mark.parametrize(("tool", "output"), messages.REPORTS)
def test_the_report_of_a_failure_is_a_failure(tool, output):
    """What the CLIs and MCP servers answer when a call could not be carried out, and not what merely quotes it."""
    assert judge_result(output, tool=tool).evidence.startswith("pattern:")
    assert not judge_result(f"     1\t# notes\n     2\t{output}", tool="Read").failed
