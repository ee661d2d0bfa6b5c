"""Reporting progress while logs are read."""

from __future__ import annotations

from typing import Protocol


class LoadProgress(Protocol):
    """Told how far reading is. ``start`` may not come at all, when there is nothing new."""

    def start(self, total_bytes: int) -> None:
        """So many bytes are to be read."""

    def advance(self, read_bytes: int) -> None:
        """So many more have been."""
