"""What a recorder emits, and a folder that it may write into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from voicetel.testing import capture_events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def events() -> Iterator[list[dict[str, Any]]]:
    """What is emitted while the test runs."""
    with capture_events() as captured:
        yield captured


@pytest.fixture
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that is given a relative folder writes into the test's."""
    monkeypatch.chdir(tmp_path)
