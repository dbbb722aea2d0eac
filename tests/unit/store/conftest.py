"""A fresh spool per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sidecar.store import Database, Journal, Outbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """An open spool in a folder of its own."""
    async with Database.open(tmp_path / "state" / "spool.db") as opened:
        yield opened


@pytest.fixture
def journal(database: Database) -> Journal:
    """The journal of the spool; its clock stands at 1,000 seconds."""
    return Journal(database, clock=lambda: 1_000.0)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """The outbox of the same spool."""
    return Outbox(database)
