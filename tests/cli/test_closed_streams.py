"""Streams that are closed, as daemons have them: they matter to those alone who need them, and these say so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from support.imports.imported_calls import FIXTURES
from support.processes import COMMAND, PATIENCE_S

EXPORT = FIXTURES / "vapi" / "webhook_inbound.json"
LIMITS = '[defaults]\nmin_calls = 1\n[[limit]]\nmetric = "cost"\nexpect = "per_call < 0.000001"\n'
CLOSING = {"stdin": "<&-", "stdout": ">&-", "stderr": "2>&-"}


def run_without(stream: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in ``folder`` with one of its streams closed."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {CLOSING[stream]}', "sh", *COMMAND, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE_S,
    )


def test_an_import_of_files_needs_no_stdin(tmp_path: Path) -> None:
    """Only - needs it, and says so."""
    done = run_without("stdin", tmp_path, "import", str(EXPORT))
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "logs").iterdir())
    done = run_without("stdin", tmp_path, "import", str(EXPORT), "-", "-o", "others")
    assert (done.returncode, done.stdout, done.stderr) == (4, "", "error: -: stdin is closed\n")


@pytest.mark.parametrize("stream", ["stdin", "stdout"])
def test_tools_for_an_assistant_need_both(stream: str, tmp_path: Path) -> None:
    """One line says which is missing."""
    shutil.copytree(Path(__file__).parent / "logs", tmp_path / "logs")
    done = run_without(stream, tmp_path, "mcp")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {stream} is closed; an assistant starts this command, and speaks with it over both\n"


def test_annotations_without_stderr_are_no_error(tmp_path: Path) -> None:
    """The answer and its exit code are what they are with it."""
    shutil.copytree(Path(__file__).parent / "logs", tmp_path / "logs")
    (tmp_path / "slo.toml").write_text(LIMITS, "utf-8")
    done = run_without("stderr", tmp_path, "check", "--slo", "slo.toml", "--pricing", "list", "--github", "--no-cache")
    assert done.returncode == 3
    assert "per_call" in done.stdout
