"""The agent as a service of the user: a systemd unit on Linux, a launchd agent on macOS.

Owns: the text of the unit files, where they lie, writing and removing them.
Never: needs root, runs a shell, overwrites or removes a file it did not write, starts anything (the command does).
Invariant: while capture is off nothing runs: the opt-in flag starts the agent, and without it the agent ends.
"""

from __future__ import annotations

import os
import plistlib
import stat
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sidecar.config import check_endpoint
from sidecar.errors import UsageError
from sidecar.paths import PRIVATE_DIR, read_private, write_private

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sidecar.paths import Paths

NAME = "groove-sidecar"
LABEL = "dev.groove.sidecar"
MARK = "Written by groove-sidecar service install"
RUN = ("run", "--while-on")
URL = "GROOVE_CENTRAL_URL"
CARRIED = (
    "GROOVE_SIDECAR_HOME",
    URL,
    "DO_NOT_TRACK",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "GEMINI_CLI_HOME",
)
"""What the agent reads from its environment, and a service manager does not know."""
MAX_FILE = 64 << 10

_SERVICE = """\
# {mark}; remove it with: groove-sidecar service remove
[Unit]
Description=groove-sidecar: captures what coding agents do, while you have agreed to it
StartLimitIntervalSec=300
StartLimitBurst=8

[Service]
Type=exec
ExecStart={command}
{environment}Restart=on-failure
RestartSec=5
UMask=0077
LimitCORE=0
Nice=5
TasksMax=128
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""
# No option that needs a mount namespace: where the kernel grants none to users, the unit would not start at all.
_PATH = """\
# {mark}; remove it with: groove-sidecar service remove
[Unit]
Description=groove-sidecar: starts the agent while the opt-in flag is there

[Path]
PathExists={flag}
Unit={name}.service

[Install]
WantedBy=default.target
"""


@dataclass(frozen=True, slots=True)
class Service:
    """What there is to write, and the commands that make it known. `files` by path."""

    files: Mapping[Path, str]
    start: tuple[tuple[str, ...], ...]
    stop: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    """To run once the files are gone."""
    look: tuple[str, ...]
    link: Path | None = None
    """What the manager makes beside the files; it goes with them, should the manager not be there to do it."""


def describe(paths: Paths, environ: Mapping[str, str], *, platform: str = sys.platform) -> Service:
    """The service of this installation, for this home and environment.

    UsageError where there is no manager for it; ConfigError for an endpoint the agent would refuse.
    """
    command = program()
    home = paths.groove.parent
    carried = {name: environ[name] for name in CARRIED if environ.get(name)}
    if URL in carried:
        carried[URL] = check_endpoint(carried[URL])  # one with credentials must not get into a file
    for text in (str(home), str(paths.state), *command, *carried.values()):
        if not text.isprintable():
            raise UsageError("a path or a variable holds a control character", "Rename it, or unset the variable.")
    if platform == "darwin":
        return _launchd(paths, home, command, carried)
    if platform.startswith("linux"):
        moved = Path(environ.get("XDG_CONFIG_HOME", ""))  # a relative one counts for nothing, as the standard says
        config = moved if moved.is_absolute() else home / ".config"
        return _systemd(paths, config / "systemd" / "user", command, carried)
    raise UsageError("there is no service manager for this system", "Start the agent by hand: groove-sidecar run")


def program() -> tuple[str, ...]:
    """How this installation's agent is started: its console script, else its module."""
    script = Path(sysconfig.get_path("scripts")) / NAME
    if script.is_file() and os.access(script, os.X_OK):
        return (str(script), *RUN)
    return (sys.executable, "-m", "sidecar.cli.main", *RUN)


def _systemd(paths: Paths, folder: Path, command: tuple[str, ...], carried: Mapping[str, str]) -> Service:
    environment = "".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in carried.items())
    line = " ".join(quoted(word, command=True) for word in command)
    service, path = f"{NAME}.service", f"{NAME}.path"
    control = ("systemctl", "--user")
    return Service(
        files={
            folder / service: _SERVICE.format(mark=MARK, command=line, environment=environment),
            folder / path: _PATH.format(mark=MARK, flag=str(paths.flag).replace("%", "%%"), name=NAME),
        },
        start=((*control, "daemon-reload"), (*control, "enable", path), (*control, "restart", path)),
        stop=((*control, "disable", "--now", path), (*control, "stop", service)),
        after=((*control, "daemon-reload"),),
        look=(*control, "is-active", path, service),
        link=folder / "default.target.wants" / path,
    )


def _launchd(paths: Paths, home: Path, command: tuple[str, ...], carried: Mapping[str, str]) -> Service:
    value: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(command),
        "KeepAlive": {"PathState": {str(paths.flag): True}},
        "RunAtLoad": False,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "ThrottleInterval": 10,
        "Umask": 0o077,
        "HardResourceLimits": {"Core": 0},
    }
    if carried:
        value["EnvironmentVariables"] = dict(carried)
    head, rest = plistlib.dumps(value).decode().split("\n", 1)
    file = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
    domain = f"gui/{os.getuid()}"
    return Service(
        files={file: f"{head}\n<!-- {MARK}; remove it with: groove-sidecar service remove -->\n{rest}"},
        start=(("launchctl", "bootout", f"{domain}/{LABEL}"), ("launchctl", "bootstrap", domain, str(file))),
        stop=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
        after=(),
        look=("launchctl", "print", f"{domain}/{LABEL}"),
    )


def quoted(word: str, *, command: bool = False) -> str:
    """A word as systemd reads it back: specifiers doubled, in a `command` also what would be a variable."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + (text.replace("$", "$$") if command else text) + '"'


def standing(service: Service) -> dict[Path, str]:
    """Each file: "absent", "current", "outdated" (ours, of another state of things) or "foreign"."""
    return {path: _standing(path, text) for path, text in service.files.items()}


def _standing(path: Path, text: str) -> str:
    try:
        info = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
        return "foreign"
    found = (read_private(path, MAX_FILE) or b"").decode("utf-8", "replace")
    if found == text:
        return "current"
    return "outdated" if MARK in found else "foreign"


def write(service: Service) -> list[Path]:
    """Write what is not there as it should be; answers which files were written. UsageError at a foreign file."""
    now = standing(service)
    _refuse_foreign(now)
    written = []
    for path, text in service.files.items():
        if now[path] != "current":
            if not path.parent.exists():
                path.parent.mkdir(mode=PRIVATE_DIR, parents=True)
            write_private(path, text.encode())
            written.append(path)
    return written


def erase(service: Service) -> list[Path]:
    """Remove what was written; answers which files. UsageError at a foreign file: then nothing is removed."""
    now = standing(service)
    _refuse_foreign(now)
    gone = [path for path, how in now.items() if how != "absent"]
    for path in gone:
        path.unlink(missing_ok=True)
    if service.link is not None and service.link.is_symlink():
        service.link.unlink(missing_ok=True)
    return gone


def _refuse_foreign(now: Mapping[Path, str]) -> None:
    for path, how in now.items():
        if how == "foreign":
            raise UsageError(f"{path} was not written by groove-sidecar", "Move it away, and try again.")
