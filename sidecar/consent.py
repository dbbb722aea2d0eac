"""May we? The one place that answers.

Owns: the opt-in flag, the append-only consent history, and the reading of Groove's own consent file.
Never: captures, sends, or makes a file while the answer is no.
Invariant: whatever cannot be read for certain is not a yes; every grant and revocation stays in the history for ever.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import sqlite3
import stat
import time
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

from sidecar.config import Settings
from sidecar.disclosure import CONSENT_VERSION, TERMS_HASH
from sidecar.errors import ConfigError, ConsentError, UnsafePathError
from sidecar.paths import PRIVATE_DIR, open_private, read_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sidecar.paths import Paths

SCHEMA = """
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'revoke')),
    version TEXT NOT NULL,
    terms_hash TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    how TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS history_keeps BEFORE UPDATE ON history
    BEGIN SELECT RAISE(ABORT, 'consent history is append-only'); END;
CREATE TRIGGER IF NOT EXISTS history_stays BEFORE DELETE ON history
    BEGIN SELECT RAISE(ABORT, 'consent history is append-only'); END;
"""
BUSY_SECONDS = 2.0
MARK_BYTES = 64


class Standing(StrEnum):
    """What the answer means for what is already held."""

    ON = "on"
    SUSPENDED = "suspended"
    """No capture and no sending, but the queue is kept: somebody else's switch, or an answer we cannot read yet."""
    REVOKED = "revoked"
    """No capture, no sending, and what was not sent is destroyed."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The answer, why, and what to do about it."""

    standing: Standing
    reason: str
    hint: str = ""

    @property
    def on(self) -> bool:
        """Capture and sending are allowed."""
        return self.standing is Standing.ON


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    at: float
    kind: str
    version: str
    terms_hash: str
    endpoint: str
    how: str


ENABLE = "Run: groove-sidecar enable"


def evaluate(paths: Paths, environ: Mapping[str, str]) -> Consent:
    """Ask all parties, strongest first. Reads a few small files; never writes, never connects."""
    flag = _flag(paths.flag)
    revoked = flag is not None and flag.standing is Standing.REVOKED  # then nothing is kept, whatever else is said
    if not revoked and environ.get("DO_NOT_TRACK", "").lower() not in {"", "0", "false"}:
        return Consent(Standing.SUSPENDED, "DO_NOT_TRACK is set", "Unset DO_NOT_TRACK to allow capture.")
    if flag is not None:
        return flag
    groove = _groove(paths.groove_consent)
    if isinstance(groove, Consent):
        return groove
    try:
        endpoint = Settings.load(paths, environ).endpoint
    except (ConfigError, UnsafePathError) as error:
        return Consent(Standing.SUSPENDED, error.message, error.hint)
    except OSError as error:
        return Consent(
            Standing.SUSPENDED, f"sidecar.toml cannot be read ({error.strerror})", "Check its owner and mode."
        )
    granted = _granted(paths.consent_db, endpoint)
    if groove and not granted.on:
        return Consent(Standing.ON, "opted in through Groove")
    return granted


def capture_allowed(paths: Paths, environ: Mapping[str, str]) -> bool:
    """Whether a byte may be captured now."""
    return evaluate(paths, environ).on


def _flag(flag: Path) -> Consent | None:
    try:
        info = flag.lstat()
    except FileNotFoundError:
        return Consent(Standing.REVOKED, "capture is off", ENABLE)
    except OSError as error:
        return Consent(Standing.SUSPENDED, f"the opt-in flag cannot be read ({error.strerror})", "Check ~/.groove.")
    if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
        return Consent(Standing.SUSPENDED, "the opt-in flag is not a file of yours", f"Remove it. {ENABLE}")
    return None


def _groove(path: Path) -> Consent | bool:
    """True: Groove's file grants; False: it says nothing; a Consent: it says no, or cannot be read for certain."""
    unreadable = Consent(Standing.SUSPENDED, "Groove's consent.json cannot be read", "Toggle training data in Groove.")
    try:
        raw = read_private(path)
    except (OSError, UnsafePathError):
        return unreadable
    if raw is None:
        return False
    try:
        value: Any = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return unreadable
    if not isinstance(value, dict) or not isinstance(value.get("opted_in"), bool):
        return unreadable
    if value["opted_in"] is False:
        return Consent(Standing.REVOKED, "switched off in Groove", "Switch training data on in Groove, then enable.")
    return bool(value.get("consent_version") == CONSENT_VERSION)


def _granted(path: Path, endpoint: str) -> Consent:
    try:
        last = history(path)[-1:]
    except (ConsentError, UnsafePathError) as error:
        return Consent(Standing.SUSPENDED, error.message, error.hint)
    except OSError as error:
        return Consent(
            Standing.SUSPENDED, f"{path.name} cannot be read ({error.strerror})", "Check its owner and mode."
        )
    if not last or last[0].kind != "grant":
        return Consent(Standing.REVOKED, "no consent was given", ENABLE)
    grant = last[0]
    if grant.version != CONSENT_VERSION or grant.terms_hash != TERMS_HASH:
        return Consent(Standing.REVOKED, "the terms changed since you agreed", f"Read them again. {ENABLE}")
    if grant.endpoint != endpoint:
        return Consent(Standing.SUSPENDED, "the endpoint changed since you agreed", f"Agree to the new one. {ENABLE}")
    return Consent(Standing.ON, "capture is on")


