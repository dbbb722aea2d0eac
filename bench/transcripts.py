"""Memory and speed of the transcript road, on a synthetic transcript of 1 GB that is deleted afterwards.

`python bench/transcripts.py [--mb 1000] [--provider claude|codex|gemini] [--json]`. Three processes of their own take
the same file: `orjson.loads` alone, the parser alone, and the whole road (`groove-sidecar import`: read, parse, label,
scrub, seal, journal). Of each: MB and lines per second of wall clock, MB per CPU second, and the highest resident
memory until 10, 50 and 100 % of the bytes. The claim: it does not grow with the file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from transcripts_make import PLACES, write

from parsers import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
MB = 1_000_000
MARKS = (0.1, 0.5, 1.0)
SAMPLE_SECONDS = 0.1
BLOCK = 1 << 16


def highest() -> int:
    """The highest resident memory of this process so far, in bytes."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def lines_of(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=BLOCK) as stream:
        yield from stream


def child(path: Path, road: str) -> None:
    """One road over the file; prints its figures."""
    parser = registry.make(None)
    size, done, lines, steps = path.stat().st_size, 0, 0, 0
    peaks: list[int] = []
    begun, cpu = time.perf_counter(), time.process_time()
    for line in lines_of(path):
        if road == "orjson":
            orjson.loads(line)
        else:
            steps += len(parser.feed(line.rstrip(b"\n")).steps)
        lines, done = lines + 1, done + len(line)
        while len(peaks) < len(MARKS) and done >= MARKS[len(peaks)] * size:
            peaks.append(highest())
    steps += len(parser.finish().steps)
    took, cpu = time.perf_counter() - begun, time.process_time() - cpu
    print(json.dumps({"seconds": took, "cpu": cpu, "bytes": done, "lines": lines, "steps": steps, "peaks": peaks}))


def resident(pid: int) -> int:
    """Resident bytes of a process; 0 when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def place(pid: int, path: Path) -> int | None:
    """How far the process has read the file; None while it has it not open."""
    try:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            if handle.readlink() == path:
                info = Path(f"/proc/{pid}/fdinfo/{handle.name}").read_text()
                return int(info.split("pos:")[1].split()[0])
    except (OSError, IndexError, ValueError):
        pass
    return None


def whole_road(home: Path, path: Path) -> dict[str, Any]:
    """`groove-sidecar import` of the file, in a home of its own, watched from outside."""
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "sidecar.cli.main"]
    subprocess.run([*command, "enable", "--yes"], env=environ, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([*command, "import", "--yes", "--json"], env=environ, cwd=ROOT, stdout=subprocess.PIPE)
    size, share = path.stat().st_size, 0.0
    peaks = [0] * len(MARKS)
    while process.poll() is None:
        at = place(process.pid, path)
        share = max(share, at / size) if at is not None else share
        now = resident(process.pid)
        for index, mark in enumerate(MARKS):
            if share <= mark:
                peaks[index] = max(peaks[index], now)
        time.sleep(SAMPLE_SECONDS)
    took, now_used = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now_used.ru_utime + now_used.ru_stime - used.ru_utime - used.ru_stime
    if process.returncode or process.stdout is None:
        raise SystemExit(f"the import ended with {process.returncode}")
    report = json.loads(process.stdout.read())
    figures = {name: report[name] for name in ("bytes", "lines", "steps")}
    return {"seconds": took, "cpu": cpu, **figures, "peaks": peaks}


def measure(provider: str, size: int) -> dict[str, Any]:
    """All roads over one transcript."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        path = write(provider, home, size)
        roads: dict[str, Any] = {}
        for road in ("orjson", "parse"):
            command = [sys.executable, __file__, "--child", str(path), "--road", road]
            environ = {**os.environ, "PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, check=True, capture_output=True, env=environ)
            roads[road] = json.loads(done.stdout)
        roads["import"] = whole_road(home, path)
    base = roads["orjson"]["bytes"] / roads["orjson"]["cpu"]
    for road in roads.values():
        road |= {"mb_per_s": round(road["bytes"] / road["seconds"] / MB, 1)}
        road |= {"lines_per_s": round(road["lines"] / road["seconds"])}
        road |= {"mb_per_cpu_s": round(road["bytes"] / road["cpu"] / MB, 1)}
        road |= {"of_orjson": round(road["bytes"] / road["cpu"] / base, 3)}
        road["peaks_mb"] = [round(peak / MB, 1) for peak in road.pop("peaks")]
    return {"provider": provider, "bytes": roads["orjson"]["bytes"], **roads}


def show(row: dict[str, Any]) -> None:
    names = {"orjson": "orjson.loads alone", "parse": "parser", "import": "import, whole road"}
    print(f"transcript of {row['provider']}, {row['bytes'] / MB:.0f} MB, {row['orjson']['lines']} lines")
    print(
        f"{'':<20}{'MB/s':>7}{'lines/s':>9}{'MB/CPU s':>10}{'of orjson':>11}{'steps':>9}  highest RSS, MB, 10/50/100 %"
    )
    for name, title in names.items():
        road = row[name]
        peaks = ", ".join(f"{peak:.0f}" for peak in road["peaks_mb"])
        figures = f"{road['mb_per_s']:>7}{road['lines_per_s']:>9}{road['mb_per_cpu_s']:>10}{road['of_orjson']:>11}"
        print(f"{title:<20}{figures}{road['steps']:>9}  {peaks}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--mb", type=float, default=1000.0, help="size of the transcript, 10^6 bytes")
    arguments.add_argument("--provider", choices=sorted(PLACES), default="claude")
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    arguments.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments.add_argument("--road", choices=["orjson", "parse"], default="parse", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.child:
        child(options.child, options.road)
        return
    row = measure(options.provider, round(options.mb * MB))
    if options.json:
        print(json.dumps(row))
    else:
        show(row)


if __name__ == "__main__":
    main()
