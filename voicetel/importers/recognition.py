"""What a file, or a folder of files, looks like: told by its beginning."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicetel.errors import NoDataError
from voicetel.importers.documents.files import documents, export_files
from voicetel.importers.others import other_kind
from voicetel.importers.sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BEGINNING_BYTES: Final = 4 * 1024 * 1024
_DOCUMENTS: Final = 20
_FILES: Final = 5


def recognise(path: str | Path) -> str | None:
    """The name of the source whose export ``path`` looks like; None where it is none, or cannot be read.

    Only the beginning of a file is read, and of a folder only the first few files.
    """
    return _first(path, lambda document: source.name if (source := source_of(document)) else None)


def recognise_other(path: str | Path) -> str | None:
    """Whose log ``path`` looks like that is none of voicetel's and cannot be imported."""
    return _first(path, other_kind)


def recognise_beginning(beginning: bytes) -> tuple[str | None, str | None]:
    """What ``recognise`` and ``recognise_other`` say of a file that is not here, by its first BEGINNING_BYTES."""
    try:
        some = list(itertools.islice(documents(io.BytesIO(beginning), lambda _: None), _DOCUMENTS))
    except NoDataError:
        return None, None
    source = next((source.name for document in some if (source := source_of(document))), None)
    return source, next((other for document in some if (other := other_kind(document))), None)


def _first(path: str | Path, classify: Callable[[object], str | None]) -> str | None:
    """What the first document is that ``classify`` knows."""
    try:
        files = itertools.islice(export_files([str(path)], Path(path)), _FILES) if Path(path).is_dir() else (path,)
        names = (classify(document) for file in files for document in _beginning(Path(file)))
        return next((name for name in names if name), None)
    except (OSError, NoDataError):
        return None


def _beginning(file: Path) -> Iterator[object]:
    with file.open("rb") as opened:
        beginning = io.BytesIO(opened.read(BEGINNING_BYTES))
    return itertools.islice(documents(beginning, lambda _: None), _DOCUMENTS)
