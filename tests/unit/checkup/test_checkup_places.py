"""What another user could read, change or plant is named, with the command that mends it."""

from __future__ import annotations

import os

import pytest

from sidecar.checkup.finding import Level
from sidecar.checkup.places import MAX_SHOWN, places

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def house(paths):
    """The files of an installation, as the sidecar makes them."""
    paths.groove.mkdir(mode=0o755)
    for folder in (paths.state, paths.streams, paths.streams / "run"):
        folder.mkdir(mode=0o700)
    for file in (paths.user_id, paths.flag, paths.spool, paths.install_key, paths.streams / "run" / "lock"):
        file.touch(mode=0o600)
    paths.groove_consent.touch(mode=0o644)
    return paths


def look(paths):
    return list(places(paths))


def test_nothing_made_is_off(paths):
    """Before the first command there is nothing to look at."""
    assert [one.level for one in look(paths)] == [Level.OFF]


def test_a_house_as_we_make_it_is_fine(house):
    """Groove's own folder and file may be readable by others; what is ours may not."""
    (found,) = look(house)
    assert found.level is Level.OK
    assert found.facts == {"folders": 4, "files": 6, "bytes": 0}


@pytest.mark.parametrize(
    ("name", "mode", "hint"),
    [
        ("state", 0o750, "chmod 700"),
        ("spool", 0o644, "chmod 600"),
        ("flag", 0o660, "chmod 600"),
        ("groove", 0o777, "chmod go-w"),
        ("streams", 0o300, "chmod 700"),
        ("groove_consent", 0o666, "chmod go-w"),
    ],
)
def test_a_wrong_mode_is_named_with_its_command(house, name, mode, hint):
    """The command in the hint is the one that makes the finding go away."""
    path = getattr(house, name)
    path.chmod(mode)
    (found,) = look(house)
    assert found.level is Level.TROUBLE
    assert f"{mode:04o}" in found.text
    assert found.hint.startswith(hint)
    assert os.system(found.hint) == 0
    assert [one.level for one in look(house)] == [Level.OK]


def test_a_link_is_never_followed(house, tmp_path):
    """A link in place of a file or of the state folder is trouble; what it leads to is not looked at."""
    (tmp_path / "elsewhere").write_text("x")
    house.install_key.unlink()
    house.install_key.symlink_to(tmp_path / "elsewhere")
    (found,) = look(house)
    assert found.level is Level.TROUBLE
    assert "link" in found.text
    assert found.hint == f"rm {house.install_key}"


@root
def test_a_foreign_owner_is_named(house):
    """A file of another user is trouble, deep in the streams, too."""
    os.chown(house.streams / "run" / "lock", 4_711, -1)
    (found,) = look(house)
    assert found.level is Level.TROUBLE
    assert "uid 4711" in found.text


def test_many_faults_are_counted(house):
    """A few are shown, the rest is a number."""
    for number in range(MAX_SHOWN + 3):
        (house.state / f"x{number}").touch(mode=0o644)
    found = look(house)
    assert len(found) == MAX_SHOWN + 1
    assert "3 more" in found[-1].text
    assert found[-1].level is Level.TROUBLE


def test_folders_may_be_deeper_than_the_stack(house, monkeypatch):
    """Thousands of folders in each other are walked, not recursed into."""
    monkeypatch.chdir(house.state)
    for _ in range(1_500):
        os.mkdir("d", 0o700)  # noqa: PTH102 - relative to a folder whose path grows too long
        os.chdir("d")
    try:
        (found,) = look(house)
    finally:  # whoever tidies up after the tests does recurse
        for _ in range(1_500):
            os.chdir("..")
            os.rmdir("d")  # noqa: PTH106 - as above
    assert found.level is Level.OK
    assert found.facts["folders"] == 1_504
