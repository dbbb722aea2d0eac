"""`parse` prints every step once, scrubbed, and a ledger in which every line and byte of every file has a fate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.generate import lines as generated
from sidecar.cli.parse import ledger_table
from sidecar.offline import Offline, Tally

DATA = Path(__file__).parents[1] / "data" / "capture"
FILES = sorted(DATA.glob("*.jsonl"))
FATES = ("steps", "meta", "noise", "unknown", "malformed", "oversize")


def run(*arguments, **options):
    """Run the command as a process; its exit code, steps, ledger and the rest of stderr."""
    command = [sys.executable, "-m", "sidecar.cli.parse", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, **options)
    *messages, ledger = done.stderr.decode().splitlines()
    return done.returncode, done.stdout.splitlines(), json.loads(ledger), messages


def test_all_recordings_at_once():
    """Several files: steps of all in order, one ledger that adds up to lines, bytes and printed steps."""
    code, printed, ledger, messages = run(*FILES)
    assert (code, messages) == (0, [])
    assert list(ledger) == ["lines", "bytes", *FATES, "by_type"]
    assert ledger["bytes"] == sum(file.stat().st_size for file in FILES)
    assert ledger["lines"] == sum(file.read_bytes().count(b"\n") for file in FILES) == sum(ledger[f] for f in FATES)
    assert ledger["unknown"] == ledger["malformed"] == 0
    assert len(printed) == sum(ledger["by_type"].values())
    steps = [json.loads(line) for line in printed]
    assert [step["step"] for step in steps].count(1) == len(FILES)
    assert {step["type"] for step in steps} == set(ledger["by_type"])


def test_nothing_printed_holds_a_secret(tmp_path):
    """Secrets in thoughts, commands, results and answers, split by deltas or not, are replaced wherever they stand."""
    secrets = {
        b"alice.smith@example.com": b"jane.doe@acme-corp.io",
        b"AKIAIOSFODNN7EXAMPLE": b"AKIAQ7RZXPLKD2MNW4TB",
        b"415) 555-0132": b"415) 555-0132",
    }
    for file in (file for file in FILES if "d-unicode" in file.stem):
        data = file.read_bytes()
        for fake, real in secrets.items():
            data = data.replace(fake, real)
        (tmp_path / file.name).write_bytes(data)
    code, printed, _, messages = run(*sorted(tmp_path.iterdir()))
    assert (code, len(printed)) == (0, 14)
    text = b"\n".join([*printed, *(message.encode() for message in messages)])
    assert [secret for secret in secrets.values() if secret in text] == []
    assert text.count(b"[EMAIL]") >= 8


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_provider_and_dialect_are_found_out(file):
    """The answer is the same whether nothing, the provider, or provider and dialect are given."""
    provider = {"claude": "claude-code"}.get(file.stem.partition("__")[0], file.stem.partition("__")[0])
    answers = []
    for given in ((None, None), (provider, None), (provider, "stream")):
        offline = Offline(provider=given[0], dialect=given[1])
        with file.open("rb") as stream:
            steps = [step.body for step in offline.steps(stream, 1.0)]
        answers.append((steps, offline.tally.as_json(full=True)))
    assert answers[0] == answers[1] == answers[2]


def test_standard_input_and_garbage():
    """A dash reads stdin; lines that are no stream are counted as malformed, a torn one too, and nothing is raised."""
    data = FILES[0].read_bytes() + b'{"type":"assi\n\x00\xff\n\n[1]\n{"type":"assistant","mess'
    code, printed, ledger, _ = run("-", input=data)
    assert code == 0
    assert printed
    assert ledger["bytes"] == len(data)
    assert ledger["lines"] == data.count(b"\n") + 1 == sum(ledger[fate] for fate in FATES)
    assert ledger["malformed"] == 4


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path):
    """The others are parsed, a message with a hint names it, the exit code is 2 and the ledger still comes last."""
    code, printed, ledger, messages = run(tmp_path / "missing.jsonl", FILES[0], tmp_path)
    assert code == 2
    assert printed
    assert ledger["bytes"] == FILES[0].stat().st_size
    assert messages[0].startswith("groove-sidecar: cannot read ")
    assert [line.startswith("  ") for line in messages] == [False, True, False, True]


def test_an_unknown_provider_is_wrong_use():
    """Exit code 2 and the list of what there is."""
    command = [sys.executable, "-m", "sidecar.cli.parse", "--provider", "nobody", str(FILES[0])]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 2
    assert "claude-code (stream)" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_dialect_is_wrong_use():
    """Exit code 2, and the list of what there is, also without a provider."""
    command = [sys.executable, "-m", "sidecar.cli.parse", "--dialect", "zz", str(FILES[0])]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "stream, transcript" in done.stderr and "Traceback" not in done.stderr


def test_an_output_that_takes_no_more_is_named(tmp_path):
    """On a full disk the output is at fault, not the file; exit code 1, and the ledger still comes last."""
    file = tmp_path / "long.jsonl"
    file.write_bytes(b"".join(generated("claude", 1)))
    for name in (file, FILES[0]):  # fails while steps are written, and only when they are flushed
        command = [sys.executable, "-m", "sidecar.cli.parse", str(name)]
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
        message, hint, ledger = done.stderr.splitlines()
        assert done.returncode == 1
        assert message.startswith("groove-sidecar: cannot write the output: No space")
        assert hint.startswith("  ")
        assert json.loads(ledger)["lines"] > 0


def test_a_reader_that_leaves_is_no_error(tmp_path):
    """When stdout is closed early the command ends without a traceback."""
    file = tmp_path / "long.jsonl"
    file.write_bytes(b"".join(generated("claude", 1)))
    with subprocess.Popen(
        [sys.executable, "-m", "sidecar.cli.parse", str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        child.stdout.close()
        errors = child.stderr.read().decode()
        assert child.wait() == 0
    assert "Traceback" not in errors
    assert "Exception" not in errors
    assert json.loads(errors.splitlines()[-1])["lines"] > 0


def test_the_ledger_table_adds_up_and_is_narrow():
    """`--ledger` shows lines and bytes per fate and event in at most 80 columns, before the JSON."""
    code, _, ledger, table = run("--ledger", "--json", *FILES)
    assert code == 0
    assert max(map(len, table)) <= 80
    assert sum(event["lines"] for event in ledger["events"]) == ledger["lines"]
    assert sum(event["bytes"] for event in ledger["events"]) == ledger["bytes"] == sum(ledger["bytes_by_fate"].values())
    assert [outcome["total_steps"] > 0 for outcome in ledger["outcomes"]] == [True] * len(FILES)
    total = next(row.split() for row in table if row.startswith("total"))
    assert list(map(int, total[1:])) == [ledger["lines"], ledger["bytes"]]
    assert any(row.startswith("claude-code/assistant/tool_use") for row in table)


def test_an_oversize_line_is_counted_by_the_ledger(tmp_path):
    """A line over the limit has the fate "oversize", with its bytes, and the lines around it are read."""
    file = tmp_path / "big.jsonl"
    good = FILES[0].read_bytes()
    file.write_bytes(good + b"x" * 5_000 + b"\n" + good)
    offline = Offline(line_limit=4_000)
    with file.open("rb") as stream:
        steps = list(offline.steps(stream, 1.0))
    assert steps
    assert offline.tally.fates["oversize"] == 1
    assert offline.tally.fate_bytes["oversize"] == 5_001
    assert offline.tally.bytes == file.stat().st_size


def test_event_names_are_bounded():
    """A stream of ever new event types cannot grow the ledger."""
    offline = Offline()
    data = b"".join(b'{"type":"thread.x%d"}\n' % n for n in range(2_000))
    path = os.pipe()
    with os.fdopen(path[1], "wb") as writer:
        writer.write(data[:60_000])
    with os.fdopen(path[0], "rb") as stream:
        assert list(offline.steps(stream, 1.0)) == []
    assert len(offline.tally.events) <= 510
    assert max(map(len, ledger_table(offline.tally))) <= 80
    assert Tally().as_json()["lines"] == 0


def test_memory_does_not_grow_with_the_file(tmp_path):
    """Four times the stream needs no more than a few megabytes more."""
    # VmHWM begins anew with a program; ru_maxrss does not, and would be that of the process that runs the tests.
    script = (
        "import re, resource, sys; from sidecar.cli.main import run; run(['parse', sys.argv[1]])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "if sys.platform == 'linux': peak = re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(peak, file=sys.stderr)"
    )
    peaks = []
    for size in (2, 8):
        file = tmp_path / f"{size}.jsonl"
        file.write_bytes(b"".join(generated("claude", size)))
        done = subprocess.run(
            [sys.executable, "-c", script, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
        )
        peaks.append(int(done.stderr.split()[-1]) * (1 if sys.platform == "darwin" else 1024))
    assert peaks[1] - peaks[0] < 12_000_000
