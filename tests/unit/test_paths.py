"""Files are ours, private and reached without following links."""

from __future__ import annotations

import os
import stat

import pytest

from sidecar.errors import UnsafePathError
from sidecar.paths import make_private_dir, open_private, read_private, write_private


def test_written_files_are_private_and_whole(tmp_path):
    """write_private leaves 0600 and the new bytes, and no temporary file."""
    path = tmp_path / "file"
    write_private(path, b"one")
    write_private(path, b"two")
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_links_are_not_followed(tmp_path):
    """Neither files nor folders may be links."""
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(OSError):
        open_private(tmp_path / "link", os.O_RDONLY)
    (tmp_path / "dir").symlink_to(tmp_path)
    with pytest.raises(UnsafePathError):
        make_private_dir(tmp_path / "dir")


def test_an_open_folder_is_tightened(tmp_path):
    """A folder of ours that others could read is made 0700."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o755)
    make_private_dir(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_special_files_are_refused(tmp_path):
    """A folder or a pipe in place of a file is an error, and a missing file is None."""
    with pytest.raises((UnsafePathError, OSError)):
        read_private(tmp_path)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UnsafePathError):  # at once: opening a pipe for reading would wait for its writer
        read_private(tmp_path / "pipe")
    assert read_private(tmp_path / "missing") is None
