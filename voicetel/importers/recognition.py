"""What a file, or a folder of files, looks like: told by its beginning."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Final

from voicetel.errors import NoDataError
from voicetel.importers.documents.files import documents, export_files
from voicetel.importers.sources import source_of

_BEGINNING_BYTES: Final = 4 * 1024 * 1024
_DOCUMENTS: Final = 20
_FILES: Final = 5


def recognise(path: str | Path) -> str | None:
    """The name of the source whose export ``path`` looks like; None where it is none, or cannot be read.

    Only the beginning of a file is read, and of a folder only the first few files.
    """
    try:
        files = itertools.islice(export_files([str(path)], Path(path)), _FILES) if Path(path).is_dir() else (path,)
        names = (_recognise_file(Path(file)) for file in files)
        return next((name for name in names if name), None)
    except (OSError, NoDataError):
        return None


def _recognise_file(file: Path) -> str | None:
    with file.open("rb") as opened:
        beginning = io.BytesIO(opened.read(_BEGINNING_BYTES))
    for document in itertools.islice(documents(beginning, lambda _: None), _DOCUMENTS):
        if source := source_of(document):
            return source.name
    return None
