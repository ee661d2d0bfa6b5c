"""The command, run in this process over a small fixed log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.command import Ran, run

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
