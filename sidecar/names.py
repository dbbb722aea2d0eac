"""User names that were learned, kept over a restart without being readable.

Owns: the names file: AES-GCM under a key derived from the install key, one page long at least.
Never: shows a name; tells by its size how many there are.
Invariant: after `keep` came back, a process that starts later knows these names, whatever happened in between.
"""

from __future__ import annotations

import hmac
import os
import secrets
from typing import TYPE_CHECKING

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sidecar.errors import StoreError, UnsafePathError
from sidecar.paths import open_private, read_private, write_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_NAMES = 256
MAX_NAME = 128
PAGE = 4_096
MAX_BYTES = 16 * PAGE
NONCE_BYTES = 12
CONTEXT = b"groove-sidecar names 1"


class NameFile:
    """The names at `path`, under `key` (the install key). Blocking; for a worker thread."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._cipher = AESGCM(hmac.digest(key, CONTEXT, "sha256"))
        self._kept: tuple[str, ...] = ()
        self.damaged = False
        """The file was there and could not be read: its names are lost, and will be learned again."""

    def load(self) -> tuple[str, ...]:
        """The names that were kept; empty if there are none. UnsafePathError if the file is not ours."""
        for left in self._path.parent.glob(f".{self._path.name}.*.tmp"):
            left.unlink(missing_ok=True)
        sealed = read_private(self._path, MAX_BYTES)
        if sealed is None:
            return ()
        try:
            names = orjson.loads(self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], CONTEXT).rstrip(b" "))
            self._kept = tuple(name for name in names if isinstance(name, str))
        except (InvalidTag, ValueError, TypeError):
            self.damaged = True
        return self._kept

    def keep(self, names: Sequence[str]) -> None:
        """Make `names` durable, if they are not yet. StoreError when the disk does not take it: nothing changed."""
        wanted = tuple(name[:MAX_NAME] for name in names[:MAX_NAMES])
        if wanted == self._kept:
            return
        plain = orjson.dumps([name.encode("utf-8", "replace").decode() for name in wanted])
        plain = plain.ljust(-(-len(plain) // PAGE) * PAGE)
        nonce = secrets.token_bytes(NONCE_BYTES)
        try:
            write_private(self._path, nonce + self._cipher.encrypt(nonce, plain, CONTEXT))
            _sync_folder(self._path.parent)
        except (OSError, UnsafePathError) as error:
            reason = error.message if isinstance(error, UnsafePathError) else error.strerror
            raise StoreError(f"{self._path.name} cannot be written ({reason})", "Check the state folder.") from error
        self._kept = wanted


def destroy(path: Path) -> int:
    """Overwrite and remove the names; how many files there were."""
    gone = 0
    for one in [path, *path.parent.glob(f".{path.name}.*.tmp")]:
        try:
            fd = open_private(one, os.O_WRONLY)
        except FileNotFoundError:
            continue
        except (OSError, UnsafePathError):
            one.unlink(missing_ok=True)
            continue
        try:
            os.ftruncate(fd, 0)
        finally:
            os.close(fd)
        one.unlink(missing_ok=True)
        gone += 1
    return gone


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
