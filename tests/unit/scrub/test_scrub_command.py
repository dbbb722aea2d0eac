"""The command: streaming filter, spans, explanations, and what it says about input it cannot read."""

from __future__ import annotations

import io
import json
import subprocess
import sys

from sidecar.cli.scrub import HOLD, WINDOW, filter_text
from sidecar.scrub.scrubber import Scrubber
from tests.patience import PATIENCE

PEM = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7f3A9c2E8b4D0165k7Rq2ZtLw9XcV4mHb8NsYd3GfJ6pQ\n" * 20
PEM += "-----END RSA PRIVATE KEY-----\n"


def _run(*arguments: str, text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sidecar.cli.scrub", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_plain_text_is_filtered():
    """Without options the command prints its input with placeholders."""
    done = _run(text="mail a@gmail.com\nok\n")
    assert (done.returncode, done.stdout) == (0, "mail [EMAIL]\nok\n")


def test_spans_are_reported_per_line_and_bad_lines_counted():
    """Each readable line gets its spans; the others are named on stderr with a hint, and the exit code says so."""
    lines = '{"id": 7, "text": "é a@gmail.com"}\n{bad\n[1]\n{"id": "b", "text": "clean"}\n'
    done = _run("--spans", text=lines)
    assert done.returncode == 2
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": 7, "spans": [[2, 13, "EMAIL"]]},
        {"id": "b", "spans": []},
    ]
    assert "line 2" in done.stderr and "line 3" in done.stderr and "hint:" in done.stderr


def test_explanations_name_rule_and_reason_and_never_the_value():
    """`--explain` prints one JSON line per replacement without its value."""
    done = _run("--explain", text="mail a@gmail.com\npassword=Tr0ub4dor&3x\n")
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(e["start"], e["end"], e["category"]) for e in entries] == [(5, 16, "EMAIL"), (26, 38, "API_KEY")]
    assert all(e["rule"] and e["reason"] for e in entries)
    assert "gmail" not in done.stdout and "Tr0ub" not in done.stdout


def test_an_unknown_engine_is_a_usage_error():
    """A wrong engine name exits with 2 and a hint."""
    done = _run("--engine", "magic", text="")
    assert done.returncode == 2 and "hint:" in done.stderr


def test_a_stream_is_scrubbed_like_a_text_in_bounded_memory():
    """Streaming in windows gives what one pass over the whole gives, with keys and secrets across the windows' edges."""
    filler = "line of nothing in particular\n" * 900
    text = "".join(f"{filler}{'x' * (i * 37)}\n{PEM}token = k7Rq2ZtLw9XcV4mHb8Ns{i}Q\n" for i in range(25))
    assert len(text) > 2 * (WINDOW + HOLD)
    out = io.StringIO()
    filter_text(io.StringIO(text), out, Scrubber(), explain=False)
    assert out.getvalue() == Scrubber().text(text)
    assert "MIIEp" not in out.getvalue() and "k7Rq2" not in out.getvalue()
