"""The gate's tests run in a folder of their own, with no variable of the caller's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for all of these tests, so that logs which several of them look at are read once."""
    return tmp_path_factory.mktemp("gate-cache")


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That cache, the shipped rate card, no job of GitHub's."""
    for name in [name for name in os.environ if name.startswith(("VOICETEL_", "GITHUB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("VOICETEL_PRICING", str(ROOT / "pricing.toml"))
    monkeypatch.chdir(tmp_path)
