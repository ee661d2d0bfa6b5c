"""What the README tells people to type works, and the generated parts of the docs are up to date."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def _commands() -> list[str]:
    """The lines of the README's block that is marked as run here, without their comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.split("<!-- these lines are run by tests/docs/test_readme.py -->\n```sh\n", 1)[1].split("```", 1)[0]
    return [line.split("  #")[0].strip() for line in block.splitlines()]


@pytest.mark.parametrize("command", _commands())
def test_commands_of_the_readme_run(command: str, tmp_path: Path) -> None:
    """Each answers on stdout, with nothing to complain of."""
    program, *arguments = shlex.split(command)
    assert program == "voicetel"
    done = subprocess.run(
        [sys.executable, "-m", "voicetel", *arguments],
        cwd=ROOT,
        env={"PATH": "", "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout or "validate" in command


def test_generated_parts_are_up_to_date() -> None:
    """Running the generator again would change nothing (if it would: make docs)."""
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", "-I", "scripts", *map(str, PAGES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_project_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target
