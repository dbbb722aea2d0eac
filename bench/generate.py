"""Make long agent streams like the real ones: `python bench/generate.py claude 50 > stream.jsonl` (megabytes).

Owns: the shapes, sizes and proportions of the three CLIs' stdout, as recorded.
Never: copies a recording; every word is made here, and every secret is a fake one.
Invariant: the same provider, size and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import random
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MB = 1_000_000
TEXT = """the parser reads each line then checks whether a value was given before it calls the handler so that tests
pass when config is missing we return early and log a warning instead of raising because callers expect None here
refactor module import function class method argument default error retry timeout queue worker session token update
cache index migration schema column table query result query request response header body status code path file"""
WORDS = tuple(TEXT.split())
FILES = tuple(f"src/{a}/{b}.py" for a in ("api", "core", "store", "web") for b in ("models", "views", "queue", "util"))
CODE = (
    "def {a}_{b}(self, {c}: str, *, limit: int = {n}) -> list[{a}]:",
    "    if not {c}.{b}({n}):",
    '        raise ValueError(f"{a} is not {b}: {{{c}!r}}")',
    "    for {a}, {b} in enumerate({c}.items()):",
    "        self._{a}[{b}] = {c}.get({a}, {n})  # {b} {c}",
    "",
    "    return [{a} for {a} in self._{b} if {a}.{c} > {n}]",
    "import {a}.{b} as {c}",
    "@dataclass(frozen=True, slots=True)",
    '    """{a} the {b} of a {c}."""',
)
SECRETS = (
    "jane.doe@example-corp.com",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "postgres://app:" + "hunter2hunter2@db.internal:5432/app",
    "/home/jdoe/code/service",
    "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8",
    "192.168.17.23",
)
START = 1_795_000_000.0


class Maker:
    """Random text with a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.clock = START
        self.calls = 0

    def prose(self, words: int) -> str:
        """A sentence."""
        return " ".join(self.random.choices(WORDS, k=words)).capitalize() + "."

    def code(self, lines: int, *, numbered: bool = False) -> str:
        """Something like Python, now and then with a fake secret in it."""
        rows = []
        for number in range(1, lines + 1):
            a, b, c = self.random.choices(WORDS, k=3)
            row = self.random.choice(CODE).format(a=a, b=b, c=c, n=self.random.randrange(1000))
            rows.append(f"{number:>6}\t{row}" if numbered else row)
        if self.random.random() < 0.05:
            rows.insert(len(rows) // 2, f"{self.random.choice(WORDS)} = {self.random.choice(SECRETS)}")
        return "\n".join(rows)

    def run_output(self, lines: int, *, failed: bool) -> str:
        """What a test run prints."""
        rows = [
            f"tests/test_{self.random.choice(WORDS)}.py::test_{self.random.choice(WORDS)} PASSED [{n % 101:>3}%]"
            for n in range(lines)
        ]
        if failed:
            rows += [
                "Traceback (most recent call last):",
                f'  File "{self.random.choice(FILES)}", line {self.random.randrange(500)}, in run',
                "AssertionError: assert 3 == 4",
                "1 failed, 20 passed in 1.31s",
            ]
        return "\n".join(rows)

    def lines(self) -> int:
        """Lines of a tool's output: mostly short, now and then a whole file."""
        return min(3_000, int(self.random.paretovariate(0.9) * 8))

    def hex(self, digits: int) -> str:
        """Random lower-case hex digits."""
        return f"{self.random.getrandbits(digits * 4):0{digits}x}"

    def uuid(self) -> str:
        """A random UUID."""
        text = self.hex(32)
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def time(self) -> str:
        """The next moment, as the CLIs write it."""
        self.clock += self.random.random() * 4
        moment = datetime.fromtimestamp(self.clock, UTC).isoformat(timespec="milliseconds")
        return moment.replace("+00:00", "Z")


def _task(make: Maker) -> tuple[str, dict[str, Any], str, bool, dict[str, Any]]:
    """Tool, arguments, result, failed, the structured result beside it."""
    pick = make.random.random()
    file = f"/home/jdoe/code/service/{make.random.choice(FILES)}"
    if pick < 0.4:
        failed = make.random.random() < 0.2
        output = make.run_output(make.lines(), failed=failed)
        result = f"Exit code 1\n{output}" if failed else output
        structured = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}
        return "Bash", {"command": f"python -m pytest {make.random.choice(FILES)} -q"}, result, failed, structured
    if pick < 0.75:
        text = make.code(make.lines(), numbered=True)
        body = {"filePath": file, "content": text, "numLines": text.count("\n") + 1, "startLine": 1}
        return "Read", {"file_path": file}, text, False, {"type": "text", "file": body}
    old, new = make.code(4), make.code(5)
    patch = [{"oldStart": 3, "oldLines": 4, "newStart": 3, "newLines": 5, "lines": ["-" + old, "+" + new]}]
    structured = {"filePath": file, "oldString": old, "newString": new, "structuredPatch": patch}
    return (
        "Edit",
        {"file_path": file, "old_string": old, "new_string": new},
        f"The file {file} has been updated.",
        False,
        structured,
    )


