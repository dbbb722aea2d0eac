"""(provider, dialect) -> parser: the built-ins, what is installed beside them, and the parser that finds out by itself.

Owns: `make`, `names`, `detect`, `AutoParser`.
Never: parses; imports a plug-in before a parser is asked for.
Invariant: two parsers for one (provider, dialect) are an error at start, never a silent choice.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from parsers.base import Fate, Parsed
from parsers.blocks import JsonError, loads, obj, safe_name, text
from parsers.claude_code import ClaudeStream
from parsers.claude_system import LINES
from parsers.claude_transcript import ClaudeTranscript
from parsers.codex import CodexStream
from parsers.codex_rollout import RESPONSE_ITEMS, CodexRollout
from parsers.dialect import BLANK, malformed, unknown
from parsers.gemini import GeminiStream
from parsers.gemini_chat import GeminiChat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from parsers.base import Parser
    from parsers.step import JsonObject

GROUP = "sidecar.parsers"
"""Entry points of this group name a class or a function without arguments that makes a `Parser`."""

BUILT_IN: tuple[Callable[[], Parser], ...] = (
    ClaudeStream,
    ClaudeTranscript,
    CodexStream,
    CodexRollout,
    GeminiStream,
    GeminiChat,
)


class ParserClashError(ValueError):
    """Two parsers claim the same (provider, dialect), or one that was installed is no parser."""


def make(provider: str | None, dialect: str = "stream") -> Parser:
    """A new parser. `provider` None or "auto" finds out from the lines. Raises `LookupError` if there is none."""
    if provider in {None, "auto"}:
        return AutoParser()
    maker = _makers().get((str(provider), dialect))
    if maker is None:
        raise LookupError(f"no parser for provider {provider!r}, dialect {dialect!r}")
    return maker()


def names() -> list[tuple[str, str]]:
    """Every (provider, dialect) there is a parser for."""
    return sorted(_makers())


@cache
def _makers() -> dict[tuple[str, str], Callable[[], Parser]]:
    return collect(entry_points(group=GROUP))


def collect(installed: Iterable[EntryPoint]) -> dict[tuple[str, str], Callable[[], Parser]]:
    """Built-ins and `installed` parsers by (provider, dialect). Raises `ParserClashError`."""
    makers: dict[tuple[str, str], Callable[[], Parser]] = {}
    for maker in BUILT_IN:
        parser = maker()
        makers[parser.provider, parser.dialect] = maker
    for point in installed:
        maker = point.load()
        parser = maker()
        key = (getattr(parser, "provider", None), getattr(parser, "dialect", None))
        if not isinstance(key[0], str) or not isinstance(key[1], str) or not key[0] or not key[1]:
            raise ParserClashError(
                f"entry point {point.name!r} ({point.value}) makes no parser: no provider or dialect"
            )
        if key in makers:
            raise ParserClashError(
                f"entry point {point.name!r} ({point.value}) claims {key}, which has a parser already"
            )
        makers[key[0], key[1]] = maker
    return makers


_CODEX_LINES = ("thread.", "turn.", "item.")
_CLAUDE_LINES = frozenset(
    {"system", "assistant", "user", "result", "stream_event", "control_response", "control_request", "keep_alive"}
    | {"control_cancel_request", "rate_limit_event", "auth_status", "tool_progress", "conversation_reset"}
    | {"streamlined_text", "streamlined_tool_use_summary", "active_goal", "command_lifecycle", "transcript_mirror"}
)
_GEMINI_LINES = frozenset({"init", "message", "tool_use", "tool_result", "error", "result"})
_GEMINI_RECORDS = frozenset({"user", "gemini", "info", "warning", "error"})
_CODEX_ROLLOUT = frozenset(
    {"session_meta", "response_item", "event_msg", "turn_context", "compacted", "world_state", "token_usage_record"}
)


def detect(line: bytes) -> tuple[str, str] | None:
    """(provider, dialect) of a line, None if it does not tell."""
    try:
        value = loads(line)
    except JsonError:
        return None
    return recognise(value) if isinstance(value, dict) else None


def recognise(value: JsonObject) -> tuple[str, str] | None:
    """As `detect`, of an object."""
    kind = text(value.get("type"))
    if kind.startswith(_CODEX_LINES):
        return "codex", "stream"
    if kind in _CODEX_ROLLOUT and isinstance(value.get("payload"), dict):
        return "codex", "transcript"
    if "$set" in value or "$rewindTo" in value or ("sessionId" in value and "projectHash" in value):
        return "gemini", "transcript"
    if "sessionId" in value or "parentUuid" in value or kind in LINES:
        return "claude-code", "transcript"
    if kind in _GEMINI_RECORDS and "id" in value and "content" in value and "message" not in value:
        return "gemini", "transcript"
    if kind in _CLAUDE_LINES and ("session_id" in value or "message" in value or kind.startswith("control")):
        return "claude-code", "stream"
    if kind in _GEMINI_LINES and "timestamp" in value:
        return "gemini", "stream"
    if kind == "error" and "message" in value:
        return "codex", "stream"
    if kind in RESPONSE_ITEMS and ("role" in value or "call_id" in value or "encrypted_content" in value):
        return "codex", "transcript"
    return None


class AutoParser:
    """The parser of whichever provider the first telling line is of; `provider` and `dialect` are "" until then."""

    def __init__(self) -> None:
        self._inner: Parser | None = None

    @property
    def provider(self) -> str:
        """The wire's name, "" while nothing told."""
        return self._inner.provider if self._inner else ""

    @property
    def dialect(self) -> str:
        """What it reads, "" while nothing told."""
        return self._inner.dialect if self._inner else ""

    def feed(self, line: bytes) -> Parsed:
        """Take one line; one that tells nothing before the provider is known is malformed or unknown."""
        if self._inner is None:
            if not line.strip():
                return BLANK
            try:
                value: Any = loads(line)
            except JsonError as error:
                return malformed("malformed", error.reason)
            if not isinstance(value, dict):
                return malformed("malformed", "not_an_object")
            found = recognise(value)
            if found is None:
                return unknown(safe_name(text(value.get("type")) or "none"), "undetected")
            self._inner = make(*found)
        return self._inner.feed(line)

    def finish(self) -> Parsed:
        """The end of the stream."""
        return self._inner.finish() if self._inner else Parsed(Fate.META, "end")

    def snapshot(self) -> JsonObject | None:
        """The choice, and the state of what was chosen."""
        if self._inner is None:
            return {"provider": "", "dialect": ""}
        state = self._inner.snapshot()
        return None if state is None else {"provider": self.provider, "dialect": self.dialect, "state": state}

    def restore(self, state: JsonObject) -> None:
        """Become the parser that answered `state`."""
        provider, dialect = text(state.get("provider")), text(state.get("dialect"))
        self._inner = make(provider, dialect) if provider else None
        if self._inner is not None:
            self._inner.restore(obj(state.get("state")))
