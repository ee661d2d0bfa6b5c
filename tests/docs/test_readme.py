"""What the README tells people to type works, and the generated parts of the docs are up to date."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.ru.md", *sorted((ROOT / "docs").glob("*.md"))]


def _lines(page: str, language: str) -> list[str]:
    """The lines of a page's blocks in ``language``, without their comments."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [re.split(r"\s+#", line)[0] for block in blocks for line in block.splitlines()]


def _commands(page: str) -> list[str]:
    """The lines of a page's ``sh`` blocks that begin with voicetel."""
    return [line for line in _lines(page, "sh") if line.startswith("voicetel ")]


ENGLISH, RUSSIAN = _commands("README.md"), _commands("README.ru.md")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone has after ``make demo``, as far as commands look at it."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "build").mkdir()
    for name in ("sample_logs", "slo.toml", "pricing.toml"):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize("command", dict.fromkeys([*ENGLISH, *RUSSIAN]))
def test_commands_of_the_readme_run(command: str, clone: Path, tmp_path: Path) -> None:
    """Each answers as it is typed there, with nothing to complain of."""
    _, *arguments = shlex.split(command)
    done = subprocess.run(
        [sys.executable, "-m", "voicetel", *arguments],
        cwd=clone,
        env={"PATH": "", "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.splitlines()
    assert (done.returncode, [line for line in said if line.startswith(("error", "warning"))]) == (0, [])
    written = [arguments[place + 1] for place, word in enumerate(arguments) if word in {"-o", "--csv"}]
    assert done.stdout or all((clone / name).exists() for name in written)


def test_no_command_of_the_readme_shows_a_bill_that_the_report_calls_wrong() -> None:
    """Where an amount is the answer, the rates are list prices: those that ship are called far off by the report."""
    for command in (*ENGLISH, *RUSSIAN):
        if command.split()[1] in {"cost", "report"} or command.startswith("voicetel analyze sample_logs/ --pricing"):
            assert "--pricing list" in command


def test_both_languages_tell_people_to_type_the_same() -> None:
    """Nothing is missing in the Russian one but what depends on the language of the sample."""

    def bare(commands: list[str]) -> list[str]:
        return [re.sub(r" --lang ru| --by (language|agent_version)$", "", command) for command in commands]

    assert bare(RUSSIAN) == bare(ENGLISH)
    assert _lines("README.ru.md", "bash") == _lines("README.md", "bash")


@pytest.mark.parametrize("page", ["README.md", "README.ru.md"])
def test_the_one_line_comes_before_the_logs(page: str) -> None:
    """What makes logs stands before what is done with them, and extras are named where they are needed."""
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text.index("from voicetel.recorder.livekit import record") < text.index("voicetel import exports/")
    for extra in ("serve", "mcp"):
        assert f"pip install 'voicetel[{extra}]' && voicetel {extra}" in text
    assert text.index("voicetel[postgres]") < text.index("voicetel export logs/ --pg")
    assert text.index("voicetel[livekit]") < text.index("recorder.livekit import")
    assert text.index("voicetel[pipecat]") < text.index("recorder.pipecat import")


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
