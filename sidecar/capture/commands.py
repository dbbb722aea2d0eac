"""When two commands are the same for an error-recovery arc: same program, same target, whatever the flags.

Owns: `Signature`, `signature_of`.
Never: runs or completes a command, or sees an unscrubbed one.
Invariant: pure and bounded; a command it cannot read has its own text as signature.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sidecar.wire.cut import clip

if TYPE_CHECKING:
    from parsers.step import JsonObject

MAX_COMMAND = 2_000
MAX_TARGET = 200

_WRAPPER = re.compile(r"^(?:\S*/)?(?:ba|z|da)?sh\s+-l?c\s+(.*)$", re.DOTALL)
_JOINED = re.compile(r"&&|\|\||;|\n")
_PIPE = re.compile(r"\|&?")
_REDIRECT = re.compile(r"\d?>&\d|&?\d?>>?[ \t]?[^\s>]+|<[ \t]?\S+")
_ASSIGN = re.compile(r"^[A-Za-z_]\w*=\S*$")
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|[^\s'\"]+")

_PASSIVE = frozenset({"cd", "export", "set", "source", ".", "echo", "true", "false", "sleep", "pwd", "mkdir", ":"})
_RUNNERS = frozenset({"uv", "poetry", "pipenv", "pdm"})
"""Start another program when `run` follows."""
_PREFIXES = frozenset({"sudo", "env", "time", "timeout", "nice", "command", "exec", "npx", "bunx", "uvx"})
_SUBCOMMANDS = frozenset(
    {
        "git",
        "go",
        "cargo",
        "npm",
        "pnpm",
        "yarn",
        "bun",
        "docker",
        "kubectl",
        "make",
        "dotnet",
        "gh",
        "pip",
        "mvn",
        "mise",
        "just",
    }
)
_CHECKERS = frozenset(
    {"pytest", "unittest", "jest", "vitest", "mocha", "tsc", "eslint", "ruff", "mypy", "make", "tox", "nox", "rspec"}
    | {"go test", "go build", "go vet", "cargo test", "cargo build", "cargo check", "cargo clippy", "npm test"}
    | {"pnpm test", "yarn test", "bun test", "dotnet test", "dotnet build", "mvn test", "gradle", "phpunit", "ctest"}
)
_CHECKS = frozenset({"test", "tests", "lint", "check", "build", "typecheck", "vet", "clippy", "type-check", "ci"})
"""What a task that checks is called, whoever runs it (`npm run lint`, `mise run test:unit`)."""
_PATH_ARGUMENTS = ("file_path", "path", "notebook_path", "absolute_path", "dir_path")


class Signature(NamedTuple):
    """What a call runs (`program`) and on what (`target`, "" for everything)."""

    program: str
    target: str

    @property
    def checks(self) -> bool:
        """Whether it is a test, build or lint run."""
        name, _, task = self.program.partition(" ")
        return self.program in _CHECKERS or (bool(name) and task.partition(":")[0] in _CHECKS)

    def answers(self, failed: Signature) -> bool:
        """Whether success of this call shows that what `failed` is mended: the same, or the whole check of a part."""
        if self.program != failed.program:
            return False
        return self.target == failed.target or (not self.target and self.checks)


def command_of(arguments: JsonObject | None) -> str:
    """The shell command of a call, "" if it has none."""
    if not arguments:
        return ""
    value = arguments.get("command", arguments.get("cmd", ""))
    if isinstance(value, list):
        value = value[-1] if len(value) == 3 and value[1] in {"-c", "-lc"} else " ".join(map(str, value))
    return value[:MAX_COMMAND] if isinstance(value, str) else ""


def path_of(arguments: JsonObject | None) -> str:
    """The file a call is about, "" if it names none."""
    for name in _PATH_ARGUMENTS if arguments else ():
        if arguments and isinstance(value := arguments.get(name), str):
            return value
    return ""


def signature_of(tool: str, arguments: JsonObject | None) -> Signature:
    """The signature of one call."""
    if command := command_of(arguments):
        return _of_command(command)
    if path := path_of(arguments):
        return Signature(tool, clip(path, MAX_TARGET))
    plain = " ".join(str(value) for value in (arguments or {}).values() if isinstance(value, (str, int)))
    return Signature(tool, clip(plain, MAX_TARGET))


def _of_command(command: str) -> Signature:
    if wrapped := _WRAPPER.match(command.strip()):
        command = wrapped[1].strip().strip("'\"")
    parts = [_tokens(part) for part in _JOINED.split(command)]
    acting = [part for part in parts if part and part[0] not in _PASSIVE] or [part for part in parts if part]
    if not acting:
        return Signature("shell", clip(command, MAX_TARGET))
    tokens = next((part for part in acting if _program(part)[0] in _CHECKERS), acting[-1])
    program, rest = _program(tokens)
    target = " ".join(sorted(token.rstrip("/") for token in rest if not token.startswith("-")))
    return Signature(clip(program, MAX_TARGET), clip(target, MAX_TARGET))


def _tokens(part: str) -> list[str]:
    """Words of the first command of a pipe, without assignments, redirections and what only starts another program."""
    words = _TOKEN.findall(_REDIRECT.sub("", _PIPE.split(part, maxsplit=1)[0]))
    while words:
        if _ASSIGN.match(words[0]) or words[0] in _PREFIXES:
            words = words[2 if words[0] == "timeout" else 1 :]
        elif words[0] in _RUNNERS and words[1:2] == ["run"]:
            words = words[2:]
        else:
            break
    return [word.strip("'\"") for word in words]


def _program(tokens: list[str]) -> tuple[str, list[str]]:
    """The program, with its subcommand where that decides what is run."""
    program = tokens[0].rsplit("/", 1)[-1] or tokens[0]
    rest = tokens[1:]
    if re.fullmatch(r"python[\d.]*", program) and rest[:1] == ["-m"] and len(rest) > 1:
        return rest[1], rest[2:]
    if program in _SUBCOMMANDS and rest:
        if rest[0] == "run" and len(rest) > 1:
            return f"{program} {rest[1]}", rest[2:]
        if not rest[0].startswith("-"):
            return f"{program} {rest[0]}", rest[1:]
    return program, rest
