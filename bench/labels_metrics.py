"""Counting and uncertainty: confusion matrices, Wilson and bootstrap intervals, Cohen's kappa.

Owns: `Binary`, `Matrix`, `wilson`, `kappa`.
Never: knows what is counted.
Invariant: the same counts give the same numbers; the bootstrap draws from a fixed seed.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Z = 1.959964
"""Two-sided 95 %."""
DRAWS = 1000
SEED = 20


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The Wilson 95 % interval of a proportion; (0, 1) of nothing."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre = share + Z * Z / (2 * total)
    spread = Z * math.sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def ratio(hits: int, total: int) -> float:
    """A proportion; 0 of nothing."""
    return hits / total if total else 0.0


def harmonic(first: float, second: float) -> float:
    """F1 of precision and recall."""
    return 2 * first * second / (first + second) if first + second else 0.0


@dataclass
class Binary:
    """A yes/no judgement against the truth."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def add(self, *, truth: bool, said: bool) -> None:
        """Count one judgement."""
        if truth:
            self.tp, self.fn = self.tp + said, self.fn + (not said)
        else:
            self.fp, self.tn = self.fp + said, self.tn + (not said)

    def merge(self, other: Binary) -> None:
        """Count another's judgements too."""
        self.tp, self.fp, self.fn, self.tn = (
            self.tp + other.tp,
            self.fp + other.fp,
            self.fn + other.fn,
            self.tn + other.tn,
        )

    def numbers(self) -> dict[str, Any]:
        """Counts, precision, recall, F1 and false-alarm rate, with 95 % intervals."""
        precision, recall = ratio(self.tp, self.tp + self.fp), ratio(self.tp, self.tp + self.fn)
        return {
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "tn": self.tn,
            "precision": precision,
            "precision_ci": wilson(self.tp, self.tp + self.fp),
            "recall": recall,
            "recall_ci": wilson(self.tp, self.tp + self.fn),
            "f1": harmonic(precision, recall),
            "false_alarms": ratio(self.fp, self.fp + self.tn),
            "false_alarms_ci": wilson(self.fp, self.fp + self.tn),
        }


@dataclass
class Matrix:
    """Judgements over several labels: pairs of (truth, said), in order."""

    labels: list[str]
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def add(self, truth: str, said: str) -> None:
        """Count one judgement."""
        self.pairs.append((truth, said))

    def counts(self) -> Counter[tuple[str, str]]:
        """How often each pair occurs."""
        return Counter(self.pairs)

    def of(self, label: str) -> Binary:
        """One label against the rest."""
        counts = self.counts()
        binary = Binary()
        for (truth, said), count in counts.items():
            binary.tp += count * (truth == said == label)
            binary.fp += count * (truth != label and said == label)
            binary.fn += count * (truth == label and said != label)
            binary.tn += count * (label not in {truth, said})
        return binary

    def numbers(self) -> dict[str, Any]:
        """The confusion matrix, the numbers per label, accuracy and macro F1 with its bootstrap interval."""
        counts = self.counts()
        right = sum(counts[label, label] for label in self.labels)
        return {
            "n": len(self.pairs),
            "matrix": {truth: {said: counts[truth, said] for said in self.labels} for truth in self.labels},
            "labels": {label: self.of(label).numbers() for label in self.labels},
            "accuracy": ratio(right, len(self.pairs)),
            "accuracy_ci": wilson(right, len(self.pairs)),
            "macro_f1": self._macro(self.pairs),
            "macro_f1_ci": self._bootstrap(),
        }

    def _macro(self, pairs: list[tuple[str, str]]) -> float:
        counts = Counter(pairs)
        truths: Counter[str] = Counter()
        answers: Counter[str] = Counter()
        for (truth, said), count in counts.items():
            truths[truth] += count
            answers[said] += count
        scores = [
            harmonic(ratio(counts[label, label], answers[label]), ratio(counts[label, label], truths[label]))
            for label in self.labels
        ]
        return sum(scores) / len(scores)

    def _bootstrap(self) -> tuple[float, float]:
        if not self.pairs:
            return 0.0, 1.0
        chance = random.Random(SEED)
        draws = sorted(self._macro(chance.choices(self.pairs, k=len(self.pairs))) for _ in range(DRAWS))
        return draws[int(0.025 * DRAWS)], draws[int(0.975 * DRAWS) - 1]


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's kappa of two labellers; 1 when both only ever used one label."""
    if not pairs:
        return 0.0
    total = len(pairs)
    agreed = sum(first == second for first, second in pairs) / total
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = sum(firsts[label] * seconds[label] for label in firsts) / (total * total)
    return 1.0 if chance >= 1 else (agreed - chance) / (1 - chance)
