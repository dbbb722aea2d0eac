"""`parse` and `status` show fields that no recording has, and the ledger's sums stay what they are."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
from pathlib import Path

from parsers import registry
from sidecar.cli.parse import WIDTH, ledger_table
from sidecar.cli.status import render
from sidecar.joining.roads import Joined, Shadow
from sidecar.offline import Offline
from sidecar.report import EMPTY, openmetrics

DATA = Path(__file__).parents[1] / "data"
RECORDING = DATA / "streams" / "codex" / "a-fix" / "stdout.jsonl"
FATES = ("steps", "meta", "noise", "unknown", "malformed", "oversize")
LONG = "unusuallyLongNameOfFieldsNobodyHasSeen"


def offline(data, **options):
    """The tally of these bytes."""
    reader = Offline(**options)
    steps = list(reader.steps(io.BytesIO(data), 1e9))
    return reader.tally, steps


def adds_up(tally):
    """Whether lines and bytes are the sums they must be."""
    return (
        tally.lines == tally.fates.total() == tally.events.total()
        and tally.bytes == tally.fate_bytes.total() == tally.event_bytes.total()
    )


def test_recordings_show_no_drift():
    """The ledger of recordings says nothing of drift, to people and to machines."""
    tally, _ = offline(RECORDING.read_bytes())
    assert tally.drifted == 0
    assert not any("DRIFT" in row for row in ledger_table(tally))
    assert "drift" not in tally.as_json()
    assert tally.as_json(full=True)["drift"] == []


def test_the_ledger_shows_what_changed_by_hand(tmp_path):
    """Fields added, missing and of another kind: by name and lines, in 80 columns, sums exact, and in the JSON line."""
    lines = RECORDING.read_bytes().splitlines(keepends=True)
    broken = []
    for line in lines:
        value = json.loads(line)
        if value.get("item", {}).get("type") == "command_execution":
            value["item"][LONG] = {"secret": "hunter2"}
            value["item"].pop("command")
            value["item"]["status"] = 7
        broken.append(json.dumps(value).encode() + b"\n")
    file = tmp_path / "stdout.jsonl"
    file.write_bytes(b"".join(broken))
    command = [sys.executable, "-m", "sidecar.cli.parse", str(file), "--ledger", "--provider", "codex"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    *rows, last = done.stderr.splitlines()
    ledger = json.loads(last)
    assert sum(ledger[fate] for fate in FATES) == ledger["lines"] == len(lines)
    changed = sum(b"command_execution" in line for line in broken)
    assert ledger["drifted_lines"] == changed > 0
    names = {one["name"] for one in ledger["drift"]}
    item = "codex:item.completed.item.command_execution"
    assert {f"{item}+{LONG}", f"{item.replace('completed', 'started')}-command", f"{item}.status:number"} <= names
    assert max(map(len, rows)) <= WIDTH
    shown = "".join(row.ljust(WIDTH)[:55].strip() for row in rows)
    assert all(name in shown for name in names)
    assert rows[-2:] == [
        "These lines were taken as before. Update groove-sidecar; if it is the newest,",
        "report the names above with the CLI's version: they hold nothing of yours.",
    ]
    assert "hunter2" not in done.stderr


def test_the_version_that_wrote_it_is_told():
    """Where the lines tell their CLI's version, it stands beside the name."""
    data = (DATA / "streams" / "claude" / "a-fix" / "stdout.jsonl").read_bytes()
    tally, _ = offline(data.replace(b'"type":"tool_use",', b'"type":"tool_use","caller":1,'))
    assert adds_up(tally)
    (one,) = tally.as_json(full=True)["drift"]
    assert one["name"] == "claude:assistant.message.content[].tool_use+caller"
    assert one["versions"] == {"2.1.197": one["lines"]}
    assert f"  written by 2.1.197 x{one['lines']}" in ledger_table(tally)


def test_a_secret_in_a_fields_place_is_not_shown():
    """Names of members that are no names of fields are "other"; what looks like one goes past the scrubber all the same."""
    odd = {"AKIAQ7RZXPLKD2MNW4TB": 1, "jane.roe@example.net": 2, "/home/jane": 3, "newField": 4}
    lines = [json.dumps({"type": "turn.started", name: value}) for name, value in odd.items()]
    tally, _ = offline("\n".join(lines).encode(), provider="codex", dialect="stream")
    assert set(tally.drift) == {"codex:turn.started+other", "codex:turn.started+newField"}
    assert tally.drift["codex:turn.started+other"].total() == 3


def test_both_roads_tell_drift():
    """A stream whose transcript is the record, and a transcript told by a stream, still notice what is new."""
    line = json.dumps({"type": "turn.started", "brandNew": 1}).encode()
    assert Shadow(registry.make("codex", "stream"), {}).feed(line).drift == ("codex:turn.started+brandNew",)
    stored = {"type": "user", "timestamp": "2026-11-20T08:46:38Z", "brandNew": 1, "message": {"content": "hello"}}
    joined = Joined(registry.make("claude-code", "transcript"))
    joined.windows = [(0.0, 1e12)]
    answer = joined.feed(json.dumps(stored).encode())
    assert (list(answer.steps), "claude/transcript:user+brandNew" in answer.drift) == ([], True)


def test_status_shows_it_in_80_columns():
    """The first names with their versions, however long, the number of the others, and a metric."""
    path = "codex/transcript:response_item.payload.custom_tool_call_output"
    names = {f"{path}+{'longName' * 5}{letter}": 9 for letter in "abcde"}
    versions = {next(iter(names)): {"0.169.0": 5, "0.170.0": 4}}
    document = copy.deepcopy(EMPTY) | {"changed_lines": 9, "changed_fields": names, "changed_versions": versions}
    document |= {"running": True, "pid": 1, "paused": False, "consent": {"standing": "on", "reason": "", "hint": ""}}
    rows = render(document)
    assert max(map(len, rows)) <= WIDTH
    text = " ".join(row.strip() for row in rows)
    assert "x9 (0.169.0, 0.170.0)" in text
    assert "and 2 more; all were taken as before (a newer CLI? see doctor)" in text
    assert "groove_sidecar_changed_lines_total 9" in openmetrics(document)
    assert not any("changed" in row for row in render(document | {"changed_fields": {}}))