def history(path: Path) -> list[Entry]:
    """Every grant and revocation, oldest first. Empty when there never was one."""
    if read_private(path, 1) is None:
        return []
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as db:
            rows = db.execute("SELECT at, kind, version, terms_hash, endpoint, how FROM history ORDER BY id").fetchall()
    except sqlite3.Error as error:
        raise ConsentError(
            f"the consent history cannot be read ({error})", f"Move {path.name} away. {ENABLE}"
        ) from error
    return [Entry(*row) for row in rows]


def grant(paths: Paths, endpoint: str, how: str, *, anew: bool = False) -> None:
    """Write the grant, then the flag: a crash in between leaves capture off.

    `anew`: it was off before, so what an earlier yes left behind does not belong to this one.
    """
    if not paths.groove.exists():
        paths.groove.mkdir(mode=PRIVATE_DIR, parents=True)
    _append(paths.consent_db, "grant", endpoint, how)
    os.close(open_private(paths.flag, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if anew else 0)))


def under(paths: Paths) -> str:
    """Names the yes in force: what is captured belongs to it, and to no other. "" when there is none.

    It changes when the flag was gone in between, when Groove's consent was given again, and with the terms.
    """
    try:
        mark = _mark(paths.flag)
        groove = read_private(paths.groove_consent)
    except (OSError, UnsafePathError):
        return ""
    parts = (mark, _groove_time(groove), CONSENT_VERSION, TERMS_HASH)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _mark(flag: Path) -> str:
    """The random word inside the flag, which a flag that was made again has not. Never makes the flag itself."""
    fd = open_private(flag, os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        found = os.pread(fd, MARK_BYTES, 0).decode("ascii", "replace").strip()
        if not re.fullmatch("[0-9a-f]{32}", found):  # empty, or a word that comes back whenever the flag is made
            found = secrets.token_hex(16)
            os.ftruncate(fd, 0)
            os.pwrite(fd, found.encode() + b"\n", 0)
        return found
    finally:
        os.close(fd)


def _groove_time(raw: bytes | None) -> str:
    try:
        value: Any = orjson.loads(raw or b"{}")
    except orjson.JSONDecodeError:
        return ""
    return str(value.get("updated_at", "")) if isinstance(value, dict) else ""


class Permission:
    """The yes something was begun under, asked about often: a few looks at files, no reading.

    Holds the flag open, so that a flag which was deleted and made again is not taken for the same one.
    """

    def __init__(self, paths: Paths) -> None:
        """FileNotFoundError when there is no flag."""
        self._paths = paths
        self._flag = open_private(paths.flag, os.O_RDONLY)
        self._known = self._look()

    def close(self) -> None:
        """Let the flag go."""
        os.close(self._flag)

    def unchanged(self) -> bool:
        """Whether nothing the answer rests on was touched."""
        return self._in_place() and self._look() == self._known

    def standing(self, environ: Mapping[str, str]) -> Standing:
        """The answer now; all parties are asked again only when something has changed."""
        if not self._in_place():
            return Standing.REVOKED
        seen = self._look()
        if seen == self._known:
            return Standing.ON
        answer = evaluate(self._paths, environ).standing
        if answer is Standing.ON:
            self._known = seen
        return answer

    def _in_place(self) -> bool:
        held = os.fstat(self._flag)
        try:
            there = self._paths.flag.lstat()
        except OSError:
            return False
        return held.st_nlink > 0 and (held.st_dev, held.st_ino) == (there.st_dev, there.st_ino)

    def _look(self) -> list[tuple[int, int, int] | None]:
        found: list[tuple[int, int, int] | None] = []
        for path in (self._paths.groove_consent, self._paths.consent_db, self._paths.config):
            try:
                info = path.lstat()
                found.append((info.st_ino, info.st_mtime_ns, info.st_size))
            except OSError:
                found.append(None)
        return found


def revoke(paths: Paths, endpoint: str, how: str) -> None:
    """Remove the flag, then write the revocation: a crash in between leaves capture off."""
    paths.flag.unlink(missing_ok=True)
    last = history(paths.consent_db)[-1:]
    if last and last[0].kind == "grant":
        _append(paths.consent_db, "revoke", endpoint, how)


def _append(path: Path, kind: str, endpoint: str, how: str) -> None:
    os.close(open_private(path, os.O_RDWR | os.O_CREAT))
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as db, db:
            db.execute("PRAGMA synchronous=FULL")
            db.executescript(SCHEMA)
            db.execute(
                "INSERT INTO history (at, kind, version, terms_hash, endpoint, how) VALUES (?, ?, ?, ?, ?, ?)",
                (time.time(), kind, CONSENT_VERSION, TERMS_HASH, endpoint, how),
            )
    except sqlite3.Error as error:
        raise ConsentError(f"the consent history cannot be written ({error})", f"Move {path.name} away.") from error
