"""Where the CLIs keep their transcripts, and what a file's name tells.

Owns: `Home`, `Transcript`, `homes`: folders, names, conversation ids, and the link of a sub-agent to its call.
Never: reads a transcript; follows a link below a home.
Invariant: a name says nothing of the project it belongs to (no path, no user), and stays when the file is moved.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.errors import UnsafePathError
from sidecar.paths import read_private
from sidecar.sources.base import SourceInfo
from sidecar.sources.gather import keyed_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAUDE, CODEX, GEMINI = "claude-code", "codex", "gemini"
MAX_DEPTH = 6
"""Folders below a home that are looked into."""
SUFFIX = ".jsonl"
SHORT_ID = 8
"""Gemini puts so much of the session id into the file's name."""
LABELS = {CLAUDE: "claude", CODEX: "codex", GEMINI: "gemini"}
DOCUMENT = ".json"
"""Gemini CLI before 0.40 keeps a chat in one JSON document, not in lines."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ROLLOUT = re.compile(r"rollout-.*?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_CHAT = re.compile(r"session-.*-([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Home:
    """One CLI's folder of transcripts, which need not exist."""

    provider: str
    root: Path


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript file. `name` identifies it; `conversation` is the CLI's session id as far as the name tells it.

    `agent` is the id of the sub-agent whose file it is, None for the conversation itself.
    """

    path: Path
    provider: str
    name: str
    conversation: str | None
    agent: str | None = None

    @property
    def whole(self) -> bool:
        """It is one JSON document, rewritten whole at every turn."""
        return self.path.suffix == DOCUMENT

    def source(self, kind: str = "transcript", generation: int = 0) -> SourceInfo:
        """What the recorder is told. Reads the note beside a sub-agent's file."""
        suffix = f"#{generation}" if generation else ""
        return SourceInfo(
            key=f"{kind}:{self.provider}/{self.name}{suffix}",
            kind=kind,
            label=f"{LABELS.get(self.provider, self.provider)} transcript {self.path.stem[-6:]}",
            provider=self.provider,
            dialect="transcript",
            agent_id=self.agent,
            role="subagent" if self.agent is not None else None,
            conversation=self.conversation,
            parent_call=parent_call(self.path) if self.agent is not None else None,
            whole=self.whole,
        )


def homes(environ: Mapping[str, str], home: Path) -> tuple[Home, ...]:
    """The three CLIs' folders; CLAUDE_CONFIG_DIR, CODEX_HOME and GEMINI_CLI_HOME move them as they move the CLIs'."""

    def place(variable: str, default: Path) -> Path:
        return Path(environ[variable]).expanduser() if environ.get(variable) else default

    return (
        Home(CLAUDE, place("CLAUDE_CONFIG_DIR", home / ".claude") / "projects"),
        Home(CODEX, place("CODEX_HOME", home / ".codex") / "sessions"),
        Home(GEMINI, place("GEMINI_CLI_HOME", home) / ".gemini" / "tmp"),
    )


def enters(home: Home, folder: Path) -> bool:
    """Whether transcripts may lie in or below `folder`."""
    parts = folder.relative_to(home.root).parts
    if len(parts) > MAX_DEPTH or any(part.startswith(".") for part in parts):
        return False
    if home.provider == CLAUDE:
        return len(parts) <= 1 or parts[-1] not in {"tool-results", "memory"}
    if home.provider == GEMINI:
        return len(parts) <= 1 or parts[1] == "chats"
    return True


def is_document(name: str) -> bool:
    """Whether a file of this name is a chat in one JSON document."""
    return name.endswith(DOCUMENT) and _CHAT.fullmatch(name.removesuffix(DOCUMENT)) is not None


def is_transcript(name: str) -> bool:
    """Whether a file of this name may be a transcript."""
    return (name.endswith(SUFFIX) and not name.startswith(".")) or is_document(name)


def classify(home: Home, path: Path, key: bytes = b"") -> Transcript | None:
    """What the file at `path` below `home` is, None if it is no transcript."""
    if not (path.suffix == SUFFIX or is_document(path.name)) or path.name.startswith("."):
        return None
    parts = path.relative_to(home.root).parts
    stem = path.stem
    if path.suffix == DOCUMENT and home.provider != GEMINI:
        return None
    if home.provider == CLAUDE:
        return _claude(path, parts, stem, key)
    if home.provider == CODEX:
        found = _ROLLOUT.fullmatch(stem)
        return Transcript(path, CODEX, found.group(1), found.group(1)) if found else None
    if "chats" not in parts[:-1]:
        return None
    found = _CHAT.fullmatch(stem)
    if found:
        # A later CLI may go on with the chat in lines, under the same stem.
        return Transcript(path, GEMINI, _plain(path.name.removesuffix(SUFFIX), key), found.group(1))
    parent = parts[-2] if parts[-2] != "chats" else None
    owner = parent[:SHORT_ID] if parent else None
    return Transcript(path, GEMINI, _plain(f"{parent or 'chats'}.{stem}", key), owner, stem if parent else None)


def guess(path: Path, provider: str, first_line: bytes, conversation: str, key: bytes) -> Transcript:
    """A transcript that lies anywhere: by its name where that is one the CLI gives, else by how it begins.

    `conversation`: the session id its lines give, "" if none.
    """
    for parent in path.parents:
        found = classify(Home(provider, parent), path, key)
        if found is not None and found.conversation and (provider != CLAUDE or _UUID.fullmatch(found.conversation)):
            return found
    if provider == CODEX and _UUID.fullmatch(conversation):
        return Transcript(path, provider, conversation, conversation)
    return Transcript(path, provider, f"h.{keyed_hash(first_line, key)}", None)


def short(provider: str, conversation: str) -> str:
    """The part of a session id that file names of this provider hold."""
    return conversation[:SHORT_ID] if provider == GEMINI else conversation


def parent_call(path: Path) -> str | None:
    """The call that started a sub-agent, as the note beside its file says."""
    try:
        value = json.loads(read_private(path.with_suffix(".meta.json"), 1 << 16) or b"{}")
    except (OSError, ValueError, UnsafePathError):
        return None
    call = value.get("toolUseId") if isinstance(value, dict) else None
    return call if isinstance(call, str) and 0 < len(call) <= 512 else None


def _claude(path: Path, parts: tuple[str, ...], stem: str, key: bytes) -> Transcript | None:
    if not stem.startswith("agent-"):
        return Transcript(path, CLAUDE, _plain(stem, key), stem) if len(parts) <= 2 else None
    folders = parts[:-1]
    session = parts[folders.index("subagents") - 1] if "subagents" in folders[1:] else None
    agent = stem.removeprefix("agent-")
    return Transcript(path, CLAUDE, _plain(f"{session or 'agent'}.{agent}", key), session, agent)


def _plain(name: str, key: bytes) -> str:
    return name if _PLAIN.fullmatch(name) else f"h.{keyed_hash(name.encode(errors='surrogateescape'), key)}"
