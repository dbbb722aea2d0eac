"""The judge of the scrubber: what leaks, what is damaged, how fast, and how bad it can get.

`python bench/scrub.py GOLD.jsonl… [--json]`: GOLD holds {id, text, spans: [{start, end, category}], source, family,
neg_class} per line (plain or .gz). Prints the tables and writes docs/SCRUBBING.md; `--json` prints one JSON object.

Owns: scoring and timing. Never: writes an item of GOLD anywhere.
Invariant: leak = a gold span half or more of which is still visible; damage = a clean item changed at all.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import platform
import statistics
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parent)]

from agent_text import messages  # noqa: E402  after the path is set
from scrub_report import markdown  # noqa: E402  after the path is set
from scrub_worst import CASES, DENSE  # noqa: E402  after the path is set

from sidecar.scrub.rules import RULES, TOKENS  # noqa: E402  after the path is set
from sidecar.scrub.scrubber import Scrubber  # noqa: E402  after the path is set

NOT_COUNTED = {"local_ip", "lookalike"}
"""Clean classes whose replacement is harmless: private addresses, documented examples."""
THROUGHPUT = 20_000_000
PASSES = 3
WORST = 1_000_000
OTHERS = {"detect-secrets": "detect_secrets", "presidio": "presidio_analyzer"}


def load(paths: list[str]) -> list[dict[str, Any]]:
    """The items of all gold files."""
    items = []
    for path in paths:
        opener: Callable[..., Any] = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as lines:
            items += [json.loads(line) for line in lines if line.strip()]
    return items


def score(items: list[dict[str, Any]], engine: str) -> dict[str, Any]:
    """Leak by category and source, precision, F1, damage by class; every item has a scrubber of its own."""
    base = Scrubber(engine=engine)
    groups: dict[str, dict[str, Counter[str]]] = {k: defaultdict(Counter) for k in ("category", "source", "clean")}
    total: Counter[str] = Counter()
    for item in items:
        text = item["text"]
        spans = base.fresh().find(text)
        covered, gold = bytearray(len(text)), bytearray(len(text))
        for span in spans:
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
        for want in item["spans"]:
            a, b = want["start"], want["end"]
            gold[a:b] = b"\x01" * (b - a)
            leaked = 1 - sum(covered[a:b]) / (b - a) >= 0.5
            names = [("category", want["category"]), ("source", item["source"])]
            if want.get("sub"):
                names.append(("category", f"sub:{want['sub']}"))
            total.update(spans=1, leaked=leaked)
            for group, name in names:
                groups[group][name].update(n=1, leaked=leaked)
        counted = item.get("neg_class") not in NOT_COUNTED
        if counted:
            total.update(found=len(spans), right=sum(any(gold[s.start : s.end]) for s in spans))
        if not item["spans"]:
            total.update(clean=counted, damaged=counted and bool(spans))
            groups["clean"][str(item.get("neg_class"))].update(n=1, damaged=bool(spans))
    recall = 1 - total["leaked"] / max(1, total["spans"])
    precision = total["right"] / max(1, total["found"])
    return {
        "items": len(items),
        "spans": total["spans"],
        "leak": 1 - recall,
        "precision": precision,
        "f1": 2 * recall * precision / max(1e-9, recall + precision),
        "damaged": total["damaged"] / max(1, total["clean"]),
        "by_category": {k: [v["leaked"], v["n"]] for k, v in sorted(groups["category"].items())},
        "by_source": {k: [v["leaked"], v["n"]] for k, v in sorted(groups["source"].items())},
        "by_clean_class": {k: [v["damaged"], v["n"]] for k, v in sorted(groups["clean"].items())},
    }


def throughput(engine: str, size: int) -> dict[str, float]:
    """MB/s of find and replace on agent-like text, processor time of one core; and milliseconds of the longest.

    The median of `PASSES` passes, each by a scrubber that has seen nothing; the clock is read around single texts in a
    pass of its own, because reading it costs as much as a short text.
    """
    texts = messages(size)
    total = sum(map(len, texts))
    speeds = []
    for _ in range(PASSES):
        scrubber = _warm(engine)
        start = time.process_time()
        for text in texts:
            scrubber.text(text)
        speeds.append(total / 1e6 / (time.process_time() - start))
    took = []
    scrubber = _warm(engine)
    for text in texts:
        start = time.process_time()
        scrubber.text(text)
        took.append(time.process_time() - start)
    longest = sorted(t for _, t in sorted(zip(map(len, texts), took, strict=True))[-2000:])
    return {
        "mb_per_s": statistics.median(speeds),
        "p99_ms_of_longest_2000": 1000 * longest[int(len(longest) * 0.99) - 1],
    }


def _warm(engine: str) -> Scrubber:
    scrubber = Scrubber(engine=engine)
    scrubber.text("warm up: a@gmail.com, token=k7Rq2ZtLw9XcV4mHb8Ns, +49 30 901820")
    return scrubber


def worst(engine: str, size: int) -> dict[str, list[float]]:
    """Case -> [MB/s at `size`, time(size) / time(size / 2)]."""
    out = {}
    for name, make in (CASES | DENSE).items():
        took = []
        for n in (size // 2, size):
            text = make(n)
            took.append(min(_seconds(engine, text) for _ in range(2)))
        out[name] = [size / 1e6 / max(1e-9, took[1]), took[1] / max(1e-9, took[0])]
    return out


def _seconds(engine: str, text: str) -> float:
    scrubber = _warm(engine)
    start = time.process_time()
    scrubber.text(text)
    return time.process_time() - start


def main() -> None:
    """Run everything that was asked for and print it."""
    paths = [a for a in sys.argv[1:] if not a.startswith("-")]
    engine = Scrubber().engine
    result: dict[str, Any] = {
        "engine": engine,
        "python": platform.python_version(),
        "rules": len(RULES),
        "token_shapes": len(TOKENS),
        "scores": score(load(paths), engine) if paths else None,
        "throughput": {engine: throughput(engine, THROUGHPUT), "re": throughput("re", THROUGHPUT // 20)},
        "worst": worst(engine, WORST),
        "others": {k: "installed" if importlib.util.find_spec(v) else "not installed" for k, v in OTHERS.items()},
    }
    report = markdown(result)
    if paths:
        (Path(__file__).resolve().parents[1] / "docs" / "SCRUBBING.md").write_text(report, encoding="utf-8")
    print(json.dumps(result) if "--json" in sys.argv else report)


if __name__ == "__main__":
    main()
