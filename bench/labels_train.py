"""Trains the weights of the intent classifier: `python bench/labels_train.py --gold DIR [--cross N] [--write]`.

Owns: the choice of features, the training, and the writing of `sidecar/capture/intent_weights.py`.
Never: trains on a message of the doubly labelled sample or of the score half.
Invariant: the same messages and labels give the same weights on every machine (no chance, no library).

Messages: those of the gold named in `bench/data/labels/develop.jsonl`, and the invented ones of
`bench/data/labels/invented/`. Words and pairs of words become features only where they occur in two conversations of
the gold *and* in two invented messages (or in four invented ones of a language the gold does not hold), so no word of
one project does.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from labels_metrics import Matrix
from labels_report import matrix
from labels_split import conversations, digest, identify, scored_messages

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sidecar.capture.intent import ORDER, certain_intent, read_features  # noqa: E402 -- needs the path above

LABELS = HERE / "data" / "labels"
WEIGHTS = HERE.parent / "sidecar" / "capture" / "intent_weights.py"
INVENTED_SHARE = 0.7
"""How much an invented message counts, a real one being one."""
PENALTY = 4.0
"""Of the squared weights, half; larger means smaller weights."""
EPOCHS = 200
RATE = 0.3
SMALLEST = 0.03
"""A feature none of whose weights reaches this is left out."""
UNITS = 100
"""Weights are written as whole numbers, this many to one."""
WIDTH = 116
GRAMS = ("w:", "b:", "^", "z:")
SOURCES, LEAST_INVENTED, LEAST_FOREIGN, LEAST_OTHER = 2, 2, 4, 4


class Example(NamedTuple):
    """One labelled message."""

    features: dict[str, float]
    label: int
    share: float
    group: str
    """What must not be split: a conversation; an invented message is one of its own."""
    language: str
    """Of an invented message; "" for a real one."""


def load(gold: Path) -> list[Example]:
    """Every message to train on; those that need no weighing are left out."""
    names = [str(intent) for intent in ORDER]
    examples: list[Example] = []
    labels = {row["id"]: row["label"] for row in _read(LABELS / "develop.jsonl")}
    sealed = {row["id"] for row in _read(LABELS / "intent.jsonl")}
    rows = _read(gold / "user_messages.jsonl")
    taken: set[str] = set()
    for row, key, scored in zip(rows, conversations(rows), scored_messages(rows), strict=True):
        name = identify(row)
        if scored or name in sealed or name in taken or name not in labels or certain_intent(row["text"]):
            continue
        taken.add(name)
        found = dict(read_features(row["text"], row["prev_assistant_tail"]))
        examples.append(Example(found, names.index(labels[name]), 1.0, key, ""))
    contexts = json.loads((LABELS / "invented" / "contexts.json").read_text(encoding="utf-8"))
    for row in _read(LABELS / "invented" / "messages.jsonl"):
        if certain_intent(row["text"]) is None:
            found = dict(read_features(row["text"], contexts[row["previous"]]))
            key = digest(row["text"], row["previous"])
            examples.append(Example(found, names.index(row["label"]), INVENTED_SHARE, key, row["lang"]))
    return examples


def _read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def choose(examples: list[Example]) -> set[str]:
    """The features that occur often enough, and widely enough where they are words."""
    groups: dict[str, set[str]] = defaultdict(set)
    invented: Counter[str] = Counter()
    foreign: Counter[str] = Counter()
    for example in examples:
        for name in example.features:
            if not example.language:
                groups[name].add(example.group)
            else:
                invented[name] += 1
                foreign[name] += example.language != "en"
    chosen = set()
    for name in groups.keys() | invented.keys():
        if name.startswith(GRAMS):
            wide = len(groups.get(name, ())) >= SOURCES and invented[name] >= LEAST_INVENTED
            if wide or foreign[name] >= LEAST_FOREIGN:
                chosen.add(name)
        elif len(groups.get(name, ())) + invented[name] >= LEAST_OTHER:
            chosen.add(name)
    return chosen


Rows = list[list[float]]


def chances(rows: Rows, bias: list[float], items: list[tuple[int, float]]) -> list[float]:
    """The chances of the intents by the softmax of their sums."""
    sums = list(bias)
    for index, value in items:
        row = rows[index]
        for label in range(len(sums)):
            sums[label] += row[label] * value
    top = max(sums)
    powers = [math.exp(sum_ - top) for sum_ in sums]
    total = sum(powers)
    return [power / total for power in powers]


def train(examples: list[Example], names: list[str]) -> tuple[Rows, list[float]]:
    """Weights per feature and the bias: logistic regression over the intents, squared penalty, AdaGrad on all."""
    place = {name: index for index, name in enumerate(names)}
    data = [
        ([(place[n], v) for n, v in sorted(example.features.items()) if n in place], example) for example in examples
    ]
    size = len(ORDER)
    rows: Rows = [[0.0] * size for _ in names]
    seen: Rows = [[1e-8] * size for _ in names]
    bias, bias_seen = [0.0] * size, [1e-8] * size
    for _ in range(EPOCHS):
        slopes: Rows = [[weight * PENALTY for weight in row] for row in rows]
        bias_slope = [0.0] * size
        for items, example in data:
            errors = chances(rows, bias, items)
            errors[example.label] -= 1.0
            errors = [error * example.share for error in errors]
            for label in range(size):
                bias_slope[label] += errors[label]
            for index, value in items:
                slope = slopes[index]
                for label in range(size):
                    slope[label] += errors[label] * value
        for row, slope, squares in [*zip(rows, slopes, seen, strict=True), (bias, bias_slope, bias_seen)]:
            for label in range(size):
                squares[label] += slope[label] * slope[label]
                row[label] -= RATE * slope[label] / math.sqrt(squares[label])
    return rows, bias


def cross(examples: list[Example], folds: int) -> str:
    """The tables of a cross-validation by conversation, real and invented messages apart."""
    labels = [str(intent) for intent in ORDER]
    real, invented = Matrix(labels), Matrix(labels)
    for fold in range(folds):
        kept = [e for e in examples if int(e.group[-8:], 16) % folds != fold]
        names = sorted(choose(kept))
        place = {name: index for index, name in enumerate(names)}
        rows, bias = train(kept, names)
        for example in examples:
            if int(example.group[-8:], 16) % folds == fold:
                items = [(place[n], v) for n, v in example.features.items() if n in place]
                odds = chances(rows, bias, items)
                table = invented if example.language else real
                table.add(labels[example.label], labels[odds.index(max(odds))])
    return "\n".join([*matrix("real", real.numbers()), *matrix("invented", invented.numbers())])


HEADER = '''"""Learned weights of the features of a message; data, written by `bench/labels_train.py`.

