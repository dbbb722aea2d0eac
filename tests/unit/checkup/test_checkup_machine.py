"""What is said of the machine is what the machine says."""

from __future__ import annotations

import os

import pytest

from sidecar.checkup import machine
from sidecar.checkup.finding import Finding, Level, size, span, worst

MOUNTS = r"""
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /home rw - nfs4 server:/home rw
23 22 0:6 / /home/me/my\040disk rw,nosuid shared:3 master:1 - xfs /dev/sdb rw
24 21 0:7 / /run rw - tmpfs tmpfs rw
25 21 0:8 / /home rw - btrfs /dev/sdc rw
half a line
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/", "ext4"),
        ("/etc/groove", "ext4"),
        ("/homer", "ext4"),
        ("/home", "btrfs"),
        ("/home/me/.groove", "btrfs"),
        ("/home/me/my disk/sidecar", "xfs"),
        ("/run/user/1000", "tmpfs"),
    ],
)
def test_the_longest_and_latest_mount_counts(folder, kind):
    """A folder lies on the mount with the longest path above it, and of equal ones on the latest."""
    assert machine.mounted(folder, MOUNTS) == kind


@pytest.mark.parametrize(("kind", "level"), [("nfs4", "trouble"), ("tmpfs", "warning"), ("ext4", "ok")])
def test_a_file_system_without_locks_is_trouble(kind, level):
    """Network file systems are trouble, memory is a warning, a disk is fine; without a table nothing is said."""
    (found,) = machine.filesystem("/home/me", f"1 0 0:1 / /home rw - {kind} x rw\n")
    assert found.level == level
    assert bool(found.hint) == (level != "ok")
    assert list(machine.filesystem("/home/me", "")) == []


def test_the_spool_must_fit_twice(tmp_path):
    """Free space is held against what the spool holds: a revocation writes it anew."""
    space = os.statvfs(tmp_path)
    free = space.f_bavail * space.f_frsize
    assert machine.room(tmp_path, 0).level is Level.OK
    assert machine.room(tmp_path, free * 2).level is Level.WARNING


@pytest.mark.parametrize(
    ("now", "newest", "level"),
    [
        (2_000_000.0, None, "ok"),
        (2_000_000.0, 1_999_000.0, "ok"),
        (2_000_000.0, 2_000_100.0, "ok"),
        (2_000_000.0, 2_001_000.0, "warning"),
        (1_000_000.0, None, "trouble"),
    ],
)
def test_a_clock_before_what_happened_is_wrong(now, newest, level):
    """The time is after the installation and after all that was written down."""
    assert machine.clock(now, 1_990_000.0, newest).level == level


def test_watches_are_held_against_the_limit(tmp_path):
    """Enough is fine, nearly used up is a warning with the command, a kernel without the files says nothing."""
    assert list(machine.watches(5, at=tmp_path)) == []
    (tmp_path / "max_user_watches").write_text("100\n")
    (tmp_path / "max_user_instances").write_text("128\n")
    assert [one.level for one in machine.watches(5, at=tmp_path)] == ["ok"]
    (found,) = machine.watches(90, at=tmp_path)
    assert found.level is Level.WARNING
    assert found.hint == "sudo sysctl fs.inotify.max_user_watches=400"


def test_this_sqlite_will_do():
    """The SQLite the tests run on passes its own check."""
    assert machine.sqlite().level is Level.OK


def test_the_worst_level_wins_and_numbers_are_for_people():
    """Trouble beats warning beats off beats ok; nothing at all is ok."""
    made = [Finding("a", level, "") for level in (Level.OK, Level.TROUBLE, Level.WARNING, Level.OFF)]
    assert [worst(made), worst(made[2:]), worst(made[3:]), worst(made[:1]), worst([])] == [
        "trouble",
        "warning",
        "off",
        "ok",
        "ok",
    ]
    assert [size(12), size(1_500), size(3e13)] == ["12 B", "1.5 kB", "30.0 TB"]
    assert [span(5), span(600), span(7_200), span(200_000)] == ["5 s", "10 min", "2 h", "2 d"]
