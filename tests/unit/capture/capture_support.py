"""Sessions over recorded streams, with deterministic ids and a plain scrubber; makers of Claude stream lines."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from parsers.claude_code import ClaudeStream
from parsers.codex import CodexStream
from parsers.gemini import GeminiStream
from sidecar.capture.framing import Ending
from sidecar.capture.session import CaptureOptions, CaptureSession
from sidecar.wire.canonical import parse_js
from sidecar.wire.envelope import Identity, Scrubbed, assemble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parsers.step import JsonObject, Step
    from sidecar.wire.envelope import Numbered, Sealed

DATA = Path(__file__).parents[2] / "data" / "capture"
RECORDINGS = sorted(DATA.glob("*.jsonl"))
PARSERS: dict[str, Any] = {"claude-code": ClaudeStream, "codex": CodexStream, "gemini": GeminiStream}
PROVIDERS = {"claude": "claude-code", "codex": "codex", "gemini": "gemini"}
NOW = 1_795_170_000.0
IDENTITY = Identity("sess_1", "", "", "agent-1", "solo", "0" * 32, "0.1.0")


def plain_scrub(step: Step) -> Scrubbed:
    """What a scrubber does to a step without secrets: a new, equal step."""
    return Scrubbed(replace(step, extra=dict(step.extra)))


class Sessions:
    """Makes sessions that share one sequence of envelope ids."""

    def __init__(self) -> None:
        self.ids = count(1)

    def make(self, provider: str = "claude-code", *, parser: Any = None, **keywords: Any) -> CaptureSession:
        """A session on a new parser of `provider`'s stream dialect."""
        return CaptureSession(
            identity=keywords.pop("identity", IDENTITY),
            parser=parser or PARSERS[provider](),
            scrub=keywords.pop("scrub", plain_scrub),
            scrub_json=lambda value: value,
            new_id=lambda: f"env_{next(self.ids)}",
            options=keywords.pop("options", CaptureOptions(chunk_steps=5)),
            **keywords,
        )


def tool_call(call_id: str, tool: str, **arguments: Any) -> JsonObject:
    """A Claude stream line with one call."""
    block = {"type": "tool_use", "id": call_id, "name": tool, "input": arguments}
    return {"type": "assistant", "message": {"role": "assistant", "content": [block]}, "session_id": "s"}


def tool_result(call_id: str, content: str, *, is_error: bool | None = None) -> JsonObject:
    """A Claude stream line with one result."""
    block: JsonObject = {"type": "tool_result", "tool_use_id": call_id, "content": content}
    if is_error is not None:
        block["is_error"] = is_error
    return {"type": "user", "message": {"role": "user", "content": [block]}, "session_id": "s"}


def says(text: str) -> JsonObject:
    """A Claude stream line in which the agent talks."""
    block = {"type": "text", "text": text}
    return {"type": "assistant", "message": {"role": "assistant", "content": [block]}, "session_id": "s"}


def user(text: str) -> JsonObject:
    """A Claude stream line in which the user talks."""
    content = [{"type": "text", "text": text}]
    return {"type": "user", "isReplay": True, "message": {"role": "user", "content": content}, "session_id": "s"}


def ended(result: str = "Done.", **more: Any) -> JsonObject:
    """A Claude stream line that ends a turn."""
    return {"type": "result", "subtype": "success", "is_error": False, "result": result, "session_id": "s", **more}


def members(sealed: Sealed, steps: Sequence[bytes] = ()) -> JsonObject:
    """The envelope as JSON, unsigned."""
    return parse_js(assemble("sess_wire", sealed.kind, sealed.head, sealed.tail, list(steps)))


def outcome_of(session: CaptureSession, now: float = NOW, **ending: Any) -> JsonObject:
    """The outcome of a session that ends now."""
    sealed = session.finish(now, ending=Ending(**ending)).sealed[-1]
    return members(sealed)["outcome"]


def feed(session: CaptureSession, *events: JsonObject, now: float = NOW) -> list[Numbered]:
    """Receive events as lines; the steps they made."""
    return [step for event in events for step in session.receive(orjson.dumps(event), now).steps]
