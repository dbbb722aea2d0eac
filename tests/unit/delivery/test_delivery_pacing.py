"""Waits are random, bounded and honour what a server asks."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from sidecar.delivery.pacing import MAXIMUM, Hold, OpenWindow, Pacing
from sidecar.wire.http import MAX_AFTER


@given(st.integers(0, 10**6), st.integers(0, 2**32))
def test_backoff_is_bounded_full_jitter(attempts, seed):
    """A wait lies between 0 and min(maximum, 2**(attempts-1)) for any number of attempts."""
    wait = Pacing(random.Random(seed)).backoff(attempts)
    assert 0 <= wait <= min(MAXIMUM, 2.0 ** (min(max(attempts, 1), 64) - 1))


def test_backoff_spreads():
    """Waits of the tenth attempt fill the whole range, so clients do not come back together."""
    pacing = Pacing(random.Random(1))
    waits = sorted(pacing.backoff(10) for _ in range(2000))
    assert waits[0] < 5 and waits[-1] > 295 and 130 < sum(waits) / len(waits) < 170


def test_backoff_is_repeatable():
    """The same generator gives the same waits."""
    assert [Pacing(random.Random(5)).backoff(n) for n in range(9)] == [
        Pacing(random.Random(5)).backoff(n) for n in range(9)
    ]


@given(st.integers(1, 50), st.floats(0.001, 1e9))
def test_asked_waits_are_honoured_and_capped(attempts, asked):
    """At least what the server asked for, at most the named maximum and a tenth of a backoff."""
    wait = Pacing(random.Random(2)).wait(attempts, asked)
    assert min(asked, MAX_AFTER) <= wait <= MAX_AFTER + MAXIMUM / 10


def test_at_once():
    """A resynchronisation does not wait."""
    assert Pacing(random.Random(2)).wait(9, 0.0) == 0.0


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=200))
def test_open_window_never_exceeds_the_server(gaps):
    """Whatever the arrival times, no rolling hour holds more than 20 opens."""
    window, now, opened = OpenWindow(), 0.0, []
    for gap in gaps:
        now += gap
        if window.wait(now) == 0.0:
            window.record(now)
            opened.append(now)
    for first, last in zip(opened, opened[20:], strict=False):
        assert last - first >= 3600 - 1e-6


def test_open_window_after_the_clock_was_set_back():
    """Opens that lie in the future are forgotten instead of blocking for ever."""
    window = OpenWindow(limit=1)
    window.record(1_000_000.0)
    assert window.wait(500.0) == 0.0


def test_open_window_tells_how_long():
    """The wait ends when the oldest open leaves the hour."""
    window = OpenWindow(limit=2)
    window.record(0.0)
    window.record(10.0)
    assert window.wait(100.0) == 3500.0
    assert window.wait(3600.0) == 0.0


def test_hold_is_bounded_and_released():
    """A hold ends by time or by an answer, and a clock set back cannot stretch it beyond the cap."""
    hold = Hold()
    hold.failed(1000.0, 50.0, asked=True)
    assert hold.wait(1010.0) == 40.0 and hold.asked
    assert hold.wait(-1e9) <= MAX_AFTER * 1.1
    hold.answered()
    assert hold.wait(1010.0) == 0.0 and not hold.failures
