"""How long a test waits for what has to come: as long as it takes, and no longer.

A wait is a poll that ends as soon as its condition holds, so patience costs a quick machine nothing.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which a thing that should have come never will, however slow and busy the machine is."""
PROMPT = 30.0
"""Seconds "at once" may take on a slow and busy machine. What must not be waited for (the next reconcile scan, the end
of a sleeping child, a timeout) takes at least twice as long where this bound is used."""


def until(condition: Callable[[], object], seconds: float = PATIENCE, pause: float = 0.01) -> None:
    """Return once `condition` holds; fail when it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(pause)


async def soon(condition: Callable[[], object], seconds: float = PATIENCE, pause: float = 0.005) -> None:
    """As `until`, without blocking the event loop."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"still not so after {seconds} s"
        await anyio.sleep(pause)
