"""What capture costs: the whole pipeline on a generated stream, beside `orjson.loads` alone on the same bytes.

`python bench/pipeline.py [--megabytes 50] [--runs 3] [--provider claude] [--only] [--json]`. A run is a process of its
own that frames, parses, classifies, scrubs, encodes, seals, signs and reads the file itself, then reads it again with
`orjson.loads` per line and nothing else; so both meet the same machine. Peak memory is that process's before the second
reading. Then the other benchmarks of this folder follow (`--only` leaves them out).
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from parsers import registry
from sidecar.capture.framing import Ending, LineFramer
from sidecar.capture.session import CaptureSession
from sidecar.scrub.scrubber import Scrubber
from sidecar.wire.attestation import SessionKey, sign
from sidecar.wire.envelope import Identity, assemble, attach

if TYPE_CHECKING:
    from collections.abc import Callable

    from sidecar.capture.session import Received

HERE = Path(__file__).parent
BLOCK = 64 * 1024
SIBLINGS = ("journal", "wrap", "idle", "status")
MB = 1_000_000


def pipeline(path: Path, provider: str, scrubber: Scrubber) -> dict[str, int]:
    """Everything between a file and the bytes to POST, without network and disk."""
    ids, sequence = count(1), count()
    secret = SessionKey.generate().derive(SessionKey.generate().public_b64)
    session = CaptureSession(
        identity=Identity("sess_bench", "", "", "bench", "solo", "0" * 32, "0"),
        parser=registry.make(provider),
        scrub=scrubber.scrub,
        scrub_json=scrubber.json,
        new_id=lambda: f"env_{next(ids)}",
        redactions=lambda: scrubber.counts,
    )
    bodies: list[bytes] = []
    totals = {"lines": 0, "steps": 0, "envelopes": 0, "sent_bytes": 0}

    def send(received: Received) -> None:
        totals["steps"] += len(received.steps)
        bodies.extend(step.body for step in received.steps)
        for sealed in received.sealed:
            steps = sealed.last_step - sealed.first_step + 1 if sealed.last_step and sealed.first_step else 0
            unsigned = assemble("sess_bench", sealed.kind, sealed.head, sealed.tail, bodies[:steps])
            del bodies[:steps]
            number = next(sequence)
            mac = sign(secret, number, unsigned)
            body = attach(unsigned, session_hmac=mac, sequence=number, app_version_hash="0" * 64)
            totals["envelopes"] += 1
            totals["sent_bytes"] += len(body)

    framer = LineFramer()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            for frame in framer.feed(block):
                totals["lines"] += 1
                send(session.receive(frame.line or b"", time.time()))
    send(session.finish(time.time(), ending=Ending(exit_code=0)))
    return {**totals, "replaced": sum(scrubber.counts.values())}


def baseline(path: Path) -> None:
    with path.open("rb") as stream:
        for line in stream:
            orjson.loads(line)


def timed(job: Callable[[], Any]) -> tuple[Any, float, float]:
    """The answer, and seconds of wall clock and of CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = job()
    return answer, time.perf_counter() - wall, time.process_time() - cpu


def child(path: Path, provider: str) -> None:
    scrubber, setup, _ = timed(Scrubber)
    totals, wall, cpu = timed(lambda: pipeline(path, provider, scrubber))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    _, base_wall, base_cpu = timed(lambda: baseline(path))
    times = {"setup": setup, "wall": wall, "cpu": cpu, "base_wall": base_wall, "base_cpu": base_cpu}
    print(json.dumps({**totals, **times, "peak": peak}))


def measure(provider: str, megabytes: float, runs: int) -> dict[str, Any]:
    """Medians over `runs` processes; rates in 10^6 bytes and lines per second of wall clock."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stream.jsonl"
        with path.open("wb") as out:
            subprocess.run([sys.executable, HERE / "generate.py", provider, str(megabytes)], stdout=out, check=True)
        size = path.stat().st_size
        command = [sys.executable, __file__, "--child", str(path), "--provider", provider]
        results = [
            json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(max(1, runs))
        ]
    middle = {name: statistics.median(result[name] for result in results) for name in results[0]}
    return {
        "provider": provider,
        "bytes": size,
        **{name: int(middle[name]) for name in ("lines", "steps", "envelopes", "replaced", "sent_bytes")},
        "mb_per_s": round(size / MB / middle["wall"], 1),
        "lines_per_s": round(middle["lines"] / middle["wall"]),
        "mb_per_cpu_s": round(size / MB / middle["cpu"], 1),
        "orjson_mb_per_s": round(size / MB / middle["base_wall"], 1),
        "orjson_mb_per_cpu_s": round(size / MB / middle["base_cpu"], 1),
        "peak_rss_mb": round(max(result["peak"] for result in results) / MB, 1),
        "setup_ms": round(middle["setup"] * 1000),
        "runs": len(results),
    }


def show(row: dict[str, Any]) -> None:
    print(f"pipeline, {row['provider']} stream of {row['bytes'] / MB:.0f} MB, median of {row['runs']} runs")
    print(f"{'':<26}{'MB/s':>9}{'MB/CPU s':>10}{'lines/s':>10}")
    base = f"{row['orjson_mb_per_s']:>9}{row['orjson_mb_per_cpu_s']:>10}"
    print(f"{'orjson.loads alone':<26}{base}")
    print(f"{'parse … sign':<26}{row['mb_per_s']:>9}{row['mb_per_cpu_s']:>10}{row['lines_per_s']:>10}")
    print(f"steps {row['steps']}, envelopes {row['envelopes']}, replaced {row['replaced']}")
    print(f"peak memory {row['peak_rss_mb']} MB, scrub rules made ready in {row['setup_ms']} ms", flush=True)


def siblings(*, as_json: bool) -> dict[str, Any]:
    """Run the other benchmarks, if they are here: their tables as they print them, or their JSON."""
    results: dict[str, Any] = {}
    for name in SIBLINGS:
        script = HERE / f"{name}.py"
        if not script.exists():
            continue
        if not as_json:
            print(f"\n{name}", flush=True)
        done = subprocess.run(
            [sys.executable, script, *(["--json"] if as_json else [])],
            stdout=subprocess.PIPE if as_json else None,
            check=False,
        )
        if as_json:
            results[name] = json.loads(done.stdout) if done.returncode == 0 else {"exit_code": done.returncode}
    return results


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--megabytes", type=float, default=50.0)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--provider", choices=["claude", "codex", "gemini", "claude-code"], default="claude")
    arguments.add_argument("--only", action="store_true", help="leave the other benchmarks out")
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    arguments.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.child:
        child(options.child, "claude-code" if options.provider == "claude" else options.provider)
        return
    row = measure(options.provider.removesuffix("-code"), options.megabytes, options.runs)
    if not options.json:
        show(row)
    rest = {} if options.only else siblings(as_json=options.json)
    if options.json:
        print(json.dumps({"pipeline": row, **rest}))


if __name__ == "__main__":
    main()
