"""What is said of the CLIs is read off files; nothing is started, and of settings one key is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from sidecar.checkup import clis
from sidecar.checkup.finding import Level


def program(path, text="#!/bin/sh\nexit 99\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def look(environ, seen=None):
    return {one.check: one for one in clis.clis(environ, seen or {})}


def test_the_version_comes_from_the_package_beside_the_program(tmp_path):
    """Npm's link is followed to the package whose name is the CLI's; another package's number is not taken."""
    package = tmp_path / "lib" / "node_modules" / "@openai" / "codex"
    real = program(package / "bin" / "codex.js")
    (package / "package.json").write_text(json.dumps({"name": "@openai/codex", "version": "0.169.0"}))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "codex").symlink_to(real)
    other = tmp_path / "lib" / "node_modules" / "other"
    program(other / "gemini")
    (other / "package.json").write_text(json.dumps({"name": "other", "version": "9.9.9"}))
    (tmp_path / "bin" / "gemini").symlink_to(other / "gemini")
    found = look({"PATH": str(tmp_path / "bin")})
    assert found["codex"].facts["version"] == "0.169.0"
    assert found["gemini"].facts["version"] is None
    assert "unknown version" in found["gemini"].text
    assert found["claude"].level is Level.OFF


def test_the_version_comes_from_an_installers_path(tmp_path):
    """`…/versions/2.1.197` names the version."""
    real = program(tmp_path / "share" / "claude" / "versions" / "2.1.197")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "claude").symlink_to(real)
    assert look({"PATH": str(tmp_path / "bin")})["claude"].facts["version"] == "2.1.197"


def test_what_its_own_lines_told_is_said_where_files_do_not(tmp_path):
    """The highest version seen in streams stands in, and says that it was seen, also for a CLI that is gone."""
    program(tmp_path / "codex")
    seen = {"codex": {"0.9.0": 7, "0.169.0": 1, "other": 2}, "gemini": {"0.61.0": 1}}
    found = look({"PATH": str(tmp_path)}, seen)
    assert "0.169.0 when last seen" in found["codex"].text
    assert "last seen 0.61.0" in found["gemini"].text


def test_a_wrapping_script_is_told_from_the_program(tmp_path):
    """A script on PATH that calls wrap is seen; anything else says how to find out and how to wrap."""
    program(tmp_path / "claude", '#!/bin/sh\nexec groove-sidecar wrap -- /opt/claude "$@"\n')
    program(tmp_path / "codex")
    found = look({"PATH": str(tmp_path)})
    assert found["claude"].facts["wrapped"] is True
    assert found["codex"].facts["wrapped"] is False
    assert "alias codex=" in found["codex"].hint


def test_no_program_is_started(tmp_path):
    """A program that would leave a mark leaves none."""
    program(tmp_path / "claude", f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    look({"PATH": str(tmp_path)})
    assert not (tmp_path / "ran").exists()


def test_transcripts_are_counted_and_links_are_not_followed(tmp_path):
    """Transcripts below the three homes, without reading one; folders tell how many watches are needed."""
    projects = tmp_path / ".claude" / "projects"
    (projects / "-work").mkdir(parents=True)
    for number in range(3):
        (projects / "-work" / f"{number:08d}-0000-4000-8000-000000000000.jsonl").write_text("{}\n")
    (projects / "-work" / "note.txt").write_text("x")
    (projects / "-loop").symlink_to(projects)
    found, folders = clis.transcripts({}, tmp_path, followed=True)
    by_name = {one.check: one for one in found}
    assert by_name["claude files"].text.startswith("3 transcripts")
    assert by_name["claude files"].facts["bytes"] == 9
    assert by_name["codex files"].level is Level.OFF
    assert folders == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_a_warning(tmp_path):
    """What is followed and closed to us is said."""
    shut = tmp_path / ".claude" / "projects" / "-shut"
    shut.mkdir(parents=True, mode=0o000)
    found, _ = clis.transcripts({}, tmp_path, followed=True)
    assert found[0].level is Level.WARNING


def test_how_long_claude_keeps_transcripts(tmp_path):
    """Without settings the default holds; with settings the answer is where to look, and that is no fault."""
    found = clis.retention(tmp_path)
    assert (found.level, found.facts) == (Level.OK, {"days": 30})
    (tmp_path / "settings.json").write_text('{"cleanupPeriodDays": 1}')
    found = clis.retention(tmp_path)
    assert (found.level, "cleanupPeriodDays" in found.hint) == (Level.OFF, True)


def test_settings_that_may_hold_keys_are_never_opened(tmp_path):
    """A child that looks at all the CLIs opens no settings.json: the interpreter itself tells what is opened."""
    folder = tmp_path / ".claude"
    (folder / "projects").mkdir(parents=True)
    (folder / "settings.json").write_text('{"env": {"API_KEY": "hidden"}}')
    code = """
import pathlib, sys
opened = []
sys.addaudithook(lambda event, values: opened.append(str(values[0])) if event == "open" else None)
from sidecar.checkup import clis
home = pathlib.Path(sys.argv[1])
found, _ = clis.transcripts({}, home, followed=True)
found += list(clis.clis({"PATH": "/usr/bin"}, {}))
print(any(one.check == "claude keeps" for one in found), any(".py" in one for one in opened))
print([one for one in opened if one.endswith("settings.json")])
"""
    child = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert child.stdout.splitlines() == ["True True", "[]"]
