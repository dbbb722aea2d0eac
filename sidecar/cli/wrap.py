"""`groove-sidecar wrap [options] -- CMD…`: run CMD untouched, and keep a copy of its stdout for the agent.

Owns: the options of `wrap`, the choice between stepping aside and copying, the exit code.
Never: loads what it does not need (it stands in front of every agent), stores an argument other than the model's name.
Invariant: whoever started us sees the bytes, exit code, signals and timing of CMD alone.
"""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

USAGE = """\
usage: groove-sidecar wrap [--provider P] [--agent-id ID] [--role R] -- CMD [ARG…]

Runs CMD with its bytes, exit code and signals untouched, and keeps a copy of its stdout
for the agent (groove-sidecar run). While capture is off, or when stdout is a terminal, it
steps aside: CMD takes its place.

  --provider P    claude, codex or gemini (default: from CMD's name, else from its lines)
  --agent-id ID   the agent's id on the wire (default: the CLI's session id)
  --role R        the agent's role on the wire (default: solo)

Exit code: CMD's own; 127 CMD not found, 126 not executable, 2 wrong use."""

PROVIDERS = {"claude": "claude-code", "claude-code": "claude-code", "codex": "codex", "gemini": "gemini"}
STDOUT = 1
PIPE_BYTES = 1024 * 1024
MAX_NAME = 128
"""Longest agent id, role or model that is kept."""


class Options(NamedTuple):
    """What was asked for. `provider` is the wire's name, None when only the lines can tell."""

    provider: str | None
    agent_id: str | None
    role: str | None
    command: list[str]


class WrongUseError(Exception):
    """The options make no sense."""


def main(argv: list[str]) -> int:
    """Run it; answers the child's exit code, or dies by its signal, or never returns because CMD took our place."""
    try:
        options = parse(argv)
    except WrongUseError as error:
        complain(f"{error}\n{USAGE}")
        return 2
    if not options.command:
        print(USAGE)
        return 0
    from sidecar.sources.child import StartError, replace_process

    try:
        if not wants_copy():
            replace_process(options.command)
        return _copy(options)
    except StartError as error:
        complain(error.message)
        return error.code


def parse(argv: list[str]) -> Options:
    """Our options end at `--` or at the first word that is none. WrongUseError on an unknown option or value."""
    values: dict[str, str] = {}
    rest = list(argv)
    while rest and rest[0].startswith("-"):
        option, equals, value = rest.pop(0).partition("=")
        if option == "--":
            break
        if option in {"-h", "--help"}:
            return Options(None, None, None, [])
        if option not in {"--provider", "--agent-id", "--role"}:
            raise WrongUseError(f"unknown option {option}")
        if not equals:
            if not rest:
                raise WrongUseError(f"{option} needs a value")
            value = rest.pop(0)
        values[option] = value
    if not rest:
        raise WrongUseError("no command given")
    provider = values.get("--provider")
    if provider is not None and provider not in PROVIDERS:
        raise WrongUseError(f"unknown provider {provider}: claude, codex or gemini")
    named = PROVIDERS[provider] if provider else PROVIDERS.get(os.path.basename(rest[0]))  # noqa: PTH119  # no pathlib yet
    return Options(named, _name(values, "--agent-id"), _name(values, "--role"), rest)


def model_hint(provider: str | None, command: list[str]) -> str | None:
    """The model a known CLI was asked for (`--model X`, its own `-m X`): the one argument that is kept."""
    if provider is None:
        return None
    own = PROVIDERS.get(os.path.basename(command[0])) == provider  # noqa: PTH119  # no pathlib yet
    flags = {"--model", "-m"} if own else {"--model"}
    for word, following in zip(command[1:], [*command[2:], ""], strict=False):
        flag, equals, value = word.partition("=")
        if flag == "--" and not equals:
            return None
        if flag in flags:
            value = value if equals else following
            ok = (
                0 < len(value) <= MAX_NAME and value[0].isalnum() and all(c.isalnum() or c in "._:/@[]-" for c in value)
            )
            return value if ok and value.isascii() else None
    return None


def wants_copy() -> bool:
    """Whether stdout is worth copying and capture may be on: the cheap half of the question."""
    try:
        if os.isatty(STDOUT):
            return False
        os.fstat(STDOUT)
    except OSError:
        return False
    return may_capture()


def may_capture() -> bool:
    """False while the opt-in flag is missing or DO_NOT_TRACK is set: then nothing else need be loaded."""
    home = os.environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111  # no pathlib yet
    if not os.path.lexists(f"{home}/.groove/sidecar.enabled"):
        return False
    return os.environ.get("DO_NOT_TRACK", "").lower() in {"", "0", "false"}


def complain(text: str) -> None:
    """One message on stderr, if there is one."""
    if sys.stderr is not None:
        print(f"groove-sidecar: {text}", file=sys.stderr)


def _name(values: dict[str, str], option: str) -> str | None:
    value = values.get(option)
    if value is not None and not (0 < len(value) <= MAX_NAME and value.isprintable()):
        raise WrongUseError(f"{option} is empty, too long or not printable")
    return value


def _copy(options: Options) -> int:
    """Ask for permission in full, then run CMD with its stdout going through us."""
    from sidecar.sources.child import Child, end_like, fill_closed_descriptors, forbid_core_dump, replace_process

    fill_closed_descriptors()
    from sidecar.cli.run_writer import open_writer
    from sidecar.sources.passthrough import Left, Passthrough

    writer = open_writer(
        options.provider, options.role or "solo", options.agent_id, model_hint(options.provider, options.command)
    )
    if writer is None:
        replace_process(options.command)
    source, feed = _pipe()
    try:
        child = Child(options.command, feed)
    except BaseException:
        writer.discard()
        raise
    forbid_core_dump()
    os.close(feed)
    copy = Passthrough(source, STDOUT, writer.append)
    left = copy.run(child.wake)
    if left is Left.QUIET and os.fork():
        # The command is over and its shell goes on, as without us; what it left running keeps its output (below).
        return end_like(child.wait())
    if left is Left.QUIET:
        child.signals_as_before()
        copy.run()
    os.close(source)
    if copy.error is not None:
        complain(f"stdout: {copy.error.strerror}")
    status = child.wait()
    if os.WIFSIGNALED(status):
        writer.close(signal=os.WTERMSIG(status))
    else:
        writer.close(exit_code=os.WEXITSTATUS(status))
    if left is Left.QUIET:
        os._exit(0)
    return end_like(status)


def _pipe() -> tuple[int, int]:
    import contextlib
    import fcntl

    source, feed = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # more than this user may have: the usual size does
            fcntl.fcntl(source, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    return source, feed
