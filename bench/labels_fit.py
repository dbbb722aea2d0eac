"""Logistic regression over the five intents, in plain Python: what `labels_train.py` fits weights with.

Owns: `Problem`, `fit`, `sums`.
Never: knows what a feature stands for; uses chance or a library.
Invariant: the same problem gives the same weights wherever the same Python runs.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from operator import add, mul, sub
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Vector = list[float]
STEPS = 80
"""Steps of L-BFGS, at most."""
MEMORY = 8
"""Steps it remembers."""
ENOUGH = 2e-5
"""It ends when a step gains less than this share of the loss."""
SUFFICIENT = 1e-4
HALVINGS = 25


@dataclass
class Problem:
    """Labelled examples. Most features are there or not; a few have a value."""

    labels: int
    """How many labels there are."""
    penalties: Vector
    """Per feature, of half its squared weights; the bias, which comes last, has none."""
    rows: list[list[int]] = field(default_factory=list)
    """Per example, the features that are there; the bias is among them."""
    valued: list[tuple[int, int, float]] = field(default_factory=list)
    """(example, feature, value) of the features that have one."""
    truths: list[int] = field(default_factory=list)
    shares: Vector = field(default_factory=list)
    """How much each example counts."""

    def add(self, there: list[int], values: dict[int, float], truth: int, share: float) -> None:
        """One more example."""
        self.valued += [(len(self.rows), feature, value) for feature, value in sorted(values.items())]
        self.rows.append([*there, len(self.penalties) - 1])
        self.truths.append(truth)
        self.shares.append(share)

    def columns(self) -> list[list[int]]:
        """Per feature, the examples that have it."""
        found: list[list[int]] = [[] for _ in self.penalties]
        for example, row in enumerate(self.rows):
            for feature in row:
                found[feature].append(example)
        return found


def _dot(one: Sequence[float], two: Sequence[float]) -> float:
    total: float = sum(map(mul, one, two))
    return total


def _softmax(sums: Sequence[float]) -> Vector:
    top = max(sums)
    powers = [math.exp(value - top) for value in sums]
    total = sum(powers)
    return [power / total for power in powers]


def _loss(problem: Problem) -> Callable[[list[Vector]], tuple[float, list[Vector]]]:
    """The loss as a function of the weights (one vector per label), with its slope."""
    columns = problem.columns()

    def loss(weights: list[Vector]) -> tuple[float, list[Vector]]:
        scores: list[Vector] = []
        total = 0.0
        for vector in weights:
            get = vector.__getitem__
            column = [sum(map(get, row)) for row in problem.rows]
            for example, feature, value in problem.valued:
                column[example] += vector[feature] * value
            scores.append(column)
            total += 0.5 * sum(map(mul, problem.penalties, map(mul, vector, vector)))
        errors: list[Vector] = []
        for sums_, truth, share in zip(zip(*scores, strict=True), problem.truths, problem.shares, strict=True):
            chances = _softmax(sums_)
            total -= share * math.log(max(chances[truth], 1e-300))
            chances[truth] -= 1.0
            errors.append([share * chance for chance in chances])
        slopes: list[Vector] = []
        for vector, column in zip(weights, map(list, zip(*errors, strict=True)), strict=True):
            get = column.__getitem__
            slope = [sum(map(get, examples)) for examples in columns]
            for example, feature, value in problem.valued:
                slope[feature] += column[example] * value
            slopes.append(list(map(add, slope, map(mul, problem.penalties, vector))))
        return total, slopes

    return loss


class _Memory:
    """What L-BFGS remembers of its last steps, over the weights laid end to end."""

    def __init__(self) -> None:
        self._steps: deque[tuple[Vector, Vector, float]] = deque(maxlen=MEMORY)

    def learn(self, step: Vector, change: Vector) -> None:
        curve = _dot(step, change)
        if curve > 0:
            self._steps.append((step, change, curve))

    def direction(self, slope: Vector) -> Vector:
        """Where to go from a point with this slope."""
        way = [-value for value in slope]
        shares: Vector = []
        for step, change, curve in reversed(self._steps):
            share = _dot(step, way) / curve
            shares.append(share)
            way = [value - share * other for value, other in zip(way, change, strict=True)]
        if self._steps:
            _, change, curve = self._steps[-1]
            scale = curve / _dot(change, change)
            way = [scale * value for value in way]
        for (step, change, curve), share in zip(self._steps, reversed(shares), strict=True):
            less = share - _dot(change, way) / curve
            way = [value + less * other for value, other in zip(way, step, strict=True)]
        return way


def _flat(vectors: list[Vector]) -> Vector:
    return [value for vector in vectors for value in vector]


def _apart(flat: Vector, size: int) -> list[Vector]:
    return [flat[at : at + size] for at in range(0, len(flat), size)]


def fit(problem: Problem) -> list[Vector]:
    """The weights that lose least: one vector per label, the bias last."""
    size = len(problem.penalties)
    loss = _loss(problem)
    point = [0.0] * (size * problem.labels)
    value, slopes = loss(_apart(point, size))
    slope = _flat(slopes)
    memory = _Memory()
    for number in range(STEPS):
        way = memory.direction(slope)
        descent = _dot(way, slope)
        reach = 1.0 if number else min(1.0, 1.0 / math.sqrt(_dot(slope, slope) + 1e-300))
        for _ in range(HALVINGS):
            step = [reach * part for part in way]
            following = list(map(add, point, step))
            lower, slopes = loss(_apart(following, size))
            if lower <= value + SUFFICIENT * reach * descent:
                break
            reach /= 2
        else:
            break
        steeper = _flat(slopes)
        memory.learn(step, list(map(sub, steeper, slope)))
        gain = value - lower
        point, value, slope = following, lower, steeper
        if gain < ENOUGH * abs(value):
            break
    return _apart(point, size)


def sums(weights: list[Vector], there: Sequence[int], values: dict[int, float]) -> Vector:
    """The sums of the labels for one example, the bias included."""
    return [
        vector[-1] + sum(vector[feature] for feature in there) + sum(vector[f] * value for f, value in values.items())
        for vector in weights
    ]
