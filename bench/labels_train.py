"""Trains the weights of the intent classifier on labelled messages.

`python bench/labels_train.py --gold DIR [--write]`. DIR holds `user_messages.jsonl` of the form in the gold
data.

Owns: which messages are trained on, which features are kept, and what is written: the weights
(`sidecar/capture/intent_weights.json`), the answers of weights that never saw the message's conversation
(`bench/data/labels/crossfit.jsonl`), and how both came about (`bench/data/labels/trained.json`).
Never: trains on `hard.jsonl`; lets weights answer for a conversation they were trained on.
Invariant: the same messages and labels give the same weights wherever the same Python runs (no chance, no library).

Messages: those of the gold that have a label in `bench/data/labels/` (of the sample those on which both labellers
agree, of the others the first labeller's), and the invented ones of
`bench/data/labels/invented/`, single and in conversations. Words and pairs of words become features only where they
occur in two conversations of the gold and twice in invented messages, or in four invented messages of a language the
gold does not hold; so no word of one project does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

from labels_fit import Problem, fit, sums
from labels_metrics import Matrix
from labels_split import conversations, digest, identify

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sidecar.capture.intent import ORDER, certain_intent, read_features  # noqa: E402 -- needs the path above

LABELS = HERE / "data" / "labels"
WEIGHTS = HERE.parent / "sidecar" / "capture" / "intent_weights.json"
NAMES = [str(intent) for intent in ORDER]
FOLDS = 16
INVENTED_SHARE, FOREIGN_SHARE, TALK_SHARE = 0.7, 1.5, 0.1
"""How much an invented message counts, in English, in another language, and in an invented conversation, a real one
being one."""
PENALTY = 30.0
"""Of half the squared weights; larger means smaller weights."""
FOREIGN_PENALTY = 0.2
"""How much less the weights of words cost that are mostly in invented messages of another language than English, and of
Chinese and Japanese characters: there are few of these messages."""
UNIT = 1000
"""Weights are written as whole numbers, this many to one."""
SMALLEST = 6
"""A feature none of whose weights reaches this many is left out."""
GRAMS = ("w:", "b:", "^", "z:")
LEAST_CONVERSATIONS, LEAST_INVENTED, LEAST_FOREIGN, LEAST_OTHER = 2, 2, 4, 4
CAUTION = [step / 20 for step in range(31)]
"""What may be taken off the sum of a correction; the one that serves both bars best is (`choose_caution`)."""
BAR_PRECISION, BAR_RECALL = 0.75, 0.70


class Example(NamedTuple):
    """One labelled message."""

    features: dict[str, float]
    label: int
    share: float
    group: str
    """What must not be split: a conversation; an invented message is a group of its own."""
    origin: str
    """"gold", "invented" (single messages) or "conversations" (invented ones)."""
    language: str
    """Of an invented message; "" for a real one."""
    name: str
    """Of a message of the gold, in the label files; "" for others."""


def _read(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def gold_labels() -> dict[str, str]:
    """The labels trained on: of the sample those on which both labellers agree, of others the first labeller's."""
    rows = [(row, stem) for stem in ("develop", "more", "intent") for row in _read(LABELS / f"{stem}.jsonl")]
    return {row["id"]: row["a"] for row, stem in rows if stem != "intent" or row["a"] == row["b"]}


def load_gold(gold: Path) -> list[Example]:
    """The messages of the gold, labelled or not (then -1); those that need no weighing are left out."""
    labels = gold_labels()
    judged = {row["id"] for stem in ("develop", "more", "intent") for row in _read(LABELS / f"{stem}.jsonl")}
    rows = _read(gold / "user_messages.jsonl")
    examples: dict[str, Example] = {}
    for row, key in zip(rows, conversations(rows), strict=True):
        name = identify(row)
        if name in examples or name not in judged or certain_intent(row["text"]):
            continue
        label = NAMES.index(labels[name]) if name in labels else -1
        found = dict(read_features(row["text"], row["prev_assistant_tail"]))
        examples[name] = Example(found, label, 1.0, key, "gold", "", name)
    return list(examples.values())


def load_invented() -> list[Example]:
    """The invented messages to train on."""
    contexts = json.loads((LABELS / "invented" / "contexts.json").read_text(encoding="utf-8"))
    single, talks = (_read(LABELS / "invented" / f"{stem}.jsonl") for stem in ("messages", "conversations"))
    rows = [(row, contexts[row["previous"]], "invented") for row in single]
    rows += [(row, row["previous"], "conversations") for row in talks]
    examples = []
    for row, previous, origin in rows:
        if certain_intent(row["text"]) is None:
            found = dict(read_features(row["text"], previous))
            key = digest(row["text"], row["previous"])
            share = FOREIGN_SHARE if row["lang"] != "en" else INVENTED_SHARE if origin == "invented" else TALK_SHARE
            examples.append(Example(found, NAMES.index(row["label"]), share, key, origin, row["lang"], ""))
    return examples


