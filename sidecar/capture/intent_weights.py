"""The learned weights of the features of a message, read from `intent_weights.json` when the first is needed.

Owns: `Weights`, `load_weights`.
Never: changes a weight; the file is data, written by `bench/labels_train.py` and part of the package.
Invariant: one row per feature, the weights in the order of `intent_points.Points`; no word that only one project uses
is a feature.
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import NamedTuple

FILE = "intent_weights.json"
Row = tuple[float, float, float, float, float]


class Weights(NamedTuple):
    """What a message's features weigh."""

    bias: Row
    """What each intent begins with."""
    rows: dict[str, Row]
    """Feature -> what it adds to the sum of each intent."""


def _row(numbers: list[float], unit: float) -> Row:
    one, two, three, four, five = numbers
    return one / unit, two / unit, three / unit, four / unit, five / unit


@functools.cache
def load_weights() -> Weights:
    """The weights; a few tens of milliseconds the first time, so nothing that classifies no message pays for them."""
    data = json.loads(resources.files("sidecar.capture").joinpath(FILE).read_text("utf-8"))
    unit = data["unit"]
    return Weights(_row(data["bias"], unit), {name: _row(row, unit) for name, row in data["weights"].items()})
