"""The whole way with real processes: no secret is readable anywhere behind the stream file, no name after a kill.

GROOVE_LEAK_SHAPES sets how many credential shapes travel (default 40; 0 = all of the rule table).
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from urllib.parse import quote

from sidecar.ask import ask
from sidecar.scrub.rules import TOKENS
from sidecar.scrub.shapes import parse
from tests.patience import PATIENCE

WANTED = int(os.environ.get("GROOVE_LEAK_SHAPES", "40"))
RULES = [rule for rule in TOKENS if rule.shape]
SHAPES = RULES[:: max(1, len(RULES) // WANTED)] if WANTED else RULES
WHOLE = 14
"""Characters of a secret that count as readable."""


def secrets():
    return [(rule.name, parse(rule.shape).example(index + 500)) for index, rule in enumerate(SHAPES)]


def claude(found):
    """Results and inputs of tools: escaped JSON, base64, a diff, colours, YAML, an object's key, an event nobody knows."""
    yield {"type": "system", "subtype": "init", "session_id": "c", "model": "claude-opus-4-7", "tools": []}
    for number, (_, s) in enumerate(found):
        results = (
            json.dumps(json.dumps({"a": f"x\n{s}\n"})),
            base64.b64encode(f"token is here: {s}\nand more".encode()).decode(),
            f"@@ -1 +1 @@\n-old = 1\n+{s}\n context",
            f"found \x1b[93m{s[:6]}\x1b[0m\x1b[1m{s[6:]}\x1b[0m in file",
            f"service:\n  api_token: '{s}'\n  port: 1",
        )
        inputs = ({"command": f"cat > f <<'EOF'\nk = {s}\nEOF"}, {s: 1, "deep": [{s: s}]}, {"url": f"/cb?a={quote(s)}"})
        for k, text in enumerate(results):
            call = f"c{number}-{k}"
            use = {"type": "tool_use", "id": call, "name": "Bash", "input": inputs[k % len(inputs)]}
            yield {"type": "assistant", "message": {"role": "assistant", "content": [use], "model": "claude-opus-4-7"}}
            result = {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": k == 4}
            yield {"type": "user", "message": {"role": "user", "content": [result]}}
        yield {"type": s, "subtype": s}


def codex(found):
    """Commands and their output: environment, headers, shell history."""
    yield {"type": "thread.started", "thread_id": "t"}
    for number, (_, s) in enumerate(found):
        out = f"NODE_ENV=x\nSERVICE_TOKEN={s}\n  102  export API_TOKEN={s}\n"
        item = {"id": f"i{number}", "type": "command_execution", "command": f"curl -H 'X-Api-Token: {s}' h"}
        yield {"type": "item.completed", "item": item | {"aggregated_output": out, "exit_code": 1, "status": "failed"}}
    yield {"type": "turn.completed", "usage": {"input_tokens": 1, "output_tokens": 1}}


def gemini(found):
    """Deltas that cut every secret in three."""
    yield {"type": "init", "session_id": "g", "model": "gemini-2.5-pro"}
    for number, (_, s) in enumerate(found):
        text = f"I will use {s} for the call."
        third = 11 + len(s) // 3
        for piece in (text[:third], text[third : third + 5], text[third + 5 :]):
            yield {"type": "message", "role": "assistant", "content": piece, "delta": True}
        yield {
            "type": "tool_use",
            "tool_name": "run_shell_command",
            "tool_id": f"g{number}",
            "parameters": {"command": s},
        }


def needles(found):
    """What must be found nowhere: (name, bytes), in plain, percent-encoded and base64 form."""
    out = []
    for name, secret in found:
        body = secret[len(secret) // 3 :][:WHOLE]
        forms = {secret, body, quote(body, safe=""), base64.b64encode(secret.encode()).decode()}
        out += [(name, form.encode()) for form in forms]
    return out


def readable(texts, found):
    wanted = needles(found)
    return sorted({(where, name) for where, text in texts for name, needle in wanted if needle in text})


def below(folder):
    return [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]


def told(world):
    """All that the control socket and the commands say."""
    for path in ("/status", "/metrics"):
        yield path, ask(world.paths.socket, "GET", path)[1]
    for arguments in (("status",), ("preview", "--raw"), ("preview", "--json"), ("preview",), ("parked", "list")):
        done = world.command(*arguments, check=False)
        yield " ".join(arguments), (done.stdout + done.stderr).encode()


def test_no_credential_is_readable_on_the_whole_way(world):
    """Shapes times carriers through wrap, agent and Central Command: none in any file, answer, log or stored envelope."""
    found = secrets()
    world.central()
    world.enable()
    world.agent()
    world.command("pause")
    children = []
    for provider, lines in (("claude", claude), ("codex", codex), ("gemini", gemini)):
        recording = world.home / f"{provider}.jsonl"
        recording.write_text("".join(json.dumps(line) + "\n" for line in lines(found)))
        replay = [sys.executable, "-c", "import sys; sys.stdout.write(sys.stdin.read())"]
        with recording.open() as lines_in:
            options = {"stdin": lines_in}
            children.append(world.start("sidecar.cli.main", "wrap", "--provider", provider, "--", *replay, **options))
    for child in children:
        assert child.wait(PATIENCE) == 0
    for provider in ("claude", "codex", "gemini"):
        (world.home / f"{provider}.jsonl").unlink()
    world.until(lambda: world.status()["queued"] >= 6 and not list(world.paths.streams.iterdir()))
    assert readable(below(world.paths.state), found) == []
    assert readable(told(world), found) == []
    replaced = world.status()["replaced"]
    assert sum(replaced.values()) >= len(found) * 8
    world.command("resume")
    world.until(lambda: world.settled(3))
    assert readable(below(world.home), found) == []
    assert readable(told(world), found) == []
    held = world.held()["sessions"]
    assert len(held) == 3
    assert all(session["whole"] for session in held)
    assert sum(session["steps"] for session in held) >= len(found) * 12


def test_a_name_that_was_learned_survives_a_kill(world):
    """The agent is killed between two steps; the name the first one taught is replaced as a word in the second."""
    world.central()
    world.enable()
    agent = world.agent()
    wrapped = world.start(
        "sidecar.cli.main", "wrap", "--provider", "claude", "--", "cat", stdin=subprocess.PIPE, bufsize=0
    )

    def say(number, command):
        use = {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": {"command": command}}
        message = {"role": "assistant", "content": [use], "model": "claude-opus-4-7"}
        wrapped.stdin.write(json.dumps({"type": "assistant", "session_id": "s", "message": message}).encode() + b"\n")

    say(1, "ls /home/zeldafitz/code")
    world.until(lambda: world.status()["buffered"] == 1)
    agent.kill()
    agent.wait()
    say(2, "git log --author zeldafitz")
    world.agent()
    world.until(lambda: world.status()["buffered"] == 2)
    assert world.readable(b"zeldafitz", world.paths.spool.parent / "names.sealed") == []
    wrapped.stdin.close()
    assert wrapped.wait(PATIENCE) == 0
    world.until(lambda: world.settled(1))
    assert world.readable(b"zeldafitz") == []
    (session,) = world.held()["sessions"]
    commands = [step["arguments"]["command"] for step in world.steps(session["id"])]
    assert commands == ["ls /home/[USER]/code", "git log --author [USER]"]
    world.command("disable")
    assert not (world.paths.state / "names.sealed").exists()
