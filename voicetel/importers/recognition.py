"""What a file looks like, told by its beginning."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from voicetel.importers.documents.files import documents
from voicetel.importers.sources import source_of

_BEGINNING_BYTES: Final = 4 * 1024 * 1024
_DOCUMENTS: Final = 20


def recognise(path: str | Path) -> str | None:
    """The name of the source whose export ``path`` looks like; None where it is none, or cannot be read."""
    try:
        with Path(path).open("rb") as file:
            beginning = io.BytesIO(file.read(_BEGINNING_BYTES))
    except OSError:
        return None
    for _, document in zip(range(_DOCUMENTS), documents(beginning, lambda _: None), strict=False):
        if source := source_of(document):
            return source.name
    return None
