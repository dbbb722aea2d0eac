"""How Central Command says no.

Owns: `Refusal`, `Reply` and their JSON.
Never: carries text of a request; what a schema sentence quotes goes to its sender only, never to the log.
Invariant: every refusal is JSON with ``accepted: false`` and a reason, under a status that means the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parsers.step import JsonObject


@dataclass(frozen=True, slots=True)
class Reply:
    """A status and the JSON that goes with it."""

    status: int
    body: JsonObject


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """No, by the door named `door`.

    `expected`: the sequence number the session wants now, told to signed requests only. `after`: seconds to wait.
    `close`: the connection is of no more use.
    """

    def __init__(
        self,
        status: int,
        door: str,
        reason: str,
        *,
        hint: str = "",
        expected: int | None = None,
        after: float | None = None,
        close: bool = False,
        session: str = "",
    ) -> None:
        super().__init__(door)
        self.status = status
        self.door = door
        self.reason = reason
        self.hint = hint
        self.expected = expected
        self.after = after
        self.close = close
        self.session = session
        """Set once the session is known to exist; safe to log."""

    @property
    def body(self) -> JsonObject:
        """The JSON answer."""
        body: JsonObject = {"accepted": False, "reason": self.reason}
        if self.hint:
            body["hint"] = self.hint
        if self.expected is not None:
            body["expected"] = self.expected
        if self.after is not None:
            body["retryAfter"] = math.ceil(self.after)
        return body

    @property
    def headers(self) -> dict[str, str]:
        """Headers beside the JSON."""
        headers = {"Cache-Control": "no-store"}
        if self.after is not None:
            headers["Retry-After"] = str(math.ceil(self.after))
        if self.close:
            headers["Connection"] = "close"
        return headers
