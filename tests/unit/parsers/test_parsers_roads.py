"""Stdout and transcript of one session tell the same story where both tell it."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

import pytest
from parsers_support import DATA, PROVIDERS, run

HIDDEN = {"error"}
"""Ends of a run are printed, not stored."""

PAIRS = [
    "claude/a-fix",
    "claude/c-fatal-400",
    "claude/e-streaminput",
    "claude/f-structured",
    "claude/g-sigint",
    "codex/a-fix",
    "codex/c-errors",
    "codex/f-compact",
    "codex/g-sigint",
    "gemini/a-fix",
    "gemini/c-errors",
    "gemini/f-parallel",
    "gemini/e-multiturn",
]


def essence(provider, step):
    """What both roads have of a step: ids of Codex differ, Gemini prints displays instead of most outputs."""
    kind = str(step.type)
    if kind in {"action", "delegate"}:
        arguments = step.arguments or {}
        return kind, step.tool, arguments.get("command") if provider == "codex" else repr(arguments)
    if kind == "edit":
        return kind, step.tool, tuple(sorted((PurePosixPath(c["path"]).name, c["kind"]) for c in step.changes or ()))
    if kind == "observation":
        if provider == "gemini":
            return kind, step.tool, step.content if step.tool == "run_shell_command" else ""
        return kind, step.tool, "" if step.tool == "apply_patch" else step.content, step.exit_code, step.is_error
    return kind, step.channel, step.content


@pytest.mark.parametrize("name", PAIRS)
def test_both_roads_agree(name):
    """Every step of stdout is in the transcript, in the same order, with the same type, tool and content."""
    provider = name.partition("/")[0]
    printed, _, _ = run(PROVIDERS[provider], "stream", f"{name}/stdout.jsonl")
    stored, _, _ = run(PROVIDERS[provider], "transcript", f"{name}/transcript.jsonl")
    left = [essence(provider, step) for step in printed]
    right = [essence(provider, step) for step in stored]
    left = [item for item in left if item[0] not in HIDDEN or item in right]
    missing = Counter(left) - Counter(right)
    assert missing == Counter()
    wanted = Counter(left)
    common = []
    for item in right:
        if wanted[item]:
            wanted[item] -= 1
            common.append(item)
    assert sorted(map(repr, common)) == sorted(map(repr, left))
    if name != "gemini/e-multiturn":
        assert common == left


def test_sub_agent_steps_are_in_its_own_file():
    """What a sub-agent did is printed with the main thread's lines and stored in a file of its own."""
    printed, _, _ = run("claude-code", "stream", "claude/f-parallel/stdout.jsonl")
    stored, _, _ = run("claude-code", "transcript", "claude/f-parallel/subagent.jsonl")
    inner = [essence("claude", step) for step in printed if step.parent_id]
    assert Counter(inner) - Counter(essence("claude", step) for step in stored) == Counter()


def test_every_pair_is_bundled():
    """The pairs above exist in the data folder."""
    for name in PAIRS:
        assert (DATA / name / "stdout.jsonl").exists() and (DATA / name / "transcript.jsonl").exists()
