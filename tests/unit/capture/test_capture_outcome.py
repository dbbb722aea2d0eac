"""Totals add up, fit the wire and keep their truth; the rating follows the written rules at their exact borders."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from capture_support import NOW, feed, outcome_of

from parsers.step import Usage
from sidecar.capture import quality
from sidecar.capture.usage import Tokens
from sidecar.wire import limits

GOOD = quality.Totals(
    status="SUCCESS",
    steps=30,
    tokens=5_000,
    seconds=60.0,
    errors=0,
    recovered=0,
    open_errors=0,
    interventions=0,
    verified=False,
    by_type={"action": 5, "observation": 5, "resolution": 1},
)


def test_quality_is_50_and_10_for_each_good_thing():
    """Each of the five good things is worth 10; all of them make 100."""
    assert quality.quality(GOOD).value == 90
    assert quality.quality(replace(GOOD, verified=True)).value == 100
    assert quality.quality(replace(GOOD, by_type={})).value == 80
    assert quality.quality(replace(GOOD, interventions=1)).value == 80
    assert quality.quality(replace(GOOD, open_errors=1)).value == 75
    worst = quality.quality(replace(GOOD, status="CRASH", open_errors=99, interventions=9, by_type={}))
    assert worst.value == 10
    assert sum(worst.parts.values()) == worst.value


@pytest.mark.parametrize(
    ("score", "changes", "tier"),
    [
        (70, {}, "TIER_A"),
        (69, {}, "TIER_B"),
        (50, {}, "TIER_B"),
        (49, {}, "TIER_C"),
        (100, {"interventions": 1}, "TIER_B"),
        (100, {"status": "KILLED"}, "TIER_B"),
        (100, {"errors": 2, "recovered": 1}, "TIER_B"),
        (100, {"errors": 2, "recovered": 2}, "TIER_A"),
    ],
)
def test_tiers_have_exact_borders(score, changes, tier):
    """A from 70 without interventions, ended well, errors recovered; B from 50; else C; the reason fits the wire."""
    answer, reason = quality.tier(score, replace(GOOD, **changes))
    assert answer == tier
    assert 0 < len(reason) <= limits.MAX_TIER_REASON


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"tokens": 499, "seconds": 1.0, "steps": 1}, "insufficient_tokens"),
        ({"tokens": 500}, None),
        ({"seconds": 9.9, "steps": 1}, "too_short"),
        ({"seconds": 10.0}, None),
        ({"steps": 4, "by_type": {}}, "too_few_steps"),
        ({"by_type": {"observation": 1}}, "no_actions"),
        ({"by_type": {"action": 1}}, "no_observations"),
        ({"by_type": {"edit": 1, "error": 1}}, None),
    ],
)
def test_eligibility_is_decided_in_order(changes, reason):
    """Tokens, then time, then steps, then actions, then observations: the first that fails is the reason."""
    answer = quality.exclusion("solo", replace(GOOD, **changes))
    assert answer == reason
    assert answer is None or answer in limits.EXCLUSION_REASONS


@pytest.mark.parametrize("role", ["planner", "chat", "advisor"])
def test_talking_roles_need_two_steps_only(role):
    """A planner need not act, nor be long."""
    short = replace(GOOD, tokens=1, seconds=0.0, by_type={})
    assert quality.exclusion(role, replace(short, steps=2)) is None
    assert quality.exclusion(role, replace(short, steps=1)) == "too_few_steps"


def test_complexity_grows_with_each_measure():
    """Steps, files and time can each make a task medium or heavy."""
    assert quality.complexity(19, 2, 299.0) == "light"
    for measures in ((20, 0, 0.0), (0, 3, 0.0), (0, 0, 300.0)):
        assert quality.complexity(*measures) == "medium"
    for measures in ((100, 0, 0.0), (0, 10, 0.0), (0, 0, 1_800.0)):
        assert quality.complexity(*measures) == "heavy"


def test_turns_add_and_wider_scopes_replace():
    """Usage per turn is summed; of a thread or a process the last report counts, over restarts of the process."""
    tokens = Tokens()
    tokens.add(Usage("turn", input_tokens=10, output_tokens=5))
    tokens.add(Usage("turn", input_tokens=10, output_tokens=2, cache_read_tokens=100))
    assert tokens.report() == {
        "scope": "turn",
        "input_tokens": 20,
        "output_tokens": 7,
        "cache_read_tokens": 100,
        "cache_write_tokens": 0,
        "reasoning_tokens": 0,
    }
    tokens.add(Usage("thread", input_tokens=50, output_tokens=50))
    tokens.add(Usage("thread", input_tokens=80, output_tokens=60))
    assert tokens.total() == 140
    tokens.add(Usage("process", input_tokens=100, output_tokens=100, cost_usd=1.0))
    tokens.add(Usage("process", input_tokens=30, output_tokens=10, cost_usd=0.5))
    assert tokens.total() == 240
    assert tokens.report()["cost_usd"] == 1.5
    other = Tokens()
    other.restore(json.loads(json.dumps(tokens.snapshot())))
    assert other.report() == tokens.report()


def test_totals_are_clamped_and_kept(sessions, lines):
    """A total beyond the wire's maximum is clamped, with the true value beside it."""
    session = sessions.make()
    usage = {"input_tokens": 70_000, "output_tokens": 1}
    feed(session, lines["says"]("Hi"), lines["ended"]("Hi", usage=usage, duration_ms=60_000_000))
    outcome = outcome_of(session, exit_code=0)
    assert (outcome["total_tokens"], outcome["total_tokens_true"]) == (50_000, 70_001)
    assert (outcome["duration_seconds"], outcome["duration_seconds_true"]) == (50_000, 60_000)
    assert "total_steps_true" not in outcome


