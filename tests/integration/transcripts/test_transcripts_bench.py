"""The measurement of the transcript road, on small transcripts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from parsers import registry
from parsers.base import Fate

BENCH = Path(__file__).resolve().parents[3] / "bench"


@pytest.mark.parametrize("provider", ["claude", "codex", "gemini"])
def test_synthetic_transcripts_are_of_the_form_the_clis_store(provider, tmp_path, monkeypatch):
    """The parser recognises the transcript, understands every line, and finds a result for every call."""
    monkeypatch.syspath_prepend(str(BENCH))
    from transcripts_make import write

    path = write(provider, tmp_path, 500_000)
    assert path.stat().st_size >= 500_000
    parser = registry.make(None)
    parsed = [parser.feed(line) for line in path.read_bytes().splitlines()]
    assert parser.dialect == "transcript"
    assert {one.fate for one in parsed} <= {Fate.STEPS, Fate.META, Fate.NOISE}
    steps = [step for one in (*parsed, parser.finish()) for step in one.steps]
    kinds = Counter(str(step.type) for step in steps)
    assert kinds["thought"] > 20
    answered = {step.call_id for step in steps if step.type == "observation"}
    calls = [step.call_id for step in steps if step.type in {"action", "edit"}]
    assert len(calls) == len(set(calls)) > 20
    assert len(set(calls) - answered) <= 1  # the last one may be cut off


def test_all_roads_take_every_line():
    """Parser and import see the same lines and make the same steps, and every road has its figures."""
    command = [sys.executable, str(BENCH / "transcripts.py"), "--mb", "1", "--json"]
    row = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert row["bytes"] >= 1_000_000
    assert row["orjson"]["lines"] == row["parse"]["lines"] == row["import"]["lines"] > 100
    assert row["parse"]["steps"] == row["import"]["steps"] > 100
    assert all(len(row[road]["peaks_mb"]) == 3 and row[road]["mb_per_s"] > 0 for road in ("orjson", "parse", "import"))
