"""Whether any file has changed since somebody last looked: from sizes and times alone, without opening one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from voicetel.store.ingest.discovery import discover
from voicetel.store.ingest.fingerprints import LogFile

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class FilesState:
    """Files and what the file system says of them. ``is_settled``: another write would have been given another time."""

    files: tuple[LogFile, ...]
    is_settled: bool

    def is_unchanged_since(self, earlier: FilesState | None) -> bool:
        """Whether what was read at ``earlier`` is what would be read now."""
        return earlier is not None and earlier.is_settled and earlier.files == self.files


def files_state(paths: Sequence[str], settings: Iterable[str | None]) -> FilesState:
    """The logs under ``paths`` and the files among ``settings`` that are there. Raises NoDataError for a path that is gone."""
    logs = discover(paths, lambda warning: None)
    others = [LogFile.of(name, status) for name in settings if name and (status := _status(name))]
    files = (*logs, *others)
    return FilesState(files, all(file.is_stable() for file in files))


def _status(name: str) -> os.stat_result | None:
    try:
        return Path(name).stat()
    except OSError:
        return None
