"""The three judgements, measured on gold data: failed results, interventions, intents.

Owns: `judge_errors`, `judge_interventions`, `judge_intents`, what stripping the wrapper means, and `to_adjudicate`.
Never: prints.
Invariant: the functions measured see only what they would see in capture; the truth is looked at afterwards.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from labels_metrics import Binary, Matrix, kappa
from labels_split import biggest_repo, digest, identify, scored_messages, scored_repo

from sidecar.capture.failure import Failure, judge_result
from sidecar.capture.failure_shell import VERDICTS
from sidecar.capture.intent import Intent, classify_intent, intervenes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from labels_split import Row

INTENTS = [str(intent) for intent in Intent]
HIDDEN = frozenset(how + verdict.name for verdict in VERDICTS for how in ("hidden:", "pattern:"))
"""Evidence that a test, lint or build run failed whatever its exit code says."""
MODES = ("wrapped", "stripped")
APART = {"wrapped": ("two_classes",), "stripped": ("set_apart",)}
"""How failed runs with a hidden exit code are kept from the others, by mode."""
MEANING = {
    "raw": "every difference from the provider's flag is a mistake, failed runs hidden by a pipe included",
    "set_apart": "without the results whose flag says fine while their text holds the verdict of a failed run",
    "two_classes": "every result, with what the evidence names `hidden:` taken for a class of its own, not for failed",
    "read": "the flag, but failed where two readings agree that a test, lint or build run in the result failed",
    "read_any": "the flag, but failed where two readings agree that anything in the result failed",
}
READINGS = ("run", "command", "fine")
"""What a reader says of a result whose flag says fine: a test, lint or build run in it failed; another command in it
failed (and the command line went on); nothing failed that should not."""

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


def result_name(row: Row) -> str:
    """The name of a result in `results.jsonl`: the first 16 hex of SHA-256 over repository, tool and text."""
    return digest(row["repo"], row["tool"], row["text"])[:16]


def marking_repos(rows: list[Row]) -> set[str]:
    """Repositories whose shell results carry the mark that their CLI writes at failures ("Exit code N").

    Capture knows the CLI and its version; gold rows do not say them, so one mark in a repository stands for both.
    """
    return {row["repo"] for row in rows if judge_result(row["text"], tool=row["tool"]).evidence == "exit_code"}


def verdicts(rows: list[Row], mode: str) -> list[Failure]:
    """What is said of each row. "wrapped": the text as the CLI wrote it, and known as such; "stripped": neither."""
    if mode == "stripped":
        return [judge_result(strip_wrapper(row["text"]), tool=row["tool"]) for row in rows]
    marking = marking_repos(rows)
    return [judge_result(row["text"], tool=row["tool"], marked=row["repo"] in marking) for row in rows]


def to_adjudicate(rows: list[Row]) -> dict[str, Row]:
    """The results called failed in any mode although the provider's flag says fine, by name."""
    said = [verdicts(rows, mode) for mode in MODES]
    return {
        result_name(row): row
        for row, *both in zip(rows, *said, strict=True)
        if not row["is_error"] and any(verdict.failed for verdict in both)
    }


def judge_errors(rows: list[Row], readings: Sequence[dict[str, str]] = ()) -> dict[str, Any]:
    """Failed results, the flag hidden: as they are ("wrapped") and without the wrapper ("stripped").

    "raw" counts every difference from the provider's flag as a mistake. "hidden_runs" counts the results whose flag
    says fine while their own text holds the verdict of a failed test, lint or build run: a pipe hid the exit code, so
    the flag cannot be the truth about them. "set_apart" (without the wrapper) leaves these out. "two_classes" (with it;
    without, a hidden code and a stripped one look the same) leaves nothing out but takes the steps at their word:
    evidence named `hidden:` says that a run failed and that its code said otherwise, which is no claim about the flag.
    "read" takes the flag for the truth but where two readings (`readings`: {id, a, b}) both say that a run failed
    although the flag says fine, "read_any" also where both say that some command did; a result they disagree on, or
    that nobody read, has the flag's truth.
    """
    biggest = biggest_repo(rows)
    truths: dict[str, set[str]] = {
        "read": {item["id"] for item in readings if item["a"] == item["b"] == "run"},
        "read_any": {item["id"] for item in readings if "fine" not in (item["a"], item["b"])},
    }
    answer: dict[str, Any] = {}

    def is_scored(repo: str) -> bool:
        return scored_repo(repo, biggest)

    for mode in MODES:
        cells: dict[str, dict[str, Binary]] = {name: defaultdict(Binary) for name in ("raw", *APART[mode], *truths)}
        hidden: dict[str, int] = defaultdict(int)
        for row, verdict in zip(rows, verdicts(rows, mode), strict=True):
            repo, truth = row["repo"], bool(row["is_error"])
            cells["raw"][repo].add(truth=truth, said=verdict.failed)
            for name, failed in truths.items():
                cells[name][repo].add(truth=truth or result_name(row) in failed, said=verdict.failed)
            is_hidden = not truth and verdict.evidence in HIDDEN
            if is_hidden:
                hidden[repo] += 1
            if mode == "wrapped":
                named = verdict.evidence.startswith("hidden:")
                cells["two_classes"][repo].add(truth=truth, said=verdict.failed and not named)
            elif not is_hidden:
                cells["set_apart"][repo].add(truth=truth, said=verdict.failed)
        answer[mode] = {
            **{name: _by_repo(cell, is_scored) for name, cell in cells.items()},
            "hidden_runs": dict(sorted(hidden.items())),
        }
    return {**answer, "readings": _agreement(rows, readings), "meaning": MEANING}