def claude(make: Maker) -> Iterator[dict[str, Any]]:
    session = make.uuid()
    base = {"parent_tool_use_id": None, "session_id": session}
    usage = {"input_tokens": 412, "cache_creation_input_tokens": 128, "cache_read_input_tokens": 9600}
    yield {"type": "system", "subtype": "init", "cwd": "/home/jdoe/code/service", "model": "claude-opus-4-7",
           "tools": ["Bash", "Read", "Edit", "Write"], "mcp_servers": [], "permissionMode": "default",
           "claude_code_version": "2.1.197", "session_id": session, "uuid": make.uuid()}  # fmt: skip

    def says(block: dict[str, Any]) -> dict[str, Any]:
        message = {"id": f"msg_{make.hex(20)}", "type": "message", "role": "assistant", "model": "claude-opus-4-7",
                   "content": [block], "stop_reason": None, "stop_sequence": None,
                   "usage": {**usage, "output_tokens": 1, "service_tier": "standard"}}  # fmt: skip
        return {
            "type": "assistant",
            "message": message,
            **base,
            "uuid": make.uuid(),
            "request_id": f"req_{make.hex(20)}",
        }

    while True:
        for _ in range(40):
            if make.random.random() < 0.5:
                yield says({"type": "thinking", "thinking": make.prose(90), "signature": make.hex(300)})
            if make.random.random() < 0.3:
                yield says({"type": "text", "text": make.prose(25)})
            call = f"toolu_{make.hex(22)}"
            tool, arguments, result, failed, structured = _task(make)
            yield says({"type": "tool_use", "id": call, "name": tool, "input": arguments})
            block = {"tool_use_id": call, "type": "tool_result", "content": result, "is_error": failed}
            yield {"type": "user", "message": {"role": "user", "content": [block]}, **base, "uuid": make.uuid(),
                   "timestamp": make.time(),
                   "tool_use_result": f"Error: {result}" if failed else structured}  # fmt: skip
        answer = make.prose(60)
        yield says({"type": "text", "text": answer})
        yield {"type": "result", "subtype": "success", "is_error": False, "duration_ms": 184_000,
               "duration_api_ms": 120_000, "num_turns": 40, "result": answer, "stop_reason": "end_turn",
               "session_id": session, "total_cost_usd": 1.25, "usage": {**usage, "output_tokens": 5_000},
               "modelUsage": {}, "permission_denials": [], "uuid": make.uuid()}  # fmt: skip


def codex(make: Maker) -> Iterator[dict[str, Any]]:
    yield {"type": "thread.started", "thread_id": make.uuid()}
    total = 0
    while True:
        yield {"type": "turn.started"}
        for _ in range(40):
            make.calls += 1
            item = {"id": f"item_{make.calls}"}
            if make.random.random() < 0.4:
                text = f"**{make.prose(4)}** {make.prose(60)}"
                yield {"type": "item.completed", "item": {**item, "type": "reasoning", "text": text}}
                continue
            tool, arguments, result, failed, _ = _task(make)
            if tool == "Edit":
                changes = [{"path": arguments["file_path"], "kind": "update"}]
                change = {**item, "type": "file_change", "changes": changes}
                yield {"type": "item.started", "item": {**change, "status": "in_progress"}}
                yield {"type": "item.completed", "item": {**change, "status": "completed"}}
                continue
            command = arguments.get("command") or f"sed -n 1,400p {arguments['file_path']}"
            run = {**item, "type": "command_execution", "command": f"/bin/bash -lc '{command}'"}
            yield {"type": "item.started",
                   "item": {**run, "aggregated_output": "", "exit_code": None, "status": "in_progress"}}  # fmt: skip
            yield {"type": "item.completed",
                   "item": {**run, "aggregated_output": result, "exit_code": int(failed),
                            "status": "failed" if failed else "completed"}}  # fmt: skip
        make.calls += 1
        yield {"type": "item.completed",
               "item": {"id": f"item_{make.calls}", "type": "agent_message", "text": make.prose(60)}}  # fmt: skip
        total += 9_000
        usage = {"input_tokens": total, "cached_input_tokens": total // 2, "output_tokens": total // 9}
        yield {"type": "turn.completed", "usage": usage}


def gemini(make: Maker) -> Iterator[dict[str, Any]]:
    yield {"type": "init", "timestamp": make.time(), "session_id": make.uuid(), "model": "auto"}
    yield {"type": "message", "timestamp": make.time(), "role": "user", "content": make.prose(30)}
    while True:
        for _ in range(make.random.randrange(2, 9)):
            yield {"type": "message", "timestamp": make.time(), "role": "assistant",
                   "content": make.prose(12), "delta": True}  # fmt: skip
        make.calls += 1
        tool, arguments, result, failed, _ = _task(make)
        name = {"Bash": "run_shell_command", "Read": "read_file", "Edit": "replace"}[tool]
        call = f"{name}__{make.hex(8)}"
        yield {"type": "tool_use", "timestamp": make.time(), "tool_name": name, "tool_id": call,
               "parameters": arguments}  # fmt: skip
        done = {"type": "tool_result", "timestamp": make.time(), "tool_id": call}
        if failed and tool == "Edit":
            yield {**done, "status": "error", "output": result,
                   "error": {"type": "edit_no_occurrence_found", "message": result}}  # fmt: skip
        else:
            yield {**done, "status": "success", "output": result}


MAKERS: dict[str, Callable[[Maker], Iterator[dict[str, Any]]]] = {"claude": claude, "codex": codex, "gemini": gemini}


def lines(provider: str, megabytes: float, seed: int = 1) -> Iterator[bytes]:
    r"""Lines with their ``\n`` until `megabytes` (10^6 bytes) are reached."""
    left = megabytes * MB
    for event in MAKERS[provider](Maker(seed)):
        line = orjson.dumps(event) + b"\n"
        yield line
        left -= len(line)
        if left <= 0:
            return


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("provider", choices=sorted(MAKERS))
    arguments.add_argument("megabytes", type=float)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    for line in lines(options.provider, options.megabytes, options.seed):
        sys.stdout.buffer.write(line)


if __name__ == "__main__":
    main()
