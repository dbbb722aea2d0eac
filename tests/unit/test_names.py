"""Learned user names survive a restart, unreadable, and are gone after a revocation."""

from __future__ import annotations

import stat

import pytest

from sidecar.errors import StoreError
from sidecar.names import MAX_NAMES, NameFile, destroy
from sidecar.paths import names_file

KEY = b"k" * 32
NAMES = ("zelda-fitz", "jörg", "ab\udc80cd")


@pytest.fixture
def path(paths):
    paths.state.mkdir(parents=True, mode=0o700)
    return names_file(paths.state)


def test_names_come_back(path):
    """What was kept is loaded by the next process (a lone surrogate becomes a question mark)."""
    NameFile(path, KEY).keep(NAMES)
    assert NameFile(path, KEY).load() == ("zelda-fitz", "jörg", "ab?cd")


def test_no_name_is_readable_and_the_size_tells_nothing(path):
    """No byte sequence of a name, mode 0600, one size for one name and for fifty; two writes differ."""
    sizes, texts = set(), set()
    for names in (NAMES[:1], NAMES[:1], tuple(f"{NAMES[0]}-{n}" for n in range(50))):
        NameFile(path, KEY).keep(names)
        raw = path.read_bytes()
        assert b"zelda" not in raw
        sizes.add(len(raw))
        texts.add(raw)
    assert len(sizes) == 1
    assert len(texts) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 5000, None])
def test_a_damaged_file_is_no_name_and_is_told(path, damage):
    """A file that was cut, overwritten or made under another key gives no name, and says so."""
    NameFile(path, KEY if damage is not None else b"x" * 32).keep(NAMES)
    if damage is not None:
        path.write_bytes(damage)
    file = NameFile(path, KEY)
    assert file.load() == ()
    assert file.damaged
    file.keep(("again",))
    assert NameFile(path, KEY).load() == ("again",)


def test_the_same_names_are_not_written_again(path):
    """An unchanged list costs no write."""
    file = NameFile(path, KEY)
    file.keep(NAMES)
    before = path.stat().st_ino
    file.keep(NAMES)
    assert path.stat().st_ino == before


def test_what_cannot_be_written_is_said(path):
    """A folder in place of the file is an error the recorder waits out; no name is taken for kept."""
    path.mkdir()
    with pytest.raises(StoreError):
        NameFile(path, KEY).keep(NAMES)
    assert [file for file in path.parent.iterdir() if file.is_file() and b"zelda" in file.read_bytes()] == []


def test_bounds_and_leftovers(path):
    """More names than MAX_NAMES are cut; half-made files of a killed process are removed; `destroy` leaves nothing."""
    NameFile(path, KEY).keep([f"name{n}" for n in range(MAX_NAMES + 5)])
    left = path.with_name(f".{path.name}.77.tmp")
    left.write_bytes(b"half")
    assert len(NameFile(path, KEY).load()) == MAX_NAMES
    assert not left.exists()
    left.write_bytes(b"half")
    assert destroy(path) == 2
    assert list(path.parent.iterdir()) == []
    assert destroy(path) == 0
