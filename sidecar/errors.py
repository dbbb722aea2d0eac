"""Errors that tell a person what to do.

Owns: the hierarchy every module raises from.
Never: carries text of a captured line or a secret.
Invariant: an error answers two questions: whose fault (ours / theirs); same input same failure (permanent or not).
"""

from __future__ import annotations


class SidecarError(Exception):
    """Base. `hint` is one sentence in the imperative; the CLI prints it below the message."""

    permanent: bool = True
    ours: bool = True
    exit_code: int = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(SidecarError):
    """The person asked for something that cannot be done as asked."""

    ours = False
    exit_code = 2


class ConfigError(SidecarError):
    """A setting is wrong."""

    ours = False
    exit_code = 2


class ConsentError(SidecarError):
    """Capture is off, and the command needs it on."""

    ours = False
    exit_code = 3


class NotRunningError(SidecarError):
    """No agent answers on the control socket."""

    ours = False
    exit_code = 4


class StoreError(SidecarError):
    """The spool could not take it (disk full, locked, read-only). Transient: nothing was lost, try again."""

    permanent = False


class StoreCorruptError(StoreError):
    """The spool is not a readable database."""

    permanent = True


class WireError(SidecarError):
    """An envelope breaks the contract; sending it would only spend a sequence number."""


class UnsafePathError(SidecarError):
    """A file or folder is a link, belongs to someone else, or is open to others."""

    ours = False
