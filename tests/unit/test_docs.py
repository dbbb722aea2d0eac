"""The documents name things that exist."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from sidecar.cli.main import COMMANDS
from sidecar.config import Settings

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_named_modules_and_symbols_exist(path):
    """Every `sidecar.x.y`, `parsers.x` or `central.x` in backticks can be imported, attribute by attribute."""
    for name in set(re.findall(r"`((?:sidecar|parsers|central)(?:\.\w+)+)`", path.read_text("utf-8"))):
        if name == "sidecar.parsers" or name.endswith((".toml", ".log", ".enabled", ".sock", ".db")):
            continue
        assert _resolves(name), f"{path.name} names {name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """Relative links point at files of the project."""
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_readme_names_every_command_and_only_those():
    """Commands of the table and commands of the program are the same."""
    text = (ROOT / "README.md").read_text("utf-8")
    named = {
        word for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`(\w+)[ `]", row)
    }
    assert set(COMMANDS) <= named
    assert set(re.findall(r"groove-sidecar (\w+)", text)) <= set(COMMANDS)


def test_the_readme_names_only_real_settings():
    """Every key of the settings example exists."""
    (block,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    keys = set(re.findall(r"^(\w+) =", block, re.MULTILINE))
    assert keys
    assert keys <= set(Settings.__dataclass_fields__)


def test_no_path_of_one_machine_and_no_index_address_is_in_the_project():
    """The lock file names no address; no document or module holds a path of the machine it was written on."""
    assert "://" not in (ROOT / "requirements.lock").read_text("ascii")
    for folder in ("sidecar", "parsers", "central", "docs", "bench"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".md", ".toml"}:
                assert not re.search(r"(?<!\w)/work/|(?<!\w)/root/\w", path.read_text("utf-8")), path


def _resolves(name: str) -> bool:
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        return all(hasattr(found, part) and (found := getattr(found, part)) is not None for part in parts[cut:])
    return False
