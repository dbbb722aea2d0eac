"""The yes something was begun under: what keeps it, what ends it, and what belongs to it."""

from __future__ import annotations

import contextlib
import resource
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sidecar import consent
from sidecar.consent import Permission, Standing, under
from sidecar.errors import UnsafePathError
from tests.end_to_end.conftest import ROOT
from tests.patience import PATIENCE

ENDPOINT = "http://127.0.0.1:8443"


@pytest.fixture
def given(paths):
    consent.grant(paths, ENDPOINT, "test")
    return paths


@pytest.fixture
def permission(given):
    found = Permission(given)
    yield found
    found.close()


def test_nothing_changed_costs_no_reading(given, permission):
    """As long as no file was touched it stands, and marking the flag is no change."""
    assert permission.unchanged()
    under(given)
    assert permission.unchanged()
    assert permission.standing({}) is Standing.ON


@pytest.mark.parametrize("again", [False, True])
def test_a_flag_that_was_gone_ends_it_for_good(given, permission, again):
    """Deleted, or deleted and made again in the same instant: the permission is over."""
    given.flag.unlink()
    if again:
        given.flag.touch(mode=0o600)
    assert not permission.unchanged()
    assert permission.standing({}) is Standing.REVOKED


def test_a_flag_that_was_moved_away_ends_it(given, permission):
    """Renamed is gone."""
    given.flag.rename(given.flag.with_name("other"))
    assert permission.standing({}) is Standing.REVOKED


def test_a_change_beside_the_flag_is_asked_about_once(given, permission):
    """Groove's file appears: changed, asked again, and from then on known."""
    given.groove_consent.write_text('{"opted_in": true, "consent_version": "1.0"}')
    assert not permission.unchanged()
    assert permission.standing({}) is Standing.ON
    assert permission.unchanged()
    given.groove_consent.write_text('{"opted_in": false}')
    assert permission.standing({}) is Standing.REVOKED


def test_a_yes_has_one_name_until_it_is_another_yes(given):
    """The same name while it lasts; another one after the flag was gone, after a new yes, and after Groove's toggle."""
    names = [under(given), under(given)]
    consent.grant(given, ENDPOINT, "test")
    names.append(under(given))
    assert len(set(names)) == 1
    given.flag.unlink()
    assert under(given) == ""
    given.flag.touch(mode=0o600)
    given.flag.write_text("on")
    names.append(under(given))
    given.flag.unlink()
    given.flag.touch(mode=0o600)
    given.flag.write_text("on")
    names.append(under(given))
    consent.grant(given, ENDPOINT, "test", anew=True)
    names.append(under(given))
    given.groove_consent.write_text('{"opted_in": true, "consent_version": "1.0", "updated_at": "a"}')
    names.append(under(given))
    given.groove_consent.write_text('{"opted_in": true, "consent_version": "1.0", "updated_at": "b"}')
    names.append(under(given))
    assert len(set(names)) == 6


def test_other_terms_are_another_yes(given, monkeypatch):
    """What was captured under one text does not belong to the next."""
    before = under(given)
    monkeypatch.setattr(consent, "TERMS_HASH", "0" * 64)
    assert under(given) != before


@pytest.mark.parametrize("name", ["flag", "consent_db", "config", "install_key"])
def test_links_are_not_followed(given, tmp_path, name):
    """A link in place of the flag, the history, the settings or the key is refused, and what it leads to is not read."""
    given.state.mkdir(parents=True, exist_ok=True)
    target = tmp_path / "elsewhere"
    path = getattr(given, name)
    if path.exists():
        path.rename(target)
    else:
        target.write_bytes(b"endpoint = 'http://127.0.0.1:1'")
    path.symlink_to(target)
    if name == "install_key":
        from sidecar.identity import install_key

        with pytest.raises((OSError, UnsafePathError)):
            install_key(given)
    else:
        assert consent.evaluate(given, {}).standing is Standing.SUSPENDED


def test_a_wrapped_run_leaves_no_core_and_its_child_keeps_its_limits(world):
    """`wrap` forbids itself a core dump; the command it runs has the limit it would have without us."""
    world.command("enable", "--yes")
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    code = "import resource, sys; print(resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    wrapped = world.start("sidecar.cli.main", "wrap", "--", sys.executable, "-c", code, **pipes)
    assert int(wrapped.stdout.readline()) == soft
    limits = Path(f"/proc/{wrapped.pid}/limits")
    if not limits.exists():
        pytest.skip("no /proc here")
    core = next(row for row in limits.read_text().splitlines() if row.startswith("Max core"))
    assert core.split()[4] in {"0", "1"}
    wrapped.stdin.close()
    assert wrapped.wait(PATIENCE) == 0


def test_all_files_are_private_whatever_the_umask(world):
    """With umask 0 every file below the state folder is 0600 and every folder 0700."""
    world.central()
    line = [
        sys.executable,
        "-c",
        "import os, sys; os.umask(0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])",
    ]
    module = ["-m", "sidecar.cli.main"]
    subprocess.run(
        [*line, *module, "enable", "--yes", "--endpoint", world.address],
        env=world.environ,
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    child = "import sys; print('{}', flush=True); sys.stdin.read()"
    wrapped = subprocess.Popen(
        [*line, *module, "wrap", "--provider", "claude", "--", sys.executable, "-c", child],
        env=world.environ,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    agent = subprocess.Popen([*line, *module, "run"], env=world.environ, cwd=ROOT, stderr=subprocess.DEVNULL)
    world.processes += [wrapped, agent]
    world.until(lambda: (world.status() or {}).get("capturing") and list(world.paths.streams.rglob("*.part")))
    time.sleep(0.3)
    wrong = []
    for path in [world.paths.groove, *world.paths.groove.rglob("*")]:
        with contextlib.suppress(FileNotFoundError):  # it went while we looked
            info = path.lstat()
            if stat.S_IMODE(info.st_mode) != (0o700 if stat.S_ISDIR(info.st_mode) else 0o600):
                wrong.append((path.name, oct(info.st_mode)))
    assert wrong == []
    wrapped.stdin.close()
    assert wrapped.wait(PATIENCE) == 0
