"""When to try again.

Owns: the backoff curve, the local count of opened sessions, the hold the whole server is put on.
Never: sleeps or stores (attempts and `not_before` live in the outbox row).
Invariant: a wait is never longer than the named maximum, whatever a server or a count of attempts says.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, RetryCallState, wait_random_exponential

from sidecar.wire.http import MAX_AFTER
from sidecar.wire.limits import SESSIONS_PER_HOUR

if TYPE_CHECKING:
    import random

INITIAL = 1.0
MAXIMUM = 300.0
MAX_EXPONENT = 64
OPEN_WINDOW = 3_600.0


class _SeededRandomExponential(wait_random_exponential):
    """tenacity's full jitter, drawn from a given generator so that a run can be repeated."""

    def __init__(self, rng: random.Random, *, initial: float, maximum: float) -> None:
        super().__init__(multiplier=initial, max=maximum)
        self._rng = rng

    def __call__(self, retry_state: RetryCallState) -> float:
        high = super(wait_random_exponential, self).__call__(retry_state)
        return self._rng.uniform(self.min, high)


class Pacing:
    """Full jitter: a wait drawn evenly from 0 to min(maximum, initial * 2**(attempts-1)) seconds."""

    def __init__(self, rng: random.Random, *, initial: float = INITIAL, maximum: float = MAXIMUM) -> None:
        self._wait = _SeededRandomExponential(rng, initial=initial, maximum=maximum)

    def backoff(self, attempts: int) -> float:
        """Seconds to wait after the attempt with this number (from 1)."""
        state = RetryCallState(AsyncRetrying(), None, (), {})
        state.attempt_number = min(max(attempts, 1), MAX_EXPONENT)
        return self._wait(state)

    def wait(self, attempts: int, asked: float | None) -> float:
        """The backoff, but at least what the server asked for (bounded); 0.0 asked means: at once."""
        if asked == 0.0:
            return 0.0
        backoff = self.backoff(attempts)
        return backoff if asked is None else min(asked, MAX_AFTER) + backoff / 10


class OpenWindow:
    """Sessions opened within a rolling hour; the server counts the same and refuses the twenty-first."""

    def __init__(self, limit: int = SESSIONS_PER_HOUR, seconds: float = OPEN_WINDOW) -> None:
        self._limit = limit
        self._seconds = seconds
        self._times: deque[float] = deque(maxlen=limit)

    def wait(self, now: float) -> float:
        """Seconds until another open fits, 0.0 if one does now."""
        while self._times and not self._times[0] <= now < self._times[0] + self._seconds:
            self._times.popleft()  # left the window, or the clock was set back
        return 0.0 if len(self._times) < self._limit else self._times[0] + self._seconds - now

    def record(self, now: float) -> None:
        """An open the server may have counted."""
        self._times.append(now)


class Hold:
    """The pause of everything after trouble that is the server's, with one request at a time until it answers.

    `asked` tells a pause the server demanded (kept even when a person flushes) from our own backoff.
    """

    def __init__(self) -> None:
        self.until = 0.0
        self.failures = 0
        self.asked = False

    def failed(self, now: float, wait: float, *, asked: bool) -> None:
        """Another failure: nobody sends before `now + wait`."""
        self.failures += 1
        self.until = max(self.until, now + wait)
        self.asked = asked

    def answered(self) -> None:
        """The server does its work again."""
        self.until, self.failures, self.asked = 0.0, 0, False

    def wait(self, now: float) -> float:
        """Seconds left, at most `MAX_AFTER` (so a clock set back cannot hold for ever)."""
        return min(max(0.0, self.until - now), MAX_AFTER * 1.1)
