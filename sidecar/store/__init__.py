"""One SQLite file: the journal (steps and checkpoints) and the outbox (sealed envelopes waiting for a verdict)."""

from __future__ import annotations

from sidecar.store.database import Database
from sidecar.store.journal import Journal
from sidecar.store.outbox import Outbox
from sidecar.store.records import Checkpoint, Claim, Commit, OrderError, Resume, SessionState

__all__ = [
    "Checkpoint",
    "Claim",
    "Commit",
    "Database",
    "Journal",
    "OrderError",
    "Outbox",
    "Resume",
    "SessionState",
]
