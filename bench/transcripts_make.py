"""Long transcripts like the real ones, as the three CLIs keep them on disk.

Owns: the shapes of stored lines and where a transcript lies below a home folder.
Never: holds more than one line of what it writes; contents come from a pool of `POOL` invented tool results.
Invariant: the same provider and seed give the same lines; every id is new, so nothing is taken for a repetition.
"""

from __future__ import annotations

import uuid
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
from generate import Maker, _task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POOL = 400
"""Invented calls with their results, used again and again."""
CALLS_PER_TURN = 40
SESSION = "5b0c7c1e-0d3f-4c2a-9a55-1f0e6d0b7a11"
PLACES = {
    "claude": f".claude/projects/-home-jdoe-code-service/{SESSION}.jsonl",
    "codex": f".codex/sessions/2026/11/20/rollout-2026-11-20T08-46-38-{SESSION}.jsonl",
    "gemini": ".gemini/tmp/service/chats/session-2026-11-20T08-47-5b0c7c1e.jsonl",
}
Line = dict[str, Any]
Task = tuple[str, dict[str, Any], str, bool, dict[str, Any]]


class Pool:
    """Tool calls to choose from, and ids."""

    def __init__(self, seed: int = 1) -> None:
        self.make = Maker(seed)
        self.tasks: list[Task] = [_task(self.make) for _ in range(POOL)]
        self.prose = [self.make.prose(60) for _ in range(POOL)]
        self.numbers = count(1)

    def task(self) -> Task:
        """Some call."""
        return self.make.random.choice(self.tasks)

    def words(self) -> str:
        """Some prose."""
        return self.make.random.choice(self.prose)

    def uuid(self) -> str:
        """An id nothing else has."""
        return str(uuid.UUID(int=self.make.random.getrandbits(128)))


def claude(pool: Pool) -> Iterator[Line]:
    """A Claude Code transcript: user and assistant lines that point at the line before."""
    parent: str | None = None

    def line(kind: str, message: dict[str, Any], **more: Any) -> Line:
        nonlocal parent
        before, parent = parent, pool.uuid()
        return {"parentUuid": before, "isSidechain": False, "userType": "external", "cwd": "/home/jdoe/code/service",
                "sessionId": SESSION, "version": "2.1.197", "gitBranch": "main", "type": kind, "message": message,
                "uuid": parent, "timestamp": pool.make.time(), **more}  # fmt: skip

    def says(block: dict[str, Any], ended: str = "tool_use") -> Line:
        usage = {"input_tokens": 4, "cache_read_input_tokens": 9_600, "output_tokens": 120}
        return line("assistant", {"id": f"msg_{next(pool.numbers)}", "type": "message", "role": "assistant",
                                  "model": "claude-opus-4-7", "content": [block], "stop_reason": ended,
                                  "usage": usage})  # fmt: skip

    while True:
        yield line("user", {"role": "user", "content": pool.words()})
        for _ in range(CALLS_PER_TURN):
            tool, arguments, result, failed, structured = pool.task()
            yield says({"type": "thinking", "thinking": pool.words(), "signature": "c2lnbmVk" * 30})
            call = f"toolu_{next(pool.numbers)}"
            yield says({"type": "tool_use", "id": call, "name": tool, "input": arguments})
            block = {"type": "tool_result", "tool_use_id": call, "content": result, "is_error": failed}
            yield line("user", {"role": "user", "content": [block]}, toolUseResult=structured)
        yield says({"type": "text", "text": pool.words()}, ended="end_turn")


def codex(pool: Pool) -> Iterator[Line]:
    """A Codex rollout: model items and what the CLI saw of them, side by side."""

    def line(kind: str, payload: dict[str, Any]) -> Line:
        return {"timestamp": pool.make.time(), "type": kind, "payload": payload}

    yield line("session_meta", {"id": SESSION, "cwd": "/home/jdoe/code/service", "originator": "codex_exec",
                                "cli_version": "0.169.0", "source": "exec", "model_provider": "openai"})  # fmt: skip
    while True:
        turn = pool.uuid()
        yield line("event_msg", {"type": "task_started", "turn_id": turn})
        yield line("turn_context", {"turn_id": turn, "cwd": "/home/jdoe/code/service", "model": "gpt-5.5"})
        asked = [{"type": "input_text", "text": pool.words()}]
        yield line("response_item", {"type": "message", "role": "user", "content": asked})
        for _ in range(CALLS_PER_TURN):
            _, arguments, result, failed, _ = pool.task()
            command = arguments.get("command") or f"sed -n 1,400p {arguments['file_path']}"
            thought = [{"type": "summary_text", "text": pool.words()}]
            yield line("response_item", {"type": "reasoning", "summary": thought, "encrypted_content": "bW9j" * 60})
            call = f"call_{next(pool.numbers)}"
            yield line("response_item", {"type": "function_call", "name": "exec_command", "call_id": call,
                                         "arguments": orjson.dumps({"cmd": command}).decode()})  # fmt: skip
            head = f"Chunk ID: 1\nWall time: 0.1 seconds\nProcess exited with code {int(failed)}\nOutput:\n"
            yield line("response_item", {"type": "function_call_output", "call_id": call, "output": head + result})
        answer = pool.words()
        said = [{"type": "output_text", "text": answer}]
        yield line("response_item", {"type": "message", "role": "assistant", "content": said})
        yield line("event_msg", {"type": "task_complete", "turn_id": turn, "last_agent_message": answer})


def gemini(pool: Pool) -> Iterator[Line]:
    """A Gemini CLI chat: a merge log, in which a message is written again when its calls have ended."""
    begun = pool.make.time()
    yield {"sessionId": SESSION, "projectHash": "ce65" * 16, "startTime": begun, "lastUpdated": begun, "kind": "main"}
    while True:
        yield {"id": pool.uuid(), "timestamp": pool.make.time(), "type": "user", "content": [{"text": pool.words()}]}
        for _ in range(CALLS_PER_TURN):
            tool, arguments, result, failed, _ = pool.task()
            name = {"Bash": "run_shell_command", "Read": "read_file", "Edit": "replace"}[tool]
            now = pool.make.time()
            message = {"id": pool.uuid(), "timestamp": now, "type": "gemini", "content": pool.words(),
                       "thoughts": [{"subject": "Reading", "description": pool.words(), "timestamp": now}],
                       "tokens": {"input": 10140, "output": 96, "cached": 9600, "thoughts": 32, "total": 10268},
                       "model": "gemini-3.8-flash"}  # fmt: skip
            yield message
            call = f"{name}_{next(pool.numbers)}"
            output = f"Output: {result}\nExit Code: 1" if failed else f"Output: {result}"
            response = {"functionResponse": {"id": call, "name": name, "response": {"output": output}}}
            done = {"id": call, "name": name, "args": arguments, "result": [response], "status": "success",
                    "timestamp": now}  # fmt: skip
            yield {**message, "toolCalls": [done]}
            yield {"$set": {"lastUpdated": pool.make.time()}}


def write(provider: str, home: Path, size: int) -> Path:
    """A transcript of at least `size` bytes below `home`; its path."""
    path = home / PLACES[provider]
    path.parent.mkdir(parents=True)
    maker = {"claude": claude, "codex": codex, "gemini": gemini}[provider]
    written = 0
    with path.open("wb", buffering=1 << 20) as out:
        for line in maker(Pool()):
            written += out.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            if written >= size:
                break
    return path
