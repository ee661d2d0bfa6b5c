"""One writer per folder and process, however many calls it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicetel.recorder.writer.event_writer import EventWriter

if TYPE_CHECKING:
    from pathlib import Path

_writers: dict[Path, EventWriter] = {}


def shared_writer(folder: Path) -> EventWriter:
    """The writer of a folder, made when it is first asked for."""
    path = folder.absolute()
    if path not in _writers:
        _writers[path] = EventWriter(path)
    return _writers[path]
