"""The lines that an import wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def lines_of(folder: Path, call_id: str | None = None) -> list[dict[str, Any]]:
    """The events in the logs of a folder, in the order of files and lines; of one call, or of all."""
    texts = [line for path in sorted(folder.rglob("*.jsonl")) for line in path.read_bytes().splitlines()]
    events = [json.loads(text) for text in texts]
    return [event for event in events if call_id in (None, event["call_id"])]


def turns_of(folder: Path, call_id: str) -> list[dict[str, Any]]:
    """The turns of a call."""
    return [event for event in lines_of(folder, call_id) if event["event"] == "turn"]


def contents(folder: Path) -> dict[str, bytes]:
    """Name → bytes of each file in a folder, hidden ones too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
