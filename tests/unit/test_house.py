"""The house keeps its own rules."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = ("parsers", "sidecar/wire", "sidecar/capture", "sidecar/scrub")


def sources(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def functions(path):
    return [
        node
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_every_test_states_its_claim():
    """No test function lacks a docstring."""
    silent = [
        f"{path.name}:{node.name}"
        for path in sources("tests")
        for node in functions(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_files_and_functions_stay_small():
    """No file over 400 lines, no function over 60 lines."""
    long_files = [
        str(path)
        for path in sources("parsers", "sidecar", "central")
        if len(path.read_text("utf-8").splitlines()) > 400
    ]
    long_functions = [
        f"{path.name}:{node.name}"
        for path in sources("parsers", "sidecar", "central")
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > 60
    ]
    assert long_files == []
    assert long_functions == []


def test_pure_floors_have_no_clock_ids_environment_or_files():
    """time.time, uuid4, os.environ and open are absent from the pure floors."""
    pattern = re.compile(r"\btime\.time\(|\buuid4\(|\bos\.environ\b|(?<!def )(?<![\w.])open\(")
    found = [f"{path.name}: {match}" for path in sources(*PURE) for match in pattern.findall(path.read_text("utf-8"))]
    assert found == []


def test_only_the_scrubber_makes_scrubbed():
    """The constructor of the type the journal accepts is called in one module."""
    makers = {
        path.name
        for path in sources("parsers", "sidecar", "central")
        if re.search(r"\bScrubbed\(", path.read_text("utf-8"))
    }
    assert makers == {"scrubber.py"}


def test_modules_open_with_what_they_own():
    """Every module of the packages has a docstring."""
    bare = [
        str(path)
        for path in sources("parsers", "sidecar", "central")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("parsers/planted.py", "import sidecar.errors"),
        ("sidecar/capture/planted.py", "import sidecar.store.journal"),
        ("central/planted.py", "import sidecar.recorder"),
        ("sidecar/wire/planted.py", "import sidecar.config"),
    ],
)
def test_a_planted_upward_import_breaks_the_floors(tmp_path, module, planted):
    """The contracts hold as they are, and fail with one import that points up."""
    for name in ("parsers", "sidecar", "central"):
        _copy(ROOT / name, tmp_path / name)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"))
    if module == "parsers/planted.py":
        assert _lint(tmp_path) == 0
    (tmp_path / module).write_text(planted + "\n")
    assert _lint(tmp_path) == 1


def _copy(source, target):
    for path in source.rglob("*.py"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


def _lint(folder):
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    # The copy must win over the installed project.
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=False).returncode
