"""The command, run in this process over a small fixed log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from support.command import Ran, run
from support.processes import run_on_terminal
from voicetel.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, no variable of the caller's, and the folder above the fixed ``logs/``."""
    for name in [name for name in os.environ if name.startswith("VOICETEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("VOICETEL_PRICING", "../../pricing.toml")
    monkeypatch.chdir(HERE)


@pytest.fixture
def voicetel() -> Callable[..., Ran]:
    """``voicetel("analyze", "--json")`` runs the command and gives its exit code and what it wrote."""
    return run


@pytest.fixture(scope="session")
def golden() -> Callable[[str, str], None]:
    """``golden(name, text)`` holds ``text`` to tests/cli/golden/``name``; UPDATE_GOLDEN=1 writes it anew."""

    def compare(name: str, text: str) -> None:
        path = HERE / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{path} differs; UPDATE_GOLDEN=1 writes it anew"

    return compare


@pytest.fixture(scope="session")
def golden_on_terminal(golden: Callable[[str, str], None]) -> Callable[..., None]:
    """``golden_on_terminal(name, arguments, width, code)``: without colours, and nothing is wider than the terminal."""

    def compare(name: str, arguments: tuple[str, ...], width: int, code: ExitCode = ExitCode.OK) -> None:
        ended, text = run_on_terminal((*arguments, "--no-cache"), width, {"NO_COLOR": "1"})
        assert ended == code
        assert "\x1b" not in text
        assert max(map(cell_len, text.splitlines())) <= width
        golden(f"{name}.{width}.txt", text)

    return compare
