"""Who may be looked at: the develop and score halves of the gold data, and the sample for blind labelling.

Owns: the split of tool results (by repository), of user messages (by repository and conversation) and the sample.
Never: looks at a label or at what a text says; only hashes decide.
Invariant: the same rows give the same halves and the same sample on every machine, in every run.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from typing import Any

Row = dict[str, Any]

SAMPLE_SIZE = 360
"""User messages drawn for double labelling; rounding up per stratum gives a few more."""
MAX_TEXT = 1500
"""Characters of a message an annotator sees (its head)."""
MAX_PREVIOUS = 600
"""Characters of the agent's last words an annotator sees (their tail)."""


def digest(*parts: str) -> str:
    """The 64 hex of SHA-256 over the joined parts; lone surrogates are kept apart by their escapes."""
    return hashlib.sha256("".join(parts).encode("utf-8", "backslashreplace")).hexdigest()


def identify(row: Row) -> str:
    """The name of a message in the label files: the first 16 hex of SHA-256 over repository and text."""
    return digest(row["repo"], row["text"])[:16]


def scored_repo(repo: str, biggest: str) -> bool:
    """Whether tool results of this repository are for scoring only.

    The repository with the most rows is developed on when it holds more than half of them (a hash would leave too
    little of either); every other repository is scored on and never read.
    """
    return repo != biggest


def biggest_repo(rows: list[Row]) -> str:
    """The repository with the most rows (the first by name among equals)."""
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row["repo"]] += 1
    return min(counts, key=lambda repo: (-counts[repo], repo), default="")


def conversations(rows: list[Row]) -> list[str]:
    """One key per row, equal for the rows of one conversation.

    The rows come in the order of their conversations. A conversation begins where the repository changes or where the
    agent has not acted yet although it had at the row before.
    """
    keys: list[str] = []
    before: Row | None = None
    for row in rows:
        if (
            before is None
            or before["repo"] != row["repo"]
            or (before["agent_had_acted"] and not row["agent_had_acted"])
        ):
            keys.append(digest(row["repo"], row["text"]))
        else:
            keys.append(keys[-1])
        before = row
    return keys


def scored_messages(rows: list[Row]) -> list[bool]:
    """Per row, whether the message is for scoring only: a small repository, or an even conversation hash."""
    biggest = biggest_repo(rows)
    keys = conversations(rows)
    return [row["repo"] != biggest or int(key[:8], 16) % 2 == 0 for row, key in zip(rows, keys, strict=True)]


def sample(rows: list[Row]) -> list[Row]:
    """The messages to be labelled twice: from the score half, in proportion per repository and structural kind."""
    strata: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    seen: set[str] = set()
    for row, scored in zip(rows, scored_messages(rows), strict=True):
        name = identify(row)
        if scored and row["text"].strip() and name not in seen:
            seen.add(name)
            strata[row["repo"], row["structural"]][name] = row
    total = sum(len(stratum) for stratum in strata.values())
    chosen: list[Row] = []
    for _, stratum in sorted(strata.items()):
        wanted = math.ceil(len(stratum) * SAMPLE_SIZE / total)
        chosen += [stratum[name] for name in sorted(stratum)[:wanted]]
    return sorted(chosen, key=identify)
