"""How true the labels are, measured on gold data.

`python bench/labels.py --gold DIR [--transcripts DIR] [--json] [--no-docs]`. DIR holds `tool_results.jsonl`
({repo, tool, is_error, text}) and `user_messages.jsonl` ({repo, structural, agent_had_acted, text,
prev_assistant_tail}). Prints tables (or JSON) and writes the numbers part of `docs/LABELS.md`.

`--to-read FILE` writes the results called failed although the flag says fine ({id, text}, in the order of their
hashes), for two readers. `--collect DIR` turns `labels_a.jsonl` and `labels_b.jsonl` ({id, label}) of two labellers
into `bench/data/labels/intent.jsonl`, and `results_a.jsonl` and `results_b.jsonl` of two readers into `results.jsonl`
beside it; both hold hashes and labels and never a text.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import labels_report
from labels_tasks import INTENTS, READINGS, judge_errors, judge_intents, judge_interventions, to_adjudicate
from labels_transcripts import judge_transcripts

HERE = Path(__file__).resolve().parent
LABELS = HERE / "data" / "labels"
DOCS = HERE.parent / "docs" / "LABELS.md"


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON Lines file; none if it is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def collect(folder: Path) -> dict[str, int]:
    """Join two labellers' files into the committed ones; how many items both labelled, by file."""
    answer = {}
    for stem, target, known in (("labels", "intent.jsonl", INTENTS), ("results", "results.jsonl", READINGS)):
        first, second = ({row["id"]: row["label"] for row in read(folder / f"{stem}_{who}.jsonl")} for who in "ab")
        both = sorted(name for name in first.keys() & second.keys() if {first[name], second[name]} <= set(known))
        if not both:
            continue
        LABELS.mkdir(parents=True, exist_ok=True)
        rows = (json.dumps({"id": name, "a": first[name], "b": second[name]}) for name in both)
        (LABELS / target).write_text("".join(row + "\n" for row in rows), encoding="utf-8")
        answer[target] = len(both)
    return answer


def write_unread(gold: Path, target: Path) -> int:
    """Write what two readers are to read; how many results."""
    rows = to_adjudicate(read(gold / "tool_results.jsonl"))
    lines = (json.dumps({"id": name, "text": rows[name]["text"]}) for name in sorted(rows))
    target.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return len(rows)


def judge(gold: Path, transcripts: Path | None) -> dict[str, Any]:
    """Everything there is data for."""
    result: dict[str, Any] = {}
    results, messages = read(gold / "tool_results.jsonl"), read(gold / "user_messages.jsonl")
    if results:
        result["errors"] = judge_errors(results, read(LABELS / "results.jsonl"))
    if messages:
        result["interventions"] = judge_interventions(messages)
        others = [*read(LABELS / "develop.jsonl"), *read(LABELS / "more.jsonl")]
        crossfit = read(LABELS / "crossfit.jsonl")
        result["intents"] = judge_intents(messages, read(LABELS / "intent.jsonl"), others, crossfit)
        result["intents"]["training"] = json.loads((LABELS / "trained.json").read_text(encoding="utf-8"))
    if transcripts is not None:
        result["transcripts"] = judge_transcripts(transcripts)
    return result


def main(arguments: list[str] | None = None) -> int:
    """The command; 2 when there is nothing to measure."""
    parser = argparse.ArgumentParser(description="How true the labels are, measured on gold data.")
    parser.add_argument("--gold", type=Path, help="folder with tool_results.jsonl and user_messages.jsonl")
    parser.add_argument("--transcripts", type=Path, help="folder with whole sessions, *.jsonl at any depth")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--no-docs", action="store_true", help="leave docs/LABELS.md as it is")
    parser.add_argument("--to-read", type=Path, help="file to write the results to that two readers should read")
    parser.add_argument("--collect", type=Path, help="folder with files of two labellers to take over")
    options = parser.parse_args(arguments)
    if options.collect is not None:
        print(", ".join(f"{name}: {count} labelled by both" for name, count in collect(options.collect).items()))
    if options.gold is None:
        return 0 if options.collect is not None else 2
    if options.to_read is not None:
        print(f"{write_unread(options.gold, options.to_read)} results to read")
        return 0
    result = judge(options.gold, options.transcripts)
    if not result:
        print(f"nothing to measure in {options.gold}", file=sys.stderr)
        return 2
    print(
        json.dumps(result, indent=1) if options.json else labels_report.tables(result),
        end="" if not options.json else "\n",
    )
    if not options.no_docs:
        DOCS.write_text(labels_report.markdown(DOCS.read_text(encoding="utf-8"), result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
