"""Fixtures of the capture tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from capture_support import PROVIDERS, RECORDINGS, Sessions, ended, says, tool_call, tool_result, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from parsers.step import JsonObject


@pytest.fixture
def sessions() -> Sessions:
    """A maker of sessions."""
    return Sessions()


@pytest.fixture(params=RECORDINGS, ids=lambda path: path.stem)
def recording(request: pytest.FixtureRequest) -> tuple[str, list[bytes]]:
    """The provider and the lines of each recorded stream."""
    return PROVIDERS[request.param.stem.partition("__")[0]], request.param.read_bytes().split(b"\n")[:-1]


@pytest.fixture
def lines() -> dict[str, Callable[..., JsonObject]]:
    """Makers of Claude stream lines."""
    return {"call": tool_call, "result": tool_result, "says": says, "user": user, "ended": ended}