def choose(examples: list[Example]) -> dict[str, float]:
    """The features that occur often enough, and widely enough where they are words, each with its penalty; sorted."""
    groups: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    invented: Counter[str] = Counter()
    foreign: Counter[str] = Counter()
    for example in examples:
        for name in example.features:
            counts[name] += 1
            if example.origin == "gold":
                groups[name].add(example.group)
            else:
                invented[name] += 1
                foreign[name] += example.language != "en"

    def is_wide(name: str) -> bool:
        if not name.startswith(GRAMS):
            return counts[name] >= LEAST_OTHER
        common = len(groups.get(name, ())) >= LEAST_CONVERSATIONS and invented[name] >= LEAST_INVENTED
        return common or foreign[name] >= LEAST_FOREIGN

    def penalty(name: str) -> float:
        is_foreign = name.startswith("z:") or (name.startswith(GRAMS) and 2 * foreign[name] >= counts[name])
        return PENALTY * (FOREIGN_PENALTY if is_foreign else 1.0)

    return {name: penalty(name) for name in sorted(counts) if is_wide(name)}


class Model(NamedTuple):
    """Features and what they weigh."""

    places: dict[str, int]
    weights: list[list[float]]

    def judge(self, features: dict[str, float]) -> list[float]:
        """The sums of the intents."""
        there, values = _apart(features, self.places)
        return sums(self.weights, there, values)


def _apart(features: dict[str, float], places: dict[str, int]) -> tuple[list[int], dict[int, float]]:
    """The places of features that are there, and the values of those that have one."""
    there = [places[name] for name, value in features.items() if value == 1.0 and name in places]
    return there, {places[name]: value for name, value in features.items() if value != 1.0 and name in places}


def train(examples: list[Example]) -> Model:
    """Weights from examples."""
    penalties = choose(examples)
    places = {name: index for index, name in enumerate(penalties)}
    problem = Problem(len(NAMES), [*penalties.values(), 0.0])
    for example in examples:
        problem.add(*_apart(example.features, places), example.label, example.share)
    return Model(places, fit(problem))


def fold_of(example: Example, folds: int) -> int:
    """The fold of a group; a hash decides."""
    return int(digest(example.group, "fold")[:8], 16) % folds


def cross(examples: list[Example], folds: int) -> list[list[float]]:
    """Per example the sums of the intents, by weights that saw nothing of its group."""
    answers: list[list[float]] = [[] for _ in examples]
    for fold in range(folds):
        model = train([e for e in examples if e.label >= 0 and fold_of(e, folds) != fold])
        for index, example in enumerate(examples):
            if fold_of(example, folds) == fold:
                answers[index] = model.judge(example.features)
        print(f"fold {fold + 1} of {folds}: {len(model.places)} features", file=sys.stderr, flush=True)
    return answers


def say(answer: list[float], caution: float) -> int:
    """The intent with the largest sum, after what is taken off a correction's."""
    cautious = [answer[0] - caution, *answer[1:]]
    return cautious.index(max(cautious))


def choose_caution(pairs: list[tuple[int, list[float]]]) -> float:
    """Of `CAUTION` the one with which precision and recall of corrections are best off against their bars."""

    def margin(caution: float) -> float:
        said = [(label == 0, say(answer, caution) == 0) for label, answer in pairs]
        both = sum(truth and guess for truth, guess in said)
        precision = both / max(1, sum(guess for _, guess in said))
        recall = both / max(1, sum(truth for truth, _ in said))
        return min(precision - BAR_PRECISION, recall - BAR_RECALL)

    return max(CAUTION, key=lambda caution: (round(margin(caution), 9), -caution))


def cross_fit(examples: list[Example], answers: list[list[float]], folds: int) -> list[int]:
    """Per example what is said of it; the caution, too, is chosen without the example's fold."""
    said = [-1] * len(examples)
    for fold in range(folds):
        pairs = [
            (example.label, answer)
            for example, answer in zip(examples, answers, strict=True)
            if example.origin == "gold" and example.label >= 0 and fold_of(example, folds) != fold
        ]
        caution = choose_caution(pairs)
        for index, example in enumerate(examples):
            if fold_of(example, folds) == fold:
                said[index] = say(answers[index], caution)
    return said