def test_an_outcome_says_what_the_schema_wants(sessions, recording):
    """Of every recording the close holds each member of the contract, in its bounds, and the types add up."""
    provider, stream = recording
    session = sessions.make(provider)
    steps = [step for n, line in enumerate(stream) for step in session.receive(line, NOW + n).steps]
    outcome = outcome_of(session, NOW + len(stream), exit_code=0)
    assert outcome["status"] in limits.CLOSE_STATUSES
    assert outcome["quality_tier"] in limits.QUALITY_TIERS
    assert outcome["task_complexity"] in limits.COMPLEXITIES
    assert 0 <= outcome["session_quality"] <= 100
    assert outcome["training_eligible"] is (outcome["training_exclusion_reason"] is None)
    assert sum(outcome["steps_by_type"].values()) == outcome["total_steps"] >= len(steps)
    for name in ("total_steps", "total_chunks", "total_tokens", "duration_seconds", "files_modified"):
        assert 0 <= outcome[name] <= limits.MAX_TOTAL


def test_arrival_and_provider_time_are_not_mixed(sessions, lines):
    """Old stamps on freshly read lines do not make a session last for years."""
    session = sessions.make()
    old = {**lines["result"]("c", "x"), "timestamp": "2020-01-01T00:00:00.000Z"}
    feed(session, lines["call"]("c", "Bash", command="ls"), old)
    assert outcome_of(session)["duration_seconds"] == 0


def test_files_of_failed_edits_do_not_count(sessions, lines):
    """Only an edit whose result did not fail modified a file; the same file counts once."""
    session = sessions.make()
    edit = {"old_string": "1", "new_string": "2"}
    feed(
        session,
        lines["call"]("1", "Edit", file_path="/a", **edit),
        lines["result"]("1", "String to replace not found", is_error=True),
        lines["call"]("2", "Edit", file_path="/b", **edit),
        lines["result"]("2", "ok"),
        lines["call"]("3", "Edit", file_path="/b", **edit),
        lines["result"]("3", "ok"),
        lines["call"]("4", "Edit", file_path="/c", **edit),
    )
    outcome = outcome_of(session)
    assert outcome["files_modified"] == 1
    assert outcome["unanswered_calls"] == 1


def test_interventions_count_once(sessions, lines):
    """An interrupt and the words after it are one intervention; so is a correction."""
    session = sessions.make()
    feed(
        session,
        lines["user"]("Fix it"),
        lines["call"]("1", "Bash", command="ls"),
        lines["user"]("[Request interrupted by user]"),
        lines["user"]("look at the models first"),
        lines["call"]("2", "Bash", command="ls"),
        lines["result"]("2", "x"),
        lines["user"]("No, that is wrong, revert it"),
    )
    assert outcome_of(session)["user_interventions"] == 2
