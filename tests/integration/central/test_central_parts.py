"""The parts of Central Command that are plain functions, with time as an argument."""

from __future__ import annotations

import pytest

from central.app import host_name, is_loopback, make_app
from central.body import inflate
from central.ingest import _runs
from central.limiter import Limiter, Window, client_address
from central.options import MAX_ADDRESSES, Options
from central.refusal import Refusal
from central.registry import Registry
from central.stats import integrity
from central.storage import FILE, Storage
from sidecar.errors import StoreError
from sidecar.wire.attestation import SessionKey


def test_a_window_begins_with_the_first_request_and_ends_after_its_length():
    """Three per 60 s: the fourth waits for the rest of the window, refused ones do not lengthen it."""
    window = Window(3, 60.0)
    assert [window.wait("a", now) for now in (0, 10, 20)] == [None, None, None]
    assert [window.wait("a", now) for now in (30, 59)] == [30, 1]
    assert window.wait("b", 30) is None and window.wait("a", 60) is None


def test_the_limiter_remembers_a_bounded_number_of_addresses():
    """A flood of addresses costs a bounded table, and the longest wait of all windows counts."""
    window = Window(1, 60.0)
    for number in range(3 * MAX_ADDRESSES):
        window.wait(str(number), number / 1000)
    assert len(window._seen) <= MAX_ADDRESSES
    now = [0.0]
    limiter = Limiter([(1, 60.0), (None, 5.0), (1, 3600.0)], lambda: now[0])
    assert limiter.wait("a") is None and limiter.wait("a") == 3600


@pytest.mark.parametrize(
    ("peer", "header", "trusted", "address"),
    [
        ("9.9.9.9", "1.1.1.1", (), "9.9.9.9"),
        ("9.9.9.9", "1.1.1.1", ("9.9.9.9",), "1.1.1.1"),
        ("9.9.9.9", "6.6.6.6, 1.1.1.1, 8.8.8.8", ("9.9.9.9", "8.8.8.8"), "1.1.1.1"),
        ("9.9.9.9", " , ", ("9.9.9.9",), "9.9.9.9"),
        ("9.9.9.9", None, ("9.9.9.9",), "9.9.9.9"),
    ],
)
def test_a_header_is_believed_only_as_far_as_trusted_proxies_wrote_it(peer, header, trusted, address):
    """The nearest address that no trusted proxy has is the client's, whatever else the header says."""
    assert client_address(peer, header, trusted) == address


@pytest.mark.parametrize(
    ("runs", "gaps", "duplicates", "ordered"),
    [
        ([], 0, 0, True),
        ([(1, 5), (6, 9)], 0, 0, True),
        ([(0, 5), (6, 6)], 0, 0, True),
        ([(2, 5)], 1, 0, True),
        ([(1, 2), (4, 4), (9, 10)], 5, 0, True),
        ([(1, 4), (3, 6)], 0, 2, False),
        ([(6, 9), (1, 5)], 0, 0, False),
        ([(1, 9), (2, 3), (10, 10)], 0, 2, False),
    ],
)
def test_step_ranges_tell_gaps_and_repeats(runs, gaps, duplicates, ordered):
    """Missing numbers, numbers sent again and order are judged from ranges alone."""
    assert tuple(vars_of(integrity(runs))) == (gaps, duplicates, ordered)


def vars_of(check):
    return check.gaps, check.duplicates, check.ordered


def test_runs_are_what_is_consecutive():
    """Numbers in the order sent become ranges, repeats and steps back included."""
    assert list(_runs([1, 2, 3, 5, 6, 6, 2])) == [(1, 3), (5, 6), (6, 6), (2, 2)]
    assert list(_runs([])) == []


@pytest.mark.parametrize(
    ("host", "local"),
    [("localhost:80", True), ("127.0.0.1", True), ("[::1]:8443", True), ("127.0.0.1.evil.example", False), ("", False)],
)
def test_only_this_machines_own_names_are_local(host, local):
    """A name that merely begins like a loopback address is foreign."""
    assert is_loopback(host_name(host)) is local


def test_inflating_stops_at_the_limit():
    """A stream that would be larger is refused without being unpacked, junk is corrupt."""
    with pytest.raises(Refusal):
        inflate(b"junk", 10)


def test_the_hourly_window_of_opens_follows_the_clock(tmp_path):
    """Two opens an hour: the third waits until the first is an hour old."""
    now = [1_000_000.0]
    storage = Storage(tmp_path / "data")
    storage.open()
    registry = Registry(storage, Options(opens_per_hour=2, clock=lambda: now[0]))
    for number in range(2):
        registry.open(_open_body(number))
        now[0] += 600
    with pytest.raises(Refusal) as refused:
        registry.open(_open_body(2))
    assert (refused.value.status, refused.value.after) == (429, 2400)
    now[0] += 2401
    assert registry.open(_open_body(2)).status == 200
    storage.close()
    with pytest.raises(StoreError), storage.transaction():
        pass


def test_a_file_that_is_no_database_is_an_error_with_a_hint(tmp_path):
    """Storage says that it cannot be opened instead of overwriting what is there."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    (folder / FILE).write_bytes(b"not a database, but long enough to look like one" * 100)
    storage = Storage(folder)
    with pytest.raises(StoreError):
        storage.open()
    storage.close()
    assert (folder / FILE).read_bytes().startswith(b"not a database")
    assert make_app(folder) is not None  # constructing does no I/O


def _open_body(number):
    return {
        "session_id": f"sess_{number}",
        "public_key": SessionKey.generate().public_b64,
        "provider": "codex",
        "model": "m",
        "machine_fingerprint": "f",
        "app_version_hash": "0" * 64,
        "groove_version": "1",
    }