Owns: `BIAS`, `WEIGHTS`.
Never: edited by hand; holds a word that only one project uses.
Invariant: one row per feature, the weights in the order of `intent_points.Points`.
"""

from __future__ import annotations

'''
FOOTER = '''

def _row(text: str) -> tuple[str, tuple[float, ...]]:
    name, _, numbers = text.rpartition("=")
    return name.replace("\\\\n", "\\n"), tuple(int(number) / UNITS for number in numbers.split(","))


WEIGHTS: dict[str, tuple[float, ...]] = dict(map(_row, _DATA.strip("\\n").replace("\\n", "|").split("|")))
"""Feature -> its weights."""
'''


def write(names: list[str], rows: Rows, bias: list[float]) -> str:
    """The text of the module that holds the weights."""
    lines: list[str] = []
    line = ""
    for name, row in zip(names, rows, strict=True):
        if max(map(abs, row)) < SMALLEST:
            continue
        item = name.replace("\n", "\\n") + "=" + ",".join(str(round(weight * UNITS)) for weight in row)
        if line and len(line) + 1 + len(item) > WIDTH:
            lines.append(line)
            line = item
        else:
            line = f"{line}|{item}" if line else item
    lines.append(line)
    head = f"UNITS = {UNITS}\nBIAS = ({', '.join(f'{round(value, 2):.2f}' for value in bias)})\n"
    data = "\n".join(lines)
    return HEADER + head + f'_DATA = r"""\n{data}\n"""\n' + FOOTER


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Trains the weights of the intent classifier.")
    parser.add_argument("--gold", type=Path, required=True, help="folder with user_messages.jsonl")
    parser.add_argument("--cross", type=int, default=0, help="folds of a cross-validation to print")
    parser.add_argument("--write", action="store_true", help="write the weights")
    options = parser.parse_args(arguments)
    examples = load(options.gold)
    print(
        f"{sum(not e.language for e in examples)} real and {sum(bool(e.language) for e in examples)} invented messages"
    )
    if options.cross:
        print(cross(examples, options.cross))
    if options.write:
        names = sorted(choose(examples))
        rows, bias = train(examples, names)
        WEIGHTS.write_text(write(names, rows, bias), encoding="utf-8")
        print(f"{len(names)} features, written to {WEIGHTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
