"""Sub-agents whose records older versions of Claude Code wrote into the main conversation's file.

Owns: `SideChains`: which call started the chain a record belongs to.
Never: holds a prompt; it is known by its checksum.
Invariant: a record is linked only to a call whose prompt began its chain word by word.
"""

from __future__ import annotations

from zlib import crc32

from parsers.blocks import as_text, count, obj, seq, text
from parsers.step import JsonObject, Step, StepType

MAX_PROMPTS = 64
"""Calls of sub-agents whose chains may still begin."""
MAX_LINKS = 256
"""Records of chains remembered as possible parents, by the beginning of their uuid."""
UUID_HEAD = 13


class SideChains:
    """Calls by the checksum of their prompt, and records of chains by uuid."""

    def __init__(self) -> None:
        self._calls: dict[int, str] = {}
        self._links: dict[str, str] = {}

    def called(self, step: Step) -> None:
        """A call was made; one of a sub-agent may begin a chain."""
        prompt = text((step.arguments or {}).get("prompt"))
        if step.type is StepType.DELEGATE and step.call_id and prompt:
            self._calls[_mark(prompt)] = step.call_id
            if len(self._calls) > MAX_PROMPTS:
                del self._calls[next(iter(self._calls))]

    def parent(self, record: JsonObject) -> str | None:
        """The call whose sub-agent wrote this record, which from now on may be a parent itself."""
        if record.get("isSidechain") is not True or not (self._calls or self._links):
            return None
        call_id = self._links.get(text(record.get("parentUuid"))[:UUID_HEAD])
        if call_id is None and record.get("type") == "user":
            call_id = self._calls.get(_mark(as_text(obj(record.get("message")).get("content"))))
        uuid = text(record.get("uuid"))
        if call_id is not None and uuid:
            self._links[uuid[:UUID_HEAD]] = call_id
            if len(self._links) > MAX_LINKS:
                del self._links[next(iter(self._links))]
        return call_id

    def state(self) -> JsonObject:
        """Checksums and ids, as plain JSON."""
        return {"calls": [[mark, call] for mark, call in self._calls.items()], "links": self._links}

    def restore(self, state: JsonObject) -> None:
        """Become what answered `state`."""
        rows = [row for row in seq(state.get("calls")) if isinstance(row, list) and len(row) == 2]
        self._calls = {count(mark): text(call) for mark, call in rows}
        self._links = {text(head): text(call) for head, call in obj(state.get("links")).items()}


def _mark(prompt: str) -> int:
    return crc32(prompt.encode(errors="surrogatepass"))
