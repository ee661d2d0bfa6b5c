"""The fixtures, imported once for all tests that only read the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.command import run
from support.imports.imported_calls import FIXTURES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of logs with all fixtures but the carrier's in it."""
    folder: Path = tmp_path_factory.mktemp("imported") / "logs"
    sources = [path for path in sorted(FIXTURES.iterdir()) if path.is_dir() and path.name != "twilio"]
    assert run("import", *sources, "-o", folder).code == 0
    return folder


@pytest.fixture(scope="session")
def calls(imported: Path) -> dict[str, dict[str, Any]]:
    """``calls --json``, by call."""
    return {call["call_id"]: call for call in run("calls", imported, "--json", "--no-cache").json}