def _numbers(pairs: list[tuple[int, int]]) -> dict[str, Any]:
    """What a table needs of (label, said)."""
    table = Matrix(NAMES)
    for label, said in pairs:
        table.add(NAMES[label], NAMES[said])
    found = table.numbers()
    correction = found["labels"]["correction"]
    return {
        "n": len(pairs),
        "precision": correction["precision"],
        "recall": correction["recall"],
        "macro_f1": found["macro_f1"],
    }


def summarise(examples: list[Example], said: list[int]) -> dict[str, dict[str, Any]]:
    """The numbers of a cross-fit by where the messages come from."""
    stems = {row["id"]: stem for stem in ("develop", "more", "intent") for row in _read(LABELS / f"{stem}.jsonl")}
    titles = {"develop": "gold, develop", "more": "gold, more", "intent": "gold, sample"}
    cells: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for example, guess in zip(examples, said, strict=True):
        if example.label < 0:
            continue
        if example.origin == "gold":
            cells["gold, all"].append((example.label, guess))
            cells[titles[stems[example.name]]].append((example.label, guess))
        else:
            cells[f"{example.origin}, {example.language}"].append((example.label, guess))
    return {title: _numbers(pairs) for title, pairs in sorted(cells.items())}


def judge_hard(model: Model, caution: float) -> dict[str, Any]:
    """The numbers of the messages invented to mislead, which no weights have seen."""
    contexts = json.loads((LABELS / "invented" / "contexts.json").read_text(encoding="utf-8"))
    rows = [row for row in _read(LABELS / "invented" / "hard.jsonl") if certain_intent(row["text"]) is None]
    pairs = []
    for row in rows:
        found = dict(read_features(row["text"], contexts[row["previous"]]))
        said = say(model.judge(found), caution)
        pairs.append((NAMES.index(row["label"]), said))
    return _numbers(pairs)


def encode(model: Model, caution: float) -> str:
    """The text of the file of weights; one feature a line."""
    bias = [vector[-1] for vector in model.weights]
    bias[0] -= caution
    rows = []
    for name, place in model.places.items():
        row = [round(vector[place] * UNIT) for vector in model.weights]
        if max(map(abs, row)) >= SMALLEST:
            rows.append(f"{json.dumps(name)}:{json.dumps(row, separators=(',', ':'))}")
    head = json.dumps([round(value * UNIT) for value in bias])
    return f'{{"unit":{UNIT},"bias":{head},"weights":{{\n' + ",\n".join(rows) + "\n}}\n"


def write(examples: list[Example], said: list[int], caution: float) -> dict[str, Any]:
    """Write the weights trained on everything, the answers of the cross-fit, and how they came about."""
    model = train([example for example in examples if example.label >= 0])
    text = encode(model, caution)
    WEIGHTS.write_text(text, encoding="utf-8")
    rows = sorted((e.name, NAMES[guess]) for e, guess in zip(examples, said, strict=True) if e.origin == "gold")
    lines = (json.dumps({"id": name, "said": guess}) for name, guess in rows)
    (LABELS / "crossfit.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    counts = Counter(example.origin for example in examples if example.label >= 0)
    found = {
        "weights": digest(text)[:16],
        "features": text.count("\n") - 2,
        "folds": FOLDS,
        "caution": caution,
        "trained_on": dict(sorted(counts.items())),
        "cross": summarise(examples, said),
        "hard": judge_hard(model, caution),
    }
    (LABELS / "trained.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Trains the weights of the intent classifier.")
    parser.add_argument("--gold", type=Path, required=True, help="folder with user_messages.jsonl")
    parser.add_argument("--write", action="store_true", help="write the weights, the cross-fit and how they came about")
    options = parser.parse_args(arguments)
    examples = [*load_gold(options.gold), *load_invented()]
    for origin, count in sorted(Counter(example.origin for example in examples).items()):
        print(f"{count} {origin} messages")
    answers = cross(examples, FOLDS)
    said = cross_fit(examples, answers, FOLDS)
    labelled = [
        (e.label, answer) for e, answer in zip(examples, answers, strict=True) if e.origin == "gold" and e.label >= 0
    ]
    caution = choose_caution(labelled)
    for title, cell in summarise(examples, said).items():
        print(f"{title:22}{cell['n']:>6}  {cell['precision']:.3f} {cell['recall']:.3f} {cell['macro_f1']:.3f}")
    if options.write:
        found = write(examples, said, caution)
        print(f"{found['features']} features, written to {WEIGHTS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
