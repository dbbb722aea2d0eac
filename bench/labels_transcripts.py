"""The labels of whole sessions: each transcript through parser and classifier, beside what its raw lines prove.

Owns: `judge_transcripts`.
Never: takes the truth from the parser or the classifier; it is read from the raw lines.
Invariant: file names of the form "owner__repo__rest" name the repository; nothing of a session is kept but counts.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from labels_metrics import Binary
from labels_tasks import HIDDEN

from parsers import registry
from parsers.step import StepType
from sidecar.capture.classifier import Classifier
from sidecar.capture.failure import judge_result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parsers.step import Step
    from sidecar.capture.calls import Call
    from sidecar.wire.envelope import Scrubbed

INTERRUPT = "[Request interrupted by user"
REASON = "the user said:"
MARKS_IN_TEXT = "Bash"
"""The shell tool whose content keeps the CLI's mark of failure; the parsers take it off those of other CLIs."""
RESULTS = frozenset({StepType.OBSERVATION, StepType.ERROR})


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for block in content:
            if isinstance(block, dict):
                yield str(block.get("text") or "")


def _raw_interventions(lines: list[bytes]) -> tuple[int, int]:
    """Rejections with a reason and interrupts that a human message follows, counted in the raw Claude Code lines."""
    rejections = interrupts = 0
    stopped = False
    seen: set[str] = set()
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the corpus holds lines that its redaction broke; the parser names them malformed
        if row.get("type") != "user" or row.get("isSidechain") or row.get("isMeta") or row.get("uuid") in seen:
            continue
        seen.add(str(row.get("uuid")))
        content = row.get("message", {}).get("content")
        blocks = content if isinstance(content, list) else []
        for block in blocks:
            if isinstance(block, dict) and block.get("type") == "tool_result" and block.get("is_error"):
                text = "\n".join(_texts(block.get("content")))
                rejections += REASON in text and bool(text.split(REASON, 1)[1].strip())
        spoken = "\n".join(text for text in _texts(content) if text).strip()
        if spoken.startswith(INTERRUPT):
            stopped = True
        elif spoken and not spoken.startswith("<"):
            interrupts += stopped
            stopped = False
    return rejections, interrupts


def _steps(lines: list[bytes]) -> Iterator[tuple[Step, Call | None]]:
    """The labelled steps of a session, each with the call it answers."""
    parser = registry.make(None)
    classifier = Classifier()
    number = 0
    for index in range(len(lines) + 1):
        parsed = parser.feed(lines[index]) if index < len(lines) else parser.finish()
        for step in parsed.steps:
            number += 1
            call = classifier.calls.find(step.call_id)
            classifier.label(step)
            yield step, call
            classifier.note(cast("Scrubbed", step), number)


def judge_transcripts(folder: Path) -> dict[str, Any]:
    """Counts over every `*.jsonl` below a folder.

    "errors": results whose provider says how they went (a flag or an exit code), that word hidden, the command known;
    "interventions": what the raw lines prove and what capture labels from structure.
    """
    errors: dict[str, Binary] = defaultdict(Binary)
    hidden: dict[str, int] = defaultdict(int)
    proved = {"rejections": 0, "interrupts": 0}
    labelled = {"rejections": 0, "interrupts": 0}
    files = sorted(folder.rglob("*.jsonl"))
    for path in files:
        parts = path.name.split("__")
        repo = "/".join(parts[:2]) if len(parts) > 2 else "other"
        lines = path.read_bytes().splitlines()
        if any(b'"isSidechain"' in line for line in lines[:50]):
            rejections, interrupts = _raw_interventions(lines)
            proved["rejections"] += rejections
            proved["interrupts"] += interrupts
        for step, call in _steps(lines):
            if step.type is StepType.CORRECTION:
                labelled["rejections"] += step.evidence == "rejection"
                labelled["interrupts"] += step.evidence == "interrupt"
            if step.type in RESULTS and (step.is_error is not None or step.exit_code is not None):
                truth = bool(step.is_error or step.exit_code)
                tool = step.tool or (call.tool if call else None)
                verdict = judge_result(
                    step.content, tool=tool, command=call.command if call else None, marked=tool == MARKS_IN_TEXT
                )
                if not truth and verdict.evidence in HIDDEN:
                    hidden[repo] += 1
                else:
                    errors[repo].add(truth=truth, said=verdict.failed)
    return {
        "files": len(files),
        "errors": {repo: cell.numbers() for repo, cell in sorted(errors.items())},
        "hidden_runs": dict(sorted(hidden.items())),
        "interventions": {"proved": proved, "labelled": labelled},
    }
