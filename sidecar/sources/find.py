"""Which files are transcripts: those of the CLIs' folders, and any that a person names.

Owns: `find`.
Never: reads more of a file than its beginning, but of a chat document, which has to be whole to be one.
Invariant: a file is found by its name where the CLI gave it one, else by how it begins; what is neither is counted.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from parsers import registry
from sidecar.errors import UsageError
from sidecar.sources.documents import sniff
from sidecar.sources.transcript_names import DOCUMENT, Home, Transcript, classify, guess, is_transcript

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator

SNIFF_BYTES = 256 * 1024
SNIFF_LINES = 20
MAX_FILES = 100_000
NOT_TRANSCRIPT = "not a transcript"
SHUT = "a folder that cannot be read"


def find(homes: Iterable[Home], paths: Iterable[Path], key: bytes, left: Counter[str]) -> Iterator[Transcript]:
    """The transcripts at or below `paths`; below `homes` if there are none. Raises UsageError for a missing path."""
    homes = list(homes)
    chosen = [path.expanduser().absolute() for path in paths]
    for path in chosen:
        if not path.exists():
            raise UsageError(f"there is no {path.name}", "Name transcripts, or folders that hold some.")
    for root in chosen or [home.root for home in homes]:
        for path in _below(root, left):
            found = _known(homes, path, key) or _sniffed(path, key)
            if found is not None:
                yield found
            else:
                left[NOT_TRANSCRIPT] += 1


def _below(root: Path, left: Counter[str]) -> Iterator[Path]:
    def shut(error: OSError) -> None:
        left[SHUT] += not isinstance(error, FileNotFoundError)

    if not root.is_dir():
        if root.exists():
            yield root
        return
    count = 0
    for folder, folders, names in os.walk(root, onerror=shut):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if is_transcript(name) and _is_file(path):
                count += 1
                if count > MAX_FILES:
                    raise UsageError(f"more than {MAX_FILES} files", "Import one folder after the other.")
                yield path


def _is_file(path: Path) -> bool:
    """Whether it is a file and no link; one that is gone by now is none."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _known(homes: list[Home], path: Path, key: bytes) -> Transcript | None:
    for home in homes:
        if path.is_relative_to(home.root):
            return classify(home, path, key)
    return None


def _sniffed(path: Path, key: bytes) -> Transcript | None:
    """A file that lies elsewhere is what its first lines say."""
    if path.suffix == DOCUMENT:
        return sniff(path, key)
    try:
        with path.open("rb") as handle:
            head = handle.read(SNIFF_BYTES)
    except OSError:
        return None
    lines = head.split(b"\n")[:SNIFF_LINES]
    parser = registry.make(None)
    conversation = ""
    for line in lines:
        facts = parser.feed(line).facts
        conversation = conversation or (facts.session_id if facts is not None else None) or ""
    if parser.dialect != "transcript":
        return None
    return guess(path, parser.provider, lines[0], conversation, key)
