"""The unit files say what they should, whatever the paths look like, and foreign files are left alone."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar import service as services
from sidecar.errors import ConfigError, UsageError
from sidecar.paths import Paths

NASTY = {"GROOVE_SIDECAR_HOME": '/srv/a b%h$HOME"c\\d', "UNRELATED": "x", "CODEX_HOME": ""}


def describe(home, environ=None, platform="linux"):
    environ = {"HOME": str(home), **(environ or {})}
    return services.describe(Paths.from_environment(environ), environ, platform=platform)


def test_the_flag_starts_the_agent_and_a_failure_restarts_it(home):
    """The path unit watches the flag; the service starts the absolute program, without a shell."""
    service, path = (text.splitlines() for text in describe(home).files.values())
    assert f"PathExists={home}/.groove/sidecar.enabled" in path
    (start,) = [line for line in service if line.startswith("ExecStart=")]
    program, *rest = services.program()
    assert start == "ExecStart=" + " ".join(f'"{word}"' for word in (program, *rest))
    assert Path(program).is_absolute() and os.access(program, os.X_OK)
    assert rest[-2:] == ["run", "--while-on"]
    assert {"Restart=on-failure", "UMask=0077", "LimitCORE=0", "NoNewPrivileges=yes"} <= set(service)


def test_no_credential_gets_into_a_unit_file(home):
    """An endpoint with a password is refused, without saying it; a plain one is carried."""
    with pytest.raises(ConfigError) as caught:
        describe(home, {"GROOVE_CENTRAL_URL": "https://me:hidden@central.example.org"})
    assert "hidden" not in repr(caught.value)
    service, _ = describe(home, {"GROOVE_CENTRAL_URL": "https://central.example.org"}).files.values()
    assert 'Environment="GROOVE_CENTRAL_URL=https://central.example.org"' in service


def test_words_are_quoted_as_systemd_reads_them():
    """Specifiers, variables, quotes and spaces mean themselves."""
    assert services.quoted('a b%h$X"\\') == '"a b%%h$X\\"\\\\"'
    assert services.quoted("$X", command=True) == '"$$X"'


@pytest.mark.parametrize("environ", [{}, NASTY])
def test_systemd_itself_finds_no_fault(tmp_path, environ):
    """`systemd-analyze verify` reads both units without a word, with odd paths, too."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    home = tmp_path / "a home%h"
    services.write(describe(home, environ))
    units = home / ".config" / "systemd" / "user"
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    done = subprocess.run(
        [tool, "--user", "verify", "./groove-sidecar.path", "./groove-sidecar.service"],
        cwd=units,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "Failed to initialize manager" in done.stderr:
        pytest.skip("systemd-analyze cannot work here")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_launchd_reads_what_was_meant(home):
    """The property list is whole: the flag keeps the agent alive, arguments are a list, the environment is carried."""
    ((path, text),) = describe(home, NASTY, platform="darwin").files.items()
    value = plistlib.loads(text.encode())
    assert path == home / "Library" / "LaunchAgents" / "dev.groove.sidecar.plist"
    assert value["KeepAlive"] == {"PathState": {f"{home}/.groove/sidecar.enabled": True}}
    assert value["ProgramArguments"][-2:] == ["run", "--while-on"]
    assert value["EnvironmentVariables"] == {"GROOVE_SIDECAR_HOME": NASTY["GROOVE_SIDECAR_HOME"]}


def test_what_cannot_be_written_down_is_refused(home):
    """A line break in a path, or a system without a manager: an error with a hint, no file."""
    with pytest.raises(UsageError):
        describe(home, {"GROOVE_SIDECAR_HOME": "/a\nExecStart=/bin/sh"})
    with pytest.raises(UsageError):
        describe(home, platform="win32")
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_writing_is_idempotent_and_private(home, platform):
    """The second time nothing is written; a change is; removal takes away what was written and nothing else."""
    service = describe(home, platform=platform)
    assert set(services.standing(service).values()) == {"absent"}
    assert services.write(service) == list(service.files)
    assert services.write(service) == []
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in service.files)
    other = describe(home, {"CODEX_HOME": "/elsewhere"}, platform=platform)
    assert "outdated" in services.standing(other).values()
    assert len(services.write(other)) == 1
    neighbour = next(iter(service.files)).with_name("neighbour.service")
    neighbour.write_text("x")
    assert services.erase(other) == list(service.files)
    assert services.erase(other) == []
    assert neighbour.exists()


@pytest.mark.parametrize("how", ["file", "link", "folder"])
def test_a_foreign_file_is_never_touched(home, tmp_path, how):
    """Somebody else's unit of that name, a link, a folder: neither written over nor removed, nor its neighbour."""
    service = describe(home)
    path, other = service.files
    path.parent.mkdir(parents=True)
    target = tmp_path / "target"
    target.write_text("theirs")
    if how == "file":
        path.write_text("theirs")
    elif how == "link":
        path.symlink_to(target)
    else:
        path.mkdir()
    for act in (services.write, services.erase):
        with pytest.raises(UsageError):
            act(service)
    assert path.exists() and not other.exists()
    assert target.read_text() == "theirs"


def test_the_program_is_this_installations():
    """The console script beside this interpreter, or this interpreter itself."""
    first = services.program()[0]
    assert first in {sys.executable, str(Path(sys.executable).with_name("groove-sidecar"))}


def test_a_relative_config_folder_counts_for_nothing(home):
    """XDG_CONFIG_HOME must be absolute: a relative one would put the units into whatever folder this is."""
    relative = describe(home, {"XDG_CONFIG_HOME": "conf"}).files
    assert {path.parent for path in relative} == {home / ".config" / "systemd" / "user"}
    moved = describe(home, {"XDG_CONFIG_HOME": str(home / "conf")}).files
    assert {path.parent for path in moved} == {home / "conf" / "systemd" / "user"}
