"""What an operator can set, and the numbers that bound everything else.

Owns: `Options`, the contract we serve.
Never: reads a file or the environment.
Invariant: every wait, buffer, queue and table of Central Command is bounded by a number named here or in the wire.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sidecar.wire.limits import Contract

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "groove-central"
CONTRACT = Contract(name=NAME, models=None, strict_feedback=True)
GIB = 1 << 30
MAX_ADDRESSES = 10_000
"""Addresses the limiter remembers; when there are more, the ones whose window began first are forgotten."""
DRAIN_BYTES = 16 << 20
"""Of a body that is too large, read and thrown away, so that its sender gets to read the refusal."""
BUFFERED_BYTES = 256 << 20
"""All request bodies held at one time."""
WORKERS = 2
"""Threads that parse, verify and store."""
CONNECTIONS = 1_000
HEADER_SECONDS = 15.0
"""From the first byte of a request to the end of its headers."""
KEEP_ALIVE_SECONDS = 30
SHUTDOWN_SECONDS = 10
MAX_PAGE = 1_000
"""Sessions in one answer to an operator."""


@dataclass(frozen=True, slots=True)
class Options:
    """Rates are per client address (`requests_*`) or per machine fingerprint (`opens_per_hour`); None = no limit.

    `clock` is unix seconds, `monotonic` any steady seconds. `operator_token` None = operators' pages only for loopback.
    """

    contract: Contract = CONTRACT
    quota_bytes: int = 50 * GIB
    requests_per_minute: int | None = 60_000
    requests_per_hour: int | None = None
    opens_per_hour: int | None = 5_000
    connections: int = CONNECTIONS
    header_seconds: float = HEADER_SECONDS
    body_seconds: float = 60.0
    trusted_proxies: tuple[str, ...] = ()
    operator_token: str | None = None
    clock: Callable[[], float] = field(default=time.time)
    monotonic: Callable[[], float] = field(default=time.monotonic)
