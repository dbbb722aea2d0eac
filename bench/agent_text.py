"""Text like what coding agents write and read, made from the standard library's sources and invented logs.

Owns: the generator the benchmarks share.
Never: reads anything that is not part of the Python installation.
Invariant: the same seed gives the same text on the same Python.
"""

from __future__ import annotations

import json
import random
import sysconfig
from pathlib import Path

from sidecar.scrub.rules import TOKENS
from sidecar.scrub.shapes import parse

SECRET_SHARE = 0.10
"""Share of messages that hold one secret or one item of personal data."""


def messages(size: int, seed: int = 7) -> list[str]:
    """Messages of `size` characters in total: median about 120, a tail of some ten thousand."""
    draw = random.Random(seed)
    library = Path(sysconfig.get_paths()["stdlib"])
    sources = [p.read_text("utf-8", "replace") for p in sorted(library.glob("*.py"))[:120]]
    out: list[str] = []
    total = 0
    while total < size:
        message = draw.choice((_prose, _prose, _prose, _log, _tests, _code, _numbered, _diff, _grep, _json))(
            draw, sources
        )
        if draw.random() < SECRET_SHARE:
            at = draw.randrange(len(message) + 1)
            message = message[:at] + "\n" + _secret(draw) + "\n" + message[at:]
        out.append(message)
        total += len(message)
    return out


def _lines(draw: random.Random, sources: list[str], most: int) -> list[str]:
    lines = draw.choice(sources).splitlines()
    start = draw.randrange(max(1, len(lines) - 4))
    return lines[start : start + draw.randint(1, most)]


def _prose(draw: random.Random, sources: list[str]) -> str:
    words = [w for line in _lines(draw, sources, 6) for w in line.split() if w.isalpha()]
    return "I will look at " + " ".join(words[: draw.randint(4, 40)]) + " and run the tests again."


def _log(draw: random.Random, _sources: list[str]) -> str:
    return "\n".join(
        f"2026-03-{draw.randint(1, 28):02}T10:{draw.randint(0, 59):02}:{draw.randint(0, 59):02}."
        f"{draw.randint(0, 999):03}Z INFO worker[{draw.randint(1, 9999)}] "
        f"request {draw.getrandbits(128):032x} took {draw.randint(1, 900)}ms"
        for _ in range(draw.randint(1, 40))
    )


def _tests(draw: random.Random, _sources: list[str]) -> str:
    rows = [f"tests/unit/test_mod{i}.py::test_case_{i} PASSED [{i}%]" for i in range(draw.randint(1, 60))]
    return "\n".join([*rows, f"== {len(rows)} passed in {draw.random() * 9:.2f}s =="])


def _code(draw: random.Random, sources: list[str]) -> str:
    return "\n".join(_lines(draw, sources, 300))


def _numbered(draw: random.Random, sources: list[str]) -> str:
    return "\n".join(f"{i:6}\t{line}" for i, line in enumerate(_lines(draw, sources, 200), 1))


def _diff(draw: random.Random, sources: list[str]) -> str:
    index = f"index {draw.getrandbits(28):07x}..{draw.getrandbits(28):07x} 100644"
    head = f"diff --git a/src/x.py b/src/x.py\n{index}\n@@ -1,7 +1,9 @@\n"
    return head + "\n".join(draw.choice(" +-") + line for line in _lines(draw, sources, 60))


def _grep(draw: random.Random, sources: list[str]) -> str:
    return "\n".join(f"src/app/module.py:{draw.randint(1, 999)}:{line}" for line in _lines(draw, sources, 30))


def _json(draw: random.Random, sources: list[str]) -> str:
    name = f"toolu_{draw.getrandbits(96):024x}"
    return json.dumps({"type": "tool_use", "id": name, "input": {"content": "\n".join(_lines(draw, sources, 120))}})


def _secret(draw: random.Random) -> str:
    rule = draw.choice(TOKENS)
    forms = (
        f'API_TOKEN = "{parse(rule.shape).example(draw.randrange(99))}"',
        f"password={draw.getrandbits(40):x}!Xy",
        f"mail to jane.doe{draw.randint(1, 99)}@gmail.com",
        f"/home/jsmith/code/app{draw.randint(1, 9)}/x.py",
        f"Authorization: Bearer {draw.getrandbits(160):x}",
    )
    return draw.choice(forms)