def _agreement(rows: list[Row], readings: Sequence[dict[str, str]]) -> dict[str, Any]:
    """How far the two readings of the results to adjudicate went and agree, per half."""
    wanted, biggest = to_adjudicate(rows), biggest_repo(rows)
    known = {item["id"]: (item["a"], item["b"]) for item in readings}
    answer: dict[str, Any] = {}
    for half in ("develop", "score"):
        names = [name for name, row in wanted.items() if scored_repo(row["repo"], biggest) == (half == "score")]
        pairs = [known[name] for name in names if name in known]
        counts = {reading: sum(pair == (reading, reading) for pair in pairs) for reading in READINGS}
        answer[half] = {"wanted": len(names), "read": len(pairs), "agreed": counts, "kappa": kappa(pairs)}
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


def _score(rows: Iterable[Row], truth: dict[str, str], unseen: dict[str, str]) -> dict[str, Any]:
    """What is said of messages that have a truth: by weights that saw nothing of the conversation, where there are."""
    matrix = Matrix(INTENTS)
    for row in rows:
        name = identify(row)
        if name in truth:
            said = unseen.get(name)
            matrix.add(truth[name], said or str(classify_intent(row["text"], row["prev_assistant_tail"])))
    return matrix.numbers()


def judge_intents(
    rows: list[Row], labels: list[dict[str, str]], others: list[dict[str, str]], crossfit: list[dict[str, str]]
) -> dict[str, Any]:
    """Intents against a doubly labelled sample: what both labellers agree on, and each of them alone.

    `others` are messages whose first labeller knew the classifier; a second labelled them blind. `crossfit` names for
    each message that the shipped weights were trained on what weights say of it that were trained without its
    conversation; that is what is scored.
    """
    unseen = {item["id"]: item["said"] for item in crossfit}
    unique = {identify(row): row for row in rows}
    both = [item for item in labels if item["id"] in unique]
    pairs = [(item["a"], item["b"]) for item in both]
    disagreed: dict[str, int] = defaultdict(int)
    for first, second in pairs:
        if first != second:
            disagreed[f"{first}/{second}"] += 1
    sample = list(unique.values())
    agreed = {item["id"]: item["a"] for item in both if item["a"] == item["b"]}
    further = {item["id"]: item["a"] for item in others if item["a"] == item["b"]}
    return {
        "labelled": len(labels),
        "found": len(both),
        "agreed": sum(first == second for first, second in pairs),
        "kappa": kappa(pairs),
        "disagreements": dict(sorted(disagreed.items(), key=lambda item: (-item[1], item[0]))),
        "against": {
            "agreed": _score(sample, agreed, unseen),
            "a": _score(sample, {item["id"]: item["a"] for item in both}, unseen),
            "b": _score(sample, {item["id"]: item["b"] for item in both}, unseen),
        },
        "crossfitted": sum(item["id"] in unseen for item in both),
        "others": {
            "labelled": len(others),
            "agreed": len(further),
            "kappa": kappa([(item["a"], item["b"]) for item in others]),
            "against": _score(sample, further, unseen),
            "against_first": _score(sample, {item["id"]: item["a"] for item in others}, unseen),
        },
        "all": _score(sample, agreed | further, unseen),
    }
