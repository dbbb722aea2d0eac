"""The three judgements, measured on gold data: failed results, interventions, intents.

Owns: `judge_errors`, `judge_interventions`, `judge_intents`, and what stripping the wrapper means.
Never: prints.
Invariant: the functions measured see only what they would see in capture; the truth is looked at afterwards.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from labels_metrics import Binary, Matrix, kappa
from labels_split import biggest_repo, identify, scored_messages, scored_repo

from sidecar.capture.failure import judge_result
from sidecar.capture.failure_shell import VERDICTS
from sidecar.capture.intent import Intent, classify_intent, intervenes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from labels_split import Row

INTENTS = [str(intent) for intent in Intent]
HIDDEN = frozenset("pattern:" + verdict.name for verdict in VERDICTS)
"""Evidence that a test, lint or build run failed whatever its exit code says."""

_CODE_LINES = re.compile(
    r"\A(?:Exit code:? -?\d+|Process exited with code -?\d+)[ \t]*(?:\n|\Z)"
    r"|^(?:Exit [Cc]ode: -?\d+|Signal: .*|Wall time: .*|Process exited with code -?\d+)$\n?",
    re.MULTILINE,
)
_TAGS = re.compile(r"</?(?:tool_use_error|tool_error|error)>")


def strip_wrapper(text: str) -> str:
    """A result without what the CLI wrote around it.

    Gone are: a leading "Exit code N" line, whole lines "Exit Code: N", "Signal: S", "Wall time: T" and "Process exited
    with code N", and the tags <tool_use_error>, <tool_error> and <error>. Words of the tool itself ("Error: …") stay.
    """
    return _TAGS.sub("", _CODE_LINES.sub("", text))


def _by_repo(cells: dict[str, Binary], is_scored: Callable[[str], bool]) -> dict[str, Any]:
    """Numbers per repository and for the develop and score halves."""
    halves = {"develop": Binary(), "score": Binary()}
    for repo, cell in cells.items():
        halves["score" if is_scored(repo) else "develop"].merge(cell)
    return {
        "halves": {name: cell.numbers() for name, cell in halves.items()},
        "repos": {repo: cell.numbers() for repo, cell in sorted(cells.items())},
    }


def judge_errors(rows: list[Row]) -> dict[str, Any]:
    """Failed results, the flag hidden: as they are ("wrapped") and without the wrapper ("stripped").

    "raw" counts every difference from the provider's flag as a mistake. "set_apart" leaves out results whose flag says
    fine while their own text holds the verdict of a failed test, lint or build run: a pipe hid the exit code, so the
    flag cannot be the truth about them; "hidden_runs" counts these.
    """
    biggest = biggest_repo(rows)
    answer: dict[str, Any] = {}
    for mode in ("wrapped", "stripped"):
        raw: dict[str, Binary] = defaultdict(Binary)
        apart: dict[str, Binary] = defaultdict(Binary)
        hidden: dict[str, int] = defaultdict(int)
        for row in rows:
            text = row["text"] if mode == "wrapped" else strip_wrapper(row["text"])
            verdict = judge_result(text, tool=row["tool"])
            truth = bool(row["is_error"])
            raw[row["repo"]].add(truth=truth, said=verdict.failed)
            if not truth and verdict.evidence in HIDDEN:
                hidden[row["repo"]] += 1
            else:
                apart[row["repo"]].add(truth=truth, said=verdict.failed)

        def is_scored(repo: str) -> bool:
            return scored_repo(repo, biggest)

        answer[mode] = {
            "raw": _by_repo(raw, is_scored),
            "set_apart": _by_repo(apart, is_scored),
            "hidden_runs": dict(sorted(hidden.items())),
        }
    return answer


def judge_interventions(rows: list[Row]) -> dict[str, Any]:
    """Interventions against the structural gold: structure hidden ("text"), and with it ("structure").

    With structure the judgement is the structure itself, so a row that has it is always found; what capture makes of
    structure in whole sessions is measured on transcripts.
    """
    scored = scored_messages(rows)
    answer: dict[str, Any] = {}
    for mode in ("text", "structure"):
        halves = {"develop": Binary(), "score": Binary()}
        repos: dict[str, Binary] = defaultdict(Binary)
        for row, is_scored in zip(rows, scored, strict=True):
            truth = row["structural"] != "msg"
            said = intervenes(row["text"], row["prev_assistant_tail"]) or (mode == "structure" and truth)
            halves["score" if is_scored else "develop"].add(truth=truth, said=said)
            repos[row["repo"]].add(truth=truth, said=said)
        answer[mode] = {
            "halves": {name: cell.numbers() for name, cell in halves.items()},
            "repos": {repo: cell.numbers() for repo, cell in sorted(repos.items())},
        }
    return answer


def _score(rows: Iterable[Row], truth: dict[str, str]) -> dict[str, Any]:
    matrix = Matrix(INTENTS)
    for row in rows:
        label = truth.get(identify(row))
        if label is not None:
            matrix.add(label, str(classify_intent(row["text"], row["prev_assistant_tail"])))
    return matrix.numbers()


def judge_intents(rows: list[Row], labels: list[dict[str, str]], develop: list[dict[str, str]]) -> dict[str, Any]:
    """Intents against a doubly labelled sample: what both labellers agree on, and each of them alone."""
    unique = {identify(row): row for row in rows}
    both = [item for item in labels if item["id"] in unique]
    pairs = [(item["a"], item["b"]) for item in both]
    disagreed: dict[str, int] = defaultdict(int)
    for first, second in pairs:
        if first != second:
            disagreed[f"{first}/{second}"] += 1
    sample = list(unique.values())
    return {
        "labelled": len(labels),
        "found": len(both),
        "agreed": sum(first == second for first, second in pairs),
        "kappa": kappa(pairs),
        "disagreements": dict(sorted(disagreed.items(), key=lambda item: (-item[1], item[0]))),
        "against": {
            "agreed": _score(sample, {item["id"]: item["a"] for item in both if item["a"] == item["b"]}),
            "a": _score(sample, {item["id"]: item["a"] for item in both}),
            "b": _score(sample, {item["id"]: item["b"] for item in both}),
        },
        "develop": _score(sample, {item["id"]: item["label"] for item in develop}),
    }
