"""Who this installation is on the wire.

Owns: the contributor id, the random per-install key and what is derived from it, the hash of the installed version.
Never: looks at hardware, host name or user name; makes a file before consent (its callers run after it only).
Invariant: nothing here can be linked to a person without the files it lies in.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from importlib import metadata
from typing import TYPE_CHECKING

from sidecar.paths import make_private_dir, open_private, read_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sidecar.paths import Paths

DISTRIBUTION = "groove-sidecar"
KEY_BYTES = 32


def contributor_id(paths: Paths) -> str:
    """32 lower-case hex digits from `~/.groove/user_id`, made on first use as Groove itself makes it."""
    raw = _read_or_create(paths.user_id, lambda: secrets.token_hex(16).encode())
    text = raw.decode("ascii", "replace").strip()
    # A damaged id must not reach the wire, and must stay the same id: derive a well-formed one from what is there.
    return text if re.fullmatch("[0-9a-f]{32}", text) else hashlib.sha256(raw).hexdigest()[:32]


def install_key(paths: Paths) -> bytes:
    """32 random bytes that never leave this machine: they key fingerprints and pseudonyms."""
    make_private_dir(paths.state)
    return _read_or_create(paths.install_key, lambda: secrets.token_bytes(KEY_BYTES))


def derive(key: bytes, purpose: str) -> str:
    """64 hex digits bound to `purpose`: one install key, many unlinkable uses."""
    return hmac.new(key, purpose.encode(), hashlib.sha256).hexdigest()


def app_version_hash() -> str:
    """sha256 of the installed distribution's RECORD: names the exact build without naming the machine."""
    try:
        record = metadata.distribution(DISTRIBUTION).read_text("RECORD") or ""
    except metadata.PackageNotFoundError:
        record = ""
    return hashlib.sha256(record.encode()).hexdigest()


def _read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    found = read_private(path, 4096)
    if found:
        return found
    value = make()
    try:
        fd = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return read_private(path, 4096) or value
    with os.fdopen(fd, "wb") as handle:
        handle.write(value)
        handle.flush()
        os.fsync(handle.fileno())
    return value
